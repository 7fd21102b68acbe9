"""``./rempart``: what a machine may lack is one line; what was interrupted is done again."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.postgres_servers import reachable_folder

ROOT = Path(__file__).parent.parent
TOOLS = ("sh", "cat", "rm", "mkdir", "dirname", "readlink", "sha256sum", "cp", "chmod")
TOOLS_OF_CHECK = "ruff mypy lint-imports"

# Stands for Python, its venv, its pip, and what pip installs. FAKE_* say how it behaves.
PYTHON = f"""#!/bin/sh
echo "$*" >>"$FAKE_CALLS"
case "$*" in
    *version_info*) echo "${{FAKE_VERSION:-3.12}}" ;;
    *"import ensurepip"*) [ "${{FAKE_ENSUREPIP:-yes}}" = yes ] || [ -e "$FAKE_CALLS.venv" ] ;;
    *"-m venv"*)
        mkdir -p "$3/bin" "$3/lib/python${{FAKE_VERSION:-3.12}}/site-packages"
        cp "$0" "$3/bin/python"
        [ "${{FAKE_VENV:-}}" != killed ] || kill -9 "$PPID" ;;
    *"-m pip install"*)
        case "${{FAKE_PIP:-}}" in
            fails) echo "a page of details" >&2; exit 1 ;;
            killed) kill -9 "$PPID" ;;
        esac
        for tool in {TOOLS_OF_CHECK}; do
            printf '#!/bin/sh\\necho %s; [ "$FAKE_FAILS" != %s ]\\n' $tool $tool >"${{0%/*}}/$tool"
            chmod 755 "${{0%/*}}/$tool"
        done ;;
    *) echo "ran: $*"; echo "home: $REMPART_HOME" ;;
esac
"""


class Machine:
    """A machine with a clone, a chosen PATH, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.clone = folder / "clone"
        self.bin = folder / "bin"
        self.calls = folder / "calls"
        (self.clone / "requirements").mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy(ROOT / "rempart", self.clone)
        for name in ("runtime", "test"):
            (self.clone / "requirements" / f"{name}.txt").write_text(f"{name}==1\n")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.script("id", "echo 1000")
        self.python("python3")
        self.calls.touch()

    def script(self, name: str, text: str) -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.bin / name).chmod(0o755)

    def python(self, name: str, version: str | None = None) -> None:
        fixed = "" if version is None else f"\nFAKE_VERSION={version}"
        (self.bin / name).write_text(PYTHON.replace("#!/bin/sh", f"#!/bin/sh{fixed}", 1))
        (self.bin / name).chmod(0o755)

    def run(self, *arguments, script=None, cwd="/", user=None, **fake):
        return subprocess.run(
            [script or self.clone / "rempart", *arguments],
            env={"PATH": str(self.bin), "FAKE_CALLS": str(self.calls), "FAKE_FAILS": "", **fake},
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd,
            user=user,
        )

    def installs(self) -> list[str]:
        return [line for line in self.calls.read_text().splitlines() if "pip install" in line]


@pytest.fixture
def machine():
    with reachable_folder() as folder:
        yield Machine(folder)


def assert_one_line(done, *words):
    assert done.returncode != 0
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("rempart : ")
    assert " · " in line
    for word in words:
        assert word in line


def test_any_word_goes_to_the_command_line(machine):
    done = machine.run("feed", "import", "a file; with marks", "--amc", "1")
    assert done.returncode == 0
    assert "ran: -P -m rempart feed import a file; with marks --amc 1\n" in done.stdout


def test_dependencies_are_installed_once_with_their_hashes(machine):
    machine.run("demo")
    assert machine.run("demo").stderr == ""
    (install,) = machine.installs()
    assert "--require-hashes --only-binary :all:" in install
    assert install.endswith(f"-r {machine.clone}/requirements/runtime.txt")
    (pth,) = machine.clone.glob(".venv/lib/python3.12/site-packages/*.pth")
    assert pth.read_text() == f"{machine.clone}/src\n"


def test_a_changed_lock_is_installed_again(machine):
    machine.run("demo")
    (machine.clone / "requirements" / "runtime.txt").write_text("runtime==2\n")
    machine.run("demo")
    assert len(machine.installs()) == 2


def test_the_tests_add_their_tools_and_the_runtime_is_not_installed_again(machine):
    machine.run("demo")
    machine.run("test")
    machine.run("demo")
    machine.run("test")
    assert [line.rsplit("/", 1)[1] for line in machine.installs()] == ["runtime.txt", "test.txt"]


def test_checks_come_first_and_pytest_has_the_last_word(machine):
    done = machine.run("test", "-k", "two words")
    *checks, ran, _ = done.stdout.splitlines()
    assert checks == ["ruff", "ruff", "mypy", "lint-imports"]
    assert ran.startswith("ran: -m pytest -n auto ")
    assert ran.endswith(" -k two words")
    assert machine.run("check").stdout.splitlines() == ["ruff", "ruff", "mypy", "lint-imports"]


@pytest.mark.parametrize("tool", TOOLS_OF_CHECK.split())
def test_a_check_that_fails_ends_the_run(machine, tool):
    done = machine.run("test", FAKE_FAILS=tool)
    assert done.returncode != 0
    assert "pytest" not in done.stdout


