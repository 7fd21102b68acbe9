"""The assembly of whoever verifies cards: a folder with an operator's lists, and no server."""

from pathlib import Path

from rempart.adapters.list_shelf import FolderShelf
from rempart.adapters.system import SystemClock
from rempart.domain.tariff import france
from rempart.usecases.quote_share import QuoteShare
from rempart.usecases.take_lists import TakeLists
from rempart.usecases.verify_card import VerifyCard


def seconds_now() -> int:
    """This machine's clock."""
    return SystemClock().now() // 1_000_000


def take_into(folder: Path) -> TakeLists:
    """The taking in of lists, in a folder."""
    return TakeLists(FolderShelf(folder))


def verifier(folder: Path) -> VerifyCard:
    """The verification of cards by the lists of a folder.

    Raises:
        ListRefused: there is no trust list in it.
    """
    return VerifyCard(*take_into(folder).lists())


def quoter(folder: Path) -> QuoteShare:
    """Quotes by the lists of a folder, and the French tariff.

    Raises:
        ListRefused: there is no trust list in it.
    """
    return QuoteShare(verifier(folder), france())
