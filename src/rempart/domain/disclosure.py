"""An entry of the disclosure ledger: 128 bytes that name no person, and its detail record.

The layout is ``specs/disclosure-entry.md``. Persons, accounts, sites and sessions stand as
pseudonyms: HMAC-SHA256 under the key of the entry's period, cut to 16 bytes. What an entry says
is what was known when it was appended, never what a sealed record holds.
"""

import hashlib
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum, IntFlag
from typing import NamedTuple

import cbor2

from rempart.domain.errors import IntegrityBroken

ENTRY_SIZE = 128
ENTRY_VERSION = 1
NOBODY = bytes(16)
CITES_NOTHING = 2**64 - 1

# type, version, key period, time, person, account, site, session, AMC, domain, presence, outcome,
# fields, cited entry, detail digest
LAYOUT = struct.Struct(">BBHQ16s16s16s16sIHBBIQ32s")
assert LAYOUT.size == ENTRY_SIZE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class EntryType(IntEnum):
    """What happened."""

    QUESTION = 1
    """A question, and what became of it."""
    REPEAT = 2
    """The same question again under the same key: re-opened, free; cites the first."""
    UNOPENED = 3
    """The cited question was to be opened and could not be."""
    SIGN_IN = 4
    """A session began."""
    VAULT_STARTED = 5
    """A vault took the ledger over, under a new fencing epoch."""
    RANGE_LOST = 6
    """A restore lost entries that had been signed; the detail names the range."""
    DECISION = 7
    """An operator's act: registration, rotation, erasure, a dated exception."""
    CONTAINMENT = 8
    """The stage of an account moved; the detail says from which to which, and why."""
    CANARY = 9
    """The cited question opened the record of a beneficiary whom nobody presents."""
    SIGN_IN_REFUSED = 10
    """Somebody could not prove that they were this account."""
    CUT_OFF = 11
    """A cut-off was set; or, citing the entry that set it, cleared."""
    HISTORY = 12
    """Somebody asked, by their own phone, what was read about them."""


class Outcome(IntEnum):
    """What became of a question."""

    NONE = 0
    OPENED = 1
    MISSED = 2
    """Nothing found, or more than one: the caller reads "read the card"."""
    FORBIDDEN = 3
    """This kind of site may not ask this domain or this date, or this software not in clear."""
    OVER_BUDGET = 4
    CARD_REFUSED = 5
    """The code is malformed, its signature or issuer is not accepted, or it is late or used."""
    KEY_REUSED = 6
    """An idempotency key came back with another question."""
    MALFORMED = 7
    """A value that breaks its grammar."""
    NARROWED = 8
    """The account is narrowed, and this presence does not open for it."""
    FROZEN = 9
    """The account is frozen or closed: nothing was looked up."""
    CLOSED_HOUR = 10
    """What is typed is closed for this insurer until the hour ends."""
    CUT_OFF = 11
    """A cut-off stood over who asked, or over what was asked."""


class Presence(IntEnum):
    """How strongly a question shows that the beneficiary is concerned, weakest first."""

    NONE = 0
    LEGACY = 1
    DECLARED = 2
    KNOWN = 3
    CARD = 4
    FRESH = 5


PROOFS = frozenset({Presence.CARD, Presence.FRESH})
"""A card or a phone was read."""
KEYED = PROOFS | {Presence.DECLARED}
"""What no list of 2024 lets anybody show: a card, a phone, or a printed key."""


class Fields(IntFlag):
    """What an answer shows: one bit per field."""

    NONE = 0
    IN_FORCE = 1
    UNTIL = 2
    MODE = 4
    RIGHTS = IN_FORCE | UNTIL | MODE


class Entry(NamedTuple):
    """One line of the ledger, its columns in the order of the layout.

    ``at`` is in microseconds since 1970-01-01 UTC, ``period`` the year and month of the pseudonym
    key (2611), ``amc`` the insurer's number or 0, ``cites`` the index of another entry.
    """

    type: EntryType
    period: int
    at: int
    person: bytes = NOBODY
    account: bytes = NOBODY
    site: bytes = NOBODY
    session: bytes = NOBODY
    amc: int = 0
    domain: int = 0
    presence: Presence = Presence.NONE
    outcome: Outcome = Outcome.NONE
    fields: Fields = Fields.NONE
    cites: int = CITES_NOTHING
    detail_digest: bytes = bytes(32)

    @property
    def time(self) -> datetime:
        """Moment of the entry, UTC."""
        return EPOCH + self.at * MICROSECOND


def encode(entry: Entry) -> bytes:
    """The 128 bytes of ``entry``."""
    return LAYOUT.pack(entry.type, ENTRY_VERSION, *entry[1:])


def decode(body: bytes) -> Entry:
    """Read 128 bytes back.

    Raises:
        IntegrityBroken: not an entry of a version we know.
    """
    if len(body) != ENTRY_SIZE or body[1] != ENTRY_VERSION:
        raise IntegrityBroken("not a ledger entry of a known version")
    kind, _, *plain, presence, outcome, fields, cites, digest = LAYOUT.unpack(body)
    try:
        return Entry._make(
            (
                EntryType(kind),
                *plain,
                Presence(presence),
                Outcome(outcome),
                Fields(fields),
                cites,
                digest,
            )
        )
    except ValueError as error:
        raise IntegrityBroken("a ledger entry holds a code nobody wrote") from error


