"""Cells of the insurer's member file: one grammar each, one rule in words for each breach.

    periods       2026-01-01/2026-12-31@2025-12-01     from / to @ known since
                  2026-01-01/..@2025-12-01             no end is known
    domains       PHAR=TM LABO=100 OPTI=PEC
    contract      INDIVIDUAL, GROUP, PORTABILITY or C2S; CANARY is nobody, planted
    responsable   yes or no
    cards         3:2026-12-31 4:2027-12-31            serial : last day; the next one beside it
                  2.7:2027-12-31                       card key of version 2, number 7
                  0:2026-12-31                         printed before Rempart
    formula, convention, csr                           short codes

Several versions of one period share their first day: a retroactive close is the same period again,
shorter and known later; one that ends before it begins cancels it. A refusal names the rule and
never quotes the cell. What is read here repeats from row to row, hence the memories.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from rempart.domain.card import CONVENTION_GRAMMAR, CSR_GRAMMAR
from rempart.domain.coverage import (
    ContractKind,
    Domain,
    Mode,
    Period,
    RightsRecord,
    encode_record,
)
from rempart.domain.days import number_of
from rempart.domain.errors import MalformedIdentifier, RecordTooLarge
from rempart.domain.identifiers import CardSerial

PERIOD = re.compile(r"([0-9-]{10})/([0-9-]{10}|\.\.)@([0-9-]{10})", re.ASCII)
CARD = re.compile(r"(?:([0-9]{1,5})\.)?([0-9]{1,5}):([0-9-]{10})", re.ASCII)
FORMULA = re.compile(r"[!-~](?:[ -~]{0,14}[!-~])?", re.ASCII)

CARDS_MAX = 2
"""The card in force and, while renewing, the next one."""
RESPONSABLE = {"yes": True, "no": False, "oui": True, "non": False}


@dataclass(frozen=True, slots=True)
class Fault:
    """A column of a row and the rule that it breaks, never its value."""

    column: str
    rule: str


@dataclass(frozen=True, slots=True)
class LiveCard:
    """A card that may be shown today or, while renewing, tomorrow; ``until`` is its last day.

    ``packed`` is the serial as a u32, ``ends`` the last day as a number: what locks are made of.
    """

    serial: CardSerial
    until: date
    packed: int = field(init=False, compare=False)
    ends: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "packed", self.serial.to_int())
        object.__setattr__(self, "ends", number_of(self.until))


@dataclass(frozen=True, slots=True)
class Rights:
    """What a row says of rights, and the bytes that are sealed."""

    record: RightsRecord
    encoded: bytes


def day_of(text: str, kind: str) -> date:
    """A day as YYYY-MM-DD.

    Raises:
        MalformedIdentifier: not a day, or none that two bytes can say.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise MalformedIdentifier(kind, "a date is not a day of the calendar") from None
    try:
        number_of(day)
    except MalformedIdentifier as refusal:
        raise MalformedIdentifier(kind, f"a date lies {refusal.rule}") from None
    return day


@lru_cache(maxsize=32_768)
def read_periods(text: str) -> tuple[Period, ...]:
    """Periods of rights with their versions.

    Raises:
        MalformedIdentifier: a part breaks the grammar, or says one version twice.
    """
    periods = []
    for part in text.split():
        match = PERIOD.fullmatch(part)
        if match is None:
            raise MalformedIdentifier("periods", "expected FROM/TO@SINCE, days as YYYY-MM-DD")
        first, last, since = match.groups()
        periods.append(
            Period(
                known_since=day_of(since, "periods"),
                valid_from=day_of(first, "periods"),
                valid_to=None if last == ".." else day_of(last, "periods"),
            )
        )
    if not periods:
        raise MalformedIdentifier("periods", "expected at least one period")
    if len({(period.valid_from, period.known_since) for period in periods}) < len(periods):
        raise MalformedIdentifier("periods", "two versions of one period are known since one day")
    return tuple(periods)


@lru_cache(maxsize=4_096)
def read_domains(text: str) -> tuple[tuple[Domain, Mode], ...]:
    """Domains with their mode, in the order of their numbers.

    Raises:
        MalformedIdentifier: an unknown domain or mode, or a domain twice.
    """
    modes: dict[Domain, Mode] = {}
    for part in text.split():
        name, separator, printed = part.partition("=")
        domain = Domain.__members__.get(name)
        if not separator or domain is None:
            raise MalformedIdentifier("domains", "expected DOMAIN=MODE, domains as on a card")
        if domain in modes:
            raise MalformedIdentifier("domains", "a domain is listed twice")
        try:
            modes[domain] = Mode.from_printed(printed)
        except (ValueError, KeyError, MalformedIdentifier):
            raise MalformedIdentifier("domains", "expected the mode TM, 100, PEC or SMUT") from None
    if not modes:
        raise MalformedIdentifier("domains", "expected at least one domain")
    return tuple(sorted(modes.items()))


