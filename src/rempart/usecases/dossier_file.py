"""What an insurer is told of a breach, as it is written down (``specs/dossier.md``).

Counts are of persons, by handle: one who was read in two months is one. Nothing here names anybody.
"""

from typing import Literal, get_args

import msgspec

from rempart.domain.errors import Refusal
from rempart.usecases.claims_file import ClaimsSaid

Phase = Literal["initial", "complement", "final"]
Door = Literal["account", "software", "gateway"]
"""How an account was used: a person's own was stolen, a software's key, or all was read on its way
through a gateway.
"""
DOORS: tuple[Door, ...] = get_args(Door)


class PartSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One part of the people of an insurer: breached, or undecided.

    ``people`` are named in the list; ``unnamed`` have a pseudonym that no table tells any more
    (they were erased since), so that two of them may be one person. ``fields``, ``domains`` and
    ``presences`` say of how many each was read; ``first`` and ``last`` are the times of the first
    and the last of these answers (microseconds, 0 where there is none).
    """

    people: int = 0
    unnamed: int = 0
    answers: int = 0
    fields: dict[str, int] = {}
    domains: dict[str, int] = {}
    presences: dict[str, int] = {}
    first: int = 0
    last: int = 0

    def __repr__(self) -> str:
        return f"PartSaid(people={self.people}, …)"


class ChangeSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is different from the report before, whose SHA-256 is ``before``: how many people are
    new in a part, and how many left it.
    """

    before: str
    breached_new: int
    breached_gone: int
    undecided_new: int
    undecided_gone: int

    def __repr__(self) -> str:
        return "ChangeSaid(…)"


class InsurerReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The report of art. 33(2) to one insurer.

    ``number`` counts its reports of this incident from 1; ``scope`` is the number of the scope that
    it follows from, ``scope_digest`` the SHA-256 of its file; ``stolen`` and ``contained`` are the
    earliest theft and the last containment of the finding (0: not contained yet); ``accounts`` and
    ``kinds`` say how many accounts read its people, by kind of site. ``members`` is the SHA-256 of
    the list in clear. ``clears`` is false where a hole of the ledger leaves everybody in doubt.

    ``doors`` says how many accounts by each door, of those that read its people or touched its
    claims, and ``gateway`` when one was in other hands (since, until). ``claims`` are its own,
    where somebody looked; ``claims_unopened`` are those, whoever's, that nobody could open.
    """

    format: Literal["rempart/dossier/1"] = "rempart/dossier/1"
    incident: int
    exercise: bool
    number: int
    phase: Phase
    amc: str
    name: str
    made: int
    scope: int
    scope_digest: str
    checkpoint: str
    stolen: int
    contained: int
    accounts: int
    kinds: dict[str, int]
    breached: PartSaid
    undecided: PartSaid
    cleared: int
    clears: bool
    members: str
    change: ChangeSaid | None = None
    doors: dict[Door, int] = {}
    gateway: tuple[tuple[int, int], ...] = ()
    claims: ClaimsSaid | None = None
    claims_unopened: int = 0

    def __repr__(self) -> str:
        return f"InsurerReport(amc={self.amc}, number={self.number}, …)"

    def to_json(self) -> bytes:
        """The text of the file."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


def read_report(text: str | bytes) -> InsurerReport:
    """The report in a file.

    Raises:
        Refusal: it is none.
    """
    try:
        return msgspec.json.decode(text, type=InsurerReport)
    except (msgspec.DecodeError, UnicodeError):
        raise Refusal("this is no report of a breach to an insurer") from None
