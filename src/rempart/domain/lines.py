"""The lines that an account's questions came by, and whose each is.

A line is a device and a network. A code of either is *clean* if nothing that no list holds ever
came by it: not a card, not a phone, not a printed key.

* **owner's**: both codes brought such things on two days at least, the first a week before
  containment.
* **thief's**: a code of it is clean, what was typed would be a list's ten thousand to one, and the
  owner worked elsewhere meanwhile, or an account of another site was asked in the same way by the
  same code. Of an account that roams over telephone networks, or has no line of its owner's, a new
  network says nothing unless the owner was at work between his questions.
* **strange**: neither. It may be anybody's; where a code is clean and strangers were typed, it is
  suspect.

Where ten sites and more were robbed so, that is a campaign: what was typed like a list in its
hours, by a clean code of an account that was stopped, was typed by nobody else.

An account that was stopped after two questions shows little: it is enough that they came by a code
of the thief's, which is no owner's. A thief who changes networks keeps his device: lines that share
a clean code are judged as one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from rempart.domain.budget import DAY
from rempart.domain.signs import Line, Seen, weight

Code = tuple[str, int]
"""What it is of, and a keyed code."""
LONG_PAST = 7 * DAY
DAYS_OF_CARDS = 2
ROAMS = 5
"""Networks of an owner's devices from which on another one says nothing."""
BETWEEN = 2
"""Times that an owner was at work between a thief's questions, where a network says nothing."""
CAMPAIGN = 10
"""Sites robbed at the same time: an honest account is stopped once in ten thousand months."""
THEIRS = (0.9, 1 / 3)
"""Of the questions on a thief's own line, those about strangers: nearly all, or few where the site
knows everybody around.
"""
SURE, HINT = 9.2, 2.0
"""Natural logarithm of ten thousand; less than one stranger."""


class Of(IntEnum):
    """Whose a line is."""

    OWNER = 1
    STRANGE = 2
    THIEF = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines of one account that share a clean code. ``codes`` are the clean ones; ``between`` is
    how often somebody showed a card elsewhere between its first question and its last;
    ``alongside`` whether the owner was at work after its first.
    """

    lines: frozenset[Line] = field(repr=False)
    codes: frozenset[Code] = field(repr=False)
    site: int
    score: float
    first: int
    last: int
    doubtful: int
    between: int
    alongside: bool

    @property
    def strong(self) -> bool:
        """Whether what was asked on it is a list's, ten thousand to one."""
        return self.score >= SURE

    @property
    def suspect(self) -> bool:
        """Whether there is a stranger more than an owner's questions would bring."""
        return self.score >= HINT

    @property
    def moved(self) -> bool:
        """Whether its device is not the owner's."""
        return any(kind == "device" for kind, _ in self.codes)


@dataclass(slots=True)
class Lines:
    """Those of one account; ``since`` is the first day on which a code brought what no list has."""

    owner: frozenset[Line] = field(repr=False)
    groups: Sequence[Group] = field(repr=False)
    roams: bool = False
    stopped: bool = True
    since: Mapping[Code, int] = field(default_factory=dict, repr=False)
    thief: frozenset[Line] = field(default=frozenset(), repr=False)

    @property
    def suspect(self) -> frozenset[Line]:
        """The thief's, and the strange ones that may be."""
        may_be = [g for g in self.groups if g.suspect and (g.moved or not self.roams)]
        return self.thief.union(*(group.lines for group in may_be))

    def older(self, line: Line, at: int) -> bool:
        """Whether both its codes brought cards before the day of a moment."""
        codes, day = codes_of(line), at // DAY
        return len(codes) == len(line) and all(self.since.get(code, day) < day for code in codes)

    def of(self, line: Line) -> Of:
        """Whose it is."""
        if line in self.thief:
            return Of.THIEF
        return Of.OWNER if line in self.owner else Of.STRANGE


def codes_of(line: Line) -> frozenset[Code]:
    """Its codes that are known."""
    said = (("device", line.device), ("network", line.network))
    return frozenset(each for each in said if each[1])


