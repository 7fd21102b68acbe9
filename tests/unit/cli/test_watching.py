"""Faults are shown or written; progress is silent where nobody looks."""

from rempart.cli.watching import lines_in, progress, rejects, scope_progress
from rempart.domain.errors import MalformedRow
from rempart.usecases.scope_ports import Step


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


def test_the_steps_of_a_scope_are_shown_on_a_terminal_and_nobody_hears_of_them_elsewhere(
    capsys, monkeypatch
):
    with scope_progress() as heard:
        assert heard is None
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with scope_progress() as heard:
        assert heard is not None
        for step in Step:
            for done in (1, 2):
                heard(step, done, 3)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert all(" · ".join(step.value) in shown.err for step in Step)
    assert shown.err.count("2/3") >= len(Step)


def test_lines_are_counted_to_the_last(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"a\nb\n" * 300_000)
    assert lines_in(path) == 600_000
