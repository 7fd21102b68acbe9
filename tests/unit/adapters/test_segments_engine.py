"""DuckDB, shut in, and what becomes of its faults."""

import duckdb
import pytest

from rempart.adapters.segments.engine import opened
from rempart.adapters.segments.parquet import read_entries
from rempart.domain.errors import IntegrityBroken, TemporarilyUnavailable

title = "The engine of closed days"


def test_it_sees_its_folders_and_nothing_else(tmp_path):
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    for folder in (outside, inside):
        folder.mkdir()
        (folder / "a.csv").write_text("x\n1\n")
    with opened([inside], inside) as engine:
        query = "SELECT count(*) FROM read_csv($file)"
        assert engine.execute(query, {"file": str(inside / "a.csv")}).fetchone() == (1,)
        for statement, values in (
            (query, {"file": str(outside / "a.csv")}),
            (f"COPY (SELECT 1) TO '{outside / 'b.csv'}'", None),
            ("INSTALL httpfs", None),
            ("SET enable_external_access = true", None),
            ("SET allowed_directories = ['/']", None),
        ):
            with pytest.raises(duckdb.Error):
                engine.execute(statement, values)
    assert not (outside / "b.csv").exists()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (duckdb.IOException("IO Error: Could not write: No space left"), TemporarilyUnavailable),
        (duckdb.OutOfMemoryException("Out of Memory Error"), TemporarilyUnavailable),
        (duckdb.IOException("IO Error: no such file"), IntegrityBroken),
        (duckdb.InvalidInputException("not a Parquet file"), IntegrityBroken),
    ],
)
def test_a_full_disk_is_no_broken_evidence(tmp_path, fault, error):
    with pytest.raises(error), opened([tmp_path], tmp_path):
        raise fault


def test_what_is_no_parquet_does_not_read(tmp_path):
    for content in (b"", b"PAR1", b"PAR1" + bytes(64) + b"PAR1"):
        (tmp_path / "a.parquet").write_bytes(content)
        with pytest.raises(IntegrityBroken):
            list(read_entries(tmp_path / "a.parquet"))
    with pytest.raises(IntegrityBroken):
        list(read_entries(tmp_path / "none.parquet"))
