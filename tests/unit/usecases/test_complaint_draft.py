"""The complaint: in its order of time, with what proves it; accounts by name and nobody insured."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.clocks import HOUR, Answer, Answered
from rempart.domain.deeds import Deed, Kind
from rempart.domain.errors import MalformedIdentifier, Refusal
from rempart.domain.incident_words import Did, Stated
from rempart.domain.offences import offences
from rempart.usecases.case_items import statement_item
from rempart.usecases.claims_file import ClaimsFile, ClaimsSaid
from rempart.usecases.draft_complaint import Evidence, complaint
from rempart.usecases.hands_words import SURELY
from rempart.usecases.paper import Item, Paper
from rempart.usecases.read_incidents import Case
from rempart.usecases.scope_file import AttemptSaid, HoleSaid, ScopeFile
from rempart.usecases.state_finding import ACCEPTED, PROPOSED
from tests.papers import (
    CONTACTS,
    FROZEN,
    LAB,
    NOW,
    OWNER,
    SHOP,
    SITE,
    a_case,
    a_claims_file,
    a_scope,
    digest_of,
    said,
)

title = "The complaint"


def made(
    case: Case | None = None,
    scope: ScopeFile | None = None,
    *,
    now: int = NOW,
    evidence: tuple[Evidence, ...] = (),
    claims: ClaimsFile | None = None,
) -> Paper:
    case = case or a_case()
    scope = scope or a_scope(case)
    return complaint(
        case, scope, digest_of(scope), CONTACTS, now=now, evidence=evidence, claims=claims
    )


def items(paper: Paper, code: str) -> tuple[Item, ...]:
    (found,) = [each for each in paper.parts if each.code == code]
    return found.items


def suggested(paper: Paper) -> set[str]:
    return {str(item.value) for item in items(paper, "offences") if item.code == "offence"}


@given(st.lists(st.integers(FROZEN - 90 * HOUR, NOW), max_size=8))
def test_everything_stands_in_the_order_of_time_and_once(times):
    deeds = tuple(
        Deed(kind=Kind.CLAIM, account=17, at=at, ref=place) for place, at in enumerate(times)
    )
    told = items(made(a_case(deeds=deeds)), "chronology")
    assert [item.value for item in told] == sorted(int(str(item.value)) for item in told)
    assert sum(item.code.startswith("deed-") for item in told) == len(times)
    codes = [item.code for item in told]
    assert codes.count("frozen-48213") == codes.count("stolen-17") == codes.count("opened") == 1
    assert sum(code.startswith("entry-") for code in codes) == len(a_case().statements)


def test_what_is_said_in_a_persons_place_is_in_both_languages():
    accepted = said(Did.FINDING, FROZEN, PROPOSED)
    assert statement_item(accepted).said[0] == ACCEPTED
    own = statement_item(said(Did.FACT, FROZEN, "vu · revu"))
    assert own.said[0] == ("vu · revu", "vu · revu")


def test_facts_have_their_source_and_are_dated_by_what_they_are_about():
    (fact,) = [each for each in items(made(), "chronology") if each.label[0].endswith(", fait")]
    assert fact.value == FROZEN + 60
    assert fact.said[:2] == (
        ("Mme Durand a appelé",) * 2,
        ("source : standard", "source: standard"),
    )
    assert fact.said[2][0].startswith("dit par nadia le 27/11/2026 04:12, entrée ")


def test_accounts_are_named_and_it_says_to_whom_it_may_be_given():
    paper = made()
    named = items(paper, "accounts")
    assert [item.label[0] for item in named] == [SHOP, LAB, OWNER]
    assert [item.said[0] for item in named[:2]] == [SURELY, SURELY]
    assert [len(item.said) for item in named] == [3, 3, 2]
    assert named[2].said[1] == ("nommé, hors du constat", "named, not in the finding")


def test_nobody_is_named_to_a_prosecutor_for_another_operators_alert_alone():
    paper = made(case=a_case(alerted=(17, 18, 19)))
    assert [item.label[0] for item in items(paper, "accounts")] == [SHOP, LAB]
    assert SITE in paper.to_json().decode()
    assert "à personne d'autre" in paper.about[-1][0]


def test_evidence_is_each_file_with_its_digest_and_each_range_of_the_ledger():
    scope = a_scope(holes=(HoleSaid(5, 7, 1, 2),))
    listed = items(made(scope=scope, evidence=(("manifest.note", "77" * 32),)), "evidence")
    files = {item.label[0]: item.value for item in listed if item.code == "file"}
    assert files == {
        "manifest.note": "77" * 32,
        "scope-0001.json": digest_of(scope),
        "scope-0001.csv": "cd" * 32,
    }
    assert [item.value for item in listed if item.code == "day"] == ["ab" * 32]
    assert [item.code for item in listed if item.code in {"open", "hole"}] == ["open", "hole"]
    assert listed[-1].value == scope.checkpoint


@pytest.mark.parametrize("digest", ["", "77" * 31, "7" * 63 + "g", "AB" * 32, "77" * 32 + "\n"])
def test_evidence_without_a_digest_is_refused_by_its_name(digest):
    with pytest.raises(MalformedIdentifier, match=r"evidence a\.pdf"):
        made(evidence=(("a.pdf", digest),))


def test_offences_are_suggested_by_the_facts_that_are_there_and_no_other():
    account = {each.article for each in offences() if each.when == "account"}
    read = {each.article for each in offences() if each.when == "read"} | account
    calm = a_case(deeds=(), nature=(Stated.YES, Stated.NO, Stated.NO))
    assert suggested(made(calm)) == read
    nobody = a_scope(calm, people=0, breached=0, undecided=0, cleared=0, insurers=())
    assert suggested(made(calm, nobody)) == account
    vain = replace(calm)
    attempts = (AttemptSaid("thief", "missed", 230), AttemptSaid("owner", "missed", 4))
    assert suggested(made(vain, a_scope(vain, attempts=attempts))) - read == {"code pénal, 323-7"}
    owners = (AttemptSaid("owner", "missed", 4),)
    assert suggested(made(vain, a_scope(vain, attempts=owners))) == read
    hit = a_case(deeds=(), nature=(Stated.YES, Stated.NO, Stated.YES))
    assert suggested(made(hit)) - read == {"code pénal, 323-2"}
    assert suggested(made()) - read == {"code pénal, 313-1"}
    none = a_claims_file(whole=ClaimsSaid(), insurers={})
    assert suggested(made(claims=none)) == read, "the owner's claims of before are no fraud"
    assert suggested(made(calm, claims=a_claims_file())) - read == {"code pénal, 313-1"}


def test_claims_are_among_the_facts_and_their_list_among_the_evidence():
    paper = made(claims=a_claims_file())
    assert paper.item("claims").value == 46
    files = {item.label[0]: item.value for item in items(paper, "evidence")}
    assert files["claims-0001.csv"] == "ba" * 32


def test_an_article_that_nobody_has_read_says_so_and_no_penalty_is_told():
    hit = a_case(nature=(Stated.YES, Stated.NO, Stated.YES))
    unread = {
        item.value
        for item in items(made(hit), "offences")
        if any("relisez-le" in french for french, _ in item.said)
    }
    assert unread == {"code pénal, 323-2"}
    assert "emprisonnement" not in made().to_json().decode()


def test_the_72_hours_of_the_insurance_run_from_awareness():
    paper = made()
    assert paper.item("complaint").value == FROZEN + HOUR + 72 * HOUR
    assert paper.item("complaint").said[1][0].startswith("code des assurances, L12-10-1")
    assert made(now=FROZEN + 90 * HOUR).item("complaint").said[0][0].startswith("EN RETARD")
    unaware = made(a_case(aware=None)).item("complaint")
    assert "que personne n'a dite" in unaware.said[0][0]
    done = {("complaint", 0): Answered(Answer.DONE, NOW, 48300)}
    assert made(a_case(answers=done)).item("complaint").said[0] == ("tenue", "met")


def test_what_was_asked_in_vain_is_told_in_words():
    scope = a_scope(attempts=(AttemptSaid("thief", "missed", 2300),))
    item = made(scope=scope).item("attempts")
    assert item.said == (
        (
            "2\u00a0300 questions, le voleur : rien trouvé",
            "2,300 questions, the thief: nothing found",
        ),
    )


def test_who_signs_what_was_lost_and_against_whom_is_asked():
    asked = {item.code for item in made().left}
    assert {"signer", "qualification", "damage", "policy", "office", "suspects"} <= asked


def test_a_scope_of_another_finding_is_refused():
    with pytest.raises(Refusal, match="make the scope again"):
        made(scope=a_scope(finding_digest="00" * 32))
