"""The code by which an insurer lets one phone in: 16 characters, 80 bits, read from a letter."""

import re
from dataclasses import dataclass
from typing import Self

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.hidden import Hidden
from rempart.domain.identifiers import PrintedKey

CODE_SIZE = 10
"""Bytes by chance that make one."""
LIFE = 30
"""Days for which one is good, unless the insurer says otherwise: a letter, and a holiday."""
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GRAMMAR = re.compile(rf"[{ALPHABET}]{{16}}")


@dataclass(frozen=True, slots=True, repr=False)
class InvitationCode(Hidden):
    """In Crockford's base32, as a printed key is."""

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one as typed: any case, spaces, dashes; O is 0, I and L are 1.

        Raises:
            MalformedIdentifier: not 16 characters of the alphabet.
        """
        canonical = "".join(text.split()).upper().translate(PrintedKey.READ_AS)
        if not text.isascii() or not GRAMMAR.fullmatch(canonical):
            raise MalformedIdentifier("invitation", "expected 16 letters and digits")
        return cls(canonical)

    @classmethod
    def of(cls, chance: bytes) -> Self:
        """The code of ten bytes."""
        number = int.from_bytes(chance, "big")
        return cls("".join([ALPHABET[number >> shift & 31] for shift in range(75, -1, -5)]))

    @property
    def printed(self) -> str:
        """In groups of four, for reading."""
        return "-".join(self.value[at : at + 4] for at in range(0, 16, 4))
