"""What this machine says of itself."""

import os
import resource
import socket
import struct
import subprocess
import sys
import time

import pytest

from rempart.adapters import host
from rempart.adapters.identity.certificates import issue_client, make_authority
from rempart.adapters.system import SystemClock
from rempart.usecases.setup_facts import PrivateFile

DAY = 86_400_000_000


def test_a_file_has_its_mode_and_its_owner(tmp_path):
    path = tmp_path / "file"
    path.touch(0o600)
    path.chmod(0o640)
    assert host.private_file(path) == PrivateFile(mode=0o640, owner=os.geteuid())
    assert host.is_there(path)
    assert not host.is_there(tmp_path / "none")


@pytest.mark.parametrize(
    ("mode", "open_"), [(0o755, False), (0o775, True), (0o757, True), (0o1777, False)]
)
def test_a_folder_is_open_where_others_could_replace_what_is_in_it(tmp_path, mode, open_):
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(mode)
    assert host.others_write(folder) is open_
    assert host.may_look(folder)
    assert not host.may_look(tmp_path / "none")


def test_a_user_has_a_main_group_or_is_nobody_here():
    assert host.main_group(0) == 0
    assert host.main_group(54_321_987) is None


def test_the_kernel_knows_who_listens(tmp_path):
    path = tmp_path / "a.sock"
    assert host.listener_of(path) is None
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        assert host.listener_of(path) == os.getpid()
    assert host.listener_of(path) is None


CORE = "import resource, time; resource.setrlimit(resource.RLIMIT_CORE, ({0}, {0})); time.sleep(60)"


@pytest.mark.parametrize("size", [0, 4096])
def test_a_process_has_its_limit_of_core(size):
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard != resource.RLIM_INFINITY and hard < size:
        pytest.skip(f"this machine allows a core of {hard} bytes at most")
    with subprocess.Popen([sys.executable, "-c", CORE.format(size)]) as process:
        try:
            end = time.monotonic() + 10
            while host.core_limit(process.pid) != size and time.monotonic() < end:
                time.sleep(0.02)
            assert host.core_limit(process.pid) == size
        finally:
            process.kill()
    assert host.core_limit(2**22 + 1) is None


class Kernel:
    """Answers adjtimex as it is told."""

    def __init__(self, status: int, result: int) -> None:
        self.status, self.result = status, result

    def adjtimex(self, timex) -> int:
        struct.pack_into("i", timex, 40, self.status)
        return self.result


@pytest.mark.parametrize(
    ("status", "result", "kept"),
    [(0x2001, 0, True), (0x2041, 5, False), (0x40, 5, False), (0, -1, None)],
)
def test_the_kernel_says_whether_its_clock_is_kept(monkeypatch, status, result, kept):
    monkeypatch.setattr(host.ctypes, "CDLL", lambda _: Kernel(status, result))
    assert host.clock_is_kept() is kept


def test_this_kernel_answers_the_same_twice():
    assert host.clock_is_kept() is host.clock_is_kept()


def test_certificates_have_days_left(tmp_path):
    now = SystemClock().now()
    authority = make_authority("A", now=now)
    fresh = issue_client(authority, "a", now=now).certificate
    over = issue_client(authority, "a", now=now - 400 * DAY).certificate
    later = issue_client(authority, "a", now=now + 2 * DAY).certificate
    path = tmp_path / "clients.pem"
    path.write_bytes(fresh)
    assert list(host.days_left(path)) == [("clients.pem", 396)]
    path.write_bytes(fresh + over + later)
    left = dict(host.days_left(path))
    assert set(left) == {"clients.pem (1)", "clients.pem (2)", "clients.pem (3)"}
    assert left["clients.pem (1)"] == 396
    assert left["clients.pem (2)"] < 0
    assert left["clients.pem (3)"] < 0
    path.write_bytes(b"not a certificate")
    assert dict(host.days_left(path)) == {"clients.pem": -1}
