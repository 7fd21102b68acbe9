"""What was read of somebody, in words that anybody understands: French, then English.

Hours are those of Paris.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from rempart.domain.coverage import Domain
from rempart.domain.disclosure import Fields, Presence
from rempart.domain.letter import Language
from rempart.domain.paris import civil
from rempart.domain.site import SiteKind

Both = tuple[str, str]
"""French, English."""
PLACE: Mapping[Language, int] = {Language.FRENCH: 0, Language.ENGLISH: 1}

FIELDS: Mapping[Fields, Both] = {
    Fields.IN_FORCE: (
        "si vous étiez couvert par notre complémentaire santé, au jour demandé",
        "whether our health insurance covered you on the day asked about",
    ),
    Fields.UNTIL: ("jusqu’à quelle date vous êtes couvert", "until when you are covered"),
    Fields.MODE: (
        "comment votre contrat paie ces soins : en partie, en entier ou après accord",
        "how your contract pays for this care: in part, in full or after agreement",
    ),
}
DOMAINS: Mapping[Domain, Both] = {
    Domain.PHAR: ("la pharmacie", "pharmacy"),
    Domain.LABO: ("les analyses médicales", "laboratory tests"),
    Domain.RADL: ("la radiologie", "X-rays and imaging"),
    Domain.AUXM: ("les soins infirmiers et de rééducation", "nursing and physiotherapy"),
    Domain.SVIL: ("les consultations de médecins", "doctors’ visits"),
    Domain.SAGE: ("les soins de sage-femme", "midwives’ care"),
    Domain.DENT: ("les soins dentaires", "dental care"),
    Domain.DEPR: ("les prothèses dentaires", "dental prostheses"),
    Domain.OPTI: ("les lunettes et les lentilles", "glasses and contact lenses"),
    Domain.AUDI: ("les appareils auditifs", "hearing aids"),
    Domain.HOSP: ("l’hôpital", "hospital"),
    Domain.EXTE: ("les soins externes à l’hôpital", "out-patient care at hospital"),
    Domain.CENT: ("les centres de santé", "health centres"),
    Domain.TRAN: ("le transport de malades", "transport of patients"),
    Domain.LPPS: ("le matériel médical", "medical devices"),
}
HELD: Mapping[Presence, Both] = {
    Presence.LEGACY: (
        "ce qui est imprimé sur votre ancienne carte : numéro d’adhérent, naissance et rang",
        "what is printed on your old card: member number, birth date and rank",
    ),
    Presence.DECLARED: (
        "ce qui est imprimé sur votre carte, et sa clé",
        "what is printed on your card, and its key",
    ),
    Presence.KNOWN: (
        "ce qui est imprimé sur votre carte, dans un lieu où vous étiez déjà venu",
        "what is printed on your card, in a place where you had been before",
    ),
    Presence.CARD: ("le code de votre carte, ou sa photo", "the code of your card, or its photo"),
    Presence.FRESH: ("un code de votre téléphone", "a code of your phone"),
}
KINDS: Mapping[SiteKind, Both] = {
    SiteKind.DOCTOR: ("un cabinet médical", "a doctor’s practice"),
    SiteKind.PHARMACY: ("une pharmacie", "a pharmacy"),
    SiteKind.LABORATORY: ("un laboratoire", "a laboratory"),
    SiteKind.IMAGING: ("un cabinet de radiologie", "an imaging centre"),
    SiteKind.AUXILIARY: ("un cabinet d’infirmiers ou de rééducation", "a nurses’ practice"),
    SiteKind.MIDWIFE: ("une sage-femme", "a midwife"),
    SiteKind.DENTIST: ("un cabinet dentaire", "a dentist’s practice"),
    SiteKind.OPTICIAN: ("un opticien", "an optician"),
    SiteKind.HEARING: ("un audioprothésiste", "a hearing-aid shop"),
    SiteKind.HOSPITAL: ("un hôpital", "a hospital"),
    SiteKind.HEALTH_CENTRE: ("un centre de santé", "a health centre"),
    SiteKind.TRANSPORT: ("un transporteur", "a transport company"),
    SiteKind.DEVICES: ("un magasin de matériel médical", "a shop for medical devices"),
}
MONTHS: Mapping[Language, Sequence[str]] = {
    Language.FRENCH: (
        *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
        *("septembre", "octobre", "novembre", "décembre"),
    ),
    Language.ENGLISH: (
        *("January", "February", "March", "April", "May", "June", "July", "August"),
        *("September", "October", "November", "December"),
    ),
}


@lru_cache(maxsize=4096)
def data_words(fields: Fields, domains: int, language: Language) -> tuple[str, ...]:
    """What answers showed, an item each; last about which care."""
    place = PLACE[language]
    shown = [words[place] for each, words in FIELDS.items() if each in fields]
    cares = [words[place] for each, words in DOMAINS.items() if domains >> each & 1]
    if cares:
        about = ("de quels soins on parlait : ", "which care it was about: ")[place]
        shown.append(about + ", ".join(cares))
    return tuple(shown) or (("qu’une réponse existe", "that there is an answer")[place],)


@lru_cache(maxsize=4096)
def held_words(presences: int, language: Language) -> str:
    """What whoever asked had to have already."""
    place = PLACE[language]
    had = [words[place] for each, words in HELD.items() if presences >> each & 1]
    return (", ou ", ", or ")[place].join(had) or ("votre carte", "your card")[place]


@lru_cache(maxsize=4096)
def account_words(kinds: frozenset[SiteKind], count: int, language: Language) -> str:
    """The stolen accounts, by the kinds of their sites."""
    place = PLACE[language]
    several = (("d’un compte volé", "a stolen account"), ("de comptes volés", "stolen accounts"))
    said = several[count > 1][place]
    whose = ", ".join(words[place] for kind, words in KINDS.items() if kind in kinds)
    return f"{said} ({whose})" if whose else said


def joined(names: Sequence[str], language: Language) -> str:
    """Names in a sentence."""
    *others, last = names
    return (", ".join(others) + (" et ", " and ")[PLACE[language]] if others else "") + last


@lru_cache(maxsize=4096)
def day_words(at: int, language: Language) -> str:
    """A moment, to the minute, in Paris."""
    when = civil(at)
    return f"{date_words(when.date(), language)}{AT[language]}{_hour(when, language)}"


@lru_cache(maxsize=4096)
def when_words(first: int, last: int, language: Language) -> str:
    """When it was read: once, or from the first time to the last."""
    one, other = civil(first), civil(last)
    place = PLACE[language]
    if one.date() != other.date():
        words = ("entre le {} et le {}", "between {} and {}")[place]
        return words.format(day_words(first, language), day_words(last, language))
    day = ("le ", "on ")[place] + date_words(one.date(), language)
    since, until = _hour(one, language), _hour(other, language)
    if since == until:
        return day + AT[language] + since
    between = (", entre ", ", between "), (" et ", " and ")
    return f"{day}{between[0][place]}{since}{between[1][place]}{until}"


AT: Mapping[Language, str] = {Language.FRENCH: " à ", Language.ENGLISH: " at "}


def _hour(when: datetime, language: Language) -> str:
    if language is Language.FRENCH:
        return f"{when.hour} h {when.minute:02}"
    return f"{when.hour}:{when.minute:02}"


def date_words(day: date, language: Language) -> str:
    """A day, as a letter bears it."""
    first = "1er" if day.day == 1 and language is Language.FRENCH else str(day.day)
    return f"{first} {MONTHS[language][day.month - 1]} {day.year}"
