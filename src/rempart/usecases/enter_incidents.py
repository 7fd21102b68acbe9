"""Write down in the ledger what a person says of an incident: who, what kind, when; no words.

(1) somebody says it, under a name;
(2) the same words again are the same entry: what was interrupted is said once;
(3) it contradicts nothing that stands (``domain/incident_checks.py``);
(4) the entry names the words by their digest: they can be lost, and not be changed.
"""

from dataclasses import dataclass

from rempart.domain.disclosure import EntryType
from rempart.domain.incident import Incidents, codes_of
from rempart.domain.incident_checks import check
from rempart.domain.incident_words import Did
from rempart.usecases.contain_account import ContainAccounts
from rempart.usecases.incident_codes import told_of
from rempart.usecases.incident_messages import IncidentSaid, IncidentsShown, SayOfIncident
from rempart.usecases.show_incidents import shown


@dataclass(slots=True)
class EnterIncidents:
    """``incidents`` is a fold over the ledger."""

    incidents: Incidents
    contain: ContainAccounts

    def __call__(self, wanted: SayOfIncident) -> IncidentSaid:
        """Enter it; or say where it stands.

        Raises:
            MalformedIdentifier: (1) does not hold, or it can be nothing that is said.
            ForbiddenTransition: (3) does not hold.
            TemporarilyUnavailable: it could not be written; asked again, it is the same.
        """
        ledger = self.contain.ledger
        now = ledger.stamp()  # what is in doubt is read again before it is looked at
        told = told_of(wanted, self._number, now)  # (1)
        standing = self.incidents.entered(told.words)
        if standing is not None:  # (2)
            return IncidentSaid(wanted.incident or standing, standing)
        opens = told.did is Did.OPENED and not wanted.incident
        check(None if opens else self.incidents.find(wanted.incident), told, now)  # (3)
        codes = codes_of(wanted.incident, told.did, told.by, told.words, **told.codes)
        ref = ledger.act(EntryType.DECISION, codes)  # (4)
        return IncidentSaid(wanted.incident or ref, ref)

    def shown(self) -> IncidentsShown:
        """Where they stand."""
        accounts = self.contain.sessions.accounts.by_number

        def name(number: int) -> str:
            account = accounts.get(number)
            return f"n° {number}" if account is None else account.name

        return shown(self.incidents, name, self.contain.ledger.clock.now())

    def _number(self, name: str) -> int:
        return self.contain.account(name).number
