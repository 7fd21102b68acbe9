"""What came out, held against what is true: the drill knows whom the thief read, by person.

By pseudonym it is compared with the scope, by the insurer's own reference with what each insurer
found in its dossier: neither is asked what is true.
"""

from collections import Counter
from typing import Any

from rempart.bootstrap.keyrings import vault_keyring
from rempart.domain.disclosure import period_of
from rempart.domain.scope import Verdict
from rempart.drill.incident.files import Files
from rempart.drill.incident.robbed import Robbed
from rempart.drill.stack.wallets import reference
from rempart.usecases.pseudonyms import PERSON, pseudonym


def truly_read(robbed: Robbed) -> set[bytes]:
    """Pseudonyms of those whom the thief read, from their insurers' handles and the vault's key."""
    keys, handle = vault_keyring(robbed.ground.settings), robbed.ground.wallets.handle
    return {
        pseudonym(keys.get(f"pseudonym/{period_of(at):04d}"), PERSON, handle(person))
        for person, at in robbed.strike.read.items()
    }


def figures(robbed: Robbed, files: Files, *, seed: int) -> dict[str, Any]:
    """The last line."""
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
        "dossiers_sum_equals_scope": sums_agree(files),
        "told": told(robbed, files),
        "finding_seconds": round(files.finding_seconds, 2),
        "dossiers": len(files.reports),
        "opened": len(files.opened),
        "papers": len(files.papers),
        "accounts": len(robbed.falls),
        "contained": robbed.contained,
        "found": len(files.proposed.accounts),
        "ways": dict(Counter(each.way.value[0] for each in robbed.falls)),
        "raised": robbed.raised,
        "questions": {"thief": robbed.strike.asked, "owners": robbed.strike.honest},
        "seed": seed,
    }


def sums_agree(files: Files) -> bool:
    """Whether all reports together say what the scope says, and every list what its report says."""
    said = Counter[str]()
    for each in files.reports:
        said["breached"] += each.breached.people + each.breached.unnamed
        said["undecided"] += each.undecided.people + each.undecided.unnamed
    named = {each.amc: Counter(each.verdicts.values()) for each in files.opened}
    return (
        said["breached"] == files.scope.breached
        and said["undecided"] == files.scope.undecided
        and all(
            (each.breached.people, each.undecided.people)
            == (named[int(each.amc)][Verdict.BREACHED], named[int(each.amc)][Verdict.UNDECIDED])
            for each in files.reports
        )
    )


def told(robbed: Robbed, files: Files) -> dict[str, int]:
    """Of those whom the thief read, how many their own insurers find in their dossiers; and how
    many they find breached whom nobody read.
    """
    people = robbed.world.people
    read = {(people.amc(person), reference(person)) for person in robbed.strike.read}
    breached, named = set(), set()
    for each in files.opened:
        named |= {(each.amc, name) for name in each.verdicts}
        breached |= {(each.amc, n) for n, v in each.verdicts.items() if v is Verdict.BREACHED}
    return {"found": len(read & named), "missed": len(read - named), "wrong": len(breached - read)}
