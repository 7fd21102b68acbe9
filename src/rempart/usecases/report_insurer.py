"""The report of art. 33(2) to one insurer, to be read: its own people, in exact numbers.

It leaves the house: it names no account, no site, no professional, and repeats no word that
somebody has said. What is not known is listed as such.
"""

from collections.abc import Iterator, Sequence

from rempart.domain.clocks import Clock, clock_of, laws
from rempart.domain.contacts import Contacts
from rempart.domain.errors import ForbiddenTransition, Refusal
from rempart.usecases.breach_items import (
    ONLY,
    PEOPLE,
    MeasureSaid,
    before_items,
    contact_items,
    cut_items,
    decision_item,
    frozen_item,
    labelled,
    nature_items,
    not_attested,
    part_items,
)
from rempart.usecases.claim_items import claim_items, claims_listed, door_items
from rempart.usecases.clock_items import CLOCK_COLUMNS, clock_item
from rempart.usecases.door_of_report import account_items, how_said, unsealed_items
from rempart.usecases.dossier_file import InsurerReport, PartSaid
from rempart.usecases.paper import (
    Item,
    Paper,
    Part,
    Said,
    alike,
    at,
    figure,
    paper,
    part,
    several,
    told,
)
from rempart.usecases.proof_items import verify_items
from rempart.usecases.read_incidents import Case
from rempart.usecases.report_gaps import (
    NOBODY_CLEARED,
    NOT_CONTAINED,
    UNDECIDED,
    consequences,
    unknowns,
)

TITLE: Said = (
    "Violation de données : rapport à l'organisme",
    "Data breach: report to the insurer",
)
LAW: Said = ("RGPD, art. 33(2)", "GDPR art. 33(2)")
BREACHED: Said = ("Lues par le voleur", "Read by the thief")
WHO = ("-people", "-unnamed")
FIRST: Said = ("c'est le premier rapport", "this is the first report")
NO_LIST: Said = (
    "inconnue : la liste du rapport précédent n'est plus là",
    "not known: the list of the report before is gone",
)
PHASES: dict[str, Said] = {
    "initial": ("rapport initial", "initial report"),
    "complement": ("complément", "complement"),
    "final": ("rapport final", "final report"),
}


def check_report(report: InsurerReport, case: Case) -> None:
    """Return if a report is of this case, and does not contradict itself.

    Raises:
        ForbiddenTransition: nothing was found in this case yet.
        Refusal: it is another's, or its numbers cannot be; the insurer and the reason are named.
    """
    if case.incident.found is None:
        raise ForbiddenTransition("nothing was found yet: rempart incident found")
    if report.incident != case.incident.ref:
        raise refused(report, f"it is of incident {report.incident}, not {case.incident.ref}")
    if report.exercise is not case.incident.exercise:
        raise refused(report, "one of the two is an exercise, the other is not")
    for name, some in (("breached", report.breached), ("undecided", report.undecided)):
        _check_part(report, name, some)
    if report.claims is not None and min(report.claims.sums) < 0:
        raise refused(report, "claims, a number is below zero")


def _check_part(report: InsurerReport, name: str, some: PartSaid) -> None:
    numbers = {"people": some.people, "unnamed": some.unnamed, "answers": some.answers}
    if negative := min((n for n in numbers if numbers[n] < 0), default=""):
        raise refused(report, f"{name}, {negative} is below zero")
    for which in ("fields", "domains", "presences"):
        counts: dict[str, int] = getattr(some, which)
        if max(counts.values(), default=0) > some.people + some.unnamed:
            raise refused(report, f"{name}, {which} counts more people than there are")


def refused(report: InsurerReport, rule: str) -> Refusal:
    """How a report is refused: by its insurer and number."""
    return Refusal(f"the report {report.number} to {report.amc}: {rule}")


def insurer_paper(
    report: InsurerReport, case: Case, contacts: Contacts, measures: Sequence[MeasureSaid] = ()
) -> Paper:
    """The report as a paper.

    Raises:
        ForbiddenTransition, Refusal: as ``check_report``.
    """
    check_report(report, case)
    phase, number = PHASES[report.phase], f"{report.number}"
    return paper(
        "insurer",
        incident=report.incident,
        exercise=report.exercise,
        made=report.made,
        by=contacts.operator.name,
        title=TITLE,
        about=(
            alike(whose(report)),
            (
                f"{LAW[0]} · incident {report.incident}, rapport n° {number} ({phase[0]})",
                f"{LAW[1]} · incident {report.incident}, report no. {number} ({phase[1]})",
            ),
            (
                f"Permanence, jour et nuit : {contacts.operator.desk}",
                f"Desk, day and night: {contacts.operator.desk}",
            ),
            in_short(report),
        ),
        parts=_parts(report, case, contacts, measures),
    )


