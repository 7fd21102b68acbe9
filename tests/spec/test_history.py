"""What was read about me: shown to my own phone, and to nobody else."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from rempart.adapters.memory.world import MemoryChance
from rempart.adapters.vaultdoor.frames import FRAME_MAX, HEAD, frame
from rempart.domain.budget import DAY
from rempart.domain.concerned import Concern
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.coverage import Domain
from rempart.domain.disclosure import NOBODY, EntryType, Fields, Outcome, Presence, decode
from rempart.domain.finding import Finding, Window
from rempart.domain.finding_pieces import digest_of, pieces_of
from rempart.domain.fresh import WINDOW
from rempart.domain.history import A_DAY
from rempart.domain.identifiers import CardSerial
from rempart.domain.incident import Incidents
from rempart.domain.site import KIND_CODES, SiteKind
from rempart.sealing.fresh import FRESH_SIZE, HISTORY, RIGHTS, open_fresh, seal_fresh
from rempart.sealing.locks import CARD, RECORD_SIZE
from rempart.usecases.cut_off_messages import SetCutOff
from rempart.usecases.cut_off_ports import NoOrders, Order
from rempart.usecases.fresh_codes import bytes_of_fresh, text_of_fresh
from rempart.usecases.history_messages import AskHistory, Disclosed, HistoryShown
from rempart.usecases.incident_messages import IncidentSaid, SayOfIncident
from rempart.usecases.messages import Answered, Refused
from rempart.usecases.show_history import EVERY, SHOWN
from tests.failing import FailingLedger
from tests.phones import Phone, phone_key, phone_of
from tests.traffic import folds_of, fresh_folds
from tests.worlds import AnInsurer, World

title = "One's own history"

PHARMACY, OPTICIAN = "STRUCT:PHAR1", "STRUCT:OPTI1"
NO = Refused("ask-your-insurer")
SECOND = 1_000_000


def furnished(world: World) -> World:
    world.add_site(OPTICIAN, SiteKind.OPTICIAN)
    world.service.look()
    world.presence_key()  # the first to ask makes it, and its entry
    return world


@pytest.fixture
def world() -> World:
    return furnished(World())


@pytest.fixture
def card(world):
    return world.member("REF-1")


@pytest.fixture
def phone(world, card):
    return phone_of(card, world.insurer)


def code_of(world: World, shown_by: Phone, **more) -> str:
    return shown_by.now(world, aim=HISTORY, **more)


def ask(world: World, code: str):
    """As a phone asks: a moment after whoever asked before."""
    world.clock.forward(seconds=EVERY / SECOND)
    return world.service([AskHistory(code)])[0]


def history(world: World, phone: Phone) -> HistoryShown:
    shown = ask(world, code_of(world, phone))
    assert isinstance(shown, HistoryShown), shown
    return shown


def size(world: World) -> int:
    return world.service.ledger.size


def entries(world: World):
    return [decode(row.body) for row in world.store.entries()]


def seconds(world: World) -> int:
    return world.clock.now() // SECOND


# Exactly what was read, when, by what kind of account


def test_a_person_sees_what_was_read_when_by_whom_and_how_they_were_shown(world, card, phone):
    first = seconds(world)
    assert isinstance(world.ask(world.sign_in(), card.code), Answered)
    world.clock.forward(seconds=3600)
    assert isinstance(world.ask(world.sign_in(OPTICIAN), phone.now(world), domain="OPTI"), Answered)
    shown = history(world, phone)
    assert shown.answers == (
        Disclosed(
            first + 3600,
            KIND_CODES[SiteKind.OPTICIAN],
            Domain.OPTI,
            Presence.FRESH,
            Fields.RIGHTS,
            0,
        ),
        Disclosed(
            first, KIND_CODES[SiteKind.PHARMACY], Domain.PHAR, Presence.CARD, Fields.RIGHTS, 0
        ),
    )
    assert (shown.total, shown.asked) == (2, ())


def test_a_repeat_is_a_reading_too(world, card, phone):
    token = world.sign_in()
    for _ in range(2):
        assert isinstance(world.ask(token, card.code, key="k"), Answered)
    assert history(world, phone).total == 2


def test_nobody_who_was_read_by_nobody_has_an_empty_history(world, phone):
    assert history(world, phone) == HistoryShown((), 0, ())


def test_months_have_other_pseudonyms_and_one_history(world, card, phone):
    for days in (0, 3, 5):
        world.clock.forward(seconds=days * 86_400)
        today = datetime.fromtimestamp(seconds(world), UTC).date().isoformat()
        assert isinstance(world.ask(world.sign_in(), card.code, care_date=today), Answered)
    assert {entry.period for entry in entries(world)} == {2611, 2612}
    assert [each.at for each in history(world, phone).answers] == [
        seconds(world) - days * 86_400 for days in (0, 5, 8)
    ]


def test_a_vault_that_starts_again_tells_the_same(world, card, phone):
    world.ask(world.sign_in(), card.code)
    before = history(world, phone)
    world.restart()
    assert history(world, phone).answers == before.answers


# Nothing about others


def test_others_of_the_household_and_strangers_are_never_there(world, card, phone):
    """Attack: the same contract, the same insurer, another insurer."""
    other = AnInsurer(amc="99990002", key=ec.derive_private_key(8, ec.SECP256R1()))
    world.add_insurer(other)
    world.service.look()
    token = world.sign_in()
    for code in (
        world.member("REF-1-CHILD", rank="2").code,
        world.member("REF-9", member_number="B9").code,
        world.member("REF-1", insurer=other).code,
    ):
        assert isinstance(world.ask(token, code), Answered)
    assert history(world, phone).answers == ()


def test_what_was_missed_refused_or_not_opened_is_no_reading(world, card, phone):
    token = world.sign_in()
    assert world.ask(token, structs.replace(card.typed, member_number="A9999")).reason
    assert world.ask(token, card.code, domain="OPTI").reason == "forbidden-domain"
    stored = world.rights.rows
    # What somebody spoilt in the database is committed, and does not open.
    world.rights.rows = {
        key: [row._replace(stored=row.stored[:-1] + b"\0") for row in rows]
        for key, rows in stored.items()
    }
    assert world.ask(token, card.code) == Refused("unopened")
    world.rights.rows = stored
    assert decode(list(world.store.entries())[-1].body).type is EntryType.UNOPENED
    assert history(world, phone).answers == ()


def test_an_insurer_that_gives_a_lock_of_its_own_somebodys_handle_sees_nothing(world, card):
    """Attack: the handle is the victim's, lock, phone and signatures are the thief's own."""
    thief = AnInsurer(amc="99990002", key=ec.derive_private_key(8, ec.SECP256R1()))
    world.add_insurer(thief)
    world.service.look()
    world.ask(world.sign_in(), card.code)
    phone = phone_of(card, thief)
    secret, serial = phone.card.secret, CardSerial(key_version=1, number=1)
    world._lock(thief, card.handle, bytes(RECORD_SIZE), CARD, serial, date(2026, 12, 31), secret)
    assert history(world, phone).answers == ()


def test_the_database_has_no_say_in_whose_history_is_shown(world, card, phone):
    """Attack: an administrator puts the victim's handle, or whole lock, under the thief's card."""
    victim = world.member("REF-2", member_number="B2")
    world.ask(world.sign_in(), victim.code)
    stored = world.rights.rows
    theirs = next(row for rows in stored.values() for row in rows if row.handle == victim.handle)
    for spoilt in (lambda row: row._replace(handle=victim.handle), lambda _: theirs):
        world.rights.rows = {
            key: [spoilt(row) for row in rows if row.handle == card.handle]
            for key, rows in stored.items()
        }
        assert ask(world, code_of(world, phone)) == NO


# One answer for everything else


def lost(world: World) -> None:
    """The insurer has given the card another serial."""
    world.rights.rows = {}
    world.member("REF-1", serial=CardSerial(key_version=1, number=2))


def otherwise(world: World, card, phone: Phone) -> dict[str, str]:
    """Every code that shows nobody anything, by why."""
    used, good = code_of(world, phone), code_of(world, phone)
    history_of = {used: ask(world, used)}
    assert isinstance(history_of[used], HistoryShown)
    theirs = AnInsurer(amc=world.insurer.amc, key=ec.derive_private_key(99, ec.SECP256R1()))
    sealed = bytearray(bytes_of_fresh(good, HISTORY))
    sealed[100] ^= 1
    past = phone.with_claims(valid_from=date(2026, 11, 1), valid_to=date(2026, 11, 23))
    return {
        "nothing": "",
        "any text": "RH1:",
        "a static card": card.code,
        "a static card under the prefix": HISTORY.prefix + card.code.removeprefix("RP1:"),
        "made up": text_of_fresh(bytes(FRESH_SIZE), HISTORY),
        "changed": text_of_fresh(bytes(sealed), HISTORY),
        "replayed": used,
        "late": code_of(world, phone, late=WINDOW + 2),
        "early": code_of(world, phone, late=-WINDOW - 2),
        "made for rights": phone.now(world),
        "made for rights, renamed": HISTORY.prefix + phone.now(world).removeprefix(RIGHTS.prefix),
        "another phone": code_of(world, phone, phone=phone_key(2)),
        "not enrolled by the insurer": code_of(world, phone_of(card, theirs)),
        "an enrolment that has ended": code_of(world, past),
        "a card that nobody has": code_of(world, phone.with_claims(secret=b"s" * 16)),
    }


def test_whatever_it_is_there_is_one_answer(world, card, phone):
    world.ask(world.sign_in(), card.code)
    said = {why: ask(world, code) for why, code in otherwise(world, card, phone).items()}
    assert {why: reply for why, reply in said.items() if reply != NO} == {}
    assert len({frame(7, reply) for reply in said.values()}) == 1


def test_a_lost_card_ends_its_phones_history_with_it(world, phone):
    lost(world)
    assert ask(world, code_of(world, phone)) == NO


def test_a_card_that_has_ended_shows_nothing(world):
    card = world.member("REF-3", ends=date(2026, 11, 23))
    assert ask(world, code_of(world, phone_of(card, world.insurer))) == NO


def test_who_tries_cards_one_after_another_reads_and_writes_nothing(world, card):
    """Attack: static codes, and any text, by the thousand; no look-up that time could betray."""
    looked = []
    world.service.history.rights = Counting(world.rights, looked)
    before = size(world)
    for number in range(200):
        made_up = text_of_fresh(bytes([number]) * FRESH_SIZE, HISTORY)
        for code in (card.code, made_up, "RP1:" + made_up[4:]):
            assert ask(world, code) == NO
    assert (size(world), looked) == (before, [])


class Counting:
    """Rights that say when somebody looks."""

    def __init__(self, rights, looked: list):
        self.rights, self.looked = rights, looked

    def find(self, indexes):
        self.looked.append(1)
        return self.rights.find(indexes)


# One aim


def test_what_a_professional_scanned_shows_no_history(world, card, phone):
    """Attack: the code of a question, read at a counter and kept to see where this patient goes."""
    code = phone.now(world)
    assert ask(world, code) == NO
    assert ask(world, HISTORY.prefix + code.removeprefix(RIGHTS.prefix)) == NO
    assert isinstance(world.ask(world.sign_in(), code), Answered), "and it still serves its aim"


def test_a_history_code_is_no_presence(world, phone):
    """Attack: in clear, renamed, and sealed by the practice's software."""
    code = code_of(world, phone)
    renamed = RIGHTS.prefix + code.removeprefix(HISTORY.prefix)
    token, seal = world.sign_in_sealing()
    for reply, step in (
        (world.ask(world.sign_in(), code), "well-formed"),
        (world.ask(world.sign_in(), renamed), "sealed"),
        (world.send(world.sealed(seal, token, renamed)), "sealed"),
    ):
        assert (reply.reason, reply.detail.partition(":")[0]) == ("card-refused", step)
    assert isinstance(ask(world, code), HistoryShown)


