"""What each role may do, and what takes two of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from rempart.domain.allowance import Over
from rempart.domain.containment import Authority, Stage
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import NotAllowed
from rempart.domain.person import (
    AGREED_UNDER,
    AGREED_WITHIN,
    ASKED_UNDER,
    FRESH_FOR,
    LIVES,
    LOOSENED_ALONE,
    POWERS,
    TWO_PERSONS,
    Act,
    Power,
    Role,
    check_power,
    may,
    table,
)
from rempart.domain.site import SiteKind
from rempart.usecases import people_messages
from rempart.usecases.cut_off_messages import ListCutOffs, SetCutOff
from rempart.usecases.decide_together import ACCOUNTS_MAX
from rempart.usecases.messages import Allow, Contain, Done, Refused, Standings
from rempart.usecases.people_messages import (
    Approve,
    InSession,
    ListProposals,
    Propose,
    WhoAmI,
)
from rempart.usecases.people_replies import (
    Proposed,
)
from rempart.usecases.serve_people import BEFORE, IN_SESSION, NEEDS
from tests.people import (
    BASILE,
    KEYS,
    OTHER,
    PHARMACY,
    Page,
    PeopleWorld,
    delegate,
    professional,
    staff,
)
from tests.test_consistency import ROOT
from tests.traffic import folds_of

title = "Roles, and two persons"
READS = {Power.SEE_STANDINGS, Power.SEE_PROOFS, Power.OWN_SESSIONS, Power.STEP_UP, Power.REPORT}


@pytest.fixture
def world() -> PeopleWorld:
    return PeopleWorld()


@pytest.fixture
def alix(world):
    return staff(world, "alix", Role.OFFICER, key=2)


@pytest.fixture
def basile(world):
    return staff(world, "basile", Role.OFFICER, key=3)


def stage(world, name):
    number = world.service.sessions.accounts.by_name[name].number
    return world.service.contain.guard.stage(number)


def contain(world, name, to):
    assert world.send(Contain(name, to, "alert", "local")) == Done()


# The table


@given(st.integers(-5, 40), st.integers(-5, 40))
def test_no_role_outside_the_table_does_anything(role, power):
    in_table = role in set(Role) and power in set(Power) and power in POWERS[Role(role)]
    assert may(role, power) is in_table
    if in_table:
        check_power(Role(role), Power(power))
    else:
        with pytest.raises(NotAllowed):
            check_power(role, power)


def test_every_role_has_a_row_and_a_life():
    assert set(POWERS) == set(LIVES) == set(Role)


def test_each_power_is_somebodys():
    assert {power for row in POWERS.values() for power in row} == set(Power)


def test_only_who_works_at_a_site_asks():
    assert {role for role in Role if may(role, Power.ASK)} == {Role.PROFESSIONAL, Role.DELEGATE}


def test_an_inspector_reads_and_changes_nothing():
    assert POWERS[Role.INSPECTOR] <= READS


def test_whoever_hunts_does_not_let_go():
    assert Power.LOOSEN not in POWERS[Role.SECURITY]
    assert Power.ALLOW not in POWERS[Role.SECURITY]


def test_nobody_asks_for_a_bank_change_and_agrees_to_it():
    for row in POWERS.values():
        assert not {Power.ASK_BANK_CHANGE, Power.AGREE_BANK_CHANGE} <= row


def test_every_act_takes_two():
    assert TWO_PERSONS == set(Act) == set(ASKED_UNDER) == set(AGREED_UNDER)


def test_every_request_has_its_power_and_its_way():
    said = set(InSession.__args__)
    assert set(NEEDS) == set(IN_SESSION) == said
    assert set(BEFORE) == set(people_messages.Before.__args__)


def test_the_page_of_roles_is_the_table():

    assert table() in (ROOT / "docs" / "reference" / "roles.md").read_text()


# Each role, tried


ASKED = {
    "Sponsor": {"label": "x"},
    "EnrolAgain": {"account": "x"},
    "EndDelegate": {"account": "x"},
    "ListDelegates": {},
}
DECIDED = {
    Power.CONTAIN: (Contain, {"client_id": OTHER, "stage": "watched", "why": "alert"}),
    Power.LOOSEN: (Contain, {"client_id": PHARMACY, "stage": "watched", "why": "reviewed"}),
    Power.SEE_STANDINGS: (Standings, {}),
    Power.ALLOW: (
        Allow,
        {"over": "site", "who": OTHER, "factor": 2, "typed": False}
        | {"since": 0, "until": 1, "reason": "opening"},
    ),
}


def signed_in(world, role):
    if role is Role.PROFESSIONAL:
        return professional(world, key=4)
    if role is Role.DELEGATE:
        return delegate(world, professional(world, BASILE, key=5), key=4)
    if role in {Role.INSURER_MANAGER, Role.INSURER_DPO}:
        return staff_of(world, role)
    return staff(world, "somebody", role, key=4)


def staff_of(world, role):

    page = Page(world, KEYS[4])
    page.enrolled(world.staff("insurer", role, 99990001), b"insurer")
    page.by_passkey()
    return page


@pytest.mark.parametrize("role", Role)
def test_each_role_does_what_its_row_says(world, role):
    page = signed_in(world, role)
    contain(world, PHARMACY, "narrowed")
    for name, fields in ASKED.items():
        kind = getattr(people_messages, name)
        reply = page.send(kind, **fields)
        refused = reply == Refused("not-allowed", "this role does not do this")
        assert refused is not may(role, NEEDS[kind]), name
    for power, (kind, fields) in DECIDED.items():
        reply = page.send(kind, **fields)
        refused = reply == Refused("not-allowed", "this role does not do this")
        assert refused is not may(role, power), power
    for act in Act:
        reply = page.send(Propose, act=act.name.lower(), terms=())
        refused = reply == Refused("not-allowed", "this role does not do this")
        assert refused is not may(role, ASKED_UNDER[act]), act
    me = page.send(WhoAmI)
    assert set(me.powers) == {power.name for power in POWERS[role]}


# Decisions in a session


def test_an_officer_decides_in_their_own_name(world, alix):
    """Whatever is typed as ``by`` is not who decides."""
    fields = {"client_id": PHARMACY, "stage": "frozen", "why": "alert", "by": "somebody"}
    assert alix.send(Contain, **fields) == Done()
    moved = world.details(EntryType.CONTAINMENT)[-1]
    assert (moved["by"], moved["authority"]) == ("alix", Authority.OFFICER.value)
    allow = {"over": "site", "who": PHARMACY, "factor": 2, "typed": False, "reason": "opening"}
    now = world.clock.now()
    assert alix.send(Allow, since=now, until=now + 3_600_000_000, **allow) == Done()
    assert world.details(EntryType.DECISION)[-1]["by"] == "alix"


def test_a_decision_without_a_session_names_who_decides(world):
    """By the vault's own user alone: the door knows (``vault/loop.py``)."""
    assert world.send(Contain(PHARMACY, "frozen", "alert")).reason == "forbidden-move"
    assert world.send(Contain(PHARMACY, "frozen", "alert", "alix")) == Done()


