"""Dossiers on disk: ``Dossier``, and all of a folder.

99990001/0001/   a report to an insurer, with its ``manifest.note``
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rempart.adapters.inside import folder_at, pieces_of, text_of
from rempart.domain.errors import IntegrityBroken
from rempart.tlog.note import NOTE_SIZE_MAX
from rempart.usecases.delivery_ports import Dossier, Place
from rempart.usecases.dossier_manifest import MANIFEST

AMC, NUMBER = re.compile(r"[0-9]{8}"), re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class FolderDossier:
    """The dossier in ``path``."""

    path: Path

    def manifest(self) -> str | None:
        """Its signed manifest."""
        try:
            with folder_at(str(self.path)) as folder:
                return text_of(MANIFEST, NOTE_SIZE_MAX, inside=folder)
        except OSError:
            return None

    def read(self, name: str) -> Iterator[bytes]:
        """A file of it, piece by piece."""
        try:
            with folder_at(str(self.path)) as folder:
                yield from pieces_of(name, inside=folder)
        except OSError:
            raise IntegrityBroken(f"{name} is not there, or cannot be read") from None


def dossiers_in(folder: Path) -> dict[Place, Dossier]:
    """Every dossier of an incident, by insurer and number."""
    found: dict[Place, Dossier] = {}
    for insurer in sorted(folder.iterdir()):
        if AMC.fullmatch(insurer.name) and insurer.is_dir() and not insurer.is_symlink():
            for path in sorted(insurer.iterdir()):
                if NUMBER.fullmatch(path.name):
                    found[Place(insurer.name, path.name)] = FolderDossier(path)
    return found
