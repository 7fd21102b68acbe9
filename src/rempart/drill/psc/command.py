"""``rempart drill psc``: the simulator on this machine, until Ctrl-C."""

import json
from importlib.util import find_spec
from pathlib import Path

import click

from rempart.domain.errors import SetUpRefused

PORT = 8480
CLIENT_ID = "rempart-local"
SECRET = "simulator-secret"  # noqa: S105 - of a simulator that names itself one
LIBRARY = "authlib"


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True)
@click.option("--client-id", default=CLIENT_ID, show_default=True)
@click.option("--secret", default=SECRET, show_default=True)
@click.option(
    "--client-jwks",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Clés du service, à la place du secret · the service's keys, instead of a secret",
)
@click.option(
    "--logout-uri",
    default="",
    help="Où dire qu'une session est finie · where to say that a session is over",
)
@click.option(
    "--logout-authority",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="L'autorité du certificat qui y répond · the authority of the certificate there",
)
@click.option(
    "--keys",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Où écrire les clés publiques · where to write the public keys",
)
def command(
    *,
    port: int,
    client_id: str,
    secret: str,
    client_jwks: Path | None,
    logout_uri: str,
    logout_authority: Path | None,
    keys: Path | None,
) -> None:
    """Simuler Pro Santé Connect · a simulator of it, with people who do not exist."""
    if find_spec(LIBRARY) is None:
        raise SetUpRefused(f"the simulator needs {LIBRARY}: pip install {LIBRARY}")
    # Not before: the product runs without that library.
    from rempart.drill.psc import memory, pages, serve  # noqa: PLC0415
    from rempart.drill.stage import SEED  # noqa: PLC0415

    jwks = json.loads(client_jwks.read_text()) if client_jwks else None
    client = memory.Client(
        client_id=client_id,
        secret=secret,
        jwks=jwks,
        logout_uri=logout_uri,
        logout_authority=logout_authority,
    )
    with serve.listening(port) as bound:
        known = serve.memory_for(bound, client, SEED)
        if keys is not None:
            serve.write_keys(known, keys)
        click.echo(f"{pages.NAME}\n\nissuer     {known.issuer}\nclient id  {client_id}")
        click.echo(f"client key {client_jwks}" if jwks else f"secret     {secret}")
        click.echo(f"clés · keys {keys}" if keys else "", nl=keys is not None)
        click.echo("\nCtrl-C arrête · stops")
        serve.serve(known, bound)
