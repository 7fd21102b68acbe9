"""The eleven sections of the CNIL's form, and what is asked alike of whoever notifies.

They are those of its teleservice as it was known, not read again: the form decides. A number is
exact, and told as it is: the form asks for an approximate one, and gets no estimate.
"""

from collections.abc import Iterable, Iterator, Sequence

from rempart.domain.clocks import Clock, State
from rempart.usecases.breach_items import MeasureSaid, before_items, not_attested
from rempart.usecases.clock_items import until
from rempart.usecases.incident_labels import STATES
from rempart.usecases.paper import (
    Item,
    Part,
    Said,
    alike,
    asked,
    headed,
    moment,
    part,
    told,
)

SECTIONS: tuple[Said, ...] = (
    ("1. Type de notification", "1. Type of notification"),
    ("2. Organisme", "2. Organisation"),
    ("3. Dates et découverte", "3. Dates and discovery"),
    ("4. Nature, origine, récit", "4. Nature, origin, narrative"),
    ("5. Données", "5. Data"),
    ("6. Personnes", "6. Persons"),
    ("7. Mesures en place avant", "7. Measures in place before"),
    ("8. Conséquences et gravité", "8. Consequences and severity"),
    ("9. Mesures prises", "9. Measures taken"),
    ("10. Information des personnes", "10. Information of persons"),
    ("11. Autres pays, autres notifications", "11. Other countries, other notifications"),
)
COLUMNS: Said = ("Rubrique · Item", "Réponse proposée · Proposed answer")
NOT_READ: Said = (
    "Brouillon. Rubriques du téléservice telles que connues, non relues : le formulaire fait foi."
    " Les nombres sont exacts ; aucun n'est une estimation.",
    "Draft. Sections of the teleservice as known, not read again: the form decides. Numbers are"
    " exact; none is an estimate.",
)
INITIAL: Said = ("notification initiale", "initial notification")
COMPLEMENT: Said = ("notification complémentaire", "complementary notification")
GRADES: Said = (
    "Quelle gravité : négligeable, limitée, importante ou maximale ?",
    "How severe: negligible, limited, significant or maximal?",
)


def sections(items: Sequence[Iterable[Item]]) -> tuple[Part, ...]:
    """All eleven, in the form's order.

    Raises:
        ValueError: there are not eleven.
    """
    return tuple(
        part(f"section-{number}", heading, each, columns=COLUMNS)
        for number, (heading, each) in enumerate(zip(SECTIONS, items, strict=True), 1)
    )


def declarant() -> Item:
    """Who sends it."""
    question = ("Qui notifie : nom, fonction, courriel ?", "Who notifies: name, role, e-mail?")
    return asked("declarant", ("Déclarant", "Declarant"), question)


def delay(clock: Clock, reasons: str) -> Item:
    """The reasons of a delay, where there is one."""
    label: Said = ("Justification du retard", "Justification of the delay")
    if clock.state in {State.LATE, State.MET_LATE}:
        if reasons:
            return told("delay", label, alike(reasons))
        assert clock.due is not None, "what is late was due"
        due = moment(clock.due)
        past = (f"les 72 h ont pris fin le {due[0]}", f"the 72 h ended at {due[1]}")
        return asked("delay", label, ("Pour quels motifs ?", "For what reasons?"), past)
    return told("delay", label, ("pas de retard constaté", "no delay seen"), until(clock))


def origin(*facts: Said) -> Iterator[Item]:
    """Where it came from: people conclude, from the facts beside."""
    yield asked(
        "origin",
        ("Origine", "Origin"),
        (
            "Hameçonnage, piratage, perte, divulgation, autre ?",
            "Phishing, hacking, loss, disclosure, other?",
        ),
        *facts,
    )
    yield asked(
        "cause",
        ("Cause", "Cause"),
        (
            "Interne ou externe ; malveillante ou accidentelle ?",
            "Internal or external; malicious or accidental?",
        ),
        *facts,
    )


def before(measures: Sequence[MeasureSaid]) -> Iterator[Item]:
    """Protections as attested, or the question."""
    question = ("Quelles mesures étaient en place avant le vol ?", "What was in place before?")
    yield from before_items(measures) if measures else [not_attested(question)]


def information(label: Said, *facts: Said) -> Item:
    """Whether people were told, and how."""
    question = (
        "Oui, non ou plus tard ; quand, combien, comment, quel contenu, ou pourquoi non ?",
        "Yes, no or later; when, how many, how, what content, or why not?",
    )
    return asked("information", label, question, *facts)


def planned() -> Item:
    """What is still to be done."""
    question = ("Quelles mesures sont prévues, et pour quand ?", "What is planned, and for when?")
    return asked("planned", ("Mesures prévues", "Measures planned"), question)


def countries() -> Item:
    """Where people live."""
    return asked(
        "countries",
        ("Personnes dans d'autres pays", "People in other countries"),
        ("Lesquels ; quelles autorités ?", "Which; what authorities?"),
        ("le registre ne porte ni adresse ni pays des assurés", "the ledger holds no address"),
    )


def other_notice(clock: Clock, reference: str) -> Item:
    """Another notification, as its clock stands."""
    rule = clock.rule
    said = [STATES[clock.state]]
    if clock.done is not None:
        said.append(moment(clock.done))
    elif clock.open:
        said = [("pas encore faite", "not done yet"), until(clock)]
    if reference:
        said.append((f"référence : {reference}", f"reference: {reference}"))
    return told(f"notice-{rule.code}", headed((rule.french, rule.english)), *said, value=clock.done)
