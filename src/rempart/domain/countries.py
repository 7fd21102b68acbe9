"""In which country a network is registered, by the files of the regional registries.

They publish them daily. A file ("delegated-extended", version 2) is a line a range of numbers:

    registry|cc|type|start|value|date|status[|…]

``value`` is a count of addresses, of any size, for ``ipv4``, a length of prefix for ``ipv6``.
Comments begin with ``#``; the first other line is the header (``HEADER``), whose end date is the
file's; lines of ``*`` that end in ``summary`` count. What is available or reserved, and what is of
a region (``EU``, ``AP``) or of nobody (``ZZ``), has no country.

It is the country where whoever holds the range is established: not where anybody is. Format: APNIC,
"RIR statistics exchange format"; the NRO's readme of the extended files.
"""

import re
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_network
from itertools import groupby

from rempart.domain.errors import MalformedRow

FIELDS = ("registry", "cc", "type", "start", "value", "date", "status")
HEADER = ("version", "registry", "serial", "records", "startdate", "enddate", "UTCoffset")
VERSION = re.compile(r"2(\.[0-9]{1,3})?")
COUNTRY = re.compile(r"[A-Z]{2}")
NO_COUNTRY = frozenset({"EU", "AP", "ZZ"})
HELD, FREE = frozenset({"allocated", "assigned"}), frozenset({"available", "reserved"})
LINE_MAX = 400
"""Characters; the longest that registries write are 120."""
ROWS_MAX = 2_000_000
"""Rows of one file: the largest has some 300,000."""
BAD_SHOWN = 3

