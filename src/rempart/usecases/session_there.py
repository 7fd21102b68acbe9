"""A session at Pro Santé Connect: how long the vault believes in it, and by what."""

from dataclasses import dataclass

from rempart.domain.hidden import Hidden

SECOND = 1_000_000
REFRESH_LIFE = 1800
"""Seconds for which Pro Santé Connect's refresh tokens are good; its idle sessions too."""


@dataclass(slots=True, kw_only=True, repr=False)
class SessionThere(Hidden):
    """One session there, which sessions here rest on.

    ``proven`` is when Pro Santé Connect last signed that it was alive, ``ends`` when it is over
    anyway; ``asked`` when it was last asked after, ``seen`` when it was last used here, ``due``
    when it is to be asked after again; microseconds. ``nonce`` is that of the sign-in.
    """

    ref: str
    account: int
    subject: str
    sid: str
    nonce: str = ""
    refresh: str = ""
    ends: int = 0
    proven: int = 0
    asked: int = 0
    seen: int = 0
    due: int = 0
    ended: bool = False

    def over(self, now: int) -> bool:
        """Whether the vault no longer believes in it."""
        return self.ended or now > min(self.ends, self.proven + REFRESH_LIFE * SECOND)

    def prove(self, issued: int, now: int, due: int) -> None:
        """It was alive when this was signed."""
        self.proven = max(self.proven, issued)
        self.asked, self.due = now, due
