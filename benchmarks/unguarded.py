"""A vault without guard, budgets or what sites know: what they are measured against.

For the benchmark alone; nothing in the product can run one. Every question that finds a record is
answered, and leaves the detail of the first version. (The pair is still computed: a microsecond.)
"""

import hashlib
from collections.abc import Mapping, Sequence

from rempart.bootstrap.vault import ports
from rempart.config import Settings
from rempart.domain.disclosure import (
    QUESTION_DETAIL_1,
    Entry,
    Outcome,
    encode,
)
from rempart.domain.guard import Guard
from rempart.domain.retries import First
from rempart.sealing.locks import CARD
from rempart.usecases.assemble_vault import vault
from rempart.usecases.weigh_questions import Case, Draft, WeighQuestions, care_offset
from rempart.vault.process import run


class NoGuard(Guard):
    """Follows nothing."""

    def absorb(self, entry: Entry, detail: bytes) -> None:
        """Count nothing."""


class Unweighed(WeighQuestions):
    """Drafts entries, and no more."""

    def __call__(
        self, cases: Sequence[Case], *, first: int, now: int, known: Mapping[bytes, bytes]
    ) -> tuple[list[Draft], dict[bytes, bytes]]:
        """One draft a question."""
        del known
        period, _ = self.pseudonyms.key(now)
        drafts: list[Draft] = []
        for index, case in enumerate(cases, start=first):
            case.index = index
            self._again(case, now)
            read = case.read
            if read.outcome is Outcome.NONE and case.row is None:
                read.refuse(
                    Outcome.MISSED, "card-not-known" if read.kind == CARD else "read-the-card"
                )
            detail = QUESTION_DETAIL_1.pack(
                1,
                self.chance.draw(16),
                case.retry,
                case.question,
                care_offset(read.care_date, now),
                case.session.fixed.account,
            )
            entry = self._entry(case, period, now, hashlib.sha256(detail).digest())
            if case.first is None:
                self.retries.note(case.retry, First(index, case.question, entry.outcome), at=now)
            drafts.append((encode(entry), detail))
        return drafts, {}


def main() -> None:
    """Serve until stopped."""
    settings = Settings.from_environ()
    service = vault(ports(settings))
    answer = service.answer
    answer.guard = NoGuard()
    service.sessions.guard = answer.guard
    service.ledger.folds.guard = answer.guard  # type: ignore[attr-defined]
    weigh = answer.weigh
    answer.weigh = Unweighed(answer.guard, weigh.retries, weigh.pseudonyms, weigh.chance)
    # Nothing is asked of, or told to, the table of what sites know.
    answer.ledger.store.known = lambda pairs: {}  # type: ignore[method-assign]
    run(service, settings.vault_socket, group=settings.gateway_group)


if __name__ == "__main__":
    main()
