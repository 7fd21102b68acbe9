"""Read a question: raw text in, the secret that the patient brought out, or why not.

Checked in this order, so that nothing is looked up for a question that may not be asked:

(1) the domain and the date are well formed, and this kind of site may ask them;
(2) nothing is still sealed; a card code is authentic (remembered by digest once these exact bytes
    were checked), or a fresh one is its phone's; typed things are well formed;
(3) the lock's secret follows from what was brought.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date

from rempart.domain.budget import DAY
from rempart.domain.coverage import Domain
from rempart.domain.cutoff import CutOff, seconds_left
from rempart.domain.disclosure import EPOCH, Outcome, Presence
from rempart.domain.errors import CardRefused, MalformedIdentifier
from rempart.domain.identifiers import (
    AMCNumber,
    BirthDate,
    BirthRank,
    MemberNumber,
    PrintedKey,
)
from rempart.domain.site import SiteKind, may_ask_date, may_ask_domain
from rempart.sealing.fresh import FRESH_PREFIX, RIGHTS, Aim
from rempart.sealing.locks import CARD, DECLARED, LEGACY, declared_secret, legacy_secret
from rempart.usecases.card_codes import read_card
from rempart.usecases.fresh_codes import FreshShown, read_fresh
from rempart.usecases.insurer_rules import InsurerRules
from rempart.usecases.messages import Ask, CardShown, Reason, Sealed, Typed
from rempart.usecases.presence_keys import PresenceKeys

CODES_REMEMBERED = 200_000
"""About 40 MB of codes already checked: two busy days of a large operator's cards."""


@dataclass(slots=True)
class Read:
    """What a question says; ``outcome`` is set where it may not be asked.

    ``after`` is the seconds after which it may, 0 where nobody knows.
    """

    outcome: Outcome = Outcome.NONE
    reason: Reason = "malformed"
    detail: str = ""
    after: int = 0
    domain: Domain | None = None
    care_date: date | None = None
    presence: Presence = Presence.NONE
    amc: int = 0
    kind: int = 0
    secret: bytes = field(default=b"", repr=False)
    fresh: FreshShown | None = None
    printed: tuple[str, str] = field(default=("", ""), repr=False)

    def refuse(self, outcome: Outcome, reason: Reason, detail: str = "") -> "Read":
        """This question, refused."""
        self.outcome, self.reason, self.detail, self.after = outcome, reason, detail, 0
        return self

    def cut(self, cut: CutOff, now: int) -> None:
        """A cut-off stands over this question."""
        self.refuse(Outcome.CUT_OFF, "cut-off")
        self.after = seconds_left(cut, now)


def strength_of(shown: CardShown | Typed | Sealed) -> tuple[Presence, int]:
    """How strongly a patient is shown, and by which kind of lock."""
    match shown:
        case CardShown():
            fresh = shown.code.startswith(FRESH_PREFIX)
            return Presence.FRESH if fresh else Presence.CARD, CARD
        case Sealed():
            return Presence.NONE, 0
        case _:
            return (Presence.DECLARED, DECLARED) if shown.printed_key else (Presence.LEGACY, LEGACY)


def day_of(now: int) -> date:
    """The day of a moment in microseconds, UTC."""
    return date.fromordinal(EPOCH.toordinal() + now // DAY)


@dataclass(slots=True)
class QuestionReader:
    """Reads questions under the insurers' published rules and keys, and our own presence keys."""

    rules: InsurerRules
    presence: PresenceKeys
    _checked: dict[bytes, tuple[int, bytes]] = field(default_factory=dict, repr=False)

    def take(self, rules: InsurerRules) -> None:
        """Go on under new rules; codes are checked again under the new keys."""
        self.rules = rules
        self._checked.clear()

    def __call__(
        self, ask: Ask, shown: CardShown | Typed | Sealed, *, kind: SiteKind, now: int
    ) -> Read:
        """Read one question, with what the patient brought. Never raises."""
        read, today = Read(), day_of(now)
        read.presence, read.kind = strength_of(shown)
        read.domain = Domain.__members__.get(ask.domain)
        try:
            read.care_date = date.fromisoformat(ask.care_date)
        except ValueError:
            return read.refuse(Outcome.MALFORMED, "malformed", "care date: expected YYYY-MM-DD")
        if read.domain is None or not may_ask_domain(kind, read.domain):  # (1)
            return read.refuse(Outcome.FORBIDDEN, "forbidden-domain")
        if not may_ask_date(kind, read.care_date, today=today):
            return read.refuse(Outcome.FORBIDDEN, "forbidden-date")
        if isinstance(shown, Sealed):  # (2)
            return read.refuse(Outcome.MALFORMED, "malformed", "sealed presence")
        return self._shown(read, shown, now)

    def _shown(self, read: Read, shown: CardShown | Typed, now: int) -> Read:
        if isinstance(shown, Typed):
            return self._typed(read, shown)
        if read.presence is Presence.FRESH:
            return self._fresh(read, shown, now)
        return self._card(read, shown)

    def _fresh(self, read: Read, shown: CardShown, now: int) -> Read:
        try:
            read.fresh = self.phone(shown.code, RIGHTS, now)
        except CardRefused as refusal:
            return read.refuse(Outcome.CARD_REFUSED, "card-refused", str(refusal))
        read.amc, read.secret = int(read.fresh.card.amc), read.fresh.card.secret  # (3)
        return read

    def phone(self, code: str, aim: Aim, now: int) -> FreshShown:
        """What a phone showed for this aim, under the insurers' keys of today.

        Raises:
            CardRefused: as ``read_fresh``.
        """
        return read_fresh(
            code,
            presence=lambda key_id: self.presence.private(key_id, now),
            keys=self.rules.card_key,
            today=day_of(now),
            aim=aim,
        )

    def _card(self, read: Read, shown: CardShown) -> Read:
        digest = hashlib.sha256(shown.code.encode()).digest()
        known = self._checked.get(digest)
        if known is None:
            try:
                claims = read_card(shown.code, keys=self.rules.card_key, on=None)  # (2)
            except CardRefused as refusal:
                return read.refuse(Outcome.CARD_REFUSED, "card-refused", str(refusal))
            known = int(claims.amc), claims.secret
            if len(self._checked) >= CODES_REMEMBERED:
                self._checked.clear()
            self._checked[digest] = known
        read.amc, read.secret = known  # (3)
        return read

    def _typed(self, read: Read, typed: Typed) -> Read:
        try:
            amc = AMCNumber.parse(typed.amc).value
            birth_date = BirthDate.parse(typed.birth_date).value
            rank = BirthRank.parse(typed.birth_rank)
            key = PrintedKey.parse(typed.printed_key).value if typed.printed_key else ""
            number = MemberNumber.parse(typed.member_number, self.rules.member_number(amc)).value
        except MalformedIdentifier as refusal:
            return read.refuse(Outcome.MALFORMED, "malformed", str(refusal))
        read.amc, read.printed = int(amc), (number, birth_date)
        if not self.rules.knows(amc):
            # Nothing lies under an empty secret: the question is missed, and costs a miss. What
            # somebody made up names no insurer in the ledger.
            read.amc = 0
            return read
        parts = amc.encode(), number.encode(), birth_date.encode(), str(rank.value).encode()
        if key:
            read.secret = declared_secret(*parts, key.encode())
        else:
            read.secret = legacy_secret(*parts)
        return read
