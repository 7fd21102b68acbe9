"""Open the table of a day: two operators or an open incident say so, and the ledger first.

(1) two operators confirm, each with their own key, which days are opened and why; or an incident
    is open in which an account was frozen, and the day is one of its finding, or of one before it:
    who is no longer in a dossier is told so as well;
(2) the opening is an entry: the day, and who;
(3) only then the vault gives out its share of that day. The incident key does the rest, elsewhere.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rempart.domain.budget import DAY
from rempart.domain.days import number_of
from rempart.domain.disclosure import Codes, EntryType
from rempart.domain.errors import KeyMissing, MalformedIdentifier, NotAllowed, SetUpRefused
from rempart.domain.incident import Incident, Incidents, found_in
from rempart.domain.incident_words import Did
from rempart.usecases.close_days import date_of
from rempart.usecases.confirm_together import check_confirmed
from rempart.usecases.contain_account import officer_named
from rempart.usecases.daily_table import share_of
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.ports import Chance, KeyStore
from rempart.usecases.table_messages import OpenTable, TableShare

PURPOSE = "open-table"
WHY_MAX = 64
DAYS_MAX = 92
"""Of one statement, or of an incident's finding: a window that people can still judge."""
Operators = Callable[[], Mapping[bytes, str]]


def opening_statement(
    first: date, last: date, why: str, *, now: int, chance: Chance
) -> dict[str, Any]:
    """What two operators confirm: days from ``first`` to ``last``, included; ``why`` is a reference
    of theirs, never a person's.

    Raises:
        MalformedIdentifier: no day, too many, or no such reference.
    """
    if not 0 <= (last - first).days < DAYS_MAX:
        raise MalformedIdentifier("days", f"expected 1 to {DAYS_MAX}, in their order")
    if not 0 < len(why) <= WHY_MAX or not why.isprintable():
        raise MalformedIdentifier("why", f"expected 1 to {WHY_MAX} printable characters")
    return {
        "format": 1,
        "purpose": PURPOSE,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "why": why,
        "made": now // 1_000_000,
        "nonce": chance.draw(16).hex(),
    }


def days_of(statement: Mapping[str, Any]) -> tuple[date, date]:
    """The first and the last day of a statement.

    Raises:
        SetUpRefused: it names no days, or too many.
    """
    try:
        first, last = (date.fromisoformat(statement[end]) for end in ("first", "last"))
    except (ValueError, KeyError, TypeError):
        raise SetUpRefused("the statement names no days") from None
    if not 0 <= (last - first).days < DAYS_MAX:
        raise SetUpRefused("the statement is about other days")
    return first, last


def closed_to(incident: Incident, day: date, *, sandbox: bool, now: int) -> str:
    """Why an incident does not open a day; nothing where it does. ``now`` is in microseconds."""
    findings = [found_in(each) for each in incident.said(Did.FINDING)]
    if incident.closed or incident.exercise is not sandbox:
        return "it is closed, or an exercise"
    if not findings:
        return "no finding was stated (incident accept, or found)"
    if not incident.frozen:
        return "none of its accounts was frozen (account freeze --why compromised)"
    ends = [(each.earliest // DAY, (each.contained or now) // DAY) for each in findings]
    # As many as two operators open at once: a theft that is said to be old opens no year.
    spans = [(max(first, last - DAYS_MAX + 1), last) for first, last in ends]
    if not any(date_of(first) <= day <= date_of(last) for first, last in spans):
        return "the finding is about other days, or about more than one may open alone"
    return ""


@dataclass(slots=True)
class OpenTables:
    """``keys`` are the vault's; ``operators`` those whom this installation trusts."""

    ledger: KeepLedger
    keys: KeyStore
    operators: Operators
    incidents: Incidents

    def __call__(self, wanted: OpenTable) -> TableShare:
        """The share of one day.

        Raises:
            NotAllowed: neither two operators nor an incident say so, or no day was closed.
            TemporarilyUnavailable: it could not be written: nothing is given out.
        """
        alone = wanted.incident and not wanted.statement
        told = self._of_incident if alone else self._agreed
        day, codes = told(wanted)  # (1)
        share = self._share(day, needed=not wanted.incident)
        index = self.ledger.act(EntryType.DECISION, codes)  # (2)
        return TableShare(index, share)  # (3)

    def _of_incident(self, wanted: OpenTable) -> tuple[date, Codes]:
        try:
            day = date.fromisoformat(wanted.day)
            incident, by = self.incidents.find(wanted.incident), officer_named(wanted.by)
        except (ValueError, MalformedIdentifier):
            raise NotAllowed("the day, the incident or who asks is none") from None
        sandbox, now = self.incidents.sandbox, self.ledger.stamp()
        if why := closed_to(incident, day, sandbox=sandbox, now=now):
            raise NotAllowed(f"{why}: this takes two")
        return day, {"table": number_of(day), "by": by, "incident": incident.ref}

    def _agreed(self, wanted: OpenTable) -> tuple[date, Codes]:
        try:
            statement = json.loads(wanted.statement)
            day = date.fromisoformat(wanted.day)
            first, last = days_of(statement)
            if not first <= day <= last:
                raise SetUpRefused("the statement is about other days")
            names = check_confirmed(
                statement,
                [json.loads(said) for said in wanted.confirmations],
                purpose=PURPOSE,
                operators=self.operators(),
                now=self.ledger.stamp(),
            )
            of = {"incident": self.incidents.find(wanted.incident).ref} if wanted.incident else {}
            return day, {"table": number_of(day), "by": "+".join(names), **of}
        except (SetUpRefused, MalformedIdentifier) as refusal:
            raise NotAllowed(str(refusal)) from None
        except (ValueError, AttributeError, KeyError, TypeError):
            raise NotAllowed("this takes two: a statement, and two operators' words") from None

    def _share(self, day: date, *, needed: bool) -> bytes:
        """Nothing where no day was ever closed: an incident of today names people all the same."""
        # Closing days made the key, in a process of its own.
        self.keys.reload()
        try:
            return share_of(self.keys, day.isoformat())
        except KeyMissing:
            if not needed:
                return b""
            raise NotAllowed("no day was ever closed here") from None
