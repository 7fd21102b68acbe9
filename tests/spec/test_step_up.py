"""Prove yourself again: what it lifts, for whom, how often; and "it was not me"."""

import pytest

from rempart.domain.containment import DECLARED_AFTER_STEP_UP, Authority, Stage, Why
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import AccountContained
from rempart.domain.guard import Move
from rempart.domain.person import Role
from rempart.domain.sign_in import Means
from rempart.usecases.messages import Answered, Contain, Done, Refused
from rempart.usecases.people_messages import (
    BeginStepUp,
    FinishStepUp,
    ListDelegates,
    Report,
    WhoAmI,
)
from rempart.usecases.people_replies import (
    Entered,
    SteppedUp,
)
from tests.authenticators import Authenticator
from tests.people import (
    ANNE,
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

title = "Stepping up, and reporting"
REFUSED = Refused("sign-in-refused", "sign-in refused")
NOT_SIGNED_IN = Refused("not-signed-in")
DAY = 24 * 3600


@pytest.fixture
def world() -> PeopleWorld:
    return PeopleWorld()


@pytest.fixture
def anne(world):
    return professional(world)


def number_of(world, name):
    return world.service.sessions.accounts.by_name[name].number


def account_of(page):
    return f"@{page.send(WhoAmI).login}"


def stage(world, name):
    return world.service.contain.guard.stage(number_of(world, name))


def contain(world, name, to, why="alert"):
    reply = world.send(Contain(name, to, why, "alix"))
    assert reply == Done(), reply.detail


def typed(world, page, number, **more):
    """A question on printed things with their key, about somebody new."""
    member = world.member(f"M-{number}", member_number=f"N{number:05d}")
    return page.ask("", key=f"typed-{number}", shown=member.typed, **more)


# What it lifts


def test_a_narrowed_account_is_lifted_by_its_owner_once_a_day(world, anne):
    contain(world, account_of(anne), "narrowed")
    first = anne.step_up()
    assert (first.stage, first.lifted) == ("watched", True)
    moved = world.details(EntryType.CONTAINMENT)[-1]
    assert (moved["authority"], moved["why"], moved["by"]) == (
        Authority.OWNER.value,
        Why.STEP_UP.value,
        "",
    )
    contain(world, account_of(anne), "narrowed")
    second = anne.step_up()
    assert (second.stage, second.lifted) == ("narrowed", False)
    world.clock.forward(seconds=DAY + 1)
    anne.pro_sante(ANNE)
    assert anne.step_up().lifted


def test_an_account_that_is_not_lifted_asks_a_few_declared_questions(world, anne):
    """The same few for the whole day, however often its owner steps up."""
    contain(world, account_of(anne), "narrowed")
    anne.step_up()
    contain(world, account_of(anne), "narrowed")
    anne.step_up()
    opened = 0
    for number in range(DECLARED_AFTER_STEP_UP + 2):
        opened += isinstance(typed(world, anne, number), Answered)
    assert opened == DECLARED_AFTER_STEP_UP
    assert not anne.step_up().lifted
    assert typed(world, anne, 90) == Refused("narrowed")


def test_what_was_declared_while_watched_costs_nothing_of_the_few(world, anne):
    contain(world, account_of(anne), "narrowed")
    anne.step_up()
    for number in range(20, 20 + DECLARED_AFTER_STEP_UP + 1):
        assert isinstance(typed(world, anne, number), Answered)
    contain(world, account_of(anne), "narrowed")
    anne.step_up()
    few = range(1, DECLARED_AFTER_STEP_UP + 1)
    assert [type(typed(world, anne, number)) for number in few] == [Answered] * len(few)
    assert typed(world, anne, 90) == Refused("narrowed")


def test_a_narrowed_account_asks_nothing_declared_before(world, anne):
    contain(world, account_of(anne), "narrowed")
    assert typed(world, anne, 1) == Refused("narrowed")


def test_a_step_up_before_a_doubt_is_worth_nothing_after_it(world, anne):
    anne.step_up()
    contain(world, account_of(anne), "narrowed")
    assert typed(world, anne, 1) == Refused("narrowed")


def test_what_a_step_up_opened_is_the_same_after_a_restart(world, anne):
    contain(world, account_of(anne), "narrowed")
    anne.step_up()
    contain(world, account_of(anne), "narrowed")
    anne.step_up()
    before = world.service.contain.guard.stages.states[number_of(world, account_of(anne))]
    name = account_of(anne)
    world.restart()
    assert world.service.contain.guard.stages.states[number_of(world, name)] == before


def test_a_step_up_that_lifts_nothing_says_for_whom_it_was(world, anne):
    """The clean way: it is a sign-in, and names the account only where it was narrowed."""
    anne.step_up()
    assert world.details(EntryType.SIGN_IN)[-1].keys() == {"person", "means"}
    contain(world, account_of(anne), "narrowed")
    anne.step_up()
    detail = world.details(EntryType.SIGN_IN)[-1]
    assert (detail["means"], detail["for"]) == (
        Means.STEP_UP.value,
        number_of(world, account_of(anne)),
    )


@pytest.mark.parametrize("to", ["frozen", "closed"])
def test_frozen_is_for_a_person_to_lift(world, anne, to):
    contain(world, PHARMACY, to)
    assert anne.step_up(PHARMACY) == Refused("frozen")
    assert stage(world, PHARMACY).name.lower() == to


# For the software of one's own site


def test_a_professional_steps_up_for_the_software_of_their_site(world, anne):
    software = world.sign_in()
    contain(world, PHARMACY, "narrowed")
    member = world.member("M-1")
    assert world.ask(software, member.typed) == Refused("narrowed")
    assert anne.step_up(PHARMACY).lifted
    assert isinstance(world.ask(software, member.typed), Answered)
    assert stage(world, PHARMACY) is Stage.WATCHED
    assert stage(world, account_of(anne)) is Stage.NORMAL


@pytest.mark.parametrize("account", [OTHER, "nobody", "@nobody"])
def test_nobody_steps_up_for_an_account_of_another_site(world, anne, account):
    contain(world, OTHER, "narrowed")
    assert anne.step_up(account).reason == "not-allowed"
    assert stage(world, OTHER) is Stage.NARROWED


def test_nobody_steps_up_for_a_colleague(world, anne):
    basile = professional(world, BASILE, key=1)
    contain(world, account_of(basile), "narrowed")
    assert anne.step_up(account_of(basile)).reason == "not-allowed"
    assert stage(world, account_of(basile)) is Stage.NARROWED


def test_a_delegate_steps_up_for_themselves_alone(world, anne):
    clerk = delegate(world, anne)
    contain(world, PHARMACY, "narrowed")
    assert clerk.step_up(PHARMACY).reason == "not-allowed"
    contain(world, account_of(clerk), "narrowed")
    assert clerk.step_up().lifted


# With whose passkey


def test_a_passkey_of_another_account_is_no_step_up(world, anne):
    basile = professional(world, BASILE, key=1)
    contain(world, account_of(anne), "narrowed")
    assert anne.step_up(passkey=basile.passkey) == REFUSED
    assert anne.step_up(passkey=Authenticator(credential=b"unknown")) == REFUSED
    assert stage(world, account_of(anne)) is Stage.NARROWED
    told = world.details(EntryType.SIGN_IN_REFUSED)
    assert {row["account"] for row in told} == {number_of(world, account_of(anne))}
    assert told[0]["doubt"] == "credential"


def test_an_answer_serves_once_and_in_the_session_that_it_was_asked_in(world, anne):
    asked = anne.send(BeginStepUp)
    answer = anne.passkey.sign_in(asked.options)
    other = Page(world, KEYS[3], passkey=anne.passkey)
    other.by_passkey()
    answer_of_now = anne.passkey.sign_in(asked.options)
    given = {"flow": asked.flow, "response": answer_of_now}
    assert other.send(FinishStepUp, **given) == REFUSED
    assert isinstance(anne.keep(anne.send(FinishStepUp, **given)), SteppedUp)
    assert anne.send(FinishStepUp, **given) == REFUSED
    assert answer != answer_of_now


def test_whoever_has_no_passkey_does_not_step_up(world):
    world.contracted()
    page = Page(world)
    page.pro_sante()
    assert page.step_up().reason == "not-allowed"


def test_a_stepped_up_session_has_a_new_handle_and_the_old_one_is_dead(world, anne):
    before = Page(world, anne.key, token=anne.token)
    reply = anne.step_up()
    assert anne.token != before.token
    assert before.send(WhoAmI) == NOT_SIGNED_IN
    me = anne.send(WhoAmI)
    assert (me.means, me.fresh) == ("step-up", True)
    assert me.expires_in == reply.expires_in


def test_a_step_up_prolongs_no_session(world, anne):
    world.clock.forward(seconds=1000)
    assert anne.step_up().expires_in == 4 * 3600 - 1000


def test_a_step_up_that_cannot_be_written_changes_nothing(world, anne):
    contain(world, account_of(anne), "narrowed")
    asked = anne.send(BeginStepUp)
    answer = anne.passkey.sign_in(asked.options)
    before, world.store.epoch = world.store.epoch, 99
    with pytest.raises(Exception, match="taken over"):
        anne.send(FinishStepUp, flow=asked.flow, response=answer)
    world.store.epoch = before
    assert stage(world, account_of_number(world)) is Stage.NARROWED


def account_of_number(world):
    return next(name for name in world.service.sessions.accounts.by_name if name.startswith("@"))


# It was not me


def test_an_owner_freezes_their_account_and_every_session_of_it(world, anne):
    name = account_of(anne)
    thief = Page(world, KEYS[3], passkey=anne.passkey)
    thief.by_passkey()
    assert anne.send(Report) == Done()
    assert anne.send(WhoAmI) == thief.send(WhoAmI) == NOT_SIGNED_IN
    assert stage(world, name) is Stage.FROZEN
    moved = world.details(EntryType.CONTAINMENT)[-1]
    assert (moved["authority"], moved["why"]) == (Authority.OWNER.value, Why.REPORTED.value)
    assert anne.pro_sante() == Refused("frozen")
    assert thief.by_passkey() == REFUSED


def test_a_software_key_is_dead_in_the_next_question(world, anne):
    software = world.sign_in()
    card = world.member("M-1").code
    assert isinstance(world.ask(software, card), Answered)
    assert anne.send(Report, account=PHARMACY) == Done()
    assert world.ask(software, card) == NOT_SIGNED_IN
    assert isinstance(anne.ask(card), Answered)
    with pytest.raises(AssertionError):
        world.sign_in()


def test_a_sponsor_reports_a_delegate(world, anne):
    clerk = delegate(world, anne)
    account = anne.send(ListDelegates).delegates[0].account
    assert anne.send(Report, account=account) == Done()
    assert clerk.send(WhoAmI) == NOT_SIGNED_IN


def test_a_delegate_reports_themselves(world, anne):
    clerk = delegate(world, anne)
    assert clerk.send(Report, account=PHARMACY).reason == "not-allowed"
    assert clerk.send(Report) == Done()
    assert repr(anne.send(WhoAmI)) == "Me(…)"


@pytest.mark.parametrize("account", [OTHER, "nobody", "@alix"])
def test_nobody_reports_an_account_that_is_not_theirs(world, anne, account):
    staff(world, "alix")
    assert anne.send(Report, account=account).reason == "not-allowed"
    assert stage(world, OTHER) is Stage.NORMAL


def test_nobody_reports_a_colleague_or_their_delegate(world, anne):
    basile = professional(world, BASILE, key=3)
    clerk = delegate(world, basile)
    for page in (basile, clerk):
        assert anne.send(Report, account=account_of(page)).reason == "not-allowed"
    assert repr(clerk.send(WhoAmI)) == "Me(…)"


def test_staff_reports_itself(world):
    alix = staff(world, "alix")
    assert alix.send(Report) == Done()
    assert alix.by_passkey() == Refused("frozen")
    basile = staff(world, "basile", Role.OFFICER, key=4)
    basile.send(Contain, client_id="@alix", stage="narrowed", why="reviewed")
    assert isinstance(alix.by_passkey(), Entered)


def test_a_guard_is_told_of_a_step_up_by_the_ledger_alone():
    from rempart.domain.guard import Guard

    guard = Guard()
    guard.set(Move(7, Stage.NORMAL, Stage.NARROWED, Why.STRANGERS), 1)
    guard.stepped_up(7, 10)
    guard.stages.states[7].declared = 4
    guard.stepped_up(7, 20)
    assert guard.stages.states[7].declared == 4
    guard.stepped_up(7, 10 + DAY * 1_000_000)
    assert guard.stages.states[7].declared == 0


def test_a_frozen_account_has_no_session_even_if_one_is_left(world, anne):
    """Whatever froze it: the guard's stage is asked at every request."""
    number = number_of(world, account_of(anne))
    world.service.contain.guard.set(Move(number, Stage.NORMAL, Stage.FROZEN, Why.MISSES), 1)
    assert anne.send(WhoAmI) == Refused("frozen")
    (session,) = world.service.sessions.of(number)
    with pytest.raises(AccountContained):
        world.service.people.sign_in.enter(session, b"t", "", world.clock.now())
