"""Python and JavaScript rule the same on what a device has signed, by the same rule."""

import ast
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rempart.adapters.list_archive import ListArchive
from rempart.adapters.memory.claims import MemorySales
from rempart.domain import undertaking
from rempart.domain.coverage import Domain
from rempart.domain.cut_history import Span
from rempart.domain.devices import Device
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.guarantee import BASKETS
from rempart.domain.quote import Line
from rempart.domain.tariff import Basket, france
from rempart.domain.undertaking import Lists, to_payload
from rempart.sealing.cose import kid_of, read1, verify1
from rempart.sealing.errors import SealBroken
from rempart.usecases import judge_undertakings
from rempart.usecases.card_codes import card_mark
from rempart.usecases.judge_undertakings import (
    CLOCK_SKEW,
    Books,
    Deposited,
    JudgeUndertakings,
    Ruling,
    Sold,
)
from rempart.usecases.p256_keys import key_at
from rempart.usecases.take_lists import TakeLists
from rempart.usecases.undertake import KIND
from tests import chain_vectors
from tests.chains import (
    BACK,
    CARD,
    CARDS,
    CUT,
    DAY,
    FORGER,
    FREE,
    HOUR,
    LAST_LIST,
    LIST,
    LIST_AT_NOON,
    NO_CODES,
    NOON,
    OLD_LIST,
    ON,
    OTHER_SHOP,
    PAIR,
    SALES,
    SHOP,
    Shop,
    high,
    signed,
)
from tests.message_vectors import said
from tests.node import running_node
from tests.nonsense import cut, payloads, within

title = "Two judges agree"

VECTORS = json.loads(chain_vectors.PLACE.read_text("utf-8"))
MICRO = 1_000_000
LASTS = "cuts: while one lasts, nothing is judged"


@dataclass
class Judges:
    """A judge in each language, with the same lists."""

    node: object
    archive: ListArchive

    def __post_init__(self):
        operator, now = VECTORS["operator"], VECTORS["now"]
        taking = TakeLists(self.archive)
        taking.trust_operator(bytes.fromhex(operator))
        for data in VECTORS["lists"]:
            taking(bytes.fromhex(data), now=now)
        told = self.node.ask("books", operator=operator, lists=VECTORS["lists"], now=now)
        assert told == {"told": [4, 5]}

    def read(self, message: bytes, point: bytes):
        """What both make of a message: what it says, or the step that fails."""
        ours = read_here(message, point)
        theirs = self.node.ask("read", message=message.hex(), point=point.hex())
        assert near(theirs) == near(ours)
        return ours

    def ruled(self, deposit, sales):
        """What both rule on a deposit; ``sales`` are added to."""
        ours = self.here(deposit, sales)
        asked = {name: deposit[name] for name in ("device", "cuts", "at", "links")}
        before = [said_of(each) for each in sales.sold[: len(sales.sold) - ours[1]]]
        told = self.node.ask("judge", sales=before, last=deposit.get("last"), **asked)["told"]
        if ours[0] == LASTS:
            assert told == LASTS
            return LASTS
        theirs = [
            {
                **{name: each[name] for name in ("number", "ruling", "rule", "amc")},
                "ended_since": each["endedSince"],
            }
            for each in told["rulings"]
        ]
        assert theirs == ours[0]
        assert sorted(map(str, told["sales"])) == sorted(str(said_of(each)) for each in sales.sold)
        return theirs

    def here(self, deposit, sales):
        """Python's rulings, and how many sales were added."""
        judging, before = judge_of(deposit, self.archive, sales), len(sales.sold)
        rulings = []
        try:
            for link in deposit["links"]:
                deposited = Deposited(bytes.fromhex(link["message"]), link["code"])
                if link.get("void"):
                    rulings.append(judging.pass_over(deposited))
                else:
                    rulings += judging([deposited], at=deposit["at"])
                    sales.sold += rulings[-1].sold
        except AssertionError:
            return LASTS, len(sales.sold) - before
        return [
            {
                "number": each.number,
                "ruling": each.ruling.value,
                "rule": each.rule,
                "amc": each.amc,
                "ended_since": each.ended_since,
            }
            for each in rulings
        ], len(sales.sold) - before