def read_contract(text: str) -> ContractKind:
    """Kind of contract.

    Raises:
        MalformedIdentifier: none that is known.
    """
    kind = ContractKind.__members__.get(text)
    if kind is None:
        raise MalformedIdentifier(
            "contract", "expected INDIVIDUAL, GROUP, PORTABILITY, C2S, CANARY"
        )
    return kind


def read_responsable(text: str) -> bool:
    """Whether the contract is *responsable*.

    Raises:
        MalformedIdentifier: neither yes nor no.
    """
    answer = RESPONSABLE.get(text)
    if answer is None:
        raise MalformedIdentifier("responsable", "expected yes or no")
    return answer


def read_formula(text: str) -> str:
    """The insurer's code of a formula.

    Raises:
        MalformedIdentifier: empty, too long, or not ASCII.
    """
    return _matching(FORMULA, text, "formula", "expected 1 to 16 printable ASCII characters")


@lru_cache(maxsize=256)
def read_convention(text: str) -> str:
    """Type of convention, the second routing key of a card.

    Raises:
        MalformedIdentifier: not two characters.
    """
    return _matching(CONVENTION_GRAMMAR, text, "convention", "expected 2 digits or capital letters")


@lru_cache(maxsize=256)
def read_csr(text: str) -> str:
    """Secondary routing criterion, often empty.

    Raises:
        MalformedIdentifier: too long, or another alphabet.
    """
    return _matching(CSR_GRAMMAR, text, "csr", "expected at most 8 printable ASCII characters")


def _matching(grammar: re.Pattern[str], text: str, kind: str, rule: str) -> str:
    if grammar.fullmatch(text) is None:
        raise MalformedIdentifier(kind, rule)
    return text


@lru_cache(maxsize=16_384)
def read_cards(text: str) -> tuple[LiveCard, ...]:
    """Live cards, by serial; none is allowed: a beneficiary who has not received one.

    Raises:
        MalformedIdentifier: the grammar, a serial twice, or too many cards.
    """
    cards = []
    for part in text.split():
        match = CARD.fullmatch(part)
        if match is None:
            raise MalformedIdentifier("cards", "expected SERIAL:UNTIL, a day as YYYY-MM-DD")
        version, number, until = match.groups()
        cards.append(LiveCard(_serial(version, int(number)), day_of(until, "cards")))
    if len(cards) > CARDS_MAX:
        raise MalformedIdentifier("cards", "expected at most 2 cards, the current and the next")
    if len({card.packed for card in cards}) < len(cards):
        raise MalformedIdentifier("cards", "a serial is listed twice")
    return tuple(sorted(cards, key=lambda card: card.packed))


def _serial(version: str | None, number: int) -> CardSerial:
    if number == 0:
        if version is not None:
            raise MalformedIdentifier("cards", "serial 0 has no card key version")
        return CardSerial(key_version=0, number=0)
    key_version = 1 if version is None else int(version)
    if key_version == 0:
        raise MalformedIdentifier("cards", "card key versions begin at 1")
    return CardSerial(key_version=key_version, number=number)


def read_rights(
    periods: str, formula: str, domains: str, contract: str, responsable: str
) -> Rights | tuple[Fault, ...]:
    """The rights of a row, or everything that is wrong with them. Never raises."""
    try:
        record = RightsRecord(
            periods=read_periods(periods),
            formula=read_formula(formula),
            domains=read_domains(domains),
            contract=read_contract(contract),
            responsable=read_responsable(responsable),
        )
        return Rights(record, encode_record(record))
    except RecordTooLarge:
        return (Fault("periods", "too many periods for one record"),)
    except MalformedIdentifier:
        cells = (periods, formula, domains, contract, responsable)
        return tuple(filter(None, map(_fault_of, RIGHTS_GRAMMARS, cells)))


RIGHTS_GRAMMARS: tuple[Callable[[str], object], ...] = (
    read_periods,
    read_formula,
    read_domains,
    read_contract,
    read_responsable,
)


def _fault_of(grammar: Callable[[str], object], text: str) -> Fault | None:
    try:
        grammar(text)
    except MalformedIdentifier as refusal:
        return Fault(refusal.kind, refusal.rule)
    return None
