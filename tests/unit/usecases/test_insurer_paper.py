"""The report of art. 33(2), as data: exact, in phases, naming nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.clocks import HOUR, Answer, Answered
from rempart.domain.contacts import Contacts
from rempart.domain.deeds import Deed, Kind
from rempart.domain.errors import ForbiddenTransition, Refusal
from rempart.domain.incident_words import Stated
from rempart.usecases.breach_items import MeasureSaid
from rempart.usecases.claim_items import NONE_OPENED
from rempart.usecases.claims_file import ClaimsSaid
from rempart.usecases.dossier_file import ChangeSaid, PartSaid
from rempart.usecases.paper import Paper, figure
from rempart.usecases.report_insurer import insurer_paper
from tests.papers import AMC, CONTACTS, NAMES, NOW, OPERATOR, a_case, a_report, some_claims

title = "The report to an insurer"


def made(**more: Any) -> Paper:
    case = more.pop("case", None) or a_case()
    contacts, measures = more.pop("contacts", CONTACTS), more.pop("measures", ())
    return insurer_paper(a_report(**more), case, contacts, measures)


def codes(paper: Paper, part: str) -> list[str]:
    (found,) = [each for each in paper.parts if each.code == part]
    return [item.code for item in found.items]


counts = st.integers(min_value=0, max_value=40_000_000)


@given(people=counts, unnamed=counts, doubt=counts, cleared=counts)
def test_numbers_are_those_of_the_report_in_figures_and_in_words(people, unnamed, doubt, cleared):
    """Nothing is rounded, added up or left out; what is unnamed is never added to what is named."""
    breached = PartSaid(people=people, unnamed=unnamed, answers=people + unnamed, first=1, last=2)
    paper = made(breached=breached, undecided=PartSaid(people=doubt), cleared=cleared)
    assert paper.item("breached-people").value == people
    assert paper.item("undecided-people").value == doubt
    assert paper.item("cleared").value == cleared
    assert paper.item("breached-people").said[0][0].startswith(figure(people))
    assert ("breached-unnamed" in codes(paper, "people")) is (unnamed > 0)
    if unnamed:
        assert paper.item("breached-unnamed").said[0][0].startswith(f"au plus {figure(unnamed)}")
    told = paper.about[-1][1]
    assert f"{people:,} " in told
    assert f"{doubt:,} " in told
    assert (f"at most {unnamed:,} " in told) is (unnamed > 0)


def test_fields_domains_and_presences_are_told_in_words_and_counted():
    paper = made()
    shown = paper.item("breached-fields")
    assert shown.value == {"IN_FORCE": 1003, "UNTIL": 1003, "MODE": 640}
    assert sorted(int(text.rpartition(": ")[2].replace(",", "")) for _, text in shown.said) == [
        *(640, 1003, 1003)
    ]
    assert not {name for _, text in shown.said for name in ("IN_FORCE", "MODE") if name in text}
    assert paper.item("accounts").value == 2
    assert ("Pharmacie : 1", "Pharmacy: 1") in paper.item("accounts").said


def test_what_is_not_known_is_listed_and_nothing_else():
    open_case = a_case(aware=None, deeds=())
    paper = made(case=open_case, contained=0, clears=False, contacts=Contacts(OPERATOR, {}))
    assert codes(paper, "unknown") == [
        *("use", "nature", "contained", "aware", "undecided", "unnamed", "holes", "contact")
    ]
    sure = replace(a_case(), deeds=())
    sure = replace(sure, incident=replace(sure.incident, nature=(Stated.YES, Stated.NO, Stated.NO)))
    clean = PartSaid(people=1, answers=1, first=NOW, last=NOW)
    told = made(case=sure, breached=clean, undecided=PartSaid())
    assert codes(told, "unknown") == ["use"]
    assert told.item("integrity").value == "no"


def test_an_insurer_that_nobody_knows_how_to_reach_is_told_so():
    assert (
        made(contacts=Contacts(OPERATOR, {})).item("contact").said[0][0].startswith("aucun contact")
    )


def test_a_ledger_with_a_hole_clears_nobody():
    assert made(clears=False).item("cleared").said[0][0].startswith("personne :")


def test_an_insurer_without_a_name_is_its_number():
    assert made(name="").about[0] == (f"AMC {AMC}",) * 2


def test_its_clocks_start_when_it_is_told():
    """CNIL's 72 h from being told; not from the operator's awareness."""
    before = made().item("insurer-cnil-33-1")
    assert before.value is None
    assert before.said[0] == (
        *("72 h depuis le moment où vous êtes prévenu", "72 h from the moment you are told"),
    )
    told = {("insurers-33-2", AMC): Answered(Answer.DONE, NOW - HOUR, 48300)}
    after = made(case=a_case(answers=told)).item("insurer-cnil-33-1")
    assert after.value == NOW + 71 * HOUR
    assert after.said[0][0] == "avant le 30/11/2026 07:12"
    others = {("insurers-33-2", 99990002): Answered(Answer.DONE, NOW - HOUR, 48300)}
    assert made(case=a_case(answers=others)).item("insurer-cnil-33-1").value is None
    late = {("insurers-33-2", AMC): Answered(Answer.DONE, NOW - 80 * HOUR, 48300)}
    assert made(case=a_case(answers=late)).item("insurer-cnil-33-1").said[0][1].startswith("LATE")


def test_a_text_that_nobody_has_read_says_so():
    def read_again(code: str) -> bool:
        return any("relisez-le" in french for french, _ in made().item(code).said)

    assert read_again("dora-initial")
    assert not read_again("insurer-cnil-33-1")


def test_a_complement_says_what_changed():
    change = ChangeSaid(
        before="12" * 32, breached_new=3, breached_gone=0, undecided_new=0, undecided_gone=3
    )
    paper = made(number=2, phase="complement", change=change)
    assert paper.parts[1].code == "changes"
    assert [each.value for each in paper.parts[1].items] == [3, 0, 0, 3, "12" * 32]
    assert "complément" in paper.about[1][0]
    assert codes(made(), "changes") == ["first"]


def test_another_insurers_cut_is_not_told():
    assert codes(made(), "measures") == [*("frozen", "cut-site", "cut-presence", "decisions")]
    other = made(amc="99990002", contacts=Contacts(OPERATOR, {}))
    assert "cut-insurer" in codes(other, "measures")


def test_a_protection_that_is_not_there_is_told_in_capitals():
    measure = MeasureSaid(
        code="mfa", french="double clé", english="two keys", state="not-in-force", at=NOW, entry=7
    )
    item = made(measures=[measure]).item("measure-mfa")
    assert item.said[0][0].startswith("PAS EN VIGUEUR")
    assert item.value == "not-in-force"
    assert codes(made(), "before") == ["measures-before"]
    assert made().parts[-1].code == "before", "many lines, and what is urgent comes first"


def test_no_account_site_or_person_is_named_and_no_word_repeated():
    """Attack: free words and names that the case is full of."""
    case = a_case()
    text = made(case=case).to_json().decode()
    assert not [name for name in NAMES if name.lower() in text.lower()]
    assert not [each for each in case.statements if each.words is None or each.words.text in text]


def test_an_insurer_is_told_to_verify_what_it_has_and_never_to_run_what_names_others():
    paper = made()
    assert {"open", "proof", "recompute"} <= set(codes(paper, "verify"))
    assert "inspector" in paper.item("recompute").said[0][1]
    assert "scope-0" not in paper.to_json().decode()


def test_an_exercise_says_so_on_each_part():
    case = a_case(exercise=True)
    paper = made(case=case, exercise=True)
    said = json.loads(paper.to_json())
    assert said["exercise"] is True
    marks = [said["mark"], *(each["mark"] for each in said["parts"])]
    assert set(marks) == {"EXERCICE · EXERCISE"}
    assert all("EXERCI" in text for text in said["title"])
    assert "EXERCI" not in made().to_json().decode()


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"incident": 3}, "of incident 3, not 48213"),
        ({"exercise": True}, "an exercise"),
        ({"breached": PartSaid(people=1, answers=-1)}, "breached, answers is below zero"),
        ({"undecided": PartSaid(people=1, fields={"MODE": 2})}, "undecided, fields counts more"),
        ({"claims": ClaimsSaid(told=-1)}, "claims, a number is below zero"),
    ],
)
def test_a_report_that_cannot_be_is_refused_by_name(more, rule):
    with pytest.raises(Refusal, match=f"the report 1 to {AMC}: .*{rule}"):
        made(**more)


def test_nothing_is_reported_before_something_was_found():
    with pytest.raises(ForbiddenTransition, match="nothing was found yet"):
        made(case=a_case(found=None))


# Claims, and doors


def test_a_complement_without_the_list_before_does_not_say_that_it_is_the_first():
    assert codes(made(number=1, change=None), "changes") == ["first"]
    assert codes(made(number=2, phase="complement", change=None), "changes") == ["unknown-change"]


def test_nobody_is_told_that_no_claim_was_touched_where_some_were_not_opened():
    """Whose they are, nobody knows without the judge's key: they may be this insurer's."""
    none, unopened = made(claims=ClaimsSaid()), made(claims=ClaimsSaid(), claims_unopened=44)
    assert none.item("claims").said[0][1].startswith("none, neither sent")
    assert unopened.item("claims").said == (NONE_OPENED,)


def test_claims_are_told_in_exact_numbers_with_the_rule_that_time_alone_parts_hands():
    paper = made(claims=some_claims(), claims_unopened=2)
    assert paper.item("claims").value == 44
    thief, doubt, rule = paper.item("claims").said
    assert (thief[1], doubt[1]) == (
        "by the thief: 3 claims",
        "undecided: 41 claims, of which after containment: 5",
    )
    assert "sees no session" in rule[1]
    assert paper.item("claims-unopened").value == 2
    assert paper.item("claims-shown").value == {"KEPT": 9, "OUTCOME": 6, "OWED": 4}
    assert "Nothing that is in a claim is given back" in paper.item("claims-shown").said[-1][1]
    assert paper.item("claims-domains").said[0][1] == "Pharmacy: 40"
    assert paper.item("claims-money").said[0] == (
        "demandé : 1\u00a0234,56 € ; dû : 987,65 €",
        "asked: €1,234.56; owed: €987.65",
    )
    assert paper.item("claims-list").value == "ba" * 32
    assert paper.about[-1][1].endswith(" Claims touched: 44.")


def test_claims_that_were_looked_at_are_no_unknown_deed():
    assert "deeds" in codes(made(), "unknown")
    assert "deeds" not in codes(made(claims=ClaimsSaid()), "unknown")
    device = Deed(kind=Kind.DEVICE, account=17, at=NOW, ref=900)
    assert "deeds" in codes(made(case=a_case(deeds=(device,)), claims=ClaimsSaid()), "unknown")


def test_no_claims_and_claims_that_nobody_looked_at_are_two_things():
    assert "not looked at" in made().item("claims").said[0][1]
    none = made(claims=ClaimsSaid())
    assert (none.item("claims").value, codes(none, "claims")) == (0, ["claims"])
    assert "laims" not in none.about[-1][1]


@pytest.mark.parametrize(
    ("doors", "told"),
    [
        ({"account": 2}, ["a person's account: 2 accounts"]),
        ({"software": 1}, ["a software's key: 1 account"]),
        (
            {"account": 1, "gateway": 5},
            ["a person's account: 1 account", "read on its way, at a gateway: 5 accounts"],
        ),
    ],
)
def test_it_says_by_which_door(doors, told):
    paper = made(doors=doors)
    assert [each[1] for each in paper.item("doors").said] == told
    assert paper.item("doors").value == doors


def test_it_says_when_a_gateway_was_in_other_hands():
    paper = made(doors={"gateway": 5}, gateway=((NOW - 2 * HOUR, NOW - HOUR),))
    assert "27/11/2026 07:12" in paper.item("doors").said[1][0]
    assert "doors" not in codes(made(), "nature")
