"""Cards on disk: images that read back, under names that tell nothing."""

import csv
import io
from datetime import date

import pytest
import zxingcpp
from PIL import Image

from rempart.adapters.documents.cards import write_cards
from rempart.adapters.documents.qr import qr_of
from rempart.usecases.issue_cards import IssuedCard


def a_card(number, code="RP1:ABC %*+-./:"):
    return IssuedCard(
        line=number,
        reference=f"REF-{number}",
        serial=2 << 16 | number,
        until=date(2026, 12, 31),
        code=code,
        printed_key="ABCDEFGH",
    )


def test_each_card_has_two_images_and_a_row(tmp_path):
    index = io.StringIO()
    assert write_cards([a_card(1), a_card(2)], tmp_path, index, images=True) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "0000001.png",
        "0000001.svg",
        "0000002.png",
        "0000002.svg",
    ]
    rows = list(csv.DictReader(io.StringIO(index.getvalue()), delimiter=";"))
    assert rows[1] == {
        "file": "0000002",
        "reference": "REF-2",
        "serial": "2.2",
        "until": "2026-12-31",
        "printed_key": "ABCD-EFGH",
        "code": "RP1:ABC %*+-./:",
    }
    with Image.open(tmp_path / "0000001.png") as image:
        (read,) = zxingcpp.read_barcodes(image.convert("L"))
    assert read.text == "RP1:ABC %*+-./:"
    assert "<svg" in (tmp_path / "0000001.svg").read_text()


def test_without_images_there_is_the_index_alone(tmp_path):
    index = io.StringIO()
    assert write_cards([a_card(1)], tmp_path, index, images=False) == 1
    assert list(tmp_path.iterdir()) == []
    assert write_cards([], tmp_path, io.StringIO(), images=True) == 0


@pytest.mark.parametrize("size", [4, 366])
def test_a_code_of_any_allowed_size_fits_version_11(size):
    assert qr_of("R" * size).version <= 11
    assert qr_of("R" * size).error == "M"


def test_one_character_more_does_not():
    with pytest.raises(AssertionError, match="version 11"):
        qr_of("R" * 367)
