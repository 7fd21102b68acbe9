"""The gateway's process: what it never loads, it cannot be made to use."""

import subprocess
import sys

PROGRAM = """
import sys
import rempart.api.command
print("\\n".join(sys.modules))
"""
NEVER = ("psycopg", "rempart.sealing", "rempart.adapters.postgres", "rempart.adapters.keys")


def test_the_gateway_loads_no_driver_no_key_store_and_no_seal():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.splitlines()
    assert "rempart.api.application" in loaded
    assert [name for name in loaded if name.startswith(NEVER)] == []
