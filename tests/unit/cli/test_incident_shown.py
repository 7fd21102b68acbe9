"""What an operator is shown of an incident, on a terminal."""

from __future__ import annotations

from rich.console import Console

from rempart.cli.incident_files import table_of
from rempart.cli.incident_show import deeds
from tests.papers import a_case, a_report, some_claims

title = "An incident on a terminal"


def test_whom_an_alert_alone_names_is_said_not_to_be_looked_at():
    for alerted, said in (((), False), ((19,), True), ((17, 18), False)):
        console = Console(width=200)
        with console.capture() as got:
            deeds(console, a_case(alerted=alerted))
        assert ("named by an alert alone, not looked at" in got.get()) is said


def test_an_insurer_of_whom_claims_alone_were_touched_is_no_line_of_noughts():
    for claims, said in ((some_claims(), "44"), (None, "–")):
        console = Console(width=200)
        with console.capture() as got:
            console.print(table_of([a_report(claims=claims)]))
        assert got.get().split()[-1] == said
