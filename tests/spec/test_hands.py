"""In whose hands accounts were: doubt is told as doubt, in every paper, and accuses nobody."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.memory.incidents import MemoryEvidence
from rempart.domain.claims_touched import by_whom
from rempart.domain.clocks import HOUR
from rempart.domain.deeds import Deed, Kind
from rempart.domain.finding import NEVER, Finding, Suspect, Whose, Window
from rempart.domain.hands import Hands, hands_of, in_hands, whose_deed
from rempart.domain.incident import Found
from rempart.domain.incident_words import Did
from rempart.domain.letter import Language
from rempart.usecases.draft_cnil import operator_draft
from rempart.usecases.draft_complaint import complaint
from rempart.usecases.hands_words import PERHAPS, SURELY
from rempart.usecases.letters_to_professionals import (
    LettersToProfessionals,
    Operator,
    read_professionals,
)
from rempart.usecases.other_populations import populations
from rempart.usecases.paper import Paper
from rempart.usecases.place_sessions import placed
from rempart.usecases.public_words import for_professionals, public_page
from rempart.usecases.read_incidents import Case
from rempart.usecases.scope_file import AttemptSaid, InsurerSaid, ScopeFile
from tests.papers import (
    CONTACTS,
    FROZEN,
    LAB,
    NOW,
    SHOP,
    STOLEN,
    a_case,
    a_scope,
    said,
    statements,
)
from tests.thefts import LIFE, OPEN, TODAY, Story

title = "In whose hands"

SHOPS, LABS = b"s" * 16, b"l" * 16


def suspect(number: int, rest: Whose = Whose.UNKNOWN, contained: int = FROZEN) -> Suspect:
    return Suspect(number=number, stolen=STOLEN, contained=contained, rest=rest)


def stated(finding: Finding, **more: object) -> Case:
    """A case whose finding is this one."""
    told = list(statements())
    text = json.dumps(finding.to_json())
    told[2] = said(Did.FINDING, FROZEN + HOUR, "relu", by="omar", finding=text)
    start, end = finding.span
    found = Found(
        accounts=tuple(each.number for each in finding.suspects),
        earliest=start,
        contained=0 if end == NEVER else end,
        gateway=bool(finding.gateway),
    )
    whole = {"statements": tuple(told), "found": found, "sessions": {}} | more
    return a_case(**whole)


HONEST = Finding(suspects=(suspect(17),))
"""An owner at whom the guard took fright: no session is named the thief's."""


def doubtful(case: Case) -> ScopeFile:
    one = InsurerSaid("99990001", 0, 112, 5)
    return a_scope(case, people=117, breached=0, undecided=112, cleared=5, insurers=(one,))


def text_of(paper: Paper) -> str:
    return paper.to_json().decode()


# The rule


@given(
    rests=st.lists(st.sampled_from(list(Whose)), min_size=1, max_size=4),
    thief=st.sets(st.integers(1, 4), max_size=4),
    unmet=st.booleans(),
)
def test_surely_takes_a_session_of_the_thiefs_or_the_rest(rests, thief, unmet):
    """Whatever a finding says: surely is never said without one of the two."""
    suspects = tuple(suspect(number, rest) for number, rest in enumerate(rests, 1))
    sessions = {bytes([number]) * 16: number for number in thief}
    named = frozenset(sessions) | ({b"?" * 16} if unmet else set())
    finding = Finding(suspects=suspects, thief=frozenset(named))
    for each in suspects:
        hands, alone = hands_of(finding, each, sessions), len(suspects) == 1 and bool(named)
        assert (hands is Hands.SURELY) == (
            each.rest is Whose.THIEF or each.number in thief or alone
        )
        if hands is Hands.OWNERS:
            assert each.rest is Whose.OWNER
            assert not unmet, "it may be of any account"
    by = in_hands(finding, sessions)
    assert not set(by.surely) & set(by.perhaps)


def test_of_one_account_alone_each_session_is_of_that_one():
    assert hands_of(replace(HONEST, thief=frozenset({SHOPS})), suspect(17), {}) is Hands.SURELY
    assert hands_of(HONEST, suspect(17), {}) is Hands.PERHAPS
    assert hands_of(HONEST, suspect(17, Whose.OWNER), {}) is Hands.OWNERS