def test_who_opens_a_code_cannot_seal_it_again_for_another_aim(world, phone):
    """Attack: by the vault's own key, as a vault that was broken into would."""
    (name,) = world.vault_keys.names("presence/")
    private, vault = world.vault_keys.get(name), world.presence_key()
    inside = open_fresh(bytes_of_fresh(phone.now(world)), private)
    again = seal_fresh(inside, ephemeral=b"e" * 32, vault=vault, aim=HISTORY)
    assert ask(world, text_of_fresh(again, HISTORY)) == NO


def test_a_code_of_one_aim_uses_up_none_of_the_other(world, phone):
    assert isinstance(world.ask(world.sign_in(), phone.now(world)), Answered)
    assert history(world, phone).total == 1
    assert isinstance(world.ask(world.sign_in(), phone.now(world)), Answered)


# Asking is an entry, and is bounded


def test_the_entry_comes_first_and_shows_in_the_next_answer(world, card, phone):
    at = seconds(world)
    history(world, phone)
    entry = entries(world)[-1]
    assert (entry.type, entry.outcome, entry.presence) == (
        EntryType.HISTORY,
        Outcome.OPENED,
        Presence.FRESH,
    )
    assert (entry.amc, entry.account, entry.site) == (int(world.insurer.amc), bytes(16), bytes(16))
    world.clock.forward(seconds=60)
    assert history(world, phone).asked == (at,)


