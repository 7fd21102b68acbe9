"""Deliveries as they are typed, with the platform cut: no vault, no database."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from rempart.__main__ import main
from rempart.adapters.delivery_journal import NAME
from rempart.adapters.keys.file import KeyFile
from rempart.bootstrap.insurer import make_folder
from rempart.domain.identifiers import AMCNumber, MemberNumberRule
from rempart.domain.insurer import InsurerProfile, b64
from tests.dossiers import HANDLE, PEOPLE, VAULT, files, write
from tests.mail_sink import Sink, mail_sink

title = "Deliveries with everything cut"

ONE, TWO = "99990001", "99990002"
BOOK = """
[operator]
name = "Opérateur d'essai"
siren = "732829320"
address = "1 rue d'Essai, 75001 Paris"
dpo = "DPO"
dpo_email = "dpo@op.example"
dpo_phone = "+33 1 00 00 00 00"
desk = "+33 1 00 00 00 24"
"""


@dataclass
class Desk:
    """A folder of dossiers, a book, two insurers, and somebody who types."""

    root: Path
    environ: dict[str, str]

    @property
    def folder(self) -> Path:
        return self.root / "dossiers"

    def drop(self, amc: str) -> Path:
        return self.root / "drops" / amc

    def insurer(self, amc: str) -> Path:
        """An insurer's folder, with its keys."""
        folder = self.root / f"insurer-{amc}"
        if not folder.exists():
            profile = InsurerProfile(
                amc=AMCNumber(amc),
                sandbox=True,
                member_number_rule=MemberNumberRule(),
                declared=True,
                legacy_until=None,
                platform=None,
            )
            make_folder(folder, profile, KeyFile(folder / "insurer.key"))
        return folder

    def run(self, *words: object, code: int = 0, **environ: str) -> str:
        typed = [str(word) for word in words]
        env = {**self.environ, "COLUMNS": "200", **environ}
        done = CliRunner(env=env).invoke(main, typed, prog_name="rempart")
        assert done.exit_code == code, done.output + repr(done.exception)
        return done.output

    def write_book(self, text: str) -> Path:
        path = self.root / "home" / "contacts.toml"
        path.write_text(text)
        path.chmod(0o600)
        return path

    def entry(self, amc: str) -> str:
        said = {
            "amc": amc,
            "name": f"Mutuelle {amc}",
            "delegate": "Gestion SA",
            "phone": f"+33 1 {amc} 24",
            "email": f"crise@m{amc}.example",
            "drop": str(self.drop(amc)),
            "key": b64(b"k" * 32),
        }
        rows = (f"{name} = {json.dumps(value)}" for name, value in said.items())
        return "\n[[insurer]]\n" + "\n".join(rows) + "\n"


@pytest.fixture
def desk(tmp_path) -> Desk:
    home = tmp_path / "home"
    (home / "vault").mkdir(parents=True)
    (home / "vault" / "public-key").write_text(VAULT.vkey + "\n")
    desk = Desk(tmp_path, {"REMPART_HOME": str(home)})
    for amc in (ONE, TWO):
        desk.drop(amc).mkdir(parents=True)
        write(desk.folder, amc, 1, files(amc, exercise=True))
    desk.write_book(BOOK + desk.entry(ONE) + desk.entry(TWO))
    return desk


def smtp(desk: Desk, sink: Sink) -> dict[str, str]:
    authority = desk.root / "authority.pem"
    authority.write_bytes(sink.authority)
    login = desk.root / "home" / "vault" / "smtp-login"
    login.write_text("desk\nsecret\n")
    login.chmod(0o600)
    return {
        "REMPART_SMTP_HOST": "localhost",
        "REMPART_SMTP_PORT": str(sink.port),
        "SSL_CERT_FILE": str(authority),
    }


