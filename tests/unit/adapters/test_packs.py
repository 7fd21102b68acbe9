"""Packs on disk: whole or not there, and never another job's."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import date

import pytest

from rempart.adapters.documents.packs import PackFolder, PackRecord, index_of
from rempart.domain.errors import SetUpRefused, TemporarilyUnavailable
from tests.insurers import AtInsurer
from tests.sheets import named, sheets

DAY = date(2026, 11, 24)


@pytest.fixture
def made(tmp_path):
    folder = PackFolder(tmp_path / "cards")
    with folder.working():
        yield folder


@pytest.fixture
def pages():
    rows = [named("REF-1", number="1"), named("REF-2", number="2"), named("REF-3", number="1")]
    return sheets(AtInsurer(), *rows)


def test_a_pack_is_three_files_and_only_its_owner_reads_them(made, pages):
    record = made.write(3, b"%PDF", pages)
    assert record == PackRecord(
        file="pack-00003.pdf",
        pages=2,
        codes=3,
        bytes=4,
        sha256=hashlib.sha256(b"%PDF").hexdigest(),
    )
    found = {path.relative_to(made.folder).as_posix(): path for path in made.folder.rglob("*.*")}
    assert set(found) == {
        ".lock",
        "print/pack-00003.pdf",
        "index/pack-00003.csv",
        "index/pack-00003.json",
    }
    assert all(path.stat().st_mode & 0o077 == 0 for name, path in found.items() if "pack" in name)
    assert made.folder.stat().st_mode & 0o077 == 0


def test_the_index_says_which_page_is_whose(pages):
    rows = list(csv.DictReader(io.StringIO(index_of(3, pages)), delimiter=";"))
    assert [(row["sheet"], row["place"], row["reference"]) for row in rows] == [
        ("00003-0001", "1", "REF-1"),
        ("00003-0001", "2", "REF-3"),
        ("00003-0002", "1", "REF-2"),
    ]
    assert {(row["serial"], row["until"]) for row in rows} == {("1.1", "2026-12-31")}


def test_what_the_print_shop_gets_names_nobody(made, pages):
    record = made.write(1, b"%PDF", pages)
    made.finish([record], amc="99990001", made_on=DAY)
    manifest = json.loads((made.folder / "print" / "manifest.json").read_text())
    assert manifest.pop("packs") == [
        {
            "file": "pack-00001.pdf",
            "pages": 2,
            "codes": 3,
            "bytes": 4,
            "sha256": hashlib.sha256(b"%PDF").hexdigest(),
        }
    ]
    assert manifest == {
        "format": 1,
        "amc": "99990001",
        "made_on": "2026-11-24",
        "paper": "A4",
        "standards": ["PDF/A-2a", "PDF/UA-1"],
        "pages": 2,
        "codes": 3,
    }


def test_a_whole_pack_is_kept_and_a_damaged_one_is_not(made, pages):
    assert made.whole(1) is None
    record = made.write(1, b"%PDF", pages)
    assert made.whole(1) == record
    (made.folder / "print" / "pack-00001.pdf").write_bytes(b"%PDG")
    assert made.whole(1) is None
    made.write(1, b"%PDF", pages)
    (made.folder / "index" / "pack-00001.csv").unlink()
    assert made.whole(1) is None


@pytest.mark.parametrize("missing", ["print/pack-00001.pdf", "index/pack-00001.json"])
def test_a_pack_that_lacks_a_file_is_none(made, pages, missing):
    made.write(1, b"%PDF", pages)
    (made.folder / missing).unlink()
    assert made.whole(1) is None


def test_a_job_goes_on_with_its_own_day_and_no_other_job_does(made):
    assert made.begin("aa", DAY) == DAY
    assert made.begin("aa", date(2026, 12, 1)) == DAY
    with pytest.raises(SetUpRefused, match="packs of another file"):
        made.begin("bb", DAY)


@pytest.mark.parametrize("said", ["", "[]", "{"])
def test_a_damaged_job_is_refused(made, said):
    (made.folder / "job.json").write_text(said)
    with pytest.raises(SetUpRefused, match=r"job\.json is damaged"):
        made.begin("aa", DAY)


def test_two_runs_never_work_in_one_folder(made):
    with pytest.raises(TemporarilyUnavailable, match="another run"), made.working():
        pass
