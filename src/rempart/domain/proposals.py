"""What waits for a second person, and what one officer has loosened alone: a fold of the ledger.

A proposal and its approval are entries: a restart forgets nothing that was agreed to, and nothing
can be agreed to twice.
"""

from dataclasses import dataclass, field

from rempart.domain.budget import DAY
from rempart.domain.containment import Authority
from rempart.domain.disclosure import Codes, Entry, EntryType, decode_codes
from rempart.domain.errors import NotAllowed
from rempart.domain.person import LOOSENED_ALONE, Act


@dataclass(frozen=True, slots=True)
class Proposal:
    """One act that waits: ``person`` is the number of who asked, ``terms`` their codes."""

    ref: int
    act: Act
    person: int
    by: str = field(repr=False)
    until: int
    terms: Codes = field(repr=False)


OWN = frozenset({"propose", "person", "by", "until"})
"""Codes of a proposal that are not its terms."""


@dataclass(slots=True)
class Proposals:
    """The fold."""

    waiting: dict[int, Proposal] = field(default_factory=dict, repr=False)
    loosened: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False)
    _before: tuple[dict[int, Proposal], dict[str, tuple[int, ...]]] | None = field(
        default=None, repr=False
    )

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Take in an entry of the ledger."""
        if entry.type is EntryType.CONTAINMENT:
            codes = decode_codes(detail)
            loosens = int(codes["to"]) < int(codes["from"])
            if loosens and int(codes["authority"]) == Authority.OFFICER:
                self._touch()
                name = str(codes["by"])
                since = entry.at - DAY
                kept = [at for at in self.loosened.get(name, ()) if at > since]
                self.loosened[name] = (*kept, entry.at)
        elif entry.type is EntryType.DECISION:
            codes = decode_codes(detail)
            if "propose" in codes:
                self._touch()
                self.waiting[index] = proposal_of(index, codes)
            elif "approve" in codes:
                self._touch()
                self.waiting.pop(int(codes["approve"]), None)

    def find(self, ref: int, now: int) -> Proposal:
        """What waits under this number.

        Raises:
            NotAllowed: nothing does, any more.
        """
        proposal = self.waiting.get(ref)
        if proposal is None or proposal.until < now:
            raise NotAllowed("nothing waits under this number")
        return proposal

    def check_alone(self, by: str, now: int) -> None:
        """Return if an officer may loosen one more account alone today.

        Raises:
            NotAllowed: it takes two from here on.
        """
        if sum(at > now - DAY for at in self.loosened.get(by, ())) >= LOOSENED_ALONE:
            raise NotAllowed(f"more than {LOOSENED_ALONE} a day takes two persons")

    def _touch(self) -> None:
        if self._before is None:
            self._before = dict(self.waiting), dict(self.loosened)

    def mark(self) -> None:
        """What was absorbed is durable."""
        self._before = None

    def undo(self) -> None:
        """What was absorbed since the last mark is not."""
        if self._before is not None:
            (self.waiting, self.loosened), self._before = self._before, None

    def forget(self) -> None:
        """Start again from nothing."""
        self.waiting, self.loosened, self._before = {}, {}, None


def proposal_of(ref: int, codes: Codes) -> Proposal:
    """The proposal that an entry's codes say."""
    return Proposal(
        ref=ref,
        act=Act(int(codes["propose"])),
        person=int(codes["person"]),
        by=str(codes["by"]),
        until=int(codes["until"]),
        terms={name: value for name, value in codes.items() if name not in OWN},
    )
