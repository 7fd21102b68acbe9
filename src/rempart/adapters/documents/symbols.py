"""QR and DataMatrix symbols for sheets: their modules, drawn by ``zxing-cpp``.

``qr.py`` draws the QR files of single cards; this is what a million of them need. Five sixths of
the library's work on a QR is to try eight masks and keep the best: ``masks.py`` does that, and
makes the same choice.
"""

from dataclasses import dataclass
from functools import cache

import zxingcpp

from rempart.adapters.documents.masks import QUIET, best_mask

QR_LEVEL = "M"
QR_MODULES_MAX = 61
"""Version 11: what a card code fits."""
DATAMATRIX_QUIET = 1
"""Modules of white around what is drawn."""
# Dots of the picture (0 black, 255 white) as digits.
DIGITS = bytes(48 if dot else 49 for dot in range(256))


@dataclass(frozen=True, slots=True, repr=False)
class Symbol:
    """A symbol without quiet zone: a digit a module, 1 dark, row after row; how many each way."""

    modules: str
    wide: int
    high: int


def qr_symbol(code: str) -> Symbol:
    """The QR of a card code, of version 11 at most, level M."""
    dark, across, _ = _drawn(code, data_mask=0)
    wide = across - 2 * QUIET
    assert wide <= QR_MODULES_MAX, "a card code fits version 11"
    masked = dark ^ best_mask(dark, across, _masks(wide))
    return _bare(masked, across, across, QUIET)


def datamatrix_symbol(text: str) -> Symbol:
    """The DataMatrix (ECC 200) of an ASCII text."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix)
    return _bare(*_dark(made), DATAMATRIX_QUIET)


@cache
def _masks(wide: int) -> tuple[int, ...]:
    """What turns the modules of any QR so wide from mask 0 to each mask, with its format bits."""
    version = (wide - 17) // 4
    drawn = [_drawn("A", data_mask=mask, version=version)[0] for mask in range(8)]
    return tuple(drawn[0] ^ each for each in drawn)


def _drawn(code: str, **how: int) -> tuple[int, int, int]:
    made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level=QR_LEVEL, **how)
    return _dark(made)


def _dark(made: zxingcpp.Barcode) -> tuple[int, int, int]:
    """Modules with quiet zone, as the bits of one number, and how many across and down."""
    image = made.to_image(scale=1, add_quiet_zones=True)
    down, across = image.shape
    dots = bytes(memoryview(image))  # type: ignore[arg-type]
    return int(dots.translate(DIGITS), 2), across, down


def _bare(dark: int, across: int, down: int, quiet: int) -> Symbol:
    """A symbol of modules that have a quiet zone."""
    digits = f"{dark:0{across * down}b}"
    wide, high = across - 2 * quiet, down - 2 * quiet
    rows = range(quiet * across + quiet, (quiet + high) * across, across)
    return Symbol("".join([digits[at : at + wide] for at in rows]), wide, high)
