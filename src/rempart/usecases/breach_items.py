"""What every paper says of a case: its nature, whom it stopped and what it cut, who reads what.

Nothing here names an account, a site or a person, nor repeats what somebody has said: whoever
writes to the prosecutor, or to the authority, adds it.
"""

from collections.abc import Iterator, Sequence

import msgspec

from rempart.domain.contacts import OperatorContact
from rempart.domain.coverage import Domain
from rempart.domain.cutoff_words import NARROW, Scope
from rempart.domain.disclosure import Fields, Presence
from rempart.domain.incident import NATURE
from rempart.domain.incident_words import Did, Stated
from rempart.domain.site import SiteKind
from rempart.usecases.cut_words import cut_label
from rempart.usecases.dossier_file import PartSaid
from rempart.usecases.incident_labels import OF_THREE, STATED
from rempart.usecases.incident_ports import Unanswered
from rempart.usecases.paper import (
    UNSAID,
    Item,
    Said,
    alike,
    counted,
    figure,
    headed,
    moment,
    several,
    told,
)
from rempart.usecases.read_incidents import Case
from rempart.usecases.rights_words import CUT_WHYS, DOMAINS, FIELDS, KINDS, PRESENCES, SCOPES
from rempart.usecases.tell_unserved import Unserved

FIELD_WORDS = {each.name or "": FIELDS[each] for each in Fields}
DOMAIN_WORDS = {each.name: DOMAINS[each] for each in Domain}
PRESENCE_WORDS = {each.name: PRESENCES[each] for each in Presence}
KIND_WORDS = {each.value: KINDS[each] for each in SiteKind}
PEOPLE = ("personne", "personnes"), ("person", "people")
ANSWERS = ("réponse", "réponses"), ("answer", "answers")
ACCOUNTS = ("compte", "comptes"), ("account", "accounts")
QUESTIONS = ("question", "questions"), ("question", "questions")
SITES = ("lieu", "lieux"), ("site", "sites")
ONLY: Said = (
    "Une réponse ne montre rien d'autre : ni nom, ni NIR, ni adresse, ni RIB, ni soin, ni somme.",
    "An answer shows nothing else: no name, NIR, address, bank account, care or amount.",
)
STATES: dict[str, Said] = {
    "in-force": ("en vigueur", "in force"),
    "partly": ("en partie", "partly"),
    "not-in-force": ("PAS EN VIGUEUR", "NOT IN FORCE"),
    "not-verified": ("non vérifiée", "not verified"),
}


class MeasureSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A protection as it was last attested before the theft, or after it: one of ``STATES``, when
    (microseconds), and the entry of the ledger that says so.
    """

    code: str
    french: str
    english: str
    state: str
    at: int
    entry: int

    def __repr__(self) -> str:
        return "MeasureSaid(…)"


def nature_items(case: Case) -> Iterator[Item]:
    """Confidentiality, integrity, availability: each as somebody has stated it, or not yet."""
    for code, label, stated in zip(NATURE, OF_THREE, case.incident.nature, strict=True):
        unknown = stated is Stated.UNKNOWN
        yield told(
            code,
            headed(label),
            UNSAID if unknown else STATED[stated],
            value=stated.name.lower(),
        )


def part_items(code: str, part: PartSaid, whose: Said) -> Iterator[Item]:
    """One part of the people of an insurer, in exact numbers."""
    yield told(f"{code}-people", whose, several(part.people, *PEOPLE), value=part.people)
    if part.unnamed:
        yield told(
            f"{code}-unnamed",
            (f"{whose[0]}, sans nom", f"{whose[1]}, unnamed"),
            unnamed(part.unnamed),
            value=part.unnamed,
        )
    if not part.people and not part.unnamed:
        return
    yield told(
        f"{code}-records",
        ("Réponses données sur elles", "Answers about them"),
        several(part.answers, *ANSWERS),
        value=part.answers,
    )
    yield told(
        f"{code}-when", ("De quand à quand", "From when to when"), span(part.first, part.last)
    )
    for name, label, counts, words in (
        ("fields", ("Ce qui a été montré", "What was shown"), part.fields, FIELD_WORDS),
        ("domains", ("Domaine demandé", "Domain asked"), part.domains, DOMAIN_WORDS),
        ("presences", ("Sur quoi reposait la question", "On what"), part.presences, PRESENCE_WORDS),
    ):
        yield told(f"{code}-{name}", label, *counted(counts, words), value=dict(counts))


def labelled(item: Item, whose: Said) -> Item:
    """An item of one part of the people, that says of which."""
    label = (f"{item.label[0]} – {whose[0].lower()}", f"{item.label[1]} – {whose[1].lower()}")
    return msgspec.structs.replace(item, label=label)


def unnamed(count: int) -> Said:
    """What is left of people whom no table names any more."""
    return (
        f"au plus {figure(count)} de plus : leur pseudonyme n'a plus de nom (effacées depuis, ou"
        " table close), deux peuvent être une seule personne",
        f"at most {count:,} more: no table names them any more (erased since, or its table is"
        " closed), two may be one person",
    )


def span(first: int, last: int) -> Said:
    """From a moment to another one; an end that is not there is not over."""
    if not first:
        return UNSAID
    since = moment(first)
    if not last:
        return f"depuis le {since[0]}, encore", f"since {since[1]}, still"
    until = moment(last)
    return f"du {since[0]} au {until[0]}", f"{since[1]} to {until[1]}"


def frozen_item(case: Case) -> Item:
    """How many accounts were stopped, and since when."""
    stops = case.stopped
    frozen, still = {s.account for s in stops}, {s.account for s in stops if not s.until}
    if not frozen:
        none = ("aucun compte n'a été gelé", "no account was frozen")
        return told("frozen", ("Comptes gelés", "Accounts frozen"), none, value=0)
    count, english = several(len(frozen), *ACCOUNTS)
    first, last = moment(min(s.since for s in stops)), moment(max(s.since for s in stops))
    return told(
        "frozen",
        ("Comptes gelés", "Accounts frozen"),
        (
            f"{count} ; le premier le {first[0]}, le dernier le {last[0]} ; encore"
            f" gelés : {figure(len(still))}",
            f"{english}; the first at {first[1]}, the last at {last[1]};"
            f" still frozen: {len(still):,}",
        ),
        value=len(frozen),
    )


def cut_items(cuts: Sequence[Unserved], amc: int | None = None) -> Iterator[Item]:
    """What was cut: the narrow ones together, each wide one by itself. Of another insurer than
    ``amc``, no number is told; ``None`` tells all.
    """
    for scope in sorted(NARROW):
        some = [each for each in cuts if each.cut.scope is scope]
        if some:
            first, ends = min(s.cut.since for s in some), [s.until for s in some]
            when = span(first, 0 if 0 in ends else max(ends))
            count = ("coupure", "coupures"), ("cut-off", "cut-offs")
            yield told(
                f"cut-{scope.name.lower()}",
                SCOPES[scope],
                several(len(some), *count),
                when,
                value=len(some),
            )
    for each in cuts:
        if each.cut.scope not in NARROW and _tells(each, amc):
            yield _cut_item(each)


def _tells(each: Unserved, amc: int | None) -> bool:
    return each.cut.scope is not Scope.INSURER or amc is None or each.cut.number == amc


def _cut_item(each: Unserved) -> Item:
    cut, why = each.cut, CUT_WHYS[each.cut.why]
    lost = refused(each.refused)
    return told(
        f"cut-{cut.scope.name.lower()}",
        cut_label(cut),
        span(cut.since, each.until),
        (f"{why[0]} ; {lost[0]}", f"{why[1]}; {lost[1]}"),
        value=each.refused.questions,
    )


def refused(some: Unanswered) -> Said:
    """How many questions a cut-off kept from an answer, and at how many sites."""
    if not some.questions:
        return "aucune question restée sans réponse", "no question left unanswered"
    asked, where = several(some.questions, *QUESTIONS), several(some.sites, *SITES)
    return f"{asked[0]} sans réponse, {where[0]}", f"{asked[1]} unanswered, {where[1]}"


def decision_item(case: Case) -> Item:
    """Decisions by their entries: the words stay with whoever took them."""
    said = case.incident.said(Did.DECIDED)
    lines = [
        (f"le {moment(each.at)[0]}, entrée {each.ref}", f"{moment(each.at)[1]}, entry {each.ref}")
        for each in said
    ]
    none = ("aucune n'est inscrite", "none is entered")
    return told(
        "decisions",
        ("Décisions inscrites", "Decisions entered"),
        *(lines or [none]),
        value=len(said),
    )


def gained_items(measures: Sequence[MeasureSaid]) -> Iterator[Item]:
    """Protections that came into force meanwhile: in reaction or not, people say."""
    yield from before_items(measures, "gained")
    if not measures:
        none: Said = ("aucune n'est attestée", "none is attested")
        yield told("gained", ("Mesures gagnées depuis", "Measures gained since"), none, value=0)


def before_items(measures: Sequence[MeasureSaid], code: str = "measure") -> Iterator[Item]:
    """Protections as they were attested."""
    for each in measures:
        when, state = moment(each.at), STATES[each.state]
        yield told(
            f"{code}-{each.code}",
            (each.french, each.english),
            (
                f"{state[0]}, attestée le {when[0]} (entrée {each.entry})",
                f"{state[1]}, attested at {when[1]} (entry {each.entry})",
            ),
            value=each.state,
        )


def not_attested(question: Said | None = None) -> Item:
    """That no protection is attested, and what a person is asked then."""
    return Item(
        code="measures-before",
        label=("Mesures en place avant", "Measures in place before"),
        said=(("aucune attestation n'est jointe", "no attestation is attached"),),
        asked=question,
    )


def contact_items(operator: OperatorContact) -> Iterator[Item]:
    """Whom to reach, day and night."""
    for code, label, text in (
        ("desk", ("Permanence, jour et nuit", "Desk, day and night"), operator.desk),
        ("dpo", ("Délégué à la protection des données", "Data protection officer"), operator.dpo),
        ("dpo-email", ("Son courriel", "E-mail"), operator.dpo_email),
        ("dpo-phone", ("Son téléphone", "Phone"), operator.dpo_phone),
    ):
        yield told(code, label, alike(text), value=text)


def kinds_said(accounts: int, kinds: dict[str, int]) -> tuple[Said, ...]:
    """How many accounts, and at what kinds of sites."""
    return several(accounts, *ACCOUNTS), *counted(kinds, KIND_WORDS)