@pytest.mark.parametrize("kept", [False, True], ids=["not kept", "kept"])
def test_what_cannot_be_written_shows_nothing(kept):
    store = FailingLedger()
    world = furnished(World(store=store))
    phone = phone_of(world.member("REF-1"), world.insurer)
    code = code_of(world, phone)
    store.after, store.persisted = 0, kept
    assert ask(world, code) == Refused("unavailable")
    again = ask(world, code)
    assert again == NO if kept else isinstance(again, HistoryShown)
    assert folds_of(world).fresh == fresh_folds(world).fresh
    assert folds_of(world).asked == fresh_folds(world).asked


def test_a_card_is_answered_a_few_times_a_day(world, card, phone):
    """Attack: a phone in other hands follows its owner."""
    for _ in range(A_DAY):
        history(world, phone)
    before = size(world)
    for _ in range(20):
        assert ask(world, code_of(world, phone)) == NO
    assert size(world) == before + 1, "one line says so, and no stranger fills the ledger"
    assert entries(world)[-1].outcome is Outcome.OVER_BUDGET
    other = phone_of(card, world.insurer, number=2)
    assert ask(world, code_of(world, other)) == NO, "another phone of the same card"
    world.restart()
    assert ask(world, code_of(world, phone)) == NO
    world.clock.forward(seconds=86_400)
    assert len(history(world, phone).asked) == A_DAY
    for _ in range(A_DAY - 1):
        history(world, phone)
    assert ask(world, code_of(world, phone)) == NO, "and so is the next day"


