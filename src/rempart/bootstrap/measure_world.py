"""What checks of measures look at, on this installation: ``World`` with the vault's own means.

Each reading is made once, when a check first asks; one that fails is tried again by the next one.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rempart.adapters.gateway_probe import probe
from rempart.adapters.keys.operators import trusted_operators
from rempart.adapters.list_shelf import FolderShelf
from rempart.adapters.postgres.connections import connect, conninfo_file
from rempart.adapters.postgres.cut_row import PostgresCutRowSource
from rempart.adapters.postgres.incidents import PostgresIncidents
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.postgres.measures import ask_tables
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.adapters.system import SystemClock
from rempart.bootstrap import doctor
from rempart.bootstrap.days import KEY_SIZE, public_incident_key, shelf_of
from rempart.bootstrap.importer import operators_folder
from rempart.bootstrap.insurer_facts import HomeFacts
from rempart.bootstrap.lists import published
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
from rempart.domain.budget import DAY
from rempart.domain.disclosure import decode
from rempart.domain.errors import MalformedIdentifier, SetUpRefused, TemporarilyUnavailable
from rempart.domain.insurer import unb64
from rempart.tlog.checkpoint import open_checkpoint
from rempart.usecases.audit_ledger import AuditLedger, LedgerDisproved
from rempart.usecases.card_lists import read_trust
from rempart.usecases.closed_day import in_order, read_day
from rempart.usecases.cut_off_row import read_row
from rempart.usecases.measure_messages import AskProtections, ProtectionsTold
from rempart.usecases.measure_ports import (
    AuditTold,
    CannotSee,
    DaysTold,
    GatewayTold,
    IncidentKeyTold,
    LedgerTold,
    ListsTold,
    RegistryTold,
    TablesTold,
)
from rempart.usecases.messages import Reply, Request
from rempart.usecases.setup_facts import Facts
from rempart.usecases.tell_of_incident import folded

T = TypeVar("T")
SECOND = 1_000_000
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where we knock, not listen
SMALL, DEEP, MANY = 256, 4, 20_000
"""Bytes of a file that may hold the incident key; how deep, and among how many, it is sought."""
TERM = timedelta(days=366 + 7)
"""After which the file of a closed day may be gone."""


@dataclass(slots=True)
class InstalledWorld:
    """``vault`` asks the vault; without ``audit`` the whole ledger is not read."""

    settings: Settings
    ask: Callable[[Request], Reply] = field(repr=False)
    audits: bool = True
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)

    def _once(self, name: str, read: Callable[[], T]) -> T:
        if name not in self._kept:
            self._kept[name] = read()
        found: T = self._kept[name]
        return found

    def _own(self) -> psycopg.Connection[Any]:
        return connect("vault", self.settings)

    def now(self) -> int:
        """The present."""
        return SystemClock().now()

    def contact(self) -> bool:
        """Whether pages say how to reach the helpdesk."""
        return bool(self.settings.helpdesk)

    def installation(self) -> Facts:
        """What the doctor finds."""
        return self._once("installation", partial(doctor.facts, self.settings))

    def vault(self) -> ProtectionsTold:
        """What the running vault tells."""
        return self._once("vault", self._asked)

    def _asked(self) -> ProtectionsTold:
        reply = self.ask(AskProtections())
        if not isinstance(reply, ProtectionsTold):
            raise TemporarilyUnavailable("the vault did not tell")
        return reply

    def tables(self) -> TablesTold:
        """What the database says."""
        return self._once("tables", self._tables)

    def _tables(self) -> TablesTold:
        with closing(self._own()) as connection:
            connection.autocommit = True
            return ask_tables(connection, lock_months=self.settings.limits.lock_months)

    def registry(self) -> RegistryTold:
        """Who takes part."""
        return self._once("registry", self._registry)

    def _registry(self) -> RegistryTold:
        with closing(PostgresRegistry(self._own)) as registry:
            said = registry.read()
        software = [each for each in said.software.values() if not each.revoked]
        return RegistryTold(
            software=len(software),
            with_both=sum(bool(each.certificates and each.jwks.get("keys")) for each in software),
            unnamed=sum(not each.product for each in software),
            sealing=sum(each.seals for each in software),
            insurers=len(said.insurers),
            operators=len(trusted_operators(operators_folder(self.settings))),
        )

    def ledger(self) -> LedgerTold:
        """What is signed."""
        key = vault_key(self.settings.vault_key_file)
        with ledger_view(self._own) as view:
            last = view.last_checkpoint()
        with closing(PostgresIncidents(self._own)) as book:
            size = book.size()
        if last is None:
            return LedgerTold(size=0, root=b"", unsigned=size)
        checkpoint = open_checkpoint(last.note, key)
        unsigned = max(0, size - checkpoint.size)
        return LedgerTold(size=checkpoint.size, root=checkpoint.root, unsigned=unsigned)

    def audit(self) -> AuditTold:
        """Every entry, now."""
        if not self.audits:
            raise CannotSee("left-out")
        key = vault_key(self.settings.vault_key_file)
        try:
            with ledger_view(self._own) as view:
                report = AuditLedger(view, key)()
        except LedgerDisproved as error:
            return AuditTold(entries=0, checkpoints=0, lost=0, broken=error.step)
        return AuditTold(
            entries=report.entries,
            checkpoints=report.checkpoints,
            lost=len(report.lost),
            broken=0,
        )

    def days(self) -> DaysTold:
        """Closed days, and entries of days that are over and in none."""
        shelf, key = shelf_of(self.settings), vault_key(self.settings.vault_key_file)
        closed = in_order([read_day(note, key) for note in shelf.notes()])
        today = self._today()
        end = closed[-1].end if closed else 0
        with ledger_view(self._own) as view:
            after = next(view.entries(end, end + 1), None)
        behind = 0
        if after is not None and after.body is not None:
            behind = max(0, (today - decode(after.body).time.date()).days)
        if not closed and not behind:
            raise CannotSee("nothing-yet")
        recent = [each for each in closed if each.day > today - TERM]
        absent = sum(not shelf.has(each.name) for each in recent)
        return DaysTold(days=len(closed), behind=behind, absent=absent)

    def _today(self) -> date:
        return datetime.fromtimestamp(self.now() / SECOND, UTC).date()

    def lists(self) -> ListsTold:
        """What verifiers would fetch."""
        shelf = FolderShelf(published(self.settings))
        data = shelf.trust()
        if data is None:
            return ListsTold(days=None, fresh=0)
        trust, now = read_trust(data, shelf.roots()), self.now()
        facts = HomeFacts(self._own, published(self.settings))
        seen = [facts.status_list(int(each.amc)) for each in trust.insurers]
        return ListsTold(
            days=(trust.until * SECOND - now) // DAY,
            fresh=sum(each is not None and each.until > now for each in seen),
        )

    def gateway(self) -> GatewayTold:
        """Its door, on this machine."""
        return self._once("gateway", self._knocked)

    def _knocked(self) -> GatewayTold:
        host = EVERYWHERE.get(self.settings.host, self.settings.host)
        return probe(host, self.settings.port)

    def cut_row(self) -> int:
        """The row's age, read as the gateway reads it, where its file is here."""
        path = conninfo_file(self.settings.secrets, "gateway")
        note = asyncio.run(_row(path)) if path.exists() else None
        if note is None:
            raise CannotSee("not-on-this-host")
        row = read_row(note, vault_key(self.settings.vault_key_file))
        return max(0, (self.now() - row.place[0]) // SECOND)

    def incident_key(self) -> IncidentKeyTold:
        """The public half, and small files under this folder that hold the private one."""
        try:
            public = public_incident_key(self.settings)
        except SetUpRefused:
            return IncidentKeyTold(made=False, here=0)
        found = sum(_is_private_of(path, public) for path in _small_files(self.settings.home))
        return IncidentKeyTold(made=True, here=found)

    def exercises(self) -> list[int]:
        """Those that are closed, and went as far as telling insurers of a finding."""
        with closing(PostgresIncidents(self._own)) as book:
            incidents = folded(book, sandbox=self.settings.sandbox).all()
        return sorted(each.closed for each in incidents if each.rehearsed)


async def _row(conninfo: Path) -> str | None:
    source = PostgresCutRowSource(conninfo)
    try:
        return await source.read()
    finally:
        await source.close()


def _small_files(folder: Path, deep: int = DEEP) -> Iterator[Path]:
    """Regular files that could hold a key, where we may look; the database's own are not ours."""
    left = MANY
    waiting = [(folder, deep)]
    while waiting:
        place, depth = waiting.pop()
        with suppress(OSError):
            for path in place.iterdir():
                left -= 1
                if not left:
                    raise CannotSee("too-many-files")
                if path.is_symlink() or path.name == "postgres":
                    continue
                if path.is_dir() and depth:
                    waiting.append((path, depth - 1))
                elif path.is_file() and path.stat().st_size <= SMALL:
                    yield path


def _is_private_of(path: Path, public: bytes) -> bool:
    with suppress(OSError, MalformedIdentifier, UnicodeDecodeError):
        secret = unb64(path.read_text().strip(), "key", KEY_SIZE)
        return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw() == public
    return False
