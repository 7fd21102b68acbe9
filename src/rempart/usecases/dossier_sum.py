"""Which report of each insurer stands for a scope: ``sum.json``, beside dossiers that are all made.

It is kept once they add up. A scope that says the same of everybody, at a later checkpoint, has the
same reports; of any other, a report is an older one until dossiers are made again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from rempart.domain.errors import IntegrityBroken
from rempart.usecases.dossier_file import InsurerReport
from rempart.usecases.scope_file import ScopeFile


class StandingSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The report of an insurer: its number, the SHA-256 of its file, and how many pseudonyms of the
    scope its people have.
    """

    number: int
    report: str
    pseudonyms: int

    def __repr__(self) -> str:
        return f"StandingSaid(number={self.number}, …)"


class SumSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them, by insurer; ``finding_digest``, ``list`` and ``clears`` are the scope's."""

    format: Literal["rempart/dossier-sum/1"] = "rempart/dossier-sum/1"
    incident: int
    exercise: bool
    scope: int
    finding_digest: str
    list: str
    clears: bool
    insurers: dict[str, StandingSaid]

    def __repr__(self) -> str:
        return f"SumSaid(scope={self.scope}, insurers={len(self.insurers)})"

    def is_of(self, scope: ScopeFile) -> bool:
        """Whether this scope says of everybody what that one said."""
        said = (scope.finding_digest, scope.list, scope.clears)
        return (self.finding_digest, self.list, self.clears) == said

    def check(self, scope: ScopeFile) -> None:
        """Return if together they are a scope that they are of.

        Raises:
            IntegrityBroken: they are not.
        """
        told = {amc: each.pseudonyms for amc, each in self.insurers.items() if each.pseudonyms}
        parts = {each.amc: each.breached + each.undecided for each in scope.insurers}
        if told != {amc: count for amc, count in parts.items() if count}:
            raise IntegrityBroken("the dossiers do not add up to the scope: make them again")

    def to_json(self) -> bytes:
        """The text of the file."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


def read_sum(text: bytes) -> SumSaid:
    """What was kept.

    Raises:
        IntegrityBroken: it is not what this wrote.
    """
    try:
        return msgspec.json.decode(text, type=SumSaid)
    except (msgspec.DecodeError, UnicodeError):
        raise IntegrityBroken("the sum of the dossiers does not read: make them again") from None


@dataclass(frozen=True, slots=True)
class Standing:
    """Reports that are held to be of a scope, and those that are of an older one."""

    now: list[InsurerReport] = field(default_factory=list, repr=False)
    older: list[InsurerReport] = field(default_factory=list, repr=False)


def standing(
    reports: Iterable[InsurerReport],
    digests: Mapping[str, str],
    scope: ScopeFile,
    *,
    digest: str,
    summed: SumSaid | None,
) -> Standing:
    """Which of the last reports, whose files have these ``digests`` by insurer, are of a scope,
    whose file has this ``digest``; ``summed`` is what was kept, if anything was.

    Raises:
        IntegrityBroken: what was kept of this scope is not as many people as it has.
    """
    whole = summed if summed is not None and summed.is_of(scope) else None
    if whole is not None:
        whole.check(scope)
    found = Standing()
    for each in reports:
        said = whole.insurers.get(each.amc) if whole else None
        stands = said is not None and said.report == digests[each.amc]
        older = not stands and each.scope_digest != digest and each.scope < scope.number
        (found.older if older else found.now).append(each)
    return found
