"""The vault's assembly: keys, sealed locks for reading, the ledger for appending."""

from functools import partial

from rempart.adapters.checkpoint_file import CheckpointFile
from rempart.adapters.identity.assertions import SignedAssertions
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.ledger import PostgresLedger
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.adapters.postgres.rights import PostgresRights
from rempart.adapters.system import SystemChance, SystemClock
from rempart.bootstrap.keyrings import rights_keyring, vault_keyring
from rempart.config import Settings
from rempart.usecases.assemble_vault import VaultPorts, vault, vault_ledger
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.serve_requests import ServeRequests


def ports(settings: Settings) -> VaultPorts:
    """The vault's ports on real parts, under the database role ``vault``."""
    open_database = partial(connect, "vault", settings)
    memo = CheckpointFile(settings.checkpoint_file)
    return VaultPorts(
        clock=SystemClock(),
        chance=SystemChance(),
        rights_keys=rights_keyring(settings),
        vault_keys=vault_keyring(settings),
        rights=PostgresRights(open_database),
        store=PostgresLedger(open_database),
        memo=memo,
        registry=PostgresRegistry(open_database),
        assertions=SignedAssertions(settings.token_url),
        origin=settings.log_origin,
        sandbox=settings.sandbox,
        settle=memo.settle,
    )


def assemble(settings: Settings) -> ServeRequests:
    """A whole vault; leaves its public key beside its checkpoint, for whoever verifies."""
    service = vault(ports(settings))
    settings.vault_key_file.write_text(service.ledger.signer.verifier.vkey + "\n")
    return service


def assemble_ledger(settings: Settings) -> KeepLedger:
    """The vault's ledger alone, for what is done while no vault runs."""
    return vault_ledger(ports(settings))