def test_sessions_are_placed_by_what_was_asked_in_them():
    """By the ledger itself: a thief at one account, an honest owner at the other."""
    story = Story()
    story.past(7, 8)
    story.work(8, TODAY + OPEN, TODAY + OPEN + 2 * 3_600_000_000)
    end = story.steal(7, TODAY + OPEN, 12, device=5, network=6)
    story.freeze(end, 7)
    entries = story.entries()
    first = next(e for e in entries if e.entry.at >= TODAY + OPEN and e.entry.presence == 1)
    suspects = tuple(replace(suspect(n), stolen=TODAY, contained=end + LIFE) for n in (7, 8))
    finding = Finding(suspects=suspects, thief=frozenset({first.entry.session}))
    case = placed(a_case(sessions={}), finding, MemoryEvidence(story.ledger, None))
    assert case.sessions == {first.entry.session: 7}
    by = in_hands(finding, case.sessions)
    assert (by.surely, by.perhaps) == ((7,), (8,))


# What papers say of an honest owner


def test_the_public_page_accuses_nobody_of_an_account_in_doubt():
    case = stated(HONEST)
    for notice in (
        public_page(case, doubtful(case), CONTACTS),
        for_professionals(case, doubtful(case), CONTACTS),
    ):
        told = notice.to_text()
        assert "s'est peut-être servi de 1 compte" in told
        assert "s'est servi de" not in told
        assert "perhaps used 1 account" in told
    assert "PEUT-ÊTRE FRAUDULEUX" in public_page(case, doubtful(case), CONTACTS).to_text()


def test_the_complaint_suggests_no_offence_of_reading_without_a_reading():
    case = stated(HONEST)
    scope = replace_attempts(doubtful(case))
    paper = complaint(case, scope, "ab" * 32, CONTACTS, now=NOW)
    offences = [item for part in paper.parts for item in part.items if item.code == "offence"]
    assert offences == [], "neither reading, nor trying, nor a false claim is anybody's yet"
    assert "ont servi" not in text_of(paper)
    assert paper.item("summary").said[0][0].startswith("Quelqu'un d'autre s'est peut-être servi")
    assert paper.item("account-17").said[0] == PERHAPS
    sure = stated(replace(HONEST, thief=frozenset({SHOPS})))
    charged = complaint(sure, replace_attempts(a_scope(sure)), "ab" * 32, CONTACTS, now=NOW)
    assert charged.item("account-17").said[0] == SURELY
    told = {str(i.value) for p in charged.parts for i in p.items if i.code == "offence"}
    assert {"code pénal, 323-1", "code pénal, 323-7", "code pénal, 313-1"} <= told


def replace_attempts(scope: ScopeFile) -> ScopeFile:
    tried = (AttemptSaid("thief", "missed", 9), AttemptSaid("unknown", "missed", 4))
    return msgspec.structs.replace(scope, attempts=tried)


def test_each_account_is_told_by_its_own_sessions():
    """A thief at the pharmacy accuses nobody at the laboratory."""
    finding = Finding(suspects=(suspect(17, Whose.OWNER), suspect(18)), thief=frozenset({SHOPS}))
    case = stated(finding, sessions={SHOPS: 17})
    assert [(each.name, each.used) for each in populations(case, finding, ()).professionals] == [
        (SHOP, Hands.SURELY),
        (LAB, Hands.PERHAPS),
    ]
    both = Finding(suspects=(suspect(17, Whose.OWNER), suspect(18)), thief=frozenset({LABS}))
    other = stated(both, sessions={LABS: 18})
    assert [each.name for each in populations(other, both, ()).professionals] == [LAB]
    unplaced = stated(both)
    assert len(populations(unplaced, both, ()).professionals) == 2, "it may be of either"
    paper = operator_draft(case, a_scope(case), CONTACTS, now=NOW)
    assert (paper.item("surely").value, paper.item("perhaps").value) == (1, 1)


def test_a_session_that_no_ledger_places_is_still_a_theft():
    """The days have left: somebody was there, at one of these accounts, and none is accused."""
    finding = Finding(suspects=(suspect(17), suspect(18)), thief=frozenset({SHOPS}))
    case = stated(finding)
    told = public_page(case, a_scope(case), CONTACTS).to_text()
    assert "ACCÈS FRAUDULEUX" in told
    assert "s'est servi d'un compte de professionnel au moins" in told
    charge = complaint(case, a_scope(case), "ab" * 32, CONTACTS, now=NOW)
    assert charge.item("account-17").said[0] == charge.item("account-18").said[0] == PERHAPS
    assert "code pénal, 226-4-1" in {str(i.value) for p in charge.parts for i in p.items}


def test_the_letter_to_an_owner_in_doubt_says_that_it_may_have_been_them():
    case = stated(HONEST)
    named = populations(case, HONEST, ()).to_csv().replace("account;", "name;", 1)
    (one,) = read_professionals(io.StringIO(named))
    done = dict.fromkeys(Language, ("Vos sessions sont finies.",))
    operator = Operator(name="Opérateur", dpo="Camille", reach=("01",), measures=done)
    french, english = LettersToProfessionals(operator)(one, "P-0001").values()
    assert french.subject.startswith("Quelqu’un s’est peut-être servi")
    assert "C’est peut-être vous" in french.sections[0].text
    assert "s’est servi" not in french.sections[0].text
    assert "cannot be excluded" in english.sections[0].text
    sure = replace(one, doubt=False)
    assert "s’est servi" in LettersToProfessionals(operator)(sure, "1")[Language.FRENCH].subject


