"""Deliveries: what became of each dossier on its way to its insurer, and whom to call next.

A fold of what was noted, in order. Nothing is inferred: handed is what lies whole in the drop;
told is what a mail server has taken; received is what the insurer has signed. A notice that began
and whose end was not noted is in doubt: perhaps sent, and not sent again by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from rempart.domain.clocks import HOUR
from rempart.domain.contacts import InsurerContact


class Noted(StrEnum):
    """What is noted of a delivery."""

    SEEN = "seen"
    """Whole, and to be handed over: the first time that it was tried."""
    HANDED = "handed"
    MAILING = "mailing"
    """About to be sent: whether it was is known by the next line, or by nobody."""
    MAILED = "mailed"
    UNMAILED = "unmailed"
    """Surely not sent."""
    RECEIVED = "received"
    ENTERED = "entered"
    """The receipt stands in the incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing noted at ``at`` (microseconds) of the dossier whose manifest has this SHA-256.

    ``receipt`` is the insurer's signed note, ``said`` the moment that it says; ``exercise`` is
    whether the dossier is of one.
    """

    at: int
    did: Noted
    manifest: str
    receipt: str = ""
    said: int = 0
    exercise: bool = False

    def __repr__(self) -> str:
        return f"Line({self.did}, at={self.at})"


class Hand(StrEnum):
    """What came of handing a dossier over."""

    HANDED = "handed"
    BEFORE = "before"
    """It was there."""
    NO_MANIFEST = "no-manifest"
    BROKEN = "broken"
    """Its manifest is not the vault's, or of another place."""
    ALTERED = "altered"
    """A file is not the one that was signed."""
    NO_CONTACT = "no-contact"
    NO_DROP = "no-drop"
    NO_PATH = "no-path"
    """The drop is not a whole path."""
    LINK = "link"
    """The drop is a link, or lies behind one."""
    NOT_THERE = "not-there"
    NOT_OURS = "not-ours"
    """No permission."""
    FULL = "full"
    TAKEN = "taken"
    """Something else lies there under its name."""
    SILENT = "silent"
    """The disk, or what is mounted there, does not answer as it should."""

    @property
    def there(self) -> bool:
        """Whether it lies in the drop."""
        return self in {Hand.HANDED, Hand.BEFORE}


class Post(StrEnum):
    """What came of a notice by e-mail. But for the first three, it was surely not sent."""

    SENT = "sent"
    BEFORE = "before"
    IN_DOUBT = "in-doubt"
    NOTHING_THERE = "nothing-there"
    """No file awaits anybody, and none is said to."""
    NO_SERVER = "no-server"
    NO_ADDRESS = "no-address"
    BAD_ADDRESS = "bad-address"
    DOWN = "down"
    NO_TLS = "no-tls"
    BAD_CERTIFICATE = "bad-certificate"
    NO_LOGIN = "no-login"
    REFUSED = "refused"


class Told(StrEnum):
    """Where the notice by e-mail stands."""

    NO = "no"
    YES = "yes"
    IN_DOUBT = "in-doubt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where one stands: moments in microseconds, nothing where it has not happened. ``before`` is
    how ``told`` stood before the last attempt.
    """

    seen: int | None = None
    handed: int | None = None
    told: Told = Told.NO
    before: Told = Told.NO
    mailed: int | None = None
    received: int | None = None
    entered: int | None = None


def delivery_of(manifests: frozenset[str], lines: Iterable[Line]) -> Delivery:
    """The delivery of one dossier, under whichever of its manifests."""
    found = Delivery()
    for line in lines:
        if line.manifest in manifests:
            found = _then(found, line)
    return found


def _then(found: Delivery, line: Line) -> Delivery:
    match line.did:
        case Noted.SEEN:
            found = replace(found, seen=found.seen or line.at)
        case Noted.HANDED:
            found = replace(found, handed=found.handed or line.at)
        case Noted.MAILING:
            found = replace(found, told=Told.IN_DOUBT, before=found.told)
        case Noted.MAILED:
            found = replace(found, told=Told.YES, mailed=found.mailed or line.at)
        case Noted.UNMAILED:
            found = replace(found, told=found.before)
        case Noted.RECEIVED:
            found = replace(found, received=found.received or _moment(found, line))
        case Noted.ENTERED:
            found = replace(found, entered=line.at)
    return found


def _moment(found: Delivery, line: Line) -> int:
    """When it was received: what the insurer's clock says, between our handing and our reading."""
    return min(max(line.said, found.handed or line.said), line.at)


class Then(StrEnum):
    """What is to be done next, and how urgent."""

    NOTHING = "nothing"
    WAIT = "wait"
    CALL = "call"
    CALL_AGAIN = "call-again"
    LATE = "late"
    BY_HAND = "by-hand"


STEPS = ((24 * HOUR, Then.LATE), (4 * HOUR, Then.CALL_AGAIN), (1 * HOUR, Then.CALL))
"""Without a receipt: past an hour somebody is called, past four again and higher, past a day the
house's aim for telling insurers is over (``insurers-33-2``) and it is brought by hand."""


def escalation(delivery: Delivery, contact: InsurerContact | None, now: int) -> Then:
    """What is to be done about a delivery now; ``now`` in microseconds."""
    if delivery.received is not None:
        return Then.NOTHING
    if contact is None or not contact.drop:
        return Then.BY_HAND
    since = delivery.handed or delivery.seen
    if since is None:
        return Then.WAIT
    late = next((then for after, then in STEPS if now - since >= after), Then.WAIT)
    # A file that nobody was told of waits for ever.
    untold = delivery.handed is not None and delivery.told is not Told.YES
    return Then.CALL if untold and late is Then.WAIT else late
