"""Which of the eight masks of a QR is best: the penalties of ISO/IEC 18004, 7.8.3.

A symbol is one number, a bit a module, rows after one another, four modules of white all around:
so a shift by one is the module beside, a shift by a row is the one above, and one operation looks
at a whole symbol. A bit is set where something begins that is to be counted.
"""

from collections.abc import Sequence
from functools import cache

QUIET = 4
RUN, BLOCK, FINDER, BALANCE = 2, 3, 40, 10
"""Points: for a run of five (and one for each module of it from the fifth), a square of four, what
looks like a finder pattern, and each twentieth that the dark ones are off the half."""


def best_mask(dark: int, across: int, masks: Sequence[int]) -> int:
    """The one of ``masks`` with the fewest points, the first of several."""
    return min(masks, key=lambda mask: penalty(dark ^ mask, across))


def penalty(dark: int, across: int) -> int:
    """The points of a symbol that is ``across`` wide, white around it counted in."""
    area, squares = _area(across), _squares(across)
    light = area ^ dark
    points = 0
    for step in (1, across):
        points += _runs(dark, step) + _runs(light, step) + _finders(dark, step)
    beside, above = dark ^ dark >> 1, dark ^ dark >> across
    differs = beside | beside >> across | above
    points += BLOCK * (squares & ~differs).bit_count()
    modules = area.bit_count()
    return points + BALANCE * (abs(20 * dark.bit_count() - 10 * modules) // modules)


def _runs(side: int, step: int) -> int:
    """Modules of one colour in a row, five and more."""
    two = side & side >> step
    five = two & two >> 2 * step & side >> 4 * step
    return five.bit_count() + RUN * (five & ~(five >> step)).bit_count()


def _finders(dark: int, step: int) -> int:
    """1011101 with four white modules on either side of it."""
    ones = dark & dark >> 2 * step & dark >> 3 * step & dark >> 4 * step & dark >> 6 * step
    found = ones & ~(dark >> step | dark >> 5 * step)
    two = dark | dark >> step
    four = two | two >> 2 * step
    return FINDER * (found & ~(four << 4 * step & four >> 7 * step)).bit_count()


@cache
def _area(across: int) -> int:
    """The symbol without the white around it."""
    wide = across - 2 * QUIET
    row = (1 << wide) - 1 << QUIET
    return sum(row << across * at for at in range(QUIET, QUIET + wide))


@cache
def _squares(across: int) -> int:
    """Where a square of four may begin."""
    area = _area(across)
    return area & area >> 1 & area >> across
