"""Examine the contact book: whom nobody could reach at three in the morning, and why."""

from collections.abc import Callable, Collection, Iterator

from rempart.domain.contacts import Contacts, InsurerContact, mailable
from rempart.domain.delivery import Hand
from rempart.usecases.delivery_words import HANDS
from rempart.usecases.findings import Finding, Level

Probe = Callable[[str], Hand | None]
"""What is wrong with a drop; nothing where one can write there."""


def examine_contacts(
    contacts: Contacts, registered: Collection[int] | None, probe: Probe
) -> list[Finding]:
    """Everything that is missing, by insurer; ``registered`` is nothing where it is not known."""
    found = [*_operator(contacts)]
    if registered is None:
        found.append(
            _warning(
                "registre illisible : les assureurs absents du carnet ne sont pas cherchés",
                "registry unread: insurers that are not in the book are not looked for",
            )
        )
    for amc in sorted({*(registered or ()), *contacts.insurers}):
        found += _insurer(amc, contacts.of(amc), probe)
        if registered is not None and amc not in registered:
            found.append(_warning(f"AMC {amc:08d} : pas inscrit", "not registered"))
    if all(each.level is Level.SOUND for each in found):
        found.append(_sound(f"{len(contacts.insurers)} assureurs", "every insurer is reachable"))
    return found


def _operator(contacts: Contacts) -> Iterator[Finding]:
    if not mailable(contacts.operator.dpo_email):
        yield _failure("opérateur : dpo_email mal formée", "operator: dpo_email is malformed")


def _called(who: str, contact: InsurerContact) -> Iterator[Finding]:
    if not contact.phone:
        yield _failure(f"{who} : pas de numéro jour et nuit", "no number that answers at night")
    if contact.delegate and not contact.escalation:
        yield _warning(
            f"{who} : délégataire, et pas de numéro au-dessus",
            "managed by another, and no number above it",
        )


def _insurer(amc: int, contact: InsurerContact | None, probe: Probe) -> Iterator[Finding]:
    who = f"AMC {amc:08d}"
    if contact is None:
        yield _failure(f"{who} : absent du carnet", "not in the book: nobody is told")
        return
    yield from _called(who, contact)
    if not contact.drop:
        yield _warning(f"{who} : pas de dépôt, à la main", "no drop: brought by hand")
    elif (wrong := probe(contact.drop)) is not None:
        french, english = HANDS[wrong]
        yield _failure(f"{who} : {french}", english)
    if not contact.email:
        yield _warning(f"{who} : pas d'adresse, à appeler", "no e-mail: to be called")
    elif not mailable(contact.email):
        yield _failure(f"{who} : adresse mal formée", "its e-mail is malformed")
    if not contact.key:
        yield _warning(
            f"{who} : pas de clé, sa liste ne sera pas scellée", "no key: its list is not sealed"
        )


def _failure(french: str, english: str) -> Finding:
    return Finding(Level.FAILURE, french, english)


def _warning(french: str, english: str) -> Finding:
    return Finding(Level.WARNING, french, english)


def _sound(french: str, english: str) -> Finding:
    return Finding(Level.SOUND, french, english)
