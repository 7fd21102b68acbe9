"""Identifiers of the field: parsed at the edge, passed on as values.

``parse`` is the only reader of text. It names the rule that a text breaks and never quotes it.
Values that say something of a person hide their ``repr``.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.hidden import Hidden

YEAR_MIN, YEAR_MAX = 1800, 2199
"""A year of birth outside is a date written in another order (DDMMYYYY)."""


def _without_spaces(text: str) -> str:
    """``text`` without any Unicode white space, upper case where it is ASCII.

    Only ASCII is folded: upper case turns some foreign letters into ASCII ones.
    """
    compact = "".join(text.split())
    return compact.upper() if compact.isascii() else compact


def _luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn key of the others."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += int(digit) if place % 2 == 0 else sum(divmod(2 * int(digit), 10))
    return total % 10 == 0


@dataclass(frozen=True, slots=True, repr=False)
class NIR(Hidden):
    """Social security number: 13 characters and a two-digit key. Never leaves the insurer."""

    value: str

    # Sex or status, year, month (over 12 where unknown), department, commune, order, key.
    GRAMMAR = re.compile(
        r"[123478][0-9]{2}(?:0[1-9]|1[0-2]|2[0-9]|3[0-9]|4[0-2]|[5-9][0-9])"
        r"(?:[0-9]{2}|2[AB])[0-9]{3}[0-9]{3}[0-9]{2}"
    )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a NIR as printed, spaces allowed.

        Raises:
            MalformedIdentifier: wrong length, alphabet, month or key.
        """
        compact = _without_spaces(text)
        if not cls.GRAMMAR.fullmatch(compact):
            raise MalformedIdentifier("NIR", "expected 13 characters and a 2-digit key")
        # The letter of a Corsican department counts as 2A = 19, 2B = 18.
        department = {"2A": "19", "2B": "18"}.get(compact[5:7], compact[5:7])
        number = int(compact[:5] + department + compact[7:13])
        if int(compact[13:]) != 97 - number % 97:
            raise MalformedIdentifier("NIR", "key does not match")
        return cls(compact)

    @property
    def provisional(self) -> bool:
        """Being registered (3, 4) or temporary (7, 8): will be replaced."""
        return self.value[0] in "3478"


