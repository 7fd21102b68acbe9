"""Dossiers as the operator writes them, a book of contacts, insurers with keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from rempart.domain.contacts import Contacts, InsurerContact, OperatorContact
from rempart.domain.identifiers import AMCNumber
from rempart.tlog.note import NoteKey
from rempart.usecases.dossier_manifest import (
    MANIFEST,
    Manifest,
    manifest_digest,
    manifest_text,
    read_manifest,
)

VAULT = NoteKey("op.example/ledger", bytes(range(32)))
OTHER_VAULT = NoteKey("op.example/ledger", bytes(range(1, 33)))
HANDLE = "8f3c5a77e1b24d99"
PEOPLE = 471_147
"""So many that no date, number or length can be taken for it."""
INCIDENT = 41


def feed_sign(amc: str) -> Ed25519PrivateKey:
    """The key that signs an insurer's feeds."""
    return Ed25519PrivateKey.from_private_bytes(sha256(amc.encode()).digest())


def public(amc: str) -> bytes:
    return feed_sign(amc).public_key().public_bytes_raw()


def files(
    amc: str,
    number: int = 1,
    *,
    exercise: bool = False,
    key: NoteKey = VAULT,
    more: Mapping[str, Any] | None = None,
) -> dict[str, bytes]:
    """The files of a dossier; ``more`` is changed in its manifest before it is signed."""
    members = f"verdict;handle\nbreached;{HANDLE}\n".encode()
    held = {
        "report.json": b'{"breached": {"people": %d}}\n' % PEOPLE,
        "rapport.pdf": b"%PDF-1.7 \x00" * 500,
        "members.csv": members,
    }
    said: dict[str, Any] = {
        "amc": amc,
        "exercise": exercise,
        "files": {name: sha256(data).hexdigest() for name, data in held.items()},
        "incident": INCIDENT,
        "number": number,
    }
    text = manifest_text(key.origin, Manifest(**(said | dict(more or {}))))
    return held | {MANIFEST: key.sign(text).encode()}


def sealed_since(held: Mapping[str, bytes], key: NoteKey = VAULT) -> dict[str, bytes]:
    """The same report once its list is sealed, under a manifest that names the one before."""
    old = read_manifest(held[MANIFEST].decode(), key.verifier)
    kept = {name: data for name, data in held.items() if name not in {"members.csv", MANIFEST}}
    kept["members.sealed"] = b"RPDOSS1\n" + bytes(99)
    digests = {name: sha256(data).hexdigest() for name, data in kept.items()}
    now = structs.replace(old, files=digests, before=manifest_digest(key.origin, old))
    return kept | {MANIFEST: key.sign(manifest_text(key.origin, now)).encode()}


def write(folder: Path, amc: str, number: int, held: Mapping[str, bytes]) -> Path:
    """A dossier on disk."""
    place = folder / amc / f"{number:04d}"
    place.mkdir(parents=True)
    for name, data in held.items():
        (place / name).write_bytes(data)
    return place


OPERATOR = OperatorContact(
    name="Opérateur d'essai",
    siren="732829320",
    address="1 rue d'Essai, 75001 Paris",
    dpo="DPO",
    dpo_email="dpo@op.example",
    dpo_phone="+33 1 00 00 00 00",
    desk="+33 1 00 00 00 24",
)


def contact(amc: str, **more: Any) -> InsurerContact:
    said = {
        "name": f"Mutuelle {amc}",
        "phone": "+33 1 99 99 99 24",
        "email": f"crise@{amc}.example",
        "drop": f"/drops/{amc}",
        "key": b"k" * 32,
    }
    return InsurerContact(amc=AMCNumber(amc), **(said | more))


def book(contacts: Sequence[InsurerContact], operator: OperatorContact = OPERATOR) -> Contacts:
    return Contacts(operator, {int(each.amc.value): each for each in contacts})


@dataclass
class Killed(BaseException):
    """A process that ends in the middle: nothing catches it."""

    where: str = field(default="", repr=False)
