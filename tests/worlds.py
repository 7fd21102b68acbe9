"""A vault in memory, with one insurer who seals for it: the ground of the spec tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import structs

from rempart.adapters.memory.ledger import MemoryLedger, MemoryMemo
from rempart.adapters.memory.rights import MemoryRights
from rempart.adapters.memory.world import (
    MemoryChance,
    MemoryClock,
    MemoryCountries,
    MemoryKeys,
    MemoryRegistry,
)
from rempart.domain.card import CardClaims
from rempart.domain.coverage import (
    ContractKind,
    Domain,
    Mode,
    Period,
    RightsRecord,
    encode_record,
)
from rempart.domain.days import days_of
from rempart.domain.disclosure import Codes, EntryType, decode, decode_codes
from rempart.domain.errors import SignInRefused
from rempart.domain.identifiers import AMCNumber, CardSerial, MemberNumberRule
from rempart.domain.insurer import PublicBundle
from rempart.domain.practice import Usage
from rempart.domain.site import SiteKind
from rempart.sealing.cose import kid_of
from rempart.sealing.handles import handle_of
from rempart.sealing.locks import (
    CARD,
    DECLARED,
    LEGACY,
    card_secret,
    declared_secret,
    find_of,
    legacy_secret,
    printed_key,
    seal_box,
)
from rempart.sealing.outer import index_of, seal_outer
from rempart.usecases.assemble_vault import VaultPorts, vault
from rempart.usecases.card_codes import card_text
from rempart.usecases.messages import (
    Ask,
    CardShown,
    PresenceKey,
    PresenceNote,
    Reply,
    Sealed,
    SignedIn,
    SignIn,
    Typed,
)
from rempart.usecases.ports import Insurer, LockRow, Proven, Site, Software
from rempart.usecases.seal_presence import SealPresence, presence_key_of
from rempart.usecases.serve_requests import ServeRequests

NOON = int(datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp() * 1_000_000)
TODAY = date(2026, 11, 24)
YEAR = (
    Period(known_since=date(2025, 12, 1), valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31)),
)
GRID = ((Domain.PHAR, Mode.TM), (Domain.LABO, Mode.FULL), (Domain.OPTI, Mode.PEC))
CERTIFICATE = b"c" * 32


class TrustingAssertions:
    """An assertion is ``client_id jti``, and a presence key in hexadecimal where there is one; the
    real check has its own chapter.
    """

    def client_id(self, assertion: str) -> str:
        if " " not in assertion:
            raise SignInRefused("sign-in refused")
        return assertion.split(" ", maxsplit=1)[0]

    def verify(self, assertion: str, software: Software, *, now: int) -> Proven:
        _, jti, *presence = assertion.split(" ")
        return Proven(jti, now + 300_000_000, bytes.fromhex("".join(presence)))


@dataclass(kw_only=True)
class Card:
    """What a patient holds."""

    code: str = ""
    typed: Typed | None = None
    handle: bytes = b""


@dataclass(kw_only=True)
class AnInsurer:
    """An insurer that seals straight into the vault's locks."""

    amc: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.derive_private_key(7, ec.SECP256R1())
    )
    key_h: bytes = b"H" * 64
    key_c: bytes = b"C" * 32

    def bundle(self) -> PublicBundle:
        public = self.key.public_key()
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return PublicBundle(
            amc=AMCNumber.parse(self.amc),
            sandbox=True,
            member_number_rule=MemberNumberRule(),
            feed_key=b"f" * 32,
            card_keys={kid_of(public): point},
        )


