"""By which door an insurer's people were read, as its report says it: by accounts, at a gateway.

What was answered while a gateway was in other hands counts as read, and nothing else does by that
door; so the times of the answers tell the doors apart. Its people are told of no other window.
"""

from collections.abc import Iterator
from typing import NamedTuple

from rempart.domain.finding import Window
from rempart.usecases.breach_items import ACCOUNTS, PEOPLE, kinds_said
from rempart.usecases.claims_file import ClaimsSaid
from rempart.usecases.dossier_file import InsurerReport
from rempart.usecases.hands_words import passed_said
from rempart.usecases.paper import Item, Said, several, told

TYPED = ("LEGACY", "DECLARED", "KNOWN")
SHOWN = ("CARD", "FRESH")
USED: Said = (
    "Des comptes de professionnels ont servi à quelqu'un d'autre que leurs titulaires pour"
    " interroger des droits.",
    "Accounts of professionals were used by somebody else than their owners to ask about rights.",
)
PERHAPS_USED: Said = (
    "Des comptes de professionnels ont peut-être servi à quelqu'un d'autre que leurs titulaires"
    " pour interroger des droits. Rien ne dit encore si c'étaient eux.",
    "Accounts of professionals were perhaps used by somebody else than their owners to ask about"
    " rights. Nothing tells yet whether it was themselves.",
)
BILLED: Said = (
    "Des clés de logiciels ont servi à quelqu'un d'autre que leurs titulaires pour envoyer des"
    " factures, ou savoir où elles en sont.",
    "Keys of software were used by somebody else than their owners to send claims, or to be told"
    " where they stand.",
)
PERHAPS_BILLED: Said = (
    "Des clés de logiciels ont peut-être servi à quelqu'un d'autre que leurs titulaires pour"
    " envoyer des factures, ou savoir où elles en sont. Rien ne dit encore si c'étaient eux.",
    "Keys of software were perhaps used by somebody else than their owners to send claims, or to be"
    " told where they stand. Nothing tells yet whether it was themselves.",
)
NOBODY_USED: Said = (
    "Vos assurés ne sont pas touchés, à ce que dit le constat.",
    "Your members are not touched, by the finding.",
)
NOT_TOLD: Said = (
    "Le registre ne dit pas quelles questions étaient scellées : c'est un maximum.",
    "The ledger does not tell which questions were sealed: it is an upper bound.",
)


class ByDoor(NamedTuple):
    """Whether accounts were surely used to ask about its people, or perhaps; when a gateway through
    which somebody's answers passed was in other hands.
    """

    surely: bool
    perhaps: bool
    gateway: tuple[Window, ...]

    def __repr__(self) -> str:
        return f"ByDoor(surely={self.surely}, perhaps={self.perhaps}, …)"


def by_door(report: InsurerReport) -> ByDoor:
    """By which doors its people were read."""
    read = report.breached
    some = bool(read.people or read.unnamed)
    windows = [Window(since, until) for since, until in report.gateway] if some else []
    passed = [w for w in windows if w.since <= read.last and read.first <= w.until]
    within = any(w.holds(read.first) and w.holds(read.last) for w in passed)
    return ByDoor(
        surely=some and not within and set(report.doors) != {"gateway"},
        perhaps=bool(report.undecided.people or report.undecided.unnamed),
        gateway=tuple(passed),
    )


def how_said(report: InsurerReport) -> Iterator[Said]:
    """What happened, a sentence a door; another one for claims, which pass no gateway."""
    by, claims = by_door(report), report.claims or ClaimsSaid()
    if by.surely:
        yield USED
    elif by.perhaps:
        yield PERHAPS_USED
    if claims.breached:
        yield BILLED
    elif claims.undecided:
        yield PERHAPS_BILLED
    yield from passed_said(by.gateway)
    if not any(by) and not claims.touched:
        yield NOBODY_USED


def account_items(report: InsurerReport) -> Iterator[Item]:
    """How many accounts, of what kinds; those that only passed a gateway are told as that."""
    passed, several_doors = report.doors.get("gateway", 0), len(report.doors) > 1
    label: Said = ("Par combien de comptes, de quels lieux", "By how many accounts, of what sites")
    if passed and not several_doors:
        label = (
            "Comptes dont les réponses sont passées, de quels lieux",
            "Accounts whose answers passed, of what sites",
        )
    said = [*kinds_said(report.accounts, report.kinds)]
    if passed:
        count, english = several(passed, *ACCOUNTS)
        said.append(
            (
                f"à la passerelle : {count}, dont personne ne s'est servi",
                f"at the gateway: {english}, which nobody used",
            )
        )
    yield told("accounts", label, *said, value=report.accounts)


def unsealed(report: InsurerReport, presences: tuple[str, ...]) -> int:
    """Of how many at most something of these presences passed a gateway that was not sealed."""
    if not by_door(report).gateway:
        return 0
    people = report.breached.people + report.breached.unnamed
    return min(people, sum(report.breached.presences.get(name, 0) for name in presences))


def unsealed_items(report: InsurerReport) -> Iterator[Item]:
    """What may have passed a gateway beside the answers, of how many at most."""
    for code, label, what, presences in (
        ("passed-typed", PRINTED, TYPED_SAID, TYPED),
        ("passed-codes", CODES, CODES_SAID, SHOWN),
    ):
        if count := unsealed(report, presences):
            people = several(count, *PEOPLE)
            most = f"au plus {people[0]}", f"at most {people[1]}"
            yield told(code, label, most, what, NOT_TOLD, value=count)


PRINTED: Said = ("Passé aussi, peut-être : l'imprimé", "Perhaps passed too: what is printed")
CODES: Said = ("Passé aussi, peut-être : des codes", "Perhaps passed too: codes")
TYPED_SAID: Said = (
    "Si le logiciel n'avait pas scellé la question : numéro d'adhérent, date et rang de naissance,"
    " clé imprimée.",
    "If the software had not sealed the question: member number, birth date and rank, printed key.",
)
CODES_SAID: Said = (
    "Si le logiciel n'avait pas scellé la question : code de la carte ou du téléphone.",
    "If the software had not sealed the question: code of the card or the phone.",
)
