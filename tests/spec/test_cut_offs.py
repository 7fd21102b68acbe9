"""Switches: what each cuts and leaves standing, who opens again, what the ledger keeps of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.adapters.memory.rights import MemoryRights
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.cutoff import (
    GUARDS_CUT_FOR,
    MAY_CUT,
    TOGETHER,
    CutOff,
    cleared_codes,
    falls_together,
)
from rempart.domain.cutoff_words import NARROW, TAKES_TWO, Channel, CutWhy, Scope
from rempart.domain.disclosure import Entry, EntryType, Outcome, Presence, decode
from rempart.domain.errors import ForbiddenTransition, MalformedIdentifier, TemporarilyUnavailable
from rempart.domain.person import Role
from rempart.domain.site import SiteKind
from rempart.usecases.assemble_vault import VaultPorts
from rempart.usecases.audit_ledger import AuditLedger, LedgerDisproved
from rempart.usecases.clearing import clearing_statement
from rempart.usecases.confirm_together import confirm
from rempart.usecases.cut_off_messages import (
    ClearCutOff,
    CutOffSet,
    CutOffsShown,
    ListCutOffs,
    SetCutOff,
)
from rempart.usecases.cut_off_ports import NoOrders, Order
from rempart.usecases.cut_together import guards
from rempart.usecases.messages import (
    Answered,
    Done,
    Refused,
    Reply,
    SignIn,
    Typed,
)
from rempart.usecases.people_messages import (
    Approve,
    ListProposals,
    ListSessions,
    Propose,
    Report,
    WhoAmI,
)
from rempart.usecases.people_replies import Entered, Proposed
from rempart.usecases.ports import LockRow
from tests.failing import FailingLedger
from tests.people import PHARMACY, PeopleWorld, professional, staff
from tests.traffic import assert_same_folds, folds_of, fresh_folds
from tests.worlds import CERTIFICATE, AnInsurer, Card, World

title = "What a switch cuts, and what it leaves"

SECOND, HOUR = 1_000_000, 3_600_000_000
OTHER = "STRUCT:PHAR2"
PRODUCT = "LGO 7.1"


@dataclass
class CountedRights(MemoryRights):
    """Says how often somebody was looked up."""

    looked_up: int = 0

    def find(self, indexes: Sequence[bytes]) -> Sequence[LockRow]:
        self.looked_up += 1
        return super().find(indexes)


@dataclass(kw_only=True)
class Switched(World):
    """Two pharmacies with two products, two insurers, two operators' keys."""

    rights: CountedRights = field(default_factory=CountedRights)
    orders: NoOrders = field(default_factory=NoOrders)
    operators: dict[bytes, str] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)
    second: AnInsurer = field(default_factory=lambda: AnInsurer(amc="99990002"))

    def __post_init__(self) -> None:
        super().__post_init__()
        self.add_insurer(self.second)
        self.add_software(PHARMACY, PHARMACY, product=PRODUCT)
        self.add_site(OTHER, SiteKind.PHARMACY, product="LGO 8.0")
        self.service.look()

    def put(self, *, epoch: int, note: str) -> None:
        self.rows.append(note)

    def ports(self) -> VaultPorts:
        return replace(
            super().ports(),
            cut_row=self,
            cut_orders=self.orders,
            operators=lambda: self.operators,
        )

    def cut(self, scope: str, what: str = "", **more: object) -> int:
        set_ = self.send(SetCutOff(scope, what, "incident", by="nadia", **more))
        assert isinstance(set_, CutOffSet), set_
        return set_.ref

    def cut_in_a_second(self, scope: str, what: str) -> None:
        """As sessions see it that have not ended yet: the vault keeps house twice a second."""
        self.cut(scope, what, since=self.clock.now() + SECOND)
        self.clock.forward(seconds=1)

    def questions(self) -> list[Entry]:
        entries = [decode(row.body) for row in self.store.rows]
        return [entry for entry in entries if entry.type is EntryType.QUESTION]


@pytest.fixture
def world() -> Switched:
    return Switched()


@pytest.fixture
def card(world: Switched) -> Card:
    return world.member("anybody")


def is_cut(reply: Reply) -> bool:
    return isinstance(reply, Refused) and reply.reason == "cut-off"


# One thing is cut, and the others stand