def test_the_authority_is_told_what_accounts_show_of_their_owners():
    finding = Finding(suspects=(suspect(17, Whose.THIEF), suspect(19)))
    paper = operator_draft(stated(finding), a_scope(stated(finding)), CONTACTS, now=NOW)
    assert paper.item("own-data").value == {"login": 1, "site": 1, "contract": 1}
    assert paper.item("own-data-perhaps").value["rpps"] == 1
    assert not [item for item in paper.left if item.code.startswith("own-")]


# Deeds


def test_a_deed_is_the_thiefs_only_where_the_rest_was_his():
    finding = Finding(
        suspects=(suspect(1, Whose.THIEF), suspect(2), suspect(3, Whose.OWNER)),
    )
    assert [whose_deed(finding, number, {}) for number in (1, 2, 3, 4)] == [
        Whose.THIEF,
        Whose.UNKNOWN,
        Whose.OWNER,
        Whose.UNKNOWN,
    ]


@pytest.mark.parametrize(("rest", "words"), [(Whose.THIEF, "le voleur"), (Whose.UNKNOWN, "qui")])
def test_each_deed_is_told_with_whose_it_is(rest, words):
    finding = Finding(suspects=(suspect(17, rest),))
    case = stated(finding, deeds=(Deed(kind=Kind.CLAIM, account=17, at=FROZEN - 1, ref=7),))
    paper = complaint(case, a_scope(case), "ab" * 32, CONTACTS, now=NOW)
    assert paper.item("deed-7").said[-1][0].endswith(words)


def test_a_thief_at_another_account_puts_no_claim_of_this_owner_in_doubt():
    finding = Finding(suspects=(suspect(17, Whose.OWNER), suspect(18)), thief=frozenset({LABS}))
    first, at = finding.suspects[0], FROZEN - HOUR
    assert by_whom(finding, first, at, {LABS: 18}) is Whose.OWNER
    assert by_whom(finding, first, at) is Whose.UNKNOWN, "nobody has placed it"
    assert by_whom(finding, first, at, {LABS: 17}) is Whose.UNKNOWN, "time alone tells them apart"


# The end


def test_nobody_else_is_only_said_once_everything_has_ended():
    """Two lines under “it is not stopped yet”, nothing is sure of anybody."""
    running = Finding(suspects=(suspect(17), suspect(18, contained=NEVER)))
    case = stated(running)
    told = public_page(case, a_scope(case), CONTACTS).to_text()
    assert "pas encore arrêté" in told
    assert "personne d'autre" not in told
    assert "nobody else" not in told
    over = stated(HONEST)
    assert "À ce que dit ce constat, personne d'autre n'a été lu." in (
        public_page(over, a_scope(over), CONTACTS).to_text()
    )


def test_the_page_names_the_phones_page_as_the_phone_does():
    page = files("rempart.serving").joinpath("phone/index.html").read_text("utf-8")
    told = public_page(a_case(), a_scope(), CONTACTS).to_text()
    for name in ("Qui a demandé mes droits ?", "Who asked about my rights?"):
        assert name in page
        assert name in told.replace("\xa0", " ")


def test_a_gateway_used_no_account():
    finding = Finding(suspects=(), gateway=(Window(STOLEN, FROZEN),))
    case = stated(finding, accounts=(), frozen=(), stopped=(), deeds=())
    scope = replace_attempts(a_scope(case))
    page = public_page(case, scope, CONTACTS).to_text()
    assert "passerelle" in page
    assert "s'est servi" not in page
    assert "peut-être aussi ce qui était montré" in page
    assert "passerelle" not in public_page(a_case(), a_scope(), CONTACTS).to_text()
    charge = complaint(case, scope, "ab" * 32, CONTACTS, now=NOW)
    assert "passerelle" in charge.item("summary").said[0][0]
    assert (charge.item("gateway-1").value, charge.item("gateway-1-over").value) == (STOLEN, FROZEN)
    told = {str(i.value) for p in charge.parts for i in p.items if i.code == "offence"}
    assert "code pénal, 323-3" in told
    assert not told & {"code pénal, 226-4-1", "code pénal, 323-7"}, "nobody's account, nothing vain"
    paper = operator_draft(case, scope, CONTACTS, now=NOW)
    assert "0 compte" not in text_of(paper)
    assert paper.item("gateway").value == 1
    assert "member number" in text_of(paper)
    assert "passed" in {item.code for item in paper.left}
