"""What benchmarks stand on: a throw-away installation with as many sealed records as asked."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import structs
from rich.progress import track

from benchmarks import cpu
from rempart.adapters.identity.assertions import JWK, make_assertion, new_key, public_jwks
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.embedded import EmbeddedPostgres
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.adapters.system import SystemClock
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.database import set_up
from rempart.bootstrap.keyrings import rights_keyring
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
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
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.identifiers import AMCNumber, MemberNumberRule
from rempart.domain.insurer import PublicBundle
from rempart.domain.site import SiteKind
from rempart.sealing.cose import kid_of
from rempart.sealing.handles import handle_of
from rempart.sealing.locks import (
    CARD,
    DECLARED,
    card_secret,
    declared_secret,
    find_of,
    printed_key,
    seal_box,
)
from rempart.sealing.outer import index_of, seal_outer
from rempart.usecases.card_codes import card_text
from rempart.usecases.messages import (
    Ask,
    CardShown,
    PresenceKey,
    PresenceNote,
    Sealed,
    SignedIn,
    SignIn,
    Status,
    Typed,
)
from rempart.usecases.ports import Insurer, Site, Software
from rempart.usecases.seal_presence import SealPresence, presence_key_of

AMC = "99990001"
SITE = "STRUCT:BENCH-0000"
"""The first."""
PRODUCT = "Bench 1"
SERIAL = (1 << 16 | 1).to_bytes(4, "big")
ENDS = date(2030, 12, 31)
CERTIFICATE = b"benchmark certificate thumbprint"
GRID = tuple((domain, Mode.TM) for domain in Domain)
RECORD = RightsRecord(
    periods=(Period(known_since=date(2025, 12, 1), valid_from=date(2026, 1, 1), valid_to=ENDS),),
    formula="SANTE-PLUS",
    domains=GRID,
    contract=ContractKind.GROUP,
    responsable=True,
)
COPY = (
    "COPY sealed.lock (index, amc, handle, kind, serial, ends, key_version, index_version, stored)"
    " FROM STDIN (FORMAT BINARY)"
)
KindOf = Callable[[int], int]
"""Kind of the lock of a member."""
TYPES = ("bytea", "int4", "bytea", "int2", "int8", "date", "int2", "int2", "bytea")


@dataclass(slots=True)
class Ground:
    """One installation; its one insurer's keys are drawn for it."""

    settings: Settings
    admin: str = field(repr=False)
    records: int
    card_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )
    key_h: bytes = field(default_factory=lambda: os.urandom(64), repr=False)
    key_c: bytes = field(default_factory=lambda: os.urandom(32), repr=False)

    @property
    def environ(self) -> dict[str, str]:
        """The environment of this installation's processes."""
        settings = self.settings
        return {
            **os.environ,
            "REMPART_HOME": str(settings.home),
            "REMPART_PORT": str(settings.port),
        }

    @property
    def postmaster(self) -> int:
        """The server's first process."""
        with psycopg.connect(self.admin) as connection:
            return cpu.parent_of(connection.info.backend_pid)

    def handle(self, number: int) -> bytes:
        """Handle of member ``number``."""
        return handle_of(self.key_h, AMC.encode(), b"REF-%09d" % number)

    def secret(self, number: int) -> bytes:
        """Secret of the card of member ``number``."""
        return card_secret(self.key_c, self.handle(number), SERIAL)

    def typed(self, number: int) -> Typed:
        """What is printed on the card of member ``number``."""
        key = printed_key(self.secret(number))
        return Typed(AMC, f"M{number:09d}", "1980-02-03", "1", key)

    def code(self, number: int) -> CardShown:
        """The code of member ``number``."""
        claims = CardClaims(
            amc=AMC,
            convention="AL",
            csr="",
            secret=self.secret(number),
            birth_year=1980,
            domains=GRID,
            responsable=True,
            valid_from=date(2026, 1, 1),
            valid_to=ENDS,
            key_id=kid_of(self.card_key.public_key()),
        )
        return CardShown(card_text(claims, self.card_key))

    def register(
        self, sites: int, *, daily_cap: int = 10**9, certificate: bytes = CERTIFICATE
    ) -> JWK:
        """The insurer, and so many sites whose software share one key; that key."""
        public = self.card_key.public_key()
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        bundle = PublicBundle(
            amc=AMCNumber.parse(AMC),
            sandbox=True,
            member_number_rule=MemberNumberRule(),
            feed_key=bytes(32),
            card_keys={kid_of(public): point},
        )
        keyring = rights_keyring(self.settings)
        keyring.put(f"outer/{AMC}/1", os.urandom(32))
        key = new_key("bench")
        registry = PostgresRegistry(partial(connect, "owner", self.settings))
        registry.register_insurer(
            Insurer(amc=int(AMC), bundle=bundle.to_json(), sandbox=True), confirmations=[]
        )
        for number in range(sites):
            site = f"STRUCT:BENCH-{number:04d}"
            registry.register_site(Site(site=site, kind=SiteKind.PHARMACY, daily_cap=daily_cap))
            registry.register_software(
                Software(
                    client_id=site,
                    number=0,
                    site=site,
                    jwks=public_jwks(key),
                    certificates=frozenset({certificate}),
                    sandbox=True,
                    revoked=False,
                    product=PRODUCT,
                )
            )
        registry.close()
        return key

    def populate(self, kind_of: KindOf) -> None:
        """Seal one lock a member, of the kind that ``kind_of`` says."""
        keyring = rights_keyring(self.settings)
        key_x, outer = keyring.get("index/1"), AESGCM(keyring.get(f"outer/{AMC}/1"))
        record, amc, ends = encode_record(RECORD), AMC.encode(), days_of(ENDS)
        with connect("owner", self.settings) as connection:
            with connection.cursor().copy(COPY) as copy:
                copy.set_types(TYPES)
                members = range(self.records)
                for number in track(members, "sealing", disable=not sys.stderr.isatty()):
                    kind = kind_of(number)
                    handle = self.handle(number)
                    secret = card_secret(self.key_c, handle, SERIAL)
                    if kind == DECLARED:
                        typed = b"M%09d" % number, b"19800203", b"1", printed_key(secret).encode()
                        secret = declared_secret(amc, *typed)
                    find, nonce = find_of(secret), os.urandom(12)
                    box = seal_box(
                        secret,
                        record,
                        amc=amc,
                        handle=handle,
                        kind=kind,
                        serial=SERIAL,
                        nonce=nonce,
                    )
                    stored = seal_outer(
                        outer,
                        find,
                        box,
                        handle=handle,
                        kind=kind,
                        serial=SERIAL,
                        ends=ends,
                        key_version=1,
                        nonce=os.urandom(12),
                    )
                    index = index_of(key_x, amc, kind, find)
                    serial = int.from_bytes(SERIAL, "big")
                    copy.write_row((index, int(AMC), handle, kind, serial, ENDS, 1, 1, stored))
            connection.commit()
            connection.autocommit = True
            connection.execute("VACUUM (ANALYZE) sealed.lock")

    def sign_in(self, door: Door, key: JWK, sites: int) -> list[bytes]:
        """A session for each site."""
        return [token for token, _ in self.sessions(door, key, sites)]

    def sessions(
        self, door: Door, key: JWK, sites: int, *, sealed: bool = False
    ) -> list[tuple[bytes, SealPresence | None]]:
        """A session for each site: its token, and where its questions are sealed."""
        sessions: list[tuple[bytes, SealPresence | None]] = []
        presence = b""
        if sealed:
            note = door.ask(PresenceKey())
            assert isinstance(note, PresenceNote), note
            verifier = vault_key(self.settings.vault_key_file)
            presence = presence_key_of(note.note, verifier, now=SystemClock().now())
        for number in range(sites):
            client_id = f"STRUCT:BENCH-{number:04d}"
            seal = SealPresence(presence, os.urandom(32)) if sealed else None
            claim = seal.claim if seal else b""
            assertion = make_assertion(
                client_id, self.settings.token_url, key, now=SystemClock().now(), presence=claim
            )
            reply = door.ask(SignIn(assertion, CERTIFICATE))
            assert isinstance(reply, SignedIn), reply
            if seal:
                seal.begin(reply.token)
            sessions.append((reply.token, seal))
        return sessions

    @contextmanager
    def vault(self) -> Iterator[subprocess.Popen[bytes]]:
        """A vault of this installation, ready."""
        process = subprocess.Popen(
            [sys.executable, "-m", "rempart", "vault", "run"], env=self.environ
        )
        try:
            wait_for(self.settings.vault_socket, process)
            yield process
        finally:
            process.terminate()
            process.wait(30)


