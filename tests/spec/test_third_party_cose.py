"""Cards and lists, read by code that is not ours: pycose, in an environment of its own.

It wants an older cbor2 than ours.
"""

import json
import subprocess
import sys
from pathlib import Path

import cbor2
import pytest

from rempart.sealing import base45
from rempart.sealing.cose import CARD_PREFIX, kid_of
from rempart.usecases.p256_keys import point_of
from tests.offline_pages import AMC, INSURER, OPERATOR, OVER, Published, card

title = "Cards and lists, read by others"

PROGRAM = Path(__file__).parents[1] / "cose" / "read.py"
WANTED = ["pycose==1.1.0", "cbor2>=5.9,<6"]


@pytest.fixture(scope="module")
def others_python(tmp_path_factory):
    """An environment with the third party's library, where pip can fetch it."""
    folder = tmp_path_factory.mktemp("cose") / "venv"
    python = str(folder / "bin" / "python")
    asked = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *WANTED]
    try:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=120)
        subprocess.run(asked, check=True, capture_output=True, timeout=240)
    except (subprocess.SubprocessError, OSError) as failure:
        pytest.skip(f"no environment with pycose here: {type(failure).__name__}")
    return python


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    published = Published(tmp_path_factory.mktemp("lists"))
    return {
        "card": base45.decode(card().removeprefix(CARD_PREFIX)),
        "trust": published.trust(),
        "status": published.status(),
    }


def read(python, papers, **others):
    keys = {"card": INSURER, "status": INSURER, "trust": OPERATOR} | others
    asked = {
        "keys": {name: point_of(key.public_key()).hex() for name, key in keys.items()},
        "messages": {name: data.hex() for name, data in papers.items()},
    }
    done = subprocess.run(
        [python, str(PROGRAM)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_another_library_reads_what_we_sign(others_python, papers):
    told = read(others_python, papers)
    types = {
        "card": "",
        "trust": "application/rempart-trust-list+cwt",
        "status": "application/statuslist+cwt",
    }
    for name, key in (("card", INSURER), ("trust", OPERATOR), ("status", INSURER)):
        assert told[name]["algorithm"] == "ES256"
        assert told[name]["kid"] == kid_of(key.public_key()).hex()
        assert told[name]["type"] == types[name]
    payload = cbor2.loads(cbor2.loads(papers["card"]).value[2])
    assert told["card"]["claims"] == repr(payload)
    assert AMC in told["card"]["claims"]
    assert told["status"]["over"] == [OVER]


def test_another_library_refuses_what_we_refuse(others_python, papers):
    changed = {name: data[:-1] + bytes([data[-1] ^ 1]) for name, data in papers.items()}
    assert all("refused" in each for each in read(others_python, changed).values())
    foreign = read(others_python, papers, card=OPERATOR, trust=INSURER, status=OPERATOR)
    assert all("refused" in each for each in foreign.values())
