"""What is asked of the vault about alerts between operators, and what it shows of them.

Only the vault's own user asks; ``by`` names who decides. Times are microseconds, a publisher is
named by the id of its key in hexadecimal.
"""

from rempart.usecases.message import Message


class SubscribeAlerts(Message, frozen=True, tag="subscribe-alerts"):
    """Take the alerts of the operator who signs with the key at ``point`` (65 bytes), and who
    seals them to ``ours`` (X25519, 32 bytes).
    """

    name: str
    point: bytes
    ours: bytes
    by: str = ""


class LeaveAlerts(Message, frozen=True, tag="leave-alerts"):
    """Take them no more, and let go of whatever they hold."""

    publisher: str
    by: str = ""


class TakeAlert(Message, frozen=True, tag="take-alert"):
    """An alert that was opened: its signed message, whoever brings it."""

    message: bytes


class IssueAlert(Message, frozen=True, tag="issue-alert"):
    """Warn other operators of accounts of ours that are frozen, by their names here."""

    accounts: tuple[str, ...]
    why: str
    seconds: int
    software: bool = False
    networks: tuple[str, ...] = ()
    by: str = ""


class WithdrawAlert(Message, frozen=True, tag="withdraw-alert"):
    """Take back what was issued in entry ``ref``."""

    ref: int
    by: str = ""


class NextIssued(Message, frozen=True, tag="next-issued"):
    """The first alert of ours after entry ``after`` that is not over."""

    after: int


class ListAlerts(Message, frozen=True, tag="list-alerts"):
    """Whom we listen to, what was heard and stands, what we issued; one page from ``first`` on."""

    first: int = 0


class AlertTaken(Message, frozen=True, tag="alert-taken"):
    """Taken: accounts by what became of them. ``known`` if it had been before; ``missed`` are the
    alerts before it that never came; ``tighter`` were narrowed or more already, ``waiting`` are for
    a person to look at, ``loosened`` were held by what it withdraws.
    """

    publisher: str
    ref: int
    number: int
    known: bool = False
    over: bool = False
    missed: int = 0
    narrowed: int = 0
    tighter: int = 0
    waiting: int = 0
    loosened: int = 0


class AlertNotTaken(Message, frozen=True, tag="alert-not-taken"):
    """Not taken: the step of ``specs/alert.md`` that failed, and why. Nothing has moved."""

    step: str
    words: str


class IssuedAlert(Message, frozen=True, tag="issued-alert"):
    """One alert of ours, as it is to be signed; times in seconds since 1970."""

    ref: int
    made: int
    until: int
    why: int
    accounts: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    software: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    withdraws: int = -1


class PublisherShown(Message, frozen=True, tag="publisher"):
    """Whom we listen to: the last alert's number, accounts that its alerts hold now."""

    publisher: str
    name: str
    since: int
    by: str
    number: int
    holds: int


class HeardShown(Message, frozen=True, tag="heard"):
    """An alert that stands: accounts that it holds, and those that wait for a person, by name, as
    many as fit; ``more`` are those that do not.
    """

    publisher: str
    ref: int
    entry: int
    at: int
    until: int
    why: str
    held: tuple[str, ...]
    waiting: tuple[str, ...]
    more: int


class IssuedShown(Message, frozen=True, tag="issued"):
    """One alert of ours; ``loosened`` are its accounts that are frozen here no more."""

    ref: int
    at: int
    until: int
    why: str
    by: str
    accounts: tuple[str, ...]
    more: int
    loosened: int
    withdrawn: bool


class AlertsShown(Message, frozen=True, tag="alerts"):
    """A page of each, newest first; ``total`` is the length of the longest."""

    publishers: tuple[PublisherShown, ...]
    heard: tuple[HeardShown, ...]
    issued: tuple[IssuedShown, ...]
    total: int


AlertRequest = (
    SubscribeAlerts | LeaveAlerts | TakeAlert | IssueAlert | WithdrawAlert | NextIssued | ListAlerts
)
AlertReply = AlertTaken | AlertNotTaken | IssuedAlert | AlertsShown
