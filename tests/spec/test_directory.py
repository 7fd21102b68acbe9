"""Joining and leaving: the public directory's extract, and who is out because of it."""

import io
from collections.abc import Iterator
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.memory.people import MemoryPeople
from rempart.adapters.memory.world import MemoryRegistry
from rempart.adapters.postgres.people import PostgresPeople
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.domain.directory import COLUMNS, FITS, LEAVERS_FLOOR, Listed, listed, suspension
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import FeedRefused, MalformedRow
from rempart.domain.person import Person, Role, Suspension
from rempart.domain.site import SiteKind
from rempart.drill.impossible import rpps
from rempart.usecases.follow_directory import FollowDirectory, FollowOptions
from rempart.usecases.messages import Refused
from rempart.usecases.people_messages import (
    WhoAmI,
)
from rempart.usecases.people_replies import (
    Entered,
)
from rempart.usecases.ports import Site
from tests.people import ANNE, BASILE, OTHER, PHARMACY, PeopleWorld, delegate, professional
from tests.postgres_servers import Database

title = "Joining and leaving"
TODAY = date(2026, 11, 24)
HEADING = ";".join(COLUMNS)
NOT_SIGNED_IN = Refused("not-signed-in")


def a_row(who=ANNE, site=PHARMACY, profession="21", since="2020-01-01", until=""):
    return f"{who};{profession};{site};{since};{until}"


def others(count):
    """Professionals of elsewhere, whom nobody here has a contract with."""
    return [a_row(rpps(1000 + n), "STRUCT:ELSEW") for n in range(count)]


class Office:
    """A registry with two professionals, and the follower of it."""

    def __init__(self, registry, people):
        self.registry, self.people = registry, people
        self.follow = FollowDirectory(registry=registry, people=people)
        self.faults = []
        registry.register_site(Site(site=PHARMACY, kind=SiteKind.PHARMACY))
        registry.register_site(Site(site=OTHER, kind=SiteKind.LABORATORY))
        self.anne, self.basile = self.join(ANNE), self.join(BASILE, OTHER)

    def join(self, who, site=PHARMACY, profession="21"):
        person = Person(
            number=0,
            login=f"p-{who}-{site[-5:].lower()}",
            role=Role.PROFESSIONAL,
            rpps=who,
            profession=profession,
            site=site,
        )
        return self.people.join(person)

    def take(self, *rows, today=TODAY, **options):
        stream = io.StringIO("\n".join([HEADING, *rows]) + "\n")
        return self.follow(
            stream,
            today=today,
            options=FollowOptions(**options),
            rejected=self.faults.append,
        )

    def out(self):
        people = self.registry.read().people.values()
        return {p.number: p.suspended for p in people if p.suspended is not None}


BOTH = (a_row(), a_row(BASILE, OTHER))


def who_is_listed_stays(office):
    report = office.take(*BOTH)
    assert (report.rows, report.bad, report.contracted, report.out) == (2, 0, 2, {})
    assert office.out() == {}
    assert office.people.last_extract().rows == 2


def who_is_absent_is_out(office):
    report = office.take(a_row())
    assert report.out == {Suspension.ABSENT: 1}
    assert office.out() == {office.basile: Suspension.ABSENT}


def whose_activity_has_ended_is_out(office):
    office.take(a_row(until="2026-11-23"), a_row(BASILE, OTHER, until="2026-11-24"))
    assert office.out() == {office.anne: Suspension.ENDED}


def who_has_not_begun_is_out(office):
    office.take(a_row(since="2026-11-25"), BOTH[1])
    assert office.out() == {office.anne: Suspension.ENDED}


def whose_profession_has_changed_is_out(office):
    office.take(a_row(profession="10"), BOTH[1])
    assert office.out() == {office.anne: Suspension.PROFESSION}


def whose_profession_no_longer_fits_the_site_is_out(office):
    office.registry.register_site(Site(site=OTHER, kind=SiteKind.DENTIST))
    office.take(*BOTH)
    assert office.out() == {office.basile: Suspension.PROFESSION}


def another_site_of_the_same_professional_does_not_help(office):
    office.take(a_row(site=OTHER), BOTH[1])
    assert office.out() == {office.anne: Suspension.ABSENT}


