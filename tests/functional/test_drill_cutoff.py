"""The drill of a day with everything cut, small: every real process, list, device and claim."""

from rempart.drill.cut.bad import DECIDED
from rempart.drill.cut.figures import GOALS, SLIP_MAX, as_ruled, met
from rempart.drill.cut.run import Scale, cut_day

title = "A day with everything cut"


def test_a_small_day_reaches_what_a_whole_one_must():
    scale = Scale(patients=110, sales=50, members=600, trials=1, gateways=2, bad=2, again=0.4)
    figures = cut_day(scale, seed=7, tell=lambda *_: None)
    assert figures["patients"] == 110
    assert figures["optical_hearing_sales"] == 50
    for name, goal in GOALS.items():
        assert figures[name] >= goal, (name, figures)
    assert figures["slip_trials"] == 1
    assert met({**figures, "slip_s_max": 0.0})
    assert not met({**figures, "slip_s_max": SLIP_MAX})
    assert figures["class_a_sales"] > 5
    # Two of each kind that is not owed: each decided by its own rule, and told so.
    assert figures["bad_claims"] == 2 * len(DECIDED) == 32
    assert (figures["bad_paid"], figures["bad_decided_otherwise"]) == (0, {})
    assert figures["differences"]["ended:revoked"] == figures["cards_ended_meanwhile"] == 2
    assert as_ruled(figures)
    # Two prescriptions of a day: nobody has to look at them.
    assert figures["came_twice"] > 10
    assert figures["false_alarms"] == 0
    # Twenty questions and a claim, each told that it is cut.
    assert figures["refused_while_cut"] == 21
    assert figures["claims_on_answers"] > 5
    assert figures["claims_on_undertakings"] == figures["undertakings"] > 60
    # Who has a software that signs nothing reports what it verified, and bills on the card.
    assert figures["claims_on_cards"] >= figures["verifications"] > 1
    assert figures["verifications_right"] == figures["verifications"]
    # The intake was killed while claims came.
    assert figures["intake_kills"] == 1
    assert 0 < figures["not_acknowledged_at_first"] < figures["claims"]

    # The same hours with what 2024 had: everybody served on trust, and no sale.
    then = figures["in_2024"]
    assert then["sales_without_agreement"] == 50
    assert figures["claims_on_answers"] < then["claims"] < figures["claims"]
