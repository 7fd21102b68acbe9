"""A professional's session ends when Pro Santé Connect's does: posted, asked after, or unproven."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.domain.disclosure import EntryType
from rempart.drill.impossible import rpps as impossible_rpps
from rempart.usecases.follow_pro_sante import (
    REFRESH_MAX,
    REFRESHED_EVERY,
    REMEMBERED,
    ROOM,
    TRIED_AGAIN,
)
from rempart.usecases.messages import Answered, Done, Refused, SignOut
from rempart.usecases.people_messages import (
    ChooseSite,
    EndAllSessions,
    FinishProSante,
    ListSessions,
    WhoAmI,
)
from rempart.usecases.people_replies import Entered, Me, SitesToChoose
from rempart.usecases.pro_sante_messages import (
    KeepRefresh,
    ListDue,
    LogOut,
    Refreshed,
    RefreshesDue,
    RefreshRefused,
)
from rempart.usecases.session_there import REFRESH_LIFE
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

title = "Sessions at Pro Santé Connect"
NOT_SIGNED_IN = Refused("not-signed-in")
REFUSED = Refused("sign-in-refused", "sign-in refused")
SUBJECT = f"f:test:8{ANNE}"


@pytest.fixture
def world() -> PeopleWorld:
    return PeopleWorld()


@pytest.fixture
def card(world):
    return world.member("REF-1").code


@pytest.fixture
def anne(world):
    """At work, in the session ``s-1`` there."""
    world.contracted()
    page = Page(world)
    assert isinstance(page.pro_sante(sid="s-1"), Entered)
    page.registered(b"of-anne")
    return page


def is_in(page):
    return isinstance(page.send(WhoAmI), Me)


def log_out(world, **claims):
    return world.send(LogOut(world.issuer.logout(now=world.clock.now(), **claims)))


def doubts(world):
    return [row["doubt"] for row in world.details(EntryType.SIGN_IN_REFUSED)]


# Posted: back-channel logout


@pytest.mark.parametrize(
    "named",
    [{"sid": "s-1"}, {"sub": SUBJECT}, {"sid": "s-1", "sub": SUBJECT}],
    ids=["session", "person", "both"],
)
def test_a_logout_there_ends_the_sessions_here_at_once(world, anne, card, named):
    phone = Page(world, KEYS[3], passkey=anne.passkey)
    phone.by_passkey()
    basile = professional(world, BASILE, key=1)
    clerk = delegate(world, basile, key=4)
    assert log_out(world, **named) == Done()
    assert anne.ask(card) == phone.send(WhoAmI) == NOT_SIGNED_IN
    assert anne.by_passkey() == REFUSED
    assert doubts(world)[-1] == "over"
    assert is_in(basile)
    assert is_in(clerk)


def test_a_question_in_the_same_batch_dies_with_the_session(world, anne, card):
    """What is relayed before the questions ends their session, in whatever order they came."""
    token = world.issuer.logout(now=world.clock.now(), sid="s-1")
    replies = world.service([anne.question(card), LogOut(token)])
    assert replies == [NOT_SIGNED_IN, Done()]


def test_a_logout_of_another_session_ends_nothing(world, anne):
    assert log_out(world, sid="s-2") == Done()
    assert log_out(world, sid="s-1", sub="f:test:somebody") == Done()
    assert log_out(world, sub="f:test:somebody") == Done()
    assert is_in(anne)


def test_of_two_sessions_there_one_ends(world, anne):
    home = Page(world, KEYS[3])
    assert isinstance(home.pro_sante(sid="s-2"), Entered)
    assert log_out(world, sid="s-2", sub=SUBJECT) == Done()
    assert is_in(anne)
    assert not is_in(home)
    assert log_out(world, sub=SUBJECT) == Done()
    assert not is_in(anne)


def test_one_session_there_at_two_sites_ends_at_both(world, anne):
    world.contracted(site=OTHER)
    laboratory = Page(world, KEYS[3])
    assert isinstance(laboratory.pro_sante(site=OTHER, sid="s-1"), Entered)
    assert log_out(world, sid="s-1") == Done()
    assert not is_in(anne)
    assert not is_in(laboratory)


WRONG = {
    "of another issuer": {"iss": "https://another.example"},
    "for another service": {"aud": "another"},
    "old": {"iat": 0, "exp": 1},
    "from the future": {"iat": 2_000_000_000, "exp": 2_000_000_100},
    "over before it was made": {"exp": 0},
    "without a moment": {"iat": ...},
    "of nobody": {"sid": ...},
    "without an event": {"events": ...},
    "of another event": {"events": {"http://schemas.openid.net/event/another": {}}},
    "with an event that says nothing": {
        "events": {"http://schemas.openid.net/event/backchannel-logout": "yes"}
    },
    "with a nonce": {"nonce": "n"},
    "without a name": {"jti": ...},
    "an ID token": {"typ": "ID"},
    "an access token": {"typ": "Bearer"},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
def test_what_is_no_logout_token_ends_nothing(world, anne, claims):
    assert log_out(world, **({"sid": "s-1"} | claims)) == REFUSED
    assert is_in(anne)


def test_an_issuer_of_before_gives_a_logout_token_no_end(world, anne):
    assert log_out(world, sid="s-1", exp=...) == Done()
    assert not is_in(anne)


def test_the_token_that_signed_somebody_in_does_not_put_them_out(world, anne):
    now = world.clock.now()
    assert world.send(LogOut(world.issuer.token(ANNE, "n", now=now, sid="s-1"))) == REFUSED
    assert world.send(LogOut(world.issuer.token(ANNE, "", now=now, sid="s-1"))) == REFUSED
    assert is_in(anne)


def test_a_logout_token_signs_nobody_in(world):
    world.contracted()
    page = Page(world)
    begun = page.begin()
    token = world.issuer.logout(now=world.clock.now(), sub=SUBJECT, nonce=begun.nonce)
    assert page.send(FinishProSante, flow=begun.flow, id_token=token) == REFUSED


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_no_text_in_the_place_of_a_logout_token_ends_anything(text):
    assert STANDING.send(LogOut(text)) == REFUSED
    assert STANDING.send(LogOut(f"{GOOD[:20]}{text}{GOOD[20:]}")) == (
        REFUSED if text else Done()
    )  # The vault verifies it again each time: once, it is taken.


STANDING = PeopleWorld()
GOOD = STANDING.issuer.logout(now=STANDING.clock.now(), sid="nobody")


def test_a_logout_token_is_taken_once(world, anne):
    """Replayed later, it would put out whoever has come back."""
    token = world.issuer.logout(now=world.clock.now(), sub=SUBJECT)
    assert world.send(LogOut(token)) == Done()
    world.clock.forward(seconds=30)
    assert isinstance(anne.pro_sante(sid="s-2"), Entered)
    assert world.send(LogOut(token)) == REFUSED
    for _ in range(6):
        world.clock.forward(seconds=30)
        world.service.look()
        assert world.send(LogOut(token)) == REFUSED
    assert is_in(anne)


def test_a_logout_that_overtakes_its_sign_in_wins(world):
    """The person has left while their page was still coming back."""
    world.contracted()
    page = Page(world)
    begun, now = page.begin(), world.clock.now()
    token = world.issuer.token(ANNE, begun.nonce, now=now, sid="s-1")
    world.clock.forward(seconds=2)
    assert log_out(world, sid="s-1") == Done()
    assert page.send(FinishProSante, flow=begun.flow, id_token=token) == REFUSED
    assert doubts(world) == ["over"]
    assert isinstance(page.pro_sante(sid="s-2"), Entered)


def test_a_logout_is_remembered_for_as_long_as_a_choice_of_sites_may_take(world):
    world.contracted()
    world.contracted(site=OTHER)
    page = Page(world)
    chosen = page.pro_sante(sid="s-1")
    assert isinstance(chosen, SitesToChoose)
    assert log_out(world, sub=SUBJECT) == Done()
    world.clock.forward(seconds=590)
    world.service.look()
    assert page.send(ChooseSite, flow=chosen.flow, site=PHARMACY) == REFUSED
    assert doubts(world) == ["over"]
    world.clock.forward(seconds=REMEMBERED)
    world.service.look()
    assert not world.service.people.sign_in.there._gone


def test_with_the_keys_away_a_logout_is_not_taken_and_may_come_again(world, anne):
    token = world.issuer.logout(now=world.clock.now(), sid="s-1")
    world.issuer.away = True
    assert world.send(LogOut(token)) == Refused("unavailable")
    world.issuer.away = False
    assert world.send(LogOut(token)) == Done()
    assert not is_in(anne)


# Asked after: the refresh


def test_whoever_works_stays_for_four_hours_and_no_longer(world, anne):
    world.works(anne, seconds=4 * 3600 - 1)
    assert is_in(anne)
    world.clock.forward(seconds=2)
    assert not is_in(anne)


def test_a_logout_there_is_noticed_within_five_minutes_of_work(world, anne):
    world.works(anne, seconds=3600)
    world.issuer.end()
    world.clock.forward(seconds=REFRESHED_EVERY - 1)
    assert is_in(anne)
    assert world.web_looks() == 0
    world.clock.forward(seconds=1)
    assert world.web_looks() == 1
    assert not is_in(anne)
    assert anne.by_passkey() == REFUSED


def test_pro_sante_connect_down_leaves_whoever_is_in_for_half_an_hour(world, anne, card):
    world.works(anne, seconds=600)
    world.issuer.down = True
    for _ in range(REFRESH_LIFE // 300 - 1):
        world.clock.forward(seconds=300)
        assert isinstance(anne.ask(card, key=str(world.clock.now())), Answered)
        assert world.web_looks() == 1
    world.clock.forward(seconds=300)
    assert is_in(anne)
    world.clock.forward(seconds=1)
    assert anne.ask(card) == NOT_SIGNED_IN


def test_back_in_time_nobody_notices(world, anne):
    world.issuer.down = True
    world.works(anne, seconds=1500)
    world.issuer.down = False
    world.works(anne, seconds=3600)
    assert is_in(anne)


def test_with_it_down_delegates_and_staff_stay(world, anne):
    clerk, officer = delegate(world, anne, key=4), staff(world, "alix")
    world.issuer.down = True
    world.works(anne, clerk, officer, seconds=2100)
    assert not is_in(anne)
    assert is_in(clerk)
    assert is_in(officer)


def test_nobody_is_asked_after_who_is_not_there(world, anne):
    """Pro Santé Connect takes a refresh for the person's presence: it is not ours to feign."""
    world.works(anne, seconds=300)
    for _ in range(5):
        world.clock.forward(seconds=300)
        assert world.web_looks() == 0
    anne.send(WhoAmI)
    world.clock.forward(seconds=TRIED_AGAIN)
    assert world.web_looks() == 1