def test_it_works_from_anywhere_and_through_a_link(machine, tmp_path):
    (tmp_path / "one").symlink_to(machine.clone / "rempart")
    (tmp_path / "two").symlink_to("one")
    done = machine.run("demo", script=tmp_path / "two", cwd=tmp_path)
    assert f"home: {machine.clone}/.rempart\n" in done.stdout
    assert (machine.clone / ".venv" / "made").exists()


def test_a_home_that_is_named_is_kept(machine):
    assert "home: /elsewhere\n" in machine.run("demo", REMPART_HOME="/elsewhere").stdout


def test_an_old_python_is_named(machine):
    machine.python("python3", "3.10")
    assert_one_line(machine.run("demo"), "3.11", "(3.10)")
    assert not (machine.clone / ".venv").exists()


def test_no_python_at_all(machine):
    (machine.bin / "python3").unlink()
    assert_one_line(machine.run("demo"), "3.11")


def test_a_newer_python_behind_an_old_one_is_found(machine):
    machine.python("python3", "3.9")
    machine.python("python3.13", "3.13")
    assert machine.run("demo").returncode == 0
    assert (machine.clone / ".venv" / "made").read_text() == f"3.13 {machine.clone}\n"


def test_the_python_that_is_named_is_the_one(machine):
    machine.python("my python", "3.14")
    assert machine.run("demo", REMPART_PYTHON=f"{machine.bin}/my python").returncode == 0
    assert (machine.clone / ".venv" / "made").read_text().startswith("3.14 ")


def test_a_place_that_we_cannot_write_is_named(machine):
    machine.clone.chmod(0o555)
    machine.calls.chmod(0o666)
    user = 65_534 if os.geteuid() == 0 else None
    try:
        assert_one_line(machine.run("demo", user=user), "écrire", str(machine.clone))
    finally:
        machine.clone.chmod(0o755)


def test_what_somebody_else_set_up_can_be_run_but_not_changed(machine):
    machine.run("demo")
    machine.calls.chmod(0o666)
    (machine.clone / ".venv").chmod(0o555)
    user = 65_534 if os.geteuid() == 0 else None
    try:
        assert machine.run("demo", user=user).returncode == 0
        assert_one_line(machine.run("check", user=user), "écrire", ".venv")
    finally:
        (machine.clone / ".venv").chmod(0o755)


def test_no_network_is_one_line_and_tried_again(machine):
    done = machine.run("demo", FAKE_PIP="fails")
    assert done.returncode != 0
    assert "réseau" in done.stderr
    assert "a page of details" not in done.stderr
    assert (machine.clone / ".venv" / "install.log").read_text() == "a page of details\n"
    assert machine.run("demo").returncode == 0
    assert len(machine.installs()) == 2


@pytest.mark.parametrize("interrupted", [{"FAKE_VENV": "killed"}, {"FAKE_PIP": "killed"}])
def test_an_interrupted_installation_does_not_look_finished(machine, interrupted):
    assert machine.run("demo", **interrupted).returncode < 0
    assert not (machine.clone / ".venv" / "runtime.sum").exists()
    done = machine.run("demo")
    assert "ran: " in done.stdout
    assert (machine.clone / ".venv" / "runtime.sum").exists()


def test_a_python_that_is_gone_is_replaced(machine):
    machine.run("demo")
    (machine.clone / ".venv" / "bin" / "python").unlink()
    assert machine.run("demo").returncode == 0
    assert len(machine.installs()) == 2


def test_a_python_that_was_upgraded_is_set_up_again(machine):
    machine.run("demo")
    machine.run("demo", FAKE_VERSION="3.13")
    assert len(machine.installs()) == 2


def test_a_copied_clone_does_not_use_the_code_of_the_other(machine):
    machine.run("demo")
    copy = machine.clone.with_name("copy")
    shutil.copytree(machine.clone, copy)
    machine.run("demo", script=copy / "rempart")
    (pth,) = copy.glob(".venv/lib/python3.12/site-packages/*.pth")
    assert pth.read_text() == f"{copy}/src\n"


def test_without_ensurepip_a_user_is_told_what_to_type(machine):
    machine.script("apt-get", "exit 1")
    assert_one_line(machine.run("demo", FAKE_ENSUREPIP="no"), "apt-get install -y python3.12-venv")


def test_without_ensurepip_root_gets_it(machine):
    machine.script("id", "echo 0")
    # The lists of a bare machine are empty until they are asked for.
    machine.script(
        "apt-get",
        'echo "apt-get $*" >>"$FAKE_CALLS"\n'
        'case $1 in update) : >"$FAKE_CALLS.lists" ;;\n'
        'install) [ -e "$FAKE_CALLS.lists" ] && : >"$FAKE_CALLS.venv" ;; esac',
    )
    assert "ran: " in machine.run("demo", FAKE_ENSUREPIP="no").stdout
    asked = [line for line in machine.calls.read_text().splitlines() if "apt-get" in line]
    install = "apt-get install -y python3.12-venv"
    assert asked == [install, "apt-get update", install]


def test_without_ensurepip_and_without_apt(machine):
    assert_one_line(machine.run("demo", FAKE_ENSUREPIP="no"), "ensurepip")


def test_integration_runs_the_test_command_alone():
    commands = [
        line
        for line in (ROOT / ".ci" / "run").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert commands == ['exec "$(dirname "$0")/../rempart" test']


def test_the_script_is_short_and_executable():
    script = ROOT / "rempart"
    assert len(script.read_text().splitlines()) < 90
    assert script.stat().st_mode & 0o111 == 0o111
