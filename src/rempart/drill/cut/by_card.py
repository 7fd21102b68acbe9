"""Sites that go by the card alone while everything is cut: noted, reported on return, and billed.

Their software binds nobody. It notes each card that it verified, as ``rempart card verify --keep``
does; on return it reports it, and bills the insurer's part of simple care on the card that was
shown, by the very list that it went by.
"""

from datetime import date
from pathlib import Path

from rempart.bootstrap.verifier import note, reporting
from rempart.domain.claim import CareLine, Claim, Shown, Use
from rempart.drill.cut.ground import Shop
from rempart.drill.cut.plan import Visit
from rempart.usecases.quote_share import Quoted

RIGHT = "verification-right"


def noted(shop: Shop, visit: Visit, code: str, quoted: Quoted, *, care: date) -> bool:
    """Note that a card was verified; whether it is the first time for this domain and day."""
    return note(journal_of(shop), quoted.verdict, code, domain=visit.domain, care=care)


def claim_on(number: str, visit: Visit, code: str, quoted: Quoted, *, care: date) -> Claim:
    """The claim for what was told at the counter, on a card that was shown there."""
    claims = quoted.verdict.claims
    assert claims is not None, "the card was found good"
    return Claim(
        number=number,
        use=Use.CLAIM,
        amc=claims.amc,
        care=care,
        asked=quoted.quote.amc,
        cites=Shown(code, quoted.verdict.list_made),
        lines=tuple(CareLine(visit.domain, line.price) for line in visit.lines),
    )


def reported(shop: Shop, intake: str, authorities: Path) -> list[str]:
    """What the intake says of each card that a site has noted and not yet been told about.

    Raises:
        NotAcknowledged: send them again later.
    """
    journal = journal_of(shop)
    if not journal.exists():
        return []
    with reporting(journal, shop.sender(intake, authorities)) as report:
        return [told.outcome for _, told in report()]


def journal_of(shop: Shop) -> Path:
    """Where a site notes what it verifies."""
    return shop.folder / "verifications.sqlite"
