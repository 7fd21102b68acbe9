"""``/device``: the devices of the caller's site that may bind insurers while it is cut off.

``POST /device`` enrols one, ``GET /device`` shows those that serve, ``POST /device/end`` takes one
out. Asked under the token and the certificate of a software; all is decided, and written down, by
the vault.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.types import Receive, Scope, Send

from rempart.api.bridge import send_refusal
from rempart.api.elements import Element
from rempart.api.eligibility import BEARER
from rempart.domain.base64url import from_base64url
from rempart.domain.errors import RempartError
from rempart.serving.cut_offs import Switches
from rempart.serving.declined import Declined, shown_for
from rempart.serving.exchange import Headers, body_of, handle_of, headers_of, send_whole
from rempart.usecases.device_messages import (
    DeviceRequest,
    DeviceShown,
    DevicesShown,
    EndDevice,
    EnrolDevice,
    ListDevices,
)
from rempart.usecases.messages import Done, Refused, Reply
from rempart.usecases.ports import VaultDoor


class NewDevice(Element, frozen=True, kw_only=True):
    """A device's public key: a point of P-256 (65 bytes), base64url without padding."""

    point: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{87}$")]


class OldDevice(Element, frozen=True, kw_only=True):
    """A device, by the id of its key in hexadecimal."""

    device: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$")]


class Device(Element, frozen=True, kw_only=True):
    """A device that serves, by the id of its key; ``since`` in UTC."""

    device: str
    since: str


class DeviceList(Element, frozen=True, kw_only=True):
    """The devices of a site."""

    devices: list[Device]


Make = Callable[[bytes, bytes, bytes], DeviceRequest]
"""A request from a body, a token and a certificate."""


def enrol(body: bytes, token: bytes, certificate: bytes) -> EnrolDevice:
    """Enrol the device of a body."""
    point = _read(body, NewDevice).point
    try:
        raw = from_base64url(point)
    except ValueError:
        raise Declined("malformed", detail="point: expected base64url without padding") from None
    return EnrolDevice(raw, token=token, certificate=certificate)


def end(body: bytes, token: bytes, certificate: bytes) -> EndDevice:
    """Take the device of a body out."""
    return EndDevice(_read(body, OldDevice).device, token=token, certificate=certificate)


def show(body: bytes, token: bytes, certificate: bytes) -> ListDevices:
    """Show those that serve."""
    del body
    return ListDevices(token=token, certificate=certificate)


@dataclass(frozen=True, slots=True)
class RelayDevice:
    """What an address takes, by method, as an ASGI application."""

    door: VaultDoor = field(repr=False)
    switches: Switches
    makes: Mapping[str, Make] = field(repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            status, body = _told(await self._asked(headers_of(scope), scope, receive))
        except RempartError as error:
            await send_refusal(send, shown_for(error))
            return
        await send_whole(send, body, status=status, media="application/json")

    async def _asked(self, headers: Headers, scope: Scope, receive: Receive) -> Reply:
        token = handle_of(headers, BEARER)
        body = await body_of(headers, receive) if scope["method"] == "POST" else b""
        # HEAD is GET without its body, which the server leaves out.
        make = self.makes[scope["method"].replace("HEAD", "GET")]
        request = make(body, token, scope["state"].get("certificate", b""))
        if (cut := await self.switches.over_way()) is not None:
            raise cut
        return await self.door.ask(request)


def _read(body: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError:
        # Without its words: they may quote what was sent.
        raise Declined("malformed", detail="a device: not of the documented form") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Declined("unreadable") from None


def _told(reply: Reply) -> tuple[int, bytes]:
    match reply:
        case DeviceShown():
            return HTTPStatus.CREATED, msgspec.json.encode(_row(reply))
        case DevicesShown(devices=devices):
            return HTTPStatus.OK, msgspec.json.encode(DeviceList(devices=list(map(_row, devices))))
        case Done():
            return HTTPStatus.OK, b"{}"
        case Refused(reason="forbidden-move", detail=detail):
            raise Declined("malformed", detail=detail)
        case Refused(reason=reason, detail=detail, after=after):
            raise Declined(reason, detail=detail, after=after)
        case _:
            raise TypeError("the vault answered something else than about devices")


def _row(shown: DeviceShown) -> Device:
    moment = datetime.fromtimestamp(shown.since // 1_000_000, UTC)
    return Device(device=shown.device, since=moment.isoformat().replace("+00:00", "Z"))
