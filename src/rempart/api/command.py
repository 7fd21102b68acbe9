"""``rempart gateway``: serve FHIR over TLS."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import click
from starlette.applications import Starlette

from rempart.api.application import gateway
from rempart.bootstrap.gateway import clock, cut_offs, door, intake
from rempart.config import Settings
from rempart.serving.listener import Listen, serve
from rempart.usecases.ports import Clock, VaultDoor


class Door(VaultDoor, Protocol):
    """A vault's door that can be closed."""

    async def close(self) -> None:
        """Hang up."""
        ...


@click.group()
def command() -> None:
    """La passerelle FHIR · the FHIR gateway."""


@command.command()
def run() -> None:
    """Servir jusqu'à SIGTERM · serve until SIGTERM."""
    settings = Settings.from_environ()
    open_door(settings, door(settings), clock())


def open_door(settings: Settings, vault: Door, clock: Clock) -> None:
    """Serve until SIGTERM before this vault, on this clock."""

    rows, source = cut_offs(settings)

    @asynccontextmanager
    async def hang_up(_: Starlette) -> AsyncIterator[None]:
        yield
        await source.close()
        await vault.close()

    app = gateway(
        vault,
        instance=settings.instance.value,
        base_url=settings.base_url,
        clock=clock,
        rows=rows,
        intake=intake(settings),
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
