"""Whether persons are told (GDPR art. 34): proposed from facts, decided by a person."""

from __future__ import annotations

import io
import re
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from rempart.domain.breach_told import Source, Told
from rempart.domain.coverage import Domain
from rempart.domain.disclosure import Fields, Presence
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.letter_to_insured import Door
from rempart.domain.notice import (
    ADDRESSES,
    CHILDREN,
    CLAIMS,
    DOUBT,
    HOLE,
    NOBODY,
    READ,
    RUNNING,
    UNNAMED,
    NoticeFacts,
    Proposal,
    Tell,
    decision_of,
    is_child,
    propose,
)
from rempart.domain.notice_to_owners import (
    ACTED,
    BILLED,
    KNOWN,
    NONE,
    PASSED,
    PERHAPS,
    SEEN,
    OwnerFacts,
    propose_to_owners,
)
from rempart.domain.scope import Verdict
from rempart.usecases.dossier_file import PartSaid
from rempart.usecases.mail_letters import facts_of
from rempart.usecases.merge_dossiers import Merged
from rempart.usecases.notice_file import decided_json, fact_lines, form
from rempart.usecases.read_dossier import OpenedDossier
from tests.letters import DECIDED, ONE, OTHER, REPORT, REPORTS, TWO, decision, reading
from tests.papers import FROZEN, STOLEN, a_report

title = "Whether persons are told"

BREACHED, UNDECIDED = Verdict.BREACHED, Verdict.UNDECIDED


def facts(**said) -> NoticeFacts:
    return NoticeFacts(people=Counter(said.pop("people", {BREACHED: 2})), **said)


def test_nobody_to_tell_is_proposed_as_that():
    assert propose(facts(people={})).tell is Tell.NOBODY
    assert propose(facts(people={})).reasons == (NOBODY,)


def test_who_was_read_and_has_no_name_is_not_nobody():
    proposal = propose(facts(people={}, unnamed=3))
    assert proposal.tell is Tell.EVERYBODY
    assert UNNAMED in proposal.reasons
    assert NOBODY not in proposal.reasons


def test_claims_that_were_touched_are_told_to_whoever_decides():
    """Nobody of theirs was read; what a thief was told of claims is of somebody all the same."""
    proposal = propose(facts(people={}, claims=44))
    assert (proposal.tell, proposal.reasons) == (Tell.NOBODY, (NOBODY, CLAIMS))
    assert "claims touched: 44" in fact_lines(facts(claims=44))[-3]
    assert propose(facts(people={})).reasons == (NOBODY,)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, READ),
        ({"people": {UNDECIDED: 1}}, DOUBT),
        ({"children": 1}, CHILDREN),
        ({"contained": False}, RUNNING),
        ({"whole": False}, HOLE),
        ({"absent": 1}, ADDRESSES),
        ({"unnamed": 1}, UNNAMED),
        ({"claims": 1}, CLAIMS),
    ],
)
def test_telling_is_proposed_with_the_reasons_that_hold(said, reason):
    proposal = propose(facts(**said))
    assert proposal.tell is Tell.EVERYBODY
    assert reason in proposal.reasons
    assert (READ in proposal.reasons) == (BREACHED in said.get("people", {BREACHED: 2}))
    quiet = propose(facts(people={BREACHED: 1}))
    assert reason is READ or reason not in quiet.reasons


def test_facts_are_counted_of_dossiers_and_of_the_insurers_own_file():
    people = {
        "R1": Told({ONE: reading(fields=Fields.MODE)}),
        "R2": Told({ONE: reading(UNDECIDED, whole=False)}),
        "R9": Told({ONE: reading()}),
    }
    members = io.StringIO("reference;birth_date\nR1;2015-02-30\nR2;1980-02-30\nR5;2015\n")
    found = facts_of(Merged([], people), members, date(2026, 11, 27), lambda _: None)
    assert (found.people[BREACHED], found.people[UNDECIDED]) == (2, 1)
    assert (found.children, found.absent, found.whole) == (1, 1, False)
    assert (found.fields[Fields.MODE], found.fields[Fields.UNTIL]) == (3, 2)
    assert (found.domains[Domain.PHAR], found.presences[Presence.LEGACY]) == (3, 3)
    told = "\n".join(fact_lines(found))
    assert "la pharmacie · pharmacy: 3" in told
    assert "numéro d’adhérent" in told


@pytest.mark.parametrize(
    ("born", "child"),
    [
        ("20081127", False),
        ("20081128", True),
        ("20080000", True),
        ("20070000", False),
        ("20150230", True),
        ("19800231", False),
    ],
)
def test_who_may_be_under_eighteen_is_taken_for_a_child(born, child):
    assert is_child(born, date(2026, 11, 27)) is child


def test_the_form_decides_nothing(tmp_path):
    """It is TOML, it has the facts beside it, and as it is it is refused."""
    found = facts(children=3)
    text = form(found, propose(found), Merged([], {}))
    assert all(f"# {line}" in text for line in fact_lines(found))
    with pytest.raises(MalformedIdentifier, match="tell: expected"):
        decision_of(tomllib.loads(text), {})


