"""Incidents: what opens one, what is said of it, its clocks, what its account did, its register."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
import pytest

from rempart.adapters.memory.claims import MemoryClaims
from rempart.adapters.memory.incidents import MemoryEvidence, MemorySpoken
from rempart.adapters.memory.ledger import MemoryLedger
from rempart.adapters.memory.world import MemoryChance
from rempart.domain.budget import DAY
from rempart.domain.claim import Use
from rempart.domain.clocks import HOUR, State
from rempart.domain.concerned import Concern, concern_of, told_of
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.deeds import Kind
from rempart.domain.disclosure import EntryType, decode, encode_codes
from rempart.domain.errors import (
    ForbiddenTransition,
    IntegrityBroken,
    LedgerBroken,
    MalformedIdentifier,
    TemporarilyUnavailable,
)
from rempart.domain.finding import NEVER, Finding, Suspect, Window
from rempart.domain.finding import finding_of as finding_in
from rempart.domain.finding_pieces import PIECE_MAX, digest_of, pieces_of
from rempart.domain.identifiers import CardSerial
from rempart.domain.incident import Incident
from rempart.domain.incident_words import Origin, Outcome, Stated
from rempart.domain.paris import moment
from rempart.domain.person import Role
from rempart.domain.ruling import Ruling
from rempart.domain.site import SiteKind
from rempart.domain.spoken import Spoken
from rempart.domain.stated_finding import stated
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.claim_ports import Biller, Kept, Ruled
from rempart.usecases.cut_off_messages import SetCutOff
from rempart.usecases.device_messages import EnrolDevice
from rempart.usecases.find_elsewhere import incident_of
from rempart.usecases.finding_of_case import finding_of, left_out
from rempart.usecases.hold_incidents import HoldIncidents
from rempart.usecases.incident_messages import IncidentSaid, ListIncidents, SayOfIncident
from rempart.usecases.messages import Contain, Done, Refused, Typed
from rempart.usecases.read_incidents import Case, ReadIncidents
from rempart.usecases.retain_entries import Hold
from rempart.usecases.show_incidents import SHOWN
from rempart.usecases.state_finding import stated as state
from rempart.usecases.tell_of_incident import TellOfIncident
from rempart.usecases.tell_unserved import what_of
from tests.ledgers import question
from tests.people import PeopleWorld, professional, staff
from tests.spec.test_devices import key
from tests.traffic import assert_same_folds
from tests.worlds import World

title = "Incidents and their clocks"

KEY = bytes(range(32))
SHOP = "STRUCT:PHAR1"
OTHER = "STRUCT:LABO1"
AMC = 99990001
STAFF = (Role.OFFICER, Role.SECURITY, Role.INSPECTOR)
THIEF, OWNER = b"t" * 16, b"o" * 16


@dataclass
class Store:
    """Where a chapter is told: what is read and kept, and how an enemy gets at the words."""

    evidence: Any
    kept: Any
    tamper: Callable[[bytes, bytes | None], None]
    claim: Callable[[int, int, Ruling | None], int]


@dataclass
class Ground:
    """A vault, a store, and somebody who answers for incidents."""

    world: World
    store: Store
    vault: Callable[[Any], Any] | None = None
    spoken: int = 0

    @property
    def now(self) -> int:
        return self.world.clock.now()

    def ask(self, request: object) -> Any:
        return self.vault(request) if self.vault else self.world.service([request])[0]  # type: ignore[list-item]

    def teller(self) -> TellOfIncident:
        self.spoken += 1
        chance = MemoryChance(seed=b"words %d" % self.spoken)
        return TellOfIncident(
            self.store.evidence,
            self.store.kept,
            self.ask,
            self.world.clock,
            chance,
            KEY,
            self.world.service.incidents.incidents.sandbox,
        )

    def say(self, incident: int, did: str, text: str = "vu", **more: Any) -> int:
        """What somebody says, in words; its entry."""
        words = {name: more.pop(name) for name in [*more] if name in Spoken.__slots__}
        wanted = SayOfIncident(incident, did, more.pop("by", "nadia"), b"", **more)
        return self.teller()(wanted, Spoken(text=text, **words)).ref

    def open(self, **more: Any) -> int:
        return self.say(0, "opened", **({"origin": "person", "source": "astreinte"} | more))

    def fact(self, incident: int, text: str, **more: Any) -> int:
        return self.say(incident, "fact", text, **({"at": self.now, "source": "hotline"} | more))

    def aware(self, incident: int, at: int | None = None, **more: Any) -> int:
        return self.say(incident, "aware", at=self.now if at is None else at, **more)

    def answer(self, incident: int, clock: str, answer: str = "done", **more: Any) -> int:
        at = {} if answer == "not-due" else {"at": self.now}
        return self.say(incident, "clock", clock=clock, answer=answer, **(at | more))

    def found(self, incident: int, **more: Any) -> int:
        said = {"accounts": (SHOP,), "earliest": self.now - 2 * DAY, "contained": self.now}
        return self.say(incident, "finding", **(said | more))

    def reader(self) -> ReadIncidents:
        return ReadIncidents(
            self.store.evidence,
            self.store.kept,
            self.world.clock,
            KEY,
            self.world.service.incidents.incidents.sandbox,
        )

    def case(self, incident: int) -> Case:
        return self.reader().case(incident)

    def all(self) -> list[Incident]:
        return [case.incident for case in self.reader().register().cases]

    def freeze(
        self,
        name: str = SHOP,
        *,
        authority: Authority = Authority.GUARD,
        why: Why = Why.INSISTED,
        stage: Stage = Stage.FROZEN,
    ) -> int:
        """The entry of a freeze, as the guard writes one."""
        contain = self.world.service.contain
        by = "nadia" if authority is Authority.OFFICER else ""
        contain.decide(contain.account(name), stage, Decision(authority=authority, why=why, by=by))
        return self.world.service.ledger.size - 1

    def loosen(self, name: str = SHOP) -> None:
        for stage in ("narrowed", "watched", "normal"):
            assert isinstance(self.ask(Contain(name, stage, "reviewed", "nadia")), Done)

    def pass_hours(self, hours: float) -> None:
        self.world.clock.forward(seconds=hours * 3600)


def in_memory(world: World) -> Store:
    kept, claims = MemorySpoken(), MemoryClaims()

    def tamper(digest: bytes, sealed: bytes | None) -> None:
        if sealed is None:
            del kept.kept[digest]
        else:
            kept.kept[digest] = sealed

    def claim(software: int, received: int, ruling: Ruling | None) -> int:
        number = len(claims.kept) + 1
        key = number.to_bytes(32, "big")
        claims.kept.append(
            Kept(
                biller=Biller(software, 1),
                use=Use.CLAIM,
                received=received,
                key=key,
                digest=key,
                sealed=b"s",
            )
        )
        if ruling is not None:
            claims.keep([Ruled(claim=number, ruling=ruling, rule="", amount=1200)])
        return number

    return Store(MemoryEvidence(world.store, world.registry, claims), kept, tamper, claim)


def real(world: World) -> World:
    """Not a sandbox's: what happens there is no exercise."""
    world.service.incidents.incidents.sandbox = False
    return world


