"""The portal's application: pages that never change, their files, and what their scripts ask."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Send

from rempart.domain.cutoff_words import Channel
from rempart.serving.access import AccessLines
from rempart.serving.cut_offs import Switches
from rempart.serving.declined import Declined, outcome_of
from rempart.serving.pages import Page, TellHealth
from rempart.serving.status import ReadStatus, TellStatus
from rempart.usecases.cut_off_ports import IntakeUp
from rempart.usecases.identity_ports import ProfessionalSignIn
from rempart.usecases.ports import Clock, VaultDoor
from rempart.usecases.read_cut_offs import Rows
from rempart.web.history import AT as HISTORY
from rempart.web.history import TellHistory
from rempart.web.offline import offline_page
from rempart.web.openapi import openapi
from rempart.web.pro_sante import Back, Begin
from rempart.web.pro_sante_session import BackChannel
from rempart.web.relay import KINDS, Relay, tag_of
from rempart.web.replies import JSON, send_declined
from rempart.web.safety import SafetyHeaders
from rempart.web.show import Shown, lost_page
from rempart.web.switched import HTML, ShowStatus, under_switches
from rempart.web.words import words_of

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]

STATIC = Path(__file__).parent / "static"
MEDIA = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
ASKED = ("/people/", "/pro-sante/", HISTORY)


def portal(
    door: VaultDoor,
    *,
    instance: str,
    web_url: str,
    rows: Rows,
    clock: Clock,
    intake: IntakeUp | None = None,
    pro_sante: ProfessionalSignIn | None = None,
    helpdesk: str = "",
    verifier: str = "/verify/",
    lists: Path | None = None,
    lifespan: Lifespan | None = None,
) -> Starlette:
    """The portal before one vault.

    ``web_url`` is its origin as a browser knows it; without ``pro_sante``, professionals are told
    that it is not set up; ``helpdesk`` is how it is reached, as text; ``rows`` says what is cut,
    ``intake`` whether that of claims answers, ``verifier`` where cards are verified offline; with
    ``lists``, the folder of the operator's lists, the offline page stands under ``/verify/``.
    """
    shown = Shown(
        instance=instance, helpdesk=helpdesk, pro_sante=pro_sante is not None, verifier=verifier
    )
    switches = Switches(rows, clock, Channel.PORTAL)
    document = msgspec.json.encode(openapi(instance=instance, web_url=web_url))
    routes: list[BaseRoute] = [
        *_shown(shown, switches, ReadStatus(rows, clock, intake)),
        *_asked(door, switches, pro_sante),
        Route(HISTORY, TellHistory(door, switches, clock), methods=["POST"]),
        Route("/health", TellHealth(door, instance), methods=["GET"]),
        Route("/openapi.json", Page(document, JSON), methods=["GET"]),
        *([] if lists is None else offline_page(lists)),
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(SafetyHeaders),
            Middleware(
                AccessLines,
                door="web",
                instance=instance,
                routes=[route.path for route in routes if isinstance(route, Route)],
                fail=_failed,
            ),
        ],
        exception_handlers={HTTPException: NotServed(lost_page(shown))},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


def _shown(shown: Shown, switches: Switches, status: ReadStatus) -> list[Route]:
    """Pages and their files, and what is cut."""
    pages = under_switches(shown, switches).items()
    return [
        *[Route(path, page, methods=["GET"]) for path, page in pages],
        Route("/status", ShowStatus(status, shown), methods=["GET"]),
        Route("/status.json", TellStatus(status), methods=["GET"]),
        *[
            Route(f"/static/{file.name}", Page(file.read_bytes(), MEDIA[file.suffix]))
            for file in sorted(STATIC.iterdir())
        ],
    ]


def _asked(
    door: VaultDoor, switches: Switches, pro_sante: ProfessionalSignIn | None
) -> list[Route]:
    """What scripts ask."""
    return [
        *[
            Route(f"/people/{tag_of(kind)}", Relay(kind, door, switches), methods=["POST"])
            for kind in KINDS
        ],
        Route("/pro-sante/begin", Begin(door, pro_sante, switches), methods=["POST"]),
        Route("/pro-sante/back", Back(door, pro_sante), methods=["POST"]),
        Route("/pro-sante/logout", BackChannel(door), methods=["POST"]),
    ]


async def _failed(send: Send) -> None:
    await send_declined(send, Declined("internal"))


class NotServed:
    """What Starlette itself refuses: an unknown address, a method that a route does not take."""

    def __init__(self, page: bytes) -> None:
        self._page = page

    async def __call__(self, request: Request, error: Exception) -> Response:
        """A page for whoever looks for one, words for a script."""
        assert isinstance(error, HTTPException)
        row = outcome_of(Declined("no-such-method" if error.status_code == 405 else "no-such-page"))
        headers = {**(error.headers or {}), "cache-control": "no-store"}
        if request.url.path.startswith(ASKED):
            told = msgspec.json.encode({"kind": "refused", **words_of(row), "detail": ""})
            return Response(told, row.status, headers, JSON)
        return Response(self._page, row.status, headers, HTML)
