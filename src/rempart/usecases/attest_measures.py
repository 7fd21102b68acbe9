"""Attest every protection: look, keep what was seen, have the ledger say so.

(1) a vault that can write answers: without one nothing is attested, and nothing is looked at;
(2) each check is made by itself, and one that cannot be says so;
(3) the evidence is kept, whole, under its SHA-256;
(4) the vault enters the edition, a state a measure, and that digest.

Stopped between (3) and (4), the evidence counts for nothing: the next attestation has its own.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from rempart.domain.errors import IntegrityBroken, TemporarilyUnavailable
from rempart.domain.measure import EDITION, Fact, Measure, Seen, State, catalogue, packed
from rempart.domain.paris import civil
from rempart.usecases.measure_checks import checked
from rempart.usecases.measure_messages import (
    AskProtections,
    EnterMeasures,
    MeasuresEntered,
    ProtectionsTold,
)
from rempart.usecases.measure_ports import EvidenceShelf, World
from rempart.usecases.messages import Reply, Request

FORMAT = "rempart/measures/1"
Told = Callable[[Measure, Seen], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was seen: when (microseconds), where, and of each measure, by its code."""

    edition: int
    origin: str
    instance: str
    made: int
    seen: Mapping[str, Seen] = field(repr=False)

    def to_bytes(self) -> bytes:
        """Its one form: JSON with sorted names, a line a measure."""
        said = {
            "format": FORMAT,
            "edition": self.edition,
            "origin": self.origin,
            "instance": self.instance,
            "made": self.made,
            "made_in_paris": civil(self.made).isoformat(),
            "measures": [_to_json(code, each) for code, each in self.seen.items()],
        }
        return (json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _to_json(code: str, seen: Seen) -> dict[str, Any]:
    state = seen.state.name.lower().replace("_", "-")
    return {"code": code, "state": state, "facts": dict(seen.facts), "why": seen.why}


def evidence_from(data: bytes, digest: bytes) -> Evidence:
    """The evidence under ``digest``.

    Raises:
        IntegrityBroken: it is not what was attested.
    """
    if sha256(data).digest() != digest:
        raise IntegrityBroken("evidence of measures was changed: it has not the ledger's digest")
    said = json.loads(data)
    return Evidence(
        **{name: said[name] for name in ("edition", "origin", "instance", "made")},
        seen=dict(_from_json(each) for each in said["measures"]),
    )


def _from_json(said: Mapping[str, Any]) -> tuple[str, Seen]:
    facts: dict[str, Fact] = said["facts"]
    state = State[said["state"].upper().replace("-", "_")]
    return said["code"], Seen(state, facts, said["why"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """Entered under ``ref``; the evidence lies under ``digest``."""

    ref: int
    digest: bytes
    evidence: Evidence = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestMeasures:
    """``vault`` asks the vault; ``origin`` and ``instance`` name this installation."""

    world: World
    shelf: EvidenceShelf
    vault: Callable[[Request], Reply] = field(repr=False)
    origin: str
    instance: str

    def __call__(self, *, told: Told = lambda *_: None) -> Attested:
        """Do it; ``told`` hears of each measure.

        Raises:
            TemporarilyUnavailable: no vault can write it; nothing is attested.
        """
        if not isinstance(self.vault(AskProtections()), ProtectionsTold):  # (1)
            raise TemporarilyUnavailable("the vault cannot write: nothing was attested")
        evidence = Evidence(
            edition=EDITION,
            origin=self.origin,
            instance=self.instance,
            made=self.world.now(),
            seen=dict(self._looked(told)),
        )
        digest = self.shelf.put(evidence.to_bytes())  # (3)
        states = packed([each.state for each in evidence.seen.values()])
        match self.vault(EnterMeasures(EDITION, states, digest)):  # (4)
            case MeasuresEntered(ref=ref):
                return Attested(ref=ref, digest=digest, evidence=evidence)
            case _:
                raise TemporarilyUnavailable("the vault did not write it: nothing was attested")

    def _looked(self, told: Told) -> Iterator[tuple[str, Seen]]:
        for measure in catalogue().measures:
            seen = checked(measure, self.world)  # (2)
            told(measure, seen)
            yield measure.code, seen
