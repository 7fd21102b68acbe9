"""Letters after a breach: a dossier opened, everybody written to, PDF set by several processes.

    .venv/bin/python -m benchmarks.letters [--people N] [--processes P]

Each part is the command that an insurer types, in a process of its own, timed from start to end:
``rempart insurer open`` (verify, unseal, join with a member file three times as long), then
``rempart insurer letters`` without and with PDF: facts, each letter in two languages, checked, the
merge file; then two pages each as PDF/A. ``per_minute`` counts people. A command costs something
before its first letter; so it is run with a tenth as well, and ``cpu_ms`` is what each further
letter takes, of all processes.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.cards import Used, run
from rempart.adapters.keys.file import KeyFile
from rempart.bootstrap.insurer import InsurerFolder
from rempart.bootstrap.insurer_dossiers import public_dossier_key
from rempart.sealing.handles import handle_of
from rempart.sealing.stream import seal_stream
from rempart.tlog.note import NoteKey
from rempart.usecases.dossier_file import InsurerReport, PartSaid
from rempart.usecases.dossier_manifest import MANIFEST, REPORT, Manifest, manifest_text
from rempart.usecases.make_dossiers import MEMBERS, READABLE, SEALED
from rempart.usecases.members_list import HEADER

AMC = "99990001"
AT = 1_793_693_520_000_000
DOMAINS = ("PHAR", "PHAR+LPPS", "OPTI", "DENT+DEPR", "LABO")
LETTER = """
name = "Mutuelle d’Exemple"
address = ["1 rue de l’Exemple", "00000 Exemple"]
dpo = "Camille Exemple"
reach = ["01 00 00 00 00", "dpo@exemple.example"]
to = ["{prenom} {nom}", "{adresse}", "{cp} {ville}"]
"""


def prepare(folder: Path, people: int) -> None:
    """An insurer, its file, and a dossier about a third of it."""
    run("init", AMC, "--sandbox", folder=folder)
    home = folder / "insurer"
    (home / "letter.toml").write_text(LETTER, "utf-8")
    insurer = InsurerFolder.open(home, KeyFile(home / "insurer.key"))
    with (folder / "members.csv").open("w", encoding="utf-8") as stream:
        stream.write("reference;prenom;nom;adresse;cp;ville;birth_date\n")
        for n in range(people * 3):
            stream.write(f"R{n:08d};Noé;FICTIVE;{n} rue de l’Exemple;75000;PARIS;1980-02-30\n")
    key = insurer.keys.get("handle")
    lines = [HEADER]
    for n in range(people):
        at = AT + n * 1_000_000
        handle = handle_of(key, AMC.encode(), f"R{n * 3:08d}".encode()).hex()
        verdict = "breached" if n < people - people // 10 else "undecided"
        lines.append(
            f"{verdict};{handle};IN_FORCE+UNTIL+MODE;{DOMAINS[n % len(DOMAINS)]};LEGACY;1;pharmacy;"
            f"{at};{at};1;{n}"
        )
    recipient = public_dossier_key(insurer, renew=False)
    write_dossier(folder, "".join(f"{line}\n" for line in lines).encode(), people, recipient)


def write_dossier(folder: Path, members: bytes, people: int, recipient: bytes) -> str:
    """The dossier as an operator makes it; the digest of its report."""
    report = InsurerReport(
        incident=1,
        exercise=False,
        number=1,
        phase="initial",
        amc=AMC,
        name="",
        made=AT,
        scope=1,
        scope_digest="",
        checkpoint="",
        stolen=AT,
        contained=AT + people * 1_000_000,
        accounts=1,
        kinds={},
        breached=PartSaid(people=people - people // 10),
        undecided=PartSaid(people=people // 10),
        cleared=0,
        clears=True,
        members=hashlib.sha256(members).hexdigest(),
    )
    sealed = seal_stream([members], ephemeral=os.urandom(32), recipient=recipient, purpose=MEMBERS)
    files = {REPORT: report.to_json(), READABLE: b"%PDF-1.7\n", SEALED: b"".join(sealed)}
    vault = NoteKey("rempart.example", os.urandom(32))
    manifest = Manifest(
        amc=AMC,
        exercise=False,
        incident=1,
        number=1,
        files={name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    )
    (folder / "dossier").mkdir()
    for name, data in files.items():
        (folder / "dossier" / name).write_bytes(data)
    note = vault.sign(manifest_text(vault.origin, manifest))
    (folder / "dossier" / MANIFEST).write_text(note, "utf-8")
    (folder / "vault.pub").write_text(vault.vkey + "\n")
    digest = hashlib.sha256(files[REPORT]).hexdigest()
    (folder / "decision.toml").write_text(
        f'reports = ["{digest}"]\ntell = "everybody"\nground = "high-risk"\n'
        'reason = "de faux appels sont à craindre"\nby = "DPO"\n'
        '[measures]\nfr = ["Nous avons prévenu la CNIL."]\nen = ["We told the CNIL."]\n',
        "utf-8",
    )
    return digest


def make(people: int, processes: int) -> tuple[Used, Used, Used, float]:
    """Opened, written, set; and how many MB of PDF."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, people)
        given = ("dossier", "--key", "vault.pub", "--members", "members.csv", "--out")
        decided = ("--decision", "decision.toml", "--processes", str(processes))
        opened = run("open", *given, "opened.csv", folder=folder)
        written = run("letters", *given, "w", *decided, "--no-pdf", folder=folder)
        printed = run("letters", *given, "l", *decided, folder=folder)
        manifest = json.loads((folder / "l" / "print" / "manifest.json").read_text())
        assert manifest["letters"] == people, "everybody has a letter"
        return opened, written, printed, sum(pack["bytes"] for pack in manifest["packs"]) / 1e6


def measure(people: int, processes: int) -> dict[str, float | int]:
    """A tenth of it, then all."""
    _, few_written, few_printed, _ = make(people // 10, processes)
    opened, written, printed, pdf_mb = make(people, processes)
    more = people - people // 10
    return {
        "people": people,
        "open_seconds": round(opened.wall, 1),
        "open_peak_mb": round(opened.peak),
        "merge_seconds": round(written.wall, 1),
        "merge_per_minute": round(people / written.wall * 60),
        "merge_cpu_ms": round((written.cpu - few_written.cpu) / more * 1000, 2),
        "letters_seconds": round(printed.wall, 1),
        "per_minute": round(people / printed.wall * 60),
        "cpu_ms": round((printed.cpu - few_printed.cpu) / more * 1000, 2),
        "peak_mb": round(printed.peak),
        "processes": processes,
        "pdf_mb": round(pdf_mb),
    }


def main() -> None:
    """Measure, and print one JSON object last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    sys.stdout.write(json.dumps(measure(asked.people, asked.processes)) + "\n")


if __name__ == "__main__":
    main()
