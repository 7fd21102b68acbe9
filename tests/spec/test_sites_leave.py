"""Sites that leave the public directory, and who comes in: software, delegates, a first look-up."""

import hashlib
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.identity.assertions import new_key, public_jwks
from rempart.adapters.memory.directory import MemoryDirectory
from rempart.domain.directory import FITS, REASON_MAX, site_suspension
from rempart.domain.disclosure import EntryType, Presence
from rempart.domain.errors import (
    FeedRefused,
    MalformedIdentifier,
    Refusal,
    SetUpRefused,
    TemporarilyUnavailable,
)
from rempart.domain.extract import PEOPLE_FLOOR, SITES_FLOOR, Leavers
from rempart.domain.person import Person, Role, Suspension
from rempart.domain.site import SiteKind
from rempart.drill.impossible import rpps
from rempart.usecases.follow_directory import FollowDirectory, FollowOptions
from rempart.usecases.look_up_directory import LookUpDirectory
from rempart.usecases.messages import Answered, Refused, SignedIn, SignIn
from rempart.usecases.people_messages import WhoAmI
from rempart.usecases.people_replies import Entered
from rempart.usecases.ports import Site, Software
from rempart.usecases.register_software import register_software
from rempart.usecases.vendor_statement import SoftwareStatement
from tests.failing import FailingLedger
from tests.offices import BOTH, HEADING, TODAY, a_row, in_memory, on_postgres, others
from tests.people import ANNE, BASILE, OTHER, PHARMACY, PeopleWorld, delegate, professional
from tests.worlds import CERTIFICATE

title = "Sites that leave"
TOMORROW = TODAY + timedelta(1)
NEVER = "STRUCT:NEVER"
GONE = (BOTH[1], *others(1))
"""As many rows as ``BOTH``, and nobody at the pharmacy."""
REASON = "alix: ambulance firm, in no directory"


def a_software(site=PHARMACY, name="software-1"):
    return Software(
        client_id=name,
        number=0,
        site=site,
        jwks=public_jwks(new_key(name)),
        certificates=frozenset({name.encode().ljust(32, b".")}),
        sandbox=True,
        revoked=False,
        product="LGO 12.3",
    )


# A site leaves


def a_site_that_is_listed_no_more_is_out(office):
    office.take(*BOTH)
    assert office.site().followed
    report = office.take(*GONE)
    assert report.sites_out == {PHARMACY: Suspension.ABSENT}
    assert office.sites_out() == {PHARMACY: Suspension.ABSENT}
    assert office.out() == {office.anne: Suspension.ABSENT}


def a_site_whose_last_professional_ends_is_out(office):
    office.take(*BOTH, a_row(rpps(7)))
    office.take(BOTH[1], a_row(), a_row(rpps(7), until="2026-11-23"))
    assert office.sites_out() == {}
    ended = a_row(until="2026-11-23"), a_row(rpps(7), until="2026-11-23")
    office.take(BOTH[1], *ended)
    assert office.sites_out() == {PHARMACY: Suspension.ENDED}


def a_site_where_no_profession_of_its_kind_is_left_is_out(office):
    office.take(*BOTH)
    office.take(BOTH[1], a_row(rpps(7), profession="60"))
    assert office.sites_out() == {PHARMACY: Suspension.PROFESSION}


def a_site_stays_while_the_directory_lists_a_colleague(office):
    office.take(*BOTH)
    office.take(BOTH[1], a_row(rpps(7)))
    assert office.out() == {office.anne: Suspension.ABSENT}
    assert office.sites_out() == {}


def a_site_that_was_never_listed_stays(office):
    """No SIRET or FINESS that the directory knows, or registered before it was looked at."""
    office.registry.register_site(Site(site=NEVER, kind=SiteKind.TRANSPORT))
    for _ in range(2):
        office.take(*BOTH, *others(1))
        assert office.sites_out() == {}
    office.take(*BOTH, a_row(rpps(7), NEVER, profession="36"))
    assert office.site(NEVER).followed
    office.take(*BOTH, *others(2))
    assert office.sites_out() == {NEVER: Suspension.ABSENT}


def a_bad_row_about_a_site_puts_it_out_of_nothing(office):
    office.take(*BOTH)
    office.take(BOTH[1], a_row(since="soon"))
    assert office.sites_out() == {}


