"""The list of claims of a breach: one line a claim (``specs/scope.md``), counted by insurer."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256

from rempart.domain.claims_touched import Back, ClaimFacts
from rempart.domain.scope import Verdict
from rempart.usecases.claims_file import UNOPENED, ClaimsFile, ClaimsSaid
from rempart.usecases.exercise_mark import ending, heading
from rempart.usecases.scope_list import WORDS, domain_words

CLAIM = "claim;kind;use;rests;entry;domains;care;sent;told;shown;first;last;outcome;rule;asked;owed"
OF_ONE = f"verdict;{CLAIM}"
WAITING = "waiting"


@dataclass(slots=True, kw_only=True)
class ClaimsTouched:
    """Claims that the accounts of a finding touched, up to a moment (microseconds); ``kinds`` are
    the kinds of sites of accounts.
    """

    claims: Sequence[ClaimFacts] = field(default=(), repr=False)
    kinds: Mapping[int, str] = field(default_factory=dict, repr=False)
    until: int = 0
    exercise: bool = False
    _of: dict[str, list[ClaimFacts]] = field(init=False, repr=False)
    """By insurer, the worst first."""

    def __post_init__(self) -> None:
        self._of = {}
        for each in sorted(self.claims, key=lambda each: (-each.verdict, each.number)):
            self._of.setdefault(insurer_of(each), []).append(each)

    @property
    def insurers(self) -> list[int]:
        """Those who have a claim that is breached or undecided."""
        return sorted(int(amc) for amc in self._of.keys() - {UNOPENED} if _told(self._of[amc]))

    @property
    def touched(self) -> int:
        """How many are breached or undecided."""
        return sum(each.verdict is not Verdict.CLEARED for each in self.claims)

    @property
    def unopened(self) -> int:
        """How many of those nobody could open."""
        return len(_told(self._of.get(UNOPENED, [])))

    def accounts(self, amc: int) -> frozenset[int]:
        """Accounts that touched an insurer's claims."""
        return frozenset(each.account for each in _told(self._all(amc)))

    def lines(self) -> Iterator[str]:
        """All of them, the worst first; marked in an exercise."""
        mark = ending(exercise=self.exercise)
        yield heading(f"verdict;amc;account;{CLAIM}", exercise=self.exercise) + "\n"
        for each in sorted(
            self.claims, key=lambda each: (-each.verdict, insurer_of(each), each.number)
        ):
            insurer = insurer_of(each)
            yield f"{WORDS[each.verdict]};{insurer};{each.account};{self._line(each)}{mark}\n"

    def lines_of(self, amc: int) -> Iterator[str]:
        """One insurer's own that are breached or undecided: no account is named."""
        mark = ending(exercise=self.exercise)
        yield heading(OF_ONE, exercise=self.exercise) + "\n"
        for each in _told(self._all(amc)):
            yield f"{WORDS[each.verdict]};{self._line(each)}{mark}\n"

    def said(self, amc: int) -> ClaimsSaid:
        """One insurer's own, counted."""
        claims = self._all(amc)
        return _counted(claims, "".join(self.lines_of(amc)) if _told(claims) else "")

    def to_file(self, *, incident: int, scope: int, finding: str) -> ClaimsFile:
        """All of them, counted by insurer.

        Raises:
            IntegrityBroken: insurers do not add up to all of them.
        """
        unopened = self._of.get(UNOPENED, [])
        said = {amc: self.said(int(amc)) for amc in sorted(self._of.keys() - {UNOPENED})}
        made = ClaimsFile(
            incident=incident,
            exercise=self.exercise,
            scope=scope,
            finding_digest=finding,
            until=self.until,
            whole=_counted(self.claims, "".join(self.lines())),
            insurers=said | ({UNOPENED: _counted(unopened, "")} if unopened else {}),
        )
        made.check()
        return made

    def _all(self, amc: int) -> list[ClaimFacts]:
        return self._of.get(f"{amc:08d}", [])

    def _line(self, each: ClaimFacts) -> str:
        inside, known, asked = each.inside, ";;;", ""
        if inside is not None:
            entry = "" if inside.entry is None else str(inside.entry)
            known = f"{inside.rests};{entry};{_domains(inside.domains)};{inside.care}"
            asked = str(inside.asked)
        return (
            f"{each.number};{self.kinds.get(each.account, '')};{each.use.name.lower()};{known};"
            f"{int(each.sent)};{each.told};{shown_words(each.shown)};{each.first};{each.last};"
            f"{outcome_of(each)};{each.rule};{asked};{each.owed}"
        )


def insurer_of(each: ClaimFacts) -> str:
    """Its number, or nothing where the claim did not open."""
    return UNOPENED if each.inside is None else f"{each.inside.amc:08d}"


@cache
def shown_words(shown: Back) -> str:
    """Names of what was told."""
    return "+".join(each.name or "" for each in Back if each in shown)


@cache
def _domains(mask: int) -> str:
    return domain_words(mask)


def outcome_of(each: ClaimFacts) -> str:
    """The word of how it stands now."""
    return WAITING if each.ruling is None else each.ruling.value


def _told(claims: Collection[ClaimFacts]) -> list[ClaimFacts]:
    return [each for each in claims if each.verdict is not Verdict.CLEARED]


def _counted(claims: Collection[ClaimFacts], listed: str) -> ClaimsSaid:
    told, parts = _told(claims), Counter(each.verdict for each in claims)
    shown, domains = Counter[str](), Counter[str]()
    for each in told:
        shown.update(filter(None, shown_words(each.shown).split("+")))
        if each.inside is not None:
            domains.update(filter(None, _domains(each.inside.domains).split("+")))
    assert sum(parts.values()) == len(claims), "each is in one part"
    return ClaimsSaid(
        breached=parts[Verdict.BREACHED],
        undecided=parts[Verdict.UNDECIDED],
        cleared=parts[Verdict.CLEARED],
        late=sum(each.late for each in told),
        sent=sum(each.sent for each in told),
        told=sum(each.told for each in told),
        uses=dict(Counter(each.use.name.lower() for each in told)),
        shown=dict(shown),
        domains=dict(domains),
        outcomes=dict(Counter(map(outcome_of, told))),
        asked=sum(each.inside.asked for each in told if each.inside is not None),
        owed=sum(each.owed for each in told),
        first=min((each.first for each in told), default=0),
        last=max((each.last for each in told), default=0),
        list=sha256(listed.encode()).hexdigest() if listed else "",
    )
