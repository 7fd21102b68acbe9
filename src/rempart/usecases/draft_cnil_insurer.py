"""A draft of one insurer's notification to the CNIL, for its help: it is the controller, it sends.

It is made of its report and of nothing that names an account or repeats somebody's words.
"""

from collections.abc import Iterator, Sequence

from rempart.domain.clocks import Answer, clock_of, law_of
from rempart.domain.contacts import Contacts
from rempart.usecases import cnil_form as form
from rempart.usecases.breach_items import (
    DOMAIN_WORDS,
    ONLY,
    MeasureSaid,
    cut_items,
    decision_item,
    frozen_item,
    gained_items,
    kinds_said,
    labelled,
    nature_items,
    part_items,
)
from rempart.usecases.claim_items import claim_items, door_items
from rempart.usecases.door_of_report import SHOWN, TYPED, how_said, unsealed, unsealed_items
from rempart.usecases.dossier_file import InsurerReport, PartSaid
from rempart.usecases.paper import (
    Item,
    Paper,
    Said,
    alike,
    asked,
    at,
    counted,
    figure,
    moment,
    paper,
    several,
    told,
)
from rempart.usecases.read_incidents import Case
from rempart.usecases.report_gaps import NOT_CONTAINED, UNDECIDED, consequences
from rempart.usecases.report_insurer import BREACHED, WHO, check_report, whose

TITLE: Said = (
    "Notification d'un organisme à la CNIL : brouillon",
    "An insurer's notification to the CNIL: draft",
)
NONE: Said = ("non : une réponse n'en contient pas", "no: an answer holds none")
NEITHER: Said = (
    "non : ni une question ni une réponse n'en contient",
    "no: neither a question nor an answer holds any",
)
PASSED: dict[str, Said] = {
    "civil-status": (
        "peut-être : date et rang de naissance, si la question n'était pas scellée",
        "perhaps: birth date and rank, if the question was not sealed",
    ),
    "identifiers": (
        "peut-être : numéro d'adhérent, clé imprimée, code de carte, si la question n'était pas"
        " scellée",
        "perhaps: member number, printed key, card code, if the question was not sealed",
    ),
}
"""What questions hold that passed a gateway in clear."""
OWED: Said = (
    "oui : la somme due sur des factures, voir plus bas",
    "yes: what is owed on claims, see below",
)
CATEGORIES: tuple[tuple[str, Said], ...] = (
    ("civil-status", ("État civil", "Civil status")),
    ("nir", ("NIR", "NIR")),
    ("contact", ("Coordonnées", "Contact details")),
    ("identifiers", ("Identifiants d'accès", "Logins")),
    ("economic", ("Économiques, bancaires", "Economic, banking")),
    ("official", ("Documents officiels", "Official documents")),
    ("location", ("Localisation", "Location")),
    ("offences", ("Infractions", "Offences")),
)


def insurer_draft(
    report: InsurerReport,
    case: Case,
    contacts: Contacts,
    measures: Sequence[MeasureSaid] = (),
    gained: Sequence[MeasureSaid] = (),
) -> Paper:
    """The draft; ``measures`` were in force before the theft, ``gained`` came since.

    Raises:
        ForbiddenTransition, Refusal: as ``check_report``.
    """
    check_report(report, case)
    return paper(
        "cnil",
        incident=report.incident,
        exercise=report.exercise,
        made=report.made,
        by=contacts.operator.name,
        title=TITLE,
        about=(
            (
                f"RGPD, art. 33(1) · {whose(report)}, pour ses assurés",
                f"GDPR art. 33(1) · {whose(report)}, about its members",
            ),
            form.NOT_READ,
        ),
        parts=form.sections(
            (
                _type(report),
                _organisation(report, contacts),
                _dates(report, case),
                _nature(report, case),
                _data(report),
                _people(report),
                form.before(measures),
                _consequences(report),
                _measures(report, case, gained),
                _information(),
                _elsewhere(report, case),
            )
        ),
    )


