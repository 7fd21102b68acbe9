"""The drill of a day with everything cut, small: every real process, list, device and claim."""

from rempart.drill.cut.command import GOALS
from rempart.drill.cut.run import Scale, cut_day

title = "A day with everything cut"


def test_a_small_day_reaches_what_a_whole_one_must():
    scale = Scale(patients=110, sales=50, members=600, trials=1, gateways=2)
    figures = cut_day(scale, seed=7, tell=lambda *_: None)
    assert figures["patients"] == 110
    assert figures["optical_hearing_sales"] > 20
    for name, goal in GOALS.items():
        assert figures[name] >= goal, (name, figures)
    assert figures["claims_on_answers"] > 5
    # Twenty questions and a claim, while cut.
    assert figures["refused_while_cut"] == 21
    assert figures["slip_trials"] == 1
