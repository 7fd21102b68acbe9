"""The assembly of incidents: ledger, names and words, under a role and a key of their own."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial

from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.incidents import PostgresIncidents
from rempart.adapters.postgres.retention import PostgresRetention
from rempart.adapters.system import SystemChance, SystemClock
from rempart.bootstrap.findings import proposing
from rempart.bootstrap.keyrings import incident_keyring
from rempart.config import Settings
from rempart.domain.finding import Finding
from rempart.usecases.hold_incidents import HoldIncidents
from rempart.usecases.messages import Reply, Request
from rempart.usecases.place_sessions import placed
from rempart.usecases.propose_finding import stated_or_proposed
from rempart.usecases.read_incidents import Case, ReadIncidents
from rempart.usecases.tell_of_incident import TellOfIncident, folded

WORDS = "words"


@contextmanager
def incident_book(settings: Settings) -> Iterator[PostgresIncidents]:
    """What is read and kept of incidents, under the database role ``incident``."""
    with closing(PostgresIncidents(partial(connect, "incident", settings))) as book:
        yield book


def hold_incidents(settings: Settings) -> list[str]:
    """Hold what open incidents need; the names of the holds."""
    own = partial(connect, "owner", settings)
    with closing(PostgresIncidents(own)) as book, closing(own()) as holds:
        incidents = folded(book, sandbox=settings.sandbox).all()
        return HoldIncidents(PostgresRetention(holds))(incidents, now=SystemClock().now())


@contextmanager
def incident_reader(settings: Settings) -> Iterator[ReadIncidents]:
    """Incidents, with the words of persons; no vault is needed."""
    with incident_book(settings) as book:
        key = incident_keyring(settings).get(WORDS)
        yield ReadIncidents(book, book, SystemClock(), key, settings.sandbox)


def finding_for(settings: Settings, case: Case) -> Finding:
    """The finding that a person has stated; where there is none, the one that is proposed.

    Raises:
        ForbiddenTransition: the incident names no account yet.
        IntegrityBroken: what the person has stated is gone or changed.
    """
    with incident_book(settings) as book, proposing(settings, book) as propose:
        return stated_or_proposed(case, propose, now=case.until)


def with_sessions(settings: Settings, case: Case, finding: Finding) -> Case:
    """The case, with the accounts of the sessions that its finding names: by closed days too."""
    with incident_book(settings) as book, proposing(settings, book) as propose:
        return placed(case, finding, propose.trail)


@contextmanager
def incident_teller(
    settings: Settings, vault: Callable[[Request], Reply]
) -> Iterator[TellOfIncident]:
    """What a person says of an incident, entered by the vault."""
    with incident_book(settings) as book:
        key = incident_keyring(settings).get(WORDS)
        yield TellOfIncident(
            book, book, vault, SystemClock(), SystemChance(), key, settings.sandbox
        )
