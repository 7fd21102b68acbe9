"""What a paper rests on, and what of it its reader can verify."""

from collections.abc import Iterator
from hashlib import sha256

from rempart.usecases.dossier_file import InsurerReport
from rempart.usecases.paper import Item, alike, several, told

ENTRIES = ("entrée", "entrées"), ("entry", "entries")


def verify_items(report: InsurerReport) -> Iterator[Item]:
    """What the report rests on; what its insurer verifies, and what an inspector."""
    yield told(
        "scope",
        (f"Portée n° {report.scope}", f"Scope no. {report.scope}"),
        alike(f"SHA-256 {report.scope_digest}"),
        value=report.scope_digest,
    )
    yield from checkpoint_items(report.checkpoint)
    yield told(
        "open",
        ("Ce que vous vérifiez", "What you verify"),
        (
            "La signature du manifeste, l'empreinte de votre liste, et qu'elle a autant de"
            " personnes que ce rapport : rempart insurer open",
            "The manifest's signature, the digest of your list, and that it holds as many people"
            " as this report: rempart insurer open",
        ),
    )
    yield told(
        "proof",
        ("Ce qui a été lu d'une personne", "What was read of one person"),
        (
            "Demandez à l'opérateur la preuve de l'entrée que nomme sa ligne ; puis, avec la clé"
            " publique du coffre : rempart ledger check",
            "Ask the operator for the proof of the entry that its line names; then, with the"
            " vault's public key: rempart ledger check",
        ),
    )
    yield told(
        "recompute",
        ("Refaire la portée entière", "Make the whole scope again"),
        (
            "Elle nomme d'autres organismes, et ne vous est pas remise : un contrôleur la refait"
            " chez l'opérateur (rempart ledger verify --scope)",
            "It names other insurers, and is not handed to you: an inspector makes it again at the"
            " operator's (rempart ledger verify --scope)",
        ),
    )


def checkpoint_items(checkpoint: str) -> Iterator[Item]:
    """A signed checkpoint, by what it says and by its digest: its text stands in the scope."""
    origin, size, root, *_ = [*checkpoint.split("\n"), "", "", ""]
    entries = several(int(size), *ENTRIES) if size.isdecimal() else alike(size)
    yield told(
        "checkpoint",
        ("Point de contrôle signé", "Signed checkpoint"),
        (f"{origin}, {entries[0]}", f"{origin}, {entries[1]}"),
        (f"racine {root}", f"root {root}"),
        alike(f"SHA-256 {sha256(checkpoint.encode()).hexdigest()}"),
        value=checkpoint,
    )
