"""What the scope says, held against what is true: the drill knows whom the thief read."""

from collections import Counter
from typing import Any

from rempart.bootstrap.keyrings import vault_keyring
from rempart.domain.disclosure import period_of
from rempart.drill.incident.files import Files
from rempart.drill.incident.robbed import Robbed
from rempart.usecases.pseudonyms import PERSON, pseudonym


def truly_read(robbed: Robbed) -> set[bytes]:
    """Pseudonyms of those whom the thief read, from their insurers' handles and the vault's key."""
    keys, handle = vault_keyring(robbed.ground.settings), robbed.ground.wallets.handle
    return {
        pseudonym(keys.get(f"pseudonym/{period_of(at):04d}"), PERSON, handle(person))
        for person, at in robbed.strike.read.items()
    }


def figures(robbed: Robbed, files: Files, *, seed: int) -> dict[str, Any]:
    """The last line: figures of the scope over the people whom the thief truly read."""
    read, insurers = truly_read(robbed), robbed.world.people.insurer
    breached, undecided = files.parts["breached"], files.parts["undecided"]
    return {
        "people": len(read),
        "breached": len(breached),
        "insurers": len({insurers[person] for person in robbed.strike.read}),
        "recall": len(read & (breached | undecided)) / len(read),
        "precision": len(read & breached) / len(breached) if breached else None,
        "undecided": len(undecided),
        "seconds_to_files": round(files.seconds, 2),
        "finding_seconds": round(files.finding_seconds, 2),
        "accounts": len(robbed.falls),
        "contained": robbed.contained,
        "found": len(files.proposed.accounts),
        "ways": dict(Counter(each.way.value[0] for each in robbed.falls)),
        "raised": robbed.raised,
        "questions": {"thief": robbed.strike.asked, "owners": robbed.strike.honest},
        "seed": seed,
    }
