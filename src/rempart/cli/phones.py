"""``rempart insurer phones``: invite phones to show cards, enrol them, in files or over a door."""

import time
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import click

from rempart.bootstrap.insurer import member_file, private_file
from rempart.bootstrap.phones import (
    LINE_MAX,
    Counted,
    answer_bytes,
    answers,
    enrolling,
    inviting,
    read_request,
)
from rempart.bootstrap.public_key import vault_key
from rempart.cli.insurer_where import FILE, NEW_FILE, Where, at_folder
from rempart.cli.watching import rejects
from rempart.domain.invitation import LIFE
from rempart.serving.listener import Listen, serve
from rempart.serving.phone_door import phone_door
from rempart.serving.phone_page import write_phone_page

DOOR_WAIT = 0.5
"""Seconds: the door answers one phone after another, and those that wait are asked to come back."""


@click.group("phones")
def phones() -> None:
    """Téléphones qui montrent une carte · phones that show a card."""


@phones.command()
@click.argument("file", type=FILE)
@click.option("--out", type=NEW_FILE, required=True, help="Les codes, en CSV · the codes")
@click.option("--only", type=FILE, help="Références, une par ligne · references, one a line")
@at_folder
@click.option(
    "--days",
    type=click.IntRange(1, 92),
    default=LIFE,
    show_default=True,
    help="Jours de validité · good for days",
)
@click.option("--rejects", "rejected", type=NEW_FILE, help="Lignes refusées, en CSV · bad rows")
def invite(
    *, file: Path, out: Path, only: Path | None, where: Where, days: int, rejected: Path | None
) -> None:
    """Écrire un code d'enrôlement par personne de FILE · one enrolment code for each person."""
    named = None if only is None else set(only.read_text("utf-8").split())
    count = 0
    with ExitStack() as stack:
        faults = stack.enter_context(rejects(rejected))
        making = stack.enter_context(inviting(where.opened(), date.today()))  # noqa: DTZ011
        stream = stack.enter_context(member_file(file))
        written = stack.enter_context(private_file(out))
        written.write("reference;code;until\n")
        for invited in making(
            stream,
            wanted=lambda reference: named is None or reference in named,
            now=int(time.time()),
            days=days,
            rejected=faults.add,
        ):
            until = datetime.fromtimestamp(invited.lapses, UTC).date()
            written.write(f"{invited.reference};{invited.code.printed};{until}\n")
            count += 1
    click.echo(f"invités · invited        {count}")
    click.echo(f"à envoyer · to send      {out}   (puis à effacer · then erase it)")


@phones.command()
@click.argument("file", type=FILE)
@at_folder
@click.option("--confirm-ending", is_flag=True, help="Plus de 2 % de fins · over 2 % end")
@click.option("--rejects", "rejected", type=NEW_FILE, help="Lignes refusées, en CSV · bad rows")
def follow(*, file: Path, where: Where, confirm_ending: bool, rejected: Path | None) -> None:
    """Suivre les cartes de FILE : renouvelées, perdues · follow cards, with each feed."""
    with (
        rejects(rejected) as faults,
        inviting(where.opened(), date.today()) as making,  # noqa: DTZ011
        member_file(file) as stream,
    ):
        report = making.follow(stream, rejected=faults.add, confirm_ending=confirm_ending)
    click.echo(f"suivis · followed        {report.stay}")
    click.echo(f"perdues · lost           {report.lost}")
    click.echo(f"partis · left            {report.left}")


@phones.command()
@click.argument("requests", type=FILE)
@click.option("--out", type=NEW_FILE, required=True, help="Les réponses · the answers")
@at_folder
def enrol(*, requests: Path, out: Path, where: Where) -> None:
    """Répondre aux demandes de REQUESTS, une par ligne · answer requests, JSON lines."""
    counted = Counted()
    with (
        enrolling(where.opened()) as desk,
        requests.open("rb") as lines,
        private_file(out) as written,
    ):
        bounded = iter(lambda: lines.readline(LINE_MAX + 1), b"")
        for line in answers(desk, bounded, int(time.time()), counted):
            written.write(line.decode())
            written.flush()
    click.echo(f"répondus · answered      {counted.answered}")
    click.echo(f"refusés · refused        {counted.refused}")


@phones.command("serve")
@at_folder
@click.option("--page", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8445, show_default=True)
@click.option("--certificate", type=FILE, required=True, help="PEM")
@click.option("--certificate-key", type=FILE, required=True, help="PEM")
def serve_phones(
    *,
    where: Where,
    page: Path | None,
    host: str,
    port: int,
    certificate: Path,
    certificate_key: Path,
) -> None:
    """Répondre aux téléphones en HTTPS, avec la page · answer phones over HTTPS."""
    with enrolling(where.opened(), wait=DOOR_WAIT) as desk:

        def answer(body: bytes, *, now: int) -> bytes:
            return answer_bytes(desk(read_request(body), now=now))

        listen = Listen(host=host, port=port, certificate=certificate, key=certificate_key)
        click.echo(f"téléphones · phones      https://{host}:{port}/", err=True)
        serve(phone_door(answer, page), listen)


@phones.command("page")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--vault-key", "key", type=FILE, required=True, help="De l'opérateur · the vault's")
@click.option(
    "--platform", default="", help="Son portail, https://… : « qui a demandé ? » · its portal"
)
def page_(*, directory: Path, key: Path, platform: str) -> None:
    """Écrire la page des téléphones, pour tout hébergeur · write the page, for any host."""
    count = write_phone_page(directory, vault_key(key), platform)
    click.echo(f"fichiers · files         {count}: {directory}")
    click.echo(
        "à copier chaque heure · to copy every hour: "
        "/.well-known/rempart-presence-key → presence-key"
    )
