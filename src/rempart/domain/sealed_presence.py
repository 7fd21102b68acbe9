"""Who must seal what a patient brought, and until when who need not.

New software must. Software from before may send it in clear until ``OPEN_UNTIL``, where the
operator has registered it so; in a sandbox there is no such day. The calendar and its reasons are
in ``docs/adr/0014-sealed-presence.md``.
"""

from datetime import date

OPEN_UNTIL = date(2027, 12, 31)
"""Last day on which production takes a presence in clear: a year for vendors to follow."""


def must_seal(*, seals: bool, sandbox: bool, today: date) -> bool:
    """Whether a question of this software in clear is refused. ``seals`` is its registration."""
    return seals or (not sandbox and today > OPEN_UNTIL)
