"""A small drill, whole: thieves and peace in both worlds, its figures, its page."""

import json
import re
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from rempart.domain import charts, practice, surroundings, watch
from rempart.drill import at_peace, every, land, picture, tradeoff
from rempart.drill.campaign import QUICK, campaign, summary, tasks, variants
from rempart.drill.figures import Peace, Reached
from rempart.drill.honest import CRUISE
from rempart.drill.isolated import isolated
from rempart.drill.runs import Run
from rempart.drill.theft import Goal, Variant
from rempart.drill.thieves import found
from rempart.drill.trial import Country

TINY = replace(
    QUICK,
    theft_sites=30,
    peace_sites=30,
    runs=2,
    # One whose attack is a function of its own, as most are: it is sent from process to process.
    thieves=frozenset({"live-session", "leaked-list-night"}),
    warm_up=3,
)
PER_THIEF = {
    "people_read_median",
    "people_read_max",
    "seconds_to_containment_max",
    "runs",
    "goal_met",
}
IN_PEACE = {"account_months", "wrongly_narrowed", "questions", "refused"}


@pytest.fixture(scope="module")
def results():
    told = []
    played = {
        task.name: result
        for task, result in campaign(TINY, seed=3, tell=lambda *said: told.append(said), cores=2)
    }
    assert {name for name, _, _ in told} == set(played)
    return played


def test_each_variant_and_each_world_has_its_figures(results):
    said = summary(results)
    played = {"live-session", "leaked-list-night", "honest"}
    assert set(said) == played | {f"{name}-day-one" for name in played}
    assert said["live-session"].keys() >= PER_THIEF
    assert said["honest"].keys() >= IN_PEACE
    assert said["honest"]["questions"] > 300
    json.dumps(said)


def test_a_live_session_without_cards_reads_nobody(results):
    figures = summary(results)["live-session"]
    assert figures["people_read_max"] == 0
    assert figures["goal_met"], figures


def test_the_page_is_whole_by_itself(results, tmp_path):
    said = summary(results) | {"seed": 3}
    from rempart.drill.report import write_report

    write_report(tmp_path, results, said)
    page = (tmp_path / "index.html").read_text()
    assert json.loads((tmp_path / "figures.json").read_text()) == said
    assert "live-session" in page
    assert "lang=en" in page
    assert not re.search(r"(?:src|href)=|<script|https?://", page)


def test_the_same_seed_gives_the_same_figures():
    first, again = (dict(_peace()) for _ in range(2))
    assert first == again


def test_peace_says_of_whom_and_by_what_it_counts(monkeypatch):
    """Misses weigh so much that honest people are narrowed."""
    monkeypatch.setattr(charts, "MISS", 30.0)
    peace = _peace()
    assert peace["wrongly_narrowed"] > 0
    assert sum(peace["harmed"].values()) == peace["wrongly_narrowed"]
    assert 0 < peace["harmed_accounts"] <= peace["wrongly_narrowed"]
    assert sum(peace["refusals"].values()) == peace["refused"] > 0


def _peace():
    task = next(each for each in tasks(TINY, 5) if each.name == "peace-cruise")
    from rempart.drill.campaign import perform

    _, peace = perform(task, lambda *_: None)
    assert isinstance(peace, Peace)
    return peace.to_json()


def test_a_run_leaves_the_country_as_it_was():
    """Or the second run of a thief would meet a platform that knows him."""
    country = Country.at_work(CRUISE, sites=40, seed=4, days=34, warm_up=3)
    (variant,) = [v for v in found()["leaked-list"].variants if v.name == "leaked-list"]
    platform = country.platform
    before = dict(platform.known), dict(platform.guard.stages.states)
    trails = {n: t.copy() for n, t in platform.guard.watch.trails.states.items()}
    first = country.run(variant, 1)
    assert first.read > 0
    assert (platform.known, platform.guard.stages.states) == before
    assert platform.guard.watch.trails.states == trails
    again = country.run(variant, 1)
    assert (again.read, again.misses, again.curve) == (first.read, first.misses, first.curve)


def test_what_an_isolated_run_writes_is_forgotten():
    written = []
    assert isolated(lambda: written.append(1) or len(written)) == 1
    assert written == []


def test_every_scale_plays_somebody():
    assert {variant.name for variant in variants(QUICK)} == {"live-session", "leaked-list"}
    everybody = variants(replace(QUICK, thieves=None))
    assert len({variant.name for variant in everybody}) == len(everybody) > 25


# Goals


def reached(goal: Goal, *runs: Run) -> Reached:
    return Reached(Variant(name="any", attacks=lambda _: [], goal=goal), runs)


@pytest.mark.parametrize(
    ("goal", "runs", "missed"),
    [
        (Goal(median=2), [Run(read=1), Run(read=2), Run(read=9)], []),
        (Goal(median=2), [Run(read=3), Run(read=3), Run(read=0)], ["median <= 2"]),
        (Goal(worst=8), [Run(read=9)], ["worst <= 8"]),
        (Goal(total=8), [Run(read=8), Run(read=9)], ["in all <= 8"]),
        (Goal(per_day=3), [Run(by_day={1: 2, 2: 4})], ["a day <= 3"]),
        (Goal(narrowed_within=10), [Run(misses_to_narrow=10)], []),
        (Goal(narrowed_within=10), [Run(misses_to_narrow=None)], ["narrowed within 10 misses"]),
        (Goal(frozen_within=20), [Run(misses_to_freeze=21)], ["frozen within 20 misses"]),
        (Goal(found_days=5), [Run(watched_after=5 * 86_400.0)], []),
        (Goal(found_days=5), [Run(watched_after=5.1 * 86_400)], ["found within 5 days"]),
        (
            Goal(found_days=5, found_share=0.5),
            [Run(narrowed_after=1.0), Run()],
            [],
        ),
    ],
)
def test_a_goal_is_met_or_says_which_part_was_missed(goal, runs, missed):
    assert reached(goal, *runs).misses() == missed


