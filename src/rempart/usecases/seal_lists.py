"""Seal lists that lie in clear, of an insurer that has given its key since (``specs/dossier.md``).

(1) each list is sealed beside the clear one, which is what was signed, or this ends here;
(2) a manifest that names the sealed ones takes the place of the one that named the others, and
    says so: the report is the same, and a receipt for either is one for it;
(3) clear lists go. A run that was cut short before this left them there under no manifest.
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from rempart.domain.contacts import Contacts
from rempart.sealing.stream import seal_stream
from rempart.usecases.deliver_dossiers import as_signed
from rempart.usecases.dossier_manifest import manifest_digest, manifest_text, read_manifest
from rempart.usecases.dossier_ports import DossierShelf
from rempart.usecases.make_dossiers import LISTS, LISTS_OF_CLAIMS
from rempart.usecases.ports import Chance, NoteSigner

Told = Callable[[int, int], object]
BOTH = (LISTS, LISTS_OF_CLAIMS)
"""Of people, and of claims."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealLists:
    """Nobody delivers meanwhile."""

    shelf: DossierShelf
    contacts: Contacts
    signer: NoteSigner
    chance: Chance

    def waiting(self) -> list[tuple[int, int]]:
        """Dossiers, by insurer and number, with a list that lies in clear and need not."""
        return [
            (amc, number)
            for amc in self.shelf.insurers()
            if self._key(amc)
            for number in self.shelf.numbers(amc)
            if any(self.shelf.has(amc, number, of.clear) for of in BOTH)
        ]

    def __call__(self, told: Told = lambda _amc, _number: None) -> None:
        """Seal them; ``told`` hears of each.

        Raises:
            IntegrityBroken: a list, or a manifest, is not what was signed: that one stays as it is.
        """
        for amc, number in self.waiting():
            self._seal(amc, number)
            for of in BOTH:
                self.shelf.forget(amc, number, of.clear)  # (3)
            told(amc, number)

    def _key(self, amc: int) -> bytes:
        contact = self.contacts.of(amc)
        return contact.key if contact else b""

    def _seal(self, amc: int, number: int) -> None:
        dossier, origin = self.shelf.dossier(amc, number), self.signer.origin
        note = dossier.manifest()
        assert note is not None, "a dossier without a manifest has no number"
        said = read_manifest(note, self.signer.verifier)
        open_lists = [of for of in BOTH if of.clear in said.files]
        if not open_lists:
            return
        files = dict(as_signed(dossier, said, note))
        kept = {**said.files}
        for of in open_lists:
            pieces = seal_stream(
                files[of.clear],
                ephemeral=self.chance.draw(32),
                recipient=self._key(amc),
                purpose=of.purpose,
            )
            kept[of.sealed] = self.shelf.put(amc, number, of.sealed, pieces)  # (1)
            del kept[of.clear]
        now = msgspec.structs.replace(said, files=kept, before=manifest_digest(origin, said))
        self.shelf.close(amc, number, self.signer.sign(manifest_text(origin, now)))  # (2)
