"""The register of incidents: what is in it, as data, as a table, as a document."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime

import pikepdf
import pytest

from rempart.adapters.documents.register import register_pdf
from rempart.cli.incident_register import as_csv, inert
from rempart.domain.clocks import HOUR
from rempart.domain.paris import moment
from rempart.domain.ruling import Ruling
from rempart.domain.site import SiteKind
from rempart.usecases.claims_file import ClaimsFile
from rempart.usecases.cut_off_messages import SetCutOff
from rempart.usecases.incident_labels import both
from rempart.usecases.register_incidents import CHANGED, COLUMNS, GONE, WrittenRegister, written
from rempart.usecases.scope_file import ScopeFile
from tests.papers import a_claims_file, a_scope, some_claims
from tests.spec.test_incidents import OTHER, SHOP, Ground, in_memory, real
from tests.worlds import World

title = "The register of incidents"


@pytest.fixture
def ground() -> Ground:
    world = World()
    world.add_site(OTHER, SiteKind.LABORATORY)
    world.service.look()
    return Ground(real(world), in_memory(world))


def register(ground: Ground, *, exercise: bool = False) -> WrittenRegister:
    return written(ground.reader().register(), operator="rempart.example", exercise=exercise)


def told(ground: Ground) -> int:
    """An incident of which everything was said."""
    number = ground.world.registry.read().software[SHOP].number
    ref = ground.freeze()
    ground.store.claim(number, ground.now, Ruling.PERSON)
    ground.ask(SetCutOff("site", OTHER, "incident", by="nadia"))
    ground.fact(ref, "le pharmacien a appelé", source="standard")
    ground.aware(ref, text="il l'a confirmé")
    ground.found(ref)
    ground.say(ref, "nature", "intrusion, pas de rançongiciel", stated=("yes", "no", "yes"))
    ground.say(ref, "decided", "ne pas couper la région")
    ground.answer(ref, "complaint", reference="PV 42")
    ground.pass_hours(80)
    ground.answer(ref, "cnil-33-1", late="téléservice indisponible")
    return ref


def test_facts_effects_and_remedies_of_each_incident(ground):
    """GDPR art. 33(5)."""
    ref = told(ground)
    kept = register(ground)
    (row,) = kept.incidents
    assert (row["incident"], row["accounts"], row["exercise"]) == (ref, [SHOP], 0)
    assert [each["text"] for each in row["facts"]] == ["le pharmacien a appelé", "vu"]
    assert [each["text"] for each in row["effects"]] == ["intrusion, pas de rançongiciel"]
    kinds = [each["kind"] for each in row["remedies"]]
    assert kinds == ["aware", "decided", "clock", "clock"]
    assert [each["what"] for each in row["unserved"]] == [
        f"Un compte : {SHOP} · An account: {SHOP}",
        f"Un lieu : {OTHER} · A site: {OTHER}",
    ]
    assert [each["undo"].split()[1] for each in row["deeds"]] == ["claims"]
    states = {each["code"]: (each["state"], each["late"]) for each in row["clocks"]}
    assert states["complaint"] == ("tenue · met", False)
    assert states["cnil-33-1"] == ("tenue en retard · met late", True)
    assert states["nis2-notification"] == ("EN RETARD · LATE", True)
    assert row["confidentiality"] == "oui · yes"


def test_how_many_were_read_is_what_the_last_scope_counts(ground):
    """Art. 33(5): effects are numbers of people, not the word of whoever typed."""
    ref = told(ground)
    assert register(ground).incidents[0]["read"] is None
    scope = a_scope(ground.case(ref))
    kept = counted(ground, ref, scope)
    (row,) = kept.incidents
    assert row["read"]["breached"] == a_scope().breached > 0
    (_, line) = csv.reader(io.StringIO(as_csv(kept)), delimiter=";")
    cells = dict(zip(COLUMNS, line, strict=True))
    assert cells["breached"] == str(a_scope().breached)
    assert cells["insurers"] == str(sum(1 for each in a_scope().insurers if each.breached))
    assert "complémentaire" in cells["data"]
    assert register_pdf(kept).startswith(b"%PDF")


def counted(
    ground: Ground, ref: int, scope: ScopeFile, claims: ClaimsFile | None = None
) -> WrittenRegister:
    return written(
        ground.reader().register(),
        operator="rempart.example",
        exercise=False,
        scope=lambda number: scope if number == ref else None,
        claims=lambda number: claims if number == ref else None,
    )


def test_claims_that_were_touched_are_counted_and_so_are_their_insurers(ground):
    """An insurer of whom claims alone were touched is one of those concerned."""
    ref = told(ground)
    scope = a_scope(ground.case(ref))
    (row,) = counted(ground, ref, scope).incidents
    assert row["read"]["claims"] is None, "nobody looked"
    alone = some_claims()
    claims = a_claims_file(insurers={"99990077": alone}, whole=alone)
    (more,) = counted(ground, ref, scope, claims).incidents
    assert more["read"]["claims"] == alone.touched > 0
    assert more["read"]["insurers"] == row["read"]["insurers"] + 1
    assert "factures de soins" in more["read"]["data"]
    assert f"touchées : {alone.touched} factures" in more["read_words"]


def test_a_scope_of_a_finding_that_has_changed_counts_nobody(ground):
    ref = told(ground)
    scope = a_scope(ground.case(ref))
    ground.found(ref, earliest=ground.now - 90 * HOUR)
    (row,) = counted(ground, ref, scope).incidents
    assert row["read"] is None
    assert row["read_words"] == both(CHANGED)


def test_times_are_those_of_paris_and_are_read_back(ground):
    told(ground)
    (row,) = register(ground).incidents
    assert row["opened"].endswith("+01:00")
    (cnil,) = [each for each in row["clocks"] if each["code"] == "cnil-33-1"]
    start, due = (moment(datetime.fromisoformat(cnil[name])) for name in ("start", "due"))
    assert due - start == 72 * HOUR


def test_exercises_have_a_register_of_their_own_and_are_marked_everywhere(ground):
    real_one, drill = ground.freeze(), ground.open(exercise=True)
    assert [each["incident"] for each in register(ground).incidents] == [real_one]
    exercises = register(ground, exercise=True)
    assert [each["incident"] for each in exercises.incidents] == [drill]
    assert exercises.to_json()["exercise"] is True
    assert "exercices" in text_of(register_pdf(exercises))
    assert "exercices" not in text_of(register_pdf(register(ground)))
    (_, line) = csv.reader(io.StringIO(as_csv(exercises)), delimiter=";")
    assert line[COLUMNS.index("exercise")] == "1"


def text_of(pdf: bytes) -> str:
    """Its title: the marks across its pages are drawn, and were looked at."""
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as meta:
        return str(meta["dc:title"])


def test_the_document_is_tagged_archivable_and_the_same_each_time(ground):
    told(ground)
    kept = register(ground)
    pdf = register_pdf(kept)
    assert register_pdf(kept) == pdf
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "fr-FR"
        with document.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")


def test_a_sign_that_no_font_has_does_not_lose_the_register(ground):
    """Attack: one emoji in a fact, and there was no document."""
    ref = ground.freeze()
    ground.fact(ref, "appel 😀 中 " + "m" * 900)
    assert register_pdf(register(ground)).startswith(b"%PDF")


def test_an_empty_register_is_one(ground):
    kept = register(ground)
    assert kept.incidents == ()
    assert register_pdf(kept).startswith(b"%PDF")
    assert as_csv(kept) == ";".join(COLUMNS)


def test_a_line_an_incident_and_no_cell_runs(ground):
    """Attack: a fact that a spreadsheet would run."""
    ref = ground.open(text="=HYPERLINK(1)")
    ground.fact(ref, "sur\nplusieurs lignes ; avec des points-virgules")
    rows = [*csv.reader(io.StringIO(as_csv(register(ground))), delimiter=";")]
    assert [len(row) for row in rows] == [len(COLUMNS)] * 2
    assert "plusieurs lignes ; avec" in rows[1][COLUMNS.index("facts")]
    assert [inert(cell) for cell in ("=1", "@a", "-1", "+1", "\t=1")] == [
        *("'=1", "'@a", "'-1", "'+1", "'\t=1")
    ]
    assert [inert(cell) for cell in ("a=1", "", 7)] == ["a=1", "", 7]


def test_words_that_are_gone_are_told_as_such_in_the_register(ground):
    ref = ground.freeze()
    ground.fact(ref, "vu")
    (said,) = ground.case(ref).statements
    ground.store.tamper(said.told.words, None)
    (row,) = register(ground).incidents
    assert [each["text"] for each in row["facts"]] == [GONE]
    json.dumps(register(ground).to_json())
