"""What a member is told: every reading, in French and then in English, and the same as JSON.

Times are those of France. No account, no site and no professional is named: the kind of site is.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, TypeVar

from rempart.domain.concerned import Concern
from rempart.domain.coverage import Domain
from rempart.domain.disclosure import Fields, Presence
from rempart.domain.paris import civil
from rempart.domain.site import SiteKind
from rempart.usecases.access_answer import AccessAnswer, Answered, Reading
from rempart.usecases.read_access import OfMember
from rempart.usecases.rights_words import CONCERNS, DOMAINS, FIELDS, KINDS, PRESENCES, Label

E = TypeVar("E", bound=Enum)
FRENCH, ENGLISH = 0, 1
NOBODY_KNOWS: Label = ("Genre de lieu inconnu", "Kind of site unknown")
TITLE: Label = ("QUI A LU VOS DROITS", "WHO READ YOUR RIGHTS")
ABOUT: Label = (
    "Référence {reference}, organisme {amc}. Du {since} au {made}, au plus douze mois, heure de "
    "France.",
    "Reference {reference}, insurer {amc}. From {since} to {made}, twelve months at most, in the "
    "time of France.",
)
COUNTED: Label = ("Réponses données sur vous : {count}.", "Answers given about you: {count}.")
DOMAIN: Label = ("Domaine", "Domain")
SEEN: Label = ("A pu lire", "Could read")
SHOWN: Label = ("Sur présentation de", "Shown by")
ENTRY: Label = ("Entrée du registre", "Entry of the ledger")
ASKED: Label = (
    "Vos téléphones ont demandé cette liste :",
    "Your phones asked for this list:",
)
PROOF: Label = (
    "L'opérateur a signé cette réponse, et son registre dit qu'elle a été faite (entrée {entry}). "
    "Chacune des entrées citées peut être prouvée sur demande.",
    "The operator has signed this answer, and its ledger says that it was made (entry {entry}). "
    "Each of the entries named here can be proven on request.",
)


def member_json(answered: Answered, answer: AccessAnswer, member: OfMember) -> Mapping[str, Any]:
    """One member's readings; times as ISO 8601, in France."""
    return {
        "reference": member.reference,
        "amc": answer.amc,
        "since": _moment(answer.since),
        "made": _moment(answer.made),
        "request": answered.request,
        "opened_in_entry": answered.entry,
        "readings": [_reading(each) for each in member.told.readings],
        "asked": [_moment(at) for at in member.told.asked],
    }


def member_text(answered: Answered, answer: AccessAnswer, member: OfMember) -> str:
    """The same, to be read."""
    pages = [_page(answered, answer, member, language) for language in (FRENCH, ENGLISH)]
    return "\n\n".join("\n".join(page) for page in pages) + "\n"


def _page(
    answered: Answered, answer: AccessAnswer, member: OfMember, language: int
) -> Iterator[str]:
    said = {
        "reference": member.reference,
        "amc": answer.amc,
        "since": _day(answer.since),
        "made": _day(answer.made),
        "count": len(member.told.readings),
        "entry": answered.entry,
    }
    yield TITLE[language]
    yield ABOUT[language].format(**said)
    yield COUNTED[language].format(**said)
    for each in member.told.readings:
        yield ""
        yield from _lines(each, language)
    if member.told.asked:
        yield ""
        yield f"{ASKED[language]} {', '.join(_time(at) for at in member.told.asked)}"
    yield ""
    yield PROOF[language].format(**said)


def _lines(reading: Reading, language: int) -> Iterator[str]:
    words = _words(reading)
    colon, between = (" :", " ; ") if language == FRENCH else (":", "; ")
    seen = between.join(each[language] for each in _fields(reading))
    yield f"{_time(reading.at)}  {words['kind'][language]}"
    yield f"  {DOMAIN[language]}{colon} {words['domain'][language]}"
    yield f"  {SEEN[language]}{colon} {seen}"
    yield f"  {SHOWN[language]}{colon} {words['presence'][language]}"
    if reading.incident:
        yield f"  {words['incident'][language]}"
    yield f"  {ENTRY[language]}{colon} {reading.entry}"


def _reading(reading: Reading) -> Mapping[str, Any]:
    words = {name: _both(label) for name, label in _words(reading).items()}
    fields = [_both(label) for label in _fields(reading)]
    said = {"at": _moment(reading.at), "entry": reading.entry, "fields": fields, "incident": None}
    return said | words


def _words(reading: Reading) -> Mapping[str, Label]:
    words = {
        "kind": _label(KINDS, SiteKind, reading.kind) if reading.kind else NOBODY_KNOWS,
        "domain": _label(DOMAINS, Domain, reading.domain),
        "presence": _label(PRESENCES, Presence, reading.presence),
    }
    if not reading.incident:
        return words
    return words | {"incident": _label(CONCERNS, Concern, reading.incident)}


def _fields(reading: Reading) -> list[Label]:
    return [_label(FIELDS, Fields, each) for each in reading.fields]


def _label(labels: Mapping[E, Label], names: type[E], said: str) -> Label:
    """Its words; itself where the operator knows one more than we do."""
    member = names.__members__.get(said.upper().replace("-", "_"))
    return (said, said) if member is None else labels.get(member, (said, said))


def _both(label: Label) -> Mapping[str, str]:
    return {"fr": label[FRENCH], "en": label[ENGLISH]}


def _moment(at: int) -> str:
    return civil(at).isoformat(timespec="seconds")


def _time(at: int) -> str:
    return f"{civil(at):%Y-%m-%d %H:%M}"


def _day(at: int) -> str:
    return civil(at).date().isoformat()
