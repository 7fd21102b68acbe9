"""Run something in a fork of this process: what it changes stays there."""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")


def isolated(work: Callable[[], T]) -> T:
    """What ``work`` gives; the world that it wrote into is as it was."""
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_send, args=(work, there))
    child.start()
    there.close()
    try:
        given: T = here.recv()
    except EOFError:
        raise RuntimeError("an isolated run ended without a result") from None
    finally:
        child.join()
    return given


def _send(work: Callable[[], Any], there: Connection) -> None:
    there.send(work())
