"""A folder of papers: every file whole or not there, and none where the facts disagree."""

from __future__ import annotations

import json
import resource
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest

from rempart.bootstrap.case_claims import claims_beside, opened_before
from rempart.bootstrap.papers import Facts, reports_in, scope_at, write_papers
from rempart.bootstrap.papers import digest_of as digest_of_file
from rempart.domain.errors import IntegrityBroken, Refusal, TemporarilyUnavailable
from rempart.usecases.claims_file import ClaimsSaid
from rempart.usecases.dossier_sum import StandingSaid, SumSaid
from rempart.usecases.scope_file import InsurerSaid, ScopeFile
from tests.papers import (
    AMC,
    CONTACTS,
    NOW,
    a_case,
    a_claims_file,
    a_report,
    a_scope,
    digest_of,
    some_claims,
)

title = "A folder of papers"

NAMES = [
    *("cnil.pdf", "cnil.json", "plainte.pdf", "plainte.json"),
    *("page.html", "page.txt", "professionnels.txt"),
]


def facts(**more: object) -> Facts:
    scope = a_scope()
    whole = {"case": a_case(), "scope": scope, "digest": digest_of(scope), "contacts": CONTACTS}
    return Facts(**(whole | more))  # type: ignore[arg-type]


def dossier(folder: Path, number: int, *, whole: bool = True, **more: object) -> None:
    place = folder / f"{AMC:08d}" / f"{number:04d}"
    place.mkdir(parents=True)
    (place / "report.json").write_bytes(a_report(number=number, **more).to_json())
    if whole:
        (place / "manifest.note").write_text(f"note {number}")


def test_every_paper_is_there_for_its_owner_alone(tmp_path):
    made = [*write_papers(facts(reports=[a_report()]), tmp_path / "out", now=NOW)]
    assert [each.path.name for each in made] == [
        *NAMES,
        *(f"cnil-{AMC}.pdf", f"cnil-{AMC}.json"),
    ]
    assert all(each.path.stat().st_mode & 0o777 == 0o600 for each in made)
    assert [each.path.name for each in made if each.left] == [
        *("cnil.pdf", "plainte.pdf", f"cnil-{AMC}.pdf")
    ]
    said = json.loads((tmp_path / "out" / "plainte.json").read_text())
    assert (said["format"], said["kind"], said["incident"]) == (
        *("rempart/paper/1", "complaint", 48213),
    )


def test_the_last_whole_report_of_an_insurer_counts_and_its_manifest_is_evidence(tmp_path):
    dossier(tmp_path, 1)
    dossier(tmp_path, 2, phase="complement")
    dossier(tmp_path, 3, whole=False)
    told, evidence = reports_in(tmp_path, a_scope(), digest_of(a_scope()))
    assert [(each.amc, each.number) for each in told.now] == [(f"{AMC}", 2)]
    assert [name for name, _ in evidence] == [f"{AMC}/0002/manifest.note"]
    [*write_papers(facts(reports=told.now, evidence=evidence), tmp_path / "out", now=NOW)]
    listed = (tmp_path / "out" / "plainte.json").read_text()
    assert evidence[0][1] in listed


def larger(**more: object) -> ScopeFile:
    """The next scope, of more people."""
    parts = (InsurerSaid(f"{AMC:08d}", 1003, 112, 105),)
    said = {"number": 2, "list": "ef" * 32, "insurers": parts, "undecided": 112, "people": 1220}
    return a_scope(**(said | more))


def summed(scope: ScopeFile, report: bytes, **more: object) -> bytes:
    said = {"number": 1, "report": sha256(report).hexdigest(), "pseudonyms": 1015}
    return SumSaid(
        incident=48213,
        exercise=False,
        scope=scope.number,
        finding_digest=scope.finding_digest,
        list=scope.list,
        clears=scope.clears,
        insurers={f"{AMC:08d}": StandingSaid(**(said | more))},
    ).to_json()


def test_a_report_of_fewer_people_than_the_scope_is_quoted_nowhere(tmp_path):
    dossier(tmp_path, 1)
    first, report = a_scope(), a_report().to_json()
    (tmp_path / "sum.json").write_bytes(summed(first, report))
    told, evidence = reports_in(tmp_path, first, digest_of(first))
    assert (len(told.now), told.older) == (1, [])
    told, _ = reports_in(tmp_path, larger(), digest_of(larger()))
    assert (told.now, len(told.older)) == ([], 1)
    more = {"scope": larger(), "digest": digest_of(larger()), "reports": told.now}
    made = [*write_papers(facts(**more, evidence=evidence), tmp_path / "out", now=NOW)]
    assert [each.path.name for each in made] == NAMES


