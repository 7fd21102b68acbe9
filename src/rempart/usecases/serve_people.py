"""Serve what people ask: who are they, may their role, and have they proven themselves just now?

Every request in a session goes through ``signed_in``: the handle and the proof of the client's key,
the account's stage, the power that ``NEEDS`` names, and freshness for what a stolen session must
not do. There is no other way to a use case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from msgspec import structs

from rempart.domain.allowance import WIDE, Over
from rempart.domain.containment import Stage
from rempart.domain.cutoff_words import TAKES_TWO
from rempart.domain.errors import AccountContained, NotAllowed, NotFresh
from rempart.domain.person import Person, Power, check_power
from rempart.usecases import people_messages as said
from rempart.usecases.contain_account import ContainAccounts, named, stage_of
from rempart.usecases.cut_off_messages import ClearCutOff, ListCutOffs, SetCutOff
from rempart.usecases.decide_together import DecideTogether
from rempart.usecases.incident_messages import ListIncidents
from rempart.usecases.messages import Allow, Contain, Done, Reply, Standings
from rempart.usecases.open_session import Bound, Session
from rempart.usecases.pro_sante_messages import ProSanteRequest
from rempart.usecases.register_passkeys import RegisterPasskeys
from rempart.usecases.show_insurer import ShowInsurer
from rempart.usecases.show_sessions import ShowSessions, is_fresh
from rempart.usecases.sign_in_people import SignInPeople
from rempart.usecases.sponsor_delegates import SponsorDelegates
from rempart.usecases.step_up import StepUp
from rempart.usecases.vouch_sessions import VouchSessions

NEEDS: Mapping[type, Power] = {
    said.BeginRegistration: Power.OWN_SESSIONS,
    said.FinishRegistration: Power.OWN_SESSIONS,
    said.BeginStepUp: Power.STEP_UP,
    said.FinishStepUp: Power.STEP_UP,
    said.Report: Power.REPORT,
    said.WhoAmI: Power.OWN_SESSIONS,
    said.ListSessions: Power.OWN_SESSIONS,
    said.EndSession: Power.OWN_SESSIONS,
    said.EndAllSessions: Power.OWN_SESSIONS,
    said.ListPasskeys: Power.OWN_SESSIONS,
    said.RevokePasskey: Power.OWN_SESSIONS,
    said.ListVouched: Power.VOUCH,
    said.EndVouched: Power.VOUCH,
    said.Sponsor: Power.SPONSOR,
    said.EnrolAgain: Power.SPONSOR,
    said.EndDelegate: Power.SPONSOR,
    said.ListDelegates: Power.SPONSOR,
    # The act itself says which power it is asked, or agreed to, under.
    said.Propose: Power.OWN_SESSIONS,
    said.Approve: Power.OWN_SESSIONS,
    said.ListProposals: Power.OWN_SESSIONS,
    said.InsurerState: Power.MANAGE_INSURER,
    said.ListDisclosures: Power.SEE_PROOFS,
    said.AskProof: Power.SEE_PROOFS,
}
FRESH = frozenset(
    {said.Sponsor, said.EnrolAgain, said.RevokePasskey, said.Propose, said.Approve, Allow}
)
"""What needs that the person has just proven who they are."""

UNDER_A_CUT_OFF = (
    *(said.Report, said.ListSessions, said.EndSession, said.EndAllSessions),
    *(said.ListVouched, said.EndVouched),
)
"""What whoever asks may still do: shut doors, never open any."""

R = TypeVar("R", Contain, Allow, Standings, SetCutOff, ClearCutOff, ListCutOffs, ListIncidents)


@dataclass(slots=True)
class ServePeople:
    """The people's use cases behind one door."""

    sign_in: SignInPeople
    contain: ContainAccounts
    together: DecideTogether
    insurer: ShowInsurer
    register: RegisterPasskeys = field(init=False)
    step_up: StepUp = field(init=False)
    show: ShowSessions = field(init=False)
    sponsor: SponsorDelegates = field(init=False)
    vouch: VouchSessions = field(init=False)

    def __post_init__(self) -> None:
        self.register = RegisterPasskeys(self.sign_in)
        self.step_up = StepUp(self.sign_in, self.contain)
        self.show = ShowSessions(self.sign_in)
        self.sponsor = SponsorDelegates(self.sign_in)
        self.vouch = VouchSessions(self.sign_in.sessions)

    def __call__(self, request: said.PeopleRequest | ProSanteRequest) -> Reply:
        """One request, one reply.

        Raises:
            Refusal: why not; ``serve_requests`` says it.
            TemporarilyUnavailable: nothing was done.
        """
        if isinstance(request, ProSanteRequest):
            return self.sign_in.there(request)
        if (before := BEFORE.get(type(request))) is not None:
            return before(self, request) or Done()
        kind: type = type(request)
        now = self.sign_in.sessions.ledger.stamp()
        session = self.signed_in(request, NEEDS[kind], now, fresh=kind in FRESH)  # type: ignore[arg-type]
        return IN_SESSION[kind](self, session, request, now) or Done()

    def signed_in(self, request: Bound, power: Power, now: int, *, fresh: bool) -> Session:
        """The session of a person who may do this, now.

        Raises:
            NotSignedIn: no live session, or not with its key.
            NotAllowed: another role does this.
            NotFresh: they prove themselves again first.
            AccountContained: the account is frozen.
            CutOffStands: the portal is cut, or who is calling.
        """
        session = self._who(request, now)
        check(session, power, now, fresh=fresh)
        return session

    def _who(self, request: Bound, now: int) -> Session:
        sessions = self.sign_in.sessions
        session = sessions.caller(request, now)
        if not isinstance(session.account, Person):
            raise NotAllowed("a person does this")
        if sessions.guard.stage(session.account.number) >= Stage.FROZEN:
            raise AccountContained("this account is frozen")
        if not isinstance(request, UNDER_A_CUT_OFF):
            sessions.check_cut(session, now)
        session.under(*sessions.pseudonyms.key(now))
        return session

    def decided(self, request: R) -> R:
        """An officer's request, with the officer's own login in it: nobody types who decides.

        Raises:
            NotAllowed: another role decides this; or one's own account; or it takes two.
        """
        now = self.sign_in.sessions.ledger.stamp()
        match request:
            case Contain():
                return structs.replace(request, by=self._mover(request, now))
            case Allow():
                session = self.signed_in(request, Power.ALLOW, now, fresh=True)
                if named(Over, request.over, "over") in WIDE:
                    raise NotAllowed("an exception for many takes two persons: propose it")
                return structs.replace(request, by=_login(session))
            case SetCutOff():
                session = self.signed_in(request, Power.SET_CUT_OFF, now, fresh=True)
                return structs.replace(request, by=_login(session))
            case ClearCutOff():
                return structs.replace(request, by=self._opener(request, now))
            case Standings() | ListCutOffs() | ListIncidents():
                self.signed_in(request, Power.SEE_STANDINGS, now, fresh=False)
        return request

    def _opener(self, request: ClearCutOff, now: int) -> str:
        session = self.signed_in(request, Power.LOOSEN, now, fresh=True)
        if self.together.cut.cut_offs.find(request.ref, now).scope in TAKES_TWO:
            raise NotAllowed("opening this again takes two persons: propose it")
        return _login(session)

    def _mover(self, request: Contain, now: int) -> str:
        session = self._who(request, now)
        account = self.contain.account(request.client_id)
        loosens = stage_of(request.stage) < self.contain.guard.stage(account.number)
        check(session, Power.LOOSEN if loosens else Power.CONTAIN, now, fresh=loosens)
        if loosens:
            if account.number == session.account.number:
                raise NotAllowed("somebody else loosens your account")
            self.together.proposals.check_alone(_login(session), now)
        return _login(session)

    def settle(self, now: int) -> None:
        """Forget what is over."""
        self.sign_in.sweep(now)


