"""Receive a dossier at the insurer: verify all of it, then say so under the insurer's own key.

(1) the manifest is the operator's, and the dossier is ours;
(2) every file is there and is the one that was signed;
(3) the receipt is put beside it. One that is there already, and is ours, stays.
"""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.domain.errors import IntegrityBroken, Refusal
from rempart.domain.identifiers import AMCNumber
from rempart.tlog.note import NoteVerifier
from rempart.usecases.deliver_dossiers import as_signed
from rempart.usecases.delivery_ports import Dossier, Drop
from rempart.usecases.dossier_manifest import Manifest, drop_name, read_manifest
from rempart.usecases.ports import Clock
from rempart.usecases.receipts import Proof, proven, sign_receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A dossier that was received; ``fresh`` says whether the receipt is of now."""

    manifest: Manifest
    name: str = field(repr=False)
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveDossier:
    """``vault`` is the operator's public key, ``key`` what signs this insurer's feeds."""

    amc: AMCNumber
    key: Ed25519PrivateKey = field(repr=False)
    vault: NoteVerifier
    drop: Drop
    clock: Clock

    def __call__(self, dossier: Dossier, drop: str) -> Taken:
        """Receive it; the receipt goes into the folder ``drop``.

        Raises:
            IntegrityBroken: it is not what the operator signed; nothing was acknowledged.
            Refusal: it is no dossier, or another insurer's.
            DropRefused: the receipt cannot be put there.
        """
        note = dossier.manifest()
        if note is None:
            raise Refusal("no manifest here: this is no dossier, or not all of it")
        manifest = read_manifest(note, self.vault)  # (1)
        if manifest.amc != self.amc.value:
            raise Refusal("this dossier is another insurer's: tell the operator at once")
        for _, pieces in as_signed(dossier, manifest, note):  # (2)
            for _ in pieces:
                pass
        name = drop_name(self.vault.name, manifest)
        fresh = not self._there(drop, name, manifest)
        if fresh:
            receipt = sign_receipt(self.vault.name, manifest, self.key, at=self.clock.now())
            self.drop.acknowledge(drop, name, receipt)  # (3)
        return Taken(manifest=manifest, name=name, fresh=fresh)

    def _there(self, drop: str, name: str, manifest: Manifest) -> bool:
        note = self.drop.receipt(drop, name)
        if note is None:
            return False
        public = self.key.public_key().public_bytes_raw()
        proof, _ = proven(note, self.vault.name, manifest, public)
        if proof is not Proof.GOOD:
            raise IntegrityBroken("a receipt lies there that this insurer did not sign for this")
        return True