def dossier(source: Source, **said) -> OpenedDossier:
    """A dossier of this source, whose report says so."""
    report = a_report(**said)
    digest = REPORT if source is ONE else OTHER
    return OpenedDossier(
        name="d", source=source, report=report, digest=digest, people={}, strangers=()
    )


def test_the_door_of_each_source_is_filled_in_as_its_report_says():
    window = (STOLEN, FROZEN)
    merged = Merged(
        [
            dossier(ONE),
            dossier(TWO, gateway=(window,), doors={"gateway": 3}, undecided=PartSaid()),
        ],
        {},
    )
    found = facts()
    said = tomllib.loads(form(found, propose(found), merged))
    assert said["doors"] == {ONE.name: "account", TWO.name: "gateway"}
    filled = {**said, **{name: DECIDED[name] for name in ("tell", "ground", "reason", "by")}}
    decided = decision_of(filled | {"measures": DECIDED["measures"]}, REPORTS)
    assert decided.doors == {ONE.name: Door.ACCOUNT, TWO.name: Door.GATEWAY}
    mixed = Merged([dossier(ONE, gateway=(window,), doors={"account": 1, "gateway": 3})], {})
    assert tomllib.loads(form(found, propose(found), mixed))["doors"] == {ONE.name: "both"}


WRONG = [
    ({"tell": "all"}, "tell: expected everybody, breached, nobody"),
    ({"ground": ""}, "ground: expected high-risk"),
    ({"ground": "34-3-b"}, "ground and tell contradict each other"),
    ({"tell": "nobody"}, "ground and tell contradict each other"),
    ({"tell": "nobody", "ground": "34-3-c"}, "where is the public communication"),
    ({"reason": "parce que"}, "reason: expected 20 to 1000 characters"),
    ({"by": ""}, "by: expected 2 to 1000 characters"),
    ({"reports": ["b" * 64]}, "it was taken on other reports"),
    ({"reports": []}, "it was taken on other reports"),
    (
        {"measures": {"fr": ["Nous avons prévenu la CNIL."]}},
        "measures, en: what was done is missing",
    ),
    ({"measures": {"fr": "x", "en": []}}, "measures, fr: expected a list"),
    ({"door": "window"}, "doors: expected account, gateway, both"),
    ({"doors": {"rempart.example/41": "account"}}, "doors: expected one for each source"),
    ({"doors": {"rempart.example/41": "account", "x/7": "account"}}, "doors: expected one for"),
    ({"doors": "account"}, "doors: expected one for each source"),
    ({"sure": True}, "an entry is not known"),
]


@pytest.mark.parametrize(("change", "told"), WRONG)
def test_a_decision_that_is_open_or_contradicts_itself_is_refused(change, told):
    with pytest.raises(MalformedIdentifier, match=re.escape(told)):
        decision(**change)


@pytest.mark.parametrize("ground", ["no-high-risk", "34-3-a", "34-3-b", "34-3-c"])
def test_a_person_may_decide_against_what_was_proposed(ground):
    decided = decision(tell="nobody", ground=ground, public="mutuelle.example", measures={})
    assert decided.tell is Tell.NOBODY
    said = decided_json(
        decided, facts(), Merged([], {}), amc="99990001", made_on=date(2026, 11, 27)
    )
    assert (said["ground"], said["by"], said["reason"]) == (
        ground,
        DECIDED["by"],
        DECIDED["reason"],
    )
    assert said["facts"]["breached"] == 2
    assert DECIDED["by"] not in repr(decided)
    assert REPORT not in repr(decided)


# Owners of accounts, by the operator


def test_owners_whose_accounts_were_surely_used_are_told_and_no_exception_holds():
    proposal = propose_to_owners(OwnerFacts(surely=2, perhaps=0))
    assert proposal.tell is Tell.EVERYBODY
    assert proposal.reasons == (SEEN, ACTED, KNOWN)


@pytest.mark.parametrize(
    ("said", "reason"),
    [({"perhaps": 1}, PERHAPS), ({"claims": 1}, BILLED), ({"ended": False}, RUNNING)],
)
def test_what_else_holds_is_a_reason(said, reason):
    whole = {"surely": 1, "perhaps": 0} | said
    assert reason in propose_to_owners(OwnerFacts(**whole)).reasons
    assert reason not in propose_to_owners(OwnerFacts(surely=1, perhaps=0)).reasons


def test_of_an_owner_in_doubt_nobody_says_that_somebody_acted():
    proposal = propose_to_owners(OwnerFacts(surely=0, perhaps=1))
    assert proposal.tell is Tell.EVERYBODY
    assert not {SEEN, ACTED} & {*proposal.reasons}


def test_where_no_account_was_in_other_hands_no_owner_is_told():
    none = OwnerFacts(surely=0, perhaps=0)
    assert propose_to_owners(none) == Proposal(Tell.NOBODY, (NONE,))
    assert propose_to_owners(replace(none, gateway=True)) == Proposal(Tell.NOBODY, (PASSED,))