def lines_of(
    questions: Sequence[Seen], before: int, habit: float, *, stopped: bool = True
) -> Lines:
    """The lines of one account, its questions in order of time; none is the thief's yet.
    ``before`` is when the account was contained first.
    """
    days: dict[Code, set[int]] = {}
    for each in questions:
        for code in codes_of(each.line) if each.keyed else ():
            days.setdefault(code, set()).add(each.at // DAY)
    long_ago = (before - LONG_PAST) // DAY
    theirs = {c for c, d in days.items() if len(d) >= DAYS_OF_CARDS and min(d) <= long_ago}
    lines = {each.line for each in questions}
    owner = frozenset(line for line in lines if len(codes_of(line) & theirs) == len(line))
    devices = {line.device for line in owner}
    return Lines(
        owner,
        _groups(questions, frozenset(days), owner, habit),
        roams=len({s.line.network for s in questions if s.line.device in devices}) >= ROAMS,
        stopped=stopped,
        since={code: min(found) for code, found in days.items()},
    )


def _groups(
    questions: Sequence[Seen], known: frozenset[Code], owner: frozenset[Line], habit: float
) -> list[Group]:
    by_line: dict[Line, list[Seen]] = {}
    for each in questions:
        by_line.setdefault(each.line, []).append(each)
    return [
        _group(codes, lines, [s for line in lines for s in by_line[line]], questions, owner, habit)
        for codes, lines in _joined(by_line, known)
    ]


def _joined(
    lines: Iterable[Line], known: frozenset[Code]
) -> list[tuple[frozenset[Code], frozenset[Line]]]:
    """Lines that share a clean code, however many steps away."""
    groups: list[tuple[frozenset[Code], frozenset[Line]]] = []
    for line in lines:
        codes, here = codes_of(line) - known, frozenset({line})
        if not codes:
            continue
        met = [group for group in groups if group[0] & codes]
        groups = [group for group in groups if not group[0] & codes]
        groups.append(
            (codes.union(*(group[0] for group in met)), here.union(*(group[1] for group in met)))
        )
    return groups


def _group(  # noqa: PLR0917
    codes: frozenset[Code],
    lines: frozenset[Line],
    mine: Sequence[Seen],
    questions: Sequence[Seen],
    owner: frozenset[Line],
    habit: float,
) -> Group:
    first, last = min(each.at for each in mine), max(each.at for each in mine)
    elsewhere = [s for s in questions if s.at > first and s.line not in lines]
    return Group(
        lines=lines,
        codes=codes,
        site=mine[0].site,
        score=max(sum(weight(each, share, habit) for each in mine) for share in THEIRS),
        first=first,
        last=last,
        doubtful=sum(each.doubtful for each in mine),
        between=sum(s.keyed and s.at < last for s in elsewhere),
        alongside=any(s.line in owner for s in elsewhere),
    )


class Thieves(NamedTuple):
    """The codes that are a thief's alone, and the hours of a campaign, both ends included."""

    codes: frozenset[Code]
    hours: tuple[int, int] | None

    def __repr__(self) -> str:
        return "Thieves(…)"


def name_thieves(accounts: Sequence[Lines]) -> Thieves:
    """Say which lines are the thief's, over all accounts, whatever was said of fewer of them."""
    for lines in accounts:
        lines.thief = frozenset()
    common = _common(group for lines in accounts for group in lines.groups)
    for lines in accounts:
        _name(lines, [g for g in lines.groups if g.strong and _beside(g, lines, common)])
    hours = _name_campaign(accounts)
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
    return Thieves(codes, hours)


def _name(lines: Lines, groups: Iterable[Group]) -> None:
    lines.thief = lines.thief.union(*(group.lines for group in groups))


def _name_campaign(accounts: Sequence[Lines]) -> tuple[int, int] | None:
    known = [g for lines in accounts for g in lines.groups if g.lines <= lines.thief]
    if len({group.site for group in known}) < CAMPAIGN:
        return None
    first, last = min(g.first for g in known), max(g.last for g in known)
    for lines in accounts:
        within = [g for g in lines.groups if g.strong and first <= g.last and g.first <= last]
        _name(lines, within if lines.stopped else [])
    return first, last


def _common(groups: Iterable[Group]) -> frozenset[Code]:
    """Codes by which several sites were asked as a list is asked about."""
    sites: dict[Code, set[int]] = {}
    for group in groups:
        for code in group.codes if group.strong else ():
            sites.setdefault(code, set()).add(group.site)
    return frozenset(code for code, found in sites.items() if len(found) > 1)


def _beside(group: Group, lines: Lines, common: frozenset[Code]) -> bool:
    """Whether it was somebody beside the owner, and not the owner elsewhere."""
    if group.codes & common or group.between >= BETWEEN:
        return True
    return group.alongside and (group.moved or not lines.roams)
