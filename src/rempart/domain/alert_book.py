"""What the ledger says of alerts: whom we listen to, what was heard, whom it holds, what we issued.

A fold. The row of each publisher is here, so that an alert is taken once whatever happens to files;
and what each has narrowed within a day, so that none narrows more than it may.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from struct import Struct
from typing import NamedTuple, TypeVar

from rempart.domain.alert import TELLS
from rempart.domain.budget import DAY
from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import Codes, Entry, EntryType, decode_codes

ALERTS_A_DAY = 100
"""Of one publisher: each is written for ever."""
K = TypeVar("K")
V = TypeVar("V")
NUMBERS = Struct(">Q")


class Rules(NamedTuple):
    """What alerts may do here: how many accounts those of one publisher narrow within a day, and
    those of all; whether we warn others by ourselves of what our guard has frozen.
    """

    a_day: int = 20
    all_a_day: int = 40
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """An operator whose alerts are taken: its key (a P-256 point), and ``ours``, the key that it
    seals to. ``number`` and ``digest`` are of the last alert that was taken; times in microseconds.
    """

    key_id: bytes = field(repr=False)
    point: bytes = field(repr=False)
    name: str = field(repr=False)
    ours: bytes = field(repr=False)
    since: int
    by: str = field(repr=False)
    ended: bool = False
    number: int = 0
    digest: bytes = b""
    times: tuple[int, ...] = field(default=(), repr=False)


class Heard(NamedTuple):
    """An alert that stands: ``entry`` is ours, ``ref`` the publisher's. ``waiting`` are accounts by
    number that it names and did not narrow, for a person to look at: past what it may, or ``seen``
    on a network that it names.
    """

    publisher: bytes
    ref: int
    entry: int
    at: int
    until: int
    why: Why
    named: int
    waiting: tuple[int, ...]
    seen: tuple[int, ...]


class Hold(NamedTuple):
    """An alert on whose word an account is narrowed, and until when."""

    publisher: bytes
    ref: int
    until: int


class Issued(NamedTuple):
    """An alert of ours: its entry, the accounts it is about by number, what else it names."""

    ref: int
    at: int
    until: int
    why: Why
    accounts: tuple[int, ...] = ()
    software: bool = False
    networks: str = ""
    by: str = ""
    withdraws: int = -1
    withdrawn: bool = False

    def codes(self, authority: Authority) -> Codes:
        """As it stands in the ledger."""
        if self.withdraws >= 0:
            return {"withdraw": self.withdraws, "until": self.until, "by": self.by}
        return {
            "issue": packed(self.accounts),
            "until": self.until,
            "why": self.why.value,
            "software": int(self.software),
            "networks": self.networks,
            "authority": authority.value,
            "by": self.by,
        }


class State(NamedTuple):
    """All of it; tables are replaced, never changed. ``narrowed`` is when, and on whose word;
    ``frozen`` is since when accounts are that our guard has frozen, and why; ``holds`` are accounts
    that nothing holds but alerts.
    """

    publishers: Mapping[bytes, Publisher] = {}
    heard: Mapping[tuple[bytes, int], Heard] = {}
    holds: Mapping[int, tuple[Hold, ...]] = {}
    narrowed: tuple[tuple[int, bytes], ...] = ()
    issued: Mapping[int, Issued] = {}
    frozen: Mapping[int, tuple[int, Why]] = {}


@dataclass(slots=True)
class AlertBook:
    """The fold."""

    state: State = field(default_factory=State)
    _before: State | None = field(default=None, repr=False, compare=False)

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Take in an entry of the ledger."""
        if entry.type is EntryType.CONTAINMENT:
            self.note(decode_codes(detail), entry.at)
        elif entry.type is EntryType.DECISION:
            self._take(decided(self.state, decode_codes(detail), index, entry.at))

    def note(self, codes: Codes, at: int) -> None:
        """Look at a move that is being written."""
        self._take(moved(self.state, codes, at))

    def _take(self, state: State) -> None:
        if state is not self.state:
            if self._before is None:
                self._before = self.state
            self.state = state

    def mark(self) -> None:
        """What was absorbed is durable."""
        self._before = None

    def undo(self) -> None:
        """What was absorbed since the last mark is not."""
        if self._before is not None:
            self.state, self._before = self._before, None

    def forget(self) -> None:
        """Start again from nothing."""
        self.state, self._before = State(), None

    def room(self, publisher: bytes, rules: Rules, now: int) -> int:
        """How many accounts this publisher may still have narrowed within the day."""
        lately = [who for at, who in self.state.narrowed if at > now - DAY]
        own = rules.a_day - lately.count(publisher)
        return max(0, min(own, rules.all_a_day - len(lately)))


def moved(state: State, codes: Codes, at: int) -> State:
    """What is left after a stage has moved."""
    account, target = int(codes["account"]), int(codes["to"])
    by_alert = int(codes["authority"]) == Authority.ALERT
    holds, narrowed, frozen = state.holds, state.narrowed, state.frozen
    if by_alert and target == Stage.NARROWED:
        publisher = codes["publisher"]
        assert isinstance(publisher, bytes), "codes of ours"
        hold = Hold(publisher, int(codes["alert"]), int(codes["until"]))
        holds = {**holds, account: (hold,)}
        narrowed = (*(each for each in narrowed if each[0] > at - DAY), (at, publisher))
    elif account in holds:
        holds = _without(holds, account)
    if _is_theft(codes):
        frozen = {**frozen, account: (at, Why(int(codes["why"])))}
    elif account in frozen:
        frozen = _without(frozen, account)
    heard = state.heard
    if any(account in each.waiting for each in heard.values()):
        heard = {key: _looked_at(each, account) for key, each in heard.items()}
    if (holds, narrowed, frozen, heard) == (state.holds, state.narrowed, state.frozen, state.heard):
        return state
    return state._replace(holds=holds, narrowed=narrowed, frozen=frozen, heard=heard)


