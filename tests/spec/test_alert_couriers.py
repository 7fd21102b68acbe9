"""Who lays alerts out and fetches them: killed anywhere, lied to by any folder, one row goes on."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rempart.adapters import alert_folders
from rempart.adapters.alert_folders import (
    DROPPED_MAX,
    FolderOutbox,
    cards_in,
    dropped,
    forget_card,
    keep_card,
)
from rempart.adapters.memory.alerts import MemoryOutbox, MemorySource
from rempart.adapters.memory.world import MemoryChance, MemoryKeys
from rempart.bootstrap.alert_courier import Courier
from rempart.bootstrap.alerts import key_id
from rempart.cli.alert_run import turn
from rempart.config import Settings
from rempart.domain.alert_card import AlertCard
from rempart.domain.containment import Stage
from rempart.domain.errors import MalformedIdentifier, SetUpRefused, TemporarilyUnavailable
from rempart.usecases.alert_messages import (
    IssueAlert,
    IssuedAlert,
    ListAlerts,
    NextIssued,
    SubscribeAlerts,
    TakeAlert,
    WithdrawAlert,
)
from rempart.usecases.alert_ports import Sent
from rempart.usecases.deliver_alerts import OPEN, DeliverAlerts, make_alert_keys, signing_point
from rempart.usecases.fetch_alerts import FetchAlerts
from rempart.usecases.messages import Contain
from rempart.usecases.seal_alerts import SEALED_MAX
from tests.worlds import World

title = "Couriers of alerts"

PHARMACY, HOUR = "STRUCT:PHAR1", 3600


def card_of(keys: MemoryKeys, name: str) -> AlertCard:
    opens = X25519PrivateKey.from_private_bytes(keys.get(OPEN)).public_key().public_bytes_raw()
    url = "https://alertes.example/alerts"
    return AlertCard(name=name, signs=signing_point(keys), opens=opens, url=url)


@dataclass
class Side:
    """An operator: its vault, its keys, its card."""

    name: str
    world: World = field(default_factory=World)
    keys: MemoryKeys = field(default_factory=MemoryKeys)

    def __post_init__(self) -> None:
        make_alert_keys(self.keys, MemoryChance(self.name.encode()))
        self.card = card_of(self.keys, self.name)

    def say(self, request):
        return self.world.service([request])[0]

    def next_issued(self, after: int) -> IssuedAlert | None:
        reply = self.say(NextIssued(after))
        return reply if isinstance(reply, IssuedAlert) else None

    def last(self, publisher: str) -> int:
        shown = self.say(ListAlerts()).publishers
        return next((each.number for each in shown if each.publisher == publisher), 0)

    def fetcher(self) -> FetchAlerts:
        return FetchAlerts(self.keys.get(OPEN), self.say, self.last)

    def warns(self, why: str = "canary") -> IssuedAlert:
        self.say(Contain(PHARMACY, "frozen", "reported", "nadia"))
        issued = self.say(IssueAlert((PHARMACY,), why, 72 * HOUR, by="nadia"))
        assert isinstance(issued, IssuedAlert)
        return issued

    @property
    def stage(self) -> Stage:
        contain = self.world.service.contain
        return contain.guard.stage(contain.account(PHARMACY).number)


@dataclass
class Exchange:
    """A warns B, who fetches from what A has laid out."""

    a: Side
    b: Side
    outbox: MemoryOutbox
    fetch: FetchAlerts
    deliver: DeliverAlerts

    def fetched(self, source: MemorySource | None = None):
        source = source or MemorySource(self.outbox, self.b.card.reader)
        return self.fetch(self.a.card, source.latest(), source)


@pytest.fixture
def pair():
    a, b, outbox = Side("A"), Side("B"), MemoryOutbox()
    b.say(SubscribeAlerts("A", a.card.signs, b.card.opens, "nadia"))
    outbox.cards.append(b.card)
    deliver = DeliverAlerts(a.keys, MemoryChance(), outbox, a.next_issued)
    return Exchange(a, b, outbox, b.fetcher(), deliver)


def test_what_is_issued_is_laid_out_fetched_and_narrows(pair):
    pair.a.warns()
    assert pair.deliver() == 1
    (taken,) = pair.fetched()
    assert (taken.number, taken.narrowed) == (1, 1)
    assert pair.b.stage is Stage.NARROWED
    # Nothing new, nothing said.
    assert (pair.deliver(), pair.fetched()) == (0, [])


def test_each_reader_has_a_row_of_its_own_and_opens_no_other(pair):
    c = Side("C")
    pair.outbox.cards.append(c.card)
    pair.a.warns()
    assert pair.deliver() == 2
    others = MemorySource(pair.outbox, c.card.reader)
    (refused,) = pair.fetched(others)
    assert (refused.step, pair.b.stage) == ("sealed", Stage.NORMAL)


def test_who_comes_later_reads_what_stands_and_nothing_older(pair):
    late = Side("C")
    issued = pair.a.warns()
    pair.a.warns("misses")
    pair.a.say(WithdrawAlert(issued.ref, "nadia"))
    pair.outbox.cards[:] = [late.card]
    assert pair.deliver() == 2
    late.say(SubscribeAlerts("A", pair.a.card.signs, late.card.opens, "nadia"))
    source = MemorySource(pair.outbox, late.card.reader)
    taken = late.fetcher()(pair.a.card, source.latest(), source)
    assert [each.number for each in taken] == [1, 2]
    assert late.stage is Stage.NARROWED


def test_what_came_meanwhile_is_fetched_in_order(pair):
    for why in ("canary", "misses", "strangers"):
        pair.a.warns(why)
    pair.deliver()
    assert [each.number for each in pair.fetched()] == [1, 2, 3]


class Killed(Exception):
    """The process is no more."""


def die(*_: object) -> None:
    raise Killed


@pytest.mark.parametrize("lost", ["put", "note"])
def test_killed_between_two_steps_it_writes_the_same_alert_again(pair, lost, monkeypatch):
    pair.a.warns()
    monkeypatch.setattr(MemoryOutbox, lost, die)
    with pytest.raises(Killed):
        pair.deliver()
    monkeypatch.undo()
    first = pair.fetched()
    assert len(first) == (lost == "note")
    assert pair.deliver() == 1
    # What was fetched before the fall and after it is one alert.
    again = pair.fetched()
    assert [each.number for each in [*first, *again]] == [1]
    pair.a.warns("misses")
    pair.deliver()
    (second,) = pair.fetched()
    assert (second.number, second.missed) == (2, 0)


class Lying(MemorySource):
    """A folder in somebody else's hands."""

    shows: bytes | None = None
    missing: frozenset[int] = frozenset()
    down: bool = False

    def latest(self):
        return super().latest() if self.shows is None else self.shows

    def numbered(self, number):
        if self.down:
            raise TemporarilyUnavailable("away")
        return None if number in self.missing else super().numbered(number)