def test_a_report_stands_for_a_later_scope_that_says_the_same_once_all_add_up(tmp_path):
    dossier(tmp_path, 1)
    later, report = a_scope(number=2, checkpoint="later"), a_report().to_json()
    told, _ = reports_in(tmp_path, later, digest_of(later))
    assert len(told.older) == 1, "nobody has summed them"
    (tmp_path / "sum.json").write_bytes(summed(a_scope(), report))
    told, _ = reports_in(tmp_path, later, digest_of(later))
    assert (len(told.now), told.older) == (1, [])
    (tmp_path / "sum.json").write_bytes(summed(a_scope(), b"another report"))
    told, _ = reports_in(tmp_path, later, digest_of(later))
    assert len(told.older) == 1, "made since, of another scope"
    for other in (summed(a_scope(), report, pseudonyms=1014), b"{}"):
        (tmp_path / "sum.json").write_bytes(other)
        with pytest.raises(IntegrityBroken, match="make them again"):
            reports_in(tmp_path, later, digest_of(later))


@pytest.mark.parametrize(
    "more",
    [
        {"scope": a_scope(finding_digest="00" * 32)},
        {"reports": [a_report(scope_digest="00" * 32)]},
        {"evidence": [("x.pdf", "not a digest")]},
        {"case": a_case(found=None)},
    ],
)
def test_where_the_facts_disagree_nothing_is_written(tmp_path, more):
    with pytest.raises(Refusal):
        [*write_papers(facts(**more), tmp_path / "out", now=NOW)]
    assert not (tmp_path / "out").exists()


def test_a_disk_that_is_full_leaves_what_was_whole(tmp_path):
    """A real limit: the write itself fails, in the middle of a file."""
    out = tmp_path / "out"
    [*write_papers(facts(), out, now=NOW)]
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(TemporarilyUnavailable, match=r"cnil\.pdf was not written"):
            [*write_papers(facts(), out, now=NOW + 1)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {name: (out / name).read_bytes() for name in before} == before
    [*write_papers(facts(), out, now=NOW + 60_000_000)]
    assert sorted(path.name for path in out.iterdir()) == sorted(NAMES)
    assert (out / "cnil.pdf").read_bytes() != before["cnil.pdf"]


def test_a_list_of_millions_is_never_in_memory(tmp_path):
    path = tmp_path / "scope-0001.csv"
    with path.open("wb") as stream:
        stream.truncate(64 << 20)
    said = sha256(bytes(64 << 20)).hexdigest()
    tracemalloc.start()
    assert digest_of_file(path) == said
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_a_list_that_is_not_the_scopes_is_refused(tmp_path):
    path = tmp_path / "scope-0001.json"
    path.write_text(a_scope().to_json())
    scope, digest = scope_at(path)
    assert (scope, digest) == (a_scope(), digest_of(a_scope()))
    path.with_suffix(".csv").write_text("somebody else's")
    with pytest.raises(IntegrityBroken, match=r"scope-0001\.csv is not the list"):
        scope_at(path)


def test_claims_are_those_beside_the_scope_or_none(tmp_path):
    scope, path = a_scope(), tmp_path / "scope-0001.json"
    assert claims_beside(path, scope) is None
    beside = tmp_path / "claims-0001.json"
    beside.write_bytes(a_claims_file().to_json())
    assert claims_beside(path, scope) == a_claims_file()
    beside.with_suffix(".csv").write_text("the list of another run")
    with pytest.raises(IntegrityBroken, match=r"claims-0001\.csv is not the list"):
        claims_beside(path, scope)
    beside.with_suffix(".csv").unlink()
    beside.write_bytes(a_claims_file(finding_digest="ab").to_json())
    with pytest.raises(Refusal, match=r"claims-0001\.json belongs to another finding"):
        claims_beside(path, scope)


def test_claims_that_were_opened_are_not_written_over_where_nobody_opens_them(tmp_path):
    path, blind = tmp_path / "claims-0001.json", ClaimsSaid(undecided=46, sent=42)
    said = a_claims_file(whole=blind, insurers={"": blind})
    assert not opened_before(path, said), "there is none"
    path.write_bytes(a_claims_file().to_json())
    assert opened_before(path, said)
    assert not opened_before(path, a_claims_file()), "they open here"
    other = a_claims_file(whole=blind, insurers={"": blind}, finding_digest="ab")
    assert not opened_before(path, other), "another finding"
    path.write_bytes(said.to_json())
    assert not opened_before(path, said), "nor were they before"


def test_a_report_of_more_claims_than_there_are_stops_every_paper(tmp_path):
    more = facts(reports=[a_report(claims=some_claims(breached=9))], claims=a_claims_file())
    with pytest.raises(Refusal, match="claims are more"):
        [*write_papers(more, tmp_path / "out", now=NOW)]
    assert not (tmp_path / "out").exists()
