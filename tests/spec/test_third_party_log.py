"""What we sign and prove, read by code that is not ours: Go's note and tlog packages."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rempart.tlog.note import NoteKey
from rempart.usecases.prove_entry import ProveEntry
from rempart.usecases.prove_extension import ProveExtension
from tests.ledgers import KEY, honest_ledger

title = "The ledger, read by others"

SOURCE = Path(__file__).parents[1] / "go" / "verify"
GO = shutil.which("go")
BUILD_SECONDS_MAX = 300

pytestmark = pytest.mark.skipif(GO is None, reason="go is not on PATH: third-party log not read")


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    """The third party's program, built from a copy so that nothing is written beside its source."""
    folder = tmp_path_factory.mktemp("go")
    copied = shutil.copytree(SOURCE, folder / "source")
    environ = os.environ | {"GOFLAGS": "-mod=mod -buildvcs=false", "GOWORK": "off"}
    built = subprocess.run(
        [str(GO), "build", "-o", str(folder / "verify"), "."],
        cwd=copied, env=environ, capture_output=True, text=True, timeout=BUILD_SECONDS_MAX,
        check=False,
    )  # fmt: skip
    if built.returncode and unreachable(built.stderr):
        pytest.skip(f"go cannot fetch golang.org/x/mod here: {built.stderr.splitlines()[-1]}")
    assert built.returncode == 0, built.stderr
    return folder / "verify"


def unreachable(message: str) -> bool:
    signs = ("dial tcp", "no such host", "i/o timeout", "connection refused", "proxyconnect",
             "network is unreachable", "TLS handshake", "module lookup disabled")  # fmt: skip
    return any(sign in message for sign in signs)


@pytest.fixture(scope="module")
def papers() -> dict[str, str]:
    """A key, a checkpoint, a proven entry, a kept checkpoint, and the proof that it is extended."""
    ledger = honest_ledger(700)
    kept = honest_ledger(300)
    return {
        "key": KEY.vkey,
        "checkpoint": ledger.notes[-1].note,
        "entry": ProveEntry(ledger, KEY.verifier)(305).to_json(),
        "kept": kept.notes[-1].note,
        "extension": ProveExtension(ledger, KEY.verifier)(kept.head()).to_json(),
    }


@pytest.fixture
def read_by_go(program, tmp_path) -> Callable[[dict[str, str]], subprocess.CompletedProcess[str]]:
    """Have the third party read papers."""

    def read(papers):
        paths = []
        for name, text in papers.items():
            paths.append(tmp_path / name)
            paths[-1].write_text(text)
        return subprocess.run(
            [str(program), *map(str, paths)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return read


def test_go_opens_our_checkpoint_and_checks_our_proofs(read_by_go, papers):
    done = read_by_go(papers)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "checkpoint example.org/ledger 700",
        "entry 305 of 700",
        "extension 300 to 700",
    ]


def test_go_checks_the_proof_of_an_erased_entry(read_by_go, papers):
    erased = ProveEntry(honest_ledger(700), KEY.verifier)(100).to_json()
    done = read_by_go(papers | {"entry": erased})
    assert "entry 100 of 700" in done.stdout
    assert done.returncode == 0


def changed(text: str, **fields) -> str:
    return json.dumps(json.loads(text) | fields)


@pytest.mark.parametrize(
    ("name", "lie", "refusal"),
    [
        ("key", lambda _: NoteKey(KEY.origin, bytes(32)).vkey, "checkpoint: note"),
        ("checkpoint", lambda it: it.replace("700", "701"), "invalid signature"),
        ("entry", lambda it: changed(it, index=304), "entry: invalid transparency proof"),
        ("entry", lambda it: changed(it, body="AAAA"), "entry: invalid transparency proof"),
        ("kept", lambda _: honest_ledger(290).notes[-1].note, "not about the kept checkpoint"),
        ("extension", lambda it: changed(it, old_size=299), "not about the kept checkpoint"),
        ("extension", lambda it: changed(it, proof=[]), "extension: invalid transparency proof"),
    ],
)
def test_go_refuses_what_we_refuse(read_by_go, papers, name, lie, refusal):
    done = read_by_go(papers | {name: lie(papers[name])})
    assert done.returncode == 1
    assert refusal in done.stderr


def test_go_refuses_a_kept_checkpoint_of_another_history(read_by_go, papers):
    head = replace(honest_ledger(300).head(), root=bytes(32))
    done = read_by_go(papers | {"kept": KEY.sign(head.to_text())})
    assert "extension: invalid transparency proof" in done.stderr
