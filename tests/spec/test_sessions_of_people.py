"""A person's session: bound to a key of their client, proof by proof; short, listed, revocable."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from rempart.adapters.identity.proofs import SKEW, make_proof, new_client_key, thumbprint
from rempart.domain.disclosure import EntryType, Outcome
from rempart.domain.person import LIVES, Role
from rempart.domain.practice import Usage
from rempart.usecases import people_messages
from rempart.usecases.messages import Answered, Ask, CardShown, Done, Refused, SignOut
from rempart.usecases.people_messages import (
    EndAllSessions,
    EndSession,
    ListDelegates,
    ListSessions,
    PeopleRequest,
    WhoAmI,
)
from rempart.usecases.people_replies import (
    Entered,
)
from rempart.usecases.request_proofs import METHOD, address_of, content_digest, handle_digest
from rempart.usecases.sign_in_people import SESSIONS_MAX
from tests.people import ANNE, BASILE, KEYS, PHARMACY, WEB, Page, PeopleWorld, professional, staff

title = "Sessions of people"
NOT_SIGNED_IN = Refused("not-signed-in")


@pytest.fixture
def world() -> PeopleWorld:
    return PeopleWorld()


@pytest.fixture
def card(world):
    return world.member("REF-1").code


@pytest.fixture
def anne(world):
    return professional(world)


def questions(world):
    return sum(e.type in {EntryType.QUESTION, EntryType.REPEAT} for e in world.entries())


# A handle without its key


def test_a_person_asks_with_a_handle_and_a_proof(world, anne, card):
    assert isinstance(anne.ask(card), Answered)


def test_a_handle_without_a_proof_is_nothing(world, anne, card):
    bare = structs.replace(anne.question(card), proof="")
    assert world.send(bare) == NOT_SIGNED_IN
    assert world.send(structs.replace(bare, certificate=b"c" * 32)) == NOT_SIGNED_IN
    assert world.send(WhoAmI(anne.token, "")) == NOT_SIGNED_IN
    assert questions(world) == 0


def test_a_stolen_handle_with_another_key_is_nothing(world, anne, card):
    thief = Page(world, KEYS[7], token=anne.token)
    assert thief.ask(card) == NOT_SIGNED_IN
    assert thief.send(WhoAmI) == NOT_SIGNED_IN
    assert questions(world) == 0


def test_a_key_without_its_handle_is_nothing(world, anne, card):
    assert Page(world, anne.key, token=b"x" * 32).ask(card) == NOT_SIGNED_IN
    assert Page(world, anne.key).send(WhoAmI) == NOT_SIGNED_IN


def test_a_certificate_does_not_stand_for_a_proof_nor_a_proof_for_a_certificate(world, anne, card):
    software = world.sign_in()
    ask = anne.signed(
        Ask(
            token=software,
            certificate=b"",
            key="k",
            domain="PHAR",
            care_date="2026-11-24",
            shown=CardShown(card),
        )
    )
    assert world.send(ask) == NOT_SIGNED_IN
    assert isinstance(world.ask(software, card), Answered)


# A proof for one request serves no other


def test_a_proof_is_taken_once(world, anne, card):
    """Whoever relays a question cannot send it again, not even as it was."""
    ask = anne.question(card)
    assert isinstance(world.send(ask), Answered)
    assert world.send(ask) == NOT_SIGNED_IN
    assert questions(world) == 1


def test_one_batch_takes_a_proof_once(world, anne, card):
    ask = anne.question(card)
    replies = world.service([ask, ask, ask])
    assert isinstance(replies[0], Answered)
    assert replies[1:] == [NOT_SIGNED_IN] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "k-2"},
        {"domain": "LPPS"},
        {"care_date": "2026-11-23"},
        {"shown": CardShown("RP1:OTHER")},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_no_other_question_passes_under_a_proof(world, anne, card, changes):
    assert world.send(structs.replace(anne.question(card), **changes)) == NOT_SIGNED_IN
    assert questions(world) == 0


def test_what_the_gateway_sees_itself_is_not_signed(world, anne, card):
    ask = structs.replace(anne.question(card), network="192.0.2.0/24")
    assert isinstance(world.send(ask), Answered)


@pytest.mark.parametrize("claim", ["htm", "htu", "ath", "cth", "iat", "jti"])
def test_each_claim_must_be_there_and_hold(world, anne, claim):
    message = WhoAmI(anne.token, "")
    made = {
        "method": METHOD,
        "address": address_of(WEB, WhoAmI),
        "content": content_digest(message),
        "handle": handle_digest(anne.token),
        "now": world.clock.now(),
    }
    for value in [None, "", 0, [], {}, True, "é", "GET", "x" * 65]:
        proof = make_proof(anne.key, **made, **{claim: value})
        assert world.send(structs.replace(message, proof=proof)) == NOT_SIGNED_IN, value
    good = make_proof(anne.key, **made)
    assert repr(world.send(structs.replace(message, proof=good))) == "Me(…)"


def test_a_proof_for_one_kind_of_request_serves_no_other(world, anne):
    """The address is the vault's to say: a list of sessions is no list of delegates."""
    listed = anne.signed(ListSessions(anne.token, ""))
    assert world.send(ListDelegates(anne.token, listed.proof)) == NOT_SIGNED_IN
    assert world.send(EndAllSessions(anne.token, listed.proof)) == NOT_SIGNED_IN
    assert repr(world.send(listed)) == "SessionsShown(…)"


