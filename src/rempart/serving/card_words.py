"""What a verdict on a card is called and what to do about it: French, English.

``rempart card`` and the offline page say the same words.
"""

from collections.abc import Mapping

from rempart.domain.coverage import Mode
from rempart.usecases import rights_words
from rempart.usecases.verify_card import Finding, Verdict

Label = tuple[str, str]

FINDINGS: Mapping[Finding, Label] = {
    Finding.GOOD: ("Droits prouvés", "Rights proven"),
    Finding.UNCHECKED: ("Carte authentique, fin non vérifiée", "Authentic, end unchecked"),
    Finding.REFUSED: ("Ne prouve rien", "Proves nothing"),
}
DO: Mapping[Finding, Label] = {
    Finding.GOOD: ("Servez en tiers payant.", "Serve in tiers payant."),
    Finding.UNCHECKED: (
        "Servez ; prenez une liste plus récente dès que possible.",
        "Serve; take a newer list as soon as you can.",
    ),
}
UNPLACED: Label = (
    "Servez ; cette carte est d'avant les listes, seule la plateforme dit si elle a pris fin.",
    "Serve; this card is older than the lists, only the platform says whether it has ended.",
)
"""What to do with a card that is unchecked because it has no place on a list."""
STEPS: Mapping[str, Label] = {
    "clock": ("L'horloge de ce poste retarde : réglez-la.", "This clock is slow: set it."),
    "well-formed": ("Relisez le code.", "Read the code again."),
    "issuer": (
        "Assureur inconnu de la liste : prenez-en une plus récente, sinon ne vous y fiez pas.",
        "Not on the list: take a newer one; else do not rely on it.",
    ),
    "authentic": ("Ne vous y fiez pas : ce code est un faux.", "Do not rely on it: it is forged."),
    "claims": ("Ne vous y fiez pas.", "Do not rely on it."),
    "dates": ("Demandez la carte en cours.", "Ask for the current card."),
    "domain": (
        "Cette carte ne couvre pas ce domaine : le patient règle sa part.",
        "Not covered: the patient pays their share.",
    ),
    "status": (
        "L'assureur a mis fin à cette carte : demandez la nouvelle.",
        "The insurer has ended this card: ask for the new one.",
    ),
}
"""What to do where a step has failed; the steps are those of ``specs/card.md``."""

LISTS: Mapping[str, Label] = {
    "signed": (
        "Une liste a été refusée : elle n'est pas signée par cet opérateur ou par son assureur.",
        "A list was refused: not signed by this operator, or by its insurer.",
    ),
    "well-formed": (
        "Une liste a été refusée : elle est abîmée.",
        "A list was refused: it is damaged.",
    ),
    "newer": (
        "Une liste plus ancienne que la vôtre a été refusée ; la vôtre est gardée.",
        "A list older than yours was refused; yours is kept.",
    ),
    "future": (
        "Une liste a été refusée, faite dans le futur : vérifiez l'heure de ce poste.",
        "A list was refused, made in the future: check this clock.",
    ),
}
"""Where a list was not taken in, by the step of ``specs/card-lists.md`` that failed."""

DOMAINS = rights_words.DOMAINS
MODES: Mapping[str, Label] = {
    Mode.TM.printed: ("Ticket modérateur", "Share left by compulsory insurance"),
    Mode.FULL.printed: ("100 % de la part complémentaire", "Whole complementary share"),
    Mode.PEC.printed: ("Sur accord préalable (PEC)", "By prior agreement"),
    Mode.SMUT.printed: ("Selon le contrat (SMUT)", "As the contract says"),
}


def to_do(verdict: Verdict) -> Label:
    """What to do, at the counter."""
    if verdict.step:
        return STEPS[verdict.step]
    unplaced = verdict.claims is not None and verdict.claims.status_index is None
    return UNPLACED if unplaced else DO[verdict.finding]
