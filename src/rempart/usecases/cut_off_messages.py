"""What is asked of the vault about cut-offs, and what it shows of them.

Staff ask in their session; without one, only the vault's own user may ask, and then ``by`` names
who decides. ``scope``, ``why`` and a channel are names of ``domain/cutoff.py``; times are
microseconds.
"""

from rempart.usecases.message import Message


class SetCutOff(Message, frozen=True, tag="set-cut-off"):
    """Cut: ``what`` names it within its scope; ``since`` 0 is now, ``until`` 0 until cleared.

    ``order`` is 16 bytes of chance in hexadecimal, or nothing: the same order asked twice, over
    the socket and in a file, is cut once.
    """

    scope: str
    what: str
    why: str
    since: int = 0
    until: int = 0
    by: str = ""
    order: str = ""
    token: bytes = b""
    proof: str = ""


class ClearCutOff(Message, frozen=True, tag="clear-cut-off"):
    """Open again what was cut in entry ``ref``.

    What takes two comes with a statement and two operators' confirmations of it, as JSON; in a
    session it is proposed and agreed to instead.
    """

    ref: int
    by: str = ""
    statement: str = ""
    confirmations: tuple[str, ...] = ()
    token: bytes = b""
    proof: str = ""


class ListCutOffs(Message, frozen=True, tag="list-cut-offs"):
    """What is cut, or will be."""

    token: bytes = b""
    proof: str = ""


class CutOffSet(Message, frozen=True, tag="cut-off-set"):
    """In the ledger under ``ref``; it holds from ``since`` on."""

    ref: int
    since: int


class CutOffShown(Message, frozen=True, tag="cut-off"):
    """One cut-off; ``stands`` now, or will; ``two`` where two persons open again."""

    ref: int
    scope: str
    what: str
    since: int
    until: int
    why: str
    authority: str
    by: str
    stands: bool
    two: bool


class CutOffsShown(Message, frozen=True, tag="cut-offs"):
    """What is cut, or will be, widest first; ``total`` of them."""

    cut_offs: tuple[CutOffShown, ...]
    total: int


CutOffRequest = SetCutOff | ClearCutOff | ListCutOffs
CutOffReply = CutOffSet | CutOffsShown
