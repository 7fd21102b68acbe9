"""The thefts that the real stack alone can play, and what is measured of them.

``password``: no way in. ``gateway-owned``: a thief's code in the gateway's process.
``software-key``: the key without its certificate, then both as any thief, then how soon they die.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from itertools import islice

from rempart.domain.disclosure import EntryType, Outcome, Presence
from rempart.drill.population import NOBODY
from rempart.drill.registry import WorldAccount
from rempart.drill.stack.attempts import Attempts
from rempart.drill.stack.callers import client_id
from rempart.drill.stack.engine import StackEngine
from rempart.drill.stack.owned import REPORT
from rempart.drill.stack.seen import OnStack
from rempart.drill.stack.strikes import Field, Strike, nobody, play
from rempart.drill.stack.until_dead import WAYS, seconds_until_dead
from rempart.drill.traffic import Asked

SEALED = "an answer to what was sealed"
OWNED = "rempart.drill.stack.owned"
RELAYED = 400
"""Questions that pass through the owned gateway: each is followed by six of the thief's."""
DEAD_WITHIN = 1.0
"""Seconds."""


def a_question(field: Field, account: WorldAccount) -> Asked:
    """Something that an account asks on the first day and that finds somebody, by card if any."""
    mine = [
        asked
        for asked in field.honest(field.world.midnight(field.first + 1))
        if asked.account == account.number and asked.person != NOBODY
    ]
    by_card = [asked for asked in mine if asked.presence is Presence.CARD]
    return (by_card or mine)[0]


def password(field: Field, strike: Strike) -> OnStack:
    """Honest people ask until he comes; then every way in without a key is tried."""
    began = time.monotonic()
    (account,) = strike.setting.accounts
    asked = a_question(field, account)
    other = next(a for a in field.world.accounts if a.site != account.site)
    with field.up() as stack:
        honest(stack, field, strike)
        attempts = Attempts(stack, asked, other.device(0, field.first))
        signed_in = sign_ins(stack, account)
        attempts.password()
        attempts.captured()
        stack.learn()
        signed_in = sign_ins(stack, account) - signed_in
    run = nobody(strike)
    run.read = attempts.answers
    return OnStack(
        variant=strike.variant.name,
        run=run,
        evidence=field.evidence(stack, began, None),
        facts={
            "ways_tried": len(attempts.tried),
            "tried": attempts.tried.total(),
            "sessions": max(attempts.sessions, signed_in),
        },
        proved=attempts.sessions == signed_in == attempts.answers == 0,
    )


def honest(stack: StackEngine, field: Field, strike: Strike) -> None:
    """The morning before a thief comes."""
    for asked in field.honest(strike.setting.starts):
        stack.ask(asked)
    stack.ground.clock.move(strike.setting.starts)


def sign_ins(stack: StackEngine, account: WorldAccount) -> int:
    """How often the ledger says that this account signed in."""
    name = client_id(account.number)
    return sum(
        entry.type is EntryType.SIGN_IN and entry.account == stack.names.of(name, entry.at)
        for entry in stack.tail.entries.values()
    )


def gateway_owned(field: Field, strike: Strike) -> OnStack:
    """A morning of honest questions through a gateway that keeps and tries."""
    began = time.monotonic()
    with field.up(OWNED) as stack:
        for asked in islice(field.honest(field.world.midnight(field.first + 1)), RELAYED):
            stack.ask(asked)
        stack.learn()
    said = json.loads((field.ground.settings.home / REPORT).read_text())
    unproven = sum(not proven(stack, index, whose) for index, whose in said["answers"])
    evidence = field.evidence(stack, began, None, unproven)
    run = nobody(strike)
    run.read = said["people"]
    sessions = sum(n for what, n in said["got"].items() if "assertion" in what)
    opened = said["got"].get(SEALED, 0)
    facts = {
        "messages_tried": sum(said["tried"].values()),
        "questions_passed": said["passed"],
        "got": said["got"],
        "sessions_of_his_own": sessions,
        "answers_of_his_own": len(said["answers"]),
        "answers_to_what_was_sealed": opened,
    }
    return OnStack(
        variant=strike.variant.name,
        run=run,
        evidence=evidence,
        facts=facts,
        proved=evidence.holds and sessions == opened == 0,
    )


def proven(stack: StackEngine, index: int, whose: str) -> bool:
    """Whether an answer that he got stands in the ledger under the account of that session."""
    entry = stack.tail.entries.get(index)
    return (
        entry is not None
        and entry.outcome is Outcome.OPENED
        and entry.account == stack.names.of(whose, entry.at)
    )


def software_key(field: Field, strike: Strike) -> OnStack:
    """As any thief with both; before that with the key alone; and how soon both die."""
    (account,) = strike.setting.accounts
    other = next(a for a in field.world.accounts if a.site != account.site)
    with field.up() as stack:
        asked = a_question(field, account)
        stack.ground.clock.move(asked.at)
        alone = Attempts(stack, asked, other.device(0, field.first))
        alone.key_alone()
        deaths = {
            way: seconds_until_dead(stack, a_question(field, victim), say)
            for (way, say), victim in zip(WAYS.items(), victims(field, account), strict=True)
        }
    theft = play(field, strike)
    worst = max(death.seconds for death in deaths.values())
    return OnStack(
        variant=theft.variant,
        run=theft.run,
        evidence=theft.evidence,
        facts={
            "sessions_with_the_key_alone": alone.sessions,
            "seconds_until_dead": worst,
            "until_dead": {way: asdict(death) for way, death in deaths.items()},
        },
        proved=alone.sessions == 0 and worst < DEAD_WITHIN,
    )


def victims(field: Field, account: WorldAccount) -> list[WorldAccount]:
    """One account a way of saying so, at different sites, the stolen one first."""
    asking = {a.account for a in field.honest(field.world.midnight(field.first + 1))}
    chosen = [account]
    for each in field.world.accounts:
        if each.number in asking and each.site not in {c.site for c in chosen}:
            chosen.append(each)
    return chosen[: len(WAYS)]


ALONE: Mapping[str, Callable[[Field, Strike], OnStack]] = {
    "password": password,
    "gateway-owned": gateway_owned,
    "software-key": software_key,
}
"""By variant; the others are played by ``strikes.play``."""
