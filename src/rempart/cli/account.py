"""``rempart account``: who is contained, and what an officer decides about it.

Asked of the vault that runs, over its socket, by the vault's own user alone. Each decision is an
entry of the ledger under the officer's name; a command ends by saying what has happened and what
to type next.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rempart.adapters.system import SystemClock
from rempart.cli.asking import ask, decided, moment
from rempart.domain.allowance import FACTOR_MAX, Over, Reason
from rempart.domain.containment import LOOSER, Stage
from rempart.domain.errors import ForbiddenTransition, Refusal
from rempart.domain.watch import (
    MISSES_NARROW,
    NARROW,
    ORDER_NARROW,
    WATCH,
)
from rempart.usecases.contain_account import OFFICERS_REASONS
from rempart.usecases.messages import (
    Account,
    Accounts,
    Allow,
    Contain,
    Standings,
)

WHYS = tuple(why.name.lower() for why in OFFICERS_REASONS)
REASONS = tuple(reason.name.lower().replace("_", "-") for reason in Reason)
WIDTH = 20
"""Cells of a bar; the second mark stands at three quarters."""
COLOURS = {
    Stage.NORMAL: "green",
    Stage.WATCHED: "cyan",
    Stage.NARROWED: "yellow",
    Stage.FROZEN: "red",
    Stage.CLOSED: "bright_black",
}
FRENCH = {
    Stage.NORMAL: "normal",
    Stage.WATCHED: "surveillé",
    Stage.NARROWED: "restreint",
    Stage.FROZEN: "arrêté",
    Stage.CLOSED: "clos",
}
HAPPENED = {
    Stage.NORMAL: "tout s'ouvre de nouveau · everything opens again",
    Stage.WATCHED: "rien n'est refusé ; l'étape finit seule après 7 jours calmes"
    " · nothing is refused; it ends by itself after 7 quiet days",
    Stage.NARROWED: "seuls carte, téléphone et patients connus s'ouvrent ; la saisie est refusée"
    " · only card, phone and known patients open; what is typed is refused",
    Stage.FROZEN: "plus rien ne s'ouvre, les sessions sont closes ; les cartes restent valables"
    " · nothing opens, its sessions have ended; its patients' cards stand",
    Stage.CLOSED: "pour toujours ; ce lieu s'inscrit à neuf, sous un autre nom"
    " · for good; this site is enrolled anew, under another name",
}
NEXT = {
    Stage.NORMAL: "account list",
    Stage.WATCHED: "account loosen {client_id} --why reviewed --as {by}",
    Stage.NARROWED: "account loosen {client_id} --why reviewed --as {by}",
    Stage.FROZEN: "account loosen {client_id} --why reviewed --as {by}",
    Stage.CLOSED: "software revoke {client_id}",
}


class Level(NamedTuple):
    """Where a chart stands, and where it watches and tightens."""

    label: str
    level: float
    watch: float
    narrow: float


@click.group()
def command() -> None:
    """Surveiller, restreindre, arrêter un compte · contain an account."""


@command.command(name="list")
@click.option("--all", "everybody", is_flag=True, help="Tous les comptes · every account")
def list_(everybody: bool) -> None:
    """Les comptes sans réponse, sous mesure, suspects · unanswered, contained, suspect."""
    console, found = Console(highlight=False), standings(first=0)
    rows = list(found.accounts)
    while everybody and rows and len(rows) < found.total:
        more = standings(first=len(rows)).accounts
        if not more:
            break
        rows += more
    console.print(table_of(rows, now=SystemClock().now()))
    console.print(
        "[dim]barre : ┊ surveillé à, ┃ restreint à · bar: ┊ watched at, ┃ narrowed at[/dim]"
    )
    if len(rows) < found.total:
        rest = found.total - len(rows)
        console.print(f"… et {rest} autres : --all · and {rest} more")
    if found.lowered_until > SystemClock().now():
        until = moment(found.lowered_until)
        console.print(
            f"[yellow]seuils abaissés jusqu'à {until}[/yellow] : d'autres comptes sont volés, ou"
            " tombent ensemble · [yellow]thresholds are lower[/yellow]: other accounts are stolen,"
            " or fall together"
        )
    if found.failed:
        console.print(
            "[red]LA GARDE EST EN PANNE[/red] : rien ne se restreint plus seul, les budgets"
            " tiennent ; relancez le coffre · [red]THE GUARD HAS FAILED[/red]: nothing tightens by"
            " itself, budgets stand; start the vault again"
        )


def table_of(rows: Sequence[Account], *, now: int) -> Table:
    """A row an account: where it stands, its strongest evidence, whom it has asked about."""
    table = Table(box=None, pad_edge=False)
    for heading in ("compte · account", "étape · stage", "indice · evidence", "1/7/28 j · days"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        stage = Stage[row.stage]
        since = f"\n{moment(row.since)}" if row.since else ""
        account = Text(row.client_id)
        account.append(f"\n{row.site}", "dim")
        table.add_row(
            account,
            Text(f"{FRENCH[stage]} · {stage.name.lower()}{since}{late(row, now)}", COLOURS[stage]),
            bar(strongest(row)),
            "/".join(str(count) for count in row.used),
        )
    return table


def late(row: Account, now: int) -> str:
    """Since when its owner waits for an answer that was promised, if they do."""
    if not 0 < row.answer_by <= now:
        return ""
    return f"\nSANS RÉPONSE, promise avant · UNANSWERED, promised by {moment(row.answer_by)}"


def strongest(row: Account) -> Level:
    """The chart that stands nearest to its threshold."""
    levels = (
        Level("inconnus · strangers", row.strangers, WATCH, NARROW),
        Level("ratés · misses", row.misses, WATCH, MISSES_NARROW),
        Level("voisins · order", row.order, ORDER_NARROW, ORDER_NARROW),
        Level("rejeux · replays", row.replays, WATCH, NARROW),
    )
    return max(levels, key=lambda each: each.level / each.narrow)


def bar(level: Level) -> Text:
    """A bar with a mark where the account is watched and one where it is narrowed."""
    most = level.narrow * 4 / 3
    filled = min(WIDTH, round(WIDTH * level.level / most))
    marks = {
        round(WIDTH * level.watch / most): "┊",
        round(WIDTH * level.narrow / most): "┃",
    }
    colour = "green"
    if level.level >= level.watch:
        colour = "yellow" if level.level < level.narrow else "red"
    drawn = Text()
    for cell in range(WIDTH):
        mark = marks.get(cell, "█" if cell < filled else "·")
        drawn.append(mark, colour if cell < filled else "dim")
    return drawn.append(f"\n{level.label} {level.level:.1f}" if level.level else "\n—", "dim")


why_option = click.option(
    "--why", type=click.Choice(WHYS), required=True, help="Le motif · the reason"
)
by_option = click.option("--as", "by", required=True, help="Qui décide · who decides")


def _tightens(stage: Stage, name: str, help: str) -> None:
    @command.command(name=name, help=help)
    @click.argument("client_id")
    @why_option
    @by_option
    def tighten(client_id: str, why: str, by: str) -> None:
        move(client_id, stage, why, by)


_tightens(Stage.WATCHED, "watch", "Surveiller : rien n'est refusé · watch, nothing is refused.")
_tightens(Stage.NARROWED, "narrow", "Restreindre : la carte seule · narrow to cards.")
_tightens(Stage.FROZEN, "freeze", "Arrêter, sessions comprises · freeze, sessions included.")


@command.command()
@click.argument("client_id")
@why_option
@by_option
@click.confirmation_option(
    prompt="Un compte clos ne se rouvre jamais ; clore · a closed account never opens again; close"
)
def close(client_id: str, why: str, by: str) -> None:
    """Clore pour toujours · close for good."""
    move(client_id, Stage.CLOSED, why, by)


@command.command()
@click.argument("client_id")
@why_option
@by_option
def loosen(client_id: str, why: str, by: str) -> None:
    """Desserrer d'une étape · loosen by one step."""
    current = Stage[one(client_id).stage]
    if not LOOSER[current]:
        raise ForbiddenTransition(
            "a closed account is never opened again: enrol it anew"
            if current is Stage.CLOSED
            else "nothing is held against this account"
        )
    (target,) = LOOSER[current]
    move(client_id, target, why, by)


