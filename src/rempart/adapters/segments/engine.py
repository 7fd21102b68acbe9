"""DuckDB, shut in: it reads and writes the folders that it is given, and fetches nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from rempart.domain.errors import IntegrityBroken, TemporarilyUnavailable

MEMORY = "2GB"
"""What it may use before it spills to the scratch folder."""
FETCH = 10_000
DAMAGED = (duckdb.InvalidInputException, duckdb.SerializationException)


@contextmanager
def opened(
    folders: Sequence[Path], scratch: Path, *, memory: str = MEMORY
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that sees ``folders`` and ``scratch``, where it may spill.

    Raises:
        IntegrityBroken: a file does not read.
        TemporarilyUnavailable: the disk, or memory, is full.
    """
    allowed = ",".join(quoted(f"{folder.resolve()}/") for folder in (*folders, scratch))
    connection = duckdb.connect(
        config={"memory_limit": memory, "temp_directory": str(scratch / "spill")}
    )
    try:
        for setting in (
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "preserve_insertion_order = true",
            "enable_progress_bar = true",  # asked for by ``progress``, and never printed
            "enable_progress_bar_print = false",
            f"allowed_directories = [{allowed}]",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            connection.execute(f"SET {setting}")
        yield connection
    except duckdb.OutOfMemoryException:
        raise TemporarilyUnavailable("not enough memory, nor disk to spill to") from None
    except duckdb.IOException as error:
        if "No space left" in str(error):
            raise TemporarilyUnavailable("no space is left on the disk") from None
        raise IntegrityBroken("a file of a closed day does not read") from None
    except duckdb.Error as error:
        # A footer that is none has no kind of its own; a fault of ours has one, and stays.
        if type(error) is duckdb.Error or isinstance(error, DAMAGED):
            raise IntegrityBroken("a file of a closed day does not read") from None
        raise
    finally:
        connection.close()


def quoted(text: str) -> str:
    """A text as SQL writes it, where no parameter may stand."""
    return "'" + text.replace("'", "''") + "'"


def rows_of(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[object, ...]]:
    """The rows of a result, a few thousand at a time."""
    while rows := result.fetchmany(FETCH):
        yield from rows
