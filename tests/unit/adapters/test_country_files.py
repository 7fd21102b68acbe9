"""Files that say whose network is where: read again when they change, never an error."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

import pytest

from rempart.adapters import country_files
from rempart.adapters.country_files import LOOK_EVERY, CountryFiles, read_countries
from rempart.domain.errors import MalformedRow

title = "Files of countries"

NETWORK = "192.0.2.0/24"


def put(path: Path, country: str, *, rows: int = 1) -> Path:
    """A file of one registry, put in place with a rename, as it is when it is fetched."""
    lines = ["2|ripencc|1764201599|4|19830705|20261126|+0100"]
    lines += [f"ripencc|{country}|ipv4|192.0.2.0|256|20100712|allocated|x"] * rows
    new = path.with_suffix(".new")
    new.write_text("\n".join(lines) + "\n")
    return new.rename(path)


def files(*paths: Path) -> CountryFiles:
    """Each look sees what has changed."""
    ticks = count(0.0, LOOK_EVERY)
    return CountryFiles(paths, ticks=lambda: next(ticks))


def looked(source: CountryFiles, times: int = 4) -> str:
    """What it says after a few looks."""
    for _ in range(times):
        source.look()
    return source.of(NETWORK)


def test_no_file_says_nothing():
    assert looked(CountryFiles(())) == ""


def test_a_fresh_file_is_taken_in_and_a_lost_one_forgotten(tmp_path):
    path = tmp_path / "ripe"
    source = files(path)
    assert looked(source) == ""
    put(path, "FR")
    assert looked(source) == "FR"
    put(path, "BE")
    assert looked(source) == "BE"
    path.unlink()
    assert looked(source) == ""


def test_the_one_before_answers_until_the_next_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(country_files, "SLICE", 10)
    path = put(tmp_path / "ripe", "FR", rows=95)
    source = files(path)
    assert looked(source, 20) == "FR"
    put(path, "BE", rows=95)
    said = [looked(source, 1) for _ in range(20)]
    assert said == sorted(said, reverse=True)
    # 96 lines are ten slices; the eleventh look takes what they say.
    assert said.index("BE") == 10


def test_a_file_that_has_not_changed_is_not_read_again(tmp_path, monkeypatch):
    source = files(put(tmp_path / "ripe", "FR"))
    assert looked(source) == "FR"
    monkeypatch.setattr(country_files, "_slices", lambda path: pytest.fail("read again"))
    assert looked(source) == "FR"


def test_it_looks_once_a_second(tmp_path):
    now = [0.0]
    source = CountryFiles([tmp_path / "ripe"], ticks=lambda: now[0])
    source.look()
    put(tmp_path / "ripe", "FR")
    now[0] = LOOK_EVERY / 2
    assert looked(source) == ""
    now[0] = LOOK_EVERY
    assert looked(source) == "FR"


def test_files_that_disagree_say_nothing(tmp_path):
    ripe, arin = put(tmp_path / "ripe", "FR"), put(tmp_path / "arin", "FR")
    source = files(ripe, arin)
    assert looked(source, 9) == "FR"
    put(arin, "US")
    assert looked(source, 9) == ""


@pytest.mark.parametrize(
    "text", ["", "<!DOCTYPE html>\n<p>no such page\n", "\x00\xff" * 2000, "2|ripencc|1|1|1|1|1\n"]
)
def test_a_file_that_is_none_says_nothing_and_stops_nothing(tmp_path, text):
    path = put(tmp_path / "ripe", "FR")
    source = files(path, put(tmp_path / "arin", "FR"))
    assert looked(source, 9) == "FR"
    path.write_text(text, encoding="latin-1")
    assert looked(source, 9) == "FR"
    (tmp_path / "arin").unlink()
    assert looked(source) == ""
    with pytest.raises(MalformedRow):
        read_countries(path)


@pytest.mark.parametrize("what", ["folder", "pipe", "away"])
def test_what_is_no_file_is_not_waited_for(tmp_path, what):
    path = tmp_path / what
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    assert looked(files(path)) == ""
    with pytest.raises(OSError):  # noqa: PT011
        read_countries(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_is_not_ours_is_read_once_it_is(tmp_path):
    path = put(tmp_path / "ripe", "FR")
    path.chmod(0)
    source = files(path)
    assert looked(source) == ""
    path.chmod(0o600)
    assert looked(source) == "FR"


def test_what_a_file_holds_is_not_shown(tmp_path):
    source = files(put(tmp_path / "ripe", "FR"))
    assert looked(source) == "FR"
    assert "192" not in repr(source)
    assert str(tmp_path) not in repr(source)
