"""One vault from its ports: the folds, the session table and the batch that share one ledger."""

from collections.abc import Callable
from dataclasses import dataclass, field

from rempart.domain.access import AccessBook
from rempart.domain.alert_book import AlertBook, Rules
from rempart.domain.claim_decisions import ClaimDecisions
from rempart.domain.cutoff import CutOffs
from rempart.domain.daily_counts import DailyCounts
from rempart.domain.devices import Devices
from rempart.domain.disclosure import Entry
from rempart.domain.fresh import FreshCodes
from rempart.domain.guard import FOLDED_DAYS, Guard
from rempart.domain.history import AskedToday
from rempart.domain.incident import Incidents
from rempart.domain.proposals import Proposals
from rempart.domain.retries import Retries
from rempart.domain.reversible import Undoable
from rempart.domain.tightened import JustTightened
from rempart.domain.told_out import ToldOut
from rempart.usecases.answer_rights import AnswerRights
from rempart.usecases.check_binding import CheckBinding
from rempart.usecases.contain_account import ContainAccounts
from rempart.usecases.country_ports import CountrySource, NoCountries
from rempart.usecases.cut_off import CutAndRestore, Operators
from rempart.usecases.cut_off_ports import CutOrders, CutRow, NoOrders, NoRow
from rempart.usecases.decide_together import DecideTogether
from rempart.usecases.enrol_devices import EnrolDevices
from rempart.usecases.enter_decisions import EnterDecisions
from rempart.usecases.enter_incidents import EnterIncidents
from rempart.usecases.exchange_alerts import ExchangeAlerts
from rempart.usecases.find_pairs import FindPairs
from rempart.usecases.identity_ports import IdentityTokens, Passkeys, ProofCheck
from rempart.usecases.insurer_rules import InsurerRules
from rempart.usecases.insurer_staff_ports import InsurerFacts, LedgerViews
from rempart.usecases.issue_alerts import IssueAlerts
from rempart.usecases.keep_flows import Flows
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.note_failures import NoteFailures
from rempart.usecases.open_access import OpenAccesses
from rempart.usecases.open_session import OpenSession
from rempart.usecases.open_tables import OpenTables
from rempart.usecases.people_ports import PeopleStore
from rempart.usecases.ports import (
    AssertionCheck,
    Chance,
    CheckpointMemo,
    Clock,
    KeyStore,
    LedgerStore,
    Registry,
    RightsSource,
)
from rempart.usecases.presence_keys import PresenceKeys
from rempart.usecases.pseudonyms import Pseudonyms
from rempart.usecases.read_question import QuestionReader
from rempart.usecases.rights_keys import RightsKeys
from rempart.usecases.serve_people import ServePeople
from rempart.usecases.serve_requests import ServeRequests
from rempart.usecases.show_history import ShowHistory
from rempart.usecases.show_insurer import ShowInsurer
from rempart.usecases.sign_in_people import SignInPeople
from rempart.usecases.sign_notes import checkpoint_key
from rempart.usecases.take_alerts import TakeAlerts
from rempart.usecases.tell_cut_offs import TellCutOffs
from rempart.usecases.tell_protections import TellProtections
from rempart.usecases.tell_standings import TellStandings
from rempart.usecases.weigh_questions import WeighQuestions


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePorts:
    """What a vault needs where people sign in; without ``tokens``, professionals do not."""

    proofs: ProofCheck
    passkeys: Passkeys
    store: PeopleStore
    web_url: str
    facts: InsurerFacts
    views: LedgerViews
    tokens: IdentityTokens | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultPorts:
    """Everything a vault needs of the world."""

    clock: Clock
    chance: Chance
    rights_keys: KeyStore
    vault_keys: KeyStore
    rights: RightsSource
    store: LedgerStore
    memo: CheckpointMemo
    registry: Registry
    assertions: AssertionCheck
    origin: str
    sandbox: bool
    people: PeoplePorts | None = None
    settle: Callable[[], None] = lambda: None
    cut_row: CutRow = field(default_factory=NoRow)
    cut_orders: CutOrders = field(default_factory=NoOrders)
    operators: Operators = dict
    countries: CountrySource = field(default_factory=NoCountries)
    alert_rules: Rules = field(default_factory=Rules)


