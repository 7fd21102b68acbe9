"""Judge what a device has signed while it was cut off, once its chain has been deposited.

In this order, for each; the first rule that does not hold decides:

(1) signed: by the device that deposits it; else refused;
(2) number: the next of this device; the same again is known, another under a known number refused;
(3) chain: it names the one before by its digest, and nothing is missing; else a person;
(4) device: enrolled before the cut began, and not taken out since; else a person;
(5) cut: the ledger shows this site cut off at that time, and its clock goes forward; else a person;
(6) deposit: within 24 hours of the return, and not before it was signed; else a person;
(7) card: the code that is deposited is the one that was named, and proves rights for every line on
    the day of care; else refused;
(8) list: the one it was decided by is no older than the insurer bears; else a person;
(9) over: the card was not over on that list; else refused. If it ended since, the insurer bears it;
(10) amount: what the tariff and the guarantee make of the same lines; else a person;
(11) limit: the card's sales of this kind in this cut, in all shops, are within the insurer's; else
     refused.

Whatever the ruling, the chain goes on: a bad link is judged, and not lost.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from rempart.domain import undertaking
from rempart.domain.card import CardClaims
from rempart.domain.coverage import Domain
from rempart.domain.cut_history import Span
from rempart.domain.devices import Device
from rempart.domain.errors import CardRefused, MalformedIdentifier
from rempart.domain.guarantee import OfCard, Statement
from rempart.domain.quote import Quote, Terms, quote
from rempart.domain.ruling import Ruling
from rempart.domain.tariff import Basket, Tariff
from rempart.domain.undertaking import FIRST, Undertaking
from rempart.sealing.cose import kid_of, read1, verify1
from rempart.sealing.errors import SealBroken
from rempart.usecases.card_codes import CardKeys, card_mark, read_card
from rempart.usecases.p256_keys import key_at
from rempart.usecases.undertake import KIND, card_digest

DAY = 86_400
DEPOSIT_WITHIN = DAY
CLOCK_SKEW = 300
MICRO = 1_000_000
STEPS = {
    "well-formed": "damaged",
    "issuer": "unknown",
    "dates": "dates",
    "another": "another",
    "insurer": "insurer",
    "domain": "domain",
}
"""Why a card proves nothing, by the step that failed; of others, it is none of an insurer's."""

NOTHING_PROVEN = (CardRefused, MalformedIdentifier, SealBroken, ValueError)
"""What reading a card, and what it is sold, may raise."""

Last = tuple[Undertaking, bytes]
"""The last link of a chain that was judged, and its message."""