EVERY = [
    ("site", PHARMACY),
    ("account", PHARMACY),
    ("software", PRODUCT),
    ("channel", "api"),
    ("insurer", "99990001"),
    ("presence", "card"),
    ("rights", ""),
    ("platform", ""),
]
STANDS = {
    # Beside what is cut: another site's question, another insurer's, another presence's.
    "site": {"other site"},
    "account": {"other site"},
    "software": {"other site"},
    "channel": set(),
    "insurer": {"other insurer"},
    "presence": {"typed"},
    "rights": set(),
    "platform": set(),
}


@pytest.mark.parametrize(("scope", "what"), EVERY)
def test_each_scope_cuts_its_own_and_leaves_the_others(world, card, scope, what):
    second = world.member("other", insurer=world.second, member_number="B7")
    here, there = world.sign_in(), world.sign_in(OTHER)
    assert isinstance(world.ask(here, card.code), Answered)

    asks = {
        "itself": world.question(here, card.code),
        "other site": world.question(there, card.code),
        "other insurer": world.question(here, second.code),
        "typed": world.question(here, card.typed),
    }
    world.cut_in_a_second(scope, what)
    replies = dict(zip(asks, world.service(list(asks.values())), strict=True))

    assert is_cut(replies.pop("itself"))
    standing = {name for name, reply in replies.items() if isinstance(reply, Answered)}
    assert standing == STANDS[scope]
    assert all(is_cut(replies[name]) for name in set(replies) - standing)


def test_billing_agreement_and_the_portal_are_cut_without_the_api(world, card):
    here = world.sign_in()
    for channel in ("billing", "agreement", "portal"):
        world.cut("channel", channel)
    assert isinstance(world.ask(here, card.code), Answered)
    shown = world.send(ListCutOffs())
    assert {row.what for row in shown.cut_offs} == {"billing", "agreement", "portal"}


@pytest.mark.parametrize(("scope", "what"), [e for e in EVERY if e[0] != "presence"])
def test_a_cut_question_leaves_its_entry_and_looks_nobody_up(world, card, scope, what):
    here = world.sign_in()
    world.cut_in_a_second(scope, what)
    found = world.rights.looked_up
    reply = world.ask(here, card.code)

    assert is_cut(reply)
    assert world.rights.looked_up == found
    (entry,) = world.questions()
    assert (entry.outcome, entry.fields, entry.person) == (Outcome.CUT_OFF, 0, bytes(16))
    assert entry.amc == 99990001
    assert_same_folds(world)


def test_what_was_cut_is_answered_afterwards_under_the_same_key(world, card):
    here = world.sign_in()
    ref = world.cut("channel", "api")
    ask = world.question(here, card.code, key="same")
    assert is_cut(world.send(ask))
    assert is_cut(world.send(ask))

    assert world.send(ClearCutOff(ref, "nadia")) == Done()
    reply = world.send(ask)

    assert isinstance(reply, Answered)
    assert not reply.repeated
    assert_same_folds(world)


def test_what_was_answered_before_is_not_repeated_under_a_cut(world, card):
    here = world.sign_in()
    ask = world.question(here, card.code, key="same")
    assert isinstance(world.send(ask), Answered)
    world.cut("rights")
    assert is_cut(world.send(ask))


def test_a_cut_guess_teaches_nothing_and_costs_nothing(world, card):
    """Hit and miss read alike, and neither is weighed: nobody is narrowed for a cut."""
    here = world.sign_in()
    world.cut("insurer", "99990001")
    wrong = Typed("99990001", "Z9999", "19700101", "1", "7K3M9QXT")
    replies = [world.ask(here, wrong) for _ in range(30)]
    assert set(replies) == {world.ask(here, card.typed)} == {Refused("cut-off")}
    account = world.service.sessions.accounts.by_name[PHARMACY]
    assert folds_of(world).guard.stage(account.number) is Stage.NORMAL


# Kinds of presence


def test_typed_is_cut_hit_and_miss_alike_and_known_goes_on(world, card):
    here, there = world.sign_in(), world.sign_in(OTHER)
    assert isinstance(world.ask(here, card.code), Answered)
    world.cut("presence", "declared")
    wrong = replace_key(card.typed)

    assert isinstance(world.ask(here, card.typed), Answered)
    assert is_cut(world.ask(there, card.typed))
    assert world.ask(there, card.typed) == world.ask(there, wrong)
    assert world.questions()[-1].presence is Presence.DECLARED


def replace_key(typed: Typed) -> Typed:
    key = "7K3M9QXT" if typed.printed_key != "7K3M9QXT" else "8K3M9QXT"
    return Typed(typed.amc, typed.member_number, typed.birth_date, typed.birth_rank, key)