def _parts(
    report: InsurerReport, case: Case, contacts: Contacts, measures: Sequence[MeasureSaid]
) -> tuple[Part, ...]:
    return (
        part("people", ("Vos assurés", "Your members"), _people(report)),
        part("changes", ("Depuis le rapport précédent", "Since the last report"), _changes(report)),
        part("claims", ("Vos factures", "Your claims"), _claims(report)),
        part(
            "duties",
            ("Ce que vous devez faire, et jusqu'à quand", "What you must do, and until when"),
            map(clock_item, clocks_for(report, case)),
            columns=CLOCK_COLUMNS,
        ),
        part("nature", ("Ce qui s'est passé", "What happened"), _what(report, case)),
        part(
            "unknown",
            ("Ce qui n'est pas connu", "What is not known"),
            unknowns(report, case, contacts),
        ),
        part(
            "consequences",
            ("Conséquences probables", "Likely consequences"),
            consequences(report),
        ),
        part("measures", ("Mesures prises", "Measures taken"), _measures(report, case)),
        part("contact", ("À qui parler", "Whom to reach"), contact_items(contacts.operator)),
        part("verify", ("Comment le vérifier", "How to verify it"), verify_items(report)),
        part(
            "before",
            ("Mesures en place avant le vol", "Measures in place before the theft"),
            before_items(measures) if measures else [not_attested()],
        ),
    )


def _claims(report: InsurerReport) -> Iterator[Item]:
    yield from claim_items(report.claims, report.claims_unopened)
    yield from claims_listed(report.claims)


def _measures(report: InsurerReport, case: Case) -> Iterator[Item]:
    yield frozen_item(case)
    yield from cut_items(case.unserved, int(report.amc))
    yield decision_item(case)


def whose(report: InsurerReport) -> str:
    """The insurer, by its name where one is known, and its number."""
    return f"{report.name} – AMC {report.amc}" if report.name else f"AMC {report.amc}"


def in_short(report: InsurerReport) -> Said:
    """What whoever is woken up reads first."""
    read, doubt = several(report.breached.people, *PEOPLE), report.undecided.people
    unsure = several(doubt, *PEOPLE)
    more = report.breached.unnamed + report.undecided.unnamed
    french = f"Parmi vos assurés : lues par le voleur, {read[0]} ; indécises, {unsure[0]}"
    english = f"Among your members: read by the thief, {read[1]}; undecided, {unsure[1]}"
    if more:
        few = several(more, *PEOPLE)
        french, english = (
            f"{french} ; sans nom, au plus {few[0]}",
            f"{english}; unnamed, at most {few[1]}",
        )
    if report.claims is not None and report.claims.touched:
        claims = report.claims.touched
        french = f"{french}. Factures touchées : {figure(claims)}"
        english = f"{english}. Claims touched: {claims:,}"
    return f"{french}.", f"{english}."


def _people(report: InsurerReport) -> Iterator[Item]:
    yield from part_items("breached", report.breached, BREACHED)
    for item in part_items("undecided", report.undecided, UNDECIDED):
        yield item if item.code.endswith(WHO) else labelled(item, UNDECIDED)
    yield told(
        "undecided-means",
        ("« Indécise »", "“Undecided”"),
        (
            "Une réponse a été donnée pendant le vol, et rien ne dit si c'est au voleur ou au"
            " titulaire du compte. Traitez-la comme lue tant qu'un complément ne l'a pas écartée.",
            "An answer was given during the theft, and nothing says whether to the thief or to the"
            " account's owner. Treat them as read until a complement has cleared them.",
        ),
    )
    cleared = several(report.cleared, *PEOPLE) if report.clears else NOBODY_CLEARED
    yield told(
        "cleared",
        ("Hors de cause (par mois de pseudonyme)", "Cleared (by month of pseudonym)"),
        cleared,
        value=report.cleared,
    )
    yield told("only", ("Rien d'autre, dans les réponses", "Nothing else, in the answers"), ONLY)
    yield from unsealed_items(report)
    yield from account_items(report)
    yield told(
        "list",
        ("La liste de vos assurés", "The list of your members"),
        (
            "dans members.sealed (members.csv si vous n'avez donné aucune clé) : vous seul pouvez"
            " la lire",
            "in members.sealed (members.csv where you gave no key): you alone can read it",
        ),
        alike(f"SHA-256 {report.members}"),
        value=report.members,
    )


def _what(report: InsurerReport, case: Case) -> tuple[Item, ...]:
    return (
        told("what", ("Nature", "Nature"), *how_said(report)),
        *door_items(report),
        *nature_items(case),
        at("stolen", ("Vol possible dès", "Theft possible from"), report.stolen),
        at("contained", ("Arrêté le", "Contained at"), report.contained, NOT_CONTAINED),
        at("aware", ("Nous le savons depuis", "We know since"), case.incident.aware or 0),
    )


def clocks_for(report: InsurerReport, case: Case) -> list[Clock]:
    """The clocks of this insurer, as they stand when the report is made."""
    incident, amc = case.incident, int(report.amc)
    return [
        clock_of(rule, amc, incident.aware, incident.answers, now=report.made)
        for rule in laws()
        if rule.who == "insurer"
    ]


def _changes(report: InsurerReport) -> Iterator[Item]:
    change = report.change
    if change is None:
        code, said = ("first", FIRST) if report.number == 1 else ("unknown-change", NO_LIST)
        yield told(code, ("Différence", "Difference"), said)
        return
    for code, label, count in (
        ("breached-new", ("Nouvelles parmi les lues", "New among those read"), change.breached_new),
        ("breached-gone", ("Sorties des lues", "No longer read"), change.breached_gone),
        ("undecided-new", ("Nouvelles indécises", "New undecided"), change.undecided_new),
        ("undecided-gone", ("Sorties des indécises", "No longer undecided"), change.undecided_gone),
    ):
        yield told(code, label, several(count, *PEOPLE), value=count)
    before = ("Rapport précédent", "The report before")
    yield told("before", before, alike(f"SHA-256 {change.before}"), value=change.before)
