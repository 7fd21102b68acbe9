"""Somebody at three in the morning: an incident that opened by itself, what they type and read."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest

from rempart.adapters.postgres.claims import PostgresClaimQueue
from rempart.adapters.postgres.connections import conninfo_file
from rempart.adapters.system import SystemChance, SystemClock
from rempart.bootstrap.billing import claims_key
from rempart.bootstrap.keyrings import vault_keyring
from rempart.domain.claim import Claim
from rempart.domain.disclosure import decode_codes
from rempart.domain.insurer import b64
from rempart.usecases.claim_ports import Biller
from rempart.usecases.letters_to_professionals import Professional, read_professionals
from rempart.usecases.sign_notes import checkpoint_key
from rempart.usecases.take_claims import TakeClaims
from tests import bills
from tests.dossiers import files, write
from tests.exercises import unmarked
from tests.papers import book
from tests.spec.test_dossiers import PRIVATE, PUBLIC

title = "When an incident is told"

NADIA = ("--as", "nadia")
ACCOUNT, LATE = "demo-imaging", "demo-dentist"


@pytest.fixture
def incident(typed) -> str:
    """The number of an incident that a freeze has opened; its account is given back."""
    typed("account", "freeze", ACCOUNT, "--why", "reported", *NADIA)
    numbers = re.findall(r"^(\d+)  ", typed("incident", "list"), re.MULTILINE)
    yield numbers[-1]
    for _ in range(3):
        typed("account", "loosen", ACCOUNT, "--why", "reviewed", *NADIA)


def test_an_incident_from_its_freeze_to_the_register(typed, incident, stage, tmp_path):
    listed = typed("incident", "list")
    assert "EXERCICE" in listed, "a sandbox has no other"
    assert "quand nous savons" in re.sub(r"\s+", " ", listed)
    shown = typed("incident", "show", incident)
    assert ACCOUNT in shown
    assert "rien ne court" in shown
    assert f"./rempart incident aware {incident}" in shown

    proposed = typed("incident", "finding", incident, "--propose")
    assert "vol possible dès · theft possible from" in proposed
    assert '"rest": "unknown"' in proposed
    said = typed(
        *("incident", "fact", incident, "Mme Durand a appelé", "--at", "now"),
        *("--source", "standard", *NADIA),
    )
    assert re.search(r"entrée · entry \d+", said)
    refused = typed("incident", "aware", incident, "x", "--at", "2099-01-01", *NADIA, code=2)
    assert "in the future" in refused
    typed("incident", "aware", incident, "confirmé par rappel", "--at", "now", *NADIA)
    shown = typed("incident", "show", incident)
    assert "72" not in shown
    assert "reste 2 j 23 h" in shown
    assert "Mme Durand a appelé" in shown
    later = typed("incident", "aware", incident, "x", "--at", "now", *NADIA, code=2)
    assert "later moment" in later
    typed(
        *("incident", "clock", incident, "complaint", "done", "plainte en ligne"),
        *("--at", "now", "--reference", "PV 42", *NADIA),
    )
    assert "tenue · met" in typed("incident", "show", incident)

    pdf, table, data = (tmp_path / f"register.{kind}" for kind in ("pdf", "csv", "json"))
    typed("incident", "register", "--pdf", pdf, "--csv", table, "--json", data)
    assert pdf.read_bytes().startswith(b"%PDF")
    for path in (pdf, table, data):
        assert path.stat().st_mode & 0o777 == 0o600
    kept = json.loads(data.read_text())
    (row,) = [each for each in kept["incidents"] if str(each["incident"]) == incident]
    # Whatever else was frozen here lately is of the same incident.
    assert ACCOUNT in row["accounts"]
    assert row["remedies"][-1]["reference"] == "PV 42"
    assert "sound" in typed("ledger", "verify")

    assert f"incident-{incident}" in typed("ledger", "erase")
    assert f"incident-{incident}\t" in typed("ledger", "holds")
    typed("incident", "close", incident, "fini", "--outcome", "exercise", *NADIA, "--yes")
    typed("ledger", "release", f"incident-{incident}")
    assert not re.search(rf"^{incident} ", typed("incident", "list"), re.MULTILINE)
    assert "fin d'exercice" in typed("incident", "list", "--all")
    with psycopg.connect(stage.admin) as admin:
        rows = admin.execute("SELECT sealed FROM incident.spoken").fetchall()
        details = admin.execute("SELECT detail FROM ledger.entry").fetchall()
    assert rows
    assert not [data for (data,) in (*rows, *details) if data and b"Durand" in data]


def test_papers_are_drafted_of_a_scope_and_of_no_other(typed, incident, stage, tmp_path):
    """CNIL, prosecutor, public: of the incident's own finding, at the hour at which it is asked."""
    contacts, out = tmp_path / "carnet.toml", tmp_path / "papers"
    contacts.write_text(book())
    typed("incident", "found", incident, "vu", "--account", ACCOUNT, "--earliest", "00:00", *NADIA)
    typed("incident", "scope", incident)
    made = stage.settings.cases / f"{int(incident):06d}" / "scope-0001.json"
    words = ("incident", "papers", incident, "--contacts", contacts, "--out", out, "--scope")
    said = typed(*words, made)
    assert said.count("écrit · written") == len([*out.iterdir()]) == 7
    assert "à dire · to be said  Déclarant : Qui notifie" in said
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in out.iterdir())
    kept = json.loads((out / "cnil.json").read_text())
    assert kept["mark"] == "EXERCICE · EXERCISE", "a sandbox has no other"
    assert (out / "plainte.pdf").read_bytes().startswith(b"%PDF")
    assert ACCOUNT in (out / "plainte.json").read_text()
    assert "EXERCICE" in (out / "page.html").read_text()
    assert ACCOUNT not in (out / "professionnels.txt").read_text()

    typed("incident", "papers", incident, "--contacts", contacts)
    assert (made.parent / "papers" / "cnil.pdf").exists(), "the last scope, beside it"

    typed("incident", "found", incident, "revu", "--account", ACCOUNT, "--earliest", "now", *NADIA)
    refused = typed(*words, made, code=2)
    assert "follows from finding" in refused
    contacts.write_text(book().replace("dpo =", "dop ="))
    assert "dop is not known" in typed(*words, made, code=2)