@pytest.fixture
def ground() -> Ground:
    world = World()
    world.add_site(OTHER, SiteKind.LABORATORY)
    world.service.look()
    return Ground(real(world), in_memory(world))


# What opens one


def test_a_freeze_by_the_guard_opens_an_incident_and_is_its_first_entry(ground):
    ref = ground.freeze()
    (incident,) = ground.all()
    assert (incident.ref, incident.origin) == (ref, Origin.GUARD)
    assert [each.name for each in ground.case(ref).accounts] == [SHOP]
    assert (incident.aware, incident.closed, incident.exercise) == (None, 0, False)
    assert ground.world.service.incidents.incidents.find(ref) == incident


def test_a_question_that_freezes_opens_it_in_the_same_commit():
    """No second writing that could be missing: a canary is read, and the incident is there."""
    world = World()
    ground = Ground(world, in_memory(world))
    bird = world.member("C", member_number="Z777000", birth_date="19400101", canary=True)
    world.ask(world.sign_in(), bird.typed)
    (incident,) = ground.all()
    assert [each.why for each in incident.frozen] == [Why.CANARY]
    assert_same_folds(world)


@pytest.mark.parametrize(
    ("authority", "why", "origin"),
    [
        (Authority.OWNER, Why.REPORTED, Origin.OWNER),
        (Authority.OFFICER, Why.REPORTED, Origin.PERSON),
        (Authority.OFFICER, Why.ALERT, Origin.PERSON),
        (Authority.OFFICER, Why.COMPROMISED, Origin.PERSON),
        (Authority.OFFICER, Why.REVIEWED, None),
        (Authority.OFFICER, Why.LEFT, None),
    ],
)
def test_a_person_who_freezes_for_a_theft_opens_one_too(ground, authority, why, origin):
    ground.freeze(authority=authority, why=why)
    assert [each.origin for each in ground.all()] == ([] if origin is None else [origin])


@pytest.mark.parametrize("stage", [Stage.WATCHED, Stage.NARROWED])
def test_what_only_watches_or_narrows_opens_nothing(ground, stage):
    ground.freeze(stage=stage)
    assert ground.all() == []


def test_a_campaign_is_one_incident_and_next_months_is_another(ground):
    first = ground.freeze()
    ground.pass_hours(20)
    ground.freeze(OTHER)
    assert [each.ref for each in ground.all()] == [first]
    assert len(ground.case(first).accounts) == 2
    ground.loosen(OTHER)
    ground.pass_hours(24 * 30)
    again = ground.freeze(OTHER)
    assert [each.ref for each in ground.all()] == [first], "the same account, still under inquiry"
    ground.world.add_software("labo-2", OTHER)
    ground.world.service.look()
    ground.pass_hours(25)
    other = ground.freeze("labo-2")
    assert [each.ref for each in ground.all()] == [first, other]
    assert again < other


def test_a_closed_one_takes_no_freeze_in(ground):
    first = ground.freeze()
    ground.say(first, "closed", outcome="no-breach")
    ground.loosen()
    second = ground.freeze()
    assert [(each.ref, bool(each.closed)) for each in ground.all()] == [
        (first, True),
        (second, False),
    ]


@pytest.mark.parametrize("origin", ["person", "insurer", "operator"])
def test_a_person_opens_one_with_its_source(ground, origin):
    ref = ground.open(text="Appel de l'assureur", origin=origin, source="AMC 99990001, Mme D.")
    case = ground.case(ref)
    assert case.incident.origin is Origin[origin.upper()]
    ((said),) = case.statements
    assert (said.told.by, said.words.text) == ("nadia", "Appel de l'assureur")
    assert said.words.source == "AMC 99990001, Mme D."


def test_an_alert_about_an_account_is_joined_by_its_freeze(ground):
    ref = ground.open(origin="operator", accounts=(SHOP,))
    ground.pass_hours(24 * 9)
    ground.freeze()
    assert [each.ref for each in ground.all()] == [ref]


def test_nobody_opens_one_as_the_guard(ground):
    with pytest.raises(MalformedIdentifier, match="person, insurer or operator"):
        ground.open(origin="guard")


