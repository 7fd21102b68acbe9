"""Proofs as text that travels: JSON, bytes in base64 (``specs/checkpoint.md``)."""

from typing import TypeVar

import msgspec

from rempart.domain.errors import IntegrityBroken, Refusal
from rempart.tlog.errors import NoteInvalid
from rempart.tlog.note import NoteVerifier


class ProofText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A proof that can be handed to anybody."""

    def to_json(self) -> str:
        """The text of the proof."""
        return msgspec.json.format(msgspec.json.encode(self)).decode() + "\n"


Proof = TypeVar("Proof", bound=ProofText)


def read_proof(text: str | bytes, kind: type[Proof]) -> Proof:
    """Step (1) of every proof: it reads as one of its kind.

    Raises:
        IntegrityBroken: it does not.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise IntegrityBroken("step 1: it does not read as such a proof") from error


def read_vkey(vkey: str) -> NoteVerifier:
    """The vault's public key, as C2SP writes it.

    Raises:
        Refusal: not a verifier's key.
    """
    try:
        return NoteVerifier.parse(vkey.strip())
    except NoteInvalid as error:
        raise Refusal(str(error)) from error
