"""Letters about a breach: the ground of their chapters."""

from __future__ import annotations

from typing import Any

from rempart.domain.breach_told import Reading, Source, Told
from rempart.domain.coverage import Domain
from rempart.domain.disclosure import Fields, Presence
from rempart.domain.letter_sender import Sender
from rempart.domain.notice import Decision, decision_of
from rempart.domain.scope import Verdict
from rempart.domain.site import SiteKind
from rempart.usecases.letters_to_insured import Addressed, LettersToInsured
from tests.received_dossiers import AT, MINUTE

SENDER: dict[str, Any] = {
    "name": "Mutuelle d’Exemple",
    "address": ["1 rue de l’Exemple", "00000 Exemple"],
    "dpo": "Camille Exemple",
    "reach": ["01 00 00 00 00", "dpo@exemple.example"],
    "to": ["{prenom} {nom}", "{adresse}", "{cp} {ville}"],
}
REPORT, OTHER = "a" * 64, "c" * 64
DECIDED: dict[str, Any] = {
    "tell": "everybody",
    "ground": "high-risk",
    "reason": "de faux appels sont à craindre",
    "by": "Camille Exemple, DPO",
    "reports": [REPORT, OTHER],
    "measures": {"fr": ["Nous avons prévenu la CNIL."], "en": ["We told the CNIL."]},
    "operators": {"rempart.example": "Opérateur d’Exemple"},
}
ONE, TWO = Source("rempart.example", 41), Source("autre.example", 7)
REPORTS = {REPORT: ONE.name, OTHER: TWO.name}


def sender(**change: Any) -> Sender:
    return Sender.from_toml(SENDER | change)


def decision(**change: Any) -> Decision:
    doors = change.pop("doors", dict.fromkeys(REPORTS.values(), change.pop("door", "account")))
    return decision_of(DECIDED | {"doors": doors} | change, REPORTS)


def reading(verdict: Verdict = Verdict.BREACHED, **change: Any) -> Reading:
    said: dict[str, Any] = {
        "fields": Fields.RIGHTS,
        "domains": 1 << Domain.PHAR,
        "presences": 1 << Presence.LEGACY,
        "accounts": 1,
        "kinds": frozenset({SiteKind.PHARMACY}),
        "first": AT,
        "last": AT,
        "answers": 1,
        "entry": 40217,
    }
    return Reading(verdict=verdict, **(said | change))


def write(
    told: Told,
    *,
    about: str = "",
    contained: int = AT + 53 * MINUTE,
    door: str = "account",
    doors: dict[str, str] | None = None,
    **change: Any,
):
    """The letters to somebody; French, then English."""
    writing = LettersToInsured(
        sender(**change),
        decision(doors=doors) if doors else decision(door=door),
        dict.fromkeys(told.readings, contained),
    )
    return list(writing(Addressed("00001-0001", told, about)).values())


def text_of(letter) -> str:
    return " ".join([letter.subject, *(each.text for each in letter.sections)])
