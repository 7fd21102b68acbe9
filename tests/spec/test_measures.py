"""Protections: each has its own check, the ledger says what was attested, and what is off shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.evidence_folder import FolderEvidence
from rempart.adapters.memory.incidents import MemoryEvidence
from rempart.adapters.memory.measures import MemoryEvidenceShelf, MemoryWorld
from rempart.adapters.memory.world import MemoryClock
from rempart.domain.attestation import Attestation, changes, end_of, since_of, start_of
from rempart.domain.budget import DAY
from rempart.domain.day_ranges import ranges
from rempart.domain.disclosure import EntryType, decode
from rempart.domain.errors import (
    IntegrityBroken,
    KeyMissing,
    MalformedIdentifier,
    Refusal,
    SetUpRefused,
    TemporarilyUnavailable,
)
from rempart.domain.measure import (
    EDITION,
    Seen,
    State,
    catalogue,
    packed,
    unpacked,
)
from rempart.domain.paris import civil
from rempart.usecases.attest_measures import Attested, AttestMeasures, Evidence, evidence_from
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.breach_items import before_items, gained_items
from rempart.usecases.draw_measures import NOTHING, picture, ruler
from rempart.usecases.measure_checks import CHECKS, checked
from rempart.usecases.measure_messages import AskProtections, EnterMeasures, ProtectionsTold
from rempart.usecases.measure_ports import CannotSee, EvidenceShelf
from rempart.usecases.measures_told import (
    at_json,
    between_json,
    measures_at,
    measures_gained,
)
from rempart.usecases.messages import Contain, Done, Refused
from rempart.usecases.read_measures import MeasuresBetween, ReadMeasures
from tests.failing import FailingLedger
from tests.measure_worlds import BREAKS, broken, whole
from tests.worlds import NOON, World

title = "Protections, attested"

MEASURES = catalogue().measures
CODES = [each.code for each in MEASURES]
HOUR = DAY // 24


@pytest.fixture(params=["memory", "folder"])
def shelf(request, tmp_path) -> EvidenceShelf:
    """Where evidence is kept."""
    if request.param == "memory":
        return MemoryEvidenceShelf()
    return FolderEvidence(tmp_path / "measures")


@dataclass
class Ground:
    """A vault in memory, and an installation around it that a test can break."""

    shelf: Any = field(default_factory=MemoryEvidenceShelf)
    world: World = field(default_factory=World)
    told: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.told = whole(self.now)

    @property
    def now(self) -> int:
        return self.world.clock.now()

    def ask(self, request: Any) -> Any:
        return self.world.service([request])[0]

    def attest(self, **change: Any) -> Attested:
        surroundings = MemoryWorld(self.world.clock, {**self.told, **change})
        return AttestMeasures(
            world=surroundings,
            shelf=self.shelf,
            vault=self.ask,
            origin="vault.test/ledger",
            instance="sandbox",
        )()

    def reader(self) -> ReadMeasures:
        evidence = MemoryEvidence(self.world.store, self.world.registry)
        return ReadMeasures(evidence, self.shelf, self.now, sandbox=True)

    def days_later(self, days: int) -> None:
        self.world.clock.forward(seconds=days * 86_400)

    def break_(self, code: str, way: int = 0) -> dict[str, Any]:
        """What to hand to ``attest`` so that a protection is off."""
        reading, how = BREAKS[code][way]
        return {reading: broken(self.now, reading, how)[reading]}


@pytest.fixture
def ground(shelf) -> Ground:
    return Ground(shelf)


def surroundings(told: dict[str, Any]) -> MemoryWorld:
    return MemoryWorld(MemoryClock(NOON), told)


# What each check says


def test_each_check_is_of_a_measure_and_each_thing_that_can_be_off_is_tried():
    seen = {each.code for each in MEASURES if each.seen == "check"}
    assert set(CHECKS) == seen == set(BREAKS)
    assert len(set(CODES)) == len(CODES) > 40


@pytest.mark.parametrize("code", BREAKS)
def test_what_is_there_is_in_force(code):
    seen = checked(catalogue().find(code), surroundings(whole(NOON)))
    assert seen.state is State.IN_FORCE, seen
    assert set(seen.facts) <= set(catalogue().find(code).facts)
    assert seen.facts


@pytest.mark.parametrize(
    ("code", "reading", "how"),
    [(code, reading, how) for code, ways in BREAKS.items() for reading, how in ways],
)
def test_nothing_that_is_off_is_said_to_be_in_force(code, reading, how):
    seen = checked(catalogue().find(code), surroundings(broken(NOON, reading, how)))
    assert seen.state in {State.PARTLY, State.NOT_IN_FORCE, State.NOT_VERIFIED}
    assert set(seen.facts) <= set(catalogue().find(code).facts)


def test_what_is_not_built_is_not_in_force_and_what_people_do_is_not_verified():
    seen = {each.code: checked(each, surroundings({})) for each in MEASURES}
    for measure in MEASURES:
        if measure.seen == "nowhere":
            assert seen[measure.code] == Seen(State.NOT_IN_FORCE, why="not-built")
        if measure.seen == "elsewhere":
            assert seen[measure.code] == Seen(State.NOT_VERIFIED, why="elsewhere")
    assert {"keys-in-hardware", "backups", "witnesses"} <= {
        code for code, each in seen.items() if each.why == "not-built"
    }


@pytest.mark.parametrize("error", [KeyMissing("secret/value"), OSError("/a/value"), CannotSee("x")])
@pytest.mark.parametrize("reading", whole(NOON))
def test_what_cannot_be_looked_at_is_not_verified_and_stops_nothing_else(reading, error):
    told = whole(NOON)
    before = {each.code: checked(each, surroundings(told)) for each in MEASURES}
    world = surroundings(told | {reading: error})
    after = {each.code: checked(each, world) for each in MEASURES}
    hit = [code for code in CODES if after[code] != before[code]]
    assert hit
    for code in hit:
        assert after[code].state is State.NOT_VERIFIED
        assert after[code].why in {"key-missing", "OSError", "x"}
        assert not after[code].facts


def test_every_word_of_the_catalogue_is_one_of_its_lists():
    said = catalogue()
    for measure in said.measures:
        assert measure.article
        assert set(measure.article) <= set(said.article) == set("abcd")
        assert set(measure.cnil) <= set(said.cnil)
        assert 0 <= measure.promise <= 7
        assert bool(measure.facts) == (measure.seen == "check")
    for name in said.article:
        assert any(name in each.article for each in said.measures)
    for name in said.cnil:
        assert any(name in each.cnil for each in said.measures)


def test_an_edition_keeps_its_order():
    """States stand in the ledger by their place: a measure that moves would be read as another."""
    order = sha256("\n".join(each.code for each in catalogue(1).measures).encode()).hexdigest()
    assert order[:16] == "d508000efbaf9505"
    with pytest.raises(MalformedIdentifier):
        catalogue(99)


# What the vault tells, and writes


def test_the_vault_tells_what_it_has_in_memory(ground):
    told = ground.ask(AskProtections())
    assert isinstance(told, ProtectionsTold)
    assert (told.guard_failed, told.frozen, told.people) == (False, 0, False)
    ground.ask(Contain("STRUCT:PHAR1", "frozen", "reported", by="nadia"))
    ground.world.service.contain.guard.failed = True
    told = ground.ask(AskProtections())
    assert (told.guard_failed, told.frozen, told.overdue) == (True, 1, 0)


def test_an_attestation_is_an_entry_with_its_states_and_its_evidence(ground):
    done = ground.attest()
    row = ground.world.store.rows[done.ref]
    (codes,) = [c for c in ground.world.details(EntryType.DECISION) if "measures" in c]
    assert decode(row.body).type is EntryType.DECISION
    states = [each.state for each in done.evidence.seen.values()]
    assert codes == {"measures": EDITION, "states": packed(states), "evidence": done.digest}
    data = ground.shelf.get(done.digest)
    assert data is not None
    assert sha256(data).digest() == done.digest
    assert len(json.loads(data)["measures"]) == len(MEASURES)
    assert AuditLedger(ground.world.store, ground.world.service.ledger.signer.verifier)()


@pytest.mark.parametrize(
    "wanted",
    [
        EnterMeasures(EDITION, b"\x01" * (len(MEASURES) - 1), bytes(32)),
        EnterMeasures(EDITION, b"\x09" * len(MEASURES), bytes(32)),
        EnterMeasures(EDITION, b"\x00" * len(MEASURES), bytes(32)),
        EnterMeasures(EDITION, b"\x01" * len(MEASURES), bytes(31)),
        EnterMeasures(99, b"\x01" * len(MEASURES), bytes(32)),
    ],
)
def test_the_vault_writes_no_attestation_that_is_none(wanted):
    ground = Ground()
    before = len(ground.world.store.rows)
    assert ground.ask(wanted).reason == "forbidden-move"
    assert len(ground.world.store.rows) == before


def test_what_cannot_be_written_is_not_attested():
    ground = Ground(world=World(store=FailingLedger()))
    ground.attest()
    ground.world.store.after = 0
    with pytest.raises(TemporarilyUnavailable):
        ground.attest()
    assert len(ground.reader().between(ground.now - DAY, ground.now).within) == 1


def test_without_a_vault_nothing_is_looked_at():
    ground = Ground()
    attest = AttestMeasures(
        world=MemoryWorld(ground.world.clock, {}),
        shelf=ground.shelf,
        vault=lambda _: Refused("unavailable"),
        origin="o",
        instance="sandbox",
    )
    with pytest.raises(TemporarilyUnavailable):
        attest()
    assert ground.shelf.kept == {}


def test_evidence_holds_counts_and_codes_and_nothing_else(ground):
    """No text of whoever takes part: facts are numbers, yes and no, or words without a space."""
    for seen in ground.attest().evidence.seen.values():
        for fact in seen.facts.values():
            assert isinstance(fact, int) or (len(fact) <= 64 and " " not in fact)


# At a date


def test_at_a_date_is_what_the_last_one_before_has_said(ground):
    first = ground.attest(**ground.break_("key-files"))
    then = ground.now
    ground.days_later(1)
    ground.attest()
    said = ground.reader().at(then + HOUR)
    assert (said.attestation.ref, said.sound, said.without) == (first.ref, True, ())
    states = {each.code: each.state for each in said.measures}
    assert states["key-files"] is State.NOT_IN_FORCE
    assert said.age == HOUR
    assert ground.reader().at(ground.now).measures[CODES.index("key-files")].facts["open"] == 0
    assert json.dumps(at_json(said))


def test_papers_are_given_plain_values(ground):
    assert measures_at(ground.reader(), ground.now) == ()
    done = ground.attest(**ground.break_("guard"))
    ground.days_later(1)
    then = {each.code: each for each in measures_at(ground.reader(), ground.now)}
    assert list(then) == CODES
    guard = then["guard"]
    assert (guard.state, guard.entry) == ("not-in-force", done.ref)
    assert (guard.french, guard.at) == ("la garde regarde chaque question", ground.now - DAY)
    assert then["backups"].state == "not-in-force"
    printed = {item.code: item.said[0][0] for item in before_items(list(then.values()))}
    assert printed["measure-guard"].startswith("PAS EN VIGUEUR, attestée le 24/11/2026")


def test_what_a_newer_program_attested_is_not_read_as_anything_else(ground, monkeypatch):
    monkeypatch.setattr("rempart.domain.attestation.EDITION", 0)
    ground.attest()
    with pytest.raises(SetUpRefused, match="newer"):
        ground.reader().at(ground.now)


def test_a_vault_that_starts_again_reads_over_attestations(ground):
    ground.attest()
    ground.world.restart()
    ground.attest()
    assert len(ground.reader().between(ground.now, ground.now).within) == 2


def test_a_day_without_attestation_is_told_and_nothing_lasts_over_it(ground):
    ground.attest()
    ground.days_later(1)
    ground.attest()
    ground.days_later(3)
    asked = ground.now
    said = ground.reader().at(asked)
    assert said.without == tuple(civil(asked).date() - timedelta(days=n) for n in (2, 1, 0))
    ground.attest()
    said = ground.reader().at(ground.now)
    assert said.without == ()
    assert {each.since for each in said.measures} == {said.attestation.at}
    ground.days_later(1)
    ground.attest()
    again = ground.reader().at(ground.now)
    assert {each.since for each in again.measures} == {said.attestation.at}


def test_a_day_is_one_of_france(ground):
    """What was attested at 23:30 UTC in November is of the next day here."""
    ground.world.clock.forward(seconds=11.5 * 3_600)
    ground.attest()
    said = ground.reader().between(start_of(date(2026, 11, 24)), ground.now)
    assert said.without == (date(2026, 11, 24),)
    assert end_of(date(2026, 3, 29)) - start_of(date(2026, 3, 29)) == 23 * HOUR - 1


def test_what_is_to_come_and_what_never_was_are_refused(ground):
    with pytest.raises(Refusal, match="nothing was attested"):
        ground.reader().at(ground.now)
    with pytest.raises(Refusal, match="nothing was attested"):
        ground.reader().between(ground.now - DAY, ground.now)
    ground.attest()
    with pytest.raises(MalformedIdentifier, match="future"):
        ground.reader().at(ground.now + 1)
    with pytest.raises(MalformedIdentifier, match="future"):
        ground.reader().between(ground.now, ground.now + 1)
    with pytest.raises(MalformedIdentifier, match="before the first"):
        ground.reader().between(ground.now, ground.now - 1)
    with pytest.raises(Refusal, match="nothing was attested"):
        ground.reader().at(ground.now - DAY)


# Tampering


Tamper = Callable[[Ground, Attested], None]


def _put(ground: Ground, digest: bytes, data: bytes | None) -> None:
    if isinstance(ground.shelf, MemoryEvidenceShelf):
        ground.shelf.kept.pop(digest)
        if data is not None:
            ground.shelf.kept[digest] = data
        return
    path = ground.shelf._path(digest)
    path.unlink()
    if data is not None:
        path.write_bytes(data)


def gone(ground: Ground, done: Attested) -> None:
    _put(ground, done.digest, None)


def embellished(ground: Ground, done: Attested) -> None:
    data = ground.shelf.get(done.digest)
    _put(ground, done.digest, data.replace(b'"not-in-force"', b'"in-force"', 1))


def nonsense(ground: Ground, done: Attested) -> None:
    _put(ground, done.digest, b"{}")


def of_another(ground: Ground, done: Attested) -> None:
    other = ground.attest(**ground.break_("guard"))
    _put(ground, done.digest, ground.shelf.get(other.digest))


@pytest.mark.parametrize("tamper", [gone, embellished, nonsense, of_another])
def test_evidence_that_is_gone_or_changed_is_seen_and_the_ledger_still_speaks(ground, tamper):
    done = ground.attest()
    at = ground.now
    assert ground.reader().at(at).sound
    ground.days_later(1)
    tamper(ground, done)
    said = ground.reader().at(at)
    assert not said.sound
    assert not any(each.facts for each in said.measures)
    states = {each.code: each.state for each in said.measures}
    assert states == {code: seen.state for code, seen in done.evidence.seen.items()}
    assert ground.reader().between(at - DAY, at).broken == (done.ref,)


def test_evidence_that_does_not_bear_out_what_was_entered_is_seen(ground):
    """Whoever is the vault's user enters that all is well, beside evidence that says otherwise."""
    honest = ground.attest(**ground.break_("guard"))
    best = bytes([State.IN_FORCE]) * len(MEASURES)
    reply = ground.ask(EnterMeasures(EDITION, best, honest.digest))
    said = ground.reader().at(ground.now)
    assert said.attestation.ref == reply.ref
    assert not said.sound


