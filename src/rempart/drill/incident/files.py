"""From the freeze on: the incident that opened by itself, and everything that the law asks for.

(1) the incident is looked up; a vault as a process takes the ledger over, and answers;
(2) ``rempart incident files`` is typed as an operator would type it: finding, scope, dossiers,
    drafts for CNIL and prosecutor, dossiers handed into each insurer's drop;
(3) each insurer opens its own and writes its merge file;
(4) the finding is proposed once more, to be told, and timed by itself.

The clock starts when the last account is contained, and runs over (1) to (3).
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rempart.bootstrap.cases import dossiers_folder, papers_folder, scopes_of
from rempart.bootstrap.findings import proposing
from rempart.bootstrap.incidents import incident_reader
from rempart.config import Settings
from rempart.domain.proposed_finding import ProposedFinding
from rempart.drill.bars import Tell
from rempart.drill.incident.robbed import Robbed
from rempart.drill.incident.told import Opened, contact_book, insurers_open
from rempart.drill.processes import vault_answers, wait
from rempart.drill.stack.ground import Ground
from rempart.drill.stack.processes import VAULT, environment, process
from rempart.usecases.dossier_file import InsurerReport, read_report
from rempart.usecases.dossier_manifest import REPORT
from rempart.usecases.read_incidents import Case
from rempart.usecases.scope_file import ScopeFile, read_scope
from rempart.usecases.scope_list import WORDS


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Files:
    """What came out. ``parts`` are pseudonyms of the scope by verdict; ``papers`` the names of the
    drafts; seconds of the finding alone, and of everything.
    """

    case: Case
    proposed: ProposedFinding
    scope: ScopeFile
    parts: dict[str, set[bytes]]
    reports: Sequence[InsurerReport]
    opened: Sequence[Opened]
    papers: Sequence[str]
    finding_seconds: float
    seconds: float


def files_of(robbed: Robbed, tell: Tell) -> Files:
    """Everything that follows by itself.

    Raises:
        AssertionError: nobody was frozen, or a step failed.
    """
    ground, settings, book = robbed.ground, robbed.ground.settings, contact_book(robbed.ground)
    began = time.monotonic()
    with incident_reader(settings) as reading:  # (1)
        cases = [each for each in reading.register().cases if each.incident.frozen]
        assert cases, "nobody was frozen: no incident has opened"
        case = cases[-1]
    number = case.incident.ref
    with vault_up(ground):
        typed(ground, "incident", "files", number, "--as", "alix", "--contacts", book)  # (2)
        tell("fichiers · files", 1, 2)
        opened = insurers_open(ground)  # (3)
        seconds = time.monotonic() - began
    proposed, finding_seconds = again(settings, case)  # (4)
    scopes, dossiers = scopes_of(settings, number), dossiers_folder(settings, number).folder
    last = scopes.numbers()[-1]
    return Files(
        case=case,
        proposed=proposed,
        scope=read_scope(scopes.file(last).read_text("utf-8")),
        parts=parts_of(scopes.list_of(last).read_text("utf-8")),
        reports=[read_report(path.read_bytes()) for path in sorted(dossiers.glob(f"*/*/{REPORT}"))],
        opened=opened,
        papers=sorted(path.name for path in papers_folder(settings, number).rglob("*.*")),
        finding_seconds=finding_seconds,
        seconds=seconds,
    )


def again(settings: Settings, case: Case) -> tuple[ProposedFinding, float]:
    """The finding of a case as it was read, and the seconds that it takes."""
    with incident_reader(settings) as reading:
        began = time.monotonic()
        with proposing(settings, reading.evidence) as propose:
            proposed = propose(case.incident, now=case.until)
        return proposed, time.monotonic() - began


@contextmanager
def vault_up(ground: Ground) -> Iterator[None]:
    """A vault as a process, answering, on the drill's clock."""
    logs = ground.settings.home / "logs"
    logs.mkdir(exist_ok=True)
    log = logs / "vault.log"
    with process(VAULT, ground.clock_file, ground.environ, log) as vault:
        wait(vault, lambda: vault_answers(ground.settings.vault_socket), log)
        yield


def typed(ground: Ground, *words: object) -> None:
    """A command, as somebody types it.

    Raises:
        AssertionError: it failed; what it said is in the message.
    """
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", "rempart", *map(str, words)],
        env=environment(ground.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{words[0]} {words[1]}: {done.stdout[-500:]}{done.stderr[-2000:]}"


def parts_of(listed: str) -> dict[str, set[bytes]]:
    """The people of a scope's list, by pseudonym, in each of its parts."""
    found: dict[str, set[bytes]] = {word: set() for word in WORDS.values()}
    for line in listed.splitlines()[1:]:
        verdict, _, _, person, *_ = line.split(";")
        found[verdict].add(bytes.fromhex(person))
    return found
