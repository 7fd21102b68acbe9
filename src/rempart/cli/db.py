"""``rempart db``: roles, schemas, keyrings; any number of times."""

import click

from rempart.bootstrap.database import set_up
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused


@click.group()
def command() -> None:
    """Préparer la base · set the database up."""


@command.command()
def init() -> None:
    """Rôles, schémas et trousseaux, sur REMPART_DATABASE_URL · roles, schemas and keyrings."""
    settings = Settings.from_environ()
    if settings.database_url is None:
        raise SetUpRefused("REMPART_DATABASE_URL is not set; the demo brings its own database")
    applied = set_up(settings, settings.database_url)
    click.echo(f"prêt · ready: {len(applied)} migration(s)")
