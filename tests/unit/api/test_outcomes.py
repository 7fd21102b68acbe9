"""The outcome table is whole, is what the catalogue says, and is the only bridge."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from rempart.api.bridge import body_for, headers_for
from rempart.domain import errors
from rempart.serving.claim_outcomes import CLAIM_OUTCOMES
from rempart.serving.declined import Declined, declined_for
from rempart.serving.outcomes import OUTCOMES
from rempart.usecases.messages import Reason

CATALOGUE = Path(__file__).parents[3] / "docs/reference/outcomes.md"

# R4 value set issue-type, those that are leaves or stand for themselves.
ISSUE_TYPES = frozenset(
    {
        "structure", "value", "security", "login", "forbidden", "processing", "not-supported",
        "not-found", "too-long", "business-rule", "conflict", "transient", "exception", "timeout",
        "throttled", "informational",
    }
)  # fmt: skip


def test_every_reason_of_the_vault_has_its_row():
    assert set(get_args(Reason)) <= set(OUTCOMES)


@pytest.mark.parametrize(
    "row", [*OUTCOMES.values(), *CLAIM_OUTCOMES.values()], ids=lambda row: row.code
)
def test_a_row_is_whole(row):
    assert row.issue in ISSUE_TYPES
    assert all(text.endswith(".") for text in (row.fr, row.do_fr, row.en, row.do_en))
    assert row.status < 500 or row.retry != "new-key"


def rows_of(page):
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_catalogue_is_the_table():
    assert rows_of(CATALOGUE.read_text()) == [
        [
            f"`{row.code}`",
            str(int(row.status)),
            f"`{row.issue}`",
            f"{row.fr} **{row.do_fr}**",
            f"{row.en} **{row.do_en}**",
            f"`{row.retry}`",
            str(row.retry_after or ""),
        ]
        for row in (*OUTCOMES.values(), *CLAIM_OUTCOMES.values())
    ]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Declined("over-budget"), "over-budget"),
        (errors.TemporarilyUnavailable("the database at 10.0.0.7 is away"), "unavailable"),
        (errors.SignInRefused("sign-in refused"), "sign-in-refused"),
        (errors.MalformedIdentifier("NIR", "key does not match"), "malformed"),
        (errors.IntegrityBroken("entry 7"), "internal"),
        (errors.KeyMissing("outer/75001234/1"), "internal"),
        (ValueError("ADH7741936"), "internal"),
    ],
)
def test_each_error_has_one_outcome_and_the_unknown_says_nothing(error, code):
    declined = declined_for(error)

    assert declined.code == code
    body = body_for([declined]).decode()
    for quoted in ("10.0.0.7", "entry 7", "outer/", "ADH7741936"):
        assert quoted not in body


def test_two_refusals_are_two_issues():
    refusals = [Declined("forbidden-domain"), Declined("malformed", detail="rule", expression="e")]
    issues = msgspec.json.decode(body_for(refusals))["issue"]

    assert [i["details"]["coding"][0]["code"] for i in issues] == ["forbidden-domain", "malformed"]
    assert issues[1]["expression"] == ["e"]
    assert issues[1]["diagnostics"].endswith("(rule)")


def test_headers_say_when_and_how_to_come_back():
    assert headers_for(OUTCOMES["over-budget"]) == [(b"retry-after", b"3600")]
    assert headers_for(OUTCOMES["read-the-card"]) == []
    ten_to = 1_795_424_400_000_000 + 50 * 60_000_000
    assert headers_for(OUTCOMES["closed-hour"], now=ten_to) == [(b"retry-after", b"600")]
    assert headers_for(OUTCOMES["over-budget"], now=ten_to) == [(b"retry-after", b"3600")]
    ((_, nobody),) = headers_for(OUTCOMES["no-token"])
    ((_, unknown),) = headers_for(OUTCOMES["not-signed-in"])
    assert b"error" not in nobody
    assert b'error="invalid_token"' in unknown
