"""The contact book: whom nobody could reach, and the book that one begins with."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from rempart.domain.contacts import contacts_of
from rempart.domain.delivery import Hand
from rempart.domain.errors import MalformedIdentifier
from rempart.usecases.contact_template import template
from rempart.usecases.examine_contacts import examine_contacts
from rempart.usecases.findings import Level
from tests.dossiers import OPERATOR, book, contact

title = "The contact book, examined"

AMC = "99990001"


def said(contacts, registered=frozenset({int(AMC)}), wrong=None) -> list[tuple[Level, str]]:
    found = examine_contacts(contacts, registered, lambda _: wrong)
    return [(each.level, each.english) for each in found]


def test_a_book_in_which_everybody_can_be_reached_is_sound():
    ((level, words),) = said(book([contact(AMC)]))
    assert level is Level.SOUND
    assert words == "every insurer is reachable"


@pytest.mark.parametrize(
    ("change", "level", "words"),
    [
        ({"phone": ""}, Level.FAILURE, "no number that answers at night"),
        ({"drop": ""}, Level.WARNING, "no drop: brought by hand"),
        ({"email": ""}, Level.WARNING, "no e-mail: to be called"),
        ({"email": "crise chez nous"}, Level.FAILURE, "its e-mail is malformed"),
        ({"delegate": "Gestion SA"}, Level.WARNING, "managed by another, and no number above it"),
        ({"key": b""}, Level.WARNING, "no key: its list is not sealed"),
    ],
)
def test_what_an_insurer_lacks_is_said(change, level, words):
    assert said(book([contact(AMC, **change)])) == [(level, words)]


@pytest.mark.parametrize("wrong", [Hand.NOT_OURS, Hand.LINK, Hand.NOT_THERE, Hand.NO_PATH])
def test_a_drop_that_nothing_can_be_left_in_is_said(wrong):
    ((level, words),) = said(book([contact(AMC)]), wrong=wrong)
    assert level is Level.FAILURE
    assert words.startswith("drop: ")


def test_who_is_registered_and_not_in_the_book_is_said_and_the_reverse():
    contacts = book([contact(AMC)])
    assert (Level.FAILURE, "not in the book: nobody is told") in said(contacts, {int(AMC), 7})
    assert (Level.WARNING, "not registered") in said(contacts, {7})
    ((level, words),) = said(contacts, None)
    assert level is Level.WARNING
    assert words.startswith("registry unread")


def test_the_operators_own_address_is_looked_at():
    found = said(book([contact(AMC)], replace(OPERATOR, dpo_email="dpo")))
    assert found == [(Level.FAILURE, "operator: dpo_email is malformed")]


def test_nothing_that_is_found_quotes_the_book():
    contacts = book([contact(AMC, email="x y", phone="")])
    text = f"{examine_contacts(contacts, {int(AMC), 7}, lambda _: Hand.LINK)}"
    for told in ("x y", "/drops", "Mutuelle", "+33"):
        assert told not in text


NAMES = {99990001: 'Mutuelle "d\'Or" \\ été', 7: "", 8: "a\nb\x07"}


def test_the_template_is_a_book_once_it_is_filled_in():
    text = template(NAMES, "Opérateur")
    said = tomllib.loads(text)
    assert [each["amc"] for each in said["insurer"]] == ["00000007", "00000008", "99990001"]
    assert said["insurer"][2]["name"] == NAMES[99990001]
    with pytest.raises(MalformedIdentifier, match=r"(operator, .*|insurer 1, name): expected"):
        contacts_of(said)
    filled = text.replace('""', '"x"')
    for field in ("delegate", "phone", "email", "drop"):
        filled = filled.replace(f"# {field} =", f"{field} =")
    contacts = contacts_of(tomllib.loads(filled))
    assert contacts.operator.name == "Opérateur"
    assert contacts.of(7) is not None
    assert contacts.of(7).drop == "x"


def test_a_template_for_nobody_has_an_operator():
    assert set(tomllib.loads(template({}))) == {"operator"}