def test_a_proof_for_one_decision_serves_no_other(world, alix):
    sent = alix.signed(Contain(PHARMACY, "watched", "alert", token=alix.token))
    for changes in ({"client_id": OTHER}, {"stage": "frozen"}, {"why": "reviewed"}):
        assert world.send(structs.replace(sent, **changes)) == Refused("not-signed-in")
    assert world.send(sent) == Done()
    assert stage(world, OTHER) is Stage.NORMAL


def test_who_is_not_signed_in_learns_no_name(world):
    told = {
        repr(world.send(Contain(name, "frozen", "alert", "x", b"token", "proof")))
        + world.send(Contain(name, "frozen", "alert", "x", b"token", "proof")).reason
        for name in (PHARMACY, "nobody", "@nobody")
    }
    assert len(told) == 1


def test_an_inspector_sees_and_moves_nothing(world):
    igas = staff(world, "igas", Role.INSPECTOR)
    contain(world, PHARMACY, "narrowed")
    assert igas.send(Standings).accounts[0].client_id == PHARMACY
    fields = {"client_id": PHARMACY, "why": "alert"}
    for to in ("frozen", "watched"):
        assert igas.send(Contain, stage=to, **fields).reason == "not-allowed"
    assert stage(world, PHARMACY) is Stage.NARROWED