def check(session: Session, power: Power, now: int, *, fresh: bool) -> None:
    """Return if whoever is signed in may do this, now.

    Raises:
        NotAllowed: another role does this.
        NotFresh: they prove themselves again first.
    """
    assert isinstance(session.account, Person)
    check_power(session.account.role, power)
    if fresh and not is_fresh(session, now):
        raise NotFresh("prove yourself again first")


def _login(session: Session) -> str:
    assert isinstance(session.account, Person)
    return session.account.login


Serve = Callable[[ServePeople, Any], Any]
BEFORE: Mapping[type, Serve] = {
    said.BeginProSante: lambda s, r: s.sign_in.begin_pro_sante(r),
    said.FinishProSante: lambda s, r: s.sign_in.finish_pro_sante(r),
    said.ChooseSite: lambda s, r: s.sign_in.choose_site(r),
    said.BeginPasskey: lambda s, r: s.sign_in.begin_passkey(r),
    said.FinishPasskey: lambda s, r: s.sign_in.finish_passkey(r),
    said.BeginEnrolment: lambda s, r: s.register.begin_enrolment(r),
    said.FinishEnrolment: lambda s, r: s.register.finish_enrolment(r),
}
"""Before there is a session."""

ServeIn = Callable[[ServePeople, Session, Any, int], Any]
IN_SESSION: Mapping[type, ServeIn] = {
    said.BeginRegistration: lambda s, who, r, now: s.register.begin(who, now),
    said.FinishRegistration: lambda s, who, r, now: s.register.finish(who, r, now),
    said.BeginStepUp: lambda s, who, r, now: s.step_up.begin(who, now),
    said.FinishStepUp: lambda s, who, r, now: s.step_up.finish(who, r, now),
    said.Report: lambda s, who, r, now: s.step_up.report(who, r),
    said.WhoAmI: lambda s, who, r, now: s.show.me(who, now),
    said.ListSessions: lambda s, who, r, now: s.show.mine(who),
    said.EndSession: lambda s, who, r, now: s.show.end(who, r.ref),
    said.EndAllSessions: lambda s, who, r, now: s.show.end_all(who),
    said.ListPasskeys: lambda s, who, r, now: s.show.passkeys(who),
    said.RevokePasskey: lambda s, who, r, now: s.show.revoke(who, r.ref),
    said.ListVouched: lambda s, who, r, now: s.vouch.shown(who, r.first),
    said.EndVouched: lambda s, who, r, now: s.vouch.end(who, r),
    said.Sponsor: lambda s, who, r, now: s.sponsor.take(who, r, now),
    said.EnrolAgain: lambda s, who, r, now: s.sponsor.again(who, r.account, now),
    said.EndDelegate: lambda s, who, r, now: s.sponsor.end(who, r.account),
    said.ListDelegates: lambda s, who, r, now: s.sponsor.mine(who),
    said.Propose: lambda s, who, r, now: s.together.propose(who, r, now),
    said.Approve: lambda s, who, r, now: s.together.approve(who, r.ref, now),
    said.ListProposals: lambda s, who, r, now: s.together.shown(who, now),
    said.InsurerState: lambda s, who, r, now: s.insurer.state(who, now),
    said.ListDisclosures: lambda s, who, r, now: s.insurer.disclosures(who, r, now),
    said.AskProof: lambda s, who, r, now: s.insurer.proof(who, r, now),
}
"""In a session that may."""