def a_site_that_comes_back_in_the_directory_stays_out_until_somebody_decides(office):
    office.take(*BOTH)
    office.take(*GONE)
    office.take(*BOTH, *others(1))
    assert office.sites_out() == {PHARMACY: Suspension.ABSENT}
    office.registry.restore_site(PHARMACY)
    office.take(*BOTH, *others(2))
    assert office.sites_out() == {}
    office.take(BOTH[1], *others(3))
    assert office.sites_out() == {PHARMACY: Suspension.ABSENT}


def a_site_that_is_restored_outside_stays_until_it_is_listed_again(office):
    office.take(*BOTH)
    office.take(*GONE)
    office.registry.restore_site(PHARMACY, followed=False, outside=REASON)
    office.take(BOTH[1], *others(2))
    assert office.sites_out() == {}
    assert office.site().outside == REASON
    office.take(*BOTH, *others(1))
    # Followed again; why it was not is kept.
    assert (office.site().outside, office.site().followed) == (REASON, True)
    office.take(BOTH[1], *others(3))
    assert office.sites_out() == {PHARMACY: Suspension.ABSENT}


def a_person_who_came_in_outside_stays_until_they_are_listed(office):
    office.people.suspend({office.anne: Suspension.DECIDED})
    office.people.restore(office.anne, followed=False, outside=REASON)
    office.take(BOTH[1], a_row(profession="10"))
    assert office.out() == {}
    office.take(*BOTH)
    person = office.registry.read().people[office.anne]
    assert (person.outside, person.followed) == (REASON, True)
    office.take(BOTH[1], a_row(rpps(7)))
    assert office.out() == {office.anne: Suspension.ABSENT}


def a_decision_puts_a_site_out_and_another_brings_it_back(office):
    office.registry.suspend_site(PHARMACY)
    assert office.sites_out() == {PHARMACY: Suspension.DECIDED}
    for wrong in (PHARMACY, NEVER):
        with pytest.raises(Refusal):
            office.registry.suspend_site(wrong)
    office.registry.restore_site(PHARMACY)
    for wrong in (PHARMACY, NEVER):
        with pytest.raises(Refusal):
            office.registry.restore_site(wrong)
    assert office.sites_out() == {}


def registering_a_site_again_does_not_bring_it_back(office):
    office.take(*BOTH)
    office.take(*GONE)
    before = office.site()
    office.registry.register_site(Site(site=PHARMACY, kind=SiteKind.PHARMACY))
    after = office.site()
    assert (after, after.followed, after.suspended) == (before, True, Suspension.ABSENT)


# A site is closed and opened again


def joined(office, since=TODAY, site=PHARMACY, **changes):
    given = {"kind": SiteKind.PHARMACY, "contract": "C-2", "followed": True} | changes
    office.registry.join_site(Site(site=site, since=since, **given))


def a_site_that_is_opened_again_begins_anew(office):
    """Whoever takes a closed pharmacy over has not its budget, its software, nor its people."""
    colleague = office.join(rpps(7))
    outside = office.join(rpps(8))
    office.people.suspend({outside: Suspension.DECIDED})
    office.people.restore(outside, followed=False, outside=REASON)
    number = office.site().number
    office.registry.register_software(a_software())
    office.registry.register_software(a_software(OTHER, "software-2"))
    office.take(*BOTH, a_row(rpps(7)))
    office.take(*GONE, confirmed=3)
    joined(office, since=TOMORROW)
    site = office.site()
    assert (site.since, site.suspended) == (TOMORROW, None)
    # What is counted and known under the number of before is not theirs.
    joined(office, site=NEVER)
    assert len({number, site.number, office.site(NEVER).number, office.site(OTHER).number}) == 4
    software = office.registry.read().software
    assert (software["software-1"].revoked, software["software-2"].revoked) == (True, False)
    assert office.out() == {
        office.anne: Suspension.ABSENT,
        colleague: Suspension.ABSENT,
        outside: Suspension.DECIDED,
    }


def a_site_that_is_in_keeps_what_it_has_under_a_new_contract(office):
    joined(office, since=date(2020, 1, 1), site=NEVER)
    office.registry.register_software(a_software(NEVER))
    joined(office, since=TOMORROW, site=NEVER, contract="C-3", place="75", followed=False)
    site = office.site(NEVER)
    assert (site.since, site.contract, site.place) == (date(2020, 1, 1), "C-3", "75")
    assert not site.followed
    assert not office.registry.read().software["software-1"].revoked
    assert office.out() == {}


