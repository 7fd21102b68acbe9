"""The words of cut-offs: closed lists, and nothing that a command would wait for at its start."""

from enum import IntEnum


class Scope(IntEnum):
    """What a cut-off stops, narrowest first; each is named by a number of its own."""

    ACCOUNT = 1
    SITE = 2
    SOFTWARE = 3
    """A product and its release, wherever it is installed: the code of its name."""
    CHANNEL = 4
    INSURER = 5
    PRESENCE = 6
    """What a question may rest on: cards, what is typed, …"""
    RIGHTS = 7
    """Every answer about rights, by every way; billing and agreements go on."""
    PLATFORM = 8
    """Everything but cards, which need no platform."""


class Channel(IntEnum):
    """A way in."""

    PORTAL = 1
    """Pages of professionals and delegates. Staff goes on: somebody must open again."""
    API = 2
    """Practice software, behind the gateway."""
    BILLING = 3
    AGREEMENT = 4


class CutWhy(IntEnum):
    """Closed list of reasons: no free text enters the ledger."""

    INCIDENT = 1
    SUSPICION = 2
    MAINTENANCE = 3
    ASKED = 4
    """By whom it is about: an insurer, a site, a vendor."""
    AUTHORITY = 5
    """By law, or a regulator's word."""
    EXERCISE = 6
    FROZEN_TOGETHER = 20
    """The guard's: several of its accounts were frozen within an hour."""


SUSPECTED = frozenset({CutWhy.SUSPICION, CutWhy.FROZEN_TOGETHER})
"""Reasons that are about who is cut."""
NARROW = frozenset({Scope.ACCOUNT, Scope.SITE, Scope.SOFTWARE})
"""What stops somebody rather than something; the public status says nothing of these."""
TAKES_TWO = frozenset({Scope.RIGHTS, Scope.PLATFORM})
"""What one person cuts and two open again."""
ORDER_SIZE = 16
"""Bytes that name an order."""
