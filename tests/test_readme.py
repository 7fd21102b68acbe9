"""What documents say of the command line is what the command line says."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rempart.__main__ import main
from rempart.drill import ask, demo
from rempart.usecases import describe_entry

ROOT = Path(__file__).parent.parent
READMES = [ROOT / "README.md", ROOT / "README.fr.md"]
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:[A-Z_]+=\S+ )*(?:\./)?rempart (.*)")
OF_THE_SCRIPT = {"test", "check"}
"""Words that ``./rempart`` keeps for itself."""


def documents() -> list[Path]:
    return sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("specs/*.md")})


def blocks(path: Path) -> list[str]:
    return BLOCK.findall(path.read_text())


def commands(path: Path) -> Iterator[list[str]]:
    """Each command of a document, as words after ``./rempart``."""
    for block in blocks(path):
        for line in block.replace("\\\n", " ").splitlines():
            if found := COMMAND.match(line):
                yield shlex.split(found[1].split(" > ")[0], comments=True)


def help_of(*words: str) -> str:
    done = CliRunner().invoke(main, [*words, "--help"], prog_name="rempart", terminal_width=80)
    assert done.exit_code == 0
    return done.output


def sample() -> str:
    (found,) = [block for block in blocks(READMES[0]) if block.startswith("La question")]
    return found


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_help_in_the_readme_is_the_help(readme):
    (shown,) = [block for block in blocks(readme) if block.startswith("Usage: rempart")]
    assert shown == help_of()


def test_the_sample_of_the_demo_is_made_of_its_words():
    sources = "".join(Path(module.__file__).read_text() for module in (ask, demo, describe_entry))
    *lines, last = sample().splitlines()
    labels = [re.split(r" {2,}", line.strip())[0] for line in lines]
    assert len(labels) == 8
    assert not [label for label in labels if label not in sources]
    assert set(json.loads(last)) == set(re.findall(r'^ {8}"(\w+)": ', sources, re.MULTILINE))


def test_the_tutorial_shows_the_same_run_as_the_readme():
    tutorial = blocks(ROOT / "docs" / "tutorial" / "first-answer.md")
    assert sample().rpartition("{")[0] in tutorial


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_what_to_try_next_is_what_the_demo_says(readme):
    said = re.findall(r"\./rempart ([^\\{]+)", Path(demo.__file__).read_text())
    assert len(said) == 3
    (tried,) = [block for block in blocks(readme) if said[0] in block]
    lines = [line.removeprefix("./rempart ") for line in tried.splitlines()]
    assert all(line.startswith(words) for line, words in zip(lines, said, strict=True))


def test_documents_show_commands():
    """Or the next test would test nothing."""
    assert sum(1 for path in documents() for _ in commands(path)) > 60


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_command_in_a_document_exists(path):
    for words in commands(path):
        if words[0] in OF_THE_SCRIPT:
            continue
        command: click.Command | None = main
        while isinstance(command, click.Group):
            command = command.get_command(click.Context(command), words.pop(0))
        assert command is not None, words
        options = {
            name: option
            for option in command.params
            if isinstance(option, click.Option)
            for name in (*option.opts, *option.secondary_opts)
        }
        given = iter(words)
        arguments = []
        for word in given:
            if not word.startswith("-"):
                arguments.append(word)
                continue
            assert word in options, (command.name, word)
            if not options[word].is_flag:
                next(given)
        taken = [p for p in command.params if isinstance(p, click.Argument)]
        several = any(argument.nargs == -1 for argument in taken)
        enough = len(arguments) >= len(taken) if several else len(arguments) == len(taken)
        assert enough, (command.name, arguments)
        required = {name for name, option in options.items() if option.required}
        assert required <= set(words), command.name
