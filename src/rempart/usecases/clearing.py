"""Two operators open again what is cut widest: each confirms, with their own key, which one."""

import json
from collections.abc import Mapping
from typing import Any

from rempart.domain.errors import NotAllowed, SetUpRefused
from rempart.usecases.confirm_together import check_confirmed
from rempart.usecases.cut_off_messages import ClearCutOff
from rempart.usecases.ports import Chance

PURPOSE = "clear-cut-off"


def clearing_statement(ref: int, *, now: int, chance: Chance) -> dict[str, Any]:
    """What two operators confirm."""
    return {
        "format": 1,
        "purpose": PURPOSE,
        "cut_off": ref,
        "made": now // 1_000_000,
        "nonce": chance.draw(16).hex(),
    }


def two(wanted: ClearCutOff, operators: Mapping[bytes, str], now: int) -> str:
    """The names of two operators who confirm that this very cut-off is to be cleared.

    Raises:
        NotAllowed: they do not.
    """
    try:
        statement = json.loads(wanted.statement)
        if statement.get("cut_off") != wanted.ref:
            raise SetUpRefused("the statement is about another cut-off")
        names = check_confirmed(
            statement,
            [json.loads(said) for said in wanted.confirmations],
            purpose=PURPOSE,
            operators=operators,
            now=now,
        )
    except SetUpRefused as refusal:
        raise NotAllowed(str(refusal)) from None
    except (ValueError, AttributeError, KeyError, TypeError):
        raise NotAllowed("this takes two: a statement, and two operators' words") from None
    return "+".join(names)
