"""Countries of networks, from the registries' files: as a naive reading with ``ipaddress`` says."""

from __future__ import annotations

from datetime import date
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.countries import BAD_SHOWN, LINE_MAX, Countries, Reading
from rempart.domain.errors import MalformedRow

title = "Countries of networks"

HEADER = "2|ripencc|1764201599|4|19830705|20261126|+0100"
FILE = f"""\
# a comment
{HEADER}
ripencc|*|ipv4|*|5|summary
ripencc|*|asn|*|1|summary

ripencc|FR|ipv4|192.0.2.0|256|20100712|allocated|8e5c9a36
ripencc|FR|asn|64496|1|20100712|allocated|8e5c9a36
ripencc|DE|ipv4|198.51.100.0|384|20100712|assigned|0c5d
ripencc|BE|ipv4|198.51.101.128|128|20100712|assigned|0c5e
ripencc|EU|ipv4|203.0.113.0|256|20100712|allocated|0c5f
ripencc||ipv4|203.0.112.0|256||available
ripencc|ZZ|ipv6|2001:db8:1::|48||reserved|0c60
ripencc|FR|ipv6|2001:db8:2::|47|20100712|allocated|8e5c9a36|e-stats
"""


def read(text: str) -> Countries:
    reading = Reading()
    for line in text.splitlines():
        reading.take(line)
    return reading.end()


def test_a_file_is_read():
    said = read(FILE)
    assert (said.dated, said.rows, said.bad) == (date(2026, 11, 26), 8, 0)


@pytest.mark.parametrize(
    ("network", "country"),
    [
        ("192.0.2.0/24", "FR"),
        ("192.0.2.128/25", "FR"),
        ("192.0.2.0/23", ""),
        ("192.0.0.0/24", ""),
        ("198.51.100.0/24", "DE"),
        # Half of it of another's.
        ("198.51.101.0/24", ""),
        ("198.51.101.128/25", "BE"),
        ("203.0.113.0/24", ""),
        ("203.0.112.0/24", ""),
        ("2001:db8:1::/48", ""),
        ("2001:db8:2::/48", "FR"),
        ("2001:db8:3::/48", "FR"),
        ("2001:db8:4::/48", ""),
        ("0.0.0.0/0", ""),
        ("::/0", ""),
        # What a gateway may say, if it is in other hands.
        *((said, "") for said in ("", "7", "FR", "192.0.2.1/24", "a/b", "é", "1.2.3.4/33", "\0")),
    ],
)
def test_a_whole_network_is_of_one_country_or_of_none(network, country):
    assert read(FILE).of(network) == country


def test_a_file_without_a_row_knows_nothing():
    assert read(HEADER).of("192.0.2.0/24") == ""


def test_the_last_address_of_a_network_counts():
    said = read(f"{HEADER}\nripencc|FR|ipv4|192.0.2.0|255|20100712|allocated")
    assert (said.of("192.0.2.0/24"), said.of("192.0.2.0/25")) == ("", "FR")


def test_the_last_address_of_all_has_an_owner():
    said = read(f"{HEADER}\nripencc|FR|ipv4|255.255.255.0|256|20100712|allocated")
    assert said.of("255.255.255.0/24") == "FR"


# What a naive reading says

COUNTRIES = st.sampled_from(["FR", "DE", "IT", "EU"])
STATUSES = st.sampled_from(["allocated", "allocated", "assigned", "reserved", "available"])
BASE = int(IPv4Address("192.168.0.0"))
IPV4 = st.tuples(COUNTRIES, st.integers(0, 4000), st.integers(1, 2000), STATUSES)
IPV6 = st.tuples(COUNTRIES, st.integers(0, 15), st.integers(42, 50), STATUSES)


def holds(country: str, status: str) -> bool:
    return country != "EU" and status in {"allocated", "assigned"}


@given(
    rows=st.lists(IPV4, max_size=12),
    place=st.integers(0, 4095),
    length=st.sampled_from([22, 24, 24, 24, 26, 32]),
)
def test_ipv4_agrees_with_an_address_after_the_other(rows, place, length):
    text = "\n".join(
        f"ripencc|{country}|ipv4|{IPv4Address(BASE + start)}|{count}|20100712|{status}|x"
        for country, start, count, status in rows
    )
    network = IPv4Network((BASE + place, length), strict=False)
    claims = {
        frozenset(
            country
            for country, start, count, status in rows
            if holds(country, status) and start <= int(address) - BASE < start + count
        )
        for address in network
    }
    (only,) = claims if len(claims) == 1 else (frozenset[str](),)
    expected = next(iter(only)) if len(only) == 1 else ""
    said = read(f"{HEADER}\n{text}")
    assert said.of(str(network)) == expected
    assert (said.rows, said.bad) == (len(rows), 0)