def one_activity_of_several_is_enough(office):
    office.take(a_row(profession="10"), a_row(until="2020-05-01"), a_row(), BOTH[1])
    assert office.out() == {}


def who_comes_back_in_the_directory_stays_out_until_somebody_decides(office):
    office.take(BOTH[1])
    office.take(*BOTH)
    assert office.out() == {office.anne: Suspension.ABSENT}
    office.people.restore(office.anne)
    office.take(*BOTH)
    assert office.out() == {}


def a_dry_run_changes_nothing(office):
    report = office.take(a_row(), dry_run=True)
    assert report.out == {Suspension.ABSENT: 1}
    assert office.out() == {}
    assert office.people.last_extract() is None


def bad_rows_are_told_and_the_rest_is_taken(office):
    rows = [*others(9_995), *BOTH, "x;21;STRUCT:A;2020-01-01;", a_row() + ";more", a_row(since="é")]
    report = office.take(*rows)
    assert (report.rows, report.bad) == (10_000, 3)
    assert [(f.line, f.column) for f in office.faults] == [
        (9_999, "rpps"),
        (10_000, "row"),
        (10_001, "activity_since"),
    ]
    assert office.people.last_extract().bad == 3


def bad_rows_end_it_where_all_or_nothing_is_asked(office):
    with pytest.raises(FeedRefused, match="1 bad rows"):
        office.take(a_row(), "bad", all_or_nothing=True)
    assert office.out() == {}
    assert office.people.last_extract() is None


def a_bad_row_about_somebody_puts_nobody_out(office):
    """What the directory meant cannot be read: the person stays until it can."""
    office.take(a_row(since="soon"), BOTH[1])
    assert office.out() == {}


def a_fault_never_quotes_a_value(office):
    office.take(a_row(who="12345678901"), a_row(site="SIRET:secret"), a_row(until="demain"), *BOTH)
    told = " ".join(f"{fault} {fault!r}" for fault in office.faults)
    for value in ("12345678901", "secret", "demain"):
        assert value not in told


def an_extract_that_is_suddenly_smaller_is_refused(office):
    office.take(*BOTH, *others(998))
    with pytest.raises(FeedRefused, match="smaller: 899 rows, the last one had 1000"):
        office.take(*BOTH, *others(897))
    assert office.people.last_extract().rows == 1000
    office.take(*BOTH, *others(898))
    with pytest.raises(FeedRefused, match="smaller"):
        office.take(BOTH[1], *others(300))
    assert office.out() == {}
    office.take(BOTH[1], *others(300), confirmed=True)
    assert office.out() == {office.anne: Suspension.ABSENT}


def an_extract_that_would_put_many_out_is_refused_whatever_its_size(office):
    """A thief's extract may have as many rows as it likes."""
    many = [office.join(rpps(100 + n)) for n in range(LEAVERS_FLOOR + 1)]
    with pytest.raises(FeedRefused, match="leavers: 21 of 23"):
        office.take(*BOTH, *others(5_000))
    assert office.out() == {}
    report = office.take(*BOTH, *others(5_000), confirmed=True)
    assert report.out == {Suspension.ABSENT: LEAVERS_FLOOR + 1}
    assert set(office.out()) == set(many)


def what_is_no_extract_is_refused(office):
    for text in (
        "",
        "rpps;site\n",
        HEADING.upper() + "\n",
        "\n" + HEADING,
        HEADING.replace(";", ","),
    ):
        with pytest.raises(FeedRefused, match="columns"):
            office.follow(
                io.StringIO(text), today=TODAY, options=FollowOptions(), rejected=lambda _: None
            )
    stream = io.TextIOWrapper(io.BytesIO(HEADING.encode() + b"\n\xff\xfe\n"), encoding="utf-8")
    with pytest.raises(FeedRefused, match="not text"):
        office.follow(stream, today=TODAY, options=FollowOptions(), rejected=lambda _: None)
    assert office.out() == {}


def a_stray_quote_swallows_no_line(office):
    report = office.take('"' + a_row(rpps(50)), *BOTH, 'x"')
    assert (report.rows, report.bad, report.out) == (4, 2, {})