def a_site_that_is_restored_is_the_same_as_before(office):
    joined(office, since=date(2020, 1, 1), site=NEVER)
    office.registry.register_software(a_software(NEVER))
    office.take(*BOTH, a_row(rpps(7), NEVER))
    office.take(*BOTH, *others(1))
    assert office.sites_out() == {NEVER: Suspension.ABSENT}
    office.registry.restore_site(NEVER)
    assert office.site(NEVER).since == date(2020, 1, 1)
    assert not office.registry.read().software["software-1"].revoked


# Which extract is believed


def half_a_file_puts_no_site_out(office):
    sites = [f"STRUCT:S{n:02}" for n in range(SITES_FLOOR * 2)]
    for name in sites:
        office.registry.register_site(Site(site=name, kind=SiteKind.PHARMACY))
    rows = [a_row(rpps(100 + n), name) for n, name in enumerate(sites)]
    office.take(*BOTH, *rows)
    # As long as before, as a thief makes it, and without the second half.
    half = [*BOTH, *rows[:SITES_FLOOR], *others(SITES_FLOOR)]
    many = SITES_FLOOR
    assert office.take(*half, dry_run=True).doubt == ""
    fewer = [*BOTH, *rows[: many - 1], *others(many + 1)]
    with pytest.raises(FeedRefused, match=r"leavers: 6 of 12 sites.*--confirm 6"):
        office.take(*fewer)
    assert office.sites_out() == {}
    tried = office.take(*fewer, dry_run=True)
    assert "--confirm 6" in tried.doubt
    assert len(tried.sites_out) == many + 1
    with pytest.raises(FeedRefused):
        office.take(*fewer, confirmed=5)
    office.take(*fewer, confirmed=6)
    assert len(office.sites_out()) == many + 1


def more_than_half_of_a_few_takes_a_look(office):
    """The first extract of all, cut short: there is none to compare it with."""
    with pytest.raises(FeedRefused, match="leavers: 2 of 2 people"):
        office.take(*others(3))
    assert office.out() == {}
    assert office.directory.last() is None


def an_older_extract_is_refused(office):
    office.take(*BOTH, day=date(2026, 11, 20))
    office.take(*BOTH, *others(1), day=date(2026, 11, 23))
    for confirmed in (None, 0):
        with pytest.raises(FeedRefused, match="older: of 2026-11-22"):
            office.take(*BOTH, *others(2), day=date(2026, 11, 22), confirmed=confirmed)
    # The same bytes, under another day: whoever left since would be looked up and found.
    with pytest.raises(FeedRefused, match="older: this file was taken in as of 2026-11-20"):
        office.take(*BOTH)
    assert office.directory.last().day == date(2026, 11, 23)
    assert len(office.directory.at("STRUCT:ELSEW")) == 1


def an_extract_of_a_day_to_come_is_refused(office):
    """Or one typing error would shut out every extract until that day."""
    with pytest.raises(FeedRefused, match="day to come"):
        office.take(*BOTH, day=TOMORROW)
    assert office.directory.last() is None


def the_same_file_again_grows_old(office):
    office.take(*BOTH)
    report = office.take(*BOTH, today=TODAY + timedelta(5))
    assert report.day == TODAY
    assert office.directory.last().age(TODAY + timedelta(5)) == 5


def what_is_refused_leaves_the_last_extract(office):
    office.take(*BOTH)
    for rows, options in (
        (others(1), {}),
        ([*BOTH, "bad"], {"all_or_nothing": True}),
        ([BOTH[1]], {"dry_run": True}),
    ):
        try:
            office.take(*rows, **options)
        except FeedRefused:
            pass
        else:
            assert options == {"dry_run": True}
        assert [row.rpps for row in office.directory.at(PHARMACY)] == [ANNE]
        assert office.directory.last().rows == 2


# Before they come in


def look_up(office, *, sandbox=False, today=TODAY):
    return LookUpDirectory(directory=office.directory, sandbox=sandbox, today=today)


def someone(who=ANNE, profession="21", site=PHARMACY):
    return Person(
        number=0,
        login="p-new",
        role=Role.PROFESSIONAL,
        rpps=who,
        profession=profession,
        site=site,
    )


def who_is_listed_comes_in_and_is_followed(office):
    office.take(*BOTH)
    found = look_up(office).site(PHARMACY, SiteKind.PHARMACY, outside=REASON)
    assert (found.listed, found.outside, found.extract.rows) == (True, "", 2)
    assert look_up(office).professional(someone(), SiteKind.PHARMACY).listed


