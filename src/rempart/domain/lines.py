"""The lines that an account's questions came by, and whose each is.

* **owner's**: cards were read on it on three days at least, the first a week before containment.
* **thief's**: no card was ever read on it, what was typed would be a thief's ten thousand to one,
  and the owner went on working by a line of their own meanwhile, or an account of another site was
  asked in the same way by the same device or network. Of an account that roams over telephone
  networks, a new network alone needs the latter.
* **strange**: neither. It may be anybody's; where strangers were typed on it and no card was read,
  it is suspect.

An account that was stopped after two questions shows little: it is enough that they came by a code
of the thief's, which is no owner's.

A thief who changes networks keeps his device: lines that share a code which is not the owner's are
judged as one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from rempart.domain.budget import DAY
from rempart.domain.signs import Line, Seen, weight

Code = tuple[str, int]
"""What it is of, and a keyed code."""
LONG_PAST = 7 * DAY
DAYS_OF_CARDS = 3
ROAMS = 5
"""Networks of an owner's devices from which on another one says nothing."""
THEIRS = 0.9
"""Of the questions on a thief's own line, those about strangers."""
SURE, HINT = 9.2, 2.0
"""Natural logarithm of ten thousand; less than one stranger."""


class Of(IntEnum):
    """Whose a line is."""

    OWNER = 1
    STRANGE = 2
    THIEF = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines of one account that share a code; ``codes`` are those that are not the owner's."""

    lines: frozenset[Line] = field(repr=False)
    codes: frozenset[Code] = field(repr=False)
    site: int
    score: float
    first: int
    last: int
    cards: bool
    doubtful: int
    alongside: bool

    @property
    def strong(self) -> bool:
        """Whether what was asked on it is a list's, ten thousand to one."""
        return self.score >= SURE and not self.cards

    @property
    def suspect(self) -> bool:
        """Whether there is a stranger more than an owner's questions would bring."""
        return self.score >= HINT and not self.cards and bool(self.codes)

    @property
    def moved(self) -> bool:
        """Whether its device is not the owner's."""
        return any(kind == "device" for kind, _ in self.codes)


@dataclass(slots=True)
class Lines:
    """Those of one account."""

    owner: frozenset[Line] = field(repr=False)
    groups: Sequence[Group] = field(repr=False)
    roams: bool = False
    thief: frozenset[Line] = field(default=frozenset(), repr=False)

    @property
    def suspect(self) -> frozenset[Line]:
        """The thief's, and the strange ones that may be."""
        may_be = [g for g in self.groups if g.suspect and (g.moved or not self.roams)]
        return self.thief.union(*(group.lines for group in may_be))

    def of(self, line: Line) -> Of:
        """Whose it is."""
        if line in self.thief:
            return Of.THIEF
        return Of.OWNER if line in self.owner else Of.STRANGE


def owners_lines(questions: Iterable[Seen], before: int) -> frozenset[Line]:
    """Lines with a long past of cards; ``before`` is when the account was contained first."""
    days: dict[Line, set[int]] = {}
    for each in questions:
        if each.proof and each.at <= before and each.line.device and each.line.network:
            days.setdefault(each.line, set()).add(each.at // DAY)
    return frozenset(
        line
        for line, found in days.items()
        if len(found) >= DAYS_OF_CARDS and min(found) <= (before - LONG_PAST) // DAY
    )


def lines_of(questions: Sequence[Seen], before: int, habit: float) -> Lines:
    """The lines of one account, its questions in order of time; none is the thief's yet."""
    owner = owners_lines(questions, before)
    theirs = frozenset(code for line in owner for code in codes_of(line))
    by_line: dict[Line, list[Seen]] = {}
    for each in questions:
        if each.line not in owner:
            by_line.setdefault(each.line, []).append(each)
    working = [each.at for each in questions if each.line in owner]
    groups = [
        _group(lines, [s for line in lines for s in by_line[line]], theirs, working, habit)
        for lines in _joined(by_line, theirs)
    ]
    return Lines(owner, groups, roams=_roams(questions, owner))


def _roams(questions: Sequence[Seen], owner: frozenset[Line]) -> bool:
    devices = {line.device for line in owner}
    return len({s.line.network for s in questions if s.line.device in devices}) >= ROAMS


def codes_of(line: Line) -> frozenset[Code]:
    """Its codes that are known."""
    said = (("device", line.device), ("network", line.network))
    return frozenset(each for each in said if each[1])


def _joined(lines: Iterable[Line], theirs: frozenset[Code]) -> list[frozenset[Line]]:
    """Lines that share a code which is not the owner's, however many steps away."""
    groups: list[tuple[set[Line], set[Code]]] = []
    for line in lines:
        here, codes = {line}, set(codes_of(line) - theirs)
        apart = []
        for group in groups:
            if codes.isdisjoint(group[1]):
                apart.append(group)
            else:
                here |= group[0]
                codes |= group[1]
        groups = [*apart, (here, codes)]
    return [frozenset(group) for group, _ in groups]


def _group(
    lines: frozenset[Line],
    questions: Sequence[Seen],
    theirs: frozenset[Code],
    working: Sequence[int],
    habit: float,
) -> Group:
    moments = [each.at for each in questions]
    return Group(
        lines=lines,
        codes=frozenset(code for line in lines for code in codes_of(line)) - theirs,
        site=questions[0].site,
        score=sum(weight(each, THEIRS, habit) for each in questions),
        first=min(moments),
        last=max(moments),
        cards=any(each.proof for each in questions),
        doubtful=sum(each.doubtful for each in questions),
        alongside=any(at > min(moments) for at in working),
    )


def name_thieves(accounts: Sequence[Lines]) -> frozenset[Code]:
    """Say which lines are the thief's, over all accounts; the codes that are his alone."""
    common = _common(group for lines in accounts for group in lines.groups)
    for lines in accounts:
        _name(lines, [g for g in lines.groups if g.strong and _beside(g, lines, common)])
    owners = {code for each in accounts for line in each.owner for code in codes_of(line)}
    codes = frozenset(
        code
        for lines in accounts
        for group in lines.groups
        if group.lines <= lines.thief
        for code in group.codes - owners
    )
    for lines in accounts:
        _name(lines, [g for g in lines.groups if g.suspect and g.codes & codes])
    return codes


def _name(lines: Lines, groups: Iterable[Group]) -> None:
    lines.thief = lines.thief.union(*(group.lines for group in groups))


def _common(groups: Iterable[Group]) -> frozenset[Code]:
    """Codes by which several sites were asked as a list is asked about."""
    sites: dict[Code, set[int]] = {}
    for group in groups:
        for code in group.codes if group.strong else ():
            sites.setdefault(code, set()).add(group.site)
    return frozenset(code for code, found in sites.items() if len(found) > 1)


def _beside(group: Group, lines: Lines, common: frozenset[Code]) -> bool:
    """Whether it was somebody beside the owner, and not the owner elsewhere."""
    if group.codes & common:
        return True
    return group.alongside and bool(group.codes) and (group.moved or not lines.roams)
