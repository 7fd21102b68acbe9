"""The manifest of a dossier: what the vault signs of it, written last (``specs/dossier.md``)."""

import msgspec

from rempart.domain.errors import IntegrityBroken
from rempart.tlog.errors import NoteInvalid
from rempart.tlog.note import NoteVerifier, open_note

TITLE = "rempart/dossier/1"


class DossierSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose dossier, of which incident, and the SHA-256 of each of its files, in hexadecimal."""

    incident: int
    exercise: bool
    amc: str
    number: int
    files: dict[str, str]

    def __repr__(self) -> str:
        return f"DossierSaid(incident={self.incident}, amc={self.amc}, number={self.number})"


def dossier_text(origin: str, said: DossierSaid) -> str:
    """What the vault signs."""
    return f"{TITLE}\n{origin}\n{msgspec.json.encode(said, order='sorted').decode()}\n"


def read_manifest(note: str, vault: NoteVerifier) -> DossierSaid:
    """The manifest in ``note``.

    Raises:
        IntegrityBroken: not signed by this vault, or no manifest of a dossier.
    """
    try:
        title, origin, line, end = open_note(note, vault).split("\n")
        if (title, origin, end) != (TITLE, vault.name, ""):
            raise IntegrityBroken("what the vault signed is no dossier")
        return msgspec.json.decode(line, type=DossierSaid)
    except (NoteInvalid, ValueError):
        raise IntegrityBroken("a dossier is not signed by the vault we know") from None
