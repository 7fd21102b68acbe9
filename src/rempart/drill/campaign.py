"""The whole drill: thieves, honest scenes and peace in both worlds, over the machine's cores.

A task is one of the three in one world, or a day of each thief on the real stack; each is played in
a process of its own from a seed, so that the figures do not depend on how many cores there are.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import Manager
from queue import Empty, Queue
from typing import Any

from rempart.drill import staged
from rempart.drill.bars import Tell
from rempart.drill.figures import Peace, Reached
from rempart.drill.honest import CRUISE, DAY_ONE, Honest
from rempart.drill.isolated import isolated
from rempart.drill.peace import keep_peace
from rempart.drill.runs import Run
from rempart.drill.scenes import SCENES
from rempart.drill.stack.every import SCALE, stacked
from rempart.drill.stack.seen import Stacked
from rempart.drill.theft import Variant
from rempart.drill.thieves import found
from rempart.drill.trial import STARTS, WARM_UP, Country

WORLDS: Mapping[str, Honest] = {"cruise": CRUISE, "day-one": DAY_ONE}
CROWDED = 10
"""Stolen accounts from which on a variant is run a tenth as often: each run counts them all."""
QUICK_THIEVES = frozenset({"live-session", "leaked-list"})
LONGEST = 62
"""Days that must be playable after the warm-up: the longest theft, and the days of strike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is played. ``months`` are of peace in cruise; day one has its first 90 days."""

    theft_sites: int
    peace_sites: int
    runs: int
    months: float
    day_one_days: int
    thieves: frozenset[str] | None = None
    scenes: bool = True
    stack: bool = True
    warm_up: int = WARM_UP


FULL = Scale(theft_sites=300, peace_sites=1000, runs=50, months=20.5, day_one_days=90)
QUICK = Scale(
    theft_sites=120,
    peace_sites=120,
    runs=10,
    months=1 / 30.4,
    day_one_days=1,
    thieves=QUICK_THIEVES,
    scenes=False,
    stack=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One part of a campaign."""

    what: str
    world: str
    seed: int
    scale: Scale

    @property
    def name(self) -> str:
        """What, and in which world."""
        return f"{self.what}-{self.world}"


Scenes = dict[str, Peace]
Result = Peace | list[Reached] | Scenes | Stacked


def variants(scale: Scale) -> list[Variant]:
    """The ways of stealing that are played in process."""
    return [
        variant
        for thief in found().values()
        for variant in thief.variants
        if thief.in_process
        and variant.in_process
        and (scale.thieves is None or variant.name in scale.thieves)
    ]


def tasks(scale: Scale, seed: int) -> list[Task]:
    """The parts of a campaign, the longest first."""
    left_out = {
        *(() if scale.scenes else (("scenes", world) for world in WORLDS)),
        # One world of its own, and every minute of it in real processes.
        *(("stack", world) for world in WORLDS if world != "cruise" or not scale.stack),
    }
    return [
        Task(what=what, world=world, seed=seed, scale=scale)
        for what in ("peace", "thieves", "stack", "scenes")
        for world in WORLDS
        if (what, world) not in left_out
    ]


def perform(task: Task, tell: Tell) -> tuple[Task, Result]:
    """Play a task."""
    play: Mapping[str, Callable[[Task, Tell], Result]] = {
        "peace": _peace,
        "thieves": _thieves,
        "scenes": _scenes,
        "stack": _stack,
    }
    return task, play[task.what](task, tell)


def _peace(task: Task, tell: Tell) -> Peace:
    scale, cruise = task.scale, task.world == "cruise"
    days = max(1, round(scale.months * 30.4375)) if cruise else scale.day_one_days
    warm_up = scale.warm_up if cruise else 0
    return keep_peace(
        WORLDS[task.world],
        sites=scale.peace_sites,
        days=days,
        warm_up=warm_up,
        seed=task.seed,
        starts=STARTS,
        told=lambda each: tell(task.name, each + 1, warm_up + days),
    )