def test_known_is_cut_by_its_own_name(world, card):
    here = world.sign_in()
    assert isinstance(world.ask(here, card.code), Answered)
    world.cut("presence", "known")
    assert is_cut(world.ask(here, card.typed))
    assert isinstance(world.ask(here, card.code), Answered)


# Moments


def test_a_cut_begins_and_ends_at_its_moments(world, card):
    here, now = world.sign_in(), world.clock.now()
    world.cut("rights", since=now + 10 * SECOND, until=now + 20 * SECOND)
    seen = []
    for _ in range(25):
        seen.append(is_cut(world.ask(here, card.code)))
        world.clock.forward(seconds=1)
    assert seen == [10 <= second < 20 for second in range(25)]
    shown = world.send(ListCutOffs())
    assert shown == CutOffsShown((), 0)


def test_the_caller_is_told_when_to_come_back_where_it_is_known(world, card):
    here, now = world.sign_in(), world.clock.now()
    world.cut("rights", until=now + 90 * SECOND)
    assert world.ask(here, card.code) == Refused("cut-off", after=90)
    # Two of them: the later end counts, and an unknown one most of all.
    world.cut("channel", "api", until=now + 200 * SECOND)
    assert world.ask(here, card.code) == Refused("cut-off", after=200)
    ref = world.cut("insurer", "99990001")
    assert world.ask(here, card.code) == Refused("cut-off", after=0)
    world.send(ClearCutOff(ref, "nadia"))
    world.clock.forward(seconds=10)
    assert world.ask(here, card.code) == Refused("cut-off", after=190)


def test_a_cut_is_never_dated_back(world):
    world.clock.forward(seconds=60)
    world.cut("channel", "api", since=world.clock.now() - 50 * SECOND)
    (codes,) = world.details(EntryType.CUT_OFF)
    assert codes["since"] == world.clock.now()


WRONG = [
    SetCutOff("galaxy", "", "incident", by="nadia"),
    SetCutOff("channel", "fax", "incident", by="nadia"),
    SetCutOff("channel", "", "incident", by="nadia"),
    SetCutOff("account", "nobody", "incident", by="nadia"),
    SetCutOff("site", "STRUCT:NOWHERE", "incident", by="nadia"),
    SetCutOff("software", "", "incident", by="nadia"),
    SetCutOff("software", "LGO 9", "incident", by="nadia"),
    SetCutOff("insurer", "12345678", "incident", by="nadia"),
    SetCutOff("insurer", "0", "incident", by="nadia"),
    SetCutOff("presence", "none", "incident", by="nadia"),
    SetCutOff("platform", "everything", "incident", by="nadia"),
    SetCutOff("platform", "", "because", by="nadia"),
    SetCutOff("platform", "", "frozen-together", by="nadia"),
    SetCutOff("platform", "", "incident", by=""),
    SetCutOff("platform", "", "incident", by="Jean Dupont"),
    SetCutOff("platform", "", "incident", until=1, by="nadia"),
    SetCutOff("platform", "", "incident", by="nadia", order="0f" * 15),
    SetCutOff("platform", "", "incident", by="nadia", order="not hexadecimal"),
    SetCutOff("platform", "", "incident", since=2**60, until=2**60, by="nadia"),
    ClearCutOff(0, "nadia"),
    ClearCutOff(10**9, "nadia"),
]


@pytest.mark.parametrize("request_", WRONG)
def test_what_cannot_be_cut_is_refused_and_leaves_nothing(world, request_):
    size = world.service.ledger.size
    assert world.send(request_).reason == "forbidden-move"
    assert world.service.ledger.size == size


# Sessions


@pytest.mark.parametrize(
    ("scope", "what"), [("site", PHARMACY), ("account", PHARMACY), ("software", PRODUCT)]
)
def test_sessions_of_who_is_cut_end_and_none_begins(world, card, scope, what):
    here, there = world.sign_in(), world.sign_in(OTHER)
    ref = world.cut(scope, what)
    assert world.ask(here, card.code) == Refused("not-signed-in")
    assert isinstance(world.ask(there, card.code), Answered)
    assert world.send(SignIn(f"{PHARMACY} jti-x", CERTIFICATE)) == Refused("cut-off")
    world.send(ClearCutOff(ref, "nadia"))
    # What was stolen before is worth nothing afterwards.
    assert world.ask(here, card.code) == Refused("not-signed-in")
    assert isinstance(world.ask(world.sign_in(), card.code), Answered)