def test_an_attestation_whose_detail_was_changed_is_seen(ground):
    done = ground.attest()
    rows = ground.world.store.rows
    kept = rows[done.ref]
    for detail in (
        kept.detail.replace(bytes([State.NOT_IN_FORCE]), bytes([State.IN_FORCE])),
        kept.detail.replace(b"measures", b"nonsense"),
    ):
        assert detail != kept.detail
        rows[done.ref] = type(kept)(index=kept.index, body=kept.body, detail=detail)
        with pytest.raises(IntegrityBroken, match=f"entry {done.ref}"):
            ground.reader().at(ground.now)


# Between two dates


def test_between_two_dates_tells_what_was_gained_and_lost_and_the_gaps(ground):
    ground.attest(**ground.break_("guard"))
    start = ground.now
    ground.days_later(1)
    ground.attest(tables=OSError())
    ground.days_later(4)
    last = ground.attest(**ground.break_("two-operators"))
    said = ground.reader().between(start, ground.now)
    told = {(each.code, each.after): each for each in said.changes}
    gained = told["guard", State.IN_FORCE]
    assert gained.gained
    assert (gained.since, gained.gap) == (start, 0)
    lost = told["two-operators", State.NOT_IN_FORCE]
    assert lost.lost
    assert (lost.ref, lost.gap) == (last.ref, 3)
    assert told["rights-sealed", State.NOT_VERIFIED].unknown
    assert told["rights-sealed", State.IN_FORCE].unknown
    assert ranges(said.without) == [(date(2026, 11, 26), date(2026, 11, 28))]
    assert json.dumps(between_json(said))


