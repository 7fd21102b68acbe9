"""The real stack's part of the report, and its page where it is played alone."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from rempart.drill.stack.seen import OnStack, Stacked

TITLE = "Sur les vrais programmes", "On the real stack"


def write_stack(folder: Path, stack: Stacked, said: Mapping[str, Any], style: str) -> None:
    """``index.html`` and ``figures.json`` in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "figures.json").write_text(json.dumps(said, indent=1) + "\n")
    (folder / "index.html").write_text(
        "<!doctype html><html lang=fr><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'>"
        f"<title>Rempart : exercice</title><style>{style}</style>{section(stack)}\n"
    )


def section(stack: Stacked) -> str:
    """A table of a day of each thief, and what each was measured for."""
    french, english = TITLE
    figures = [theft.to_json() for theft in stack.thefts]
    entries = sum(each["ledger_entries_verified"] for each in figures)
    answers = sum(each["answers"] for each in figures)
    return "".join(
        [
            f"<h2>{french} <i lang=en>{english}</i></h2>",
            f"<p>Un jour de chaque voleur par HTTPS, sign-in, coffre et PostgreSQL compris, après"
            f" {stack.past} questions honnêtes : {answers} réponses, chacune avec son entrée ;"
            f" {entries} entrées vérifiées.<br><i lang=en>One day of each thief over HTTPS, with"
            f" sign-in, vault and PostgreSQL, after {stack.past} honest questions: {answers}"
            f" answers, each with its entry; {entries} entries verified.</i></p>",
            "<table><tr><th>Voleur <i lang=en>thief</i><th>lues <i lang=en>read</i><th>2024"
            "<th>questions<th>décidées autrement en mémoire <i lang=en>decided otherwise in"
            " process</i><th>réponses sans entrée <i lang=en>without entry</i>"
            "<th>but <i lang=en>goal</i></tr>",
            *(_row(theft) for theft in stack.thefts),
            "</table>",
            *(_facts(theft) for theft in stack.thefts if theft.facts),
        ]
    )


def _row(theft: OnStack) -> str:
    said = theft.to_json()
    met, otherwise = said["goal_met"], said["decided_otherwise"]
    goal = "" if met is None else f"<span class={'yes' if met else 'no'}>"
    goal += "" if met is None else ("atteint</span>" if met else "manqué</span>")
    return (
        f"<tr><td>{escape(theft.variant)}<td>{said['people_read_max']}"
        f"<td>{said['people_in_2024_median']:g}<td>{said['questions']}"
        f"<td>{'–' if otherwise is None else otherwise}<td>{said['answers_without_entry']}"
        f"<td>{goal}</tr>"
    )


def _facts(theft: OnStack) -> str:
    rows = "".join(
        f"<tr><td>{escape(name.replace('_', ' '))}<td>{escape(_said(value))}</tr>"
        for name, value in theft.facts.items()
    )
    return f"<h3>{escape(theft.variant)}</h3><table>{rows}</table>"


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return " ; ".join(f"{name}: {_said(each)}" for name, each in value.items())
    return str(value)