def who_is_not_listed_is_refused_unless_somebody_says_why(office):
    office.take(*BOTH, a_row(rpps(9), NEVER, "36", until="2026-11-23"))
    look, pharmacy = look_up(office), SiteKind.PHARMACY
    for ask, rule in (
        (lambda **k: look.site("STRUCT:X", pharmacy, **k), "lists nobody at this site"),
        (lambda **k: look.site(PHARMACY, SiteKind.DENTIST, **k), "under another kind"),
        (lambda **k: look.site(NEVER, SiteKind.TRANSPORT, **k), "every activity .* has ended"),
        (lambda **k: look.professional(someone(BASILE), pharmacy, **k), "does not list this"),
        (lambda **k: look.professional(someone(profession="10"), pharmacy, **k), "another prof"),
        (
            lambda **k: look.professional(someone(rpps(9), "36", NEVER), SiteKind.TRANSPORT, **k),
            "this activity has ended",
        ),
    ):
        with pytest.raises(SetUpRefused, match=rule):
            ask()
        found = ask(outside=REASON)
        assert (found.listed, found.outside) == (False, REASON)


def who_has_left_since_is_refused(office):
    office.take(*BOTH, a_row(rpps(7)))
    assert look_up(office).professional(someone(rpps(7)), SiteKind.PHARMACY).listed
    office.take(*BOTH, *others(1))
    with pytest.raises(SetUpRefused, match="does not list"):
        look_up(office).professional(someone(rpps(7)), SiteKind.PHARMACY)


def an_extract_speaks_of_the_day_on_which_it_is_asked(office):
    office.take(BOTH[1], a_row(until="2026-11-24"))
    assert look_up(office).site(PHARMACY, SiteKind.PHARMACY).listed
    with pytest.raises(SetUpRefused, match="ended"):
        look_up(office, today=TOMORROW).site(PHARMACY, SiteKind.PHARMACY)


def without_any_extract_a_sandbox_lets_in_and_production_does_not(office):
    found = look_up(office, sandbox=True).site(PHARMACY, SiteKind.PHARMACY)
    assert (found.listed, found.extract) == (False, None)
    with pytest.raises(SetUpRefused, match="never taken in"):
        look_up(office).site(PHARMACY, SiteKind.PHARMACY)
    assert look_up(office).site(PHARMACY, SiteKind.PHARMACY, outside=REASON).outside == REASON
    office.take(*BOTH)
    with pytest.raises(SetUpRefused, match="lists nobody"):
        look_up(office, sandbox=True).site("STRUCT:X", SiteKind.PHARMACY)


def a_reason_is_one_line(office):
    for wrong in ("x" * (REASON_MAX + 1), "a\nb", "  "):
        with pytest.raises(MalformedIdentifier, match="reason"):
            look_up(office).site(PHARMACY, SiteKind.PHARMACY, outside=wrong)