def test_what_came_while_an_incident_was_open_is_said_to_have(ground):
    ground.attest(**ground.break_("guard"))
    since = ground.now
    ground.days_later(1)
    assert ground.ask(Contain("STRUCT:PHAR1", "frozen", "reported", by="n")) == Done()
    (incident,) = ground.world.service.incidents.incidents.all()
    ground.attest()
    said = ground.reader().between(since, ground.now)
    guard = next(each for each in said.changes if each.code == "guard")
    assert said.in_reaction(guard) == [incident]
    assert between_json(said)["changes"][0]["during_incidents"] == [incident.ref]
    assert "!" in picture(said, width=60).incidents
    before = ground.reader().between(since, since)
    assert before.incidents == ()


def test_papers_name_what_came_since_an_incident_and_still_is(ground):
    """A gain that was lost again is none; nor is what came once it was closed, or before."""
    ground.attest(**ground.break_("guard"))
    ground.days_later(1)
    assert ground.ask(Contain("STRUCT:PHAR1", "frozen", "reported", by="n")) == Done()
    (incident,) = ground.world.service.incidents.incidents.all()
    assert measures_gained(ground.reader(), incident, ground.now) == ()
    done = ground.attest()
    gained = {each.code: each for each in measures_gained(ground.reader(), incident, ground.now)}
    guard = gained["guard"]
    assert (guard.state, guard.entry) == ("in-force", done.ref)
    assert "rights-sealed" not in gained, "it was in force before"
    printed = {item.code for item in gained_items([guard])}
    assert printed == {"gained-guard"}
    assert measures_gained(ground.reader(), replace(incident, closed=1), ground.now) == ()
    ground.days_later(1)
    ground.attest(**ground.break_("guard"))
    left = {each.code for each in measures_gained(ground.reader(), incident, ground.now)}
    assert "guard" not in left
    assert left < gained.keys()


