"""``rempart insurer``: keys, feed, cards and dossiers, at the insurer; works with no platform."""

import os
import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import click
from rich.progress import Progress

from rempart.adapters.documents.cards import write_cards
from rempart.bootstrap.insurer import (
    BUNDLE,
    make_folder,
    member_file,
    private_file,
    publish_file,
    read_json,
    read_toml,
)
from rempart.bootstrap.sheet_bench import Order
from rempart.bootstrap.sheets import Watch as SheetsWatch
from rempart.bootstrap.sheets import make_sheets
from rempart.cli.insurer_access import access
from rempart.cli.insurer_feed import prepare, replace_
from rempart.cli.insurer_letters import letters
from rempart.cli.insurer_open import dossier_key, open_
from rempart.cli.insurer_receive import receive
from rempart.cli.insurer_where import DAY, FILE, NEW_FILE, Where, at_folder
from rempart.cli.phones import phones
from rempart.cli.watching import Rejects, lines_in, progress, rejects
from rempart.domain.identifiers import AMCNumber, MemberNumberRule
from rempart.domain.insurer import X25519_SIZE, InsurerProfile, unb64
from rempart.usecases.issue_cards import IssueCards

platform_option = click.option(
    "--platform", type=FILE, help="Clé de la plateforme (rempart feed key) · the platform's key"
)


@click.group()
def command() -> None:
    """Côté assureur : clés, fichier, cartes · insurer's side: keys, feed, cards."""


command.add_command(phones)
command.add_command(prepare)
command.add_command(replace_)
command.add_command(receive)
command.add_command(dossier_key)
command.add_command(open_)
command.add_command(letters)
command.add_command(access)


def platform_key(path: Path | None) -> bytes | None:
    """The platform's feed key in a file, where one is given."""
    if path is None:
        return None
    return unb64(read_json(path).get("feed_key"), "feed_key", X25519_SIZE)


@command.command()
@click.argument("amc")
@at_folder
@platform_option
@click.option("--sandbox", is_flag=True, help="Bac à sable · sandbox")
@click.option("--declared/--no-declared", default=True, help="Verrous déclarés · declared locks")
@click.option("--legacy-until", type=DAY, help="Anciennes cartes, jusqu'au · old cards, until")
@click.option("--strip-zeros", is_flag=True, help="N° adhérent sans zéros de tête · leading zeros")
@click.option("--digits-only", is_flag=True, help="N° adhérent sans lettres · digits only")
def init(
    *,
    amc: str,
    where: Where,
    platform: Path | None,
    sandbox: bool,
    declared: bool,
    legacy_until: datetime | None,
    strip_zeros: bool,
    digits_only: bool,
) -> None:
    """Créer les clés de l'assureur AMC · make its keys."""
    profile = InsurerProfile(
        amc=AMCNumber.parse(amc),
        sandbox=sandbox,
        member_number_rule=MemberNumberRule(
            strip_leading_zeros=strip_zeros, keep_letters=not digits_only
        ),
        declared=declared,
        legacy_until=legacy_until and legacy_until.date(),
        platform=platform_key(platform),
    )
    bundle = make_folder(where.folder, profile, where.unlock(fresh=True))
    click.echo(f"dossier · folder         {where.folder}   (gardez-le · keep it)")
    click.echo(f"à publier · to publish   {where.folder / BUNDLE}")
    click.echo(f"empreinte · fingerprint  {bundle.fingerprint}")


@command.command()
@at_folder
@platform_option
@click.option("--declared/--no-declared", default=None, help="Verrous déclarés · declared locks")
@click.option("--legacy-until", type=DAY, help="Anciennes cartes, jusqu'au · old cards, until")
@click.option("--no-legacy", is_flag=True, help="Plus d'anciennes cartes · no old cards any more")
def choose(
    *,
    where: Where,
    platform: Path | None,
    declared: bool | None,
    legacy_until: datetime | None,
    no_legacy: bool,
) -> None:
    """Changer un choix, relire l'empreinte · change a choice."""
    insurer = where.opened()
    profile = insurer.profile
    if declared is not None:
        profile = replace(profile, declared=declared)
    if no_legacy or legacy_until is not None:
        profile = replace(profile, legacy_until=legacy_until and legacy_until.date())
    if platform is not None:
        profile = replace(profile, platform=platform_key(platform))
    insurer.choose(profile)
    locks = "oui · yes" if profile.declared else "non · no"
    click.echo(f"déclarées · declared     {locks}")
    click.echo(f"anciennes · legacy       {profile.legacy_until or 'non · no'}")
    click.echo(f"plateforme · platform    {'connue · known' if profile.platform else '?'}")
    click.echo(f"empreinte · fingerprint  {insurer.bundle().fingerprint}")


@command.command("card-key")
@at_folder
def card_key(*, where: Where) -> None:
    """Nouvelle clé de cartes · a new card key, after a theft."""
    version = where.opened().next_card_key()
    click.echo(f"clé · key {version}: {version}.1, {version}.2… dans cards · in the column cards")


@command.command("signing-key")
@at_folder
@click.option("--turn", is_flag=True, help="Signer avec la suivante · sign with the next one")
@click.option("--end-old", is_flag=True, help="Oublier les précédentes · forget those before")
def signing_key(*, where: Where, turn: bool, end_old: bool) -> None:
    """Préparer la clé suivante qui signe les cartes · make the next key that signs cards."""
    insurer = where.opened()
    if turn:
        version = insurer.turn_signing_key()
        click.echo(f"signe désormais · signs from now on: {version}")
        return
    if end_old:
        ended, bundle = insurer.end_signing_keys()
        told = ", ".join(map(str, ended)) or "aucune · none"
        click.echo(f"oubliées · forgotten     {told}: leurs cartes finissent · their cards end")
    else:
        bundle = insurer.next_signing_key()
        click.echo(
            "clé suivante prête · next key ready; après publication · once published: --turn"
        )
    click.echo(f"à inscrire · to register {where.folder / BUNDLE}")
    click.echo(f"empreinte · fingerprint  {bundle.fingerprint}")


