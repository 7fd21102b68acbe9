"""Bind an insurer to a sale while it is cut off: the shop's own device signs, with no server.

(1) the sale is quoted for a card that proves rights here, by lists that the insurer bears;
(2) every line of it is guaranteed, and something is left for the insurer to pay;
(3) the undertaking has the next number of this device, and names the one before by its digest;
(4) it is durable before anybody reads it: a number is never signed twice.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from rempart.domain import undertaking
from rempart.domain.errors import CardRefused, IntegrityBroken, MalformedIdentifier
from rempart.domain.quote import Line
from rempart.domain.undertaking import FIRST, UNIX_EPOCH, Lists, Undertaking
from rempart.sealing import base45
from rempart.sealing.cose import CARD_PREFIX, Kind, kid_of, read1, sign1
from rempart.sealing.errors import SealBroken
from rempart.usecases.quote_share import Quoted, QuoteShare

KIND = Kind(undertaking.TYPE, 24, undertaking.ENCODED_MAX)


class Chain(Protocol):
    """What a device has signed, in order; each with the code of its card, for the deposit.

    Every implementation promises, and ``tests/spec/test_undertakings.py`` checks: what ``add`` has
    returned from is durable; one undertaking at a time.

    Trust: it lies at the shop, closed to others: the codes in it open rights.
    """

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else adds meanwhile.

        Raises:
            TemporarilyUnavailable: another is being signed.
        """
        ...

    def last(self) -> tuple[int, bytes] | None:
        """Number of the last one, and the message; none before the first."""
        ...

    def add(self, number: int, message: bytes, code: str) -> None:
        """Keep the next one, durably."""
        ...


@dataclass(frozen=True, slots=True)
class Undertake:
    """The signing, on one device, under its own key."""

    quote: QuoteShare
    chain: Chain
    key: EllipticCurvePrivateKey = field(repr=False)

    def __call__(
        self, code: str, lines: Sequence[Line], *, on: date, now: int
    ) -> tuple[Quoted, Undertaking, bytes]:
        """The quote, the undertaking and the signed message; ``now`` is the clock in seconds.

        Raises:
            CardRefused: (1) or (2) does not hold.
            MalformedIdentifier: a line that breaks a rule, named.
            TemporarilyUnavailable: another is being signed on this device.
        """
        quoted = self.quote(code, lines, on=on, now=now)  # (1)
        check_bound(quoted)  # (2)
        claims = quoted.verdict.claims
        assert claims is not None
        assert quoted.verdict.list_made is not None
        with self.chain.alone():
            last = self.chain.last()
            made = Undertaking(
                amc_number=claims.amc,
                at=now,
                number=1 if last is None else last[0] + 1,  # (3)
                before=FIRST if last is None else sha256(last[1]).digest(),
                card=card_digest(code),
                care=on.toordinal() - UNIX_EPOCH,
                lines=tuple(lines),
                amc=quoted.quote.amc,
                lists=Lists(trust=self.quote.verify.trust.number, status=quoted.verdict.list_made),
            )
            message = sign1(
                undertaking.to_payload(made), self.key, kid=kid_of(self.key.public_key()), kind=KIND
            )
            self.chain.add(made.number, message, code)  # (4)
        return quoted, made, message


def read_undertaking(message: bytes) -> Undertaking:
    """One of this device's own, whose signature is not looked at again.

    Raises:
        IntegrityBroken: it is none.
    """
    try:
        return read_signed(message)[1]
    except MalformedIdentifier:
        raise IntegrityBroken("the chain of undertakings is damaged: keep it aside") from None


def read_signed(message: bytes) -> tuple[bytes, Undertaking]:
    """The id of the key that an undertaking names, and what it says; nothing is verified yet.

    Raises:
        MalformedIdentifier: it is no undertaking.
    """
    try:
        read = read1(message, kind=KIND)
    except SealBroken:
        raise MalformedIdentifier("undertaking", "not one: sent as the device has signed it") from (
            None
        )
    return read.kid, undertaking.from_payload(read.payload)


def check_bound(quoted: Quoted) -> None:
    """Return if the insurer is bound for the whole of its part.

    Raises:
        CardRefused: it is not, with the rule that is missing.
    """
    if quoted.statement is None:
        raise CardRefused(f"guarantee: {quoted.why}")
    if quoted.quote.amc == 0:
        raise CardRefused("guarantee: there is nothing for the insurer to pay")
    if quoted.quote.guaranteed < quoted.quote.amc:
        raise CardRefused("guarantee: the insurer does not guarantee every line of this sale")


def card_digest(code: str) -> bytes:
    """How an undertaking names a card: SHA-256 of the code's bytes."""
    return sha256(base45.decode(code.removeprefix(CARD_PREFIX))).digest()
