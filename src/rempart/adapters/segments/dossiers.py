"""People of a scope joined with tables of handles, by one SQL text: ``DossierEngine``.

Handles lie in the scratch folder, in clear, while this runs, and nowhere after it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from rempart.adapters.postgres.queries import queries
from rempart.adapters.segments.engine import MEMORY, opened, quoted, rows_of
from rempart.usecases.close_days import date_of, day_of
from rempart.usecases.daily_table import Whose
from rempart.usecases.dossier_file import ChangeSaid, PartSaid
from rempart.usecases.dossier_ports import OfOne, Wanted
from rempart.usecases.exercise_mark import ending, heading
from rempart.usecases.members_list import HEADER
from rempart.usecases.scope_list import (
    domain_mask,
    domain_words,
    field_mask,
    field_words,
    presence_mask,
    presence_words,
)

SQL = queries("dossiers", "rempart.adapters.segments")
LIST = "FORMAT csv, HEADER true, QUOTE '', ESCAPE '', DELIMITER '\\x01'"
BREACHED = 3
PIECE = 1 << 20


class DuckDossiers:
    """Over one open database; ``scratch`` is a folder of one's own."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, scratch: Path) -> None:
        self.engine, self.scratch = engine, scratch

    def days(self) -> Sequence[Wanted]:
        """The days whose tables are needed."""
        rows = self.engine.execute(SQL["days"]).fetchall()
        return [Wanted(date_of(day).isoformat(), period) for day, period in rows]

    def people(self, wanted: Wanted) -> Mapping[bytes, int]:
        """Pseudonyms first read on a day, with their insurer."""
        rows = self.engine.execute(
            SQL["people_of_day"], {"day": day_of(wanted.day), "period": wanted.period}
        )
        return {bytes(person): amc for person, amc in rows.fetchall()}

    def take(self, period: int, rows: Iterable[Whose]) -> None:
        """Take rows of tables."""
        lines = self.scratch / "whose.lines"
        with lines.open("w", encoding="ascii") as stream:
            stream.writelines(f"{row.pseudonym.hex()},{row.handle.hex()}\n" for row in rows)
        self.engine.execute(SQL["whose"], {"period": period, "lines": str(lines)})
        lines.unlink()

    def counted(self, kinds: Mapping[int, str], before: Mapping[int, str]) -> Sequence[OfOne]:
        """Every insurer that has somebody in a part, now or in the list before."""
        self._join()
        self._tell(kinds)
        parts = _parts(rows_of(self.engine.execute(SQL["counts"])))
        changes = {amc: counts for amc, *counts in self.engine.execute(SQL["changes"]).fetchall()}
        return [
            _of_one(amc, parts.get(amc, []), changes.get(amc, [0, 0, 0, 0]), before.get(amc))
            for amc in sorted({*parts, *changes})
        ]

    def members(self, amc: int, *, exercise: bool = False) -> Iterator[bytes]:
        """The list of an insurer's people."""
        path = self.scratch / "members.csv"
        select = SQL["members"].format(
            amc=int(amc),
            heading=heading(HEADER, exercise=exercise),
            ending=ending(exercise=exercise),
        )
        self.engine.execute(f"COPY ({select}) TO {quoted(str(path))} ({LIST})")
        with path.open("rb") as stream:
            while piece := stream.read(PIECE):
                yield piece
        path.unlink()

    def _join(self) -> None:
        said = self.engine.execute(SQL["said"]).fetchall()
        masks = [(field_mask(f), domain_mask(d), presence_mask(p)) for f, d, p in said]
        columns = [[*column] for column in zip(*said, strict=True)] or [[], [], []]
        values = [[*column] for column in zip(*masks, strict=True)] or [[], [], []]
        names = ("said_fields", "said_domains", "said_presences", "fields", "domains", "presences")
        self.engine.execute(SQL["masks"], dict(zip(names, columns + values, strict=True)))
        for name in ("named", "no_rows", "persons", "shared", "before", "no_named"):
            self.engine.execute(SQL[name])

    def _tell(self, kinds: Mapping[int, str]) -> None:
        """Masks in words; sets of accounts as how many, and of which kinds."""
        masks = self.engine.execute(SQL["person_masks"]).fetchall()
        said = [f"{field_words(f)};{domain_words(d)};{presence_words(p)}" for f, d, p in masks]
        columns = [[*column] for column in zip(*masks, strict=True)] or [[], [], []]
        names = dict(zip(("fields", "domains", "presences"), columns, strict=True))
        self.engine.execute(SQL["words"], {**names, "said": said})
        sets = [row[0] for row in self.engine.execute(SQL["sets"]).fetchall()]
        numbers = [_accounts(each) for each in sets]
        of_kinds = ["+".join(sorted({kinds.get(n, "") for n in each} - {""})) for each in numbers]
        given = {"sets": sets, "counts": [len(each) for each in numbers], "kinds": of_kinds}
        self.engine.execute(SQL["kinds"], given)


