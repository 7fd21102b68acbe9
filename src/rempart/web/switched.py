"""Pages that depend on what is cut: those of a portal that may be closed, and the public status."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from jinja2 import Environment
from starlette.types import Receive, Scope, Send

from rempart.serving.cut_offs import Switches
from rempart.serving.exchange import send_whole
from rempart.serving.pages import Page
from rempart.serving.status import ReadStatus
from rempart.web.show import (
    CUT_WITH_THE_PORTAL,
    Shown,
    cut_page,
    environment,
    pages,
    status_page,
)

HTML = "text/html; charset=utf-8"
CLOSED = ("cut-off", "unavailable")
"""Rows of the outcome table that close the portal: it is cut, or nobody knows."""


@dataclass(frozen=True, slots=True)
class UnlessCut:
    """A page of who asks; where the portal is cut, one that says so and leads to the verifier."""

    page: Page
    closed: Mapping[str, bytes] = field(repr=False)
    switches: Switches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send one or the other."""
        cut = await self.switches.over_way()
        if cut is None:
            await self.page(scope, receive, send)
            return
        headers = [(b"retry-after", b"%d" % cut.after)] if cut.after else []
        status = HTTPStatus.SERVICE_UNAVAILABLE
        await send_whole(send, self.closed[cut.code], status=status, media=HTML, headers=headers)


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """``GET /status``: the public status as a page."""

    reads: ReadStatus
    shown: Shown
    made: Environment = field(default_factory=environment, repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read, and say."""
        page = status_page(self.made, self.shown, await self.reads())
        await send_whole(send, page, media=HTML)


def under_switches(shown: Shown, switches: Switches) -> Mapping[str, Page | UnlessCut]:
    """Every page by its address."""
    closed = {code: cut_page(shown, code) for code in CLOSED}
    return {
        path: UnlessCut(Page(body, HTML), closed, switches)
        if path in CUT_WITH_THE_PORTAL
        else Page(body, HTML)
        for path, body in pages(shown).items()
    }
