"""What verifying a card offline costs: in Python, in Chromium and in Node.

    .venv/bin/python -m benchmarks.verify [--cards N] [--rounds N]

One core verifies cards one after another, each another card of an insurer whose status list has a
million places. A browser's time is that of ``verify`` alone: no keyboard, no paint.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from time import process_time
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

from rempart.adapters.memory.lists import MemoryShelf
from rempart.domain.card import CardClaims
from rempart.domain.coverage import Domain, Mode
from rempart.domain.status_list import StatusList, bits_of
from rempart.domain.trust_list import Trusted, TrustList
from rempart.sealing.cose import kid_of
from rempart.serving.offline_page import MODULE
from rempart.usecases.card_codes import card_text
from rempart.usecases.card_lists import sign_status, sign_trust
from rempart.usecases.p256_keys import point_of
from rempart.usecases.take_lists import TakeLists
from rempart.usecases.verify_card import Finding, VerifyCard
from tests.browsers import launched
from tests.offline_pages import static_host

NOW, ON, AMC, PLACES = 1_795_000_000, date(2026, 11, 18), "99000001", 1 << 20
OPERATOR, INSURER = (derive_private_key(n, SECP256R1()) for n in (3, 5))
MEASURE = """async ([operator, data, codes, now, from]) => {
  const { Lists, verify } = await import(from);
  const bytes = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
  const lists = await Lists.open({ roots: [bytes(operator)] });
  for (const each of data) await lists.take(bytes(each), now);
  const took = [];
  for (const code of codes) {
    const started = performance.now();
    const verdict = await verify(lists, code, { on: "2026-11-18", domain: "OPTI", now });
    took.push(performance.now() - started);
    if (verdict.finding !== "good") throw new Error(verdict.step);
  }
  return took;
}"""


def lists() -> list[bytes]:
    """A trust list and one insurer's status list, of which a card in thirty is over."""
    public = INSURER.public_key()
    trusted = Trusted(amc=AMC, name="Mutuelle", keys={kid_of(public): point_of(public)})
    made: dict[str, Any] = {"made": NOW - 60, "until": NOW + 86_400}
    trust = TrustList(operator="Opérateur", number=1, insurers=(trusted,), **made)
    over = range(PLACES // 2, PLACES, 15)
    status = StatusList(amc=AMC, bits=bits_of(PLACES, over), **made)
    return [sign_trust(trust, OPERATOR), sign_status(status, INSURER)]


def cards(count: int) -> list[str]:
    """Codes of as many cards."""
    first = CardClaims(
        amc=AMC,
        convention="SP",
        csr="",
        secret=bytes(16),
        birth_year=1963,
        domains=((Domain.PHAR, Mode.TM), (Domain.OPTI, Mode.PEC), (Domain.HOSP, Mode.FULL)),
        responsable=True,
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 12, 31),
        key_id=kid_of(INSURER.public_key()),
    )
    return [
        card_text(replace(first, secret=n.to_bytes(16, "big"), status_index=n), INSURER)
        for n in range(count)
    ]


def in_python(data: list[bytes], codes: list[str], rounds: int) -> float:
    """Verifications a second of CPU, the median of rounds."""
    take = TakeLists(MemoryShelf())
    take.trust_operator(point_of(OPERATOR.public_key()))
    for each in data:
        take(each, now=NOW)
    verify = VerifyCard(*take.lists())
    speeds = []
    for _ in range(rounds):
        started = process_time()
        found = [verify(code, on=ON, domain=Domain.OPTI, now=NOW).finding for code in codes]
        speeds.append(len(codes) / (process_time() - started))
        assert set(found) == {Finding.GOOD}
    return median(speeds)


def asked(data: list[bytes], codes: list[str], module: str) -> list[object]:
    """What ``MEASURE`` takes."""
    operator = point_of(OPERATOR.public_key()).hex()
    return [operator, [each.hex() for each in data], codes, NOW, module]


def in_chromium(data: list[bytes], codes: list[str]) -> list[float]:
    """Milliseconds of each verification, in a page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        static_host(Path(folder)) as site,
        launched() as browser,
    ):
        page = browser.new_page()
        page.goto(site.address)
        # From the page's own address, which may run no other script.
        took: list[float] = page.evaluate(MEASURE, asked(data, codes, "./card-verifier/index.js"))
        return took


def in_node(data: list[bytes], codes: list[str]) -> list[float]:
    """Milliseconds of each verification, in Node; none where there is no Node."""
    if (program := shutil.which("node")) is None:
        return []
    what = json.dumps(asked(data, codes, (MODULE / "index.js").as_uri()))
    script = f"({MEASURE})({what}).then((took) => console.log(JSON.stringify(took)))"
    done = subprocess.run(
        [program, "--input-type=module"], input=script, capture_output=True, text=True, check=True
    )
    took: list[float] = json.loads(done.stdout)
    return took


def told(name: str, took: list[float]) -> dict[str, float]:
    """Median and 99th percentile of what was measured."""
    if not took:
        return {}
    return {
        f"{name}_ms_median": round(median(took), 3),
        f"{name}_ms_p99": round(quantiles(took, n=100)[98], 3),
    }


def main() -> None:
    """Measure, and print one line of JSON last."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cards", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    data, codes = lists(), cards(chosen.cards)
    speed = in_python(data, codes, chosen.rounds)
    line = {
        "python_per_s_per_core": round(speed),
        **told("browser", in_chromium(data, codes)),
        **told("node", in_node(data, codes)),
        "cards": chosen.cards,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
