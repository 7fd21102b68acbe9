"""What a patient brought, sealed to the vault: answered alike, of no use to whoever relays it."""

import socket
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from msgspec import structs

from rempart.adapters.memory.world import MemoryChance
from rempart.adapters.vaultdoor.frames import FrameRefused
from rempart.domain.containment import Stage
from rempart.domain.disclosure import EntryType, Outcome, Presence, decode, decode_codes
from rempart.domain.errors import IntegrityBroken
from rempart.domain.sealed_presence import OPEN_UNTIL, must_seal
from rempart.tlog.checkpoint import open_checkpoint
from rempart.tlog.errors import NoteInvalid
from rempart.usecases.messages import (
    Answered,
    Done,
    PresenceKey,
    Refused,
    RenewPresence,
    Sealed,
    SignedIn,
    SignIn,
    Typed,
)
from rempart.usecases.presence_keys import LIFE, NOTE_LIFE, OVERLAP
from rempart.usecases.seal_presence import SealPresence, presence_key_of
from rempart.vault.loop import Peer, admitted
from tests.worlds import CERTIFICATE, World, seal_question

title = "Sealed presence"

SHUT = Refused("malformed", "sealed presence")
PHARMACY = "STRUCT:PHAR1"
DAY = 86_400


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def card(world):
    return world.member("REF-1")


def required(world: World, client_id: str = PHARMACY) -> None:
    """This software must seal."""
    known = world.registry.software[client_id]
    world.registry.register_software(replace(known, seals=True))
    world.service.look()


def last_entry(world: World):
    return decode(world.store.rows[-1].body or b"")


def details(world: World, kind: EntryType) -> list[dict]:
    rows = [row for row in world.store.rows if decode(row.body).type is kind]
    return [decode_codes(row.detail) for row in rows]


def without(entry):
    """What an entry says, but when, in which session, and the digest of its salted detail."""
    return entry._replace(at=0, session=b"", detail_digest=b"")


# The same answer, the same entry


@pytest.mark.parametrize("what", ["code", "typed"])
def test_what_is_sealed_is_answered_as_if_it_had_come_in_clear(world, card, what):
    shown = getattr(card, what)
    token, seal = world.sign_in_sealing()
    reply = world.send(world.sealed(seal, token, shown))
    sealed = last_entry(world)

    other = World()
    other.member("REF-1")
    in_clear = other.ask(other.sign_in(), shown)
    assert isinstance(reply, Answered)
    assert (reply.in_force, reply.until, reply.mode) == (True, "2026-12-31", "TM")
    assert (reply.in_force, reply.until, reply.mode) == (
        in_clear.in_force,
        in_clear.until,
        in_clear.mode,
    )
    # Keys differ from world to world, and so do pseudonyms; nothing else does.
    says = [
        (e.type, e.amc, e.domain, e.presence, e.outcome, e.fields, e.cites)
        for e in (sealed, last_entry(other))
    ]
    assert says[0] == says[1]


def test_a_software_that_may_do_both_leaves_the_same_entry_either_way(world, card):
    world.ask(world.sign_in(), card.code)
    in_clear = last_entry(world)
    token, seal = world.sign_in_sealing()
    world.send(world.sealed(seal, token, card.code))
    assert without(last_entry(world)) == without(in_clear)


def test_a_miss_a_forgery_and_a_typing_error_read_as_in_clear(world, card):
    token, seal = world.sign_in_sealing()
    damaged = card.code[:-1] + ("0" if card.code[-1] != "0" else "1")
    wrong = structs.replace(card.typed, birth_rank="x")
    unknown = Typed("99990001", "NOBODY", "19800203", "1")
    replies = [world.send(world.sealed(seal, token, shown)) for shown in (damaged, wrong, unknown)]
    assert [reply.reason for reply in replies] == ["card-refused", "malformed", "read-the-card"]
    assert replies[1].detail != SHUT.detail


def test_a_batch_of_sealed_questions_is_answered_in_their_order(world, card):
    token, seal = world.sign_in_sealing()
    asks = [world.sealed(seal, token, card.code) for _ in range(20)]
    assert all(isinstance(reply, Answered) for reply in world.service(list(asks)))


# A retry


def test_a_retry_sealed_again_is_the_same_question_and_free(world, card):
    token, seal = world.sign_in_sealing()
    first = world.sealed(seal, token, card.code, key="k")
    again = world.sealed(seal, token, card.code, key="k")
    assert first.shown.value != again.shown.value
    one, two = world.send(first), world.send(again)
    assert (two.reference, two.repeated) == (one.reference, True)
    assert last_entry(world).type is EntryType.REPEAT


