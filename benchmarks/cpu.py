"""CPU time of processes, from ``/proc``: a noisy machine moves it less than the wall clock."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of(pid: int, *, reaped: bool = False) -> float:
    """User and system time of a process, with that of its ended children where asked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    times = fields[11:15] if reaped else fields[11:13]
    return sum(map(int, times)) / TICKS


def parent_of(pid: int) -> int:
    """The process that started this one."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def seconds_of_server(postmaster: int) -> float:
    """CPU time of a PostgreSQL server and all its processes, ended ones included."""
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    total = sum(map(_seconds_if_there, map(int, children)))
    return seconds_of(postmaster, reaped=True) + total


def _seconds_if_there(pid: int) -> float:
    """Of one that may end meanwhile: the postmaster then has its time."""
    try:
        return seconds_of(pid)
    except (ProcessLookupError, FileNotFoundError):
        return 0.0
