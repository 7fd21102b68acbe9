"""The platform's keyrings: one a purpose, each with a key file of its own.

    rights.keyring     index and outer keys: the vault and the importer
    vault.keyring      pseudonym and checkpoint keys: the vault alone
    importer.keyring   the private key of feeds: the importer alone
    billing.keyring    the private key of claims: whoever judges them, alone
    incident.keyring   the private key of what is said of incidents: who answers for them, alone

In production each pair lies on its holder's host; a backup of one never holds the other.
"""

from rempart.adapters.keys.file import FileKeyring, KeyFile
from rempart.adapters.system import SystemChance
from rempart.config import Settings
from rempart.domain.errors import KeyMissing

RIGHTS, VAULT, IMPORTER, BILLING = "rights", "vault", "importer", "billing"
INCIDENT = "incident"


def rights_keyring(settings: Settings) -> FileKeyring:
    """Index and outer keys."""
    return _open(settings, RIGHTS)


def vault_keyring(settings: Settings) -> FileKeyring:
    """Pseudonym and checkpoint keys."""
    return _open(settings, VAULT)


def importer_keyring(settings: Settings) -> FileKeyring:
    """The private key of feeds."""
    return _open(settings, IMPORTER)


def billing_keyring(settings: Settings) -> FileKeyring:
    """The private key of claims."""
    return _open(settings, BILLING)


def incident_keyring(settings: Settings) -> FileKeyring:
    """The private key of what is said of incidents."""
    return _open(settings, INCIDENT)


def make_keyrings(settings: Settings) -> None:
    """Make the keyrings that are missing, and the first key of each."""
    for name in (RIGHTS, VAULT, IMPORTER, BILLING, INCIDENT):
        path = settings.keys / f"{name}.keyring"
        if not path.exists():
            settings.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
            FileKeyring.create(path, unlock=KeyFile(settings.keys / f"{name}.key").create())
    chance = SystemChance()
    for keyring, prefix, first in (
        (rights_keyring(settings), "index/", "index/1"),
        (importer_keyring(settings), "feed", "feed"),
        (billing_keyring(settings), "claims", "claims"),
        (incident_keyring(settings), "words", "words"),
    ):
        if not keyring.names(prefix):
            keyring.put(first, chance.draw(32))


def _open(settings: Settings, name: str) -> FileKeyring:
    path = settings.keys / f"{name}.keyring"
    if not path.exists():
        raise KeyMissing(f"no {name} keyring here: run rempart db init")
    return FileKeyring.open(path, KeyFile(settings.keys / f"{name}.key"))
