"""What became of the bad claims, and whether ``rempart claims reconcile`` tells what the rules say.

The command is typed, as whoever reconciles does; its last line must tell every claim that was kept
and nothing else, and owe what was told at the counter, to the cent.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rempart.adapters.claim_sender import Stands
from rempart.drill.cut.bad import DECIDED, DOOR, Bad
from rempart.drill.cut.day import Owed

RECONCILE = (sys.executable, "-m", "rempart", "claims", "reconcile")
CODES = {
    "claim-accepted": "accepted",
    "claim-refused": "refused",
    "claim-looked-at": "person",
    "claim-kept": "waiting",
}
"""What the intake says, in the words of the reconciliation."""
ENDED = "ended:revoked"


@dataclass(slots=True)
class Decided:
    """Each bad claim, and where it stands at the end; ``ended`` is how many cards were ended
    meanwhile, which insurers bear; ``verified`` how many were verified, and reported.
    """

    bad: Sequence[tuple[Bad, Stands]] = field(repr=False)
    ended: int
    verified: int
    told: Mapping[str, Any] = field(default_factory=dict)
    """The last line of the reconciliation."""

    def figures(self, owed: Sequence[Owed]) -> dict[str, Any]:
        """Of the bad claims, beside these honest ones."""
        by_kind = Counter(bad.kind for bad, _ in self.bad)
        return {
            "bad_claims": len(self.bad),
            "bad_kinds": len(by_kind),
            "bad_paid": sum(_became(stands) == "accepted" for _, stands in self.bad),
            "bad_decided_otherwise": self._otherwise(),
            "cards_ended_meanwhile": self.ended,
            "differences": self.told["rules"],
            "differences_add_up": self._adds_up(owed),
        }

    def _otherwise(self) -> dict[str, str]:
        """By kind, what became of one that was not decided as its rule says."""
        return {
            bad.kind: found
            for bad, stands in self.bad
            # A site is told the rule; why it is not kept, whoever reconciles.
            if (found := _became(stands, rule=True)) != DECIDED[bad.kind].partition("/")[0]
        }

    def _adds_up(self, owed: Sequence[Owed]) -> bool:
        kept = Counter(DECIDED[bad.kind] for bad, _ in self.bad)
        del kept[DOOR]
        claims = len(owed) + self.verified + kept.total()
        cents = sum(each.cents for each in owed)
        expected = {ENDED: self.ended, **kept}
        told = self.told["claims"], self.told["owed_cents"], self.told["rules"]
        return told == (claims, cents, expected)


def reconciled(environ: Mapping[str, str]) -> Mapping[str, Any]:
    """The last line of ``rempart claims reconcile``, in an installation."""
    done = subprocess.run(  # noqa: S603 - our own program
        RECONCILE, env=dict(environ), capture_output=True, text=True, check=True
    )
    told: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _became(stands: Stands, *, rule: bool = False) -> str:
    """What the intake says of a claim."""
    became = CODES.get(stands.code, stands.code)
    return f"{became}:{stands.rule}" if rule and stands.rule else became
