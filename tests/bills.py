"""A claim as a site's software sends it, on an answer that it was given."""

from datetime import date

from rempart.domain.claim import CareLine, Claim, Disclosed, Use
from rempart.domain.coverage import Domain

CLAIM = Claim(
    number="F-0",
    use=Use.CLAIM,
    amc="99990001",
    care=date(2026, 11, 26),
    asked=10_00,
    cites=Disclosed(41),
    lines=(CareLine(Domain.PHAR, 30_00),),
)
