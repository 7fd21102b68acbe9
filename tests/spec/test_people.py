"""Who signs in as whom: Pro Santé Connect, passkeys, codes, delegates; and who must not."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from rempart.adapters.memory.people import MemoryPeople
from rempart.adapters.memory.world import MemoryRegistry
from rempart.adapters.postgres.people import PostgresPeople
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.domain.containment import Stage
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import MalformedIdentifier, NotAllowed, Refusal, SignInRefused
from rempart.domain.person import (
    DELEGATES_MAX,
    ENROLMENT_LIFE,
    FRESH_FOR,
    Person,
    Role,
    Suspension,
    check_person,
    is_in,
)
from rempart.domain.practice import Usage, own_cap
from rempart.domain.sign_in import Means
from rempart.domain.site import SiteKind
from rempart.usecases.identity_ports import Passkey
from rempart.usecases.keep_flows import FLOW_LIFE, FLOWS_MAX
from rempart.usecases.keep_ledger import OF_THE_DAY
from rempart.usecases.messages import Answered, Contain, Done, Refused, SignIn
from rempart.usecases.note_failures import A_MINUTE
from rempart.usecases.people_messages import (
    BeginEnrolment,
    BeginPasskey,
    BeginProSante,
    BeginRegistration,
    ChooseSite,
    EndDelegate,
    EndSession,
    EnrolAgain,
    FinishEnrolment,
    FinishPasskey,
    FinishProSante,
    FinishRegistration,
    ListDelegates,
    ListPasskeys,
    ListSessions,
    RevokePasskey,
    Sponsor,
    WhoAmI,
)
from rempart.usecases.people_replies import (
    Entered,
    SitesToChoose,
)
from rempart.usecases.ports import Site
from rempart.usecases.register_passkeys import hash_of
from tests.authenticators import Authenticator
from tests.people import (
    ANNE,
    BASILE,
    CLAUDE,
    KEYS,
    OTHER,
    PHARMACY,
    Page,
    PeopleWorld,
    delegate,
    professional,
    staff,
)
from tests.postgres_servers import Database
from tests.spec.test_registry import a_software

title = "People"
REFUSED = Refused("sign-in-refused", "sign-in refused")
NOT_SIGNED_IN = Refused("not-signed-in")
FROZEN = Refused("frozen")


@pytest.fixture
def world() -> PeopleWorld:
    return PeopleWorld()


@pytest.fixture
def card(world):
    return world.member("REF-1").code


def refusals(world) -> list[dict]:
    return world.details(EntryType.SIGN_IN_REFUSED)


# Pro Santé Connect


def test_a_contracted_professional_signs_in_and_the_ledger_has_it(world):
    person = world.contracted()
    page = Page(world)
    reply = page.pro_sante()
    assert (reply.login, reply.role, reply.site) == (person.login, "professional", PHARMACY)
    assert reply.expires_in == 4 * 3600
    assert world.details(EntryType.SIGN_IN) == [
        {"person": person.number, "means": Means.PRO_SANTE.value}
    ]
    entry = world.entries()[-1]
    assert entry.account != entry.site != entry.session


def test_of_several_sites_one_is_chosen(world):
    world.contracted()
    world.contracted(site=OTHER)
    page = Page(world)
    asked = page.pro_sante()
    assert isinstance(asked, SitesToChoose)
    assert set(asked.sites) == {PHARMACY, OTHER}
    reply = page.keep(page.send(ChooseSite, flow=asked.flow, site=OTHER))
    assert (reply.site, page.send(WhoAmI).kind) == (OTHER, "laboratory")
    # Chosen once: the flow is spent.
    assert page.send(ChooseSite, flow=asked.flow, site=PHARMACY) == REFUSED


def test_a_site_may_be_said_at_once(world):
    world.contracted()
    world.contracted(site=OTHER)
    assert Page(world).pro_sante(site=OTHER).site == OTHER


def test_nobody_signs_in_for_a_site_that_is_not_theirs(world):
    world.contracted()
    world.contracted(BASILE, OTHER)
    page = Page(world)
    assert page.pro_sante(ANNE, OTHER) == REFUSED
    assert page.pro_sante(ANNE, "STRUCT:NOWHERE") == REFUSED
    assert [row["doubt"] for row in refusals(world)] == ["activity"] * 2


def test_no_choice_reaches_beyond_the_registry(world):
    world.contracted()
    world.contracted(site=OTHER)
    world.add_site("STRUCT:ELSEW", SiteKind.DOCTOR)
    world.service.look()
    page = Page(world)
    asked = page.pro_sante()
    assert page.send(ChooseSite, flow=asked.flow, site="STRUCT:ELSEW") == REFUSED


def test_a_professional_without_a_contract_is_nobody(world):
    world.contracted()
    before = len(world.entries())
    assert Page(world).pro_sante(CLAUDE) == REFUSED
    assert len(world.entries()) == before


@pytest.mark.parametrize("why", Suspension)
def test_who_is_suspended_does_not_sign_in(world, why):
    person = world.contracted()
    world.registrar.suspend({person.number: why})
    world.service.look()
    assert Page(world).pro_sante() == REFUSED
    assert refusals(world)[-1]["doubt"] == "suspended"


def test_a_token_serves_once(world):
    world.contracted()
    page = Page(world)
    begun = page.begin()
    token = world.issuer.token(ANNE, begun.nonce, now=world.clock.now())
    assert isinstance(page.send(FinishProSante, flow=begun.flow, id_token=token), Entered)
    assert page.send(FinishProSante, flow=begun.flow, id_token=token) == REFUSED
    other = page.begin()
    assert page.send(FinishProSante, flow=other.flow, id_token=token) == REFUSED


def test_a_token_of_another_flow_serves_none(world):
    """Whoever relays two sign-ins cannot swap them."""
    world.contracted()
    world.contracted(BASILE)
    anne, basile = Page(world, KEYS[0]), Page(world, KEYS[1])
    hers, his = anne.begin(), basile.begin()
    token = world.issuer.token(BASILE, his.nonce, now=world.clock.now())
    assert anne.send(FinishProSante, flow=hers.flow, id_token=token) == REFUSED
    assert anne.send(FinishProSante, flow=his.flow, id_token=token) == REFUSED
    assert basile.send(FinishProSante, flow=his.flow, id_token=token).login.startswith("p-")


def test_a_flow_ends_after_ten_minutes(world):
    world.contracted()
    for late, good in ((FLOW_LIFE - 1, True), (FLOW_LIFE + 1, False)):
        page = Page(world)
        begun = page.begin()
        world.clock.forward(seconds=late)
        token = world.issuer.token(ANNE, begun.nonce, now=world.clock.now())
        reply = page.send(FinishProSante, flow=begun.flow, id_token=token)
        assert isinstance(reply, Entered) is good


def test_a_flow_is_spent_by_a_token_that_does_not_hold(world):
    world.contracted()
    page = Page(world)
    begun = page.begin()
    wrong = world.issuer.token(ANNE, begun.nonce, now=world.clock.now(), aud="other", azp="other")
    right = world.issuer.token(ANNE, begun.nonce, now=world.clock.now())
    assert page.send(FinishProSante, flow=begun.flow, id_token=wrong) == REFUSED
    assert page.send(FinishProSante, flow=begun.flow, id_token=right) == REFUSED


def test_a_flow_without_its_key_stays_for_whoever_began_it(world):
    world.contracted()
    page, thief = Page(world, KEYS[0]), Page(world, KEYS[1])
    begun = page.begin()
    token = world.issuer.token(ANNE, begun.nonce, now=world.clock.now())
    assert thief.send(FinishProSante, flow=begun.flow, id_token=token) == REFUSED
    assert isinstance(page.send(FinishProSante, flow=begun.flow, id_token=token), Entered)


def test_a_flood_of_beginnings_is_bounded_and_takes_the_oldest(world):
    flows = world.service.people.sign_in.flows
    first = Page(world).begin()
    for number in range(FLOWS_MAX):
        flows.begin(next(iter(flows._begun.values())).kind, "k" * 43, number)
    assert len(flows._begun) == FLOWS_MAX
    assert first.flow not in flows._begun


@pytest.mark.parametrize("key", ["", "x", "é" * 43, "k" * 44])
def test_a_flow_begins_with_a_key(world, key):
    assert world.send(BeginProSante(key)) == REFUSED
    assert world.send(BeginPasskey(key)) == REFUSED


def test_a_sign_in_may_be_asked_to_be_fresh(world):
    world.contracted()
    page = Page(world)
    assert page.begin(again=True).max_age == FRESH_FOR
    assert page.pro_sante(again=True, ago=FRESH_FOR + 61) == REFUSED
    assert isinstance(page.pro_sante(again=True, ago=FRESH_FOR), Entered)
    assert isinstance(page.pro_sante(ago=3 * 3600), Entered)


def test_pro_sante_connect_away_shuts_new_sign_ins_and_nothing_else(world, card):
    """Who is signed in goes on; so does software; passkeys too."""
    anne = professional(world)
    clerk = delegate(world, anne)
    software = world.sign_in()
    world.issuer.away = True
    assert Page(world, KEYS[3]).pro_sante() == Refused("unavailable")
    assert isinstance(anne.ask(card), Answered)
    assert isinstance(world.ask(software, card), Answered)
    assert isinstance(Page(world, KEYS[4], passkey=clerk.passkey).by_passkey(), Entered)


def test_without_pro_sante_connect_software_goes_on_and_staff_signs_in(card):
    world = PeopleWorld(with_pro_sante=False)
    card = world.member("REF-1").code
    assert world.send(BeginProSante("k" * 43)) == Refused("unavailable")
    assert world.send(FinishProSante("", "f", "t")) == Refused("unavailable")
    assert isinstance(world.ask(world.sign_in(), card), Answered)
    assert repr(staff(world, "alix").send(WhoAmI)) == "Me(…)"


def test_where_nobody_signs_in_people_are_told_so_and_software_goes_on(world, card):
    world.service.people = None
    assert world.send(BeginProSante("k" * 43)) == Refused("unavailable")
    assert world.send(Contain("x", "frozen", "reviewed", token=b"t")) == NOT_SIGNED_IN
    assert isinstance(world.ask(world.sign_in(), card), Answered)


# Frozen


def test_a_frozen_account_is_told_once_it_has_proven_itself(world, card):
    anne = professional(world)
    world.send(Contain(f"@{anne.send(WhoAmI).login}", "frozen", "reviewed", "alix"))
    assert anne.ask(card) == NOT_SIGNED_IN
    assert anne.pro_sante() == FROZEN
    assert anne.by_passkey() == FROZEN
    assert Page(world, KEYS[3]).pro_sante(CLAUDE) == REFUSED
    world.restart()
    assert anne.pro_sante() == FROZEN


def test_a_frozen_account_takes_no_new_passkey_by_a_code(world):
    anne = professional(world)
    made = anne.send(Sponsor, label="Comptoir")
    world.service.look()
    world.send(Contain(made.account, "frozen", "reviewed", "alix"))
    page = Page(world, KEYS[1], passkey=Authenticator(credential=b"clerk"))
    assert page.enrol(made.code) == FROZEN


# Passkeys


def test_a_professional_comes_back_by_passkey_while_the_session_there_lasts(world):
    anne = professional(world)
    world.works(anne, seconds=3 * 3600)
    assert anne.send(EndSession, ref=anne.send(ListSessions).sessions[0].ref) == Done()
    assert anne.send(WhoAmI) == NOT_SIGNED_IN
    reply = anne.by_passkey()
    assert reply.expires_in == 3600
    world.works(anne, seconds=3601)
    assert anne.by_passkey() == REFUSED
    assert refusals(world)[-1]["doubt"] == "over"
    assert isinstance(anne.pro_sante(), Entered)


def test_after_a_restart_a_professional_comes_by_pro_sante_connect(world):
    anne = professional(world)
    world.restart()
    assert anne.by_passkey() == REFUSED
    assert isinstance(anne.pro_sante(), Entered)
    assert isinstance(anne.by_passkey(), Entered)


def test_a_passkey_needs_a_fresh_sign_in(world):
    anne = professional(world)
    world.clock.forward(seconds=FRESH_FOR + 1)
    assert anne.send(BeginRegistration).reason == "not-fresh"
    # A passkey makes no passkey.
    anne.by_passkey()
    assert anne.send(BeginRegistration).reason == "not-fresh"
    anne.step_up()
    assert anne.send(BeginRegistration).reason == "not-fresh"
    assert isinstance(anne.pro_sante(again=True), Entered)
    assert repr(anne.send(BeginRegistration)) == "PasskeyAsked(…)"


def test_an_old_session_there_is_no_fresh_sign_in_here(world):
    world.contracted()
    page = Page(world)
    page.pro_sante(ago=FRESH_FOR + 1)
    assert page.send(BeginRegistration).reason == "not-fresh"


def test_neither_delegates_nor_staff_make_passkeys_from_a_session(world):
    anne = professional(world)
    for page in (delegate(world, anne), staff(world, "alix")):
        assert page.send(BeginRegistration).reason == "not-allowed"


def test_a_registration_answers_its_own_challenge(world):
    anne, basile = professional(world), professional(world, BASILE, key=1)
    hers, his = anne.send(BeginRegistration), basile.send(BeginRegistration)
    device = Authenticator(credential=b"new")
    answer = device.register(hers.options)
    assert basile.send(FinishRegistration, flow=his.flow, response=answer) == REFUSED
    assert basile.send(FinishRegistration, flow=hers.flow, response=answer) == REFUSED
    assert anne.send(FinishRegistration, flow=hers.flow, response=answer) == Done()
    assert anne.send(FinishRegistration, flow=hers.flow, response=answer) == REFUSED


def test_a_credential_belongs_to_one_account(world):
    anne, basile = professional(world), professional(world, BASILE, key=1)
    asked = basile.send(BeginRegistration)
    copy = Authenticator(credential=anne.passkey.credential)
    answer = copy.register(asked.options)
    assert basile.send(FinishRegistration, flow=asked.flow, response=answer) == REFUSED
    assert anne.by_passkey().login == anne.send(WhoAmI).login


def test_an_assertion_serves_once_and_in_its_own_flow(world):
    anne = professional(world)
    begun, other = (world.send(BeginPasskey(anne.thumbprint)) for _ in range(2))
    answer = anne.passkey.sign_in(begun.options)
    assert anne.send(FinishPasskey, flow=other.flow, response=answer) == REFUSED
    assert isinstance(anne.send(FinishPasskey, flow=begun.flow, response=answer), Entered)
    assert anne.send(FinishPasskey, flow=begun.flow, response=answer) == REFUSED


def test_a_count_that_goes_back_is_refused_and_told(world):
    anne = professional(world)
    anne.by_passkey()
    anne.passkey.count = 0
    assert anne.by_passkey() == REFUSED
    assert refusals(world)[-1] == {"account": 1 + 2, "means": 3, "doubt": "sign-count"}


@pytest.mark.parametrize("answer", ["", "{}", "[]", "x" * 9000, '{"id": "AA", "rawId": "AA"}'])
def test_whatever_is_no_answer_is_refused(world, answer):
    page = professional(world)
    asked = world.send(BeginPasskey(page.thumbprint))
    assert page.send(FinishPasskey, flow=asked.flow, response=answer) == REFUSED


def test_a_passkey_of_nobody_names_nobody(world):
    page = professional(world)
    before = len(world.entries())
    page.passkey = Authenticator(credential=b"found on the floor")
    assert page.by_passkey() == REFUSED
    assert len(world.entries()) == before


def test_an_owner_revokes_a_passkey_and_the_sessions_that_it_opened(world):
    anne = professional(world)
    phone = Page(world, KEYS[3], passkey=anne.passkey)
    phone.by_passkey()
    laptop = anne.passkey
    anne.registered(b"second")
    first, second = anne.send(ListPasskeys).passkeys
    assert (first.this, first.synced, first.made) == (False, False, world.clock.now())
    assert phone.send(ListPasskeys).passkeys[0].this
    assert anne.send(RevokePasskey, ref=first.ref) == Done()
    assert phone.send(WhoAmI) == NOT_SIGNED_IN
    assert Page(world, KEYS[3], passkey=laptop).by_passkey() == REFUSED
    assert [row.ref for row in anne.send(ListPasskeys).passkeys] == [second.ref]
    assert world.details(EntryType.DECISION)[-1]["revoked"] == 1
    assert isinstance(anne.by_passkey(), Entered)
    basile = professional(world, BASILE, key=1)
    assert basile.send(RevokePasskey, ref=second.ref).reason == "forbidden-move"


def test_a_delegate_keeps_the_only_way_in(world):
    """A professional comes back by Pro Santé Connect; nobody else does."""
    anne = professional(world)
    clerk = delegate(world, anne)
    (only,) = clerk.send(ListPasskeys).passkeys
    assert clerk.send(RevokePasskey, ref=only.ref).reason == "forbidden-move"
    (mine,) = anne.send(ListPasskeys).passkeys
    assert anne.send(RevokePasskey, ref=mine.ref) == Done()


def test_a_stolen_session_takes_no_passkey_away(world):
    """It takes having just proven who one is."""
    anne = professional(world)
    (mine,) = anne.send(ListPasskeys).passkeys
    world.clock.forward(seconds=11 * 60)
    assert anne.send(RevokePasskey, ref=mine.ref).reason == "not-fresh"


def test_a_professional_of_several_sites_steps_up_with_one_passkey(world):
    world.contracted()
    world.contracted(site=OTHER)
    page = Page(world)
    page.pro_sante(site=PHARMACY)
    page.registered(b"one for all")
    page.pro_sante(site=OTHER)
    assert page.send(WhoAmI).passkeys == 0
    assert page.step_up().stage == "normal"
    assert page.send(WhoAmI).site == OTHER


# Codes


def test_a_code_makes_one_passkey_and_no_session(world):
    code = world.staff("alix", Role.OFFICER)
    page = Page(world)
    page.enrolled(code, b"staff")
    assert world.details(EntryType.DECISION)[-1]["means"] == Means.ENROLMENT.value
    assert page.token == b""
    page.passkey = Authenticator(credential=b"second")
    assert page.enrol(code) == REFUSED


def test_a_code_is_read_as_it_is_typed(world):
    code = world.staff("alix", Role.OFFICER)
    assert len(code.replace("-", "")) == 26
    typed = code.lower().replace("-", " ").replace("o", "0").replace("i", "1").replace("b", "8")
    assert hash_of(typed) == hash_of(code)


def test_a_code_ends_after_two_days(world):
    code = world.staff("alix", Role.OFFICER)
    page = Page(world, passkey=Authenticator(credential=b"late"))
    world.clock.forward(seconds=ENROLMENT_LIFE - 30)
    asked = world.send(BeginEnrolment(page.thumbprint, code))
    world.clock.forward(seconds=31)
    answer = page.passkey.register(asked.options)
    assert page.send(FinishEnrolment, flow=asked.flow, response=answer) == REFUSED
    assert page.enrol(code) == REFUSED


@pytest.mark.parametrize("code", ["", "AAAA", "é", "A" * 26, "A" * 4000, "----", "1" * 26])
def test_no_guess_is_a_code(world, code):
    world.staff("alix", Role.OFFICER)
    assert world.send(BeginEnrolment("k" * 43, code)) == REFUSED


def test_two_who_hold_one_code_make_one_passkey(world):
    code = world.staff("alix", Role.OFFICER)
    pages = [Page(world, KEYS[n], passkey=Authenticator(credential=bytes([n]))) for n in (0, 1)]
    asked = [world.send(BeginEnrolment(page.thumbprint, code)) for page in pages]
    replies = [
        page.send(FinishEnrolment, flow=begun.flow, response=page.passkey.register(begun.options))
        for page, begun in zip(pages, asked, strict=True)
    ]
    assert replies == [Done(), REFUSED]


def test_a_new_code_ends_the_passkeys_and_sessions_of_before(world):
    page = staff(world, "alix")
    world.staff("alix", Role.OFFICER)
    assert page.send(WhoAmI) == NOT_SIGNED_IN
    assert page.by_passkey() == REFUSED


# Delegates


def test_a_delegate_asks_for_the_site_of_their_sponsor_in_their_own_name(world, card):
    anne = professional(world)
    clerk = delegate(world, anne)
    me = clerk.send(WhoAmI)
    assert (me.role, me.site) == ("delegate", PHARMACY)
    assert isinstance(clerk.ask(card), Answered)
    asked = [e for e in world.entries() if e.type is EntryType.QUESTION]
    signed_in = [e.account for e in world.entries() if e.type is EntryType.SIGN_IN]
    assert [e.account for e in asked] == signed_in[-1:]
    assert signed_in[0] != signed_in[-1]


def test_one_person_does_not_use_up_the_budget_of_a_whole_centre(world):
    centre = world.add_site("STRUCT:CENTRE", SiteKind.HEALTH_CENTRE)
    anne = professional(world, site=centre)
    own = own_cap(SiteKind.HEALTH_CENTRE, Usage.STANDARD)
    clerk = delegate(world, anne)
    cards = [world.member(f"R-{n}", member_number=f"N{n}000", ends=None) for n in range(own + 1)]
    replies = [anne.ask(card.code, f"k-{n}", domain="CENT") for n, card in enumerate(cards)]
    assert {type(reply) for reply in replies[:-1]} == {Answered}
    assert replies[-1] == Refused("over-budget")
    assert isinstance(world.ask(world.sign_in(centre), cards[-1].code, domain="CENT"), Answered)
    # A clerk at the desk asks for all who work there.
    replies = [clerk.ask(card.code, f"c-{n}", domain="CENT") for n, card in enumerate(cards)]
    assert {type(reply) for reply in replies} == {Answered}


def test_the_label_of_a_delegate_is_nowhere_in_the_ledger(world):
    anne = professional(world)
    delegate(world, anne, label="Mme Lemoine du comptoir")
    assert not any(b"Lemoine" in (row.detail or b"") + row.body for row in world.store.rows)
    (row,) = anne.send(ListDelegates).delegates
    assert (row.label, row.here, row.passkeys) == ("Mme Lemoine du comptoir", True, 1)
    assert "Lemoine" not in repr(world.registry.people)


def test_sponsoring_needs_a_fresh_sign_in(world):
    """A stolen session must not leave a thief behind."""
    anne = professional(world)
    world.clock.forward(seconds=FRESH_FOR + 1)
    assert anne.send(Sponsor, label="x").reason == "not-fresh"
    anne.step_up()
    assert repr(anne.send(Sponsor, label="x")) == "EnrolmentMade(…)"


@pytest.mark.parametrize("why", Suspension)
def test_a_delegate_goes_with_their_sponsor(world, card, why):
    anne = professional(world)
    clerk = delegate(world, anne)
    (sponsor,) = (p for p in world.registry.people.values() if p.rpps)
    world.registrar.suspend({sponsor.number: why})
    world.service.look()
    assert clerk.ask(card) == NOT_SIGNED_IN
    assert clerk.by_passkey() == REFUSED
    world.registrar.restore(sponsor.number)
    world.service.look()
    assert isinstance(clerk.by_passkey(), Entered)


def test_a_delegate_who_leaves_is_out_at_once(world, card):
    anne = professional(world)
    clerk = delegate(world, anne)
    (row,) = anne.send(ListDelegates).delegates
    assert anne.send(EndDelegate, account=row.account) == Done()
    assert clerk.ask(card) == NOT_SIGNED_IN
    world.service.look()
    assert clerk.by_passkey() == REFUSED
    assert anne.send(ListDelegates).delegates == ()
    assert anne.send(EndDelegate, account=row.account).reason == "not-allowed"


def test_a_lost_device_is_replaced_by_the_sponsor(world):
    anne = professional(world)
    clerk = delegate(world, anne)
    (row,) = anne.send(ListDelegates).delegates
    made = anne.send(EnrolAgain, account=row.account)
    assert clerk.send(WhoAmI) == NOT_SIGNED_IN
    assert clerk.by_passkey() == REFUSED
    world.service.look()
    clerk.enrolled(made.code, b"new-device")
    assert isinstance(clerk.by_passkey(), Entered)


def test_a_sponsor_touches_nobody_elses_delegate(world):
    anne, basile = professional(world), professional(world, BASILE, key=3)
    clerk = delegate(world, anne)
    account = anne.send(ListDelegates).delegates[0].account
    for kind in (EndDelegate, EnrolAgain):
        assert basile.send(kind, account=account).reason == "not-allowed"
        assert basile.send(kind, account=f"@{anne.send(WhoAmI).login}").reason == "not-allowed"
        assert basile.send(kind, account="nobody").reason == "not-allowed"
    assert repr(clerk.send(WhoAmI)) == "Me(…)"


def test_a_delegate_sponsors_nobody(world):
    clerk = delegate(world, professional(world))
    assert clerk.send(Sponsor, label="x").reason == "not-allowed"
    assert clerk.send(ListDelegates).reason == "not-allowed"


@pytest.mark.parametrize(
    ("label", "usage"), [("x" * 41, "standard"), ("a\nb", "standard"), ("x", "root")]
)
def test_a_delegate_has_a_label_and_a_usage(world, label, usage):
    reply = professional(world).send(Sponsor, label=label, usage=usage)
    assert reply.reason == "forbidden-move"
    assert label not in reply.detail


# Failures leave entries, and a storm leaves few


def test_a_storm_of_failures_leaves_a_few_entries_and_a_count(world):
    anne = professional(world)
    anne.by_passkey()
    for _ in range(40):
        anne.passkey.count = 0
        assert anne.by_passkey() == REFUSED
    assert len(refusals(world)) == A_MINUTE
    world.clock.forward(seconds=60)
    world.service.look()
    assert refusals(world)[-1] == {"account": refusals(world)[0]["account"], "more": 40 - A_MINUTE}
    world.clock.forward(seconds=60)
    world.service.look()
    assert len(refusals(world)) == A_MINUTE + 1


def test_a_software_that_does_not_prove_itself_leaves_an_entry_if_it_is_known(world):
    assert world.send(SignIn("STRUCT:PHAR1 jti-1", b"x" * 32)) == REFUSED
    assert world.send(SignIn("nobody jti-1", b"x" * 32)) == REFUSED
    assert world.send(SignIn("", b"x" * 32)) == REFUSED
    (told,) = refusals(world)
    assert told["means"] == Means.ASSERTION.value


def test_sign_ins_and_failures_are_erased_with_their_term():
    assert {EntryType.SIGN_IN, EntryType.SIGN_IN_REFUSED} <= OF_THE_DAY


# Who goes with which role


A_PERSON = {
    Role.PROFESSIONAL: {"rpps": ANNE, "profession": "21", "site": PHARMACY},
    Role.DELEGATE: {"sponsor": 1, "site": PHARMACY},
    Role.OFFICER: {},
    Role.SECURITY: {},
    Role.INSURER_MANAGER: {"amc": 99990001},
    Role.INSURER_DPO: {"amc": 99990001},
    Role.INSPECTOR: {},
}
EVERYTHING = {"rpps": ANNE, "profession": "21", "site": PHARMACY, "sponsor": 1, "amc": 99990001}


@pytest.mark.parametrize("role", Role)
def test_a_person_has_what_their_role_needs_and_nothing_else(role):
    whole = Person(number=1, login="x1", role=role, **A_PERSON[role])
    check_person(whole)
    for name, value in EVERYTHING.items():
        other = type(value)() if name in A_PERSON[role] else value
        with pytest.raises(MalformedIdentifier):
            check_person(replace(whole, **{name: other}))
    for login in ("", "A", "é" * 4, "x" * 33, "a_b", "@x", "-x"):
        with pytest.raises(MalformedIdentifier):
            check_person(replace(whole, login=login))


def test_a_delegate_without_a_whole_sponsor_is_out():
    sponsor = Person(number=1, login="p1", role=Role.PROFESSIONAL, **A_PERSON[Role.PROFESSIONAL])
    clerk = Person(number=2, login="d1", role=Role.DELEGATE, **A_PERSON[Role.DELEGATE])
    assert is_in(clerk, {1: sponsor, 2: clerk})
    for people in (
        {2: clerk},
        {1: replace(sponsor, site=OTHER)},
        {1: replace(sponsor, left=True)},
        {1: replace(sponsor, role=Role.OFFICER)},
        {1: replace(clerk, number=1, sponsor=2), 2: clerk},
    ):
        assert not is_in(clerk, people)


# The store, in memory and on PostgreSQL


class Stores:
    """The registry and the people of one place: the owner's side, and the vault's."""

    def __init__(self, registry, registrar, vault):
        self.registry, self.registrar, self.vault = registry, registrar, vault
        registry.register_site(Site(site=PHARMACY, kind=SiteKind.PHARMACY, contract="C-1"))
        registry.register_site(Site(site=OTHER, kind=SiteKind.LABORATORY))

    def joined(self, rpps=ANNE, site=PHARMACY, **changes):
        login = f"p-{rpps}-{site[-5:].lower()}"
        given = {"rpps": rpps, "site": site, "profession": "21"} | changes
        return self.registrar.join(Person(number=0, login=login, role=Role.PROFESSIONAL, **given))

    def delegate(self, sponsor, login="d-1", code=b"h" * 32):
        person = Person(
            number=0,
            login=login,
            role=Role.DELEGATE,
            sponsor=sponsor,
            site=OTHER,
            usage=Usage.BACK_OFFICE,
            label="Comptoir",
        )
        return self.vault.take_delegate(person, code_hash=code, until=100)

    def people(self):
        return self.registry.read().people


def a_passkey(credential=b"cred", account=b"d-1", **changes):
    given = {
        "account": account,
        "credential_id": credential,
        "public_key": b"key",
        "sign_count": 1,
        "backup_eligible": True,
        "backed_up": False,
        "aaguid": "00000000-0000-0000-0000-000000000000",
        "made": 7,
    }
    return Passkey(**(given | changes))


def numbers_are_of_one_space_with_software(stores):
    one = stores.joined()
    stores.registry.register_software(a_software(site=PHARMACY))
    two = stores.joined(BASILE)
    software = stores.registry.read().software["software-1"].number
    assert len({one, two, software}) == 3
    assert sorted((one, software, two)) == [one, software, two]


def a_contract_signed_anew_brings_somebody_back(stores):
    number = stores.joined()
    stores.registrar.suspend({number: Suspension.PROFESSION})
    assert stores.people()[number].suspended is Suspension.PROFESSION
    assert stores.joined(profession="40", usage=Usage.LOCUM) == number
    person = stores.people()[number]
    assert (person.profession, person.usage, person.suspended) == ("40", Usage.LOCUM, None)
    assert stores.joined(site=OTHER) != number


def a_delegate_is_at_the_site_of_the_sponsor_whatever_is_said(stores):
    sponsor = stores.joined()
    number = stores.delegate(sponsor)
    person = stores.people()[number]
    assert (person.site, person.role, person.sponsor) == (PHARMACY, Role.DELEGATE, sponsor)
    assert (person.label, person.usage) == ("Comptoir", Usage.BACK_OFFICE)


def only_a_professional_who_is_in_sponsors(stores):
    sponsor = stores.joined()
    clerk = stores.delegate(sponsor)
    stores.registrar.suspend({sponsor: Suspension.ABSENT})
    for number in (sponsor, clerk, 9_999):
        with pytest.raises(NotAllowed):
            stores.delegate(number, login="d-2", code=b"2" * 32)


def a_sponsor_has_so_many_delegates(stores):
    sponsor = stores.joined()
    for n in range(DELEGATES_MAX):
        stores.delegate(sponsor, login=f"d-{n}", code=n.to_bytes(32, "big"))
    with pytest.raises(NotAllowed):
        stores.delegate(sponsor, login="d-more", code=b"m" * 32)


def a_code_is_spent_once_for_its_passkey(stores):
    number = stores.delegate(stores.joined())
    vault = stores.vault
    assert vault.enrolment(b"h" * 32, now=99) == number
    assert vault.enrolment(b"h" * 32, now=100) is None
    assert vault.enrolment(b"x" * 32, now=1) is None
    assert vault.spend(b"h" * 32, a_passkey(), now=101) is None
    assert vault.spend(b"h" * 32, a_passkey(), now=50) == number
    assert vault.spend(b"h" * 32, a_passkey(b"other"), now=50) is None
    (kept,) = vault.passkeys(number)
    assert kept == a_passkey(made=kept.made)
    assert vault.passkey(b"cred")[0] == number


def a_known_credential_spends_no_code(stores):
    sponsor = stores.joined()
    first, second = stores.delegate(sponsor), stores.delegate(sponsor, "d-2", b"2" * 32)
    stores.vault.spend(b"h" * 32, a_passkey(), now=1)
    with pytest.raises(SignInRefused):
        stores.vault.spend(b"2" * 32, a_passkey(account=b"d-2"), now=1)
    assert stores.vault.enrolment(b"2" * 32, now=1) == second
    with pytest.raises(SignInRefused):
        stores.vault.add_passkey(second, a_passkey(account=b"d-2"))
    assert stores.vault.passkey(b"cred")[0] == first


def a_count_moves_on_and_never_back(stores):
    number = stores.delegate(stores.joined())
    stores.vault.add_passkey(number, a_passkey())
    stores.vault.move_passkey(a_passkey(sign_count=5, backed_up=True))
    kept = stores.vault.passkey(b"cred")[1]
    assert (kept.sign_count, kept.backed_up) == (5, True)
    with pytest.raises(SignInRefused):
        stores.vault.move_passkey(a_passkey(sign_count=4))
    with pytest.raises(SignInRefused):
        stores.vault.move_passkey(a_passkey(b"nobody's"))


def a_new_code_ends_every_way_of_before(stores):
    sponsor = stores.joined()
    number = stores.delegate(sponsor)
    stores.vault.add_passkey(number, a_passkey())
    before = stores.people()[number]
    stores.vault.enrol_again(number, sponsor=sponsor, code_hash=b"n" * 32, until=100)
    assert stores.vault.passkeys(number) == []
    assert stores.vault.passkey(b"cred") is None
    assert stores.vault.enrolment(b"h" * 32, now=1) is None
    assert stores.vault.enrolment(b"n" * 32, now=1) == number
    assert stores.people()[number].ways == before.ways + 1
    # A revoked credential does not come back, for anybody.
    with pytest.raises(SignInRefused):
        stores.vault.add_passkey(number, a_passkey())


def a_delegate_who_leaves_has_no_way_and_no_label(stores):
    sponsor = stores.joined()
    number = stores.delegate(sponsor)
    stores.vault.add_passkey(number, a_passkey())
    stores.vault.end_delegate(number, sponsor=sponsor)
    person = stores.people()[number]
    assert (person.left, person.label) == (True, "")
    assert stores.vault.passkey(b"cred") is None
    assert stores.vault.enrolment(b"h" * 32, now=1) is None


def a_passkey_is_revoked_by_its_account_alone(stores):
    sponsor = stores.joined()
    number, other = stores.delegate(sponsor), stores.delegate(sponsor, "d-2", b"2" * 32)
    stores.vault.add_passkey(number, a_passkey())
    stores.vault.revoke_passkey(other, b"cred")
    stores.vault.revoke_passkey(number, b"nothing")
    assert stores.vault.passkey(b"cred") is not None
    stores.vault.revoke_passkey(number, b"cred")
    assert stores.vault.passkey(b"cred") is None
    assert stores.vault.passkeys(number) == []


def nobody_touches_the_delegate_of_another(stores):
    sponsor, other = stores.joined(), stores.joined(BASILE)
    number = stores.delegate(sponsor)
    for victim, by in ((number, other), (sponsor, other), (sponsor, sponsor), (9_999, sponsor)):
        with pytest.raises(NotAllowed):
            stores.vault.end_delegate(victim, sponsor=by)
        with pytest.raises(NotAllowed):
            stores.vault.enrol_again(victim, sponsor=by, code_hash=b"z" * 32, until=100)
    assert not stores.people()[number].left


def staff_is_enrolled_by_the_registrar(stores):
    person = Person(number=0, login="alix", role=Role.INSURER_DPO, amc=99990001)
    given = {"until": 100, "confirmations": [{"operator": "x"}]}
    number = stores.registrar.enrol_staff(person, code_hash=b"1" * 32, **given)
    assert stores.vault.enrolment(b"1" * 32, now=1) == number
    again = stores.registrar.enrol_staff(person, code_hash=b"2" * 32, **given)
    assert again == number
    assert stores.vault.enrolment(b"1" * 32, now=1) is None
    other = Person(number=0, login="alix", role=Role.OFFICER)
    with pytest.raises(Refusal):
        stores.registrar.enrol_staff(other, code_hash=b"3" * 32, **given)
    assert stores.people()[number].role is Role.INSURER_DPO


def who_is_suspended_comes_back_by_a_decision(stores):
    number = stores.joined()
    before = stores.registry.generation()
    stores.registrar.suspend({number: Suspension.ENDED})
    assert stores.registry.generation() > before
    stores.registrar.restore(number)
    assert stores.people()[number].suspended is None
    with pytest.raises(Refusal):
        stores.registrar.restore(number)
    stores.registrar.suspend({number: Suspension.DECIDED})
    stores.registrar.restore(number, followed=False, outside="alix: began last week")
    person = stores.people()[number]
    assert (person.followed, person.outside) == (False, "alix: began last week")
    stores.joined()
    person = stores.people()[number]
    assert (person.followed, person.outside) == (True, "alix: began last week")


STORE_SPECS = (
    numbers_are_of_one_space_with_software,
    a_contract_signed_anew_brings_somebody_back,
    a_delegate_is_at_the_site_of_the_sponsor_whatever_is_said,
    only_a_professional_who_is_in_sponsors,
    a_sponsor_has_so_many_delegates,
    a_code_is_spent_once_for_its_passkey,
    a_known_credential_spends_no_code,
    a_count_moves_on_and_never_back,
    a_new_code_ends_every_way_of_before,
    a_delegate_who_leaves_has_no_way_and_no_label,
    a_passkey_is_revoked_by_its_account_alone,
    nobody_touches_the_delegate_of_another,
    staff_is_enrolled_by_the_registrar,
    who_is_suspended_comes_back_by_a_decision,
)


@pytest.mark.parametrize("spec", STORE_SPECS, ids=lambda spec: spec.__name__)
def test_in_memory(spec):
    registry = MemoryRegistry()
    people = MemoryPeople(registry)
    spec(Stores(registry, people, people))


@pytest.fixture
def on_postgres(database: Database) -> Iterator[Stores]:
    """The owner writes people; the vault, under its own role, what it may."""
    registry = PostgresRegistry(partial(database.connect, "owner"))
    registrar = PostgresPeople(partial(database.connect, "owner"))
    vault = PostgresPeople(partial(database.connect, "vault"))
    yield Stores(registry, registrar, vault)
    for each in (registry, registrar, vault):
        each.close()


@pytest.mark.parametrize("spec", STORE_SPECS, ids=lambda spec: spec.__name__)
def test_on_postgres(on_postgres, spec):
    spec(on_postgres)


def test_people_sign_in_on_postgres(on_postgres, card):
    """The whole way on the real tables: a professional, a delegate, a member of staff."""
    world = PeopleWorld(registry=Reading(on_postgres.registry), people=Both(on_postgres))
    card = world.member("REF-1").code
    anne = professional(world)
    clerk = delegate(world, anne)
    assert isinstance(anne.ask(card), Answered)
    assert isinstance(clerk.ask(card), Answered)
    assert isinstance(clerk.by_passkey(), Entered)
    assert anne.step_up().stage == "normal"
    alix = staff(world, "alix")
    account = anne.send(ListDelegates).delegates[0].account
    assert alix.send(Contain, client_id=account, stage="frozen", why="reviewed") == Done()
    assert clerk.ask(card) == NOT_SIGNED_IN
    assert anne.send(ListDelegates).delegates[0].stage == Stage.FROZEN.name.lower()


class Reading:
    """A registry on PostgreSQL that a world in memory can be built on."""

    def __init__(self, registry):
        self._registry = registry

    def __getattr__(self, name):
        return getattr(self._registry, name)


class Both:
    """People as the vault sees them, and the registrar's writing."""

    def __init__(self, stores):
        self._stores = stores

    def __getattr__(self, name):
        own = name in {"join", "enrol_staff", "suspend", "restore"}
        return getattr(self._stores.registrar if own else self._stores.vault, name)