@dataclass(frozen=True, slots=True)
class Deposited:
    """One link of a chain, with the code of the card that it names."""

    message: bytes = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A ruling, the rule behind it, and ``why`` it is not kept where that is not the rule's name
    alone; ``ended_since``: the insurer bears a card that is over.
    """

    number: int
    ruling: Ruling
    rule: str = ""
    why: str = ""
    amc: int = 0
    ended_since: bool = False
    sold: "tuple[Sold, ...]" = field(default=(), repr=False)


class Sold(NamedTuple):
    """One kind of sale to a card (its ``card_mark``), and when (seconds)."""

    card: bytes
    domain: Domain
    basket: Basket
    at: int

    def __repr__(self) -> str:
        return "Sold(…)"


def count(among: Iterable[Sold], sold: Sold, span: Span) -> int:
    """How many of some sales are of the card and kind of ``sold``, within a cut."""
    since, until = span.since - CLOCK_SKEW, span.until + CLOCK_SKEW
    return sum(each[:3] == sold[:3] and since <= each.at <= until for each in among)


class Standing(NamedTuple):
    """Whether a card was over on one list, none where that list or place is not known; and when the
    first list was made afterwards on which it is over (seconds), if one was.
    """

    over: bool | None
    ended: int | None = None


@dataclass(slots=True, kw_only=True)
class Books:
    """What is known when a chain is judged.

    ``statement`` is what an insurer (AMC number) guaranteed in the trust list of a number, and
    ``card_key`` its card keys there, by key id; ``newest`` is the number of the list that counts
    today, ``counted`` those of the lists that counted at some time between two moments (seconds).
    ``standing`` is how a card's place stood on the list of its insurer that was made at a moment,
    and ``last_made`` when the list was made that counted at one. ``sales`` counts those of a card
    and kind that were honoured within a cut, in all shops.
    """

    tariff: Tariff
    card_key: Callable[[str, bytes, int], EllipticCurvePublicKey | None]
    statement: Callable[[str, int], Statement | None] = field(repr=False)
    standing: Callable[[str, int | None, int], Standing]
    last_made: Callable[[str, int], int] = lambda amc, at: at
    newest: int = 0
    counted: Callable[[int, int], Sequence[int]] = lambda since, until: ()
    sales: Callable[[Sold, Span], int] = field(repr=False)

    def keys(self, number: int) -> CardKeys:
        """The card keys of the trust list of a number."""
        return lambda amc, kid: self.card_key(amc, kid, number)


@dataclass(slots=True)
class JudgeUndertakings:
    """The judgement of one device's chain. ``cuts`` are those that stopped its site from asking
    about an insurer (its AMC number), and ``returned`` is when claims could be sent again after
    one. ``last`` is the last link judged before, if any.
    """

    device: Device
    cuts: Callable[[str], Sequence[Span]] = field(repr=False)
    books: Books
    returned: Callable[[Span], int] = lambda cut: cut.until
    last: Last | None = field(default=None, repr=False)
    _digests: dict[int, bytes] = field(default_factory=dict, init=False, repr=False)
    """Of what was judged here, by number."""
    _read: dict[bytes, Undertaking | None] = field(default_factory=dict, init=False, repr=False)
    """What was said, by message, where this device has signed it."""
    _sold: list[Sold] = field(default_factory=list, init=False, repr=False)
    """What this deposit has come to."""

    def __call__(self, links: Iterable[Deposited], *, at: int) -> list[Judged]:
        """Rulings, in the order of the deposit; ``at`` is when it came, in seconds. What they
        come to is kept by whoever asked, before they ask again.
        """
        self._sold.clear()
        return [self._judge(link, at) for link in links]

    def pass_over(self, link: Deposited) -> Judged:
        """Let the chain go on behind a sale that was not made: nothing is owed for it."""
        taken = self._taken(link)
        if isinstance(taken, Judged):
            return taken
        return Judged(number=taken[0].number, ruling=Ruling.VOID)

    def _judge(self, link: Deposited, at: int) -> Judged:
        taken = self._taken(link)
        if isinstance(taken, Judged):
            return taken
        made, previous = taken
        cut = self.cut_of(made)
        ruling = self._chain(made, previous) or self._time(made, previous, cut, at)
        if ruling is not None:
            return ruling
        assert cut is not None
        return self._sale(made, link.code, cut)

    def due(self, cut: Span) -> int:
        """Until when what was signed in a cut may come: a day after claims could be sent again."""
        return self.returned(cut) + DEPOSIT_WITHIN

    def _taken(self, link: Deposited) -> Judged | tuple[Undertaking, Last | None]:
        """A link that is new, with the one before it, whose place it takes; or the ruling."""
        made = self.signed(link.message)  # (1)
        if made is None:
            return Judged(number=0, ruling=Ruling.REFUSED, rule="signed")
        digest = sha256(link.message).digest()
        if made.number in self._digests:  # (2)
            known = self._digests[made.number] == digest
            return _judged(made, Ruling.KNOWN if known else Ruling.REFUSED, "number")
        previous, self._digests[made.number] = self.last, digest
        if previous is None or made.number > previous[0].number:
            self.last = made, link.message
        return made, previous

    def cut_of(self, made: Undertaking) -> Span | None:
        """The cut in which it was signed, by the device's clock."""
        for cut in self.cuts(made.amc_number):
            ended = cut.until and made.at > cut.until + CLOCK_SKEW
            if cut.since - CLOCK_SKEW <= made.at and not ended:
                return cut
        return None

    def signed(self, signed: bytes) -> Undertaking | None:
        """What an undertaking says, if this device has signed it."""
        if signed not in self._read:
            self._read[signed] = self._verified(signed)
        return self._read[signed]

    def _verified(self, signed: bytes) -> Undertaking | None:
        try:
            message = read1(signed, kind=KIND)
            key = key_at(self.device.point)
            if message.kid != kid_of(key):
                return None
            return undertaking.from_payload(verify1(message, key))
        except (SealBroken, MalformedIdentifier, ValueError):
            return None

    def _chain(self, made: Undertaking, previous: Last | None) -> Judged | None:
        number, before = 1, FIRST
        if previous is not None:
            number, before = previous[0].number + 1, sha256(previous[1]).digest()
        if (made.number, made.before) != (number, before):  # (3)
            return _judged(made, Ruling.PERSON, "chain")
        return None

    def _time(
        self,
        made: Undertaking,
        previous: Last | None,
        cut: Span | None,
        at: int,
    ) -> Judged | None:
        if cut is not None and not _served(self.device, cut, made.at):  # (4)
            return _judged(made, Ruling.PERSON, "device")
        if cut is None:  # (5)
            return _judged(made, Ruling.PERSON, "cut", self._outside(made, at))
        if previous is not None and made.at < previous[0].at:
            return _judged(made, Ruling.PERSON, "cut", "clock")
        assert cut.until, "while it lasts, nothing is judged"
        if not made.at - CLOCK_SKEW <= at <= self.due(cut):  # (6)
            return _judged(made, Ruling.PERSON, "deposit")
        return None

    def _outside(self, made: Undertaking, at: int) -> str:
        """On which side of the last cut before its deposit it was signed, by the device's clock."""
        cuts = [cut for cut in self.cuts(made.amc_number) if cut.since <= at]
        if not cuts:
            return "none"
        return "back-dated" if made.at < max(cuts).since else "after"

    def _sale(self, made: Undertaking, code: str, cut: Span) -> Judged:
        statement = self.books.statement(made.amc_number, made.lists.trust)
        try:
            claims = _claims(self.books, made, code)
            computed = _computed(self.books, made, claims, statement)
        except NOTHING_PROVEN as refusal:  # (7)
            return _judged(made, Ruling.REFUSED, "card", step_of(refusal))
        over, ended = self.books.standing(made.amc_number, claims.status_index, made.lists.status)
        if over is None or statement is None or not _borne(made, statement):  # (8)
            return _judged(made, Ruling.PERSON, "list")
        if over:  # (9)
            return _judged(made, Ruling.REFUSED, "over")
        if computed is None or (computed.amc, computed.guaranteed) != (made.amc, made.amc):  # (10)
            return _judged(made, Ruling.PERSON, "amount")
        sold = _sold(card_mark(claims), made.at, computed)
        if not self._within(sold, statement, claims, cut):  # (11)
            return _judged(made, Ruling.REFUSED, "limit")
        self._sold += sold
        return Judged(
            number=made.number,
            ruling=Ruling.HONOURED,
            amc=made.amc,
            ended_since=ended is not None and ended <= made.at,
            sold=sold,
        )

    def _within(
        self, sold: Iterable[Sold], statement: Statement, claims: CardClaims, cut: Span
    ) -> bool:
        """Whether the card has sales of these kinds left."""
        of_card = OfCard.decode(claims.guarantees)
        for each in sold:
            granted = statement.find(of_card.profile, each.domain, each.basket)
            counted = self.books.sales(each, cut) + count(self._sold, each, cut)
            if granted is None or counted >= granted.times:
                return False
        return True