def test_a_retry_in_another_session_is_the_same_question(world, card):
    token, seal = world.sign_in_sealing()
    one = world.send(world.sealed(seal, token, card.code, key="k"))
    world.restart()
    token, seal = world.sign_in_sealing()
    two = world.send(world.sealed(seal, token, card.code, key="k"))
    assert (two.reference, two.repeated) == (one.reference, True)


def test_another_question_under_a_sealed_key_is_refused(world, card):
    other = world.member("REF-2", member_number="B9")
    token, seal = world.sign_in_sealing()
    world.send(world.sealed(seal, token, card.code, key="k"))
    assert world.send(world.sealed(seal, token, other.code, key="k")) == Refused("key-reused")


# What whoever relays it could try


def test_a_value_sent_again_opens_nothing(world, card):
    token, seal = world.sign_in_sealing()
    ask = world.sealed(seal, token, card.code, key="k")
    assert isinstance(world.send(ask), Answered)
    size = world.service.ledger.size
    assert world.send(ask) == SHUT
    assert (last_entry(world).outcome, world.service.ledger.size) == (Outcome.MALFORMED, size + 1)


@pytest.mark.parametrize(
    "change",
    [{"key": "other"}, {"domain": "LABO"}, {"domain": "LPPS"}, {"care_date": "2026-11-23"}],
    ids=str,
)
@pytest.mark.parametrize("after", [False, True], ids=["instead of it", "after it"])
def test_a_value_serves_its_own_question_alone(world, card, change, after):
    token, seal = world.sign_in_sealing()
    ask = world.sealed(seal, token, card.code, key="k")
    if after:
        world.send(ask)
    reply = world.send(structs.replace(ask, **change))
    assert reply.reason in {"malformed", "forbidden-domain"}
    entry = last_entry(world)
    assert entry.person == bytes(16)
    assert entry.outcome in {Outcome.MALFORMED, Outcome.FORBIDDEN}


def test_a_value_opens_in_no_other_session(world, card):
    """Of the same software, of another, sealing or not; all these attempts are written."""
    world.add_site("STRUCT:PHAR2", world.registry.sites[PHARMACY].kind)
    token, seal = world.sign_in_sealing()
    ask = world.sealed(seal, token, card.code)
    others = [
        world.sign_in_sealing()[0],
        world.sign_in_sealing("STRUCT:PHAR2")[0],
        world.sign_in(),
        world.sign_in("STRUCT:PHAR2"),
    ]
    size = world.service.ledger.size
    for other in others:
        assert world.send(structs.replace(ask, token=other)) == SHUT
    assert world.service.ledger.size == size + len(others)
    assert isinstance(world.send(ask), Answered)


def test_who_relays_asks_nothing_of_their_own_in_a_session_that_seals(world, card):
    """Not in clear, and not under a key of theirs: the software's stands in its assertion."""
    token, seal = world.sign_in_sealing()
    assert world.ask(token, card.code) == Refused("seal-presence")
    theirs = SealPresence(world.presence_key(), b"t" * 32)
    theirs.begin(token)
    assert world.send(world.sealed(theirs, token, card.code)) == SHUT
    assert isinstance(world.send(world.sealed(seal, token, card.code)), Answered)


def test_what_does_not_open_uses_no_key_up(world, card):
    """Or whoever relays could spoil every question with a forged one before it."""
    token, seal = world.sign_in_sealing()
    forged = structs.replace(world.question(token, card.code, key="k"), shown=Sealed(b"x" * 408))
    assert world.send(forged) == SHUT
    assert isinstance(world.send(world.sealed(seal, token, card.code, key="k")), Answered)
    assert world.send(forged) == SHUT
    again = world.send(world.sealed(seal, token, card.code, key="k"))
    assert again.repeated
    world.restart()
    token, seal = world.sign_in_sealing()
    assert world.send(world.sealed(seal, token, card.code, key="k")).repeated


@pytest.mark.parametrize("value", [b"", b"x", b"\xff" * 408, b"\0" * 408, b"x" * 5000], ids=len)
def test_bytes_of_any_kind_are_refused_and_written(world, value):
    token, _ = world.sign_in_sealing()
    ask = structs.replace(world.question(token, "RP1:A"), shown=Sealed(value))
    assert world.send(ask) == SHUT
    entry = last_entry(world)
    assert (entry.outcome, entry.presence, entry.amc) == (Outcome.MALFORMED, Presence.NONE, 0)
    assert entry.domain == 1


