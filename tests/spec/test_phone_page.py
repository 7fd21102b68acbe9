"""The phone page's own modules, in Node: codes that the vault reads, squares that scanners read."""

import io
import json
from datetime import date
from pathlib import Path

import pytest
import segno
import zxingcpp
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from PIL import Image

from rempart.domain.errors import CardRefused, MalformedIdentifier
from rempart.domain.invitation import InvitationCode
from rempart.sealing.fresh import HISTORY, RIGHTS
from rempart.serving.phone_page import phone_shell, write_phone_page
from rempart.tlog.note import NoteKey, NoteVerifier
from rempart.usecases.fresh_codes import read_fresh
from rempart.usecases.p256_keys import point_of
from rempart.usecases.seal_presence import note_text
from tests.node import PHONE as PROGRAM
from tests.node import running_node
from tests.unit.sealing.test_fresh import (
    CARD,
    INSURER,
    NOW,
    PHONE,
    SECOND,
    SIGNED,
    VAULT,
    keys,
    presence,
)

title = "The phone page's modules"

SEALED = json.loads(
    (Path(__file__).parents[2] / "specs/vectors/sealed-presence.json").read_text(encoding="utf-8")
)
NOTE = SEALED["note"]
AIMS = {RIGHTS: "rights", HISTORY: "history"}
VERIFIER = NoteVerifier.parse(NOTE["verifier"])
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    write_phone_page(folder, VERIFIER)
    (folder / "package.json").write_text('{"type": "module"}')
    with running_node(of=PROGRAM, arguments=(str(folder),)) as running:
        yield running


def told(node, ask, **what):
    answer = node.ask(ask, **what)
    assert "told" in answer, answer
    return answer["told"]


def fresh(node, **changes):
    pkcs8 = PHONE.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    given = {
        "pkcs8": pkcs8.hex(),
        "phoneCard": SIGNED.hex(),
        "vault": VAULT["public"].hex(),
        "made": SECOND,
    }
    return told(node, "fresh", **given | changes)


def test_what_the_page_makes_the_vault_reads(node):
    """Thirty of them: half of all signatures come with the high s, which is not taken."""
    codes = [fresh(node, made=SECOND + number) for number in range(30)]
    for number, code in enumerate(codes):
        shown = read_fresh(code, presence=presence, keys=keys, today=NOW.date())
        assert (shown.card, shown.made) == (CARD, SECOND + number)
    assert len(set(codes)) == 30


@pytest.mark.parametrize(("aim", "other"), [(RIGHTS, HISTORY), (HISTORY, RIGHTS)])
def test_what_the_page_makes_for_one_aim_the_vault_reads_for_it_alone(node, aim, other):
    code = fresh(node, aim=AIMS[aim])
    shown = read_fresh(code, presence=presence, keys=keys, today=NOW.date(), aim=aim)
    assert (shown.card, shown.made) == (CARD, SECOND)
    for text in (code, other.prefix + code.removeprefix(aim.prefix)):
        with pytest.raises(CardRefused):
            read_fresh(text, presence=presence, keys=keys, today=NOW.date(), aim=other)


def test_what_the_page_makes_for_another_vault_this_one_does_not_read(node):
    other = "07" * 31 + "06"
    with pytest.raises(CardRefused, match="sealed"):
        read_fresh(fresh(node, vault=other), presence=presence, keys=keys, today=NOW.date())


def test_a_key_of_small_order_is_sealed_to_by_no_page(node):
    pkcs8 = PHONE.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()).hex()
    refused = node.ask("fresh", pkcs8=pkcs8, phoneCard=SIGNED.hex(), vault="00" * 32, made=SECOND)
    assert "refused" in refused


def test_the_page_reads_its_own_phone_cards_days_and_no_others(node):
    own = point_of(PHONE.public_key()).hex()
    days = told(node, "days", phoneCard=SIGNED.hex(), point=own)
    assert date.fromtimestamp(days["from"]) == CARD.valid_from  # noqa: DTZ012 - whole days
    assert days["before"] % 86_400 == 0
    other = point_of(INSURER.public_key()).hex()
    assert told(node, "days", phoneCard=SIGNED.hex(), point=other) is None
    assert told(node, "days", phoneCard=SIGNED.hex()[:-2], point=own) is None


# Whom the page believes


def test_the_page_believes_the_vault_that_it_was_made_for(node):
    said = told(node, "note", note=NOTE["note"], verifier=NOTE["verifier"])
    assert said["vault"] == NOTE["public"]
    assert said["until"] == 1_795_608_000


def test_and_no_other_and_nothing_else_that_it_signed(node):
    name = VERIFIER.name
    stranger = NoteKey(name, b"s" * 32)
    own = NoteKey(name, b"o" * 32)
    until = 1_795_608_000_000_000
    good = own.sign(note_text(name, b"k" * 32, until=until))
    assert told(node, "note", note=good, verifier=own.vkey)["until"] == until // 1_000_000
    refused = [
        stranger.sign(note_text(name, b"k" * 32, until=until)),
        good.replace("2026", "2027", 1),
        own.sign(note_text("other.example", b"k" * 32, until=until)),
        own.sign(note_text(name, b"k" * 31, until=until)),
        own.sign(note_text(name, b"k" * 32, until=until) + "more\n"),
        own.sign(f"{name}\n12\nroot\n"),
        own.sign(note_text(name, b"k" * 32, until=until).replace("Z\n", "\n")),
        NOTE["note"],
        "",
        "\n\n",
        good[: good.index("\n\n")],
    ]
    for note in refused:
        assert told(node, "note", note=note, verifier=own.vkey) is None
    assert "refused" in node.ask("note", note=good, verifier=own.vkey[:-4] + "AAA=")