def period_of(at: int) -> int:
    """Key period of a moment in microseconds: year and month in UTC, 2611 for November 2026."""
    moment = EPOCH + at * MICROSECOND
    return moment.year % 100 * 100 + moment.month


# version, salt, retry tag, question tag, days from the entry's day to the care date, account
QUESTION_DETAIL_1 = struct.Struct(">B16s16s16shI")
# the same, then site, kind, usage, product, place, order, network, device, tenure, pair, five ages
QUESTION_DETAIL_3 = struct.Struct(">B16s16s16shIIBBIHBIIH16s5H")
# the same, then the fresh code that was read, and the request that used it
FRESH_DETAIL_4 = struct.Struct(">B16s16s16shIIBBIHBIIH16s5H16s16s")
# both again, with the country after the ages
QUESTION_DETAIL = struct.Struct(">B16s16s16shIIBBIHBIIH16s5HI")
FRESH_DETAIL = struct.Struct(">B16s16s16shIIBBIHBIIH16s5HI16s16s")
ACT_DETAIL_VERSION = 2
QUESTION_DETAIL_VERSION = 5
FRESH_DETAIL_VERSION = 6
CARE_DATE_UNKNOWN = -(2**15)


class QuestionDetail(NamedTuple):
    """Codes beside a question's entry, erased with it.

    ``retry`` and ``question`` are keyed digests: the same retry tag means the same account and
    idempotency key, the same question tag the same question and presence. ``salt`` is chance, so
    that the digest left in the entry tells nothing once the detail is gone. ``software`` is the
    number of the account, ``pair`` stands for one beneficiary at one site beyond the month, and the
    ages are what the vault knew of that pair when it was asked (``trace.Ages``). ``order`` is a
    small code: the numbers and dates that it compares stand nowhere. ``network``, ``device`` and
    ``country`` are keyed codes, 0 where they are not known. ``code`` and ``request`` are keyed
    digests of a fresh code that was read and of the request that brought it, or empty.
    """

    salt: bytes
    retry: bytes
    question: bytes
    care_offset: int = CARE_DATE_UNKNOWN
    software: int = 0
    site: int = 0
    kind: int = 0
    usage: int = 0
    product: int = 0
    place: int = 0
    order: int = 0
    network: int = 0
    device: int = 0
    tenure: int = 0xFFFF
    pair: bytes = bytes(16)
    first: int = 0xFFFF
    seen: int = 0xFFFF
    typed: int = 0xFFFF
    legacy: int = 0xFFFF
    proved: int = 0xFFFF
    country: int = 0
    code: bytes = b""
    request: bytes = b""

    def encode(self) -> bytes:
        """The 108 bytes of a question's detail; 140 where a fresh code was read."""
        if self.code:
            return FRESH_DETAIL.pack(FRESH_DETAIL_VERSION, *self)
        return QUESTION_DETAIL.pack(QUESTION_DETAIL_VERSION, *self[:-2])


def question_detail(detail: bytes) -> QuestionDetail:
    """Read a question's detail back, of this version or of one before.

    Raises:
        IntegrityBroken: not the detail of a question.
    """
    layout = QUESTION_LAYOUTS.get(detail[0]) if detail else None
    if layout is None or len(detail) != layout.size:
        raise IntegrityBroken("not the detail of a question")
    _, *codes = layout.unpack(detail)
    if layout is FRESH_DETAIL_4:
        codes.insert(BEFORE_COUNTRY, 0)
    return QuestionDetail(*codes)


QUESTION_LAYOUTS: Mapping[int, struct.Struct] = {
    1: QUESTION_DETAIL_1,
    3: QUESTION_DETAIL_3,
    4: FRESH_DETAIL_4,
    QUESTION_DETAIL_VERSION: QUESTION_DETAIL,
    FRESH_DETAIL_VERSION: FRESH_DETAIL,
}
"""How each version of a question's detail lies; the last two are written."""
BEFORE_COUNTRY = QuestionDetail._fields.index("country")


def product_code(product: str) -> int:
    """Four bytes that stand for a product and its release; 0 where the vendor states none."""
    digest = hashlib.sha256(product.encode()).digest()[:4]
    return int.from_bytes(digest, "big") if product else 0


Codes = dict[str, int | bytes | str]
"""Detail of anything but a question: short codes, never free text, never a person."""


def encode_codes(codes: Codes, *, salt: bytes) -> bytes:
    """Detail of an act: a version byte, a salt, then deterministic CBOR."""
    return bytes([ACT_DETAIL_VERSION]) + salt + cbor2.dumps(codes, canonical=True)


def decode_codes(detail: bytes) -> Codes:
    """Read the detail of an act back.

    Raises:
        IntegrityBroken: not the detail of an act.
    """
    if len(detail) < 17 or detail[0] != ACT_DETAIL_VERSION:
        raise IntegrityBroken("not the detail of an act")
    try:
        codes: Codes = cbor2.loads(detail[17:])
    except (cbor2.CBORError, ValueError) as error:
        raise IntegrityBroken("the detail of an act does not decode") from error
    return codes