def test_from_the_folder_to_the_receipt_with_nothing_else_there(desk):
    with mail_sink(desk.root, login=("desk", "secret")) as sink:
        said = desk.run("incident", "deliver", desk.folder, **smtp(desk, sink))
        again = desk.run("incident", "deliver", desk.folder, **smtp(desk, sink))
    assert "déposés · in their drops: 2" in said
    assert said.count("EXERCICE") == 2
    assert again.count("avisé avant") == 2
    assert sorted(each["To"] for each in sink.messages) == [
        f"crise@m{amc}.example" for amc in (ONE, TWO)
    ]
    for each in sink.messages:
        assert each["Subject"].startswith("[EXERCICE")
        text = f"{each}{each.get_content()}"
        assert not [told for told in (HANDLE, str(PEOPLE), "Mutuelle") if told in text]

    name = f"EXERCICE-op-example-ledger-incident-41-{ONE}-0001"
    key = desk.root / "home" / "vault" / "public-key"
    dropped = desk.drop(ONE) / name
    received = desk.run(
        *("insurer", "receive", dropped, "--operator", key, "--folder", desk.insurer(ONE))
    )
    assert "EXERCICE" in received
    assert "signé · signed" in received

    status = ("incident", "deliveries", desk.folder)
    bundle = ("--bundle", desk.insurer(ONE) / "bundle.json")
    unread = desk.run(*status)
    assert "accusé non vérifié" in unread
    assert "reçus · received: 0, attendus · awaited: 2" in unread
    others = desk.root / "bundles"
    others.mkdir()
    (others / "two.json").write_bytes((desk.insurer(TWO) / "bundle.json").read_bytes())
    wrong = desk.run(*status, "--bundle", others)
    assert "accusé non vérifié" in wrong
    told = desk.run(*status, *bundle)
    assert "reçus · received: 1, attendus · awaited: 1" in told
    later = desk.run(*status, *bundle, "--enter", "--as", "nadia")
    assert "pas inscrit · not entered" in later
    assert f"./rempart incident deliveries {desk.folder} --enter --as nadia" in later
    assert "--as NOM" in desk.run(*status, "--enter", code=2)


def test_who_is_late_is_called_by_their_number(desk):
    desk.run("incident", "deliver", desk.folder)
    path = desk.folder / NAME
    for hours, words in ((2, "appelez"), (5, "rappelez"), (25, "portez-le")):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        at = time.time_ns() // 1_000 - hours * 3_600_000_000
        path.write_text("".join(json.dumps(line | {"at": at}) + "\n" for line in lines))
        said = " ".join(desk.run("incident", "deliveries", desk.folder).split())
        assert words in said
        assert "+33 1 99990001 24" in said
        assert "Gestion SA" in said


def test_one_insurer_may_be_named_and_one_without_dossier_is_said(desk):
    said = desk.run("incident", "deliver", desk.folder, "--amc", TWO)
    assert "dossiers : 1" in said
    assert not [*desk.drop(ONE).iterdir()]
    assert "no dossier for 12345678" in desk.run(
        *("incident", "deliver", desk.folder, "--amc", "12345678"), code=2
    )
    wrong = desk.run("incident", "deliver", desk.folder, "--amc", "../x", code=2)
    assert "expected 8 digits" in wrong
    assert "../x" not in wrong


def test_without_the_vaults_key_or_a_book_nothing_begins(desk):
    (desk.root / "home" / "contacts.toml").unlink()
    said = desk.run("incident", "deliver", desk.folder, code=2)
    assert "rempart incident contacts template" in said
    desk.write_book(BOOK)
    (desk.root / "home" / "vault" / "public-key").unlink()
    assert "--key" in desk.run("incident", "deliver", desk.folder, code=2)
    assert not (desk.folder / NAME).exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("[operator]", "[operator"), "line 2, contacts.toml: not TOML"),
        (lambda text: text + "x = secret\n", "line 28, contacts.toml: not TOML"),
        (lambda text: text.replace('dpo = "DPO"', ""), "operator: dpo is missing"),
        (lambda text: text.replace('dpo = "DPO"', "dpo = 3"), "operator, dpo: expected 1 to 200"),
        (
            lambda text: text.replace(f'amc = "{TWO}"', 'amc = "secret"'),
            "insurer 2, amc: expected 8",
        ),
        (lambda text: text.replace(f'amc = "{TWO}"', f'amc = "{ONE}"'), "insurer 2, amc: one is"),
        (lambda text: text.replace('"crise@', '"a\\r\\nBcc: crise@'), "insurer 1, email: expected"),
        (lambda text: text.replace("delegate =", "delegat ="), "insurer 1: delegat is not known"),
        (lambda text: text.replace(b64(b"k" * 32), "secret"), "insurer 1, key: expected 32 bytes"),
        (lambda text: "x = " + "[" * 5000, "line 1, contacts.toml"),
    ],
)
def test_a_malformed_book_is_named_by_line_field_and_rule(desk, change, words):
    desk.write_book(change(BOOK + desk.entry(ONE) + desk.entry(TWO)))
    said = desk.run("incident", "contacts", "check", code=2)
    assert words in said
    assert "secret" not in said
    assert said.count("\n") == 1


