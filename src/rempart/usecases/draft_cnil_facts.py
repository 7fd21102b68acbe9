"""What the operator's draft to the CNIL says of the breach itself: sections 4 to 6, 8 and 9."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rempart.domain.finding import Finding
from rempart.domain.incident_words import Did, Stated
from rempart.usecases import cnil_form as form
from rempart.usecases.breach_items import (
    KIND_WORDS,
    ONLY,
    PEOPLE,
    MeasureSaid,
    cut_items,
    frozen_item,
    gained_items,
    nature_items,
)
from rempart.usecases.case_items import deed_items, statement_items
from rempart.usecases.claim_items import all_claims
from rempart.usecases.claims_file import ClaimsFile
from rempart.usecases.hands_words import MAY_HAVE_PASSED, hands, used_items, used_said
from rempart.usecases.hands_words import named as named_in
from rempart.usecases.incident_labels import WHYS
from rempart.usecases.incident_ports import Named
from rempart.usecases.other_populations import shown_to
from rempart.usecases.paper import UNSAID, Item, Said, asked, counted, figure, several, told
from rempart.usecases.read_incidents import Case
from rempart.usecases.scope_file import ScopeFile


def nature(case: Case, finding: Finding) -> Iterator[Item]:
    """Section 4."""
    yield from nature_items(case)
    whys = [WHYS[each] for each in sorted({each.why for each in case.incident.frozen})]
    by = hands(case, finding)
    signs = [
        " ; ".join(each[0] for each in whys) or "–",
        "; ".join(each[1] for each in whys) or "–",
    ]
    yield told("narrative", ("Récit", "Narrative"), *used_said(by), value=len(by.surely))
    yield from form.origin(
        (f"comptes gelés pour : {signs[0]}", f"accounts frozen for: {signs[1]}"),
        (
            f"sessions dites du voleur : {figure(len(finding.thief))}",
            f"sessions named as the thief's: {len(finding.thief):,}",
        ),
    )
    yield from statement_items(case, {Did.OPENED, Did.FACT, Did.FINDING, Did.NATURE})


def data(
    case: Case, finding: Finding, scope: ScopeFile, claims: ClaimsFile | None
) -> Iterator[Item]:
    """Section 5."""
    by = hands(case, finding)
    for code, label, numbers in (
        ("own-data", OWN_DATA, by.surely),
        ("own-data-perhaps", OWN_DATA_PERHAPS, by.perhaps),
    ):
        if numbers:
            yield _own_data(code, label, case, numbers)
    if by.gateway:
        yield told("own-data-gateway", OWN_DATA_PASSED, OWN_PASSED, MAY_HAVE_PASSED)
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


def _own_data(code: str, label: Said, case: Case, numbers: Sequence[int]) -> Item:
    """What accounts show of their owners, of how many each: as in the list of professionals."""
    fields = Counter(name for each in named_in(case, numbers) for name in shown_to(each.name))
    return told(code, label, *counted(fields, OWN_WORDS), NOT_HELD, value=dict(fields))


OWN_DATA: Said = (
    "Données des professionnels, à portée du voleur",
    "Data of professionals, within the thief's reach",
)
OWN_DATA_PERHAPS: Said = (
    "Données des professionnels, peut-être à portée du voleur",
    "Data of professionals, perhaps within the thief's reach",
)
OWN_DATA_PASSED: Said = (
    "Données des professionnels, à la passerelle",
    "Data of professionals, at the gateway",
)
OWN_WORDS: dict[str, Said] = {
    "login": ("identifiant du compte", "name of the account"),
    "rpps": ("numéro RPPS (public)", "RPPS number (public)"),
    "profession": ("profession (publique)", "profession (public)"),
    "site": ("lieu d'exercice (public)", "place of work (public)"),
    "contract": ("référence du contrat", "reference of the contract"),
    "delegates": ("noms donnés aux délégués", "names given to delegates"),
    "sessions": ("heures de connexion", "times of sign-in"),
}
NOT_HELD: Said = (
    "ni mot de passe, ni courriel, ni téléphone, ni RIB : la plateforme n'en tient pas",
    "no password, e-mail, telephone or bank account: the platform holds none",
)
OWN_PASSED: Said = (
    "qui s'est connecté et a interrogé, quand, et des titres de session, limités dans le temps ; il"
    " n'y a pas de mot de passe",
    "who signed in and asked, when, and session handles, limited in time; there are no passwords",
)


def _accounts(stolen: Sequence[Named]) -> Iterator[Said]:
    owners = sum(each.name.startswith("@") for each in stolen)
    software = len(stolen) - owners
    yield (
        f"comptes de personnes : {figure(owners)} ; de logiciels : {figure(software)}",
        f"accounts of persons: {owners:,}; of software: {software:,}",
    )
    yield from counted(Counter(each.kind for each in stolen if each.kind), KIND_WORDS)


def people(case: Case, finding: Finding, scope: ScopeFile) -> Iterator[Item]:
    """Section 6."""
    by = hands(case, finding)
    if by.surely or by.perhaps:
        yield told(
            "categories",
            ("Catégories", "Categories"),
            (
                "professionnels de santé titulaires des comptes",
                "professionals who own the accounts",
            ),
            *_accounts(named_in(case, by.surely + by.perhaps)),
        )
    yield from used_items(by)
    if by.gateway:
        yield asked("passed", PASSED, WHO_PASSED, IN_THE_LIST)
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


PASSED: Said = (
    "Professionnels dont les questions sont passées",
    "Professionals whose questions passed",
)
WHO_PASSED: Said = ("Combien ?", "How many?")
IN_THE_LIST: Said = (
    "leurs comptes sont dans la colonne « accounts » de la liste de la portée ; aucun n'a été"
    " utilisé pour cela",
    "their accounts stand in the column “accounts” of the scope's list; none was used for that",
)


def consequences(case: Case, finding: Finding) -> Iterator[Item]:
    """Section 8."""
    for code, stated in zip(("c", "i", "a"), case.incident.nature, strict=True):
        if stated is Stated.YES:
            yield told(f"consequence-{code}", *CONSEQUENCES[code])
        elif stated is Stated.UNKNOWN:
            yield told(f"consequence-{code}", CONSEQUENCES[code][0], UNSAID)
    yield from deed_items(case, finding)
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


def taken(case: Case, gained: Sequence[MeasureSaid]) -> Iterator[Item]:
    """Section 9; ``gained`` are measures that came into force since."""
    yield frozen_item(case)
    yield from cut_items(case.unserved)
    yield from gained_items(gained)
    yield from statement_items(case, {Did.DECIDED})
    yield form.planned()
