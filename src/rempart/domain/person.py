"""People who sign in: roles, what each may do, how long a session lasts, what takes two of them.

* A role may do what its row of ``POWERS`` says and nothing else.
* A delegate is at one site, sponsored by a professional of that site, and goes with them.
* What can hurt many is asked by one person and agreed to by another: ``TWO_PERSONS``.

The tables are the rule; ``docs/reference/roles.md`` is drawn from them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from rempart.domain.errors import MalformedIdentifier, NotAllowed
from rempart.domain.practice import Usage


class Role(IntEnum):
    """What somebody is to the platform."""

    PROFESSIONAL = 1
    """Signs in with Pro Santé Connect, for one site of theirs."""
    DELEGATE = 2
    """Works for a site: clerk, shop staff, admissions; sponsored by a professional of it."""
    OFFICER = 3
    """The operator's: answers for accounts, day and night."""
    SECURITY = 4
    INSURER_MANAGER = 5
    INSURER_DPO = 6
    INSPECTOR = 7
    """Reads, and changes nothing."""


class Power(IntEnum):
    """One thing that may be done."""

    OWN_SESSIONS = 1
    """See and end one's own sessions."""
    STEP_UP = 2
    """Prove oneself again, by a passkey."""
    REPORT = 3
    """Say "it was not me": one's own account is frozen at once."""
    ASK = 4
    VOUCH = 5
    """Step up, or report, for the software of one's own site; see and end its sessions, and those
    of one's delegates."""
    SPONSOR = 6
    SEE_STANDINGS = 7
    CONTAIN = 8
    """Tighten an account."""
    LOOSEN = 9
    ALLOW = 10
    """Decide a dated exception to budgets."""
    SEE_PROOFS = 11
    """Entries of the ledger and their proofs."""
    SET_CUT_OFF = 12
    LIFT_CUT_OFF = 13
    """Open again what takes two; what one opens again, whoever loosens does."""
    MANAGE_INSURER = 14
    ASK_BANK_CHANGE = 15
    AGREE_BANK_CHANGE = 16
    ENROL_STAFF = 17


EVERYBODY = frozenset({Power.OWN_SESSIONS, Power.STEP_UP, Power.REPORT})

POWERS: Mapping[Role, frozenset[Power]] = {
    Role.PROFESSIONAL: EVERYBODY | {Power.ASK, Power.VOUCH, Power.SPONSOR, Power.ASK_BANK_CHANGE},
    Role.DELEGATE: EVERYBODY | {Power.ASK},
    Role.OFFICER: EVERYBODY
    | {Power.SEE_STANDINGS, Power.CONTAIN, Power.LOOSEN, Power.ALLOW}
    | {Power.SET_CUT_OFF, Power.LIFT_CUT_OFF, Power.AGREE_BANK_CHANGE, Power.ENROL_STAFF},
    # Tightens, and loosens nothing alone: whoever hunts does not also let go.
    Role.SECURITY: EVERYBODY
    | {Power.SEE_STANDINGS, Power.CONTAIN, Power.SEE_PROOFS}
    | {Power.SET_CUT_OFF, Power.LIFT_CUT_OFF, Power.ENROL_STAFF},
    Role.INSURER_MANAGER: EVERYBODY | {Power.MANAGE_INSURER},
    Role.INSURER_DPO: EVERYBODY | {Power.SEE_PROOFS},
    Role.INSPECTOR: EVERYBODY | {Power.SEE_STANDINGS, Power.SEE_PROOFS},
}


class Act(IntEnum):
    """What is asked by one person and agreed to by another."""

    LOOSEN_MANY = 1
    CHANGE_BANK_ACCOUNT = 2
    LIFT_CUT_OFF = 3
    ENROL_STAFF = 4
    ALLOW_MANY = 5


ASKED_UNDER: Mapping[Act, Power] = {
    Act.LOOSEN_MANY: Power.LOOSEN,
    Act.CHANGE_BANK_ACCOUNT: Power.ASK_BANK_CHANGE,
    Act.LIFT_CUT_OFF: Power.LIFT_CUT_OFF,
    Act.ENROL_STAFF: Power.ENROL_STAFF,
    Act.ALLOW_MANY: Power.ALLOW,
}
AGREED_UNDER: Mapping[Act, Power] = {
    **ASKED_UNDER,
    Act.CHANGE_BANK_ACCOUNT: Power.AGREE_BANK_CHANGE,
}
TWO_PERSONS = frozenset(ASKED_UNDER)
AGREED_WITHIN = 24 * 3600
"""Seconds in which the second person agrees; afterwards it is asked anew."""
LOOSENED_ALONE = 10
"""Accounts a day that one officer loosens alone: a morning of honest calls, not a siege."""


@dataclass(frozen=True, slots=True)
class Life:
    """How long a session lasts, and how long it may be left alone; seconds."""

    most: int
    idle: int


