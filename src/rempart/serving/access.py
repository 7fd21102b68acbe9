"""The one middleware: an access line, the instance's name, and silence about unknown errors.

A line holds the method, the route, the status and the time taken: no address as typed, no query,
no header, no body.
"""

from collections.abc import Awaitable, Callable, Collection
from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Fail = Callable[[Send], Awaitable[None]]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class AccessLines:
    """Wraps a door's application; no error goes through it, so that no server prints one."""

    def __init__(
        self, app: ASGIApp, *, door: str, instance: str, routes: Collection[str], fail: Fail
    ) -> None:
        self._app = app
        self._header = (b"x-rempart-instance", instance.encode())
        self._routes = frozenset(routes)
        self._fail = fail
        self._log = structlog.get_logger(f"rempart.{door}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = perf_counter(), 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                message["headers"].append(self._header)
            await send(message)

        try:
            await self._app(scope, receive, named)
        except Exception as error:
            self._log.error("failed", error=type(error).__name__, at=place_of(error))
            if not status:
                await self._fail(named)
        finally:
            method, path = scope["method"], scope["path"]
            self._log.info(
                "request",
                method=method if method in METHODS else "other",
                # No route has a parameter: a known path is its own template.
                route=path if path in self._routes else "none",
                status=status,
                ms=round((perf_counter() - started) * 1000, 2),
            )


def place_of(error: Exception) -> str:
    """Where a caught error arose: module and line, as its message may quote a value."""
    trace = error.__traceback__
    assert trace is not None
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}"
