"""Claims on PostgreSQL: ``ClaimQueue`` for the role ``billing``, ``ClaimBook`` for ``judge``."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import database_name, translated
from rempart.adapters.postgres.queries import queries
from rempart.adapters.private_files import read_private
from rempart.domain.claim import Use
from rempart.domain.claim_decisions import ClaimDecision, ClaimWhy
from rempart.domain.cut_history import Span
from rempart.domain.disclosure import Entry, decode, product_code
from rempart.domain.errors import Refusal, TemporarilyUnavailable
from rempart.domain.ruling import Ruling
from rempart.domain.site import SiteKind
from rempart.usecases.claim_ports import (
    Agreement,
    Alike,
    Biller,
    Kept,
    Left,
    Place,
    Receipt,
    Ruled,
    Standing,
    Stood,
    Waiting,
)
from rempart.usecases.judge_undertakings import CLOCK_SKEW, Sold
from rempart.usecases.ledger_view import StoredEntry

SQL = queries("claims")
CONNECTIONS = 8
"""Claims that are committed at once: they share the disk's flushes."""
WITHIN = 5.0
"""Seconds for a claim to be durable; past it, its sender is told to send it again."""
READY_WITHIN = 1.0
"""Seconds to know whether one could be kept; past it, it could not."""
A_DAY = 5_000
"""Claims of one site: ten times a large one's."""
FETCH = 1_000
RULINGS = {1: Ruling.HONOURED, 2: Ruling.PERSON, 3: Ruling.REFUSED, 4: Ruling.VOID}
"""By number, as a column holds them."""
NUMBERS = {ruling: number for number, ruling in RULINGS.items()}
LOCK_NAME = 0x52454D434C41
"""Advisory lock of whoever judges."""


