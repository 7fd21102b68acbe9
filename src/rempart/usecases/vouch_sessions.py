"""Sessions of those whom a professional speaks for: seen and ended, as one's own.

These are the software of their site, and their own delegates, people or software. A software comes
back by its key, and a delegate by their passkey: whoever is to stay out is reported, or ended as a
delegate.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rempart.domain.disclosure import EntryType
from rempart.domain.errors import MalformedIdentifier, NotAllowed
from rempart.domain.person import Person, told
from rempart.usecases.open_session import OpenSession, Session
from rempart.usecases.people_messages import EndVouched
from rempart.usecases.people_replies import VouchedSession, VouchedSessions
from rempart.usecases.ports import Account, Software

PAGE = 40
"""Sessions of one reply: it must fit a frame."""


@dataclass(frozen=True, slots=True)
class VouchSessions:
    """What a sponsor sees of others' sessions."""

    sessions: OpenSession

    def shown(self, session: Session, first: int) -> VouchedSessions:
        """One page from ``first`` on: account by account, the latest seen first."""
        found = [each for account in self._theirs(session) for each in self._of(account)]
        first = max(0, first)
        return VouchedSessions(
            tuple([vouched(each) for each in found[first : first + PAGE]]), len(found)
        )

    def end(self, session: Session, wanted: EndVouched) -> None:
        """End one session of an account, or all of them; the ledger has it.

        Raises:
            NotAllowed: not an account that they speak for.
            MalformedIdentifier: none of its sessions has this reference.
        """
        account = self.sessions.accounts.by_name.get(wanted.account)
        if account is None or not speaks_for(session.account, account):
            raise NotAllowed("not an account of this site")
        ended = [each for each in self._of(account) if wanted.ref in {"", each.ref}]
        if wanted.ref and not ended:
            raise MalformedIdentifier("session", "none of theirs has this reference")
        for each in ended:
            self.sessions.drop(each)
        self.sessions.ledger.act(
            EntryType.DECISION,
            {"sessions": account.number, "ended": len(ended)},
            account=session.account_as,
            site=session.site_as,
        )

    def _theirs(self, session: Session) -> Iterator[Account]:
        accounts = self.sessions.accounts.by_name
        for name in sorted(accounts):
            if speaks_for(session.account, accounts[name]):
                yield accounts[name]

    def _of(self, account: Account) -> list[Session]:
        return sorted(self.sessions.of(account.number), key=lambda each: -each.seen)


def speaks_for(speaker: Account, account: Account) -> bool:
    """Whether a professional speaks for another account: their delegate, their site's software."""
    assert isinstance(speaker, Person)
    if account.sponsor:
        return account.sponsor == speaker.number
    return isinstance(account, Software) and account.site == speaker.site


def vouched(session: Session) -> VouchedSession:
    """A session as whoever vouches for it sees it: never where from."""
    account = session.account
    return VouchedSession(
        account=account.name,
        label=account.label if isinstance(account, Person) else account.product,
        software=isinstance(account, Software),
        ref=session.ref,
        since=session.began,
        seen=session.seen,
        device=session.device,
        means=told(session.means.name),
    )