def test_what_does_not_open_costs_as_what_is_malformed(world, card):
    """Nobody is looked up for it, so it counts as no miss and narrows nobody."""
    token, _ = world.sign_in_sealing()
    ask = structs.replace(world.question(token, "RP1:A"), shown=Sealed(b"x" * 408))
    for number in range(60):
        assert world.send(structs.replace(ask, key=f"k{number}")) == SHUT
    number = world.registry.software[PHARMACY].number
    assert world.service.answer.guard.stage(number) is Stage.NORMAL


# Who must seal


def test_a_question_in_clear_of_a_software_that_must_seal_is_refused(world, card):
    required(world)
    token = world.sign_in()
    for shown in (card.code, card.typed):
        assert world.ask(token, shown) == Refused("seal-presence")
        entry = last_entry(world)
        assert (entry.outcome, entry.person) == (Outcome.FORBIDDEN, bytes(16))


def test_the_same_question_sealed_is_then_answered_and_counted(world, card):
    """What came in clear used no key up, and is not the question that a retry repeats."""
    required(world)
    world.ask(world.sign_in(), card.code, key="k")
    token, seal = world.sign_in_sealing()
    reply = world.send(world.sealed(seal, token, card.code, key="k"))
    assert isinstance(reply, Answered)
    assert not reply.repeated
    assert last_entry(world).type is EntryType.QUESTION


def test_a_session_ends_when_its_software_comes_to_have_to_seal(world, card):
    token = world.sign_in()
    assert isinstance(world.ask(token, card.code), Answered)
    required(world)
    assert world.ask(token, card.code) == Refused("not-signed-in")


@pytest.mark.parametrize("seals", [True, False])
@pytest.mark.parametrize("sandbox", [True, False])
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_the_calendar(seals, sandbox, days):
    today = date.fromordinal(OPEN_UNTIL.toordinal() + days)
    closed = must_seal(seals=seals, sandbox=sandbox, today=today)
    assert closed is (seals or (not sandbox and days == 1))


def test_in_production_nothing_comes_in_clear_after_the_last_day(card):
    world = InProduction()
    card = world.member("REF-1", ends=date(2028, 12, 31))
    last = datetime(OPEN_UNTIL.year, OPEN_UNTIL.month, OPEN_UNTIL.day, 23, 59, tzinfo=UTC)
    world.clock.at = int(last.timestamp() * 1_000_000)
    today = OPEN_UNTIL.isoformat()
    token = world.sign_in()
    assert not isinstance(world.ask(token, card.code, care_date=today), Refused)
    world.clock.forward(seconds=61)
    assert world.ask(token, card.code, care_date=today) == Refused("seal-presence")


class InProduction(World):
    """The same, as a production."""

    def ports(self):
        for each in self.registry.software.values():
            self.registry.software[each.client_id] = replace(each, sandbox=False)
        for amc, each in self.registry.insurers.items():
            bundle = {**each.bundle, "sandbox": False}
            self.registry.insurers[amc] = replace(each, sandbox=False, bundle=bundle)
        return replace(super().ports(), sandbox=False)


# The vault's key


def test_a_software_believes_the_vault_that_it_pinned_and_no_other(world):
    other = World(chance=MemoryChance(b"another vault"))
    verifier = world.service.ledger.signer.verifier
    assert world.presence_key() != other.presence_key()
    with pytest.raises(IntegrityBroken, match="not signed by the vault"):
        from_note(other.presence_note(), verifier, world)


def from_note(note, verifier, world):
    return presence_key_of(note, verifier, now=world.clock.now())


def test_what_the_vault_signs_for_one_thing_is_not_taken_for_the_other(world):
    verifier = world.service.ledger.signer.verifier
    with pytest.raises(NoteInvalid):
        open_checkpoint(world.presence_note(), verifier)
    with pytest.raises(IntegrityBroken):
        from_note(world.service.ledger.note, verifier, world)


def test_a_key_is_made_once_and_its_making_is_written(world):
    keys = {world.presence_key() for _ in range(3)}
    world.restart()
    assert keys == {world.presence_key()}
    (made,) = [codes for codes in details(world, EntryType.DECISION) if "presence" in codes]
    assert made["presence"] == "made"


def test_one_signature_serves_an_hour_and_a_note_a_day(world):
    first = world.presence_note()
    world.clock.forward(seconds=3_599)
    assert world.presence_note() == first
    world.clock.forward(seconds=1)
    assert world.presence_note() != first
    verifier = world.service.ledger.signer.verifier
    world.clock.forward(seconds=NOTE_LIFE - 3_600)
    from_note(first, verifier, world)
    world.clock.forward(seconds=1)
    with pytest.raises(IntegrityBroken, match="out of date"):
        from_note(first, verifier, world)


