"""The signed row: what every process but the vault believes, on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field, replace

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.memory.cut_rows import MemoryCutRow
from rempart.adapters.postgres import cut_row
from rempart.adapters.postgres.connections import conninfo_file
from rempart.adapters.postgres.cut_row import PostgresCutRow, PostgresCutRowSource
from rempart.adapters.postgres.ledger import PostgresLedger
from rempart.domain.cutoff import CutOff
from rempart.domain.cutoff_words import NARROW, TAKES_TWO, Channel, Scope
from rempart.domain.errors import Fenced, IntegrityBroken, SetUpRefused, TemporarilyUnavailable
from rempart.serving.cut_offs import Switches
from rempart.serving.declined import Declined
from rempart.tlog.note import NoteKey
from rempart.usecases.assemble_vault import VaultPorts
from rempart.usecases.cut_off_messages import SetCutOff
from rempart.usecases.cut_off_row import ROW_MAX, Row, read_row, row_text
from rempart.usecases.messages import Refused
from rempart.usecases.read_cut_offs import FRESH, STALE, ReadCutOffs, over
from rempart.usecases.tell_cut_offs import BEAT
from tests.failing import FailingLedger
from tests.postgres_servers import Database
from tests.switches import API, cut
from tests.worlds import World

title = "What every other process knows of what is cut"

KEY, THIEF = NoteKey("vault.test/ledger", b"k" * 32), NoteKey("vault.test/ledger", b"t" * 32)
SECOND = 1_000_000
BILLING = cut(Scope.CHANNEL, Channel.BILLING)


def note(at: int, beat: int = 1, *cuts: CutOff, key: NoteKey = KEY) -> str:
    return key.sign(row_text(key.origin, at=at, beat=beat, generation=len(cuts), cuts=cuts))


# The note

WIDE = st.builds(
    cut,
    st.sampled_from(sorted(set(Scope) - NARROW - {Scope.CHANNEL, Scope.PRESENCE})),
    st.integers(0, 99_999_999),
    since=st.integers(0, 2**60),
    until=st.integers(0, 2**60),
)


@given(st.integers(0, 2**60), st.integers(0, 2**60), st.lists(WIDE, max_size=5))
def test_a_row_is_read_as_it_was_written(at, beat, cuts):
    row = read_row(note(at, beat, *cuts), KEY.verifier)
    assert row == Row(place=(at, beat), generation=len(cuts), cuts=tuple(cuts))


@pytest.mark.parametrize("scope", NARROW)
def test_nobody_is_named_in_a_row(scope):
    with pytest.raises(AssertionError):
        note(1, 1, cut(scope, 7))


BROKEN = {
    "another key": note(1, key=THIEF),
    "nothing": "",
    "no signature": row_text(KEY.origin, at=1, beat=1, generation=0, cuts=()),
    "a checkpoint": KEY.sign(f"{KEY.origin}\n1\nAAAA\n"),
    "another vault's": KEY.sign(row_text("other", at=1, beat=1, generation=0, cuts=())),
    "a word for a number": KEY.sign(f"rempart/cut-offs/1\n{KEY.origin}\n1 1 x\n"),
    "a field more": KEY.sign(f"rempart/cut-offs/1\n{KEY.origin}\n1 1 0 0\n"),
    "a scope nobody knows": KEY.sign(f"rempart/cut-offs/1\n{KEY.origin}\n1 1 0\n99 1 0 0 1\n"),
    "too long": note(1) + "x" * ROW_MAX,
    "changed": note(1).replace("1 1 0", "2 1 0"),
}


@pytest.mark.parametrize("said", BROKEN.values(), ids=BROKEN)
def test_what_the_vault_has_not_signed_is_no_row(said):
    with pytest.raises(IntegrityBroken):
        read_row(said, KEY.verifier)


@given(st.integers(0, 400), st.integers(1, 255))
def test_no_bit_of_a_row_can_change(place, change):
    whole = note(5, 1, API).encode()
    changed = bytearray(whole)
    changed[place % len(whole)] ^= change
    try:
        text = changed.decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(IntegrityBroken):
        read_row(text, KEY.verifier)


# A reader


@dataclass(frozen=True)
class At:
    """A clock that stands still."""

    time: int

    def now(self) -> int:
        return self.time


@dataclass
class Reader:
    """A door's reader on a clock of its own."""

    source: MemoryCutRow = field(default_factory=MemoryCutRow)
    at: float = 0.0
    reads: int = 0

    def __post_init__(self) -> None:
        self.reader = ReadCutOffs(self, lambda: KEY.verifier, lambda: self.at)

    async def read(self) -> str | None:
        self.reads += 1
        return await self.source.read()

    def standing(self, after: float = 2 * FRESH) -> Row | None:
        self.at += after
        return asyncio.run(self.reader.standing())

    def open_to_silence(
        self, channel: Channel = Channel.BILLING, *, now: int = SECOND
    ) -> Declined | None:
        self.at += 2 * FRESH
        way = Switches(self.reader, At(now), channel, shut_unread=False)
        return asyncio.run(way.over_way())

    def say(self, said: str | None) -> Row | None:
        self.source.note = said
        return self.standing()