class PostgresClaimQueue:
    """A few connections of the role ``billing``, whose file ``conninfo`` is; opened when needed,
    and again when one was lost.
    """

    def __init__(self, conninfo: Path, *, sandbox: bool, a_day: int = A_DAY) -> None:
        self._conninfo, self._sandbox, self._a_day = conninfo, sandbox, a_day
        self._free: list[psycopg.AsyncConnection[Any]] = []
        self._room = asyncio.Semaphore(CONNECTIONS)

    async def biller(self, certificate: bytes) -> Biller | None:
        """Who may show this certificate."""
        values = {"certificate": certificate, "sandbox": self._sandbox}
        row = await self._one("biller", values)
        if row is None:
            return None
        software, site, release = row
        return Biller(software, site, product_code(release))

    async def put(self, claim: Kept) -> Receipt | None:
        """Keep a claim, or find what stands under its number."""
        row = await self._one(
            "take",
            {
                **{"software": claim.biller.software, "site": claim.biller.site},
                "product": claim.biller.product,
                **{"use": claim.use.value, "key": claim.key, "digest": claim.digest},
                **{"sealed": claim.sealed, "a_day": self._a_day, "received": claim.received},
            },
        )
        return None if row is None else _receipt(*row)

    async def ready(self) -> bool:
        """Whether the server takes writes, and ours among them."""
        try:
            async with asyncio.timeout(READY_WITHIN):
                row = await self._one("ready", {})
        except (TemporarilyUnavailable, TimeoutError):
            return False
        return row is not None and bool(row[0])

    async def _one(self, name: str, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        try:
            async with asyncio.timeout(WITHIN), self._connection() as connection:
                cursor = await connection.execute(SQL[name], values, prepare=True)
                row: tuple[Any, ...] | None = await cursor.fetchone()
                return row
        except (psycopg.Error, Refusal, OSError, TimeoutError):
            raise TemporarilyUnavailable("database unreachable") from None

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        async with self._room:
            connection = self._free.pop() if self._free else await self._new()
            try:
                yield connection
            except BaseException:
                # What is left of a statement that failed or was given up is nobody's.
                await _hang_up(connection)
                raise
            self._free.append(connection)

    async def _new(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(
            read_private(self._conninfo),
            application_name=database_name("billing"),
            autocommit=True,
        )

    async def close(self) -> None:
        """Hang up."""
        while self._free:
            await _hang_up(self._free.pop())


async def _hang_up(connection: psycopg.AsyncConnection[Any]) -> None:
    with suppress(psycopg.Error, OSError):
        await connection.close()


def _receipt(
    received: int, digest: bytes, ruling: int | None, rule: str | None, amount: int | None
) -> Receipt:
    return Receipt(
        received=received,
        digest=digest,
        ruling=RULINGS.get(ruling or 0),
        rule=_read(rule)[0],
        amount=amount or 0,
    )


class PostgresClaimBook:
    """One connection of the role ``judge``, in autocommit but for ``keep``."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        with translated():
            self._connection = connect()
            self._connection.autocommit = True

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _rows(self, name: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        with translated():
            return self._connection.execute(SQL[name], values, prepare=True).fetchall()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else judges meanwhile."""
        ((mine,),) = self._rows("lock", {"name": LOCK_NAME})
        if not mine:
            raise TemporarilyUnavailable("somebody else judges claims")
        try:
            yield
        finally:
            self._rows("unlock", {"name": LOCK_NAME})

    def newest(self) -> int:
        """Number of the last claim that came."""
        ((number,),) = self._rows("newest", {})
        return int(number)

    def last_ruled(self) -> int:
        """Number of the last claim that was ruled on."""
        ((number,),) = self._rows("last_ruled", {})
        return int(number)

    def waiting(self, upto: int) -> Iterator[Waiting]:
        """Claims without a ruling, in the order in which they came, up to a number."""
        after = 0
        while rows := self._rows("waiting", {"after": after, "upto": upto, "limit": FETCH}):
            for number, software, site, product, kind, received, sealed in rows:
                after = number
                yield Waiting(
                    number=number,
                    biller=Biller(software, site, product),
                    kind=None if kind is None else SiteKind(kind),
                    received=received,
                    sealed=sealed,
                )

    def keep(self, rulings: Sequence[Ruled]) -> None:
        """Keep rulings, all or none."""
        with translated(), self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(SQL["keep"], [_columns(each) for each in rulings])
            sold = [
                {
                    **{"claim": each.claim, "card": sale.card, "domain": sale.domain.value},
                    **{"basket": sale.basket.value, "at": sale.at},
                }
                for each in rulings
                for sale in each.sold
            ]
            cursor.executemany(SQL["sold"], sold)
            cares = [
                {"claim": each.claim, "care": care, "answered": each.answered}
                for each in rulings
                for care in each.cares
            ]
            cursor.executemany(SQL["care"], cares)

    def billed(self, disclosure: int) -> bool:
        """Whether a claim has been accepted on this answer."""
        return bool(self._rows("billed", {"disclosure": disclosure}))

    def agreed(self, disclosure: int) -> Agreement | None:
        """The last request on this answer that was decided on, else the last one."""
        rows = self._rows("agreed", {"disclosure": disclosure})
        if not rows:
            return None
        claim, ruling, amount, followed = rows[0]
        return Agreement(claim=claim, ruling=RULINGS[ruling], amount=amount, followed=followed)

    def same_care(self, cares: Sequence[bytes], *, on_cards: bool, limit: int) -> list[Alike]:
        """The first claims for one of these that were accepted or wait for a person."""
        values = {"cares": list(cares), "on_cards": on_cards, "limit": limit}
        return [Alike(*row) for row in self._rows("same_care", values)]

    def head(self, device: bytes) -> bytes | None:
        """The sealed claim that took the last place in a device's chain."""
        rows = self._rows("head", {"device": device})
        return rows[0][0] if rows else None

    def place(self, device: bytes, link: int) -> Place | None:
        """Who took this place in a device's chain."""
        rows = self._rows("place", {"device": device, "link": link})
        if not rows:
            return None
        digest, claim, use, ruling, amount, followed = rows[0]
        return Place(
            digest=digest,
            claim=claim,
            use=Use(use),
            ruling=RULINGS[ruling],
            amount=amount,
            followed=followed,
        )

    def sales(self, sold: Sold, span: Span) -> int:
        """How many sales of this card and kind were accepted within this span."""
        values = {
            **{"card": sold.card, "domain": sold.domain.value, "basket": sold.basket.value},
            **{"since": span.since - CLOCK_SKEW, "until": span.until + CLOCK_SKEW},
        }
        ((count,),) = self._rows("sales", values)
        return int(count)

    def decisions(self) -> Iterator[tuple[int, Entry, bytes]]:
        """What was decided about devices, cut-offs and claims, and what was not opened."""
        for index, body, detail in self._rows("decisions", {}):
            yield index, decode(body), detail

    def entry(self, index: int) -> StoredEntry | None:
        """One entry of the ledger."""
        rows = self._rows("entry", {"index": index})
        if not rows:
            return None
        at, body, detail, leaf = rows[0]
        return StoredEntry(index=at, body=body, detail=detail, leaf=leaf)

    def find(self, number: int) -> Standing | None:
        """A claim, if there is one of this number."""
        rows = self._rows("find", {"number": number})
        if not rows:
            return None
        software, sealed, ruling, alike, *decided = rows[0]
        return Standing(
            software=software,
            sealed=sealed,
            ruling=RULINGS.get(ruling),
            decision=None if decided[0] is None else _decision(*decided),
            alike=tuple(alike),
        )

    def decide(self, number: int, decision: ClaimDecision) -> bool:
        """Keep a decision."""
        values = {
            **{"claim": number, "accepted": decision.accepted, "amount": decision.amount},
            **{"why": decision.why.value, "by": decision.by},
            **{"entry": decision.ref, "tag": decision.claim},
        }
        return bool(self._rows("decide", values))

    def decided(self) -> set[bytes]:
        """The tags of claims on which a decision is kept."""
        return {tag for (tag,) in self._rows("decided", {})}

    def left(self) -> Iterator[Left]:
        """Claims on which a person has still to decide."""
        after = 0
        while rows := self._rows("left", {"after": after, "limit": FETCH}):
            for row in rows:
                after = row[0]
                yield Left(*row)

    @contextmanager
    def at_one_moment(self) -> Iterator[tuple[int, Iterator[Stood]]]:
        """How many claims there are, and each of them once."""
        with translated(), self._connection.transaction():
            self._connection.execute(SQL["one_moment"])
            ((count,),) = self._rows("count", {})
            yield int(count), self._stood()

    def _stood(self) -> Iterator[Stood]:
        after = 0
        while rows := self._rows("stood", {"after": after, "limit": FETCH}):
            after = rows[-1][0]
            yield from (_stood(*row) for row in rows)

    def listed(self, ruling: Ruling | None, limit: int) -> list[Stood]:
        """The last claims, of one ruling or of any."""
        values = {"ruling": None if ruling is None else NUMBERS[ruling], "limit": limit}
        return [_stood(*row) for row in self._rows("list", values)]


def _stood(  # noqa: PLR0917 - the columns of its queries
    number: int,
    software: int,
    use: int,
    received: int,
    sealed: bytes,
    ruling: int | None,
    said: str | None,
    amount: int | None,
    ended: bool | None,
    *decided: Any,
) -> Stood:
    rule, why = _read(said)
    return Stood(
        number=number,
        software=software,
        use=Use(use),
        received=received,
        sealed=sealed,
        ruling=RULINGS.get(ruling or 0),
        rule=rule,
        why=why,
        amount=amount or 0,
        ended_since=bool(ended),
        decision=None if decided[0] is None else _decision(*decided),
    )


def _read(said: str | None) -> tuple[str, str]:
    """A rule and why it was not kept, which stand in one column, behind a slash."""
    rule, _, why = (said or "").partition("/")
    return rule, why


def _decision(  # noqa: PLR0917 - the columns of its table
    tag: bytes, accepted: bool, amount: int, why: int, by: str, entry: int
) -> ClaimDecision:
    return ClaimDecision(
        claim=tag, accepted=accepted, amount=amount, why=ClaimWhy(why), by=by, ref=entry
    )


def _columns(ruled: Ruled) -> dict[str, object]:
    in_chain = bool(ruled.device)
    return {
        **{"claim": ruled.claim, "ruling": NUMBERS[ruled.ruling]},
        "rule": f"{ruled.rule}/{ruled.why}" if ruled.why else ruled.rule,
        **{"amount": ruled.amount, "disclosure": ruled.disclosure, "follows": ruled.follows},
        "asks": ruled.asks,
        **{"device": ruled.device if in_chain else None, "link": ruled.link if in_chain else None},
        **{"digest": ruled.digest if in_chain else None, "shown": ruled.shown or None},
        "ended": ruled.ended_since,
    }
