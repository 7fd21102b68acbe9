"""Python and JavaScript say the same of a sale: the same cents, refusals and bytes."""

import ast
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rempart.adapters.memory.chain import MemoryChain
from rempart.adapters.memory.claims import MemorySales
from rempart.adapters.memory.lists import MemoryShelf
from rempart.cli.card import read_line
from rempart.domain import guarantee, tariff, undertaking
from rempart.domain import quote as calculator
from rempart.domain.coverage import Domain
from rempart.domain.cut_history import Span
from rempart.domain.devices import Device
from rempart.domain.errors import CardRefused, MalformedIdentifier
from rempart.domain.guarantee import OfCard
from rempart.domain.quote import PRICE_MAX, Line, Terms, quote
from rempart.domain.tariff import france
from rempart.domain.undertaking import Lists, Undertaking
from rempart.sealing.cose import kid_of
from rempart.serving.tariff_script import PLACE, script
from rempart.usecases.judge_undertakings import (
    Books,
    Deposited,
    JudgeUndertakings,
    Ruling,
    Standing,
)
from rempart.usecases.p256_keys import key_at
from rempart.usecases.quote_share import QuoteShare
from rempart.usecases.take_lists import TakeLists
from rempart.usecases.undertake import Undertake, check_bound, read_undertaking
from rempart.usecases.verify_card import VerifyCard
from tests.message_vectors import said as made_said
from tests.node import running_node

title = "Two calculators agree"

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "specs/vectors/quotes.json").read_text("utf-8"))
SALES = VECTORS["sales"]
FIGURES = ("amo", "amc", "patient", "guaranteed")
ITEMS = sorted({item.code for item in france().items})
DAY = 86_400


@pytest.fixture(scope="module")
def node():
    with running_node() as running:
        running.ask("begin", operator=SALES["operator"])
        for data in SALES["lists"]:
            assert running.ask("take", data=data, now=SALES["now"]) == {"told": "new"}
        yield running


@pytest.fixture(scope="module")
def verifier():
    taking = TakeLists(MemoryShelf())
    taking.trust_operator(bytes.fromhex(SALES["operator"]))
    for data in SALES["lists"]:
        taking(bytes.fromhex(data), now=SALES["now"])
    return VerifyCard(*taking.lists())


def said(line):
    """A line as the vectors and JavaScript have it."""
    return {
        "item": line.item,
        "domain": line.domain and line.domain.name,
        "price": line.price,
        "base": line.base,
        "rate": line.rate,
    }


def line_of(said):
    return Line(**{**said, "domain": said["domain"] and Domain[said["domain"]]})


def hexed(data):
    return None if data is None else data.hex()


def test_the_tariff_in_javascript_is_that_of_python():
    rewrite = "run: python -m rempart.serving.tariff_script"
    assert PLACE.read_text("utf-8") == script(), rewrite


# Lines


def read_both(node, text):
    try:
        ours = {"told": said(read_line(text))}
    except MalformedIdentifier as malformed:
        ours = {"bad": str(malformed)}
    assert node.ask("line", text=text) == ours
    return ours


@pytest.mark.parametrize("vector", VECTORS["lines"], ids=lambda vector: vector["text"])
def test_the_published_lines_are_read(node, vector):
    expected = {"told": vector["line"]} if "line" in vector else {"bad": vector["refused"]}
    assert read_both(node, vector["text"]) == expected


TYPED = st.one_of(
    st.sampled_from([*ITEMS, *Domain.__members__]),
    st.text("0123456789.,: -+eé٣\n\u2028", max_size=9),
    st.from_regex(r"[0-9]{1,7}[.,][0-9]{2}", fullmatch=True),
)


@settings(max_examples=200)
@given(st.lists(TYPED, max_size=5).map(":".join))
def test_they_read_the_same_lines(node, text):
    read_both(node, text)


# What a card says


def decoded(data):
    try:
        of_card = OfCard.decode(data)
    except MalformedIdentifier:
        return {"refused": "claims"}
    days = {domain.name: day.isoformat() for domain, day in of_card.renewals.items()}
    return {"told": {"profile": of_card.profile, "renewals": days}}


