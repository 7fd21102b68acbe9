"""Name the people of a scope: from pseudonyms to handles, which insurers alone can read.

For each day on which somebody was first read:

(1) the vault gives its share of the day's table, once that stands in the ledger;
(2) of a closed day, the table is opened with the incident key;
(3) a day without table (today is one) is named as closing it would: every handle of the insurers in
    question is tried under the key of its period.

Nobody is named whose day was not written down first.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from rempart.domain.errors import KeyMissing
from rempart.usecases.close_days import whose
from rempart.usecases.daily_table import Whose, table_rows
from rempart.usecases.dossier_ports import DossierEngine, Wanted
from rempart.usecases.ports import KeyStore
from rempart.usecases.segment_ports import HandleSource, TableShelf

Told = Callable[[Wanted], object]


@dataclass(frozen=True, slots=True)
class NamePeople:
    """``share`` asks the vault for a day; ``private`` is the incident key, or nothing where no
    closed day is needed; ``keys`` are the vault's.
    """

    tables: TableShelf
    handles: HandleSource
    keys: KeyStore
    share: Callable[[str], bytes]
    private: bytes | None = field(default=None, repr=False)

    def __call__(self, engine: DossierEngine, told: Told = lambda _: None) -> None:
        """Give the engine what it needs; ``told`` hears of each day.

        Raises:
            NotAllowed: neither an incident nor two operators open this day.
            KeyMissing: a day is closed and no incident key was given.
            IntegrityBroken: a table does not open under this key.
        """
        for wanted in engine.days():
            share = self.share(wanted.day)  # (1)
            if self.tables.has(wanted.day):
                self._opened(engine, wanted, share)
            else:
                engine.take(wanted.period, self._tried(wanted, engine.people(wanted)))  # (3)
            told(wanted)

    def _opened(self, engine: DossierEngine, wanted: Wanted, share: bytes) -> None:
        """(2) A table that is there and does not open is never passed over."""
        day = wanted.day
        if self.private is None:
            raise KeyMissing(f"the table of {day} opens with the incident key: --key")
        with self.tables.reading(day) as read:
            engine.take(wanted.period, table_rows(day, read, private=self.private, share=share))

    def _tried(self, wanted: Wanted, people: Mapping[bytes, int]) -> Iterator[Whose]:
        return whose(people, self.keys.get(f"pseudonym/{wanted.period:04d}"), self.handles)
