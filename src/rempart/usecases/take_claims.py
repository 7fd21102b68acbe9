"""Take claims in: the door of billing, which asks nobody and reads nothing that it has taken.

(1) who sends is known by their certificate, one software at one site; no session, no vault;
(2) what rests on an undertaking is its device's own words: insurer, day and amount are the same;
(3) the claim is sealed to whoever judges: this process cannot read it again;
(4) it is durable before anybody is told so;
(5) the same claim under its number is the same claim sent again; another one is refused.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from rempart.domain import claim as claims
from rempart.domain.claim import Bound, Claim
from rempart.domain.errors import (
    MalformedIdentifier,
    NotSignedIn,
    NumberReused,
    TooManyClaims,
)
from rempart.sealing.errors import SealBroken
from rempart.sealing.stream import seal_stream
from rempart.usecases.claim_ports import Biller, ClaimQueue, Kept, Receipt
from rempart.usecases.ports import Chance, Clock
from rempart.usecases.undertake import card_digest, read_signed


@dataclass(frozen=True, slots=True)
class TakeClaims:
    """``judge`` is the X25519 key that claims are sealed to."""

    queue: ClaimQueue
    clock: Clock
    chance: Chance
    judge: bytes = field(repr=False)

    async def biller(self, certificate: bytes) -> Biller:
        """Who sends.

        Raises:
            NotSignedIn: nobody who is known by this certificate.
            TemporarilyUnavailable: nothing was read.
        """
        known = await self.queue.biller(certificate) if certificate else None
        if known is None:
            raise NotSignedIn("no software is known by this certificate")
        return known

    async def __call__(self, biller: Biller, claim: Claim) -> Receipt:
        """Keep a claim, durably; or say what became of it.

        Raises:
            MalformedIdentifier: (2) does not hold; the element is named.
            NumberReused: nor (5).
            TooManyClaims: not today.
            TemporarilyUnavailable: whether it was kept is unknown; send it again.
        """
        if isinstance(claim.cites, Bound):
            _check_bound(claim, claim.cites)  # (2)
        clear = claims.to_bytes(claim)
        sealed = b"".join(
            seal_stream([clear], ephemeral=self.chance.draw(32), recipient=self.judge)  # (3)
        )
        kept = Kept(
            biller=biller,
            use=claim.use,
            received=self.clock.now(),
            key=sha256(claim.number.encode()).digest(),
            digest=sha256(clear).digest(),
            sealed=sealed,
        )
        receipt = await self.queue.put(kept)  # (4)
        if receipt is None:
            raise TooManyClaims("as many claims as a site may send in a day")
        if receipt.digest != kept.digest:  # (5)
            raise NumberReused("another claim stands under this number")
        return receipt


def _check_bound(claim: Claim, bound: Bound) -> None:
    """Return if a claim says what its undertaking says.

    Raises:
        MalformedIdentifier: it does not; the element is named.
    """
    _, made = read_signed(bound.message)
    try:
        card = card_digest(bound.code)
    except SealBroken:
        raise MalformedIdentifier("supportingInfo", "not the code of a card") from None
    for holds, element in (
        (made.amc_number == claim.amc, "insurer"),
        (made.amc == claim.asked, "total"),
        # A code that was mixed up would take the place of the right one.
        (made.card == card, "supportingInfo"),
        (made.day == claim.care, "item"),
    ):
        if not holds:
            raise MalformedIdentifier(element, "another than the undertaking's")
