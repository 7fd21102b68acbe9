"""Leave an entry where a sign-in failed that named a known account; a storm leaves a few.

Each entry is a commit. An account whose name is public can be tried by anybody, so beyond some a
minute failures are counted, and the count is an entry when the minute is over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rempart.domain.disclosure import EntryType
from rempart.domain.errors import SignInRefused
from rempart.domain.sign_in import Doubt, Means
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.open_session import OpenSession, columns_of
from rempart.usecases.ports import Account
from rempart.usecases.pseudonyms import Pseudonyms

A_MINUTE = 5
"""Entries of failures for one account."""
ALL_A_MINUTE = 120
"""And for all of them: two commits a second."""
MINUTE = 60_000_000


@dataclass(slots=True)
class NoteFailures:
    """``_failed`` counts this minute's failures by account."""

    sessions: OpenSession
    ledger: KeepLedger
    pseudonyms: Pseudonyms
    _minute: int = 0
    _failed: dict[int, int] = field(default_factory=dict, repr=False)
    _written: int = 0

    @contextmanager
    def of(self, account: Account, means: Means) -> Iterator[None]:
        """Note a refusal inside, for this account; it goes on as it was."""
        try:
            yield
        except SignInRefused as refusal:
            self.note(account, means, refusal.doubt)
            raise

    def note(self, account: Account, means: Means, doubt: Doubt) -> None:
        """One failure."""
        self.settle()
        count = self._failed[account.number] = self._failed.get(account.number, 0) + 1
        if count <= A_MINUTE and self._written < ALL_A_MINUTE:
            self._written += 1
            self._write(account, {"means": means.value, "doubt": doubt.value})

    def settle(self) -> None:
        """Write the counts of a minute that is over."""
        minute = self.ledger.clock.now() // MINUTE
        if minute == self._minute:
            return
        failed, self._failed, self._written = self._failed, {}, 0
        self._minute = minute
        for number, count in sorted(failed.items(), key=lambda each: -each[1])[:ALL_A_MINUTE]:
            account = self.sessions.accounts.by_number.get(number)
            if count > A_MINUTE and account is not None:
                self._write(account, {"more": count - A_MINUTE})

    def _write(self, account: Account, codes: dict[str, int | bytes | str]) -> None:
        _, key = self.pseudonyms.key(self.ledger.stamp())
        account_as, site_as = columns_of(account, key)
        self.ledger.act(
            EntryType.SIGN_IN_REFUSED,
            {"account": account.number, **codes},
            account=account_as,
            site=site_as,
        )
