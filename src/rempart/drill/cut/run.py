"""Set the town up, play its day, and count."""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.adapters.claim_sender import Stands
from rempart.adapters.keys.operators import operator_key
from rempart.adapters.list_archive import ListArchive
from rempart.bootstrap.billing import judge, lists_folder
from rempart.bootstrap.lists import published
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
from rempart.domain.claim import Bound
from rempart.drill.admission import OPERATORS
from rempart.drill.bars import Tell
from rempart.drill.cut.day import Day, Owed, killed
from rempart.drill.cut.ground import build
from rempart.drill.cut.plan import BACK, CUT, OPENS, Town, Visit, visits
from rempart.drill.cut.restoring import open_again
from rempart.drill.cut.slips import Callers, Load, asking, bodies_of, slips
from rempart.drill.processes import port_answers, vault_answers, wait
from rempart.drill.software import PracticeSoftware, eligibility_request
from rempart.drill.stack.clock import ClockHand
from rempart.drill.stack.processes import GATEWAY, INTAKE, VAULT, environment, process
from rempart.drill.stage import database
from rempart.usecases.claim_ports import Ruling
from rempart.usecases.take_lists import TakeLists

DAY = 86_400
SCOPES = (("channel", "api"), ("rights", ""), ("platform", ""))
LOAD_CARDS, CALLERS = 60, 6
TOKEN_FOR = 200.0
"""Seconds after which callers take a new token; it lives 300."""
TRIED_WHILE_CUT = 20
SEEN = 1.0
"""Seconds after which every door knows that it is open again."""
ON_THIS_MACHINE = (sys.executable, "-m", "rempart", "cutoff", "set")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of it: people with a card and sales while cut, members of the country, trials of the
    switch, gateways.
    """

    patients: int = 5_400
    sales: int = 420
    members: int = 12_000
    trials: int = 50
    gateways: int = 2


@dataclass(slots=True)
class Stack:
    """The processes of the platform, on the drill's clock."""

    settings: Settings
    environ: Mapping[str, str] = field(repr=False)
    clock: Path
    ports: list[int] = field(repr=False)
    open_: ExitStack = field(default_factory=ExitStack, repr=False)
    intake: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        """Vault, gateways, intake, each answering."""
        self._start(VAULT, {}, lambda: vault_answers(self.settings.vault_socket))
        for port in self.ports:
            self._start(GATEWAY, {"REMPART_PORT": str(port)}, partial(self._listens, port))
        self.start_intake()

    def start_intake(self) -> None:
        """The intake, anew."""
        port = self.settings.billing_port
        self.intake = self._start(INTAKE, {}, partial(self._listens, port))

    def kill_intake(self) -> None:
        """``kill -9``, and start it again."""
        assert self.intake is not None
        killed(self.intake)
        self.start_intake()

    def _listens(self, port: int) -> bool:
        return port_answers(self.settings, port)

    def _start(
        self, module: str, more: Mapping[str, str], ready: Callable[[], bool]
    ) -> "subprocess.Popen[bytes]":
        log = self.settings.home / "logs" / f"{module.rpartition('.')[2]}.log"
        log.parent.mkdir(exist_ok=True)
        base = {"REMPART_BASE_URL": self.settings.base_url}
        started = self.open_.enter_context(
            process(module, self.clock, {**self.environ, **base, **more}, log)
        )
        wait(started, ready, log)
        return started


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def a_home() -> Iterator[tuple[Settings, dict[str, str]]]:
    """An installation of its own, with the environment of its processes; erased at the end."""
    with tempfile.TemporaryDirectory(prefix="rempart-cut-") as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o711)
        Path(folder).chmod(0o711)
        environ = {
            "REMPART_HOME": str(home),
            "REMPART_INSTANCE": "sandbox",
            "REMPART_PORT": str(free_port()),
            "REMPART_BILLING_PORT": str(free_port()),
        }
        yield Settings.from_environ(environ), environ