@pytest.mark.parametrize("vector", VECTORS["of_cards"], ids=lambda vector: str(vector["data"]))
def test_the_published_claims_are_read(node, vector):
    data = vector["data"] and bytes.fromhex(vector["data"])
    data = b"" if vector["data"] == "" else data
    expected = {"refused": "claims"}
    if "profile" in vector:
        expected = {"told": {name: vector[name] for name in ("profile", "renewals")}}
    assert decoded(data) == expected
    assert node.ask("said", data=vector["data"]) == expected


RENEWAL = st.tuples(st.integers(0, 17), st.integers(0, 255), st.integers(0, 255)).map(bytes)


@settings(max_examples=200)
@given(
    st.one_of(
        st.none(),
        st.binary(max_size=32),
        st.tuples(
            st.binary(min_size=1, max_size=1), st.lists(RENEWAL, max_size=3).map(b"".join)
        ).map(b"".join),
    )
)
def test_they_read_the_same_claims(node, data):
    assert node.ask("said", data=hexed(data)) == decoded(data)


# Amounts


def quote_both(node, lines, terms):
    try:
        made = quote(lines, terms)
        shares = [
            {"domain": each.domain.name} | {name: getattr(each, name) for name in FIGURES}
            for each in made.shares
        ]
        ours = {"shares": shares} | {name: getattr(made, name) for name in FIGURES}
    except MalformedIdentifier as malformed:
        ours = {"refused": str(malformed)}
    statement = terms.statement and guarantee.to_payload(terms.statement).hex()
    answer = node.ask(
        "quote",
        lines=[said(line) for line in lines],
        on=terms.on.isoformat(),
        birth_year=terms.birth_year,
        of_card=terms.of_card.encode().hex(),
        statement=statement,
    )
    if "bad" in answer:
        theirs = {"refused": answer["bad"]}
    else:
        told = answer["told"]
        shares = [{name: each[name] for name in ("domain", *FIGURES)} for each in told["shares"]]
        theirs = {"shares": shares} | {name: told[name] for name in FIGURES}
    assert theirs == ours
    return ours


def terms_of(vector):
    statement = vector["statement"] and bytes.fromhex(vector["statement"])
    of_card = vector["of_card"] and bytes.fromhex(vector["of_card"])
    return Terms(
        tariff=france(),
        on=date.fromisoformat(vector["on"]),
        birth_year=vector["birth_year"],
        of_card=OfCard.decode(of_card),
        statement=guarantee.from_payload(statement) if statement else None,
    )


@pytest.mark.parametrize("vector", VECTORS["quotes"], ids=lambda vector: vector["name"])
def test_the_published_quotes_come_out(node, vector):
    made = quote_both(node, [line_of(each) for each in vector["lines"]], terms_of(vector))
    assert made == {name: vector[name] for name in made}


def rules_of(module):
    """Every rule that a module says is broken, as a pattern; not what names the line of another."""
    for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "MalformedIdentifier":
            kind, rule = node.args
            if not isinstance(rule, ast.Call):
                yield ": ".join(map(pattern_of, (kind, rule)))


def pattern_of(text):
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    return "".join(
        re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in parts
    )


def test_every_refusal_of_the_calculator_is_published():
    refused = [vector["refused"] for vector in VECTORS["quotes"] if "refused" in vector]
    rules = {*rules_of(calculator), *rules_of(tariff)}
    assert len(rules) >= 10
    unpublished = {
        rule
        for rule in rules
        if not any(re.fullmatch(rf"(line \d+: )?{rule}", each) for each in refused)
    }
    assert unpublished == set()


STATED = terms_of(VECTORS["quotes"][0]).statement
GRANTS = st.builds(
    guarantee.Guarantee,
    domain=st.sampled_from(list(Domain)),
    basket=st.sampled_from(list(guarantee.Basket)),
    times=st.just(1),
    most=st.integers(1, 50_000),
)


def profile(grants):
    """By ascending domain and basket, each once."""
    keyed = {(each.domain.value, guarantee.BASKETS[each.basket]): each for each in grants}
    return tuple(keyed[key] for key in sorted(keyed))


