"""Open an insurer's request for what was read about its members: the ledger says so first.

(1) a registered insurer has signed it, for this operator, of a few people; nobody has cut it off:
    its keys may be a thief's;
(2) it is of these days, and was opened on no other one: nobody replays it;
(3) not too many of its people were told of today;
(4) the opening is an entry: which request, which insurer, how many people, and who opened it.
"""

from dataclasses import dataclass

from rempart.domain.access import AHEAD, VALID, AccessBook, access_codes
from rempart.domain.cutoff import CutOffs
from rempart.domain.cutoff_words import Scope
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import IntegrityBroken, MalformedIdentifier, NotAllowed
from rempart.domain.insurer import PublicBundle
from rempart.usecases.access_messages import AccessOpened, OpenAccess
from rempart.usecases.access_request import AccessRequest, read_request, request_digest
from rempart.usecases.contain_account import officer_named
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.open_session import OpenSession


@dataclass(slots=True)
class OpenAccesses:
    """``book`` is a fold over the ledger."""

    book: AccessBook
    ledger: KeepLedger
    sessions: OpenSession
    cut_offs: CutOffs
    origin: str

    def __call__(self, wanted: OpenAccess) -> AccessOpened:
        """The entry of the opening.

        Raises:
            NotAllowed: (1), (2) or (3) does not hold.
            TemporarilyUnavailable: it could not be written: nothing is opened.
        """
        now = self.ledger.stamp()
        request = self._request(wanted.request, now)  # (1)
        amc, digest = int(request.amc), bytes.fromhex(request_digest(self.origin, request))
        if not -AHEAD <= now - request.made <= VALID:  # (2)
            raise NotAllowed("the request is of another month: the insurer makes another one")
        if (standing := self.book.standing(digest, now=now)) is not None:
            return AccessOpened(standing.ref)
        self.book.check_room(amc, len(request.handles), now=now)  # (3)
        codes = access_codes(digest, amc, len(request.handles), self._officer(wanted.by))
        return AccessOpened(self.ledger.act(EntryType.DECISION, codes))  # (4)

    def _request(self, note: str, now: int) -> AccessRequest:
        try:
            request = read_request(note, self.origin, self._feed_key)
        except IntegrityBroken as error:
            raise NotAllowed(str(error)) from None
        if self.cut_offs.over(iter(((Scope.INSURER, int(request.amc)),)), now) is not None:
            raise NotAllowed("this insurer is cut off: its keys may be in other hands")
        return request

    def _feed_key(self, amc: str) -> bytes | None:
        insurer = self.sessions.registered.insurers.get(int(amc))
        if insurer is None or insurer.sandbox is not self.sessions.sandbox:
            return None
        return PublicBundle.from_json(insurer.bundle).feed_key

    def _officer(self, by: str) -> str:
        try:
            return officer_named(by)
        except MalformedIdentifier as error:
            raise NotAllowed(str(error)) from None
