"""The ledger as it grows, read with the auditor's role: stages that moved, questions written.

What the drill counts as evidence is read here and nowhere else: not what a process says of itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.ledger_view import PostgresLedgerView
from rempart.bootstrap.auditor import database_view
from rempart.bootstrap.keyrings import vault_keyring
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import (
    Codes,
    Entry,
    EntryType,
    Outcome,
    decode,
    decode_codes,
    period_of,
)
from rempart.domain.guard import Move
from rempart.drill.in_process import Moved
from rempart.usecases.audit_ledger import AuditLedger, AuditReport
from rempart.usecases.pseudonyms import ACCOUNT, pseudonym

MONTHLY = "pseudonym/"
QUESTIONS = frozenset({EntryType.QUESTION, EntryType.REPEAT})


@dataclass(slots=True)
class Tail:
    """Entries from ``first`` on, taken as they come. ``accounts`` is by the registry's number."""

    settings: Settings
    accounts: Mapping[int, int]
    first: int
    moves: list[Moved] = field(default_factory=list)
    entries: dict[int, Entry] = field(default_factory=dict, repr=False)
    _connection: psycopg.Connection[Any] | None = field(default=None, repr=False)

    def take(self) -> None:
        """Whatever has been written since."""
        if self._connection is None:
            self._connection = connect("auditor", self.settings)
        for stored in PostgresLedgerView(self._connection).entries(self.first):
            assert stored.body is not None, "nothing is erased in a drill"
            entry = decode(stored.body)
            self.entries[stored.index] = entry
            self.first = stored.index + 1
            if entry.type is EntryType.CONTAINMENT:
                self._moved(decode_codes(stored.detail or b""))
        self._connection.rollback()

    def _moved(self, codes: Codes) -> None:
        account = self.accounts.get(int(codes["account"]))
        if account is not None:
            move = Move(
                account,
                Stage(int(codes["from"])),
                Stage(int(codes["to"])),
                Why(int(codes["why"])),
                Authority(int(codes["authority"])),
            )
            self.moves.append(Moved(int(codes["at"]), move))

    def answered(self, index: int, *, account: bytes, at: int) -> bool:
        """Whether this entry is a question of this account at this moment, and was opened."""
        entry = self.entries.get(index)
        return (
            entry is not None
            and entry.type in QUESTIONS
            and entry.outcome is Outcome.OPENED
            and entry.account == account
            and entry.at == at
        )

    def unsigned(self, *, life: int) -> int:
        """Questions under an account that had not signed in: no sign-in of the same session and
        account stands before them, ``life`` microseconds at most.
        """
        entered: dict[bytes, tuple[bytes, int]] = {}
        strangers = 0
        for _, entry in sorted(self.entries.items()):
            if entry.type is EntryType.SIGN_IN:
                entered[entry.session] = entry.account, entry.at
            elif entry.type in QUESTIONS:
                account, at = entered.get(entry.session, (b"", 0))
                strangers += account != entry.account or entry.at - at > life
        return strangers

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()


@dataclass(slots=True)
class Names:
    """Pseudonyms of accounts, with the vault's key of the month, which the vault makes."""

    settings: Settings
    _keys: dict[int, bytes] = field(default_factory=dict, repr=False)

    def of(self, client_id: str, at: int) -> bytes:
        """How the ledger calls an account at a moment."""
        period = period_of(at)
        if period not in self._keys:
            keyring = vault_keyring(self.settings)
            self._keys[period] = keyring.get(f"{MONTHLY}{period:04d}")
        return pseudonym(self._keys[period], ACCOUNT, client_id.encode())


def audit(settings: Settings) -> AuditReport:
    """The whole ledger, verified under the vault's public key.

    Raises:
        LedgerDisproved: it is not what was signed.
    """
    with database_view(settings) as view:
        return AuditLedger(view, vault_key(settings.vault_key_file))()