IPV4_END, PREFIX_MAX = 2**32, 48
"""A network of IPv6 is a /48: it is counted in those, one of IPv4 in addresses."""
UNIT = 128 - PREFIX_MAX
AT, CODE = 17, 1
"""An edge of a range is one number: where it is, its country's code, whether it begins there."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """Where a country begins, and which (0: none), until the next one does: 10 bytes each."""

    starts: "array[int]" = field(repr=False)
    codes: "array[int]" = field(repr=False)

    def code(self, first: int, last: int) -> int:
        """The country of a whole span; none where it is not of one."""
        place = bisect_right(self.starts, first) - 1
        if place < 0 or (place + 1 < len(self.starts) and self.starts[place + 1] <= last):
            return 0
        return self.codes[place]


@dataclass(frozen=True, slots=True)
class Countries:
    """What one file says; ``dated`` is its end date. ``bad`` rows were left out, and the first of
    them are named.
    """

    ipv4: Ranges
    ipv6: Ranges
    dated: date
    rows: int
    bad: int = 0
    named: tuple[MalformedRow, ...] = field(default=(), repr=False)

    def of(self, network: str) -> str:
        """Two letters, where the whole network (a prefix) is of one country; or nothing."""
        try:
            asked = ip_network(network)
        except ValueError:
            return ""
        first, last = int(asked.network_address), int(asked.broadcast_address)
        code = (
            self.ipv4.code(first, last)
            if asked.version == 4
            else self.ipv6.code(first >> UNIT, last >> UNIT)
        )
        return code.to_bytes(2, "big").decode() if code else ""


@dataclass(slots=True)
class Reading:
    """A file on its way in, line after line."""

    line: int = 0
    rows: int = 0
    bad: int = 0
    named: list[MalformedRow] = field(default_factory=list, repr=False)
    dated: date | None = None
    _ipv4: list[int] = field(default_factory=list, repr=False)
    _ipv6: list[int] = field(default_factory=list, repr=False)

    def take(self, text: str) -> None:
        """Take the next line in; a bad row is left out.

        Raises:
            MalformedRow: it is no such file: its header is none, or it has no end.
        """
        self.line += 1
        text = text.strip()
        if not text or text.startswith("#"):
            return
        cells = text.split("|")
        if self.dated is None:
            self.dated = _header(cells, self.line)
            return
        if self.rows + self.bad >= ROWS_MAX:
            raise MalformedRow(self.line, "row", f"more than {ROWS_MAX} rows")
        try:
            self._row(cells)
        except MalformedRow as error:
            self.bad += 1
            if len(self.named) < BAD_SHOWN:
                self.named.append(error)

    def end(self) -> Countries:
        """What the file says.

        Raises:
            MalformedRow: it has no header.
        """
        if self.dated is None:
            raise MalformedRow(self.line, "version", "expected the header of a file of statistics")
        return Countries(
            ipv4=_swept(self._ipv4),
            ipv6=_swept(self._ipv6),
            dated=self.dated,
            rows=self.rows,
            bad=self.bad,
            named=tuple(self.named),
        )

    def _row(self, cells: list[str]) -> None:
        if cells[-1] == "summary" and len(cells) == 6:
            return
        if len(cells) < len(FIELDS):
            raise MalformedRow(self.line, "row", f"expected {len(FIELDS)} fields")
        _, country, kind, start, value, _, status = cells[: len(FIELDS)]
        span = _span(kind, start, value, self.line)
        if status not in HELD | FREE:
            raise MalformedRow(self.line, "status", f"expected one of {sorted(HELD | FREE)}")
        if status in HELD and COUNTRY.fullmatch(country) is None:
            raise MalformedRow(self.line, "cc", "expected two capital letters")
        self.rows += 1
        if span is None or status in FREE or country in NO_COUNTRY:
            return
        code = int.from_bytes(country.encode(), "big") << CODE
        edges = self._ipv4 if kind == "ipv4" else self._ipv6
        edges.append(span[0] << AT | code | 1)
        edges.append(span[1] << AT | code)


def _header(cells: Sequence[str], line: int) -> date:
    """The end date of a file."""
    if VERSION.fullmatch(cells[0]) is None or len(cells) != len(HEADER):
        raise MalformedRow(line, "version", "expected the header of a file of statistics")
    try:
        return datetime.strptime(f"{cells[5]} +0000", "%Y%m%d %z").date()
    except ValueError:
        raise MalformedRow(line, "enddate", "expected YYYYMMDD") from None


def _span(kind: str, start: str, value: str, line: int) -> tuple[int, int] | None:
    """Where a range begins and ends (excluded); nothing of what holds no network of ours."""
    if kind == "asn":
        return None
    if kind not in {"ipv4", "ipv6"}:
        raise MalformedRow(line, "type", "expected asn, ipv4 or ipv6")
    number = int(value) if value.isascii() and value.isdecimal() and len(value) <= 10 else 0
    try:
        first = int(IPv4Address(start) if kind == "ipv4" else IPv6Address(start))
    except AddressValueError:
        raise MalformedRow(line, "start", f"expected an address of {kind}") from None
    if kind == "ipv4":
        if not 0 < number <= IPV4_END - first:
            raise MalformedRow(line, "value", "expected a count of addresses from there on")
        return first, first + number
    if not 0 < number <= 128 or first % (1 << 128 - number):
        raise MalformedRow(line, "value", "expected the length of a prefix that begins there")
    if number > PREFIX_MAX:
        return None
    return first >> UNIT, (first >> UNIT) + (1 << PREFIX_MAX - number)


def _swept(edges: list[int]) -> Ranges:
    """Ranges apart from one another; where two countries claim the same, neither has it."""
    starts, codes = array("Q"), array("H")
    holders: Counter[int] = Counter()
    for at, here in groupby(sorted(edges), key=lambda edge: edge >> AT):
        for edge in here:
            code = edge >> CODE & 0xFFFF
            holders[code] += 1 if edge & 1 else -1
            if not holders[code]:
                del holders[code]
        code = next(iter(holders)) if len(holders) == 1 else 0
        if code != (codes[-1] if codes else 0):
            starts.append(at)
            codes.append(code)
    return Ranges(starts, codes)
