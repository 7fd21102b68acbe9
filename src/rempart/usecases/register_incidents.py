"""The register of incidents (GDPR art. 33(5)): facts, effects, remedies, and the clocks of each.

Exercises are not of it: they have a register of their own, marked as such everywhere.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rempart.domain.clocks import Clock
from rempart.domain.cutoff_words import Scope
from rempart.domain.deeds import Deed
from rempart.domain.errors import ForbiddenTransition, IntegrityBroken
from rempart.domain.finding import finding_of as finding_in_file
from rempart.domain.incident import NATURE
from rempart.domain.incident_words import Did
from rempart.domain.paris import civil
from rempart.domain.person import told as named
from rempart.usecases.breach_items import PEOPLE
from rempart.usecases.check_papers import insurers_touched
from rempart.usecases.claim_items import CLAIMS
from rempart.usecases.claims_file import ClaimsFile
from rempart.usecases.cut_words import cut_named, label_of
from rempart.usecases.finding_of_case import finding_of
from rempart.usecases.incident_labels import OUTCOMES, STATED, STATES, both, opened_by, whose
from rempart.usecases.paper import Said, several
from rempart.usecases.read_incidents import Case, Register, Statement
from rempart.usecases.rights_words import CUT_WHYS
from rempart.usecases.scope_file import ScopeFile
from rempart.usecases.tell_unserved import Stopped, Unserved

LAW = "RGPD, art. 33(5) · GDPR art. 33(5)"
FACTS = frozenset({Did.OPENED, Did.FACT, Did.FINDING})
EFFECTS = frozenset({Did.NATURE})
REMEDIES = frozenset({Did.DECIDED, Did.AWARE, Did.CLOCK, Did.CLOSED})
GONE = "paroles perdues ou changées · words gone or changed"
DATA = "droits à une complémentaire santé · rights to complementary health insurance"
BILLS = "factures de soins, où elles en sont · claims for care, where they stand"
NOBODY_COUNTED: Said = ("personne n'a encore été compté", "nobody was counted yet")
CHANGED: Said = (
    "constat changé depuis la dernière portée : à refaire",
    "the finding has changed since the last scope: make it again",
)
INSURERS = ("organisme", "organismes"), ("insurer", "insurers")
READ = ("scope", "breached", "undecided", "cleared", "insurers", "claims", "data")
"""How many were read, as the last scope counts them: a person once for each month of pseudonym; and
how many claims were touched, nothing where nobody looked."""
COLUMNS = (
    *("incident", "exercise", "opened", "by", "accounts", "earliest", "contained", "aware"),
    *(*NATURE, "facts", "effects", *READ, "deeds", "unserved", "remedies", "late", "open_clocks"),
    *("outcome", "closed"),
)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRegister:
    """A register as data: who keeps it, whom to ask about it (empty: not known), when it was made
    (ISO 8601, Paris), how many entries of the ledger it was read from, and an incident a row.
    """

    operator: str = field(repr=False)
    contact: str = field(default="", repr=False)
    made: str = field(repr=False)
    ledger_size: int
    exercise: bool
    incidents: tuple[Row, ...] = field(repr=False)

    def to_json(self) -> Row:
        """For a file."""
        return {
            "register": LAW,
            "operator": self.operator,
            "contact": self.contact,
            "exercise": self.exercise,
            "made": self.made,
            "ledger_size": self.ledger_size,
            "incidents": list(self.incidents),
        }

    def rows(self) -> Iterable[Sequence[str | int]]:
        """For a table: one line an incident, in the order of ``COLUMNS``."""
        for row in self.incidents:
            read = row["read"] or dict.fromkeys(READ, "")
            flat = {
                **row,
                **read,
                **{name: _lines(row[name]) for name in ("facts", "effects", "remedies")},
            }
            flat["accounts"] = " ".join(row["accounts"])
            flat["deeds"] = len(row["deeds"])
            flat["unserved"] = "\n".join(
                f"{each['what']} {each['since']} {each['until']}" for each in row["unserved"]
            )
            flat["late"] = " ".join(c["code"] for c in row["clocks"] if c["late"])
            flat["open_clocks"] = " ".join(c["code"] for c in row["clocks"] if c["open"])
            yield [flat[name] for name in COLUMNS]


def written(
    register: Register,
    *,
    operator: str,
    exercise: bool,
    contact: str = "",
    scope: Callable[[int], ScopeFile | None] = lambda _: None,
    claims: Callable[[int], ClaimsFile | None] = lambda _: None,
) -> WrittenRegister:
    """The register of real incidents, or that of exercises; ``scope`` gives an incident's last, and
    ``claims`` those beside it.
    """
    return WrittenRegister(
        operator=operator,
        contact=contact,
        made=iso(register.now),
        ledger_size=register.size,
        exercise=exercise,
        incidents=tuple(
            row_of(case, scope(case.incident.ref), claims(case.incident.ref))
            for case in register.cases
            if case.incident.exercise is exercise
        ),
    )


def row_of(case: Case, scope: ScopeFile | None = None, claims: ClaimsFile | None = None) -> Row:
    """An incident as a row: times are ISO 8601 in Paris, or empty."""
    incident, said = case.incident, case.statements
    found, outcome = incident.found, incident.outcome
    uncounted = NOBODY_COUNTED
    if scope is not None and of_another(case, scope):
        scope, uncounted = None, CHANGED
    return {
        "incident": incident.ref,
        "exercise": int(incident.exercise),
        "opened": iso(incident.opened),
        "by": both(opened_by(incident)),
        "accounts": [each.name for each in case.accounts],
        "earliest": iso(0 if found is None else found.earliest),
        "contained": iso(0 if found is None else found.contained),
        "aware": iso(incident.aware or 0),
        **{
            name: both(STATED[stated]) for name, stated in zip(NATURE, incident.nature, strict=True)
        },
        "facts": _said(said, FACTS),
        "effects": _said(said, EFFECTS),
        "read": None if scope is None else read_of(scope, claims),
        "read_words": both(uncounted if scope is None else read_said(scope, claims)),
        "remedies": _said(said, REMEDIES),
        "deeds": [deed_of(each, case) for each in case.deeds],
        "unserved": [
            *map(partial(stopped_of, case), case.stopped),
            *map(partial(cut_of, case), case.unserved),
        ],
        "clocks": [clock_of(each) for each in case.clocks],
        "outcome": "" if outcome is None else both(OUTCOMES[outcome]),
        "closed": iso(incident.closed),
    }


def of_another(case: Case, scope: ScopeFile) -> bool:
    """Whether a scope follows from a finding that no longer stands."""
    with suppress(ForbiddenTransition, IntegrityBroken):
        return finding_in_file(finding_of(case)).digest.hex() != scope.finding_digest
    return False


def read_of(scope: ScopeFile, claims: ClaimsFile | None) -> Row:
    """How many people and claims, of how many insurers, which data; none where nobody was read."""
    insurers, bills = len(insurers_touched(scope, claims)), claims.whole.touched if claims else None
    people = scope.breached or scope.undecided
    numbers = (scope.number, scope.breached, scope.undecided, scope.cleared, insurers, bills)
    data = " ; ".join([*([DATA] if people else []), *([BILLS] if bills else [])])
    return dict(zip(READ, (*numbers, data), strict=True))


def read_said(scope: ScopeFile, claims: ClaimsFile | None) -> Said:
    """The same in words."""
    people = [several(n, *PEOPLE) for n in (scope.breached, scope.undecided)]
    counted, more = several(len(insurers_touched(scope, claims)), *INSURERS), ("", "")
    if claims is not None and claims.whole.touched:
        bills = several(claims.whole.touched, *CLAIMS)
        more = f" ; touchées : {bills[0]}", f"; touched: {bills[1]}"
    return (
        f"lues : {people[0][0]} ; indécises : {people[1][0]}{more[0]} ; {counted[0]} ;"
        f" portée n° {scope.number}",
        f"read: {people[0][1]}; undecided: {people[1][1]}{more[1]}; {counted[1]};"
        f" scope {scope.number}",
    )


def deed_of(deed: Deed, case: Case) -> Row:
    """What an account did besides asking."""
    return {
        "at": iso(deed.at),
        "account": case.names.get(deed.account, ""),
        "what": f"{deed.kind.french} · {deed.kind.english}",
        "number": deed.ref,
        "cents": deed.cents,
        "undo": deed.undo(case.names),
    }


def stopped_of(case: Case, stopped: Stopped) -> Row:
    """An account that was not served."""
    return {
        "what": both(
            label_of(Scope.ACCOUNT, case.names.get(stopped.account, f"n° {stopped.account}"))
        ),
        "since": iso(stopped.since),
        "until": iso(stopped.until),
        "why": "gelé · frozen",
        "questions": None,
        "sites": None,
    }


def cut_of(case: Case, unserved: Unserved) -> Row:
    """A cut-off."""
    return {
        "what": both(cut_named(unserved.cut, case.everybody)),
        "since": iso(unserved.cut.since),
        "until": iso(unserved.until),
        "why": both(CUT_WHYS[unserved.cut.why]),
        "questions": unserved.refused.questions,
        "sites": unserved.refused.sites,
    }


def clock_of(clock: Clock) -> Row:
    """One clock of a row."""
    return {
        "code": clock.rule.code,
        "duty": both((clock.rule.french, clock.rule.english)),
        "law": clock.rule.law,
        "verified": clock.rule.verified,
        "who": both(whose(clock)),
        "state": both(STATES[clock.state]),
        "aim": clock.rule.aim,
        "start": iso(clock.start or 0),
        "due": iso(clock.due or 0),
        "done": iso(clock.done or 0),
        "entry": clock.ref,
        "open": clock.open,
        "late": clock.state.name in {"LATE", "MET_LATE"},
    }


def _said(said: Sequence[Statement], kinds: frozenset[Did]) -> list[Row]:
    return [_statement(each) for each in said if each.told.did in kinds]


def _statement(each: Statement) -> Row:
    words = each.words
    return {
        "entry": each.told.ref,
        "kind": named(each.told.did.name),
        "said": iso(each.told.at),
        "by": each.told.by,
        "about": iso(each.told.number("at")),
        "clock": str(each.told.codes.get("clock", "")),
        "text": GONE if words is None else words.text,
        "source": "" if words is None else words.source,
        "reference": "" if words is None else words.reference,
        "late": "" if words is None else words.late,
    }


def _lines(said: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(
        f"{each['said']} {each['by']}: {each['text']}"
        + (f" [{each['source']}]" if each["source"] else "")
        + (f" ({each['late']})" if each["late"] else "")
        for each in said
    )


def iso(at: int) -> str:
    """A moment in Paris, to the second; nothing where there is none."""
    return civil(at).isoformat(timespec="seconds") if at else ""
