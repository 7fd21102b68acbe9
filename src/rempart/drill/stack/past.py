"""What happened before a thief strikes: weeks of honest questions, through a whole vault.

The vault is the product's own assembly on the stack's PostgreSQL, in a process of the drill, so
that no question waits for HTTP; it takes software at its word, since nobody is a thief yet. Every
question is decided and written as it would be, and the vault that thieves meet rebuilds its folds
from that ledger. The engine in process plays the same, and both must have decided alike.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from rempart.bootstrap.vault import assemble, ports
from rempart.domain.allowance import Allowance
from rempart.domain.budget import DAY
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.disclosure import Outcome
from rempart.domain.errors import SignInRefused
from rempart.drill.in_process import InProcess
from rempart.drill.isolated import isolated
from rempart.drill.software import PrintedCard, typed_of
from rempart.drill.stack.callers import client_id
from rempart.drill.stack.ground import Ground, require_seals, site_name
from rempart.drill.stack.lifts import Lifts
from rempart.drill.stack.outcomes import OUTCOMES, domain_of
from rempart.drill.traffic import Asked
from rempart.usecases.messages import (
    Allow,
    Answered,
    Ask,
    CardShown,
    Done,
    Refused,
    SignedIn,
    SignIn,
)
from rempart.usecases.ports import Proven, Software
from rempart.usecases.serve_requests import ServeRequests

FIRST_DAY = date(1970, 1, 1)
SECOND = 1_000_000
SESSION = 299 * SECOND
TOLD_EVERY = 500
Tell = Callable[[int, int], None]


class Unsigned:
    """An assertion is a ``client_id`` and a number; the real check waits for the thieves."""

    def client_id(self, assertion: str) -> str:
        """Who it claims to be."""
        name, space, _ = assertion.partition(" ")
        if not space:
            raise SignInRefused
        return name

    def verify(self, assertion: str, software: Software, *, now: int) -> Proven:
        """Believed."""
        del software
        return Proven(assertion.partition(" ")[2], now + 300 * SECOND, b"")


def live_through(
    ground: Ground, twin: InProcess, questions: Sequence[Asked], *, starts: int, tell: Tell
) -> int:
    """Let both live through this; how many they decided otherwise. Then thieves may come.

    ``starts`` is the first moment; ``tell`` is told how many questions are through.
    """
    for asked in questions:
        # Named here, so that the process which lives through it and ours mean the same.
        ground.lines.prefix(asked.network)
    allowances = [each for those in twin.guard.allowances.values() for each in those]
    theirs = isolated(lambda: _live(ground, questions, allowances, starts, tell))
    mine = [twin.ask(asked) for asked in questions]
    twin.mark()
    # Of what is only kept in memory, nothing outlives a vault.
    twin.undo()
    require_seals(ground)
    ground.keep()
    return sum(one is not other for one, other in zip(mine, theirs, strict=True))


def _live(
    ground: Ground,
    questions: Sequence[Asked],
    allowances: Sequence[Allowance],
    starts: int,
    tell: Tell,
) -> list[Outcome]:
    parts = replace(ports(ground.settings), clock=ground.clock, assertions=Unsigned())
    ground.clock.reset(starts)
    vault = assemble(ground.settings, parts)
    vault.ledger.open()
    past = Past(ground, vault)
    for allowance in allowances:
        past.allow(allowance)
    outcomes = []
    for count, asked in enumerate(questions, start=1):
        outcomes.append(past.ask(asked))
        if count % TOLD_EVERY == 0:
            tell(count, len(questions))
    vault.ledger.publish()
    vault.settle()
    return outcomes


@dataclass(slots=True)
class Past:
    """A vault in this process, and who is signed in there."""

    ground: Ground
    vault: ServeRequests
    lifts: Lifts = field(default_factory=Lifts)
    _sessions: dict[tuple[int, int, str], tuple[int, bytes]] = field(
        default_factory=dict, repr=False
    )
    _count: int = 0

    def allow(self, allowance: Allowance) -> None:
        """A dated exception for a site, as an operator would decide it."""
        reply = self.vault(
            [
                Allow(
                    over=allowance.over.name,
                    who=site_name(allowance.number),
                    factor=allowance.factor,
                    typed=allowance.typed,
                    since=allowance.since,
                    until=allowance.until,
                    reason=allowance.reason.name,
                    by=allowance.by,
                )
            ]
        )
        assert reply == [Done()], reply

    def ask(self, asked: Asked, hand: str = "") -> Outcome:
        """One question, at its moment; each ``hand`` of an account has a session of its own."""
        self.ground.clock.move(asked.at)
        before = self._stage(asked.account)
        if self.lifts.ready(asked.account, asked.at):
            if self.lifts.lifts(asked.account, asked.at, before):
                self._lift(asked.account)
            before = self._stage(asked.account)
        outcome = self._ask(asked, hand)
        if before < self._stage(asked.account) is Stage.NARROWED:
            self.lifts.narrowed(asked.account, asked.at)
        return outcome

    def _stage(self, account: int) -> Stage:
        return self.vault.answer.guard.stage(self.ground.numbers[account])

    def _lift(self, account: int) -> None:
        software = self.vault.contain.account(client_id(account))
        decision = Decision(authority=Authority.OWNER, why=Why.STEP_UP)
        self.vault.contain.decide(software, Stage.WATCHED, decision)

    def _ask(self, asked: Asked, hand: str) -> Outcome:
        device = self.ground.keyring.thumbprint(asked.device)
        token = self._session(asked, device, hand)
        if isinstance(token, Outcome):
            return token
        self._count += 1
        shown = self.ground.wallets.shown(asked)
        (reply,) = self.vault(
            [
                Ask(
                    token=token,
                    certificate=device,
                    key=f"q{self._count}",
                    domain=domain_of(self.ground.world, asked.site),
                    care_date=(FIRST_DAY + timedelta(days=asked.at // DAY)).isoformat(),
                    shown=typed_of(shown) if isinstance(shown, PrintedCard) else CardShown(shown),
                    network=self.ground.lines.prefix(asked.network),
                )
            ]
        )
        if isinstance(reply, Answered):
            return Outcome.OPENED
        assert isinstance(reply, Refused), reply
        return OUTCOMES[reply.reason]

    def _session(self, asked: Asked, device: bytes, hand: str) -> bytes | Outcome:
        """A token; or what is told to whoever is let in no more."""
        named = asked.account, asked.device, hand
        until, token = self._sessions.get(named, (0, b""))
        if until <= asked.at or self._stage(asked.account) >= Stage.FROZEN:
            self._count += 1
            assertion = f"{client_id(asked.account)} past-{self._count:08d}"
            (reply,) = self.vault([SignIn(assertion, device)])
            if not isinstance(reply, SignedIn):
                assert isinstance(reply, Refused), reply
                assert reply.reason in {"frozen", "cut-off"}, reply.reason
                return OUTCOMES[reply.reason]
            token = reply.token
            self._sessions[named] = asked.at + SESSION, token
        return token
