"""Enrol staff: two people decide, a code is shown once, and a passkey is made with it.

The decision comes one of two ways: a statement that two operators confirmed with their own keys,
which is how the first officers come; or a proposal that was agreed to in the vault, as its ledger
says, less than two days ago.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rempart.domain.disclosure import EntryType, decode, decode_codes
from rempart.domain.errors import MalformedIdentifier, SetUpRefused
from rempart.domain.person import ENROLMENT_LIFE, ENROLMENT_SIZE, Act, Person, Role, check_person
from rempart.usecases.confirm_together import GOOD_FOR, Statement, check_confirmed
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.people_ports import PeopleRegistry
from rempart.usecases.ports import Chance, Clock
from rempart.usecases.register_passkeys import code_hash, code_text

PURPOSE = "enrol-staff"
STAFF = frozenset(Role) - {Role.PROFESSIONAL, Role.DELEGATE}


def staff_statement(person: Person, *, now: int, chance: Chance) -> dict[str, Any]:
    """What two operators confirm.

    Raises:
        MalformedIdentifier: no staff, or not what its role needs.
    """
    _check(person)
    return {
        "format": 1,
        "purpose": PURPOSE,
        "login": person.login,
        "role": person.role.name.lower(),
        "amc": person.amc,
        "made": now // 1_000_000,
        "nonce": chance.draw(16).hex(),
    }


def staff_in(statement: Statement) -> Person:
    """Who a statement is about.

    Raises:
        SetUpRefused: it is about nobody.
    """
    try:
        person = Person(
            number=0,
            login=statement["login"],
            role=Role[statement["role"].upper()],
            amc=statement["amc"],
        )
        _check(person)
    except (KeyError, AttributeError, TypeError, MalformedIdentifier):
        raise SetUpRefused("the statement is about no member of staff") from None
    return person


def _check(person: Person) -> None:
    if person.role not in STAFF or type(person.amc) is not int:
        raise MalformedIdentifier("role", "expected one of the staff's")
    check_person(person)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolStaff:
    """The enrolment, with the owner's role."""

    people: PeopleRegistry
    operators: Mapping[bytes, str]
    clock: Clock
    chance: Chance

    def confirmed(self, statement: Statement, confirmations: Sequence[Mapping[str, Any]]) -> str:
        """The one-time code of whoever two operators confirm.

        Raises:
            SetUpRefused: they do not.
            Refusal: the login is another's.
        """
        check_confirmed(
            statement,
            confirmations,
            purpose=PURPOSE,
            operators=self.operators,
            now=self.clock.now(),
        )
        return self._enrol(staff_in(statement), [dict(said) for said in confirmations])

    def approved(self, person: Person, stored: StoredEntry | None) -> str:
        """The one-time code of whoever two officers agreed to, in this entry of the ledger.

        Raises:
            SetUpRefused: it says something else, or was long ago.
            Refusal: the login is another's.
        """
        if stored is None or stored.body is None:
            raise SetUpRefused("there is no such entry")
        entry = decode(stored.body)
        codes = decode_codes(stored.detail or b"") if entry.type is EntryType.DECISION else {}
        said = codes.get("login"), codes.get("role"), codes.get("amc")
        if "approve" not in codes or codes.get("act") != Act.ENROL_STAFF.value:
            raise SetUpRefused("this entry agrees to no enrolment")
        if said != (person.login, person.role.value, person.amc):
            raise SetUpRefused("this entry agrees to somebody else's")
        if self.clock.now() - entry.at > GOOD_FOR * 1_000_000:
            raise SetUpRefused("this was agreed to more than two days ago")
        return self._enrol(person, [{"approved": str(stored.index)}])

    def _enrol(self, person: Person, confirmations: Sequence[Mapping[str, str]]) -> str:
        code = self.chance.draw(ENROLMENT_SIZE)
        self.people.enrol_staff(
            person,
            code_hash=code_hash(code),
            until=self.clock.now() + ENROLMENT_LIFE * 1_000_000,
            confirmations=confirmations,
        )
        return code_text(code)
