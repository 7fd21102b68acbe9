"""Decide together what can hurt many: one person proposes, another agrees within a day.

(1) who proposes has the power that the act is asked under, and has just proven who they are;
(2) the proposal is an entry, and its number is what the second person names;
(3) who agrees has the power that the act is agreed under, and is somebody else;
(4) the agreement is an entry that names the proposal: nothing is agreed to twice;
(5) only then it is done.

What a room that is not built yet would do (a bank account) is recorded, and not done.
"""

import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from rempart.domain.allowance import WIDE, Allowance, Over
from rempart.domain.containment import LOOSER, Authority, Decision, Stage, Why
from rempart.domain.disclosure import Codes, EntryType
from rempart.domain.errors import ForbiddenTransition, MalformedIdentifier, NotAllowed
from rempart.domain.person import (
    AGREED_UNDER,
    AGREED_WITHIN,
    ASKED_UNDER,
    Act,
    Person,
    Role,
    check_person,
    check_power,
    may,
    told,
)
from rempart.domain.proposals import Proposal, Proposals
from rempart.domain.site import KINDS
from rempart.usecases.contain_account import ContainAccounts, named
from rempart.usecases.cut_off import CutAndRestore
from rempart.usecases.messages import Allow
from rempart.usecases.open_session import Session
from rempart.usecases.people_messages import (
    Propose,
)
from rempart.usecases.people_replies import (
    ProposalShown,
    ProposalsShown,
    Proposed,
)
from rempart.usecases.pseudonyms import pseudonym
from rempart.usecases.sign_in_people import SECOND

ACCOUNTS_MAX = 500
"""Of one proposal: what a person can still look through."""
WORD_MAX = 64
BANK = b"bank"


@dataclass(slots=True)
class DecideTogether:
    """``proposals`` is a fold over the ledger."""

    proposals: Proposals
    contain: ContainAccounts
    cut: CutAndRestore

    def propose(self, session: Session, wanted: Propose, now: int) -> Proposed:
        """Ask for an act.

        Raises:
            NotAllowed: this role does not ask for it, or not for this.
            MalformedIdentifier: no such act, or not its terms.
        """
        person = _person(session)
        act = named(Act, wanted.act, "act")
        check_power(person.role, ASKED_UNDER[act])  # (1)
        until = now + AGREED_WITHIN * SECOND
        codes: Codes = {
            "propose": act.value,
            "person": person.number,
            "by": person.login,
            "until": until,
            **self._terms(act, session, wanted.terms),
        }
        ref = self._act(session, codes)  # (2)
        return Proposed(ref, until)

    def approve(self, session: Session, ref: int, now: int) -> None:
        """Agree to what waits.

        Raises:
            NotAllowed: nothing waits, this role does not agree to it, or it is one's own.
        """
        person = _person(session)
        proposal = self.proposals.find(ref, now)
        check_power(person.role, AGREED_UNDER[proposal.act])  # (3)
        if proposal.person == person.number:
            raise NotAllowed("somebody else agrees to what you propose")
        agreed: Codes = {
            "approve": ref,
            "act": proposal.act.value,
            "person": person.number,
            "by": person.login,
            **proposal.terms,
        }
        self._act(session, agreed)  # (4)
        by = f"{proposal.by}+{person.login}"
        if proposal.act is Act.LOOSEN_MANY:  # (5)
            self._loosen(proposal, by)
        elif proposal.act is Act.ALLOW_MANY:
            allowed = _allowed(proposal.terms, by)
            self.contain.ledger.act(EntryType.DECISION, allowed.codes())
        elif proposal.act is Act.LIFT_CUT_OFF:
            self._open_again(proposal, by)

    def shown(self, session: Session, now: int) -> ProposalsShown:
        """What waits for whoever is signed in."""
        person = _person(session)
        rows = [
            ProposalShown(each.ref, told(each.act.name), each.by, each.until, self._words(each))
            for each in self.proposals.waiting.values()
            if each.until >= now
            and each.person != person.number
            and may(person.role, AGREED_UNDER[each.act])
        ]
        return ProposalsShown(tuple(rows))

    def _act(self, session: Session, codes: Codes) -> int:
        return self.contain.ledger.act(
            EntryType.DECISION, codes, account=session.account_as, site=session.site_as
        )

    def _terms(self, act: Act, session: Session, terms: Sequence[str]) -> Codes:
        match act, terms:
            case Act.LOOSEN_MANY, [_, *_] if len(terms) <= ACCOUNTS_MAX:
                return {"accounts": packed([self._loosenable(name) for name in terms])}
            case Act.LIFT_CUT_OFF, [str(ref)]:
                now = self.contain.ledger.stamp()
                return {"cut_off": self.cut.cut_offs.find(_whole(ref), now).ref}
            case Act.CHANGE_BANK_ACCOUNT, [str(bank)] if 8 <= len(bank) <= WORD_MAX:
                # The number itself is for the payment room: here it is a keyed tag.
                lasting = self.contain.pseudonyms.lasting
                site = session.fixed.site
                return {"site": site, "bank": pseudonym(lasting, BANK, bank.encode())}
            case Act.ENROL_STAFF, [str(login), str(role), str(amc)]:
                return _staff(login, role, amc)
            case Act.ALLOW_MANY, [over, who, factor, typed, since, until, reason]:
                numbers = _whole(factor), typed == "typed", _whole(since), _whole(until)
                wanted = Allow(over, who, *numbers, reason, _person(session).login)
                return _proposed(self.contain.allowance(wanted))
        raise MalformedIdentifier("terms", "not those of this act")

    def _loosenable(self, name: str) -> int:
        account = self.contain.account(name)
        if not LOOSER[self.contain.guard.stage(account.number)]:
            raise MalformedIdentifier("terms", "an account that is not to be loosened")
        return account.number

    def _cut_off(self, ref: int | bytes | str) -> tuple[str, ...]:
        """The number of a cut-off, and what it cuts where it still does."""
        cut = self.cut.cut_offs.standing.get(ref) if isinstance(ref, int) else None
        if cut is None:
            return (str(ref),)
        return (str(ref), told(cut.scope.name), self.cut.names.what(cut))

    def _loosen(self, proposal: Proposal, by: str) -> None:
        """One step each; what has moved meanwhile is left where it is."""
        decision = Decision(authority=Authority.OFFICER, why=Why.REVIEWED, by=by)
        for number in unpacked(proposal.terms["accounts"]):
            account = self.contain.sessions.accounts.by_number.get(number)
            looser = LOOSER[self.contain.guard.stage(number)]
            if account is None or not looser:
                continue
            try:
                self.contain.decide(account, max(looser, key=Stage), decision)
            except ForbiddenTransition:
                continue

    def _open_again(self, proposal: Proposal, by: str) -> None:
        """What has ended, or was cleared, meanwhile is left so."""
        ref = proposal.terms["cut_off"]
        with suppress(MalformedIdentifier):
            self.cut.open_again(ref if isinstance(ref, int) else -1, by)

    def _words(self, proposal: Proposal) -> tuple[str, ...]:
        """Terms as they may be shown: of a bank account, the site alone."""
        terms = proposal.terms
        match proposal.act:
            case Act.LOOSEN_MANY:
                by_number = self.contain.sessions.accounts.by_number
                found = [by_number.get(number) for number in unpacked(terms["accounts"])]
                return tuple([account.name for account in found if account is not None])
            case Act.LIFT_CUT_OFF:
                return self._cut_off(terms["cut_off"])
            case Act.ENROL_STAFF:
                role = told(Role(int(terms["role"])).name)
                return (str(terms["login"]), role, str(terms["amc"]))
            case Act.ALLOW_MANY:
                return _exception(_allowed(terms, proposal.by))
            case Act.CHANGE_BANK_ACCOUNT:
                sites = self.contain.sessions.registered.sites.values()
                return tuple([site.site for site in sites if site.number == terms["site"]])


