"""An insurer's receipt for a dossier: a signed note beside it (``specs/delivery.md``).

    rempart/receipt/1
    ORIGIN
    {…}                        one line of JSON: of which manifest, and when

    — rempart/insurer/AMC base64(key id ‖ signature)

Signed by the key that signs the insurer's feeds, under a name that is only said here.
"""

from enum import StrEnum
from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta

from rempart.domain.errors import IntegrityBroken
from rempart.tlog.errors import NoteInvalid
from rempart.tlog.note import NoteVerifier, open_note, sign_note
from rempart.usecases.dossier_manifest import Digest, Manifest, Number, manifest_digest, stands_for

TITLE = "rempart/receipt/1"


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which dossier; ``manifest`` is the SHA-256 of what was signed, ``at`` in microseconds."""

    amc: Annotated[str, Meta(pattern="^[0-9]{8}$")]
    at: Number
    incident: Number
    manifest: Digest
    number: Number

    def __repr__(self) -> str:
        return f"Receipt(incident={self.incident}, amc={self.amc}, number={self.number})"


class Proof(StrEnum):
    """What a receipt proves."""

    NONE = "none"
    """There is none."""
    GOOD = "good"
    NO_KEY = "no-key"
    """No bundle of this insurer here: neither good nor bad."""
    FORGED = "forged"
    """Not signed by this insurer."""
    OTHER = "other"
    """Signed by it, for something else."""


def signer(amc: str, feed_key: bytes) -> NoteVerifier:
    """Whose signature counts; ``feed_key`` is that of the insurer's bundle, 32 bytes."""
    return NoteVerifier(f"rempart/insurer/{amc}", feed_key)


def receipt_text(origin: str, receipt: Receipt) -> str:
    """What the insurer signs."""
    return f"{TITLE}\n{origin}\n{msgspec.json.encode(receipt, order='sorted').decode()}\n"


def sign_receipt(origin: str, manifest: Manifest, key: Ed25519PrivateKey, *, at: int) -> str:
    """The receipt of a dossier whose files were verified."""
    receipt = Receipt(
        amc=manifest.amc,
        at=at,
        incident=manifest.incident,
        manifest=manifest_digest(origin, manifest),
        number=manifest.number,
    )
    name = signer(manifest.amc, key.public_key().public_bytes_raw()).name
    return sign_note(receipt_text(origin, receipt), name=name, key=key)


def read_receipt(note: str, origin: str, insurer: NoteVerifier) -> Receipt:
    """What ``insurer`` has signed, for the operator of this ledger.

    Raises:
        NoteInvalid: not signed by it.
        IntegrityBroken: signed, and no receipt, or another operator's.
    """
    text = open_note(note, insurer)
    try:
        _, _, line, _ = text.split("\n")
        receipt = msgspec.json.decode(line, type=Receipt)
    except ValueError:
        raise IntegrityBroken("what the insurer signed is no receipt") from None
    if receipt_text(origin, receipt) != text:
        raise IntegrityBroken("what the insurer signed is no receipt of ours")
    return receipt


def proven(note: str, origin: str, manifest: Manifest, feed_key: bytes | None) -> tuple[Proof, int]:
    """What a receipt proves of a dossier, and the moment that it says."""
    if feed_key is None:
        return Proof.NO_KEY, 0
    try:
        said = read_receipt(note, origin, signer(manifest.amc, feed_key))
    except NoteInvalid:
        return Proof.FORGED, 0
    except IntegrityBroken:
        return Proof.OTHER, 0
    ours = (manifest.amc, manifest.incident, manifest.number)
    if (said.amc, said.incident, said.number) != ours:
        return Proof.OTHER, 0
    if said.manifest not in stands_for(origin, manifest):
        return Proof.OTHER, 0
    return Proof.GOOD, said.at
