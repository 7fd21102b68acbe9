"""A closed loop on the vault's socket: so many requests in flight, each replaced when answered."""

import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HEAD = struct.Struct(">II")
ANSWERED = b"\xa8answered"
"""The tag of an answer, as MessagePack spells it."""


@dataclass(slots=True)
class Outcome:
    """What a run did; latencies in seconds."""

    answered: int = 0
    errors: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list, repr=False)

    @property
    def per_second(self) -> float:
        """Opened answers a second."""
        return self.answered / self.seconds

    def latency(self, share: float) -> float:
        """Latency in milliseconds below which ``share`` of the answers came."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def run(path: Path, bodies: Sequence[bytes], *, in_flight: int) -> Outcome:
    """Ask every question of ``bodies`` (encoded requests) once, ``in_flight`` at a time."""
    outcome = Outcome()
    began: list[float] = [0.0] * len(bodies)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.connect(str(path))
        buffer, sent, start = bytearray(), 0, time.perf_counter()
        room = in_flight
        while outcome.answered + outcome.errors < len(bodies):
            until = min(sent + room, len(bodies))
            if until > sent:
                now = time.perf_counter()
                began[sent:until] = [now] * (until - sent)
                batch = [
                    HEAD.pack(len(bodies[number]), number) + bodies[number]
                    for number in range(sent, until)
                ]
                door.sendall(b"".join(batch))
                sent = until
            chunk = door.recv(262_144)
            if not chunk:
                raise SystemExit("the vault closed the door")
            buffer += chunk
            room = _take(buffer, began, outcome)
        outcome.seconds = time.perf_counter() - start
    return outcome


def _take(buffer: bytearray, began: Sequence[float], outcome: Outcome) -> int:
    """Count the whole replies in ``buffer``; how many there were."""
    now, place, count = time.perf_counter(), 0, 0
    while len(buffer) - place >= HEAD.size:
        length, number = HEAD.unpack_from(buffer, place)
        end = place + HEAD.size + length
        if end > len(buffer):
            break
        if buffer.startswith(ANSWERED, place + HEAD.size + 1):
            outcome.answered += 1
            outcome.latencies.append(now - began[number])
        else:
            outcome.errors += 1
        place, count = end, count + 1
    del buffer[:place]
    return count