def test_sessions_of_who_is_cut_later_end_when_it_begins(world, card):
    here = world.sign_in()
    world.cut("site", PHARMACY, since=world.clock.now() + 5 * SECOND)
    world.service.between()
    assert isinstance(world.ask(here, card.code), Answered)
    world.clock.forward(seconds=6)
    world.service.between()
    assert world.ask(here, card.code) == Refused("not-signed-in")


def test_sessions_stay_through_what_is_wide_and_go_on_afterwards(world, card):
    """Twenty thousand sites do not sign in again in the same second."""
    here = world.sign_in()
    ref = world.cut("channel", "api")
    world.service.between()
    assert is_cut(world.ask(here, card.code))
    world.send(ClearCutOff(ref, "nadia"))
    assert isinstance(world.ask(here, card.code), Answered)


def test_who_cannot_sign_in_for_a_cut_is_in_the_ledger(world):
    world.cut("channel", "api")
    assert world.send(SignIn(f"{OTHER} jti-1", CERTIFICATE)) == Refused("cut-off")
    (codes,) = world.details(EntryType.SIGN_IN_REFUSED)
    account = world.service.sessions.accounts.by_name[OTHER]
    assert (codes["account"], codes["doubt"]) == (account.number, "cut-off")


def test_who_proves_nothing_is_not_told_of_a_cut(world):
    world.cut("channel", "api")
    assert world.send(SignIn(f"{OTHER} jti-1", b"x" * 32)).reason == "sign-in-refused"


# In flight


def test_a_cut_sent_with_questions_comes_before_them(world, card):
    here = world.sign_in()
    batch = [world.question(here, card.code), SetCutOff("rights", "", "incident", by="nadia")]
    first, second = world.service(batch)
    assert is_cut(first)
    assert isinstance(second, CutOffSet)


class CutWhileCommitting(FailingLedger):
    """An order lands while a batch commits."""

    orders: NoOrders | None = None

    def append(self, **what: object) -> None:  # type: ignore[override]
        FailingLedger.append(self, **what)  # type: ignore[arg-type]
        if self.orders is not None:
            wanted = SetCutOff("rights", "", "incident", by="nadia")
            self.orders.orders.append(Order(0, wanted))
            self.orders = None


def test_what_is_cut_while_it_is_committed_stays_shut():
    store = CutWhileCommitting()
    world = Switched(store=store)
    cards = [world.member(f"m{n}", member_number=f"C{n}") for n in range(3)]
    here = world.sign_in()
    asks = [world.question(here, card.code) for card in cards]
    store.orders = world.orders

    replies = world.service(asks)

    assert replies == [Refused("cut-off")] * 3
    entries = [decode(row.body) for row in world.store.rows]
    opened = [n for n, e in enumerate(entries) if e.outcome is Outcome.OPENED]
    shut = [e.cites for e in entries if e.type is EntryType.UNOPENED]
    assert len(opened) == 3
    assert shut == opened
    (ref,) = [n for n, e in enumerate(entries) if e.type is EntryType.CUT_OFF]
    assert [codes["cut_off"] for codes in world.details(EntryType.UNOPENED)] == [ref] * 3
    world.service.ledger.publish()
    AuditLedger(world.store, world.service.ledger.signer.verifier)()
    assert_same_folds(world)


def test_a_cut_that_begins_while_a_batch_is_committed_keeps_it_shut():
    """By its own moment, which passes between the commit and the opening."""
    store = SlowLedger()
    world = Switched(store=store)
    store.clock = world.clock
    card = world.member("anybody")
    here = world.sign_in()
    world.cut("rights", since=world.clock.now() + 2 * SECOND)
    store.slow = 3
    assert is_cut(world.ask(here, card.code))


class SlowLedger(FailingLedger):
    """A commit that takes its time."""

    clock: object = None
    slow: int = 0

    def append(self, **what: object) -> None:  # type: ignore[override]
        FailingLedger.append(self, **what)  # type: ignore[arg-type]
        if self.slow:
            self.clock.forward(seconds=self.slow)
            self.slow = 0


# Orders that were left in files


def an_order(at: int, **what: str) -> Order:
    given = {"scope": "channel", "what": "api", "why": "incident", "by": "nadia"} | what
    return Order(at, SetCutOff(order="0f" * 16, **given))


def test_an_order_is_taken_in_once_and_dated_as_it_was_given(world):
    asked = world.clock.now()
    world.clock.forward(seconds=40)
    order = an_order(asked)
    world.orders.orders.append(order)
    world.service.cut.take_in()
    # A crash between the entry and the end of the file: the same order is read again.
    world.orders.orders.append(order)
    world.restart()
    world.service.cut.take_in()

    (codes,) = world.details(EntryType.CUT_OFF)
    assert codes["since"] == asked
    assert world.orders.orders == []
    assert world.send(ListCutOffs()).total == 1
    assert world.send(SignIn(f"{OTHER} jti-1", CERTIFICATE)) == Refused("cut-off")


