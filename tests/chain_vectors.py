"""The published chains: ``python -m tests.chain_vectors`` writes specs/vectors/undertakings.json.

What is ruled is written here by hand; both judges are held to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rempart.domain.undertaking import Lists
from rempart.usecases.p256_keys import point_of
from tests.chains import (
    BACK,
    CARDS,
    CARE,
    CARE_LINE,
    CUT,
    DAY,
    FRAME,
    FREE,
    HEARING,
    HOUR,
    HUGE,
    LAST_LIST,
    LIST,
    LIST_AT_NOON,
    NO_ITEM,
    NOON,
    OLD_LIST,
    OPERATOR,
    OTHER_SHOP,
    PAID_IN_FULL,
    PAIR,
    PUBLISHED,
    TAKEN_AT,
    Shop,
    high,
    signed,
)
from tests.message_vectors import NAMED, first_of, read, refused, respelt

PLACE = Path(__file__).parents[1] / "specs/vectors/undertakings.json"
COMMENT = (
    "Bytes are hexadecimal, amounts cents, moments seconds since 1970. `read`: messages under the "
    "key of a device, with what they say or the step that fails (well-formed, device, authentic, "
    "claims). `lists` are the operator's and its insurers', taken in order at `now`; every one is "
    "kept. A case is deposits one after another: its sales count in all of them. A link may be "
    "`void`; a cut may be of one insurer (`amc`), and claims may be sent again later (`returned`). "
    "None of these keys is anybody's."
)
CUTS = [{"since": CUT, "until": BACK}]
HONOURED, GONE = "honoured", ("refused", "signed")


def ruling(number: int, ruled: str, rule: str = "", amc: int = 0, ended: bool = False) -> Any:
    """One ruling, as it stands in the file."""
    return {"number": number, "ruling": ruled, "rule": rule, "amc": amc, "ended_since": ended}


def deposit(shop: Shop, *ruled: Any, at: int = BACK + HOUR, **more: Any) -> Any:
    """What a shop brings, and what is ruled on it."""
    links = [
        {"message": message.hex(), "code": code, **dict.fromkeys(flags, True)}
        for message, code, *flags in more.get("links", shop.links)
    ]
    times = {"since": more.get("since", CUT - DAY), "until": more.get("until", 0)}
    return {
        "device": {"point": shop.point.hex(), **times},
        "cuts": more.get("cuts", CUTS),
        "at": at,
        "links": links,
        "rulings": list(ruled),
    }


def case(name: str, *deposits: Any) -> Any:
    """A case of several deposits."""
    return {"name": name, "deposits": list(deposits)}


def alone(name: str, *ruled: Any, **change: Any) -> Any:
    """A case of one undertaking, honest but for what is changed; its number is 1."""
    bring = {each: change.pop(each) for each in ("since", "until", "cuts") if each in change}
    if "come" in change:
        bring["at"] = change.pop("come")
    return case(name, deposit(Shop().sell(**change), ruling(1, *ruled), **bring))


def forged() -> Iterator[Any]:
    """(1): not signed by the device that deposits it."""
    shop = Shop()
    made, message = first_of(shop)
    at = message.index(made.card)
    for name, bad in (
        ("a signature that is damaged", message[:-1] + bytes([message[-1] ^ 1])),
        ("signed by another device", signed(made, OTHER_SHOP)),
        ("signed by another device, in this one's name", signed(made, OTHER_SHOP, NAMED)),
        ("what it says, altered", message[:at] + bytes([made.card[0] ^ 1]) + message[at + 1 :]),
        ("s in its high half", high(message)),
        ("the same claims, otherwise spelt", signed(respelt(made))),
        ("cut short", message[:-1]),
        ("nothing", b""),
    ):
        yield case(name, deposit(shop, ruling(0, *GONE), links=[(bad, CARDS["good"])]))
    theirs = deposit(Shop(OTHER_SHOP), ruling(0, *GONE), links=[(message, CARDS["good"])])
    ours = deposit(shop, ruling(1, HONOURED, "", 77_90), links=[(message, CARDS["good"])])
    yield case("the same undertaking at two sites", ours, theirs)


def chained() -> Iterator[Any]:
    """(2), (3), and what is void."""
    two = Shop().sell().sell(lines=FREE, at=NOON + 60)
    rewritten = Shop().sell(CARDS["another"])
    yield case(
        "an honest chain",
        deposit(
            two.sell(lines=CARE_LINE, at=NOON + 90),
            *(ruling(1, HONOURED, "", 77_90), ruling(2, HONOURED, "", 149_97)),
            ruling(3, HONOURED, "", 9_00),
        ),
    )
    again, other = ruling(1, "known", "number"), ruling(1, "refused", "number")
    yield case(
        "the same twice, and another under its number",
        deposit(
            two,
            *(ruling(1, HONOURED, "", 77_90), again, other),
            links=[two.links[0], two.links[0], rewritten.links[0]],
        ),
    )
    yield case(
        "a number is missing, and the chain goes on",
        deposit(
            two,
            *(ruling(1, HONOURED, "", 77_90), ruling(3, "person", "chain")),
            links=[two.links[0], two.links[2]],
        ),
    )
    skipped = Shop().sell()
    skipped.sell(lines=FREE, at=NOON + 60, number=3)
    yield case(
        "a number is skipped",
        deposit(skipped, ruling(1, HONOURED, "", 77_90), ruling(3, "person", "chain")),
    )
    gap = Shop().sell(CARDS["another"]).sell(lines=FREE, at=NOON + 60)
    yield case(
        "it names another than the one before",
        deposit(
            two,
            *(ruling(1, HONOURED, "", 77_90), ruling(2, "person", "chain")),
            links=[two.links[0], gap.links[1]],
        ),
    )
    yield case(
        "a sale that was not made leaves no gap",
        deposit(
            two,
            *(ruling(1, "void"), ruling(2, HONOURED, "", 149_97), again),
            links=[(*two.links[0], "void"), two.links[1], two.links[0]],
        ),
    )


def timed() -> Iterator[Any]:
    """(4) to (6)."""
    honest, person = (HONOURED, "", 77_90), "person"
    yield alone("enrolled a second before the cut", *honest, since=CUT - 1)
    yield alone("enrolled as the cut began", person, "device", since=CUT)
    yield alone("enrolled during the cut", person, "device", since=NOON - 60)
    yield alone("enrolled after the cut", person, "device", since=BACK + 60)
    yield alone("taken out a second after", *honest, until=NOON + 1)
    yield alone("taken out before", person, "device", until=NOON)
    yield alone("signed before any cut", person, "cut", at=CUT - 301)
    yield alone("within what a clock may be wrong, before", *honest, at=CUT - 300)
    yield alone("within what a clock may be wrong, after", *honest, at=BACK + 300)
    yield alone("signed after the cut", person, "cut", at=BACK + 301)
    yield alone("a site that was not cut", person, "cut", cuts=[])
    other = [{"since": CUT, "until": BACK, "amc": "99000002"}]
    yield alone("another insurer was cut", person, "cut", cuts=other)
    back = Shop().sell().sell(lines=FREE, at=NOON - 1)
    rulings = ruling(1, *honest), ruling(2, person, "cut")
    yield case("dated back: the clock goes backwards", deposit(back, *rulings))
    at_once = Shop().sell().sell(lines=FREE)
    rulings = ruling(1, *honest), ruling(2, HONOURED, "", 149_97)
    yield case("two in the same second", deposit(at_once, *rulings))
    yield alone("deposited at the last second", *honest, come=BACK + DAY)
    yield alone("deposited late", person, "deposit", come=BACK + DAY + 1)
    later = [{"since": CUT, "until": BACK, "returned": BACK + HOUR}]
    yield alone("claims could be sent an hour later", *honest, come=BACK + DAY + HOUR, cuts=later)
    yield alone("deposited before it was signed", person, "deposit", come=NOON - 301)
    yield alone("the same, within what a clock may be wrong", *honest, come=NOON - 300)


def of_cards() -> Iterator[Any]:
    """(7) to (9)."""
    refused, person = ("refused", "card"), ("person", "list")
    made = Shop().made()
    for name, code in (
        ("with the code of another card", CARDS["another"]),
        ("without its code", ""),
        ("with a code of nobody's", "https://example.org"),
    ):
        links = [(signed(made), code)]
        yield case(name, deposit(Shop(), ruling(1, *refused), links=links))
    for name in ("ends the day before", "forged", "claim 8 of no form"):
        yield alone(f"card: {name}", *refused, code=CARDS[name])
    yield alone("a card that does not cover a line", *refused, lines=HEARING)
    yield alone("a card of another insurer than it binds", *refused, amc_number="99000003")
    code = CARDS["in another insurer's name"]
    yield alone("a card in another insurer's name", *refused, code=code, amc_number="99000001")
    yield alone("a day after the card's last", *refused, care=CARE + 37)
    yield alone("a trust list that nobody knows", *refused, lists=Lists(trust=9, status=LIST))
    unknown = Lists(trust=4, status=LIST + 1)
    yield alone("a status list that nobody knows", *person, lists=unknown)
    yield alone(
        "a list older than the insurer bears", *person, lists=Lists(trust=4, status=OLD_LIST)
    )
    future = Lists(trust=4, status=LAST_LIST)
    yield alone("a list of after the sale", *person, lists=future)
    noon = Lists(trust=4, status=LIST_AT_NOON)
    yield alone("a list made as it was sold", HONOURED, "", 77_90, lists=noon, at=NOON - 300)
    yield alone("a list made after it was sold", *person, lists=noon, at=NOON - 301)
    five, free = Lists(trust=5, status=LIST), {"lines": FREE}
    yield alone("as the guarantees began", HONOURED, "", 149_97, lists=five, at=NOON - 300, **free)
    yield alone("before the guarantees began", *person, lists=five, at=NOON - 301, **free)
    for name in ("no place", "beyond the list"):
        yield alone(f"card: {name}", *person, code=CARDS[name])
    yield alone("an insurer that guarantees nothing", *person, code=CARDS["insurer that is silent"])
    code = CARDS["insurer whose guarantees ended"]
    yield alone("at the guarantees' last second", HONOURED, "", 77_90, code=code, at=NOON)
    yield alone("guarantees that have ended", *person, code=code, at=NOON + 1)
    yield alone("a card that was over", "refused", "over", code=CARDS["over"])
    ended = CARDS["ended at noon"]
    yield alone("a card that has ended since", HONOURED, "", 77_90, True, code=ended)
    yield alone("a card that ended after the sale", HONOURED, "", 77_90, code=ended, at=NOON - 1)


def of_amounts() -> Iterator[Any]:
    """(10) and (11)."""
    amount = ("person", "amount")
    yield alone("a cent more than the lines make", *amount, amc=77_91)
    yield alone("a cent less", *amount, amc=77_89)
    yield alone("an item that the tariff has not", *amount, lines=NO_ITEM)
    yield alone("an amount that no sale has", *amount, lines=HUGE)
    for name in ("profile without guarantee", "glasses were renewed"):
        yield alone(f"card: {name}", *amount, code=CARDS[name])
    paid = (*PAIR, PAID_IN_FULL)
    yield alone("a line of which the insurer owes nothing", HONOURED, "", 77_90, lines=paid)
    by_five = Lists(trust=5, status=LIST)
    yield alone("not guaranteed by the list that it names", *amount, lists=by_five)
    one, other = Shop().sell(), Shop(OTHER_SHOP).sell().sell(lines=FRAME, at=NOON + 60)
    over = ruling(1, "refused", "limit"), ruling(2, "refused", "limit")
    yield case(
        "the same card at two sites, over the limit",
        deposit(one, ruling(1, HONOURED, "", 77_90)),
        deposit(other, *over),
    )
    for name in ("good, issued again", "good, under the next key"):
        other = Shop(OTHER_SHOP).sell(CARDS[name])
        yield case(
            f"card: {name}: the limit is of the card under all of its codes",
            deposit(one, ruling(1, HONOURED, "", 77_90)),
            deposit(other, over[0]),
        )
    one, other = Shop().sell(lines=FREE), Shop(OTHER_SHOP).sell(lines=FREE)
    borne = ruling(1, HONOURED, "", 149_97)
    yield case(
        "the same card at two sites, within the limit", deposit(one, borne), deposit(other, borne)
    )
    one, other = Shop().sell(lines=FREE), Shop(OTHER_SHOP).sell()
    yield case(
        "the same card at two sites, sold other things",
        deposit(one, borne),
        deposit(other, ruling(1, HONOURED, "", 77_90)),
    )
    for name, at in (("beginning", CUT - 300), ("end", BACK + 300)):
        yield case(
            f"the limit counts what was sold at the very {name} of a cut",
            deposit(Shop().sell(at=at), ruling(1, HONOURED, "", 77_90)),
            deposit(Shop(OTHER_SHOP).sell(), over[0]),
        )
    again = [*CUTS, {"since": CUT + 2 * DAY, "until": BACK + 2 * DAY}]
    later = Shop(OTHER_SHOP).sell(at=NOON + 2 * DAY)
    bears = ruling(1, HONOURED, "", 77_90)
    yield case(
        "the same card in the next cut",
        deposit(Shop().sell(), bears),
        deposit(later, bears, cuts=again, at=BACK + 2 * DAY + HOUR),
    )


def vectors() -> Any:
    """All that is published."""
    return {
        "comment": COMMENT,
        "operator": point_of(OPERATOR.public_key()).hex(),
        "now": TAKEN_AT,
        "lists": [data.hex() for data in PUBLISHED],
        "read": [*read(), *refused()],
        "cases": [*forged(), *chained(), *timed(), *of_cards(), *of_amounts()],
    }


if __name__ == "__main__":
    PLACE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", "utf-8")
