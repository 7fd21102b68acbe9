"""An alert from one operator to another: which accounts were stolen there, by public numbers.

* It names professionals, sites, software and networks as public directories do, in clear: a hash of
  a number that everybody has listed hides nothing. It says nothing of insured people.
* It is one of a row: numbered for its one recipient, each citing the one before.
* It ends by itself. Whoever receives it narrows on its word, and does nothing else (``Authority``).

The page is ``specs/alert.md``, the vectors ``specs/vectors/alert.json``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from itertools import pairwise
from typing import Any, TypeVar

import cbor2

from rempart.domain.containment import Why
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.identifiers import SiteId
from rempart.domain.plain_cbor import read_one_form

T = TypeVar("T")
TYPE = "application/rempart-alert+cwt"
EXPIRES, ISSUED, ALERT = 4, 6, -65541
NUMBER, RECIPIENT, PREVIOUS, REF, WHY = 1, 2, 3, 4, 5
ACCOUNTS, SITES, SOFTWARE, NETWORKS, WITHDRAWN = 6, 7, 8, 9, 10

NAME_MAX, PRODUCT_MAX = 40, 80
SUBJECTS_MAX = 128
"""Of each kind: in 2024 there were a handful of accounts."""
ENCODED_MAX = 12_288
"""Bytes: with its signature it fits a frame of the vault's socket."""
LASTS_MAX = 14 * 86_400
"""Seconds: whoever still fears an account after two weeks says so again."""
DIGEST_SIZE = RECIPIENT_SIZE = 32
NUMBER_MAX, REF_MAX, SECONDS_MAX = 1 << 32, 1 << 53, 1 << 33
PREFIXES = {4: 24, 6: 48}
"""Of a network, as the gateway counts them: an address would be somebody's."""
ACCOUNT = re.compile(r"RPPS:[0-9]{11}|IDNPS:[0-79][0-9A-Za-z/.-]{1,30}")
"""A professional by their number; ``IDNPS`` is the national identifier of who has no RPPS."""

