"""The codes of what is said of an incident, from what was typed: here, and again in the vault."""

from collections.abc import Callable

from rempart.domain.clocks import Answer, law_of
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.finding_pieces import packed as packed_entries
from rempart.domain.incident import NATURE, Told, packed
from rempart.domain.incident_words import Did, Origin, Outcome, Rest, Stated
from rempart.usecases.contain_account import named, officer_named
from rempart.usecases.incident_messages import SayOfIncident

Code = int | bytes | str
Numbers = Callable[[str], int]
"""The number of an account, by its name; it raises where there is none."""


def told_of(wanted: SayOfIncident, numbers: Numbers, now: int) -> Told:
    """What is to be said, as the ledger will.

    Raises:
        MalformedIdentifier: a name of no list, nobody who says so, or no such account.
    """
    did = named(Did, wanted.did, "did")
    return Told(
        ref=-1,
        at=now,
        did=did,
        by=officer_named(wanted.by),
        words=wanted.words,
        codes=CODES[did](wanted, numbers),
    )


def _opened(wanted: SayOfIncident, numbers: Numbers) -> dict[str, Code]:
    return {
        "origin": named(Origin, wanted.origin, "origin").value,
        "exercise": int(wanted.exercise),
        "accounts": _packed(wanted, numbers),
    }


def _finding(wanted: SayOfIncident, numbers: Numbers) -> dict[str, Code]:
    return {
        "accounts": _packed(wanted, numbers),
        "earliest": wanted.earliest,
        "contained": wanted.contained,
        "rest": named(Rest, wanted.rest, "rest").value,
        **({"gateway": 1} if wanted.gateway else {}),
        **({"named": packed_entries(wanted.named)} if wanted.named else {}),
    }


def _named(wanted: SayOfIncident, numbers: Numbers) -> dict[str, Code]:
    del numbers
    return {"piece": wanted.piece}


def _packed(wanted: SayOfIncident, numbers: Numbers) -> bytes:
    return packed([numbers(name) for name in wanted.accounts])


def _nature(wanted: SayOfIncident, numbers: Numbers) -> dict[str, Code]:
    del numbers
    if len(wanted.stated) != len(NATURE):
        raise MalformedIdentifier(
            "nature", "confidentiality, integrity and availability are each stated"
        )
    return {
        name: named(Stated, said, name).value
        for name, said in zip(NATURE, wanted.stated, strict=True)
    }


def _at(wanted: SayOfIncident, numbers: Numbers) -> dict[str, Code]:
    del numbers
    return {"at": wanted.at, "late": int(wanted.late)}


def _clock(wanted: SayOfIncident, numbers: Numbers) -> dict[str, Code]:
    return {
        "clock": law_of(wanted.clock).code,
        "amc": wanted.amc,
        "answer": named(Answer, wanted.answer, "answer").value,
        **_at(wanted, numbers),
    }


def _closed(wanted: SayOfIncident, numbers: Numbers) -> dict[str, Code]:
    del numbers
    return {"outcome": named(Outcome, wanted.outcome, "outcome").value}


def _nothing(wanted: SayOfIncident, numbers: Numbers) -> dict[str, Code]:
    del wanted, numbers
    return {}


def _fact(wanted: SayOfIncident, numbers: Numbers) -> dict[str, Code]:
    del numbers
    return {"at": wanted.at}


CODES: dict[Did, Callable[[SayOfIncident, Numbers], dict[str, Code]]] = {
    Did.OPENED: _opened,
    Did.FACT: _fact,
    Did.FINDING: _finding,
    Did.NATURE: _nature,
    Did.DECIDED: _nothing,
    Did.AWARE: _at,
    Did.CLOCK: _clock,
    Did.CLOSED: _closed,
    Did.NAMED: _named,
}