def near(told):
    """The same, but for integers that JavaScript has not exactly: no sale has one."""
    if isinstance(told, dict):
        return {name: near(each) for name, each in told.items()}
    if isinstance(told, list):
        return [near(each) for each in told]
    return "large" if isinstance(told, int) and abs(told) >= 1 << 53 else told


def read_here(message: bytes, point: bytes):
    """The same steps, by what Python's judge is made of."""
    try:
        read = read1(message, kind=KIND)
    except SealBroken:
        return {"refused": "well-formed"}
    key = key_at(point)
    if read.kid != kid_of(key):
        return {"refused": "device"}
    try:
        payload = verify1(read, key)
    except SealBroken:
        return {"refused": "authentic"}
    try:
        return {"told": said(undertaking.from_payload(payload))}
    except MalformedIdentifier:
        return {"refused": "claims"}


def judge_of(deposit, archive, sales):
    """Python's judge of the device that deposits, by the very archive that an operator keeps."""
    said, cuts = deposit["device"], deposit["cuts"]
    point = bytes.fromhex(said["point"])
    device = Device(
        site=4,
        key_id=kid_of(key_at(point)),
        point=point,
        since=said["since"] * MICRO,
        until=said["until"] * MICRO,
    )
    books = Books(
        tariff=france(),
        card_key=archive.card_key,
        statement=archive.statement,
        standing=archive.standing,
        sales=sales,
    )
    returned = {(c["since"], c["until"]): c.get("returned", c["until"]) for c in cuts}
    judging = JudgeUndertakings(
        device,
        lambda amc: [
            Span(each["since"], each["until"]) for each in cuts if each.get("amc", amc) == amc
        ],
        books,
        returned.__getitem__,
    )
    if (last := deposit.get("last")) is not None:
        message = bytes.fromhex(last["message"])
        judging.last = undertaking.from_payload(read1(message, kind=KIND).payload), message
    return judging


def said_of(sold: Sold):
    """A sale as JavaScript has it."""
    return {
        "card": sold.card.hex(),
        "domain": sold.domain.name,
        "basket": BASKETS[sold.basket],
        "at": sold.at,
    }


@pytest.fixture(scope="module")
def judges(tmp_path_factory):
    with running_node() as node:
        yield Judges(node, ListArchive(tmp_path_factory.mktemp("lists")))


# The published chains


def test_what_is_published_is_what_is_written_here():
    rewrite = "run: PYTHONPATH=src python -m tests.chain_vectors"
    # Two zlibs may press one list otherwise.
    lists = VECTORS["lists"]
    assert chain_vectors.vectors() | {"lists": lists} == VECTORS, rewrite


@pytest.mark.parametrize("vector", VECTORS["read"], ids=lambda vector: vector["name"])
def test_the_published_messages_are_read(judges, vector):
    made = judges.read(bytes.fromhex(vector["message"]), bytes.fromhex(vector["point"]))
    assert made == ({"told": vector["made"]} if "made" in vector else {"refused": vector["step"]})


@pytest.mark.parametrize("vector", VECTORS["cases"], ids=lambda vector: vector["name"])
def test_the_published_rulings_come_out(judges, vector):
    sales = MemorySales()
    for deposit in vector["deposits"]:
        assert judges.ruled(deposit, sales) == deposit["rulings"]


def test_every_rule_and_ruling_is_published():
    source = Path(judge_undertakings.__file__).read_text("utf-8")
    numbered = re.findall(r"^\((\d+)\) (\w+):", judge_undertakings.__doc__, re.MULTILINE)
    rules = {name for _, name in numbered}
    assert [int(number) for number, _ in numbered] == list(range(1, 12))
    judged = [
        node.args[2].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_judged"
    ]
    assert set(judged) | {"signed"} == rules
    published = [
        ruling
        for vector in VECTORS["cases"]
        for deposit in vector["deposits"]
        for ruling in deposit["rulings"]
    ]
    assert {each["rule"] for each in published} == rules | {""}
    assert {each["ruling"] for each in published} == {each.value for each in Ruling}
    assert any(each["ended_since"] for each in published)


