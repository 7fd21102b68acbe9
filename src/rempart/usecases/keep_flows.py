"""What has begun and is not finished: nonces and challenges of the vault, each good once.

They live ten minutes in the vault's memory alone. Whoever floods the beginnings pushes the oldest
out: a sign-in then begins again, and nobody who is signed in notices.
"""

import base64
import hmac
from dataclasses import dataclass, field, replace
from enum import Enum

from rempart.domain.errors import SignInRefused
from rempart.domain.sign_in import Doubt
from rempart.usecases.identity_ports import ProSanteIdentity
from rempart.usecases.ports import Chance

FLOW_LIFE = 600
"""Seconds: the time to find one's card, and to be called away once."""
FLOWS_MAX = 50_000
"""Beginnings remembered: 80 a second for ten minutes."""
KEY_SIZE = 43
"""Characters of a thumbprint."""


class Kind(Enum):
    """What has begun."""

    PRO_SANTE = "pro-sante"
    CHOICE = "choice"
    PASSKEY = "passkey"
    ENROLMENT = "enrolment"
    REGISTRATION = "registration"
    STEP_UP = "step-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One beginning: ``secret`` is its nonce or challenge.

    ``account`` is the person in whose session it began, ``of`` the one that a code is for;
    ``refresh`` is what Pro Santé Connect's session is asked after with, once there is one.
    """

    kind: Kind
    key: str = field(repr=False)
    until: int
    secret: bytes = field(repr=False)
    account: int = 0
    of: int = 0
    again: bool = False
    code_hash: bytes = field(default=b"", repr=False)
    identity: ProSanteIdentity | None = None
    refresh: str = field(default="", repr=False)

    @property
    def nonce(self) -> str:
        """The secret as text."""
        return text_of(self.secret)


@dataclass(slots=True)
class Flows:
    """Beginnings by their name."""

    chance: Chance
    _begun: dict[str, Flow] = field(default_factory=dict, repr=False)

    def begin(
        self,
        kind: Kind,
        key: str,
        now: int,
        account: int = 0,
        *,
        again: bool = False,
        of: int = 0,
        code_hash: bytes = b"",
        identity: ProSanteIdentity | None = None,
        refresh: str = "",
    ) -> tuple[str, Flow]:
        """A fresh beginning, for the client of this key.

        Raises:
            SignInRefused: that is no thumbprint.
        """
        if len(key) != KEY_SIZE or not key.isascii():
            raise SignInRefused(doubt=Doubt.FLOW)
        if len(self._begun) >= FLOWS_MAX:
            self._begun.pop(next(iter(self._begun)))
        name, secret = text_of(self.chance.draw(16)), self.chance.draw(32)
        flow = self._begun[name] = Flow(
            kind=kind,
            key=key,
            until=now + FLOW_LIFE * 1_000_000,
            secret=secret,
            account=account,
            of=of,
            again=again,
            code_hash=code_hash,
            identity=identity,
            refresh=refresh,
        )
        return name, flow

    def put_refresh(self, name: str, refresh: str) -> None:
        """Keep a refresh token with the sign-in that it came from.

        Raises:
            SignInRefused: nothing began under this name, or it has one.
        """
        flow = self._begun.get(name)
        if flow is None or flow.kind is not Kind.PRO_SANTE or flow.refresh:
            raise SignInRefused(doubt=Doubt.FLOW)
        self._begun[name] = replace(flow, refresh=refresh)

    def spend(self, name: str, kind: Kind, *, key: str, now: int, account: int = 0) -> Flow:
        """What began under this name, for this client: never again.

        Raises:
            SignInRefused: nothing did, it is over, or another began it. What another began stays.
        """
        flow = self._begun.get(name)
        if (
            flow is None
            or (flow.kind, flow.account) != (kind, account)
            or not hmac.compare_digest(flow.key.encode(), key.encode())
        ):
            raise SignInRefused(doubt=Doubt.FLOW)
        del self._begun[name]
        if flow.until < now:
            raise SignInRefused(doubt=Doubt.FLOW)
        return flow

    def sweep(self, now: int) -> None:
        """Forget what is over: the oldest come first."""
        while self._begun and next(iter(self._begun.values())).until < now:
            self._begun.pop(next(iter(self._begun)))


def text_of(data: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
