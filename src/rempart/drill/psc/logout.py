"""The simulator says that a session is over, as OpenID Connect Back-Channel Logout 1.0 has it.

It is done when the person has left, and waits for the service no longer than a person would: a
service that does not answer finds out by its next refresh.
"""

import secrets
import ssl
from contextlib import suppress

import httpx2
from joserfc import jwt

from rempart.drill.psc.memory import Memory, PscSession, on_this_machine

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFE = 120
TOLD_WITHIN = 3.0
"""Seconds."""


def logout_token(memory: Memory, session: PscSession) -> str:
    """The simulator's signed word that this session is over."""
    now = memory.now()
    claims = {
        "iss": memory.issuer,
        "aud": memory.client.client_id,
        "iat": now,
        "exp": now + LIFE,
        "jti": secrets.token_hex(16),
        "typ": "Logout",
        "sub": session.person.subject,
        "sid": session.sid,
        "events": {EVENT: {}},
    }
    header = {"alg": "RS256", "typ": "logout+jwt", "kid": memory.key.kid}
    return jwt.encode(header, claims, memory.key, ["RS256"])


async def tell_logouts(memory: Memory) -> None:
    """Tell the service of every session that has ended, once."""
    over, memory.untold = memory.untold, []
    where = memory.client.logout_uri
    if not over or not on_this_machine(where):
        return
    trusted = ssl.create_default_context(cafile=memory.client.logout_authority)
    async with httpx2.AsyncClient(verify=trusted, timeout=TOLD_WITHIN) as http:
        for session in over:
            with suppress(httpx2.HTTPError):
                await http.post(where, data={"logout_token": logout_token(memory, session)})
