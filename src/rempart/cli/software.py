"""``rempart software``: which practice software may sign in, and for which site."""

import json
from pathlib import Path
from typing import Any

import click
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from rempart.bootstrap.registrar import registrar
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused
from rempart.domain.identifiers import SiteId
from rempart.domain.practice import Usage
from rempart.usecases.ports import Software
from rempart.usecases.register_software import register_software

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Inscrire un logiciel métier · register a practice software."""


@command.command()
@click.argument("client_id")
@click.option("--site", required=True, help="Le lieu qu'il sert · the one site it serves")
@click.option("--jwks", type=FILE, required=True, help="Ses clés publiques · its public keys")
@click.option("--certificate", type=FILE, required=True, multiple=True, help="PEM")
@click.option("--product", default="", help="Produit et version · product and release")
@click.option(
    "--usage",
    type=click.Choice([usage.name.lower().replace("_", "-") for usage in Usage]),
    default="standard",
    show_default=True,
    help="Classe de budget · budget class",
)
@click.option("--sandbox", is_flag=True, help="Bac à sable · sandbox")
def register(  # noqa: PLR0917
    client_id: str,
    site: str,
    jwks: Path,
    certificate: tuple[Path, ...],
    product: str,
    usage: str,
    sandbox: bool,
) -> None:
    """Inscrire le logiciel CLIENT_ID · register the software CLIENT_ID."""
    settings = Settings.from_environ()
    software = Software(
        client_id=client_id,
        number=0,
        site=SiteId.parse(site).value,
        jwks=read_jwks(jwks),
        certificates=frozenset(thumbprint(path) for path in certificate),
        sandbox=sandbox,
        revoked=False,
        product=product,
        usage=Usage[usage.upper().replace("-", "_")],
    )
    with registrar(settings) as registry:
        register_software(software, registry=registry, sandbox=settings.sandbox)
    click.echo("inscrit · registered")


@command.command()
@click.argument("client_id")
def revoke(client_id: str) -> None:
    """Exclure un logiciel, sessions comprises · shut a software out, sessions included."""
    with registrar(Settings.from_environ()) as registry:
        registry.revoke_software(client_id)
    click.echo("exclu · revoked")


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
