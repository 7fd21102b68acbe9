"""An insurer asks who read its members, and the operator answers: by the commands they type."""

from __future__ import annotations

import csv
import json
import re

import psycopg
import pytest

from rempart.sealing.handles import reference_of
from rempart.usecases.access_request import PEOPLE_MAX
from rempart.usecases.insurer_keys import HANDLE

title = "Who read a member, by command"

NADIA = ("--as", "nadia")
BOOK = """
[operator]
name = "Opérateur d'Exemple"
siren = "000000000"
address = "1 rue de l'Exemple"
dpo = "Camille"
dpo_email = "dpo@exemple.example"
dpo_phone = "01 00 00 00 00"
desk = "01 00 00 00 01"

[[insurer]]
amc = "{amc}"
name = "Mutuelle d'Exemple"
{key}
"""


@pytest.fixture
def asked(stage, typed, tmp_path):
    """Whoever was read here lately, in a request of their insurer; its number, folder and words."""
    read = stage.run("ask", "--case", "open")
    assert read.code == 0, read.said
    with psycopg.connect(stage.admin) as admin:
        ((amc,),) = admin.execute(
            "SELECT ('x' || encode(substr(body, 77, 4), 'hex'))::bit(32)::int FROM ledger.entry"
            " WHERE get_byte(body, 0) = 1 AND get_byte(body, 83) = 1 ORDER BY idx DESC LIMIT 1"
        ).fetchall()
        found = admin.execute("SELECT DISTINCT handle FROM sealed.lock WHERE amc = %s", [amc])
        handles = [handle for (handle,) in found]
    number = f"{amc:08d}"
    insurer = stage.insurer(number)
    key = insurer.keys.get(HANDLE)
    named = sorted(reference_of(key, number.encode(), each).decode() for each in handles)
    return number, insurer.folder, named


def test_an_insurer_asks_and_is_answered(stage, typed, asked, tmp_path):
    number, folder, named = asked
    vault = stage.settings.vault_key_file
    book = tmp_path / "contacts.toml"
    key = re.search(r"^key = .+$", typed("insurer", "dossier-key", "--folder", folder), re.M)[0]
    for place, start in enumerate(range(0, len(named), PEOPLE_MAX)):
        references, request = tmp_path / f"references-{place}.txt", tmp_path / f"demande-{place}"
        references.write_text("\n".join(named[start : start + PEOPLE_MAX]) + "\n")
        said = typed(
            *("insurer", "access", "ask", references, "--folder", folder),
            *("--operator", vault, "--out", request),
        )
        assert "personnes · people" in said
        answer, opened = tmp_path / f"reponse-{place}", tmp_path / f"ouverte-{place}"
        words = ("ledger", "access", request, *NADIA, "--out", answer)
        if not place:
            book.write_text(BOOK.format(amc=number, key=""))
            without = stage.run(*words, REMPART_CONTACTS=str(book))
            assert without.code == 2
            assert "has no key of" in without.said
            book.write_text(BOOK.format(amc=number, key=key))
        said = typed(*words, REMPART_CONTACTS=str(book))
        assert "opened, entry" in said
        assert not any(each in said for each in named if len(each) > 3)
        again = stage.run(*words, REMPART_CONTACTS=str(book))
        assert "exists already" in again.said
        stopped = typed(*words[:-1], tmp_path / f"encore-{place}", REMPART_CONTACTS=str(book))
        assert stopped.splitlines()[0] == said.splitlines()[0], "the same opening"
        typed(
            *("insurer", "access", "open", answer, "--folder", folder),
            *("--request", request, "--operator", vault, "--out", opened),
        )
        rows = list(csv.DictReader((opened / "index.csv").read_text().splitlines(), delimiter=";"))
        assert [row["reference"] for row in rows] == named[start : start + PEOPLE_MAX]
        members = [json.loads((opened / f"{row['file']}.json").read_text()) for row in rows]
        read = [each for each in members if each["readings"]]
        if read:
            text = (opened / f"{members.index(read[0]) + 1:04d}.txt").read_text()
            assert read[0]["readings"][0]["kind"]["fr"] in text
            break
    else:
        pytest.fail("whoever was read is in no answer")


def test_what_is_wrong_is_said_and_nothing_is_left_behind(stage, typed, asked, tmp_path):
    _, folder, named = asked
    vault, out = stage.settings.vault_key_file, tmp_path / "out"
    bad = tmp_path / "references.txt"
    bad.write_text("REF-1\né\n")
    words = ("insurer", "access", "ask", bad, "--folder", folder, "--operator", vault)
    assert "line 2, reference" in typed(*words, "--out", out, code=2)
    bad.write_text("\n".join(f"R{each}" for each in range(PEOPLE_MAX + 1)))
    assert "make several requests" in typed(*words, "--out", out, code=2)
    (tmp_path / "forged").write_text("rempart/access-request/1\n")
    refused = typed("ledger", "access", tmp_path / "forged", *NADIA, "--out", out, code=3)
    assert "no request" in refused
    (tmp_path / "huge").write_bytes(b"x" * 100_000)
    assert "longer" in typed("ledger", "access", tmp_path / "huge", *NADIA, "--out", out, code=2)
    (tmp_path / "empty").mkdir()
    bad.write_text(named[0])
    request = tmp_path / "request"
    typed(*words, "--out", request)
    opening = ("insurer", "access", "open", tmp_path / "empty", "--folder", folder)
    held = typed(*opening, "--request", request, "--operator", vault, "--out", out, code=2)
    assert "holds no whole answer" in held
    assert not out.exists()