def cut_day(scale: Scale, *, seed: int, tell: Tell) -> dict[str, Any]:
    """The figures of one day."""
    began, town = time.monotonic(), Town.of(scale.patients, scale.sales)
    drawn = visits(town, patients=scale.patients, sales=scale.sales, seed=seed)
    with a_home() as (settings, environ), database(settings) as admin, ExitStack() as open_:
        ground = build(settings, admin, town, members=scale.members, watch=partial(Line, tell))
        clock = settings.home / "clock"
        hand, midnight = ClockHand(clock), (int(time.time()) // DAY + 1) * DAY
        hand.reset((midnight + OPENS) * 1_000_000)
        ports = [settings.port, *(free_port() for _ in range(scale.gateways - 1))]
        stack = Stack(settings, environ, clock, ports, open_)
        stack.start()
        day = Day(
            ground=ground,
            hand=hand,
            midnight=midnight,
            intake=f"https://localhost:{settings.billing_port}",
            vault=vault_key(settings.vault_key_file),
        )
        day.enrol()
        day.take_lists()
        slipped = _slips(day, stack, scale.trials, tell)
        _play(day, stack, drawn, tell)
        return _figures(day, *_settled(day, stack, tell), slipped) | {
            "sites": len(ground.every_shop),
            "gateways": scale.gateways,
            "seed": seed,
            "seconds": round(time.monotonic() - began),
        }


@dataclass(slots=True)
class Line:
    """A line of progress of the setting up."""

    tell: Tell
    title: str
    total: int
    done: int = 0

    def at(self, done: int) -> None:
        """So many rows are done."""
        self.tell(self.title, done, self.total)

    def more(self, rows: int) -> None:
        """So many rows more are done."""
        self.done += rows
        self.at(self.done)


def _operators(settings: Settings) -> list[Ed25519PrivateKey]:
    keys = settings.home / "operator-keys"
    return [operator_key(keys / f"{name}.key") for name in OPERATORS]


def _slips(day: Day, stack: Stack, trials: int, tell: Tell) -> list[float]:
    """Seconds that each trial of the switch took to its last answer."""
    if not trials:
        return []
    ground, old = day.ground, day.ground.old_software
    moment = datetime.fromtimestamp(day.hand.now() // 1_000_000, UTC).isoformat()
    codes = [card.code for card in ground.cards if not card.over][:LOAD_CARDS]
    load = Load(
        Callers(
            ports=stack.ports,
            certificate=old.certificate,
            key=old.certificate_key,
            authorities=ground.authorities,
        ),
        bodies_of([eligibility_request(c, ["PHAR"], day.care, created=moment) for c in codes]),
    )
    day.hand.run()
    operators = _operators(ground.settings)

    taken = -TOKEN_FOR

    def sign_in() -> None:
        nonlocal taken
        if time.monotonic() - taken < TOKEN_FOR:
            return
        taken = time.monotonic()
        with PracticeSoftware(
            ground.settings.base_url,
            old,
            authorities=ground.authorities,
            clock=day.hand,
            vault=None,
        ) as software:
            software.sign_in()
            load.bearer = software.token or ""

    with asking(load, CALLERS):
        found = slips(
            load,
            environment(stack.environ),
            SCOPES,
            count=trials,
            open_again=lambda: open_again(ground.settings, operators, day.hand),
            before=sign_in,
            told=lambda number, _: tell("coupures · cuts", number, trials),
        )
    time.sleep(SEEN)
    return [started for started, _ in found]


def _play(day: Day, stack: Stack, drawn: list[Visit], tell: Tell) -> None:
    """The day, until six."""
    before = [visit for visit in drawn if visit.at < CUT]
    while_cut = drawn[len(before) :]
    for number, visit in enumerate(before, start=1):
        day.ask(visit)
        tell("avant · before", number, len(before))
    day.at(CUT)
    _cut(stack)
    day.try_while_cut(while_cut[:TRIED_WHILE_CUT])
    for number, visit in enumerate(while_cut, start=1):
        day.serve(visit)
        tell("coupé · cut off", number, len(while_cut))


def _settled(
    day: Day, stack: Stack, tell: Tell
) -> tuple[list[tuple[Owed, Stands]], Mapping[Ruling, int]]:
    """The return: where each claim stands at the end, and how many of each ruling were made."""
    settings = day.ground.settings
    day.at(BACK)
    open_again(settings, _operators(settings), day.hand)
    time.sleep(SEEN)
    day.gather()
    total = len(day.owed)
    killer = Thread(target=stack.kill_intake)

    def told(sent: int) -> None:
        tell("dépôt · deposit", sent, total)
        if sent == total // 2:
            # While claims are on their way: those that were not acknowledged come again.
            killer.start()

    lost = day.deposit(told)
    killer.join()
    lost_again = day.deposit(lambda sent: tell("encore · again", sent, total))
    assert lost_again == 0, "an intake that is up acknowledges"
    day.seen.lost = lost
    day.at(BACK + 3600)
    take = TakeLists(ListArchive(lists_folder(settings)))
    take.trust_operator((published(settings) / "operator.pub").read_bytes())
    for path in sorted(published(settings).glob("*.cbor"), key=lambda p: p.stem != "trust"):
        take(path.read_bytes(), now=day.hand.now() // 1_000_000)
    with judge(settings, lists_folder(settings), clock=day.hand) as judging:
        tally = judging()
    return day.rulings(lambda done: tell("réponses · rulings", done, total)), tally


def _cut(stack: Stack) -> None:
    """As an operator types it."""
    subprocess.run(  # noqa: S603 - our own program
        [*ON_THIS_MACHINE, "platform", "--why", "incident", "--as", "drill"],
        env=environment(stack.environ),
        capture_output=True,
        check=True,
    )


def _figures(
    day: Day,
    rulings: Sequence[tuple[Owed, Stands]],
    tally: Mapping[Ruling, int],
    slipped: Sequence[float],
) -> dict[str, Any]:
    seen = day.seen
    exact = [s.code == "claim-accepted" and s.amount == owed.cents for owed, s in rulings]
    once = sum(exact) == tally[Ruling.ACCEPTED]
    return {
        "patients": seen.patients,
        "verdict_share": _share(seen.verdicts, seen.patients),
        "optical_hearing_sales": seen.sales,
        "guaranteed_share": _share(seen.guaranteed, seen.sales),
        "class_a_sales": seen.class_a,
        "class_a_share": _share(seen.class_a_bound, seen.class_a),
        "claims": len(rulings),
        "claims_on_answers": sum(not _bound(owed) for owed, _ in rulings),
        "claims_on_undertakings": sum(_bound(owed) for owed, _ in rulings),
        "accepted_share": _share(sum(exact), len(rulings)) if once else 0.0,
        "euros_owed": round(sum(s.amount for _, s in rulings) / 100, 2),
        "refused_while_cut": seen.refused_while_cut,
        "intake_kills": 1,
        "not_acknowledged_at_first": seen.lost,
        "slip_s_max": round(max(slipped, default=0.0), 3),
        "slip_trials": len(slipped),
        "hours_cut": (BACK - CUT) // 3600,
        "in_2024": {
            "verdict_share": 0.0,
            "guaranteed_share": 0.0,
            "class_a_share": 0.0,
            "sales_without_agreement": seen.sales,
        },
    }


def _bound(owed: Owed) -> bool:
    return isinstance(owed.claim.cites, Bound)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 5) if whole else 0.0
