"""The gateway's process: what it never loads, it cannot be made to use."""

import subprocess
import sys

PROGRAM = """
import sys
import rempart.api.command
print("\\n".join(sys.modules))
"""
NEVER = ("rempart.sealing", "rempart.adapters.postgres", "rempart.adapters.keys")
ROW = {
    "rempart.adapters.postgres",
    *(f"rempart.adapters.postgres.{name}" for name in ("connections", "queries", "cut_row")),
}
"""One row, which everybody may read at /status: what is cut."""


def test_the_gateway_loads_one_row_no_key_store_and_no_seal():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.splitlines()
    assert "rempart.api.application" in loaded
    assert {name for name in loaded if name.startswith(NEVER)} == ROW