def agreed(world: World, key: bytes, card) -> bool:
    """Whether a software that still holds this key of the vault is answered."""
    world.signed += 1
    seal = SealPresence(key, b"own key %024d" % world.signed)
    assertion = f"{PHARMACY} jti-{world.signed:08d} {seal.claim.hex()}"
    reply = world.send(SignIn(assertion, CERTIFICATE))
    assert isinstance(reply, SignedIn)
    seal.begin(reply.token)
    today = datetime.fromtimestamp(world.clock.now() // 1_000_000, UTC).date()
    ask = world.question(reply.token, card.code, care_date=today.isoformat())
    answer = world.send(seal_question(seal, ask))
    assert isinstance(answer, Answered) or answer == SHUT
    return isinstance(answer, Answered)


def test_after_a_renewal_the_older_key_serves_for_two_days_and_is_dropped(world, card):
    old = world.presence_key()
    world.clock.forward(seconds=DAY)
    assert world.service([RenewPresence()]) == [Done()]
    new = world.presence_key()
    assert new != old
    assert agreed(world, old, card)
    assert agreed(world, new, card)
    world.clock.forward(seconds=OVERLAP - 1)
    assert agreed(world, old, card)
    world.service.between()
    assert len(world.vault_keys.names("presence/")) == 2
    world.clock.forward(seconds=1)
    assert not agreed(world, old, card)
    world.service.between()
    assert len(world.vault_keys.names("presence/")) == 1
    assert agreed(world, new, card)
    said = [c["presence"] for c in details(world, EntryType.DECISION) if "presence" in c]
    assert said == ["made", "made", "dropped"]
    assert OVERLAP > NOTE_LIFE


def test_a_session_outlives_the_key_that_it_was_agreed_under(world, card):
    token, seal = world.sign_in_sealing()
    world.service([RenewPresence(), RenewPresence()])
    world.vault_keys.drop(world.vault_keys.names("presence/")[0])
    world.service.presence.reload()
    assert isinstance(world.send(world.sealed(seal, token, card.code)), Answered)


def test_two_renewals_within_a_second_are_two_versions(world):
    keys = {world.presence_key()}
    for _ in range(3):
        world.service([RenewPresence()])
        keys.add(world.presence_key())
    assert len(keys) == 4


def test_a_key_is_renewed_by_itself_within_a_year(world):
    old = world.presence_key()
    world.clock.forward(seconds=LIFE - 1)
    world.service.between()
    assert world.presence_key() == old
    world.clock.forward(seconds=1)
    world.service.between()
    assert world.presence_key() != old


def test_nothing_is_made_where_nobody_seals(world):
    world.clock.forward(seconds=10)
    world.service.between()
    assert world.vault_keys.names("presence/") == []


@pytest.mark.parametrize("claim", [b"\0" * 40, b"12345678" + b"\0" * 32], ids=["id", "any"])
def test_a_key_that_the_vault_does_not_know_signs_in_and_opens_nothing(world, card, claim):
    reply = world.send(SignIn(f"{PHARMACY} jti-00000099 {claim.hex()}", CERTIFICATE))
    assert isinstance(reply, SignedIn)
    assert world.ask(reply.token, card.code) == Refused("seal-presence")
    sealed = structs.replace(world.question(reply.token, "RP1:A"), shown=Sealed(b"x" * 408))
    assert world.send(sealed) == SHUT


def test_a_software_whose_own_key_is_a_point_of_small_order_opens_nothing(world, card):
    key_id = SealPresence(world.presence_key(), b"k" * 32).claim[:8]
    assertion = f"{PHARMACY} jti-00000099 {(key_id + bytes(32)).hex()}"
    token = world.send(SignIn(assertion, CERTIFICATE)).token
    sealed = structs.replace(world.question(token, "RP1:A"), shown=Sealed(b"x" * 408))
    assert world.send(sealed) == SHUT


def test_after_a_restart_sessions_begin_anew_and_so_do_their_counters(world, card):
    token, seal = world.sign_in_sealing()
    ask = world.sealed(seal, token, card.code)
    world.restart()
    assert world.send(ask) == Refused("not-signed-in")
    token, seal = world.sign_in_sealing()
    assert isinstance(world.send(world.sealed(seal, token, card.code)), Answered)


def test_anybody_may_know_the_key_and_only_the_vaults_user_renews_it():
    gateway, own = Peer(socket.socket(), own=False), Peer(socket.socket(), own=True)
    with gateway.socket, own.socket:
        assert admitted(PresenceKey(), gateway) == PresenceKey()
        assert admitted(RenewPresence(), own) == RenewPresence()
        with pytest.raises(FrameRefused):
            admitted(RenewPresence(), gateway)
