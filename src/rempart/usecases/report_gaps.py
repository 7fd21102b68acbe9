"""What an insurer is told of what is not known, and of what may follow from what was read."""

from collections.abc import Iterator

from rempart.domain.contacts import Contacts
from rempart.domain.deeds import Kind
from rempart.domain.incident_words import Stated
from rempart.usecases.door_of_report import SHOWN, TYPED, by_door, unsealed
from rempart.usecases.dossier_file import InsurerReport, PartSaid
from rempart.usecases.paper import Item, Said, told
from rempart.usecases.read_incidents import Case

NOBODY_CLEARED: Said = (
    "personne : des entrées du registre manquent, qui touchent au temps du vol",
    "nobody: entries of the ledger are missing that touch the time of the theft",
)


NOT_CONTAINED: Said = ("pas encore arrêté", "not contained yet")


UNDECIDED: Said = ("Indécises", "Undecided")


def unknowns(report: InsurerReport, case: Case, contacts: Contacts) -> Iterator[Item]:
    """What nobody can say yet, each in its line."""
    for code, label, text in _gaps(report, case, contacts):
        yield told(code, label, text)


def _gaps(
    report: InsurerReport, case: Case, contacts: Contacts
) -> Iterator[tuple[str, Said, Said]]:
    yield (
        "use",
        ("L'usage fait de ces données", "What was done with the data"),
        ("rien ici ne le dit", "nothing here tells"),
    )
    if Stated.UNKNOWN in case.incident.nature:
        yield "nature", ("Nature", "Nature"), NOT_ALL_STATED
    if not report.contained:
        yield "contained", ("Arrêt", "Containment"), NOT_CONTAINED
    if case.incident.aware is None:
        yield "aware", ("Prise de connaissance", "Awareness"), NOT_AWARE
    if report.undecided.people or report.undecided.unnamed:
        yield "undecided", UNDECIDED, UNDECIDED_STAY
    if report.breached.unnamed or report.undecided.unnamed:
        yield "unnamed", ("Personnes sans nom", "Unnamed people"), UNNAMED_STAY
    if not report.clears:
        yield "holes", ("Trous du registre", "Holes of the ledger"), NOBODY_CLEARED
    if _unplaced(report, case):
        yield "deeds", ("Autres actes de ces comptes", "Other deeds of these accounts"), DEEDS_STAY
    yield from _unreachable(report, contacts)


def _unplaced(report: InsurerReport, case: Case) -> bool:
    """Whether something was done of which nobody knows whose members it touches."""
    looked = report.claims is not None
    return any(not (looked and each.kind is Kind.CLAIM) for each in case.deeds)


NOT_ALL_STATED: Said = (
    "confidentialité, intégrité, disponibilité : l'une au moins n'est pas encore dite",
    "confidentiality, integrity, availability: one at least is not stated yet",
)
NOT_AWARE: Said = (
    "personne n'a encore dit depuis quand l'opérateur sait",
    "nobody has said yet since when the operator knows",
)
UNDECIDED_STAY: Said = (
    "le voleur et le titulaire ne se laissent pas séparer",
    "thief and owner cannot be told apart",
)
UNNAMED_STAY: Said = (
    "aucune table ne rend leur identifiant chez vous",
    "no table gives back their handle with you",
)
DEEDS_STAY: Said = (
    "ces comptes ont fait autre chose que des questions ; si cela touche vos assurés n'est pas"
    " établi ici : demandez à la permanence",
    "these accounts did more than ask; whether it touches your members is not established here:"
    " ask the desk",
)


def _unreachable(report: InsurerReport, contacts: Contacts) -> Iterator[tuple[str, Said, Said]]:
    known, label = contacts.of(int(report.amc)), ("Vous joindre", "Reaching you")
    if known is None:
        yield "contact", label, NO_CONTACT
        return
    if not known.phone:
        yield "phone", label, ("aucun numéro jour et nuit connu", "no number day and night known")
    if not known.key:
        yield "key", label, ("aucune clé : liste non scellée", "no key: the list is not sealed")


NO_CONTACT: Said = (
    "aucun contact connu de vous : donnez-nous-en un",
    "no contact known for you: give us one",
)


def consequences(report: InsurerReport) -> Iterator[Item]:
    """What may follow from what was read, and from nothing else."""
    parts: tuple[PartSaid, ...] = (report.breached, report.undecided)
    if any(part.fields for part in parts):
        yield told("fraud", ("Appels et messages trompeurs", "Deceitful calls"), FRAUD)
    by, crossing = by_door(report), ("Recoupement", "Cross-matching")
    used = [*([report.breached] if by.surely else []), report.undecided]
    if any(set(TYPED) & set(part.presences) for part in used):
        yield told("crossing", crossing, CROSSING)
    if unsealed(report, TYPED):
        yield told("crossing-passed", crossing, CROSSING_PASSED)
    if unsealed(report, TYPED + SHOWN):
        yield told("reuse", ("Cartes à remplacer", "Cards to be replaced"), REUSE)
    yield told("judge", ("Gravité et risque", "Severity and risk"), YOURS_TO_JUDGE)


FRAUD: Said = (
    "Qui sait que quelqu'un est couvert par vous, et jusqu'à quand, rend crédible un faux appel sur"
    " un remboursement, un renouvellement ou un trop-perçu, pour obtenir un RIB ou un code.",
    "Whoever knows that somebody is covered by you, and until when, makes a false call about a"
    " reimbursement, a renewal or an overpayment credible, to get bank details or a code.",
)
CROSSING: Said = (
    "Une question tapée suppose que le voleur avait déjà ce qui est imprimé sur la carte : cela ne"
    " vient pas de ces réponses, et peut se recouper avec d'autres fuites.",
    "A question that was typed means that the thief had what is printed on the card already: that"
    " is not from these answers, and may be matched with other leaks.",
)
CROSSING_PASSED: Said = (
    "Une question tapée porte ce qui est imprimé sur la carte. À la passerelle, si le logiciel ne"
    " l'avait pas scellée, cela a passé aussi : cela vient alors d'ici, et peut se recouper avec"
    " d'autres fuites.",
    "A question that was typed holds what is printed on the card. At the gateway, if the software"
    " had not sealed it, that passed too: then it is from here, and may be matched with other"
    " leaks.",
)
REUSE: Said = (
    "Une clé imprimée ou un code de carte qui a passé peut resservir, jusqu'à ce que la carte ait"
    " son numéro de série suivant : c'est vous qui le lui donnez.",
    "A printed key or a card code that passed may be used again, until the card has its next"
    " serial: you give it.",
)
YOURS_TO_JUDGE: Said = (
    "à vous d'en juger, comme responsable du traitement : les nombres ci-dessus sont exacts",
    "yours to judge, as the controller: the numbers above are exact",
)
