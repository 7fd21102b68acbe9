"""The other populations of a breach: professionals, insurers' references.

Who holds a stolen account is exposed by it, before a single patient is: what its pages and its
programs show of its owner; and its claims, which ``scope_claims`` finds. Insurers' references are
in no answer, and in no page of a professional.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import StringIO

from rempart.domain.claims_touched import ClaimFacts
from rempart.domain.finding import NEVER, Finding, Suspect
from rempart.domain.hands import Hands, hands_of
from rempart.domain.notice_to_owners import OwnerFacts
from rempart.domain.paris import civil
from rempart.domain.scope import Verdict
from rempart.usecases.exercise_mark import COLUMN, EXERCISE
from rempart.usecases.letters_to_professionals import USED
from rempart.usecases.read_incidents import Case

OF_PERSON = ("login", "rpps", "profession", "site", "delegates", "sessions")
"""What its own pages show of whoever signs in."""
OF_SOFTWARE = ("login", "site", "contract")
HEADER = ("account", "fields", "since", "until", USED)


@dataclass(frozen=True, slots=True)
class Exposed:
    """The owner of an account in other hands, by its name: which of their data, from when to when
    (microseconds, 0 where it is not contained), and whether that is sure.
    """

    name: str = field(repr=False)
    fields: tuple[str, ...] = field(repr=False)
    since: int
    until: int
    used: Hands


@dataclass(frozen=True, slots=True)
class Populations:
    """Beside the insured: owners of accounts."""

    professionals: Sequence[Exposed] = field(repr=False)
    exercise: bool = False
    gateway: bool = False

    @property
    def facts(self) -> OwnerFacts:
        """What a decision to tell them is taken beside (GDPR art. 34)."""
        used = [each.used for each in self.professionals]
        return OwnerFacts(
            surely=used.count(Hands.SURELY),
            perhaps=used.count(Hands.PERHAPS),
            claims=sum("claims" in each.fields for each in self.professionals),
            ended=all(each.until for each in self.professionals),
            gateway=self.gateway,
        )

    def to_csv(self) -> str:
        """The owners' accounts: with a column ``name``, what letters are made of; marked."""
        text, mark = StringIO(), (EXERCISE,) if self.exercise else ()
        writer = csv.writer(text, delimiter=";", lineterminator="\n")
        writer.writerow((*HEADER, COLUMN) if mark else HEADER)
        for each in self.professionals:
            until = civil(each.until).isoformat(timespec="seconds") if each.until else ""
            since = civil(each.since).isoformat(timespec="seconds")
            writer.writerow(
                (each.name, "+".join(each.fields), since, until, each.used.name.lower(), *mark)
            )
        return text.getvalue()


def populations(case: Case, finding: Finding, claims: Iterable[ClaimFacts]) -> Populations:
    """Everybody else whom a finding touches; of an account that was its owner's alone, nobody."""
    billed = {each.account for each in claims if each.verdict is not Verdict.CLEARED}
    exposed = [
        _exposed(case, finding, each, claims=each.number in billed)
        for each in sorted(finding.suspects, key=lambda each: each.number)
        if hands_of(finding, each, case.sessions) is not Hands.OWNERS
    ]
    return Populations(exposed, case.incident.exercise, gateway=bool(finding.gateway))


def _exposed(case: Case, finding: Finding, suspect: Suspect, *, claims: bool) -> Exposed:
    name = case.names.get(suspect.number, f"n° {suspect.number}")
    fields = (*shown_to(name), "claims") if claims else shown_to(name)
    until = 0 if suspect.contained == NEVER else suspect.contained
    used = hands_of(finding, suspect, case.sessions)
    return Exposed(name, fields, suspect.stolen, until, used)


def shown_to(name: str) -> tuple[str, ...]:
    """What an account of this name shows of its owner to whoever uses it."""
    return OF_PERSON if name.startswith("@") else OF_SOFTWARE