def test_a_thief_who_was_never_held_has_no_time_to_containment():
    run = Run(read=3, baseline=[(0.0, 0), (9.0, 50)])
    figures = reached(Goal(worst=9), run).to_json()
    assert figures["seconds_to_containment_max"] is None
    assert figures["people_in_2024_median"] == 50


# Commands


def test_the_last_line_of_a_country_is_its_figures():
    done = CliRunner().invoke(land.command, ["--sites", "30", "--days", "1", "--seed", "2"])
    assert done.exit_code == 0, done.output
    figures = json.loads(done.output.splitlines()[-1])
    assert figures["sites"] == 30
    assert figures["questions"] > 100


def _peaceful(*options):
    done = CliRunner().invoke(
        at_peace.command, ["--world", "day-one", "--sites", "20", "--months", "0.1", *options]
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.output.splitlines()[-1])


def test_whoever_signs_in_themselves_is_held_to_one_pair_of_hands(monkeypatch):
    """Hands that serve nobody: the sites' own caps would have borne it."""
    monkeypatch.setattr(practice, "UNEVEN", 0)
    monkeypatch.setattr(practice, "CAP_MIN", 1)
    software, people = _peaceful(), _peaceful("--persons", "1")
    assert (software["persons"], software["refused"]) == (0, 0)
    assert 0 < people["persons"] < people["accounts"]
    assert people["refused"] > 0
    assert all("over_budget" in each for each in people["refusals"])
    half = _peaceful("--persons", "0.5")
    assert 0 < half["persons"] < people["persons"]
    assert half["questions"] == people["questions"] == software["questions"]


def test_a_wave_lowers_the_threshold_of_honest_people_too(monkeypatch):
    """To where one stranger reaches it; there is no crowd."""
    monkeypatch.setattr(at_peace, "WARM_UP", 2)
    for level in ("WARM", "NARROW_IN_CROWD", "NARROW_IN_WAVE"):
        monkeypatch.setattr(watch, level, 0.5)
    monkeypatch.setattr(surroundings, "CROWD_AT", 1e9)
    calm, wave = _peaceful("--world", "cruise"), _peaceful("--world", "cruise", "--wave")
    assert "wave" not in calm["reasons"]
    assert wave["reasons"]["wave"] > 0
    assert wave["wrongly_narrowed"] > calm["wrongly_narrowed"]


def test_the_last_line_of_a_drill_is_its_figures(tmp_path, monkeypatch):
    monkeypatch.setattr(every, "QUICK", TINY)
    options = ["--quick", "--runs", "1"]
    done = CliRunner().invoke(every.command, [*options, "--report", str(tmp_path)])
    assert done.exit_code == 0, done.output
    figures = json.loads(done.output.splitlines()[-1])
    assert figures["live-session"]["people_read_max"] == 0
    assert figures["seed"] == every.SEED
    assert (tmp_path / "index.html").exists()


def test_the_picture_of_the_guide_is_the_commands(tmp_path):
    done = CliRunner().invoke(picture.command, [str(tmp_path / "guard.svg")])
    assert done.exit_code == 0, done.output
    from tests.test_consistency import ROOT

    drawn = (tmp_path / "guard.svg").read_text()
    assert drawn == (ROOT / "docs/explanation/guard.svg").read_text()
    assert drawn.count("<circle") > 20


def test_a_lower_level_watches_more_and_leaves_a_careful_thief_less():
    reached = [0.0, 3.0, 5.0, 11.0]
    runs = [Run(read=4, by_day={1: 3, 2: 1}), Run(read=8, by_day={3: 8}), Run()]
    low, high = (tradeoff.bargain(level, reached, runs) for level in (4.0, 10.0))
    assert (low.watched, high.watched) == (500.0, 250.0)
    assert (low.read_median, low.read_max, low.day_max) == (4, 8, 8)
    picture = tradeoff.drawn([low, high])
    assert picture.count("<circle") == 2
    assert ">10<" in picture


def test_what_the_trade_costs_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(tradeoff, "LEVELS", (4.0,))
    monkeypatch.setattr(tradeoff, "MONTH", 2)
    monkeypatch.setattr(tradeoff, "WARM_UP", 3)
    small = partial(Country.at_work, warm_up=3)
    monkeypatch.setattr(tradeoff, "Country", SimpleNamespace(at_work=small))
    options = ["--sites", "60", "--months", "1", "--runs", "1"]
    done = CliRunner().invoke(tradeoff.command, [str(tmp_path / "t.svg"), *options])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output.splitlines()[-1])
    (low,) = told["levels"]
    assert told["account_months"] > 60
    assert 0 < low["watched"] < 1000
    assert low["read_max"] < 30
    assert (tmp_path / "t.svg").read_text().count("<circle") == 1
