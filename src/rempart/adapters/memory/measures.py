"""Measures in memory: the reference of ``EvidenceShelf``, and a ``World`` as it is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar, cast

from rempart.usecases.measure_messages import ProtectionsTold
from rempart.usecases.measure_ports import (
    AuditTold,
    DaysTold,
    GatewayTold,
    IncidentKeyTold,
    LedgerTold,
    ListsTold,
    RegistryTold,
    TablesTold,
)
from rempart.usecases.ports import Clock
from rempart.usecases.setup_facts import Facts

T = TypeVar("T")


@dataclass(slots=True)
class MemoryEvidenceShelf:
    """A dictionary."""

    kept: dict[bytes, bytes] = field(default_factory=dict, repr=False)

    def put(self, data: bytes) -> bytes:
        """Keep it."""
        digest = sha256(data).digest()
        self.kept[digest] = data
        return digest

    def get(self, digest: bytes) -> bytes | None:
        """What lies there."""
        return self.kept.get(digest)


@dataclass(slots=True)
class MemoryWorld:
    """What each reading tells, by its name; an exception is raised."""

    clock: Clock
    told: Mapping[str, object] = field(repr=False)

    def _read(self, name: str, kind: type[T]) -> T:
        found = self.told[name]
        if isinstance(found, Exception):
            raise found
        return cast("T", found)

    def now(self) -> int:
        """The present."""
        return self.clock.now()

    def installation(self) -> Facts:
        """As given."""
        return self._read("installation", Facts)

    def vault(self) -> ProtectionsTold:
        """As given."""
        return self._read("vault", ProtectionsTold)

    def tables(self) -> TablesTold:
        """As given."""
        return self._read("tables", TablesTold)

    def registry(self) -> RegistryTold:
        """As given."""
        return self._read("registry", RegistryTold)

    def ledger(self) -> LedgerTold:
        """As given."""
        return self._read("ledger", LedgerTold)

    def audit(self) -> AuditTold:
        """As given."""
        return self._read("audit", AuditTold)

    def days(self) -> DaysTold:
        """As given."""
        return self._read("days", DaysTold)

    def lists(self) -> ListsTold:
        """As given."""
        return self._read("lists", ListsTold)

    def gateway(self) -> GatewayTold:
        """As given."""
        return self._read("gateway", GatewayTold)

    def cut_row(self) -> int:
        """As given."""
        return self._read("cut_row", int)

    def incident_key(self) -> IncidentKeyTold:
        """As given."""
        return self._read("incident_key", IncidentKeyTold)

    def exercises(self) -> list[int]:
        """As given."""
        return self._read("exercises", list[int])

    def contact(self) -> bool:
        """As given."""
        return self._read("contact", bool)
