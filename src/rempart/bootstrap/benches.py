"""Packs made by several processes, and given in their order: family sheets, letters.

Each process is told once what it works for, sets one pack at a time, and ends with whoever gives
the orders.
"""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from typing import Generic, NamedTuple, TypeVar

from rempart.domain.errors import TemporarilyUnavailable

WAITING_PER_PROCESS = 2
Work = TypeVar("Work")
Job = TypeVar("Job")
Pack = TypeVar("Pack")


class Wanted(NamedTuple, Generic[Job, Pack]):
    """One pack: what to make it of; ``there`` where it was made before."""

    there: Pack | None
    job: Job

    def __repr__(self) -> str:
        return "Wanted(…)"


def in_order(
    wanted: Iterable[Wanted[Job, Pack]],
    make: Callable[[Job], Pack],
    *,
    processes: int,
    begin: Callable[[Work], None],
    work: Work,
) -> Iterator[tuple[Pack, bool]]:
    """Each pack in order, and whether it was there; few of them wait at a time.

    ``begin`` gets a process ready for ``work``.

    Raises:
        TemporarilyUnavailable: a process died.
    """
    waiting: deque[Future[Pack] | tuple[Pack]] = deque()
    with ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=begin, initargs=(work,)
    ) as pool:
        try:
            for there, job in wanted:
                waiting.append(pool.submit(make, job) if there is None else (there,))
                while len(waiting) >= processes * WAITING_PER_PROCESS:
                    yield _done(waiting.popleft())
            while waiting:
                yield _done(waiting.popleft())
        except BrokenProcessPool:
            raise TemporarilyUnavailable(
                "a process that made packs died: start again, whole packs are kept"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _done(pack: Future[Pack] | tuple[Pack]) -> tuple[Pack, bool]:
    return (pack[0], True) if isinstance(pack, tuple) else (pack.result(), False)


def begin_alone() -> None:
    """Get this process ready to set packs for another one."""
    # Ctrl-C is for the process that gives the orders.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # A pack is set by one thread: several packs at once fill the machine better than one does.
    os.environ["RAYON_NUM_THREADS"] = "1"


def _end_with_parent() -> None:
    """End this process as soon as the one that gives the orders is gone, however it went."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
