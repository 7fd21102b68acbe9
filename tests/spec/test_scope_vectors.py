"""``specs/vectors/scope.json``: the scope that anybody makes of these entries and findings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rempart.domain.disclosure import decode, question_detail
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.finding import finding_of
from rempart.domain.scope import Asked, Scope, scope_of
from rempart.usecases.scope_list import lines

title = "Scopes, as published"

FILE = Path(__file__).parents[2] / "specs" / "vectors" / "scope.json"
V = json.loads(FILE.read_text("utf-8"))


def scoped(finding: dict) -> Scope:
    entries = []
    for index, (body, detail) in enumerate(zip(V["bodies"], V["details"], strict=True)):
        number = question_detail(bytes.fromhex(detail)).software
        entries.append(Asked(index, decode(bytes.fromhex(body)), number))
    return scope_of(entries, finding_of(finding))


@pytest.mark.parametrize("case", V["cases"], ids=lambda case: case["name"])
def test_a_finding_makes_this_list(case):
    assert finding_of(case["finding"]).digest.hex() == case["finding_digest"]
    assert "".join(lines(scoped(case["finding"]).people)) == case["list"]


@pytest.mark.parametrize("case", V["refused"], ids=lambda case: case["name"])
def test_a_finding_that_the_ledger_contradicts_is_refused(case):
    with pytest.raises(MalformedIdentifier):
        scoped(case["finding"])