@pytest.mark.parametrize("wrong", [{"scope": "galaxy"}, {"what": "fax"}, {"by": "Jean Dupont"}])
def test_an_order_that_cannot_be_understood_keeps_the_vault_shut(world, card, wrong):
    here = world.sign_in()
    world.orders.orders.append(an_order(world.clock.now(), **wrong))
    with pytest.raises(TemporarilyUnavailable):
        world.service.cut.take_in()
    assert world.ask(here, card.code) == Refused("unavailable")
    world.orders.orders.clear()
    assert isinstance(world.ask(here, card.code), Answered)


# The ledger


def test_each_change_is_an_entry_and_a_restart_finds_the_switches_where_they_were(world, card):
    first = world.cut("channel", "portal")
    second = world.cut("insurer", "99990002", until=world.clock.now() + HOUR)
    world.send(ClearCutOff(first, "basile"))
    entries = [decode(row.body) for row in world.store.rows]
    cuts = [e for e in entries if e.type is EntryType.CUT_OFF]
    assert [e.cites for e in cuts] == [2**64 - 1, 2**64 - 1, first]
    assert [e.amc for e in cuts] == [0, 99990002, 0]
    assert world.details(EntryType.CUT_OFF)[-1] == {"cleared": 1, "by": "basile"}
    before = folds_of(world).cut_offs
    world.restart()
    assert folds_of(world).cut_offs == before
    assert set(before.standing) == {second}


def test_an_entry_that_clears_what_is_no_cut_off_is_found(world):
    ledger = world.service.ledger
    ledger.act(EntryType.CUT_OFF, cleared_codes("nobody"), cites=0)
    ledger.publish()
    with pytest.raises(LedgerDisproved, match=r"step 6, .*it cites no cut-off"):
        AuditLedger(world.store, ledger.signer.verifier)()


@pytest.mark.parametrize("kept", [False, True], ids=["lost", "kept"])
def test_a_cut_whose_write_fails_is_cut_only_if_the_ledger_says_so(kept):
    store = FailingLedger()
    world = Switched(store=store)
    card = world.member("anybody")
    here = world.sign_in()
    store.after, store.persisted = 0, kept
    assert world.send(SetCutOff("rights", "", "incident", by="nadia")) == Refused("unavailable")
    assert is_cut(world.ask(here, card.code)) is kept
    assert_same_folds(world)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("cut"), st.sampled_from(EVERY), st.integers(0, 3), st.integers(0, 5)),
        st.tuples(st.just("clear"), st.integers(0, 6)),
        st.tuples(st.just("wait"), st.integers(1, 3)),
        st.tuples(st.just("fail"), st.booleans()),
    ),
    max_size=14,
)


@settings(max_examples=120)
@given(STEPS)
def test_whatever_is_cut_cleared_lost_or_over_the_fold_is_the_ledgers(steps):
    store = FailingLedger()
    world = Switched(store=store)
    for step in steps:
        match step:
            case ("cut", (scope, what), begins, lasts):
                since = world.clock.now() + begins * SECOND
                until = since + lasts * SECOND if lasts else 0
                world.send(SetCutOff(scope, what, "incident", since, until, "nadia"))
            case ("clear", nth):
                refs = sorted(folds_of(world).cut_offs.standing)
                world.send(ClearCutOff(refs[nth] if nth < len(refs) else nth, "nadia"))
            case ("wait", seconds):
                world.clock.forward(seconds=seconds)
            case ("fail", persisted):
                store.after, store.persisted = 0, persisted
        if store.after is None:
            world.service.ledger.stamp()
            ours, theirs = folds_of(world).cut_offs, fresh_folds(world).cut_offs
            assert ours == theirs
            assert ours._by_key == theirs._by_key


# Two persons


@dataclass
class Operator:
    name: str
    key: Ed25519PrivateKey


def operators(world: Switched) -> list[Operator]:
    made = [Operator(n, Ed25519PrivateKey.from_private_bytes(n[:1].encode() * 32)) for n in "ab"]
    world.operators |= {each.key.public_key().public_bytes_raw(): each.name for each in made}
    return made


def statement(world: Switched, ref: int) -> dict:
    return clearing_statement(ref, now=world.clock.now(), chance=world.chance)


