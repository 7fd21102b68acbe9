"""``rempart insurer phones``, as an insurer runs it: letters out, requests in, answers out."""

import csv
import json
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner

from rempart.adapters.identity.certificates import issue_server, make_authority
from rempart.adapters.system import SystemClock
from rempart.cli.insurer import command
from rempart.drill.processes import free_port
from tests.insurers import HEADER, row
from tests.phones import phone_key
from tests.spec.test_phones import renewal, request
from tests.unit.serving.test_phone_door import said

title = "Phones, by command"

MEMBERS = [
    row("REF-1", cards="1.1:2030-12-31", periods="2026-01-01/2030-12-31@2025-12-01"),
    row("REF-2", number="9", cards="1.1:2030-12-31", periods="2026-01-01/2030-12-31@2025-12-01"),
]


@pytest.fixture
def home(tmp_path):
    run(tmp_path, "init", "99990001", "--sandbox")
    members(tmp_path, *MEMBERS)
    return tmp_path


def members(home, *rows):
    (home / "members.csv").write_text("\n".join((HEADER, *rows, "")))


def run(home, *arguments, code=0):
    done = CliRunner().invoke(command, [*arguments, "--folder", str(home / "insurer")])
    assert done.exit_code == code, done.output
    return done.output


def codes(home, name="codes.csv"):
    with (home / name).open(newline="") as stream:
        return {each["reference"]: each["code"] for each in csv.DictReader(stream, delimiter=";")}


def invited(home, *more):
    name = f"codes-{time.monotonic_ns()}.csv"
    run(home, "phones", "invite", str(home / "members.csv"), "--out", str(home / name), *more)
    return home / name


def answered(home, *asked):
    number = time.monotonic_ns()
    (home / f"{number}.jsonl").write_bytes(b"".join(said(each) + b"\n" for each in asked))
    out = home / f"answers-{number}.jsonl"
    told = run(home, "phones", "enrol", str(home / f"{number}.jsonl"), "--out", str(out))
    assert out.stat().st_mode & 0o077 == 0
    return [json.loads(line) for line in out.read_text().splitlines()], told


def test_letters_requests_answers(home):
    letters = invited(home)
    assert letters.stat().st_mode & 0o077 == 0
    sent = codes(home, letters.name)
    assert set(sent) == {"REF-1", "REF-2"}
    first = request(sent["REF-1"], phone_key(1))
    told, words = answered(home, first, request(sent["REF-1"], phone_key(2)), first)
    assert "refusés · refused        1" in words
    assert told[0] == told[2]
    assert told[0]["card"].startswith("RP1:")
    assert told[1] == {"refused": "enrolment-refused"}
    again, _ = answered(home, renewal(phone_key(1), int(time.time())))
    assert again == [told[0]]


def test_only_some_are_invited_and_cards_are_followed(home):
    (home / "some.txt").write_text("REF-2\n")
    sent = codes(home, invited(home, "--only", str(home / "some.txt")).name)
    assert set(sent) == {"REF-2"}
    answered(home, request(sent["REF-2"], phone_key(1)))
    members(home, MEMBERS[0])
    follow = ("phones", "follow", str(home / "members.csv"))
    assert "would end" in str(
        CliRunner().invoke(command, [*follow, "--folder", str(home / "insurer")]).exception
    )
    assert "partis · left            1" in run(home, *follow, "--confirm-ending")
    told, _ = answered(home, renewal(phone_key(1), int(time.time())))
    assert told == [{"refused": "enrolment-refused"}]


def test_no_file_is_written_over(home):
    letters = invited(home)
    again = ["phones", "invite", str(home / "members.csv"), "--out", str(letters)]
    done = CliRunner().invoke(command, [*again, "--folder", str(home / "insurer")])
    assert "not overwritten" in str(done.exception)


def test_the_door_answers_over_tls(home):
    sent = codes(home, invited(home).name)
    now = SystemClock().now()
    authority = make_authority("phones", now=now)
    certificate, key = issue_server(authority, ["localhost"], now=now).write(home, "door")
    page = home / "page"
    page.mkdir()
    (page / "index.html").write_text("the page")
    port = free_port()
    command_line = [sys.executable, "-m", "rempart", "insurer", "phones", "serve"]
    command_line += ["--folder", str(home / "insurer"), "--page", str(page), "--port", str(port)]
    command_line += ["--certificate", str(certificate)]
    command_line += ["--certificate-key", str(key)]
    with subprocess.Popen(command_line, stderr=subprocess.PIPE) as process:
        try:
            context = ssl.create_default_context(cadata=authority.certificate.decode())
            base = f"https://localhost:{port}"
            wait_for(base, context)
            body = said(request(sent["REF-1"], phone_key(1)))
            asked = urllib.request.Request(f"{base}/phone", data=body)
            told = json.load(urllib.request.urlopen(asked, context=context))
            assert told["card"].startswith("RP1:")
            # Files and door share one book.
            assert answered(home, request(sent["REF-1"], phone_key(1)))[0] == [told]
        finally:
            process.terminate()
            _, lines = process.communicate(timeout=20)
    for hidden in (sent["REF-1"], told["card"][8:40], "REF-1"):
        assert hidden.encode() not in lines


def wait_for(base, context):
    for _ in range(200):
        try:
            assert urllib.request.urlopen(f"{base}/", context=context).read() == b"the page"
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("no door")
