"""Seal presence, on the software's side: believe the vault's key, agree once, seal each question.

(1) the presence key comes as a note; it counts once the vault whose key the vendor pinned has
    signed it, and until its date: who relays it can give neither a key of their own nor an old one;
(2) a fresh X25519 key for each session: its public half goes, signed, in the client assertion;
(3) once there is a token, both ends have the session's key;
(4) each question is sealed apart, under its own idempotency key, domain and date.

The page for vendors is ``specs/sealed-presence.md``.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.domain.errors import IntegrityBroken, MalformedIdentifier
from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import parts_of, prefixed
from rempart.sealing.presence import KEY_SIZE, SoftwareEnd, key_id_of, public_of, software_key
from rempart.tlog.errors import NoteInvalid
from rempart.tlog.note import NoteVerifier, open_note
from rempart.usecases.fresh_codes import bytes_of_fresh, text_of_fresh
from rempart.usecases.messages import CardShown, Typed

TITLE = "rempart/presence-key/1"
UNTIL_FORM = "%Y-%m-%dT%H:%M:%SZ"
CARD, TYPED, FRESH = b"card", b"typed", b"fresh"


def note_text(origin: str, public: bytes, *, until: int) -> str:
    """What the vault signs: its presence key, and until when it may be believed (microseconds)."""
    end = datetime.fromtimestamp(until // 1_000_000, UTC).strftime(UNTIL_FORM)
    return f"{TITLE}\n{origin}\n{base64.b64encode(public).decode()}\n{end}\n"


def presence_key_of(note: str, vault: NoteVerifier, *, now: int) -> bytes:
    """The vault's presence key in ``note``, at a moment in microseconds.

    Raises:
        IntegrityBroken: not signed by this vault, not a presence key, or out of date.
    """
    try:
        title, origin, public, end, *rest = open_note(note, vault).split("\n")
        until = datetime.strptime(end, UNTIL_FORM).replace(tzinfo=UTC)
        key = base64.b64decode(public, validate=True)
    except (NoteInvalid, ValueError, binascii.Error):
        raise IntegrityBroken("the presence key is not signed by the vault we know") from None
    if (title, origin, rest) != (TITLE, vault.name, [""]) or len(key) != KEY_SIZE:
        raise IntegrityBroken("what the vault signed is not a presence key")
    if now > until.timestamp() * 1_000_000:
        raise IntegrityBroken("the presence key is out of date: check the clock")
    return key


def content_of(shown: CardShown | Typed) -> bytes:
    """What a patient brought, as bytes that two different things never share."""
    if isinstance(shown, CardShown):
        sealed = bytes_of_fresh(shown.code)
        return prefixed(CARD, shown.code.encode()) if sealed is None else prefixed(FRESH, sealed)
    printed = shown.amc, shown.member_number, shown.birth_date, shown.birth_rank, shown.printed_key
    return prefixed(TYPED, *[text.encode() for text in printed])


def shown_in(content: bytes) -> CardShown | Typed:
    """Read ``content_of`` back.

    Raises:
        SealBroken: not one of the three.
    """
    match parts_of(content):
        case [b"fresh", sealed]:
            return CardShown(text_of_fresh(sealed))
        case parts:
            return _in_text(parts)


def _in_text(parts: list[bytes]) -> CardShown | Typed:
    try:
        match [part.decode() for part in parts]:
            case ["card", code]:
                return CardShown(code)
            case ["typed", amc, member_number, birth_date, birth_rank, printed_key]:
                return Typed(amc, member_number, birth_date, birth_rank, printed_key)
    except UnicodeDecodeError:
        raise SealBroken("presence: not text") from None
    raise SealBroken("presence: neither a code nor what is printed on a card")


@dataclass(slots=True)
class SealPresence:
    """One session of one software. ``private`` is 32 fresh random bytes, of this session alone."""

    vault: bytes = field(repr=False)
    private: bytes = field(repr=False)
    _end: SoftwareEnd | None = field(default=None, repr=False)

    @property
    def claim(self) -> bytes:
        """What the assertion says: the id of the vault's key, and our public key."""
        return key_id_of(self.vault) + public_of(self.private)

    def begin(self, token: bytes) -> None:
        """The session has this token.

        Raises:
            SealBroken: the vault's key is no key.
        """
        session = hashlib.sha256(token).digest()
        key = software_key(self.private, self.vault, session)
        self._end = SoftwareEnd(session, AESGCM(key))

    def __call__(self, shown: CardShown | Typed, *, key: str, domain: str, care_date: str) -> bytes:
        """``shown``, sealed for one question of this session; never twice the same bytes.

        Raises:
            MalformedIdentifier: longer than anything that a patient brings.
        """
        assert self._end is not None, "begin() comes first"
        try:
            return self._end.seal(
                content_of(shown),
                key=key.encode(),
                domain=domain.encode(),
                care_date=care_date.encode(),
            )
        except SealBroken:
            raise MalformedIdentifier("presence", "too long to be sealed") from None
