"""What crosses the vault's door, as typed there: parsed by the vault, relayed by the gateway.

Fields are raw text because only the vault decides what is well formed. Everything a patient brings
is hidden from ``repr``.
"""

from typing import Literal

from rempart.usecases.access_messages import AccessOpened, OpenAccess
from rempart.usecases.alert_messages import AlertReply, AlertRequest
from rempart.usecases.claim_messages import ClaimDecided, DecideClaim, FindPair, PairFound
from rempart.usecases.cut_off_messages import CutOffReply, CutOffRequest
from rempart.usecases.device_messages import DeviceReply, DeviceRequest
from rempart.usecases.history_messages import AskHistory, HistoryShown
from rempart.usecases.incident_messages import IncidentReply, IncidentRequest
from rempart.usecases.measure_messages import MeasureReply, MeasureRequest
from rempart.usecases.message import Message
from rempart.usecases.people_messages import (
    PeopleRequest,
)
from rempart.usecases.people_replies import (
    PeopleReply,
)
from rempart.usecases.pro_sante_messages import ProSanteReply, ProSanteRequest
from rempart.usecases.table_messages import OpenTable, TableShare


class CardShown(Message, frozen=True, tag="card"):
    """The text of a signed card code."""

    code: str


class Typed(Message, frozen=True, tag="typed"):
    """The things printed on a card; without printed key the card is from before Rempart."""

    amc: str
    member_number: str
    birth_date: str
    birth_rank: str
    printed_key: str = ""


class Sealed(Message, frozen=True, tag="sealed"):
    """Either of the two, sealed to the vault by the practice's software: the gateway reads none."""

    value: bytes


class Ask(Message, frozen=True, tag="ask"):
    """Are the rights of this beneficiary open, for one domain, on one date of care (ISO 8601)?

    ``token`` is the opaque session handle, ``certificate`` the SHA-256 of the caller's TLS
    certificate, ``key`` the caller's idempotency key; ``network`` is the prefix of the address it
    comes from, as the gateway sees it, or nothing. A person has no certificate and brings
    ``proof`` (``people_messages``).
    """

    token: bytes
    certificate: bytes
    key: str
    domain: str
    care_date: str
    shown: CardShown | Typed | Sealed
    network: str = ""
    proof: str = ""


class SignIn(Message, frozen=True, tag="sign-in"):
    """A software's signed assertion (RFC 7523), and the certificate it came with."""

    assertion: str
    certificate: bytes


class SignOut(Message, frozen=True, tag="sign-out"):
    """End a session."""

    token: bytes


class Status(Message, frozen=True, tag="status"):
    """How is the vault? No session needed; the answer holds no secret."""


class PresenceKey(Message, frozen=True, tag="presence-key"):
    """The key to seal presence to. No session needed: anybody may know it."""


class RenewPresence(Message, frozen=True, tag="renew-presence"):
    """Make the next presence key; only the vault's own user may ask."""


class ReloadKeys(Message, frozen=True, tag="reload-keys"):
    """Read the keyring again: a rotation has added a version."""


class Contain(Message, frozen=True, tag="contain"):
    """Move the stage of an account: a person's decision, ``why`` a name of ``containment.Why``.

    ``stage`` is that to move to. Staff ask in their session; without one, only the vault's own
    user may ask, and then ``by`` names the officer.
    """

    client_id: str
    stage: str
    why: str
    by: str = ""
    token: bytes = b""
    proof: str = ""


class Allow(Message, frozen=True, tag="allow"):
    """Decide a dated exception to budgets; in a session of staff, or as ``Contain``.

    ``over`` and ``reason`` are names of ``allowance.Over`` and ``allowance.Reason``, ``who`` the
    kind, site or client_id that it is for, times in microseconds.
    """

    over: str
    who: str
    factor: int
    typed: bool
    since: int
    until: int
    reason: str
    by: str = ""
    token: bytes = b""
    proof: str = ""


