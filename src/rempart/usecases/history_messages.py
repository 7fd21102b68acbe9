"""What a person's own phone asks the vault, and what it is shown: no account, and nobody else."""

from rempart.usecases.message import Message


class AskHistory(Message, frozen=True, tag="ask-history"):
    """What was read about whom this phone belongs to? ``code`` was made for this alone."""

    code: str


class Disclosed(Message, frozen=True):
    """One answer about them. ``at`` in seconds since 1970; the others are codes: of a kind of site
    (0 where it is not known), a domain, a presence, fields, and a concern (0 where no incident
    says anything of it).
    """

    at: int
    kind: int
    domain: int
    presence: int
    fields: int
    concern: int


class HistoryShown(Message, frozen=True, tag="history"):
    """The latest answers about them, newest first, of ``total``; and when their phones have
    ``asked`` before this, in seconds.
    """

    answers: tuple[Disclosed, ...]
    total: int
    asked: tuple[int, ...]
