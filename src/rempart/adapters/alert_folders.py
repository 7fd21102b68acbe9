"""Alerts on disk. Everything that others fetch lies under ``out``; any web server may serve it.

card.json                     our own card, to hand out
out/KEY/READER/latest         the latest alert for a reader, sealed; and each by its NUMBER
readers/READER.json           cards of who may read ours
rows/KEY/READER.json          how far each reader's row has come
publishers/KEY.json, KEY.pem  cards of whom we fetch from; the authority of its TLS, if its own
in/                           alerts left by hand, until they are taken

KEY is the id of a key that signs, READER the digest of one that opens.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rempart.adapters.durable import sync_folder, write_whole
from rempart.domain.alert_card import AlertCard
from rempart.domain.errors import MalformedIdentifier, SetUpRefused
from rempart.domain.insurer import unhex
from rempart.usecases.alert_ports import Sent
from rempart.usecases.seal_alerts import SEALED_MAX

READER = re.compile(r"[0-9a-f]{32}")
DROPPED_MAX = 256
"""Files of ``in`` that are looked at in a go."""


class FolderOutbox:
    """``Outbox`` in the folders of one signing key."""

    def __init__(self, folder: Path, key_id: str) -> None:
        self._folder, self._key_id = folder, key_id

    def readers(self) -> Sequence[AlertCard]:
        """Who may read our alerts."""
        return cards_in(self._folder / "readers")

    def sent(self, reader: str) -> Sent:
        """How far a reader's row has come."""
        path = self._row(reader)
        if not path.exists():
            return Sent()
        match _json(path):
            case {"number": int(number), "digest": digest, "ref": int(ref)} if number > 0:
                return Sent(number, unhex(digest, "digest", 32), ref)
        raise SetUpRefused(f"rows/{reader}.json is not what this wrote")

    def put(self, reader: str, number: int, sealed: bytes) -> None:
        """Lay an alert out, and make it the latest."""
        place = self._folder / "out" / self._key_id / _checked(reader)
        place.mkdir(mode=0o755, parents=True, exist_ok=True)
        write_whole(place / str(number), sealed, mode=0o644)
        write_whole(place / "latest", sealed, mode=0o644)

    def note(self, reader: str, sent: Sent) -> None:
        """Keep how far a row has come."""
        said = {"number": sent.number, "digest": sent.digest.hex(), "ref": sent.ref}
        path = self._row(reader)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, json.dumps(said).encode(), mode=0o600)

    def _row(self, reader: str) -> Path:
        return self._folder / "rows" / self._key_id / f"{_checked(reader)}.json"


def _checked(reader: str) -> str:
    assert READER.fullmatch(reader), "readers are named by us"
    return reader


def keep_card(folder: Path, name: str, card: AlertCard) -> None:
    """Keep a card under a name."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(folder / f"{name}.json", json.dumps(card.to_json(), indent=1).encode(), mode=0o644)


def forget_card(folder: Path, name: str) -> None:
    """Forget one; what it has been sent is sent."""
    for path in folder.glob(f"{name}.*"):
        path.unlink()
    sync_folder(folder)


def cards_in(folder: Path) -> list[AlertCard]:
    """Every card of a folder, by its file's name."""
    return [card_at(path) for path in sorted(folder.glob("*.json"))]


def card_at(path: Path) -> AlertCard:
    """A card in a file.

    Raises:
        SetUpRefused: no such file, or it holds none.
        MalformedIdentifier: which entry is not one.
    """
    said = _json(path)
    if not isinstance(said, dict):
        raise MalformedIdentifier("alert card", "not of a known format")
    return AlertCard.from_json(said)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes()[:65_536])
    except (OSError, ValueError, RecursionError):
        raise SetUpRefused(f"{path.name} cannot be read, or holds no JSON") from None


def dropped(folder: Path) -> dict[str, bytes]:
    """Alerts that were left as files, by name; what is too long is cut, and refused for it."""
    if not folder.is_dir():
        return {}
    left = sorted(path for path in folder.iterdir() if path.name[0] != "." and path.is_file())
    return {path.name: beginning(path) for path in left[:DROPPED_MAX]}


def beginning(path: Path) -> bytes:
    """A file as far as an alert can be, and a byte more."""
    with path.open("rb") as stream:
        return stream.read(SEALED_MAX + 1)
