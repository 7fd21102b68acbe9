"""The drill's second engine: the product's processes, a thief, honest people, the same outcomes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace

import pytest

from rempart.domain.containment import Authority, Stage
from rempart.domain.disclosure import Outcome
from rempart.drill.stack import alone, until_dead
from rempart.drill.stack.engine import Compared, StackEngine
from rempart.drill.stack.page import section
from rempart.drill.stack.seen import Stacked
from rempart.drill.stack.strikes import Field, StackScale, Strike, on_stack, play, prepared
from rempart.drill.stack.tail import audit
from rempart.drill.trial import Theft

THIEVES = ("leaked-list-mixed", "password", "gateway-owned", "software-key")
SMALL = StackScale(mix={"pharmacy": 1, "doctor": 2, "nurse": 2}, members=3_000, past=1)
A_MORNING = 150
"""Questions that pass through the owned gateway."""


@pytest.fixture(scope="module")
def ready() -> Iterator[tuple[Field, dict[str, Strike]]]:
    """Sites and people, a day of honest work, and a thief about to strike."""
    variants = [v for v in on_stack(None) if v.name in THIEVES]
    with prepared(SMALL, variants, seed=9, tell=lambda *_: None) as (field, strikes):
        yield field, {strike.variant.name: strike for strike in strikes}


def test_both_engines_decided_the_day_before_alike(ready):
    field, _ = ready
    assert field.past > 200
    assert field.otherwise == 0


@pytest.fixture(scope="module")
def struck(ready) -> tuple[StackEngine, Compared, Theft]:
    """The theft, on both engines; the stack is down again."""
    field, strikes = ready
    strike = strikes["leaked-list-mixed"]
    setting = replace(strike.setting, chance=deepcopy(strike.setting.chance))
    with field.up() as stack:
        platform = Compared(stack, field.twin)
        theft = Theft(platform, setting, strike.variant)
        theft.play(field.before(strike))
        # Every stage, as the two of them have it.
        accounts = [account.number for account in field.world.accounts]
        assert [stack.stage(a) for a in accounts] == [field.twin.stage(a) for a in accounts]
    return stack, platform, theft


def test_the_same_questions_get_the_same_answers_one_by_one(struck):
    """Over HTTPS and in process; the owner of the stolen account signs in meanwhile."""
    stack, platform, theft = struck
    assert platform.differing == []
    assert platform.asked > 60
    seen = {Outcome.OPENED, Outcome.MISSED, Outcome.NARROWED, Outcome.FROZEN}
    assert set(stack.outcomes) >= seen
    lifts = [m.move for m in stack.moves if m.move.authority is Authority.OWNER]
    assert [(lift.current, lift.target) for lift in lifts] == [(Stage.NARROWED, Stage.WATCHED)]
    assert 0 < theft.run.read <= 250


def test_every_answer_that_somebody_received_stands_in_the_ledger(ready, struck):
    field, _ = ready
    stack, platform, _ = struck
    assert stack.answers == stack.outcomes[Outcome.OPENED] > 0
    assert stack.unproven == []
    assert stack.tail.unsigned(life=300_000_000) == 0
    report = audit(field.ground.settings)
    assert report.entries > field.past + platform.asked
    assert report.unsigned == 0


def test_the_installation_can_be_put_back(ready, struck):
    """The same thief finds the same platform, and gets the same."""
    field, strikes = ready
    again = play(field, strikes["leaked-list-mixed"])
    first = struck[2].run
    assert (again.run.curve, again.run.misses) == (first.curve, first.misses)
    assert again.evidence.decided_otherwise == 0
    assert again.to_json()["goal_met"] is True


def test_a_password_opens_nothing(ready):
    field, strikes = ready
    said = alone.password(field, strikes["password"]).to_json()
    assert said["tried"] > 60
    assert (said["sessions"], said["people_read_max"]) == (0, 0)
    assert said["goal_met"] is True


def test_an_owned_gateway_names_no_account_and_hides_no_answer(ready, monkeypatch):
    field, strikes = ready
    monkeypatch.setattr(alone, "RELAYED", A_MORNING)
    seen = alone.gateway_owned(field, strikes["gateway-owned"])
    said = seen.to_json()
    assert said["questions_under_an_account_not_signed_in"] == 0
    assert said["answers_without_entry"] == 0
    assert said["answers_to_what_was_sealed"] == 0
    assert said["sessions_of_his_own"] == 0
    assert said["goal_met"] is True
    # He was there: both kinds passed, and what passed in clear he could ask about himself.
    assert said["messages_tried"] > 5 * A_MORNING
    assert min(said["questions_passed"].values()) > 5
    assert said["answers_of_his_own"] > 0
    page = section(Stacked(past=1, otherwise=0, thefts=[seen]))
    assert "gateway-owned" in page
    json.dumps(said)


def test_a_copied_key_is_dead_within_a_second_of_its_owner_saying_so(ready, monkeypatch):
    field, strikes = ready
    monkeypatch.setattr(until_dead, "AFTER", 1.2)
    said = alone.software_key(field, strikes["software-key"]).to_json()
    assert said["sessions_with_the_key_alone"] == 0
    assert said["seconds_until_dead"] < 1
    for way in ("reported", "revoked", "frozen"):
        death = said["until_dead"][way]
        assert death["before"] >= 48
        assert death["refused"] > 0
    assert said["decided_otherwise"] == 0
