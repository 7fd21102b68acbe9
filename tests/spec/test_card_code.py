"""A card code proves what its insurer attested, to whoever holds the insurer's public key."""

import io
import itertools
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import segno
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from PIL import Image

from rempart.domain.card import CardClaims, to_payload
from rempart.domain.coverage import Domain, Mode
from rempart.domain.errors import CardRefused
from rempart.sealing import base45
from rempart.sealing.cose import CARD_PREFIX, kid_of, sign1
from rempart.usecases import card_codes, take_lists, verify_card
from rempart.usecases.card_codes import card_text, read_card

title = "Card codes"

SPECS = Path(__file__).parents[2] / "specs"
VERIFIER = Path(__file__).parents[2] / "src/rempart/serving/card-verifier"
VECTORS = json.loads((SPECS / "vectors/card.json").read_text(encoding="utf-8"))

ISSUER, OTHER_ISSUER = "99000001", "99000002"
KEY = ec.derive_private_key(7, ec.SECP256R1())
OTHER_KEY = ec.derive_private_key(8, ec.SECP256R1())
DAY = date(2026, 6, 1)
SECRET = bytes(range(16))
CLAIMS = CardClaims(
    amc=ISSUER,
    convention="SP",
    csr="",
    secret=SECRET,
    birth_year=1963,
    domains=((Domain.PHAR, Mode.TM), (Domain.OPTI, Mode.PEC)),
    responsable=True,
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    key_id=kid_of(KEY.public_key()),
)
FULLEST = replace(
    CLAIMS,
    csr="ROUTE 66",
    birth_year=2026,
    domains=tuple((domain, Mode.FULL) for domain in Domain),
    status_index=2**32 - 1,
    guarantees=b"\xff" * 32,
)
CODE = card_text(CLAIMS, KEY)


def trusting(**trusted):
    """Readers' keys: public keys by issuer, each under its own key id."""
    keys = {
        (issuer.removeprefix("amc"), kid_of(key.public_key())): key.public_key()
        for issuer, key in trusted.items()
    }
    return lambda amc, kid: keys.get((amc, kid))


TRUSTED = trusting(amc99000001=KEY, amc99000002=OTHER_KEY)


def refusal(code, *, keys=TRUSTED, on=DAY):
    """The message of the refusal, which never quotes the code."""
    with pytest.raises(CardRefused) as refused:
        read_card(code, keys=keys, on=on)
    assert code[len(CARD_PREFIX) : 40] not in str(refused.value) or len(code) < 20
    return str(refused.value)


# What it proves


@pytest.mark.parametrize("claims", [CLAIMS, FULLEST], ids=["usual", "fullest"])
def test_what_was_signed_is_what_is_read(claims):
    assert read_card(card_text(claims, KEY), keys=TRUSTED, on=DAY) == claims


def test_the_same_claims_are_the_same_code():
    assert card_text(CLAIMS, KEY) == CODE


def test_a_card_is_valid_on_its_first_and_last_day_and_not_beyond():
    for day in (CLAIMS.valid_from, CLAIMS.valid_to):
        assert read_card(CODE, keys=TRUSTED, on=day) == CLAIMS
    for day in (date(2025, 12, 31), date(2027, 1, 1)):
        assert refusal(CODE, on=day).startswith("dates:")


def test_without_a_day_the_dates_are_left_to_the_record():
    ended = card_text(replace(CLAIMS, valid_to=CLAIMS.valid_from), KEY)
    assert read_card(ended, keys=TRUSTED, on=None).secret == SECRET


def test_a_code_holds_nothing_that_names_a_person():
    """Every field of a card stands in this list; a new one must be argued here."""
    assert set(CardClaims.__dataclass_fields__) == {
        "amc", "convention", "csr", "secret", "birth_year", "domains", "responsable",
        "valid_from", "valid_to", "key_id", "status_index", "guarantees",
    }  # fmt: skip


# How it is printed


@pytest.mark.parametrize("claims", [CLAIMS, FULLEST], ids=["usual", "fullest"])
def test_a_card_fits_a_qr_of_version_11_and_is_read_back_from_it(claims):
    code = card_text(claims, KEY)
    qr = segno.make(code, error="m", boost_error=False, micro=False)
    assert int(qr.version) <= 11
    assert qr.mode == "alphanumeric"
    drawn = io.BytesIO()
    qr.save(drawn, kind="png", scale=4)
    (seen,) = zxingcpp.read_barcodes(Image.open(drawn))
    assert seen.text == code
    assert read_card(seen.text, keys=TRUSTED, on=DAY) == claims


