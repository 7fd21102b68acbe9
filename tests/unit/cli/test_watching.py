"""Faults are shown or written; progress is silent where nobody looks."""

from rempart.cli.watching import lines_in, progress, rejects
from rempart.domain.errors import MalformedRow


def test_the_first_faults_are_shown_and_the_others_counted(capsys):
    with rejects(None) as found:
        for line in range(2, 15):
            found.add(MalformedRow(line, "periods", "expected at least one period"))
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 11
    assert told[0] == "ligne · line 2, periods: expected at least one period"
    assert told[-1].startswith("… et 3 autres")


def test_in_a_file_they_all_stand(tmp_path, capsys):
    with rejects(tmp_path / "bad.csv") as found:
        for line in range(2, 15):
            found.add(MalformedRow(line, "cards", "a; b"))
    lines = (tmp_path / "bad.csv").read_text().splitlines()
    assert len(lines) == 14
    assert lines[:2] == ["line;column;rule", '2;cards;"a; b"']
    assert capsys.readouterr().err == ""


def test_progress_is_silent_away_from_a_terminal(capsys):
    with progress() as bars:
        bars.advance(bars.add_task("work", total=2), 1)
    assert capsys.readouterr() == ("", "")


def test_lines_are_counted_to_the_last(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"a\nb\n" * 300_000)
    assert lines_in(path) == 600_000