@contextmanager
def dossiers_of(
    listed: Path,
    before: Mapping[Path, Collection[int]],
    scratch: Path,
    *,
    memory: str = MEMORY,
) -> Iterator[DuckDossiers]:
    """The joining of one list, beside earlier ones: of each, these insurers."""
    folders = sorted({listed.parent, *(path.parent for path in before)})
    with opened(folders, scratch, memory=memory) as engine:
        engine.execute(SQL["no_list"])
        engine.execute(SQL["listed"], {"list": str(listed), "old": False, "insurers": []})
        for path, insurers in before.items():
            given = {"list": str(path), "old": True, "insurers": sorted(insurers)}
            engine.execute(SQL["listed"], given)
        engine.execute(SQL["no_whose"])
        yield DuckDossiers(engine, scratch)


def _accounts(said: str) -> frozenset[int]:
    return frozenset(int(number) for number in said.split("+"))


def _parts(rows: Iterable[Sequence[Any]]) -> dict[int, list[Sequence[Any]]]:
    return {amc: [*group] for amc, group in groupby(rows, key=lambda row: row[0])}


def _of_one(
    amc: int, rows: Sequence[Sequence[Any]], change: Sequence[int], before: str | None
) -> OfOne:
    worse = [row for row in rows if row[1] == BREACHED]
    return OfOne(
        amc=amc,
        breached=_part(worse),
        undecided=_part([row for row in rows if row[1] != BREACHED]),
        accounts=frozenset[int]().union(*(_accounts(row[6]) for row in rows)),
        pseudonyms=sum(row[11] for row in rows),
        change=None if before is None else _change(before, *change),
    )


def _part(rows: Sequence[Sequence[Any]]) -> PartSaid:
    """One part of an insurer's people, from counts by what they have in common."""
    fields, domains, presences = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        for counter, said in zip((fields, domains, presences), _said(row), strict=True):
            counter.update(dict.fromkeys(said, row[7]))
    return PartSaid(
        people=sum(row[7] for row in rows if row[2]),
        unnamed=sum(row[7] for row in rows if not row[2]),
        answers=sum(row[8] for row in rows),
        fields=dict(fields),
        domains=dict(domains),
        presences=dict(presences),
        first=min((row[9] for row in rows), default=0),
        last=max((row[10] for row in rows), default=0),
    )


def _said(row: Sequence[Any]) -> Iterator[list[str]]:
    for words in (field_words(row[3]), domain_words(row[4]), presence_words(row[5])):
        yield [each for each in words.split("+") if each]


def _change(before: str, new: int, gone: int, undecided: int, decided: int) -> ChangeSaid:
    return ChangeSaid(
        before=before,
        breached_new=new,
        breached_gone=gone,
        undecided_new=undecided,
        undecided_gone=decided,
    )