def test_what_one_web_process_has_taken_no_other_takes(world, anne):
    world.clock.forward(seconds=REFRESHED_EVERY)
    anne.send(WhoAmI)
    assert len(world.send(ListDue()).due) == 1
    assert world.send(ListDue()) == RefreshesDue(())
    world.clock.forward(seconds=TRIED_AGAIN)
    assert len(world.send(ListDue()).due) == 1


def test_one_session_there_is_asked_after_once_for_all_that_rests_on_it(world, anne):
    phone = Page(world, KEYS[3], passkey=anne.passkey)
    phone.by_passkey()
    anne.step_up()
    again = Page(world, KEYS[5])
    assert isinstance(again.pro_sante(sid="s-1"), Entered)
    world.clock.forward(seconds=REFRESHED_EVERY)
    for page in (anne, phone, again):
        page.send(WhoAmI)
    (due,) = world.send(ListDue()).due
    assert world.send(RefreshRefused(due.ref)) == Done()
    assert not any(is_in(page) for page in (anne, phone, again))


def test_what_is_due_fits_a_frame_and_none_is_left_out(world):
    pages = []
    for number in range(8):
        world.contracted(rpps := impossible_rpps(100 + number))
        page = Page(world, KEYS[number])
        begun = page.begin()
        long = f"{number}" * REFRESH_MAX
        assert world.send(KeepRefresh(begun.flow, long)) == Done()
        token = world.issuer.token(rpps, begun.nonce, now=world.clock.now(), sid=f"s-{number}")
        reply = page.keep(page.send(FinishProSante, flow=begun.flow, id_token=token))
        assert isinstance(reply, Entered)
        pages.append(page)
    world.clock.forward(seconds=REFRESHED_EVERY)
    for page in pages:
        page.send(WhoAmI)
    seen = []
    while taken := world.send(ListDue()).due:
        assert sum(len(each.refresh_token) for each in taken) <= ROOM
        seen += [each.refresh_token[0] for each in taken]
    assert sorted(seen) == list("01234567")


