"""SQL is SQL: statements live in ``sql/*.sql`` under a line ``-- name --``."""

import re
from functools import cache
from importlib.resources import files
from typing import LiteralString, cast

HEADING = re.compile(r"^-- (\w+) --$", re.MULTILINE)


@cache
def queries(room: str, package: str = "rempart.adapters.postgres") -> dict[str, LiteralString]:
    """The statements of ``sql/<room>.sql`` in ``package``, by name."""
    text = files(package).joinpath("sql", f"{room}.sql").read_text("utf-8")
    _, *parts = HEADING.split(text)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {name: cast("LiteralString", statement.strip()) for name, statement in pairs}
