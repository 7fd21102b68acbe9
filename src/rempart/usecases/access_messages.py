"""What is asked of the vault when an insurer asks what was read about its members."""

from rempart.usecases.message import Message


class OpenAccess(Message, frozen=True, tag="open-access"):
    """Write down that an insurer's request (``specs/access.md``) is opened, by whom; only the
    vault's own user may ask.
    """

    request: str
    by: str


class AccessOpened(Message, frozen=True, tag="access-opened"):
    """It stands in entry ``index``."""

    index: int
