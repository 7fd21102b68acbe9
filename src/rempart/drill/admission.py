"""How a drill's installation takes its insurers in: what the demo and the real stack do alike.

Insurers make their keys, two operators confirm, insurers prepare, the importer takes in.
"""

import secrets
from collections.abc import Callable
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.adapters.identity.certificates import Issued, issue_server, make_authority
from rempart.adapters.keys.file import KeyFile
from rempart.adapters.keys.operators import make_operator_key, operator_key, trust_operator
from rempart.bootstrap.importer import importer, operators_folder, registration
from rempart.bootstrap.insurer import InsurerFolder, make_folder
from rempart.config import Settings
from rempart.domain.insurer import InsurerProfile
from rempart.usecases.import_members import ImportOptions, Observer
from rempart.usecases.prepare_feed import PrepareOptions, Watch
from rempart.usecases.register_insurer import confirm

OPERATORS = ("alix", "basile")
OPERATOR_KEYS = "operator-keys"
Rows = Callable[[int], object]
"""Told of rows done."""


def trust_operators(settings: Settings) -> None:
    """Two people who confirm insurers here."""
    for name in OPERATORS:
        public = make_operator_key(settings.home / OPERATOR_KEYS, name, secrets.token_bytes(32))
        trust_operator(operators_folder(settings), public)


def operators(settings: Settings) -> list[Ed25519PrivateKey]:
    """The keys of those two."""
    keys = settings.home / OPERATOR_KEYS
    return [operator_key(keys / f"{name}.key") for name in OPERATORS]


def admit(settings: Settings, folder: Path, profile: InsurerProfile) -> InsurerFolder:
    """An insurer makes its keys in ``folder``, and is confirmed."""
    unlock = KeyFile(folder / "insurer.key")
    bundle = make_folder(folder, profile, unlock)
    confirmations = [confirm(bundle, key) for key in operators(settings)]
    with registration(settings) as register:
        register(bundle, confirmations=confirmations)
    return InsurerFolder.open(folder, unlock)


def prepare(insurer: InsurerFolder, members: Path, *, today: date, read: Rows) -> Path:
    """An insurer prepares a whole member file; its feed."""
    _, feed = insurer.prepare(
        members,
        out=None,
        today=today,
        options=PrepareOptions(full=True),
        watch=Watch(read=read),
    )
    return feed


def take_in(settings: Settings, insurer: InsurerFolder, feed: Path, *, taken: Rows) -> None:
    """The importer takes a feed in."""
    with importer(settings) as take, feed.open("rb") as stream:
        take(
            stream,
            amc=insurer.profile.amc,
            options=ImportOptions(),
            observer=Observer(taken=taken),
        )


def make_tls(settings: Settings, *, now: int) -> Issued:
    """Certificates of gateway, intake and web; the authority of whoever calls them."""
    tls = settings.tls
    tls.mkdir(mode=0o711, parents=True)
    servers, clients = make_authority("Rempart demo", now=now), make_authority("PS", now=now)
    (tls / "authority.pem").write_bytes(servers.certificate)
    (tls / "clients.pem").write_bytes(clients.certificate)
    issue_server(servers, ["localhost", "127.0.0.1"], now=now).write(tls, "gateway")
    issue_server(servers, ["localhost", "127.0.0.1"], now=now).write(tls, "billing")
    issue_server(servers, ["localhost"], now=now).write(tls, "web")
    return clients
