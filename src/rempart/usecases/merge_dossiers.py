"""Several dossiers as one list of the insurer's people, joined with its own file.

Each person stands there once, whatever operator told of them; the columns that are ours begin with
``breach_``, so that none is taken for one of the insurer's own. Times are those of Paris.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from rempart.domain.breach_told import Reading, Source, Told, merged
from rempart.domain.paris import civil
from rempart.usecases.exercise_mark import EXERCISE
from rempart.usecases.join_members import MemberRows
from rempart.usecases.read_dossier import OpenedDossier, latest
from rempart.usecases.scope_list import WORDS, domain_words, field_words, presence_words

COLUMNS = (
    "breach_exercise",
    "breach_verdict",
    "breach_fields",
    "breach_domains",
    "breach_presences",
    "breach_kinds",
    "breach_first",
    "breach_last",
    "breach_answers",
    "breach_sources",
)


@dataclass(slots=True)
class Merged:
    """What several dossiers come to; ``missing`` are no longer in the insurer's file."""

    dossiers: Sequence[OpenedDossier]
    people: dict[str, Told] = field(repr=False)
    missing: int = 0

    @property
    def exercise(self) -> bool:
        """Whether it is one."""
        return any(each.report.exercise for each in self.dossiers)

    @property
    def strangers(self) -> int:
        """Lines whose handle is not ours."""
        return sum(len(each.strangers) for each in self.dossiers)

    def joined(
        self, members: TextIO, read: Callable[[int], object] = lambda _: None
    ) -> Iterator[Sequence[str]]:
        """The insurer's own rows of these people, ours in front; first the header.

        Raises:
            MalformedRow: the file has no column ``reference``.
        """
        rows = MemberRows(self.people, members)
        yield [*COLUMNS, *rows.names]
        before = 0
        for told, cells in rows:
            read(rows.read - before)
            before = rows.read
            yield [*cells_of(told, exercise=self.exercise), *cells]
        self.missing = len(rows.left)
        for told, cells in rows.missing():
            yield [*cells_of(told, exercise=self.exercise), *cells]


def merge(dossiers: Sequence[OpenedDossier]) -> Merged:
    """The last report of each, together.

    Raises:
        IntegrityBroken: two reports have one number and are not the same.
        Refusal: an exercise among real ones.
    """
    kept = latest(dossiers)
    return Merged(kept, merged(each.people for each in kept))


def cells_of(told: Told, *, exercise: bool) -> list[str]:
    """Our columns of one person."""
    return [
        EXERCISE if exercise else "",
        WORDS[told.verdict],
        field_words(told.fields),
        domain_words(told.domains),
        presence_words(told.presences),
        "+".join(sorted(told.kinds)),
        _time(told.first),
        _time(told.last),
        str(told.answers),
        _sources(told.readings),
    ]


def _time(at: int) -> str:
    return civil(at).isoformat(timespec="seconds")


def _sources(readings: Mapping[Source, Reading]) -> str:
    """Operator, incident, verdict, and the entry that can be proven, of each."""
    return " + ".join(
        f"{source.operator}/{source.incident}/{WORDS[each.verdict]}/{each.entry}"
        for source, each in sorted(readings.items())
    )
