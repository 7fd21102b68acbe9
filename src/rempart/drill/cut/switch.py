"""The switch itself, before the day: callers without a pause, and scopes cut in turn."""

import time
from datetime import UTC, datetime
from functools import partial

from rempart.drill.admission import operators
from rempart.drill.bars import Tell
from rempart.drill.cut.day import Day
from rempart.drill.cut.restoring import SEEN, open_again
from rempart.drill.cut.slips import Callers, Load, bodies_of, slips, token_of
from rempart.drill.cut.stack import Stack
from rempart.drill.software import eligibility_request
from rempart.drill.stack.processes import environment

SCOPES = (("channel", "api"), ("rights", ""), ("platform", ""))
LOAD_CARDS, CALLERS = 60, 6


def slipped(day: Day, stack: Stack, trials: int, tell: Tell) -> list[float]:
    """Seconds that each trial took to its last answer."""
    ground, old = day.ground, day.ground.old_software
    sign_in = partial(
        token_of,
        ground.settings.base_url,
        old,
        authorities=ground.authorities,
        clock=day.hand,
    )
    callers = Callers(
        ports=stack.ports,
        certificate=old.certificate,
        key=old.certificate_key,
        authorities=ground.authorities,
    )
    day.hand.run()
    found = slips(
        Load(callers, _questions(day)),
        environment(stack.environ),
        SCOPES,
        count=trials,
        callers=CALLERS,
        sign_in=sign_in,
        open_again=partial(open_again, ground.settings, operators(ground.settings), day.hand),
        told=lambda number, _: tell("coupures · cuts", number, trials),
    )
    time.sleep(SEEN)
    return [started for started, _ in found]


def _questions(day: Day) -> list[bytes]:
    moment = datetime.fromtimestamp(day.hand.now() // 1_000_000, UTC).isoformat()
    codes = [card.code for card in day.ground.cards if not card.over][:LOAD_CARDS]
    return bodies_of(
        [eligibility_request(code, ["PHAR"], day.care, created=moment) for code in codes]
    )
