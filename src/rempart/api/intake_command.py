"""``rempart billing``: take claims in over TLS, with the vault, the gateway and the portal down."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click
from starlette.applications import Starlette

from rempart.api.intake import intake
from rempart.bootstrap.billing import Intake
from rempart.bootstrap.billing import intake as assembled
from rempart.config import Settings
from rempart.serving.listener import Listen, serve


@click.group()
def command() -> None:
    """Le dépôt des factures · the intake of claims."""


@command.command()
def run() -> None:
    """Servir jusqu'à SIGTERM · serve until SIGTERM."""
    settings = Settings.from_environ()
    open_intake(settings, assembled(settings))


def open_intake(settings: Settings, parts: Intake) -> None:
    """Serve until SIGTERM."""

    @asynccontextmanager
    async def hang_up(_: Starlette) -> AsyncIterator[None]:
        yield
        await parts.close()

    app = intake(
        parts.take,
        instance=settings.instance.value,
        clock=parts.clock,
        rows=parts.rows,
        lifespan=hang_up,
    )
    serve(
        app,
        Listen(
            host=settings.host,
            port=settings.billing_port,
            certificate=settings.tls / "billing.pem",
            key=settings.tls / "billing.key",
            client_authorities=settings.tls / "clients.pem",
        ),
    )
