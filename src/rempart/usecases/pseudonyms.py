"""Pseudonyms of persons, accounts, sites and sessions: keyed by month, cut to 16 bytes.

Each month has its own key, made by the vault when the month begins. The digest of the kind keeps a
person and a site of the same name apart.
"""

import hmac
from dataclasses import dataclass, field

from rempart.domain.disclosure import period_of
from rempart.domain.errors import KeyMissing
from rempart.usecases.ports import Chance, KeyStore

LASTING = -1
"""Place of the key without a month."""
MONTHLY = "pseudonym/"
OF_THE_LASTING = f"{MONTHLY}lasting"


@dataclass(slots=True)
class Pseudonyms:
    """The pseudonym key of the month, and the one that outlives it."""

    keys: KeyStore
    chance: Chance
    _cached: dict[int, bytes] = field(default_factory=dict, repr=False)

    def key(self, at: int) -> tuple[int, bytes]:
        """Period and key for a moment in microseconds; makes the key of a new month."""
        period = period_of(at)
        if (key := self._cached.get(period)) is None:
            key = self._cached[period] = self._load(f"{MONTHLY}{period:04d}")
        return period, key

    @property
    def lasting(self) -> bytes:
        """The key of what outlives the month: pairs, networks, devices, countries."""
        if (key := self._cached.get(LASTING)) is None:
            key = self._cached[LASTING] = self._load(OF_THE_LASTING)
        return key

    def of_every_month(self, kind: bytes, value: bytes) -> list[bytes]:
        """What stands, or stood, for ``value`` in each month whose key is left: the period (2
        bytes), then the pseudonym.
        """
        return [
            int(name.removeprefix(MONTHLY)).to_bytes(2, "big")
            + pseudonym(self.keys.get(name), kind, value)
            for name in self.keys.names(MONTHLY)
            if name != OF_THE_LASTING
        ]

    def _load(self, name: str) -> bytes:
        try:
            return self.keys.get(name)
        except KeyMissing:
            self.keys.put(name, self.chance.draw(32))
            return self.keys.get(name)


def code_of(key: bytes, kind: bytes, value: bytes) -> int:
    """Four keyed bytes, as a number: enough to tell one network or device of an account from
    another, too few to stand for it elsewhere; 0 where there is no value.
    """
    return int.from_bytes(hmac.digest(key, kind + value, "sha256")[:4], "big") if value else 0


def pseudonym(key: bytes, kind: bytes, value: bytes) -> bytes:
    """16 bytes that stand for ``value`` under this month's key; ``kind`` is 4 bytes."""
    return hmac.digest(key, kind + value, "sha256")[:16]


def pair_of(lasting: bytes, site: int, handle: bytes) -> bytes:
    """16 bytes that stand for one beneficiary at one site (its number), beyond the month."""
    return pseudonym(lasting, PAIR, site.to_bytes(4, "big") + handle)


PERSON = b"pers"
ACCOUNT = b"acct"
SITE = b"site"
SESSION = b"sess"
RETRY = b"retr"
QUESTION = b"ques"
ASSERTION = b"asrt"
NETWORK = b"netw"
DEVICE = b"devc"
COUNTRY = b"ctry"
PAIR = b"pair"
FRESH_CODE = b"code"
HISTORY_CARD = b"hist"
FRESH_REQUEST = b"reqt"
