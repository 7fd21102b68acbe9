"""Set an installation up: the database's roles and schemas, and the keyrings."""

from collections.abc import Sequence
from functools import partial

from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.migrate import migrate
from rempart.adapters.postgres.roles import ensure_database, ensure_roles
from rempart.bootstrap.billing import publish_claims_key
from rempart.bootstrap.keyrings import make_keyrings
from rempart.config import Settings


def set_up(settings: Settings, admin: str) -> Sequence[str]:
    """Everything that is missing; the names of the migrations applied.

    ``admin`` is the connection string of an administrator of the database server.

    Raises:
        SetUpRefused: an older PostgreSQL, a right that is missing, an edited migration.
        TemporarilyUnavailable: no database.
    """
    database = ensure_database(admin, "rempart")
    ensure_roles(database, settings.secrets, connect_seconds=settings.limits.database_seconds)
    applied = migrate(partial(connect, "owner", settings))
    make_keyrings(settings)
    publish_claims_key(settings)
    return applied
