"""Coverage: what a contract pays, where, and from when to when.

A rights record is what an insurer seals for one beneficiary: 256 bytes, always, so that its size
tells nothing. Its layout, big-endian, zero padded:

    u8   format, 1                          u8   contract kind
    u8   flags: bit 0 responsable           u8   number of periods
    16s  formula, ASCII                     32s  modes: the byte at a domain's code, 0 not covered
    34 × (u16 known since, u16 valid from, u16 valid to: 0xFFFF open ended)

A period is never rewritten: a correction is a new version of it, known later. So the rights as
known on a day can always be told again, and a retroactive close undoes no answer given before it.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import Self

from rempart.domain.days import EPOCH, OPEN_ENDED, number_of
from rempart.domain.errors import MalformedIdentifier, MalformedRecord, RecordTooLarge
from rempart.domain.hidden import Hidden

RECORD_SIZE = 256
RECORD_FORMAT = 1
FORMULA_SIZE = 16
PERIODS_MAX = 34
"""As many versions as the record has room for."""

HEAD = struct.Struct(">BBBB16s32s")
PERIOD = struct.Struct(">HHH")
PERIODS_END = HEAD.size + PERIODS_MAX * PERIOD.size
assert PERIODS_END == RECORD_SIZE
RESPONSABLE = 1


class Domain(IntEnum):
    """What care is billed; the names are the codes on cards."""

    PHAR = 1
    LABO = 2
    RADL = 3
    AUXM = 4
    SVIL = 5
    SAGE = 6
    DENT = 7
    DEPR = 8
    OPTI = 9
    AUDI = 10
    HOSP = 11
    EXTE = 12
    CENT = 13
    TRAN = 14
    LPPS = 15


class Mode(IntEnum):
    """What the contract pays in a domain, as cards print it."""

    TM = 1
    """The share that compulsory insurance leaves (ticket modérateur)."""
    FULL = 2
    """Printed 100."""
    PEC = 3
    """By prior agreement (prise en charge)."""
    SMUT = 4

    @property
    def printed(self) -> str:
        """The mode as cards print it."""
        return "100" if self is Mode.FULL else self.name

    @classmethod
    def from_printed(cls, text: str) -> Self:
        """Read a mode as cards print it.

        Raises:
            MalformedIdentifier: not a mode.
        """
        for mode in cls:
            if mode.printed == text:
                return mode
        raise MalformedIdentifier("mode", "expected TM, 100, PEC or SMUT")


class ContractKind(IntEnum):
    """How the beneficiary came to the contract."""

    INDIVIDUAL = 1
    GROUP = 2
    PORTABILITY = 3
    C2S = 4
    CANARY = 5
    """Nobody: planted by the insurer, given no card; whoever asks about it has no patient."""


Grid = tuple[tuple[Domain, Mode], ...]
"""Domains with their mode, each once, by ascending code."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Period(Hidden):
    """One version of a span of rights, both ends included; none in ``valid_to`` is open ended.

    Versions of one span share ``valid_from``. One that ends before it begins says that the span
    never was.
    """

    known_since: date
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RightsRecord(Hidden):
    """The rights of one beneficiary at one insurer; ``formula`` is at most 16 ASCII characters."""

    periods: tuple[Period, ...]
    formula: str
    domains: Grid
    contract: ContractKind
    responsable: bool


@dataclass(frozen=True, slots=True)
class InForce:
    """The rights are open until this day included (none: no end is known), under this mode."""

    until: date | None
    mode: Mode


@dataclass(frozen=True, slots=True)
class NotInForce:
    """No right is open, for whatever reason."""


MODES: tuple[Mode | None, ...] = (None, *Mode)
CONTRACTS = {kind.value: kind for kind in ContractKind}
DOMAIN_CODES = frozenset(Domain)


def encode_record(record: RightsRecord) -> bytes:
    """The 256 bytes of ``record``; the order of its periods and domains does not matter.

    Raises:
        RecordTooLarge: too many periods, or a formula too long or not ASCII.
        MalformedRecord: two versions of one span known since one day, or a domain twice.
        MalformedIdentifier: a date that two bytes cannot hold.
    """
    if len(record.periods) > PERIODS_MAX:
        raise RecordTooLarge(f"over {PERIODS_MAX} versions of periods")
    formula = record.formula
    # A NUL would not survive the padding.
    if len(formula) > FORMULA_SIZE or not formula.isascii() or "\0" in formula:
        raise RecordTooLarge(f"formula over {FORMULA_SIZE} ASCII characters")
    modes = bytearray(32)
    for domain, mode in record.domains:
        if modes[domain]:
            raise MalformedRecord("a domain stands twice")
        modes[domain] = mode
    spans = sorted(_span(period) for period in record.periods)
    if len({span[:4] for span in spans}) != len(spans):
        raise MalformedRecord("two versions of one period are known since the same day")
    flags = RESPONSABLE if record.responsable else 0
    head = HEAD.pack(
        RECORD_FORMAT, record.contract, flags, len(spans), formula.encode(), bytes(modes)
    )
    return (head + b"".join(spans)).ljust(RECORD_SIZE, b"\0")


