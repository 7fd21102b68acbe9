"""``rempart operator``: operators' own keys, and the insurers that two of them confirm."""

import json
from pathlib import Path

import click

from rempart.adapters.keys.operators import make_operator_key, operator_key, trust_operator
from rempart.adapters.system import SystemChance
from rempart.bootstrap.importer import operators_folder, registration
from rempart.bootstrap.insurer import read_json
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused
from rempart.domain.insurer import ED25519_SIZE, PublicBundle
from rempart.usecases.register_insurer import confirm

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