def test_with_no_vault_an_incident_is_read_and_nothing_is_entered(typed, incident, stage, tmp_path):
    """The same installation, but for its socket."""
    for each in (stage.settings.secrets, stage.settings.keys):
        (tmp_path / each.name).symlink_to(each)
    alone = {"REMPART_HOME": str(tmp_path)}
    words = ("incident", "decide", incident, "vu sans coffre", *NADIA)
    assert "no vault" in typed(*words, code=2, **alone)
    assert "vu sans coffre" not in typed("incident", "show", incident, **alone)
    assert "redites-les" in typed("incident", "list", **alone)


def test_a_receipt_is_entered_and_the_insurers_own_clocks_run(typed, incident, stage, tmp_path):
    """From the dossier that the vault has signed to the clock of one insurer."""
    amc, other = "99990001", "99990002"
    drops, folder, book = tmp_path / "drops", tmp_path / "dossiers", tmp_path / "book.toml"
    origin, chance = stage.settings.log_origin, SystemChance()
    key = checkpoint_key(vault_keyring(stage.settings), chance, origin=origin)
    for each in (amc, other):
        (drops / each).mkdir(parents=True)
        said = {"incident": int(incident)}
        write(folder, each, 1, files(each, exercise=True, key=key, more=said))
    template = typed("incident", "contacts", "template").replace('""', '"dpo@op.example"')
    assert template.count("[[insurer]]") == 3
    for each in (amc, other):
        drop = f'amc = "{each}"\ndrop = "{drops / each}"\nphone = "+33 1 24"'
        template = template.replace(f'amc = "{each}"', drop)
    book.write_text(template)
    book.chmod(0o600)
    given = ("--contacts", book)
    assert "no drop" in typed("incident", "contacts", "check", book, code=2)

    assert "in their drops: 2" in typed("incident", "deliver", folder, *given)
    (dropped,) = (drops / amc).iterdir()
    assert dropped.name.startswith("EXERCICE-")
    typed(
        *("insurer", "receive", dropped, "--operator", stage.settings.vault_key_file),
        *("--folder", stage.home / "insurers" / amc),
    )
    entered = ("incident", "deliveries", folder, *given, "--enter", *NADIA)
    early = typed(*entered)
    assert "refusé · refused" in early, "nobody said since when we know"
    typed("incident", "aware", incident, "confirmé", "--at", "now", *NADIA)
    assert "before its clock" in typed(*entered), "it was received before anybody was aware"
    journal = folder / "deliveries.jsonl"
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    now = SystemClock().now()
    moved = [line | ({"said": now, "at": now} if "said" in line else {}) for line in lines]
    journal.write_text("".join(json.dumps(line) + "\n" for line in moved))
    assert re.search(rf"AMC {amc} : inscrit · entered: entrée · entry \d+", typed(*entered))
    assert "rien à inscrire" in typed(*entered)
    shown = re.sub(r"\s+", " ", typed("incident", "show", incident))
    assert f"AMC {amc}" in shown
    assert "accusé de réception signé" in shown
    typed("incident", "close", incident, "fini", "--outcome", "exercise", *NADIA, "--yes")


