"""``rempart software``: which practice software may sign in, and for which site."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from rempart.adapters.keys.operators import operator_key, trusted_operators
from rempart.adapters.system import SystemClock
from rempart.bootstrap.insurer import read_json
from rempart.bootstrap.people import vendors_folder
from rempart.bootstrap.registrar import registrar
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused
from rempart.domain.identifiers import SiteId
from rempart.domain.person import told
from rempart.domain.practice import Usage
from rempart.usecases.ports import Registered, Software
from rempart.usecases.register_software import register_software
from rempart.usecases.rotate_software import OVERLAP_MAX, rotate_software
from rempart.usecases.take_part import takes_part
from rempart.usecases.vendor_statement import SoftwareStatement, read_statement, state_software

NEW_FILE = click.Path(dir_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Inscrire un logiciel métier · register a practice software."""


@command.command()
@click.argument("client_id")
@click.option("--site", required=True, help="Le lieu qu'il sert · the one site it serves")
@click.option("--jwks", type=FILE, help="Ses clés publiques · its public keys")
@click.option("--statement", type=FILE, help="Signée par l'éditeur · signed by its vendor")
@click.option("--certificate", type=FILE, required=True, multiple=True, help="PEM")
@click.option("--product", default="", help="Produit et version · product and release")
@click.option(
    "--usage",
    type=click.Choice([usage.name.lower().replace("_", "-") for usage in Usage]),
    default="standard",
    show_default=True,
    help="Ce qu'en attend la garde · what the guard expects of it",
)
@click.option("--sponsor", help="@LOGIN du professionnel qui en répond · who answers for it")
@click.option("--sandbox", is_flag=True, help="Bac à sable · sandbox")
@click.option(
    "--may-send-open",
    is_flag=True,
    help="Logiciel ancien, qui ne scelle pas · older software, which does not seal",
)
def register(  # noqa: PLR0917
    client_id: str,
    site: str,
    jwks: Path | None,
    statement: Path | None,
    certificate: tuple[Path, ...],
    product: str,
    usage: str,
    sponsor: str | None,
    sandbox: bool,
    may_send_open: bool,
) -> None:
    """Inscrire le logiciel CLIENT_ID · register the software CLIENT_ID."""
    settings = Settings.from_environ()
    keys, stated = brought(settings, jwks, statement)
    if stated is not None:
        if product not in {"", stated.product}:
            raise SetUpRefused("the product is what the statement says: leave --product out")
        product = stated.product
    software = Software(
        client_id=client_id,
        number=0,
        site=SiteId.parse(site).value,
        jwks=keys,
        certificates=frozenset(thumbprint(path) for path in certificate),
        sandbox=sandbox,
        revoked=False,
        product=product,
        usage=Usage[usage.upper().replace("-", "_")],
        seals=not may_send_open,
    )
    with registrar(settings) as registry:
        if sponsor is not None:
            software = replace(software, sponsor=_sponsor(sponsor, registry.read()))
        register_software(software, registry=registry, sandbox=settings.sandbox, stated=stated)
    click.echo("inscrit · registered")


def _sponsor(name: str, registered: Registered) -> int:
    for person in registered.people.values():
        if name in {person.name, person.login}:
            return person.number
    raise SetUpRefused("nobody has the sponsor's name: rempart person list")


@command.command(name="list")
@click.option("--site", help="Un seul lieu · one site")
def list_(site: str | None) -> None:
    """Les logiciels inscrits, et qui en répond · software, and who answers for it."""
    with registrar(Settings.from_environ()) as registry:
        registered = registry.read()
    for software in sorted(registered.software.values(), key=lambda each: (each.site, each.name)):
        if site is None or software.site == site:
            sponsor = registered.people.get(software.sponsor)
            answers = "–" if sponsor is None else sponsor.name
            state = _state(software, registered)
            usage = told(software.usage.name)
            click.echo(f"{software.name}\t{software.site}\t{usage}\t{answers}\t{state}")


