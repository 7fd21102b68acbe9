"""Clocks on paper: until when, since what, by which law, and whether its text was read."""

from rempart.domain.clocks import AWARE, Clock, State, law_of
from rempart.usecases.incident_labels import STATES
from rempart.usecases.paper import Item, Said, headed, moment, told

CLOCK_COLUMNS: Said = ("Obligation · Duty", "Délai et texte · Until when, and law")


def clock_item(clock: Clock) -> Item:
    """One duty: until when, since what, and its law."""
    rule = clock.rule
    law = () if rule.verified else (READ_AGAIN,)
    return told(
        rule.code,
        headed((rule.french, rule.english)),
        until(clock),
        law_said(rule.law),
        *law,
        value=clock.due,
    )


def law_said(law: str) -> Said:
    """A law as it is cited in each language; most are cited alike."""
    french, _, english = law.partition(" · ")
    return french, english or french


READ_AGAIN: Said = (
    "texte non relu à sa source : relisez-le avant de vous y fier",
    "text not read in its source: read it again before you rely on it",
)


def until(clock: Clock) -> Said:
    """Until when a clock runs, or after what it will."""
    if clock.state in {State.MET, State.MET_LATE, State.NOT_DUE}:
        return STATES[clock.state]
    if clock.start is not None and clock.due is not None:
        due = moment(clock.due)
        late = clock.state is State.LATE
        french, english = ("EN RETARD : ", "LATE: ") if late else ("", "")
        said = (f"{french}avant le {due[0]}", f"{english}before {due[1]}")
    else:
        said = _from_when(clock)
    aim = ("objectif ; la loi : sans délai indu", "an aim; the law: without undue delay")
    return (f"{said[0]} ({aim[0]})", f"{said[1]} ({aim[1]})") if clock.rule.aim else said


def _from_when(clock: Clock) -> Said:
    rule = clock.rule
    french, english = ("mois", "month") if rule.months else ("h", "h")
    start: Said = ("le moment où vous êtes prévenu", "the moment you are told")
    if rule.after == AWARE:
        start = (
            "la prise de connaissance, que personne n'a dite",
            "awareness, which nobody has said",
        )
    elif rule.after != "insurers-33-2":
        before = law_of(rule.after)
        start = f"« {before.french} »", f"“{before.english}”"
    cap = ("", "")
    if rule.cap:
        cap = (
            f", et {rule.cap} h depuis que vous êtes prévenu",
            f", and {rule.cap} h from being told",
        )
    return (
        f"{rule.bound} {french} depuis {start[0]}{cap[0]}",
        f"{rule.bound} {english} from {start[1]}{cap[1]}",
    )