@pytest.mark.parametrize(
    "words",
    [
        ("fact", "1", "x", "--at", "hier", *NADIA),
        ("found", "1", "x", "--account", "a", "--earliest", "now", "--thief", "zz", *NADIA),
        ("clock", "1", "gdpr", "done", "x", *NADIA),
        ("nature", "1", "yes", "no", "perhaps", "x", *NADIA),
        ("open", "x", "--from", "guard", *NADIA),
    ],
)
def test_what_is_typed_wrong_is_said_by_its_name(typed, words):
    said = typed("incident", *words, code=2)
    assert "Error: Invalid value" in said
    assert "Traceback" not in said


def test_from_a_freeze_to_every_insurers_dossier(typed, incident, stage, tmp_path):
    """Nobody types who was read: the ledger says it, and an insurer reads its own people."""
    earliest = f"{datetime.now(ZoneInfo('Europe/Paris')):%Y-%m-%d %H:%M}"
    typed("ask", "--case", "open")
    asked, book = "demo-pharmacy", tmp_path / "book.toml"
    typed("account", "freeze", asked, "--why", "reported", *NADIA)
    try:
        template = typed("incident", "contacts", "template")
        book.write_text(template.replace('""', '"x@op.example"'))
        book.chmod(0o600)
        asks = ("incident", "dossiers", incident, "--contacts", book, *NADIA)
        assert "nobody has stated" in typed(*asks, code=2)
        scoped = typed("incident", "scope", incident)
        assert stage.settings.cases.stat().st_mode & 0o777 == 0o700
        assert "breached            0" in scoped, "what nobody knows is the thief's for nobody"
        assert "owners    2" in scoped
        listed = next((stage.settings.cases / f"{int(incident):06d}").glob("professionals-*.csv"))
        owners = owners_in(listed)
        assert {each.name for each in owners} == {asked, ACCOUNT}
        # What else this installation was used for may be a claim of theirs.
        assert {each.fields[:3] for each in owners} == {("login", "site", "contract")}
        assert all(each.exercise for each in owners), "their letters say that it is one"
        entered = typed("incident", "accept", incident, *NADIA)
        assert "finding entered" in entered
        assert "a finding was stated" in typed("incident", "accept", incident, *NADIA, code=2)
        typed("account", "freeze", LATE, "--why", "reported", *NADIA)
        assert f"not in the finding, or since: {LATE}" in typed("incident", "scope", incident)
        typed("incident", "accept", incident, "--again", *NADIA)
        assert "not in the finding" not in typed("incident", "scope", incident)
        stolen = ("--account", asked, "--account", ACCOUNT, "--account", LATE)
        stolen += ("--earliest", earliest, "--rest", "thief")
        typed("incident", "found", incident, "tout est au voleur", *stolen, *NADIA)
        read = re.search(r"breached +(\d+)", typed("incident", "scope", incident))[1]
        said = typed(*asks)
    finally:
        for name in (asked, LATE) * 3:
            typed("account", "loosen", name, "--why", "reviewed", *NADIA)
    folder = stage.settings.cases / f"{int(incident):06d}" / "dossiers"
    reports = [json.loads(each.read_text()) for each in folder.glob("*/0001/report.json")]
    amc = next(each["amc"] for each in reports if each["breached"]["people"])
    manifest = folder / amc / "0001" / "manifest.note"
    assert sum(each["breached"]["people"] for each in reports) == int(read) >= 1
    mine = next(each["breached"]["people"] for each in reports if each["amc"] == amc)
    assert re.search(rf"{amc} .* 1 initial +{mine} +0 +0", said)
    assert f"AMC {amc} : hors du carnet ou sans clé" in said
    assert {path.name for path in manifest.parent.iterdir()} - {"claims.csv"} == {
        *("manifest.note", "report.json", "rapport.pdf", "members.csv"),
    }
    assert (manifest.parent / "rapport.pdf").read_bytes().startswith(b"%PDF")
    handle = (manifest.parent / "members.csv").read_text().splitlines()[1].split(";")[1]
    with psycopg.connect(stage.admin) as admin:
        held = admin.execute("SELECT DISTINCT encode(handle, 'hex') FROM sealed.lock").fetchall()
        details = admin.execute("SELECT detail FROM ledger.entry ORDER BY idx").fetchall()
    assert (handle,) in held
    opened = [decode_codes(data) for (data,) in details if data and b"table" in data]
    mine = [codes for codes in opened if codes.get("incident") == int(incident)]
    assert mine, "the ledger says that the day was opened, and for which incident"
    alone = ("--contacts", book, "--statement", book)
    assert "--confirm" in typed("incident", "files", incident, *alone, *NADIA, code=2)
    listed.unlink()
    done = typed("incident", "files", incident, "--contacts", book, *NADIA, code=2)
    assert "to be brought otherwise" in done, "all is made, and nothing was handed over"
    assert "1 initial" in done, "the same again makes nothing"
    again = max(listed.parent.glob("professionals-*.csv"))
    assert {each.name for each in owners_in(again)} == {asked, ACCOUNT, LATE}
    assert "no drop" in done
    written = {path.name for path in (manifest.parents[3] / "papers").iterdir()}
    assert written >= {"cnil.pdf", "cnil.json", "plainte.pdf", "page.html", f"cnil-{amc}.pdf"}
    assert unmarked(stage.settings.cases / f"{int(incident):06d}") == [], "a sandbox has exercises"
    assert '"exercise": true' in typed("incident", "finding", incident)
    book.write_text(re.sub(r"(?m)^# key = .*$", f'key = "{b64(PUBLIC)}"', book.read_text()))
    assert f"AMC {amc} : liste du rapport 1 scellée" in typed(*asks)
    assert {path.name for path in manifest.parent.iterdir()} == {
        *("manifest.note", "report.json", "rapport.pdf", "members.sealed"),
    }
    assert unmarked(stage.settings.cases / f"{int(incident):06d}", [PRIVATE]) == []
    assert "scellée" not in typed(*asks), "once"
    words = ("incident", "papers", incident, "--contacts", book)
    assert "not quoted" not in typed(*words)
    stolen = ("--account", asked, "--earliest", earliest, "--rest", "thief")
    typed("incident", "found", incident, "celui-ci seul", *stolen, *NADIA)
    typed("incident", "scope", incident)
    said = typed(*words)
    assert f"AMC {amc} : rapport 1, de la portée" in said
    assert f"incident dossiers {incident} --as" in said
    typed(*asks)
    assert "not quoted" not in typed(*words)
    assert "sound" in typed("ledger", "verify")


