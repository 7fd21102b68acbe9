"""Card codes as QR images. The text uses the alphabet that a QR packs best; level M, no logo."""

from pathlib import Path

import segno

LEVEL = "m"
VERSION_MAX = 11
QUIET_ZONE = 4
"""Modules; ISO/IEC 18004 asks for four."""
PIXELS = 6
"""A module is printed at 0.5 mm at 300 dots an inch."""


def qr_of(code: str) -> segno.QRCode:
    """The QR of a card code, of version 11 at most."""
    made = segno.make_qr(code, error=LEVEL, boost_error=False)
    assert isinstance(made.version, int)
    assert made.version <= VERSION_MAX, "a card code fits version 11"
    return made


def write_qr(code: str, folder: Path, name: str) -> None:
    """``NAME.png`` and ``NAME.svg`` in ``folder``."""
    made = qr_of(code)
    made.save(str(folder / f"{name}.png"), scale=PIXELS, border=QUIET_ZONE)
    made.save(str(folder / f"{name}.svg"), scale=1, border=QUIET_ZONE, xmldecl=False)