# Exercises


def test_an_exercise_is_one_everywhere_and_hides_nothing_real(ground):
    ref = ground.open(exercise=True, accounts=(SHOP,))
    assert ground.all()[0].exercise
    real_one = ground.freeze()
    assert [(each.ref, each.exercise) for each in ground.all()] == [(ref, True), (real_one, False)]
    with pytest.raises(ForbiddenTransition, match="ends as one"):
        ground.say(real_one, "closed", outcome="exercise")
    with pytest.raises(ForbiddenTransition, match="ends as one"):
        ground.say(ref, "closed", outcome="no-breach")
    ground.say(ref, "closed", outcome="exercise")
    assert ground.all()[0].outcome is Outcome.EXERCISE


def test_many_questions_that_freeze_open_it_with_the_last_of_them():
    """The move is drafted amid the questions of its batch: its number is its place."""
    world = World()
    ground = Ground(world, in_memory(world))
    token = world.sign_in()
    asks = [
        world.question(token, Typed(str(AMC), f"X{n}", "19800101", "1", "ABCDEFGH"))
        for n in range(60)
    ]
    world.service(asks)
    (incident,) = ground.all()
    (frozen,) = incident.frozen
    entry = decode(next(iter(world.store.entries(frozen.ref))).body)
    assert (entry.type, incident.ref) == (EntryType.CONTAINMENT, frozen.ref)
    assert_same_folds(world)


def test_an_exercise_that_was_only_opened_and_closed_was_none(ground):
    """What the measure counts: a finding, and insurers that were told of it."""
    empty = ground.open(exercise=True)
    ground.say(empty, "closed", outcome="exercise")
    assert not ground.case(empty).incident.rehearsed
    drill = ground.open(exercise=True)
    ground.aware(drill)
    ground.found(drill)
    ground.answer(drill, "insurers-33-2", amc=AMC)
    assert not ground.case(drill).incident.rehearsed, "it is not over"
    ground.say(drill, "closed", outcome="exercise")
    assert ground.case(drill).incident.rehearsed


def test_in_a_sandbox_all_are_exercises():
    world = World()
    ground = Ground(world, in_memory(world))
    ref = ground.freeze()
    ground.fact(ref, "vu")
    assert [each.exercise for each in ground.all()] == [True]


# What is said


def test_each_statement_is_an_entry_with_who_and_when_and_none_of_its_words(ground):
    ref = ground.freeze()
    ground.pass_hours(1)
    at = ground.now - HOUR
    entry = ground.fact(ref, "Mme Durand dit qu'elle n'était pas là", at=at)
    said = ground.case(ref).statements[-1]
    assert (said.told.ref, said.told.by, said.told.number("at")) == (entry, "nadia", at)
    assert said.words.text.startswith("Mme Durand")
    (row,) = [r for r in ground.store.evidence.decided() if r[0] == entry]
    assert b"Durand" not in row[2]
    assert b"hotline" not in row[2]
    assert all(b"Durand" not in sealed for _, sealed in ground.store.kept.all())


def test_nature_is_stated_for_each_of_the_three(ground):
    ref = ground.freeze()
    ground.say(ref, "nature", "intrusion, pas de rançongiciel", stated=("yes", "no", "unknown"))
    assert ground.all()[0].nature == (Stated.YES, Stated.NO, Stated.UNKNOWN)
    with pytest.raises(MalformedIdentifier, match="each stated"):
        ground.say(ref, "nature", stated=("yes", "no"))


def test_the_same_words_twice_are_two_statements(ground):
    ref = ground.freeze()
    assert ground.fact(ref, "rappelé") != ground.fact(ref, "rappelé")


# Clocks


def states(case: Case) -> dict[str, State]:
    return {each.rule.code: each.state for each in case.clocks}


def test_clocks_start_when_somebody_says_that_we_are_aware_and_why(ground):
    ref = ground.freeze()
    ground.pass_hours(5)
    assert set(states(ground.case(ref)).values()) == {State.WAITING}
    entry = ground.aware(ref, ground.now - 2 * HOUR, text="le pharmacien l'a confirmé")
    case = ground.case(ref)
    (cnil,) = [each for each in case.clocks if each.rule.code == "cnil-33-1"]
    assert cnil.due == ground.now + 70 * HOUR
    assert case.statements[-1].told.ref == entry
    ground.answer(ref, "cnil-33-1", reference="2026-11-0042")
    assert states(ground.case(ref))["cnil-33-1"] is State.MET
    assert ground.case(ref).statements[-1].words.reference == "2026-11-0042"


def test_awareness_is_never_moved_to_a_later_moment(ground):
    """Attack: a day is gained by having learnt of it a day later."""
    ref = ground.freeze()
    ground.pass_hours(30)
    ground.aware(ref, ground.now - 24 * HOUR, late="l'astreinte n'a pas transmis")
    for at in (ground.now, ground.now - 24 * HOUR + 1, ground.now - 24 * HOUR):
        with pytest.raises(ForbiddenTransition, match="later moment"):
            ground.aware(ref, at)
    earlier = ground.now - 26 * HOUR
    ground.aware(ref, earlier, late="l'astreinte n'a pas transmis")
    assert ground.all()[0].aware == earlier


