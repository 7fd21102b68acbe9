"""Devices that may bind insurers while their site is cut off: a fold of the ledger.

A device is known by the id of its key. That it was enrolled, and when, stands in the ledger and
nowhere else: whoever comes during a cut cannot have been there before it.
"""

from dataclasses import dataclass, field

from rempart.domain.budget import DAY
from rempart.domain.disclosure import Codes, Entry, EntryType, decode_codes
from rempart.domain.errors import MalformedIdentifier, NotAllowed
from rempart.domain.reversible import Reversible

DEVICES_MAX = 20
"""At one site, at a time: counters of a large shop."""
A_DAY = 40
"""Enrolments of one site: each is written for ever."""
POINT_SIZE, KEY_ID_SIZE = 65, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What signs at a site: a P-256 point (65 bytes). Times in microseconds; ``until`` is when it
    was taken out, 0 while it serves. ``site`` is the site's number, ``by`` who enrolled it.
    """

    site: int
    key_id: bytes = field(repr=False)
    point: bytes = field(repr=False)
    since: int
    until: int = 0
    by: str = field(default="", repr=False)

    def copy(self) -> "Device":
        """Itself: it does not change."""
        return self

    def enrolled_codes(self) -> Codes:
        """How the ledger says that it serves from now on."""
        return {"device": self.key_id, "point": self.point, "site": self.site, "by": self.by}


def ended_codes(device: Device, by: str) -> Codes:
    """How the ledger says that a device serves no more."""
    return {"device": device.key_id, "site": device.site, "ended": 1, "by": by}


class Devices:
    """The fold: every device that ever was, by the id of its key."""

    def __init__(self) -> None:
        self._known: Reversible[bytes, Device] = Reversible()
        self.mark, self.undo = self._known.mark, self._known.undo
        self.forget = self._known.forget

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Take in an entry of the ledger."""
        del index
        if entry.type is not EntryType.DECISION:
            return
        codes = decode_codes(detail)
        key_id = codes.get("device")
        if not isinstance(key_id, bytes):
            return
        before = self._known.touch(key_id)
        if "ended" in codes:
            assert before is not None, "only what serves is taken out"
            self._known.put(key_id, _ended(before, entry.at))
        else:
            self._known.put(key_id, _enrolled(key_id, codes, entry.at))

    def find(self, key_id: bytes) -> Device | None:
        """The device of this key, serving or not."""
        return self._known.states.get(key_id)

    def serving(self, site: int = 0) -> list[Device]:
        """Those that serve, at one site or at all, in the order in which they came."""
        return [
            device
            for device in self._known.states.values()
            if not device.until and site in {0, device.site}
        ]

    def check_room(self, device: Device, now: int) -> None:
        """Return if a device may come.

        Raises:
            MalformedIdentifier: its key is not a point, or was enrolled before: a key serves once.
            NotAllowed: the site has as many as it may.
        """
        if len(device.point) != POINT_SIZE or len(device.key_id) != KEY_ID_SIZE:
            raise MalformedIdentifier("device", f"expected a point of P-256, {POINT_SIZE} bytes")
        if self.find(device.key_id) is not None:
            raise MalformedIdentifier("device", "this key was enrolled before: make another")
        if len(self.serving(device.site)) >= DEVICES_MAX:
            raise NotAllowed(f"a site has {DEVICES_MAX} devices at most: take one out")
        came = [each.since for each in self._known.states.values() if each.site == device.site]
        if sum(since > now - DAY for since in came) >= A_DAY:
            raise NotAllowed(f"a site enrols {A_DAY} devices a day at most")


def _enrolled(key_id: bytes, codes: Codes, at: int) -> Device:
    point = codes["point"]
    assert isinstance(point, bytes)
    return Device(
        site=int(codes["site"]), key_id=key_id, point=point, since=at, by=str(codes["by"])
    )


def _ended(device: Device, at: int) -> Device:
    return Device(
        site=device.site,
        key_id=device.key_id,
        point=device.point,
        since=device.since,
        until=at,
        by=device.by,
    )