def test_security_tightens_and_does_not_loosen(world):
    page = staff(world, "sec", Role.SECURITY)
    assert page.send(Contain, client_id=PHARMACY, stage="frozen", why="alert") == Done()
    reply = page.send(Contain, client_id=PHARMACY, stage="narrowed", why="reviewed")
    assert reply.reason == "not-allowed"


def test_loosening_needs_a_fresh_sign_in_and_tightening_does_not(world, alix):
    world.clock.forward(seconds=FRESH_FOR + 1)
    assert alix.send(Contain, client_id=PHARMACY, stage="frozen", why="alert") == Done()
    fields = {"client_id": PHARMACY, "stage": "narrowed", "why": "reviewed"}
    assert alix.send(Contain, **fields).reason == "not-fresh"
    alix.step_up()
    assert alix.send(Contain, **fields) == Done()


def test_nobody_loosens_their_own_account(world, alix, basile):
    contain(world, "@alix", "narrowed")
    fields = {"client_id": "@alix", "stage": "watched", "why": "reviewed"}
    assert alix.send(Contain, **fields).reason == "not-allowed"
    assert basile.send(Contain, **fields) == Done()


# Many take two


def many(world, count):
    names = []
    for number in range(count):
        names.append(world.add_site(f"STRUCT:M{number}", SiteKind.DOCTOR))
    world.service.look()
    for name in names:
        contain(world, name, "narrowed")
    return names


def test_an_officer_loosens_ten_a_day_alone(world, alix, basile):
    names = many(world, LOOSENED_ALONE + 2)
    replies = [
        alix.send(Contain, client_id=name, stage="watched", why="reviewed") for name in names
    ]
    assert replies[:LOOSENED_ALONE] == [Done()] * LOOSENED_ALONE
    assert {reply.reason for reply in replies[LOOSENED_ALONE:]} == {"not-allowed"}
    # Also after a restart; and not the other officer's ten; and not tomorrow's.
    world.restart()
    alix.by_passkey()
    basile.by_passkey()
    fields = {"client_id": names[-1], "stage": "watched", "why": "reviewed"}
    assert alix.send(Contain, **fields).reason == "not-allowed"
    assert basile.send(Contain, **fields) == Done()
    world.clock.forward(seconds=24 * 3600 + 1)
    alix.by_passkey()
    assert alix.send(Contain, **(fields | {"client_id": names[-2]})) == Done()


def test_two_officers_loosen_many(world, alix, basile):
    names = many(world, 15)
    made = alix.send(Propose, act="loosen-many", terms=tuple(names))
    assert isinstance(made, Proposed)
    assert {stage(world, name) for name in names} == {Stage.NARROWED}
    (row,) = basile.send(ListProposals).proposals
    assert (row.ref, row.act, row.by, row.terms) == (made.ref, "loosen-many", "alix", tuple(names))
    assert basile.send(Approve, ref=made.ref) == Done()
    assert {stage(world, name) for name in names} == {Stage.WATCHED}
    decided = world.details(EntryType.DECISION)
    proposed = next(codes for codes in decided if "propose" in codes)
    approved = next(codes for codes in decided if "approve" in codes)
    assert (proposed["by"], approved["by"], approved["approve"]) == ("alix", "basile", made.ref)
    assert {row["by"] for row in world.details(EntryType.CONTAINMENT)[-15:]} == {"alix+basile"}


def test_nobody_agrees_to_what_they_proposed(world, alix):
    (name,) = many(world, 1)
    made = alix.send(Propose, act="loosen-many", terms=(name,))
    alix.step_up()
    assert alix.send(Approve, ref=made.ref).reason == "not-allowed"
    other = staff_again(world, alix)
    assert other.send(Approve, ref=made.ref).reason == "not-allowed"
    assert alix.send(ListProposals).proposals == ()
    assert stage(world, name) is Stage.NARROWED