def test_the_bound_on_codes_is_what_a_qr_of_version_11_holds():
    most = "A" * card_codes.CODE_SIZE_MAX
    assert segno.make(most, error="m", boost_error=False, micro=False).version == 11
    assert segno.make(most + "A", error="m", boost_error=False, micro=False).version == 12


# How it is attacked


def test_every_changed_bit_of_the_text_is_refused():
    for place in range(len(CODE)):
        for bit in range(7):
            changed = CODE[:place] + chr(ord(CODE[place]) ^ 1 << bit) + CODE[place + 1 :]
            refusal(changed, on=None)


def test_every_changed_bit_of_the_message_is_refused():
    message = base45.decode(CODE.removeprefix(CARD_PREFIX))
    for bit in range(8 * len(message)):
        changed = bytearray(message)
        changed[bit // 8] ^= 1 << bit % 8
        refusal(CARD_PREFIX + base45.encode(bytes(changed)), on=None)


def test_every_truncation_is_refused():
    for size in range(len(CODE)):
        refusal(CODE[:size], on=None)


@pytest.mark.parametrize("noise", ["0", " ", "\n", "00", "000", CODE])
def test_nothing_may_stand_beside_a_code(noise):
    assert refusal(CODE + noise).startswith("well-formed:")
    assert refusal(noise + CODE).startswith("well-formed:")


@pytest.mark.parametrize(
    "code",
    ["", "RP1:", "RP2" + CODE[3:], CODE.lower(), "é" * 100, "0" * 10**7, "RP1:" + "A" * 10**7],
)
def test_what_is_no_code_is_refused(code):
    assert refusal(code).startswith("well-formed:")


def test_a_text_too_long_for_a_card_is_not_even_decoded(monkeypatch):
    monkeypatch.setattr(card_codes.base45, "decode", lambda _text: pytest.fail("decoded"))
    assert refusal(CARD_PREFIX + "0" * 363).startswith("well-formed:")


def test_a_card_signed_by_another_key_is_refused():
    forged = card_text(replace(CLAIMS, key_id=kid_of(OTHER_KEY.public_key())), OTHER_KEY)
    assert refusal(forged).startswith("issuer:")


def test_a_card_signed_by_another_key_under_the_true_key_id_is_refused():
    message = sign1(to_payload(CLAIMS), OTHER_KEY, kid=CLAIMS.key_id)
    assert refusal(CARD_PREFIX + base45.encode(message)).startswith("authentic:")


def test_a_card_replayed_under_another_issuer_is_refused():
    message = base45.decode(CODE.removeprefix(CARD_PREFIX))
    moved = message.replace(ISSUER.encode(), OTHER_ISSUER.encode())
    replayed = CARD_PREFIX + base45.encode(moved)
    assert refusal(replayed).startswith("issuer:")
    # Not even where both insurers had registered one key: the signature covers the issuer.
    both = trusting(amc99000001=KEY, amc99000002=KEY)
    assert refusal(replayed, keys=both).startswith("authentic:")


def test_an_insurer_cannot_sign_for_another():
    claims = replace(CLAIMS, amc=OTHER_ISSUER)
    assert refusal(card_text(claims, KEY)).startswith("issuer:")


def test_a_revoked_key_proves_nothing():
    assert refusal(CODE, keys=lambda amc, kid: None).startswith("issuer:")


def test_claims_are_not_decoded_before_the_signature_holds(monkeypatch):
    def too_early(*_args, **_options):
        raise AssertionError("claims were decoded before they were authentic")

    monkeypatch.setattr(card_codes, "from_payload", too_early)
    message = bytearray(base45.decode(CODE.removeprefix(CARD_PREFIX)))
    message[-1] ^= 1
    assert refusal(CARD_PREFIX + base45.encode(bytes(message))).startswith("authentic:")
    with pytest.raises(AssertionError, match="decoded before"):
        read_card(CODE, keys=TRUSTED, on=DAY)


def test_what_an_insurer_signs_that_is_no_card_is_refused():
    message = sign1(to_payload(CLAIMS)[:11] + bytes(40), KEY, kid=CLAIMS.key_id)
    assert refusal(CARD_PREFIX + base45.encode(message)).startswith("claims:")


def test_a_card_names_the_key_that_signs_it():
    with pytest.raises(AssertionError):
        card_text(CLAIMS, OTHER_KEY)


# What the specification publishes

VECTOR_KEY = load_der_public_key(bytes.fromhex(VECTORS["key"]["public"]))
VECTOR_PRIVATE = ec.derive_private_key(int(VECTORS["key"]["private"], 16), ec.SECP256R1())


def vector_keys(amc, kid):
    expected = VECTORS["key"]["issuer"], bytes.fromhex(VECTORS["key"]["key_id"])
    return VECTOR_KEY if (amc, kid) == expected else None


@pytest.mark.parametrize("vector", VECTORS["cards"], ids=lambda vector: vector["name"])
def test_the_published_codes_hold(vector):
    guarantees = vector["guarantees"]
    claims = CardClaims(
        amc=vector["amc"],
        convention=vector["convention"],
        csr=vector["csr"],
        secret=bytes.fromhex(vector["secret"]),
        birth_year=vector["birth_year"],
        domains=tuple(
            (Domain[code], Mode.from_printed(mode)) for code, mode in vector["domains"].items()
        ),
        responsable=vector["responsable"],
        valid_from=date.fromisoformat(vector["valid_from"]),
        valid_to=date.fromisoformat(vector["valid_to"]),
        key_id=kid_of(VECTOR_KEY),
        status_index=vector["status_index"],
        guarantees=None if guarantees is None else bytes.fromhex(guarantees),
    )
    assert to_payload(claims).hex() == vector["payload"]
    assert base45.decode(vector["code"].removeprefix(CARD_PREFIX)).hex() == vector["cose"]
    assert card_text(claims, VECTOR_PRIVATE) == vector["code"]
    assert read_card(vector["code"], keys=vector_keys, on=claims.valid_to) == claims


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_the_published_refusals_hold_at_their_step(vector):
    message = refusal(vector["code"], keys=vector_keys, on=date.fromisoformat(vector["on"]))
    assert message.split(":")[0] == vector["step"]


def test_the_specification_and_the_code_have_the_same_steps():
    page = (SPECS / "card.md").read_text(encoding="utf-8")
    steps = re.findall(r"^\d\. \*\*([a-z-]+)\*\*", page, re.MULTILINE)
    said = re.findall(r"^\((\d)\) ([a-z ]+):", card_codes.__doc__ or "", re.MULTILINE)
    assert [step.replace("-", " ") for step in steps[:5]] == [name for _, name in said]
    assert {vector["step"] for vector in VECTORS["refused"]} == set(steps[:5])
    offline = re.findall(r"\(([1-7])\) ([a-z ]+)", " ".join((verify_card.__doc__ or "").split()))
    assert [step.replace("-", " ") for step in steps] == list(dict(offline).values())


def test_the_javascript_has_the_same_steps_under_the_same_numbers():
    page = (SPECS / "card.md").read_text(encoding="utf-8")
    steps = dict(re.findall(r"^(\d)\. \*\*([a-z-]+)\*\*", page, re.MULTILINE))
    reading, verifying = ((VERIFIER / name).read_text("utf-8") for name in ("card.js", "verify.js"))
    for module, numbers in ((reading, "12345"), (verifying, "1234567")):
        told = re.findall(r"\(([1-9])\) ([a-z ]+)", heading(module))
        assert told == [(each, steps[each].replace("-", " ")) for each in numbers]
    numbered = r"// \((\d)\)\n[^\n]*(?:Refused\(|step: )\"([a-z-]+)\""
    refused = dict(re.findall(numbered, reading + verifying))
    assert refused == {"0": "clock"} | {number: steps[number] for number in "2356"}
    assert re.findall(r" // \((\d)\)$", reading, re.MULTILINE) == list("12345")
    assert re.findall(r" // \((\d)\)$", verifying, re.MULTILINE) == list("067")


def test_lists_are_taken_in_by_the_same_steps_everywhere():
    page = (SPECS / "card-lists.md").read_text(encoding="utf-8")
    steps = re.findall(r"^(\d)\. \*\*([a-z ]+)\*\*", page, re.MULTILINE)
    assert [number for number, _ in steps] == list("1234")
    said = heading((VERIFIER / "lists.js").read_text("utf-8"))
    for text in (said, " ".join((take_lists.__doc__ or "").split())):
        assert re.findall(r"\((\d)\) (signed|well formed|newer|not of the future)\b", text) == steps


def heading(module):
    """The comment at the head of a module in JavaScript, as one line."""
    lines = itertools.takewhile(lambda line: line.startswith("//"), module.splitlines())
    return " ".join(line.removeprefix("//").strip() for line in lines)


def test_the_specification_lists_every_domain_and_mode():
    page = " ".join((SPECS / "card.md").read_text(encoding="utf-8").split())
    for domain in Domain:
        assert f"{domain.value} {domain.name}" in page
    for mode in Mode:
        printed = "printed 100" if mode is Mode.FULL else mode.name
        assert f"{mode.value} {printed}" in page