def _thieves(task: Task, tell: Tell) -> list[Reached]:
    country = Country.at_work(
        WORLDS[task.world],
        sites=task.scale.theft_sites,
        seed=task.seed,
        days=LONGEST,
        warm_up=task.scale.warm_up,
    )
    reached, listed = [], variants(task.scale)
    for place, variant in enumerate(listed):
        runs = task.scale.runs
        if variant.accounts >= CROWDED:
            runs = max(1, runs // 10)
        reached.append(Reached(variant, _runs(country, variant, runs)))
        tell(task.name, place + 1, len(listed))
    return reached


def _runs(country: Country, variant: Variant, runs: int) -> list[Run]:
    """All runs of a variant. What some write into the world is forgotten with their process."""
    return isolated(lambda: [country.run(variant, run) for run in range(runs)])


def _scenes(task: Task, tell: Tell) -> Scenes:
    country = Country.at_work(
        WORLDS[task.world],
        sites=task.scale.theft_sites,
        seed=task.seed,
        days=staged.LONGEST + 6,
        starts=staged.STARTS,
    )
    played = {}
    for place, scene in enumerate(SCENES.values()):
        played[scene.name] = isolated(partial(staged.play_scene, country, scene))
        tell(task.name, place + 1, len(SCENES))
    return played


def _stack(task: Task, tell: Tell) -> Stacked:
    return stacked(replace(SCALE, thieves=task.scale.thieves), seed=task.seed, tell=tell)


def _in_process(task: Task, queue: "Queue[tuple[str, int, int]]") -> Any:
    """A task, and its result as it can be sent: attacks are functions, a variant goes by name."""
    _, result = perform(task, lambda *said: queue.put(said))
    if isinstance(result, list):
        return task, [(reached.variant.name, reached.runs) for reached in result]
    return task, result


def _received(sent: tuple[Task, Any]) -> tuple[Task, Result]:
    task, result = sent
    if isinstance(result, list):
        named = {variant.name: variant for variant in variants(task.scale)}
        return task, [Reached(named[name], runs) for name, runs in result]
    return task, result


def campaign(
    scale: Scale, *, seed: int, tell: Tell, cores: int | None = None
) -> Iterator[tuple[Task, Result]]:
    """Play everything; tasks as they end."""
    with Manager() as manager, ProcessPoolExecutor(cores or os.cpu_count() or 1) as pool:
        queue: Queue[tuple[str, int, int]] = manager.Queue()
        running: set[Future[Any]] = {
            pool.submit(_in_process, task, queue) for task in tasks(scale, seed)
        }
        while running:
            done, running = wait(running, timeout=0.5)
            _drain(queue, tell)
            for each in done:
                yield _received(each.result())


def _drain(queue: "Queue[tuple[str, int, int]]", tell: Tell) -> None:
    while True:
        try:
            tell(*queue.get_nowait())
        except Empty:
            return


def summary(results: Mapping[str, Result]) -> dict[str, Any]:
    """The object that the drill prints last: one entry a variant and world, and peace."""
    said: dict[str, Any] = {}
    for world in WORLDS:
        suffix = "" if world == "cruise" else f"-{world}"
        thieves, peace = results[f"thieves-{world}"], results[f"peace-{world}"]
        assert isinstance(thieves, list)
        assert isinstance(peace, Peace)
        said |= {f"{reached.variant.name}{suffix}": reached.to_json() for reached in thieves}
        said[f"honest{suffix}"] = peace.to_json()
        scenes = results.get(f"scenes-{world}", {})
        assert isinstance(scenes, dict)
        said |= {f"scene-{name}{suffix}": each.to_json() for name, each in scenes.items()}
    if isinstance(stack := results.get("stack-cruise"), Stacked):
        said |= stack.to_json()
    return said
