"""The web process's assembly: a door to the vault, and what Pro Santé Connect knows us by.

No key of a record, no table but the row of what is cut, nothing that names an account or issues a
token. The secret here is worth an ID token of somebody who is just signing in, under a nonce that
the vault chose.
"""

import json
import stat
from pathlib import Path

import httpx2

from rempart.adapters.identity.bounded_http import new_http
from rempart.adapters.identity.pro_sante_client import ProSanteClient, Provider
from rempart.adapters.postgres.cut_row import PostgresCutRowSource
from rempart.adapters.vaultdoor.async_client import AsyncDoor
from rempart.bootstrap import gateway
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused
from rempart.usecases.identity_ports import ProfessionalSignIn
from rempart.usecases.read_cut_offs import ReadCutOffs

RETURN = "/return"
"""Where Pro Santé Connect sends back to, below the portal's origin."""


def door(settings: Settings) -> AsyncDoor:
    """The vault's socket, opened at the first request."""
    return AsyncDoor(settings.vault_socket)


def cut_offs(settings: Settings) -> tuple[ReadCutOffs, PostgresCutRowSource]:
    """What is cut: by a file of its own where it has a user of its own, or the gateway's."""
    own = settings.secrets / "web.conninfo"
    return gateway.cut_offs(settings, own if own.exists() else None)


def http() -> httpx2.AsyncClient:
    """The client that talks to Pro Santé Connect."""
    return new_http()


def lists(settings: Settings) -> Path:
    """The lists that are published, for the offline page; nothing in them is secret."""
    return settings.home / "lists"


def origin(settings: Settings) -> str:
    """The portal's origin.

    Raises:
        SetUpRefused: there is none, or it has a path: pages stand at the root of their host.
    """
    if settings.web_url is None:
        raise SetUpRefused("REMPART_WEB_URL must say where people's pages are")
    if settings.web_url.count("/") != 2:
        raise SetUpRefused("REMPART_WEB_URL: expected an origin, without a path")
    return settings.web_url


def pro_sante(settings: Settings, client: httpx2.AsyncClient) -> ProfessionalSignIn | None:
    """Pro Santé Connect, where it is set up.

    Raises:
        SetUpRefused: it is, and what we are known by is missing, or others can read it.
    """
    if settings.psc_issuer is None or settings.psc_client_id is None:
        return None
    key = settings.psc_client_key_file
    known_by = (
        {"key": json.loads(_private(key))}
        if key.exists()
        else {"secret": _private(settings.psc_secret_file).strip()}
    )
    provider = Provider(
        issuer=settings.psc_issuer,
        client_id=settings.psc_client_id,
        redirect_uri=origin(settings) + RETURN,
        **known_by,
    )
    return ProSanteClient(provider, client)


def _private(path: Path) -> str:
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SetUpRefused(f"{path} can be read by others: chmod 600")
        return path.read_text()
    except OSError:
        raise SetUpRefused(f"{path}: what Pro Santé Connect knows us by cannot be read") from None
