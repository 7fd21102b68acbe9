"""An insurer's request for what was read about some of its members (``specs/access.md``).

    rempart/access-request/1
    ORIGIN
    {…}                        one line of JSON: which insurer, whose handles, when

    — rempart/insurer/AMC base64(key id ‖ signature)

Signed by the key that signs the insurer's feeds, for the operator of one ledger.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta

from rempart.domain.access import PEOPLE_MAX
from rempart.domain.errors import IntegrityBroken, MalformedIdentifier, MalformedRow, Refusal
from rempart.domain.identifiers import InsurerReference
from rempart.sealing.handles import HANDLE_SIZE_MAX
from rempart.tlog.errors import NoteInvalid
from rempart.tlog.note import open_note, sign_note
from rempart.usecases.dossier_manifest import Number
from rempart.usecases.receipts import signer

TITLE = "rempart/access-request/1"
REQUEST_SIZE_MAX = 12_000
"""Characters: what a vault takes at once, with room for who asks."""
NONCE_SIZE = 16
Handle = Annotated[bytes, Meta(min_length=1, max_length=HANDLE_SIZE_MAX)]


class AccessRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose readings are asked for; ``made`` in microseconds, ``nonce`` makes it another one."""

    amc: Annotated[str, Meta(pattern="^[0-9]{8}$")]
    handles: Annotated[tuple[Handle, ...], Meta(min_length=1, max_length=PEOPLE_MAX)]
    made: Number
    nonce: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]

    def __repr__(self) -> str:
        return f"AccessRequest(amc={self.amc}, people={len(self.handles)})"


def request_text(origin: str, request: AccessRequest) -> str:
    """What the insurer signs."""
    return f"{TITLE}\n{origin}\n{msgspec.json.encode(request, order='sorted').decode()}\n"


def request_digest(origin: str, request: AccessRequest) -> str:
    """How the ledger and the answer name it: SHA-256 of what was signed, in hexadecimal."""
    return sha256(request_text(origin, request).encode()).hexdigest()


def references_in(lines: Iterable[str]) -> list[str]:
    """An insurer's own references, one a line; one that comes twice counts once.

    Raises:
        MalformedRow: a line holds none.
    """
    found: dict[str, int] = {}
    for line, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            found.setdefault(InsurerReference.parse(text.strip()).value, line)
        except MalformedIdentifier as error:
            raise MalformedRow(line, "reference", error.rule) from None
    return list(found)


def ask_access(
    origin: str,
    amc: str,
    handles: Sequence[bytes],
    key: Ed25519PrivateKey,
    *,
    at: int,
    nonce: bytes,
) -> str:
    """A request to the operator of a ledger.

    Raises:
        Refusal: nobody, too many, or somebody twice.
    """
    if not 0 < len(handles) <= PEOPLE_MAX or len(set(handles)) < len(handles):
        raise Refusal(f"expected 1 to {PEOPLE_MAX} people, each once: make several requests")
    request = AccessRequest(amc=amc, handles=tuple(handles), made=at, nonce=nonce.hex())
    name = signer(amc, key.public_key().public_bytes_raw()).name
    return sign_note(request_text(origin, request), name=name, key=key)


def read_request(note: str, origin: str, feed_key: Callable[[str], bytes | None]) -> AccessRequest:
    """What an insurer has signed, for the operator of this ledger; ``feed_key`` is that of an
    insurer by AMC number, or nothing where it is not registered.

    Raises:
        IntegrityBroken: too long, no request, another operator's, or not signed by its insurer.
    """
    if len(note) > REQUEST_SIZE_MAX:
        raise IntegrityBroken(f"longer than a request of {PEOPLE_MAX} people")
    try:
        title, said_origin, line = note.split("\n", 3)[:3]
        request = msgspec.json.decode(line, type=AccessRequest)
    except ValueError:
        raise IntegrityBroken(f"this is no request of 1 to {PEOPLE_MAX} people") from None
    if (title, said_origin) != (TITLE, origin):
        raise IntegrityBroken("this is no request, or one to another operator")
    key = feed_key(request.amc)
    if key is None:
        raise IntegrityBroken("this insurer is not registered here")
    try:
        text = open_note(note, signer(request.amc, key))
    except NoteInvalid:
        raise IntegrityBroken("its insurer has not signed this request") from None
    if request_text(origin, request) != text or len(set(request.handles)) < len(request.handles):
        raise IntegrityBroken("what the insurer signed is not in its one form")
    return request
