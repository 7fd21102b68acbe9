"""Insurers of the drill, as whoever is told of a breach: a contact book, a drop each, and what each
makes of its dossier on its own machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rempart.bootstrap.insurer import InsurerFolder
from rempart.bootstrap.insurer import member_file as opened_file
from rempart.bootstrap.insurer_dossiers import (
    open_dossiers,
    public_dossier_key,
    watermarked,
    whole_private_file,
)
from rempart.domain.insurer import b64
from rempart.domain.scope import Verdict
from rempart.drill.country import member_file
from rempart.drill.stack.ground import Ground
from rempart.usecases.open_dossier import write_rows

OPERATOR = """[operator]
name = "Exercice Tiers payant"
siren = "000000000"
address = "1 rue de l'Exercice, 75000 Paris"
dpo = "Délégué de l'exercice"
dpo_email = "dpo@example.org"
dpo_phone = "+33 1 00 00 00 00"
desk = "+33 1 00 00 00 01"
"""
INSURER = """
[[insurer]]
amc = "{amc}"
name = "Mutuelle d'exercice {amc}"
phone = "+33 1 00 00 00 02"
drop = "{drop}"
key = "{key}"
"""
MERGED = "fusion.csv"


def contact_book(ground: Ground) -> Path:
    """The book of every insurer of the world, each with its key and an empty drop."""
    drops, book = ground.settings.home / "drops", [OPERATOR]
    for amc, insurer in sorted(ground.wallets.insurers.items()):
        drop = drops / str(amc)
        drop.mkdir(parents=True, exist_ok=True)
        key = b64(public_dossier_key(insurer, renew=False))
        book.append(INSURER.format(amc=amc, drop=drop, key=key))
    path = ground.settings.home / "contacts.toml"
    path.write_text("".join(book), "utf-8")
    path.chmod(0o600)
    return path


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Opened:
    """What one insurer found in its drop: its people by its own reference, with the verdict."""

    amc: int
    verdicts: Mapping[str, Verdict]
    exercise: bool


def insurers_open(ground: Ground) -> list[Opened]:
    """Each insurer that was handed something verifies it, opens it, and writes its merge file."""
    found = []
    for amc, insurer in sorted(ground.wallets.insurers.items()):
        drop = ground.settings.home / "drops" / str(amc)
        folders = sorted(each for each in drop.iterdir() if each.is_dir())
        if folders:
            found.append(_opened(ground, insurer, amc, folders))
    return found


def _opened(ground: Ground, insurer: InsurerFolder, amc: int, folders: list[Path]) -> Opened:
    merged = open_dossiers(insurer, folders, [ground.settings.vault_key_file])
    place = watermarked(insurer.folder / MERGED, exercise=merged.exercise)
    with (
        opened_file(member_file(insurer.folder, str(amc))) as members,
        whole_private_file(place, again=True) as written,
    ):
        write_rows(merged.joined(members), written)
    assert not merged.strangers, "a handle of another insurer's"
    verdicts = {reference: told.verdict for reference, told in merged.people.items()}
    return Opened(amc=amc, verdicts=verdicts, exercise=merged.exercise)
