"""The card verifier in JavaScript, run by Node where this machine has one."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parent / "js" / "answer.mjs"
PHONE = PROGRAM.with_name("phone.mjs")


class Node:
    """One process of Node, asked by lines."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, ask: str, **what: Any) -> dict[str, Any]:
        """What the module tells: ``{"told": …}`` or ``{"refused": step}``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"ask": ask, **what}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "failed" not in answer, answer
        return answer


@contextmanager
def running_node(
    *options: str, of: Path = PROGRAM, arguments: tuple[str, ...] = ()
) -> Iterator[Node]:
    """Node with the module, or another program, until the block ends."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("no Node: the JavaScript verifier is not run")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    command = [program, *options, str(of), *arguments]
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield Node(process)
        finally:
            process.stdin.close()
            process.wait(20)