def kind_by_place(number: int) -> int:
    """One card in ten; the rest is declared."""
    return CARD if number % 10 == 0 else DECLARED


def ask(token: bytes, key: str, shown: CardShown | Typed) -> Ask:
    """A question of today."""
    return Ask(token, CERTIFICATE, key, "PHAR", date.today().isoformat(), shown)  # noqa: DTZ011


def ask_in(session: tuple[bytes, SealPresence | None], key: str, shown: CardShown | Typed) -> Ask:
    """A question of today, sealed where its session seals."""
    token, seal = session
    clear = ask(token, key, shown)
    if seal is None:
        return clear
    value = seal(shown, key=key, domain=clear.domain, care_date=clear.care_date)
    return structs.replace(clear, shown=Sealed(value))


def wait_for(socket: Path, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    """Return once the vault answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with Door(socket) as door:
                door.ask(Status())
            return
        except TemporarilyUnavailable:
            time.sleep(0.05)
    raise SystemExit("the vault did not start")


@contextmanager
def ground(records: int, *, port: int = 8443, within: Path | None = None) -> Iterator[Ground]:
    """A throw-away installation on the embedded PostgreSQL, in a folder or the usual one."""
    with tempfile.TemporaryDirectory(prefix="rempart-bench-", dir=within) as folder:
        home = Path(folder)
        settings = Settings.from_environ({"REMPART_HOME": str(home), "REMPART_PORT": str(port)})
        tuning = {"shared_buffers": "1GB", "max_wal_size": "4GB"}
        server = EmbeddedPostgres(settings=tuning)
        admin = server.start(settings.postgres, settings.secrets)
        try:
            set_up(settings, admin)
            yield Ground(settings=settings, admin=admin, records=records)
        finally:
            server.stop()