def test_a_proof_of_another_session_of_the_same_key_serves_none(world, anne, card):
    first = Page(world, anne.key, token=anne.token)
    assert isinstance(anne.pro_sante(ANNE), Entered)
    ask = first.question(card)
    assert world.send(structs.replace(ask, token=anne.token)) == NOT_SIGNED_IN
    assert isinstance(world.send(ask), Answered)


@pytest.mark.parametrize(("ahead", "taken"), [(0, True), (SKEW, True), (SKEW + 1, False)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_clock_may_differ_by_a_minute_and_no_more(world, anne, ahead, taken, sign):
    moment = world.clock.now() + sign * ahead * 1_000_000
    reply = world.send(anne.signed(WhoAmI(anne.token, ""), now=moment))
    assert (reply != NOT_SIGNED_IN) is taken


def test_a_spent_proof_stays_spent_for_as_long_as_it_could_be_taken(world, anne):
    """Made a minute ahead, it lives two: and is remembered for as long."""
    early = anne.signed(WhoAmI(anne.token, ""), now=world.clock.now() + SKEW * 1_000_000)
    assert repr(world.send(early)) == "Me(…)"
    for _ in range(4):
        world.clock.forward(seconds=30)
        world.service.look()
        assert world.send(early) == NOT_SIGNED_IN


def test_whatever_is_no_proof_is_refused(world, anne):
    good = anne.signed(WhoAmI(anne.token, "")).proof
    head, payload, signature = good.split(".")
    private = json.dumps(anne.key)
    for proof in ("", "a.b.c", f"{head}.{payload}.", f"{head}..{signature}", "x" * 5000, private):
        assert world.send(WhoAmI(anne.token, proof)) == NOT_SIGNED_IN
    assert repr(world.send(WhoAmI(anne.token, good))) == "Me(…)"


def test_a_thumbprint_is_that_of_rfc_7638():
    key = new_client_key()
    assert thumbprint(key) == thumbprint({**key, "kid": "x", "alg": "ES256"})
    assert thumbprint(key) != thumbprint(new_client_key())
    assert len(thumbprint(key)) == 43


@settings(max_examples=60)
@given(st.text(max_size=300), st.binary(max_size=40))
def test_no_text_in_the_place_of_a_proof_stops_the_vault(text, token):
    world = WORLD
    assert world.send(WhoAmI(token, text)) == NOT_SIGNED_IN
    assert world.send(WhoAmI(PAGE.token, text)) == NOT_SIGNED_IN


WORLD = PeopleWorld()
PAGE = professional(WORLD)


# What the web process can say


def test_no_field_of_any_message_says_who_is_asking():
    """A field that is added here needs the question: could it say who is calling?"""
    named = {
        name: [field for field in kind.__struct_fields__ if field not in {"token", "proof"}]
        for name, kind in vars(people_messages).items()
        if isinstance(kind, type) and kind in PeopleRequest.__args__
    }
    assert named == {
        "BeginProSante": ["key", "again"],
        "FinishProSante": ["flow", "id_token", "site", "device"],
        "ChooseSite": ["flow", "site", "device"],
        "BeginPasskey": ["key"],
        "FinishPasskey": ["flow", "response", "device"],
        "BeginEnrolment": ["key", "code"],
        "FinishEnrolment": ["flow", "response"],
        "BeginRegistration": [],
        "FinishRegistration": ["flow", "response"],
        "BeginStepUp": [],
        "FinishStepUp": ["flow", "response", "account"],
        "Report": ["account"],
        "WhoAmI": [],
        "ListSessions": [],
        "EndSession": ["ref"],
        "EndAllSessions": [],
        "ListPasskeys": [],
        "RevokePasskey": ["ref"],
        "ListVouched": ["first"],
        "EndVouched": ["account", "ref"],
        "Sponsor": ["label", "usage"],
        "EnrolAgain": ["account"],
        "EndDelegate": ["account"],
        "ListDelegates": [],
        "Propose": ["act", "terms"],
        "Approve": ["ref"],
        "ListProposals": [],
        "InsurerState": [],
        "ListDisclosures": ["amc", "before"],
        "AskProof": ["index"],
    }


def test_an_idempotency_key_of_another_account_is_only_a_text(world, anne, card):
    basile = professional(world, BASILE, key=1)
    assert isinstance(anne.ask(card, key="same"), Answered)
    reply = basile.ask(card, key="same")
    assert isinstance(reply, Answered)
    assert not reply.repeated
    again = anne.ask(card, key="same")
    assert again.repeated


def test_the_entry_bears_the_account_of_the_person(world, anne, card):
    basile = professional(world, BASILE, key=1)
    anne.ask(card)
    basile.ask(card)
    asked = [e for e in world.entries() if e.type is EntryType.QUESTION]
    assert len({e.account for e in asked}) == 2
    assert len({e.site for e in asked}) == 1
    assert {e.outcome for e in asked} == {Outcome.OPENED}


# How long


def test_a_professional_stays_as_long_as_pro_sante_connect_says(world):
    world.contracted()
    page = Page(world)
    reply = page.pro_sante(ANNE, ago=3 * 3600)
    assert reply.expires_in == 3600
    world.works(page, seconds=1500)
    assert page.send(WhoAmI).expires_in == 2100
    world.works(page, seconds=1500)
    page.send(WhoAmI)
    world.clock.forward(seconds=602)
    assert page.send(WhoAmI) == NOT_SIGNED_IN


def test_a_session_left_alone_ends(world, anne, card):
    world.clock.forward(seconds=1799)
    assert isinstance(anne.ask(card), Answered)
    world.clock.forward(seconds=1801)
    assert anne.ask(card) == NOT_SIGNED_IN


@pytest.mark.parametrize("role", [role for role in Role if role > Role.DELEGATE])
def test_staff_leave_sooner(world, role):
    life = LIVES[role]
    assert (life.most, life.idle) == (7200, 900)
    if role in {Role.INSURER_MANAGER, Role.INSURER_DPO}:
        return
    page = staff(world, "somebody", role)
    world.clock.forward(seconds=901)
    assert page.send(WhoAmI) == NOT_SIGNED_IN


def test_no_session_survives_a_restart(world, anne, card):
    world.restart()
    assert anne.ask(card) == NOT_SIGNED_IN
    assert anne.send(WhoAmI) == NOT_SIGNED_IN


def test_staff_ask_nothing_about_anybody(world, card):
    for number, (role, login) in enumerate([(Role.OFFICER, "alix"), (Role.INSPECTOR, "igas")]):
        page = staff(world, login, role, key=2 + number)
        assert page.ask(card) == NOT_SIGNED_IN
    assert questions(world) == 0


# The owner's own list


def test_a_person_sees_their_sessions_and_ends_them(world, anne):
    phone = Page(world, KEYS[3], passkey=anne.passkey)
    world.clock.forward(seconds=60)
    phone.by_passkey(device="phone")
    rows = anne.send(ListSessions).sessions
    assert [(row.means, row.device, row.this) for row in rows] == [
        ("pro-sante", "", True),
        ("passkey", "phone", False),
    ]
    assert rows[0].since < rows[1].since <= rows[0].seen
    assert anne.send(EndSession, ref=rows[1].ref) == Done()
    assert phone.send(WhoAmI) == NOT_SIGNED_IN
    assert len(anne.send(ListSessions).sessions) == 1


def test_a_kind_of_device_is_one_of_three_words(world, anne):
    page = Page(world, KEYS[3], passkey=anne.passkey)
    page.by_passkey(device="Mozilla/5.0 (X11; 192.0.2.7)")
    assert [row.device for row in page.send(ListSessions).sessions] == ["", ""]


def test_nobody_ends_a_session_of_somebody_else(world, anne):
    basile = professional(world, BASILE, key=1)
    ref = basile.send(ListSessions).sessions[0].ref
    assert anne.send(EndSession, ref=ref).reason == "forbidden-move"
    assert repr(basile.send(WhoAmI)) == "Me(…)"


def test_all_sessions_end_at_once_and_a_passkey_brings_no_professional_back(world, anne):
    other = Page(world, KEYS[3], passkey=anne.passkey)
    other.by_passkey()
    assert anne.send(EndAllSessions) == Done()
    assert anne.send(WhoAmI) == other.send(WhoAmI) == NOT_SIGNED_IN
    assert other.by_passkey() == Refused("sign-in-refused", "sign-in refused")
    assert isinstance(other.pro_sante(ANNE), Entered)


def test_whoever_has_a_handle_may_give_it_back(world, anne):
    assert world.send(SignOut(anne.token)) == Done()
    assert anne.send(WhoAmI) == NOT_SIGNED_IN


def test_the_session_longest_unseen_makes_room(world, anne):
    pages = []
    for _ in range(SESSIONS_MAX):
        world.clock.forward(seconds=1)
        pages.append(Page(world, KEYS[3], passkey=anne.passkey))
        assert isinstance(pages[-1].by_passkey(), Entered)
    assert anne.send(WhoAmI) == NOT_SIGNED_IN
    assert repr(pages[0].send(WhoAmI)) == "Me(…)"


def test_a_reference_is_no_handle(world, anne):
    ref = anne.send(ListSessions).sessions[0].ref
    assert Page(world, anne.key, token=bytes.fromhex(ref)).send(WhoAmI) == NOT_SIGNED_IN


def test_a_session_ends_when_its_account_changes(world, anne):
    (known,) = world.registry.people.values()
    world.registrar.join(replace(known, usage=Usage.LOCUM))
    world.service.look()
    assert anne.send(WhoAmI) == NOT_SIGNED_IN


def test_the_site_of_the_session_is_that_of_the_contract(world, anne):
    assert anne.send(WhoAmI).site == PHARMACY
