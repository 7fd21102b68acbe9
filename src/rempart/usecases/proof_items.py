"""What a paper rests on, and how anybody makes it again without us."""

from collections.abc import Iterator
from hashlib import sha256

from rempart.usecases.dossier_file import InsurerReport
from rempart.usecases.paper import Item, alike, several, told

ENTRIES = ("entrée", "entrées"), ("entry", "entries")


def verify_items(report: InsurerReport) -> Iterator[Item]:
    """What the report rests on, and how to make it again without us."""
    yield told(
        "scope",
        (f"Portée n° {report.scope}", f"Scope no. {report.scope}"),
        alike(f"SHA-256 {report.scope_digest}"),
        value=report.scope_digest,
    )
    yield from checkpoint_items(report.checkpoint)
    yield told(
        "recompute",
        ("Refaire la portée", "Make the scope again"),
        alike(f"rempart ledger verify --scope scope-{report.scope:04d}.json"),
    )
    yield told(
        "open",
        ("Lire votre liste", "Read your list"),
        alike("rempart insurer open"),
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
