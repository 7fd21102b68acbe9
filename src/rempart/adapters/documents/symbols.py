"""QR and DataMatrix symbols as 1-bit PNG, without quiet zone: sheets add theirs.

A module is four dots wide: programs that smooth what they enlarge blur a quarter of it at most.
``qr.py`` draws the QR files of single cards; this is what a million of them need (zxing-cpp).
"""

import struct
import zlib
from dataclasses import dataclass

import zxingcpp

QR_LEVEL = "M"
QR_MODULES_MAX = 61
"""Version 11: what a card code fits."""
# Dots of the picture (0 black, 255 white) as digits, and rows of digits as bits.
DIGITS = bytes(49 if dot else 48 for dot in range(256))
DOTS = 4
UNFILTERED, AS_ABOVE = b"\0", b"\2"
"""How a row of a PNG begins; one like that above it is nothing but zeros."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY_1_BIT = struct.pack(">BBBBB", 1, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True, repr=False)
class Symbol:
    """A symbol: its picture, and how many modules it is wide and high."""

    png: bytes
    wide: int
    high: int


def qr_symbol(code: str) -> Symbol:
    """The QR of a card code, of version 11 at most, level M."""
    made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level=QR_LEVEL)
    symbol = _symbol(made)
    assert symbol.wide <= QR_MODULES_MAX, "a card code fits version 11"
    return symbol


def datamatrix_symbol(text: str) -> Symbol:
    """The DataMatrix (ECC 200) of an ASCII text."""
    return _symbol(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix))


def _symbol(made: zxingcpp.Barcode) -> Symbol:
    image = made.to_image(scale=1, add_quiet_zones=False)
    high, wide = image.shape
    dots = bytes(memoryview(image)).translate(DIGITS)  # type: ignore[arg-type]
    size, spare = (wide * DOTS + 7) // 8, -wide * DOTS % 8
    wider = dots.replace(b"0", b"0" * DOTS).replace(b"1", b"1" * DOTS)
    again = (AS_ABOVE + bytes(size)) * (DOTS - 1)
    rows = b"".join(
        UNFILTERED + (int(wider[at : at + wide * DOTS], 2) << spare).to_bytes(size, "big") + again
        for at in range(0, high * wide * DOTS, wide * DOTS)
    )
    head = struct.pack(">II", wide * DOTS, high * DOTS) + GREY_1_BIT
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return Symbol(SIGNATURE + b"".join(_chunk(*part) for part in parts), wide, high)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
