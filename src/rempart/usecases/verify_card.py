"""Verify a card without any server: what it proves to whoever keeps an operator's lists.

The steps are those of ``specs/card.md``; the first five are ``card_codes.read_card``'s:

(0) the clock: before the newest list was made, it is wrong, and no day can be told;
(1) well formed, (2) issuer, (3) authentic, (4) claims, (5) dates;
(6) domain: the card covers the one that is asked;
(7) status: the card is not over on the last list of its insurer, whose age is told.

A card that passes, without a list of its insurer that is still current, is good and *unchecked*:
whoever relies on it sees since when.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from rempart.domain.card import CardClaims
from rempart.domain.coverage import Domain, Mode
from rempart.domain.errors import CardRefused
from rempart.domain.status_list import StatusList
from rempart.domain.trust_list import TrustList
from rempart.usecases.card_codes import read_card
from rempart.usecases.p256_keys import key_at

CLOCK_SKEW = 300
"""Seconds by which a till's clock may be slow."""


class Finding(Enum):
    """What a verification comes to."""

    GOOD = "good"
    UNCHECKED = "unchecked"
    """All that the card says holds; whether it has ended since is not known."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``step`` is the one that failed, or ``""``; ``mode`` that of the domain that was asked.

    ``list_made`` is when the insurer's status list was made, seconds since 1970; ``claims`` are
    there once the card is authentic.
    """

    finding: Finding
    step: str = ""
    reason: str = ""
    claims: CardClaims | None = field(default=None, repr=False)
    insurer: str = ""
    mode: Mode | None = None
    list_made: int | None = None


Keys = Mapping[tuple[str, bytes], EllipticCurvePublicKey]
"""Card keys by AMC number and key id."""


def keys_of(trust: TrustList) -> Keys:
    """The card keys that a trust list trusts."""
    return {
        (each.amc, kid): key_at(point)
        for each in trust.insurers
        for kid, point in each.keys.items()
    }


@dataclass(slots=True)
class VerifyCard:
    """Verifies under one trust list, with the last status list of each insurer by AMC number."""

    trust: TrustList
    statuses: Mapping[str, StatusList] = field(repr=False)
    _keys: Keys = field(init=False, repr=False)
    _names: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._names = {each.amc: each.name for each in self.trust.insurers}
        self._keys = keys_of(self.trust)

    def __call__(self, code: str, *, on: date, domain: Domain | None, now: int) -> Verdict:
        """What ``code`` proves for care on a day; ``now`` is this machine's clock in seconds."""
        if now < self._newest - CLOCK_SKEW:  # (0)
            return _refused("clock", "this machine's clock is behind its lists")
        try:
            claims = read_card(code, keys=self._key, on=on)
        except CardRefused as refusal:
            step, _, reason = str(refusal).partition(": ")
            return _refused(step, reason)
        return self._standing(claims, domain, now)

    def _standing(self, claims: CardClaims, domain: Domain | None, now: int) -> Verdict:
        insurer, mode = self._names[claims.amc], None
        if domain is not None:  # (6)
            mode = dict(claims.domains).get(domain)
            if mode is None:
                return Verdict(
                    finding=Finding.REFUSED,
                    step="domain",
                    reason="the card does not cover this domain",
                    claims=claims,
                    insurer=insurer,
                )
        status = self.statuses.get(claims.amc)  # (7)
        over = _is_over(claims, status)
        current = status and over is not None and now <= min(status.until, self.trust.until)
        return Verdict(
            finding=Finding.REFUSED if over else Finding.GOOD if current else Finding.UNCHECKED,
            step="status" if over else "",
            reason="the insurer has ended this card" if over else "",
            claims=claims,
            insurer=insurer,
            mode=mode,
            list_made=None if status is None else status.made,
        )

    @property
    def _newest(self) -> int:
        return max([self.trust.made, *(each.made for each in self.statuses.values())])

    def _key(self, amc: str, kid: bytes) -> EllipticCurvePublicKey | None:
        return self._keys.get((amc, kid))


def _is_over(claims: CardClaims, status: StatusList | None) -> bool | None:
    """``None`` where no list says."""
    if status is None or claims.status_index is None:
        return None
    return status.is_over(claims.status_index)


def _refused(step: str, reason: str) -> Verdict:
    return Verdict(finding=Finding.REFUSED, step=step, reason=reason)