def _type(report: InsurerReport) -> Iterator[Item]:
    first = report.phase == "initial"
    kind = form.INITIAL if first else form.COMPLEMENT
    number = f"d'après le rapport n° {report.number}", f"from report no. {report.number}"
    code = "initial" if first else "complement"
    yield told("type", ("Type", "Type"), kind, number, value=code)
    if first:
        return
    question = ("Quel est le numéro de votre récépissé ?", "Which is your receipt?")
    yield asked("previous", ("Numéro précédent", "Previous number"), question)
    if report.change is not None:
        change = report.change
        yield told(
            "changed",
            ("Depuis le rapport précédent", "Since the report before"),
            (
                f"lues : {figure(change.breached_new)} de plus,"
                f" {figure(change.breached_gone)} de moins",
                f"read: {change.breached_new:,} more, {change.breached_gone:,} fewer",
            ),
            (
                f"indécises : {figure(change.undecided_new)} de plus,"
                f" {figure(change.undecided_gone)} de moins",
                f"undecided: {change.undecided_new:,} more, {change.undecided_gone:,} fewer",
            ),
            value={
                "breached_new": change.breached_new,
                "breached_gone": change.breached_gone,
                "undecided_new": change.undecided_new,
                "undecided_gone": change.undecided_gone,
            },
        )


def _organisation(report: InsurerReport, contacts: Contacts) -> Iterator[Item]:
    operator = contacts.operator
    label: Said = ("Organisme", "Organisation")
    if report.name:
        yield told("name", label, alike(report.name), value=report.name)
    else:
        yield asked("name", label, ("Votre nom ?", "Your name?"))
    yield told("amc", ("Numéro AMC", "AMC number"), alike(report.amc), value=report.amc)
    question = ("Votre SIREN, votre adresse, votre DPO ?", "Your SIREN, your address, your DPO?")
    yield asked("identity", ("Identité", "Identity"), question)
    yield form.declarant()
    yield told(
        "processor",
        ("Sous-traitant", "Processor"),
        alike(f"{operator.name}, SIREN {operator.siren}, {operator.address}"),
        alike(f"{operator.dpo}, {operator.dpo_email}, {operator.dpo_phone}"),
    )


def _dates(report: InsurerReport, case: Case) -> Iterator[Item]:
    yield at("start", ("Début", "Start"), report.stolen)
    yield at("end", ("Fin", "End"), report.contained, NOT_CONTAINED)
    amc, answers = int(report.amc), case.incident.answers
    said = answers.get(("insurers-33-2", amc)) or answers.get(("insurers-33-2", 0))
    label = ("Prise de connaissance", "Awareness")
    if said is not None and said.answer is Answer.DONE:
        yield at("aware", label, said.at)
    else:
        question = ("Quand ce rapport vous est-il parvenu ?", "When did this report reach you?")
        rule = ("vous savez depuis que vous êtes prévenu", "you know since you are told")
        yield asked("aware", label, question, rule)
    how = ("notre sous-traitant nous a prévenus", "our processor told us")
    yield told("discovery", ("Découverte", "Discovery"), how)
    clock = clock_of(
        law_of("insurer-cnil-33-1"), amc, case.incident.aware, answers, now=report.made
    )
    yield form.delay(clock, "")


def _nature(report: InsurerReport, case: Case) -> Iterator[Item]:
    yield from nature_items(case)
    facts = kinds_said(report.accounts, report.kinds)
    yield from form.origin(*facts)
    yield from door_items(report)
    first = moment(report.stolen)
    end: Said = ("ce n'est pas encore arrêté", "it is not stopped yet")
    if report.contained:
        last = moment(report.contained)
        end = f"jusqu'au {last[0]}", f"until {last[1]}"
    yield told(
        "narrative",
        ("Récit", "Narrative"),
        *how_said(report),
        (
            f"Au plus tôt depuis le {first[0]} ; {end[0]}.",
            f"From {first[1]} at the earliest; {end[1]}.",
        ),
    )


