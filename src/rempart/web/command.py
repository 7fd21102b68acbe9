"""``rempart web``: serve the portal and the console over TLS."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click
from starlette.applications import Starlette

from rempart.bootstrap import web
from rempart.bootstrap.gateway import clock, intake
from rempart.config import Settings
from rempart.serving.listener import Listen, serve
from rempart.web.application import portal
from rempart.web.pro_sante_session import asking_after


@click.group()
def command() -> None:
    """Le portail et la console · the portal and the console."""


@command.command()
def run() -> None:
    """Servir jusqu'à SIGTERM · serve until SIGTERM."""
    settings = Settings.from_environ()
    vault, client = web.door(settings), web.http()
    rows, source = web.cut_offs(settings)
    pro_sante = web.pro_sante(settings, client)

    @asynccontextmanager
    async def hang_up(_: Starlette) -> AsyncIterator[None]:
        async with client, asking_after(vault, pro_sante):
            yield
        await source.close()
        await vault.close()

    app = portal(
        vault,
        instance=settings.instance.value,
        web_url=web.origin(settings),
        pro_sante=pro_sante,
        rows=rows,
        intake=intake(settings),
        clock=clock(),
        helpdesk=settings.helpdesk,
        verifier=settings.verifier_url,
        lists=web.lists(settings),
        lifespan=hang_up,
    )
    listen = Listen(
        host=settings.host,
        port=settings.web_port,
        certificate=settings.tls / "web.pem",
        key=settings.tls / "web.key",
    )
    serve(app, listen)