@given(rows=st.lists(IPV6, max_size=12), place=st.integers(0, 63))
def test_ipv6_agrees_with_a_prefix_after_the_other(rows, place):
    prefixes = [
        (country, IPv6Network((0x20010DB8 << 96 | number << 82, length), strict=False), status)
        for country, number, length, status in rows
    ]
    text = "\n".join(
        f"ripencc|{country}|ipv6|{prefix.network_address}|{prefix.prefixlen}|20100712|{status}"
        for country, prefix, status in prefixes
    )
    network = IPv6Network((0x20010DB8 << 96 | place << 80, 48))
    over = {
        country
        for country, prefix, status in prefixes
        if holds(country, status) and network.subnet_of(prefix)
    }
    said = read(f"{HEADER}\n{text}")
    assert said.of(str(network)) == (over.pop() if len(over) == 1 else "")


@given(st.lists(IPV4, min_size=1, max_size=12), st.randoms())
def test_the_order_of_rows_says_nothing(rows, random):
    lines = [
        f"ripencc|{country}|ipv4|{IPv4Address(BASE + start)}|{count}|20100712|{status}"
        for country, start, count, status in rows
    ]
    before = read("\n".join([HEADER, *lines]))
    random.shuffle(lines)
    after = read("\n".join([HEADER, *lines]))
    assert (after.ipv4, after.ipv6) == (before.ipv4, before.ipv6)


# Bad rows


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("ripencc|FR|ipv4|192.0.2.0|25", "row"),
        ("<html>", "row"),
        ("ripencc|fr|ipv4|192.0.2.0|256|20100712|allocated", "cc"),
        ("ripencc||ipv4|192.0.2.0|256|20100712|allocated", "cc"),
        ("ripencc|FRA|ipv4|192.0.2.0|256|20100712|assigned", "cc"),
        ("ripencc|FR|ipv5|192.0.2.0|256|20100712|allocated", "type"),
        ("ripencc|FR|ipv4|192.0.2|256|20100712|allocated", "start"),
        ("ripencc|FR|ipv4|2001:db8::|32|20100712|allocated", "start"),
        ("ripencc|FR|ipv6|192.0.2.0|32|20100712|allocated", "start"),
        ("ripencc|FR|ipv4|192.0.2.0|0|20100712|allocated", "value"),
        ("ripencc|FR|ipv4|192.0.2.0|-1|20100712|allocated", "value"),
        ("ripencc|FR|ipv4|192.0.2.0|²|20100712|allocated", "value"),
        ("ripencc|FR|ipv4|255.255.255.0|257|20100712|allocated", "value"),
        (f"ripencc|FR|ipv4|192.0.2.0|{'9' * 5000}|20100712|allocated", "value"),
        ("ripencc|FR|ipv6|2001:db8::|129|20100712|allocated", "value"),
        ("ripencc|FR|ipv6|2001:db8::1|32|20100712|allocated", "value"),
        ("ripencc|FR|ipv4|192.0.2.0|256|20100712|lent", "status"),
    ],
)
def test_a_bad_row_is_left_out_and_named(row, column):
    said = read(f"{HEADER}\n{row}\nripencc|BE|ipv4|198.51.100.0|256|20100712|allocated")
    (named,) = said.named
    assert (named.line, named.column, said.bad, said.rows) == (2, column, 1, 1)
    assert "192.0" not in str(named)
    assert said.of("198.51.100.0/24") == "BE"
    assert said.of("192.0.2.0/24") == ""


def test_the_first_bad_rows_are_named():
    said = read(HEADER + "\n|" * 9)
    assert (said.bad, [each.line for each in said.named]) == (9, [2, 3, 4][:BAD_SHOWN])


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", "version"),
        ("# nothing else", "version"),
        ("<!DOCTYPE html>", "version"),
        ("3|ripencc|1|4|19830705|20261126|+0100", "version"),
        ("2|ripencc|1|4|19830705|20261126", "version"),
        ("2|ripencc|1|4|19830705|2026-11-26|+0100", "enddate"),
        ("ripencc|FR|ipv4|192.0.2.0|256|20100712|allocated", "version"),
    ],
)
def test_what_is_no_such_file_is_refused(text, column):
    with pytest.raises(MalformedRow) as refused:
        read(text)
    assert refused.value.column == column


@given(st.text(max_size=LINE_MAX))
def test_no_line_is_more_than_left_out(line):
    reading = Reading()
    reading.take(HEADER)
    reading.take(line)
    assert reading.end().of("192.0.2.0/24") == ""


def test_what_it_keeps_is_ten_bytes_a_range():
    said = read(FILE)
    assert said.ipv4.starts.itemsize + said.ipv4.codes.itemsize == 10
    # FR, nobody; DE, nobody, BE, nobody … : those of one country that touch are one.
    assert len(said.ipv6.starts) == 2
    assert ip_network("2001:db8:2::/47").supernet_of(IPv6Network("2001:db8:3::/48"))