# Unproven


def asked_after(world, page):
    world.clock.forward(seconds=REFRESHED_EVERY)
    page.send(WhoAmI)
    (due,) = world.send(ListDue()).due
    return due


OTHERS = {
    "nothing": None,
    "of another session": {"sid": "s-2"},
    "of another person": {"sub": "f:test:8"},
    "with another nonce": {"nonce": "another"},
    "of another issuer": {"iss": "https://another.example"},
    "too weak": {"acr": "0"},
    "a logout token": {"typ": "Logout"},
    "old": {"iat": 1, "exp": 121, "auth_time": 1},
}


@pytest.mark.parametrize("claims", OTHERS.values(), ids=OTHERS)
def test_whoever_relays_cannot_prolong_a_session_by_another_token(world, anne, claims):
    """An owned web process that hides a refusal gains half an hour, and no more."""
    ends = world.clock.now() + REFRESH_LIFE * 1_000_000
    while world.clock.now() + REFRESHED_EVERY * 1_000_000 <= ends:
        due = asked_after(world, anne)
        made = {"nonce": "", "sid": "s-1", **(claims or {})}
        token = world.issuer.token(ANNE, now=world.clock.now(), **made) if claims else "x"
        assert world.send(Refreshed(due.ref, "next", token)) == REFUSED
        assert is_in(anne)
    world.clock.forward(seconds=1)
    assert not is_in(anne)


