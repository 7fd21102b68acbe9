"""What an operator tells of a breach, verified, opened and merged at the insurer."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.dossier_folder import FolderDossier
from rempart.adapters.dossier_shelf import DossierFolder
from rempart.domain.breach_told import Reading, Source, Told, merged
from rempart.domain.disclosure import Fields
from rempart.domain.errors import IntegrityBroken, MalformedRow, Refusal
from rempart.domain.scope import Verdict
from rempart.domain.site import SiteKind
from rempart.usecases.claims_list import CLAIM
from rempart.usecases.dossier_file import PartSaid, read_report
from rempart.usecases.dossier_manifest import MANIFEST, REPORT
from rempart.usecases.exercise_mark import heading
from rempart.usecases.insurer_keys import DOSSIER as KEYS
from rempart.usecases.insurer_keys import dossier_key
from rempart.usecases.make_dossiers import CLEAR, SEALED
from rempart.usecases.members_list import HEADER as MEMBERS_HEADER
from rempart.usecases.members_list import read_list
from rempart.usecases.merge_dossiers import COLUMNS, merge
from rempart.usecases.open_dossier import write_rows
from rempart.usecases.read_dossier import ReadDossier
from tests.insurers import HEADER, AtInsurer, row
from tests.received_dossiers import AMC, AT, MINUTE, claims_of, handle, line, vault, write_dossier
from tests.spec import test_dossiers as making

title = "A dossier at the insurer"

OTHER = vault("autre.example")


@pytest.fixture
def insurer():
    return AtInsurer()


@pytest.fixture
def key(insurer):
    return dossier_key(insurer.keys, insurer.chance)


@pytest.fixture
def reader(insurer):
    return ReadDossier(keys=insurer.keys, amc=AMC, vaults=[vault().verifier, OTHER.verifier])


@pytest.fixture
def reading(reader):
    return lambda dossier: reader(str(dossier.path), dossier)


@pytest.fixture
def make(insurer, key, tmp_path):
    """A dossier on disk of these people, ``R1`` or ``(R1, undecided, …)``."""

    def make(*people, name="0001", recipient=key, **how):
        lines = [
            line(handle(insurer.keys, each), **more)
            for each, more in ((p, {}) if isinstance(p, str) else p for p in people)
        ]
        write_dossier(tmp_path / name, lines, recipient=recipient, **how)
        return FolderDossier(tmp_path / name)

    return make


def joined(whole, *rows):
    out = io.StringIO()
    write_rows(whole.joined(io.StringIO("\n".join([HEADER, *rows, ""]))), out)
    return list(csv.reader(io.StringIO(out.getvalue()), delimiter=";"))


# --- one


@pytest.mark.parametrize("sealed", [True, False], ids=[SEALED, CLEAR])
def test_a_dossier_that_holds_is_read(make, reading, key, sealed):
    opened = reading(
        make("R1", ("R2", {"verdict": "undecided"}), recipient=key if sealed else None)
    )
    assert set(opened.people) == {"R1", "R2"}
    assert opened.source == Source("rempart.example", 41)
    (told,) = opened.people["R1"].readings.values()
    assert (told.verdict, told.fields) == (Verdict.BREACHED, Fields.RIGHTS)
    assert (told.first, told.last, told.entry) == (AT, AT, 40217)
    assert told.kinds == {SiteKind.PHARMACY}
    assert opened.people["R2"].verdict is Verdict.UNDECIDED


OF_CLAIMS = [
    "breached;4;pharmacy;claim;answer;12;PHAR;2026-11-03;1;0;;1;1;honoured;;4000;3000",
    "undecided;9;pharmacy;claim;answer;13;PHAR;2026-11-03;1;0;;2;2;waiting;;4000;0",
]


@pytest.mark.parametrize("sealed", [True, False], ids=["claims.sealed", "claims.csv"])
def test_its_claims_are_read_with_it(make, reading, key, sealed):
    opened = reading(make("R1", recipient=key if sealed else None, claims=OF_CLAIMS))
    assert list(opened.claims[1:]) == OF_CLAIMS
    assert reading(make("R1", name="0002")).claims == ()
    assert "12;PHAR" not in repr(opened)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"changes": {"claims.sealed": b"RPDOCL1\n"}}, "claims.sealed is not the file"),
        ({"said": {"list": "0" * 64}}, "claims.sealed is not the list"),
        ({"said": {"breached": 2}}, "list of claims is not as many"),
        ({"said": {"undecided": 0}}, "list of claims is not as many"),
        ({"recipient": b"\x09" + bytes(31)}, "opens with no dossier key"),
        ({"without": "claims.sealed"}, "does not name one of claims.sealed, claims.csv"),
    ],
)
def test_claims_that_do_not_hold_are_refused(make, reading, how, told):
    how = dict(how)
    clear = "".join(f"{each}\n" for each in (f"verdict;{CLAIM}", *OF_CLAIMS)).encode()
    said = msgspec.structs.replace(claims_of(OF_CLAIMS, clear), **how.pop("said", {}))
    with pytest.raises((IntegrityBroken, Refusal)) as refused:
        reading(make("R1", claims=OF_CLAIMS, claims_said=said, **how))
    assert told in str(refused.value)


def test_old_keys_still_open(make, reading, insurer):
    folder = make("R1")
    assert dossier_key(insurer.keys, insurer.chance) == dossier_key(insurer.keys, insurer.chance)
    renewed = dossier_key(insurer.keys, insurer.chance, renew=True)
    assert dossier_key(insurer.keys, insurer.chance) == renewed
    assert set(reading(folder).people) == {"R1"}
    assert set(reading(make("R2", name="0002", recipient=renewed)).people) == {"R2"}


def test_a_handle_that_is_not_ours_is_counted_and_loses_nobody(
    make, reading, tmp_path, insurer, key
):
    lines = [line(b"\xff" * 40), line(handle(insurer.keys, "R1"))]
    write_dossier(tmp_path / "strange", lines, recipient=key)
    opened = reading(FolderDossier(tmp_path / "strange"))
    assert (opened.strangers, set(opened.people)) == ((2,), {"R1"})


OUTSIDE = {REPORT: "0" * 64, CLEAR: "0" * 64, "../x.pdf": "0" * 64}
REPORTED = b'{"format": "rempart/dossier/1"}'


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"changes": {REPORT: REPORTED}}, "report.json is not the file that was signed"),
        ({"changes": {"rapport.pdf": b"%PDF-2.0"}}, "rapport.pdf is not the file"),
        ({"changes": {SEALED: b"RPDOSS1\n"}}, "members.sealed is not the file that was signed"),
        ({"members": "0" * 64}, "not the list that its report was made of"),
        ({"manifest": {"incident": 42}}, "its report is not the one that its manifest names"),
        ({"manifest": {"number": 2}}, "its report is not the one that its manifest names"),
        ({"manifest": {"exercise": True}}, "its report is not the one that its manifest names"),
        ({"manifest": {"amc": "99990002"}}, "it is another insurer's"),
        ({"amc": "99990002"}, "it is another insurer's"),
        ({"manifest": {"files": {}}}, "not one, or not of a vault"),
        ({"manifest": {"files": {REPORT: "0" * 64}}}, "does not name one of members.sealed"),
        ({"manifest": {"files": OUTSIDE}}, "not one, or not of a vault"),
        ({"signer": vault("ailleurs.example")}, "not one, or not of a vault whose key was given"),
        ({"recipient": b"\x09" + bytes(31)}, "opens with no dossier key of this insurer"),
    ],
)
def test_a_dossier_that_does_not_hold_is_refused_by_name(make, reading, how, told):
    folder = make("R1", **how)
    with pytest.raises((IntegrityBroken, Refusal)) as refused:
        reading(folder)
    assert str(refused.value).startswith(f"{folder.path}: ")
    assert told in str(refused.value)


@pytest.mark.parametrize("name", [MANIFEST, REPORT, "rapport.pdf", SEALED])
def test_a_dossier_that_is_not_whole_is_refused(make, reading, name):
    folder = make("R1")
    (folder.path / name).unlink()
    told = "it is not whole" if name == MANIFEST else f"{name} is not there"
    with pytest.raises((IntegrityBroken, Refusal), match=told):
        reading(folder)


def test_a_link_leads_nowhere(make, reading, tmp_path):
    folder = make("R1")
    (folder.path / REPORT).rename(tmp_path / "report.json")
    (folder.path / REPORT).symlink_to(tmp_path / "report.json")
    with pytest.raises(IntegrityBroken, match=r"report.json is not there, or cannot be read"):
        reading(folder)


def test_another_operators_signature_under_a_known_name_is_none(make, reading):
    forger = vault("other secret")
    forged = type(forger)("rempart.example", forger.secret)
    with pytest.raises(IntegrityBroken, match="not of a vault whose key"):
        reading(make("R1", signer=forged))


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"verdict": "cleared"}, "line 2, verdict: expected breached or undecided"),
        ({"fields": "NAME"}, "line 2, row: a word or a number in it is not known"),
        ({"domains": "PHARE"}, "line 2, row"),
        ({"first": -1}, "line 2, row"),
        ({"last": AT - 1}, "line 2, last: before the first"),
        ({"kinds": "x;y"}, "line 2, row: expected 11 cells, found 12"),
    ],
)
def test_a_bad_line_is_named_and_never_quoted(make, reading, bad, told):
    with pytest.raises(Refusal, match=told) as refused:
        reading(make(("R1", bad)))
    assert "PHARE" not in str(refused.value)


def test_nobody_stands_twice_in_a_list(make, reading):
    with pytest.raises(Refusal, match="line 3, handle: it stands there twice"):
        reading(make("R1", "R1"))


def test_a_list_is_as_many_as_its_report_says(make, reading):
    with pytest.raises(IntegrityBroken, match="not as many as its report says"):
        reading(make("R1", breached=PartSaid(people=2)))


def test_every_cut_and_every_changed_byte_of_a_sealed_list_is_refused(make, reader):
    """The manifest's digest is not what protects it: the seal and the report's digest do too."""
    folder = make("R1", "R2")
    report = read_report((folder.path / REPORT).read_bytes())
    sealed = (folder.path / SEALED).read_bytes()
    for place in range(0, len(sealed), 37):
        broken = bytes([*sealed[:place], sealed[place] ^ 1, *sealed[place + 1 :]])
        (folder.path / SEALED).write_bytes(broken)
        with pytest.raises((IntegrityBroken, Refusal)):
            list(reader._rows(folder, SEALED, report))


# --- several


def test_two_operators_are_merged_and_nobody_is_twice(make, reading):
    one = reading(
        make(
            ("R1", {"verdict": "undecided", "fields": "MODE", "domains": "OPTI", "answers": 2}),
            "R2",
        )
    )
    two = reading(
        make(
            ("R1", {"first": AT - MINUTE, "fields": "IN_FORCE", "presences": "CARD"}),
            "R3",
            name="b/0001",
            signer=OTHER,
        )
    )
    whole = merge([one, two])
    assert set(whole.people) == {"R1", "R2", "R3"}
    told = whole.people["R1"]
    assert (told.verdict, told.answers) == (Verdict.BREACHED, 3)
    assert told.fields == Fields.MODE | Fields.IN_FORCE
    header, first, *others = joined(whole, row("R3"), row("R1", name="Un"), row("R1", name="Deux"))
    assert header == [*COLUMNS, *HEADER.split(";")]
    assert [each[10] for each in (first, *others)] == ["R3", "R1", "R2"]
    cells = dict(zip(header[:12], others[0], strict=False))
    assert cells["breach_domains"] == "PHAR+OPTI"
    assert cells["breach_presences"] == "LEGACY+CARD"
    assert cells["breach_first"] == "2026-11-03T09:11:00+01:00"
    assert cells["breach_last"] == "2026-11-03T09:12:00+01:00"
    assert cells["breach_sources"] == (
        "autre.example/41/breached/40217 + rempart.example/41/undecided/40217"
    )
    assert cells["nom"] == "Un"
    assert whole.missing == 1
    assert others[1][10:14] == ["R2", "", "", ""]


def test_only_the_last_report_of_an_incident_counts(make, reading):
    """Who left it in the complement is told nothing on the word of the initial one."""
    reports = [
        reading(make("R1", "R2", name="0001")),
        reading(make("R2", "R3", name="0002", number=2, phase="complement")),
        reading(make("R4", name="42", incident=42)),
    ]
    for order in permutations(reports):
        whole = merge(order)
        assert set(whole.people) == {"R2", "R3", "R4"}
        assert [each.report.number for each in whole.dossiers] == [2, 1]


def test_the_same_report_twice_is_one_and_another_under_its_number_is_refused(make, reading):
    one, two = reading(make("R1", name="0001")), reading(make("R2", name="again"))
    assert merge([one, one]).people == {"R1": one.people["R1"]}
    with pytest.raises(IntegrityBroken, match="another report has its number"):
        merge([one, two])


def test_an_exercise_is_never_mixed_with_a_real_breach(make, reading):
    real, drill = reading(make("R1")), reading(make("R2", name="e", exercise=True, incident=7))
    with pytest.raises(Refusal, match="not opened together"):
        merge([real, drill])
    whole = merge([drill])
    assert whole.exercise
    marked = f"{heading(MEMBERS_HEADER, exercise=True)}\n{line(b'x')};EXERCICE\n".splitlines()
    for unmarked in (
        [MEMBERS_HEADER, *marked[1:]],
        [marked[0], line(b"x")],
        [marked[0], f"{line(b'x')};"],
    ):
        with pytest.raises(MalformedRow):
            [*read_list(unmarked, whole=True, exercise=True)]
    assert joined(whole, row("R2"))[1][0] == "EXERCICE"


def test_keys_of_dossiers_leave_the_public_bundle_alone(insurer, key):
    assert list(insurer.keys.names(KEYS)) == ["dossier/1"]
    assert key.hex() not in str(insurer.insurer().bundle)


# --- what merging never does

READINGS = st.builds(
    Reading,
    verdict=st.sampled_from([Verdict.UNDECIDED, Verdict.BREACHED]),
    fields=st.sampled_from([Fields.IN_FORCE, Fields.MODE, Fields.RIGHTS]),
    domains=st.integers(1, 2**16 - 1),
    presences=st.integers(1, 63),
    accounts=st.integers(1, 9),
    kinds=st.frozensets(st.sampled_from(SiteKind)),
    first=st.integers(0, 5),
    last=st.integers(5, 9),
    answers=st.integers(1, 9),
    entry=st.integers(0, 99),
)
SOURCES = st.builds(Source, st.sampled_from(["a", "b"]), st.integers(1, 3))
WORLD = st.dictionaries(SOURCES, st.dictionaries(st.sampled_from("RSTUV"), READINGS), max_size=5)


def lists(world):
    return [
        {reference: Told({source: told}) for reference, told in people.items()}
        for source, people in world.items()
    ]


def seen(everybody):
    return {
        reference: (told.verdict, told.fields, told.domains, told.presences, told.kinds,
                    told.first, told.last, told.answers, told.readings)
        for reference, told in everybody.items()
    }  # fmt: skip


@given(WORLD, st.randoms(use_true_random=False))
def test_merging_is_commutative_and_idempotent_and_loses_nobody(world, chance):
    told = lists(world)
    whole = merged(told)
    assert whole.keys() == {reference for people in world.values() for reference in people}
    shuffled = [*told, *told]
    chance.shuffle(shuffled)
    assert seen(merged(shuffled)) == seen(whole)
    assert seen(merged([whole, *told])) == seen(whole)


@given(WORLD)
def test_a_person_is_as_badly_off_as_the_worst_word_on_them(world):
    for reference, told in merged(lists(world)).items():
        words = [people[reference] for people in world.values() if reference in people]
        assert told.verdict == max(each.verdict for each in words)
        assert told.answers == sum(each.answers for each in words)
        assert (told.first, told.last) == (
            min(each.first for each in words),
            max(each.last for each in words),
        )
        assert all(each.fields in told.fields for each in words)
        parts = [told.of(each) for each in (Verdict.BREACHED, Verdict.UNDECIDED)]
        assert sum(len(part.readings) for part in parts if part) == len(told.readings)


# --- what operators make


def test_what_an_operator_makes_is_read(tmp_path, insurer, key):
    """Both rooms hold one format: the maker's own dossier, and its complement."""
    people = [handle(insurer.keys, reference) for reference in ("R1", "R2")]
    contact = replace(making.CONTACTS.of(making.ONE), key=key)
    book = replace(making.CONTACTS, insurers={making.ONE: contact})
    shelf = DossierFolder(tmp_path / "dossiers")
    made = making.Ground(making.in_memory, shelf, contacts=book)
    for n, each in enumerate(people):
        made.handles |= {(period, making.named(n, period)): each for period in making.PERIODS}
    first = {making.who(0): making.facts(), making.who(9): making.facts()}
    made.make(first)
    made.make({**first, making.who(1): making.facts(Verdict.UNDECIDED)}, first, number=2)
    reader = ReadDossier(keys=insurer.keys, amc=AMC, vaults=[making.KEY.verifier])
    dossiers = [
        reader(number, FolderDossier(tmp_path / "dossiers" / AMC / number))
        for number in ("0001", "0002")
    ]
    assert [set(each.people) for each in dossiers] == [{"R1"}, {"R1", "R2"}]
    assert merge(dossiers).people["R1"].kinds == {SiteKind.PHARMACY}
    assert dossiers[0].report.breached.unnamed == 1
