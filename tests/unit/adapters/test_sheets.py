"""Pages as a reader, a scanner and an archive take them."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date

import pikepdf
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rempart.adapters.documents.jpeg import DOTS, jpeg_of
from rempart.adapters.documents.symbols import QR_MODULES_MAX, datamatrix_symbol, qr_symbol
from rempart.domain.coverage import Domain, Mode
from rempart.domain.letterhead import Letterhead
from rempart.domain.printed_cells import NAME_GRAMMAR, NAME_SIZE_MAX
from rempart.domain.sheet import PEOPLE_MAX, Holder, Routing, datamatrix_text, sheets_of
from rempart.sealing.base45 import ALPHABET
from rempart.usecases.card_codes import CODE_SIZE_MAX, read_card
from tests.insurers import TODAY, AtInsurer, keys_of
from tests.sheets import named, press, sheets

A4 = (595.28, 841.89)
DOTS_PER_MM = 300 / 25.4


def pages_of(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def barcodes(png):
    with Image.open(io.BytesIO(png)) as image:
        return zxingcpp.read_barcodes(image.convert("L"))


def family(insurer):
    return sheets(
        insurer,
        named("A1", last="D’EXEMPLE-LONGUE", first="Zoé", number="00 123 A", csr="R66"),
        named("A2", number="00123A", csr="R66", rank="2", domains="PHAR=100 HOSP=SMUT"),
        named("A3", number="00123A", csr="R66", periods="2026-05-03/2026-12-31@2026-05-10"),
    )


def extreme(name, people=PEOPLE_MAX):
    """A page on which everything is as long as it may be."""
    grid = tuple((domain, list(Mode)[domain % 4]) for domain in Domain)
    holders = [
        Holder(
            name=name,
            born="31/02/1999",
            rank=9,
            reference="R",
            serial=1,
            first_day=date(2026, 1, 1 + n),
            grid=grid,
            code="RP1:" + "W" * (CODE_SIZE_MAX - 4),
            key="WWWWWWWW",
        )
        for n in range(people)
    ]
    routing = Routing(
        amc="99990001",
        convention="WW",
        csr="W" * 8,
        member_number="W" * 32,
        member_number_form="W" * 32,
        responsable=True,
        last_day=date(2026, 12, 31),
    )
    return sheets_of(routing, holders)


LENGTHY = Letterhead.from_toml(
    {
        "name": "Mutuelle générale des Personnels de l’Exemple et Assimilés",
        "contact": "01 00 00 00 00 (appel gratuit) · espace.exemple.test",
        "notes": ["Mutuelle soumise au livre II du code de la mutualité. " * 2] * 2,
        "modes": {mode.printed: "part que laisse l’assurance maladie obligatoire" for mode in Mode},
    }
)

# --- read by a scanner


@pytest.mark.parametrize("specimen", [False, True], ids=["real", "specimen"])
def test_every_code_is_read_from_the_page_and_verifies(specimen):
    insurer = AtInsurer()
    made = family(insurer)
    (page,) = press(specimen=specimen).pictures(made, pack=1)
    read = barcodes(page)
    codes = {each.text for each in read if each.format == zxingcpp.BarcodeFormat.QRCode}
    assert codes == {one.code for one in made[0].holders}
    assert len(codes) == 3
    for code in codes:
        assert read_card(code, keys=keys_of(insurer), on=TODAY).amc == insurer.amc
    (matrix,) = [each for each in read if each.format == zxingcpp.BarcodeFormat.DataMatrix]
    assert matrix.text == datamatrix_text(made[0])


def test_modules_are_half_a_millimetre_with_white_around_them():
    made = family(AtInsurer())
    (page,) = press(specimen=True).pictures(made, pack=1)
    image = Image.open(io.BytesIO(page)).convert("L")
    for found in barcodes(page):
        corner, other = found.position.top_left, found.position.bottom_right
        wide = other.x - corner.x + 1
        is_qr = found.format == zxingcpp.BarcodeFormat.QRCode
        symbol = qr_symbol(found.text) if is_qr else datamatrix_symbol(found.text)
        assert wide / symbol.wide / DOTS_PER_MM == pytest.approx(0.5, abs=0.02)
        quiet = round((4 if is_qr else 2) * 0.5 * DOTS_PER_MM) - 3
        left, top = round(corner.x), round(corner.y)
        beside = image.crop((left - quiet, top, left - 3, round(other.y)))
        above = image.crop((left, top - quiet, round(other.x), top - 3))
        assert beside.getextrema() == above.getextrema() == (255, 255)


def test_the_longest_code_is_read_from_a_page():
    made = extreme("W" * NAME_SIZE_MAX, people=1)
    (page,) = press(letterhead=LENGTHY).pictures(made, pack=1)
    assert made[0].holders[0].code in {each.text for each in barcodes(page)}


CODES = st.text(alphabet=ALPHABET, min_size=1, max_size=CODE_SIZE_MAX - 4).map("RP1:{}".format)


@settings(max_examples=30)
@given(CODES)
def test_a_symbol_is_read_back_and_fits_version_11(code):
    symbol = qr_symbol(code)
    assert symbol.wide == symbol.high <= QR_MODULES_MAX
    assert read_back(symbol) == code


@settings(max_examples=100)
@given(CODES)
def test_the_mask_is_the_one_that_zxing_chooses_when_asked_to(code):
    made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    drawn = bytes(memoryview(made.to_image(scale=1, add_quiet_zones=False)))
    assert qr_symbol(code).modules == "".join("0" if dot else "1" for dot in drawn)


@settings(max_examples=30)
@given(st.text(alphabet=[chr(n) for n in range(32, 127)], min_size=34, max_size=66))
def test_a_datamatrix_is_read_back(text):
    assert read_back(datamatrix_symbol(text)) == text


def read_back(symbol):
    """What a picture says, of which every block is even, and black or white."""
    with Image.open(io.BytesIO(jpeg_of(symbol))) as image:
        assert (image.format, image.mode) == ("JPEG", "L")
        assert image.size == (symbol.wide * DOTS, symbol.high * DOTS)
        small = image.resize((symbol.wide, symbol.high), Image.Resampling.NEAREST)
        assert small.tobytes() == bytes(255 * (each == "0") for each in symbol.modules)
        assert small.resize(image.size, Image.Resampling.NEAREST).tobytes() == image.tobytes()
        quiet = 4 * DOTS
        white = Image.new("L", (image.width + 2 * quiet, image.height + 2 * quiet), 255)
        white.paste(image, (quiet, quiet))
    # A reader that looks for every kind may see a line of some other by chance: ours is the matrix.
    formats = zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.QRCode
    (read,) = zxingcpp.read_barcodes(white, formats=formats)
    return read.text


def test_a_pdf_holds_pictures_as_they_were_made_and_not_to_be_smoothed(pdf):
    (sheet,) = family(AtInsurer())
    codes = [qr_symbol(one.code) for one in sheet.holders]
    made = {jpeg_of(each) for each in (datamatrix_symbol(datamatrix_text(sheet)), *codes)}
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        pictures = [
            each
            for each in opened.objects
            if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image"
        ]
        assert {each.read_raw_bytes() for each in pictures} == made
        assert not any(each.get("/Interpolate", False) for each in pictures)


# --- kept in an archive, read aloud


@pytest.fixture(scope="module")
def pdf():
    return press(specimen=True).pdf(family(AtInsurer()), pack=7)


def test_the_file_says_what_it_conforms_to_and_in_which_language(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        said = opened.open_metadata()
        assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("2", "A")
        assert said["pdfuaid:part"] == "1"
        root = opened.Root
        assert str(root.Lang).startswith("fr")
        assert bool(root.MarkInfo.Marked)
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert opened.docinfo.Title == "Cartes de tiers payant – 00007"
        (intent,) = root.OutputIntents
        assert intent.S == "/GTS_PDFA1"
        assert [float(side) for side in opened.pages[0].MediaBox[2:]] == pytest.approx(A4, abs=0.1)


def structure(node, found=None):
    """Every structure element, in reading order."""
    found = [] if found is None else found
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found.append(kid)
            structure(kid, found)
    return found


def test_pictures_have_words_and_the_grid_has_headings(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        elements = structure(opened.Root.StructTreeRoot)
        kinds = [str(element.S) for element in elements]
        figures = [str(e.Alt) for e in elements if e.S == "/Figure"]
        assert figures[0].startswith("DataMatrix")
        assert figures[1] == "Code signé de D’EXEMPLE-LONGUE Zoé"
        assert len(figures) == 4
        assert kinds.count("/Table") == 1
        # Beneficiary and the four domains that somebody has.
        assert kinds.count("/TH") == 5
        assert kinds.count("/TD") == 15
        headings = [kind for kind in kinds if re.fullmatch("/H[1-6]", kind)]
        assert headings == ["/H1", *["/H2"] * 3, *["/H3"] * 3, *["/H2"] * 2]


def test_every_font_is_in_the_file(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        things = [each for each in opened.objects if isinstance(each, pikepdf.Dictionary)]
        fonts = [each for each in things if each.get("/Type") == "/FontDescriptor"]
        assert {str(font.FontName)[8:] for font in fonts} == {
            f"AtkinsonHyperlegibleNext-{weight}" for weight in ("Regular", "SemiBold", "Bold")
        }
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def test_same_sheets_same_bytes_and_another_day_is_another_file(pdf):
    made = family(AtInsurer())
    assert press(specimen=True).pdf(made, pack=7) == pdf
    other = replace_day(press(specimen=True), date(2026, 11, 25))
    assert other.pdf(made, pack=7) != pdf


def replace_day(made, day):
    return replace(made, made_on=day)


# --- whatever people are called


def test_one_sheet_is_one_page_at_its_fullest():
    made = press(specimen=True, letterhead=LENGTHY)
    for name in ("W" * NAME_SIZE_MAX + " " + "W" * NAME_SIZE_MAX, ("WWWW-" * 8 + " ") * 2):
        crowded = extreme(name.strip(), people=2 * PEOPLE_MAX)
        assert pages_of(made.pdf(crowded, pack=1)) == len(crowded) == 2


def test_the_fullest_page_still_reads_down_to_its_number():
    """Its last line, the number, is inside the margin: nothing was pushed off the paper."""
    (page,) = press(letterhead=LENGTHY).pictures(extreme("W" * 40 + " " + "W" * 40), pack=1)
    image = Image.open(io.BytesIO(page)).convert("L")
    inked = image.point(lambda dot: 255 * (dot < 200)).getbbox()
    assert inked[3] < image.height - 11 * DOTS_PER_MM
    assert inked[0] > 11 * DOTS_PER_MM
    assert inked[2] < image.width - 11 * DOTS_PER_MM
    assert len(barcodes(page)) == 1 + PEOPLE_MAX


def test_every_letter_that_a_name_may_have_can_be_printed():
    letters = [chr(n) for n in range(0x250) if NAME_GRAMMAR.fullmatch("A" + chr(n))]
    assert len(letters) > 180
    size = 30
    names = ["A" + "".join(letters[at : at + size]) for at in range(0, len(letters), size)]
    (one,) = extreme("A", people=1)
    (holder,) = one.holders
    made = [replace(one, holders=(replace(holder, name=name),)) for name in names]
    # A letter without a glyph would not compile as PDF/A.
    assert pages_of(press().pdf(made, pack=1)) == len(names)


def test_a_name_is_text_and_never_markup():
    (one,) = extreme("A", people=1)
    (holder,) = one.holders
    hostile = '#read("/etc/passwd") $x$ *b* \\u{41} @ref <l> // /* ]'
    made = replace(one, holders=(replace(holder, name=hostile),))
    with pikepdf.open(io.BytesIO(press().pdf([made], pack=1))) as opened:
        alts = [str(e.Alt) for e in structure(opened.Root.StructTreeRoot) if e.S == "/Figure"]
    assert alts[1] == f"Code signé de {hostile}"


def test_memory_is_let_go_of():
    made = press()
    made.pdf(family(AtInsurer()), pack=1)
    made.forget()
    assert pages_of(made.pdf(family(AtInsurer()), pack=1)) == 1
