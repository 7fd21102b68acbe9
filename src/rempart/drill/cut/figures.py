"""What the day came to, beside what the same hours come to with 2024's means; and the goals."""

from collections.abc import Mapping, Sequence
from typing import Any

from rempart.adapters.claim_sender import Stands
from rempart.domain.claim import Bound, Disclosed
from rempart.domain.ruling import Ruling
from rempart.drill.cut.bad import DECIDED
from rempart.drill.cut.day import Owed, Seen
from rempart.drill.cut.portal_2024 import Counts

GOALS = {
    "verdict_share": 0.999,
    "class_a_share": 1.0,
    "guaranteed_share": 0.6,
    "accepted_share": 1.0,
}
SLIP_MAX = 1.0
LOOKED_AT = "claim-looked-at"
Rulings = Sequence[tuple[Owed, Stands]]
"""Each claim of the day, and where it stands at the end."""


def met(figures: Mapping[str, Any]) -> bool:
    """Whether every goal is reached."""
    reached = all(figures[name] >= goal for name, goal in GOALS.items())
    quick = bool(figures["slip_s_max"] < SLIP_MAX)
    right = figures["verifications_right"] == figures["verifications"]
    return reached and quick and bool(right) and as_ruled(figures)


def as_ruled(figures: Mapping[str, Any]) -> bool:
    """Whether every kind of bad claim was sent, and decided as its rule says; and everything that
    was kept is told.
    """
    every_kind = figures["bad_kinds"] == len(DECIDED)
    ruled = not figures["bad_paid"] and not figures["bad_decided_otherwise"]
    return every_kind and ruled and bool(figures["differences_add_up"])


def of_visits(seen: Seen) -> dict[str, Any]:
    """Of the hours that were cut."""
    return {
        "patients": seen.patients,
        "verdict_share": share(seen.verdicts, seen.patients),
        "cards_believed_wrongly": seen.believed_wrongly,
        "optical_hearing_sales": seen.sales,
        "guaranteed_share": share(seen.guaranteed, seen.sales),
        "sales_without_agreement": seen.sales - seen.guaranteed,
        "class_a_sales": seen.class_a,
        "class_a_not_owed": seen.not_owed,
        "class_a_share": share(seen.class_a_bound, seen.class_a),
        "undertakings": seen.bound,
        "verifications": seen.verified,
        "came_twice": seen.again,
        "refused_while_cut": seen.refused_while_cut,
        "not_acknowledged_at_first": seen.lost,
    }


def of_claims(rulings: Rulings, tally: Mapping[Ruling, int], right: int) -> dict[str, Any]:
    """Of the claims; ``tally`` is how many of each ruling the judge has made, ``right`` how many
    cards that were verified and reported it has found right.
    """
    exact, answered = sum(_exact(each) for each in rulings), len(_answered(rulings))
    bound = sum(isinstance(each.claim.cites, Bound) for each, _ in rulings)
    once = exact + right == tally[Ruling.HONOURED]
    return {
        "claims": len(rulings),
        "claims_on_answers": answered,
        "claims_on_undertakings": bound,
        "claims_on_cards": len(rulings) - answered - bound,
        "verifications_right": right,
        "accepted_share": share(exact, len(rulings)) if once else 0.0,
        "false_alarms": sum(stands.code == LOOKED_AT for _, stands in rulings),
        "euros_owed": round(sum(stands.amount for _, stands in rulings) / 100, 2),
    }


def of_2024(seen: Counts, rulings: Rulings) -> dict[str, Any]:
    """Of the same hours in 2024; the claims on answers of before the cut are the day's own."""
    answered = _answered(rulings)
    accepted = seen.claims - seen.rejected + sum(map(_exact, answered))
    return {
        "verdict_share": share(seen.proved, seen.patients),
        "printed_true_share": share(seen.printed_true, seen.patients),
        "cards_believed_wrongly": seen.believed_wrongly,
        "guaranteed_share": share(seen.agreed, seen.sales),
        "sales_without_agreement": seen.sales - seen.agreed,
        "sales_on_hold": seen.on_hold,
        "class_a_share": share(seen.class_a_agreed, seen.class_a),
        "claims": seen.claims + len(answered),
        "claims_kept_back": seen.kept_back,
        "claims_rejected": seen.rejected,
        "accepted_share": share(accepted, seen.claims + len(answered)),
    }


def _exact(each: tuple[Owed, Stands]) -> bool:
    owed, stands = each
    return stands.code == "claim-accepted" and stands.amount == owed.cents


def _answered(rulings: Rulings) -> Rulings:
    """Those that cite an answer of the platform."""
    return [each for each in rulings if isinstance(each[0].claim.cites, Disclosed)]


def share(part: int, whole: int) -> float:
    """Of a whole; nothing of nothing."""
    return round(part / whole, 5) if whole else 0.0