@pytest.fixture
def lying(pair):
    return Lying(pair.outbox, pair.b.card.reader)


def test_a_folder_that_drops_one_is_found_out(pair, lying):
    pair.a.warns()
    pair.deliver()
    pair.fetched()
    pair.a.warns("misses")
    pair.a.warns("strangers")
    pair.deliver()
    lying.missing = frozenset({2})
    (taken,) = pair.fetched(lying)
    assert (taken.number, taken.missed) == (3, 1)


def test_a_folder_that_goes_back_is_found_out(pair, lying):
    pair.a.warns()
    pair.deliver()
    old = lying.latest()
    pair.a.warns("misses")
    pair.deliver()
    pair.fetched()
    lying.shows = old
    (refused,) = pair.fetched(lying)
    assert refused.step == "newer"
    # Told once, and the honest one is taken again afterwards.
    assert pair.fetched(lying) == []
    pair.a.warns("strangers")
    pair.deliver()
    lying.shows = None
    assert [each.number for each in pair.fetched(lying)] == [3]


def test_a_folder_that_stops_half_way_is_asked_again(pair, lying):
    pair.a.warns()
    pair.a.warns("misses")
    pair.deliver()
    lying.down = True
    with pytest.raises(TemporarilyUnavailable):
        pair.fetched(lying)
    lying.down = False
    assert [each.number for each in pair.fetched(lying)] == [1, 2]


@pytest.mark.parametrize(
    ("junk", "step"),
    [
        (b"", "sealed"),
        (b"RPFEED1\n" + bytes(100), "sealed"),
        (bytes(SEALED_MAX + 1), "sealed"),
        (b"\x9f" * 5000, "sealed"),
    ],
)
def test_a_folder_of_nonsense_is_refused_and_told_once(pair, lying, junk, step):
    lying.shows = junk
    (refused,) = pair.fetched(lying)
    assert refused.step == step
    assert pair.fetched(lying) == []
    assert pair.b.stage is Stage.NORMAL


def test_an_alert_of_the_future_is_asked_of_the_vault_again(pair):
    pair.a.world.clock.forward(seconds=400)
    pair.a.warns()
    pair.deliver()
    assert [each.step for each in pair.fetched()] == ["future"]
    pair.b.world.clock.forward(seconds=400)
    assert [each.narrowed for each in pair.fetched()] == [1]


def test_a_vault_that_could_not_write_is_asked_again(pair):
    pair.a.warns()
    pair.deliver()
    real, pair.fetch.take = pair.fetch.take, _unavailable
    with pytest.raises(TemporarilyUnavailable):
        pair.fetched()
    pair.fetch.take = real
    assert [each.narrowed for each in pair.fetched()] == [1]


def _unavailable(wanted: TakeAlert):
    raise TemporarilyUnavailable("the database is away")


def test_files_that_are_left_are_taken_in_the_order_of_their_row(pair):
    for why in ("canary", "misses"):
        pair.a.warns(why)
    pair.deliver()
    reader = pair.b.card.reader
    left = {"b": pair.outbox.out[reader, "1"], "a": pair.outbox.out[reader, "2"], "c": b"junk"}
    results = pair.fetch.dropped(left, [pair.a.card])
    assert [results[name].number for name in "ba"] == [1, 2]
    assert results["b"].missed == results["a"].missed == 0
    assert results["c"].step == "sealed"
    assert pair.fetch.dropped({"b": left["b"]}, [])["b"].step == "signed"