@command.command()
@click.argument("file", type=FILE)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@at_folder
@click.option("--images/--no-images", default=True, help="QR en PNG et SVG · QR as PNG and SVG")
@click.option("--sheets", is_flag=True, help="Feuilles de famille, en PDF · family sheets")
@click.option(
    "--pack", type=click.IntRange(1, 1_000), default=200, show_default=True, help="Pages par PDF"
)
@click.option("--processes", type=click.IntRange(1, 64), help="Autant que de cœurs · one a core")
@click.option("--rejects", "rejected", type=NEW_FILE, help="Lignes refusées, en CSV · bad rows")
def cards(
    *,
    file: Path,
    out: Path,
    where: Where,
    images: bool,
    sheets: bool,
    pack: int,
    processes: int | None,
    rejected: Path | None,
) -> None:
    """Écrire les cartes de FILE · write codes, printed keys, QR, or family sheets."""
    today = date.today()  # noqa: DTZ011 - as above
    with rejects(rejected) as faults, progress() as bars:
        if sheets:
            order = Order(
                folder=where.folder,
                unlock=where.unlock(fresh=False),
                members=file,
                out=out,
                pages=pack,
                made_on=today,
            )
            print_sheets(order, processes or os.cpu_count() or 1, bars, faults)
        else:
            with where.opened().cards(today) as issue:
                write_codes(issue, file, out, images=images, bars=bars, faults=faults)
    if faults.count:
        click.echo(f"fautes · faults: {faults.count}")


def write_codes(
    issue: IssueCards, file: Path, out: Path, *, images: bool, bars: Progress, faults: Rejects
) -> None:
    """Codes in a table, with their QR if asked."""
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    with member_file(file) as stream, private_file(out / "index.csv") as index:
        made = issue(stream, rejected=faults.add)
        shown = bars.track(made, total=max(lines_in(file) - 1, 0), description="cartes · cards")
        count = write_cards(shown, out, index, images=images)
    click.echo(f"cartes · cards           {count}")
    click.echo(f"table · index            {out / 'index.csv'}")


def print_sheets(order: Order, processes: int, bars: Progress, faults: Rejects) -> None:
    """Family sheets, in packs."""
    reading = bars.add_task("lecture · reading", total=max(lines_in(order.members) - 1, 0))
    making = bars.add_task("codes", total=None)
    watch = SheetsWatch(
        read=lambda rows: bars.advance(reading, rows),
        planned=lambda codes: bars.update(making, total=codes),
        made=lambda codes: bars.advance(making, codes),
        rejected=faults.add,
    )
    report = make_sheets(order, processes=processes, watch=watch)
    click.echo(f"feuilles · sheets        {report.pages}")
    click.echo(f"codes                    {report.codes}")
    click.echo(f"paquets · packs          {report.packs}: {order.out / 'print'}")
    if report.kept:
        click.echo(f"déjà faits · kept        {report.kept}")


@command.command()
@click.argument("file", type=FILE)
@click.option("--out", type=NEW_FILE, help="La liste · the list; status-AMC.cbor")
@at_folder
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=7,
    show_default=True,
    help="Jours avant la suivante · days until the next",
)
@click.option("--confirm-ending", is_flag=True, help="Plus de 2 % de fins · over 2 % end")
@click.option("--rejects", "rejected", type=NEW_FILE, help="Lignes refusées, en CSV · bad rows")
def status(
    *,
    file: Path,
    out: Path | None,
    where: Where,
    days: int,
    confirm_ending: bool,
    rejected: Path | None,
) -> None:
    """Signer la liste des cartes finies, d'après FILE · sign which cards are over."""
    insurer = where.opened()
    place = out or insurer.folder / f"status-{insurer.profile.amc.value}.cbor"
    with (
        insurer.status(days * 86_400) as make,
        rejects(rejected) as faults,
        member_file(file) as stream,
        progress() as bars,
    ):
        bar = bars.add_task("lecture · reading", total=max(lines_in(file) - 1, 0))
        data, report = make(
            stream,
            now=int(time.time()),
            rejected=faults.add,
            watch=lambda rows: bars.advance(bar, rows),
            confirm_ending=confirm_ending,
        )
    publish_file(place, data)
    click.echo(f"liste · list             {place}")
    click.echo(f"en cours · stand         {report.stand}")
    click.echo(f"finies · over            {report.over}")
    if report.rejected:
        click.echo(f"refusés · rejected: {report.rejected}")


@command.command()
@click.argument("file", type=FILE)
@click.option("--out", type=NEW_FILE, help="La déclaration · the statement; guarantees-AMC.cbor")
@at_folder
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=366,
    show_default=True,
    help="Jours de validité · good for days",
)
def guarantees(*, file: Path, out: Path | None, where: Where, days: int) -> None:
    """Signer les garanties permanentes de FILE · sign standing guarantees."""
    insurer = where.opened()
    place = out or insurer.folder / f"guarantees-{insurer.profile.amc.value}.cbor"
    statement, data = insurer.guarantees(read_toml(file), now=int(time.time()), days=days)
    publish_file(place, data)
    for profile, granted in statement.profiles.items():
        for each in granted:
            most = "" if each.most is None else f", {each.most / 100:.2f} € au plus · at most"
            click.echo(
                f"profil · profile {profile}: {each.domain.name} {each.basket.value},"
                f" {each.times} × par carte · a card{most}"
            )
    click.echo(f"à l'opérateur · for the operator  {place}")