def clearing(ref: int, said: dict, *signers: Operator, **more: object) -> ClearCutOff:
    words = tuple(json.dumps(confirm(said, each.key)) for each in signers)
    return ClearCutOff(ref, "nadia", json.dumps(said), words, **more)


@pytest.mark.parametrize("scope", ["rights", "platform"])
def test_one_cuts_the_widest_and_two_open_it_again(world, card, scope):
    alix, basile = operators(world)
    here, ref = world.sign_in(), world.cut(scope)
    stranger = Operator("c", Ed25519PrivateKey.from_private_bytes(b"c" * 32))
    other, old = statement(world, ref + 1), statement(world, ref) | {"made": 0}
    said = statement(world, ref)
    for attempt in (
        ClearCutOff(ref, "nadia"),
        clearing(ref, said, alix),
        clearing(ref, said, alix, alix),
        clearing(ref, said, alix, stranger),
        clearing(ref, other, alix, basile),
        clearing(ref, old, alix, basile),
        clearing(ref, said | {"purpose": "enrol-staff"}, alix, basile),
        ClearCutOff(ref, "nadia", "not json", ("[]",)),
        ClearCutOff(ref, "nadia", "[]", ("{}", "{}")),
        ClearCutOff(ref, "nadia", json.dumps(said), ("null", "3")),
    ):
        assert world.send(attempt).reason == "not-allowed"
    assert is_cut(world.ask(here, card.code))

    assert world.send(clearing(ref, said, alix, basile)) == Done()
    assert isinstance(world.ask(here, card.code), Answered)
    assert world.details(EntryType.CUT_OFF)[-1]["by"] == "a+b"
    assert world.send(clearing(ref, said, alix, basile)).reason == "forbidden-move"


def test_the_law_of_two_is_the_widest():
    assert {Scope.RIGHTS, Scope.PLATFORM} == TAKES_TWO


# People


@pytest.fixture
def portal() -> PeopleWorld:
    return PeopleWorld()


def cut_portal(world: PeopleWorld, scope: str = "channel", what: str = "portal") -> int:
    return world.send(SetCutOff(scope, what, "incident", by="nadia")).ref


@pytest.mark.parametrize(("scope", "what"), [("channel", "portal"), ("platform", "")])
def test_a_cut_portal_serves_nobody_who_asks_and_lets_them_shut_doors(portal, scope, what):
    card = portal.member("anybody", member_number="A9")
    anne = professional(portal)
    cut_portal(portal, scope, what)
    assert is_cut(anne.ask(card.code))
    assert is_cut(anne.send(WhoAmI))
    assert is_cut(anne.step_up())
    assert anne.send(ListSessions).sessions
    assert anne.send(Report) == Done()


def test_a_cut_portal_leaves_software_alone(portal):
    card = portal.member("anybody", member_number="A9")
    cut_portal(portal)
    assert isinstance(portal.ask(portal.sign_in(), card.code), Answered)


def test_signing_in_under_a_cut_gets_a_clear_answer_once_proven(portal):
    anne = professional(portal)
    cut_portal(portal)
    assert is_cut(anne.pro_sante())
    assert is_cut(anne.by_passkey())
    assert {c["doubt"] for c in portal.details(EntryType.SIGN_IN_REFUSED)} == {"cut-off"}


@pytest.mark.parametrize(("scope", "what"), [("channel", "portal"), ("platform", "")])
def test_staff_goes_on_and_opens_again(portal, scope, what):
    alix = staff(portal, "alix")
    ref = cut_portal(portal, scope, what)
    assert isinstance(alix.by_passkey(), Entered)
    assert [row.ref for row in alix.send(ListCutOffs).cut_offs] == [ref]
    basile = staff(portal, "basile", key=3)
    if scope == "channel":
        assert alix.send(ClearCutOff, ref=ref, by="", statement="", confirmations=()) == Done()
    else:
        alone = alix.send(ClearCutOff, ref=ref, by="", statement="", confirmations=())
        assert alone.reason == "not-allowed"
        made = alix.send(Propose, act="lift-cut-off", terms=(str(ref),))
        assert isinstance(made, Proposed)
        assert basile.send(ListProposals).proposals[0].terms[:2] == (str(ref), "platform")
        assert alix.send(Approve, ref=made.ref).reason == "not-allowed"
        assert basile.send(Approve, ref=made.ref) == Done()
        assert portal.details(EntryType.CUT_OFF)[-1]["by"] == "alix+basile"
    assert alix.send(ListCutOffs).total == 0
    assert isinstance(professional(portal).send(ListSessions).sessions, tuple)
    assert_same_folds(portal)