def test_where_nobody_was_read_every_file_is_made_and_there_is_no_insurer_to_tell(
    typed, stage, tmp_path
):
    opened = ("--from", "insurer", "--source", "x", "--account", "demo-dentist")
    number = re.findall(r"incident (\d+)", typed("incident", "open", "appels", *opened, *NADIA))[0]
    book = tmp_path / "book.toml"
    book.write_text(typed("incident", "contacts", "template").replace('""', '"x@op.example"'))
    book.chmod(0o600)
    asks = ("incident", "files", number, "--contacts", book)
    assert "one word" in typed(*asks, "--as", "Nadia Exemple", code=2)
    assert "no insurer to tell" in typed(*asks, *NADIA)
    case = stage.settings.cases / f"{int(number):06d}"
    assert (case / "papers" / "plainte.pdf").exists()
    assert (case / "professionals-0001.csv").stat().st_mode & 0o777 == 0o600


def test_a_day_that_the_incident_does_not_open_is_named_with_what_to_type(typed, stage, tmp_path):
    """Nobody was frozen: two operators open what one alone may not."""
    earliest = f"{datetime.now(ZoneInfo('Europe/Paris')):%Y-%m-%d %H:%M}"
    typed("ask", "--case", "open")
    opened = ("--from", "insurer", "--source", "x", "--account", "demo-pharmacy")
    number = re.findall(r"incident (\d+)", typed("incident", "open", "appels", *opened, *NADIA))[0]
    stolen = ("--account", "demo-pharmacy", "--earliest", earliest, "--rest", "thief")
    typed("incident", "found", number, "vu", *stolen, *NADIA)
    book = tmp_path / "book.toml"
    book.write_text(typed("incident", "contacts", "template").replace('""', '"x@op.example"'))
    book.chmod(0o600)
    asks = ("incident", "dossiers", number, "--contacts", book, *NADIA)
    said = typed(*asks, code=2)
    assert "opened neither by this incident nor by two" in said
    (day,) = re.findall(rf"ask-table (\S+) --why incident-{number} --out demande-1.json", said)
    assert f"\n{day}\n" in said
    statement, words = tmp_path / "demande-1.json", []
    typed("ledger", "ask-table", day, "--why", f"incident-{number}", "--out", statement)
    for name in ("hole-one", "hole-two"):
        typed("operator", "init", name, "--folder", tmp_path)
        typed("operator", "trust", tmp_path / f"{name}.pub")
        word, key = tmp_path / f"{name}.json", tmp_path / f"{name}.key"
        typed("operator", "confirm", statement, "--key", key, "--out", word)
        words += ["--confirm", word]
    given = ("--statement", statement)
    assert "demande-1.json: two conf" in typed(*asks, *given, *words[:2], code=2).replace("\n", "")
    assert "1 initial" in typed(*asks, *given, *words)
    typed("incident", "close", number, "fini", "--outcome", "exercise", *NADIA, "--yes")