def test_a_backdated_awareness_that_is_late_by_its_law_says_why(ground):
    """Attack: everything past its term is put right by a word. The entry keeps when it was said."""
    ref = ground.freeze()
    ground.pass_hours(80)
    at = ground.now - 73 * HOUR
    with pytest.raises(ForbiddenTransition, match="late") as refused:
        ground.aware(ref, at)
    assert "motifs" in str(refused.value) or "retenu" in str(refused.value)
    ground.aware(ref, at, late="le prestataire n'a répondu que ce matin")
    said = ground.case(ref).statements[-1]
    assert (said.told.at, said.told.number("at")) == (ground.now, at)
    assert said.words.late.startswith("le prestataire")
    reply = ground.ask(
        SayOfIncident(ground.freeze(OTHER), "aware", "nadia", b"x" * 32, at=at - HOUR)
    )
    assert isinstance(reply, Refused), "and the vault asks for it too"


def test_awareness_that_makes_a_clock_late_afterwards_says_why(ground):
    """It was met in time by what was said then, and is late by what is said now."""
    ref = ground.freeze()
    ground.pass_hours(100)
    ground.aware(ref)
    ground.answer(ref, "cnil-33-1")
    for rule in ("insurers-33-2", "complaint", "persons-34", "nis2-warning", "nis2-notification"):
        ground.answer(ref, rule)
    ground.answer(ref, "nis2-report", "not-due")
    with pytest.raises(ForbiddenTransition, match="late"):
        ground.aware(ref, ground.now - 90 * HOUR)
    ground.aware(ref, ground.now - 90 * HOUR, late="on l'a appris par le prestataire")
    assert states(ground.case(ref))["cnil-33-1"] is State.MET_LATE


def test_a_late_clock_asks_for_the_reasons_that_the_law_wants(ground):
    ref = ground.freeze()
    ground.aware(ref)
    ground.pass_hours(73)
    assert states(ground.case(ref))["cnil-33-1"] is State.LATE
    with pytest.raises(ForbiddenTransition, match="les motifs du retard"):
        ground.answer(ref, "cnil-33-1")
    ground.answer(ref, "cnil-33-1", late="téléservice indisponible du 27 au 30")
    assert states(ground.case(ref))["cnil-33-1"] is State.MET_LATE
    in_time = ground.now - 2 * HOUR
    ground.answer(ref, "complaint", at=in_time)
    assert states(ground.case(ref))["complaint"] is State.MET


def test_a_clock_is_done_once_and_not_before_it_starts(ground):
    ref = ground.freeze()
    ground.pass_hours(10)
    ground.aware(ref, ground.now - HOUR)
    with pytest.raises(ForbiddenTransition, match="before its clock started"):
        ground.answer(ref, "complaint", at=ground.now - 2 * HOUR)
    entry = ground.answer(ref, "complaint")
    with pytest.raises(ForbiddenTransition, match=f"entry {entry}"):
        ground.answer(ref, "complaint")
    with pytest.raises(ForbiddenTransition, match=f"entry {entry}"):
        ground.answer(ref, "complaint", "not-due")
    ground.answer(ref, "persons-34", "not-due", text="aucun professionnel lu")
    ground.answer(ref, "persons-34", text="finalement si")
    assert states(ground.case(ref))["persons-34"] is State.MET


@pytest.mark.parametrize("amc", [0, AMC])
def test_insurers_are_owed_their_report_unless_nobody_was_read(ground, amc):
    """A person's "not due" takes from no controller what art. 33(2) gives it."""
    ref = ground.freeze()
    with pytest.raises(ForbiddenTransition, match="unless nobody was read"):
        ground.answer(ref, "insurers-33-2", "not-due", amc=amc)
    ground.say(ref, "nature", stated=("yes", "no", "no"))
    with pytest.raises(ForbiddenTransition, match="unless nobody was read"):
        ground.answer(ref, "insurers-33-2", "not-due", amc=amc)
    ground.say(ref, "nature", stated=("no", "yes", "no"))
    ground.answer(ref, "insurers-33-2", "not-due", amc=amc)
    theirs = {"insurer-cnil-33-1", "insurer-persons-34", "dora-classification"}
    assert {states(ground.case(ref))[code] for code in theirs} == {State.WAITING}
    ground.say(ref, "closed", outcome="no-breach")
    assert {states(ground.case(ref))[code] for code in theirs} == {State.NOT_DUE}, "it is over"


def test_a_breach_is_not_closed_over_insurers_that_were_not_told_and_should_be(ground):
    """Nobody was read, it seemed; then somebody was."""
    ref = ground.freeze()
    ground.aware(ref)
    ground.found(ref)
    ground.say(ref, "nature", stated=("no", "no", "no"))
    ground.answer(ref, "insurers-33-2", "not-due")
    for rule in ("cnil-33-1", "complaint", "persons-34"):
        ground.answer(ref, rule)
    for rule in ("nis2-warning", "nis2-notification", "nis2-report"):
        ground.answer(ref, rule, "not-due")
    ground.say(ref, "nature", stated=("yes", "no", "no"))
    with pytest.raises(ForbiddenTransition, match="it is"):
        ground.say(ref, "closed", outcome="breach")
    ground.answer(ref, "insurers-33-2")
    ground.say(ref, "closed", outcome="breach")


def test_each_insurer_that_is_told_has_clocks_of_its_own(ground):
    ref = ground.freeze()
    ground.aware(ref)
    ground.answer(ref, "insurers-33-2", amc=AMC)
    ground.pass_hours(1)
    ground.answer(ref, "insurers-33-2", amc=AMC + 1)
    ground.answer(ref, "dora-classification", amc=AMC)
    due = {
        (each.rule.code, each.amc): each.due
        for each in ground.case(ref).clocks
        if each.rule.code in {"insurer-cnil-33-1", "dora-initial"}
    }
    now = ground.now
    assert due == {
        ("insurer-cnil-33-1", AMC): now + 71 * HOUR,
        ("insurer-cnil-33-1", AMC + 1): now + 72 * HOUR,
        ("dora-initial", AMC): now + 4 * HOUR,
        ("dora-initial", AMC + 1): now + 24 * HOUR,
    }