def test_an_id_token_proves_the_moment_that_it_was_made_and_none_later(world, anne):
    due = asked_after(world, anne)
    fresh = world.issuer.token(ANNE, "", now=world.clock.now(), ago=300, sid="s-1")
    world.clock.forward(seconds=100)
    assert world.send(Refreshed(due.ref, "next", fresh)) == Done()
    for _ in range(2):
        world.clock.forward(seconds=(REFRESH_LIFE - 100) // 2)
        assert is_in(anne)
    world.clock.forward(seconds=1)
    assert not is_in(anne)


def test_a_refreshed_token_may_bear_the_nonce_of_the_first(world):
    world.contracted()
    page = Page(world)
    begun = page.begin()
    world.send(KeepRefresh(begun.flow, "r"))
    made = {"now": world.clock.now(), "sid": "s-1"}
    page.keep(
        page.send(
            FinishProSante,
            flow=begun.flow,
            id_token=world.issuer.token(ANNE, begun.nonce, **made),
        )
    )
    due = asked_after(world, page)
    fresh = world.issuer.token(ANNE, begun.nonce, now=world.clock.now(), ago=300, sid="s-1")
    assert world.send(Refreshed(due.ref, "next", fresh)) == Done()


def test_a_refreshed_token_signs_nobody_in(world, anne):
    thief = Page(world, KEYS[7])
    begun = thief.begin()
    token = world.issuer.token(ANNE, "", now=world.clock.now(), sid="s-1")
    assert thief.send(FinishProSante, flow=begun.flow, id_token=token) == REFUSED


def test_the_issuers_keys_turn_and_whoever_is_in_goes_on_once_the_file_is_fresh(world, anne):
    """The next refresh token is kept although its ID token could not be read."""
    due = asked_after(world, anne)
    world.issuer.away = True
    fresh = world.issuer.refresh(due.refresh_token, now=world.clock.now())
    assert world.send(Refreshed(due.ref, *fresh)) == Refused("unavailable")
    world.issuer.away = False
    world.works(anne, seconds=3600)
    assert is_in(anne)


def test_without_a_refresh_token_a_session_lasts_half_an_hour(world):
    world.contracted()
    page = Page(world)
    begun = page.begin()
    token = world.issuer.token(ANNE, begun.nonce, now=world.clock.now(), sid="s-1")
    page.keep(page.send(FinishProSante, flow=begun.flow, id_token=token))
    world.works(page, seconds=REFRESH_LIFE)
    assert is_in(page)
    world.clock.forward(seconds=1)
    assert not is_in(page)


# Whose the refresh token is


def test_a_refresh_token_is_kept_with_a_sign_in_that_began_and_once(world):
    page = Page(world)
    begun = page.begin()
    assert world.send(KeepRefresh("nothing", "r")) == REFUSED
    assert world.send(KeepRefresh(begun.flow, "r" * (REFRESH_MAX + 1))).reason == "forbidden-move"
    assert world.send(KeepRefresh(begun.flow, "r")) == Done()
    assert world.send(KeepRefresh(begun.flow, "of a thief")) == REFUSED


def test_a_name_that_nobody_has_refreshes_and_ends_nothing(world, anne):
    token = world.issuer.token(ANNE, "", now=world.clock.now(), sid="s-1")
    assert world.send(Refreshed("x", "r", token)) == REFUSED
    assert world.send(RefreshRefused("x")) == REFUSED
    assert is_in(anne)


def test_no_refresh_token_is_told_or_written(world, anne):
    due = asked_after(world, anne)
    assert due.refresh_token not in repr(due)
    (there,) = world.service.people.sign_in.there._there.values()
    assert repr(there) == "SessionThere(…)"
    assert due.refresh_token.encode() not in b"".join(row.body for row in world.store.rows)


def test_whoever_ended_all_is_forgotten_and_a_restart_forgets_everybody(world, anne):
    assert anne.send(EndAllSessions) == Done()
    world.clock.forward(seconds=REFRESHED_EVERY)
    assert world.web_looks() == 0
    assert anne.by_passkey() == REFUSED
    anne.pro_sante(sid="s-2")
    world.restart()
    world.clock.forward(seconds=REFRESHED_EVERY)
    assert world.web_looks() == 0


def test_what_is_over_is_forgotten(world, anne):
    follow = world.service.people.sign_in.there
    assert world.send(SignOut(anne.token)) == Done()
    world.clock.forward(seconds=REFRESH_LIFE + 1)
    world.service.look()
    world.web_looks()
    assert (follow._there, follow._named, follow._of, follow._due) == ({}, {}, {}, [])


def test_where_pro_sante_connect_is_not_set_up_there_is_nothing_to_ask(world):
    world = PeopleWorld(with_pro_sante=False)
    assert world.web_looks() == 0
    assert world.send(LogOut("a.b.c")) == Refused("unavailable")


def test_the_owner_sees_no_session_that_has_ended_there(world, anne):
    home = Page(world, KEYS[3])
    home.pro_sante(sid="s-2")
    assert len(anne.send(ListSessions).sessions) == 2
    log_out(world, sid="s-2")
    assert len(anne.send(ListSessions).sessions) == 1