def test_a_gateway_in_other_hands_is_stated_and_everybody_who_asked_is_scoped(
    typed, incident, tmp_path
):
    since = datetime.now(ZoneInfo("Europe/Paris")).isoformat()
    typed("ask", "--case", "open")
    until = datetime.now(ZoneInfo("Europe/Paris")).isoformat()
    said = tmp_path / "constat.toml"
    said.write_text(f"[[gateway]]\nsince = {since}\nuntil = {until}\n")
    typed("incident", "state", incident, said, "la passerelle", *NADIA)
    assert re.search(r"breached +1\n", typed("incident", "scope", incident))
    said.write_text("[[gateway]]\nsince = 2026-01-01T00:00:00Z\n")
    refused = typed("incident", "state", incident, said, "encore", *NADIA, code=2)
    assert "gateway 1: until is missing" in refused
    said.write_text("[[account]]\nnumber = 99999\nstolen = 2026-01-01T00:00:00Z\n")
    refused = typed("incident", "state", incident, said, "encore", *NADIA, code=2)
    assert "nobody has the number 99999" in refused


def owners_in(path: Path) -> list[Professional]:
    """Owners of accounts, as they are once somebody has put names for accounts."""
    text = path.read_text().replace("account;", "name;", 1)
    return list(read_professionals(io.StringIO(text)))


def send(stage, software: int, site: int, *claims: Claim) -> None:
    """Claims of a software, as the intake takes them in."""

    async def sent() -> None:
        conninfo = conninfo_file(stage.settings.secrets, "billing")
        queue = PostgresClaimQueue(conninfo, sandbox=True)
        taking = TakeClaims(queue, SystemClock(), SystemChance(), claims_key(stage.settings))
        try:
            for claim in claims:
                await taking(Biller(software, site), claim)
        finally:
            await queue.close()

    asyncio.run(sent())


@pytest.fixture
def billing(stage) -> Iterator[None]:
    """No claim stays behind."""
    yield
    with psycopg.connect(stage.admin) as admin:
        admin.execute("ALTER TABLE billing.told DISABLE TRIGGER USER")
        admin.execute("DELETE FROM billing.told")
        unruled = "NOT EXISTS (SELECT FROM billing.ruling r WHERE r.claim = c.number)"
        admin.execute(f"DELETE FROM billing.claim c WHERE {unruled}")
        admin.execute("ALTER TABLE billing.told ENABLE TRIGGER USER")