def test_a_row_counts_and_is_read_again_within_a_fraction_of_a_second():
    reader = Reader()
    assert reader.say(note(1, 1)).cuts == ()
    reader.source.note = note(2, 1, API)
    assert reader.standing(FRESH / 2).cuts == ()
    assert reader.standing(FRESH).cuts == (API,)
    assert reader.reads == 2


@pytest.mark.parametrize("said", [None, *BROKEN.values()], ids=["away", *BROKEN])
def test_what_cannot_be_read_closes_at_once_and_opens_when_it_can(said):
    reader = Reader()
    assert reader.say(note(1)) is not None
    assert reader.say(said) is None
    assert reader.say(note(2)) is not None


def test_nothing_read_yet_is_closed():
    assert Reader().standing() is None


def test_an_older_row_is_never_believed_again():
    """Whoever writes the database puts back the row from before the cut."""
    reader = Reader()
    before, during = note(1, 1), note(1, 2, API)
    reader.say(before)
    assert reader.say(during).cuts == (API,)
    assert reader.say(before).cuts == (API,)
    # Held back, it is the row of a vault that does not live.
    assert reader.standing(STALE) is None


def test_a_row_that_does_not_move_is_too_old_and_one_that_moves_is_not():
    reader = Reader()
    assert reader.say(note(1, 1)) is not None
    assert reader.standing(STALE - 2) is not None
    assert reader.say(note(1, 2)) is not None
    assert reader.standing(STALE + FRESH) is None
    assert BEAT * 3 < STALE


SILENCE = {"away": None, "another key's": note(9, key=THIEF), "not moving": note(1, 1, BILLING)}


@pytest.mark.parametrize("said", SILENCE.values(), ids=SILENCE)
def test_a_cut_does_not_lift_itself_where_silence_is_open(said):
    """The vault cuts the intake, then stops: a day later the intake still says that it is cut."""
    reader = Reader()
    assert reader.open_to_silence() is None, "no row was ever read"
    reader.say(note(1, 1, BILLING))
    assert reader.open_to_silence().code == "cut-off"
    reader.source.note = said
    reader.at += STALE * 4_000
    assert reader.standing() is None, "who asks about rights is shut, as ever"
    assert reader.open_to_silence().code == "cut-off"
    assert reader.open_to_silence(Channel.AGREEMENT) is None
    reader.say(note(2))
    assert reader.open_to_silence() is None


def test_a_cut_ends_by_its_own_time_whatever_the_silence():
    reader = Reader()
    reader.say(note(1, 1, cut(Scope.PLATFORM, since=10, until=20)))
    reader.source.note = None
    reader.at += STALE * 2
    seen = [reader.open_to_silence(now=now) is not None for now in (9, 10, 19, 20)]
    assert seen == [False, True, True, False]


def test_a_reader_that_starts_in_the_silence_believes_what_the_vault_signed_last():
    reader = Reader()
    reader.source.note = note(1, 1, cut(Scope.PLATFORM))
    assert reader.open_to_silence().code == "cut-off"
    reader.at += STALE * 2
    assert reader.open_to_silence().code == "cut-off"


def test_who_waits_for_a_reading_waits_together():
    reader = Reader()
    reader.source.note = note(1)

    async def crowd() -> list[Row | None]:
        return await asyncio.gather(*[reader.reader.standing() for _ in range(50)])

    reader.at = 10
    assert len(set(asyncio.run(crowd()))) == 1
    assert reader.reads == 1


def test_a_vault_that_has_left_no_key_is_no_vault():
    def missing():
        raise SetUpRefused("no public key")

    reader = ReadCutOffs(MemoryCutRow(note(1)), missing, lambda: 1.0)
    assert asyncio.run(reader.standing()) is None


@pytest.mark.parametrize("scope", set(Scope) - NARROW)
def test_a_row_says_what_is_cut_at_a_moment(scope):
    number = 0 if scope in TAKES_TWO else 1
    said = Row(place=(1, 1), generation=1, cuts=(cut(scope, number, since=10, until=20),))
    seen = [over(said, [(scope, number)], now) is not None for now in (9, 10, 19, 20)]
    assert seen == [False, True, True, False]
    assert over(said, [(scope, number + 1)], 15) is None


# The vault that writes it


@dataclass(kw_only=True)
class Told(World):
    row: MemoryCutRow = field(default_factory=MemoryCutRow)

    def ports(self) -> VaultPorts:
        return replace(super().ports(), cut_row=self.row)

    def said(self) -> Row:
        assert self.row.note is not None
        return read_row(self.row.note, self.service.ledger.signer.verifier)


