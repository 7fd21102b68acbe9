"""What is said to the vault about incidents: it writes down who says what and when, no words.

Only the vault's own user may ask.
"""

from rempart.usecases.message import Message


class SayOfIncident(Message, frozen=True, tag="say-of-incident"):
    """``did`` is a name of ``domain/incident_words.py``; ``words`` the digest of what is said, 32
    bytes; ``incident`` its number, 0 where this opens one. The other fields are of one kind each:
    times in microseconds, ``accounts`` by name, ``clock`` a code of ``domain/laws/breach.toml``,
    ``stated`` confidentiality, integrity and availability.
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


class IncidentSaid(Message, frozen=True, tag="incident-said"):
    """In the ledger under ``ref``, of this incident."""

    incident: int
    ref: int