@pytest.mark.usefixtures("billing")
def test_claims_of_a_stolen_key_reach_their_insurers(typed, incident, stage, tmp_path):
    """Sent and told again, by the thief: beside the scope, in one dossier each, at the insurer."""
    one, two = "99990001", "99990002"
    at = "SELECT s.number, r.number FROM registry.software s JOIN registry.site r USING (site)"
    with psycopg.connect(stage.admin) as admin:
        ((software, site),) = admin.execute(f"{at} WHERE client_id = %s", [ACCOUNT]).fetchall()
    earliest = f"{datetime.now(ZoneInfo('Europe/Paris')):%Y-%m-%d %H:%M}"
    mine = replace(bills.CLAIM, number=f"V-{incident}-1", amc=one)
    other = replace(bills.CLAIM, number=f"V-{incident}-2", amc=two)
    send(stage, software, site, mine, other, other)
    stolen = ("--account", ACCOUNT, "--earliest", earliest, "--contained", "now")
    typed("incident", "found", incident, "vu", *stolen, "--rest", "thief", *NADIA)
    send(stage, software, site, mine, replace(mine, number=f"V-{incident}-3"))
    scoped = re.sub(r"\s+", " ", typed("incident", "scope", incident))
    assert "factures · claims 3" in scoped
    assert "by the thief 2, indécises · undecided 1 (après l'arrêt" in scoped
    assert "after containment 1)" in scoped
    assert "the freeze does not stop the intake" in scoped
    assert "sent 3, relues · told again 1 ×, demandé · asked 30.00 €" in scoped
    case = stage.settings.cases / f"{int(incident):06d}"
    scopes = len([*case.glob("scope-*.json")])
    listed = (case / f"claims-{scopes:04d}.csv").read_text().splitlines()
    assert {line.split(";")[1] for line in listed[1:]} == {one, two}
    assert all(line.endswith(";EXERCICE") for line in listed[1:])
    assert not any("V-" in line for line in listed), "no number that a site gave"
    for path in case.glob("claims-*"):
        assert path.stat().st_mode & 0o777 == 0o600

    insurer = stage.home / "insurers" / one
    key = re.search(r'key = ".+"', typed("insurer", "dossier-key", "--folder", insurer))[0]
    book, drop = tmp_path / "book.toml", tmp_path / "drop"
    drop.mkdir()
    template = typed("incident", "contacts", "template").replace('""', '"x@op.example"')
    book.write_text(template.replace(f'amc = "{one}"', f'amc = "{one}"\n{key}\ndrop = "{drop}"'))
    book.chmod(0o600)
    said = typed("incident", "files", incident, "--contacts", book, *NADIA, code=2)
    assert "to be brought otherwise" in said, "the other insurer has no drop"
    assert "factures · claims" in said
    last = {path.parts[-3]: path for path in sorted(case.glob("dossiers/*/*/report.json"))}
    reports = [json.loads(last[amc].read_text()) for amc in (one, two)]
    assert [each["claims"]["breached"] for each in reports] == [1, 1]
    assert {each["doors"]["software"] for each in reports} == {1}
    for paper, code in (("plainte", "claims"), (f"cnil-{one}", "claims"), ("cnil", "claims")):
        assert f'"{code}"' in (case / "papers" / f"{paper}.json").read_text()

    dropped = max(drop.iterdir())
    assert (dropped / "claims.sealed").exists()
    out, members = tmp_path / "ouvert.csv", tmp_path / "members.csv"
    members.write_text("reference;name\n")
    words = ("--members", members, "--out", out, "--folder", insurer)
    opened = typed("insurer", "open", dropped, "--key", stage.settings.vault_key_file, *words)
    assert "1 par le voleur · by the thief, 1 indécises" in opened
    line, _ = (tmp_path / "EXERCICE-ouvert-claims.csv").read_text().splitlines()[1:]
    assert re.search(r";breached;\d+;imaging;claim;answer;41;PHAR;2026-11-26;1;0;;", line)

    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "keys").mkdir(parents=True)
    for each in [*stage.home.iterdir(), *(stage.home / "keys").iterdir()]:
        at = elsewhere / each.relative_to(stage.home)
        if not at.exists() and not each.name.startswith("billing."):
            at.symlink_to(each)
    blind = typed("incident", "scope", incident, REMPART_HOME=str(elsewhere))
    assert "organisme inconnu · not opened, whose: 3" in blind, "where claims are judged elsewhere"
