"""What a door says without asking anybody: pages that never change, and whether it is up."""

from dataclasses import dataclass, field
from typing import Literal

import msgspec
from starlette.types import Receive, Scope, Send

from rempart.domain.errors import TemporarilyUnavailable
from rempart.serving.exchange import Pairs, send_whole
from rempart.usecases.messages import Health, Status
from rempart.usecases.ports import VaultDoor


@dataclass(frozen=True, slots=True)
class Page:
    """A page that never changes, as an ASGI application."""

    body: bytes
    media: str
    headers: Pairs = field(default=(), repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send_whole(send, self.body, media=self.media, headers=self.headers)


class HealthPage(msgspec.Struct, frozen=True, kw_only=True):
    """Whether questions are being answered."""

    status: Literal["up", "down"]
    instance: str


@dataclass(frozen=True, slots=True)
class TellHealth:
    """``GET /health``: up when the vault answers. Says no more: anybody may read it."""

    door: VaultDoor = field(repr=False)
    instance: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the vault, and say."""
        try:
            up = isinstance(await self.door.ask(Status()), Health)
        except TemporarilyUnavailable:
            up = False
        await send_health(send, up=up, instance=self.instance)


async def send_health(send: Send, *, up: bool, instance: str) -> None:
    """200 where it is up, 503 where it is not."""
    page = HealthPage(status="up" if up else "down", instance=instance)
    body, status = msgspec.json.encode(page), 200 if up else 503
    await send_whole(send, body, status=status, media="application/json")