def counted(books: Books, made: Undertaking, code: str) -> tuple[Sold, ...]:
    """What a sale counts as, whatever was ruled on it; nothing where its card, or what was sold,
    cannot be told.
    """
    try:
        claims = _claims(books, made, code)
        statement = books.statement(made.amc_number, made.lists.trust)
        computed = _computed(books, made, claims, statement)
    except NOTHING_PROVEN:
        return ()
    return () if computed is None else _sold(card_mark(claims), made.at, computed)


def _claims(books: Books, made: Undertaking, code: str) -> CardClaims:
    """Those of the card that was named."""
    claims = read_card(code, keys=books.keys(made.lists.trust), on=made.day)
    if card_digest(code) != made.card:
        raise CardRefused("another: not the card that was named")
    if claims.amc != made.amc_number:
        raise CardRefused("insurer: the card is of another one")
    return claims


def _computed(
    books: Books, made: Undertaking, claims: CardClaims, statement: Statement | None
) -> Quote | None:
    """What the same lines come to now; none where the tariff has no such sale.

    Raises:
        CardRefused: the card does not cover it.
        MalformedIdentifier: what the card says of its guarantees is of no form.
    """
    terms = Terms(
        tariff=books.tariff,
        on=made.day,
        birth_year=claims.birth_year,
        of_card=OfCard.decode(claims.guarantees),
        statement=statement,
    )
    try:
        computed = quote(made.lines, terms)
    except MalformedIdentifier:
        # The shop's tariff knew it, or it never was one: nothing proves which.
        return None
    if not {share.domain for share in computed.shares} <= {d for d, _ in claims.domains}:
        raise CardRefused("domain: the card does not cover it")
    return computed


def _sold(card: bytes, at: int, computed: Quote) -> tuple[Sold, ...]:
    kinds = {(share.domain, share.basket) for share in computed.shares if share.amc}
    return tuple(Sold(card, domain, basket, at) for domain, basket in sorted(kinds, key=str))


def _served(device: Device, cut: Span, at: int) -> bool:
    """Whether a device was there before the cut began, and had not been taken out."""
    ended = device.until and at >= device.until // MICRO
    return device.since // MICRO < cut.since and not ended


def _borne(made: Undertaking, statement: Statement) -> bool:
    age = made.at - made.lists.status
    return (
        -CLOCK_SKEW <= age <= statement.list_days * DAY
        and statement.made - CLOCK_SKEW <= made.at <= statement.until
    )


def step_of(refusal: Exception) -> str:
    """Why a card proves nothing, in a word."""
    return STEPS.get(str(refusal).partition(":")[0], "forged")


def _judged(made: Undertaking, ruling: Ruling, rule: str, why: str = "") -> Judged:
    return Judged(number=made.number, ruling=ruling, rule=rule, why=why)