STATEMENTS = st.one_of(
    st.none(),
    st.just(STATED),
    st.dictionaries(st.integers(0, 3), st.lists(GRANTS, max_size=8).map(profile), max_size=3).map(
        lambda profiles: replace(STATED, profiles=profiles)
    ),
)
PRICES = st.one_of(st.integers(1, 2_000), st.integers(1, PRICE_MAX), st.integers(0, PRICE_MAX + 2))
RATES = st.none() | st.integers(0, 100) | st.integers(-1, 101)
LINES = st.one_of(
    st.builds(Line, item=st.sampled_from(ITEMS), price=PRICES, rate=RATES),
    st.builds(Line, item=st.sampled_from(ITEMS), price=st.integers(1, 3_000)),
    st.builds(Line, domain=st.sampled_from(list(Domain)), price=PRICES, base=PRICES, rate=RATES),
    st.builds(Line, domain=st.sampled_from(list(Domain)), price=PRICES, base=st.integers(1, 500)),
    st.builds(
        Line,
        item=st.sampled_from([*ITEMS, "", "monocle", "constructor"]),
        domain=st.none() | st.sampled_from(list(Domain)),
        price=PRICES,
        base=st.none() | PRICES,
        rate=RATES,
    ),
)
ONS = st.one_of(
    st.just(date(2026, 11, 18)),
    st.dates(date(2019, 12, 1), date(2027, 6, 1)),
    st.dates(date(1900, 1, 1), date(2199, 12, 31)),
)
TERMS = st.builds(
    Terms,
    tariff=st.just(france()),
    on=ONS,
    birth_year=st.integers(1996, 2010) | st.integers(1800, 2199),
    of_card=st.builds(
        OfCard,
        profile=st.just(0) | st.integers(0, 3),
        renewals=st.dictionaries(
            st.sampled_from([Domain.OPTI, Domain.AUDI, Domain.DEPR, Domain.SVIL]),
            st.dates(date(2026, 11, 16), date(2026, 11, 20)),
            max_size=2,
        ),
    ),
    statement=STATEMENTS,
)


@settings(max_examples=400)
@given(st.lists(LINES, min_size=1, max_size=4) | st.lists(LINES, max_size=21), TERMS)
def test_they_come_to_the_same_cents_and_refusals(node, lines, terms):
    quote_both(node, lines, terms)


@settings(max_examples=100)
@given(st.data(), TERMS)
def test_what_is_no_rule_broken_comes_to_the_same_cents(node, data, terms):
    """Sales that are whole, so that amounts and not refusals are compared."""
    whole = [
        Line(item="optics-frame-a", price=data.draw(st.integers(1, 3_000))),
        Line(item="optics-lens-b", price=data.draw(st.integers(1, PRICE_MAX))),
        Line(item="hearing-2", price=data.draw(st.integers(1, PRICE_MAX))),
        Line(domain=Domain.SVIL, price=PRICE_MAX, base=data.draw(st.integers(1, PRICE_MAX))),
    ]
    picked = data.draw(st.lists(st.sampled_from(whole), min_size=1, max_size=20))
    made = quote_both(node, picked, replace(terms, on=date(2026, 11, 18)))
    assert "refused" not in made


# Sales


def sell_both(node, verifier, vector):
    """What both say of a sale."""
    lines, asked = vector["lines"], {name: vector[name] for name in ("code", "on", "now")}
    on, now = date.fromisoformat(vector["on"]), vector["now"]
    try:
        read = [read_line(line) for line in lines]
        quoted = QuoteShare(verifier, france())(vector["code"], read, on=on, now=now)
        ours = {"finding": quoted.verdict.finding.value, "why": quoted.why, "bound": ""}
        ours |= {name: getattr(quoted.quote, name) for name in ("amc", "guaranteed")}
        try:
            check_bound(quoted)
        except CardRefused as refusal:
            ours["bound"] = str(refusal).removeprefix("guarantee: ")
    except CardRefused as refusal:
        ours = {"refused": str(refusal).partition(":")[0]}
    except MalformedIdentifier as malformed:
        ours = {"bad": str(malformed)}
    theirs = node.ask("sell", lines=[said(read_line(line)) for line in lines], **asked)
    if "told" in theirs:
        told = theirs["told"]
        theirs = {name: told[name] for name in ("finding", "why", "bound")}
        theirs |= {name: told["quote"][name] for name in ("amc", "guaranteed")}
    assert theirs == ours
    return ours


@pytest.mark.parametrize("vector", SALES["cases"], ids=lambda vector: vector["name"])
def test_the_published_sales_come_out(node, verifier, vector):
    made = sell_both(node, verifier, vector)
    assert made == {name: vector[name] for name in made}


# Undertakings


