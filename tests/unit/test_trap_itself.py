"""The trap, tried: it finds each kind of thing in each form, and nothing where there is nothing."""

import base64
import os
from datetime import date
from random import Random
from urllib.parse import quote

import pytest

from rempart.domain.identifiers import MemberNumberRule
from tests.trap import COMMON, Trap, as_json, dates_of, names_of, numbers_of

title = "The trap, tried"

TODAY = date(2026, 11, 24)
SECRET = bytes(range(7, 23))
CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$%*+-./: "
CODE = "RP1:" + "".join(Random(7).choices(CHARACTERS, k=260))
RULES = {
    "0012345678": MemberNumberRule(strip_leading_zeros=True, keep_letters=False),
    "MF 012 345 678": MemberNumberRule(),
    "01234567/K": MemberNumberRule(),
}
TRAP = Trap(
    nirs=frozenset({"2630275116000", "1920599350000", "263022A116000"}),
    names=frozenset(
        name
        for last, first in (("Lefèvre", "Zoé"), ("Le Goff", "Jean-Baptiste"), ("D'Angelo", "Léa"))
        for name in names_of(last, first)
    ),
    dates=frozenset(d for born in ("1963-02-31", "12/05/1992") for d in dates_of(born, TODAY)),
    numbers=frozenset(n for printed, rule in RULES.items() for n in numbers_of(printed, rule)),
    keys=frozenset({"7K3M9QXT"}),
    codes=frozenset({CODE}),
    secrets=frozenset({SECRET}),
)

NIRS = [
    *("263027511600045", "2630275116000", "2 63 02 75 116 000 45"),
    *("1-92-05-99-350-000", "263022a116000"),
]
NAMES = [
    *("Lefèvre Zoé", "Zoé Lefèvre", "LEFEVRE;ZOE", "lefevre.zoe", "LefevreZoe"),
    *("Le Goff, Jean-Baptiste", "jean-baptiste_le_goff", "D'ANGELO Léa"),
    "Lefe\u0300vre Zoe\u0301",
]
DATES = [
    *("1963-02-31", "31/02/1963", "19630231", "31021963", "1963/02/31", "31.02.1963"),
    *("1992-05-12T00:00:00", "12 05 1992", "born=19920512;"),
]
NUMBERS = [
    *("0012345678", "12345678", "MF 012 345 678", "MF012345678", "mf-012-345-678"),
    *("01234567/K", "01234567K"),
]
KEYS = ["7K3M9QXT", "7k3m-9qxt", "7K3M 9QXT", "key=7K3M9QXT;"]


def around(text: str) -> list[bytes]:
    """A value where values leak: in a line, a path, an address, a traceback, a dump."""
    return [
        text.encode(),
        f"2026-11-24 [error] failed value={text!r} at=rempart.vault:12".encode(),
        as_json({"event": "request", "said": text, "status": 422}),
        f"GET /fhir/Patient?x={quote(text)} HTTP/1.1".encode(),
        f"/home/cards/{text}.png".encode(),
        b"\x00\xff\xfe" + text.encode() + b"\x00\x80",
        f"ValueError: invalid literal for int() with base 10: '{text}'".encode(),
        f"({text})".encode(),
    ]


@pytest.mark.parametrize(
    ("kind", "text"),
    [("nir", text) for text in NIRS]
    + [("name", text) for text in NAMES]
    + [("date or number", text) for text in DATES + NUMBERS]
    + [("key", text) for text in KEYS],
)
def test_each_thing_is_found_in_each_form_wherever_it_stands(kind, text):
    for data in around(text):
        assert kind in TRAP.found_in(data), data


@pytest.mark.parametrize("at", range(COMMON, len(CODE) - 40, 7))
def test_a_piece_of_a_code_is_enough(at):
    piece = CODE[at : at + 32]
    for data in (piece.encode(), quote(piece).encode(), as_json({"value": piece})):
        assert "code" in TRAP.found_in(data)


@pytest.mark.parametrize("before", range(4))
def test_a_secret_is_found_raw_and_in_every_dress(before):
    data = os.urandom(before) + SECRET + os.urandom(5)
    for dressed in (
        data,
        data.hex().encode(),
        data.hex().upper().encode(),
        base64.b64encode(data),
        base64.urlsafe_b64encode(data),
        "".join(f"\\x{byte:02x}" for byte in SECRET).encode(),
    ):
        assert TRAP.found_in(dressed) & {"secret", "secret in hexadecimal"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b'{"method":"POST","route":"/token","status":200,"ms":17.08,"timestamp":"2026-11-24"}',
        b"99990001 8443 epoch=1 size=12345679 1795424400000000 D41",
        "Martin, Zoé Dupont et Lefèvre".encode(),
        b"119630231 0196302310 91963-02-311 112345678",
        b"7K3M9QXU 2630275116001 3630275116000",
        bytes(SECRET[:-1]) + b"\0",
        CODE[:COMMON].encode(),
    ],
)
def test_nothing_is_found_where_there_is_nothing(data):
    assert TRAP.found_in(data) == set()


def test_chance_is_not_a_person():
    assert TRAP.found_in(os.urandom(400_000)) == set()


def test_the_trap_itself_tells_nothing():
    assert repr(TRAP) == str(TRAP) == "Trap(…)"
    assert list(dates_of("2026-11-24", TODAY)) == []