def test_two_operators_words_do_not_open_in_a_session(portal):
    alix, ref = staff(portal, "alix"), cut_portal(portal, "platform", "")
    reply = alix.send(ClearCutOff, ref=ref, by="", statement="{}", confirmations=("{}", "{}"))
    assert reply.reason == "not-allowed"


def test_an_agreement_about_what_is_over_changes_nothing(portal):
    alix, basile = staff(portal, "alix"), staff(portal, "basile", key=3)
    ref = portal.send(
        SetCutOff("platform", "", "exercise", until=portal.clock.now() + 5 * SECOND, by="nadia")
    ).ref
    made = alix.send(Propose, act="lift-cut-off", terms=(str(ref),))
    portal.clock.forward(seconds=6)
    size = len(portal.details(EntryType.CUT_OFF))
    assert basile.send(Approve, ref=made.ref) == Done()
    assert len(portal.details(EntryType.CUT_OFF)) == size


MAY_SET = {Role.OFFICER: True, Role.SECURITY: True, Role.INSPECTOR: False}


@pytest.mark.parametrize("role", MAY_SET)
def test_who_cuts_in_a_session_is_who_is_signed_in(portal, role):
    page = staff(portal, "somebody", role)
    fields = {"scope": "channel", "what": "billing", "why": "incident", "since": 0, "until": 0}
    reply = page.send(SetCutOff, **fields, by="somebody-else")
    if MAY_SET[role]:
        assert isinstance(reply, CutOffSet)
        assert portal.details(EntryType.CUT_OFF)[-1]["by"] == "somebody"
        portal.clock.forward(seconds=700)
        assert page.send(SetCutOff, **fields, by="").reason == "not-fresh"
    else:
        assert reply.reason == "not-allowed"


def test_no_professional_cuts_or_sees_what_is_cut(portal):
    anne = professional(portal)
    fields = {"scope": "channel", "what": "api", "why": "incident", "since": 0, "until": 0}
    assert anne.send(SetCutOff, **fields, by="").reason == "not-allowed"
    assert anne.send(ListCutOffs).reason == "not-allowed"
    assert portal.details(EntryType.CUT_OFF) == []


def test_security_cuts_and_opens_nothing_alone(portal):
    page = staff(portal, "sec", Role.SECURITY)
    ref = cut_portal(portal)
    reply = page.send(ClearCutOff, ref=ref, by="", statement="", confirmations=())
    assert reply.reason == "not-allowed"


# The guard


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("authority", Authority)
def test_each_authority_cuts_what_its_row_says(scope, authority):
    number = 0 if scope in TAKES_TWO else 1
    cut = CutOff(
        scope=scope, number=number, since=0, until=0, why=CutWhy.INCIDENT, authority=authority
    )
    wide = {Scope.CHANNEL, Scope.INSURER, Scope.PRESENCE, Scope.RIGHTS, Scope.PLATFORM}
    allowed = authority is Authority.OFFICER or (authority is Authority.GUARD and scope not in wide)
    assert (scope in MAY_CUT[authority]) is allowed
    if allowed:
        cut.check(0)
        return
    with pytest.raises(ForbiddenTransition):
        cut.check(0)


@pytest.mark.parametrize("scope", set(Scope) - NARROW)
def test_the_guard_makes_no_wide_cut_whatever_it_is_asked(scope):
    with pytest.raises((ForbiddenTransition, MalformedIdentifier)):
        guards((scope, 0 if scope in TAKES_TWO else 99990001), 0)


def freeze(world: World, name: str, authority: Authority = Authority.GUARD) -> None:
    """As the guard does, or somebody."""
    contain = world.service.contain
    decision = Decision(authority=authority, why=Why.MISSES, by="x" * (authority == 3))
    contain.decide(contain.account(name), Stage.FROZEN, decision)
    world.service.cut.of_guard(contain.account(name).number)


def site_of(world: World, accounts: int, site: str = "STRUCT:BIG", product: str = "") -> list[str]:
    names = [site, *[f"{site}-{n}" for n in range(1, accounts)]]
    world.add_site(site, SiteKind.PHARMACY, product=product)
    for name in names[1:]:
        world.add_software(name, site, product=product)
    world.service.look()
    return names


def guard_cuts(world: World) -> list[dict]:
    return [c for c in world.details(EntryType.CUT_OFF) if c.get("authority") == Authority.GUARD]


