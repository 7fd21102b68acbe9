"""Family sheets, at the insurer: who shares a page, what stands on it, what never leaves."""

from __future__ import annotations

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.memory.insurer import MemorySheetPlan
from rempart.adapters.sheet_plan import FAMILIES, DiskSheetPlan
from rempart.domain.coverage import Domain, Mode
from rempart.domain.errors import MalformedRow, SetUpRefused
from rempart.domain.sheet import PEOPLE_MAX, datamatrix_text
from rempart.sealing.stream import open_stream
from rempart.usecases.card_codes import read_card
from rempart.usecases.insurer_keys import add_card_key
from rempart.usecases.insurer_ports import PlannedCard
from rempart.usecases.plan_sheets import packs
from tests.insurers import HEADER, TODAY, AtInsurer, Platform, keys_of, row, said_of
from tests.sheets import NAMED, named, planned, sheets

title = "Family sheets"


@pytest.fixture(params=["memory", "disk"])
def plan(request, tmp_path):
    if request.param == "memory":
        yield MemorySheetPlan()
        return
    with DiskSheetPlan(tmp_path / "plan.sqlite") as made:
        yield made
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def insurer():
    return AtInsurer()


def names(made):
    return [[one.name for one in sheet.holders] for sheet in made]


# --- who shares a page


def test_rows_of_a_family_share_a_page_wherever_they_stand(insurer, plan):
    made = sheets(
        insurer,
        named("A1", first="Ada", number="1"),
        named("B1", first="Bob", number="2"),
        named("A2", first="Ana", number="1"),
        named("C1", first="Cid", number="3"),
        named("A3", first="Ali", number="1"),
        plan=plan,
    )
    assert names(made) == [
        ["FICTIVE Ada", "FICTIVE Ana", "FICTIVE Ali"],
        ["FICTIVE Bob"],
        ["FICTIVE Cid"],
    ]


def test_one_number_written_in_two_ways_is_one_family(insurer, plan):
    made = sheets(insurer, named("A1", number="00 12-3 a"), named("A2", number="00123A"), plan=plan)
    assert len(made) == 1
    assert made[0].routing.member_number == "00 12-3 a"
    assert made[0].routing.member_number_form == "00123A"


