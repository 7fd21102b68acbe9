"""``rempart incident deliver`` and ``deliveries``: dossiers into drops, receipts, whom to call.

Both work with the platform cut, the vault dead and no database: only receipts want the insurers'
public keys, which bundles on disk give as well.
"""

from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rempart.bootstrap.contacts import bundles_in, read_contacts, registered
from rempart.bootstrap.deliveries import deliver as hand_over
from rempart.bootstrap.deliveries import mail_of, standings
from rempart.bootstrap.public_key import vault_key
from rempart.cli.civil_time import told
from rempart.cli.incident_entered import enter_received
from rempart.cli.nouns import REFUSED
from rempart.config import Settings
from rempart.domain.contacts import Contacts
from rempart.domain.delivery import Post, Then
from rempart.domain.delivery import Told as Mailed
from rempart.domain.errors import KeyMissing, MalformedIdentifier, TemporarilyUnavailable
from rempart.domain.identifiers import AMCNumber
from rempart.usecases.deliver_dossiers import Delivered
from rempart.usecases.delivery_words import HANDS, POSTS, PROOFS, whom
from rempart.usecases.follow_deliveries import Standing
from rempart.usecases.incident_labels import EXERCISE, both

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
ANY = click.Path(exists=True, path_type=Path)
STYLES = {
    Then.NOTHING: "green",
    Then.WAIT: "dim",
    Then.CALL: "yellow",
    Then.CALL_AGAIN: "bold yellow",
    Then.LATE: "bold red",
    Then.BY_HAND: "bold yellow",
}

book_option = click.option("--contacts", "book", type=FILE, help="Le carnet · the contact book")
key_option = click.option("--key", "key_file", type=FILE, help="Clé publique du coffre · its key")


def book_of(settings: Settings, book: Path | None) -> Contacts:
    """The contact book: the file given, or this installation's."""
    return read_contacts(book or settings.contacts_file)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--amc", "only", multiple=True, help="Ceux-là seulement · these insurers only")
@click.option("--again", is_flag=True, help="Redéposer, réécrire · hand over and mail again")
@book_option
@key_option
def deliver(
    *, folder: Path, only: tuple[str, ...], again: bool, book: Path | None, key_file: Path | None
) -> None:
    """Déposer les dossiers chez les assureurs, et les aviser · hand dossiers over."""
    settings, console = Settings.from_environ(), Console(highlight=False)
    wanted = frozenset(AMCNumber.parse(each).value for each in only)
    contacts = book_of(settings, book)
    vault = vault_key(key_file or settings.vault_key_file)
    with mail_of(settings) as mail:
        done = hand_over(folder, contacts, vault=vault, mail=mail, only=wanted, again=again)
    missing = wanted - {each.place.amc for each in done}
    if missing:
        raise MalformedIdentifier("amc", f"no dossier for {', '.join(sorted(missing))}")
    tell_handed(console, folder, done)


def tell_handed(console: Console, folder: Path, done: list[Delivered]) -> None:
    """What came of handing over, and what comes next.

    Raises:
        SystemExit: something was not handed over: somebody brings it.
    """
    console.print(handed_table(done))
    there = sum(each.hand.there for each in done)
    console.print(f"dossiers : {len(done)}, déposés · in their drops: {there}")
    console.print(f"  ensuite · next: ./rempart incident deliveries {folder}", soft_wrap=True)
    if there < len(done):
        console.print("à remettre autrement · to be brought otherwise: ceux en rouge · in red")
        raise SystemExit(REFUSED)


def handed_table(done: list[Delivered]) -> Table:
    """A row a dossier: what came of handing it over, and of telling."""
    table = _table("AMC", "rapport · report", "dépôt · drop", "courriel · e-mail")
    for each in done:
        good = each.hand.there
        table.add_row(
            each.place.amc,
            _number(each.place.number, exercise=bool(each.found and each.found.manifest.exercise)),
            Text(both(HANDS[each.hand]), "green" if good else "bold red"),
            Text(both(POSTS[each.post]), "" if each.post in {Post.SENT, Post.BEFORE} else "yellow"),
        )
    return table


@click.command()
@click.argument("folder", type=FOLDER)
@click.option(
    "--bundle", "bundles", type=ANY, multiple=True, help="bundle.json, sans base · offline"
)
@click.option("--enter", is_flag=True, help="Inscrire les reçus à l'incident · enter receipts")
@click.option("--as", "by", default="", help="Qui les inscrit · who enters them")
@click.option("--late", default="", help="Les motifs du retard · why it is late")
@book_option
@key_option
def deliveries(
    *,
    folder: Path,
    bundles: tuple[Path, ...],
    enter: bool,
    by: str,
    late: str,
    book: Path | None,
    key_file: Path | None,
) -> None:
    """Remis, avisés, reçus ; qui appeler · where deliveries stand, whom to call."""
    if enter and not by:
        raise click.UsageError("--enter : qui le dit ? --as NOM · who says so?")
    settings, console = Settings.from_environ(), Console(highlight=False)
    contacts = book_of(settings, book)
    vault = vault_key(key_file or settings.vault_key_file)
    keys = feed_keys(settings, bundles)
    found = standings(folder, contacts, vault=vault, feed_keys=keys)
    console.print(standing_table(found))
    count = Counter(each.then for each in found if each.found is not None)
    left = sum(count.values()) - count[Then.NOTHING]
    console.print(f"reçus · received: {count[Then.NOTHING]}, attendus · awaited: {left}")
    if enter:
        enter_received(console, folder, found, by=by, late=late)


def feed_keys(settings: Settings, bundles: tuple[Path, ...]) -> dict[str, bytes]:
    """What receipts are verified under: of the files given, or of who is registered here."""
    if bundles:
        return {amc: bundle.feed_key for amc, bundle in bundles_in(bundles).items()}
    try:
        return {f"{amc:08d}": each.feed_key for amc, each in registered(settings).items()}
    except (TemporarilyUnavailable, KeyMissing):
        return {}


def standing_table(found: list[Standing]) -> Table:
    """A row a dossier: when it was handed, told, received, and what is next."""
    table = _table(
        *("AMC", "rapport · report", "remis · handed", "avisé · told", "reçu · received"),
        "ensuite · next",
    )
    for each in found:
        if each.found is None:
            assert each.lacks is not None, "what is not whole lacks something"
            lacks = Text(both(HANDS[each.lacks]), "bold red")
            table.add_row(each.place.amc, each.place.number, "–", "–", "–", lacks)
            continue
        delivery = each.delivery
        mailed = told(delivery.mailed) if delivery.mailed else "–"
        doubt = delivery.told is Mailed.IN_DOUBT
        table.add_row(
            each.place.amc,
            _number(each.place.number, exercise=each.found.manifest.exercise),
            told(delivery.handed) if delivery.handed else "–",
            both(POSTS[Post.IN_DOUBT]) if doubt else mailed,
            told(delivery.received) if delivery.received else both(PROOFS[each.proof]),
            Text(both(whom(each.then, delivery, each.contact)), STYLES[each.then]),
        )
    return table


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _number(number: str, *, exercise: bool) -> Text:
    text = Text(number)
    return text.append(f"\n{both(EXERCISE)}", "bold magenta") if exercise else text
