"""Find the pair under which the ledger counts whoever a card is of, at one site.

It opens nothing, and could not: what is brought finds a lock and does not open it. Nor is anything
told of what lies there. So it leaves no entry (``docs/adr/0022``).
"""

from dataclasses import dataclass

from rempart.domain.errors import MalformedIdentifier
from rempart.sealing.locks import CARD
from rempart.sealing.outer import FIND_SIZE, index_of
from rempart.usecases.claim_messages import FindPair, PairFound
from rempart.usecases.ports import RightsSource
from rempart.usecases.pseudonyms import Pseudonyms, pair_of
from rempart.usecases.rights_keys import RightsKeys

AMC_MAX, SITE_MAX = 10**8, 2**32


@dataclass(slots=True)
class FindPairs:
    """By the same index, and under the same key, as questions."""

    rights: RightsSource
    keys: RightsKeys
    pseudonyms: Pseudonyms

    def __call__(self, wanted: FindPair) -> PairFound:
        """The pair; none where no card, or more than one, lies there.

        Raises:
            MalformedIdentifier: it asks for none that could be.
            TemporarilyUnavailable: nothing was read.
        """
        holds = 0 <= wanted.amc < AMC_MAX and 0 <= wanted.site < SITE_MAX
        if not holds or len(wanted.find) != FIND_SIZE:
            raise MalformedIdentifier("pair", "expected a site, an insurer and a find of 16 bytes")
        amc = b"%08d" % wanted.amc
        indexes = [index_of(key, amc, CARD, wanted.find) for key in self.keys.index.values()]
        rows = self.rights.find(indexes)
        if len(rows) != 1:
            return PairFound(b"")
        return PairFound(pair_of(self.pseudonyms.lasting, wanted.site, rows[0].handle))
