import csv
import tracemalloc
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.fr import nir as stdnum_nir

from rempart.domain.coverage import ContractKind
from rempart.domain.identifiers import NIR, AMCNumber, SiteId
from rempart.domain.memberfile import Member, read_members
from rempart.domain.site import SiteKind
from rempart.drill.country import COLUMNS, Country, member_file, write_country
from rempart.drill.impossible import (
    PLACES,
    STRIDE,
    NIRSource,
    finess,
    is_impossible,
    is_synthetic,
    luhn_key,
)
from rempart.drill.insurers import THREE, SyntheticInsurer
from rempart.drill.patients import sample_patients
from rempart.drill.sites import sites

TODAY = date(2026, 11, 24)
SIZE = 30_000


def _silent(_written: int) -> None:
    pass


def _write(directory: Path, members: int, seed: int = 7, today: date = TODAY) -> Country:
    return write_country(directory, members=members, seed=seed, today=today, on_progress=_silent)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def _members(country: Country) -> list[tuple[str, Member]]:
    """Every row as the insurer's own reader takes it; a rejected one fails the test."""
    read = []
    for file in country.files:
        with file.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            for row in read_members(stream, file.insurer.rule):
                assert isinstance(row, Member), row
                read.append((file.insurer.amc, row))
    return read


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Country:
    return _write(tmp_path_factory.mktemp("country"), SIZE)


@pytest.fixture(scope="module")
def rows(country: Country) -> list[dict[str, str]]:
    return [row for file in country.files for row in _rows(file.path)]


@pytest.fixture(scope="module")
def members(country: Country) -> list[tuple[str, Member]]:
    return _members(country)


def _share(found: int, of: int) -> float:
    return found / of


def test_every_row_is_taken_by_the_insurers_own_reader(country, rows, members):
    assert len(members) == len(rows) == SIZE == country.members
    assert tuple(rows[0]) == COLUMNS


@pytest.mark.parametrize(
    "today",
    [date(2026, 1, 1), date(2024, 2, 29), date(2026, 12, 31), date(2026, 6, 30)],
    ids=str,
)
def test_any_day_makes_rows_that_are_taken(tmp_path, today):
    for _, member in _members(_write(tmp_path, 2_000, today=today)):
        assert member.birth_date.value <= today.strftime("%Y%m%d")
        assert all(card.until >= today for card in member.cards)
        assert all(period.known_since <= today for period in member.rights.record.periods)


def test_the_same_seed_and_day_give_the_same_bytes(tmp_path):
    first = _write(tmp_path / "first", 3_000)
    again = _write(tmp_path / "again", 3_000)
    other = _write(tmp_path / "other", 3_000, seed=8)
    for one, same, different in zip(first.files, again.files, other.files, strict=True):
        assert one.path.read_bytes() == same.path.read_bytes()
        assert one.path.read_bytes() != different.path.read_bytes()


@pytest.mark.parametrize("size", [1, 2, 7, 1_001])
def test_a_country_has_exactly_the_members_asked_for(tmp_path, size):
    country = _write(tmp_path, size)
    assert country.members == size == sum(len(_rows(file.path)) for file in country.files)


def test_members_are_shared_out_by_the_insurers_shares(country):
    for file, share in zip(country.files, (0.55, 0.30, 0.15), strict=True):
        assert file.rows == pytest.approx(share * SIZE, abs=10)
        assert file.path == member_file(country.directory, file.insurer.amc)


def test_other_insurers_may_be_given(tmp_path):
    country = write_country(
        tmp_path, members=100, insurers=THREE[:1], seed=1, today=TODAY, on_progress=_silent
    )
    assert [file.rows for file in country.files] == [100]


def test_progress_grows_to_the_whole_country(tmp_path):
    told: list[int] = []
    write_country(tmp_path, members=5_500, seed=1, today=TODAY, on_progress=told.append)
    assert all(before < after for before, after in pairwise(told))
    assert len(told) >= 5
    assert told[-1] == 5_500


