"""The vault's process: no core, no debugger, one socket, one loop."""

import ctypes
import resource
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from rempart.domain.containment import Stage, Why
from rempart.domain.errors import SetUpRefused, TemporarilyUnavailable
from rempart.domain.tightened import Tightened
from rempart.usecases.serve_requests import ServeRequests
from rempart.vault.loop import BatchLoop
from rempart.vault.peers import listen

PR_SET_DUMPABLE = 4
STANDBY_EVERY = 0.5
"""Seconds between two looks at whether the ledger is free."""

log = structlog.get_logger("rempart.vault")


def harden() -> None:
    """Leave no memory behind: no core file, and no other process of this user looks in.

    Raises:
        SetUpRefused: asserts are off, or the kernel would not.
    """
    if not __debug__:
        raise SetUpRefused("the vault does not run under python -O: its asserts are checks")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise SetUpRefused("the kernel would let this process be dumped")


def open_ledger(service: ServeRequests, *, standby: bool, adopt: bool) -> None:
    """Open the ledger, once it is free if we are told to wait.

    Raises:
        TemporarilyUnavailable: it is not free, and we are not.
    """
    while True:
        try:
            service.ledger.open(adopt=adopt)
        except TemporarilyUnavailable:
            if not standby:
                raise
            time.sleep(STANDBY_EVERY)
        else:
            return


@dataclass(slots=True)
class KeepHouse:
    """Between two batches. Who is on call is told whom the guard has tightened. A socket that was
    taken away with an order to cut is made anew, once the order is in the ledger: nothing new came
    in meanwhile.
    """

    service: ServeRequests
    loop: BatchLoop
    socket: Path
    _waiting: bool = False

    def __call__(self) -> None:
        """One turn."""
        self.service.between()
        for each in self.service.tightened.take():
            tell(each)
        waiting = self.service.cut.orders.waiting()
        if waiting and not self._waiting:
            log.warning("an order to cut cannot be taken in: nothing is opened until it is")
        self._waiting = waiting
        if not waiting and not self.socket.exists():
            log.info("listening anew")
            self.loop.listen_on(listen(self.socket, group=self.loop.group))


def tell(tightened: Tightened) -> None:
    """A line for whoever is on call: the account's number, and nothing of whom it asked about."""
    due = tightened.answer_by
    log.warning(
        "an alert has narrowed an account"
        if tightened.why is Why.ALERT
        else "the guard has tightened an account",
        account=tightened.account,
        stage=tightened.stage.name.lower(),
        why=tightened.why.name.lower(),
        since=moment(tightened.at),
        **({} if due is None else {"answer_by": moment(due)}),
    )


def moment(at: int) -> str:
    """Microseconds as RFC 3339."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).isoformat()


def run(
    service: ServeRequests,
    socket: Path,
    *,
    group: int | None,
    standby: bool = False,
    adopt: bool = False,
) -> None:
    """Open the ledger, then serve until SIGTERM or SIGINT.

    A ``standby`` waits for the vault that holds the ledger to let go, or die; ``adopt`` takes a
    ledger of which this host remembers nothing.

    Raises:
        TemporarilyUnavailable: another vault holds the ledger, and this one does not wait; or an
            order to cut cannot be taken in.
        LedgerBroken: the ledger is not the one that was signed; nothing is answered.
        Fenced: another vault has taken over.
    """
    open_ledger(service, standby=standby, adopt=adopt)
    # A standby has waited, and the vault before it may have made a key meanwhile.
    service.presence.reload()
    # What was ordered while no vault answered is cut before anything is.
    service.cut.settle()
    # What was read again has been told by the vault that wrote it, unless it was killed first.
    guard = service.contain.guard
    service.tightened.begin(service.clock.now(), lambda each: guard.stage(each) >= Stage.FROZEN)
    log.info("ledger verified", size=service.ledger.size, epoch=service.ledger.epoch)
    loop = BatchLoop(
        listening=listen(socket, group=group),
        serve=service,
        idle=service.between,
        group=group,
    )
    loop.idle = KeepHouse(service, loop, socket)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: loop.stop())
    try:
        loop.run()
    finally:
        socket.unlink(missing_ok=True)
    service.ledger.publish()
    service.settle()
    log.info("drained", size=service.ledger.size)