def test_while_a_cut_lasts_nothing_is_judged(judges):
    shop = Shop().sell()
    asked = chain_vectors.deposit(shop, cuts=[{"since": CUT, "until": 0}])
    assert judges.ruled(asked, MemorySales()) == LASTS


def test_a_chain_goes_on_where_it_was_judged_before(judges):
    shop = Shop().sell()
    last = {"number": 1, "at": NOON, "message": shop.links[0][0].hex()}
    shop.sell(lines=FREE, at=NOON + 60)
    asked = chain_vectors.deposit(shop, links=shop.links[1:]) | {"last": last}
    (ruling,) = judges.ruled(asked, MemorySales())
    assert ruling["ruling"] == "honoured"


def test_what_javascript_signs_both_honour(judges):
    """A vendor's way: lists taken in, a key that stays, a sale, and what will be ruled on it."""
    node = judges.node
    node.ask("begin", operator=VECTORS["operator"])
    for data in VECTORS["lists"][:3]:
        assert node.ask("take", data=data, now=NOON) == {"told": "new"}
    point, code = node.ask("device")["told"]["point"], CARDS["good"]
    lines = [{"item": line.item, "price": line.price} for line in PAIR]
    message = node.ask("undertake", code=code, lines=lines, on=ON.isoformat(), now=NOON)["told"]
    asked = chain_vectors.deposit(Shop(), links=[(bytes.fromhex(message), code)])
    asked["device"]["point"] = point
    (ruling,) = judges.ruled(asked, MemorySales())
    assert (ruling["ruling"], ruling["amc"]) == ("honoured", 77_90)


# By chance: messages

MADE = Shop().made()
PAYLOAD = to_payload(MADE)
MESSAGE = signed(MADE)


@settings(max_examples=100)
@given(cut(MESSAGE))
@example(high(MESSAGE))
def test_they_read_the_same_of_what_is_damaged(judges, message):
    judges.read(message, Shop().point)


@settings(max_examples=200)
@given(payloads(PAYLOAD))
@example(PAYLOAD.replace(b"\xf6", b"\xf7"))
@example(
    to_payload(replace(MADE, lines=(Line(item="é" * 32, price=-(1 << 64), rate=(1 << 64) - 1),)))
)
def test_they_read_the_same_of_nonsense_that_a_device_signs(judges, payload):
    if within(payload, KIND):
        judges.read(signed(payload), Shop().point)


# By chance: chains


def mostly(usual, *others):
    """One thing five times of six, else another."""
    return st.sampled_from([usual] * 5 + [st.one_of(others)]).flatmap(lambda each: each)


FAR = st.integers(CUT - 2 * DAY, BACK + 3 * DAY)
SKEWED = st.sampled_from(
    [
        edge + off
        for edge in (CUT - CLOCK_SKEW, CUT, NOON, BACK, BACK + CLOCK_SKEW, BACK + DAY)
        for off in (-1, 0, 1)
    ]
)
MOMENTS = st.one_of(SKEWED, FAR)
OF_THE_CUT = mostly(st.just(NOON) | st.integers(NOON, BACK), SKEWED, FAR)
MADE_AT = st.sampled_from([LIST] * 4 + [OLD_LIST, LIST_AT_NOON, LAST_LIST, LIST + 1, NOON])
OTHERWISE = mostly(
    st.just({}),
    st.builds(lambda owed: {"amc": owed}, st.integers(1, 100_00)),
    st.builds(
        lambda trust, made: {"lists": Lists(trust=trust, status=made)}, st.integers(3, 6), MADE_AT
    ),
    st.builds(lambda made: {"lists": Lists(trust=4, status=made)}, MADE_AT),
    st.builds(lambda days: {"care": MADE.care + days}, st.integers(-400, 60)),
    st.builds(
        lambda amc: {"amc_number": amc}, st.sampled_from(["99000001", "99000003", "12345678"])
    ),
    st.builds(lambda number: {"number": number, "before": bytes([7]) * 32}, st.integers(2, 5)),
    st.just({"card": bytes(32)}),
)
FAULTS = mostly(
    st.just(""),
    st.sampled_from(
        ["forged", "named", "high", "flipped", "another code", "no code", "twice", "lost", "void"]
    ),
)


