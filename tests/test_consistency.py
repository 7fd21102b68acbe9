"""The repository agrees with itself."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import rempart
from rempart.config import NAMES, OF_THE_SCRIPT, Settings
from rempart.domain.errors import RempartError

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))
LOCKS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("runtime", "test")}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def files() -> Iterator[Path]:
    """Every file that is ours: caches and environments hide behind a dot."""
    for folder, names, found in os.walk(ROOT):
        names[:] = [n for n in names if n == ".ci" or not n.startswith((".", "__pycache__"))]
        yield from (Path(folder, name) for name in found)


def documents() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


def tables(text: str) -> list[list[list[str]]]:
    """The tables of a document: each a list of rows of cells, heading first, rule left out."""
    found: list[list[list[str]]] = [[]]
    for line in FENCE.sub("", text).splitlines():
        if not line.startswith("|"):
            found.append([])
        elif set(line) - set("|-: "):
            found[-1].append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return [table for table in found if table]


def codes_in(cells: list[str]) -> set[str]:
    return {code for cell in cells for code in CODE.findall(cell)}


# Code


def test_import_contracts_are_kept():
    check = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


def test_every_room_is_declared():
    rooms = {
        part.strip()
        for layer in PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
        for part in layer.split("|")
    }
    package = ROOT / "src" / "rempart"
    there = {p.stem for p in package.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert there - {"__init__"} == rooms


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_a_module_is_short_and_says_what_it_is(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    tree = ast.parse(text)
    assert ast.get_docstring(tree)
    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= 60
    ]
    assert not long


def test_every_setting_is_declared_where_it_is_read():
    read = {
        name
        for path in SOURCES
        for name in re.findall(r"\bREMPART_[A-Z_]*[A-Z]\b", path.read_text())
    }
    assert read == {*NAMES, *OF_THE_SCRIPT}


# Reference pages


def every_error() -> list[type[RempartError]]:
    for module in walk_packages(rempart.__path__, "rempart."):
        if not module.name.endswith("__main__"):
            import_module(module.name)

    def below(kind: type[RempartError]) -> Iterator[type[RempartError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    return [kind for kind in below(RempartError) if kind.__module__.startswith("rempart.")]


def test_every_error_code_is_documented_and_no_other():
    page = (ROOT / "docs" / "reference" / "errors.md").read_text()
    documented = {code for table in tables(page) for row in table[1:] for code in codes_in(row[:1])}
    assert documented == {kind.code for kind in every_error()} - {RempartError.code}


def settings_rows() -> dict[str, str]:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    rows = [row for table in tables(page) for row in table[1:] if "REMPART_" in row[0]]
    return {row[0].strip("`"): row[1] for row in rows}


def test_every_setting_is_documented_and_no_other():
    assert set(settings_rows()) == {*NAMES, *OF_THE_SCRIPT}


@pytest.mark.parametrize("name", NAMES)
def test_documented_defaults_are_the_defaults(name):
    default = settings_rows()[name]
    given = {} if default == "none" else {name: default.strip("`")}
    assert Settings.from_environ(given) == Settings.from_environ({})


# Documents


def test_both_readmes_say_the_same():
    english, french = ((ROOT / name).read_text() for name in ("README.md", "README.fr.md"))
    assert FENCE.findall(english) == FENCE.findall(french)
    outline = [
        [line.split(" ")[0] for line in FENCE.sub("", text).splitlines() if line.startswith("#")]
        for text in (english, french)
    ]
    assert outline[0] == outline[1]
    assert "./rempart test" in "".join(FENCE.findall(english))
    assert "./rempart demo" in "".join(FENCE.findall(english))


def test_decisions_are_numbered_without_a_gap():
    assert [path.name[:4] for path in ADRS] == [f"{n:04d}" for n in range(1, len(ADRS) + 1)]


@pytest.mark.parametrize("path", ADRS, ids=lambda p: p.stem)
def test_a_decision_says_what_it_costs(path):
    headings = re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]


@pytest.mark.parametrize("path", ADRS, ids=lambda p: p.stem)
def test_points_of_a_decision_follow_one_another(path):
    _, decided = path.read_text().split("\n## Decision\n")
    points = re.findall(r"^(\d+)\. ", decided.split("\n## ")[0], re.MULTILINE)
    assert points == [f"{n}" for n in range(1, len(points) + 1)]


def test_the_glossary_speaks_of_what_exists():
    names = {word for path in SOURCES for word in re.findall(r"\w+", path.read_text())}
    (table,) = tables((ROOT / "GLOSSARY.md").read_text())
    unknown = {code for row in table[1:] for code in codes_in(row)} - names
    assert not unknown


def test_files_that_documents_name_exist():
    named = re.compile(r"(?:[\w.-]+/)+[\w.-]+\.(?:py|md|sql|toml|txt|json)")
    roots = (ROOT, ROOT / "src" / "rempart")
    missing = {
        f"{document.relative_to(ROOT)}: {code}"
        for document in documents()
        for code in CODE.findall(document.read_text())
        if named.fullmatch(code)
        and not any((root / code).exists() for root in (*roots, document.parent))
    }
    assert not missing


def test_a_case_is_called_in_documents_as_its_folder_is():
    named = {
        found
        for document in documents()
        for found in re.findall(r"cases/(\d+)/", document.read_text())
    }
    assert named
    assert not [each for each in named if f"{int(each):06d}" != each]


def test_links_between_documents_lead_somewhere():
    broken = {
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents()
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", FENCE.sub("", document.read_text()))
        if "://" not in target and not (document.parent / target).exists()
    }
    assert not broken


def test_every_wire_format_is_found_from_the_index():
    index = (ROOT / "docs/index.md").read_text()
    assert not [path.name for path in (ROOT / "specs").glob("*.md") if path.name not in index]


def test_every_promise_has_its_module_and_its_test():
    """The table of SECURITY.md: promise, module, test (``tests/file.py::test_name``)."""
    found = [
        table
        for table in tables((ROOT / "SECURITY.md").read_text())
        if {"Promise", "Module", "Test"} <= set(table[0])
    ]
    (table,) = found
    heading = table[0]
    assert len(table) - 1 >= 7
    for row in table[1:]:
        modules = codes_in([row[heading.index("Module")]])
        tests = codes_in([row[heading.index("Test")]])
        assert modules, row
        assert tests, row
        for module in modules:
            assert any((r / module).exists() for r in (ROOT, ROOT / "src" / "rempart")), module
        for test in tests:
            path, _, name = test.partition("::")
            text = (ROOT / path).read_text()
            assert not name or re.search(rf"^\s*(async )?def {name}\b", text, re.MULTILINE), test


# Dependencies


def pins(lock: Path) -> dict[str, tuple[str, str]]:
    """Name → version and marker, as they are locked."""
    pinned = re.findall(r"^([\w.-]+)==(\S+)(?: ; ([^\\\n]+?))? \\$", lock.read_text(), re.MULTILINE)
    return {canonicalize_name(name): (version, marker) for name, version, marker in pinned}


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_every_locked_file_has_its_hash_and_no_address(lock):
    text = lock.read_text()
    entries = re.split(r"^(?=[^\s#])", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(pins(lock)) > 20
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|--index-url|--extra-index-url|--find-links| @ ", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_agree_with_the_project(lock):
    wanted = [*PROJECT["project"]["dependencies"]]
    if lock == "test":
        wanted += PROJECT["dependency-groups"]["test"]
    locked = pins(LOCKS[lock])
    for requirement in map(Requirement, wanted):
        version, _ = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement.name


def test_the_lock_of_the_tests_holds_that_of_the_runtime():
    runtime, test = pins(LOCKS["runtime"]), pins(LOCKS["test"])
    assert {name: pin[0] for name, pin in runtime.items()} == {
        name: test[name][0] for name in runtime
    }


def test_no_file_names_a_registry():
    # In halves, so that this file is not one.
    hosts = [
        "pypi" + ".org", "pythonhosted" + ".org", "registry." + "npmjs", "static." + "crates.io",
        "proxy." + "golang", "repo1." + "maven", "deb." + "debian", "archive." + "ubuntu",
    ]  # fmt: skip
    named = re.compile(b"|".join(re.escape(host.encode()) for host in hosts))
    assert not [path for path in files() if named.search(path.read_bytes())]


def test_the_licence_is_the_one_that_is_declared():
    text = (ROOT / "LICENSE").read_text()
    assert PROJECT["project"]["license"] == "EUPL-1.2"
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\n")
    assert all(re.search(rf"^{article}\.", text, re.MULTILINE) for article in range(1, 16))
    assert "Appendix" in text