SPECS = (
    a_site_that_is_listed_no_more_is_out,
    a_site_whose_last_professional_ends_is_out,
    a_site_where_no_profession_of_its_kind_is_left_is_out,
    a_site_stays_while_the_directory_lists_a_colleague,
    a_site_that_was_never_listed_stays,
    a_bad_row_about_a_site_puts_it_out_of_nothing,
    a_site_that_comes_back_in_the_directory_stays_out_until_somebody_decides,
    a_site_that_is_restored_outside_stays_until_it_is_listed_again,
    a_person_who_came_in_outside_stays_until_they_are_listed,
    a_decision_puts_a_site_out_and_another_brings_it_back,
    registering_a_site_again_does_not_bring_it_back,
    a_site_that_is_opened_again_begins_anew,
    a_site_that_is_in_keeps_what_it_has_under_a_new_contract,
    a_site_that_is_restored_is_the_same_as_before,
    half_a_file_puts_no_site_out,
    more_than_half_of_a_few_takes_a_look,
    an_older_extract_is_refused,
    an_extract_of_a_day_to_come_is_refused,
    the_same_file_again_grows_old,
    what_is_refused_leaves_the_last_extract,
    who_is_listed_comes_in_and_is_followed,
    who_is_not_listed_is_refused_unless_somebody_says_why,
    who_has_left_since_is_refused,
    an_extract_speaks_of_the_day_on_which_it_is_asked,
    without_any_extract_a_sandbox_lets_in_and_production_does_not,
    a_reason_is_one_line,
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_in_memory(spec):
    spec(in_memory())


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_on_postgres(database, spec):
    with on_postgres(database) as office:
        spec(office)


# In the vault


def last_presence(world):
    return [e.presence for e in world.entries() if e.type is EntryType.QUESTION][-1]


def follows(world, *rows):
    follow = FollowDirectory(registry=world.registry, directory=MemoryDirectory(world.registry))
    stream = io.StringIO("\n".join([HEADING, *rows]) + "\n")
    follow(stream, today=TODAY, options=FollowOptions(), rejected=lambda _: None)


def told(world):
    """What the ledger says of who takes part: who, which, why they are out, and whether outside."""
    return [
        (codes["part"], codes["number"], codes["suspended"], "outside" in codes)
        for codes in world.details(EntryType.DECISION)
        if "part" in codes
    ]


@pytest.fixture
def world():
    """A pharmacy and a laboratory that the directory has listed; the pharmacy then leaves."""
    world = PeopleWorld()
    for name in (PHARMACY, OTHER):
        world.registry.keep_site(replace(world.registry.sites[name], followed=True))
    return world


LEFT = [a_row(rpps(n), OTHER) for n in range(20, 25)]


def test_the_software_and_delegates_of_a_site_that_leaves_are_out_of_a_running_vault(world):
    anne = professional(world)
    clerk = delegate(world, anne)
    software, other = world.sign_in(PHARMACY), world.sign_in(OTHER)
    live = world.service.sessions.live
    follows(world, *LEFT)
    world.service.look()
    assert live - world.service.sessions.live == 3
    assert anne.send(WhoAmI) == clerk.send(WhoAmI) == Refused("not-signed-in")
    card = world.member("REF-1").code
    assert world.ask(software, card) == Refused("not-signed-in")
    assert world.ask(other, card, domain="LABO") != Refused("not-signed-in")
    signed = SignIn(f"{PHARMACY} jti-again", CERTIFICATE)
    assert world.send(signed) == Refused("sign-in-refused", "sign-in refused")
    assert clerk.by_passkey() == Refused("sign-in-refused", "sign-in refused")
    world.registry.restore_site(PHARMACY)
    world.service.look()
    assert isinstance(world.send(SignIn(f"{PHARMACY} jti-back", CERTIFICATE)), SignedIn)
    # Their sponsor is still out, and they with her.
    assert clerk.by_passkey() == Refused("sign-in-refused", "sign-in refused")
    (number,) = (p.number for p in world.registry.people.values() if p.rpps == ANNE)
    world.registrar.restore(number)
    world.service.look()
    assert isinstance(clerk.by_passkey(), Entered)


def test_a_professional_in_outside_of_the_directory_goes_with_their_site(world):
    anne = professional(world)
    (person,) = world.registry.people.values()
    world.registry.keep_person(replace(person, followed=False, outside=REASON))
    follows(world, *LEFT)
    assert world.registry.people[person.number].suspended is None
    world.service.look()
    assert anne.send(WhoAmI) == Refused("not-signed-in")
    assert anne.pro_sante() == Refused("sign-in-refused", "sign-in refused")


def test_each_suspension_is_an_entry_and_so_is_each_return(world):
    professional(world)
    (person,) = world.registry.people.values()
    site = world.registry.sites[PHARMACY].number
    assert told(world) == []
    follows(world, *LEFT)
    world.service.look()
    out = [("site", site, 1, False), ("person", person.number, 1, False)]
    assert sorted(told(world)) == sorted(out)
    entries = [e for e in world.entries() if e.type is EntryType.DECISION][-2:]
    assert entries[0].site == entries[1].site != bytes(16)
    world.registry.restore_site(PHARMACY, followed=False, outside=REASON)
    world.registrar.restore(person.number)
    world.service.look()
    back = [("site", site, 0, True), ("person", person.number, 0, False)]
    assert sorted(told(world)[2:]) == sorted(back)
    world.service.look()
    assert len(told(world)) == 4


def test_what_changed_while_no_vault_ran_is_told_once_at_the_next_start(world):
    site = world.registry.sites[PHARMACY].number
    world.registry.suspend_site(PHARMACY)
    world.restart()
    for _ in range(2):
        world.service.look()
        assert told(world) == [("site", site, 4, False)]
        world.restart()
    world.registry.restore_site(PHARMACY)
    world.restart()
    world.service.look()
    assert told(world)[1:] == [("site", site, 0, False)]


@pytest.mark.parametrize("persisted", [False, True], ids=["lost", "kept"])
def test_a_ledger_that_fails_is_told_at_the_next_look(persisted):
    """Whether its entry was kept or not: once."""
    store = FailingLedger(persisted=persisted)
    world = PeopleWorld(store=store)
    world.registry.suspend_site(PHARMACY)
    store.after = 1  # The registry's entry goes well, the site's does not.
    with pytest.raises(TemporarilyUnavailable):
        world.service.look()
    for _ in range(2):
        world.service.look()
        assert told(world) == [("site", world.registry.sites[PHARMACY].number, 4, False)]


def test_a_site_that_opens_again_is_another_to_the_ledger(world):
    before = world.registry.sites[PHARMACY].number
    world.registry.suspend_site(PHARMACY)
    world.service.look()
    world.registry.join_site(
        Site(site=PHARMACY, kind=SiteKind.PHARMACY, since=TODAY, outside=REASON)
    )
    after = world.registry.sites[PHARMACY].number
    world.service.look()
    assert told(world) == [("site", before, 4, False), ("site", after, 0, True)]
    world.restart()
    world.service.look()
    assert len(told(world)) == 2


def test_what_a_site_knew_of_a_patient_is_not_whoever_opens_its_again(world):
    """A former regular, of whom everything printed was stolen, is a stranger to the new owner."""
    card = world.member("REF-1")
    assert isinstance(world.ask(world.sign_in(PHARMACY), card.code), Answered)
    asked = world.ask(world.sign_in(PHARMACY), card.typed)
    assert isinstance(asked, Answered)
    assert last_presence(world) is Presence.KNOWN
    world.registry.suspend_site(PHARMACY)
    world.registry.join_site(Site(site=PHARMACY, kind=SiteKind.PHARMACY, since=TODAY))
    world.add_software("thief", PHARMACY)
    world.ask(world.sign_in("thief"), card.typed)
    assert last_presence(world) is Presence.DECLARED


def test_the_ledger_has_a_digest_of_a_reason_and_no_word_of_it(world):
    world.registry.suspend_site(PHARMACY)
    world.registry.restore_site(PHARMACY, followed=False, outside=REASON)
    world.service.look()
    (codes,) = [codes for codes in world.details(EntryType.DECISION) if "part" in codes]
    assert codes["outside"] == hashlib.sha256(REASON.encode()).digest()[:16]
    assert all(REASON.encode() not in row.detail for row in world.store.rows)


# A software is stated by its vendor


def stated_as(software, **changes):
    given = {"client_id": software.client_id, "product": "LGO 12.3", "jwks": software.jwks}
    return SoftwareStatement(vendor="editeur", **(given | changes))


def test_production_takes_no_software_without_its_vendors_statement():
    office, software = in_memory(), replace(a_software(), sandbox=False)
    with pytest.raises(SetUpRefused, match="--statement"):
        register_software(software, registry=office.registry, sandbox=False)
    for changes, rule in (
        ({"client_id": "software-2"}, "another software"),
        ({"product": "LGO 12.4"}, "the product and the keys"),
        ({"jwks": public_jwks(new_key("k9"))}, "the product and the keys"),
    ):
        stated = stated_as(software, **changes)
        for sandbox in (False, True):
            asked = replace(software, sandbox=sandbox)
            with pytest.raises(SetUpRefused, match=rule):
                register_software(asked, registry=office.registry, sandbox=sandbox, stated=stated)
    assert office.registry.read().software == {}
    register_software(software, registry=office.registry, sandbox=False, stated=stated_as(software))
    register_software(a_software(name="software-2"), registry=office.registry, sandbox=True)
    assert set(office.registry.read().software) == {"software-1", "software-2"}


def test_no_software_comes_in_at_a_site_that_is_out():
    office = in_memory()
    office.registry.suspend_site(PHARMACY)
    with pytest.raises(SetUpRefused, match="the site is out"):
        register_software(a_software(), registry=office.registry, sandbox=True)


# Rules


@given(st.integers(0, 5_000), st.integers(0, 5_000), st.sampled_from([PEOPLE_FLOOR, SITES_FLOOR]))
def test_one_may_always_go_and_half_never_unseen(out, of, floor):
    out = min(out, of)
    many = Leavers("people", out, of, floor).many
    assert not (many and out <= 1)
    assert many or out * 2 <= max(of, 2)
    assert many is (out > 1 and out * 2 > of) or out > max(floor, of / 50)


PROFESSIONS = st.sampled_from(["10", "21", "60", "28"])


@given(st.sampled_from(SiteKind), st.sets(st.tuples(PROFESSIONS, st.booleans())))
def test_a_site_is_in_exactly_where_a_fitting_profession_goes_on(kind, said):
    fits = any(goes_on and profession in FITS[kind] for profession, goes_on in said)
    assert (site_suspension(kind, said) is None) is fits
