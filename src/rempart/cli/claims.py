"""``rempart claims``: judge what the intake has kept, and see where claims stand."""

from datetime import UTC, datetime
from pathlib import Path

import click

from rempart.bootstrap.billing import (
    claim_book,
    decider,
    judge,
    keep_lists,
    lists_folder,
    trust_lists,
)
from rempart.bootstrap.verifier import seconds_now
from rempart.cli.asking import ask
from rempart.cli.card import euros
from rempart.cli.claims_reconcile import reconcile
from rempart.config import Settings
from rempart.domain.claim import Bound, Cites, Disclosed, Shown, Use
from rempart.domain.claim_decisions import ClaimDecision, ClaimWhy
from rempart.domain.errors import ListRefused
from rempart.domain.person import told
from rempart.domain.ruling import OF_CLAIMS, Ruling
from rempart.usecases.undertake import read_signed

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
WORDS = {
    None: "en attente · waiting",
    Ruling.HONOURED: "acceptée · accepted",
    Ruling.PERSON: "à examiner · for a person",
    Ruling.REFUSED: "refusée · refused",
    Ruling.VOID: "sans objet · void",
}
AWAY = "en attente du coffre, injoignable · waiting for the vault, which does not answer"
ASKED = {"accepted": Ruling.HONOURED} | {each.value: each for each in OF_CLAIMS[1:]}
"""How one is asked for."""


@click.group()
def command() -> None:
    """Juger les factures reçues · judge the claims that were taken in."""


command.add_command(reconcile)


@command.command()
@click.argument("key", type=FILE)
def trust(key: Path) -> None:
    """Se fier aux listes de l'opérateur dont voici la clé · trust the operator's lists."""
    click.echo(trust_lists(Settings.from_environ(), key.read_bytes()))


@command.command()
@click.argument("lists", type=FILE, nargs=-1, required=True)
def take(lists: tuple[Path, ...]) -> None:
    """Garder des listes, toutes : ce qui valait, et quand · keep lists, all of them."""
    refused = False
    for path, taken in keep_lists(Settings.from_environ(), lists, now=seconds_now()):
        if isinstance(taken, ListRefused):
            refused = True
            click.echo(f"{path.name}: {taken}", err=True)
        else:
            click.echo(f"{path.name}: {taken.value}")
    if refused:
        raise click.exceptions.Exit(2)


@command.command(name="judge")
def judge_() -> None:
    """Juger ce qui peut l'être · judge what can be judged."""
    settings = Settings.from_environ()
    with judge(settings, lists_folder(settings)) as judging:
        tally = judging()
    for ruling, count in tally.items():
        click.echo(f"{count:>8}  {WORDS[ruling]}")
    if judging.waits:
        click.echo(f"{judging.waits:>8}  {AWAY}", err=True)


@command.command(name="list")
@click.option(
    "--ruling",
    type=click.Choice(list(ASKED)),
    help="D'une décision seulement · of one ruling alone",
)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
def list_(*, ruling: str | None, limit: int) -> None:
    """Les dernières factures · the last claims."""
    only = None if ruling is None else ASKED[ruling]
    with claim_book(Settings.from_environ()) as book:
        for each in book.listed(only, limit):
            moment = f"{datetime.fromtimestamp(each.received / 1_000_000, UTC):%Y-%m-%d %H:%M}"
            owed = euros(each.amount) if each.amount else ""
            line = f"{each.number:>8}  {moment}  {each.use.name.lower():<9}  {WORDS[each.ruling]}"
            ended = "carte finie depuis · card ended since" if each.ended_since else ""
            by = "" if each.decision is None else entered(each.decision.ref)
            click.echo(f"{line}  {each.rule}  {owed}  {by}  {ended}".rstrip())


@command.command()
@click.argument("number", type=int)
def show(number: int) -> None:
    """Ce que dit une facture · what a claim says."""
    with decider(Settings.from_environ(), ask) as deciding:
        claim, standing = deciding.show(number)
    click.echo(f"{WORDS[standing.ruling]}  {claim.use.name.lower()}  AMC {claim.amc}  {claim.care}")
    click.echo(f"demandé · asked  {euros(claim.asked)}")
    click.echo(f"fondée sur · rests on  {rests_on(claim.cites)}")
    for line in claim.lines:
        click.echo(f"  {line.domain.name}  {euros(line.price):>12}")
    if standing.alike:
        others = ", ".join(map(str, standing.alike))
        click.echo(
            f"mêmes personne, domaine et jour que · same person, domain and day as  {others}"
        )
    if standing.decision is not None:
        click.echo(decided_by(standing.decision))


def decided_by(decision: ClaimDecision) -> str:
    """What a person decided, who, why, and where the ledger says so."""
    what = f"{WORDS[decision.ruling]}  {euros(decision.amount)}"
    return f"{what}  {decision.by}  {told(decision.why.name)}  {entered(decision.ref)}"


def entered(ref: int) -> str:
    """The place of a decision in the ledger."""
    return f"entrée · entry {ref}"


def rests_on(cites: Cites) -> str:
    """In a word; no code of a card."""
    match cites:
        case Disclosed(reference):
            return f"D{reference}"
        case Bound():
            key_id, made = read_signed(cites.message)
            return f"U{key_id.hex()}/{made.number}"
        case Shown():
            return "une carte vérifiée hors ligne · a card verified offline"


@command.command()
@click.argument("number", type=int)
@click.argument("decision", type=click.Choice(["accept", "refuse"]))
@click.option("--as", "by", required=True, help="Qui décide · who decides")
@click.option("--why", required=True, type=click.Choice([told(each.name) for each in ClaimWhy]))
@click.option("--cents", type=click.IntRange(min=1), help="Une part seulement · a part of it alone")
def decide(*, number: int, decision: str, by: str, why: str, cents: int | None) -> None:
    """Trancher ce qui était à examiner, une fois · decide on what was for a person, once."""
    accept, reason = decision == "accept", ClaimWhy[why.upper()]
    with decider(Settings.from_environ(), ask) as deciding:
        taken = deciding(number, by=by, accept=accept, why=reason, cents=cents)
        claim, _ = deciding.show(number)
    if claim.use is Use.VERIFICATION:
        noted = "juste · right" if taken.accepted else "fausse · wrong"
        click.echo(f"vérification · verification: {noted}  {entered(taken.ref)}")
    else:
        click.echo(f"dû · owed {euros(taken.amount)}  {entered(taken.ref)}")
