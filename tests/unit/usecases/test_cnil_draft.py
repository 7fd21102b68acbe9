"""Drafts to the CNIL: eleven sections, what is known filled in, what a person must judge asked."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.clocks import HOUR, Answer, Answered
from rempart.domain.errors import ForbiddenTransition, IntegrityBroken, Refusal
from rempart.domain.incident import Told
from rempart.domain.incident_words import Did
from rempart.domain.spoken import Spoken
from rempart.usecases.breach_items import MeasureSaid
from rempart.usecases.check_papers import check_claims, check_reports, without_report
from rempart.usecases.claims_file import ClaimsSaid
from rempart.usecases.dossier_file import ChangeSaid, PartSaid
from rempart.usecases.draft_cnil import operator_draft
from rempart.usecases.draft_cnil_insurer import insurer_draft
from rempart.usecases.paper import Paper, figure
from rempart.usecases.read_incidents import Case, Statement
from rempart.usecases.scope_file import InsurerSaid, MovedSaid, ScopeFile
from tests.papers import (
    AMC,
    CONTACTS,
    FROZEN,
    NAMES,
    NOW,
    a_case,
    a_claims_file,
    a_report,
    a_scope,
    digest_of,
    some_claims,
    statements,
)

title = "Drafts to the CNIL"


def own(case: Case | None = None, scope: ScopeFile | None = None, now: int = NOW) -> Paper:
    case = case or a_case()
    return operator_draft(case, scope or a_scope(case), CONTACTS, now=now)


def asked(paper: Paper) -> set[str]:
    return {item.code for item in paper.left}


def receipt(at: int, reference: str, late: str = "") -> Statement:
    codes = {"clock": "cnil-33-1", "amc": 0, "answer": 1, "at": at}
    told = Told(ref=48290, at=at, did=Did.CLOCK, by="omar", words=bytes(32), codes=codes)
    return Statement(told, Spoken(text="téléservice", reference=reference, late=late))


@pytest.mark.parametrize("paper", [own(), insurer_draft(a_report(), a_case(), CONTACTS)])
def test_eleven_sections_each_with_something(paper):
    assert [part.heading[0].split(".")[0] for part in paper.parts] == [
        str(number) for number in range(1, 12)
    ]
    assert all(part.items for part in paper.parts)
    assert "non relues" in paper.about[-1][0]


def test_what_only_a_person_can_judge_is_asked_and_never_filled_in():
    judged = {"origin", "cause", "severity", "information", "planned", "countries", "declarant"}
    for paper in (own(), insurer_draft(a_report(), a_case(), CONTACTS)):
        assert judged <= asked(paper)
        assert not [item for item in paper.left if item.value in {"yes", "no"}]
    facts = own().item("origin").said
    signs = "too many patients new to this site; question about a canary"
    assert any(signs in english for _, english in facts)


def test_the_operator_notifies_its_professionals_and_tells_of_insured_people_as_context():
    paper = own()
    assert paper.item("surely").value == 2, "the third account is named and was not stolen"
    assert ("Pharmacie : 1", "Pharmacy: 1") in paper.item("categories").said
    assert paper.item("insured").value == {"breached": 1003, "undecided": 12, "cleared": 105}
    assert "deux mois compte deux fois" in re.sub(r"\s+", " ", paper.item("insured").said[0][0])
    assert paper.item("others").value == 1


@given(
    people=st.integers(0, 40_000_000),
    doubt=st.integers(0, 40_000_000),
    answers=st.integers(0, 90_000_000),
)
def test_numbers_are_exact_and_no_other_number_of_people_is_told(people, doubt, answers):
    """Never rounded: each count of the report stands there as it is, in words and as a value."""
    report = a_report(
        breached=PartSaid(people=people, answers=answers, first=1, last=2),
        undecided=PartSaid(people=doubt),
    )
    paper = insurer_draft(report, a_case(), CONTACTS)
    told = [item for part in paper.parts for item in part.items if item.code.endswith("-people")]
    assert [item.value for item in told] == [people, doubt]
    assert told[0].said[0][0].startswith(figure(people))
    if people:
        assert paper.item("breached-records").value == answers


def test_a_first_one_is_initial_and_the_next_says_what_changed():
    assert own().item("type").value == "initial"
    done = FROZEN + 3 * HOUR
    answers = {("cnil-33-1", 0): Answered(Answer.DONE, done, 48290)}
    case = a_case(answers=answers, statements=(*statements(), receipt(done, "2026-0042")))
    moved = (MovedSaid("undecided", "breached", 3), MovedSaid(None, "breached", 40))
    paper = own(case, a_scope(case, moved=moved, before="12" * 32))
    assert paper.item("type").value == "complement"
    assert paper.item("previous").value == "2026-0042"
    assert paper.item("moved-undecided-breached").value == 3
    assert paper.item("moved-nowhere-breached").value == 40
    assert paper.item("since").said == (("rien", "nothing"),)
    without = a_case(answers=answers)
    assert "previous" in asked(own(without, a_scope(without)))


def test_an_insurers_complement_says_what_changed():
    change = ChangeSaid(
        before="12" * 32, breached_new=3, breached_gone=0, undecided_new=0, undecided_gone=3
    )
    report = a_report(number=2, phase="complement", change=change)
    paper = insurer_draft(report, a_case(), CONTACTS)
    assert paper.item("type").value == "complement"
    assert paper.item("changed").value == {
        "breached_new": 3,
        "breached_gone": 0,
        "undecided_new": 0,
        "undecided_gone": 3,
    }


def test_a_delay_asks_for_its_reasons_and_tells_those_that_were_given():
    assert "delay" not in asked(own())
    late = FROZEN + 90 * HOUR
    assert "delay" in asked(own(now=late))
    answers = {("cnil-33-1", 0): Answered(Answer.DONE, late, 48290)}
    said = (*statements(), receipt(late, "2026-0042", late="téléservice indisponible"))
    told = own(a_case(answers=answers, statements=said), now=late).item("delay")
    assert told.said == (("téléservice indisponible",) * 2,)


def test_awareness_that_nobody_took_is_asked():
    assert "aware" in asked(own(a_case(aware=None)))
    assert "aware" in asked(insurer_draft(a_report(), a_case(), CONTACTS))
    answers = {("insurers-33-2", AMC): Answered(Answer.DONE, NOW, 48300)}
    told = insurer_draft(a_report(), a_case(answers=answers), CONTACTS)
    assert told.item("aware").value == NOW


def test_what_was_in_place_is_attested_or_asked():
    assert "measures-before" in asked(own())
    assert "name" in asked(insurer_draft(a_report(name=""), a_case(), CONTACTS))
    measure = MeasureSaid(
        code="mfa", french="double clé", english="two keys", state="not-in-force", at=NOW, entry=7
    )
    since = msgspec.structs.replace(measure, code="watch", state="in-force")
    paper = insurer_draft(a_report(), a_case(), CONTACTS, [measure], [since])
    assert paper.item("measure-mfa").said[0][1].startswith("NOT IN FORCE")
    case = a_case()
    drafted = operator_draft(
        case, a_scope(case), CONTACTS, now=NOW, measures=[measure], gained=[since]
    )
    for each in (paper, drafted):
        (ninth,) = [part for part in each.parts if part.code == "section-9"]
        assert "gained-watch" in {item.code for item in ninth.items}
    assert own().item("gained").value == 0


def test_the_authority_reads_what_was_said_and_an_insurer_does_not():
    assert "Mme Durand a appelé" in own().to_json().decode()
    text = insurer_draft(a_report(), a_case(), CONTACTS).to_json().decode().lower()
    assert not [name for name in NAMES if name.lower() in text]


def test_words_that_are_gone_are_told_as_such():
    silent = tuple(
        Statement(each.told, None if each.told.did is Did.FACT else each.words)
        for each in statements()
    )
    assert "paroles perdues ou changées" in own(a_case(statements=silent)).to_json().decode()


def test_a_scope_of_another_finding_is_refused_by_name():
    other = a_scope(a_case(stopped=(), statements=statements()[::-1]), finding_digest="00" * 32)
    with pytest.raises(Refusal, match=r"scope 1 follows from finding 0000000000000000….*48213"):
        own(scope=other)


def test_a_scope_whose_parts_do_not_add_up_is_refused():
    with pytest.raises(Refusal, match="breached is not the sum"):
        own(scope=a_scope(breached=1004, people=1121))
    with pytest.raises(Refusal, match="people is not the sum"):
        own(scope=a_scope(people=1121))


def test_nothing_is_drafted_before_something_was_found_or_if_its_words_are_gone():
    with pytest.raises(ForbiddenTransition, match="nothing was found yet"):
        own(a_case(found=None), a_scope())
    silent = tuple(Statement(each.told, None) for each in statements())
    with pytest.raises(IntegrityBroken, match="words of this finding"):
        own(a_case(statements=silent), a_scope())


def test_a_report_of_an_earlier_scope_stands_while_its_numbers_do():
    scope = a_scope()
    report = msgspec.structs.replace(
        a_report(scope), scope=scope.number - 1, scope_digest="00" * 32
    )
    check_reports([report], a_case(), scope, digest_of(scope))
    more = msgspec.structs.replace(report, undecided=PartSaid(people=13))
    with pytest.raises(Refusal, match="more than the scope has"):
        check_reports([more], a_case(), scope, digest_of(scope))


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"scope_digest": "00" * 32}, "it follows from scope 0000000000000000…"),
        ({"amc": "99990009"}, "breached is more than the scope has"),
        ({"undecided": PartSaid(people=13)}, "undecided is more than the scope has"),
    ],
)
def test_a_report_of_another_scope_is_refused_by_its_insurer(more, rule):
    scope = a_scope()
    check_reports([a_report(scope)], a_case(), scope, digest_of(scope))
    with pytest.raises(Refusal, match=f"the report 1 to {more.get('amc', AMC)}: {rule}"):
        check_reports([a_report(scope, **more)], a_case(), scope, digest_of(scope))


def test_an_insurer_without_a_report_is_named():
    scope = a_scope(
        insurers=(
            InsurerSaid("99990001", 1, 0, 0),
            InsurerSaid("99990002", 0, 1, 0),
            InsurerSaid("99990003", 0, 0, 1),
        )
    )
    assert without_report([a_report()], scope) == ["99990002"]
    unread = {"": ClaimsSaid(undecided=1), "99990004": ClaimsSaid(undecided=1)}
    unread |= {"99990005": ClaimsSaid(cleared=1)}
    claims = a_claims_file(insurers=unread, whole=ClaimsSaid(undecided=2, cleared=1))
    assert without_report([a_report()], scope, claims) == ["99990002", "99990004"]


def test_an_insurer_of_whom_claims_alone_were_touched_is_told_as_a_controller():
    alone = some_claims()
    claims = a_claims_file(insurers={"99990077": alone}, whole=alone)
    more = operator_draft(a_case(), a_scope(), CONTACTS, now=NOW, claims=claims)
    assert more.item("others").value == own().item("others").value + 1


def test_claims_are_in_both_drafts_where_somebody_looked():
    own_draft = operator_draft(a_case(), a_scope(), CONTACTS, now=NOW, claims=a_claims_file())
    assert own_draft.item("claims").value == 46
    assert own_draft.item("claims-unopened").value == 2
    assert "claims" not in {item.code for part in own().parts for item in part.items}
    report = a_report(claims=some_claims(), doors={"software": 1})
    paper = insurer_draft(report, a_case(), CONTACTS)
    assert (paper.item("claims").value, paper.item("category-economic").value) == (44, "yes")
    assert paper.item("doors").value == {"software": 1}
    told = insurer_draft(a_report(claims=some_claims(shown={"KEPT": 1})), a_case(), CONTACTS)
    assert told.item("category-economic").value == "no"


def test_a_report_of_more_claims_than_there_are_is_refused():
    check_claims([a_report(), a_report(claims=some_claims())], a_claims_file())
    check_claims([a_report(claims=some_claims())], None)
    with pytest.raises(Refusal, match="claims are more"):
        check_claims([a_report(claims=some_claims(breached=4))], a_claims_file())