def test_the_vault_tells_before_it_says_that_it_has_cut():
    world = Told()
    world.send(SetCutOff("channel", "portal", "incident", by="nadia"))
    (told,) = world.said().cuts
    assert told.key == (Scope.CHANNEL, Channel.PORTAL)
    world.send(SetCutOff("site", "STRUCT:PHAR1", "incident", by="nadia"))
    world.send(SetCutOff("account", "STRUCT:PHAR1", "incident", by="nadia"))
    assert [each.key for each in world.said().cuts] == [told.key]
    assert world.said().generation == 3


def test_a_vault_that_starts_tells_what_stands():
    world = Told()
    world.send(SetCutOff("rights", "", "incident", by="nadia"))
    world.row.note = None
    world.restart()
    world.clock.forward(seconds=1)
    world.service.between()
    assert [each.scope for each in world.said().cuts] == [Scope.RIGHTS]


def test_a_quiet_vault_goes_on_telling():
    world = Told()
    times = [0.0]
    world.service.cut.tell.monotonic = lambda: times[0]
    seen = []
    for _ in range(12):
        times[0] += 1
        world.clock.forward(seconds=1)
        world.service.between()
        seen.append(world.said().place)
    assert 2 <= len(set(seen)) <= 12 / BEAT + 1
    assert seen == sorted(seen)


def test_a_row_that_cannot_be_written_does_not_undo_the_cut():
    world = Told()

    class Away(MemoryCutRow):
        def put(self, *, epoch: int, note: str) -> None:
            raise TemporarilyUnavailable("away")

    world.service.cut.tell.row = Away()
    world.send(SetCutOff("channel", "api", "incident", by="nadia"))
    card = world.member("x")
    world.service.cut.tell.row = world.row
    world.clock.forward(seconds=1)
    world.service.between()
    assert [each.scope for each in world.said().cuts] == [Scope.CHANNEL]
    assert card.code


def test_a_cut_that_was_lost_is_not_told():
    store = FailingLedger()
    world = Told(store=store)
    store.after = 0
    assert world.send(SetCutOff("rights", "", "incident", by="n")) == Refused("unavailable")
    world.clock.forward(seconds=1)
    world.service.between()
    assert world.said().cuts == ()


# On PostgreSQL


def read_once(database: Database) -> str | None:
    async def reading() -> str | None:
        source = PostgresCutRowSource(conninfo_file(database.secrets, "gateway"))
        try:
            return await source.read()
        finally:
            await source.close()

    return asyncio.run(reading())


def test_what_the_vault_puts_the_gateway_reads(database):
    assert read_once(database) is None
    ledger = PostgresLedger(lambda: database.connect("vault"))
    row = PostgresCutRow(lambda: database.connect("vault"))
    epoch = ledger.take_over()
    for said in ("first\n", "second\n"):
        row.put(epoch=epoch, note=said)
        assert read_once(database) == said
    ledger.take_over()
    with pytest.raises(Fenced):
        row.put(epoch=epoch, note="an older vault's\n")
    assert read_once(database) == "second\n"
    row.close()
    ledger.close()


def test_a_reader_lives_through_the_loss_of_its_connection(database, monkeypatch):
    # The machine of the tests may be busy; a door's reader gives up sooner.
    monkeypatch.setattr(cut_row, "READ_WITHIN", 10)
    ledger = PostgresLedger(lambda: database.connect("vault"))
    row = PostgresCutRow(lambda: database.connect("vault"))
    row.put(epoch=ledger.take_over(), note="said\n")

    async def reading() -> list[str | None]:
        source = PostgresCutRowSource(conninfo_file(database.secrets, "gateway"))
        seen = [await source.read()]
        with database.as_admin() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = 'rempart_gateway'"
            )
        seen += [await source.read(), await source.read()]
        await source.close()
        return seen

    assert asyncio.run(reading()) == ["said\n", None, "said\n"]
    row.close()
    ledger.close()


def test_a_database_that_hangs_reads_as_nothing_in_a_bounded_time(database, monkeypatch):
    """Somebody holds the table: a question does not wait for them."""
    monkeypatch.setattr(cut_row, "READ_WITHIN", 0.2)
    with database.connect("owner") as owner:
        owner.execute("LOCK TABLE status.cut_offs IN ACCESS EXCLUSIVE MODE")
        done = threading.Event()
        timer = threading.Timer(5, done.set)
        timer.start()
        assert read_once(database) is None
        assert not done.is_set()
        timer.cancel()
        owner.rollback()


def test_the_gateway_writes_nothing_there(database):
    with database.connect("gateway") as gateway:
        for statement in (
            "INSERT INTO status.cut_offs (note) VALUES ('mine')",
            "UPDATE status.cut_offs SET note = 'mine'",
            "DELETE FROM status.cut_offs",
            "SELECT status.put_cut_offs(0, 'mine')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                gateway.execute(statement)
            gateway.rollback()
