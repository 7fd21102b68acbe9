"""A professional sees and ends the sessions of those whom they speak for, and of nobody else."""

from dataclasses import replace
from functools import partial

import pytest

from rempart.adapters.memory.people import MemoryPeople
from rempart.adapters.memory.world import MemoryRegistry
from rempart.adapters.postgres.people import PostgresPeople
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.adapters.vaultdoor.frames import FRAME_MAX, frame
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import NotAllowed, SetUpRefused
from rempart.domain.guard import Limits
from rempart.domain.person import Person, Role, Suspension
from rempart.domain.practice import Usage, daily_cap, own_cap
from rempart.domain.site import SiteKind
from rempart.usecases.cut_off_messages import SetCutOff
from rempart.usecases.messages import Answered, Done, Refused, SignIn
from rempart.usecases.people_messages import (
    EndDelegate,
    EndVouched,
    EnrolAgain,
    ListDelegates,
    ListVouched,
    Report,
    WhoAmI,
)
from rempart.usecases.people_replies import Me, VouchedSession, VouchedSessions
from rempart.usecases.ports import Site
from rempart.usecases.register_software import register_software
from rempart.usecases.vouch_sessions import PAGE
from tests.people import BASILE, KEYS, OTHER, PHARMACY, Page, PeopleWorld, delegate, professional
from tests.people import staff as staff_page
from tests.postgres_servers import Database
from tests.spec.test_registry import a_software
from tests.worlds import CERTIFICATE

title = "Sessions of those whom one speaks for"
NOT_SIGNED_IN = Refused("not-signed-in")
REFUSED = Refused("sign-in-refused", "sign-in refused")
SOFTWARE = "STRUCT:PHAR1"


@pytest.fixture
def world() -> PeopleWorld:
    return PeopleWorld()


@pytest.fixture
def card(world):
    return world.member("REF-1").code


@pytest.fixture
def anne(world):
    return professional(world)


def the_software(world):
    return world.registry.software[SOFTWARE]


def shown(page, first=0):
    return page.send(ListVouched, first=first).sessions


# Seen


def test_a_professional_sees_their_sites_software_and_their_delegates(world, anne):
    world.sign_in()
    clerk = delegate(world, anne)
    rows = shown(anne)
    assert [(row.software, row.label) for row in rows] == [
        (False, "Comptoir 2"),
        (True, the_software(world).product),
    ]
    assert rows[0].account == f"@{clerk.send(WhoAmI).login}"
    assert {row.means for row in rows} == {"passkey", "assertion"}


def test_nobody_sees_those_of_another_site_or_another_sponsor(world, anne):
    world.sign_in()
    delegate(world, anne)
    other = professional(world, BASILE, key=3, site=OTHER)
    assert shown(other) == ()
    world.contracted(BASILE, PHARMACY)
    colleague = Page(world, KEYS[4])
    colleague.pro_sante(BASILE, PHARMACY)
    assert [row.software for row in shown(colleague)] == [True]


def test_a_page_fits_a_frame_and_the_rest_follows(world, anne):
    for _ in range(2 * PAGE + 3):
        world.sign_in()
    pages = [anne.send(ListVouched, first=first) for first in (0, PAGE, 2 * PAGE, 3 * PAGE, -9)]
    assert [len(page.sessions) for page in pages] == [PAGE, PAGE, 3, 0, PAGE]
    assert {page.total for page in pages} == {2 * PAGE + 3}
    widest = VouchedSession("@" + "x" * 64, "é" * 40, True, "f" * 16, *[2**53] * 2, "computer", "x")
    assert len(frame(1, VouchedSessions((widest,) * PAGE, 2**20))) < FRAME_MAX


def test_only_a_professional_speaks_for_others(world, anne):
    for page in (delegate(world, anne), staff_page(world, "alix")):
        assert page.send(ListVouched).reason == "not-allowed"
        assert page.send(EndVouched, account="@x").reason == "not-allowed"


# Ended


