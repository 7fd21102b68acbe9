"""What an insurer is told of its members' readings: sealed to it, and signed (``specs/access.md``).

answer.sealed   everything, a sealed stream to the insurer's dossier key
answer.note     which request it answers, the entry of the opening, SHA-256 of the file
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rempart.domain.errors import IntegrityBroken, Refusal
from rempart.sealing.stream import Purpose, open_stream, seal_stream
from rempart.tlog.errors import NoteInvalid
from rempart.tlog.note import NoteVerifier, open_note
from rempart.usecases.dossier_manifest import Digest, Number

TITLE = "rempart/access-answer/1"
SEALED, NOTE = "answer.sealed", "answer.note"
STREAM = Purpose(b"RPACCS1\n", b"rempart/access-answer/1")
ANSWER_SIZE_MAX = 64_000_000
"""Bytes: a hundred people who were read several thousand times each."""
Name = Annotated[str, Meta(pattern="^[a-z0-9_-]{1,32}$")]


NameOrNone = Annotated[str, Meta(pattern="^[a-z0-9_-]{0,32}$")]


class Reading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer about somebody: ``at`` in microseconds, ``entry`` its index in the ledger. Names
    are those of closed lists; ``kind`` is empty where it is not known, ``incident`` where none
    says anything of it.
    """

    at: Number
    domain: Name
    entry: Number
    fields: tuple[Name, ...]
    incident: NameOrNone
    kind: NameOrNone
    presence: Name

    def __repr__(self) -> str:
        return "Reading(…)"


class OfPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person, by their handle; ``asked`` is when their own phones asked for the same."""

    asked: tuple[Number, ...]
    handle: bytes
    readings: tuple[Reading, ...]

    def __repr__(self) -> str:
        return "OfPerson(…)"


class AccessAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a request (its digest): what was read from ``since`` to ``made``; ``size`` is
    how many entries the ledger had.
    """

    amc: Annotated[str, Meta(pattern="^[0-9]{8}$")]
    format: Literal["rempart/access-answer/1"]
    made: Number
    people: tuple[OfPerson, ...]
    request: Digest
    since: Number
    size: Number

    def __repr__(self) -> str:
        return f"AccessAnswer(amc={self.amc}, people={len(self.people)})"


class Answered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the vault signs of an answer: ``entry`` is that of the opening."""

    amc: Annotated[str, Meta(pattern="^[0-9]{8}$")]
    entry: Number
    request: Digest
    sealed: Digest

    def __repr__(self) -> str:
        return f"Answered(amc={self.amc}, entry={self.entry})"


def answered_text(origin: str, answered: Answered) -> str:
    """What the vault signs."""
    return f"{TITLE}\n{origin}\n{msgspec.json.encode(answered, order='sorted').decode()}\n"


def read_answered(note: str, vault: NoteVerifier) -> Answered:
    """What this vault has signed.

    Raises:
        IntegrityBroken: not signed by it, or of no answer.
    """
    try:
        text = open_note(note, vault)
        _, _, line, _ = text.split("\n")
        answered = msgspec.json.decode(line, type=Answered)
    except (NoteInvalid, ValueError):
        raise IntegrityBroken("this answer is not signed by the vault we know") from None
    if answered_text(vault.name, answered) != text:
        raise IntegrityBroken("what the vault signed is no answer, or not in its one form")
    return answered


def seal_answer(answer: AccessAnswer, *, recipient: bytes, ephemeral: bytes) -> bytes:
    """The answer, sealed to an insurer's dossier key (X25519).

    Raises:
        Refusal: it is longer than what an insurer opens.
    """
    data = msgspec.json.encode(answer, order="sorted")
    if len(data) > ANSWER_SIZE_MAX:
        raise Refusal("this answer is too long: ask for fewer people at once")
    sealing = seal_stream([data], ephemeral=ephemeral, recipient=recipient, purpose=STREAM)
    return b"".join(sealing)


def open_answer(read: Callable[[int], bytes], *, private: bytes) -> AccessAnswer:
    """The answer in a sealed file; ``read(n)`` gives its next n bytes.

    Raises:
        SealBroken: not sealed to this key, or changed.
        IntegrityBroken: sealed, and no answer.
    """
    data = b"".join(_bounded(open_stream(read, private=private, purpose=STREAM)))
    try:
        return msgspec.json.decode(data, type=AccessAnswer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise IntegrityBroken("what was sealed is no answer") from None


def digest_of(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return sha256(data).hexdigest()


def _bounded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > ANSWER_SIZE_MAX:
            raise IntegrityBroken("what was sealed is longer than an answer")
        yield piece
