"""What incidents are called, in French and in English: on a terminal and in the register."""

from collections.abc import Mapping

from rempart.domain.clocks import Clock, State
from rempart.domain.containment import Why
from rempart.domain.incident import Incident
from rempart.domain.incident_words import Did, Origin, Outcome, Stated

Label = tuple[str, str]
"""French, English."""

ORIGINS: Mapping[Origin, Label] = {
    Origin.GUARD: ("détection automatique", "automatic detection"),
    Origin.OWNER: ("le titulaire", "the owner"),
    Origin.PERSON: ("une personne", "a person"),
    Origin.INSURER: ("alerte d'un assureur", "an insurer's alert"),
    Origin.OPERATOR: ("alerte d'un opérateur", "an operator's alert"),
}
WHYS: Mapping[Why, Label] = {
    Why.STRANGERS: ("trop de patients nouveaux pour ce lieu", "too many patients new to this site"),
    Why.MISSES: ("trop de questions sans personne", "too many questions about nobody"),
    Why.ORDER: ("numéros ou dates demandés à la suite", "numbers or dates asked in order"),
    Why.CANARY: ("question sur une personne témoin", "question about a canary"),
    Why.PACE: ("cadence inhabituelle", "unusual pace"),
    Why.REPLAYS: ("codes repris dans des lieux éloignés", "codes used again at distant sites"),
    Why.INSISTED: ("questions répétées malgré la restriction", "went on though narrowed"),
    Why.CROWD: ("beaucoup de comptes à la fois", "many accounts at once"),
    Why.TWO_PLACES: ("deux endroits à la fois", "two places at once"),
    Why.ONE_INSURER: ("un seul organisme, à la suite", "one insurer, one after another"),
    Why.COUNTRY: ("pays jamais vu pour ce compte", "a country new to this account"),
    Why.WAVE: ("beaucoup de comptes, jour après jour", "many accounts, day after day"),
    Why.REPORTED: ("signalé par son titulaire", "reported by its owner"),
    Why.ALERT: ("désigné par une alerte", "named by an alert"),
    Why.REVIEWED: ("examiné par une personne", "looked at by a person"),
    Why.STEP_UP: ("reconnexion de son titulaire", "its owner signed in again"),
    Why.QUIET: ("calme depuis", "quiet since"),
    Why.LEFT: ("plus à l'annuaire, ou contrat fini", "left the directory, or its contract ended"),
    Why.COMPROMISED: ("compte compromis", "account compromised"),
}
"""Why an account was stopped, or let go, as people who do not know the guard say it."""
OUTCOMES: Mapping[Outcome, Label] = {
    Outcome.BREACH: ("violation de données", "data breach"),
    Outcome.NO_BREACH: ("pas une violation", "no breach"),
    Outcome.EXERCISE: ("fin d'exercice", "end of the exercise"),
}
STATED: Mapping[Stated, Label] = {
    Stated.UNKNOWN: ("à dire", "to be said"),
    Stated.NO: ("non", "no"),
    Stated.YES: ("oui", "yes"),
}
OF_THREE: tuple[Label, Label, Label] = (
    ("confidentialité", "confidentiality"),
    ("intégrité", "integrity"),
    ("disponibilité", "availability"),
)
STATES: Mapping[State, Label] = {
    State.WAITING: ("attend", "waits"),
    State.RUNNING: ("court", "runs"),
    State.LATE: ("EN RETARD", "LATE"),
    State.MET: ("tenue", "met"),
    State.MET_LATE: ("tenue en retard", "met late"),
    State.NOT_DUE: ("sans objet", "not due"),
}
KINDS: Mapping[Did, Label] = {
    Did.OPENED: ("ouverture", "opening"),
    Did.FACT: ("fait", "fact"),
    Did.FINDING: ("constat", "finding"),
    Did.NATURE: ("nature", "nature"),
    Did.DECIDED: ("décision", "decision"),
    Did.AWARE: ("prise de connaissance", "awareness"),
    Did.CLOCK: ("horloge", "clock"),
    Did.CLOSED: ("clôture", "closing"),
    Did.NAMED: ("séances du constat", "sessions of the finding"),
}
EXERCISE: Label = ("EXERCICE", "EXERCISE")


def both(label: Label) -> str:
    """French, then English."""
    french, english = label
    return french if french == english else f"{french} · {english}"


def opened_by(incident: Incident) -> Label:
    """What opened it, and of a freeze, why."""
    french, english = ORIGINS[incident.origin]
    if not incident.frozen or (incident.told and incident.told[0].did is Did.OPENED):
        return french, english
    why = WHYS[incident.frozen[0].why]
    return f"{french} ({why[0]})", f"{english} ({why[1]})"


def whose(clock: Clock) -> Label:
    """Who answers a clock: us, every insurer, or one."""
    if clock.rule.who == "operator":
        return "opérateur", "operator"
    one = f"AMC {clock.amc:08d}"
    return (one, one) if clock.amc else ("assureurs", "insurers")
