"""A door with a script behind it, for tests of the gateway alone; and the patient asked about.

The vault itself is tested elsewhere: here only what the gateway sends it, and what it makes of
the replies.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from rempart.drill.software import PrintedCard
from rempart.usecases.device_messages import (
    DeviceShown,
    DevicesShown,
    EnrolDevice,
    ListDevices,
)
from rempart.usecases.messages import (
    Answered,
    Ask,
    Done,
    Health,
    PresenceKey,
    PresenceNote,
    Refused,
    Reply,
    Request,
    SignedIn,
    SignIn,
    Status,
)

TOKEN = bytes(range(32))
BEARER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
CERTIFICATE = bytes([7]) * 32
CARE_DATE = date(2026, 11, 23)
NOW = 1_795_424_400_000_000
"""2026-11-23T09:00:00Z."""

CODE = "RP1:6BFOXN%TSMAHN-H*ZCZ5Q9W4SENTINEL"
CARD = PrintedCard(
    amc="75001234",
    member_number="ADH7741936",
    birth_date="1963-04-17",
    birth_rank="3",
    printed_key="7K3M9QXT",
)
LEGACY_CARD = PrintedCard(
    amc="75001234", member_number="ADH7741936", birth_date="00/00/1963", birth_rank="3"
)
PERSONAL = (CODE, CODE[4:20], "ADH7741936", "1963-04-17", "17/04/1963", "00/00/1963", "7K3M9QXT")
"""What must be found in no line, no error, no response."""


class FixedClock:
    """Always the same moment."""

    def now(self) -> int:
        return NOW


def opened(ask: Ask) -> Reply:
    """In force until the end of 2027; the reference follows from the domain."""
    references = {"PHAR": 41, "LPPS": 42, "OPTI": 43}
    return Answered(
        reference=references.get(ask.domain, 40),
        in_force=True,
        until="2027-12-31",
        mode="100",
        repeated=False,
    )


@dataclass
class ScriptedDoor:
    """Answers from its script; keeps what it was asked."""

    answer: Callable[[Ask], Reply] = opened
    sign_in: Callable[[SignIn], Reply] = lambda sign_in: SignedIn(token=TOKEN, expires_in=300)
    health: Reply | Exception = field(
        default_factory=lambda: Health(
            size=1, epoch=1, sessions=1, index_versions=(1,), outer_versions=(1,), checkpoint=""
        )
    )
    presence: Reply | Exception = PresenceNote("note\n")  # noqa: RUF009 - a frozen message
    certificates: frozenset[bytes] = frozenset({CERTIFICATE, b""})
    delay: float = 0.0
    asked: list[Request] = field(default_factory=list)

    async def ask(self, request: Request) -> Reply:
        self.asked.append(request)
        if self.delay:
            await asyncio.sleep(self.delay)
        match request:
            case Ask():
                known = request.token == TOKEN and request.certificate in self.certificates
                return self.answer(request) if known else Refused("not-signed-in")
            case SignIn():
                return self.sign_in(request)
            case _:
                return self._said(request)

    def _said(self, request: Request) -> Reply:
        """What is said alike to whoever asks."""
        said = {
            Status: self.health,
            PresenceKey: self.presence,
            EnrolDevice: DeviceShown("0011223344556677", "STRUCT:OPTI1", NOW, "7"),
            ListDevices: DevicesShown((), 0),
        }.get(type(request), Done())
        if isinstance(said, Exception):
            raise said
        return said
