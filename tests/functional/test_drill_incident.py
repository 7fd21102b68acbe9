"""The drill of an incident: a small theft through a real vault, its files by the real command."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date

import pytest

from rempart.bootstrap.cases import case_folder
from rempart.domain.containment import Stage
from rempart.domain.disclosure import Presence
from rempart.domain.finding import Whose
from rempart.domain.site import KIND_CODES, SiteKind
from rempart.domain.trace import Trace
from rempart.domain.watch import Watch
from rempart.drill import market
from rempart.drill.incident import plan
from rempart.drill.incident.command import the_day
from rempart.drill.incident.figures import figures, truly_read
from rempart.drill.incident.files import Files, files_of
from rempart.drill.incident.loosened import LateWatch
from rempart.drill.incident.plan import Way, way_of
from rempart.drill.incident.robbed import Robbed, robbed
from rempart.drill.incident.scale import Scale, day_of_theft
from rempart.usecases.insurer_keys import dossier_keys
from tests.exercises import unmarked

title = "A theft, and its files"

SMALL = Scale(mix={"doctor": 4, "pharmacy": 2}, members=3_000, accounts=7, insurers=5, past=9)
WAYS = {2: Way.RELAYED, 4: Way.DESK}


@pytest.fixture(scope="module")
def played() -> Iterator[tuple[Robbed, Files]]:
    """A theft with every way of coming in, and what followed; eight insurers instead of 48."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(market, "INSURERS", 8)
        patch.setattr(market, "LARGE", 6)
        patch.setattr(plan, "way_of", lambda place: WAYS.get(place, Way.COPIED))
        with robbed(SMALL, seed=3, theft=the_day(), tell=lambda *_: None) as done:
            yield done, files_of(done, lambda *_: None)


def test_nobody_who_was_read_is_cleared_and_nobody_else_is_breached(played):
    done, files = played
    said = figures(done, files, seed=3)
    assert said["people"] >= 60
    assert said["insurers"] == 5
    assert (said["recall"], said["precision"]) == (1.0, 1.0)
    assert said["breached"] > said["people"] / 2
    assert said["ways"] == {"copied": 5, "relayed": 1, "desk": 1}
    assert truly_read(done) & files.parts["undecided"], "relayed, or at the owner's desk"


def test_what_insurers_find_in_their_drops_is_whom_the_thief_read(played):
    done, files = played
    said = figures(done, files, seed=3)
    assert said["dossiers_sum_equals_scope"] is True
    assert said["told"] == {"found": said["people"], "missed": 0, "wrong": 0}
    assert all(each.exercise for each in files.opened)
    assert {"cnil.json", "cnil.pdf"} <= set(files.papers)
    assert files.seconds < 60


def test_owners_are_told_of_a_theft_by_their_own_sessions_alone(played):
    """Sessions are placed by the real ledger: a relayed account has none that is the thief's."""
    done, files = played
    folder = case_folder(done.ground.settings, files.case.incident.ref)
    (listed,) = folder.glob("*professionals-*.csv")
    with listed.open(encoding="utf-8", newline="") as stream:
        used = {row["account"]: row["used"] for row in csv.DictReader(stream, delimiter=";")}
    names = files.case.names
    robbed_ones = {
        names[each.number]
        for each in files.proposed.accounts
        if any(session.whose is Whose.THIEF for session in each.sessions)
    }
    assert {name for name, how in used.items() if how == "surely"} == robbed_ones
    assert len(robbed_ones) >= 3
    assert "perhaps" in used.values()


def test_every_file_of_it_says_that_it_is_an_exercise(played):
    """Scopes, lists, sealed or not, reports, drafts, journal: whatever the command has left."""
    done, files = played
    insurers = done.ground.wallets.insurers.values()
    keys = [key for each in insurers for key in dossier_keys(each.keys)]
    assert unmarked(case_folder(done.ground.settings, files.case.incident.ref), keys) == []


def test_the_guard_stops_accounts_all_the_same(played):
    done, files = played
    assert done.contained >= 5
    assert files.case.incident.frozen
    assert not [a for a in files.proposed.accounts if a.number not in done.ground.numbers.values()]
    verdicts = {each.whose for account in files.proposed.accounts for each in account.sessions}
    assert verdicts == set(Whose)


def test_what_is_raised_is_the_drills_alone():
    """The same strangers: the guard's own watch narrows, the drill's watches until its level."""
    own, late = Watch(), LateWatch.of(Watch(), 40.0)
    reached = []
    for nth in range(30):
        trace = Trace(
            *(1_800_000_000_000_000 + nth * 60_000_000, 1, 1, KIND_CODES[SiteKind.DOCTOR], 0, 0),
            *(0, 12345678, Presence.LEGACY, True, nth.to_bytes(16, "big")),
        )
        reached.append((own.follow(trace)[0], late.follow(trace)[0]))
    narrowed = [[each[who] >= Stage.NARROWED for each in reached].index(True) for who in (0, 1)]
    assert 8 <= narrowed[0] < narrowed[1] < 25
    assert reached[-1] == (Stage.FROZEN, Stage.FROZEN)


def test_most_fell_as_in_2024_and_the_theft_is_of_a_tuesday_that_is_over():
    ways = [way_of(place) for place in range(100)]
    assert [ways.count(each) for each in Way] == [94, 4, 2]
    for today in range(1, 15):
        theft = day_of_theft(date(2026, 12, today))
        assert theft.weekday() == 1
        assert 1 <= (date(2026, 12, today) - theft).days <= 7
