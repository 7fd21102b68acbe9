"""Examine the files by which the guard knows the country of a network, where there are any."""

from collections.abc import Iterator

from rempart.usecases.findings import Finding, Level
from rempart.usecases.setup_facts import CountryFile, Facts

COUNTRY_DAYS = 31
"""Days after which a file is told to be old: a network seldom changes its country."""


def countries(facts: Facts) -> Iterator[Finding]:
    """Each file, its age and what of it could not be read. None of it refuses anybody anything."""
    for file in facts.country_files:
        yield from _unreadable(file) if file.days is None else _read(file, file.days)


def _unreadable(file: CountryFile) -> Iterator[Finding]:
    french, english = _first(file)
    yield Finding(
        Level.WARNING,
        f"{file.name} : aucun pays n'en est connu ({french})",
        f"{file.name}: no country is known by it ({english})",
    )


def _read(file: CountryFile, days: int) -> Iterator[Finding]:
    if file.bad:
        french, english = _first(file)
        yield Finding(
            Level.WARNING,
            f"{file.name} : {file.bad} ligne(s) écartée(s), d'abord {french}",
            f"{file.name}: {file.bad} row(s) left out, first {english}",
        )
    yield Finding(
        Level.WARNING if days > COUNTRY_DAYS else Level.SOUND,
        f"{file.name} : {file.rows} lignes, d'il y a {days} jour(s)",
        f"{file.name}: {file.rows} rows, {days} day(s) old",
    )


def _first(file: CountryFile) -> tuple[str, str]:
    """Line and field of the first row that breaks a rule."""
    for wrong in file.named:
        return f"ligne {wrong.line}, {wrong.column}", str(wrong)
    return "illisible", "it cannot be read"