@dataclass
class Link:
    """One sale as it is drawn: what is otherwise in it, and what is done to it afterwards."""

    card: str
    lines: tuple
    at: int
    otherwise: dict
    fault: str
    odd: int


LINKS = st.builds(
    Link,
    card=st.sampled_from(["good"] * 12 + ["ended at noon"] * 4 + ["over"] * 2 + list(CARDS)),
    lines=st.sampled_from([PAIR] * 4 + [FREE] * 4 + list(SALES)),
    at=OF_THE_CUT,
    otherwise=OTHERWISE,
    fault=FAULTS,
    odd=st.integers(0, 10_000),
)


def spoilt(made, fault, odd):
    """The message that comes instead of the one that was signed."""
    message = signed(made)
    match fault:
        case "forged":
            return signed(made, OTHER_SHOP)
        case "named":
            return signed(made, FORGER, kid_of(SHOP.public_key()))
        case "high":
            return high(message)
        case "flipped":
            at, bit = odd % len(message), odd % 8
            return message[:at] + bytes([message[at] ^ 1 << bit]) + message[at + 1 :]
    return message


def bring(shop: Shop, each: Link):
    """Sign a link in its chain; what of it is deposited."""
    made = shop.made(CARDS[each.card], each.lines, at=each.at)
    made = replace(made, **each.otherwise)
    shop.last = made, signed(made)
    codes = {
        "another code": list(CARDS.values())[each.odd % len(CARDS)],
        "no code": NO_CODES[each.odd % len(NO_CODES)],
    }
    link = {
        "message": spoilt(made, each.fault, each.odd).hex(),
        "code": codes.get(each.fault, CARDS[each.card]),
        "void": each.fault == "void",
    }
    return [link] * {"twice": 2, "lost": 0}.get(each.fault, 1)


ONE_CUT = {"since": CUT, "until": BACK}
SPANS = mostly(
    st.just([ONE_CUT]),
    st.just([]),
    st.just([{"since": CUT, "until": 0}]),
    st.just(
        [ONE_CUT | {"amc": "99000001"}, {"since": CUT - HOUR, "until": BACK, "amc": "99000003"}]
    ),
    st.just(
        [ONE_CUT, {"since": CUT + 2 * DAY, "until": BACK + 2 * DAY, "returned": BACK + 3 * DAY}]
    ),
    st.just([ONE_CUT | {"returned": BACK + HOUR}]),
)
SOLD = st.builds(
    Sold,
    card=st.sampled_from([card_mark(CARD), card_mark(replace(CARD, secret=bytes(16)))]),
    domain=st.sampled_from([Domain.OPTI, Domain.SVIL]),
    basket=st.sampled_from(list(Basket)),
    at=OF_THE_CUT,
)


DEPOSITS = st.fixed_dictionaries(
    {
        "links": st.lists(LINKS, min_size=1, max_size=4),
        "forward": st.sampled_from([True] * 5 + [False]),
        "cuts": SPANS,
        "device": mostly(
            st.just({"since": CUT - DAY, "until": 0}),
            st.fixed_dictionaries({"since": MOMENTS, "until": st.just(0) | MOMENTS}),
        ),
        "at": mostly(st.just(BACK + HOUR), MOMENTS),
    }
)


@settings(max_examples=300)
@given(DEPOSITS, st.lists(SOLD, max_size=2))
def test_they_rule_the_same_on_any_chain(judges, drawn, sold):
    links = sorted(drawn["links"], key=lambda each: each.at if drawn["forward"] else 0)
    shop = Shop()
    brought = [part for each in links for part in bring(shop, each)]
    device = drawn["device"] | {"point": shop.point.hex()}
    judges.ruled(drawn | {"device": device, "links": brought}, MemorySales(list(sold)))
