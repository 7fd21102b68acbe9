"""The registrar's assembly for people: the owner's role, operators' and vendors' public keys."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TextIO

from rempart.adapters.identity.bounded_http import new_http
from rempart.adapters.identity.pro_sante_client import ProSanteClient, Provider
from rempart.adapters.identity.trusted_keys import HOSTILE, parse_keys
from rempart.adapters.keys.operators import trusted_operators
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.directory import PostgresDirectory
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.postgres.people import PostgresPeople
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.adapters.system import SystemChance, SystemClock
from rempart.bootstrap.importer import operators_folder
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused
from rempart.usecases.enrol_staff import EnrolStaff
from rempart.usecases.follow_directory import FollowDirectory
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.look_up_directory import LookUpDirectory

NO_SECRET = "-"  # noqa: S105 -- the published keys are everybody's to read


def vendors_folder(settings: Settings) -> Path:
    """Public keys of the vendors that this installation trusts."""
    return settings.home / "vendors"


@contextmanager
def people_registrar(settings: Settings) -> Iterator[PostgresPeople]:
    """People, open for writing."""
    with closing(PostgresPeople(partial(connect, "owner", settings))) as people:
        yield people


@contextmanager
def follower(settings: Settings) -> Iterator[FollowDirectory]:
    """The taking-in of the public directory."""
    owner = partial(connect, "owner", settings)
    with (
        closing(PostgresRegistry(owner)) as registry,
        closing(PostgresDirectory(owner)) as directory,
    ):
        yield FollowDirectory(registry=registry, directory=directory, lenient_key=settings.sandbox)


@contextmanager
def directory_look_up(settings: Settings) -> Iterator[LookUpDirectory]:
    """Whom the last extract lists."""
    with closing(PostgresDirectory(partial(connect, "owner", settings))) as directory:
        yield LookUpDirectory(
            directory=directory, sandbox=settings.sandbox, today=datetime.now(UTC).date()
        )


@contextmanager
def staff_registrar(settings: Settings) -> Iterator[EnrolStaff]:
    """The enrolment of staff."""
    with people_registrar(settings) as people:
        yield EnrolStaff(
            people=people,
            operators=trusted_operators(operators_folder(settings)),
            clock=SystemClock(),
            chance=SystemChance(),
        )


def entry_at(settings: Settings, index: int) -> StoredEntry | None:
    """One entry of the ledger, as it is stored."""
    with ledger_view(partial(connect, "owner", settings)) as view:
        return next(islice(view.entries(index, index + 1), 1), None)


def extract_file(path: Path) -> TextIO:
    """An extract of the public directory, as ``follow_directory`` reads it."""
    return path.open(encoding="utf-8-sig", newline="")


async def published_keys(settings: Settings) -> bytes:
    """The keys that Pro Santé Connect publishes now.

    Raises:
        SetUpRefused: it is not set up here.
        TemporarilyUnavailable: it does not answer.
    """
    if settings.psc_issuer is None or settings.psc_client_id is None:
        raise SetUpRefused("REMPART_PSC_ISSUER and REMPART_PSC_CLIENT_ID are not set")
    provider = Provider(
        issuer=settings.psc_issuer,
        client_id=settings.psc_client_id,
        redirect_uri="",
        secret=NO_SECRET,
    )
    async with new_http() as http:
        return await ProSanteClient(provider, http).published_keys()


def keep_issuer_keys(settings: Settings, published: bytes) -> int:
    """Put a set in place of the trusted keys, whole or not at all; how many sign.

    Raises:
        SetUpRefused: it is no set with a signing key.
    """
    try:
        count = len(parse_keys(published))
    except HOSTILE:
        raise SetUpRefused("expected a JWK set with a signing key") from None
    path = settings.psc_keys_file
    fresh = path.with_suffix(".new")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh.write_bytes(published)
    fresh.replace(path)
    return count
