"""``rempart card``: what a card proves, on this machine and with the network off."""

import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from rempart.bootstrap.verifier import note, quoter, seconds_now, take_into, verifier
from rempart.cli.card_report import journal_option, report
from rempart.cli.watching import ago
from rempart.domain.coverage import Domain
from rempart.domain.errors import CardRefused, MalformedIdentifier
from rempart.domain.quote import Line
from rempart.serving.card_words import FINDINGS, to_do
from rempart.usecases.quote_share import Quoted
from rempart.usecases.verify_card import Finding, Verdict

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
REFUSED = 1
"""Exit code of a card that proves nothing; ``UNCHECKED`` proves what it says."""

COLOURS = {Finding.GOOD: "green", Finding.UNCHECKED: "yellow", Finding.REFUSED: "red"}

lists_option = click.option(
    "--lists",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("lists"),
    show_default=True,
    help="Dossier des listes · the folder of lists",
)


LINE_MAX = 4_096
"""Characters that are read of a code: what is longer is none."""


def read_code(code: str) -> str:
    """A code as given, or where ``-`` stands, a line of standard input."""
    return sys.stdin.readline(LINE_MAX).rstrip("\r\n") if code == "-" else code


@click.group()
def command() -> None:
    """Vérifier une carte hors ligne · verify a card offline."""


command.add_command(report)


@command.command()
@click.argument("operator", type=FILE)
@lists_option
def trust(operator: Path, lists: Path) -> None:
    """Se fier à l'opérateur de ce fichier · trust the operator of operator.pub."""
    fingerprint = take_into(lists).trust_operator(operator.read_bytes())
    click.echo(f"empreinte · fingerprint  {fingerprint}")
    click.echo("comparez-la avec celle de l'opérateur · compare it with the operator's")


@command.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@lists_option
def take(files: tuple[Path, ...], lists: Path) -> None:
    """Prendre des listes plus récentes · take newer lists in."""
    taking = take_into(lists)
    # The trust list first: it says who signs the others.
    for file in sorted(files, key=lambda path: path.name != "trust.cbor"):
        click.echo(f"{file.name}: {taking(file.read_bytes(), now=seconds_now()).value}")


@command.command()
@click.argument("code", default="-")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="Jour des soins · day of care")
@click.option(
    "--domain",
    type=click.Choice([domain.name for domain in Domain], case_sensitive=False),
    help="Domaine · domain",
)
@click.option("--keep", is_flag=True, help="Noter, à signaler au retour · note it, to be reported")
@journal_option
@lists_option
def verify(
    *, code: str, at: datetime | None, domain: str | None, keep: bool, journal: Path, lists: Path
) -> None:
    """Dire ce que prouve CODE, lu sur l'entrée avec « - » · say what CODE proves."""
    said = read_code(code)
    on = at.date() if at else date.today()  # noqa: DTZ011 - the day of this counter's calendar
    now = seconds_now()
    asked = None if domain is None else Domain[domain.upper()]
    verdict = verifier(lists)(said, on=on, domain=asked, now=now)
    show(verdict, now)
    if verdict.finding is Finding.REFUSED:
        raise click.exceptions.Exit(REFUSED)
    if keep:
        new = note(journal, verdict, said, domain=asked, care=on)
        click.echo("  noté · noted" if new else "  déjà noté · noted before")


@command.command()
@click.argument("code")
@click.argument("lines", nargs=-1, required=True)
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="Jour des soins · day of care")
@lists_option
def quote(code: str, lines: tuple[str, ...], at: datetime | None, lists: Path) -> None:
    """Calculer les parts d'une vente · compute who pays what of a sale.

    LINES : optics-frame-a:30.00, ou · or SVIL:30.00 [:BASE [:TAUX · RATE]]
    """
    said = read_code(code)
    on = at.date() if at else date.today()  # noqa: DTZ011 - as above
    now = seconds_now()
    try:
        quoted = quoter(lists)(said, [read_line(line) for line in lines], on=on, now=now)
    except CardRefused as refusal:
        step, _, reason = str(refusal).partition(": ")
        show(Verdict(finding=Finding.REFUSED, step=step, reason=reason), now)
        raise click.exceptions.Exit(REFUSED) from None
    show(quoted.verdict, now)
    show_quote(quoted, lines)


