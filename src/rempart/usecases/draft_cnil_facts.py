"""What the operator's draft to the CNIL says of the breach itself: sections 4 to 6, 8 and 9."""

from collections import Counter
from collections.abc import Iterator

from rempart.domain.finding import Finding
from rempart.domain.incident_words import Did, Stated
from rempart.usecases import cnil_form as form
from rempart.usecases.breach_items import (
    ACCOUNTS,
    KIND_WORDS,
    ONLY,
    PEOPLE,
    cut_items,
    frozen_item,
    nature_items,
    stolen_accounts,
)
from rempart.usecases.case_items import deed_items, statement_items
from rempart.usecases.claim_items import all_claims
from rempart.usecases.claims_file import ClaimsFile
from rempart.usecases.incident_labels import WHYS
from rempart.usecases.paper import UNSAID, Item, Said, asked, counted, figure, several, told
from rempart.usecases.read_incidents import Case
from rempart.usecases.scope_file import ScopeFile


def nature(case: Case, finding: Finding) -> Iterator[Item]:
    """Section 4."""
    yield from nature_items(case)
    whys = [WHYS[each] for each in sorted({each.why for each in case.incident.frozen})]
    count, english = several(len(finding.suspects), *ACCOUNTS)
    signs = [
        " ; ".join(each[0] for each in whys) or "–",
        "; ".join(each[1] for each in whys) or "–",
    ]
    yield from form.origin(
        (
            f"{count} en cause ; gelés pour : {signs[0]}",
            f"{english} concerned; frozen for: {signs[1]}",
        ),
        (
            f"sessions dites du voleur : {figure(len(finding.thief))}",
            f"sessions named as the thief's: {len(finding.thief):,}",
        ),
    )
    yield from statement_items(case, {Did.OPENED, Did.FACT, Did.FINDING, Did.NATURE})


def data(case: Case, scope: ScopeFile, claims: ClaimsFile | None) -> Iterator[Item]:
    """Section 5."""
    yield asked(
        "own-categories",
        ("Données des professionnels", "Data of professionals"),
        (
            "État civil, coordonnées, identifiants, RIB : lesquelles étaient à portée du voleur ?",
            "Civil status, contact, logins, bank account: which were within the thief's reach?",
        ),
        (
            "le registre tient les questions sur les droits ; il ne dit pas ce qui a été vu de la"
            " fiche du titulaire",
            "the ledger holds questions about rights; it does not tell what was seen of the owner's"
            " own record",
        ),
        *_accounts(case),
        value=len(stolen_accounts(case)),
    )
    yield told(
        "insured",
        ("Données des assurés (notifiées par leurs organismes)", "Data of insured people"),
        *insured(scope),
        ONLY,
        value={
            "breached": scope.breached,
            "undecided": scope.undecided,
            "cleared": scope.cleared,
        },
    )
    yield from all_claims(claims)


def insured(scope: ScopeFile) -> Iterator[Said]:
    """How many insured people, as the scope counts them."""
    read, doubt = several(scope.breached, *PEOPLE), several(scope.undecided, *PEOPLE)
    yield (
        f"lues : {read[0]} ; indécises : {doubt[0]}, par mois de pseudonyme : qui fut lu sur deux"
        " mois compte deux fois",
        f"read: {read[1]}; undecided: {doubt[1]}, by month of pseudonym: who was read in two months"
        " counts twice",
    )


def _accounts(case: Case) -> Iterator[Said]:
    stolen = stolen_accounts(case)
    owners = sum(each.name.startswith("@") for each in stolen)
    software = len(stolen) - owners
    yield (
        f"comptes de personnes : {figure(owners)} ; de logiciels : {figure(software)}",
        f"accounts of persons: {owners:,}; of software: {software:,}",
    )
    yield from counted(Counter(each.kind for each in stolen if each.kind), KIND_WORDS)


def people(case: Case, scope: ScopeFile) -> Iterator[Item]:
    """Section 6."""
    yield told(
        "categories",
        ("Catégories", "Categories"),
        ("professionnels de santé titulaires des comptes", "professionals who own the accounts"),
        *_accounts(case),
    )
    yield told(
        "number",
        ("Nombre (exact)", "Number (exact)"),
        several(len(stolen_accounts(case)), *ACCOUNTS),
        value=len(stolen_accounts(case)),
    )
    yield asked(
        "behind",
        ("Personnes derrière ces comptes", "People behind these accounts"),
        (
            "Combien de personnes travaillent sous les comptes de logiciels ?",
            "How many people work under the accounts of software?",
        ),
        (
            "le registre connaît le compte, pas ses utilisateurs",
            "the ledger knows the account only",
        ),
    )
    yield told(
        "insured-number",
        ("Assurés (pour mémoire)", "Insured people (for the record)"),
        *insured(scope),
        value=scope.breached,
    )


def consequences(case: Case) -> Iterator[Item]:
    """Section 8."""
    for code, stated in zip(("c", "i", "a"), case.incident.nature, strict=True):
        if stated is Stated.YES:
            yield told(f"consequence-{code}", *CONSEQUENCES[code])
        elif stated is Stated.UNKNOWN:
            yield told(f"consequence-{code}", CONSEQUENCES[code][0], UNSAID)
    yield from deed_items(case)
    yield asked("harm", ("Préjudices", "Harm"), ("Lesquels, pour ces professionnels ?", "Which?"))
    deeds = (
        f"actes de ces comptes : {len(case.deeds)}",
        f"deeds of the accounts: {len(case.deeds)}",
    )
    yield asked("severity", ("Gravité", "Severity"), form.GRADES, deeds)


CONSEQUENCES: dict[str, tuple[Said, Said]] = {
    "c": (
        ("Perte de confidentialité", "Loss of confidentiality"),
        ("des réponses ont été données à quelqu'un d'autre", "answers were given to somebody else"),
    ),
    "i": (
        ("Perte d'intégrité", "Loss of integrity"),
        ("des actes ont pu être faits au nom des titulaires", "deeds in the owners' names"),
    ),
    "a": (
        ("Perte de disponibilité", "Loss of availability"),
        ("des professionnels n'ont pas été servis", "professionals were not served"),
    ),
}


def taken(case: Case) -> Iterator[Item]:
    """Section 9."""
    yield frozen_item(case)
    yield from cut_items(case.unserved)
    yield from statement_items(case, {Did.DECIDED})
    yield form.planned()