@command.command()
@click.option("--over", type=click.Choice([over.name.lower() for over in Over]), required=True)
@click.option("--who", default="", help="Nature, lieu ou compte · kind, site or account")
@click.option(
    "--factor",
    type=click.IntRange(1, FACTOR_MAX),
    default=1,
    show_default=True,
    help="Plafonds × ; 1 met fin à une autre · caps ×; 1 ends another",
)
@click.option(
    "--typed",
    is_flag=True,
    help="La saisie compte comme une carte · what is typed counts like a card",
)
@click.option("--since", type=click.DateTime(), required=True, help="UTC")
@click.option("--until", type=click.DateTime(), required=True, help="UTC, exclu · excluded")
@click.option("--reason", type=click.Choice(REASONS), required=True)
@by_option
def allow(
    *,
    over: str,
    who: str,
    factor: int,
    typed: bool,
    since: datetime,
    until: datetime,
    reason: str,
    by: str,
) -> None:
    """Décider une dérogation datée · decide a dated exception to budgets."""
    begins, ends = (at.replace(tzinfo=UTC) for at in (since, until))
    sent = Allow(over, who, factor, typed, microseconds(begins), microseconds(ends), reason, by)
    decided(ask(sent))
    click.echo(f"accordé · allowed: plafonds × {factor}, {over} {who or '(tous · all)'}")
    if typed:
        click.echo("  la saisie compte comme une carte · what is typed counts like a card")
    click.echo(f"  du · from {begins:%Y-%m-%d %H:%M} au · to {ends:%Y-%m-%d %H:%M} UTC")
    click.echo("  inscrit au registre · in the ledger; restreignez qui en abuse · narrow abusers")


def microseconds(at: datetime) -> int:
    """As the ledger counts."""
    return int(at.timestamp()) * 1_000_000


def move(client_id: str, stage: Stage, why: str, by: str) -> None:
    """Have the vault decide; say what has happened, and what comes next."""
    before = Stage[one(client_id).stage]
    decided(ask(Contain(client_id, stage.name, why, by)))
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"{client_id} : {FRENCH[before]} → [bold]{FRENCH[stage]}[/bold]"
        f" · {before.name.lower()} → [bold]{stage.name.lower()}[/bold]"
    )
    console.print(f"  {HAPPENED[stage]}")
    if stage is Stage.FROZEN:
        console.print(
            "  rappelez le lieu en moins de 30 minutes, au numéro que vous avez de lui"
            " · call the site back within 30 minutes, at the number that you have of it"
        )
    told = NEXT[stage].format(client_id=client_id, by=by)
    console.print(f"  ensuite · next: ./rempart {told}")


def one(client_id: str) -> Account:
    """Where one account stands.

    Raises:
        Refusal: no account has this name.
    """
    found = ask(Standings(client_id=client_id))
    assert isinstance(found, Accounts)
    if not found.accounts:
        raise Refusal("no account has this name: rempart account list --all")
    return found.accounts[0]


def standings(*, first: int) -> Accounts:
    """A page of accounts, tightest first."""
    found = ask(Standings(first=first))
    assert isinstance(found, Accounts)
    return found
