"""After a restore: admit in the ledger itself that signed entries are gone.

(1) the ledger is shorter than the last checkpoint kept outside the database, and nothing else:
    a changed past cannot be admitted away;
(2) one entry says which entries were lost, under which root they had been signed;
(3) from there the ledger goes on. Whoever kept a checkpoint of the lost range will find this entry.
"""

from dataclasses import dataclass

from rempart.domain.disclosure import EntryType
from rempart.domain.errors import Refusal
from rempart.usecases.keep_ledger import KeepLedger


@dataclass(frozen=True, slots=True)
class AdmitLoss:
    """Writes the admission, once."""

    ledger: KeepLedger

    def __call__(self) -> int:
        """The index of the admission.

        Raises:
            Refusal: nothing was lost.
            LedgerBroken: what is left is not what was signed.
        """
        self.ledger.read_again()
        kept = self.ledger.kept()
        if kept is None or self.ledger.size >= kept.size:  # (1)
            raise Refusal("nothing was lost: the ledger holds all that was signed")
        return self.ledger.act(  # (2)
            EntryType.RANGE_LOST,
            {"old_size": kept.size, "old_root": kept.root, "size": self.ledger.size},
        )