def vault_ledger(ports: VaultPorts) -> KeepLedger:
    """The ledger alone, without folds."""
    return KeepLedger(
        store=ports.store,
        memo=ports.memo,
        signer=checkpoint_key(ports.vault_keys, ports.chance, origin=ports.origin),
        clock=ports.clock,
        chance=ports.chance,
    )


@dataclass(slots=True)
class VaultFolds:
    """What a vault keeps in memory of its ledger, and makes again from it at start."""

    guard: Guard
    cut_offs: CutOffs
    sessions: OpenSession
    incidents: Incidents
    retries: Retries = field(default_factory=Retries)
    proposals: Proposals = field(default_factory=Proposals)
    devices: Devices = field(default_factory=Devices)
    claims: ClaimDecisions = field(default_factory=ClaimDecisions)
    fresh: FreshCodes = field(default_factory=FreshCodes)
    asked: AskedToday = field(default_factory=AskedToday)
    tightened: JustTightened = field(default_factory=JustTightened)
    counts: DailyCounts = field(default_factory=DailyCounts)
    told_out: ToldOut = field(default_factory=ToldOut)
    alerts: AlertBook = field(default_factory=AlertBook)
    accesses: AccessBook = field(default_factory=AccessBook)

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Count an entry of the ledger."""
        self.guard.absorb(entry, detail)
        self.retries.absorb(index, entry, detail)
        self.sessions.absorb(index, entry, detail)
        self.proposals.absorb(index, entry, detail)
        self.cut_offs.absorb(index, entry, detail)
        self.devices.absorb(index, entry, detail)
        self.claims.absorb(index, entry, detail)
        self.incidents.absorb(index, entry, detail)
        self.fresh.absorb(entry, detail)
        self.asked.absorb(entry, detail)
        self.tightened.absorb(entry, detail)
        self.counts.absorb(entry)
        self.told_out.absorb(entry, detail)
        self.alerts.absorb(index, entry, detail)
        self.accesses.absorb(index, entry, detail)

    def mark(self) -> None:
        """What was absorbed is durable."""
        for fold in self._undoable():
            fold.mark()

    def undo(self) -> None:
        """What was absorbed since the last mark is not."""
        for fold in self._undoable():
            fold.undo()

    def forget(self) -> None:
        """Start again from nothing."""
        for fold in self._undoable():
            fold.forget()

    def _undoable(self) -> tuple[Undoable, ...]:
        """All but sessions, which no entry that was lost can have begun."""
        return (
            *(self.guard, self.retries, self.proposals, self.cut_offs),
            *(self.devices, self.claims, self.incidents, self.fresh),
            *(self.tightened, self.told_out, self.counts, self.alerts, self.asked),
            self.accesses,
        )


def vault(ports: VaultPorts) -> ServeRequests:
    """A whole vault; its ledger is still to be opened."""
    ledger = vault_ledger(ports)
    guard, cut_offs = Guard(), CutOffs()
    keys = RightsKeys(ports.rights_keys)
    presence = PresenceKeys(ports.vault_keys, ports.chance, ledger.signer)
    sessions = sessions_of(ports, ledger, presence, guard, cut_offs)
    pseudonyms = sessions.pseudonyms
    rules = InsurerRules(sessions.registered.insurers, sandbox=ports.sandbox)
    incidents = Incidents(sandbox=ports.sandbox)
    ledger.folds = folds = VaultFolds(guard, cut_offs, sessions, incidents)
    ledger.fold_days = FOLDED_DAYS
    contain = ContainAccounts(guard, sessions, ledger, pseudonyms)
    tell = TellCutOffs(cut_offs, ledger, ports.cut_row)
    cut = CutAndRestore(cut_offs, contain, tell, ports.cut_orders, ports.operators)
    answer = AnswerRights(
        sessions=sessions,
        reader=QuestionReader(rules, presence),
        rights=ports.rights,
        keys=keys,
        ledger=ledger,
        pseudonyms=pseudonyms,
        guard=guard,
        weigh=weighing(ports, folds, pseudonyms),
        cut=cut,
    )
    failures = NoteFailures(sessions, ledger, pseudonyms)
    return ServeRequests(
        answer=answer,
        sessions=sessions,
        ledger=ledger,
        contain=contain,
        people=people(ports, cut, failures, folds),
        failures=failures,
        keys=keys,
        presence=presence,
        registry=ports.registry,
        clock=ports.clock,
        cut=cut,
        devices=EnrolDevices(folds.devices, sessions, ledger),
        claims=EnterDecisions(folds.claims, ledger),
        incidents=EnterIncidents(incidents, contain),
        tightened=folds.tightened,
        standings=TellStandings(folds.told_out, sessions, ledger, pseudonyms),
        pairs=FindPairs(ports.rights, keys, pseudonyms),
        tables=OpenTables(ledger, ports.vault_keys, ports.operators, incidents),
        accesses=OpenAccesses(folds.accesses, ledger, sessions, cut_offs, ports.origin),
        alerts=alerts(folds.alerts, contain, ports.alert_rules),
        measures=protections(ports, folds, ledger, presence),
        history=history(answer, folds),
        settle=ports.settle,
        countries=ports.countries,
    )


def sessions_of(
    ports: VaultPorts, ledger: KeepLedger, presence: PresenceKeys, guard: Guard, cut_offs: CutOffs
) -> OpenSession:
    """Sessions of everybody who takes part; none is open yet."""
    return OpenSession(
        check=ports.assertions,
        ledger=ledger,
        pseudonyms=Pseudonyms(ports.vault_keys, ports.chance),
        chance=ports.chance,
        registered=ports.registry.read(),
        sandbox=ports.sandbox,
        guard=guard,
        cut_offs=cut_offs,
        binding=binding_of(ports.people),
        presence=presence,
    )


def weighing(ports: VaultPorts, folds: VaultFolds, pseudonyms: Pseudonyms) -> WeighQuestions:
    """How questions are weighed, by what these folds remember."""
    return WeighQuestions(
        *(folds.guard, folds.retries, pseudonyms, ports.chance, folds.cut_offs, folds.fresh),
        *(folds.tightened, folds.incidents, folds.counts, ports.countries, folds.alerts),
    )


def protections(
    ports: VaultPorts, folds: VaultFolds, ledger: KeepLedger, presence: PresenceKeys
) -> TellProtections:
    """What this vault tells of its own protections."""
    given = ports.people
    return TellProtections(
        *(ledger, folds.sessions, folds.guard, folds.cut_offs, folds.alerts, presence),
        people=given is not None,
        professionals=given is not None and given.tokens is not None,
    )


def alerts(book: AlertBook, contain: ContainAccounts, rules: Rules) -> ExchangeAlerts:
    """Both sides of alerts between operators."""
    taking, issuing = TakeAlerts(book, contain, rules), IssueAlerts(book, contain, rules)
    return ExchangeAlerts(book, contain, taking, issuing)


def history(answer: AnswerRights, folds: VaultFolds) -> ShowHistory:
    """What people are shown of themselves, by the parts that answer about them."""
    return ShowHistory(
        *(answer.reader, answer.rights, answer.keys, answer.ledger, answer.pseudonyms, answer.cut),
        *(folds.fresh, folds.asked, folds.incidents),
    )


def binding_of(ports: PeoplePorts | None) -> CheckBinding:
    """What sessions are bound to: certificates, and keys of clients where people sign in."""
    return CheckBinding() if ports is None else CheckBinding(ports.proofs, ports.web_url)


def people(
    ports: VaultPorts, cut: CutAndRestore, failures: NoteFailures, folds: VaultFolds
) -> ServePeople | None:
    """The people's use cases, where people sign in."""
    given = ports.people
    if given is None:
        return None
    sign_in = SignInPeople(
        sessions=cut.contain.sessions,
        flows=Flows(ports.chance),
        failures=failures,
        passkeys=given.passkeys,
        store=given.store,
        chance=ports.chance,
        tokens=given.tokens,
    )
    together = DecideTogether(folds.proposals, cut.contain, cut)
    insurer = ShowInsurer(cut, folds.counts, given.facts, given.views)
    return ServePeople(sign_in, cut.contain, together, insurer)
