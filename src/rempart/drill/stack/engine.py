"""The real stack as a platform for the drill's thieves: every question goes over HTTP and back.

For each question: (1) the clock is moved to its moment; (2) an owner who has read the notice signs
in; (3) the account's software asks, with its own key, certificate and address, signing in where its
session has ended; (4) what the ledger then says is taken in.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.public_key import vault_key
from rempart.domain.containment import Authority, Stage
from rempart.domain.disclosure import Outcome
from rempart.domain.errors import SignInRefused
from rempart.drill.in_process import InProcess, Moved
from rempart.drill.software import PracticeSoftware, QuestionRefused
from rempart.drill.stack.callers import Callers, client_id
from rempart.drill.stack.ground import Ground
from rempart.drill.stack.lifts import Lifts
from rempart.drill.stack.outcomes import OUTCOMES, domain_of
from rempart.drill.stack.owners import Owner
from rempart.drill.stack.processes import GATEWAY, running
from rempart.drill.stack.tail import Names, Tail
from rempart.drill.traffic import Asked
from rempart.usecases.messages import Health, Status

FROZEN_AT_SIGN_IN = "unauthorized_client"
"""RFC 6749's word for who has proven themselves and is frozen."""


@dataclass(slots=True, repr=False)
class StackEngine:
    """One platform, up since a moment after its past."""

    ground: Ground
    callers: Callers
    door: Door
    tail: Tail
    lifts: Lifts
    names: Names
    stages: dict[int, Stage]
    owners: dict[int, Owner] = field(default_factory=dict)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    answers: int = 0
    unproven: list[int] = field(default_factory=list)
    _keys: Iterator[int] = field(default_factory=count, repr=False)

    @property
    def moves(self) -> list[Moved]:
        """Stages that moved, as the ledger says."""
        return self.tail.moves

    def stage(self, account: int) -> Stage:
        """The stage of an account, as the ledger says."""
        return self.stages.get(account, Stage.NORMAL)

    def ask(self, asked: Asked) -> Outcome:
        """One question, at its moment."""
        self.ground.clock.move(asked.at)  # (1)
        if self.lifts.ready(asked.account, asked.at):  # (2)
            self._lift(asked)
        caller = self.callers.caller(asked.account, asked.device, asked.network)
        outcome, reference = self.question(caller, asked)  # (3)
        self.learn()  # (4)
        if reference:
            self.prove(reference, asked.account, asked.at)
        self.outcomes[outcome] += 1
        return outcome

    def question(self, caller: PracticeSoftware, asked: Asked) -> tuple[Outcome, str]:
        """What a caller is told, and the reference of the answer if there is one."""
        shown, domain = self.ground.wallets.shown(asked), domain_of(self.ground.world, asked.site)
        care_date = datetime.fromtimestamp(asked.at // 1_000_000, UTC).date()
        try:
            (told,) = caller.ask(shown, [domain], care_date, key=f"drill-{next(self._keys)}")
        except QuestionRefused as refused:
            return OUTCOMES[refused.code], ""
        except SignInRefused as refused:
            frozen = FROZEN_AT_SIGN_IN in str(refused)
            return (Outcome.FROZEN if frozen else Outcome.FORBIDDEN), ""
        assert not told.refused, told.refused
        return Outcome.OPENED, told.reference

    def learn(self) -> None:
        """Take in what the ledger says."""
        known = len(self.moves)
        self.tail.take()
        for moved in self.moves[known:]:
            move = moved.move
            self.stages[move.account] = move.target
            if move.authority is Authority.GUARD and move.target is Stage.NARROWED:
                self.lifts.narrowed(move.account, moved.at)

    def prove(self, reference: str, account: int, at: int) -> None:
        """See that an answer has its entry, under its account."""
        self.answers += 1
        name = self.names.of(client_id(account), at)
        index = int(reference.removeprefix("D"))
        if not self.tail.answered(index, account=name, at=at):
            self.unproven.append(index)

    def owner(self, site: int) -> Owner:
        """The professional of a site."""
        if site not in self.owners:
            self.owners[site] = Owner(site, self.ground.pro_sante, self.ground.clock)
        return self.owners[site]

    def _lift(self, asked: Asked) -> None:
        if self.lifts.lifts(asked.account, asked.at, self.stage(asked.account)):
            lifted = self.owner(asked.site).lift(self.door, client_id(asked.account))
            assert lifted, "an owner's first sign-in of the day loosens what is narrowed"
        self.learn()


@contextmanager
def engine(ground: Ground, twin: InProcess, *, gateway: str = GATEWAY) -> Iterator[StackEngine]:
    """The installation put back to its past, its processes up; ``twin`` stands there too."""
    ground.put_back()
    with running(ground.settings, ground.environ, ground.clock_file, gateway=gateway):
        settings = ground.settings
        with Door(settings.vault_socket, timeout=30.0) as door:
            health = door.ask(Status())
            assert isinstance(health, Health)
            callers = Callers(
                settings=settings,
                keyring=ground.keyring,
                clock=ground.clock,
                vault=vault_key(settings.vault_key_file),
                sealing=ground.sealing,
                lines=ground.lines,
            )
            standings = twin.guard.stages.states.items()
            up = StackEngine(
                ground=ground,
                callers=callers,
                door=door,
                tail=Tail(settings, ground.accounts, health.size),
                lifts=Lifts.of(twin),
                names=Names(settings),
                stages={account: each.stage for account, each in standings},
            )
            try:
                yield up
            finally:
                up.tail.close()
                callers.close()


@dataclass(slots=True, repr=False)
class Compared:
    """Two platforms asked the same: the thief and the figures go by the first of them."""

    stack: StackEngine
    twin: InProcess
    differing: list[tuple[Asked, Outcome, Outcome]] = field(default_factory=list)
    asked: int = 0

    @property
    def moves(self) -> list[Moved]:
        """Stages that moved."""
        return self.stack.moves

    def stage(self, account: int) -> Stage:
        """The stage of an account."""
        return self.stack.stage(account)

    def ask(self, asked: Asked) -> Outcome:
        """One question, to both."""
        here, there = self.stack.ask(asked), self.twin.ask(asked)
        self.asked += 1
        if here is not there:
            self.differing.append((asked, here, there))
        return here
