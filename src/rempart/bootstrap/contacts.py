"""The contact book of this installation, and who is registered here to be looked for in it."""

import re
import tomllib
from contextlib import suppress
from pathlib import Path

from rempart.bootstrap.insurer import read_json
from rempart.bootstrap.lists import PROFILE, published
from rempart.bootstrap.registrar import registrar
from rempart.config import Settings
from rempart.domain.contacts import Contacts, contacts_of
from rempart.domain.errors import MalformedIdentifier, MalformedRow, SetUpRefused
from rempart.domain.insurer import PublicBundle

BOOK_MAX = 1_000_000
"""Bytes: a thousand insurers have a fifth of it."""
AT_LINE = re.compile(r"\(at line (\d+), column \d+\)$")
OTHERS = 0o022


def read_contacts(path: Path) -> Contacts:
    """The book in a file.

    Raises:
        SetUpRefused: no such file, or others may write it.
        MalformedRow: a line of it is not TOML.
        MalformedIdentifier: an entry is not one, by its insurer, field and rule.
    """
    try:
        with path.open("rb") as stream:
            if path.stat().st_mode & OTHERS:
                raise SetUpRefused(f"{path.name}: others may write it; chmod go-w")
            data = stream.read(BOOK_MAX + 1)
    except OSError:
        raise SetUpRefused(
            f"{path.name} cannot be read: begin with rempart incident contacts template"
        ) from None
    if len(data) > BOOK_MAX:
        raise SetUpRefused(f"{path.name} is longer than a book can be")
    return contacts_of(_toml(data, path.name))


def _toml(data: bytes, name: str) -> object:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise MalformedRow(line, name, "not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        # What it says may quote what was typed: only the line is passed on.
        found = AT_LINE.search(str(error))
        line = int(found[1]) if found else data.count(b"\n") + 1
        raise MalformedRow(line, name, "not TOML") from None
    except RecursionError:
        raise MalformedRow(1, name, "nested too deep") from None


def registered(settings: Settings) -> dict[int, PublicBundle]:
    """The insurers that are registered, by number.

    Raises:
        TemporarilyUnavailable: no database.
    """
    with registrar(settings) as registry:
        insurers = registry.read().insurers
    return {amc: PublicBundle.from_json(each.bundle) for amc, each in insurers.items()}


def check_registered(settings: Settings, amc: int) -> None:
    """Return if an insurer of this number is registered here.

    Raises:
        MalformedIdentifier: none is; its clocks would run for nobody, and for good.
        TemporarilyUnavailable: no database.
    """
    if amc not in registered(settings):
        raise MalformedIdentifier("amc", f"no insurer {amc:08d} is registered here")


def named(settings: Settings) -> tuple[str, dict[str, str]]:
    """What the operator and its insurers are called on the card lists; nothing without them."""
    with suppress(SetUpRefused):
        match read_json(published(settings) / PROFILE):
            case {"name": str(operator), "insurers": dict(names)}:
                return operator, {str(amc): str(name) for amc, name in names.items()}
    return "", {}


def bundles_in(paths: tuple[Path, ...]) -> dict[str, PublicBundle]:
    """Public bundles in files, or in folders of files, by AMC number.

    Raises:
        SetUpRefused, MalformedIdentifier: one holds none.
    """
    found: dict[str, PublicBundle] = {}
    for path in paths:
        for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
            bundle = PublicBundle.from_json(read_json(file))
            if found.setdefault(bundle.amc.value, bundle) != bundle:
                raise MalformedIdentifier("bundle", "two of one insurer differ")
    return found
