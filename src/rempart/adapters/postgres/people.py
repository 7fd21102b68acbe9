"""People on PostgreSQL: ``PeopleStore`` under the vault's role, ``PeopleRegistry`` the owner's."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from rempart.adapters.postgres.connections import Lasting
from rempart.adapters.postgres.queries import queries
from rempart.domain.errors import NotAllowed, Refusal, SignInRefused
from rempart.domain.person import DELEGATES_MAX, Person, Suspension
from rempart.domain.sign_in import Doubt
from rempart.usecases.identity_ports import Passkey

SQL = queries("people")
NO_DELEGATE, KNOWN_CREDENTIAL = "RM004", "RM005"
"""Raised by the functions of ``migrations/0006_people.sql``."""


class PostgresPeople(Lasting):
    """Reads and writes with the role of the process that holds it."""

    def _rows(self, name: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        with self._open() as connection:
            return connection.execute(SQL[name], values).fetchall()

    def _one(self, name: str, values: Mapping[str, object]) -> Any:
        rows = self._rows(name, values)
        return rows[0][0] if rows else None

    def passkeys(self, account: int) -> Sequence[Passkey]:
        """Those of an account that still open it."""
        return [passkey_of(row) for row in self._rows("passkeys", {"account": account})]

    def passkey(self, credential_id: bytes) -> tuple[int, Passkey] | None:
        """The account that a credential opens, and its key."""
        rows = self._rows("passkey", {"credential_id": credential_id})
        return (int(rows[0][-1]), passkey_of(rows[0])) if rows else None

    def add_passkey(self, account: int, passkey: Passkey) -> None:
        """Keep a new passkey."""
        if not self._one("add_passkey", columns_of(passkey) | {"account": account}):
            raise SignInRefused(doubt=Doubt.CREDENTIAL)

    def move_passkey(self, passkey: Passkey) -> None:
        """Keep how far its count and backup have come."""
        if not self._one("move_passkey", columns_of(passkey)):
            raise SignInRefused(doubt=Doubt.SIGN_COUNT)

    def revoke_passkey(self, account: int, credential_id: bytes) -> None:
        """A passkey of this account opens nothing any more."""
        self._rows("revoke_passkey", {"account": account, "credential_id": credential_id})

    def enrolment(self, code_hash: bytes, *, now: int) -> int | None:
        """The account that an unspent code is for."""
        account = self._one("enrolment", {"code_hash": code_hash, "now": now})
        return None if account is None else int(account)

    def spend(self, code_hash: bytes, passkey: Passkey, *, now: int) -> int | None:
        """Spend a code for its account's new passkey."""
        values = columns_of(passkey) | {"code_hash": code_hash, "now": now}
        try:
            account = self._one("spend", values)
        except psycopg.DatabaseError as error:
            if error.sqlstate == KNOWN_CREDENTIAL:
                raise SignInRefused(doubt=Doubt.CREDENTIAL) from None
            raise
        return None if account is None else int(account)

    def take_delegate(self, delegate: Person, *, code_hash: bytes, until: int) -> int:
        """Keep a delegate at the site of their sponsor."""
        values = {
            "login": delegate.login,
            "sponsor": delegate.sponsor,
            "usage": delegate.usage.value,
            "label": delegate.label,
            "code_hash": code_hash,
            "until": until,
            "at_most": DELEGATES_MAX,
        }
        try:
            return int(self._one("take_delegate", values))
        except psycopg.DatabaseError as error:
            if error.sqlstate == NO_DELEGATE:
                raise NotAllowed("this sponsor takes no delegate more") from None
            raise

    def enrol_again(self, account: int, *, sponsor: int, code_hash: bytes, until: int) -> None:
        """A new code for a delegate of this sponsor."""
        values = {"account": account, "sponsor": sponsor, "code_hash": code_hash, "until": until}
        if not self._one("enrol_again", values):
            raise NotAllowed("no delegate of this sponsor")

    def end_delegate(self, account: int, *, sponsor: int) -> None:
        """A delegate of this sponsor leaves."""
        if not self._one("end_delegate", {"account": account, "sponsor": sponsor}):
            raise NotAllowed("no delegate of this sponsor")

    def end_software(self, account: int, *, sponsor: int) -> None:
        """A software of this sponsor is shut out."""
        if not self._one("end_software", {"account": account, "sponsor": sponsor}):
            raise NotAllowed("no delegate of this sponsor")

    def join(self, person: Person) -> int:
        """Keep a professional at a site."""
        values = {
            "login": person.login,
            "rpps": person.rpps,
            "profession": person.profession,
            "site": person.site,
            "usage": person.usage.value,
            "followed": person.followed,
            "outside": person.outside,
        }
        return int(self._one("join", values))

    def enrol_staff(
        self,
        person: Person,
        *,
        code_hash: bytes,
        until: int,
        confirmations: Sequence[Mapping[str, str]],
    ) -> int:
        """Keep a member of staff, or give them a new code."""
        values = {
            "login": person.login,
            "role": person.role.value,
            "amc": person.amc or None,
            "confirmations": Jsonb([dict(said) for said in confirmations]),
        }
        with self._open() as connection, connection.transaction():
            account = self._one("enrol_staff", values)
            if account is None:
                raise Refusal("this login is another's, or of another role")
            connection.execute(SQL["shut_ways"], {"account": account})
            code = {"account": account, "code_hash": code_hash, "until": until}
            connection.execute(SQL["new_code"], code)
        return int(account)

    def suspend(self, people: Mapping[int, Suspension]) -> None:
        """Suspend these."""
        values = [{"account": number, "why": why.value} for number, why in people.items()]
        with self._open() as connection, connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(SQL["suspend"], values)

    def restore(self, account: int, *, followed: bool = True, outside: str = "") -> None:
        """Somebody suspended is back."""
        values = {"account": account, "followed": followed, "outside": outside}
        with self._open() as connection:
            if connection.execute(SQL["restore"], values).rowcount != 1:
                raise Refusal("nobody suspended has this name")


def columns_of(passkey: Passkey) -> dict[str, object]:
    """A passkey as parameters."""
    return {
        "credential_id": passkey.credential_id,
        "public_key": passkey.public_key,
        "sign_count": passkey.sign_count,
        "backup_eligible": passkey.backup_eligible,
        "backed_up": passkey.backed_up,
        "aaguid": passkey.aaguid,
        "made": passkey.made,
    }


def passkey_of(row: tuple[Any, ...]) -> Passkey:
    """A row of ``passkeys``: the account's handle is its login."""
    return Passkey(
        credential_id=bytes(row[0]),
        public_key=bytes(row[1]),
        sign_count=row[2],
        backup_eligible=row[3],
        backed_up=row[4],
        aaguid=row[5],
        made=row[6],
        account=row[7].encode(),
    )
