"""HTTP towards an issuer: JSON that is short, soon, and from the address that was asked.

No redirect is followed, no compressed answer taken (a short one could grow without end), and what
is not an answer is ``TemporarilyUnavailable``: an issuer that is down, slow or broken is the same
to whoever signs in.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from rempart.adapters.bounded_body import bounded_body
from rempart.domain.errors import TemporarilyUnavailable

ANSWER_MAX = 256 * 1024
"""Bytes; the longest, a professional with many activities, has some 20 KiB."""
ANSWER_WITHIN = 10.0
"""Seconds for the whole answer."""

NO_ANSWER = "Pro Santé Connect does not answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status and a body."""

    status: int
    body: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            TemporarilyUnavailable: it is not one.
        """
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            raise TemporarilyUnavailable(NO_ANSWER) from None
        if not isinstance(value, dict):
            raise TemporarilyUnavailable(NO_ANSWER)
        return value


def new_http() -> httpx2.AsyncClient:
    """A client for one issuer."""
    return httpx2.AsyncClient(
        follow_redirects=False,
        timeout=httpx2.Timeout(5.0, connect=3.0),
        headers={"Accept-Encoding": "identity", "Accept": "application/json"},
        limits=httpx2.Limits(max_connections=20, max_keepalive_connections=5),
    )


async def ask(
    http: httpx2.AsyncClient,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> Answer:
    """Get, or post a form. Whoever asks decides which statuses mean something.

    Raises:
        TemporarilyUnavailable: there is no answer, or not a short one.
    """
    method = "GET" if form is None else "POST"
    try:
        async with (
            asyncio.timeout(ANSWER_WITHIN),
            http.stream(method, url, data=form, headers=headers, auth=auth) as response,
        ):
            body = await bounded_body(response, ANSWER_MAX, NO_ANSWER)
            return Answer(response.status_code, body)
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError):
        raise TemporarilyUnavailable(NO_ANSWER) from None
