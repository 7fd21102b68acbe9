"""Quote a sale for a card that was verified here, and say what its insurer is bound to pay.

(1) the card proves rights for the domain of every line, on the day of care;
(2) it is guaranteed only where the insurer's status list is no older than the insurer bears, and
    its statement stands: otherwise amounts are told, and nobody is bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rempart.domain.card import CardClaims
from rempart.domain.coverage import Domain
from rempart.domain.errors import CardRefused, MalformedIdentifier
from rempart.domain.guarantee import OfCard, Statement
from rempart.domain.quote import Line, Quote, Terms, quote
from rempart.domain.tariff import Tariff
from rempart.usecases.card_lists import read_guarantees
from rempart.usecases.verify_card import Finding, Verdict, VerifyCard

DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """``why`` says, where nothing is bound, which rule is missing."""

    verdict: Verdict
    quote: Quote
    statement: Statement | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class QuoteShare:
    """Under the lists of ``verify``."""

    verify: VerifyCard
    tariff: Tariff

    def __call__(self, code: str, lines: Sequence[Line], *, on: date, now: int) -> Quoted:
        """The quote of a sale; ``now`` is this machine's clock in seconds.

        Raises:
            CardRefused: (1) does not hold; the message names the step.
            MalformedIdentifier: a line that breaks a rule, named.
        """
        verdict = self._verdict(code, lines, on, now)
        assert verdict.claims is not None
        statement, why = self._statement(verdict, now)  # (2)
        terms = Terms(
            tariff=self.tariff,
            on=on,
            birth_year=verdict.claims.birth_year,
            of_card=_of_card(verdict.claims),
            statement=statement,
        )
        return Quoted(verdict=verdict, quote=quote(lines, terms), statement=statement, why=why)

    def _verdict(self, code: str, lines: Sequence[Line], on: date, now: int) -> Verdict:
        domains = self._domains(lines, on)
        verdict = self.verify(code, on=on, domain=None, now=now)
        if verdict.finding is Finding.REFUSED:
            raise CardRefused(f"{verdict.step}: {verdict.reason}")
        assert verdict.claims is not None
        if not domains <= dict(verdict.claims.domains).keys():
            raise CardRefused("domain: the card does not cover this domain")
        return verdict

    def _domains(self, lines: Sequence[Line], on: date) -> set[Domain]:
        found = set()
        for number, line in enumerate(lines, start=1):
            try:
                domain = self.tariff.item(line.item, on).domain if line.item else line.domain
            except MalformedIdentifier as malformed:
                raise MalformedIdentifier(f"line {number}", str(malformed)) from None
            if domain is not None:
                found.add(domain)
        return found

    def _statement(self, verdict: Verdict, now: int) -> tuple[Statement | None, str]:
        assert verdict.claims is not None
        trusted = next(
            each for each in self.verify.trust.insurers if each.amc == verdict.claims.amc
        )
        if not trusted.statement:
            return None, "the insurer guarantees nothing"
        statement = read_guarantees(trusted.statement, trusted.amc, trusted.keys)
        if now > statement.until:
            return None, "the insurer's guarantees have ended"
        if verdict.list_made is None or now - verdict.list_made > statement.list_days * DAY:
            return None, f"its list may be {statement.list_days} days old, and is older"
        if verdict.claims.status_index is None:
            return None, "this card has no place on the insurer's list"
        return statement, ""


def _of_card(claims: CardClaims) -> OfCard:
    try:
        return OfCard.decode(claims.guarantees)
    except MalformedIdentifier as malformed:
        raise CardRefused(f"claims: {malformed.rule}") from None
