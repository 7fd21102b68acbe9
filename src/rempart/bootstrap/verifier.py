"""The assembly of whoever verifies cards: a folder with an operator's lists, and no server.

Beside it, what it has verified and not yet reported.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from rempart.adapters.claim_sender import ClaimSender
from rempart.adapters.list_shelf import FolderShelf
from rempart.adapters.system import SystemChance, SystemClock
from rempart.adapters.verification_journal import SqliteVerificationJournal
from rempart.domain.claim import Claim
from rempart.domain.coverage import Domain
from rempart.domain.tariff import france
from rempart.usecases.quote_share import QuoteShare
from rempart.usecases.report_verifications import ReportVerifications, Told, noted
from rempart.usecases.take_lists import TakeLists
from rempart.usecases.verify_card import Verdict, VerifyCard


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


def note(journal: Path, verdict: Verdict, code: str, *, domain: Domain | None, care: date) -> bool:
    """Note a verification, to be reported; whether it is new.

    Raises:
        MalformedIdentifier: there is nothing to report.
    """
    verification = noted(verdict, code, domain=domain, care=care, chance=SystemChance())
    with closing(SqliteVerificationJournal(journal)) as kept:
        return kept.add(verification)


@contextmanager
def reporting(journal: Path, sender: ClaimSender) -> Iterator[ReportVerifications]:
    """The report of what was noted, to the intake that ``sender`` sends to."""
    with closing(SqliteVerificationJournal(journal)) as kept, sender as send:

        def told(claim: Claim) -> Told:
            stands = send(claim)
            return Told(stands.code, stands.rule)

        yield ReportVerifications(kept, told)
