"""Incidents on PostgreSQL: ``SpokenWords`` and ``Evidence``, with the role ``incident``."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import psycopg

from rempart.adapters.postgres.claims import RULINGS
from rempart.adapters.postgres.connections import translated
from rempart.adapters.postgres.queries import queries
from rempart.adapters.postgres.questions import PostgresQuestions
from rempart.domain.claim import Use
from rempart.domain.disclosure import Entry, decode
from rempart.domain.lines import Code
from rempart.domain.signs import Seen
from rempart.usecases.claim_ports import Retold
from rempart.usecases.incident_ports import Billed, Named, Touched, Unanswered
from rempart.usecases.question_ports import ALWAYS, Range

SQL = queries("incidents")
EVERYTHING = ((0, 2**63 - 1),)


class PostgresIncidents:
    """One connection, in autocommit: what is put is durable when it returns."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        with translated():
            self._connection = connect()
            self._connection.autocommit = True

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _rows(self, name: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        with translated():
            return self._connection.execute(SQL[name], values).fetchall()

    def put(self, digest: bytes, sealed: bytes) -> None:
        """Keep what was said."""
        with translated():
            self._connection.execute(SQL["put"], {"digest": digest, "sealed": sealed})

    def all(self) -> Iterator[tuple[bytes, bytes]]:
        """Everything that was said, in the order in which it came."""
        yield from self._rows("spoken", {})

    def decided(self) -> Iterator[tuple[int, Entry, bytes]]:
        """Decisions, moves of accounts and cut-offs, in order."""
        for index, body, detail in self._rows("decided", {}):
            yield index, decode(body), detail

    def size(self) -> int:
        """How many entries the ledger has."""
        ((size,),) = self._rows("size", {})
        return int(size)

    def unanswered(self, first: int, end: int) -> Unanswered:
        """What was refused for a cut-off in a span of entries."""
        ((questions, sites),) = self._rows("unanswered", {"first": first, "end": end})
        return Unanswered(questions, sites)

    def asked(self, accounts: Collection[int], since: int, until: int = ALWAYS) -> Iterator[Seen]:
        """What these accounts asked."""
        return self.within(EVERYTHING).asked(accounts, since, until)

    def canaries(self, since: int) -> frozenset[int]:
        """What was about nobody."""
        return self.within(EVERYTHING).canaries(since)

    def met(self, codes: Collection[Code], since: int, until: int) -> frozenset[int]:
        """Who asked by one of these."""
        return self.within(EVERYTHING).met(codes, since, until)

    def codes(self, accounts: Collection[int], since: int) -> Mapping[tuple[int, Code], bool]:
        """What these accounts asked by."""
        return self.within(EVERYTHING).codes(accounts, since)

    def strangers(self, since: int, until: int) -> Mapping[int, int]:
        """Who asked about strangers on old cards."""
        return self.within(EVERYTHING).strangers(since, until)

    def within(self, ranges: Sequence[Range]) -> PostgresQuestions:
        """What was asked in these ranges alone."""
        return PostgresQuestions(self._rows, ranges)

    def accounts(self) -> Mapping[int, Named]:
        """Everybody who takes part, by number."""
        return {row[0]: Named(*row) for row in self._rows("accounts", {})}

    def billed(self, software: Sequence[int], since: int, until: int) -> list[Billed]:
        """Claims of these accounts that came in this span."""
        values = {"software": list(software), "since": since, "until": until}
        return [
            Billed(number, of, Use(use), received, RULINGS.get(ruling or 0), amount)
            for number, of, use, received, ruling, amount in self._rows("billed", values)
        ]

    def touched(self, software: Sequence[int], since: int, until: int) -> list[Touched]:
        """Claims that these accounts have sent, or were told of."""
        values = {"software": list(software), "since": since, "until": until}
        return [_touched(*row) for row in self._rows("touched", values)]


def _touched(  # noqa: PLR0917 - the columns of its query
    number: int,
    software: int,
    use: int,
    received: int,
    sealed: bytes,
    ruling: int | None,
    rule: str,
    cents: int,
    moments: Sequence[int],
    rulings: Sequence[int],
) -> Touched:
    told = zip(moments, rulings, strict=True)
    return Touched(
        number=number,
        software=software,
        use=Use(use),
        received=received,
        sealed=sealed,
        ruling=RULINGS.get(ruling or 0),
        rule=rule.partition("/")[0],
        cents=cents,
        told=tuple(Retold(number, at, RULINGS.get(each)) for at, each in told),
    )
