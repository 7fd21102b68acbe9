"""The manifest of an insurer's dossier: one signed note beside its files (``specs/dossier.md``).

    rempart/dossier/1
    ORIGIN
    {…}                        one line of JSON: which dossier, and the SHA-256 of each file

    — ORIGIN base64(key id ‖ signature)

Written last: a folder without one is no dossier. Signed by the vault's checkpoint key.
"""

import re
from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rempart.domain.errors import IntegrityBroken
from rempart.tlog.errors import NoteInvalid
from rempart.tlog.note import NoteVerifier, open_note

TITLE = "rempart/dossier/1"
MANIFEST, REPORT = "manifest.note", "report.json"
FILES_MAX = 32
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
FileName = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9._-]{0,63}$")]
"""No folder, nothing hidden: whatever was signed, a file lies in the dossier's own folder."""
Number = Annotated[int, Meta(ge=0, le=2**62)]


class Manifest(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Which dossier this is, and SHA-256 of each of its files by name, in hexadecimal.

    ``before`` is the digest of the manifest in whose place it stands, of the same report: the list
    lay in clear then. It is left out where there was none.
    """

    amc: Annotated[str, Meta(pattern="^[0-9]{8}$")]
    exercise: bool
    files: Annotated[dict[FileName, Digest], Meta(min_length=1, max_length=FILES_MAX)]
    incident: Number
    number: Annotated[int, Meta(ge=1, le=9999)]
    before: Digest | Literal[""] = ""

    def __repr__(self) -> str:
        return f"Manifest(incident={self.incident}, amc={self.amc}, number={self.number})"


def manifest_text(origin: str, manifest: Manifest) -> str:
    """What the vault signs."""
    return f"{TITLE}\n{origin}\n{msgspec.json.encode(manifest, order='sorted').decode()}\n"


def manifest_digest(origin: str, manifest: Manifest) -> str:
    """What a receipt names: SHA-256 of what was signed, in hexadecimal."""
    return sha256(manifest_text(origin, manifest).encode()).hexdigest()


def stands_for(origin: str, manifest: Manifest) -> frozenset[str]:
    """Digests under which a dossier was handed over, or received: its own, and the one before."""
    return frozenset({manifest_digest(origin, manifest), manifest.before} - {""})


def read_manifest(note: str, vault: NoteVerifier) -> Manifest:
    """The manifest in ``note``, in the one form that the vault signs.

    Raises:
        IntegrityBroken: not signed by this vault, or no manifest of a dossier.
    """
    try:
        text = open_note(note, vault)
        _, _, line, _ = text.split("\n")
        manifest = msgspec.json.decode(line, type=Manifest)
    except (NoteInvalid, ValueError):
        raise IntegrityBroken("this manifest is not signed by the vault we know") from None
    if MANIFEST in manifest.files or REPORT not in manifest.files:
        raise IntegrityBroken("the manifest names itself, or no report")
    if manifest_text(vault.name, manifest) != text:
        raise IntegrityBroken("what the vault signed is no dossier, or not in its one form")
    return manifest


def drop_name(origin: str, manifest: Manifest) -> str:
    """How a dossier is called in an insurer's drop, beside those of other operators."""
    operator = re.sub(r"[^a-z0-9]+", "-", origin.lower()).strip("-")[:40] or "rempart"
    name = f"{operator}-incident-{manifest.incident}-{manifest.amc}-{manifest.number:04d}"
    return f"EXERCICE-{name}" if manifest.exercise else name
