"""Who could not be served, from when to when: every cut-off that ever stood, and every freeze.

The cut is itself a breach of availability (GDPR art. 4(12)): it is told like the rest.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from rempart.domain.containment import Stage
from rempart.domain.cutoff import CutOff
from rempart.domain.cutoff_words import Channel, Scope
from rempart.domain.disclosure import CITES_NOTHING, Entry, EntryType, Presence, decode_codes
from rempart.domain.guard import Move
from rempart.domain.person import told
from rempart.usecases.incident_ports import Named, Unanswered

NONE = Unanswered(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """One cut-off, and until when it stood (microseconds, 0 while it stands); ``end`` is the entry
    that cleared it. ``refused`` are the questions that it kept from an answer.
    """

    cut: CutOff
    until: int
    end: int | None = None
    refused: Unanswered = NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """An account (a number) that was frozen, and until when, 0 while it is."""

    account: int
    since: int
    until: int = 0


@dataclass(slots=True)
class Stops:
    """The fold."""

    cuts: dict[int, Unserved] = field(default_factory=dict, repr=False)
    stopped: list[Stopped] = field(default_factory=list, repr=False)
    _open: dict[int, int] = field(default_factory=dict, repr=False)

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Take in an entry of the ledger."""
        if entry.type is EntryType.CONTAINMENT:
            self._moved(Move.from_codes(decode_codes(detail)), entry.at)
        elif entry.type is EntryType.CUT_OFF and entry.cites == CITES_NOTHING:
            cut = CutOff.from_codes(index, decode_codes(detail))
            self.cuts[index] = Unserved(cut=cut, until=cut.until)
        elif entry.type is EntryType.CUT_OFF and entry.cites in self.cuts:
            each = self.cuts[entry.cites]
            until = min(each.until or entry.at, entry.at)
            self.cuts[entry.cites] = replace(each, until=until, end=index)

    def _moved(self, move: Move, at: int) -> None:
        if move.target >= Stage.FROZEN:
            if move.account not in self._open:
                self._open[move.account] = len(self.stopped)
                self.stopped.append(Stopped(account=move.account, since=at))
        elif (place := self._open.pop(move.account, None)) is not None:
            self.stopped[place] = replace(self.stopped[place], until=at)

    def within(
        self, since: int, until: int, refused: Callable[[int, int | None], Unanswered]
    ) -> Iterator[Unserved]:
        """Cut-offs that stood in this span, each with what it ``refused`` from its entry to its
        end; one that had begun before it counts too.
        """
        for ref, each in self.cuts.items():
            over = each.until if 0 < each.until <= until else 0
            begun = each.cut.since <= until and each.until != each.cut.since
            if begun and not (over and over < since):
                yield replace(each, until=over, refused=refused(ref, each.end))

    def of(self, accounts: tuple[int, ...], until: int) -> list[Stopped]:
        """When these accounts were frozen, up to a moment."""
        return [
            each if each.until <= until else replace(each, until=0)
            for each in self.stopped
            if each.account in accounts and each.since <= until
        ]


def what_of(cut: CutOff, accounts: Mapping[int, Named]) -> str:
    """What is cut: its scope and name, or its number where nothing has that name any more."""
    scope, number = told(cut.scope.name), cut.number
    names: Mapping[Scope, str] = {
        Scope.ACCOUNT: accounts[number].name if number in accounts else "",
        Scope.SITE: next((a.site for a in accounts.values() if a.place == number), ""),
        Scope.CHANNEL: told(Channel(number).name) if cut.scope is Scope.CHANNEL else "",
        Scope.PRESENCE: told(Presence(number).name) if cut.scope is Scope.PRESENCE else "",
        Scope.INSURER: f"{number:08d}",
        Scope.SOFTWARE: f"{number:08x}",
    }
    return f"{scope} {names.get(cut.scope) or number or ''}".rstrip()