def test_one_session_of_a_software_ends_and_the_others_go_on(world, anne, card):
    first, second = world.sign_in(), world.sign_in()
    world.clock.forward(seconds=1)
    assert isinstance(world.ask(second, card), Answered)
    latest, oldest = shown(anne)
    assert latest.seen > oldest.seen
    done = anne.send(EndVouched, account=oldest.account, ref=oldest.ref)
    assert done == Done()
    assert world.ask(first, card) == NOT_SIGNED_IN
    assert isinstance(world.ask(second, card, key="k-2"), Answered)
    number = the_software(world).number
    told = world.details(EntryType.DECISION)[-1]
    assert (told["sessions"], told["ended"]) == (number, 1)


def test_all_sessions_of_a_delegate_end_and_they_may_come_back(world, anne):
    clerk = delegate(world, anne)
    other = Page(world, KEYS[5], passkey=clerk.passkey)
    other.by_passkey()
    name = shown(anne)[0].account
    assert anne.send(EndVouched, account=name) == Done()
    assert clerk.send(WhoAmI) == other.send(WhoAmI) == NOT_SIGNED_IN
    assert shown(anne) == ()
    clerk.by_passkey()
    assert isinstance(clerk.send(WhoAmI), Me)
    assert anne.send(EndVouched, account=name, ref="0" * 16).reason == "forbidden-move"


def test_nobody_ends_those_of_another(world, anne, card):
    token = world.sign_in()
    clerk = delegate(world, anne)
    name = f"@{clerk.send(WhoAmI).login}"
    own = f"@{anne.send(WhoAmI).login}"
    other = professional(world, BASILE, key=3, site=OTHER)
    for account in (SOFTWARE, name, own, "@nobody", ""):
        assert other.send(EndVouched, account=account).reason == "not-allowed"
    assert anne.send(EndVouched, account=own).reason == "not-allowed"
    assert isinstance(world.ask(token, card), Answered)
    assert isinstance(clerk.send(WhoAmI), Me)


def test_a_reference_of_one_account_ends_nothing_of_another(world, anne):
    world.sign_in()
    clerk = delegate(world, anne)
    of_clerk, of_software = shown(anne)
    wrong = anne.send(EndVouched, account=of_software.account, ref=of_clerk.ref)
    assert wrong.reason == "forbidden-move"
    assert isinstance(clerk.send(WhoAmI), Me)


def test_doors_are_shut_with_the_portal_cut_too(world, anne):
    world.sign_in()
    row = shown(anne)[0]
    cut = SetCutOff(
        scope="channel",
        what="portal",
        why="exercise",
        until=world.clock.now() + 600_000_000,
        by="alix",
    )
    assert "CutOff" in repr(world.send(cut))
    assert anne.send(ListDelegates).reason == "cut-off"
    assert anne.send(EndVouched, account=row.account, ref=row.ref) == Done()
    assert shown(anne) == ()


# A delegate with a key


def sponsored(world, sponsor, usage=Usage.BACK_OFFICE):
    """Anne's night batch: the software of the tests, with her name to it."""
    number = next(n for n, p in world.registry.people.items() if p.login == sponsor)
    world.registry.register_software(replace(the_software(world), sponsor=number, usage=usage))
    world.service.look()
    return the_software(world)


@pytest.fixture
def batch(world, anne):
    return sponsored(world, anne.send(WhoAmI).login)


def test_a_night_batch_asks_under_its_sponsor_and_within_one_persons_budget(world, batch, card):
    token = world.sign_in()
    assert isinstance(world.ask(token, card), Answered)
    (session,) = world.service.sessions.of(batch.number)
    own = own_cap(SiteKind.PHARMACY, Usage.BACK_OFFICE)
    site = daily_cap(SiteKind.PHARMACY)
    assert session.limits == Limits(account=min(own, site), site=site)


