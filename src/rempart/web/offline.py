"""The page that verifies cards offline, under ``/verify/``: its files, and the lists of the day.

Its policy is its own: a page that works with the network off needs a service worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from rempart.serving.exchange import send_whole
from rempart.serving.offline_page import POLICY, index_of, shell
from rempart.serving.pages import Page

AT = "/verify/"
MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
HEADERS = [(b"content-security-policy", f"{POLICY}; frame-ancestors 'none'".encode())]


@dataclass(frozen=True, slots=True)
class Index:
    """The names of the lists that are published now."""

    published: Path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look, and say."""
        await send_whole(send, index_of(self.published), media="application/json")


async def _to_the_page(*_: object) -> RedirectResponse:
    # The page's addresses are relative to the slash.
    return RedirectResponse(AT, 308)


def offline_page(published: Path) -> Sequence[BaseRoute]:
    """The page's routes; the lists are files of a folder, read at each request."""
    files = shell()
    pages = {
        name: Page(body, MEDIA[PurePath(name).suffix], HEADERS) for name, body in files.items()
    }
    return [
        Route(AT.rstrip("/"), _to_the_page),
        Route(AT, pages["index.html"]),
        *[Route(AT + name, page) for name, page in pages.items()],
        Route(f"{AT}lists/index.json", Index(published)),
        Mount(f"{AT}lists", StaticFiles(directory=published, check_dir=False)),
    ]
