"""What one turn of the loop writes leaves together, before a close; a close does not linger."""

import asyncio

from rempart.serving import transport as module
from rempart.serving.transport import LeanTransport


class Wire(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.sent, self.closed, self.reading, self.aborted = [], 0, True, 0

    def write(self, data):
        assert not self.closed
        self.sent.append(data)

    def close(self):
        self.closed += 1

    def abort(self):
        self.aborted += 1

    def is_closing(self):
        return self.closed > 0

    def get_extra_info(self, name, default=None):
        return {"peername": ("127.0.0.1", 1)}.get(name, default)

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True


def driven(steps):
    """Run ``steps`` on a transport over a wire; the wire at the end."""
    wire = Wire()

    async def drive():
        await steps(LeanTransport(wire, asyncio.get_running_loop()))

    asyncio.run(drive())
    return wire


def test_writes_of_one_turn_are_one():
    async def steps(transport):
        transport.write(b"head")
        transport.write(b"body")
        await asyncio.sleep(0)
        transport.write(b"next")
        await asyncio.sleep(0)

    assert driven(steps).sent == [b"headbody", b"next"]


def test_a_close_sends_what_waits_and_nothing_after():
    async def steps(transport):
        transport.write(b"last")
        transport.close()
        transport.write(b"too late")
        await asyncio.sleep(0)
        assert transport.is_closing()

    wire = driven(steps)
    assert wire.sent == [b"last"]
    assert wire.closed == 1


def test_a_peer_that_does_not_hang_up_is_left(monkeypatch):
    monkeypatch.setattr(module, "LINGER", 0.01)

    async def steps(transport):
        transport.close()
        transport.close()
        await asyncio.sleep(0.05)

    wire = driven(steps)
    assert (wire.closed, wire.aborted) == (1, 1)


def test_the_rest_is_the_transports_own():
    async def steps(transport):
        assert transport.get_extra_info("peername") == ("127.0.0.1", 1)
        assert transport.get_extra_info("sslcontext", 7) == 7
        transport.pause_reading()
        transport.resume_reading()
        transport.pause_reading()

    assert driven(steps).reading is False
