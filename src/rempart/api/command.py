"""``rempart gateway``: serve FHIR over TLS."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click
from starlette.applications import Starlette

from rempart.api.application import gateway
from rempart.bootstrap.gateway import clock, door
from rempart.config import Settings
from rempart.serving.listener import Listen, serve


@click.group()
def command() -> None:
    """La passerelle FHIR · the FHIR gateway."""


@command.command()
def run() -> None:
    """Servir jusqu'à SIGTERM · serve until SIGTERM."""
    settings = Settings.from_environ()
    vault = door(settings)

    @asynccontextmanager
    async def hang_up(_: Starlette) -> AsyncIterator[None]:
        yield
        await vault.close()

    app = gateway(
        vault,
        instance=settings.instance.value,
        base_url=settings.base_url,
        clock=clock(),
        lifespan=hang_up,
    )
    serve(
        app,
        Listen(
            host=settings.host,
            port=settings.port,
            certificate=settings.tls / "gateway.pem",
            key=settings.tls / "gateway.key",
            client_authorities=settings.tls / "clients.pem",
        ),
    )