def staff_again(world, page):

    other = Page(world, KEYS[6], passkey=page.passkey)
    other.by_passkey()
    return other


def test_a_proposal_is_agreed_to_once_within_a_day(world, alix, basile):
    (name,) = many(world, 1)
    made = alix.send(Propose, act="loosen-many", terms=(name,))
    late = alix.send(Propose, act="loosen-many", terms=(name,))
    assert basile.send(Approve, ref=made.ref) == Done()
    assert basile.send(Approve, ref=made.ref).reason == "not-allowed"
    world.clock.forward(seconds=AGREED_WITHIN + 1)
    basile.by_passkey()
    assert basile.send(Approve, ref=late.ref).reason == "not-allowed"
    assert basile.send(ListProposals).proposals == ()
    for ref in (-1, 0, 10**18):
        assert basile.send(Approve, ref=ref).reason == "not-allowed"


def test_what_waits_still_waits_after_a_restart_and_what_was_agreed_does_not(world, alix, basile):
    first, second = many(world, 2)
    one = alix.send(Propose, act="loosen-many", terms=(first,))
    two = alix.send(Propose, act="loosen-many", terms=(second,))
    basile.send(Approve, ref=one.ref)
    world.restart()
    basile.by_passkey()
    assert [row.ref for row in basile.send(ListProposals).proposals] == [two.ref]
    assert basile.send(Approve, ref=one.ref).reason == "not-allowed"
    assert basile.send(Approve, ref=two.ref) == Done()


def test_another_role_does_not_agree(world, alix):
    (name,) = many(world, 1)
    made = alix.send(Propose, act="loosen-many", terms=(name,))
    for role in (Role.SECURITY, Role.INSPECTOR):
        page = staff(world, f"x-{role.value}", role, key=5)
        assert page.send(Approve, ref=made.ref).reason == "not-allowed"
        assert page.send(ListProposals).proposals == ()


def test_proposing_and_agreeing_need_a_fresh_sign_in(world, alix, basile):
    (name,) = many(world, 1)
    made = alix.send(Propose, act="loosen-many", terms=(name,))
    world.clock.forward(seconds=FRESH_FOR + 1)
    assert alix.send(Propose, act="loosen-many", terms=(name,)).reason == "not-fresh"
    assert basile.send(Approve, ref=made.ref).reason == "not-fresh"


def test_what_has_moved_meanwhile_is_left_where_it_is(world, alix, basile):
    first, second = many(world, 2)
    made = alix.send(Propose, act="loosen-many", terms=(first, second))
    contain(world, first, "closed")
    assert basile.send(Approve, ref=made.ref) == Done()
    assert (stage(world, first), stage(world, second)) == (Stage.CLOSED, Stage.WATCHED)


# An exception for many


def exception(over, who, *, factor="2", typed="", reason="opening", days=30):
    now = 1_795_521_600_000_000
    return over, who, factor, typed, str(now), str(now + days * 86_400_000_000), reason


@pytest.mark.parametrize(("over", "who"), [("everybody", ""), ("kind", "pharmacy")])
def test_one_officer_allows_nothing_to_many(world, alix, over, who):
    fields = {"over": over, "who": who, "factor": 2, "typed": True, "reason": "opening"}
    reply = alix.send(Allow, since=0, until=1, **fields)
    assert (reply.reason, "two persons" in reply.detail) == ("not-allowed", True)
    assert not any("allow" in codes for codes in world.details(EntryType.DECISION))