@pytest.mark.parametrize(
    "text",
    [
        *("7K3M-9QXT-0000-ABCD", "7k3m 9qxt oooo abcd", "iI1l-9QXT-0000-ABCD", "7K3M-9QXT", ""),
        *(
            "U" * 16,
            "RP1:7K3M9QXT0000",
            "7K3M-9QXT-0000-ABCDE",
            "7K3M\u20139QXT\u20130000\u2013ABCD",
        ),
    ],
)
def test_an_enrolment_code_is_read_as_the_insurer_reads_it(node, text):
    try:
        expected = InvitationCode.parse(text).value
    except MalformedIdentifier:
        expected = ""
    assert told(node, "code", text=text) == expected


# Squares


def rows_of(code: segno.QRCode) -> list[str]:
    return ["".join(map(str, map(int, row))) for row in code.matrix]


@pytest.mark.parametrize("version", range(1, 21))
def test_every_version_level_and_mask_is_what_another_encoder_draws(node, version):
    size = 5 * version % 45 + 7
    # Where the bits of a text end a byte, that encoder pads with a byte of zeros that no one needs.
    size += (8 + (9 if version < 10 else 11) + 11 * (size // 2) + 6 * (size % 2)) % 8 == 0
    text = (ALPHABET + ALPHABET)[:size]
    for level in "LM":
        for mask in range(8):
            ours = told(node, "qr", text=text, level=level, version=version, mask=mask)
            theirs = segno.make(
                text,
                error=level,
                version=version,
                mask=mask,
                boost_error=False,
                mode="alphanumeric",
            )
            assert ours == rows_of(theirs), (level, mask)


@pytest.mark.parametrize("version", range(1, 21))
@pytest.mark.parametrize("level", ["L", "M"])
def test_each_version_is_read_when_it_is_full_and_the_next_one_taken_then(node, version, level):
    room = full(version, level)
    text = (ALPHABET * 30)[: room - 2].strip() + "A1"
    text = text.ljust(room, "Z")
    rows = told(node, "qr", text=text, level=level)
    assert len(rows) == 17 + 4 * version
    assert read(rows) == text
    longer = node.ask("qr", text=text + "Z", level=level)
    if version < 20:
        assert len(longer["told"]) == 21 + 4 * version
        assert read(longer["told"]) == text + "Z"
    else:
        assert longer == {"refused": "RangeError"}


def full(version: int, level: str) -> int:
    """Characters that a version holds, as another encoder has it."""
    low, high = 1, 1300
    while low < high:
        middle = (low + high + 1) // 2
        try:
            segno.make("A" * middle, error=level, version=version, boost_error=False)
            low = middle
        except segno.DataOverflowError:
            high = middle - 1
    return low


def read(rows: list[str]) -> str:
    """What a reader that is none of ours sees."""
    size, scale, quiet = len(rows), 4, 4
    image = Image.new("L", (size + 2 * quiet,) * 2, 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark == "1":
                image.putpixel((x + quiet, y + quiet), 0)
    drawn = io.BytesIO()
    image.resize((image.width * scale,) * 2, Image.Resampling.NEAREST).save(drawn, "png")
    (found,) = zxingcpp.read_barcodes(Image.open(drawn))
    return found.text


def test_a_fresh_code_takes_version_12(node):
    code = fresh(node)
    rows = told(node, "qr", text=code, level="L")
    assert len(rows) == 17 + 4 * 12
    assert read(rows) == code


@pytest.mark.parametrize("text", ["é", "a", "RF1:x"])
def test_other_characters_are_refused(node, text):
    assert node.ask("qr", text=text) == {"refused": "RangeError"}


# The files


def test_the_page_is_whole_and_asks_no_third_party():
    files = phone_shell(VERIFIER)
    assert VERIFIER.vkey.encode() in files["index.html"]
    worker = files["sw.js"].decode()
    for name in files.keys() - {"sw.js"}:
        assert f'"{name}"' in worker
    assert "{{" not in worker
    assert "rempart-phone-" in worker
    assert "rempart-verify" not in worker
    for name, data in files.items():
        text = data.decode()
        addresses = {each for each in text.split('"') if each.startswith(("http:", "https:"))}
        assert addresses <= {"http://www.w3.org/2000/svg"}, name


def test_another_vault_is_another_version_of_the_page():
    other = NoteKey(VERIFIER.name, b"o" * 32).verifier
    assert phone_shell(VERIFIER)["sw.js"] != phone_shell(other)["sw.js"]


def test_the_page_may_ask_the_platform_that_it_was_made_for_and_no_other():
    page = phone_shell(VERIFIER, "https://portal.example:8443")["index.html"].decode()
    assert 'name="platform" content="https://portal.example:8443"' in page
    assert "connect-src &#39;self&#39; https://portal.example:8443;" in page
    plain = phone_shell(VERIFIER)["index.html"].decode()
    assert "connect-src &#39;self&#39;;" in plain
    assert 'name="platform" content=""' in plain


@pytest.mark.parametrize(
    "platform",
    [
        *("http://portal.example", "https://portal.example/", "https://portal.example/history"),
        *("https://portal.example; script-src *", "https://a https://b", "javascript:1", "*"),
        *("https://portal.example\n", "https://user@portal.example", 'https://"', "https://"),
    ],
)
def test_what_is_no_origin_enters_no_policy(platform):
    """Attack: the address becomes a part of what a browser lets the page do."""
    with pytest.raises(MalformedIdentifier, match="platform"):
        phone_shell(VERIFIER, platform)
