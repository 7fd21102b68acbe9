"""Cards on disk: numbered images, and one index that joins them to the insurer's references.

A file name says nothing of anybody. The index does, and is closed to others.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from rempart.adapters.documents.qr import write_qr
from rempart.usecases.issue_cards import IssuedCard

INDEX_COLUMNS = ("file", "reference", "serial", "until", "printed_key", "code")


def write_cards(cards: Iterable[IssuedCard], folder: Path, index: TextIO, *, images: bool) -> int:
    """One row a card in ``index`` and, if asked, its QR as PNG and SVG; how many cards."""
    writer = csv.writer(index, delimiter=";", lineterminator="\n")
    writer.writerow(INDEX_COLUMNS)
    number = 0
    for number, card in enumerate(cards, start=1):
        name = f"{number:07d}"
        if images:
            write_qr(card.code, folder, name)
        serial = f"{card.serial >> 16}.{card.serial & 0xFFFF}"
        writer.writerow(
            (
                name,
                card.reference,
                serial,
                card.until.isoformat(),
                f"{card.printed_key[:4]}-{card.printed_key[4:]}",
                card.code,
            )
        )
    return number
