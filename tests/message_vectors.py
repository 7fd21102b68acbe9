"""The published messages of devices: what they say, or the step at which each is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import cbor2

from rempart.domain.quote import Line
from rempart.domain.undertaking import Undertaking, to_payload
from rempart.sealing.cose import kid_of
from rempart.usecases.undertake import KIND
from tests.chains import (
    CARDS,
    CARE_LINE,
    FREE,
    HUGE,
    LIST,
    NOON,
    OTHER_SHOP,
    SHOP,
    Shop,
    high,
    signed,
)
from tests.confused_vectors import steps

NAMED = kid_of(SHOP.public_key())


def first_of(shop: Shop) -> tuple[Undertaking, bytes]:
    """A shop's honest first one: what it says, and its message."""
    return (made := shop.made()), signed(made, shop.key)


def respelt(made: Undertaking) -> bytes:
    """Its claims, the care day with a head that is longer than it need be."""
    return to_payload(made).replace(
        b"\x04\x19" + made.care.to_bytes(2, "big"), b"\x04\x1a" + made.care.to_bytes(4, "big")
    )


def read() -> Iterator[Any]:
    """Messages that are one, with what they say."""
    shop, point = Shop(), Shop().point.hex()
    made, _ = first_of(shop)
    last = shop.sell().made(CARDS["another"], (*CARE_LINE, *FREE), at=NOON + 60)
    far = shop.made(lines=HUGE, amc=1)
    wide = shop.made(lines=(Line(item="\U0001f453" * 32, price=1),), amc=1)
    for name, whole in (
        ("the first", made),
        ("the next", last),
        ("an amount of no sale", far),
        ("an item of 32 characters", wide),
    ):
        yield {"name": name, "point": point, "message": signed(whole).hex(), "made": said(whole)}


def refused() -> Iterator[Any]:
    """Messages that are none, with the step that fails."""
    shop = Shop()
    made, message = first_of(shop)
    claims = cbor2.loads(to_payload(made))

    def otherwise(**change: Any) -> bytes:
        sale = {**claims[-65540], **{int(key[1:]): value for key, value in change.items()}}
        return signed(cbor2.dumps({**claims, -65540: sale}, canonical=True))

    for name, step, bad in (
        ("empty", "well-formed", b""),
        ("something after the end", "well-formed", message + b"\0"),
        ("of another kind", "well-formed", message.replace(b"undertaking+cwt", b"undertaking+cbo")),
        ("another device's", "device", signed(made, OTHER_SHOP)),
        ("another device's, in this one's name", "authentic", signed(made, OTHER_SHOP, NAMED)),
        ("altered", "authentic", message.replace(made.card, bytes(32))),
        ("s in its high half", "authentic", high(message)),
        ("a head longer than it need be", "claims", signed(respelt(made))),
        ("keys in another order", "claims", signed(cbor2.dumps(dict(reversed(claims.items()))))),
        ("a key too many", "claims", signed(cbor2.dumps({**claims, 7: 0}, canonical=True))),
        ("no insurer", "claims", signed(cbor2.dumps({**claims, 3: "9900000"}, canonical=True))),
        ("a moment that is none", "claims", signed(cbor2.dumps({**claims, 6: 0}, canonical=True))),
        ("number 0", "claims", otherwise(_1=0)),
        ("zeros before the second", "claims", otherwise(_1=2)),
        ("a digest too short", "claims", otherwise(_3=bytes(31))),
        ("a day too far", "claims", otherwise(_4=1 << 16)),
        ("no line", "claims", otherwise(_5=[])),
        ("too many lines", "claims", otherwise(_5=claims[-65540][5] * 7)),
        ("a line of an unknown domain", "claims", otherwise(_5=[[16, 100, 100, None]])),
        ("a line without an item", "claims", otherwise(_5=[["", 100, None, None]])),
        ("an item too long", "claims", otherwise(_5=[["é" * 33, 100, None, None]])),
        ("an item with a base", "claims", otherwise(_5=[["optics-frame-a", 100, 100, None]])),
        ("care without a base", "claims", otherwise(_5=[[5, 100, None, None]])),
        ("a price that is no integer", "claims", otherwise(_5=[["a", True, None, None]])),
        ("nothing owed", "claims", otherwise(_6=0)),
        ("more owed than may be", "claims", otherwise(_6=10_000_001)),
        ("one list alone", "claims", otherwise(_7=[4])),
        ("no trust list", "claims", otherwise(_7=[0, LIST])),
        ("a list of no moment", "claims", otherwise(_7=[4, 1 << 33])),
    ):
        yield {"name": name, "point": shop.point.hex(), "message": bad.hex(), "step": step}
    for name, step, bad in steps(to_payload(made), shop.key, KIND, unsigned="authentic"):
        named = f"algorithm: {name}"
        yield {"name": named, "point": shop.point.hex(), "message": bad.hex(), "step": step}


def said(made: Undertaking) -> Any:
    """What an undertaking says, as it stands in the file and in JavaScript."""
    lines = [{**asdict(line), "domain": line.domain and line.domain.name} for line in made.lines]
    return {
        "amcNumber": made.amc_number,
        "at": made.at,
        "number": made.number,
        "before": made.before.hex(),
        "card": made.card.hex(),
        "care": made.care,
        "lines": lines,
        "amc": made.amc,
        "lists": asdict(made.lists),
    }
