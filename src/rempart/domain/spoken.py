"""What a person says of an incident, in words: kept sealed, and bound to its entry by a digest.

The ledger holds the SHA-256 of these bytes and none of them; the salt in front lets nobody guess a
text from its digest.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import cbor2

from rempart.domain.errors import IntegrityBroken, MalformedIdentifier
from rempart.domain.hidden import Hidden

SALT_SIZE = 16
TEXT_MAX = 4_000
"""Characters: a page. What is longer is a document, and is cited."""
SOURCE_MAX = 200
FINDING_MAX = 64_000_000
"""Of a whole finding: a hundred thousand accounts, and their sessions."""
FIELDS = ("text", "source", "late", "reference", "thief", "owner")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Spoken(Hidden):
    """``text`` is what is said; ``source`` who or what says so; ``late`` the reasons of a delay;
    ``reference`` that of a receipt. Of a finding, ``thief`` and ``owner`` are the sessions of each;
    or ``finding`` is the whole of it, as its file says it (``specs/scope.md``).
    """

    text: str
    source: str = ""
    late: str = ""
    reference: str = ""
    thief: frozenset[bytes] = frozenset()
    owner: frozenset[bytes] = frozenset()
    finding: str = ""

    def check(self) -> None:
        """Return if it can be kept.

        Raises:
            MalformedIdentifier: empty, too long, or with signs that no page shows.
        """
        for name, value, most in (
            ("text", self.text, TEXT_MAX),
            ("late", self.late, TEXT_MAX),
            ("source", self.source, SOURCE_MAX),
            ("reference", self.reference, SOURCE_MAX),
            ("finding", self.finding, FINDING_MAX),
        ):
            if len(value) > most:
                raise MalformedIdentifier(name, f"expected at most {most} characters")
            if not value.replace("\n", " ").isprintable():
                raise MalformedIdentifier(name, "expected printable characters")
        if not self.text.strip():
            raise MalformedIdentifier("text", "say it in words")

    def to_bytes(self, salt: bytes) -> bytes:
        """Salt, then deterministic CBOR."""
        said = {
            **{name: getattr(self, name) for name in FIELDS[:4]},
            **{name: sorted(getattr(self, name)) for name in FIELDS[4:]},
            **({"finding": self.finding} if self.finding else {}),
        }
        return salt + cbor2.dumps(said, canonical=True)


def from_bytes(data: bytes) -> Spoken:
    """Read it back.

    Raises:
        IntegrityBroken: it does not decode.
    """
    try:
        said: Any = cbor2.loads(data[SALT_SIZE:])
        texts = {name: str(said[name]) for name in FIELDS[:4]}
        sessions = {name: frozenset(map(bytes, said[name])) for name in FIELDS[4:]}
    except (cbor2.CBORError, ValueError, TypeError, KeyError) as error:
        raise IntegrityBroken("words of an incident do not decode") from error
    return Spoken(**texts, **sessions, finding=str(said.get("finding", "")))  # type: ignore[arg-type]


def digest_of(data: bytes) -> bytes:
    """How the ledger names it."""
    return hashlib.sha256(data).digest()
