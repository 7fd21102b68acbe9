"""A draft of the operator's own notification to the CNIL: about professionals, as their controller.

Insured people are told of as context: each insurer notifies for its own. The words of persons are
in it, since the authority reads it; who sends it reads them first.
"""

from collections.abc import Iterator, Sequence

from rempart.domain.clocks import AWARE, Answer, Clock, clock_of, law_of
from rempart.domain.contacts import Contacts
from rempart.domain.finding import NEVER, Finding
from rempart.domain.notice import Tell
from rempart.domain.notice_to_owners import propose_to_owners
from rempart.usecases import cnil_form as form
from rempart.usecases.breach_items import (
    PEOPLE,
    MeasureSaid,
    contact_items,
)
from rempart.usecases.case_items import late_of, reference_of
from rempart.usecases.check_papers import check_scope, insurers_touched
from rempart.usecases.claims_file import ClaimsFile
from rempart.usecases.draft_cnil_facts import consequences, data, nature, people, taken
from rempart.usecases.incident_labels import opened_by
from rempart.usecases.other_populations import populations
from rempart.usecases.paper import (
    Item,
    Paper,
    Said,
    alike,
    asked,
    at,
    figure,
    moment,
    paper,
    several,
    told,
)
from rempart.usecases.read_incidents import Case
from rempart.usecases.report_gaps import NOT_CONTAINED
from rempart.usecases.scope_file import ScopeFile

TITLE: Said = ("Notification à la CNIL : brouillon", "Notification to the CNIL: draft")
CLOCK = "cnil-33-1"
CONTROLLERS = (
    ("organisme responsable", "organismes responsables"),
    ("insurer, controller", "insurers, controllers"),
)
PROPOSED: dict[Tell, Said] = {
    Tell.EVERYBODY: ("informer tous les titulaires", "tell every owner"),
    Tell.NOBODY: ("n'informer personne", "tell nobody"),
}
ITS = ("ses", "leurs"), ("its", "their")
PARTS: dict[str | None, Said] = {
    "breached": ("lues", "read"),
    "undecided": ("indécises", "undecided"),
    "cleared": ("hors de cause", "cleared"),
    None: ("absentes", "nowhere"),
}


def operator_draft(
    case: Case,
    scope: ScopeFile,
    contacts: Contacts,
    *,
    now: int,
    measures: Sequence[MeasureSaid] = (),
    claims: ClaimsFile | None = None,
    gained: Sequence[MeasureSaid] = (),
) -> Paper:
    """The draft; ``now`` is in microseconds. ``measures`` were in force before the theft;
    ``gained`` are those that came since.

    Raises:
        ForbiddenTransition, IntegrityBroken, Refusal: as ``check_scope``.
    """
    finding, incident = check_scope(case, scope), case.incident
    return paper(
        "cnil",
        incident=incident.ref,
        exercise=incident.exercise,
        made=now,
        by=contacts.operator.name,
        title=TITLE,
        about=(
            (
                f"RGPD, art. 33(1) · {contacts.operator.name}, pour les professionnels",
                f"GDPR art. 33(1) · {contacts.operator.name}, about professionals",
            ),
            form.NOT_READ,
        ),
        parts=form.sections(
            (
                _type(case, scope),
                _organisation(contacts, len(insurers_touched(scope, claims))),
                _dates(case, finding, now),
                nature(case, finding),
                data(case, finding, scope, claims),
                people(case, finding, scope),
                form.before(measures),
                consequences(case, finding),
                taken(case, gained),
                _information(case, finding, now),
                _elsewhere(case, now),
            )
        ),
    )


def _clock(case: Case, code: str, now: int) -> Clock:
    return clock_of(law_of(code), 0, case.incident.aware, case.incident.answers, now=now)


def _notified(case: Case) -> int:
    """When the CNIL was told before; 0: not yet."""
    said = case.incident.answers.get((CLOCK, 0))
    return said.at if said is not None and said.answer is Answer.DONE else 0