def _span(period: Period) -> bytes:
    end = OPEN_ENDED if period.valid_to is None else number_of(period.valid_to)
    return PERIOD.pack(number_of(period.known_since), number_of(period.valid_from), end)


def decode_record(body: bytes) -> RightsRecord:
    """Read ``encode_record`` back; periods by ascending (known since, valid from).

    Raises:
        MalformedRecord: not a record of a known format, or not in its one spelling.
    """
    if len(body) != RECORD_SIZE or body[0] != RECORD_FORMAT:
        raise MalformedRecord("not a rights record of a known format")
    _, contract, flags, count, formula, modes = HEAD.unpack_from(body)
    end = HEAD.size + count * PERIOD.size
    if (
        contract not in CONTRACTS
        or flags > RESPONSABLE
        or end > RECORD_SIZE
        or len(body.rstrip(b"\0")) > end
    ):
        raise MalformedRecord("a field of a rights record is out of range")
    return RightsRecord(
        periods=_periods(body[HEAD.size : end]),
        formula=_formula(formula),
        domains=_grid(modes),
        contract=CONTRACTS[contract],
        responsable=flags == RESPONSABLE,
    )


def _periods(spans: bytes) -> tuple[Period, ...]:
    periods, before = [], (-1, -1)
    for known, start, end in PERIOD.iter_unpack(spans):
        if before >= (known, start) or OPEN_ENDED in (known, start):
            raise MalformedRecord("periods of a rights record are out of order")
        before = known, start
        periods.append(
            Period(
                known_since=date.fromordinal(EPOCH + known),
                valid_from=date.fromordinal(EPOCH + start),
                valid_to=None if end == OPEN_ENDED else date.fromordinal(EPOCH + end),
            )
        )
    return tuple(periods)


# Members of one formula share their grid and its name: few distinct ones are ever read.
@lru_cache(maxsize=4096)
def _grid(modes: bytes) -> Grid:
    try:
        return tuple((Domain(code), Mode(mode)) for code, mode in enumerate(modes) if mode)
    except ValueError:
        raise MalformedRecord("a domain or mode of a rights record is unknown") from None


@lru_cache(maxsize=4096)
def _formula(padded: bytes) -> str:
    formula = padded.rstrip(b"\0")
    if not formula.isascii() or 0 in formula:
        raise MalformedRecord("the formula of a rights record is not ASCII")
    return formula.decode()


def rights_on(
    record: RightsRecord,
    *,
    domain: Domain,
    care_date: date,
    known_at: date,
    card_ends: date | None,
) -> InForce | NotInForce:
    """What ``record`` opens in ``domain`` on ``care_date``, as it was known on ``known_at``.

    ``card_ends`` is the last day of the lock that was opened: rights are answered until the
    earlier of that day and the end of the period.
    """
    mode = mode_in(record.domains, domain)
    if mode is None or (card_ends is not None and care_date > card_ends):
        return NotInForce()
    until = None
    for period in _known(record.periods, known_at):
        end = period.valid_to or date.max
        if period.valid_from <= care_date <= end and (until is None or until < end):
            until = end
    if until is None:
        return NotInForce()
    if card_ends is not None and card_ends < until:
        until = card_ends
    return InForce(until=None if until == date.max else until, mode=mode)


def mode_in(domains: Grid, domain: Domain) -> Mode | None:
    """The mode under which ``domains`` cover ``domain``, if they do."""
    for covered, mode in domains:
        if covered is domain:
            return mode
    return None


def _known(periods: tuple[Period, ...], known_at: date) -> Iterable[Period]:
    """Of the versions of each span, the latest that was known on that day."""
    latest: dict[date, Period] = {}
    for period in periods:
        if period.known_since <= known_at:
            said = latest.get(period.valid_from)
            if said is None or said.known_since <= period.known_since:
                latest[period.valid_from] = period
    return latest.values()
