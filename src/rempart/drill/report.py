"""The report of a drill: one page, each thief's curve beside what he had in 2024, and the figures.

The page is whole by itself: no script, no font, no address. French first, English beside.
"""

import json
from collections.abc import Mapping, Sequence
from html import escape
from math import log10
from pathlib import Path
from typing import Any

from rempart.drill.campaign import Result
from rempart.drill.figures import Peace, Reached
from rempart.drill.runs import Run
from rempart.drill.scenes import SCENES
from rempart.drill.stack.page import section
from rempart.drill.stack.seen import Stacked
from rempart.drill.theft import Thief
from rempart.drill.thieves import found

WIDTH, HEIGHT, MARGIN = 460, 180, 34
DECADES = 5
"""From one person to a hundred thousand."""
POINTS = 160

STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --paper: #fbfaf7; --ours: #0a6e5c;
  --then: #b3402a; --line: #c9c6bd; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e0; --paper: #16191f; --ours: #4cc2a8;
  --then: #f08a70; --line: #444a55; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; } h2 { margin-top: 2.5rem; } i { opacity: .75; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
td, th { padding: .25rem .5rem; border-bottom: 1px solid var(--line); text-align: right; }
td:first-child, th:first-child { text-align: left; }
.yes { color: var(--ours); font-weight: 600; } .no { color: var(--then); font-weight: 600; }
.thieves { display: grid; grid-template-columns: repeat(auto-fill, minmax(28rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figcaption { font-size: .9rem; }
svg { width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: var(--ink); }
.ours { stroke: var(--ours); } .then { stroke: var(--then); } .grid { stroke: var(--line); }
.ours, .then { fill: none; stroke-width: 2; }
"""


def write_report(folder: Path, results: Mapping[str, Result], said: Any) -> None:
    """``index.html`` and ``figures.json`` in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "figures.json").write_text(json.dumps(said, indent=1) + "\n")
    (folder / "index.html").write_text(page(results, said))


def page(results: Mapping[str, Result], said: Mapping[str, Any]) -> str:
    """The page."""
    worlds = (
        ("cruise", "", "En régime établi", "In cruise"),
        ("day-one", "-day-one", "Au premier jour", "Day one"),
    )
    parts = [
        "<!doctype html><html lang=fr><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'>"
        f"<title>Rempart : exercice</title><style>{STYLE}</style>",
        "<h1>Combien de personnes un compte volé peut lire<br>"
        "<i lang=en>How many people a stolen account can read</i></h1>",
        f"<p>Graine {said['seed']}. En vert, cette plateforme ; en rouge, le même voleur sur un"
        " portail sans protection, comme en 2024.<br><i lang=en>Seed"
        f" {said['seed']}. Green: this platform; red: the same thief on a portal without"
        " protection, as in 2024. The scale of people is logarithmic.</i></p>",
    ]
    for world, suffix, french, english in worlds:
        thieves, peace = results[f"thieves-{world}"], results[f"peace-{world}"]
        assert isinstance(thieves, list)
        assert isinstance(peace, Peace)
        parts.append(f"<h2>{french} <i lang=en>{english}</i></h2>")
        parts += [_peace(peace), _table(thieves, suffix), _figures(thieves)]
        scenes = results.get(f"scenes-{world}", {})
        assert isinstance(scenes, dict)
        parts.append(_scenes(scenes))
    if isinstance(stack := results.get("stack-cruise"), Stacked):
        parts.append(section(stack))
    return "\n".join(parts) + "\n"


def _peace(peace: Peace) -> str:
    figures = peace.to_json()
    return (
        f"<p>En paix : {figures['account_months']} mois-compte, {figures['questions']} questions ;"
        f" <b>{figures['wrongly_narrowed']}</b> comptes restreints à tort,"
        f" <b>{figures['refused']}</b> questions refusées.<br>"
        f"<i lang=en>At peace: {figures['account_months']} account-months,"
        f" {figures['questions']} questions; {figures['wrongly_narrowed']} accounts wrongly"
        f" narrowed, {figures['refused']} questions refused.</i></p>"
    )


def _scenes(scenes: Mapping[str, Peace]) -> str:
    rows = [
        "<h3>Scènes honnêtes <i lang=en>Honest scenes</i></h3><table><tr><th>Scène<th>comptes"
        "<th>questions<th>refus <i lang=en>refused</i><th>restreints à tort"
        " <i lang=en>wrongly narrowed</i></tr>"
    ]
    for name, each in scenes.items():
        scene = SCENES[name]
        rows.append(
            f"<tr><td>{escape(scene.french)} <i lang=en>{escape(scene.english)}</i>"
            f"<td>{each.accounts}<td>{each.questions}<td>{each.refused}"
            f"<td>{each.wrongly_narrowed + each.wrongly_frozen}</tr>"
        )
    return "".join([*rows, "</table>"]) if scenes else ""


def _table(thieves: Sequence[Reached], suffix: str) -> str:
    rows = [
        "<table><tr><th>Voleur <i lang=en>thief</i><th>médiane<th>pire <i lang=en>worst</i>"
        "<th>2024<th>arrêté après <i lang=en>held after</i><th>but <i lang=en>goal</i></tr>"
    ]
    for reached in thieves:
        figures = reached.to_json()
        held, met = figures["seconds_to_containment_median"], figures["goal_met"]
        goal = "" if met is None else f"<span class={'yes' if met else 'no'}>"
        goal += "" if met is None else ("atteint</span>" if met else "manqué</span>")
        rows.append(
            f"<tr><td>{escape(reached.variant.name + suffix)}"
            f"<td>{figures['people_read_median']:g}<td>{figures['people_read_max']}"
            f"<td>{figures['people_in_2024_median']:g}<td>{_span(held)}<td>{goal}</tr>"
        )
    return "".join([*rows, "</table>"])


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    for unit, size in (("j", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def _figures(thieves: Sequence[Reached]) -> str:
    thief_of = {variant.name: thief for thief in found().values() for variant in thief.variants}
    parts = ["<div class=thieves>"]
    for reached in thieves:
        thief = thief_of[reached.variant.name]
        french, english = thief.sentence
        parts.append(
            f"<figure>{curve(reached.typical, reached.variant.name)}<figcaption>"
            f"<b>{escape(reached.variant.name)}</b>. {escape(french)}"
            f" <i lang=en>{escape(english)}</i>{_lowered(thief)}</figcaption></figure>"
        )
    return "".join([*parts, "</div>"])


def _lowered(thief: Thief) -> str:
    french, english = thief.lowered
    if not french:
        return ""
    return (
        f"<br>Ce qui le réduirait : {escape(french)}"
        f" <i lang=en>What would lower it: {escape(english)}</i>"
    )


def curve(run: Run, name: str) -> str:
    """People read against time, ours and 2024's, as SVG."""
    ends = max((at for at, _ in [*run.curve, *run.baseline]), default=1.0) or 1.0
    ours, then = _line(run.curve, ends), _line(run.baseline, ends)
    grid = "".join(
        f"<path class=grid d='M{MARGIN} {_y(10**n)}H{WIDTH}'/>"
        f"<text x=0 y={_y(10**n) + 4}>{10**n}</text>"
        for n in range(DECADES)
    )
    return (
        f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' role=img aria-label='{escape(name)}: {run.read}"
        f" personnes lues, {run.baseline[-1][1] if run.baseline else 0} en 2024'>{grid}"
        f"<path class=then d='{then}'/><path class=ours d='{ours}'/>"
        f"<text x={WIDTH - 40} y={HEIGHT - 4}>{_span(ends)}</text></svg>"
    )


def _line(points: Sequence[tuple[float, int]], ends: float) -> str:
    every = max(1, len(points) // POINTS)
    kept = [*points[::every], *points[-1:]]
    steps = [f"L{_x(at, ends)} {_y(count)}" for at, count in kept]
    last = f"H{WIDTH}" if kept else ""
    return f"M{MARGIN} {_y(1)}" + "".join(steps) + last


def _x(at: float, ends: float) -> float:
    return round(MARGIN + (WIDTH - MARGIN) * min(1.0, at / ends), 1)


def _y(count: int) -> float:
    high = log10(max(1, count)) / DECADES
    return round(HEIGHT - 20 - (HEIGHT - 30) * min(1.0, high), 1)
