"""``rempart operator``: operators' own keys, and the insurers that two of them confirm."""

import asyncio
import json
from pathlib import Path

import click

from rempart.adapters.keys.operators import (
    make_operator_key,
    operator_key,
    public_operator,
    trust_key,
    trust_operator,
    trusted_operators,
)
from rempart.adapters.system import SystemChance, SystemClock
from rempart.bootstrap.importer import operators_folder, registration
from rempart.bootstrap.insurer import read_json
from rempart.bootstrap.people import keep_issuer_keys, published_keys, vendors_folder
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused
from rempart.domain.insurer import ED25519_SIZE, PublicBundle
from rempart.usecases.confirm_together import check_confirmed
from rempart.usecases.confirm_together import confirm as confirm_statement
from rempart.usecases.register_insurer import confirm
from rempart.usecases.vendor_statement import TRUST, vendor_in, vendor_statement

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Clés et inscriptions · the operator's keys, and registrations."""


@command.command()
@click.argument("name")
@click.option("--folder", type=FOLDER, default=Path(), help="Où les écrire · where to write them")
def init(name: str, folder: Path) -> None:
    """Créer la clé de l'opérateur NAME · make NAME's key."""
    public = make_operator_key(folder, name, SystemChance().draw(ED25519_SIZE))
    click.echo(f"clé · key                {public.with_suffix('.key')}   (gardez-la · keep it)")
    click.echo(f"publique · public        {public}")


@command.command()
@click.argument("public", type=FILE)
def trust(public: Path) -> None:
    """Reconnaître un opérateur ici · trust an operator here."""
    name = trust_operator(operators_folder(Settings.from_environ()), public)
    click.echo(f"reconnu · trusted: {name}")


@command.command(name="confirm")
@click.argument("statement", type=FILE)
@click.option("--key", type=FILE, required=True, help="Votre clé · your own key")
@click.option("--out", type=NEW_FILE, required=True, help="La confirmation · the confirmation")
def confirm_(statement: Path, key: Path, out: Path) -> None:
    """Confirmer une demande que l'on a lue · confirm a statement that you have read."""
    read = read_json(statement)
    for name, value in read.items():
        click.echo(f"  {name:<10}{value}")
    out.write_text(json.dumps(confirm_statement(read, operator_key(key)), indent=1) + "\n", "utf-8")
    click.echo(f"confirmé · confirmed: {out}")


@command.command(name="ask-vendor")
@click.argument("public", type=FILE)
@click.option("--out", type=NEW_FILE, required=True, help="La demande · the statement")
def ask_vendor(public: Path, out: Path) -> None:
    """Écrire la demande de confiance en un éditeur · write the statement about a vendor."""
    key, name = public_operator(public)
    statement = vendor_statement(key, name, now=SystemClock().now())
    out.write_text(json.dumps(statement, indent=1) + "\n", "utf-8")
    click.echo(f"chacun · each: rempart operator confirm {out} --key CLÉ --out CONFIRMATION")


@command.command(name="trust-vendor")
@click.argument("statement", type=FILE)
@click.option("--confirm", "confirmations", type=FILE, multiple=True, help="Deux · two of them")
def trust_vendor(statement: Path, confirmations: tuple[Path, ...]) -> None:
    """Reconnaître un éditeur, confirmé deux fois · trust a vendor."""
    settings, read = Settings.from_environ(), read_json(statement)
    check_confirmed(
        read,
        [read_json(path) for path in confirmations],
        purpose=TRUST,
        operators=trusted_operators(operators_folder(settings)),
        now=SystemClock().now(),
    )
    name = trust_key(vendors_folder(settings), *vendor_in(read))
    click.echo(f"reconnu · trusted: {name}")


@command.command(name="psc-keys")
@click.option("--file", type=FILE, help="Clés apportées d'ailleurs · keys brought from elsewhere")
def psc_keys(file: Path | None) -> None:
    """Renouveler les clés de Pro Santé Connect, sous l'utilisateur du coffre · renew its keys."""
    settings = Settings.from_environ()
    published = file.read_bytes() if file else asyncio.run(published_keys(settings))
    count = keep_issuer_keys(settings, published)
    click.echo(f"{count} clé(s) · keys: {settings.psc_keys_file}")


@command.command()
@click.argument("bundle", type=FILE)
@click.option("--key", type=FILE, required=True, help="Votre clé · your own key")
@click.option("--fingerprint", help="Lue par l'assureur · as the insurer read it out")
@click.option("--out", type=NEW_FILE, required=True, help="La confirmation · the confirmation")
def sign(bundle: Path, key: Path, fingerprint: str | None, out: Path) -> None:
    """Confirmer une empreinte · confirm a fingerprint."""
    read = PublicBundle.from_json(read_json(bundle))
    said = fingerprint or click.prompt("Empreinte lue par l'assureur · as the insurer read it out")
    if "".join(said.split()).lower() != read.fingerprint.replace(" ", ""):
        raise SetUpRefused("the fingerprint is not that of this bundle: do not sign")
    out.write_text(json.dumps(confirm(read, operator_key(key)), indent=1) + "\n", "utf-8")
    click.echo(f"confirmé · confirmed: {out}")


@command.command()
@click.argument("bundle", type=FILE)
@click.option("--confirm", "confirmations", type=FILE, multiple=True, help="Deux · two of them")
def register(bundle: Path, confirmations: tuple[Path, ...]) -> None:
    """Inscrire un assureur, confirmé deux fois · register one."""
    read = PublicBundle.from_json(read_json(bundle))
    with registration(Settings.from_environ()) as register_insurer:
        register_insurer(read, confirmations=[read_json(path) for path in confirmations])
    click.echo(f"inscrit · registered: {read.amc.value}, {read.fingerprint}")