class Standings(Message, frozen=True, tag="standings"):
    """Which accounts are contained, and how near the others are; as ``Contain``.

    One page from ``first`` on, or the one account of ``client_id``.
    """

    first: int = 0
    client_id: str = ""
    token: bytes = b""
    proof: str = ""


Request = (
    Ask
    | SignIn
    | SignOut
    | Status
    | PresenceKey
    | RenewPresence
    | ReloadKeys
    | Contain
    | Allow
    | Standings
    | DecideClaim
    | FindPair
    | OpenTable
    | OpenAccess
    | AskHistory
    | IncidentRequest
    | MeasureRequest
    | DeviceRequest
    | CutOffRequest
    | AlertRequest
    | PeopleRequest
    | ProSanteRequest
)

Reason = Literal[
    "read-the-card",
    "card-not-known",
    "card-refused",
    "forbidden-domain",
    "forbidden-date",
    "over-budget",
    "narrowed",
    "frozen",
    "closed-hour",
    "cut-off",
    "key-reused",
    "malformed",
    "seal-presence",
    "unopened",
    "not-signed-in",
    "sign-in-refused",
    "not-allowed",
    "not-fresh",
    "forbidden-move",
    "ask-your-insurer",
    "unavailable",
]
"""Why a question got no answer; each is a row of ``docs/reference/outcomes.md``."""


class Answered(Message, frozen=True, tag="answered"):
    """The question, answered.

    ``reference`` is the index of the ledger entry that a later claim cites; ``until`` and ``mode``
    are empty when rights are not in force, ``until`` also when they have no end.
    """

    reference: int
    in_force: bool
    until: str
    mode: str
    repeated: bool


class Refused(Message, frozen=True, tag="refused"):
    """No answer, and why; ``detail`` names a rule, never a value.

    ``after`` is the seconds after which asking again may help, 0 where nobody knows.
    """

    reason: Reason
    detail: str = ""
    after: int = 0


class SignedIn(Message, frozen=True, tag="signed-in"):
    """An opaque session handle, bound to the caller's certificate; ``expires_in`` in seconds."""

    token: bytes
    expires_in: int


class Health(Message, frozen=True, tag="health"):
    """State of the vault: ledger size, epoch, live sessions, key versions read."""

    size: int
    epoch: int
    sessions: int
    index_versions: tuple[int, ...]
    outer_versions: tuple[int, ...]
    checkpoint: str


class PresenceNote(Message, frozen=True, tag="presence-note"):
    """The vault's presence key in a note that it has signed."""

    note: str


class Account(Message, frozen=True, tag="account"):
    """One account as the guard sees it: levels of its charts, people and misses of its windows.

    ``answer_by`` is until when its owner was promised an answer that no officer has given, in
    microseconds; 0 where none is owed.
    """

    client_id: str
    site: str
    stage: str
    since: int
    strangers: float
    misses: float
    order: float
    replays: float
    used: tuple[int, int, int]
    answer_by: int = 0


class Accounts(Message, frozen=True, tag="accounts"):
    """Accounts whose answer is late, then by stage, tightest first, then by their charts.

    ``failed`` where the guard is; ``total`` is how many there are, shown or not;
    ``lowered_until`` until when a crowd or a wave lowers thresholds somewhere (microseconds), in
    the past or 0 where none does.
    """

    accounts: tuple[Account, ...]
    failed: bool
    total: int
    lowered_until: int = 0


class Done(Message, frozen=True, tag="done"):
    """Nothing to say but yes."""


Reply = (
    Answered
    | Refused
    | SignedIn
    | Health
    | PresenceNote
    | Accounts
    | Done
    | ClaimDecided
    | PairFound
    | TableShare
    | AccessOpened
    | HistoryShown
    | IncidentReply
    | MeasureReply
    | DeviceReply
    | CutOffReply
    | AlertReply
    | PeopleReply
    | ProSanteReply
)
