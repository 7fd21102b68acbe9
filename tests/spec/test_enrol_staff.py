"""Staff comes in by two persons: two operators' keys, or two officers in the ledger."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.adapters.memory.people import MemoryPeople
from rempart.adapters.memory.world import MemoryChance, MemoryClock, MemoryRegistry
from rempart.domain.errors import MalformedIdentifier, Refusal, SetUpRefused
from rempart.domain.person import Person, Role
from rempart.usecases.confirm_together import GOOD_FOR, check_confirmed, confirm
from rempart.usecases.enrol_staff import PURPOSE, STAFF, EnrolStaff, staff_in, staff_statement
from rempart.usecases.messages import Done
from rempart.usecases.people_messages import (
    Approve,
    Propose,
)
from rempart.usecases.people_replies import (
    Entered,
)
from rempart.usecases.register_passkeys import hash_of
from tests.people import KEYS, Page, PeopleWorld, staff
from tests.worlds import NOON

title = "Staff is enrolled by two"

ALIX, BASILE, STRANGER = (
    Ed25519PrivateKey.from_private_bytes(name.ljust(32, b".")) for name in (b"a", b"b", b"s")
)


def public(key):
    return key.public_key().public_bytes_raw()


OPERATORS = {public(ALIX): "alix", public(BASILE): "basile"}


@pytest.fixture
def clock():
    return MemoryClock(NOON)


@pytest.fixture
def people():
    return MemoryPeople(MemoryRegistry())


@pytest.fixture
def enrol(people, clock):
    return EnrolStaff(people=people, operators=OPERATORS, clock=clock, chance=MemoryChance())


def a_statement(login="camille", role=Role.OFFICER, amc=0, now=NOON):
    person = Person(number=0, login=login, role=role, amc=amc)
    return staff_statement(person, now=now, chance=MemoryChance(login.encode()))


def test_two_operators_enrol_somebody(enrol, people, clock):
    said = a_statement()
    # A statement travels in a file, and its confirmations in others.
    said = json.loads(json.dumps(said, indent=3))
    code = enrol.confirmed(said, [confirm(said, ALIX), confirm(said, BASILE)])
    (number,) = people.registry.people
    assert people.enrolment(hash_of(code), now=clock.now()) == number
    assert people.registry.people[number].role is Role.OFFICER
    assert len(people.confirmed[number]) == 2


@pytest.mark.parametrize("keys", [(), (ALIX,), (ALIX, ALIX), (ALIX, STRANGER)])
def test_fewer_than_two_enrol_nobody(enrol, people, keys):
    said = a_statement()
    with pytest.raises(SetUpRefused):
        enrol.confirmed(said, [confirm(said, key) for key in keys])
    assert people.registry.people == {}


@pytest.mark.parametrize(
    "changes",
    [{"role": "security"}, {"login": "thief"}, {"amc": 99990001}, {"nonce": "00"}, {"made": 1}],
)
def test_confirmations_are_of_one_statement(enrol, people, changes):
    said = a_statement()
    both = [confirm(said, ALIX), confirm(said, BASILE)]
    with pytest.raises(SetUpRefused):
        enrol.confirmed(said | changes, both)
    assert people.registry.people == {}


@pytest.mark.parametrize(("late", "good"), [(GOOD_FOR, True), (GOOD_FOR + 1, False), (-1, False)])
def test_a_statement_is_good_for_two_days(enrol, clock, late, good):
    said = a_statement()
    both = [confirm(said, ALIX), confirm(said, BASILE)]
    clock.forward(seconds=late)
    if good:
        assert enrol.confirmed(said, both)
        return
    with pytest.raises(SetUpRefused, match="two days"):
        enrol.confirmed(said, both)


def test_a_confirmation_serves_no_other_purpose(enrol):
    said = a_statement() | {"purpose": "trust-vendor"}
    both = [confirm(said, ALIX), confirm(said, BASILE)]
    with pytest.raises(SetUpRefused, match="no statement to enrol-staff"):
        enrol.confirmed(said, both)
    named = check_confirmed(said, both, purpose="trust-vendor", operators=OPERATORS, now=NOON)
    assert named == ["alix", "basile"]


@pytest.mark.parametrize("field", ["operator", "signature"])
@pytest.mark.parametrize("value", [None, "", "AA==", 7, "é"])
def test_a_malformed_confirmation_is_refused(enrol, field, value):
    said = a_statement()
    both = [confirm(said, ALIX), confirm(said, BASILE) | {field: value}]
    with pytest.raises(SetUpRefused):
        enrol.confirmed(said, both)


@pytest.mark.parametrize("role", set(Role) - STAFF)
def test_neither_professionals_nor_delegates_are_staff(role):
    with pytest.raises(MalformedIdentifier):
        a_statement(role=role)
    with pytest.raises(SetUpRefused):
        staff_in(a_statement() | {"role": role.name.lower()})


@pytest.mark.parametrize(
    "changes",
    [
        *({"login": None}, {"login": "É"}, {"role": "root"}, {"role": 3}),
        *({"amc": "x"}, {"amc": True}),
    ],
)
def test_a_statement_is_about_somebody(changes):
    with pytest.raises(SetUpRefused):
        staff_in(a_statement() | changes)
    with pytest.raises(SetUpRefused):
        staff_in({"purpose": PURPOSE})


def test_an_insurers_people_are_of_one_insurer(enrol):
    said = a_statement(role=Role.INSURER_DPO, amc=99990001)
    assert enrol.confirmed(said, [confirm(said, ALIX), confirm(said, BASILE)])
    with pytest.raises(MalformedIdentifier):
        a_statement(role=Role.INSURER_DPO)


def test_a_login_is_one_persons_for_ever(enrol):
    for role in (Role.OFFICER, Role.SECURITY):
        said = a_statement(role=role)
        both = [confirm(said, ALIX), confirm(said, BASILE)]
        if role is Role.OFFICER:
            enrol.confirmed(said, both)
            continue
        with pytest.raises(Refusal):
            enrol.confirmed(said, both)


# By the ledger


@pytest.fixture
def world():
    return PeopleWorld()


@pytest.fixture
def approved(world):
    """An enrolment that two officers agreed to; the index of the entry."""
    alix, basile = staff(world, "alix", key=2), staff(world, "basile", key=3)
    made = alix.send(Propose, act="enrol-staff", terms=("camille", "inspector", "0"))
    assert basile.send(Approve, ref=made.ref) == Done()
    return len(world.store.rows) - 1


def enrolment(world):
    return EnrolStaff(people=world.people, operators={}, clock=world.clock, chance=world.chance)


CAMILLE = Person(number=0, login="camille", role=Role.INSPECTOR)


def test_two_officers_enrol_somebody(world, approved):
    code = enrolment(world).approved(CAMILLE, world.store.rows[approved])
    world.service.look()
    page = Page(world, KEYS[5])
    page.enrolled(code, b"camille")
    assert isinstance(page.by_passkey(), Entered)


def test_an_entry_agrees_to_nothing_else(world, approved):
    enrol, rows = enrolment(world), world.store.rows
    for login, role in (("thief", Role.INSPECTOR), ("camille", Role.OFFICER)):
        with pytest.raises(SetUpRefused, match="somebody else"):
            enrol.approved(Person(number=0, login=login, role=role), rows[approved])
    for entry in (None, *rows[:approved]):
        with pytest.raises(SetUpRefused):
            enrol.approved(CAMILLE, entry)


def test_an_agreement_is_used_within_two_days(world, approved):
    world.clock.forward(seconds=GOOD_FOR + 1)
    with pytest.raises(SetUpRefused, match="two days ago"):
        enrolment(world).approved(CAMILLE, world.store.rows[approved])
