"""What one turn of the loop writes leaves together, in order, and before a close."""

import asyncio

from rempart.api.one_write import OneWrite


class Wire(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.sent, self.closed, self.reading = [], False, True

    def write(self, data):
        assert not self.closed
        self.sent.append(data)

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed

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
        await steps(OneWrite(wire, asyncio.get_running_loop()))

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
    assert wire.closed


def test_the_rest_is_the_transports_own():
    async def steps(transport):
        assert transport.get_extra_info("peername") == ("127.0.0.1", 1)
        assert transport.get_extra_info("sslcontext", 7) == 7
        transport.pause_reading()
        transport.resume_reading()
        transport.pause_reading()

    assert driven(steps).reading is False