TELLS = frozenset(
    {
        *(Why.STRANGERS, Why.MISSES, Why.ORDER, Why.CANARY, Why.REPLAYS, Why.INSISTED),
        *(Why.CROWD, Why.ONE_INSURER, Why.REPORTED, Why.COMPROMISED),
    }
)
"""What somebody may be warned of: seen by the publisher itself, never passed on from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Who and what an alert names, each list ascending, none twice.

    ``sites`` are ``SiteId`` values, ``software`` a product and its release as its vendor states
    them, ``networks`` prefixes as the gateway counts them: /24 of IPv4, /48 of IPv6.
    """

    accounts: tuple[str, ...] = field(default=(), repr=False)
    sites: tuple[str, ...] = field(default=(), repr=False)
    software: tuple[str, ...] = field(default=(), repr=False)
    networks: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for each in (self.accounts, self.sites, self.software, self.networks):
            _check(len(each) <= SUBJECTS_MAX, f"at most {SUBJECTS_MAX} of a kind")
            _check(all(one < next_ for one, next_ in pairwise(each)), "a list is not ascending")
        _check(all(map(ACCOUNT.fullmatch, self.accounts)), "account: expected RPPS: or IDNPS:")
        for site in self.sites:
            SiteId.parse(site)
        products = all(is_name(each, most=PRODUCT_MAX) for each in self.software)
        _check(products, f"software: expected 1 to {PRODUCT_MAX} characters")
        _check(all(map(is_network, self.networks)), "network: expected a /24 or a /48")

    @property
    def count(self) -> int:
        """How many are named."""
        return sum(map(len, (self.accounts, self.sites, self.software, self.networks)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """``number`` is one more than the last for this ``recipient`` (X25519, 32 bytes), ``previous``
    the SHA-256 of that one, nothing at the first. ``ref`` is the entry of the publisher's ledger
    that decided it. ``made`` and ``until`` are seconds since 1970.

    It names ``subjects``, or takes back alerts of before by their ``ref`` (``withdrawn``).
    """

    number: int
    recipient: bytes = field(repr=False)
    previous: bytes = field(default=b"", repr=False)
    ref: int
    made: int
    until: int
    why: Why = Why.COMPROMISED
    subjects: Subjects = field(default_factory=Subjects)
    withdrawn: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        first, withdrawn = self.number == 1, self.withdrawn
        for holds, rule in (
            (0 < self.number < NUMBER_MAX, "number: expected a u32 from 1"),
            (len(self.recipient) == RECIPIENT_SIZE, "recipient: expected 32 bytes"),
            (len(self.previous) == (0 if first else DIGEST_SIZE), "previous: expected 32 bytes"),
            (0 <= self.ref < REF_MAX, "ref: expected an index of a ledger"),
            (0 < self.made < self.until < SECONDS_MAX, "made: expected before its end"),
            (self.until - self.made <= LASTS_MAX, "until: expected within 14 days"),
            (self.why in TELLS, "why: nothing that one operator warns another of"),
            (bool(withdrawn) is not bool(self.subjects.count), "it names, or it withdraws"),
            (len(withdrawn) <= SUBJECTS_MAX, f"withdrawn: at most {SUBJECTS_MAX}"),
            (all(one < next_ for one, next_ in pairwise(withdrawn)), "withdrawn: not ascending"),
            (all(0 <= each < self.ref for each in withdrawn), "withdrawn: expected earlier ones"),
        ):
            _check(holds, rule)


def _check(holds: object, rule: str) -> None:
    if not holds:
        raise MalformedIdentifier("alert", rule)


def is_name(text: str, *, most: int = NAME_MAX) -> bool:
    """Whether text is a name that may be shown: printable, short, no space at either end."""
    return text.isprintable() and text.strip() == text and 0 < len(text) <= most


def is_network(text: str) -> bool:
    """Whether text is a network in its one spelling, as wide as the gateway counts."""
    try:
        network = ip_network(text)
    except ValueError:
        return False
    return str(network) == text and network.prefixlen == PREFIXES[network.version]


def to_payload(alert: Alert) -> bytes:
    """The claims of an alert, in deterministic CBOR."""
    named = alert.subjects
    said: dict[int, Any] = {
        NUMBER: alert.number,
        RECIPIENT: alert.recipient,
        PREVIOUS: alert.previous,
        REF: alert.ref,
        WHY: alert.why.value,
        ACCOUNTS: list(named.accounts),
        SITES: list(named.sites),
        SOFTWARE: list(named.software),
        NETWORKS: list(named.networks),
        WITHDRAWN: list(alert.withdrawn),
    }
    said = {key: value for key, value in said.items() if value or key in {REF}}
    claims = {EXPIRES: alert.until, ISSUED: alert.made, ALERT: said}
    return cbor2.dumps(claims, canonical=True)


def from_payload(payload: bytes) -> Alert:
    """Read an alert whose signature has been verified.

    Raises:
        MalformedIdentifier: not the claims of one, or not in their one spelling.
    """
    if len(payload) > ENCODED_MAX:
        raise MalformedIdentifier("alert", "too long")
    return read_one_form(payload, kind="alert", read=_alert, spell=to_payload)


def _alert(claims: object) -> Alert:
    match claims:
        case {
            4: int(until),
            6: int(made),
            -65541: {1: int(number), 2: bytes(recipient), 4: int(ref), 5: int(why), **more},
        } if set(more) <= {PREVIOUS, ACCOUNTS, SITES, SOFTWARE, NETWORKS, WITHDRAWN}:
            return Alert(
                number=number,
                recipient=recipient,
                previous=_bytes(more.get(PREVIOUS, b"")),
                ref=ref,
                made=made,
                until=until,
                why=Why(why),
                subjects=Subjects(
                    accounts=_all(str, more.get(ACCOUNTS, [])),
                    sites=_all(str, more.get(SITES, [])),
                    software=_all(str, more.get(SOFTWARE, [])),
                    networks=_all(str, more.get(NETWORKS, [])),
                ),
                withdrawn=_all(int, more.get(WITHDRAWN, [])),
            )
    raise MalformedIdentifier("alert", "not what an alert holds")


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise MalformedIdentifier("alert", "expected bytes")
    return value


def _all(kind: type[T], values: object) -> tuple[T, ...]:
    if not isinstance(values, list) or not all(type(each) is kind for each in values):
        raise MalformedIdentifier("alert", "a list holds something else")
    return tuple(values)


def sorted_once(values: Sequence[str]) -> tuple[str, ...]:
    """As lists of an alert are written."""
    return tuple(sorted(set(values)))