def test_a_site_falls_with_a_quarter_of_its_accounts(world, card):
    names = site_of(world, 12)
    token = world.sign_in(names[-1])
    for name in names[:2]:
        freeze(world, name)
    assert guard_cuts(world) == []
    assert isinstance(world.ask(token, card.code), Answered)
    freeze(world, names[2])
    (cut,) = guard_cuts(world)
    assert (cut["cut"], cut["why"]) == (Scope.SITE, CutWhy.FROZEN_TOGETHER)
    assert cut["until"] - cut["since"] == GUARDS_CUT_FOR
    assert world.ask(token, card.code) == Refused("not-signed-in")
    assert isinstance(world.ask(world.sign_in(OTHER), card.code), Answered)
    for name in names[3:6]:
        freeze(world, name)
    assert len(guard_cuts(world)) == 1
    assert_same_folds(world)


def test_a_hospital_does_not_fall_with_three(world):
    names = site_of(world, 40)
    for name in names[:9]:
        freeze(world, name)
    assert guard_cuts(world) == []
    freeze(world, names[9])
    assert len(guard_cuts(world)) == 1


def test_what_was_frozen_over_an_hour_ago_or_by_a_person_does_not_count(world):
    names = site_of(world, 8)
    freeze(world, names[0])
    world.clock.forward(seconds=3601)
    freeze(world, names[1])
    freeze(world, names[2], Authority.OFFICER)
    freeze(world, names[3], Authority.OWNER)
    assert guard_cuts(world) == []
    freeze(world, names[4])
    freeze(world, names[5])
    assert len(guard_cuts(world)) == 1


def test_a_product_falls_with_half_of_its_accounts_and_ten(world):
    names = [site_of(world, 1, f"STRUCT:S{n}", "LGO 9")[0] for n in range(20)]
    for name in names[:9]:
        freeze(world, name)
    assert guard_cuts(world) == []
    freeze(world, names[9])
    (cut,) = guard_cuts(world)
    assert cut["cut"] == Scope.SOFTWARE
    assert world.send(SignIn(f"{names[15]} jti-9", CERTIFICATE)).reason == "cut-off"


@given(
    st.sampled_from(sorted(TOGETHER)),
    st.integers(0, 3000),
    st.integers(0, 3000),
)
def test_nobody_gains_by_stealing_accounts_to_have_others_cut(scope, frozen, others):
    """The arithmetic of the law: honest accounts that fall, for each stolen one."""
    honest_a_stolen = {Scope.SITE: 3, Scope.SOFTWARE: 1}
    if falls_together(scope, frozen=frozen, accounts=frozen + others):
        assert frozen >= 3
        assert others <= honest_a_stolen[scope] * frozen


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=20))
def test_whoever_a_thief_gets_frozen_nothing_wider_than_a_site_or_a_product_is_cut(frozen):
    """A thief with every account of four sites and one product: no insurer, no way in falls."""
    world = Switched()
    sites = [site_of(world, 5, f"STRUCT:T{n}", "LGO 9") for n in range(4)]
    for site, account in dict.fromkeys(frozen):
        freeze(world, sites[site][account])
    for cut in guard_cuts(world):
        assert cut["cut"] in {Scope.SITE, Scope.SOFTWARE}
    honest = world.sign_in(OTHER)
    assert isinstance(world.ask(honest, world.member("x").code), Answered)
    standing = folds_of(world).cut_offs.standing.values()
    assert all(cut.scope in NARROW for cut in standing)


def test_the_guard_cuts_by_itself_when_thieves_work_a_site(world, card):
    """Through the door, as thieves do: canaries opened by three accounts of one site."""
    names = site_of(world, 4)
    canaries = [world.member(f"c{n}", member_number=f"K{n}", canary=True) for n in range(3)]
    tokens = [world.sign_in(name) for name in names]
    for token, canary in zip(tokens, canaries, strict=False):
        assert world.ask(token, canary.code) == Refused("frozen")
    assert len(guard_cuts(world)) == 1
    assert world.ask(tokens[3], card.code) == Refused("not-signed-in")


# The channels' names are the law's


def test_channels_and_scopes_are_numbered_for_ever():
    assert [(s.name, s.value) for s in Scope] == [
        *(("ACCOUNT", 1), ("SITE", 2), ("SOFTWARE", 3), ("CHANNEL", 4)),
        *(("INSURER", 5), ("PRESENCE", 6), ("RIGHTS", 7), ("PLATFORM", 8)),
    ]
    assert [(c.name, c.value) for c in Channel] == [
        *(("PORTAL", 1), ("API", 2), ("BILLING", 3), ("AGREEMENT", 4)),
    ]
