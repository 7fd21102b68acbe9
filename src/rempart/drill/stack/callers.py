"""The practice software of the world: real keys and certificates, calling from many addresses.

A device of the world is a client certificate; a network of it is an address of this machine, which
all of 127.0.0.0/8 is: the gateway sees another /24 for each. Every device on every line is one
``PracticeSoftware`` with a session of its own.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rempart.adapters.identity.assertions import JWK, new_key, public_jwks
from rempart.adapters.identity.certificates import Issued, issue_client
from rempart.adapters.private_files import write_private
from rempart.config import Settings
from rempart.drill.registry import WorldAccount
from rempart.drill.software import Credentials, PracticeSoftware
from rempart.tlog.note import NoteVerifier
from rempart.usecases.ports import Clock

FIRST_NETWORK = 512
"""127.2.0.0/24: a machine may use those below itself."""
LINES = 65_000
"""Networks that can be told apart."""
OPEN_AT_ONCE = 400
"""Connections that are kept."""


def client_id(account: int) -> str:
    """The software of an account of the world."""
    return f"account-{account}"


def account_of(name: str) -> int:
    """The account that a software is of."""
    return int(name.removeprefix("account-"))


@dataclass(slots=True)
class Keyring:
    """Keys of the accounts, certificates of their devices, in a folder that the drill keeps."""

    folder: Path
    authority: Issued = field(repr=False)
    now: int
    _keys: dict[int, JWK] = field(default_factory=dict, repr=False)
    _devices: dict[int, bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def key(self, account: int) -> JWK:
        """The signing key of an account's software."""
        if account not in self._keys:
            key = self._keys[account] = new_key(client_id(account))
            write_private(self.folder / f"account-{account}.json", json.dumps(key))
        return self._keys[account]

    def public(self, account: int) -> dict[str, Any]:
        """What its vendor registers."""
        return public_jwks(self.key(account))

    def thumbprint(self, device: int) -> bytes:
        """The certificate of a device, made when it is first asked for."""
        if device not in self._devices:
            issued = issue_client(self.authority, f"device-{device}.example", now=self.now)
            issued.write(self.folder, f"device-{device}")
            self._devices[device] = issued.thumbprint
        return self._devices[device]

    def credentials(self, account: int, device: int) -> Credentials:
        """An account's key on a device."""
        self.thumbprint(device)
        return Credentials(
            client_id=client_id(account),
            key=self.key(account),
            certificate=self.folder / f"device-{device}.pem",
            certificate_key=self.folder / f"device-{device}.key",
        )


def devices_of(account: WorldAccount, days: Iterable[int]) -> set[int]:
    """The devices that an account works on."""
    return {account.device(desk, day) for day in days for desk in range(account.desks)}


@dataclass(slots=True)
class Lines:
    """Addresses of this machine, a network of its own for each network of the world."""

    _places: dict[int, int] = field(default_factory=dict, repr=False)

    def address(self, network: int) -> str:
        """Where to call from."""
        return f"{self._prefix(network)}.1"

    def prefix(self, network: int) -> str:
        """What the gateway tells the vault of it."""
        return f"{self._prefix(network)}.0/24"

    def _prefix(self, network: int) -> str:
        place = self._places.setdefault(network, len(self._places))
        assert place < LINES, "more networks than this machine has"
        high, low = divmod(FIRST_NETWORK + place, 256)
        return f"127.{high}.{low}"


@dataclass(slots=True, repr=False)
class Callers:
    """Software that is up; the one unused for longest hangs up where there are too many."""

    settings: Settings
    keyring: Keyring
    clock: Clock
    vault: NoteVerifier
    sealing: frozenset[int]
    lines: Lines
    _up: dict[tuple[int, int, int], PracticeSoftware] = field(default_factory=dict, repr=False)

    def caller(self, account: int, device: int, network: int) -> PracticeSoftware:
        """An account's software on a device, on a line."""
        named = account, device, network
        software = self._up.pop(named, None)
        if software is None:
            software = self.fresh(account, device, network)
        self._up[named] = software
        if len(self._up) > OPEN_AT_ONCE:
            self._up.pop(next(iter(self._up))).close()
        return software

    def fresh(self, account: int, device: int, network: int) -> PracticeSoftware:
        """The same, not yet signed in; the caller closes it."""
        return PracticeSoftware(
            self.settings.base_url,
            self.keyring.credentials(account, device),
            authorities=self.settings.tls / "authority.pem",
            clock=self.clock,
            vault=self.vault if account in self.sealing else None,
            source=self.lines.address(network),
        )

    def close(self) -> None:
        """Hang up everywhere."""
        for software in self._up.values():
            software.close()
        self._up.clear()