def read_line(text: str) -> Line:
    """A line of a sale as it is typed: ITEM:PRICE, or DOMAIN:PRICE[:BASE[:RATE]]."""
    what, *numbers = text.split(":")
    if not 1 <= len(numbers) <= 3:
        raise MalformedIdentifier("line", "expected WHAT:PRICE, or DOMAIN:PRICE:BASE:RATE")
    price = cents(numbers[0])
    if what not in Domain.__members__:
        if len(numbers) > 1:
            raise MalformedIdentifier("line", "an item has its own base and rate")
        return Line(item=what, price=price)
    base = cents(numbers[1]) if len(numbers) > 1 else price
    rate = percent(numbers[2]) if len(numbers) > 2 else None
    return Line(domain=Domain[what], price=price, base=base, rate=rate)


def percent(text: str) -> int:
    """A share of a base, as it is typed."""
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise MalformedIdentifier("rate", "expected a percentage")
    return int(text)


def cents(text: str) -> int:
    """An amount in euros, as it is typed; both marks of a decimal are read."""
    if not re.fullmatch(r"[0-9]{1,6}([.,][0-9]{2})?", text):
        raise MalformedIdentifier("amount", "expected euros, such as 30 or 32.50")
    whole, _, part = text.replace(",", ".").partition(".")
    return int(whole) * 100 + int(part or 0)


def show_quote(quoted: Quoted, lines: tuple[str, ...]) -> None:
    """Who pays what, a line each."""
    table = Table("", "prix · price", "AMO", "AMC", "patient", box=None, pad_edge=False)
    for text, share in zip(lines, quoted.quote.shares, strict=True):
        amounts = share.price, share.amo, share.amc, share.patient
        mark = "" if share.guaranteed or not share.amc else " ?"
        table.add_row(text.split(":")[0] + mark, *map(euros, amounts))
    total = quoted.quote
    table.add_row("", *map(euros, (total.price, total.amo, total.amc, total.patient)))
    for column in table.columns[1:]:
        column.justify = "right"
    Console(highlight=False, soft_wrap=True).print(table)
    if total.guaranteed < total.amc:
        why = f": {quoted.why}" if quoted.why else ""
        click.echo(f"? sans garantie · not guaranteed{why}")
    click.echo(f"garanti · guaranteed     {euros(total.guaranteed)}")


def euros(amount: int) -> str:
    """An amount as it is read."""
    return f"{amount // 100}.{amount % 100:02d} €"


def show(verdict: Verdict, now: int) -> None:
    """A verdict as one reads it at a counter."""
    console = Console(highlight=False, soft_wrap=True)
    french, english = FINDINGS[verdict.finding]
    console.print(f"[bold {COLOURS[verdict.finding]}]{french.upper()}[/] · {english.upper()}")
    do_fr, do_en = to_do(verdict)
    console.print(f"  {do_fr} · {do_en}")
    if (claims := verdict.claims) is not None:
        grid = "  ".join(f"{domain.name} {mode.printed}" for domain, mode in claims.domains)
        console.print(f"  {verdict.insurer}, AMC {claims.amc} · {claims.convention} {claims.csr}")
        console.print(
            f"  du · from {claims.valid_from} au · to {claims.valid_to},"
            f" né·e en · born {claims.birth_year}"
        )
        console.print(f"  {grid}{'  R' if claims.responsable else ''}")
    if verdict.list_made is not None:
        made = datetime.fromtimestamp(verdict.list_made, UTC)
        told = ago(verdict.list_made, now)
        console.print(f"  liste du · list of {made:%Y-%m-%d %H:%M} UTC, {told}")
