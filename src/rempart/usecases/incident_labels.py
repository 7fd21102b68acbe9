"""What incidents are called, in French and in English: on a terminal and in the register."""

from collections.abc import Mapping

from rempart.domain.clocks import Clock, State
from rempart.domain.incident import Incident
from rempart.domain.incident_words import Did, Origin, Outcome, Stated
from rempart.domain.person import told

Label = tuple[str, str]
"""French, English."""

ORIGINS: Mapping[Origin, Label] = {
    Origin.GUARD: ("la garde", "the guard"),
    Origin.OWNER: ("le titulaire", "the owner"),
    Origin.PERSON: ("une personne", "a person"),
    Origin.INSURER: ("alerte d'un assureur", "an insurer's alert"),
    Origin.OPERATOR: ("alerte d'un opérateur", "an operator's alert"),
}
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
    why = told(incident.frozen[0].why.name)
    return f"{french} ({why})", f"{english} ({why})"


def whose(clock: Clock) -> Label:
    """Who answers a clock: us, every insurer, or one."""
    if clock.rule.who == "operator":
        return "opérateur", "operator"
    one = f"AMC {clock.amc:08d}"
    return (one, one) if clock.amc else ("assureurs", "insurers")
