"""Prove to somebody who kept a checkpoint that the ledger only grew since.

The proof is a JSON text (``specs/checkpoint.md``). Whoever checks it brings the checkpoint that
they kept: one that came with the proof would prove nothing.
"""

from dataclasses import dataclass
from typing import Literal

from rempart.domain.errors import IntegrityBroken, LedgerBroken
from rempart.tlog.checkpoint import Checkpoint, open_checkpoint
from rempart.tlog.errors import NoteInvalid, ProofInvalid
from rempart.tlog.note import NoteVerifier
from rempart.tlog.proofs import consistency_proof, verify_consistency
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.proof_text import ProofText, read_proof, read_vkey


class ExtensionProof(ProofText, frozen=True, kw_only=True):
    """Why the tree of ``checkpoint`` (a signed note) extends that of ``old_size`` leaves."""

    format: Literal["rempart/extension-proof/1"]
    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: str


@dataclass(frozen=True, slots=True)
class ProveExtension:
    """Proves that ``ledger`` extends checkpoints kept under the vault's public ``key``."""

    ledger: LedgerView
    key: NoteVerifier

    def __call__(self, kept: Checkpoint) -> ExtensionProof:
        """The proof that the last checkpoint extends ``kept``.

        Raises:
            LedgerBroken: it does not.
        """
        last = self.ledger.last_checkpoint()
        if last is None or last.size < kept.size:
            raise LedgerBroken(f"{kept.size} entries were signed, fewer are left")
        try:
            hashes = consistency_proof(self.ledger, old_size=kept.size, size=last.size)
        except ProofInvalid as error:
            raise LedgerBroken(f"size {kept.size} is not extended: {error}") from error
        proof = ExtensionProof(
            format="rempart/extension-proof/1",
            old_size=kept.size,
            proof=hashes,
            checkpoint=last.note,
        )
        # What we hand out holds, or we say here that the ledger does not.
        try:
            _verify(proof, kept, self.key)
        except IntegrityBroken as error:
            raise LedgerBroken(f"size {kept.size} is not extended: {error}") from error
        return proof


def verify_extension_proof(text: str | bytes, vkey: str, *, kept: Checkpoint) -> Checkpoint:
    """The newer checkpoint, once the proof in ``text`` shows that it extends ``kept``.

    Raises:
        IntegrityBroken: it proves nothing; the message names the step.
        Refusal: ``vkey`` is not a verifier's key.
    """
    # (1) It reads as a proof.
    return _verify(read_proof(text, ExtensionProof), kept, read_vkey(vkey))


def _verify(proof: ExtensionProof, kept: Checkpoint, key: NoteVerifier) -> Checkpoint:
    # (2) The newer checkpoint is signed by the vault, and of the same ledger.
    try:
        checkpoint = open_checkpoint(proof.checkpoint, key)
    except NoteInvalid as error:
        raise IntegrityBroken(f"step 2: {error}") from error
    if checkpoint.origin != kept.origin:
        raise IntegrityBroken("step 2: the kept checkpoint is that of another ledger")

    # (3) The proof starts where the kept checkpoint stands.
    if proof.old_size != kept.size:
        raise IntegrityBroken("step 3: the proof starts from another size")

    # (4) Both roots come out of it.
    try:
        verify_consistency(
            old_size=kept.size,
            old_root=kept.root,
            size=checkpoint.size,
            root=checkpoint.root,
            proof=proof.proof,
        )
    except ProofInvalid as error:
        raise IntegrityBroken(f"step 4: {error}") from error
    return checkpoint