def test_its_sponsor_sees_it_and_no_colleague_does(world, anne, batch):
    world.sign_in()
    (row,) = anne.send(ListDelegates).delegates
    assert (row.account, row.software, row.passkeys, row.here) == (batch.client_id, True, 0, True)
    assert row.usage == "back-office"
    assert [each.account for each in shown(anne)] == [batch.client_id]
    world.contracted(BASILE, PHARMACY)
    colleague = Page(world, KEYS[4])
    colleague.pro_sante(BASILE, PHARMACY)
    assert shown(colleague) == ()
    assert colleague.send(EndVouched, account=batch.client_id).reason == "not-allowed"
    assert colleague.send(Report, account=batch.client_id).reason == "not-allowed"


def test_it_leaves_with_its_sponsor_and_comes_back_with_them(world, anne, batch, card):
    token = world.sign_in()
    world.registrar.suspend({batch.sponsor: Suspension.DECIDED})
    world.service.look()
    assert world.ask(token, card) == NOT_SIGNED_IN
    assert world.send(SignIn(f"{SOFTWARE} jti-of-the-night", CERTIFICATE)) == REFUSED
    world.registrar.restore(batch.sponsor)
    world.service.look()
    assert isinstance(world.ask(world.sign_in(), card), Answered)


def test_its_sponsor_ends_it_for_ever(world, anne, batch, card):
    token = world.sign_in()
    assert anne.send(EnrolAgain, account=batch.client_id).reason == "not-allowed"
    assert anne.send(EndDelegate, account=batch.client_id) == Done()
    assert world.ask(token, card) == NOT_SIGNED_IN
    world.service.look()
    assert world.send(SignIn(f"{SOFTWARE} jti-of-the-night", CERTIFICATE)) == REFUSED
    assert anne.send(ListDelegates).delegates == ()


def test_nobody_ends_the_software_of_the_site_as_a_delegate(world, anne):
    assert anne.send(EndDelegate, account=SOFTWARE).reason == "not-allowed"


def test_its_sponsor_stops_it_by_a_word(world, anne, batch, card):
    token = world.sign_in()
    assert anne.send(Report, account=batch.client_id) == Done()
    assert world.ask(token, card) == NOT_SIGNED_IN


def test_a_sponsor_is_a_professional_of_the_site_who_is_in():
    registry = MemoryRegistry()
    people = MemoryPeople(registry)
    a_sponsor_answers_for_what_is_theirs(registry, people, people)


def test_a_sponsor_is_a_professional_of_the_site_who_is_in_on_postgresql(database: Database):
    owner, vault = partial(database.connect, "owner"), partial(database.connect, "vault")
    stores = PostgresRegistry(owner), PostgresPeople(owner), PostgresPeople(vault)
    try:
        a_sponsor_answers_for_what_is_theirs(*stores)
    finally:
        for store in stores:
            store.close()


def a_sponsor_answers_for_what_is_theirs(registry, people, vault):
    software = a_software()
    for name in (software.site, "STRUCT:ELSE"):
        registry.register_site(Site(site=name, kind=SiteKind.PHARMACY, daily_cap=7))

    def professional_at(site, login):
        return people.join(
            Person(
                number=0,
                login=login,
                role=Role.PROFESSIONAL,
                rpps="99900000011",
                profession="21",
                site=site,
            )
        )

    here, elsewhere = professional_at(software.site, "p-1"), professional_at("STRUCT:ELSE", "p-2")
    for wrong in (elsewhere, here + 99):
        with pytest.raises(SetUpRefused, match="sponsor"):
            register_software(
                replace(software, sponsor=wrong), registry=registry, sandbox=software.sandbox
            )
    register_software(replace(software, sponsor=here), registry=registry, sandbox=software.sandbox)
    known = registry.read().software[software.client_id]
    assert known.sponsor == here
    for account, sponsor in ((known.number, elsewhere), (known.number + 99, here)):
        with pytest.raises(NotAllowed):
            vault.end_software(account, sponsor=sponsor)
    vault.end_software(known.number, sponsor=here)
    assert registry.read().software[software.client_id].revoked
    with pytest.raises(NotAllowed):
        vault.end_software(known.number, sponsor=here)