def test_another_member_has_days_of_their_own(world, phone):
    child = phone_of(world.member("REF-1-CHILD", rank="2"), world.insurer, number=3)
    for _ in range(A_DAY):
        history(world, phone)
    assert history(world, child).asked == ()


def test_a_card_that_nobody_has_leaves_no_more_lines_than_another(world, phone):
    before, made_up = size(world), phone.with_claims(secret=b"s" * 16)
    for _ in range(10):
        assert ask(world, code_of(world, made_up)) == NO
    assert size(world) == before + A_DAY + 1
    assert {entry.person for entry in entries(world)[before:]} == {bytes(16)}


def test_on_the_day_of_a_breach_patients_come_first(world, card, phone):
    """Two at once: the second comes back, and its code still serves."""
    child = phone_of(world.member("REF-1-CHILD", rank="2"), world.insurer, number=3)
    codes = [code_of(world, each) for each in (phone, child)]
    world.clock.forward(seconds=1)
    first, second = world.service([AskHistory(code) for code in codes])
    assert isinstance(first, HistoryShown)
    assert second == Refused("unavailable")
    assert isinstance(ask(world, codes[1]), HistoryShown)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40), st.booleans()), max_size=14))
def test_each_code_is_answered_once_and_each_card_three_times(asked):
    world = furnished(World())
    phone = phone_of(world.member("REF-1"), world.insurer)
    codes = [code_of(world, phone, late=15 * late - 40) for late in range(6)]
    shown: list[int] = []
    for number, wait, restarts in asked:
        world.clock.forward(seconds=wait)
        if restarts:
            world.restart()
        if isinstance(ask(world, codes[number]), HistoryShown):
            shown.append(number)
    assert len(shown) == len(set(shown)) <= A_DAY
    assert folds_of(world).fresh == fresh_folds(world).fresh
    assert folds_of(world).asked == fresh_folds(world).asked


def test_the_longest_answer_fits_a_frame(world):
    most = Disclosed(2**32 - 1, 13, 15, 5, 7, Concern.BREACHED)
    reply = HistoryShown((most,) * SHOWN, 10**6, (2**32 - 1,) * 20)
    assert len(frame(1, reply)) - HEAD.size <= FRAME_MAX


def test_the_latest_come_first_and_the_rest_is_counted(world, card, phone, monkeypatch):
    monkeypatch.setattr("rempart.usecases.show_history.SHOWN", 2)
    token = world.sign_in()
    for _ in range(5):
        world.clock.forward(seconds=1)
        world.ask(token, card.code)
    shown = history(world, phone)
    assert (len(shown.answers), shown.total) == (2, 5)
    assert shown.answers[0].at == seconds(world)


# In a declared breach


