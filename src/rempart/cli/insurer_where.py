"""Where an insurer's folder is, and how its keys open: options that its commands share."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path

import click

from rempart.adapters.keys.file import Unlock
from rempart.bootstrap.insurer import InsurerFolder, unlock_of

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])


@dataclass(frozen=True, slots=True)
class Where:
    """The insurer's folder, and how its keys open."""

    folder: Path
    key_file: Path | None
    passphrase: bool

    def unlock(self, *, fresh: bool) -> Unlock:
        """Ask for the passphrase where it is one; twice where it is new."""
        said = None
        if self.passphrase:
            said = click.prompt(
                "Phrase de passe · passphrase", hide_input=True, confirmation_prompt=fresh
            )
        return unlock_of(self.folder, key_file=self.key_file, passphrase=said)

    def opened(self) -> InsurerFolder:
        """The folder, unlocked."""
        return InsurerFolder.open(self.folder, self.unlock(fresh=False))


def at_folder(run: Callable[..., None]) -> Callable[..., None]:
    """The three options that say where; given to the command as one."""

    @click.option(
        "--folder",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("insurer"),
        show_default=True,
        help="Dossier de l'assureur · the insurer's folder",
    )
    @click.option("--key-file", type=NEW_FILE, help="Clé du trousseau · unlocks the keyring")
    @click.option("--passphrase", is_flag=True, help="Au lieu d'un fichier · instead of a file")
    @wraps(run)
    def with_folder(
        *, folder: Path, key_file: Path | None, passphrase: bool, **others: object
    ) -> None:
        run(where=Where(folder, key_file, passphrase), **others)

    return with_folder
