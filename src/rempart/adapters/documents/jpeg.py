"""A symbol as a JPEG whose blocks are its modules: eight dots each way, black or white, exactly.

A block of JPEG that has nothing but its mean is one even square. So what a symbol takes is one code
of Huffman's for each module: as the one before, darker, or lighter. A PDF holds such a file as it
comes, where a PNG is unpacked, and packed again by a slower way (ITU T.81; levels 0 and 255).
"""

import struct
from functools import cache
from itertools import pairwise

from rempart.adapters.documents.symbols import Symbol

DOTS = 8
AT_ONCE = 10
"""Modules that are coded together."""
# The mean of a block is ±5 times 205, eight times what lies between grey and black or white.
STEP = 205
# Codes: how much changes takes 0, 3 or 4 bits to say ("0", "110", "10"), those bits, end of block.
SAME, DARKER, LIGHTER = "0" + "0", "10" + "0101" + "0", "10" + "1010" + "0"
BEGINS = {"1": "110" + "010" + "0", "0": "110" + "101" + "0"}
BEGIN, END = b"\xff\xd8", b"\xff\xd9"


def jpeg_of(symbol: Symbol) -> bytes:
    """The picture of a symbol, grey, one component."""
    modules = symbol.modules
    parts = [modules[at : at + AT_ONCE + 1] for at in range(0, len(modules) - 1, AT_ONCE)]
    bits = BEGINS[modules[0]] + "".join(map(_coded, parts))
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    return _head(symbol.wide, symbol.high) + scan + END


@cache
def _coded(modules: str) -> str:
    """The bits of some modules; the first of them is the one before."""
    return "".join(
        SAME if before == module else DARKER if module == "1" else LIGHTER
        for before, module in pairwise(modules)
    )


@cache
def _head(wide: int, high: int) -> bytes:
    """All that stands before the modules."""
    quantisation = bytes([0, STEP, *[1] * 63])
    frame = struct.pack(">BHHB3B", 8, high * DOTS, wide * DOTS, 1, 1, 0x11, 0)
    means = bytes([0x00, 1, 1, 1, *[0] * 13, 0, 4, 3])
    rest = bytes([0x10, 1, *[0] * 15, 0])
    parts = (
        (0xDB, quantisation),
        (0xC0, frame),
        (0xC4, means + rest),
        (0xDA, bytes([1, 1, 0, 0, 63, 0])),
    )
    return BEGIN + b"".join(
        struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data for kind, data in parts
    )
