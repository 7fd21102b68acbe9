"""The finding: which accounts were stolen, from when to when, and whose sessions were whose.

It is what people, or the guard, hold to be true; the scope follows from it and from the ledger
alone. In between the earliest possible theft and containment, a session is the thief's, the
owner's, or somebody's: then what was answered in it stays in doubt. So does a session that both
used, as with a relayed phishing: it is named under neither.

A gateway in somebody else's hands is a window: whatever was asked in it, by any account, is theirs.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from itertools import pairwise
from typing import Any

from rempart.domain.disclosure import EPOCH, MICROSECOND
from rempart.domain.errors import MalformedIdentifier

ACCOUNTS_MAX = 100_000
"""Of one finding: more than the guard freezes, or alerts name, in one incident."""
SESSION_SIZE = 16
NEVER = 2**63 - 1
"""Of an account that is not contained yet."""


class Whose(IntEnum):
    """Whose a session is, the worse the higher."""

    OWNER = 1
    UNKNOWN = 2
    THIEF = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One account, by its number in the registry; times in microseconds.

    ``stolen`` is the earliest possible theft, ``contained`` the last moment at which anything could
    still be read, both included. ``rest`` says whose the sessions in between are that the finding
    does not name.
    """

    number: int
    stolen: int
    contained: int = NEVER
    rest: Whose = Whose.UNKNOWN

    def check(self, now: int) -> None:
        """Return if it does not contradict itself.

        Raises:
            MalformedIdentifier: it does.
        """
        name = f"account {self.number}"
        if not 0 < self.number < 2**32:
            raise MalformedIdentifier(name, "expected a number of the registry")
        if not 0 < self.stolen <= now:
            raise MalformedIdentifier(f"{name}, stolen", "expected a moment that has been")
        if self.contained != NEVER and self.contained > now:
            raise MalformedIdentifier(f"{name}, contained", "expected a moment that has been")
        if self.contained < self.stolen:
            raise MalformedIdentifier(f"{name}, contained", "before the earliest theft")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A gateway was somebody else's from ``since`` to ``until``, both included; microseconds."""

    since: int
    until: int

    def holds(self, at: int) -> bool:
        """Whether a moment lies in it."""
        return self.since <= at <= self.until

    def check(self, name: str, now: int) -> None:
        """Return if it does not contradict itself.

        Raises:
            MalformedIdentifier: it does.
        """
        if not 0 < self.since <= self.until <= now:
            raise MalformedIdentifier(name, "expected two moments that have been, in their order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Accounts, the sessions (pseudonyms, 16 bytes) that are known to be somebody's, and when
    everything that passed was read on its way. In a session of ``keyed`` nobody knows who asked,
    but what was answered on a card, a phone or a printed key was answered to the owner.
    """

    suspects: tuple[Suspect, ...]
    gateway: tuple[Window, ...] = field(default=(), repr=False)
    thief: frozenset[bytes] = field(default=frozenset(), repr=False)
    owner: frozenset[bytes] = field(default=frozenset(), repr=False)
    keyed: frozenset[bytes] = field(default=frozenset(), repr=False)

    def check(self, now: int) -> None:
        """Return if it does not contradict itself; ``now`` is in microseconds.

        Raises:
            MalformedIdentifier: it does; the field and the reason are named.
        """
        numbers = [each.number for each in self.suspects]
        if not (self.gateway and not numbers) and not 0 < len(numbers) <= ACCOUNTS_MAX:
            raise MalformedIdentifier("account", f"expected 1 to {ACCOUNTS_MAX}")
        if len(set(numbers)) < len(numbers):
            raise MalformedIdentifier("account", "one is named twice")
        for suspect in self.suspects:
            suspect.check(now)
        for place, window in enumerate(self.gateway, 1):
            window.check(f"gateway {place}", now)
        ordered = sorted(self.gateway)
        if any(after.since <= before.until for before, after in pairwise(ordered)):
            raise MalformedIdentifier("gateway", "two windows overlap: make one of them")
        self.check_sessions()

    def check_sessions(self) -> None:
        """Return if each session that it names is somebody's alone.

        Raises:
            MalformedIdentifier: one is not.
        """
        if any(len(each) != SESSION_SIZE for each in self.named):
            raise MalformedIdentifier("sessions", "expected pseudonyms of 16 bytes")
        if self.thief & self.owner:
            raise MalformedIdentifier(
                "sessions", "one is both the thief's and the owner's: name it under neither"
            )
        if self.keyed & (self.thief | self.owner):
            raise MalformedIdentifier("sessions, keyed", "one is the thief's or the owner's whole")

    @property
    def named(self) -> frozenset[bytes]:
        """Every session that it names."""
        return self.thief | self.owner | self.keyed

    @property
    def span(self) -> tuple[int, int]:
        """The earliest theft and the last containment, of accounts and gateways."""
        starts = [*(each.stolen for each in self.suspects), *(w.since for w in self.gateway)]
        ends = [*(each.contained for each in self.suspects), *(w.until for w in self.gateway)]
        return min(starts), max(ends)

    def passed(self, at: int) -> bool:
        """Whether what was asked at a moment passed through other hands."""
        return any(window.holds(at) for window in self.gateway)

    def to_json(self) -> dict[str, Any]:
        """Itself, as its file says it."""
        windows = [{"since": _text(w.since), "until": _text(w.until)} for w in sorted(self.gateway)]
        return {
            **({"gateway": windows} if windows else {}),
            "account": [_said(each) for each in sorted(self.suspects, key=lambda s: s.number)],
            "sessions": {
                "thief": sorted(each.hex() for each in self.thief),
                "owner": sorted(each.hex() for each in self.owner),
                **({"keyed": sorted(each.hex() for each in self.keyed)} if self.keyed else {}),
            },
        }

    @property
    def digest(self) -> bytes:
        """SHA-256 of what it says, however its file is written."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).digest()


def _said(suspect: Suspect) -> dict[str, Any]:
    contained = {} if suspect.contained == NEVER else {"contained": _text(suspect.contained)}
    return {
        "number": suspect.number,
        "stolen": _text(suspect.stolen),
        **contained,
        "rest": suspect.rest.name.lower(),
    }


def _text(at: int) -> str:
    return (EPOCH + at * MICROSECOND).isoformat().replace("+00:00", "Z")


def finding_of(said: object) -> Finding:
    """The finding in a TOML or JSON file, read.

    Raises:
        MalformedIdentifier: a field is missing, unknown, or not what it should be.
    """
    whole = _table(said, "finding", known={"account", "gateway", "sessions", "exercise"})
    if not {"account", "gateway"} & set(whole):
        raise MalformedIdentifier("finding", "account is missing")
    of_exercise(whole)
    accounts, windows = whole.get("account", []), whole.get("gateway", [])
    if not isinstance(accounts, list):
        raise MalformedIdentifier("account", "expected a list of accounts")
    if not isinstance(windows, list):
        raise MalformedIdentifier("gateway", "expected a list of windows")
    sessions = _table(whole.get("sessions", {}), "sessions", known={"thief", "owner", "keyed"})
    return Finding(
        suspects=tuple(_suspect(each, place) for place, each in enumerate(accounts, 1)),
        gateway=tuple(_window(each, place) for place, each in enumerate(windows, 1)),
        thief=_sessions(sessions.get("thief", []), "sessions, thief"),
        owner=_sessions(sessions.get("owner", []), "sessions, owner"),
        keyed=_sessions(sessions.get("keyed", []), "sessions, keyed"),
    )


def of_exercise(said: Mapping[str, Any]) -> bool:
    """Whether a finding says that it is one of an exercise: no part of it, and of no digest.

    Raises:
        MalformedIdentifier: it says something else.
    """
    if not isinstance(exercise := said.get("exercise", False), bool):
        raise MalformedIdentifier("exercise", "expected true or false")
    return exercise


def _table(
    said: object, name: str, *, known: set[str], required: set[str] | None = None
) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise MalformedIdentifier(name, "expected a table")
    if strange := set(said) - known:
        raise MalformedIdentifier(name, f"{min(map(str, strange))[:32]} is not known")
    if missing := (required or set()) - set(said):
        raise MalformedIdentifier(name, f"{min(missing)} is missing")
    return said


def _suspect(said: object, place: int) -> Suspect:
    name, needed = f"account {place}", {"number", "stolen"}
    table = _table(said, name, required=needed, known=needed | {"contained", "rest"})
    number = table["number"]
    if type(number) is not int:
        raise MalformedIdentifier(f"{name}, number", "expected a whole number")
    contained = table.get("contained")
    try:
        rest = Whose[str(table.get("rest", "unknown")).upper()]
    except KeyError:
        raise MalformedIdentifier(f"{name}, rest", "expected unknown, thief or owner") from None
    return Suspect(
        number=number,
        stolen=_moment(table["stolen"], f"{name}, stolen"),
        contained=NEVER if contained is None else _moment(contained, f"{name}, contained"),
        rest=rest,
    )


def _window(said: object, place: int) -> Window:
    name, needed = f"gateway {place}", {"since", "until"}
    table = _table(said, name, required=needed, known=needed)
    return Window(*(_moment(table[end], f"{name}, {end}") for end in ("since", "until")))


def _moment(said: object, name: str) -> int:
    try:
        at = said if isinstance(said, datetime) else datetime.fromisoformat(str(said))
    except ValueError:
        at = datetime(1, 1, 1)  # noqa: DTZ001 -- refused below
    if at.tzinfo is None:
        raise MalformedIdentifier(
            name, "expected a date and time with its offset, as ...T08:00:00Z"
        )
    try:
        return (at.astimezone(UTC) - EPOCH) // MICROSECOND
    except OverflowError:
        raise MalformedIdentifier(name, "expected a moment of our times") from None


def _sessions(said: object, name: str) -> frozenset[bytes]:
    try:
        if not isinstance(said, Sequence) or isinstance(said, str):
            raise ValueError
        found = [bytes.fromhex(each) for each in said if isinstance(each, str)]
    except ValueError:
        found = []
    if not isinstance(said, Sequence) or len(found) != len(said):
        raise MalformedIdentifier(name, "expected a list of pseudonyms in hexadecimal")
    return frozenset(found)
