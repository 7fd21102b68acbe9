"""Deposit what a device has signed, on return: one claim an undertaking, in the order of the chain.

A claim's number is the undertaking's own, so that what is sent twice is one claim. A sale that was
not made is sent as void: its link must not be missing.
"""

import json
from collections.abc import Collection, Iterable, Iterator

from rempart.domain.base64url import from_base64url
from rempart.domain.claim import Bound, Claim, Use
from rempart.domain.errors import MalformedRow
from rempart.usecases.undertake import read_signed


def read_links(lines: Iterable[str]) -> Iterator[tuple[bytes, str]]:
    """The links of an export (``specs/undertaking.md``), but those whose code a shop has forgotten:
    they were deposited.

    Raises:
        MalformedRow: a line that is none, by its number.
    """
    for number, line in enumerate(lines, start=1):
        try:
            match json.loads(line):
                case {"message": str(message), "code": str(code), **rest} if not rest:
                    data = from_base64url(message)
                    if code:
                        yield data, code
                    continue
        except (ValueError, RecursionError):
            pass
        raise MalformedRow(number, "row", 'expected {"message": base64url, "code": RP1:…}')


def claims_of(
    links: Iterator[tuple[bytes, str]], *, use: Use = Use.CLAIM, void: Collection[int] = ()
) -> Iterator[Claim]:
    """A claim for each link of a chain (its message, and the code of its card).

    Raises:
        MalformedIdentifier: a link is no undertaking.
    """
    for message, code in links:
        bound = Bound(message, code)
        key_id, made = read_signed(message)
        yield Claim(
            number=f"{'A' if use is Use.AGREEMENT else 'U'}{key_id.hex()}/{made.number}",
            use=use,
            void=made.number in void,
            amc=made.amc_number,
            care=made.day,
            asked=made.amc,
            cites=bound,
        )
