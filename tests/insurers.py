"""An insurer and a platform that takes its feeds: the ground of the feed's chapters."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.adapters.memory.insurer import (
    MemoryCardRegister,
    MemoryFeedFile,
    MemoryFeedState,
)
from rempart.adapters.memory.members import MemoryMembers
from rempart.adapters.memory.world import MemoryChance, MemoryKeys, MemoryRegistry
from rempart.domain.coverage import Domain as Care
from rempart.domain.coverage import InForce, NotInForce, decode_record, rights_on
from rempart.domain.days import days_of
from rempart.domain.errors import MalformedRow
from rempart.domain.feed import FeedHeader, frame_row, frame_trailer
from rempart.domain.feed_rows import BlindLock
from rempart.domain.identifiers import AMCNumber, MemberNumber, MemberNumberRule
from rempart.domain.insurer import InsurerProfile
from rempart.sealing.locks import (
    CARD,
    DECLARED,
    LEGACY,
    declared_secret,
    find_of,
    legacy_secret,
    open_box,
)
from rempart.sealing.outer import index_of, open_outer
from rempart.sealing.stream import seal_stream
from rempart.usecases.card_codes import read_card
from rempart.usecases.import_members import (
    ImportMembers,
    ImportOptions,
    ImportReport,
    Observer,
)
from rempart.usecases.insurer_keys import make_keys, public_bundle
from rempart.usecases.insurer_ports import CardRegister
from rempart.usecases.issue_cards import IssueCards, IssuedCard
from rempart.usecases.make_status import MakeStatus, StatusReport
from rempart.usecases.platform_keys import ensure_version, feed_key
from rempart.usecases.ports import Insurer, LockRow
from rempart.usecases.prepare_feed import PrepareFeed, PrepareOptions, PrepareReport, Watch
from rempart.usecases.read_feed import to_be_signed

TODAY = date(2026, 11, 24)
NOW = int(datetime(2026, 11, 24, 9, tzinfo=UTC).timestamp())
HEADER = (
    "reference;nom;member_number;birth_date;birth_rank;periods;formula;domains;"
    "contract;responsable;cards;convention;csr"
)


def row(
    reference: str,
    *,
    name: str = "Fictive",
    number: str = "000123",
    born: str = "1980-02-30",
    rank: str = "1",
    periods: str = "2026-01-01/2026-12-31@2025-12-01",
    formula: str = "F1",
    domains: str = "PHAR=TM LABO=100 OPTI=PEC",
    contract: str = "GROUP",
    responsable: str = "yes",
    cards: str = "1:2026-12-31",
    convention: str = "SP",
    csr: str = "",
) -> str:
    """A line of the member file; births on days that never were."""
    return ";".join(
        (
            reference, name, number, born, rank, periods, formula, domains,
            contract, responsable, cards, convention, csr,
        )
    )  # fmt: skip


def text_of(*rows: str, header: str = HEADER) -> io.StringIO:
    return io.StringIO("\n".join((header, *rows, "")))


@dataclass(kw_only=True)
class AtInsurer:
    """One insurer at home."""

    amc: str = "99990001"
    seed: bytes = b"insurer"
    declared: bool = True
    legacy_until: date | None = None
    platform: bytes | None = None
    rule: MemberNumberRule = field(default_factory=MemberNumberRule)
    keys: MemoryKeys = field(default_factory=MemoryKeys)
    state: MemoryFeedState = field(default_factory=MemoryFeedState)
    register: CardRegister = field(default_factory=MemoryCardRegister)
    feeds: dict[str, bytes] = field(default_factory=dict)
    faults: list[MalformedRow] = field(default_factory=list)
    chance: MemoryChance = field(init=False)

    def __post_init__(self) -> None:
        self.chance = MemoryChance(self.seed + self.amc.encode())
        make_keys(self.keys, self.chance)

    @property
    def profile(self) -> InsurerProfile:
        return InsurerProfile(
            amc=AMCNumber.parse(self.amc),
            sandbox=True,
            member_number_rule=self.rule,
            declared=self.declared,
            legacy_until=self.legacy_until,
            platform=self.platform,
        )

    def prepare(
        self, *rows: str, today: date = TODAY, header: str = HEADER, **options: object
    ) -> PrepareReport:
        """The next feed, under its number in ``feeds``."""
        self.faults = []
        prepare = PrepareFeed(
            profile=self.profile, keys=self.keys, state=self.state, chance=self.chance
        )
        return prepare(
            text_of(*rows, header=header),
            open_file=lambda sequence: MemoryFeedFile(str(sequence), self.feeds),
            today=today,
            options=PrepareOptions(**options),
            watch=Watch(rejected=self.faults.append),
        )

    @property
    def issue(self) -> IssueCards:
        return IssueCards(
            profile=self.profile,
            keys=self.keys,
            chance=self.chance,
            register=self.register,
            today=TODAY,
        )

    def cards(self, *rows: str) -> list[IssuedCard]:
        self.faults = []
        with self.register.taking():
            return list(self.issue(text_of(*rows), rejected=self.faults.append))

    def status(self, *rows: str, now: int = NOW, **more: Any) -> tuple[bytes, StatusReport]:
        make = MakeStatus(
            profile=self.profile,
            keys=self.keys,
            register=self.register,
            good_for=7 * 86_400,
            replaced=self.state.replaced(),
        )
        self.faults = []
        with self.register.taking():
            return make(text_of(*rows), now=now, rejected=self.faults.append, **more)

    def insurer(self) -> Insurer:
        bundle = public_bundle(self.profile, self.keys)
        return Insurer(amc=int(self.amc), bundle=bundle.to_json(), sandbox=True)


@dataclass(kw_only=True)
class Platform:
    """The importer, and eyes on what it stored."""

    store: Any = field(default_factory=MemoryMembers)
    rights_keys: MemoryKeys = field(default_factory=MemoryKeys)
    feed_keys: MemoryKeys = field(default_factory=MemoryKeys)
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    chance: MemoryChance = field(default_factory=lambda: MemoryChance(b"platform"))
    rejected: list[MalformedRow] = field(default_factory=list)

    @property
    def key(self) -> bytes:
        return feed_key(self.feed_keys, self.chance)

    def admit(self, insurer: AtInsurer) -> AtInsurer:
        """Register an insurer, and give it the key that feeds are sealed to."""
        insurer.platform = self.key
        ensure_version([self.rights_keys], "index/", self.chance)
        ensure_version([self.rights_keys], f"outer/{insurer.amc}/", self.chance)
        self.registry.register_insurer(insurer.insurer(), confirmations=[])
        return insurer

    @property
    def importer(self) -> ImportMembers:
        return ImportMembers(
            store=self.store,
            registry=self.registry,
            rights_keys=self.rights_keys,
            feed_keys=self.feed_keys,
            chance=self.chance,
        )

    def take(
        self,
        feed: bytes,
        *,
        amc: str = "99990001",
        taken: Callable[[int], object] = lambda _: None,
        **options: bool,
    ) -> ImportReport:
        self.rejected = []
        return self.importer(
            io.BytesIO(feed),
            amc=AMCNumber.parse(amc),
            options=ImportOptions(**options),
            observer=Observer(taken=taken, rejected=self.rejected.append),
        )

    def rows_under(self, amc: str, kind: int, secret: bytes) -> list[LockRow]:
        """The locks that a secret leads to, under every index key."""
        find = find_of(secret)
        indexes = [
            index_of(self.rights_keys.get(name), amc.encode(), kind, find)
            for name in self.rights_keys.names("index/")
        ]
        return list(self.store.find(indexes))

    def ask(
        self,
        insurer: AtInsurer,
        secret: bytes,
        *,
        kind: int,
        care_date: date = TODAY,
        known_at: date = TODAY,
        domain: Care = Care.PHAR,
    ) -> InForce | NotInForce | str:
        """What a secret opens, as the vault would; ``none`` or ``several`` where not one row."""
        rows = self.rows_under(insurer.amc, kind, secret)
        if len(rows) != 1:
            return "none" if not rows else "several"
        lock = rows[0]
        common = {"handle": lock.handle, "kind": kind, "serial": lock.serial.to_bytes(4, "big")}
        find, box = open_outer(
            AESGCM(self.rights_keys.get(f"outer/{insurer.amc}/{lock.key_version}")),
            lock.stored,
            ends=days_of(lock.ends),
            key_version=lock.key_version,
            **common,
        )
        assert find == find_of(secret)
        record = open_box(secret, box, amc=insurer.amc.encode(), **common)
        return rights_on(
            decode_record(record),
            domain=domain,
            care_date=care_date,
            known_at=known_at,
            card_ends=lock.ends,
        )

    def by_card(self, insurer: AtInsurer, card: IssuedCard, **question: date) -> object:
        """Ask with the code of a card."""
        claims = read_card(card.code, keys=keys_of(insurer), on=None)
        return self.ask(insurer, claims.secret, kind=CARD, **question)

    def by_print(
        self,
        insurer: AtInsurer,
        *,
        number: str = "000123",
        born: str = "19800230",
        rank: str = "1",
        key: str = "",
        **question: date,
    ) -> object:
        """Ask with what is printed, with or without the printed key."""
        things = (
            insurer.amc.encode(),
            MemberNumber.parse(number, insurer.rule).value.encode(),
            born.encode(),
            rank.encode(),
        )
        if key:
            secret = declared_secret(*things, key.encode())
            return self.ask(insurer, secret, kind=DECLARED, **question)
        return self.ask(insurer, legacy_secret(*things), kind=LEGACY, **question)


def keys_of(insurer: AtInsurer) -> Callable[[str, bytes], EllipticCurvePublicKey | None]:
    """The insurer's card keys, as a reader holds them."""
    points = public_bundle(insurer.profile, insurer.keys).card_keys

    def key(amc: str, kid: bytes) -> EllipticCurvePublicKey | None:
        if amc != insurer.amc or kid not in points:
            return None
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), points[kid])

    return key