def test_two_officers_allow_an_exception_to_many(world, alix, basile):
    made = alix.send(Propose, act="allow-many", terms=exception("kind", "pharmacy", typed="typed"))
    assert folds_of(world).guard.allowances == {}
    (row,) = basile.send(ListProposals).proposals
    assert row.terms == (
        *("kind", "pharmacy", "× 2", "typed"),
        *("2026-11-24 12:00 → 2026-12-24 12:00 UTC", "opening"),
    )
    assert basile.send(Approve, ref=made.ref) == Done()
    world.restart()
    ((allowance,),) = folds_of(world).guard.allowances.values()
    assert (allowance.over, allowance.factor, allowance.typed) == (Over.KIND, 2, True)
    assert allowance.by == "alix+basile"
    assert allowance.until - allowance.since == 30 * 86_400_000_000


def test_what_waits_for_a_second_person_allows_nothing_after_a_restart(world, alix):
    alix.send(Propose, act="allow-many", terms=exception("everybody", ""))
    world.restart()
    assert folds_of(world).guard.allowances == {}


# Other acts: recorded, not done


def test_a_bank_account_is_changed_by_a_professional_and_an_officer(world, alix):
    anne = professional(world)
    number = "FR7630006000011234567890189"
    made = anne.send(Propose, act="change-bank-account", terms=(number,))
    assert isinstance(made, Proposed)
    (row,) = alix.send(ListProposals).proposals
    assert number not in repr(row.terms)
    assert alix.send(Approve, ref=made.ref) == Done()
    assert not any(number.encode() in (row.detail or b"") for row in world.store.rows)
    decided = world.details(EntryType.DECISION)
    tags = {codes["bank"] for codes in decided if "bank" in codes}
    assert len(tags) == 1


def test_an_officer_does_not_change_a_bank_account(world, alix):
    reply = alix.send(Propose, act="change-bank-account", terms=("FR7630006000011234567890189",))
    assert reply.reason == "not-allowed"


def test_a_cut_off_is_lifted_by_two(world, alix):
    page = staff(world, "sec", Role.SECURITY, key=5)
    cut = world.send(SetCutOff("platform", "", "incident", by="nadia"))
    made = page.send(Propose, act="lift-cut-off", terms=(str(cut.ref),))
    assert alix.send(Approve, ref=made.ref) == Done()
    assert alix.send(ListCutOffs).total == 0


def test_staff_is_enrolled_by_two(world, alix, basile):
    made = alix.send(Propose, act="enrol-staff", terms=("camille", "inspector", "0"))
    assert basile.send(ListProposals).proposals[0].terms == ("camille", "inspector", "0")
    assert basile.send(Approve, ref=made.ref) == Done()


WRONG_TERMS = [
    ("loosen-many", ()),
    ("loosen-many", ("nobody",)),
    ("loosen-many", (PHARMACY,)),
    ("loosen-many", (PHARMACY,) * (ACCOUNTS_MAX + 1)),
    ("lift-cut-off", ()),
    ("lift-cut-off", ("a", "b")),
    ("lift-cut-off", ("é",)),
    ("lift-cut-off", ("9" * 17,)),
    ("lift-cut-off", ("0",)),
    ("enrol-staff", ("camille",)),
    ("enrol-staff", ("camille", "root", "0")),
    ("enrol-staff", ("camille", "insurer-dpo", "0")),
    ("enrol-staff", ("camille", "officer", "12")),
    ("enrol-staff", ("camille", "officer", "x")),
    ("enrol-staff", ("CAMILLE", "officer", "0")),
    ("enrol-staff", ("camille", "professional", "0")),
    ("allow-many", exception("site", PHARMACY)),
    ("allow-many", exception("kind", "castle")),
    ("allow-many", exception("everybody", "", factor="99")),
    ("allow-many", exception("everybody", "", factor="two")),
    ("allow-many", exception("everybody", "", days=93)),
    ("allow-many", exception("everybody", "", reason="because")),
    ("allow-many", exception("everybody", "")[:6]),
    ("nothing", ()),
]


@pytest.mark.parametrize(("act", "terms"), WRONG_TERMS, ids=str)
def test_a_proposal_has_the_terms_of_its_act(world, alix, act, terms):
    reply = alix.send(Propose, act=act, terms=terms)
    assert reply.reason == "forbidden-move"
    assert not any("propose" in codes for codes in world.details(EntryType.DECISION))
