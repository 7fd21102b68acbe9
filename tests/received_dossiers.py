"""Dossiers as operators make them: the ground of the chapters about an insurer's side."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rempart.sealing.handles import handle_of
from rempart.sealing.stream import Purpose, seal_stream
from rempart.tlog.note import NoteKey
from rempart.usecases.claims_file import ClaimsSaid
from rempart.usecases.claims_list import CLAIM
from rempart.usecases.dossier_file import ChangeSaid, InsurerReport, PartSaid
from rempart.usecases.dossier_manifest import MANIFEST, REPORT, Manifest, manifest_text
from rempart.usecases.exercise_mark import ending, heading
from rempart.usecases.make_dossiers import (
    CLAIMS,
    CLEAR,
    CLEAR_CLAIMS,
    MEMBERS,
    SEALED,
    SEALED_CLAIMS,
)
from rempart.usecases.members_list import HEADER

AMC = "99990001"
AT = 1_793_693_520_000_000
"""3 November 2026, 9:12 in Paris."""
MINUTE = 60_000_000


def vault(name: str = "rempart.example") -> NoteKey:
    return NoteKey(name, hashlib.sha256(name.encode()).digest())


def line(
    handle: bytes,
    verdict: str = "breached",
    *,
    fields: str = "IN_FORCE+UNTIL+MODE",
    domains: str = "PHAR",
    presences: str = "LEGACY",
    kinds: str = "pharmacy",
    first: int = AT,
    last: int | None = None,
    answers: int = 1,
    entry: int = 40217,
) -> str:
    """A line of a list of members."""
    last = first if last is None else last
    return (
        f"{verdict};{handle.hex()};{fields};{domains};{presences};1;{kinds};"
        f"{first};{last};{answers};{entry}"
    )


def handle(keys: Any, reference: str, amc: str = AMC) -> bytes:
    return handle_of(keys.get("handle"), amc.encode(), reference.encode())


def report_of(lines: Sequence[str], clear: bytes, **said: Any) -> InsurerReport:
    """The report of a list, as much of it as is said."""
    parts = {
        name: PartSaid(people=sum(each.startswith(name) for each in lines))
        for name in ("breached", "undecided")
    }
    report: dict[str, Any] = {
        "incident": 41,
        "exercise": False,
        "number": 1,
        "phase": "initial",
        "amc": AMC,
        "name": "Mutuelle d’Exemple",
        "made": AT + 60 * MINUTE,
        "scope": 1,
        "scope_digest": "0" * 64,
        "checkpoint": "",
        "stolen": AT - 60 * MINUTE,
        "contained": AT + 53 * MINUTE,
        "accounts": 1,
        "kinds": {"pharmacy": 1},
        "cleared": 7,
        "clears": True,
        "members": hashlib.sha256(clear).hexdigest(),
        **parts,
    }
    return InsurerReport(**(report | said))


def write_dossier(
    folder: Path,
    lines: Sequence[str],
    *,
    signer: NoteKey | None = None,
    recipient: bytes | None = None,
    changes: Mapping[str, bytes] | None = None,
    manifest: Mapping[str, Any] | None = None,
    claims: Sequence[str] = (),
    claims_said: ClaimsSaid | None = None,
    without: str = "",
    **said: Any,
) -> InsurerReport:
    """A dossier in a folder; ``changes`` are made to files after they were signed; its manifest
    does not name what it is ``without``.
    """
    signer = signer or vault()
    folder.mkdir(parents=True)
    exercise = bool(said.get("exercise"))
    marked = [f"{each}{ending(exercise=exercise)}" for each in lines]
    members = "\n".join([heading(HEADER, exercise=exercise), *marked, ""]).encode()
    touched = "".join(f"{each}\n" for each in (f"verdict;{CLAIM}", *claims)).encode()
    if claims:
        said["claims"] = claims_said or claims_of(claims, touched)
    report = report_of(lines, members, **said)
    files = {REPORT: report.to_json(), "rapport.pdf": b"%PDF-1.7\n"}
    if recipient is None:
        files[CLEAR] = members
    else:
        files[SEALED] = _sealed(members, recipient, MEMBERS)
    if claims and recipient is not None:
        files[SEALED_CLAIMS] = _sealed(touched, recipient, CLAIMS)
    elif claims:
        files[CLEAR_CLAIMS] = touched
    signed = {name: data for name, data in files.items() if name != without}
    named = {
        "amc": report.amc,
        "exercise": report.exercise,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in signed.items()},
        "incident": report.incident,
        "number": report.number,
    }
    for name, data in (files | dict(changes or {})).items():
        (folder / name).write_bytes(data)
    note = manifest_text(signer.origin, Manifest(**(named | dict(manifest or {}))))
    (folder / MANIFEST).write_text(signer.sign(note), "utf-8")
    return report


def claims_of(lines: Sequence[str], clear: bytes) -> ClaimsSaid:
    """What a report says of a list of claims."""
    return ClaimsSaid(
        breached=sum(each.startswith("breached") for each in lines),
        undecided=sum(each.startswith("undecided") for each in lines),
        list=hashlib.sha256(clear).hexdigest(),
    )


def _sealed(clear: bytes, recipient: bytes, purpose: Purpose) -> bytes:
    pieces = seal_stream([clear], ephemeral=b"e" * 32, recipient=recipient, purpose=purpose)
    return b"".join(pieces)


def change(before: str) -> ChangeSaid:
    return ChangeSaid(
        before=before, breached_new=0, breached_gone=0, undecided_new=0, undecided_gone=0
    )


def recipient_of(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def copy(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to
