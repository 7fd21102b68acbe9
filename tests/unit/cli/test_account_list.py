"""What ``rempart account list`` says of who waits for an answer."""

from io import StringIO

from rich.console import Console

from rempart.cli.account import table_of
from rempart.cli.asking import moment
from rempart.domain.tightened import ANSWER_WITHIN
from rempart.usecases.messages import Account

FROZEN = 1_795_521_600_000_000
DUE = FROZEN + ANSWER_WITHIN


def said(*, now: int, answer_by: int = DUE) -> str:
    row = Account("software-1", "STRUCT:A", "FROZEN", FROZEN, 0, 0, 0, 0, (0, 0, 0), answer_by)
    console = Console(file=StringIO(), width=200)
    console.print(table_of([row], now=now))
    return console.file.getvalue()


def test_an_answer_is_late_from_the_promised_moment_on():
    assert "UNANSWERED" not in said(now=DUE - 1)
    assert f"UNANSWERED, promised by {moment(DUE)}" in said(now=DUE)


def test_where_none_is_owed_none_is_late():
    assert "UNANSWERED" not in said(now=DUE, answer_by=0)
