"""What is said to the vault about incidents: it writes down who says what and when, no words.

Only the vault's own user may say anything; who may see where accounts stand may see incidents.
"""

from rempart.usecases.message import Message


class SayOfIncident(Message, frozen=True, tag="say-of-incident"):
    """``did`` is a name of ``domain/incident_words.py``; ``words`` the digest of what is said, 32
    bytes; ``incident`` its number, 0 where this opens one. The other fields are of one kind each:
    times in microseconds, ``accounts`` by name, ``clock`` a code of ``domain/laws/breach.toml``,
    ``stated`` confidentiality, integrity and availability; ``gateway`` says that a finding names
    a time in which a gateway was in other hands, so that it may name no account. ``piece`` is one
    of what it names (``domain/finding_pieces.py``), ``named`` the entries that hold them.
    """

    incident: int
    did: str
    by: str
    words: bytes
    at: int = 0
    origin: str = ""
    exercise: bool = False
    accounts: tuple[str, ...] = ()
    earliest: int = 0
    contained: int = 0
    rest: str = "unknown"
    stated: tuple[str, ...] = ()
    clock: str = ""
    amc: int = 0
    answer: str = ""
    late: bool = False
    outcome: str = ""
    gateway: bool = False
    piece: bytes = b""
    named: tuple[int, ...] = ()


class IncidentSaid(Message, frozen=True, tag="incident-said"):
    """In the ledger under ``ref``, of this incident."""

    incident: int
    ref: int


class ListIncidents(Message, frozen=True, tag="list-incidents"):
    """Where incidents stand, the newest first; in a session of staff, or as the vault's user."""

    token: bytes = b""
    proof: str = ""


class IncidentShown(Message, frozen=True, tag="incident"):
    """One incident, without a word of what persons said. Names are those of closed lists, times in
    microseconds, 0 where there is none; ``account`` is the first of its ``accounts``. ``clock`` is
    the open clock that ends first, ``due`` its end; ``late`` counts those past theirs.
    """

    ref: int
    opened: int
    origin: str
    exercise: bool
    account: str
    accounts: int
    aware: int
    stated: tuple[str, ...]
    clock: str
    due: int
    late: int
    outcome: str
    closed: int


class IncidentsShown(Message, frozen=True, tag="incidents"):
    """The newest incidents, and how many there are."""

    incidents: tuple[IncidentShown, ...]
    total: int


IncidentRequest = SayOfIncident | ListIncidents
IncidentReply = IncidentSaid | IncidentsShown
