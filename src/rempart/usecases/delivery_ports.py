"""What deliveries need of the world: dossiers, drops, mail, and a journal of what was done."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rempart.domain.delivery import Line, Post


class Place(NamedTuple):
    """Where a dossier lies: its insurer's number and its own, as its folders are called."""

    amc: str
    number: str

    def __repr__(self) -> str:
        return "Place(…)"


class Dossier(Protocol):
    """One dossier that lies somewhere.

    Every implementation promises, and ``tests/spec/test_deliveries.py`` checks: a file is one of
    this dossier's own, and no link is followed.

    Trust: none. A file is what the signed manifest says, or it goes nowhere.
    """

    def manifest(self) -> str | None:
        """Its signed manifest; nothing where there is none."""
        ...

    def read(self, name: str) -> Iterator[bytes]:
        """A file of it, piece by piece.

        Raises:
            IntegrityBroken: there is no such file.
        """
        ...


Dossiers = Mapping[Place, Dossier]
"""Those of an incident, whole or not."""
Handed = Iterable[tuple[str, Iterable[bytes]]]
"""Files by name, the manifest last; what is wrong with one is raised while it is read."""


class Drop(Protocol):
    """Folders of insurers, where signed files are left for them and their receipts lie.

    Every implementation promises, and ``tests/spec/test_deliveries.py`` checks:

    * what ``put`` has returned from is there whole and durable under its name; where it raises, or
      is killed, there is all of it or nothing under that name;
    * nothing that lies there is ever written over.

    Trust: none. An insurer, or whoever holds its drop, can take away, change, or put links there.
    """

    def put(self, drop: str, name: str, files: Handed) -> None:
        """Leave files in a folder of this name. What ``files`` raises is passed on.

        Raises:
            DropRefused: why it cannot be.
        """
        ...

    def manifest(self, drop: str, name: str) -> str | None:
        """The manifest of what lies there under this name.

        Raises:
            DropRefused: the drop cannot be read.
        """
        ...

    def receipt(self, drop: str, name: str) -> str | None:
        """The receipt that the insurer has put beside it.

        Raises:
            DropRefused: the drop cannot be read.
        """
        ...

    def acknowledge(self, drop: str, name: str, receipt: str) -> None:
        """Put a receipt there, whole or not at all; one that is there stays.

        Raises:
            DropRefused: why it cannot be.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An e-mail without data; ``sender`` and ``to`` are addresses."""

    sender: str = field(repr=False)
    to: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)


class Mail(Protocol):
    """A mail server, reached over TLS with its certificate checked.

    Trust: it reads every notice, can lose it, and is believed when it says that it took one.
    """

    def send(self, notice: Notice) -> Post:
        """Send it. Nothing leaves without TLS, nor to a server that is not the one named."""
        ...


class DeliveryJournal(Protocol):
    """What was done, in order; it only grows.

    Every implementation promises, and ``tests/spec/test_deliveries.py`` checks: what ``add`` has
    returned from is durable; a line that a killed run left half written counts for nothing.
    """

    def lines(self) -> Sequence[Line]:
        """Everything.

        Raises:
            MalformedRow: a line is not what this wrote.
        """
        ...

    def add(self, line: Line) -> None:
        """Note one thing more."""
        ...
