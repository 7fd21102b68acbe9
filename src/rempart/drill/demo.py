"""``rempart demo``: everything on this machine, from nothing to a proven answer."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from rempart.bootstrap.auditor import database_view
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
from rempart.domain.errors import RempartError, SetUpRefused, TemporarilyUnavailable
from rempart.domain.site import SiteKind
from rempart.drill.ask import print_told, software_of
from rempart.drill.cases import patient_card
from rempart.drill.processes import processes, until_stopped
from rempart.drill.software import Told
from rempart.drill.stage import Stage, Watcher, database, waiting
from rempart.usecases.describe_entry import describe
from rempart.usecases.prove_entry import ProveEntry, ProvenEntry, verify_entry_proof

MEMBERS = 30_000
PUBLISHED_WITHIN = 5.0
"""Seconds for the checkpoint over an answer to be published; the vault takes a quarter of one."""


@click.command()
@click.option("--fresh", is_flag=True, help="Tout recommencer · start again")
@click.option("--once", is_flag=True, help="Ne pas rester en marche · do not stay up")
@click.option("--members", type=click.IntRange(min=300), default=MEMBERS, show_default=True)
def command(fresh: bool, once: bool, members: int) -> None:
    """Tout lancer sur cette machine · run everything here."""
    stage, console = Stage(Settings.from_environ()), Console(highlight=False, soft_wrap=True)
    if not stage.settings.sandbox:
        raise SetUpRefused("a demo is no production: unset REMPART_INSTANCE")
    told, proven = None, None
    if fresh or stage.standing() is None:
        stage.clear()
        stage.mark(whole=False)
    with database(stage.settings) as admin:
        if stage.standing() is None:
            with watching(console) as watch:
                stage.build(admin, members, watch)
        with processes(stage.settings) as running:
            told = one_question(stage, console)
            if told is not None:
                proven = one_proof(stage, told, console)
            if not once:
                invite(stage, console)
                until_stopped(running)
                console.print("\narrêt · stopping")
    standing = stage.standing() or {}
    figures = {
        "members": standing.get("members", 0),
        "answered": told is not None,
        "proof_verified": proven is not None,
    }
    click.echo(json.dumps(figures))
    if not all(figures.values()):
        raise SystemExit(1)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of progress."""

    progress: Progress
    task: TaskID

    def at(self, done: int) -> None:
        """So many rows are done."""
        self.progress.update(self.task, completed=done)

    def more(self, rows: int) -> None:
        """So many rows more are done."""
        self.progress.advance(self.task, rows)


@contextmanager
def watching(console: Console) -> Iterator[Watcher]:
    """Bars of progress, one a step."""
    columns = (
        TextColumn("{task.description:<38}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield lambda title, total: Bar(progress, progress.add_task(title, total=total))


def one_question(stage: Stage, console: Console) -> Told | None:
    """Ask as a pharmacy's software would, with the card of somebody in the waiting room."""
    person = next(person for person in waiting(stage) if person["code"])
    with software_of(stage, SiteKind.PHARMACY) as software:
        try:
            software.sign_in()
            (told,) = software.ask(patient_card(person), ["PHAR"], datetime.now(UTC).date())
        except RempartError as refusal:
            console.print(f"[red]sans réponse · no answer: {refusal}[/red]")
            return None
    console.print("\n[bold]La question[/bold]  une pharmacie, une carte, PHAR, aujourd'hui")
    print_told(told, console)
    return told


def one_proof(stage: Stage, told: Told, console: Console) -> ProvenEntry | None:
    """The ledger entry of an answer, proven under the vault's signature."""
    index, settings = int(told.reference.removeprefix("D")), stage.settings
    key = vault_key(settings.vault_key_file)
    try:
        text = published_proof(stage, index)
        proven = verify_entry_proof(text, key.vkey)
    except RempartError as error:
        console.print(f"[red]preuve refusée · proof refused: {error}[/red]")
        return None
    (settings.home / "proof.json").write_text(text)
    console.print("[bold]L'entrée du registre[/bold]  ledger entry")
    if proven.entry is not None:
        for line in describe(index, proven.entry):
            console.print(f"  {line}")
    console.print(
        f"[bold]La preuve[/bold]  [green]vérifiée · verified[/green] :"
        f" entrée {index} sous {proven.checkpoint.size} entrées signées,"
        f" racine {proven.checkpoint.root.hex()[:16]}…"
    )
    return proven


def published_proof(stage: Stage, index: int) -> str:
    """The proof of an entry, once a checkpoint over it is published.

    Raises:
        TemporarilyUnavailable: none was.
    """
    end = time.monotonic() + PUBLISHED_WITHIN
    while time.monotonic() < end:
        with database_view(stage.settings) as view:
            last = view.last_checkpoint()
            if last is not None and last.size > index:
                prove = ProveEntry(view, vault_key(stage.settings.vault_key_file))
                return prove(index).to_json()
        time.sleep(0.05)
    raise TemporarilyUnavailable("no checkpoint over this answer was published")


def invite(stage: Stage, console: Console) -> None:
    """Addresses, and what to try next."""
    settings = stage.settings
    console.print(
        f"\n[bold]En marche · running[/bold]\n"
        f"  FHIR     {settings.base_url}/fhir/metadata\n"
        f"  OpenAPI  {settings.base_url}/openapi.json\n"
        f"  coffre   {settings.vault_socket}\n"
        f"\n[bold]À essayer, dans un autre terminal · try next, in another terminal[/bold]\n"
        f"  ./rempart ask --as optician --domain OPTI\n"
        f"  ./rempart ledger verify\n"
        f"  ./rempart ledger check {settings.home / 'proof.json'}\n"
        f"\n[dim]Ici un seul utilisateur Unix tient toutes les clés : cela n'isole rien.\n"
        f"One Unix user holds every key here, which isolates nothing: see rempart doctor.[/dim]\n"
        f"\nCtrl-C arrête tout · stops everything"
    )
