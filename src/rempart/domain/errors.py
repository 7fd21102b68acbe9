"""Every error this package raises on purpose, in one tree.

    RempartError
    ├── Refusal                    understood, and will not be served
    │   ├── MalformedIdentifier    a value breaks the grammar of its kind
    │   ├── MalformedRow           a line of a file breaks a rule
    │   ├── MalformedRecord        sealed rights that do not decode
    │   ├── RecordTooLarge         rights that do not fit their fixed size
    │   ├── FeedRefused            a feed that cannot be taken
    │   ├── CardRefused            a card code that proves nothing
    │   ├── ListRefused            a list that cards are not verified by
    │   ├── AlertRefused           another operator's alert that is not taken
    │   ├── DropRefused            an insurer's drop that nothing is left in
    │   ├── SignInRefused          nobody we know, or no proof of it
    │   ├── AccountContained       frozen or closed: who has proven who they are is told
    │   ├── CutOffStands           a switch is off here: who has proven who they are is told
    │   ├── NotSignedIn            no live session behind this handle and its key
    │   ├── NotAllowed             signed in, and this role does not do this
    │   ├── NumberReused           another claim stands under this number
    │   ├── TooManyClaims          a site has sent as many as it may in a day
    │   ├── NotFresh               signed in too long ago for this: prove yourself again
    │   ├── ForbiddenTransition    a stage that cannot be moved so, or not by them
    │   ├── KeyReadableByOthers    a key file that is not private
    │   ├── KeyMissing             a key that this process does not hold
    │   └── SetUpRefused           an installation that would not be safe
    ├── TemporarilyUnavailable     safe to retry with the same idempotency key
    └── IntegrityBroken            stop: evidence no longer agrees with itself
        ├── LedgerBroken           the ledger does not extend what was signed
        │   └── LedgerDisproved    an audit says where (usecases/audit_ledger.py)
        └── Fenced                 another vault has taken over

Messages are safe to log and to show: they name rules, never persons.
"""

from rempart.domain.sign_in import SAME_WORDS, Doubt


class RempartError(Exception):
    """Root of the tree. ``code`` is stable and public."""

    code = "error"


class Refusal(RempartError):
    """Understood, and will not be served."""

    code = "refused"


class MalformedIdentifier(Refusal):
    """A value breaks the grammar of its kind; the value itself is never quoted."""

    code = "malformed-identifier"

    def __init__(self, kind: str, rule: str) -> None:
        super().__init__(f"{kind}: {rule}")
        self.kind = kind
        self.rule = rule


class MalformedRow(Refusal):
    """A line of a file breaks a rule; the value itself is never quoted."""

    code = "malformed-row"

    def __init__(self, line: int, column: str, rule: str) -> None:
        super().__init__(f"line {line}, {column}: {rule}")
        self.line = line
        self.column = column
        self.rule = rule


class MalformedRecord(Refusal):
    """Sealed rights that do not decode."""

    code = "malformed-record"


class RecordTooLarge(Refusal):
    """Rights that do not fit their fixed size."""

    code = "record-too-large"


class FeedRefused(Refusal):
    """A feed that cannot be taken: unsigned, replayed, out of order, or unsafe to apply."""

    code = "feed-refused"


class CardRefused(Refusal):
    """A card code that proves nothing; the message names the failed step."""

    code = "card-refused"


class ListRefused(Refusal):
    """A trust list or a status list that is not taken in: not signed as it should be, or older than
    the one that is there.

    ``step`` is the one of ``specs/card-lists.md`` that failed; empty where no list was being read.
    """

    code = "list-refused"

    def __init__(self, words: str, *, step: str = "") -> None:
        super().__init__(words)
        self.step = step


class AlertRefused(Refusal):
    """Another operator's alert that is not taken; ``step`` is the one of ``specs/alert.md``."""

    code = "alert-refused"

    def __init__(self, step: str, words: str) -> None:
        super().__init__(f"{step}: {words}")
        self.step, self.words = step, words


class DropRefused(Refusal):
    """An insurer's drop that nothing is left in. ``why`` is a word of ``Hand``
    (``domain/delivery.py``); the message names no path.
    """

    code = "drop-refused"

    def __init__(self, why: str) -> None:
        super().__init__(f"the drop: {why}")
        self.why = why


class AskYourInsurer(Refusal):
    """No phone that we can answer. The same words for every reason."""

    code = "ask-your-insurer"

    def __init__(self) -> None:
        super().__init__("nobody is shown anything by this")


class SignInRefused(Refusal):
    """Nobody we know, or no proof of it. The same words for every reason.

    ``doubt`` is the reason, for the ledger alone: no door shows it.
    """

    code = "sign-in-refused"

    def __init__(self, words: str = SAME_WORDS, *, doubt: Doubt = Doubt.UNSAID) -> None:
        super().__init__(words)
        self.doubt = doubt


class EnrolmentRefused(Refusal):
    """No phone is enrolled, or renewed, by this. The same words for every reason."""

    code = "enrolment-refused"

    def __init__(self) -> None:
        super().__init__("this invitation, or this phone, serves no more")


class AccountContained(Refusal):
    """The account is frozen or closed; a person answers for it."""

    code = "account-contained"


class CutOffStands(Refusal):
    """A cut-off stands over this; ``after`` is the seconds to its end, 0 where none is known."""

    code = "cut-off"

    def __init__(self, *, after: int = 0) -> None:
        super().__init__("a cut-off stands over this")
        self.after = after


class NotSignedIn(Refusal):
    """No live session behind this handle, or not with this key."""

    code = "not-signed-in"


class NotAllowed(Refusal):
    """Signed in, and not for this: another role does it, or another person."""

    code = "not-allowed"


class NumberReused(Refusal):
    """Another claim stands under this number of its site."""

    code = "number-reused"


class TooManyClaims(Refusal):
    """A site has sent as many claims as a site may in a day."""

    code = "too-many-claims"


class NotFresh(Refusal):
    """Signed in too long ago for what can hurt: the person proves themselves again first."""

    code = "not-fresh"


class ForbiddenTransition(Refusal):
    """A stage of containment that cannot be moved so, or not on this authority."""

    code = "forbidden-transition"


class KeyReadableByOthers(Refusal):
    """A key file that others can read is not a key."""

    code = "key-readable-by-others"


class KeyMissing(Refusal):
    """A key that this process does not hold."""

    code = "key-missing"


class SetUpRefused(Refusal):
    """An installation that would not be safe to run."""

    code = "set-up-refused"


class TemporarilyUnavailable(RempartError):
    """Nothing was answered; safe to retry with the same idempotency key."""

    code = "unavailable"


class IntegrityBroken(RempartError):
    """Evidence no longer agrees with itself: stop."""

    code = "integrity-broken"


class LedgerBroken(IntegrityBroken):
    """The ledger does not extend what was signed."""

    code = "ledger-broken"


class Fenced(IntegrityBroken):
    """Another vault has taken over; this one may not write again."""

    code = "fenced"
