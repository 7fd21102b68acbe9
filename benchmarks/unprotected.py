"""A gateway without protection, to compare with: same server, same TLS, same sign-in, one select.

Run by ``benchmarks.gateway``. The door finds a row in a plain table by what was shown, and says
what it holds: no seal, no ledger, no budget.
"""

import asyncio
import secrets
from dataclasses import dataclass, field
from functools import partial

import psycopg

from rempart.adapters.identity.assertions import SignedAssertions
from rempart.adapters.postgres.connections import connect, conninfo_file
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.adapters.private_files import read_private
from rempart.adapters.system import SystemClock
from rempart.api.application import gateway
from rempart.config import Settings
from rempart.serving.listener import Listen, serve
from rempart.usecases.cut_off_row import Row
from rempart.usecases.messages import (
    Answered,
    Ask,
    CardShown,
    Done,
    Refused,
    Reply,
    Request,
    SignedIn,
    SignIn,
)
from rempart.usecases.ports import Registered

CONNECTIONS = 8
SELECT = "SELECT until, mode FROM plain.rights WHERE code = %(code)s"
"""Eight connections, prepared: what a plain portal would do."""


@dataclass(slots=True)
class PlainDoor:
    """``VaultDoor`` over a plain table."""

    settings: Settings
    registered: Registered
    tokens: dict[bytes, bytes] = field(default_factory=dict)
    idle: asyncio.Queue[psycopg.AsyncConnection] = field(default_factory=asyncio.Queue)
    opened: int = 0
    count: int = 0

    async def ask(self, request: Request) -> Reply:
        """One request, one reply."""
        match request:
            case SignIn():
                check = SignedAssertions(self.settings.token_url)
                software = self.registered.software[check.client_id(request.assertion)]
                check.verify(request.assertion, software, now=SystemClock().now())
                token = secrets.token_bytes(32)
                self.tokens[token] = request.certificate
                return SignedIn(token, 300)
            case Ask(shown=CardShown(code)):
                if self.tokens.get(request.token) != request.certificate:
                    return Refused("not-signed-in")
                return await self._select(code)
        return Done()

    async def _select(self, code: str) -> Reply:
        connection = await self._connection()
        try:
            cursor = await connection.execute(SELECT, {"code": code}, prepare=True, binary=True)
            row = await cursor.fetchone()
        finally:
            self.idle.put_nowait(connection)
        self.count += 1
        if row is None:
            return Refused("read-the-card")
        return Answered(self.count, True, row[0], row[1], False)

    async def _connection(self) -> psycopg.AsyncConnection:
        if self.idle.empty() and self.opened < CONNECTIONS:
            self.opened += 1
            conninfo = read_private(conninfo_file(self.settings.secrets, "owner"))
            return await psycopg.AsyncConnection.connect(conninfo, autocommit=True)
        return await self.idle.get()


class NothingCut:
    """A server without switches."""

    async def standing(self) -> Row:
        """Never anything."""
        return Row(place=(0, 0), generation=0)

    async def last(self) -> Row:
        """The same."""
        return await self.standing()


def main() -> None:
    """Serve as ``rempart gateway run`` does, before a plain door."""
    settings = Settings.from_environ()
    registry = PostgresRegistry(partial(connect, "owner", settings))
    door = PlainDoor(settings, registry.read())
    registry.close()
    app = gateway(
        door,
        instance="unprotected",
        base_url=settings.base_url,
        clock=SystemClock(),
        rows=NothingCut(),
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


if __name__ == "__main__":
    main()
