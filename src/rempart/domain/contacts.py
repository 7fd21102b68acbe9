"""Whom to reach in a breach: ourselves, and each insurer, or who manages its rights for it.

The file is TOML, kept by people, read when the platform is cut; it holds no insured person.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.identifiers import AMCNumber
from rempart.domain.insurer import X25519_SIZE, unb64

TEXT_MAX = 200
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = re.compile(rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@(?:{LABEL}\.)+{LABEL}")
"""One address and nothing else: no name, no list, no quotes, no line."""


def mailable(email: str) -> bool:
    """Whether this is one address of e-mail, that can stand in a header."""
    return EMAIL.fullmatch(email) is not None and ".." not in email


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorContact:
    """Who we are, as letters and forms say it; ``desk`` answers day and night."""

    name: str = field(repr=False)
    siren: str = field(repr=False)
    address: str = field(repr=False)
    dpo: str = field(repr=False)
    dpo_email: str = field(repr=False)
    dpo_phone: str = field(repr=False)
    desk: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsurerContact:
    """An insurer. ``delegate`` is the *délégataire* that manages its rights for it, where there is
    one: the other fields are then the délégataire's. ``phone`` answers day and night;
    ``escalation`` is the number above it, the insurer's own, or a director's; ``drop`` is the
    folder where signed files are left; ``key`` (X25519, 32 bytes) is what members' lists are sealed
    to. Each may be missing.
    """

    amc: AMCNumber
    name: str = field(repr=False)
    delegate: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    escalation: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    drop: str = field(default="", repr=False)
    key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Contacts:
    """The book; an insurer that is not in it has nobody to be told through."""

    operator: OperatorContact
    insurers: Mapping[int, InsurerContact] = field(repr=False)

    def of(self, amc: int) -> InsurerContact | None:
        """Who is told for an insurer, by its number."""
        return self.insurers.get(amc)


def contacts_of(said: object) -> Contacts:
    """The book in a TOML file, read.

    Raises:
        MalformedIdentifier: a field is missing, unknown, or not what it should be; it is named.
    """
    whole = _table(said, "contacts", needed={"operator"}, known={"operator", "insurer"})
    rows = whole.get("insurer", [])
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise MalformedIdentifier("insurer", "expected a list of insurers")
    insurers: dict[int, InsurerContact] = {}
    for place, row in enumerate(rows, 1):
        contact = _insurer(row, f"insurer {place}")
        if insurers.setdefault(int(contact.amc.value), contact) is not contact:
            raise MalformedIdentifier(f"insurer {place}, amc", "one is named twice")
    return Contacts(_operator(whole["operator"]), insurers)


def _operator(said: object) -> OperatorContact:
    names = {each.name for each in fields(OperatorContact)}
    table = _table(said, "operator", needed=names, known=names)
    return OperatorContact(**{name: _text(table, "operator", name) for name in names})


def _insurer(said: object, where: str) -> InsurerContact:
    names = {each.name for each in fields(InsurerContact)}
    table = _table(said, where, needed={"amc", "name"}, known=names)
    texts = {name: _text(table, where, name) for name in table if name not in {"amc", "key"}}
    key = table.get("key")
    return InsurerContact(
        amc=_number(table, where),
        key=unb64(_text(table, where, "key"), f"{where}, key", X25519_SIZE) if key else b"",
        **texts,
    )


def _number(table: Mapping[str, Any], where: str) -> AMCNumber:
    try:
        return AMCNumber.parse(_text(table, where, "amc"))
    except MalformedIdentifier as error:
        raise MalformedIdentifier(f"{where}, amc", error.rule) from None


def _table(said: object, where: str, *, needed: set[str], known: set[str]) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise MalformedIdentifier(where, "expected a table")
    if strange := set(said) - known:
        raise MalformedIdentifier(where, f"{min(map(str, strange))[:32]} is not known")
    if missing := needed - set(said):
        raise MalformedIdentifier(where, f"{min(missing)} is missing")
    return said


def _text(table: Mapping[str, Any], where: str, name: str) -> str:
    value = table[name]
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= TEXT_MAX:
        raise MalformedIdentifier(f"{where}, {name}", f"expected 1 to {TEXT_MAX} characters")
    return value
