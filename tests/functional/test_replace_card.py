"""A card is replaced by the commands that people type: its old code is dead within the minute."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from rempart.bootstrap.insurer import member_file
from rempart.domain.coverage import Domain
from rempart.domain.member_cells import LiveCard
from rempart.domain.memberfile import Member, read_members
from rempart.domain.site import SiteKind
from rempart.drill.country import FILE_NAME
from rempart.drill.software import QuestionRefused

title = "A card is replaced within the minute"

AMC = "99990003"
DOMAIN = Domain.SVIL
MINUTE = 60.0


@pytest.fixture
def loser(stage):
    """The last of the file who has one card of ours: header, row, and their next card."""
    path = stage.home / "country" / FILE_NAME.format(amc=AMC)
    header, *lines = path.read_text("utf-8").splitlines()
    rule = stage.insurer(AMC).profile.member_number_rule
    for line in reversed(lines):
        (member,) = read_members(StringIO(f"{header}\n{line}\n"), rule)
        covered = dict(member.rights.record.domains) if isinstance(member, Member) else {}
        if DOMAIN in covered and len(member.cards) == 1 and member.cards[0].packed:
            break
    (card,) = member.cards
    next_card = LiveCard(replace(card.serial, number=card.serial.number + 1), card.until)
    return header, line, next_card


def test_the_old_code_is_dead_within_the_minute_and_the_new_one_opens(stage, tmp_path, loser):
    header, line, next_card = loser
    cells = line.split(";")
    cells[header.split(";").index("cards")] = cell_of(next_card)
    lost = tmp_path / "lost.csv"
    lost.write_text(f"{header}\n{';'.join(cells)}\n", "utf-8")
    old_code = code_of(stage, tmp_path / "old.csv", header, line)
    folder = ("--folder", stage.home / "insurers" / AMC)

    with stage.software(SiteKind.DOCTOR) as software:
        assert software.ask(old_code, [DOMAIN.name], stage.today)
        start = time.monotonic()
        said = run(stage, "insurer", "replace", lost, *folder, "--out", tmp_path / "lost.rpf")
        assert "lus · read               1\n" in said
        said = run(stage, "feed", "import", tmp_path / "lost.rpf", "--amc", AMC)
        with pytest.raises(QuestionRefused) as refusal:
            software.ask(old_code, [DOMAIN.name], stage.today)
        dead = time.monotonic() - start
        assert refusal.value.code == "card-not-known"
        assert "1 lignes · rows" in said
        assert "changés · changed        1\n" in said
        assert dead < MINUTE
        new_code = code_of(stage, lost, header, ";".join(cells))
        assert new_code != old_code
        assert not software.ask(new_code, [DOMAIN.name], stage.today)[0].refused


def cell_of(card: LiveCard) -> str:
    return f"{card.serial.key_version}.{card.serial.number}:{card.until}"


def code_of(stage, path: Path, header: str, line: str) -> str:
    """The code that the insurer issues for a row."""
    path.write_text(f"{header}\n{line}\n", "utf-8")
    with member_file(path) as stream, stage.insurer(AMC).cards(stage.today) as issue:
        (card,) = issue(stream, rejected=lambda fault: pytest.fail(str(fault)))
    return card.code


def run(stage, *words: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "rempart", *map(str, words)],
        env={**stage.environ, "PATH": "", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