def attestations(steps: list[tuple[int, list[State]]]) -> list[Attestation]:
    """Attestations of two made-up measures, so many hours after one another."""
    at, made = NOON, []
    for ref, (hours, states) in enumerate(steps):
        at += hours * HOUR
        named = dict(zip(("one", "two"), states, strict=True))
        made.append(Attestation(ref=ref, at=at, edition=1, states=named, evidence=bytes(32)))
    return made


STEPS = st.lists(
    st.tuples(st.integers(1, 60), st.lists(st.sampled_from(State), min_size=2, max_size=2)),
    min_size=1,
    max_size=12,
)


@given(STEPS)
def test_gains_and_losses_lead_from_what_was_first_seen_to_what_was_last_seen(steps):
    attested = attestations(steps)
    found = list(changes(attested))
    for code in ("one", "two"):
        row = [each.states[code] for each in attested]
        verified = [state for state in row if state is not State.NOT_VERIFIED]
        mine = [each for each in found if each.code == code]
        assert all(each.gained + each.lost + each.unknown == 1 for each in mine)
        told = [each for each in mine if not each.unknown]
        now = told[0].before if told else verified[0] if verified else None
        for each in told:
            assert each.before is now
            now = each.after
        assert not verified or now is verified[-1]
        turns = sum(
            (a is State.NOT_VERIFIED) != (b is State.NOT_VERIFIED) for a, b in pairwise(row)
        )
        assert len(mine) == turns + sum(
            a is not b and State.NOT_VERIFIED not in {a, b} for a, b in pairwise(row)
        )


