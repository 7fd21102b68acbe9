"""Prove one entry to somebody who holds nothing but the vault's public key.

The proof is a JSON text (``specs/checkpoint.md``): the entry, its path in the tree, and the signed
checkpoint that the path leads to.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from rempart.domain.disclosure import Entry, decode
from rempart.domain.errors import (
    IntegrityBroken,
    LedgerBroken,
    Refusal,
    TemporarilyUnavailable,
)
from rempart.tlog.checkpoint import Checkpoint, open_checkpoint
from rempart.tlog.errors import NoteInvalid, ProofInvalid
from rempart.tlog.hashing import leaf_hash
from rempart.tlog.note import NoteVerifier
from rempart.tlog.proofs import inclusion_proof, verify_inclusion
from rempart.usecases.ledger_view import PUBLISHED_WITHIN, LedgerView
from rempart.usecases.proof_text import ProofText, read_proof, read_vkey

STORED = range(2**63)
"""What a store can number."""


class EntryProof(ProofText, frozen=True, kw_only=True):
    """An entry, and why it is in the ledger.

    ``body`` (128 bytes), and ``detail`` where it is shown; of an erased entry only ``leaf``, its
    hash. ``proof`` are hashes from the leaf up, ``checkpoint`` a signed note.
    """

    format: Literal["rempart/entry-proof/1"]
    index: int
    body: bytes | None
    detail: bytes | None
    leaf: bytes | None
    proof: tuple[bytes, ...]
    checkpoint: str

    def __repr__(self) -> str:
        return f"EntryProof(index={self.index}, …)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenEntry:
    """What a proof has proven: ``entry`` (none if erased) is at ``index`` under ``checkpoint``."""

    index: int
    entry: Entry | None
    detail: bytes | None
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class ProveEntry:
    """Proves entries of ``ledger`` under the vault's public ``key``."""

    ledger: LedgerView
    key: NoteVerifier

    def __call__(self, index: int, *, with_detail: bool = False) -> EntryProof:
        """The proof of entry ``index`` under the last checkpoint.

        Raises:
            Refusal: no entry has this index.
            TemporarilyUnavailable: it is written, and no checkpoint over it is published yet.
            LedgerBroken: the ledger cannot prove it: it is not what was signed.
        """
        last = self.ledger.last_checkpoint()
        if last is None or not 0 <= index < last.size:
            raise self._unsigned(index)
        stored = next(self.ledger.entries(index, index + 1), None)
        if stored is None:
            raise LedgerBroken(f"entry {index} was signed and is missing")
        try:
            hashes = inclusion_proof(self.ledger, index=index, size=last.size)
        except ProofInvalid as error:
            raise LedgerBroken(f"entry {index} cannot be proven: {error}") from error
        proof = EntryProof(
            format="rempart/entry-proof/1",
            index=index,
            body=stored.body,
            detail=stored.detail if with_detail else None,
            leaf=stored.leaf,
            proof=hashes,
            checkpoint=last.note,
        )
        # What we hand out holds, or we say here that the ledger does not.
        try:
            _verify(proof, self.key)
        except IntegrityBroken as error:
            raise LedgerBroken(f"entry {index} cannot be proven: {error}") from error
        return proof

    def _unsigned(self, index: int) -> Refusal | TemporarilyUnavailable:
        if index not in STORED or next(self.ledger.entries(index, index + 1), None) is None:
            return Refusal("no entry has this index")
        return TemporarilyUnavailable(
            f"entry {index} is written, and not yet under a published checkpoint:"
            f" a running vault publishes one within {PUBLISHED_WITHIN} s"
        )


def verify_entry_proof(text: str | bytes, vkey: str) -> ProvenEntry:
    """What the proof in ``text`` proves under the vault's public key ``vkey``.

    Raises:
        IntegrityBroken: it proves nothing; the message names the step.
        Refusal: ``vkey`` is not a verifier's key.
    """
    # (1) It reads as a proof.
    return _verify(read_proof(text, EntryProof), read_vkey(vkey))


def _verify(proof: EntryProof, key: NoteVerifier) -> ProvenEntry:
    # (2) The checkpoint is signed by the vault.
    try:
        checkpoint = open_checkpoint(proof.checkpoint, key)
    except NoteInvalid as error:
        raise IntegrityBroken(f"step 2: {error}") from error

    # (3) The entry is one, and the detail, where shown, is its own.
    entry, leaf = _read(proof)

    # (4) Its path leads to the signed root.
    try:
        verify_inclusion(
            leaf=leaf,
            index=proof.index,
            size=checkpoint.size,
            proof=proof.proof,
            root=checkpoint.root,
        )
    except ProofInvalid as error:
        raise IntegrityBroken(f"step 4: {error}") from error
    return ProvenEntry(index=proof.index, entry=entry, detail=proof.detail, checkpoint=checkpoint)


def _read(proof: EntryProof) -> tuple[Entry | None, bytes]:
    match proof:
        case EntryProof(body=None, detail=None, leaf=bytes(leaf)):
            return None, leaf
        case EntryProof(body=bytes(body), leaf=None):
            try:
                entry = decode(body)
            except IntegrityBroken as error:
                raise IntegrityBroken(f"step 3: {error}") from error
            if proof.detail is not None and sha256(proof.detail).digest() != entry.detail_digest:
                raise IntegrityBroken("step 3: the detail is not the entry's")
            return entry, leaf_hash(body)
        case _:
            raise IntegrityBroken("step 3: neither an entry nor an erased one")
