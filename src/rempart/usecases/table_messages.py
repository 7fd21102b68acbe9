"""What is asked of the vault about the tables of closed days, and what it gives."""

from rempart.usecases.message import Message


class OpenTable(Message, frozen=True, tag="open-table"):
    """The vault's share of the table of one day (ISO 8601); only its own user may ask.

    ``statement`` and two operators' ``confirmations`` of it, as JSON, say who opens it and why; or
    ``incident``, the number of an open one, says why, and ``by`` is who. Where two operators open
    for an incident a day that it does not open itself, it is named as well.
    """

    day: str
    statement: str = ""
    confirmations: tuple[str, ...] = ()
    incident: int = 0
    by: str = ""


class TableShare(Message, frozen=True, tag="table-share"):
    """The share, once the opening stands in entry ``index``."""

    index: int
    share: bytes
