"""By what door a breach came, and how surely, in sentences: papers and pages say it alike.

Nobody used the accounts whose questions passed a gateway; and an account of which nobody can tell
whether its owner or somebody else sat at it was perhaps used, no more.
"""

from collections.abc import Callable, Iterator, Sequence

from rempart.domain.finding import Finding, Window
from rempart.domain.hands import InHands, in_hands
from rempart.usecases.breach_items import ACCOUNTS, span
from rempart.usecases.incident_ports import Named
from rempart.usecases.paper import Item, Said, several, told
from rempart.usecases.read_incidents import Case

When = Callable[[int, int], Said]
"""How a span of microseconds is told."""
OWNER: Said = ("professionnel", "a professional")
OWNERS_OF: Said = ("professionnels", "professionals")
SURELY: Said = ("utilisé par quelqu'un d'autre", "used by somebody else")
PERHAPS: Said = ("peut-être utilisé par quelqu'un d'autre", "perhaps used by somebody else")
OWNERS: Said = ("son titulaire seul, à ce que dit le constat", "its owner alone, by the finding")
MAY_HAVE_PASSED: Said = (
    "Ce qu'un logiciel n'a pas scellé a pu passer en clair dans les questions : numéro d'adhérent,"
    " date et rang de naissance, clé imprimée, code de carte. Le registre ne dit pas lesquelles"
    " étaient scellées.",
    "What a software did not seal may have passed in clear in the questions: member number, birth"
    " date and rank, printed key, card code. The ledger does not tell which were sealed.",
)


ONE_OF: Said = (
    "Quelqu'un d'autre que le titulaire s'est servi d'un compte de professionnel au moins, pour"
    " interroger des droits. Le registre ne dit plus lequel.",
    "Somebody else than the owner used one account of a professional at least, to ask about"
    " rights. The ledger tells no more which.",
)


def hands(case: Case, finding: Finding) -> InHands:
    """In whose hands accounts and gateways were."""
    return in_hands(finding, case.sessions)


def named(case: Case, numbers: Sequence[int]) -> list[Named]:
    """Accounts of a case by their numbers."""
    return [each for each in case.accounts if each.number in numbers]


def used_said(by: InHands, when: When = span) -> Iterator[Said]:
    """How many accounts, surely and perhaps; at what times a gateway, in words of ``when``."""
    if by.surely:
        count, english = several(len(by.surely), *ACCOUNTS)
        of = OWNER if len(by.surely) == 1 else OWNERS_OF
        yield (
            f"Quelqu'un d'autre que le titulaire s'est servi de {count} de {of[0]} pour interroger"
            " des droits.",
            f"Somebody else than the owner used {english} of {of[1]} to ask about rights.",
        )
    if by.one_of:
        yield ONE_OF
    elif by.perhaps:
        count, english = several(len(by.perhaps), *ACCOUNTS)
        of = OWNER if len(by.perhaps) == 1 else OWNERS_OF
        yield (
            f"Quelqu'un d'autre s'est peut-être servi de {count} de {of[0]}. Rien ne dit encore si"
            " c'était le titulaire.",
            f"Somebody else perhaps used {english} of {of[1]}. Nothing tells yet whether it was"
            " the owner.",
        )
    yield from passed_said(by.gateway, when)


def passed_said(windows: Sequence[Window], when: When = span) -> Iterator[Said]:
    """A gateway in other hands; nobody used an account for it."""
    for each in windows:
        hours = when(each.since, each.until)
        yield (
            "Une passerelle, par où passent les questions et les réponses, a été en d'autres mains"
            f" ({hours[0]}). Ce qui passait est compté comme lu ; aucun compte n'a servi à cela.",
            "A gateway, through which questions and answers pass, was in other hands"
            f" ({hours[1]}). What passed is counted as read; no account was used for that.",
        )


def used_items(by: InHands) -> Iterator[Item]:
    """The same, as items with their numbers."""
    label = ("Comptes utilisés par quelqu'un d'autre", "Accounts used by somebody else")
    if by.surely or not (by.perhaps or by.gateway):
        yield told("surely", label, several(len(by.surely), *ACCOUNTS), value=len(by.surely))
    if by.perhaps:
        yield told(
            "perhaps",
            ("Comptes peut-être utilisés", "Accounts perhaps used"),
            several(len(by.perhaps), *ACCOUNTS),
            value=len(by.perhaps),
        )
    if by.gateway:
        yield told(
            "gateway",
            ("Passerelle en d'autres mains", "Gateway in other hands"),
            *(span(each.since, each.until) for each in by.gateway),
            MAY_HAVE_PASSED,
            value=len(by.gateway),
        )


def hand_of(by: InHands, number: int) -> Said:
    """Of one account."""
    if number in by.surely:
        return SURELY
    return PERHAPS if number in by.perhaps else OWNERS