def test_a_country_cut_short_leaves_no_member_file(tmp_path):
    def interrupt(_written: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_country(tmp_path, members=3_000, seed=1, today=TODAY, on_progress=interrupt)

    with pytest.raises(FileNotFoundError):
        sample_patients(tmp_path, 1)


def test_memory_does_not_grow_with_the_country(tmp_path):
    """20,000 more rows are 7 MB of text; what may grow is a counter per sex and month."""

    def peak(size: int) -> int:
        tracemalloc.start()
        _write(tmp_path, size)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(22_000) - peak(2_000) < 700_000


def test_ages_follow_the_population(members):
    expected = {"0-19": 0.23, "20-39": 0.23, "40-59": 0.26, "60-74": 0.18, "75+": 0.10}
    bands = [(20, "0-19"), (40, "20-39"), (60, "40-59"), (75, "60-74"), (200, "75+")]

    def band(age: int) -> str:
        return next(name for top, name in bands if age < top)

    found = Counter(band(TODAY.year - member.birth_date.year) for _, member in members)
    for name, share in expected.items():
        assert _share(found[name], SIZE) == pytest.approx(share, abs=0.02), name


def test_households_share_a_member_number(members):
    households = Counter((amc, member.member_number) for amc, member in members)
    assert SIZE / len(households) == pytest.approx(2.2, abs=0.1)
    assert max(households.values()) <= 6


def test_twins_have_ranks_and_a_few_have_the_same(members):
    said = Counter(
        (amc, member.member_number, member.birth_date, member.birth_rank.value)
        for amc, member in members
    )
    second = [who for who in said if who[3] == 2]
    # About 5,000 families, half of them with two children or more, of which 6 % have twins.
    assert 60 <= len(second) <= 250
    # A twin may be alone elsewhere: some humans are members of two insurers.
    assert sum(said[*who[:3], 1] != 1 for who in second) <= 4
    alike = [who for who, times in said.items() if times > 1]
    children = [who for who in alike if who[2].year > TODAY.year - 26]
    spouses = [who for who in alike if who[2].year < TODAY.year - 30]
    assert 5 <= len(children) <= 80
    assert 5 <= len(spouses) <= 80


def test_some_birth_dates_are_incomplete_or_impossible(members):
    def fault(text: str) -> str:
        if text.endswith("0000"):
            return "year only"
        if text.endswith("00"):
            return "no day"
        try:
            date.fromisoformat(text)
        except ValueError:
            return "impossible"
        return "right"

    found = Counter(fault(member.birth_date.value) for _, member in members)
    assert 40 <= found["year only"] <= 150
    assert 40 <= found["no day"] <= 150
    assert 15 <= found["impossible"] <= 80


def test_contracts_have_their_kinds(members):
    kinds = Counter(member.rights.record.contract for _, member in members)
    assert _share(kinds[ContractKind.INDIVIDUAL], SIZE) == pytest.approx(0.42, abs=0.04)
    assert _share(kinds[ContractKind.GROUP], SIZE) == pytest.approx(0.45, abs=0.04)
    assert _share(kinds[ContractKind.C2S], SIZE) == pytest.approx(0.10, abs=0.03)
    assert _share(kinds[ContractKind.PORTABILITY], SIZE) == pytest.approx(0.03, abs=0.015)
    responsable = sum(member.rights.record.responsable for _, member in members)
    assert _share(responsable, SIZE) == pytest.approx(0.955, abs=0.01)


def test_portability_lasts_12_months_at_most(members):
    ported = [
        member.rights.record.periods[-1]
        for _, member in members
        if member.rights.record.contract is ContractKind.PORTABILITY
    ]
    for period in ported:
        assert period.valid_to is not None
        assert TODAY <= period.valid_to <= period.valid_from + timedelta(days=366)


def test_three_cards_in_four_are_new_and_some_people_have_two(members):
    current = [member.cards[0].serial for _, member in members]
    assert _share(sum(not s.before_rempart for s in current), SIZE) == pytest.approx(0.75, abs=0.02)
    assert {serial.number for serial in current} == {0, 1, 2}
    assert {serial.key_version for serial in current} == {0, 1}
    renewing = [member for _, member in members if len(member.cards) == 2]
    assert _share(len(renewing), SIZE) == pytest.approx(0.06, abs=0.015)
    for member in renewing:
        now, following = member.cards
        assert following.serial.number == now.serial.number + 1
        assert following.until > now.until


def test_some_rights_were_closed_retroactively_and_some_never_were(members):
    corrected = []
    for _, member in members:
        first, *later = member.rights.record.periods
        corrected += [(first, after) for after in later if after.valid_from == first.valid_from]
    assert _share(len(corrected), SIZE) == pytest.approx(0.02, abs=0.006)
    for first, after in corrected:
        assert first.known_since < after.known_since <= TODAY
        assert after.valid_to is not None
        assert after.valid_to <= TODAY
    never = sum(after.valid_to < after.valid_from for _, after in corrected)
    assert 0 < never < len(corrected) / 4


def test_some_humans_are_members_of_two_insurers(country):
    found: dict[str, list[tuple[str, str, str]]] = {}
    for file in country.files:
        for row in _rows(file.path):
            born = file.insurer.amc, row["last_name"], row["first_name"]
            found.setdefault(row["nir"], []).append(born)
    twice = [who for who in found.values() if len(who) > 1]
    assert _share(len(twice), SIZE) == pytest.approx(0.0065, abs=0.002)
    for one, other in twice:
        assert one[0] != other[0]
        assert one[1:] == other[1:]


def test_references_are_unique_within_an_insurer(members):
    assert len({(amc, member.reference) for amc, member in members}) == SIZE


def test_insurers_write_member_numbers_and_dates_each_in_their_way(country):
    heads = [_rows(file.path)[0] for file in country.files]
    assert heads[0]["member_number"].startswith("00")
    assert heads[1]["member_number"].count(" ") == 3
    assert heads[2]["member_number"][-2] == "/"
    assert ["-" in heads[0]["birth_date"], "/" in heads[1]["birth_date"]] == [True, True]
    assert heads[2]["birth_date"].isdigit()


def test_every_nir_has_the_right_key_and_cannot_exist(rows):
    for row in rows:
        assert stdnum_nir.is_valid(row["nir"])
        assert NIR.parse(row["nir"]).value == row["nir"]
        assert is_impossible(row["nir"])
    departments = {row["nir"][5:7] for row in rows}
    assert {"2A", "2B"} <= departments


def test_a_possible_nir_is_not_called_impossible():
    assert not is_impossible("295109912611193")
    assert not is_impossible("2951099126000")


def test_a_nir_says_the_year_and_month_of_birth(country):
    for row in _rows(country.files[2].path):
        born, nir = row["birth_date"], row["nir"]
        assert nir[1:3] == born[2:4]
        assert nir[3:5] == (born[4:6] if born[4:6] != "00" else "20")


@given(sex=st.sampled_from([1, 2]), year=st.integers(1900, 2030), month=st.integers(1, 12))
def test_nirs_of_one_month_differ_and_have_the_right_key(sex, year, month):
    source = NIRSource()
    drawn = [source.draw(sex=sex, year=year, month=month) for _ in range(60)]
    assert len(set(drawn)) == len(drawn)
    assert all(map(stdnum_nir.is_valid, drawn))


def test_no_place_is_given_twice_in_a_month():
    assert len({given * STRIDE % PLACES for given in range(PLACES)}) == PLACES


def test_amc_numbers_are_of_the_synthetic_range(country):
    for file in country.files:
        assert is_synthetic(AMCNumber.parse(file.insurer.amc).value)


@pytest.mark.parametrize(
    "amc", ["99980001", "9999000", "999900011", "12349999", "9999000A", "9999٠٠٠١", ""]
)
def test_other_amc_numbers_are_not_synthetic(amc):
    assert not is_synthetic(amc)


def test_a_synthetic_insurer_may_not_take_a_real_number():
    model = THREE[0]
    with pytest.raises(ValueError, match="synthetic range"):
        SyntheticInsurer(
            amc="75000001",
            name=model.name,
            share=1.0,
            convention=model.convention,
            rule=model.rule,
            number=model.number,
            date=model.date,
        )


@given(st.integers(0, 10**6 - 1))
def test_finess_numbers_have_a_department_that_is_none(number):
    assert luhn.is_valid(finess(number))
    assert finess(number).startswith("99")


@given(st.text("0123456789", min_size=1, max_size=20))
def test_luhn_key_agrees_with_stdnum(body):
    assert luhn_key(body) == luhn.calc_check_digit(body)


def test_there_is_one_site_of_each_kind_and_the_pharmacy_comes_first(country):
    found = sites(country)
    assert found[0].kind is SiteKind.PHARMACY
    assert {site.kind for site in found} == set(SiteKind)
    assert len({site.site for site in found}) == len(found)
    for site in found:
        assert SiteId.parse(site.site.value) == site.site
        assert site.site.number.startswith(("99", "SYNTHETIC-"))


def test_countries_of_other_seeds_have_other_sites(tmp_path, country):
    other = _write(tmp_path, 10, seed=8)
    assert not {s.site for s in sites(country)} & {s.site for s in sites(other)}


def test_patients_bring_what_their_row_says(country):
    patients = sample_patients(country.directory, 300)
    assert len({(each.amc, each.reference) for each in patients}) == 300
    by_reference = {
        (file.insurer.amc, row["reference"]): row
        for file in country.files
        for row in _rows(file.path)
    }
    for patient in patients:
        row = by_reference[patient.amc, patient.reference]
        assert patient.member_number == row["member_number"]
        assert (patient.birth_date, patient.birth_rank) == (row["birth_date"], row["birth_rank"])
        assert " ".join(f"{c.serial.number}:{c.until}" for c in patient.cards) == row["cards"]
        assert patient.record.formula == row["formula"]


def test_patients_are_drawn_from_everywhere_and_alike_for_one_seed(country):
    patients = sample_patients(country.directory, 400, seed=3)
    amcs = Counter(patient.amc for patient in patients)
    assert amcs["99990001"] == pytest.approx(220, abs=50)
    assert amcs["99990003"] == pytest.approx(60, abs=35)
    assert patients == sample_patients(country.directory, 400, seed=3)
    assert patients != sample_patients(country.directory, 400, seed=4)


def test_a_country_too_small_gives_all_its_patients(tmp_path):
    assert len(sample_patients(_write(tmp_path, 20).directory, 50)) == 20


def test_a_patient_is_not_printed(country):
    (patient,) = sample_patients(country.directory, 1)
    assert repr(patient) == "Patient(…)"
