"""What is said of the extract in which somebody was looked up, and whose reason is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from rempart.cli.looking_up import said_outside, tell
from rempart.domain.errors import MalformedIdentifier, SetUpRefused
from rempart.domain.extract import EXTRACT_DAYS, Extract
from rempart.usecases.look_up_directory import LookedUp

title = "Looking up"


def of_days_ago(days):
    day = datetime.now(UTC).date() - timedelta(days)
    return LookedUp(extract=Extract(day=day, rows=1, bad=0, digest=b""), listed=True)


@pytest.mark.parametrize("days", [0, EXTRACT_DAYS, EXTRACT_DAYS + 1])
def test_the_age_of_the_extract_is_said_and_an_old_one_warned_of(capsys, days):
    tell(of_days_ago(days))
    said = capsys.readouterr()
    assert f"{days} j · d" in said.out
    assert ("this extract is old" in said.err) is (days > EXTRACT_DAYS)


def test_where_nobody_was_looked_up_it_is_said(capsys):
    tell(LookedUp(extract=None, listed=False, outside="alix: why"))
    said = capsys.readouterr().out
    assert "not looked up" in said
    assert "outside of the directory" in said
    assert "why" not in said


def test_a_reason_is_somebodys():
    assert said_outside(None, None) == ""
    assert said_outside("began last week", "alix") == "alix: began last week"
    for reason, by in (("began last week", None), (None, "alix")):
        with pytest.raises(SetUpRefused):
            said_outside(reason, by)
    with pytest.raises(MalformedIdentifier):
        said_outside("began last week", "two words")
