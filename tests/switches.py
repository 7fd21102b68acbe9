"""What doors read of cut-offs, in tests: nothing is cut, or what the test says."""

from dataclasses import dataclass, field

from rempart.domain.containment import Authority
from rempart.domain.cutoff import CutOff
from rempart.domain.cutoff_words import Channel, CutWhy, Scope
from rempart.usecases.cut_off_row import Row


def row(*cuts: CutOff) -> Row:
    return Row(place=(1, 1), generation=len(cuts), cuts=cuts)


def cut(scope: Scope, number: int = 0, *, since: int = 0, until: int = 0) -> CutOff:
    return CutOff(
        scope=scope,
        number=number,
        since=since,
        until=until,
        why=CutWhy.INCIDENT,
        authority=Authority.OFFICER,
    )


@dataclass
class Said:
    """Rows that say what they are told; ``before`` is what they said while they could be read."""

    row: Row | None = field(default_factory=row)
    before: Row | None = None

    async def standing(self) -> Row | None:
        return self.row

    async def last(self) -> Row | None:
        return self.row or self.before


OPEN = Said()
PORTAL = cut(Scope.CHANNEL, Channel.PORTAL)
API = cut(Scope.CHANNEL, Channel.API)