class Dragging(MemorySource):
    """A publisher whose place never comes to an end."""

    def latest(self):
        raise TemporarilyUnavailable("away")


def test_a_publisher_that_hangs_keeps_nobody_waiting_and_is_told_once(pair, tmp_path):
    pair.a.warns()
    pair.deliver()
    enemy = Side("E")
    sources = {}
    for side, kind in ((enemy, Dragging), (pair.a, MemorySource)):
        key = key_id(side.card)
        keep_card(tmp_path / "alerts" / "publishers", key, side.card)
        sources[key] = kind(pair.outbox, pair.b.card.reader)
    settings = Settings.from_environ({"REMPART_HOME": str(tmp_path)})
    courier = Courier(settings, pair.deliver, pair.fetch, sources)
    told = dict(courier.fetch_all())
    assert told["E"] is None
    assert told["A"].narrowed == 1
    assert list(courier.fetch_all()) == []


def test_what_fails_in_a_turn_stops_nothing_else(pair, tmp_path, capsys):
    """A broken card among our readers: others' alerts are taken all the same."""
    pair.a.warns()
    pair.deliver()
    left = tmp_path / "alerts" / "in"
    left.mkdir(parents=True)
    (left / "1").write_bytes(pair.outbox.out[pair.b.card.reader, "1"])
    key = key_id(pair.a.card)
    keep_card(tmp_path / "alerts" / "publishers", key, pair.a.card)
    readers = tmp_path / "alerts" / "readers"
    readers.mkdir()
    (readers / "x.json").write_text("{}")
    broken = FolderOutbox(tmp_path / "alerts", "00" * 8)
    deliver = DeliverAlerts(pair.a.keys, MemoryChance(), broken, pair.a.next_issued)
    settings = Settings.from_environ({"REMPART_HOME": str(tmp_path)})
    source = Dragging(pair.outbox, pair.b.card.reader)
    turn(Courier(settings, deliver, pair.fetch, {key: source}))
    said = capsys.readouterr()
    assert "malformed-identifier" in said.err
    assert "narrowed 1" in said.out
    assert pair.b.stage is Stage.NARROWED
    assert list(left.iterdir()) == []


# The outbox, in memory and in folders


@pytest.fixture(params=["memory", "folders"])
def outbox(request, tmp_path):
    if request.param == "memory":
        return MemoryOutbox()
    return FolderOutbox(tmp_path, "00" * 8)


READER = "ab" * 16


def test_a_row_is_where_it_was_left(outbox):
    assert outbox.sent(READER) == Sent()
    outbox.note(READER, Sent(7, b"d" * 32, 4821))
    assert outbox.sent(READER) == Sent(7, b"d" * 32, 4821)
    assert outbox.sent("cd" * 16) == Sent()


def test_in_folders_a_number_is_there_before_it_is_the_latest(tmp_path, monkeypatch):
    outbox = FolderOutbox(tmp_path, "00" * 8)
    outbox.put(READER, 1, b"one")
    seen = []
    real = alert_folders.write_whole

    def watched(path, data, *, mode):
        seen.append(path.name)
        real(path, data, mode=mode)

    monkeypatch.setattr(alert_folders, "write_whole", watched)
    outbox.put(READER, 2, b"two")
    assert seen == ["2", "latest"]
    place = tmp_path / "out" / ("00" * 8) / READER
    assert {p.name: p.read_bytes() for p in place.iterdir()} == {
        "1": b"one",
        "2": b"two",
        "latest": b"two",
    }
    assert all(path.stat().st_mode & 0o777 == 0o644 for path in place.iterdir())


def test_a_row_that_somebody_has_broken_is_not_begun_anew(tmp_path):
    outbox = FolderOutbox(tmp_path, "00" * 8)
    outbox.note(READER, Sent(1, b"d" * 32, 5))
    (path,) = (tmp_path / "rows" / ("00" * 8)).iterdir()
    for broken in ("", "{}", '{"number": 0, "digest": "", "ref": 1}', "[" * 5000):
        path.write_text(broken)
        with pytest.raises(SetUpRefused):
            outbox.sent(READER)


def test_cards_are_kept_and_forgotten(tmp_path):
    card = Side("A").card
    keep_card(tmp_path, card.reader, card)
    assert cards_in(tmp_path) == [card]
    forget_card(tmp_path, card.reader)
    assert cards_in(tmp_path) == []
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(MalformedIdentifier):
        cards_in(tmp_path)


def test_of_files_that_are_left_so_many_and_so_much_is_read(tmp_path):
    assert dropped(tmp_path / "none") == {}
    for number in range(DROPPED_MAX + 5):
        (tmp_path / f"{number:04d}").write_bytes(b"x")
    (tmp_path / "0000").write_bytes(bytes(10 * SEALED_MAX))
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    found = dropped(tmp_path)
    assert len(found) == DROPPED_MAX
    assert len(found["0000"]) == SEALED_MAX + 1