@pytest.mark.parametrize(
    "other",
    [
        {"convention": "KA"},
        {"csr": "R66"},
        {"responsable": "no"},
        {"cards": "1:2026-11-30"},
        {"number": "9"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_what_stands_once_on_a_page_is_the_same_for_all_on_it(insurer, plan, other):
    assert len(sheets(insurer, named("A1"), named("A2", **other), plan=plan)) == 2


def test_a_family_that_is_renewing_has_a_page_for_each_year(insurer, plan):
    periods = "2026-01-01/2026-12-31@2025-12-01 2027-01-01/2027-12-31@2026-11-01"
    both = {"periods": periods, "cards": "1:2026-12-31 2:2027-12-31"}
    made = sheets(insurer, named("A1", **both), named("A2", **both), plan=plan)
    assert [(sheet.first_day.year, sheet.routing.last_day.year) for sheet in made] == [
        (2026, 2026),
        (2027, 2027),
    ]
    assert [[one.serial & 0xFFFF for one in sheet.holders] for sheet in made] == [[1, 1], [2, 2]]
    assert len({one.code for sheet in made for one in sheet.holders}) == 4


def test_a_large_family_has_several_pages_that_each_stand_alone(insurer, plan):
    made = sheets(insurer, *(named(f"A{n}") for n in range(PEOPLE_MAX + 1)), plan=plan)
    assert [(len(sheet.holders), sheet.part, sheet.parts) for sheet in made] == [
        (PEOPLE_MAX, 1, 2),
        (1, 2, 2),
    ]
    assert made[0].routing == made[1].routing
    assert made[0].first_day == made[1].first_day


def test_old_cards_and_canaries_have_no_code(insurer, plan):
    made = sheets(
        insurer,
        named("A1", cards="0:2026-12-31"),
        named("A2", contract="CANARY"),
        named("A3", cards=""),
        named("A4"),
        plan=plan,
    )
    assert [one.reference for sheet in made for one in sheet.holders] == ["A4"]
    assert insurer.faults == []


@given(st.permutations([f"{family}{member}" for family in "ABC" for member in range(3)]))
def test_order_of_rows_changes_order_alone(tmp_path_factory, order):
    insurer = AtInsurer()
    rows = [named(each, number=each[0]) for each in order]
    with DiskSheetPlan(tmp_path_factory.mktemp("plan") / "plan.sqlite") as disk:
        on_disk, _ = planned(insurer, *rows, plan=disk)
    in_memory, fill = planned(insurer, *rows)
    assert on_disk == in_memory
    told = [[one.reference for one in sheet.holders] for sheet in fill(in_memory)]
    assert [family[0] for family in told] == sorted(
        (min(family, key=order.index) for family in told), key=order.index
    )
    assert {frozenset(family) for family in told} == {
        frozenset(f"{family}{member}" for member in range(3)) for family in "ABC"
    }


# --- what stands on it


def test_a_page_says_what_its_rows_say(insurer):
    (sheet,) = sheets(
        insurer,
        named("A1", csr="R66", convention="KA", number="00123 A", born="1980-02-30"),
        named("A2", csr="R66", convention="KA", number="00123 A", domains="PHAR=100", rank="2"),
    )
    route, (first, second) = sheet.routing, sheet.holders
    assert (route.amc, route.convention, route.csr) == ("99990001", "KA", "R66")
    assert (route.member_number, route.responsable) == ("00123 A", True)
    assert (sheet.first_day, route.last_day) == (date(2026, 1, 1), date(2026, 12, 31))
    assert (first.born, first.rank, second.rank) == ("30/02/1980", 1, 2)
    assert sheet.domains == (Domain.PHAR, Domain.LABO, Domain.OPTI)
    assert second.grid == ((Domain.PHAR, Mode.FULL),)


def test_every_code_on_a_page_verifies_and_is_that_of_its_own_card(insurer):
    rows = [named("A1"), named("A2", rank="2", born="2015-02-30")]
    (sheet,) = sheets(insurer, *rows)
    cards = insurer.cards(*(each.replace(";Noé;", ";") for each in rows))
    assert [(one.code, one.key) for one in sheet.holders] == [
        (card.code, card.printed_key) for card in cards
    ]
    for one in sheet.holders:
        claims = read_card(one.code, keys=keys_of(insurer), on=TODAY)
        assert (claims.valid_from, claims.valid_to) == (one.first_day, sheet.routing.last_day)
        assert f"{claims.birth_year}" == one.born[-4:]


def test_who_came_later_is_on_the_page_from_their_own_day(insurer):
    (sheet,) = sheets(insurer, named("A1"), named("A2", periods="2026-05-03/2026-12-31@2026-05-10"))
    assert sheet.first_day == date(2026, 1, 1)
    assert [one.first_day for one in sheet.holders] == [date(2026, 1, 1), date(2026, 5, 3)]


def test_without_columns_of_names_people_are_counted(insurer):
    (sheet,) = sheets(insurer, row("A1"), row("A2"), header=HEADER.replace("nom", "autre"))
    assert [one.name for one in sheet.holders] == ["Bénéficiaire 1", "Bénéficiaire 2"]


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "marked"])
@pytest.mark.parametrize("end", ["", "\r"], ids=["LF", "CRLF"])
def test_rows_are_found_again_where_they_lie(insurer, mark, end):
    rows = [named(f"A{n}", first="Zoé" * n, number=str(n)) + end for n in range(1, 5)]
    rows.insert(2, "x" * 70_000)
    rows.insert(3, end)
    made = sheets(insurer, *rows, header=NAMED + end, mark=mark)
    assert names(made) == [["FICTIVE " + "Zoé" * n] for n in range(1, 5)]
    assert said_of(insurer.faults) == [(4, "row")]


def test_the_machine_reads_the_five_fields_by_position(insurer):
    (sheet,) = sheets(insurer, named("A1", csr="R66", number="00-123 a"))
    text = datamatrix_text(sheet)
    assert text == "99990001" + "SP" + "R66     " + "20260101" + "20261231" + "00123A"
    assert "FICTIVE" not in text


# --- bad rows


def test_a_bad_row_is_named_and_loses_nothing_else(insurer, plan):
    add_card_key(insurer.keys, insurer.chance)
    made = sheets(
        insurer,
        named("A1", number="1"),
        named("A2", number="1", rank="x"),
        named("A3", number="1", last="Фиктивный"),
        named("A4", number="1", first="x" * 41),
        named("A5", number="1", cards="3.1:2026-12-31"),
        named("A6", number="1", periods="2027-01-01/..@2026-12-01"),
        "broken",
        '"' + named("A7"),
        named("A1", number="2"),
        named("A8", number="1"),
        plan=plan,
    )
    assert [[one.reference for one in sheet.holders] for sheet in made] == [["A1", "A8"]]
    assert said_of(insurer.faults) == [
        (3, "birth_rank"),
        (4, "last_name"),
        (5, "first_name"),
        (6, "cards"),
        (7, "cards"),
        (8, "row"),
        (9, "row"),
        (10, "reference"),
    ]
    assert str(insurer.faults[-1]) == "line 10, reference: the reference is on line 2 already"


def test_every_fault_of_a_row_is_named_names_too(insurer):
    sheets(insurer, named("A1", last="1", first="2", rank="x"))
    assert said_of(insurer.faults) == [(2, "birth_rank"), (2, "last_name"), (2, "first_name")]


def test_a_fault_never_quotes_a_name(insurer):
    sheets(insurer, named("A1", last="SECRET7", first="SECRET\u202e"))
    assert len(insurer.faults) == 2
    assert "SECRET" not in " ".join(f"{fault} {fault!r} {fault.args}" for fault in insurer.faults)


@pytest.mark.parametrize("twice", ["prénom;", "first_name;"])
def test_two_columns_of_one_name_are_refused(insurer, twice):
    with pytest.raises(MalformedRow, match="line 1, first_name: column stands twice"):
        sheets(insurer, header=NAMED.replace("prenom;", "prenom;" + twice))


def test_a_file_that_changes_meanwhile_is_noticed(insurer):
    families, fill = planned(insurer, named("A1"), named("B1", number="2", cards="7:2026-12-31"))
    (one,), (other,) = families
    moved = PlannedCard(one.line, other.start, other.size, one.serial)
    for family in ((moved,), (one._replace(size=20),), (one._replace(serial=9),)):
        with pytest.raises(SetUpRefused, match="the member file changed"):
            fill([family])


# --- packs


def cards_of(*sizes):
    return [tuple(PlannedCard(line, 0, 0, 1) for line in range(size)) for size in sizes]


def test_a_pack_holds_whole_families():
    made = list(packs(cards_of(1, 6, 7, 1, 1), 3))
    assert [[len(family) for family in pack] for pack in made] == [[1, 6], [7, 1], [1]]


def test_a_family_larger_than_a_pack_is_one_by_itself():
    made = list(packs(cards_of(1, 13, 1), 2))
    assert [[len(family) for family in pack] for pack in made] == [[1], [13], [1]]
    assert list(packs([], 2)) == []


# --- what never leaves


def test_a_name_that_is_printed_reaches_neither_feed_nor_digest():
    platform = Platform()
    insurer = platform.admit(AtInsurer())
    rows = [named("A1", last="NOMSECRET", first="Prénomsecret"), named("A2", rank="2")]
    (sheet,) = sheets(insurer, *rows)
    assert sheet.holders[0].name == "NOMSECRET Prénomsecret"
    insurer.prepare(*rows, header=NAMED)
    feed = platform.feed_keys.get("feed")
    opened = b"".join(open_stream(io.BytesIO(insurer.feeds["1"]).read, private=feed))
    for secret in (b"NOMSECRET", "Prénomsecret".encode(), b"FICTIVE"):
        assert secret not in opened
    # The row digest has no room for it either: another name is no change.
    renamed = [named("A1", last="AUTRE", first="Autre"), named("A2", rank="2")]
    assert insurer.prepare(*renamed, header=NAMED).unchanged == 2
    # And a name that print refuses does not keep anybody out of the feed.
    assert insurer.prepare(named("A1", last="7"), rows[1], header=NAMED).unchanged == 2


def test_a_plan_on_disk_holds_nothing_of_anybody(insurer, tmp_path):
    path = tmp_path / "plan.sqlite"
    with DiskSheetPlan(path) as plan:
        planned(
            insurer,
            *(named(f"REF-SECRET-{n}", last="NOMSECRET", number=f"778899{n}") for n in range(999)),
            plan=plan,
        )
        plan._connection.execute("COMMIT")
        written = path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600
    assert len(written) > 30_000
    assert not [said for said in (b"SECRET", b"778899") if said in written]


def test_a_plan_on_disk_finds_families_by_an_index(tmp_path):
    """Without it the time would grow with the square of a membership."""
    with DiskSheetPlan(tmp_path / "plan.sqlite") as plan:
        list(plan.families())
        steps = plan._connection.execute(f"EXPLAIN QUERY PLAN {FAMILIES}").fetchall()
    assert any("SEARCH card USING INDEX by_family (family=?)" in step[3] for step in steps)


def test_what_is_printed_shows_in_no_repr(insurer):
    families, fill = planned(insurer, named("A1", last="NOMSECRET", number="778899"))
    (sheet,) = fill(families)
    told = repr((families, fill, sheet, sheet.routing, sheet.holders))
    assert not [said for said in ("NOMSECRET", "778899", sheet.holders[0].code) if said in told]
