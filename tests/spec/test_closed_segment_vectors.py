"""``specs/vectors/closed-segment.json``: what other people's readers must agree with."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from rempart.adapters.segments.parquet import read_entries
from rempart.domain.errors import IntegrityBroken
from rempart.tlog.note import NoteVerifier
from rempart.usecases.closed_day import in_order, read_day
from rempart.usecases.daily_table import open_table
from rempart.usecases.verify_days import check_leaves

title = "Closed segments, as published"

FILE = Path(__file__).parents[2] / "specs" / "vectors" / "closed-segment.json"
V = json.loads(FILE.read_text("utf-8"))
VAULT = NoteVerifier.parse(V["vault"])


@pytest.mark.parametrize("number", range(len(V["days"])))
def test_a_day_says_what_is_published(number, tmp_path):
    published = V["days"][number]
    closed = read_day(published["note"], VAULT)
    said = msgspec.to_builtins(closed)
    for name, value in published["says"].items():
        hashes = name in {"before", "after"}
        assert value == ([h.hex() for h in getattr(closed, name)] if hashes else said[name])
    data = base64.b64decode(published["file"])
    assert (closed.size, closed.digest) == (len(data), sha256(data).digest())
    (tmp_path / "day.parquet").write_bytes(data)
    entries = list(read_entries(tmp_path / "day.parquet"))
    check_leaves(closed, iter(entries))
    assert [each.body.hex() for each in entries] == published["bodies"]
    assert [each.detail.hex() for each in entries] == published["details"]


def test_the_days_go_on_from_one_another():
    assert len(in_order([read_day(day["note"], VAULT) for day in V["days"]])) == 2


@pytest.mark.parametrize("case", V["refused"], ids=lambda case: case["name"])
def test_what_is_no_day_is_refused(case):
    with pytest.raises(IntegrityBroken):
        read_day(case["note"], VAULT)


def test_the_table_opens_to_its_rows():
    table = V["table"]
    opened = open_table(
        table["day"],
        bytes.fromhex(table["sealed"]),
        private=bytes.fromhex(table["private"]),
        share=bytes.fromhex(table["share"]),
    )
    rows = [[name.hex(), amc, handle.hex()] for name, (amc, handle) in opened.items()]
    assert sorted(rows) == sorted(table["rows"])
    assert rows