def _exception(allowance: Allowance) -> tuple[str, ...]:
    """An exception in words."""
    since, until = (
        f"{datetime.fromtimestamp(at // SECOND, UTC):%Y-%m-%d %H:%M}"
        for at in (allowance.since, allowance.until)
    )
    return (
        told(allowance.over.name),
        *([KINDS[allowance.number].value] if allowance.over is Over.KIND else []),
        f"× {allowance.factor}",
        *(["typed"] if allowance.typed else []),
        f"{since} → {until} UTC",
        told(allowance.reason.name),
    )


def packed(numbers: Sequence[int]) -> bytes:
    """Numbers of accounts, four bytes each."""
    return struct.pack(f">{len(numbers)}I", *numbers)


def unpacked(data: int | bytes | str) -> Sequence[int]:
    """What ``packed`` made."""
    assert isinstance(data, bytes)
    return struct.unpack(f">{len(data) // 4}I", data)


IN_PROPOSAL = {"over": "allow", "from": "since", "to": "until"}
"""Codes with another word while an exception only waits: the guard takes ``allow`` for one that
holds, and a proposal has an end of its own.
"""


def _proposed(allowance: Allowance) -> Codes:
    if allowance.over not in WIDE:
        raise MalformedIdentifier("over", "one person decides this")
    codes = allowance.codes()
    renamed: Codes = {waits: codes[holds] for waits, holds in IN_PROPOSAL.items()}
    return renamed | {name: codes[name] for name in ("number", "factor", "typed", "reason")}


def _allowed(terms: Codes, by: str) -> Allowance:
    codes = {IN_PROPOSAL.get(name, name): value for name, value in terms.items()}
    return Allowance.from_codes({**codes, "by": by})


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise MalformedIdentifier("terms", "expected a whole number")
    return int(text)


def _staff(login: str, role: str, amc: str) -> Codes:
    if not (amc.isascii() and amc.isdigit() and len(amc) <= 8):
        raise MalformedIdentifier("amc", "expected 8 digits, or 0")
    person = Person(number=0, login=login, role=named(Role, role, "role"), amc=int(amc))
    check_person(person)
    return {"login": person.login, "role": person.role.value, "amc": person.amc}


def _person(session: Session) -> Person:
    assert isinstance(session.account, Person)
    return session.account
