"""Joining and leaving: the public directory's extract, and who is out because of it."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.memory.directory import MemoryDirectory
from rempart.domain.directory import COLUMNS, FITS, Listed, listed, suspension
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import FeedRefused, MalformedRow
from rempart.domain.extract import PEOPLE_FLOOR
from rempart.domain.person import Suspension
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
from tests.offices import BOTH, HEADING, TODAY, a_row, in_memory, on_postgres, others
from tests.people import ANNE, BASILE, OTHER, PHARMACY, PeopleWorld, delegate, professional

title = "Joining and leaving"
NOT_SIGNED_IN = Refused("not-signed-in")


def who_is_listed_stays(office):
    report = office.take(*BOTH)
    assert (report.rows, report.bad, report.contracted, report.out) == (2, 0, 2, {})
    assert office.out() == {}
    assert office.directory.last().rows == 2


def who_is_absent_is_out(office):
    report = office.take(a_row())
    assert list(report.out.values()) == [Suspension.ABSENT]
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
    assert list(report.out.values()) == [Suspension.ABSENT]
    assert office.out() == {}
    assert office.directory.last() is None


def bad_rows_are_told_and_the_rest_is_taken(office):
    rows = [*others(9_995), *BOTH, "x;21;STRUCT:A;2020-01-01;", a_row() + ";more", a_row(since="é")]
    report = office.take(*rows)
    assert (report.rows, report.bad) == (10_000, 3)
    assert [(f.line, f.column) for f in office.faults] == [
        (9_999, "rpps"),
        (10_000, "row"),
        (10_001, "activity_since"),
    ]
    assert office.directory.last().bad == 3


def bad_rows_end_it_where_all_or_nothing_is_asked(office):
    with pytest.raises(FeedRefused, match="1 bad rows"):
        office.take(a_row(), "bad", all_or_nothing=True)
    assert office.out() == {}
    assert office.directory.last() is None


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
    assert office.directory.last().rows == 1000
    office.take(*BOTH, *others(898))
    with pytest.raises(FeedRefused, match="smaller"):
        office.take(BOTH[1], *others(300))
    assert office.out() == {}
    for wrong in (0, 1, 3):
        with pytest.raises(FeedRefused, match="--confirm 2"):
            office.take(BOTH[1], *others(300), confirmed=wrong)
    office.take(BOTH[1], *others(300), confirmed=2)  # Anne, and her pharmacy.
    assert office.out() == {office.anne: Suspension.ABSENT}


def an_extract_that_would_put_many_out_is_refused_whatever_its_size(office):
    """A thief's extract may have as many rows as it likes."""
    many = [office.join(rpps(100 + n)) for n in range(PEOPLE_FLOOR + 1)]
    with pytest.raises(FeedRefused, match="leavers: 21 of 23"):
        office.take(*BOTH, *others(5_000))
    assert office.out() == {}
    with pytest.raises(FeedRefused, match="--confirm 21"):
        office.take(*BOTH, *others(5_000), confirmed=20)
    report = office.take(*BOTH, *others(5_000), confirmed=21)
    assert list(report.out.values()) == [Suspension.ABSENT] * (PEOPLE_FLOOR + 1)
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
    spec(in_memory())


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_on_postgres(database, spec):
    with on_postgres(database) as office:
        spec(office)


# In the vault


def test_who_leaves_is_out_of_a_running_vault_and_their_delegates_with_them():
    world = PeopleWorld()
    anne = professional(world)
    clerk = delegate(world, anne)
    basile = professional(world, BASILE, key=3)
    follow = FollowDirectory(registry=world.registry, directory=MemoryDirectory(world.registry))
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
    told = [codes for codes in world.details(EntryType.DECISION) if "registry" in codes][-1]
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