LIVES: Mapping[Role, Life] = {
    # Pro Santé Connect's own: four hours since the person proved themselves, 30 minutes idle.
    Role.PROFESSIONAL: Life(4 * 3600, 1800),
    Role.DELEGATE: Life(4 * 3600, 1800),
    # A touch of the passkey brings staff back: what they can do is worth one.
    Role.OFFICER: Life(2 * 3600, 900),
    Role.SECURITY: Life(2 * 3600, 900),
    Role.INSURER_MANAGER: Life(2 * 3600, 900),
    Role.INSURER_DPO: Life(2 * 3600, 900),
    Role.INSPECTOR: Life(2 * 3600, 900),
}
FRESH_FOR = 600
"""Seconds since the person last proved themselves, for what a stolen session must not do: a new
passkey, a delegate, loosening, cutting, proposing, agreeing."""

ENROLMENT_LIFE = 48 * 3600
"""Seconds for which an enrolment code is good, once."""
ENROLMENT_SIZE = 16
"""Bytes of one."""
DELEGATES_MAX = 50
"""Of one sponsor: a hospital's admissions have several."""
LABEL_MAX = 40
LOGIN = re.compile(r"[a-z0-9][a-z0-9.-]{1,31}")


class Suspension(IntEnum):
    """Why somebody who was in, or a site, is out for now."""

    ABSENT = 1
    """The public directory no longer lists them at this site; or anybody at it."""
    ENDED = 2
    """It says that their activity there has ended; or everybody's."""
    PROFESSION = 3
    """It lists another profession than the contract, or none that this kind of site has."""
    DECIDED = 4
    """An officer says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in.

    ``number`` is of the one space of accounts, ``login`` an opaque public handle, ``label`` what a
    sponsor calls their delegate: it is never written anywhere else. ``profession`` is a code of
    TRE_G15, as contracted; ``sponsor`` the number of a professional; ``amc`` an insurer's. ``ways``
    moves when every passkey and code of before ends. ``followed`` says
    that a professional is out where the public directory no longer lists them; where it is not,
    ``outside`` is an operator's reason, which is kept afterwards.
    """

    number: int
    login: str = field(repr=False)
    role: Role
    rpps: str = field(default="", repr=False)
    profession: str = field(default="", repr=False)
    sponsor: int = 0
    site: str = ""
    amc: int = 0
    usage: Usage = Usage.STANDARD
    label: str = field(default="", repr=False)
    since: date | None = None
    suspended: Suspension | None = None
    left: bool = False
    ways: int = 0
    followed: bool = field(default=True, compare=False)
    outside: str = field(default="", repr=False, compare=False)

    @property
    def name(self) -> str:
        """How this account is called among all accounts; no software's name begins so."""
        return f"@{self.login}"


def check_person(person: Person) -> None:
    """Return if a person has what their role needs, and nothing of another role.

    Raises:
        MalformedIdentifier: which does not go with the role.
    """
    works, professional = person.role <= Role.DELEGATE, person.role is Role.PROFESSIONAL
    insurers = person.role in {Role.INSURER_MANAGER, Role.INSURER_DPO}
    for what, there, wanted in (
        ("rpps", person.rpps, professional),
        ("profession", person.profession, professional),
        ("sponsor", person.sponsor, person.role is Role.DELEGATE),
        ("site", person.site, works),
        ("amc", person.amc, insurers),
    ):
        if bool(there) is not wanted:
            raise MalformedIdentifier(what, f"does not go with {person.role.name.lower()}")
    if LOGIN.fullmatch(person.login) is None:
        raise MalformedIdentifier("login", "expected 2 to 32 small letters, digits, dots, dashes")
    if len(person.label) > LABEL_MAX or not person.label.isprintable():
        raise MalformedIdentifier("label", f"expected at most {LABEL_MAX} printable characters")


def is_in(person: Person, people: Mapping[int, Person]) -> bool:
    """Whether somebody may sign in and stay: a delegate only with their sponsor, at one site."""
    if person.suspended is not None or person.left:
        return False
    if person.role is not Role.DELEGATE:
        return True
    return answers_for(person.sponsor, person.site, people)


def answers_for(number: int, site: str, people: Mapping[int, Person]) -> bool:
    """Whether this is a professional of that site who is in: delegates come and go with them."""
    sponsor = people.get(number)
    return (
        sponsor is not None
        and sponsor.role is Role.PROFESSIONAL
        and sponsor.site == site
        and is_in(sponsor, people)
    )


def told(name: str) -> str:
    """The name of a member of a closed list, as messages say it."""
    return name.lower().replace("_", "-")


def may(role: Role, power: Power) -> bool:
    """Whether a role has a power."""
    return power in POWERS.get(role, frozenset())


def check_power(role: Role, power: Power) -> None:
    """Return if a role has a power.

    Raises:
        NotAllowed: it has not.
    """
    if not may(role, power):
        raise NotAllowed("this role does not do this")


def table() -> str:
    """Roles and powers as a table (Markdown), from ``POWERS`` alone."""
    roles = [role.name.lower().replace("_", " ") for role in Role]
    lines = ["| | " + " | ".join(roles) + " |", "|---" * (len(roles) + 1) + "|"]
    for power in Power:
        marks = ["×" if may(role, power) else "" for role in Role]
        lines.append(f"| `{power.name}` | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"