@dataclass(frozen=True, slots=True)
class AMCNumber:
    """Number of a complementary insurer in the inter-AMC directory: 8 digits."""

    value: str

    GRAMMAR = re.compile(r"[0-9]{8}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an AMC number.

        Raises:
            MalformedIdentifier: not 8 digits.
        """
        if not cls.GRAMMAR.fullmatch(text):
            raise MalformedIdentifier("AMC number", "expected 8 digits")
        return cls(text)


@dataclass(frozen=True, slots=True)
class RPPS:
    """Number of a professional in the national directory: 11 digits with a Luhn key."""

    value: str

    GRAMMAR = re.compile(r"[0-9]{11}")

    @classmethod
    def parse(cls, text: str, *, lenient_key: bool = False) -> Self:
        """Read an RPPS number; published test numbers need ``lenient_key``.

        Raises:
            MalformedIdentifier: not 11 digits, or the key does not match.
        """
        if not cls.GRAMMAR.fullmatch(text):
            raise MalformedIdentifier("RPPS", "expected 11 digits")
        if not lenient_key and not _luhn(text):
            raise MalformedIdentifier("RPPS", "key does not match")
        return cls(text)


@dataclass(frozen=True, slots=True)
class FINESS:
    """Number of an establishment: department (2A and 2B too), serial, Luhn key; 9 characters."""

    value: str

    GRAMMAR = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{7}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a FINESS number.

        Raises:
            MalformedIdentifier: wrong length, alphabet or key.
        """
        if not cls.GRAMMAR.fullmatch(text):
            raise MalformedIdentifier("FINESS", "expected 9 characters, digits after the first 2")
        # The key of a Corsican number reads its letter as its rank in the alphabet.
        if not _luhn(text.replace("A", "1").replace("B", "2")):
            raise MalformedIdentifier("FINESS", "key does not match")
        return cls(text)


@dataclass(frozen=True, slots=True)
class SiteId:
    """Where professionals bill: ``FINESS:…``, ``SIRET:…`` or ``STRUCT:…``.

    ``STRUCT`` is the technical identifier of a structure in the national directory, for sites
    without either number.
    """

    value: str

    STRUCTURE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,35}")
    SIRET = re.compile(r"[0-9]{14}")
    # The post office numbers its branches outside the Luhn rule.
    POST_OFFICE = "356000000"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a site identifier with its scheme.

        Raises:
            MalformedIdentifier: unknown scheme, or a number that breaks its grammar or key.
        """
        scheme, _, number = text.partition(":")
        match scheme:
            case "FINESS":
                FINESS.parse(number)
            case "SIRET":
                cls._check_siret(number)
            case "STRUCT":
                if not cls.STRUCTURE.fullmatch(number):
                    raise MalformedIdentifier("site", "STRUCT: expected 1 to 36 characters")
            case _:
                raise MalformedIdentifier("site", "expected FINESS:, SIRET: or STRUCT:")
        return cls(text)

    @classmethod
    def _check_siret(cls, number: str) -> None:
        if not cls.SIRET.fullmatch(number):
            raise MalformedIdentifier("site", "SIRET: expected 14 digits")
        of_the_post = number.startswith(cls.POST_OFFICE) and sum(map(int, number)) % 5 == 0
        if not _luhn(number) and not of_the_post:
            raise MalformedIdentifier("site", "SIRET: key does not match")

    @property
    def scheme(self) -> str:
        """``FINESS``, ``SIRET`` or ``STRUCT``."""
        return self.value.partition(":")[0]

    @property
    def number(self) -> str:
        """The identifier without its scheme."""
        return self.value.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberNumberRule:
    """How one insurer's member numbers are brought to one form. Published in its bundle.

    ``strip_leading_zeros`` drops zeros in front, ``keep_letters`` tells letters from noise.
    """

    strip_leading_zeros: bool = False
    keep_letters: bool = True

    def to_json(self) -> dict[str, bool]:
        """The rule as the insurer's public bundle says it."""
        return {"strip_leading_zeros": self.strip_leading_zeros, "keep_letters": self.keep_letters}

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            MalformedIdentifier: an unknown key, a missing one, or a value that is no boolean.
        """
        match value:
            case {"strip_leading_zeros": bool(zeros), "keep_letters": bool(letters)} if (
                len(value) == 2
            ):
                return cls(strip_leading_zeros=zeros, keep_letters=letters)
        raise MalformedIdentifier("member number rule", "expected two booleans")


@dataclass(frozen=True, slots=True, repr=False)
class MemberNumber(Hidden):
    """Numéro d'adhérent, in the one form that its insurer's rule gives it."""

    value: str

    SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−./]+")
    GRAMMAR = re.compile(r"[0-9A-Z]{1,32}")

    @classmethod
    def parse(cls, text: str, rule: MemberNumberRule) -> Self:
        """Read a member number as printed or typed.

        Compatibility forms (NFKC) are folded, separators dropped, letters upper case.

        Raises:
            MalformedIdentifier: not 1 to 32 letters and digits once in that form.
        """
        folded = cls.SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
        # Only ASCII is folded: upper case turns some foreign letters into ASCII ones.
        canonical = folded.upper() if folded.isascii() else ""
        if not cls.GRAMMAR.fullmatch(canonical):
            raise MalformedIdentifier("member number", "expected 1 to 32 letters and digits")
        if not rule.keep_letters:
            canonical = "".join(each for each in canonical if each.isdigit())
            if not canonical:
                raise MalformedIdentifier("member number", "this insurer's have digits")
        if rule.strip_leading_zeros:
            canonical = canonical.lstrip("0") or "0"
        return cls(canonical)


@dataclass(frozen=True, slots=True, repr=False)
class BirthDate(Hidden):
    """Birth date as printed: YYYYMMDD, possibly incomplete (00) or impossible (19630231).

    Not a calendar date: what matters is that the card and the question say the same.
    """

    value: str

    GRAMMARS = (
        re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"),
        re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
        re.compile(r"(?P<day>[0-9]{2})/(?P<month>[0-9]{2})/(?P<year>[0-9]{4})"),
    )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read YYYY-MM-DD, YYYYMMDD, DD/MM/YYYY, YYYY-MM or YYYY.

        Raises:
            MalformedIdentifier: none of these, or no year of a living person.
        """
        for grammar in cls.GRAMMARS:
            if found := grammar.fullmatch(text):
                break
        else:
            raise MalformedIdentifier("birth date", "expected YYYY-MM-DD, 00 where unknown")
        year, month, day = found.group("year", "month", "day")
        if not YEAR_MIN <= int(year) <= YEAR_MAX:
            raise MalformedIdentifier("birth date", "year outside 1800 to 2199")
        return cls(year + (month or "00") + (day or "00"))

    @property
    def year(self) -> int:
        """Year of birth."""
        return int(self.value[:4])


