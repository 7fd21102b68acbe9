"""Signed notes: text that names its signer (c2sp.org/signed-note), with Ed25519 keys.

    Any text, ending in a newline.

    — example.org/ledger base64(key id ‖ signature)

The text counts for nothing until ``open_note`` has returned it.
"""

import base64
import binascii
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rempart.tlog.errors import NoteInvalid

ED25519 = b"\x01"
KEY_ID_SIZE = 4
# Room for sixteen post-quantum signatures of 5 kB, and for the text: a bound against abuse only.
NOTE_SIZE_MAX = 1_000_000
SIGNATURES_MAX = 100
DASH = "\N{EM DASH} "


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """Whose signature counts: a key's name and its 32 public bytes."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)

    @classmethod
    def of(cls, name: str, key: Ed25519PrivateKey) -> Self:
        """The verifier of what ``key`` signs as ``name``."""
        return cls(name, key.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read a verifier's key as C2SP writes it: ``name+id+base64``.

        Raises:
            NoteInvalid: malformed, not Ed25519, or the id is not that of the key.
        """
        name, plus, rest = vkey.partition("+")
        key_id, plus, encoded = rest.partition("+")
        key = _decoded(encoded, "verifier key") if plus else b""
        if key[:1] != ED25519 or len(key) != 33:
            raise NoteInvalid("not an Ed25519 verifier key")
        verifier = cls(name, key[1:])
        if verifier.key_id.hex() != key_id:
            raise NoteInvalid("the id of the verifier key is not its own")
        return verifier

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        named = self.name.encode() + b"\n" + ED25519 + self.public
        return sha256(named).digest()[:KEY_ID_SIZE]

    @property
    def vkey(self) -> str:
        """The text that ``parse`` reads."""
        encoded = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def check(self, text: str, signature: bytes) -> None:
        """Return if ``signature`` (64 bytes) is ours over ``text``.

        Raises:
            NoteInvalid: it is not.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            raise NoteInvalid("the signature does not verify") from None


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A key that signs notes under its own name; ``secret`` is its 32 private bytes."""

    origin: str
    secret: bytes = field(repr=False)

    def sign(self, text: str) -> str:
        """A note over ``text``.

        Raises:
            NoteInvalid: a note cannot hold this text.
        """
        return sign_note(text, name=self.origin, key=self._key)

    @property
    def verifier(self) -> NoteVerifier:
        """Who can check what we sign."""
        return NoteVerifier.of(self.origin, self._key)

    @property
    def vkey(self) -> str:
        """The verifier's key, as C2SP writes it."""
        return self.verifier.vkey

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.secret)


def sign_note(text: str, *, name: str, key: Ed25519PrivateKey) -> str:
    """A note over ``text``, signed by ``key`` as ``name``.

    Raises:
        NoteInvalid: a note cannot hold this text or this name.
    """
    if not text.endswith("\n"):
        raise NoteInvalid("the text does not end with a newline")
    _check_characters(text)
    signature = NoteVerifier.of(name, key).key_id + key.sign(text.encode())
    return f"{text}\n{DASH}{name} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, verifier: NoteVerifier) -> str:
    """The text of ``note``, its last newline included, once ``verifier`` is among its signers.

    Raises:
        NoteInvalid: malformed, not signed by ``verifier``, or signed in its name by another.
    """
    # (1) A note is bounded text without control characters.
    if len(note) > NOTE_SIZE_MAX:
        raise NoteInvalid("the note is too long")
    _check_characters(note)

    # (2) The last empty line parts text and signatures.
    text, parted, signed = note.rpartition("\n\n")
    if not parted or not signed.endswith("\n"):
        raise NoteInvalid("text and signature lines are not parted by an empty line")
    text += "\n"

    # (3) Every signature line is well formed, whoever signed.
    lines = signed[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise NoteInvalid("too many signatures")
    signatures = [_signature(line) for line in lines]

    # (4) Ours is among them, and holds; a name or an id alone is somebody else's.
    ours = [
        value[KEY_ID_SIZE:]
        for name, value in signatures
        if name == verifier.name and value[:KEY_ID_SIZE] == verifier.key_id
    ]
    if not ours:
        raise NoteInvalid("no signature by the expected key")
    for signature in ours:
        verifier.check(text, signature)
    return text


def _signature(line: str) -> tuple[str, bytes]:
    """Name and signature, key id first, of one line."""
    name, space, encoded = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or not space:
        raise NoteInvalid("a signature line is malformed")
    _check_name(name)
    value = _decoded(encoded, "signature")
    if len(value) <= KEY_ID_SIZE:
        raise NoteInvalid("a signature is empty")
    return name, value


def _decoded(encoded: str, what: str) -> bytes:
    try:
        value = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise NoteInvalid(f"a {what} is not base64") from None
    if base64.b64encode(value).decode() != encoded:
        raise NoteInvalid(f"a {what} is not canonical base64")
    return value


def _check_name(name: str) -> None:
    if not name or "+" in name or any(each.isspace() for each in name):
        raise NoteInvalid("the name of a key is empty, or holds a space or a plus")


def _check_characters(text: str) -> None:
    if any(each < " " and each != "\n" for each in text):
        raise NoteInvalid("control characters other than newline")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NoteInvalid("not valid UTF-8") from None
