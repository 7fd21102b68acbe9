"""The gateway's application: its routes, in the order of their traffic."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Send

from rempart.api import devices
from rempart.api.bridge import body_for, send_refusal
from rempart.api.discovery import (
    PRESENCE_KEY,
    TellPresenceKey,
    capability_statement,
    smart_configuration,
)
from rempart.api.elements import FHIR_JSON
from rempart.api.eligibility import AskRights
from rempart.api.openapi import openapi
from rempart.api.sign_in import RelaySignIn
from rempart.domain.cutoff_words import Channel
from rempart.serving.access import AccessLines
from rempart.serving.cut_offs import Switches
from rempart.serving.declined import Declined, outcome_of
from rempart.serving.exchange import NO_STORE
from rempart.serving.pages import Page, TellHealth
from rempart.serving.status import ReadStatus, TellStatus
from rempart.usecases.cut_off_ports import IntakeUp
from rempart.usecases.ports import Clock, VaultDoor
from rempart.usecases.read_cut_offs import Rows

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def gateway(
    door: VaultDoor,
    *,
    instance: str,
    base_url: str,
    clock: Clock,
    rows: Rows,
    intake: IntakeUp | None = None,
    lifespan: Lifespan | None = None,
) -> Starlette:
    """The gateway before one vault.

    ``instance`` names the installation in every response (ASCII); ``base_url`` is how callers
    reach it, without a slash at its end: ``{base_url}/token`` is the audience of assertions;
    ``rows`` says what is cut, ``intake`` whether that of claims answers.
    """
    started = datetime.fromtimestamp(clock.now() // 1_000_000, UTC).isoformat()
    smart = _page(smart_configuration(base_url))
    switches = Switches(rows, clock, Channel.API)
    ask = AskRights(door, clock, switches)
    statement = capability_statement(instance=instance, base_url=base_url, date=started)
    routes = [
        Route("/fhir/CoverageEligibilityRequest", ask, methods=["POST"]),
        Route("/fhir/CoverageEligibilityRequest/$submit", ask, methods=["POST"]),
        Route("/token", RelaySignIn(door, switches), methods=["POST"]),
        Route(
            "/device",
            devices.RelayDevice(door, switches, {"POST": devices.enrol, "GET": devices.show}),
            methods=["POST", "GET"],
        ),
        Route(
            "/device/end",
            devices.RelayDevice(door, switches, {"POST": devices.end}),
            methods=["POST"],
        ),
        Route(PRESENCE_KEY, TellPresenceKey(door), methods=["GET"]),
        Route("/health", TellHealth(door, instance), methods=["GET"]),
        Route("/status", TellStatus(ReadStatus(rows, clock, intake)), methods=["GET"]),
        Route("/fhir/metadata", _page(statement, FHIR_JSON), methods=["GET"]),
        Route("/.well-known/smart-configuration", smart, methods=["GET"]),
        Route("/fhir/.well-known/smart-configuration", smart, methods=["GET"]),
        Route(
            "/openapi.json",
            _page(openapi(instance=instance, base_url=base_url)),
            methods=["GET"],
        ),
    ]
    return fhir_door(routes, door="gateway", instance=instance, lifespan=lifespan)


def fhir_door(
    routes: list[Route], *, door: str, instance: str, lifespan: Lifespan | None
) -> Starlette:
    """What serves ``routes``: one access line a request, and refusals in FHIR for the rest."""
    paths = [route.path for route in routes]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(AccessLines, door=door, instance=instance, routes=paths, fail=failed)
        ],
        exception_handlers={HTTPException: not_served},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


def _page(content: object, media: str = "application/json") -> Page:
    return Page(msgspec.json.encode(content), media)


async def failed(send: Send) -> None:
    """What is said where nothing can be."""
    await send_refusal(send, Declined("internal"))


async def not_served(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: an unknown address, a method that a route does not take."""
    assert isinstance(error, HTTPException)
    code = "no-such-method" if error.status_code == 405 else "no-such-page"
    refusal = Declined(code)
    return Response(
        body_for([refusal]),
        status_code=outcome_of(refusal).status,
        headers={**(error.headers or {}), NO_STORE[0].decode(): NO_STORE[1].decode()},
        media_type=FHIR_JSON,
    )
