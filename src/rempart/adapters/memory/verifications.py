"""What a shop verified offline, in memory: the reference of ``VerificationJournal``."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rempart.usecases.report_verifications import Verification


@dataclass(slots=True)
class MemoryVerificationJournal:
    """Verifications, in order."""

    kept: list[Verification] = field(default_factory=list, repr=False)

    def add(self, verification: Verification) -> bool:
        """Note one; whether it is new."""
        wanted = _what(verification)
        if any(_what(each) == wanted for each in self.kept):
            return False
        self.kept.append(verification)
        return True

    def waiting(self) -> Sequence[Verification]:
        """All of them, in the order in which they were noted."""
        return list(self.kept)

    def forget(self, number: str) -> None:
        """Erase one."""
        self.kept = [each for each in self.kept if each.number != number]


def _what(each: Verification) -> tuple[object, ...]:
    return each.code, each.domain, each.care