def test_a_book_that_is_no_text_or_that_others_write_is_refused(desk):
    path = desk.write_book(BOOK)
    path.write_bytes(BOOK.encode() + b"# \xff\n")
    assert "line 10, contacts.toml: not UTF-8" in desk.run("incident", "contacts", "check", code=2)
    desk.write_book(BOOK).chmod(0o622)
    assert "others may write it" in desk.run("incident", "contacts", "check", code=2)


def test_the_book_is_checked_without_a_database(desk):
    said = desk.run("incident", "contacts", "check")
    assert "registry unread" in said
    assert not list(desk.drop(ONE).iterdir()), "the probe leaves nothing"
    link = desk.root / "link"
    link.symlink_to(desk.drop(ONE))
    other = desk.root / "other.toml"
    text = BOOK + desk.entry(ONE).replace(str(desk.drop(ONE)), str(link))
    other.write_text(text.replace("crise@", "crise "))
    other.chmod(0o600)
    said = desk.run("incident", "contacts", "check", other, code=2)
    assert "drop: a link" in said
    assert "its e-mail is malformed" in said
    assert "crise " not in said


def test_an_insurer_that_is_handed_anothers_dossier_says_so(desk):
    desk.run("incident", "deliver", desk.folder)
    (dropped,) = desk.drop(TWO).iterdir()
    key = desk.root / "home" / "vault" / "public-key"
    said = desk.run(
        *("insurer", "receive", dropped, "--operator", key, "--folder", desk.insurer(ONE)), code=2
    )
    assert "another insurer's" in said
    (dropped / "members.csv").chmod(0o600)
    with (dropped / "members.csv").open("ab") as stream:
        stream.write(b"x")
    said = desk.run(
        *("insurer", "receive", dropped, "--operator", key, "--folder", desk.insurer(TWO)), code=3
    )
    assert "members.csv is not the file that was signed" in said
    assert [path.name for path in desk.drop(TWO).iterdir()] == [dropped.name]


def test_twenty_five_dossiers_are_handed_over_by_one_mail_connection(desk):
    entries = ""
    for number in range(25):
        amc = f"{88880000 + number}"
        desk.drop(amc).mkdir()
        write(desk.folder, amc, 1, files(amc))
        entries += desk.entry(amc)
    desk.write_book(BOOK + entries)
    with mail_sink(desk.root, login=("desk", "secret")) as sink:
        said = desk.run("incident", "deliver", desk.folder, **smtp(desk, sink), code=2)
    assert "in their drops: 25" in said
    assert "dossiers : 27" in said, "two are of insurers that are not in the book"
    assert len(sink.messages) == 25
    assert sink.connections == 1


def test_a_folder_without_dossiers_is_refused_and_nothing_is_written_there(desk):
    """The incident's own folder, one too high: nothing was delivered, and that is not success."""
    above = desk.folder.parent
    for words in ("deliver", "deliveries"):
        assert "no dossier is here" in desk.run("incident", words, above, code=2)
    assert not (above / NAME).exists()


def test_a_drop_that_is_not_mounted_is_no_success(desk):
    desk.drop(ONE).rmdir()
    assert "in their drops: 1" in desk.run("incident", "deliver", desk.folder, code=2)
