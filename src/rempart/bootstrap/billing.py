"""The assemblies of billing: the intake, which holds no key; and the judge, which holds its own.

The intake needs neither vault, gateway nor portal: its own role of the database, the public half of
the judge's key (``billing/claims.pub``), and what is cut, if that can be read.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rempart.adapters.durable import write_whole
from rempart.adapters.list_archive import ListArchive
from rempart.adapters.postgres.claims import PostgresClaimBook, PostgresClaimQueue
from rempart.adapters.postgres.connections import connect, conninfo_file
from rempart.adapters.postgres.cut_row import PostgresCutRowSource
from rempart.adapters.system import SystemChance, SystemClock
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.keyrings import billing_keyring
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
from rempart.domain.errors import KeyMissing, ListRefused
from rempart.domain.tariff import france
from rempart.usecases.decide_claims import DecideClaims
from rempart.usecases.judge_claims import JudgeClaims
from rempart.usecases.judge_undertakings import Books
from rempart.usecases.messages import Reply, Request
from rempart.usecases.ports import Clock
from rempart.usecases.read_cut_offs import ReadCutOffs
from rempart.usecases.reconcile_claims import ReconcileClaims
from rempart.usecases.take_claims import TakeClaims
from rempart.usecases.take_lists import TakeLists, Taken, is_trust

CLAIMS = "claims"
KEY_SIZE = 32


def claims_key_file(settings: Settings) -> Path:
    """The public key that claims are sealed to, for the intake."""
    return settings.home / "billing" / "claims.pub"


def lists_folder(settings: Settings) -> Path:
    """The lists that claims are judged by, every one that ever counted."""
    return settings.home / "billing" / "lists"


def publish_claims_key(settings: Settings) -> None:
    """Leave the public half of the judge's key where the intake reads it."""
    private = X25519PrivateKey.from_private_bytes(billing_keyring(settings).get(CLAIMS))
    path = claims_key_file(settings)
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    write_whole(path, private.public_key().public_bytes_raw(), mode=0o644)


def claims_key(settings: Settings) -> bytes:
    """The public key that claims are sealed to.

    Raises:
        KeyMissing: it is not here.
    """
    try:
        key = claims_key_file(settings).read_bytes()
    except FileNotFoundError:
        key = b""
    if len(key) != KEY_SIZE:
        raise KeyMissing("billing/claims.pub is not here: run rempart db init, or copy it here")
    return key


@dataclass(frozen=True, slots=True)
class Intake:
    """What the intake's process holds; ``close`` hangs up."""

    take: TakeClaims
    rows: ReadCutOffs
    queue: PostgresClaimQueue = field(repr=False)
    source: PostgresCutRowSource = field(repr=False)
    clock: Clock

    async def close(self) -> None:
        """Hang up."""
        await self.source.close()
        await self.queue.close()


def intake(settings: Settings, clock: Clock | None = None) -> Intake:
    """The intake, under the database role ``billing``; a drill brings its own clock."""
    clock = clock or SystemClock()
    conninfo = conninfo_file(settings.secrets, "billing")
    queue = PostgresClaimQueue(conninfo, sandbox=settings.sandbox)
    source = PostgresCutRowSource(conninfo)
    return Intake(
        take=TakeClaims(queue, clock, SystemChance(), claims_key(settings)),
        rows=ReadCutOffs(source, partial(vault_key, settings.vault_key_file)),
        queue=queue,
        source=source,
        clock=clock,
    )


@contextmanager
def claim_book(settings: Settings) -> Iterator[PostgresClaimBook]:
    """Claims and rulings, under the database role ``judge``."""
    with closing(PostgresClaimBook(partial(connect, "judge", settings))) as book:
        yield book


@contextmanager
def decider(settings: Settings, vault: Callable[[Request], Reply]) -> Iterator[DecideClaims]:
    """A person's decision on what the judge left to one, written down by the vault."""
    with claim_book(settings) as book:
        yield DecideClaims(book, vault, billing_keyring(settings).get(CLAIMS))


@contextmanager
def reconciliation(settings: Settings) -> Iterator[ReconcileClaims]:
    """What became of every claim."""
    with claim_book(settings) as book:
        yield ReconcileClaims(book, book, SystemClock(), billing_keyring(settings).get(CLAIMS))


def trust_lists(settings: Settings, point: bytes) -> str:
    """Trust the lists of the operator with this key; its fingerprint.

    Raises:
        ListRefused: no key, or another operator's lists are kept.
    """
    return TakeLists(ListArchive(lists_folder(settings))).trust_operator(point)


def keep_lists(
    settings: Settings, lists: Iterable[Path], *, now: int
) -> Iterator[tuple[Path, Taken | ListRefused]]:
    """Take lists in to judge by, also those that count no more; ``now`` is in seconds.

    Whose lists those of insurers are, the trust list says: it comes first.
    """
    archive = ListArchive(lists_folder(settings))
    take = TakeLists(archive)
    for path in sorted(lists, key=lambda each: not is_trust(each.read_bytes())):
        data = path.read_bytes()
        try:
            yield path, take(data, now=now)
        except ListRefused as refusal:
            yield path, Taken.OLDER if archive.keep_older(data) else refusal


@contextmanager
def _vault(settings: Settings) -> Iterator[Callable[[Request], Reply]]:
    """The vault that runs here, by one connection, made when it is first asked."""
    with ExitStack() as opened:
        doors: list[Door] = []

        def ask(request: Request) -> Reply:
            if not doors:
                doors.append(opened.enter_context(Door(settings.vault_socket)))
            return doors[0].ask(request)

        yield ask


@contextmanager
def judge(settings: Settings, lists: Path, *, clock: Clock | None = None) -> Iterator[JudgeClaims]:
    """The judgement of claims, by the lists that a folder keeps and has kept."""
    archive = ListArchive(lists)
    TakeLists(archive).lists()
    with claim_book(settings) as book, _vault(settings) as vault:
        yield JudgeClaims(
            book=book,
            ledger=book,
            books=Books(
                tariff=france(),
                card_key=archive.card_key,
                statement=archive.statement,
                standing=archive.standing,
                last_made=archive.last_made,
                newest=archive.newest,
                counted=archive.counted,
                sales=book.sales,
            ),
            clock=clock or SystemClock(),
            vault=vault,
            key=billing_keyring(settings).get(CLAIMS),
        )