@dataclass(frozen=True, slots=True)
class BirthRank:
    """Tells people born the same day apart, twins mostly; 1 to 9. Not an order in the family."""

    value: int

    GRAMMAR = re.compile(r"[1-9]")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a birth rank.

        Raises:
            MalformedIdentifier: not one digit from 1 to 9.
        """
        if not cls.GRAMMAR.fullmatch(text):
            raise MalformedIdentifier("birth rank", "expected one digit, 1 to 9")
        return cls(int(text))


@dataclass(frozen=True, slots=True, repr=False)
class InsurerReference(Hidden):
    """The insurer's own reference of a beneficiary; only its handle leaves the insurer."""

    value: str

    GRAMMAR = re.compile(r"[!-~](?:[ -~]{0,30}[!-~])?")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference.

        Raises:
            MalformedIdentifier: not 1 to 32 printable ASCII characters, or a space at an end.
        """
        if not cls.GRAMMAR.fullmatch(text):
            raise MalformedIdentifier(
                "reference", "expected 1 to 32 printable ASCII characters, no space at the ends"
            )
        return cls(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSerial:
    """Version of the insurer's card key (u16) and a number (u16); number 0 is before Rempart."""

    key_version: int
    number: int

    LIMIT = 1 << 16

    def __post_init__(self) -> None:
        if not (0 <= self.key_version < self.LIMIT and 0 <= self.number < self.LIMIT):
            raise MalformedIdentifier("card serial", "expected two numbers from 0 to 65535")

    @classmethod
    def from_int(cls, value: int) -> Self:
        """Read ``to_int`` back.

        Raises:
            MalformedIdentifier: not a u32.
        """
        return cls(key_version=value >> 16, number=value & 0xFFFF)

    def to_int(self) -> int:
        """Version << 16 | number."""
        return self.key_version << 16 | self.number

    def to_bytes(self) -> bytes:
        """Four bytes, big-endian."""
        return self.to_int().to_bytes(4, "big")

    @property
    def before_rempart(self) -> bool:
        """Printed before Rempart: no code, no printed key."""
        return self.number == 0


@dataclass(frozen=True, slots=True, repr=False)
class PrintedKey(Hidden):
    """8 characters printed on a card beside its code: 40 bits in Crockford's base32."""

    value: str

    GRAMMAR = re.compile(r"[0-9A-HJKMNP-TV-Z]{8}")
    READ_AS = str.maketrans("OIL", "011", "-")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key as typed: any case, spaces, dashes; O is 0, I and L are 1.

        Raises:
            MalformedIdentifier: not 8 characters of the alphabet.
        """
        canonical = _without_spaces(text).translate(cls.READ_AS)
        if not cls.GRAMMAR.fullmatch(canonical):
            raise MalformedIdentifier("printed key", "expected 8 letters and digits")
        return cls(canonical)