def said_of(faults: Sequence[MalformedRow]) -> list[tuple[int, str]]:
    """Line and column of each fault."""
    return [(fault.line, fault.column) for fault in faults]


def handmade(
    insurer: AtInsurer,
    encoded: Sequence[bytes],
    *,
    signer: bytes | None = None,
    recipient: bytes | None = None,
    trailer: bytes | None = None,
    **said: object,
) -> bytes:
    """A feed of these encoded rows, its header as ``said``; signed and sealed like a real one."""
    body = b"".join(map(frame_row, encoded))
    header = replace(
        FeedHeader(
            amc=AMCNumber.parse(insurer.amc),
            sequence=1,
            previous=None,
            full=True,
            rows=len(encoded),
            body=sha256(body).digest(),
            declared=insurer.declared,
            legacy_until=insurer.legacy_until,
            created=TODAY,
            recipient=insurer.platform,
        ),
        **said,
    )
    key = Ed25519PrivateKey.from_private_bytes(signer or insurer.keys.get("feed-sign"))
    if trailer is None:
        trailer = frame_trailer(header.encode(), key.sign(to_be_signed(header.encode())))
    return b"".join(
        seal_stream(
            [body, trailer],
            ephemeral=insurer.chance.draw(32),
            recipient=recipient or insurer.platform,
        )
    )


def a_handle(name: bytes) -> bytes:
    """Forty bytes that no insurer made."""
    return name.ljust(40, b"h")


def a_lock(kind: int, serial: int, ends: int = 9_861, fill: bytes = b"x") -> BlindLock:
    """A lock of the right size that opens nothing; ends on 2026-12-31."""
    return BlindLock(kind, serial, ends, fill * 16, b"\x01" + fill * 284)
