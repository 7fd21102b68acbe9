"""The measures of the real stack see what they are there to see."""

import pytest

from rempart.config import Settings
from rempart.domain.budget import DAY
from rempart.domain.containment import Stage
from rempart.domain.disclosure import Entry, EntryType, Outcome
from rempart.drill.in_process import OWNER_LIFTS_AFTER
from rempart.drill.stack.callers import Lines
from rempart.drill.stack.clock import ClockHand, SharedClock
from rempart.drill.stack.lifts import Lifts
from rempart.drill.stack.seen import one_day
from rempart.drill.stack.strikes import on_stack
from rempart.drill.stack.tail import Tail
from rempart.drill.theft import Goal
from rempart.drill.thieves import found, variant_named

LIFE = 300_000_000
ANNE, BASILE, SESSION = b"a" * 16, b"b" * 16, b"s" * 16
SIGN_IN = Entry(
    type=EntryType.SIGN_IN,
    period=0,
    at=1_000,
    account=ANNE,
    session=SESSION,
    detail_digest=bytes(32),
)
QUESTION = SIGN_IN._replace(type=EntryType.QUESTION, at=2_000, outcome=Outcome.OPENED)


def tail(*entries: Entry) -> Tail:
    return Tail(Settings.from_environ({}), {}, 0, entries=dict(enumerate(entries)))


@pytest.mark.parametrize(
    ("question", "strangers"),
    [
        (QUESTION, 0),
        (QUESTION._replace(account=BASILE), 1),
        (QUESTION._replace(session=b"t" * 16), 1),
        (QUESTION._replace(at=SIGN_IN.at + LIFE + 1), 1),
        (QUESTION._replace(type=EntryType.REPEAT, account=BASILE), 1),
    ],
)
def test_a_question_without_its_sign_in_is_counted(question, strangers):
    assert tail(SIGN_IN, question).unsigned(life=LIFE) == strangers


def test_a_question_before_its_sign_in_is_counted():
    assert tail(QUESTION, SIGN_IN).unsigned(life=LIFE) == 1


def test_an_answer_is_proven_by_its_own_entry_alone():
    seen = tail(SIGN_IN, QUESTION, QUESTION._replace(outcome=Outcome.MISSED))
    assert seen.answered(1, account=ANNE, at=2_000)
    assert not seen.answered(1, account=BASILE, at=2_000)
    assert not seen.answered(1, account=ANNE, at=2_001)
    assert not seen.answered(0, account=ANNE, at=1_000)
    assert not seen.answered(2, account=ANNE, at=2_000)
    assert not seen.answered(3, account=ANNE, at=2_000)


def test_every_process_reads_the_clock_that_the_drill_holds(tmp_path):
    hand = ClockHand(tmp_path / "clock")
    read = SharedClock(tmp_path / "clock")
    hand.reset(5_000)
    assert read.now() == 5_000
    hand.move(4_000)
    assert read.now() == 5_000, "no clock goes back"
    hand.move(9_000)
    assert read.now() == 9_000
    hand.run()
    first = read.now()
    while read.now() == first:
        pass
    assert first >= 9_000
    hand.reset(1_000)
    assert read.now() == 1_000


def test_a_network_is_an_address_of_its_own():
    lines = Lines()
    assert lines.address(17) == "127.2.0.1"
    assert lines.prefix(900_000_001) == "127.2.1.0/24"
    assert lines.prefix(17) == "127.2.0.0/24"


def test_an_owner_lifts_once_a_day():
    lifts = Lifts()
    lifts.narrowed(7, 0)
    assert not lifts.ready(7, OWNER_LIFTS_AFTER - 1)
    assert lifts.ready(7, OWNER_LIFTS_AFTER)
    assert lifts.lifts(7, OWNER_LIFTS_AFTER, Stage.NARROWED)
    lifts.narrowed(7, OWNER_LIFTS_AFTER)
    again = 2 * OWNER_LIFTS_AFTER
    assert not lifts.lifts(7, again, Stage.NARROWED)
    assert not lifts.ready(7, again)
    assert lifts.ready(7, OWNER_LIFTS_AFTER + DAY)


def test_a_day_is_held_to_what_a_day_can_show():
    assert one_day(None) is None
    assert one_day(Goal(median=15, worst=40)) == Goal(worst=40)
    assert one_day(Goal(per_day=60, total=300, found_days=5)) == Goal(per_day=60, total=300)


def test_thieves_that_need_weeks_are_left_to_the_other_engine():
    names = {variant.name for variant in on_stack(None)}
    assert {"password", "gateway-owned", "software-key", "leaked-list"} <= names
    assert not {"slow-drip", "hundred-accounts-weeks", "insider"} & names
    everywhere = {v.name for thief in found().values() for v in thief.variants}
    assert names < everywhere
    assert {v.name for v in on_stack({"leaked-list-lab"})} == {"leaked-list-lab"}
    assert variant_named("leaked-list-lab").name == "leaked-list-lab"
