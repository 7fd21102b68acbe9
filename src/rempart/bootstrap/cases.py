"""The assembly of an incident's files: who was read, and what each insurer is told.

home/cases/000041/scope-0001.json …    who was read, by pseudonym
home/cases/000041/professionals-0001.csv   owners of the accounts in other hands
home/cases/000041/dossiers/…           one dossier an insurer and report
home/cases/000041/papers/…             drafts for authority, prosecutor and public

Everything is made by the vault's own user; what takes handles asks the vault first.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

from rempart.adapters.delivery_journal import journal_in
from rempart.adapters.dossier_shelf import DossierFolder
from rempart.adapters.durable import told_of_disk, write_whole
from rempart.adapters.keys.operators import trusted_operators
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.handles import PostgresHandles
from rempart.adapters.segments.dossiers import DuckDossiers, dossiers_of
from rempart.adapters.segments.scope_folder import ScopeFolder
from rempart.adapters.system import SystemChance, SystemClock
from rempart.bootstrap.auditor import database_view
from rempart.bootstrap.days import tables_of
from rempart.bootstrap.importer import operators_folder
from rempart.bootstrap.keyrings import vault_keyring
from rempart.bootstrap.public_key import vault_key
from rempart.bootstrap.scope import make_scope
from rempart.config import Settings
from rempart.domain.contacts import Contacts
from rempart.domain.errors import NotAllowed, TemporarilyUnavailable
from rempart.domain.finding import NEVER, Finding
from rempart.domain.finding import finding_of as finding_in
from rempart.usecases.claims_list import ClaimsTouched
from rempart.usecases.days_to_open import Agreed, agreed, left_shut
from rempart.usecases.dossier_file import Door, InsurerReport
from rempart.usecases.dossier_ports import Wanted
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.make_dossiers import MakeDossiers, OfCase, earlier
from rempart.usecases.messages import Refused, Reply, Request
from rempart.usecases.name_people import NamePeople
from rempart.usecases.open_tables import closed_to
from rempart.usecases.other_populations import Populations
from rempart.usecases.read_incidents import Case
from rempart.usecases.scope_file import ScopeFile
from rempart.usecases.seal_lists import SealLists
from rempart.usecases.sign_notes import checkpoint_key
from rempart.usecases.table_messages import OpenTable, TableShare

WAITS, WAIT_SECONDS = 30, 0.1
"""For a checkpoint over the last entries: a vault publishes one a second."""
Unsigned = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Who opens the tables of an incident: ``by`` name; where the incident does not open a day,
    what two operators have ``agreed`` on does. ``private`` is the incident key, if there is one.
    """

    by: str = field(repr=False)
    private: bytes | None = field(default=None, repr=False)
    agreed: Sequence[Agreed] = field(default=(), repr=False)


def case_folder(settings: Settings, number: int) -> Path:
    """Where an incident's files lie."""
    return settings.cases / f"{number:06d}"


def scopes_of(settings: Settings, number: int) -> ScopeFolder:
    """The scopes of an incident."""
    return ScopeFolder(case_folder(settings, number))


def dossiers_folder(settings: Settings, number: int) -> DossierFolder:
    """Its dossiers."""
    return DossierFolder(case_folder(settings, number) / "dossiers")


def scope_case(
    settings: Settings, case: Case, finding: Finding, unsigned: Unsigned = lambda _: None
) -> ScopeFile:
    """The scope of an incident's finding, at the last checkpoint: the last one if nothing changed.

    ``unsigned`` hears of entries that nobody has signed, and that are not judged.

    Raises:
        MalformedIdentifier: the finding contradicts itself, or the ledger it.
        IntegrityBroken: the entries are not what was signed.
    """
    with told_of_disk("a scope"):
        settings.cases.mkdir(mode=0o700, parents=True, exist_ok=True)
    with signed_view(settings, unsigned) as view:
        return make_scope(
            scopes_of(settings, case.incident.ref),
            finding,
            days=settings.segments,
            ledger=view,
            key=vault_key(settings.vault_key_file),
            now=SystemClock().now(),
            exercise=case.incident.exercise,
        )


def keep_professionals(settings: Settings, number: int, scope: int, others: Populations) -> Path:
    """Put the owners of the accounts beside the scope of this number; where they lie."""
    path = case_folder(settings, number) / f"professionals-{scope:04d}.csv"
    with told_of_disk(path.name):
        write_whole(path, others.to_csv().encode(), mode=0o600)
    return path


@contextmanager
def signed_view(settings: Settings, unsigned: Unsigned = lambda _: None) -> Iterator[LedgerView]:
    """The ledger once all that is written now is signed: what a thief read last counts. Where no
    vault signs it within a few seconds, as far as it is, and ``unsigned`` hears how many are left.
    """
    wanted = 0
    for wait in range(WAITS + 1):
        with database_view(settings) as view:
            last = view.last_checkpoint()
            size = last.size if last else 0
            wanted = wanted or size + sum(1 for _ in view.entries(size))
            if size < wanted and wait == WAITS:
                unsigned(wanted - size)
            if size >= wanted or wait == WAITS:
                yield view
                return
        time.sleep(WAIT_SECONDS)