SPECS = (
    who_is_listed_stays,
    who_is_absent_is_out,
    whose_activity_has_ended_is_out,
    who_has_not_begun_is_out,
    whose_profession_has_changed_is_out,
    whose_profession_no_longer_fits_the_site_is_out,
    another_site_of_the_same_professional_does_not_help,
    one_activity_of_several_is_enough,
    who_comes_back_in_the_directory_stays_out_until_somebody_decides,
    a_dry_run_changes_nothing,
    bad_rows_are_told_and_the_rest_is_taken,
    bad_rows_end_it_where_all_or_nothing_is_asked,
    a_bad_row_about_somebody_puts_nobody_out,
    a_fault_never_quotes_a_value,
    an_extract_that_is_suddenly_smaller_is_refused,
    an_extract_that_would_put_many_out_is_refused_whatever_its_size,
    what_is_no_extract_is_refused,
    a_stray_quote_swallows_no_line,
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_in_memory(spec):
    registry = MemoryRegistry()
    spec(Office(registry, MemoryPeople(registry)))


@pytest.fixture
def on_postgres(database: Database) -> Iterator[Office]:
    registry = PostgresRegistry(partial(database.connect, "owner"))
    people = PostgresPeople(partial(database.connect, "owner"))
    yield Office(registry, people)
    registry.close()
    people.close()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_on_postgres(on_postgres, spec):
    spec(on_postgres)


# In the vault


def test_who_leaves_is_out_of_a_running_vault_and_their_delegates_with_them():
    world = PeopleWorld()
    anne = professional(world)
    clerk = delegate(world, anne)
    basile = professional(world, BASILE, key=3)
    follow = FollowDirectory(registry=world.registry, people=world.people)
    stream = io.StringIO(f"{HEADING}\n{a_row(BASILE)}\n")
    follow(stream, today=TODAY, options=FollowOptions(), rejected=lambda _: None)
    assert repr(anne.send(WhoAmI)) == "Me(…)"
    world.service.look()
    assert anne.send(WhoAmI) == clerk.send(WhoAmI) == NOT_SIGNED_IN
    refused = Refused("sign-in-refused", "sign-in refused")
    assert anne.pro_sante() == clerk.by_passkey() == refused
    assert repr(basile.send(WhoAmI)) == "Me(…)"
    (person,) = (p for p in world.registry.people.values() if p.rpps == ANNE)
    world.registrar.restore(person.number)
    world.service.look()
    assert isinstance(anne.pro_sante(), Entered)


def test_the_vault_writes_that_the_registry_has_moved():
    world = PeopleWorld()
    anne = professional(world)
    del anne
    (person,) = world.registry.people.values()
    world.registrar.suspend({person.number: Suspension.ABSENT})
    world.service.look()
    told = world.details(EntryType.DECISION)[-1]
    assert (told["people"], told["out"]) == (1, 1)


# Rows


def test_every_kind_of_site_has_professions():
    assert set(FITS) == set(SiteKind)
    assert all(codes and all(len(code) == 2 for code in codes) for codes in FITS.values())


CELL = st.text(max_size=20) | st.sampled_from([ANNE, "21", PHARMACY, "2020-01-01", ""])


@given(st.lists(CELL, max_size=7))
def test_any_row_is_read_or_refused_by_column_and_rule(cells):
    told = None
    try:
        row = listed(cells, line=7)
    except MalformedRow as fault:
        told = fault
    if told is None:
        assert row.pair == (cells[0].strip(), cells[2].strip())
    else:
        assert told.line == 7
        assert told.column in {"row", *COLUMNS}


DAYS = st.dates(date(2026, 11, 1), date(2026, 12, 20))


@given(
    st.lists(
        st.builds(
            Listed,
            st.just(ANNE),
            st.sampled_from(["21", "10"]),
            st.just(PHARMACY),
            DAYS,
            st.none() | DAYS,
        ),
        max_size=5,
    )
)
def test_somebody_is_in_exactly_where_a_current_row_says_so(rows):
    inside = any(row.profession == "21" and row.current(TODAY) for row in rows)
    assert (suspension("21", SiteKind.PHARMACY, rows, today=TODAY) is None) is inside
    assert suspension("21", SiteKind.DENTIST, rows, today=TODAY) is not None
