"""One publisher's alerts for us, over HTTPS: short, soon, from the address of its card alone.

No redirect is followed, no proxy of the environment asked, no compressed answer taken. What is not
an alert's length, or takes too long as a whole, is ``TemporarilyUnavailable``.
"""

import asyncio
import ssl
import time
from pathlib import Path

import httpx2

from rempart.adapters.bounded_body import bounded_body
from rempart.domain.alert_card import AlertCard
from rempart.domain.errors import SetUpRefused, TemporarilyUnavailable
from rempart.usecases.seal_alerts import SEALED_MAX

WITHIN = 4.0
"""Seconds for the latest and all that lies before it, first byte to last: a publisher that drags
gets no more of a turn.
"""
FOUND, NOT_THERE = 200, 404
HEADERS = {"Accept-Encoding": "identity", "Accept": "application/octet-stream"}
NO_ANSWER = "the publisher's place does not answer, or not with an alert"


class HttpsSource:
    """``AlertSource`` at the address of a card; ``authority`` is of its TLS, if it has its own."""

    def __init__(self, card: AlertCard, key_id: str, reader: str, authority: Path | None) -> None:
        try:
            self._tls = ssl.create_default_context(cafile=authority)
        except (OSError, ssl.SSLError):
            raise SetUpRefused("the authority of this publisher's TLS cannot be read") from None
        self._place = f"{card.url}/{key_id}/{reader}"
        self._end = 0.0

    def latest(self) -> bytes | None:
        """The latest; the seconds of a turn begin."""
        self._end = time.monotonic() + WITHIN
        return asyncio.run(self._get("latest"))

    def numbered(self, number: int) -> bytes | None:
        """One by its number."""
        return asyncio.run(self._get(str(number)))

    async def _get(self, name: str) -> bytes | None:
        http = httpx2.AsyncClient(
            verify=self._tls, follow_redirects=False, trust_env=False, timeout=WITHIN
        )
        try:
            async with (
                asyncio.timeout(self._end - time.monotonic()),
                http,
                http.stream("GET", f"{self._place}/{name}", headers=HEADERS) as response,
            ):
                if response.status_code == NOT_THERE:
                    return None
                if response.status_code != FOUND:
                    raise TemporarilyUnavailable(NO_ANSWER)
                return await bounded_body(response, SEALED_MAX, NO_ANSWER)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError):
            raise TemporarilyUnavailable(NO_ANSWER) from None
