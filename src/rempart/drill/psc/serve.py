"""The simulator as a server: in front, or behind a test."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvicorn

from rempart.domain.errors import SetUpRefused
from rempart.drill.psc.application import REALM, application
from rempart.drill.psc.memory import Client, Memory, seconds
from rempart.drill.psc.professionals import professionals

HOST = "127.0.0.1"
"""Never elsewhere: whoever reaches it can be anybody."""

START_WITHIN, STOP_WITHIN = 20.0, 10.0


def listening(port: int) -> socket.socket:
    """A socket of this machine alone; port 0 takes a free one.

    Raises:
        SetUpRefused: the port is taken.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError:
        bound.close()
        raise SetUpRefused(f"port {port} is taken") from None
    return bound


def memory_for(
    bound: socket.socket, client: Client, seed: int, now: Callable[[], int] = seconds
) -> Memory:
    """What a simulator at this socket knows when it starts."""
    issuer = f"http://{HOST}:{bound.getsockname()[1]}{REALM}"
    return Memory(issuer=issuer, client=client, people=professionals(seed), now=now)


def write_keys(memory: Memory, path: Path) -> None:
    """Put the published keys where the vault reads those that it trusts."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(memory.jwks()))
    fresh.replace(path)


def serve(memory: Memory, bound: socket.socket) -> None:
    """Serve until told to stop."""
    with suppress(KeyboardInterrupt):
        _server(memory).run(sockets=[bound])


@contextmanager
def running(client: Client, *, seed: int, now: Callable[[], int] = seconds) -> Iterator[Memory]:
    """A simulator on a free port, in a thread."""
    with listening(0) as bound:
        memory = memory_for(bound, client, seed, now)
        server = _server(memory)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        _wait(server, thread)
        try:
            yield memory
        finally:
            server.should_exit = True
            thread.join(STOP_WITHIN)


def _server(memory: Memory) -> uvicorn.Server:
    config = uvicorn.Config(
        application(memory), access_log=False, log_config=None, ws="none", server_header=False
    )
    return uvicorn.Server(config)


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    waited = 0.0
    while not server.started:
        thread.join(0.02)
        waited += 0.02
        if not thread.is_alive() or waited > START_WITHIN:
            raise SetUpRefused("the simulator does not start")
