"""How large the list of 33 million cards is, and what reading it costs.

    .venv/bin/python -m benchmarks.lists [--cards N]

One list of everybody, though each insurer has its own: places drawn by chance out of 67 million, as
issuing draws them, so that nothing but their number can be compressed. For one card in a hundred,
in thirty and in ten that is over: a quiet year, a change of insurer in January, a stolen card key.
"""

import argparse
import json
from random import Random
from time import process_time
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

from rempart.domain.status_list import StatusList, bits_of
from rempart.domain.trust_list import Trusted, TrustList
from rempart.sealing.cose import kid_of
from rempart.usecases.card_lists import read_status, sign_status
from rempart.usecases.p256_keys import point_of

NOW, AMC, PLACES = 1_795_000_000, "99000001", 1 << 26
INSURER = derive_private_key(5, SECP256R1())


def figures(cards: int, one_in: int) -> dict[str, Any]:
    """Bytes of the signed list, and seconds of CPU to sign and to read it."""
    over = Random(one_in).sample(range(PLACES), cards // one_in)
    bits = bits_of(PLACES, over)
    started = process_time()
    data = sign_status(StatusList(amc=AMC, made=NOW, until=NOW + 86_400, bits=bits), INSURER)
    signed = process_time()
    status = read_status(data, trusted())
    read = process_time()
    assert status.bits == bits
    return {
        f"mb_one_in_{one_in}": round(len(data) / 1e6, 2),
        f"sign_s_one_in_{one_in}": round(signed - started, 1),
        f"read_s_one_in_{one_in}": round(read - signed, 2),
    }


def trusted() -> TrustList:
    """The operator's, with this insurer."""
    public = INSURER.public_key()
    insurer = Trusted(amc=AMC, name="Mutuelle", keys={kid_of(public): point_of(public)})
    return TrustList(
        operator="Opérateur", number=1, insurers=(insurer,), made=NOW, until=NOW + 86_400
    )


def main() -> None:
    """Measure, and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=33_000_000)
    asked = parser.parse_args()
    found: dict[str, Any] = {"cards": asked.cards, "places": PLACES}
    for one_in in (100, 30, 10):
        found |= figures(asked.cards, one_in)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
