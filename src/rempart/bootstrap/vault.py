"""The vault's assembly: keys, sealed locks for reading, the ledger for appending."""

from functools import partial
from urllib.parse import urlsplit

from rempart.adapters.checkpoint_file import CheckpointFile
from rempart.adapters.country_files import CountryFiles
from rempart.adapters.cut_orders import CutOrderFolder
from rempart.adapters.identity.assertions import SignedAssertions
from rempart.adapters.identity.passkeys import WebAuthnPasskeys
from rempart.adapters.identity.pro_sante import ProSanteTokens
from rempart.adapters.identity.proofs import DpopProofs
from rempart.adapters.identity.trusted_keys import TrustedKeys
from rempart.adapters.keys.operators import trusted_operators
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.cut_row import PostgresCutRow
from rempart.adapters.postgres.ledger import PostgresLedger
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.postgres.people import PostgresPeople
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.adapters.postgres.rights import PostgresRights
from rempart.adapters.system import SystemChance, SystemClock
from rempart.bootstrap.importer import operators_folder
from rempart.bootstrap.insurer_facts import HomeFacts
from rempart.bootstrap.keyrings import rights_keyring, vault_keyring
from rempart.bootstrap.lists import published
from rempart.config import Settings
from rempart.domain.alert_book import Rules
from rempart.usecases.assemble_vault import PeoplePorts, VaultPorts, vault, vault_ledger
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.serve_requests import ServeRequests

RP_NAME = "Rempart"
"""What a person's device shows beside their passkey."""


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
        people=people_ports(settings),
        settle=memo.settle,
        cut_row=PostgresCutRow(open_database),
        cut_orders=CutOrderFolder(settings.cut_orders),
        operators=partial(trusted_operators, operators_folder(settings)),
        countries=CountryFiles(settings.country_files),
        alert_rules=Rules(
            a_day=settings.limits.alert_accounts,
            all_a_day=settings.limits.alert_accounts_all,
            alone=settings.alert_alone,
        ),
    )


def people_ports(settings: Settings) -> PeoplePorts | None:
    """Where people sign in, what that takes; nothing where they have no pages."""
    if settings.web_url is None or settings.rp_id is None:
        return None
    return PeoplePorts(
        proofs=DpopProofs(),
        passkeys=WebAuthnPasskeys(
            rp_id=settings.rp_id, rp_name=RP_NAME, origin=origin_of(settings.web_url)
        ),
        store=PostgresPeople(partial(connect, "vault", settings)),
        web_url=settings.web_url,
        facts=HomeFacts(partial(connect, "vault", settings), published(settings)),
        views=partial(ledger_view, partial(connect, "vault", settings)),
        tokens=id_tokens(settings),
    )


def id_tokens(settings: Settings) -> ProSanteTokens | None:
    """Pro Santé Connect, where it is set up. Keys that are missing shut sign-in, not the vault."""
    if settings.psc_issuer is None or settings.psc_client_id is None:
        return None
    return ProSanteTokens(
        issuer=settings.psc_issuer,
        client_id=settings.psc_client_id,
        keys=TrustedKeys(settings.psc_keys_file),
        lenient_key=settings.sandbox,
    )


def origin_of(url: str) -> str:
    """The origin that a browser says of a page."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def assemble(settings: Settings, parts: VaultPorts | None = None) -> ServeRequests:
    """A whole vault; leaves its public key beside its checkpoint, for whoever verifies.

    ``parts`` are the real ones, unless a drill has put its clock among them.
    """
    service = vault(parts or ports(settings))
    settings.vault_key_file.write_text(service.ledger.signer.verifier.vkey + "\n")
    return service


def assemble_ledger(settings: Settings) -> KeepLedger:
    """The vault's ledger alone, for what is done while no vault runs."""
    return vault_ledger(ports(settings))
