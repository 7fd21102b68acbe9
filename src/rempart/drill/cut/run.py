"""Set the town up, play its day, and count."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import Any

from rempart.adapters.claim_sender import Stands
from rempart.bootstrap.billing import judge, keep_lists, lists_folder, trust_lists
from rempart.bootstrap.lists import published
from rempart.bootstrap.public_key import vault_key
from rempart.domain.errors import ListRefused
from rempart.domain.ruling import Ruling
from rempart.drill.admission import operators
from rempart.drill.bars import Tell
from rempart.drill.cut.bad import Bad
from rempart.drill.cut.by_card import RIGHT
from rempart.drill.cut.cheats import Cheats
from rempart.drill.cut.day import Day
from rempart.drill.cut.decided import Decided, reconciled
from rempart.drill.cut.figures import of_2024, of_claims, of_visits
from rempart.drill.cut.ground import build
from rempart.drill.cut.plan import AGAIN, BACK, CUT, OPENS, Town, Visit, visits
from rempart.drill.cut.portal_2024 import Portal2024
from rempart.drill.cut.restoring import SEEN, open_again
from rempart.drill.cut.stack import Stack, a_home
from rempart.drill.cut.switch import slipped
from rempart.drill.stack.clock import ClockHand
from rempart.drill.stack.processes import environment
from rempart.drill.stage import database

HOUR, DAY = 3_600, 86_400
TRIED_WHILE_CUT = 20
ON_THIS_MACHINE = (sys.executable, "-m", "rempart", "cutoff", "set")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of it: people with a card and sales while cut, members of the country, trials of the
    switch, gateways, bad claims of each kind, the share of visits that are somebody's second.
    """

    patients: int = 5_400
    sales: int = 420
    members: int = 12_000
    trials: int = 50
    gateways: int = 2
    bad: int = 5
    again: float = AGAIN


def cut_day(scale: Scale, *, seed: int, tell: Tell) -> dict[str, Any]:
    """The figures of one day."""
    began, town = time.monotonic(), Town.of(scale.patients, scale.sales)
    drawn = visits(town, patients=scale.patients, sales=scale.sales, seed=seed, again=scale.again)
    with a_home() as (settings, environ), database(settings) as admin, ExitStack() as open_:
        ground = build(settings, admin, town, members=scale.members, watch=partial(Line, tell))
        clock = settings.home / "clock"
        hand, midnight = ClockHand(clock), (int(time.time()) // DAY + 1) * DAY
        hand.reset((midnight + OPENS) * 1_000_000)
        stack = Stack.of(settings, environ, clock, gateways=scale.gateways, open_=open_)
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
        _keep_lists(day)
        slips = slipped(day, stack, scale.trials, tell)
        while_cut = _play(day, stack, drawn, tell)
        cheats = Cheats(day, scale.bad)
        ended = cheats.end_cards()
        bad = cheats.sign(ended)
        tally = _settled(day, stack, tell)
        stand, again = _second_pass(day, [*bad, *cheats.copy()])
        told = reconciled(environment(stack.environ))
        decided, total = Decided(stand, len(ended), day.seen.verified, told), len(day.owed)
        right = day.report()[RIGHT]
        rulings = day.rulings(lambda done: tell("réponses · rulings", done, total))
        then = Portal2024(care=day.care, seed=seed)((v, day.who(v)[1]) for v in while_cut)
        return {
            **of_visits(day.seen),
            **of_claims(rulings, tally + again, right),
            **decided.figures(day.owed),
            "intake_kills": stack.kills,
            "slip_s_max": round(max(slips, default=0.0), 3),
            "slip_trials": len(slips),
            "hours_cut": (BACK - CUT) // 3600,
            "in_2024": of_2024(then, rulings),
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


def _play(day: Day, stack: Stack, drawn: Sequence[Visit], tell: Tell) -> Sequence[Visit]:
    """The day, until six; the visits while it was cut."""
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
    return while_cut


def _cut(stack: Stack) -> None:
    """As an operator types it."""
    subprocess.run(  # noqa: S603 - our own program
        [*ON_THIS_MACHINE, "platform", "--why", "incident", "--as", "drill"],
        env=environment(stack.environ),
        capture_output=True,
        check=True,
    )


def _settled(day: Day, stack: Stack, tell: Tell) -> Counter[Ruling]:
    """The return: how many of each ruling were made."""
    settings = day.ground.settings
    day.at(BACK)
    open_again(settings, operators(settings), day.hand)
    time.sleep(SEEN)
    day.report()
    day.gather()
    _deposit(day, stack, tell)
    day.at(BACK + HOUR)
    return _judged(day)


def _second_pass(day: Day, bad: Sequence[Bad]) -> tuple[list[tuple[Bad, Stands]], Counter[Ruling]]:
    """What is not owed, and what is late; where it stands once it was judged too."""
    for moment, late in ((BACK + 2 * HOUR, False), (BACK + 25 * HOUR, True)):
        day.at(moment)
        for each in bad:
            if each.late is late:
                day.send(each.shop, each.claim)
    tally = _judged(day)
    return [(each, day.send(each.shop, each.claim)) for each in bad], tally


def _deposit(day: Day, stack: Stack, tell: Tell) -> None:
    """Send everything, kill the intake meanwhile, and send everything again."""
    total = len(day.owed)
    killer = Thread(target=stack.kill_intake)

    def told(sent: int) -> None:
        tell("dépôt · deposit", sent, total)
        if sent == total // 2:
            # While claims are on their way: those that were not acknowledged come again.
            killer.start()

    day.seen.lost = day.deposit(told)
    killer.join()
    lost_again = day.deposit(lambda sent: tell("encore · again", sent, total))
    assert lost_again == 0, "an intake that is up acknowledges"


def _keep_lists(day: Day) -> None:
    """Those that are published now, for whoever judges."""
    settings, lists = day.ground.settings, published(day.ground.settings)
    trust_lists(settings, (lists / "operator.pub").read_bytes())
    for path, taken in keep_lists(settings, lists.glob("*.cbor"), now=day.hand.now() // 1_000_000):
        assert not isinstance(taken, ListRefused), path.name


def _judged(day: Day) -> Counter[Ruling]:
    """By every list of the day; how many of each ruling were made."""
    settings = day.ground.settings
    _keep_lists(day)
    with judge(settings, lists_folder(settings), clock=day.hand) as judging:
        return Counter(judging())