def found(world: World, named: Finding | None = None, **more) -> int:
    """An incident, and what is found of it, with the sessions that are ``named``; its number."""
    opened = say(world, did="opened", origin="person").incident
    window = {
        "accounts": (PHARMACY,),
        "earliest": world.clock.now() - 2 * DAY,
        "contained": world.clock.now(),
    }
    refs = [
        say(world, incident=opened, did="named", words=digest_of(opened, piece), piece=piece).ref
        for piece in pieces_of(named or Finding(suspects=()))
    ]
    say(world, incident=opened, did="finding", named=tuple(refs), **(window | more))
    return opened


def say(world: World, *, incident: int = 0, words: bytes = b"", **more) -> IncidentSaid:
    words = words or MemoryChance(b"%d" % size(world)).draw(32)
    reply = world.service([SayOfIncident(incident, more.pop("did"), "nadia", words, **more)])[0]
    assert isinstance(reply, IncidentSaid), reply.detail
    return reply


def in_earnest(world: World) -> Incidents:
    """What happens from now on is no exercise."""
    incidents = world.service.incidents.incidents
    incidents.sandbox = False
    return incidents


def freeze(world: World, name: str = PHARMACY, *, stage: Stage = Stage.FROZEN) -> int:
    """As the guard does; the entry."""
    contain = world.service.contain
    decision = Decision(authority=Authority.GUARD, why=Why.INSISTED)
    contain.decide(contain.account(name), stage, decision)
    return size(world) - 1


def concerns(world: World, phone: Phone) -> list[int]:
    return [each.concern for each in history(world, phone).answers]


def read_three_times(world: World, card) -> None:
    """Before, within and after; and within, at another shop."""
    for seconds_more in (0, 86_400, 3 * 86_400):
        world.clock.forward(seconds=seconds_more)
        today = datetime.fromtimestamp(seconds(world), UTC).date().isoformat()
        world.ask(world.sign_in(), card.code, care_date=today)
        world.ask(world.sign_in(OPTICIAN), card.code, domain="OPTI", care_date=today)