def test_a_breach_is_closed_once_its_clocks_are_answered(ground):
    ref = ground.freeze()
    for missing, then in (
        ("awareness", lambda: ground.aware(ref)),
        ("finding", lambda: ground.found(ref)),
        ("each stated", lambda: ground.say(ref, "nature", stated=("yes", "no", "yes"))),
    ):
        with pytest.raises(ForbiddenTransition, match=missing):
            ground.say(ref, "closed", outcome="breach")
        then()
    operators = [each.rule.code for each in ground.case(ref).clocks if each.rule.who == "operator"]
    for code in operators:
        with pytest.raises(ForbiddenTransition, match=code):
            ground.say(ref, "closed", outcome="breach")
        ground.answer(ref, code)
    ground.say(ref, "closed", outcome="breach")
    assert ground.all()[0].outcome is Outcome.BREACH
    for did, more in (
        ("fact", {"at": ground.now, "source": "x"}),
        ("aware", {"at": ground.now - 1}),
        ("decided", {}),
        ("closed", {"outcome": "no-breach"}),
    ):
        with pytest.raises(ForbiddenTransition, match="closed"):
            ground.say(ref, did, **more)


# What the account did, and who could not be served


def test_what_an_account_did_is_listed_with_how_it_is_undone(ground):
    world = ground.world
    number = world.registry.read().software[SHOP].number
    before = world.clock.now()
    world.clock.forward(seconds=3600)
    token = world.sign_in()
    enrolled = world.service([EnrolDevice(key(31), token=token, certificate=b"c" * 32)])[0]
    assert not isinstance(enrolled, Refused), enrolled
    left = ground.store.claim(number, world.clock.now(), Ruling.PERSON)
    paid = ground.store.claim(number, world.clock.now(), Ruling.HONOURED)
    waits = ground.store.claim(number, world.clock.now(), None)
    ground.store.claim(number + 7, world.clock.now(), Ruling.PERSON)
    ground.store.claim(number, before - 40 * DAY, Ruling.PERSON)
    world.clock.forward(seconds=3600)
    ref = ground.freeze()
    case = ground.case(ref)
    undo = {(each.kind, each.ref): each.undo(case.names) for each in case.deeds}
    claims = {n: undo[Kind.CLAIM, n] for n in (left, paid, waits)}
    assert claims[left] == f"./rempart claims decide {left} refuse --why wrong --as …"
    assert "no command does it yet" in claims[paid]
    assert "no command does it yet" in claims[waits]
    (device,) = [text for (kind, _), text in undo.items() if kind is Kind.DEVICE]
    assert device.startswith("./rempart device end ")
    assert len(undo) == 4
    ground.found(ref, earliest=ground.now - HOUR // 2)
    assert ground.case(ref).deeds == (), "nothing since the earliest possible theft"


def test_what_an_owner_does_once_their_account_is_given_back_is_no_deed(ground):
    """Deeds end at each account's own containment, with a finding and without."""
    number = ground.world.registry.read().software[SHOP].number
    kept = ground.store.claim(number, ground.world.clock.now(), Ruling.PERSON)
    ref = ground.freeze()
    ground.world.clock.forward(seconds=3600)
    ground.store.claim(number, ground.world.clock.now(), Ruling.PERSON)
    assert [each.ref for each in ground.case(ref).deeds] == [kept]
    ground.found(ref, contained=ground.now - HOUR // 2)
    assert [each.ref for each in ground.case(ref).deeds] == [kept]
    other = ground.world.registry.read().software[OTHER].number
    whole = Finding(
        suspects=(
            Suspect(number=number, stolen=ground.now - 2 * DAY, contained=ground.now - HOUR // 2),
            Suspect(number=other, stolen=ground.now - 2 * DAY, contained=ground.now),
        )
    )
    late = ground.store.claim(other, ground.now - HOUR // 4, Ruling.PERSON)
    text = json.dumps(whole.to_json())
    ground.found(ref, accounts=(SHOP, OTHER), finding=text)
    assert [each.ref for each in ground.case(ref).deeds] == [kept, late]


def test_what_accounts_asked_is_read_by_their_numbers_and_by_their_lines(ground):
    world, evidence = ground.world, ground.store.evidence
    card, bird = (world.member(n, member_number=n, canary=n == "Z") for n in ("A1", "Z"))
    shop, other = world.sign_in(), world.sign_in(OTHER)

    def ask(token: bytes, network: str, shown: Any, domain: str) -> int:
        question = world.question(token, shown, domain=domain)
        ground.ask(msgspec.structs.replace(question, network=network))
        return world.service.ledger.size - 1

    first = ask(shop, "192.0.2.0/24", card.code, "PHAR")
    since = ground.now + 1
    ground.pass_hours(1 / 60)
    later = ask(shop, "198.51.100.0/24", card.code, "PHAR")
    ask(other, "198.51.100.0/24", card.typed, "LABO")
    until = ground.now
    ground.pass_hours(1 / 60)
    ask(other, "203.0.113.0/24", bird.code, "LABO")
    numbers = {each.name: number for number, each in evidence.accounts().items()}
    mine = [each.ref for each in evidence.asked([numbers[SHOP]], 0)]
    assert [first, later] == mine
    (seen,) = evidence.asked([numbers[SHOP]], since)
    assert seen.ref == later
    (nobodys,) = evidence.canaries(since)
    assert nobodys in [each.ref for each in evidence.asked([numbers[OTHER]], since)]
    assert evidence.canaries(ground.now + 1) == frozenset()
    network, device = ("network", seen.line.network), ("device", seen.line.device)
    both = {numbers[SHOP], numbers[OTHER]}
    assert evidence.met([network], 0, until) == both
    assert evidence.met([device], 0, until) >= {numbers[SHOP]}
    assert evidence.met([network], until + 1, ground.now) == frozenset()
    assert evidence.met([], 0, ground.now) == frozenset()
    old = {"serial": CardSerial(key_version=1, number=0)}
    for name in ("B1", "B2"):
        ask(shop, "192.0.2.0/24", world.member(name, member_number=name, **old).typed, "PHAR")
    assert evidence.strangers(0, ground.now) == {numbers[SHOP]: 2}
    assert evidence.strangers(0, until) == {}
    assert evidence.within([(0, first), (later, later + 1)]).strangers(0, ground.now) == {}
    apart = evidence.within([(later, later + 1), (later + 1, nobodys + 1)])
    assert [each.ref for each in apart.asked([numbers[SHOP]], 0)] == [later]
    assert apart.canaries(0) == frozenset()
    assert apart.met([network], 0, until) == both
    assert evidence.within([(0, first), (first, later)]).met([network], 0, until) == frozenset()


def test_the_cut_itself_says_who_could_not_be_served_and_until_when(ground):
    world = ground.world
    shown = [world.member(f"m{n}", member_number=f"A{n}", birth_date="19800203") for n in range(3)]
    tokens = {SHOP: world.sign_in(), OTHER: world.sign_in(OTHER)}
    ref = ground.open(accounts=(SHOP,))
    cut = ground.ask(SetCutOff("rights", "", "incident", by="nadia"))
    for card in shown:
        world.ask(tokens[SHOP], card.code)
    world.ask(tokens[OTHER], shown[0].code, domain="LABO")
    since = ground.now
    ground.pass_hours(2)
    world.service.cut.open_again(cut.ref, "nadia+omar")
    world.ask(tokens[SHOP], shown[0].code)
    ground.pass_hours(1)
    ground.ask(SetCutOff("site", OTHER, "suspicion", by="nadia"))
    case = ground.case(ref)
    (everything, one) = case.unserved
    assert [what_of(each.cut, case.everybody) for each in case.unserved] == [
        *("rights", f"site {OTHER}")
    ]
    assert (everything.cut.since, everything.until) == (since, since + 2 * HOUR)
    assert tuple(everything.refused) == (4, 2)
    assert (one.until, tuple(one.refused)) == (0, (0, 0))
    ground.say(ref, "closed", outcome="no-breach")
    ground.pass_hours(1)
    ground.ask(SetCutOff("insurer", str(AMC), "maintenance", by="nadia"))
    assert len(ground.case(ref).unserved) == 2, "what is cut afterwards is not of it"


# The ledger comes first


def test_what_was_interrupted_is_said_once(ground):
    """The vault is stuck after the words were kept: the same said again is entered once."""
    ref = ground.freeze()
    ground.vault = lambda request: Refused("unavailable")
    with pytest.raises(TemporarilyUnavailable, match="say the same again"):
        ground.fact(ref, "vu à 3 h", at=ground.now)
    assert ground.reader().register().unentered == 1
    assert ground.case(ref).statements == ()
    ground.vault = None
    ground.fact(ref, "vu à 3 h", at=ground.now)
    assert ground.reader().register().unentered == 0
    assert len(ground.case(ref).statements) == 1
    assert len([*ground.store.kept.all()]) == 1


def test_an_entry_that_was_written_without_our_hearing_of_it_is_not_written_again(ground):
    ref = ground.freeze()
    sent = []

    def lost(request):
        sent.append(request)
        ground.world.service([request])
        return Refused("unavailable")

    ground.vault = lost
    with pytest.raises(TemporarilyUnavailable):
        ground.fact(ref, "vu")
    size = ground.world.service.ledger.size
    reply = ground.world.service([sent[0]])[0]
    assert reply == IncidentSaid(ref, size - 1)
    assert ground.world.service.ledger.size == size


def test_words_that_are_removed_or_changed_show(ground):
    """Attack: whoever holds the database deletes a fact, or puts another one in its place."""
    ref = ground.freeze()
    kept = ground.fact(ref, "vu")
    gone, changed = ground.fact(ref, "le voleur a appelé"), ground.fact(ref, "rien à signaler")
    digests = {each.told.ref: each.told.words for each in ground.case(ref).statements}
    sealed = dict(ground.store.kept.all())
    ground.store.tamper(digests[gone], None)
    ground.store.tamper(digests[changed], sealed[digests[kept]])
    case = ground.case(ref)
    assert case.silent == [gone, changed]
    assert [each.words.text for each in case.statements if each.words] == ["vu"]
    assert len(case.statements) == 3, "that they were said stays said"


def test_words_under_another_key_are_told_as_gone(ground):
    ref = ground.freeze()
    ground.fact(ref, "vu")
    reader = replace(ground.reader(), key=b"k" * 32)
    assert len(reader.case(ref).silent) == 1


def test_an_incident_whose_entries_are_taken_out_is_found_by_the_audit(ground):
    """Attack: deleting an incident is rewriting the ledger."""
    world = ground.world
    if not isinstance(world.store, MemoryLedger):
        pytest.skip("the database refuses it: test_ledger_store")
    ref = ground.freeze()
    ground.fact(ref, "vu")
    world.service.ledger.publish()
    audit = AuditLedger(world.store, world.service.ledger.signer.verifier)
    audit()
    row = world.store.rows[ref]
    codes = encode_codes({"guard": "failed"}, salt=bytes(16))
    world.store.rows[ref] = replace(row, detail=codes)
    with pytest.raises(LedgerBroken):
        audit()


def test_a_vault_that_starts_again_knows_every_incident(ground):
    ref = ground.freeze()
    ground.aware(ref)
    ground.found(ref)
    before = ground.world.service.incidents.incidents.all()
    if not isinstance(ground.world.store, MemoryLedger):
        ground.world.store.close()
    ground.world.restart()
    real(ground.world)
    again = ground.world.service.incidents.incidents.all()
    assert [replace(each, exercise=False) for each in again] == before
    with pytest.raises(ForbiddenTransition, match="later moment"):
        ground.aware(ref)


def test_the_register_tells_every_incident_once(ground):
    refs = [ground.freeze(), ground.open(), ground.open(exercise=True)]
    ground.fact(refs[1], "vu")
    register = ground.reader().register()
    assert [case.incident.ref for case in register.cases] == refs
    assert [len(case.statements) for case in register.cases] == [0, 2, 1]
    assert register.size == ground.world.service.ledger.size


# The finding, for whoever computes the scope


def test_the_finding_is_a_file_with_accounts_times_and_sessions(ground):
    number = ground.world.registry.read().software[SHOP].number
    other = ground.world.registry.read().software[OTHER].number
    ref = ground.freeze()
    with pytest.raises(ForbiddenTransition, match="nothing was found"):
        finding_of(ground.case(ref))
    earliest = ground.now - DAY
    ground.found(
        ref,
        accounts=(OTHER, SHOP),
        earliest=earliest,
        contained=0,
        rest="thief",
        thief=frozenset({THIEF}),
        owner=frozenset({OWNER}),
    )
    said = finding_of(ground.case(ref))
    assert said["sessions"] == {"thief": [THIEF.hex()], "owner": [OWNER.hex()]}
    by_number = {each["number"]: each for each in said["account"]}
    assert set(by_number) == {number, other}
    assert by_number[number]["contained"], "when it was frozen"
    assert "contained" not in by_number[other], "it is not"
    assert by_number[other]["rest"] == "thief"
    assert moment(datetime.fromisoformat(by_number[other]["stolen"])) == earliest
    ground.store.tamper(ground.case(ref).statements[-1].told.words, None)
    with pytest.raises(IntegrityBroken):
        finding_of(ground.case(ref))


def test_who_was_given_back_before_anybody_found_anything_is_not_contained(ground):
    ref = ground.freeze()
    ground.found(ref, contained=0)
    frozen = finding_of(ground.case(ref))["account"][0]["contained"]
    ground.pass_hours(1)
    ground.loosen()
    assert finding_of(ground.case(ref))["account"][0]["contained"] == frozen, "as it was stated"
    ground.pass_hours(1)
    ground.found(ref, contained=0)
    assert "contained" not in finding_of(ground.case(ref))["account"][0]
    incident = ground.world.service.incidents.incidents.find(ref)
    assert incident.contained() == {}, "the vault, too, tells nobody that they were not concerned"
    asked, _ = question(0, at=ground.now)
    told = [told_of(incident)]
    assert concern_of(asked, incident.frozen[0].account, told) is Concern.UNDECIDED
    ground.pass_hours(1)
    ground.freeze()
    assert finding_of(ground.case(ref))["account"][0]["contained"] > frozen


def test_an_account_that_is_frozen_again_is_named_until_that_is_found_too(ground):
    """What was read in between would be cleared by the finding of the first theft."""
    ref = ground.freeze()
    ground.found(ref)

    def named() -> list[str]:
        case = ground.case(ref)
        return left_out(case, finding_in(finding_of(case)))

    assert named() == []
    ground.loosen()
    ground.pass_hours(1)
    assert ground.freeze() != ref
    assert named() == [SHOP]
    ground.found(ref)
    assert named() == []


def standing(ground, ref: int) -> Finding:
    """The finding as the vault holds it, after it has started again from its ledger."""
    ground.world.restart()
    finding = stated(ground.world.service.incidents.incidents.find(ref))
    assert finding is not None
    return finding


def test_the_vault_knows_the_finding_that_the_file_says(ground, monkeypatch):
    """Sessions and gateways as well, in however many pieces; a phone is told what a letter says."""
    monkeypatch.setattr("rempart.domain.finding_pieces.PIECE_MAX", 64)
    ref, hour = ground.freeze(), ground.now - HOUR
    number = ground.world.registry.read().software[SHOP].number
    ground.found(ref, contained=0, thief=frozenset({THIEF}), owner=frozenset({OWNER}))
    assert standing(ground, ref) == finding_in(finding_of(ground.case(ref)))
    whole = Finding(
        suspects=(Suspect(number=number, stolen=hour),),
        gateway=(Window(hour - 5, hour), Window(hour + 2, hour + 3)),
        thief=frozenset({THIEF}),
    )
    wanted, words = state(whole, {number: SHOP}, incident=ref, by="nadia")
    said = ground.teller()(wanted, words)
    assert standing(ground, ref) == whole == finding_in(finding_of(ground.case(ref)))
    before = ground.world.service.ledger.size
    again = ground.teller()(wanted, words)
    assert again.ref > said.ref
    assert ground.world.service.ledger.size == before + 1, "its pieces are there"


def test_pieces_that_are_not_the_finding_are_refused(ground):
    """Attack: what a phone is told is not what the incident says."""
    ref, now = ground.freeze(), ground.now
    number = ground.world.registry.read().software[OTHER].number
    other = Suspect(number=number, stolen=now - 2 * DAY, contained=now)

    def put(piece: bytes, words: bytes = b"") -> object:
        digest = words or digest_of(ref, piece)
        return ground.ask(SayOfIncident(ref, "named", "nadia", digest, piece=piece))

    def find(finding: Finding, *more: int) -> object:
        refs = tuple(put(piece).ref for piece in pieces_of(finding)) + more
        wanted = {"accounts": (SHOP,), "earliest": now - 2 * DAY, "contained": now, "named": refs}
        return ground.ask(SayOfIncident(ref, "finding", "nadia", b"w" * 32, **wanted))

    mine = replace(other, number=ground.world.registry.read().software[SHOP].number)
    both = frozenset({THIEF})
    for finding, more, rule in (
        (Finding(suspects=(other,)), (), "other accounts"),
        (Finding(suspects=(replace(mine, stolen=now - DAY),)), (), "another time"),
        (Finding(suspects=(replace(mine, contained=NEVER),)), (), "contained at another time"),
        (Finding(suspects=(mine,), gateway=(Window(now - HOUR, now),)), (), "other accounts"),
        (Finding(suspects=(), thief=both, owner=both), (), "both the thief's and the owner's"),
        (Finding(suspects=(), thief=both, keyed=both), (), "the thief's or the owner's whole"),
        (Finding(suspects=(mine,)), (9999,), "is not there"),
        (Finding(suspects=()), (put(b"x").ref,), "no finding"),
    ):
        reply = find(finding, *more)
        assert isinstance(reply, Refused), rule
        assert rule in reply.detail
    for reply in (put(b"x", b"y" * 32), put(b""), put(bytes(PIECE_MAX + 1))):
        assert (reply.reason, "under their digest" in reply.detail) == ("forbidden-move", True)
    assert stated(ground.world.service.incidents.incidents.find(ref)) is None
    assert not isinstance(find(Finding(suspects=(mine,))), Refused)


def test_a_copy_that_misses_the_pieces_of_a_finding_still_tells_of_incidents(ground):
    """Their day is lost, or not copied: the finding is there, whose the sessions were is not."""
    ref = ground.freeze()
    ground.found(ref, thief=frozenset({THIEF}))
    decided = list(ground.store.evidence.decided())
    assert incident_of(ref, decided).found.named.thief == {THIEF}
    left = [each for each in decided if b"piece" not in each[2]]
    assert len(left) == len(decided) - 1
    found = incident_of(ref, left).found
    assert found.named is None
    assert found.accounts == incident_of(ref, decided).found.accounts


# What the console shows


def test_staff_sees_where_incidents_stand_and_no_word_of_what_was_said():
    """The inspector as well, who changes nothing; a professional does not."""
    world = PeopleWorld()
    ground = Ground(world, in_memory(world))
    ref = ground.freeze()
    ground.fact(ref, "Mme Durand a appelé")
    ground.aware(ref, text="Mme Durand confirme")
    drill = ground.open(exercise=True)
    pages = {role: staff(world, role.name.lower(), role) for role in STAFF}
    for role, page in pages.items():
        shown = page.send(ListIncidents)
        assert not isinstance(shown, Refused), role
        assert shown.total == 2
        assert [each.ref for each in shown.incidents] == [drill, ref]
        one = shown.incidents[1]
        assert (one.account, one.accounts, one.aware) == (SHOP, 1, ground.now)
        assert (one.clock, one.due, one.late) == ("insurers-33-2", ground.now + 24 * HOUR, 0)
        assert one.stated == ("unknown", "unknown", "unknown")
        assert b"Durand" not in msgspec.msgpack.encode(shown)
    anne = professional(world)
    assert anne.send(ListIncidents).reason == "not-allowed"
    assert len(ground.ask(ListIncidents()).incidents) == 2


def test_the_newest_incidents_fit_a_page(ground):
    for _ in range(SHOWN + 3):
        ground.open(accounts=(SHOP, OTHER))
    shown = ground.ask(ListIncidents())
    assert (len(shown.incidents), shown.total) == (SHOWN, SHOWN + 3)
    assert shown.incidents[0].ref > shown.incidents[-1].ref


# What it keeps


@dataclass
class Holds:
    """The holds of a ledger, in memory."""

    held: dict[str, Hold] = field(default_factory=dict)

    def erase(self, *, first: int, limit: int) -> list[int]:
        return []

    def forget_known(self) -> int:
        return 0

    def hold(self, hold: Hold) -> None:
        assert hold.name not in self.held
        self.held[hold.name] = hold

    def release(self, name: str) -> None:
        del self.held[name]

    def holds(self) -> list[Hold]:
        return [*self.held.values()]


def test_what_an_open_incident_needs_is_held_and_only_a_person_lets_it_go(ground):
    ref, holds = ground.freeze(), Holds()
    name, opened = f"incident-{ref}", ground.now

    def span() -> tuple[int, int]:
        HoldIncidents(holds)(ground.all(), now=ground.now)
        (held,) = holds.holds()
        assert held.name == name
        return moment(held.since), moment(held.until)

    assert span() == (opened - 28 * DAY, opened)
    ground.pass_hours(48)
    ground.found(ref, earliest=opened - 40 * DAY)
    assert span() == (opened - 40 * DAY, opened + 2 * DAY)
    ground.found(ref, earliest=opened - HOUR)
    assert span() == (opened - 40 * DAY, opened + 2 * DAY), "nothing is let go by a finding"
    ground.say(ref, "closed", outcome="no-breach")
    ground.pass_hours(24)
    assert span() == (opened - 40 * DAY, opened + 2 * DAY)