def _data(report: InsurerReport) -> Iterator[Item]:
    passed = unsealed(report, TYPED + SHOWN)
    shown = report.claims.shown if report.claims is not None else {}
    for code, label in CATEGORIES:
        if code == "economic" and shown.get("OWED"):
            yield told(f"category-{code}", label, OWED, value="yes")
        elif code in PASSED and passed:
            yield told(f"category-{code}", label, PASSED[code], value="maybe")
        else:
            none = NEITHER if passed else NONE
            yield told(f"category-{code}", label, none, value="no")
    yield from unsealed_items(report)
    for prefix, some, label in (
        ("breached", report.breached, BREACHED),
        ("undecided", report.undecided, UNDECIDED),
    ):
        for item in part_items(prefix, some, label):
            if item.code.endswith(("-fields", "-records")):
                yield labelled(item, label)
    yield from claim_items(report.claims, report.claims_unopened)
    yield asked(
        "category-health",
        ("Santé (art. 9)", "Health (art. 9)"),
        (
            "Une couverture, et le domaine demandé, disent-ils ici quelque chose de la santé ?",
            "Do a cover, and the domain asked, tell anything about health here?",
        ),
        ONLY,
        *_domains(report.breached, BREACHED),
        *_domains(report.undecided, UNDECIDED),
    )


def _domains(some: PartSaid, whose: Said) -> Iterator[Said]:
    for french, english in counted(some.domains, DOMAIN_WORDS):
        yield f"{whose[0].lower()}, {french}", f"{whose[1].lower()}, {english}"


def _people(report: InsurerReport) -> Iterator[Item]:
    who = ("vos assurés et leurs ayants droit", "your members and their families")
    yield told("categories", ("Catégories", "Categories"), who)
    for prefix, some, label in (
        ("breached", report.breached, BREACHED),
        ("undecided", report.undecided, UNDECIDED),
    ):
        for item in part_items(prefix, some, label):
            if item.code.endswith(WHO):
                yield item
    yield asked(
        "vulnerable",
        ("Mineurs, personnes vulnérables", "Minors, vulnerable people"),
        ("Combien, d'après vos fichiers ?", "How many, by your own files?"),
        ("le registre ne porte ni âge ni situation", "the ledger holds no age and no situation"),
    )


def _consequences(report: InsurerReport) -> Iterator[Item]:
    yield from (each for each in consequences(report) if each.code != "judge")
    people, unsure = report.breached.people, report.undecided.people
    facts = several(people, ("lue", "lues"), ("read", "read"))
    doubt = several(unsure, ("indécise", "indécises"), ("undecided", "undecided"))
    yield asked("severity", ("Gravité", "Severity"), form.GRADES, facts, doubt)


def _measures(report: InsurerReport, case: Case, gained: Sequence[MeasureSaid]) -> Iterator[Item]:
    yield frozen_item(case)
    yield from cut_items(case.unserved, int(report.amc))
    yield from gained_items(gained)
    yield decision_item(case)
    yield form.planned()


def _information() -> Iterator[Item]:
    yield form.information(
        ("Information des assurés", "Information of members"),
        ("l'information de vos assurés vous revient", "telling your members is up to you"),
    )


def _elsewhere(report: InsurerReport, case: Case) -> Iterator[Item]:
    yield form.countries()
    incident, amc = case.incident, int(report.amc)
    rule = law_of("dora-initial")
    clock = clock_of(rule, amc, incident.aware, incident.answers, now=report.made)
    yield form.other_notice(clock, "")
    question = ("Plainte, ANSSI, autre ?", "Complaint, ANSSI, other?")
    yield asked("others", ("Autres notifications", "Other notifications"), question)