def _is_theft(codes: Codes) -> bool:
    """Whether the guard has frozen an account for what others may be warned of."""
    guard = int(codes["authority"]) == Authority.GUARD
    return guard and int(codes["to"]) == Stage.FROZEN and Why(int(codes["why"])) in TELLS


def _looked_at(heard: Heard, account: int) -> Heard:
    left = tuple(each for each in heard.waiting if each != account)
    return heard._replace(waiting=left)


def decided(state: State, codes: Codes, index: int, at: int) -> State:
    """What is left after a decision."""
    if "alert" in codes:
        return _heard(state, codes, index, at)
    if "publisher" in codes:
        return _listened(state, codes, at)
    if "issue" in codes or "withdraw" in codes:
        return _issued(state, codes, index, at)
    return state


def _heard(state: State, codes: Codes, index: int, at: int) -> State:
    publisher, digest = codes["publisher"], codes["digest"]
    assert isinstance(publisher, bytes)
    assert isinstance(digest, bytes)
    before = state.publishers[publisher]
    times = (*(each for each in before.times if each > at - DAY), at)
    listened = replace(before, number=int(codes["number"]), digest=digest, times=times)
    state = state._replace(publishers={**state.publishers, publisher: listened})
    if "withdrawn" in codes:
        gone = frozenset(unpacked(codes["withdrawn"]))
        return _dropped(state, lambda each: each.publisher == publisher and each.ref in gone)
    heard = {key: each for key, each in state.heard.items() if each.until > at}
    holds = dict(state.holds)
    for account in unpacked(codes["joins"]):
        hold = Hold(publisher, int(codes["alert"]), int(codes["until"]))
        holds[account] = (*holds[account], hold)
    if int(codes["until"]) > at:
        heard[publisher, int(codes["alert"])] = Heard(
            publisher,
            int(codes["alert"]),
            index,
            at,
            int(codes["until"]),
            Why(int(codes["why"])),
            int(codes["named"]),
            unpacked(codes["waiting"]),
            unpacked(codes["seen"]),
        )
    return state._replace(heard=heard, holds=holds)


def _dropped(state: State, gone: Callable[[Heard | Hold], bool]) -> State:
    """Without some alerts, and without what they held."""
    heard = {key: each for key, each in state.heard.items() if not gone(each)}
    left = {n: tuple(h for h in holds if not gone(h)) for n, holds in state.holds.items()}
    return state._replace(heard=heard, holds={n: holds for n, holds in left.items() if holds})


def _listened(state: State, codes: Codes, at: int) -> State:
    key_id, point, ours = codes["publisher"], codes.get("point", b""), codes.get("ours", b"")
    assert isinstance(key_id, bytes)
    before = state.publishers.get(key_id)
    if "ended" in codes:
        assert before is not None, "only whom we listen to is left"
        left = {**state.publishers, key_id: replace(before, ended=True)}
        return _dropped(state._replace(publishers=left), lambda each: each.publisher == key_id)
    assert isinstance(point, bytes)
    assert isinstance(ours, bytes)
    listened = Publisher(
        key_id=key_id,
        point=point,
        name=str(codes["name"]),
        ours=ours,
        since=at,
        by=str(codes["by"]),
        # Whoever is listened to again has not said its alerts again.
        number=0 if before is None else before.number,
        digest=b"" if before is None else before.digest,
    )
    return state._replace(publishers={**state.publishers, key_id: listened})


def _issued(state: State, codes: Codes, index: int, at: int) -> State:
    issued = {ref: each for ref, each in state.issued.items() if each.until > at}
    until, by = int(codes["until"]), str(codes["by"])
    if "withdraw" in codes:
        ref = int(codes["withdraw"])
        if ref in issued:
            issued[ref] = issued[ref]._replace(withdrawn=True)
        made = Issued(index, at, until, Why.COMPROMISED, by=by, withdraws=ref)
    else:
        made = Issued(
            index,
            at,
            until,
            Why(int(codes["why"])),
            unpacked(codes["issue"]),
            bool(codes["software"]),
            str(codes["networks"]),
            by,
        )
    return state._replace(issued={**issued, index: made})


def _without(table: Mapping[K, V], key: K) -> dict[K, V]:
    return {each: value for each, value in table.items() if each != key}


def packed(numbers: Iterable[int]) -> bytes:
    """Numbers as an entry's detail holds them, eight bytes each."""
    return b"".join(map(NUMBERS.pack, numbers))


def unpacked(value: int | bytes | str) -> tuple[int, ...]:
    """``packed`` read back."""
    assert isinstance(value, bytes), "codes of ours"
    return tuple(number for (number,) in NUMBERS.iter_unpack(value))


def alert_in(entry: Entry, detail: bytes) -> tuple[int, ...] | None:
    """Accounts that an alert leaves for a person to look at, or that others hold already, where it
    names or saw any of ours. Those narrowed on its word follow, each in an entry of its own.
    """
    codes = decode_codes(detail) if entry.type is EntryType.DECISION else {}
    if "alert" not in codes or not (codes.get("found") or codes.get("seen")):
        return None
    return tuple(n for name in ("joins", "waiting", "seen") for n in unpacked(codes[name]))