@pytest.mark.parametrize(
    ("rest", "within"),
    [
        ("thief", Concern.BREACHED),
        ("unknown", Concern.UNDECIDED),
        ("owner", Concern.CLEARED),
    ],
)
def test_an_answer_of_an_account_that_was_stolen_says_by_whom(world, card, phone, rest, within):
    """Before and after, by its owner; of another account, nothing."""
    start = world.clock.now()
    read_three_times(world, card)
    found(world, earliest=start + DAY // 2, contained=start + 2 * DAY, rest=rest)
    told = {
        (each.at - start // SECOND, each.kind): each.concern
        for each in history(world, phone).answers
    }
    pharmacy = KIND_CODES[SiteKind.PHARMACY]
    assert {key: each for key, each in told.items() if each} == {
        (0, pharmacy): Concern.CLEARED,
        (86_400, pharmacy): within,
        (4 * 86_400, pharmacy): Concern.CLEARED,
    }
    assert len(told) == 6


def test_whose_a_session_is_named_counts(world, card, phone):
    """The thief's, the owner's, and one that both used."""
    for _ in range(3):
        world.ask(world.sign_in(), card.code)
        world.clock.forward(seconds=60)
    thief, owner, both = (each.session for each in entries(world) if each.person != NOBODY)
    named = Finding(suspects=(), thief=frozenset({thief}), owner=frozenset({owner}))
    found(world, named)
    assert concerns(world, phone) == [Concern.UNDECIDED, Concern.CLEARED, Concern.BREACHED]
    world.restart()
    assert concerns(world, phone) == [Concern.UNDECIDED, Concern.CLEARED, Concern.BREACHED]
    assert len({thief, owner, both}) == 3


def test_what_passed_a_gateway_in_other_hands_was_read_whoever_asked(world, card, phone):
    read_three_times(world, card)
    until = world.clock.now()
    gateway = (Window(until, until),)
    more = {"accounts": (), "earliest": until, "contained": until, "gateway": True}
    found(world, Finding(suspects=(), gateway=gateway), **more)
    assert concerns(world, phone) == 2 * [Concern.BREACHED] + 4 * [0]


def test_an_account_that_was_frozen_is_looked_into_until_something_is_found(world, card, phone):
    read_three_times(world, card)
    in_earnest(world)
    window = {"accounts": (PHARMACY,), "earliest": world.clock.now(), "rest": "thief"}
    incident = freeze(world)
    assert concerns(world, phone) == 3 * [0, Concern.LOOKED_INTO]
    say(world, incident=incident, did="finding", **window)
    assert concerns(world, phone) == [0, Concern.BREACHED, 0, 0, 0, 0]
    say(world, incident=incident, did="closed", outcome="no-breach")
    assert concerns(world, phone) == 6 * [0]


def test_one_that_is_only_narrowed_is_not_looked_into(world, card, phone):
    world.ask(world.sign_in(), card.code)
    freeze(world, stage=Stage.NARROWED)
    assert concerns(world, phone) == [0]


def test_the_worst_of_two_findings_is_said(world, card, phone):
    world.ask(world.sign_in(), card.code)
    found(world, rest="unknown")
    found(world, rest="thief")
    assert [each.concern for each in history(world, phone).answers] == [Concern.BREACHED]


def test_an_account_that_is_not_contained_goes_on_being_said(world, card, phone):
    found(world, rest="thief", contained=0)
    world.clock.forward(seconds=60)
    world.ask(world.sign_in(), card.code)
    assert [each.concern for each in history(world, phone).answers] == [Concern.BREACHED]


@pytest.mark.parametrize("named", [False, True], ids=["accounts", "gateway"])
def test_an_exercise_frightens_nobody(world, card, phone, named):
    """Attack: a drill on the real platform, over the hours in which everybody was read."""
    world.ask(world.sign_in(), card.code)
    until, incidents = world.clock.now(), in_earnest(world)
    opened = say(world, did="opened", origin="person", exercise=True).incident
    gateway = (Window(until - DAY, until),) if named else ()
    piece = pieces_of(Finding(suspects=(), gateway=gateway))[0]
    ref = say(world, incident=opened, did="named", words=digest_of(opened, piece), piece=piece).ref
    finding = {
        "accounts": () if named else (PHARMACY,),
        "earliest": until - DAY,
        "contained": until,
        "rest": "thief",
        "gateway": named,
    }
    say(world, incident=opened, did="finding", named=(ref,), **finding)
    assert concerns(world, phone) == [0]
    incidents.sandbox = True
    assert concerns(world, phone) == [Concern.BREACHED], "in a sandbox, it is what is shown"


def test_what_was_dismissed_frightens_nobody(world, card, phone):
    world.ask(world.sign_in(), card.code)
    in_earnest(world)
    dismissed = found(world, rest="thief")
    assert concerns(world, phone) == [Concern.BREACHED]
    say(world, incident=dismissed, did="closed", outcome="no-breach")
    assert concerns(world, phone) == [0]


# While something is cut


@pytest.mark.parametrize(
    ("scope", "what"),
    [
        ("platform", ""),
        ("rights", ""),
        ("channel", "portal"),
        ("channel", "api"),
        ("presence", "card"),
        ("site", PHARMACY),
    ],
)
def test_people_are_told_while_the_platform_is_cut(world, card, phone, scope, what):
    world.ask(world.sign_in(), card.code)
    reply = world.service([SetCutOff(scope, what, "incident", by="nadia")])[0]
    assert not isinstance(reply, Refused)
    assert history(world, phone).total == 1


def test_where_codes_of_phones_are_cut_everybody_is_told_when_to_come_back(world, card, phone):
    until = world.clock.now() + 599 * SECOND
    world.service([SetCutOff("presence", "fresh", "suspicion", by="nadia", until=until)])
    before = size(world)
    assert (
        ask(world, code_of(world, phone)) == ask(world, card.code) == Refused("cut-off", after=599)
    )
    assert size(world) == before
    world.clock.forward(seconds=601)
    assert isinstance(ask(world, code_of(world, phone)), HistoryShown)


def test_an_order_to_cut_that_waits_is_taken_in_first(world, card, phone):
    orders = world.service.cut.orders = NoOrders()
    wanted = SetCutOff("presence", "fresh", "suspicion", by="nadia")
    orders.orders.append(Order(world.clock.now(), wanted))
    assert ask(world, code_of(world, phone)) == Refused("cut-off")


def test_where_an_insurer_is_cut_its_members_ask_it(world, card, phone):
    """Its card key may be the thief's."""
    world.ask(world.sign_in(), card.code)
    world.service([SetCutOff("insurer", world.insurer.amc, "incident", by="nadia")])
    assert ask(world, code_of(world, phone)) == NO
    assert entries(world)[-1].outcome is Outcome.CUT_OFF


def test_a_history_counts_for_no_budget_and_no_guard(world, card, phone):
    world.ask(world.sign_in(), card.code)
    history(world, phone)
    ours, theirs = folds_of(world), fresh_folds(world)
    assert ours.guard.sites == theirs.guard.sites
    assert ours.counts == theirs.counts
