"""A theft while honest work goes on: who asks when, and what a thief who looks around sees."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from rempart.domain.containment import Stage
from rempart.domain.disclosure import Outcome
from rempart.drill.honest import CRUISE
from rempart.drill.loot import setting_for
from rempart.drill.theft import DAY, Variant
from rempart.drill.thieves import found
from rempart.drill.traffic import Asked, site_day
from rempart.drill.trial import Theft
from rempart.drill.world import make_world

title = "A thief among honest people"

FIRST, DAYS = 30, 3


@dataclass
class Everything:
    """A platform that answers everything, and remembers who asked."""

    cut: range = range(0)
    moves: tuple = ()
    asked: list[Asked] = field(default_factory=list)

    def ask(self, asked: Asked) -> Outcome:
        self.asked.append(asked)
        return Outcome.CUT_OFF if len(self.asked) in self.cut else Outcome.OPENED

    def stage(self, account: int) -> Stage:
        del account
        return Stage.NORMAL


@pytest.fixture(scope="module")
def world():
    return make_world(sites=60, days=60, seed=11, params=CRUISE, starts=date(2027, 1, 4))


def struck(world, variant: Variant, foresee=None, cut=range(0)):
    """The theft, played; its platform, and what honest people were to ask."""
    setting = setting_for(world, variant, run=0, day=FIRST)
    setting = replace(setting, ends=world.midnight(FIRST) + DAYS * DAY)
    (account,) = setting.accounts
    honest = [q for each in range(DAYS) for q in site_day(world, account.site, FIRST + each)]
    platform = Everything(cut)
    theft = Theft(platform, setting, variant, foresee=foresee and (lambda q: foresee(platform, q)))
    theft.play(iter(honest))
    return theft, platform, honest


def test_every_honest_question_is_asked_and_in_its_turn(world):
    (variant,) = [v for v in found()["leaked-list"].variants if v.name == "leaked-list-mixed"]
    theft, platform, honest = struck(world, variant)
    assert theft.run.read > 10
    assert [q.at for q in platform.asked] == sorted(q.at for q in platform.asked)
    due = [q for q in honest if q.at < theft.last]
    assert len(due) > 10
    mine = set(map(id, due))
    assert [id(q) for q in platform.asked if id(q) in mine] == list(map(id, due))


def test_what_honest_people_lose_by_others_being_caught_is_counted(world):
    (variant,) = [v for v in found()["leaked-list"].variants if v.name == "leaked-list-mixed"]
    theft, platform, honest = struck(world, variant, cut=range(4, 30))
    theirs = set(map(id, honest))
    lost = sum(id(asked) in theirs for asked in platform.asked[3:29])
    assert theft.run.cut_with == lost > 5


def test_who_waits_sees_honest_work_go_on(world):
    """He looks every ten minutes, and asks once the owner has asked five times more."""
    (variant,) = [v for v in found()["knows-the-rules"].variants if v.name == "knows-the-rules"]
    stolen = []

    def foresee(platform, asked):
        assert all(q.at < asked.at for q in platform.asked)
        if len(platform.asked) < 6 * len(stolen) + 5:
            return 1.0
        stolen.append(asked)
        return 0.0

    theft, platform, honest = struck(world, variant, foresee)
    due = sum(q.at < theft.last for q in honest)
    assert theft.run.read + theft.run.misses == len(stolen) > 10
    assert len(platform.asked) == due + len(stolen)
    assert theft.last > honest[0].at + DAY, "he waits for more than the first morning"


def test_who_cannot_look_takes_what_comes(world):
    (variant,) = [v for v in found()["knows-the-rules"].variants if v.name == "knows-the-rules"]
    theft, _, _ = struck(world, variant)
    assert theft.setting.risk is None
    assert theft.run.read > 10