def _state(software: Software, registered: Registered) -> str:
    if software.revoked:
        return "exclu · revoked"
    if not takes_part(software, registered):
        return "avec son répondant · with its sponsor"
    return "présent · in"


@command.command()
@click.argument("client_id")
@click.option("--product", required=True, help="Produit et version · product and release")
@click.option("--jwks", type=FILE, required=True, help="Ses clés publiques · its public keys")
@click.option("--key", type=FILE, required=True, help="La clé de l'éditeur · the vendor's key")
@click.option("--out", type=NEW_FILE, required=True, help="La déclaration · the statement")
def state(*, client_id: str, product: str, jwks: Path, key: Path, out: Path) -> None:
    """Déclarer un logiciel, en éditeur · state a software, as its vendor."""
    signed = state_software(
        client_id=client_id, product=product, jwks=read_jwks(jwks), key=operator_key(key)
    )
    out.write_text(json.dumps(signed, indent=1) + "\n", "utf-8")
    click.echo(f"déclaré · stated: {out}")


@command.command()
@click.argument("client_id")
@click.option("--jwks", type=FILE, help="Sa prochaine clé · its next key")
@click.option("--statement", type=FILE, help="Signée par l'éditeur · signed by its vendor")
@click.option(
    "--overlap",
    type=click.IntRange(0, OVERLAP_MAX // 3600),
    default=24,
    show_default=True,
    help="Heures où l'ancienne signe encore ; 0 la retire · hours that the old one still signs",
)
def rotate(client_id: str, jwks: Path | None, statement: Path | None, overlap: int) -> None:
    """Donner à un logiciel sa prochaine clé · give a software its next key."""
    settings = Settings.from_environ()
    keys, stated = brought(settings, jwks, statement)
    with registrar(settings) as registry:
        until = rotate_software(
            client_id,
            keys,
            registry=registry,
            now=SystemClock().now(),
            overlap=overlap * 3600,
            sandbox=settings.sandbox,
            stated=stated,
        )
    moment = datetime.fromtimestamp(until, UTC).isoformat(timespec="seconds")
    click.echo(f"ajoutée ; l'ancienne signe jusqu'à · added; the old one signs until {moment}")


@command.command()
@click.argument("client_id")
def revoke(client_id: str) -> None:
    """Exclure un logiciel, sessions comprises · shut a software out, sessions included."""
    with registrar(Settings.from_environ()) as registry:
        registry.revoke_software(client_id)
    click.echo("exclu · revoked")


def brought(
    settings: Settings, jwks: Path | None, statement: Path | None
) -> tuple[dict[str, Any], SoftwareStatement | None]:
    """The keys that were brought: bare, or as a trusted vendor states them.

    Raises:
        SetUpRefused: neither or both, not JSON, or a statement that does not hold.
    """
    if (jwks is None) is (statement is None):
        raise SetUpRefused("either --jwks or --statement")
    if jwks is not None:
        return read_jwks(jwks), None
    assert statement is not None, "one of the two"
    vendors = trusted_operators(vendors_folder(settings))
    stated = read_statement(read_json(statement), vendors=vendors)
    return dict(stated.jwks), stated


def read_jwks(path: Path) -> dict[str, Any]:
    """A JWK set in a file; what is in it is checked where it is registered.

    Raises:
        SetUpRefused: the file is no JSON object.
    """
    try:
        said = json.loads(path.read_text("utf-8"))
    except ValueError:
        raise SetUpRefused("the key set is not JSON") from None
    if not isinstance(said, dict):
        raise SetUpRefused("the key set is not a JSON object")
    return said


def thumbprint(path: Path) -> bytes:
    """SHA-256 of a certificate (RFC 8705, x5t#S256)."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes()).fingerprint(hashes.SHA256())
    except ValueError:
        raise SetUpRefused("the certificate is not PEM") from None