@pytest.mark.parametrize("vector", VECTORS["undertakings"], ids=lambda each: each["made"]["number"])
def test_the_published_undertakings_are_spelt(node, vector):
    payload = vector["payload"]
    assert node.ask("payload", made=vector["made"]) == {"told": payload}
    data = bytes.fromhex(payload)
    assert undertaking.to_payload(undertaking.from_payload(data)) == data


ANY = st.builds(
    Undertaking,
    amc_number=st.from_regex(r"[0-9]{8}", fullmatch=True),
    at=st.integers(1, 2**33 - 1),
    number=st.integers(2, 2**32 - 1),
    before=st.binary(min_size=32, max_size=32).filter(any),
    card=st.binary(min_size=32, max_size=32),
    care=st.integers(0, 65_535),
    lines=st.lists(
        st.builds(
            Line,
            item=st.sampled_from(ITEMS),
            price=st.integers(1, PRICE_MAX),
            rate=st.none() | st.integers(0, 100),
        )
        | st.builds(
            Line,
            domain=st.sampled_from(list(Domain)),
            price=st.integers(1, PRICE_MAX),
            base=st.integers(1, PRICE_MAX),
            rate=st.none() | st.integers(0, 100),
        ),
        min_size=1,
        max_size=20,
    ).map(tuple),
    amc=st.integers(1, 10**7),
    lists=st.builds(Lists, trust=st.integers(1, 2**32 - 1), status=st.integers(1, 2**33 - 1)),
)


@settings(max_examples=150)
@given(ANY)
@example(replace(undertaking.from_payload(bytes.fromhex(VECTORS["undertakings"][2]["payload"]))))
def test_they_spell_the_same_undertaking(node, made):
    assert node.ask("payload", made=made_said(made)) == {"told": undertaking.to_payload(made).hex()}


def test_a_chain_that_javascript_signs_is_honoured(node, verifier):
    """Signed in Node by a key that cannot leave it; judged as any device's."""
    key = node.ask("device")["told"]
    assert key["leaves"] is False
    bound, care = SALES["cases"][:2]
    links = []
    for count in range(12):
        sale = (bound, care)[count % 2]
        lines = [said(read_line(line)) for line in sale["lines"]]
        asked = {"code": sale["code"], "on": sale["on"], "now": sale["now"]}
        message = bytes.fromhex(node.ask("undertake", lines=lines, **asked)["told"])
        links.append(Deposited(message, sale["code"]))
    made = [read_undertaking(link.message) for link in links]
    assert [each.number for each in made] == list(range(1, 13))
    now = SALES["now"]
    point = bytes.fromhex(key["point"])
    device = Device(
        site=1, key_id=kid_of(key_at(point)), point=point, since=(now - DAY) * 1_000_000
    )
    statement = replace(
        STATED,
        profiles={0: tuple(replace(each, times=255) for each in STATED.profiles[0])},
    )
    books = Books(
        tariff=france(),
        card_key=lambda amc, kid, _: verifier._key(amc, kid),
        statement=lambda amc, number: statement,
        standing=lambda amc, place, made: Standing(False),
        sales=MemorySales(),
    )
    judge = JudgeUndertakings(device, lambda amc: [Span(since=now - 3600, until=now + 3600)], books)
    judged = judge(links, at=now + 7200)
    assert [each.ruling for each in judged] == [Ruling.HONOURED] * 12
    assert {each.amc for each in judged} == {24_60, 6_90}


def test_javascript_signs_nothing_that_is_not_bound(node):
    node.ask("device")
    for vector in SALES["cases"]:
        lines = [said(read_line(line)) for line in vector["lines"]]
        asked = {"code": vector["code"], "on": vector["on"], "now": vector["now"]}
        told = node.ask("undertake", lines=lines, **asked)
        assert ("told" in told) is (vector.get("bound") == ""), vector["name"]


def test_python_signs_nothing_that_is_not_bound(verifier):
    """The same sales, so that neither signs what the other does not."""
    key = ec.generate_private_key(ec.SECP256R1())
    sell = Undertake(QuoteShare(verifier, france()), MemoryChain(), key)
    for vector in SALES["cases"]:
        on, now = date.fromisoformat(vector["on"]), vector["now"]
        lines = [read_line(line) for line in vector["lines"]]
        try:
            sell(vector["code"], lines, on=on, now=now)
        except (CardRefused, MalformedIdentifier):
            assert vector.get("bound") != "", vector["name"]
        else:
            assert vector["bound"] == ""