def test_a_loss_behind_a_check_that_failed_is_a_loss(ground):
    start = ground.now
    ground.attest()
    ground.days_later(1)
    ground.attest(vault=OSError())
    ground.days_later(1)
    ground.attest(**ground.break_("guard"))
    said = ground.reader().between(start, ground.now)
    lost = next(each for each in said.changes if each.code == "guard" and each.lost)
    assert (lost.before, lost.after) == (State.IN_FORCE, State.NOT_IN_FORCE)
    assert (lost.since, lost.at, lost.gap) == (start, ground.now, 0)
    assert not any(each.lost for each in said.changes if each.code == "alerts")


@given(STEPS)
def test_no_state_is_said_to_have_lasted_over_a_day_without_attestation(steps):
    attested = attestations(steps)
    for code in ("one", "two"):
        since = since_of(attested, code)
        run = [each for each in attested if each.at >= since]
        assert {each.states[code] for each in run} == {attested[-1].states[code]}
        days = {each.day for each in run}
        assert len(days) == (max(days) - min(days)).days + 1


@given(STEPS, st.integers(1, 80))
def test_no_picture_hides_a_gap_or_a_bad_hour(steps, width):
    attested = attestations(steps)
    between = MeasuresBetween(
        since=NOON,
        until=attested[-1].at,
        before=None,
        within=tuple(attested),
        changes=(),
        without=(),
        incidents=(),
        broken=(),
    )
    drawn = picture(between, width=width)
    days = {each.day for each in attested}
    for code, row in drawn.rows.items():
        assert len(row) == len(drawn.incidents) == len(ruler(drawn)) <= width
        for column, mark in enumerate(row):
            span = [
                day
                for n in range(drawn.days)
                if (day := drawn.first + timedelta(days=column * drawn.days + n)) <= drawn.last
            ]
            assert (mark == NOTHING) == any(day not in days for day in span)
            if mark == "█":
                assert all(
                    each.states[code] is State.IN_FORCE for each in attested if each.day in span
                )


@given(st.lists(st.sampled_from(State), min_size=len(MEASURES), max_size=len(MEASURES)))
def test_states_are_read_back_as_they_were_packed(states):
    assert list(unpacked(packed(states), EDITION).values()) == states


FACTS = st.dictionaries(
    st.sampled_from(["files", "open", "kept"]),
    st.integers() | st.booleans() | st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True),
)


@given(st.dictionaries(st.sampled_from(CODES), st.builds(Seen, st.sampled_from(State), FACTS)))
def test_evidence_is_read_back_as_it_was_written(seen):
    evidence = Evidence(edition=1, origin="o", instance="demo", made=NOON, seen=seen)
    data = evidence.to_bytes()
    assert evidence_from(data, sha256(data).digest()) == evidence
