"""Containment: who may move an account to which stage, and what each stage does to it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from rempart.adapters.identity.assertions import make_assertion
from rempart.adapters.vaultdoor.frames import FRAME_MAX, frame
from rempart.domain import containment
from rempart.domain.containment import (
    DECLARED_AFTER_STEP_UP,
    LIFT_EVERY,
    OPENS,
    QUIET_AFTER,
    Authority,
    Decision,
    Stage,
    Why,
    check_move,
)
from rempart.domain.disclosure import EntryType, Outcome, Presence, decode, decode_codes
from rempart.domain.errors import ForbiddenTransition
from rempart.domain.tightened import ANSWER_WITHIN
from rempart.usecases.messages import (
    Accounts,
    Answered,
    Contain,
    Done,
    Refused,
    SignedIn,
    SignIn,
    Standings,
    Status,
    Typed,
)
from rempart.vault.process import KeepHouse
from tests.failing import FailingLedger
from tests.owned_vault import ACCOUNTS, OTHER, PHARMACY, TOKEN_URL, OwnedWorld
from tests.traffic import OLD, Asked, Batch, Town, folds_of
from tests.worlds import CERTIFICATE, World

title = "When an account is contained"

PAGE = (Path(__file__).parents[2] / "docs/reference/containment-stages.md").read_text()
GUARD, OWNER, OFFICER, ALERT = Authority
NORMAL, WATCHED, NARROWED, FROZEN, CLOSED = Stage

# The law, written once more: what is not here is refused.
ALLOWED: dict[tuple[Stage, Stage], set[Authority]] = {
    (NORMAL, WATCHED): {GUARD, OFFICER},
    (NORMAL, NARROWED): {GUARD, OWNER, OFFICER, ALERT},
    (NORMAL, FROZEN): {GUARD, OWNER, OFFICER},
    (NORMAL, CLOSED): {OFFICER},
    (WATCHED, NARROWED): {GUARD, OWNER, OFFICER, ALERT},
    (WATCHED, FROZEN): {GUARD, OWNER, OFFICER},
    (WATCHED, CLOSED): {OFFICER},
    (WATCHED, NORMAL): {GUARD, OFFICER},
    (NARROWED, FROZEN): {GUARD, OWNER, OFFICER},
    (NARROWED, CLOSED): {OFFICER},
    (NARROWED, WATCHED): {OWNER, OFFICER, ALERT},
    (FROZEN, CLOSED): {OFFICER},
    (FROZEN, NARROWED): {OFFICER},
    (FROZEN, FROZEN): {OFFICER},
}


# The tables


@pytest.mark.parametrize("authority", Authority)
@pytest.mark.parametrize("target", Stage)
@pytest.mark.parametrize("current", Stage)
def test_every_move_is_allowed_or_refused(current, target, authority):
    decision = Decision(authority=authority, why=Why.REVIEWED, by="nadia")
    if authority in ALLOWED.get((current, target), set()):
        check_move(current, target, decision)
        return
    with pytest.raises(ForbiddenTransition):
        check_move(current, target, decision)


def test_the_owner_lifts_once_a_day_and_the_others_as_often_as_they_must():
    at = 1_795_000_000_000_000
    lifts = {"lifted_at": at, "now": at + LIFT_EVERY - 1}
    with pytest.raises(ForbiddenTransition, match="once a day"):
        check_move(NARROWED, WATCHED, Decision(authority=OWNER, why=Why.STEP_UP), **lifts)
    check_move(NARROWED, WATCHED, Decision(authority=OFFICER, why=Why.REVIEWED), **lifts)
    lifts["now"] += 1
    check_move(NARROWED, WATCHED, Decision(authority=OWNER, why=Why.STEP_UP), **lifts)


def test_only_a_person_decides_what_lasts():
    """GDPR art. 22: no authority but an officer leads out of frozen, or to closed."""
    for (current, target), who in ALLOWED.items():
        assert current is not target or who == {OFFICER}
        if current is FROZEN or target is CLOSED:
            assert who == {OFFICER}


def test_the_page_draws_the_tables():
    (drawn,) = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)
    assert drawn == containment.diagram()


def test_the_page_lists_what_each_stage_opens_and_every_reason():
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", PAGE, re.MULTILINE)
    opens = {stage: set(re.findall(r"`(\w+)`", cell)) for stage, cell in rows}
    shown = set(Presence) - {Presence.NONE}
    assert opens == {stage.name: {p.name for p in OPENS[stage] & shown} for stage in Stage}
    whys = {int(code): name for code, name in re.findall(r"^\| (\d+) \| `(\w+)` \|", PAGE, re.M)}
    assert whys == {why.value: why.name for why in Why}
    assert f"{DECLARED_AFTER_STEP_UP} people a day more" in PAGE
    assert f"after {QUIET_AFTER // 86_400_000_000} quiet days" in PAGE


# What each stage does


SITE = "STRUCT:PHAR1"


@pytest.fixture
def world() -> World:
    return World()


def decide(world: World, stage: Stage, *, why: str = "reviewed", who: str = SITE) -> object:
    return world.service([Contain(who, stage.name, why, "nadia")])[0]


def stage_of(world: World, client_id: str = SITE) -> Stage:
    (found,) = world.service([Standings(client_id=client_id)])
    assert isinstance(found, Accounts)
    return Stage[found.accounts[0].stage]


def people(world: World) -> dict[str, object]:
    """A card; somebody proven by card here, then typed; a printed key; an old card."""
    shown = world.member("P-1", member_number="A1000", birth_date="19500101")
    known = world.member("P-2", member_number="A2000", birth_date="19600101")
    printed = world.member("P-3", member_number="A3000", birth_date="19700101")
    old = world.member("P-4", member_number="A4000", birth_date="19800101", serial=OLD)
    assert isinstance(world.ask(world.sign_in(), known.code), Answered)
    return {
        "CARD": shown.code,
        "KNOWN": known.typed,
        "DECLARED": printed.typed,
        "LEGACY": old.typed,
    }


@pytest.mark.parametrize("stage", [NORMAL, WATCHED, NARROWED])
def test_what_a_stage_opens(world, stage):
    shown = people(world)
    token = world.sign_in()
    if stage is not NORMAL:
        assert decide(world, stage) == Done()
    for presence, brought in shown.items():
        reply = world.ask(token, brought)
        if Presence[presence] in OPENS[stage]:
            assert isinstance(reply, Answered), presence
        else:
            assert reply == Refused("narrowed")
    assert stage_of(world) is stage


@pytest.mark.parametrize("stage", [FROZEN, CLOSED])
def test_a_frozen_account_has_no_session_and_gets_none(world, stage):
    shown = people(world)
    tokens = [world.sign_in(), world.sign_in()]
    other = world.add_site("STRUCT:OTHER", world.registry.sites[SITE].kind)
    world.service.look()
    theirs = world.sign_in(other)
    assert decide(world, stage) == Done()

    for token in tokens:
        for brought in shown.values():
            assert world.ask(token, brought) == Refused("not-signed-in")
    assert world.service([SignIn(f"{SITE} jti-x", CERTIFICATE)]) == [Refused("frozen")]
    assert isinstance(world.ask(theirs, shown["CARD"]), Answered)


def test_a_decision_goes_before_the_questions_that_arrive_with_it(world):
    card, token = world.member("P-1").code, world.sign_in()
    asked = world.question(token, card)
    replies = world.service([asked, Contain(SITE, "frozen", "reported", "nadia")])
    assert replies == [Refused("not-signed-in"), Done()]


def test_what_is_in_flight_when_the_guard_freezes_is_not_opened(world):
    """Good questions and a burst of guesses, in one batch: whatever came first."""
    cards = [
        world.member(f"P-{n}", member_number=f"A{n}000", birth_date=f"19{40 + n}0101").code
        for n in range(1, 4)
    ]
    token = world.sign_in()
    guesses = [world.question(token, guess(n)) for n in range(40)]
    first = [world.question(token, card) for card in cards]

    replies = world.service([*first, *guesses])

    assert replies[:3] == [Refused("frozen")] * 3
    assert stage_of(world) is FROZEN
    entries = [decode(row.body or b"") for row in world.store.rows]
    unopened = {e.cites for e in entries if e.type is EntryType.UNOPENED}
    opened = {i for i, e in enumerate(entries) if e.outcome is Outcome.OPENED}
    assert unopened == opened
    assert world.service.sessions.live == 0


def test_the_list_shows_the_day_that_it_is(world):
    world.ask(world.sign_in(), world.member("P-1").code)
    for used in ((1, 1, 1), (0, 1, 1), (0, 0, 1)):
        (found,) = world.service([Standings(client_id=SITE)])
        assert found.accounts[0].used == used
        world.clock.forward(seconds=86_400 * (1 if used[0] else 8))


def guess(number: int) -> Typed:
    """Numbers far from one another, under which nobody is."""
    return Typed("99990001", f"Q{number}000", f"19{50 + number % 40}0203", "1")


def test_watched_ends_by_itself_after_seven_quiet_days(world):
    card = world.member("P-1").code
    decide(world, WATCHED)
    for days, expected in ((3, WATCHED), (3, WATCHED), (1.1, NORMAL)):
        world.clock.forward(seconds=86_400 * days)
        world.ask(world.sign_in(), card)
        assert stage_of(world) is expected
    assert moves(world)[-1] == ("WATCHED", "NORMAL", "QUIET", "GUARD", "")


def test_a_reason_on_the_sixth_day_begins_the_seven_days_again(world):
    card = world.member("P-1").code
    decide(world, WATCHED)
    world.clock.forward(seconds=86_400 * 6)
    token = world.sign_in()
    for number in range(5):
        world.ask(token, guess(number))
    for number in range(40):
        world.ask(world.sign_in(), world.member(f"C-{number}", birth_date="19700101").code)
    world.clock.forward(seconds=86_400 * 1.1)
    world.ask(world.sign_in(), card)
    assert stage_of(world) is WATCHED


def owner(world: World, target: Stage) -> None:
    software = world.service.sessions.registered.software[SITE]
    world.service.contain.decide(software, target, Decision(authority=OWNER, why=Why.STEP_UP))


def test_the_owner_lifts_narrowed_by_a_strong_sign_in_once_a_day(world):
    decide(world, NARROWED)
    owner(world, WATCHED)
    assert stage_of(world) is WATCHED
    decide(world, NARROWED)
    world.clock.forward(seconds=86_000)
    with pytest.raises(ForbiddenTransition, match="once a day"):
        owner(world, WATCHED)
    world.restart()
    with pytest.raises(ForbiddenTransition, match="once a day"):
        owner(world, WATCHED)
    world.clock.forward(seconds=400)
    owner(world, WATCHED)
    assert stage_of(world) is WATCHED


def test_narrowed_again_the_stepped_up_may_type_a_few_printed_keys(world):
    decide(world, NARROWED)
    owner(world, WATCHED)
    decide(world, NARROWED)
    printed = [
        world.member(f"P-{n}", member_number=f"A{n}000", birth_date=f"19{40 + n}0101").typed
        for n in range(1, 9)
    ]
    old = world.member("P-9", member_number="A9000", birth_date="19490101", serial=OLD).typed
    token = world.sign_in()
    replies = [world.ask(token, typed) for typed in printed]
    assert [isinstance(reply, Answered) for reply in replies] == [True] * 5 + [False] * 3
    assert world.ask(token, old) == Refused("narrowed")
    world.clock.forward(seconds=86_400)
    assert world.ask(world.sign_in(), printed[0]) == Refused("narrowed")


def test_whoever_is_not_an_owner_does_not_lift_what_is_frozen(world):
    decide(world, FROZEN)
    for target in (NARROWED, WATCHED, NORMAL):
        with pytest.raises(ForbiddenTransition):
            owner(world, target)
    assert stage_of(world) is FROZEN


# Officers


def test_an_officer_loosens_one_step_at_a_time_and_never_what_is_closed(world):
    decide(world, FROZEN)
    for refused in (WATCHED, NORMAL):
        reply = decide(world, refused)
        assert isinstance(reply, Refused)
        assert reply.reason == "forbidden-move"
    for stage in (NARROWED, WATCHED, NORMAL, CLOSED):
        assert decide(world, stage) == Done()
    for stage in Stage:
        assert isinstance(decide(world, stage), Refused)
    assert stage_of(world) is CLOSED


def test_loosening_starts_the_evidence_anew(world):
    token = world.sign_in()
    for number in range(6):
        world.ask(token, guess(number))
    (found,) = world.service([Standings(client_id=SITE)])
    assert found.accounts[0].misses > 10
    decide(world, NARROWED)
    decide(world, WATCHED)
    (found,) = world.service([Standings(client_id=SITE)])
    assert found.accounts[0].misses == 0


@pytest.mark.parametrize(
    "wanted",
    [
        Contain("STRUCT:NOBODY", "frozen", "reported", "nadia"),
        Contain(SITE, "melted", "reported", "nadia"),
        Contain(SITE, "frozen", "because", "nadia"),
        Contain(SITE, "frozen", "canary", "nadia"),
        Contain(SITE, "watched", "step-up", "nadia"),
        Contain(SITE, "frozen", "reported", ""),
        Contain(SITE, "frozen", "reported", "   "),
        Contain(SITE, "frozen", "reported", "Mme A1234, née le 3 février"),
        Contain(SITE, "frozen", "reported", "n" * 33),
    ],
    ids=lambda wanted: f"{wanted.client_id} {wanted.stage} {wanted.why} {wanted.by[:6]}",
)
def test_what_is_no_decision_moves_nothing_and_leaves_nothing(world, wanted):
    size = len(world.store.rows)
    (reply,) = world.service([wanted])
    assert isinstance(reply, Refused)
    assert reply.reason == "forbidden-move"
    assert len(world.store.rows) == size
    assert stage_of(world) is NORMAL


# Entries


def moves(world: World) -> list[tuple[str, str, str, str, str]]:
    found = []
    for row in world.store.rows:
        if decode(row.body or b"").type is EntryType.CONTAINMENT:
            codes = decode_codes(row.detail or b"")
            found.append(
                (
                    Stage(codes["from"]).name,
                    Stage(codes["to"]).name,
                    Why(codes["why"]).name,
                    Authority(codes["authority"]).name,
                    codes["by"],
                )
            )
    return found


def test_every_move_is_an_entry_and_a_restart_finds_the_stages_where_they_were(world):
    token = world.sign_in()
    for number in range(12):
        world.ask(token, guess(number))
    assert stage_of(world) is NARROWED
    decide(world, FROZEN, why="alert")
    decide(world, NARROWED)
    owner(world, WATCHED)
    told = moves(world)
    assert [(move[0], move[1]) for move in told] == [
        ("NORMAL", "WATCHED"),
        ("WATCHED", "NARROWED"),
        ("NARROWED", "FROZEN"),
        ("FROZEN", "NARROWED"),
        ("NARROWED", "WATCHED"),
    ]
    assert [(*move[2:],) for move in told] == [
        ("MISSES", "GUARD", ""),
        ("MISSES", "GUARD", ""),
        ("ALERT", "OFFICER", "nadia"),
        ("REVIEWED", "OFFICER", "nadia"),
        ("STEP_UP", "OWNER", ""),
    ]
    stages = dict(folds_of(world).guard.stages.states)
    world.restart()
    assert folds_of(world).guard.stages.states == stages
    assert stage_of(world) is WATCHED


@pytest.mark.parametrize("persisted", [False, True], ids=["lost", "kept"])
def test_a_move_that_cannot_be_written_has_not_happened(persisted):
    store = FailingLedger()
    world = World(store=store)
    card, token = world.member("P-1").code, world.sign_in()
    store.after, store.persisted = 0, persisted
    assert decide(world, FROZEN) == Refused("unavailable")
    reply = world.ask(token, card)
    if persisted:
        # It was written after all: whoever reads the ledger again finds it.
        assert reply == Refused("frozen")
        assert stage_of(world) is FROZEN
    else:
        assert isinstance(reply, Answered)
        assert stage_of(world) is NORMAL


# Who waits for an answer


def listed(world: World) -> list[tuple[str, int]]:
    (found,) = world.service([Standings()])
    return [(row.client_id, row.answer_by) for row in found.accounts]


def test_who_waits_for_an_answer_past_the_promise_is_listed_first():
    """An officer has closed a tighter one; the guard has frozen this one, and nobody has looked."""
    town = Town()
    world, (closed, frozen) = town.world, town.sites[:2]
    assert decide(world, CLOSED, who=closed) == Done()
    town.send(Batch(1, tuple(Asked(1, person, "wrong") for person in range(8)) * 10))
    (found,) = world.service([Standings(client_id=frozen)])
    (only,) = found.accounts
    assert (only.stage, only.answer_by) == ("FROZEN", only.since + ANSWER_WITHIN)
    world.clock.at = only.answer_by - 1
    assert listed(world)[:2] == [(closed, 0), (frozen, only.answer_by)]
    world.clock.at = only.answer_by
    assert listed(world)[:2] == [(frozen, only.answer_by), (closed, 0)]
    world.restart()
    world.clock.at = only.answer_by
    assert listed(world)[0] == (frozen, only.answer_by)


@pytest.mark.parametrize("answer", [FROZEN, NARROWED, CLOSED])
def test_an_officers_decision_is_the_answer_and_keeping_it_frozen_is_one(world, answer):
    token = world.sign_in()
    for number in range(40):
        world.ask(token, guess(number))
    ((_, due),) = [each for each in listed(world) if each[1]]
    world.clock.at = due
    assert decide(world, answer) == Done()
    assert stage_of(world) is answer
    assert not any(due for _, due in listed(world))
    world.restart()
    assert not any(due for _, due in listed(world))


def test_whoever_stopped_their_own_account_is_owed_an_answer_and_an_officers_caller_is_not(world):
    owner(world, FROZEN)
    assert any(due for _, due in listed(world))
    other = World()
    decide(other, FROZEN, why="reported")
    assert not any(due for _, due in listed(other))


# Who is told


def told(world: World) -> list[tuple[str, str]]:
    found = world.service.tightened.take()
    assert {each.account for each in found} <= {1}
    assert all((each.answer_by is None) is (each.stage < FROZEN) for each in found)
    return [(each.stage.name, each.why.name) for each in found]


def test_who_is_on_call_is_told_once_of_what_the_guard_does_and_of_nothing_else(world):
    token = world.sign_in()
    for number in range(12):
        world.ask(token, guess(number))
    assert told(world) == [("WATCHED", "MISSES"), ("NARROWED", "MISSES")]
    owner(world, WATCHED)
    decide(world, FROZEN, why="alert")
    assert told(world) == []


def test_what_is_frozen_says_until_when_its_owner_is_promised_an_answer(world):
    token = world.sign_in()
    for number in range(40):
        world.ask(token, guess(number))
    (*_, frozen) = world.service.tightened.take()
    assert frozen.stage is FROZEN
    assert frozen.answer_by == frozen.at + 30 * 60 * 1_000_000


def test_who_was_frozen_a_moment_before_the_vault_was_killed_is_told_by_the_next(world):
    token = world.sign_in()
    for number in range(40):
        world.ask(token, guess(number))
    world.restart()
    tightened, guard = world.service.tightened, world.service.contain.guard
    tightened.begin(world.clock.now(), lambda each: guard.stage(each) >= FROZEN)
    assert [stage for stage, _ in told(world)] == ["FROZEN"]
    world.restart()
    world.service.tightened.begin(world.clock.now(), lambda _: False)
    assert told(world) == []
    world.restart()
    world.service.tightened.begin(world.clock.now() + ANSWER_WITHIN, lambda _: True)
    assert told(world) == []


def test_the_vaults_log_says_it_between_two_batches(world, tmp_path):
    token = world.sign_in()
    for number in range(40):
        world.ask(token, guess(number))
    (tmp_path / "socket").touch()
    between = KeepHouse(world.service, None, tmp_path / "socket")
    with capture_logs() as lines:
        between()
        between()
    assert [(line["log_level"], line["account"], line["stage"]) for line in lines] == [
        ("warning", 1, "watched"),
        ("warning", 1, "narrowed"),
        ("warning", 1, "frozen"),
    ]
    since, due = (datetime.fromisoformat(lines[-1][each]) for each in ("since", "answer_by"))
    assert due - since == timedelta(minutes=30)
    assert "answer_by" not in lines[0]


@pytest.mark.parametrize("persisted", [False, True], ids=["lost", "kept"])
def test_nothing_is_told_before_it_is_durable_nor_twice(persisted):
    store = FailingLedger()
    world = World(store=store)
    token = world.sign_in()
    for number in range(6):
        world.ask(token, guess(number))
    before = told(world)
    store.after, store.persisted = 0, persisted
    world.service([world.question(token, guess(number)) for number in range(6, 40)])
    assert told(world) == [], "nobody knows yet what was kept"
    world.ask(token, guess(50))
    after = told(world)
    if persisted:
        assert after[-1][0] == "FROZEN"
    assert not set(before) & set(after)
    assert told(world) == []


def test_only_who_proves_who_they_are_is_told_that_they_are_frozen():
    world = OwnedWorld()
    world.service.look()
    (done,) = world.service([Contain(PHARMACY, "frozen", "reported", "nadia")])
    assert done == Done()
    refused = Refused("sign-in-refused", "sign-in refused")
    mine, theirs = ACCOUNTS[PHARMACY], ACCOUNTS[OTHER]
    now = world.clock.now()
    forged = make_assertion(PHARMACY, TOKEN_URL, theirs.key, now=now)
    late = make_assertion(PHARMACY, TOKEN_URL, mine.key, now=now - 3_600_000_000)
    for assertion, certificate in (
        (forged, mine.certificate),
        (world.assertion(PHARMACY), theirs.certificate),
        (late, mine.certificate),
        ("", mine.certificate),
    ):
        assert world.send(SignIn(assertion, certificate)) == refused

    proven = world.relayed(PHARMACY)
    assert world.send(proven) == Refused("frozen")
    # An assertion is used up by the answer: whoever overheard it learns nothing.
    assert world.send(proven) == refused
    assert isinstance(world.send(world.relayed(OTHER)), SignedIn)


def test_a_list_fits_a_frame_with_the_longest_names_and_has_pages():
    world = World()
    for number in range(60):
        site = f"STRUCT:{number:03d}" + "S" * 25
        world.add_site(site, world.registry.sites[SITE].kind)
    for name, software in list(world.registry.software.items()):
        longest = name.ljust(64, "x")
        world.registry.software[longest] = type(software)(
            client_id=longest,
            number=software.number,
            site=software.site,
            jwks={},
            certificates=software.certificates,
            sandbox=True,
            revoked=False,
        )
        del world.registry.software[name]
    world.registry.moved += 1
    world.service.look()
    (page,) = world.service([Standings()])
    (rest,) = world.service([Standings(first=50)])
    assert isinstance(page, Accounts)
    # With a moment in each column of one.
    assert len(frame(0, page)) + len(page.accounts) * 2 * 8 < FRAME_MAX
    assert (len(page.accounts), len(rest.accounts), page.total) == (50, 11, 61)
    names = {row.client_id for row in (*page.accounts, *rest.accounts)}
    assert len(names) == 61
    assert world.service([Status()])


def test_a_burst_over_a_town_leaves_its_neighbours_alone():
    """One account guesses; the others of the town go on."""
    town = Town()
    town.send(Batch(0, tuple(Asked(0, person, "wrong") for person in range(8)) * 10))
    assert stage_of(town.world) is FROZEN
    town.send(Batch(1, tuple(Asked(1, person, "card") for person in (0, 2, 4))))
    assert stage_of(town.world, town.sites[1]) is NORMAL
