"""By which door: an insurer is told of a gateway what is true of a gateway, and of nothing else."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.clocks import HOUR
from rempart.usecases.door_of_report import (
    BILLED,
    NOBODY_USED,
    PERHAPS_BILLED,
    PERHAPS_USED,
    USED,
    by_door,
    how_said,
)
from rempart.usecases.dossier_file import InsurerReport, PartSaid
from rempart.usecases.draft_cnil_insurer import insurer_draft
from rempart.usecases.paper import Paper
from rempart.usecases.report_insurer import insurer_paper
from tests.papers import CONTACTS, FROZEN, STOLEN, a_case, a_report, some_claims

title = "By which door"

WINDOW = (STOLEN, FROZEN)


def passed(**more: object) -> InsurerReport:
    """Everything passed a gateway, of 412 accounts at work."""
    whole = {
        "accounts": 412,
        "kinds": {"pharmacy": 300, "laboratory": 112},
        "doors": {"gateway": 412},
        "gateway": (WINDOW,),
        "undecided": PartSaid(),
        "contained": FROZEN,
    }
    return a_report(**(whole | more))


def papers(report: InsurerReport) -> tuple[Paper, Paper]:
    case = a_case(deeds=())
    return insurer_paper(report, case, CONTACTS), insurer_draft(report, case, CONTACTS)


@pytest.mark.parametrize("place", [0, 1])
def test_a_gateway_used_nobodys_account(place):
    paper = papers(passed())[place]
    text = paper.to_json().decode()
    assert "ont servi à quelqu'un d'autre" not in text
    assert "were used by somebody else" not in text
    assert "aucun compte n'a servi à cela" in text
    assert "was in other hands" in text


def test_honest_accounts_that_passed_are_counted_as_that():
    item = papers(passed())[0].item("accounts")
    assert item.label[1] == "Accounts whose answers passed, of what sites"
    assert item.said[-1][1] == "at the gateway: 412 accounts, which nobody used"
    both = passed(doors={"account": 2, "gateway": 410})
    assert papers(both)[0].item("accounts").said[-1][0].startswith("à la passerelle : 410 comptes")


def test_what_was_not_sealed_may_have_passed_and_is_told_as_such():
    report, draft = papers(passed())
    assert report.item("passed-typed").value == 1000
    assert report.item("passed-codes").value == 3
    assert {draft.item(f"category-{code}").value for code in ("civil-status", "identifiers")} == {
        "maybe"
    }
    assert draft.item("category-nir").said[0][1] == "no: neither a question nor an answer holds any"
    for paper in (report, draft):
        codes = [item.code for part in paper.parts for item in part.items]
        assert "crossing" not in codes, "here it may come from these questions"
        assert {"crossing-passed", "reuse"} <= set(codes)


def test_by_an_account_nothing_is_said_to_have_passed():
    """A window in which none of its people was answered is not told to an insurer as theirs."""
    outside = (FROZEN + HOUR, FROZEN + 2 * HOUR)
    for report in (a_report(), a_report(gateway=(outside,), doors={"account": 2})):
        assert by_door(report) == (True, True, ())
        told, draft = papers(report)
        assert told.item("what").said == (USED,)
        assert draft.item("category-civil-status").value == "no"
        codes = [item.code for part in told.parts for item in part.items]
        assert "crossing" in codes
        assert not [code for code in codes if code.startswith(("passed", "reuse"))]


def test_doubt_alone_is_told_as_doubt():
    doubt = a_report(breached=PartSaid())
    assert [*how_said(doubt)] == [PERHAPS_USED]
    assert papers(doubt)[1].item("narrative").said[0] == PERHAPS_USED
    nobody = a_report(breached=PartSaid(), undecided=PartSaid())
    assert [*how_said(nobody)] == [NOBODY_USED]


def test_claims_are_told_apart_from_questions():
    """Of whom claims alone were touched, nobody asked about rights; nor where all of it passed."""
    nobody = {"breached": PartSaid(), "undecided": PartSaid(), "accounts": 0, "kinds": {}}
    alone = a_report(claims=some_claims(), doors={"software": 1}, **nobody)
    assert [*how_said(alone)] == [BILLED]
    doubt = a_report(claims=some_claims(breached=0), doors={"software": 1}, **nobody)
    assert [*how_said(doubt)] == [PERHAPS_BILLED]
    both = passed(claims=some_claims(), doors={"gateway": 412, "software": 1})
    assert USED not in [*how_said(both)]
    assert next(how_said(both)) == BILLED
    assert [*how_said(a_report(claims=some_claims()))] == [USED, BILLED]


@given(
    first=st.integers(1, 100),
    length=st.integers(0, 100),
    since=st.integers(1, 100),
    lasts=st.integers(0, 100),
    people=st.integers(0, 3),
)
def test_a_window_is_its_peoples_if_an_answer_may_have_passed_it(
    first, length, since, lasts, people
):
    last, until = first + length, since + lasts
    report = a_report(
        breached=PartSaid(people=people, first=first, last=last),
        undecided=PartSaid(),
        gateway=((since, until),),
        doors={"account": 1, "gateway": 1},
    )
    by = by_door(report)
    met = any(since <= at <= until for at in range(first, last + 1))
    assert bool(by.gateway) == bool(people and met)
    all_in = all(since <= at <= until for at in range(first, last + 1))
    assert by.surely == bool(people and not all_in)


def test_no_number_of_what_passed_is_more_than_its_people():
    few = msgspec.structs.replace(passed().breached, people=2, unnamed=0)
    few = msgspec.structs.replace(few, fields={}, domains={}, presences={"LEGACY": 2, "KNOWN": 2})
    assert papers(passed(breached=few))[0].item("passed-typed").value == 2
