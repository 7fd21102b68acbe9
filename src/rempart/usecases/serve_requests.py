"""Serve everything that arrived together; keep house between two batches."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from rempart.domain.disclosure import Codes, EntryType
from rempart.domain.errors import (
    AccountContained,
    AskYourInsurer,
    CutOffStands,
    ForbiddenTransition,
    MalformedIdentifier,
    NotAllowed,
    NotFresh,
    NotSignedIn,
    Refusal,
    SignInRefused,
    TemporarilyUnavailable,
)
from rempart.domain.sign_in import Doubt, Means
from rempart.domain.tightened import JustTightened
from rempart.usecases.access_messages import OpenAccess
from rempart.usecases.alert_messages import AlertRequest
from rempart.usecases.answer_rights import AnswerRights
from rempart.usecases.claim_messages import DecideClaim, FindPair
from rempart.usecases.contain_account import ContainAccounts
from rempart.usecases.country_ports import CountrySource, NoCountries
from rempart.usecases.cut_off import CutAndRestore
from rempart.usecases.cut_off_messages import ClearCutOff, ListCutOffs, SetCutOff
from rempart.usecases.device_messages import EndDevice, EnrolDevice, ListDevices
from rempart.usecases.enrol_devices import EnrolDevices
from rempart.usecases.enter_decisions import EnterDecisions
from rempart.usecases.enter_incidents import EnterIncidents
from rempart.usecases.exchange_alerts import ExchangeAlerts
from rempart.usecases.find_pairs import FindPairs
from rempart.usecases.history_messages import AskHistory
from rempart.usecases.incident_messages import ListIncidents, SayOfIncident
from rempart.usecases.insurer_rules import InsurerRules
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.measure_messages import MeasureRequest
from rempart.usecases.messages import (
    Allow,
    Ask,
    Contain,
    Done,
    Health,
    PresenceKey,
    PresenceNote,
    Reason,
    Refused,
    ReloadKeys,
    RenewPresence,
    Reply,
    Request,
    SignIn,
    SignOut,
    Standings,
    Status,
)
from rempart.usecases.note_failures import NoteFailures
from rempart.usecases.open_access import OpenAccesses
from rempart.usecases.open_session import OpenSession
from rempart.usecases.open_tables import OpenTables
from rempart.usecases.ports import Clock, Registry
from rempart.usecases.presence_keys import PresenceKeys
from rempart.usecases.rights_keys import RightsKeys
from rempart.usecases.serve_people import ServePeople
from rempart.usecases.show_history import ShowHistory
from rempart.usecases.table_messages import OpenTable
from rempart.usecases.tell_protections import TellProtections
from rempart.usecases.tell_standings import TellStandings

SECOND = 1_000_000
Decision = Standings | Contain | Allow | SetCutOff | ClearCutOff
R = TypeVar("R", Standings, Contain, Allow, SetCutOff, ClearCutOff, ListCutOffs, ListIncidents)


@dataclass(slots=True)
class ServeRequests:
    """One vault: its questions, its sessions, its ledger."""

    answer: AnswerRights
    sessions: OpenSession
    ledger: KeepLedger
    contain: ContainAccounts
    keys: RightsKeys
    presence: PresenceKeys
    registry: Registry
    clock: Clock
    failures: NoteFailures
    cut: CutAndRestore
    devices: EnrolDevices
    claims: EnterDecisions
    incidents: EnterIncidents
    tightened: JustTightened
    standings: TellStandings
    pairs: FindPairs
    tables: OpenTables
    accesses: OpenAccesses
    alerts: ExchangeAlerts
    measures: TellProtections
    history: ShowHistory
    settle: Callable[[], None]
    people: ServePeople | None = None
    countries: CountrySource = field(default_factory=NoCountries)
    _published_at: int = 0
    _looked_at: int = 0

    def __call__(self, requests: list[Request]) -> list[Reply]:
        """One reply a request, in order; all questions go as one batch."""
        replies: list[Reply] = [Done()] * len(requests)
        places, asks = [], []
        for place, request in enumerate(requests):
            if isinstance(request, Ask):
                places.append(place)
                asks.append(request)
            else:
                replies[place] = self._other(request)
        if asks:
            for place, reply in zip(places, self.answer(asks), strict=True):
                replies[place] = reply
        return replies

    def _other(self, request: Request) -> Reply:
        try:
            if isinstance(request, AlertRequest):
                return self.alerts(request) or Done()
            if isinstance(request, MeasureRequest):
                return self.measures(request)
            return self._serve(request)
        except TemporarilyUnavailable:
            return Refused("unavailable")
        except Refusal as refusal:
            return refused_for(refusal)

    def _serve(self, request: Request) -> Reply:
        match request:
            case SignIn():
                return self._sign_in(request)
            case Standings() | Contain() | Allow() | SetCutOff() | ClearCutOff():
                return self._decide(request)
            case (
                PresenceKey()
                | Status()
                | FindPair()
                | AskHistory()
                | ListCutOffs()
                | ListIncidents()
            ):
                return self._say(request)
            case EnrolDevice() | EndDevice() | ListDevices():
                return self._device(request)
            case (
                SignOut()
                | RenewPresence()
                | ReloadKeys()
                | DecideClaim()
                | OpenTable()
                | OpenAccess()
                | SayOfIncident()
            ):
                return self._do(request)
            case _:
                assert not isinstance(request, Ask | AlertRequest | MeasureRequest), (
                    "they went elsewhere"
                )
                return self._people()(request)

    def _say(
        self,
        request: PresenceKey | Status | FindPair | AskHistory | ListCutOffs | ListIncidents,
    ) -> Reply:
        match request:
            case AskHistory():
                return self.history(request)
            case ListCutOffs():
                self._named(request)
                return self.cut.shown()
            case ListIncidents():
                self._named(request)
                return self.incidents.shown()
            case FindPair():
                return self.pairs(request)
            case PresenceKey():
                return PresenceNote(self.presence.note(self.ledger.stamp(), tell=self._tell))
            case Status():
                return self._health()

    def _device(self, request: EnrolDevice | EndDevice | ListDevices) -> Reply:
        match request:
            case EnrolDevice():
                return self.devices.enrol(request)
            case ListDevices():
                return self.devices.shown(request)
            case EndDevice():
                self.devices.end(request)
        return Done()

    def _sign_in(self, request: SignIn) -> Reply:
        try:
            return self.sessions(request)
        except (SignInRefused, CutOffStands) as refusal:
            account = self.sessions.named(request)
            if account is not None:
                doubt = Doubt.CUT_OFF if isinstance(refusal, CutOffStands) else refusal.doubt
                self.failures.note(account, Means.ASSERTION, doubt)
            raise

    def _do(
        self,
        request: SignOut
        | RenewPresence
        | ReloadKeys
        | DecideClaim
        | OpenTable
        | OpenAccess
        | SayOfIncident,
    ) -> Reply:
        match request:
            case DecideClaim():
                return self.claims(request)
            case OpenTable():
                return self.tables(request)
            case OpenAccess():
                return self.accesses(request)
            case SayOfIncident():
                return self.incidents(request)
            case SignOut():
                self.sessions.close(request.token)
            case RenewPresence():
                self.presence.renew(self.ledger.stamp(), tell=self._tell)
            case ReloadKeys():
                self._reload()
                return self._health()
        return Done()

    def _tell(self, codes: Codes) -> None:
        self.ledger.act(EntryType.DECISION, codes)

    def _people(self) -> ServePeople:
        if self.people is None:
            raise TemporarilyUnavailable("people do not sign in here")
        return self.people

    def _decide(self, request: Decision) -> Reply:
        """What staff asks in a session, or the vault's own user without one."""
        match request:
            case Contain():
                self.contain.move(self._named(request))
            case Allow():
                self.contain.allow(self._named(request))
            case Standings():
                return self.contain.standings(self._named(request))
            case SetCutOff():
                return self.cut.set(self._named(request))
            case ClearCutOff():
                self.cut.clear(self._named(request))
        return Done()

    def _named(self, request: R) -> R:
        """In a session, who decides is who is signed in."""
        if not request.token:
            return request
        if self.people is None:
            raise NotSignedIn("no live session")
        return self.people.decided(request)

    def _reload(self) -> None:
        self.keys.reload()
        self.presence.reload()
        codes: Codes = {
            "keys": "read again",
            "index": max(self.keys.index, default=0),
            "outer": max(self.keys.outer_versions, default=0),
        }
        self._tell(codes)

    def _health(self) -> Health:
        return Health(
            size=self.ledger.size,
            epoch=self.ledger.epoch,
            sessions=self.sessions.live,
            index_versions=tuple(sorted(self.keys.index)),
            outer_versions=self.keys.outer_versions,
            checkpoint=self.ledger.note,
        )

    def between(self) -> None:
        """Publish the last checkpoint, see who and what has come and gone, settle the memo."""
        self.countries.look()
        now = self.clock.now()
        try:
            self.cut.take_in()
            if self.ledger.unpublished and now - self._published_at >= SECOND // 4:
                self._published_at = now
                self.ledger.publish()
            if now - self._looked_at >= SECOND // 2:
                self._looked_at = now
                self.cut.settle()
                self.settle()
                self.look()
                self.alerts.settle()
                self.presence.settle(now, tell=self._tell)
        except TemporarilyUnavailable:
            # The database is away: questions are refused until it is back, and so is this.
            return

    def look(self) -> None:
        """Read registry and keyring again if the registry has moved, and say so in the ledger.

        Revoked software ends here, and whoever was put out, whose entry says so.
        """
        if self.registry.generation() != self.sessions.registered.generation:
            registered = self.registry.read()
            self.keys.reload()
            self.sessions.take(registered)
            self.answer.reader.take(
                InsurerRules(registered.insurers, sandbox=self.sessions.sandbox)
            )
            self.ledger.act(
                EntryType.DECISION,
                {
                    "registry": registered.generation,
                    "insurers": len(registered.insurers),
                    "sites": len(registered.sites),
                    "software": len(registered.software),
                    "revoked": sum(each.revoked for each in registered.software.values()),
                    "people": len(registered.people),
                    "out": sum(p.suspended is not None for p in registered.people.values()),
                    "sites_out": sum(s.suspended is not None for s in registered.sites.values()),
                },
            )
        self.standings.settle()
        self.contain.tell_failure()
        self.sessions.sweep(self.clock.now())
        self.failures.settle()
        if self.people is not None:
            self.people.settle(self.clock.now())


def refused_for(refusal: Refusal) -> Refused:
    """What a refused request is told."""
    if isinstance(refusal, CutOffStands):
        return Refused("cut-off", after=refusal.after)
    for kinds, reason, silent in REASONS:
        if isinstance(refusal, kinds):
            return Refused(reason, "" if silent else str(refusal))
    raise refusal


Kinds = tuple[type[Refusal], ...]
REASONS: tuple[tuple[Kinds, Reason, bool], ...] = (
    ((SignInRefused,), "sign-in-refused", False),
    ((AskYourInsurer,), "ask-your-insurer", True),
    ((AccountContained,), "frozen", True),
    ((NotSignedIn,), "not-signed-in", True),
    ((NotAllowed,), "not-allowed", False),
    ((NotFresh,), "not-fresh", False),
    ((ForbiddenTransition, MalformedIdentifier), "forbidden-move", False),
)
"""What each refusal is called at the door, and whether its words stay here."""
