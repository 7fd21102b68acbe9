"""A dossier as it was received: a folder of files, read and never written."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rempart.domain.errors import Refusal


@dataclass(frozen=True, slots=True)
class ReceivedFolder:
    """A folder; a link in it leads nowhere."""

    folder: Path

    @property
    def name(self) -> str:
        """As it was typed."""
        return str(self.folder)

    def open(self, name: str) -> BinaryIO | None:
        """A file of it, or none.

        Raises:
            Refusal: it is there, and is not for us to read.
        """
        try:
            file = os.open(self.folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError:
            raise Refusal(f"{name} cannot be read") from None
        return os.fdopen(file, "rb")