def papers_folder(settings: Settings, number: int) -> Path:
    """Where its papers lie: what authority, prosecutor and public are told."""
    return case_folder(settings, number) / "papers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Who hears of what: of each list that was sealed since (insurer, number of its report), of
    days that nobody opens, of each day that was opened, of each report that is whole.
    """

    sealed: Callable[[int, int], object] = lambda _amc, _number: None
    shut: Callable[[Sequence[date]], object] = lambda _: None
    day: Callable[[Wanted], object] = lambda _: None
    report: Callable[[InsurerReport], object] = lambda _: None


def make_dossiers(
    settings: Settings,
    case: Case,
    scope: ScopeFile,
    opening: Opening,
    *,
    claims: ClaimsTouched,
    contacts: Contacts,
    ask: Callable[[Request], Reply],
    readable: Callable[[InsurerReport], bytes],
    final: bool = False,
    telling: Telling = Telling(),
) -> list[InsurerReport]:
    """Every insurer's report of a scope.

    Raises:
        NotAllowed: neither the incident nor two operators open a day.
        KeyMissing: a day is closed, and no incident key was given.
        IntegrityBroken: what comes out is not what was signed, or does not add up.
        TemporarilyUnavailable: another run makes them, or the disk refuses.
    """
    number = case.incident.ref
    scopes, shelf = scopes_of(settings, number), dossiers_folder(settings, number)
    keys, chance = vault_keyring(settings), SystemChance()
    with (
        _joining(scopes, shelf, scope, final=final) as (engine, beside),
        connect("vault", settings) as reading,
    ):
        signer = checkpoint_key(keys, chance, origin=settings.log_origin)
        seal = SealLists(shelf=shelf, contacts=contacts, signer=signer, chance=chance)
        if seal.waiting():
            # Nobody hands over a list that goes.
            with journal_in(shelf.folder):
                seal(telling.sealed)
        name = NamePeople(
            tables=tables_of(settings),
            handles=PostgresHandles(reading),
            keys=keys,
            share=partial(share, ask, number, opening),
            private=opening.private,
        )
        _check_open(settings, case, opening, engine.days(), telling)
        name(engine, telling.day)
        make = MakeDossiers(
            engine=engine,
            shelf=shelf,
            contacts=contacts,
            signer=signer,
            chance=chance,
            readable=readable,
            now=SystemClock().now(),
        )
        of = _of_case(case, scope, scopes, claims, beside=beside)
        return make(of, final=final, told=telling.report)


@contextmanager
def _joining(
    scopes: ScopeFolder, shelf: DossierFolder, scope: ScopeFile, *, final: bool
) -> Iterator[tuple[DuckDossiers, Collection[int]]]:
    """The list of a scope beside those of earlier reports, and the numbers of their scopes."""
    with scopes.scratch() as scratch:
        told = earlier(shelf, scopes.digest(scope.number), final=final)
        beside = told.keys() & {*scopes.numbers()}
        before = {scopes.list_of(each): told[each] for each in beside}
        with dossiers_of(scopes.list_of(scope.number), before, scratch) as engine:
            yield engine, beside


def _check_open(
    settings: Settings, case: Case, opening: Opening, days: Sequence[Wanted], telling: Telling
) -> None:
    """Return if every day is opened by somebody: none is asked for in vain."""
    now = SystemClock().now()

    def why(day: date) -> str:
        return closed_to(case.incident, day, sandbox=settings.sandbox, now=now)

    wanted = [date.fromisoformat(each.day) for each in days]
    if shut := left_shut(wanted, lambda day: not why(day), opening.agreed):
        telling.shut(shut)
        raise NotAllowed(
            f"{len(shut)} days are opened neither by this incident nor by two: {why(shut[0])}"
        )


def agreed_in(
    settings: Settings, statements: Mapping[str, str], words: Mapping[str, str]
) -> Sequence[Agreed]:
    """What two operators have agreed on: statements and their words, by the names of their files.

    Raises:
        SetUpRefused: one is not what it should be, or not confirmed by two whom we trust.
    """
    operators, now = trusted_operators(operators_folder(settings)), SystemClock().now()
    return agreed(statements, words, operators=operators, now=now)


def share(ask: Callable[[Request], Reply], number: int, opening: Opening, day: str) -> bytes:
    """The vault's share of a day: the incident says so, or two operators.

    Raises:
        NotAllowed: nobody who may says so.
        TemporarilyUnavailable: the vault does not answer.
    """
    reply = ask(OpenTable(day, incident=number, by=opening.by))
    wanted = date.fromisoformat(day)
    said = next((each for each in opening.agreed if each.holds(wanted)), None)
    if isinstance(reply, Refused) and said is not None:
        reply = ask(OpenTable(day, said.statement, said.words, incident=number))
    match reply:
        case TableShare():
            return reply.share
        case Refused(reason="not-allowed", detail=why):
            raise NotAllowed(f"{day}: {why}")
        case _:
            raise TemporarilyUnavailable("the vault gave no share: ask again")


def _of_case(
    case: Case,
    scope: ScopeFile,
    scopes: ScopeFolder,
    claims: ClaimsTouched,
    *,
    beside: Collection[int],
) -> OfCase:
    finding = finding_in(scope.finding)
    stolen, contained = finding.span
    return OfCase(
        incident=case.incident.ref,
        exercise=case.incident.exercise,
        scope=scope,
        digest=scopes.digest(scope.number),
        stolen=stolen,
        contained=0 if contained == NEVER else contained,
        kinds={number: each.kind for number, each in case.everybody.items()},
        beside=beside,
        doors=doors_of(case, finding),
        gateway=finding.gateway,
        claims=claims,
    )


def doors_of(case: Case, finding: Finding) -> dict[int, Door]:
    """How each account of a finding came into other hands: a person's own, or a software's key."""
    names = case.names
    return {
        each.number: "account" if names.get(each.number, "").startswith("@") else "software"
        for each in finding.suspects
    }
