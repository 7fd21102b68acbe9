"""Formulas that the insurers of the synthetic country sell; a table of data.

A grid says, for each domain in which tiers payant applies, the mode printed on the card.
"""

from dataclasses import dataclass

from rempart.domain.coverage import Domain, Mode


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula: its code, what its card prints, its routing criterion (CSR), and the profile of
    its insurer's guarantees.
    """

    code: str
    domains: str
    csr: str
    profile: int


def _formula(code: str, csr: str, modes: str, profile: int = 0) -> Formula:
    """Read one mode per domain, in the order of the codes; ``-`` where there is none."""
    printed = {"T": Mode.TM, "F": Mode.FULL, "P": Mode.PEC, "S": Mode.SMUT}
    grid = zip(sorted(Domain), modes.replace(" ", ""), strict=True)
    cells = (f"{domain.name}={printed[mode].printed}" for domain, mode in grid if mode != "-")
    return Formula(code, " ".join(cells), csr, profile)


# In columns: PHAR LABO RADL AUXM SVIL, SAGE DENT DEPR OPTI AUDI, HOSP EXTE CENT TRAN LPPS.
SOLD = (
    _formula("ESSENTIEL", "", "TTTTT TT--- T----"),
    _formula("CONFORT", "", "TTTTT TTPPP PTTTT"),
    _formula("CONFORT+", "C2", "FTTTT TTPPP PTTFT", 1),
    _formula("SERENITE", "S1", "FFFFF FFPPP PFFFF", 2),
    _formula("MUTUALISTE", "SM", "STTTT TSPPP PTSTT"),
)
C2S = _formula("C2S", "C2S", "FFFFF FFPPP FFFFF")
