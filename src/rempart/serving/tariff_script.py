"""The French tariff as the JavaScript verifier takes it: ``card-verifier/france.js``.

A test holds the file to what is written here. After a change of the tariff:

    python -m rempart.serving.tariff_script
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from rempart.domain.guarantee import BASKETS
from rempart.domain.tariff import FAMILIES, Basket, france

PLACE = Path(__file__).parent / "card-verifier" / "france.js"
HEADING = """\
// The French tariff, written from domain/tariffs/france.toml by rempart.serving.tariff_script: the
// source of each figure stands there. Amounts are in cents; baskets are 0 the ticket modérateur, 1
// 100 % Santé, 2 free price.
"""


def script() -> str:
    """The module."""
    tariff = france()
    families = {domain.name: family for domain, family in FAMILIES.items()}
    return (
        HEADING
        + f"\nexport const FAMILIES = {_said(families)};\n"
        + _table("RATES", map(asdict, tariff.rates))
        + _table("ITEMS", [asdict(item) | {"domain": item.domain.name} for item in tariff.items])
    )


def _table(name: str, rows: Iterable[Mapping[str, Any]]) -> str:
    lines = "".join(f"  {_said(row)},\n" for row in rows)
    return f"\nexport const {name} = [\n{lines}];\n"


def _said(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Basket):
        return BASKETS[value]
    assert isinstance(value, date)
    return value.isoformat()


if __name__ == "__main__":
    PLACE.write_text(script(), "utf-8")