@dataclass(kw_only=True)
class World:
    clock: MemoryClock = field(default_factory=lambda: MemoryClock(NOON))
    chance: MemoryChance = field(default_factory=MemoryChance)
    rights_keys: MemoryKeys = field(default_factory=MemoryKeys)
    vault_keys: MemoryKeys = field(default_factory=MemoryKeys)
    rights: MemoryRights = field(default_factory=MemoryRights)
    store: MemoryLedger = field(default_factory=MemoryLedger)
    memo: MemoryMemo = field(default_factory=MemoryMemo)
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    insurer: AnInsurer = field(default_factory=lambda: AnInsurer(amc="99990001"))
    countries: MemoryCountries = field(default_factory=MemoryCountries)
    service: ServeRequests = field(init=False)
    signed: int = 0
    keys_used: int = 0

    def __post_init__(self) -> None:
        self.rights_keys.put("index/1", b"X" * 32)
        self.add_insurer(self.insurer)
        self.add_site("STRUCT:PHAR1", SiteKind.PHARMACY)
        self.restart()

    def add_insurer(self, insurer: AnInsurer) -> None:
        self.rights_keys.put(f"outer/{insurer.amc}/1", bytes([int(insurer.amc[-1])]) * 32)
        self.registry.register_insurer(
            Insurer(amc=int(insurer.amc), bundle=insurer.bundle().to_json(), sandbox=True),
            confirmations=[],
        )

    def add_site(self, site: str, kind: SiteKind, *, cap: int | None = None, **more: object) -> str:
        """A site and its software, whose client_id is the site's."""
        product = str(more.pop("product", ""))
        self.registry.register_site(
            Site(site=site, kind=kind, daily_cap=cap, **more)  # type: ignore[arg-type]
        )
        return self.add_software(site, site, product=product)

    def add_software(
        self, client_id: str, site: str, *, product: str = "", usage: Usage = Usage.STANDARD
    ) -> str:
        """A software of a site."""
        self.registry.register_software(
            Software(
                client_id=client_id,
                number=0,
                site=site,
                jwks={},
                certificates=frozenset({CERTIFICATE}),
                sandbox=True,
                revoked=False,
                product=product,
                usage=usage,
            )
        )
        return client_id

    def ports(self) -> VaultPorts:
        return VaultPorts(
            clock=self.clock,
            chance=self.chance,
            rights_keys=self.rights_keys,
            vault_keys=self.vault_keys,
            rights=self.rights,
            store=self.store,
            memo=self.memo,
            registry=self.registry,
            assertions=TrustingAssertions(),
            origin="vault.test/ledger",
            sandbox=True,
            countries=self.countries,
        )

    def restart(self) -> None:
        """A vault starts on what the last one left."""
        self.service = vault(self.ports())
        self.service.ledger.open()

    def details(self, kind: EntryType) -> list[Codes]:
        return [decode_codes(r.detail) for r in self.store.rows if decode(r.body).type is kind]

    def sign_in(self, client_id: str = "STRUCT:PHAR1") -> bytes:
        self.signed += 1
        self.service.look()
        reply = self.send(SignIn(f"{client_id} jti-{self.signed:08d}", CERTIFICATE))
        assert isinstance(reply, SignedIn), reply
        return reply.token

    def presence_note(self) -> str:
        reply = self.service([PresenceKey()])[0]
        assert isinstance(reply, PresenceNote), reply
        return reply.note

    def presence_key(self) -> bytes:
        """The vault's, as a vendor who knows its verifier reads it."""
        verifier = self.service.ledger.signer.verifier
        return presence_key_of(self.presence_note(), verifier, now=self.clock.now())

    def sign_in_sealing(self, client_id: str = "STRUCT:PHAR1") -> tuple[bytes, SealPresence]:
        """A session whose questions are sealed, and where its software seals them."""
        self.signed += 1
        self.service.look()
        seal = SealPresence(self.presence_key(), b"software %023d" % self.signed)
        assertion = f"{client_id} jti-{self.signed:08d} {seal.claim.hex()}"
        reply = self.send(SignIn(assertion, CERTIFICATE))
        assert isinstance(reply, SignedIn), reply
        seal.begin(reply.token)
        return reply.token, seal

    def send(self, request: Ask | SignIn) -> Reply:
        return self.service([request])[0]

    def question(
        self,
        token: bytes,
        shown: str | Typed,
        *,
        domain: str = "PHAR",
        care_date: str = "2026-11-24",
        key: str = "",
    ) -> Ask:
        self.keys_used += 1
        return Ask(
            token=token,
            certificate=CERTIFICATE,
            key=key or f"key-{self.keys_used}",
            domain=domain,
            care_date=care_date,
            shown=CardShown(shown) if isinstance(shown, str) else shown,
        )

    def ask(self, token: bytes, shown: str | Typed, **more: str) -> Reply:
        return self.send(self.question(token, shown, **more))

    def sealed(self, seal: SealPresence, token: bytes, shown: str | Typed, **more: str) -> Ask:
        """A question that only the vault can read."""
        return seal_question(seal, self.question(token, shown, **more))

    def member(
        self,
        reference: str,
        *,
        insurer: AnInsurer | None = None,
        periods: tuple[Period, ...] = YEAR,
        member_number: str = "A1234",
        birth_date: str = "19800203",
        rank: str = "1",
        serial: CardSerial | None = None,
        ends: date | None = date(2026, 12, 31),
        canary: bool = False,
        place: int | None = None,
    ) -> Card:
        """Seal a member's locks into the vault; serial number 0 was printed before Rempart;
        ``place`` is the card's on its insurer's status list.
        """
        insurer = insurer or self.insurer
        serial = serial or CardSerial(key_version=1, number=1)
        amc = insurer.amc.encode()
        handle = handle_of(insurer.key_h, amc, reference.encode())
        record = encode_record(
            RightsRecord(
                periods=periods,
                formula="F1",
                domains=GRID,
                contract=ContractKind.CANARY if canary else ContractKind.GROUP,
                responsable=True,
            )
        )
        printed = (amc, member_number.encode(), birth_date.encode(), rank.encode())
        typed = Typed(insurer.amc, member_number, birth_date, rank)
        if serial.before_rempart:
            self._lock(insurer, handle, record, LEGACY, serial, ends, legacy_secret(*printed))
            return Card(typed=typed, handle=handle)
        secret = card_secret(insurer.key_c, handle, serial.to_bytes())
        key = printed_key(secret)
        self._lock(insurer, handle, record, CARD, serial, ends, secret)
        declared = declared_secret(*printed, key.encode())
        self._lock(insurer, handle, record, DECLARED, serial, ends, declared)
        claims = CardClaims(
            amc=insurer.amc,
            convention="AL",
            csr="",
            secret=secret,
            birth_year=1980,
            domains=GRID,
            responsable=True,
            valid_from=date(2026, 1, 1),
            valid_to=ends or date(2027, 12, 31),
            key_id=kid_of(insurer.key.public_key()),
            status_index=place,
        )
        return Card(
            code=card_text(claims, insurer.key),
            typed=Typed(insurer.amc, member_number, birth_date, rank, key),
            handle=handle,
        )

    def _lock(  # noqa: PLR0917
        self,
        insurer: AnInsurer,
        handle: bytes,
        record: bytes,
        kind: int,
        serial: CardSerial,
        ends: date | None,
        secret: bytes,
    ) -> None:
        amc, find = insurer.amc.encode(), find_of(secret)
        columns = {"handle": handle, "kind": kind, "serial": serial.to_bytes()}
        nonce = self.chance.draw(12)
        box = seal_box(secret, record, amc=amc, nonce=nonce, **columns)  # type: ignore[arg-type]
        outer = AESGCM(self.rights_keys.get(f"outer/{insurer.amc}/1"))
        self.rights.add(
            LockRow(
                keyed=index_of(self.rights_keys.get("index/1"), amc, kind, find),
                amc=int(insurer.amc),
                handle=handle,
                kind=kind,
                serial=serial.to_int(),
                ends=ends,
                key_version=1,
                stored=seal_outer(  # type: ignore[misc]
                    outer,
                    find,
                    box,
                    ends=days_of(ends),
                    key_version=1,
                    nonce=self.chance.draw(12),
                    **columns,  # type: ignore[arg-type]
                ),
            )
        )


def seal_question(seal: SealPresence, ask: Ask) -> Ask:
    """The same question, its presence sealed."""
    assert not isinstance(ask.shown, Sealed)
    value = seal(ask.shown, key=ask.key, domain=ask.domain, care_date=ask.care_date)
    return structs.replace(ask, shown=Sealed(value))
