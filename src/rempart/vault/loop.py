"""The batch loop: everything that has arrived is answered together.

One thread, one writer. Each turn reads what every peer has sent, answers it as one batch, and
writes the replies; while a batch commits, the next one gathers. On SIGTERM the door closes, what
has arrived is answered, and the loop ends.
"""

import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import get_args

import msgspec

from rempart.adapters.vaultdoor.frames import (
    FRAME_MAX,
    OWN_FRAME_MAX,
    FrameRefused,
    bodies,
    decode_request,
    frame,
)
from rempart.usecases.access_messages import OpenAccess
from rempart.usecases.alert_messages import AlertRequest
from rempart.usecases.claim_messages import DecideClaim, FindPair
from rempart.usecases.cut_off_messages import ClearCutOff, ListCutOffs, SetCutOff
from rempart.usecases.device_messages import EndDevice, EnrolDevice, ListDevices
from rempart.usecases.incident_messages import ListIncidents, SayOfIncident
from rempart.usecases.measure_messages import MeasureRequest
from rempart.usecases.messages import (
    Allow,
    Contain,
    ReloadKeys,
    RenewPresence,
    Reply,
    Request,
    Standings,
)
from rempart.usecases.table_messages import OpenTable
from rempart.vault.peers import is_our_own, may_enter

READ_AT_ONCE = 262_144
BATCH_MAX = 512
"""Requests answered together: about 30 ms of work, so that nobody waits for a longer one."""
WAITING_MAX = 4 * BATCH_MAX
"""Requests read and not yet answered: past it, what comes next waits in its sender's socket."""
PEERS_MAX = 256
"""Connections: far above the gateway's workers, far below the descriptors of a process."""
OUTGOING_MAX = 4_194_304
"""Bytes waiting for a peer that does not read: past it, the connection is closed."""
IDLE = 0.2
"""Seconds between two turns when nothing arrives."""
DRAIN_WITHIN = 2.0
"""Seconds for all the peers together to read their last replies."""

Serve = Callable[[list[Request]], list[Reply]]


@dataclass(slots=True)
class Peer:
    """One connection; ``own`` where it is of the vault's own user."""

    socket: socket.socket
    own: bool
    incoming: bytearray = field(default_factory=bytearray, repr=False)
    outgoing: bytearray = field(default_factory=bytearray, repr=False)


OF_OUR_OWN = (
    *(ReloadKeys, RenewPresence, Contain, Allow, Standings),
    *(SetCutOff, ClearCutOff, ListCutOffs),
    *(EnrolDevice, EndDevice, ListDevices),
    *(DecideClaim, FindPair, OpenTable, OpenAccess, SayOfIncident, ListIncidents),
    *get_args(AlertRequest),
    *get_args(MeasureRequest),
)

Arrived = tuple[Peer, int, Request]


def admitted(request: Request, peer: Peer) -> Request:
    """The request, if this peer may make it: keys and decisions are the business of our own user,
    and decisions that of staff who are signed in, or of a software at its own site.

    Raises:
        FrameRefused: it may not.
    """
    if isinstance(request, OF_OUR_OWN) and not peer.own and not getattr(request, "token", b""):
        raise FrameRefused("only the vault's own user may ask this")
    return request


@dataclass(slots=True)
class BatchLoop:
    """``serve`` answers a batch; ``idle`` is called when nothing waits, and at least every turn."""

    listening: socket.socket
    serve: Serve
    idle: Callable[[], None]
    group: int | None = None
    batch_max: int = BATCH_MAX
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _waiting: list[Arrived] = field(default_factory=list)
    _draining: bool = False

    def run(self) -> None:
        """Serve until told to stop."""
        self._selector.register(self.listening, selectors.EVENT_READ)
        try:
            while not self._draining:
                self.turn(IDLE)
            self._drain()
        finally:
            for key in list(self._selector.get_map().values()):
                if isinstance(key.data, Peer):
                    key.data.socket.close()
            self._selector.close()
            self.listening.close()

    def listen_on(self, listening: socket.socket) -> None:
        """Let peers in by another socket; those who are in stay."""
        self._selector.unregister(self.listening)
        self.listening.close()
        self.listening = listening
        self._selector.register(listening, selectors.EVENT_READ)

    def stop(self) -> None:
        """Finish what has arrived, then end. Safe from a signal handler."""
        self._draining = True

    def turn(self, wait: float) -> None:
        """One turn: read, answer one batch, write."""
        self._gather(0 if self._waiting else wait)
        if self._waiting:
            self._answer(self._next_batch())
        self.idle()

    def _next_batch(self) -> list[Arrived]:
        batch = self._waiting[: self.batch_max]
        del self._waiting[: self.batch_max]
        return batch

    def _drain(self) -> None:
        self._selector.unregister(self.listening)
        self._gather(0)
        while self._waiting:
            self._answer(self._next_batch())
        end = time.monotonic() + DRAIN_WITHIN
        for key in self._selector.get_map().values():
            if isinstance(key.data, Peer) and key.data.outgoing:
                key.data.socket.settimeout(max(0.01, end - time.monotonic()))
                # Who does not read, or is gone, has asked for nothing more.
                with suppress(OSError):
                    key.data.socket.sendall(key.data.outgoing)

    def _gather(self, wait: float) -> None:
        for key, events in self._selector.select(wait):
            if key.data is None:
                self._admit()
                continue
            if events & selectors.EVENT_WRITE:
                self._write(key.data)
            room = len(self._waiting) < WAITING_MAX or self._draining
            if events & selectors.EVENT_READ and room:
                self._read(key.data)

    def _admit(self) -> None:
        try:
            connection, _ = self.listening.accept()
        except OSError:
            # Gone again before it was let in, or no descriptor is left for it.
            return
        full = len(self._selector.get_map()) > PEERS_MAX
        if full or not may_enter(connection, group=self.group):
            connection.close()
            return
        connection.setblocking(False)
        peer = Peer(connection, is_our_own(connection))
        self._selector.register(connection, selectors.EVENT_READ, peer)

    def _read(self, peer: Peer) -> None:
        try:
            chunk = peer.socket.recv(READ_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._leave(peer)
            return
        peer.incoming += chunk
        try:
            for number, body in bodies(peer.incoming, OWN_FRAME_MAX if peer.own else FRAME_MAX):
                self._waiting.append((peer, number, admitted(decode_request(body), peer)))
        except (FrameRefused, msgspec.DecodeError, UnicodeDecodeError):
            self._leave(peer)

    def _answer(self, batch: list[Arrived]) -> None:
        replies = self.serve([request for _, _, request in batch])
        touched: dict[int, Peer] = {}
        for (peer, number, _), reply in zip(batch, replies, strict=True):
            peer.outgoing += frame(number, reply)
            touched[id(peer)] = peer
        for peer in touched.values():
            self._write(peer)

    def _write(self, peer: Peer) -> None:
        if peer.socket.fileno() < 0:
            return
        try:
            sent = peer.socket.send(peer.outgoing)
            del peer.outgoing[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._leave(peer)
            return
        if len(peer.outgoing) > OUTGOING_MAX:
            self._leave(peer)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if peer.outgoing else 0)
        self._selector.modify(peer.socket, events, peer)

    def _leave(self, peer: Peer) -> None:
        if peer.socket.fileno() >= 0:
            self._selector.unregister(peer.socket)
            peer.socket.close()