def _type(case: Case, scope: ScopeFile) -> Iterator[Item]:
    before = _notified(case)
    kind = form.COMPLEMENT if before else form.INITIAL
    yield told("type", ("Type", "Type"), kind, value="complement" if before else "initial")
    if not before:
        whole = ("Est-elle complète, ou suivie d'un complément ?", "Complete, or in phases?")
        doubt = (f"indécises : {figure(scope.undecided)}", f"undecided: {scope.undecided:,}")
        yield asked("whole", ("Complète", "Complete"), whole, doubt)
        return
    reference, label = reference_of(case, CLOCK), ("Numéro précédent", "Previous number")
    if reference:
        yield told("previous", label, alike(reference), value=reference)
    else:
        yield asked("previous", label, ("Quel est le numéro du récépissé ?", "Which receipt?"))
    yield from _changed(case, scope, before)


def _changed(case: Case, scope: ScopeFile, before: int) -> Iterator[Item]:
    """What is new since the notification before."""
    for each in scope.moved:
        old, new = PARTS[each.before], PARTS[each.after]
        label = (f"Assurés : {old[0]}, puis {new[0]}", f"Insured: {old[1]}, then {new[1]}")
        yield told(
            f"moved-{each.before or 'nowhere'}-{each.after or 'nowhere'}",
            label,
            several(each.people, *PEOPLE),
            value=each.people,
        )
    new_entries = [each.told.ref for each in case.statements if each.told.at > before]
    entries = ", ".join(map(str, new_entries))
    yield told(
        "since",
        ("Dit depuis la précédente", "Said since the last one"),
        (f"entrées {entries}", f"entries {entries}") if entries else ("rien", "nothing"),
        value=len(new_entries),
    )


def _organisation(contacts: Contacts, touched: int) -> Iterator[Item]:
    operator = contacts.operator
    yield told("name", ("Organisme", "Organisation"), alike(operator.name), value=operator.name)
    yield told("siren", ("SIREN", "SIREN"), alike(operator.siren), value=operator.siren)
    yield told("address", ("Adresse", "Address"), alike(operator.address), value=operator.address)
    yield form.declarant()
    yield from contact_items(operator)
    (french, english), many = several(touched, *CONTROLLERS), touched > 1
    yield told(
        "others",
        ("Autres organismes", "Other organisations"),
        (
            f"{french}, pour {ITS[0][many]} assurés, que nous informons comme sous-traitant"
            " (art. 33(2))",
            f"{english} for {ITS[1][many]} members, whom we tell as processor (art. 33(2))",
        ),
        value=touched,
    )


def _dates(case: Case, finding: Finding, now: int) -> Iterator[Item]:
    start, end = finding.span
    yield at("start", ("Début", "Start"), start)
    yield at("end", ("Fin", "End"), 0 if end == NEVER else end, NOT_CONTAINED)
    aware = case.incident.aware
    label = ("Prise de connaissance", "Awareness")
    if aware is None:
        question = ("Depuis quand savez-vous, et pourquoi ?", "Since when do you know, and why?")
        yield asked(AWARE, label, question)
    else:
        yield at(AWARE, label, aware)
    opened, by = moment(case.incident.opened), opened_by(case.incident)
    yield told(
        "discovery",
        ("Découverte", "Discovery"),
        (f"{by[0]}, le {opened[0]}", f"{by[1]}, at {opened[1]}"),
        value=case.incident.opened,
    )
    yield form.delay(_clock(case, CLOCK, now), late_of(case, CLOCK))


def _information(case: Case, finding: Finding, now: int) -> Iterator[Item]:
    clock = _clock(case, "persons-34", now)
    yield form.other_notice(clock, reference_of(case, "persons-34"))
    proposal = propose_to_owners(populations(case, finding, ()).facts)
    yield told(
        "persons-proposed",
        ("Proposition, art. 34", "Proposal, art. 34"),
        PROPOSED[proposal.tell],
        *proposal.reasons,
        value=proposal.tell.value,
    )
    yield form.information(("Information des professionnels", "Information of professionals"))


def _elsewhere(case: Case, now: int) -> Iterator[Item]:
    yield form.countries()
    for code in ("complaint", "nis2-warning", "nis2-notification"):
        yield form.other_notice(_clock(case, code, now), reference_of(case, code))
    yield asked(
        "cert",
        ("CERT Santé", "CERT Santé"),
        ("L'avez-vous prévenu ?", "Did you tell it?"),
        ("volontaire pour un opérateur", "voluntary for an operator"),
    )
