"""Settings: read once from the environment, frozen, without a secret among the defaults.

Each is described in ``docs/reference/settings.md``; a test compares. A name that starts with
``REMPART_`` and is not a setting is refused: a bound that is misspelt would not be a bound.
"""

import grp
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import urlsplit

from rempart.domain.errors import SetUpRefused

T = TypeVar("T")


class Instance(StrEnum):
    """What this installation is for; keys of one kind are refused by another."""

    DEMO = "demo"
    SANDBOX = "sandbox"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that an operator may move. A bound without a reason does not belong here."""

    # Months after the last end of a lock. Claims of care are prescribed after two years (code de
    # la mutualité, L221-11); three more months for what is in the post.
    lock_months: int = 27
    # Seconds to reach PostgreSQL. A failover takes a few; a question waits less than that.
    database_seconds: int = 5
    # Accounts a day that alerts of one other operator narrow here, and those of all: 2024's thieves
    # had a handful. More wait for a person.
    alert_accounts: int = 20
    alert_accounts_all: int = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One installation, as its environment describes it."""

    home: Path
    instance: Instance
    host: str
    port: int
    base_url: str
    log_origin: str
    gateway_group: int | None = None
    # Where people's pages are; none: no person signs in, software goes on.
    web_url: str | None = None
    # The host that passkeys are bound to.
    rp_id: str | None = None
    # Pro Santé Connect; none: no professional signs in.
    psc_issuer: str | None = None
    psc_client_id: str | None = None
    # Where the web process listens; how people reach the helpdesk, as pages say it.
    web_port: int = 8444
    # Where claims are taken in.
    billing_port: int = 8445
    # How others reach it.
    billing_url: str = field(default="https://localhost:8445", repr=False)
    # Where our alerts lie for other operators, if no other web server serves them.
    alert_port: int = 8446
    # Whether others are warned, without a person, of what our guard has frozen.
    alert_alone: bool = False
    helpdesk: str = field(default="", repr=False)
    # Whom to reach in a breach; none: contacts.toml under home.
    contacts: Path | None = None
    # Where notices of deliveries go out; none: nobody is told by mail, and is called.
    smtp_host: str | None = field(default=None, repr=False)
    smtp_port: int = 587
    # The registries' files that say whose network is where; none: no country is known.
    country_files: tuple[Path, ...] = ()
    # Where cards are verified offline, as pages link to it.
    verifier_url: str = "/verify/"
    # The administrator's, password included: read by ``rempart db`` and by nothing else.
    database_url: str | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """The settings of this process.

        Raises:
            SetUpRefused: a value that is not one, an unknown name, or a production installation
                that does not say what it is called. The message never quotes a value.
        """
        refuse_unknown(environ)
        port = _read(environ, "REMPART_PORT", "8443", _port)
        web_url = _read(environ, "REMPART_WEB_URL", "", _optional(_base_url))
        billing_port = _read(environ, "REMPART_BILLING_PORT", "8445", _port)
        intake = f"https://localhost:{billing_port}"
        instance = _read(environ, "REMPART_INSTANCE", "demo", Instance)
        if instance is Instance.PRODUCTION:
            _require(environ, "REMPART_BASE_URL", "REMPART_LOG_ORIGIN")
        _together(environ, "REMPART_PSC_ISSUER", "REMPART_PSC_CLIENT_ID", "REMPART_WEB_URL")
        return cls(
            home=Path(environ.get("REMPART_HOME") or ".rempart").absolute(),
            instance=instance,
            host=environ.get("REMPART_HOST") or "127.0.0.1",
            port=port,
            base_url=_read(environ, "REMPART_BASE_URL", f"https://localhost:{port}", _base_url),
            log_origin=environ.get("REMPART_LOG_ORIGIN") or "localhost/rempart",
            gateway_group=_read(environ, "REMPART_GATEWAY_GROUP", "", _group),
            web_url=web_url,
            rp_id=environ.get("REMPART_RP_ID") or (urlsplit(web_url).hostname if web_url else None),
            psc_issuer=_read(environ, "REMPART_PSC_ISSUER", "", _optional(_issuer(instance))),
            psc_client_id=environ.get("REMPART_PSC_CLIENT_ID") or None,
            web_port=_read(environ, "REMPART_WEB_PORT", "8444", _port),
            billing_port=billing_port,
            billing_url=_read(environ, "REMPART_BILLING_URL", intake, _base_url),
            alert_port=_read(environ, "REMPART_ALERT_PORT", "8446", _port),
            alert_alone=_read(environ, "REMPART_ALERT_ALONE", "no", _yes),
            helpdesk=_read(environ, "REMPART_HELPDESK", "", _line),
            contacts=_read(environ, "REMPART_CONTACTS", "", _file),
            smtp_host=_read(environ, "REMPART_SMTP_HOST", "", _optional(_host)),
            smtp_port=_read(environ, "REMPART_SMTP_PORT", "587", _port),
            verifier_url=_read(environ, "REMPART_VERIFIER_URL", "/verify/", _page),
            country_files=_read(environ, "REMPART_COUNTRY_FILES", "", _files),
            database_url=environ.get("REMPART_DATABASE_URL") or None,
            limits=Limits(
                lock_months=_read(environ, "REMPART_LOCK_MONTHS", "27", _positive),
                database_seconds=_read(environ, "REMPART_DATABASE_SECONDS", "5", _positive),
                alert_accounts=_read(environ, "REMPART_ALERT_ACCOUNTS", "20", _count),
                alert_accounts_all=_read(environ, "REMPART_ALERT_ACCOUNTS_ALL", "40", _count),
            ),
        )

    @property
    def sandbox(self) -> bool:
        """Whether only test keys and test people belong here."""
        return self.instance is not Instance.PRODUCTION

    @property
    def token_url(self) -> str:
        """Where software signs in: the audience of its assertions."""
        return f"{self.base_url}/token"

    @property
    def postgres(self) -> Path:
        """Data of the embedded PostgreSQL."""
        return self.home / "postgres"

    @property
    def secrets(self) -> Path:
        """One file a database role: where the database is, and the role's password."""
        return self.home / "secrets"

    @property
    def keys(self) -> Path:
        """Keyrings and their key files."""
        return self.home / "keys"

    @property
    def tls(self) -> Path:
        """The gateway's certificate and key, and the authorities of its callers."""
        return self.home / "tls"

    @property
    def vault_socket(self) -> Path:
        """Where the vault listens."""
        return self.home / "run" / "vault.sock"

    @property
    def checkpoint_file(self) -> Path:
        """The vault's own memory of its last checkpoint."""
        return self.home / "vault" / "checkpoint"

    @property
    def cut_orders(self) -> Path:
        """Cut-offs that were ordered while no vault answered: its user's, and nobody else's."""
        return self.home / "vault" / "orders"

    @property
    def segments(self) -> Path:
        """Closed days of the ledger, and what is signed of them: auditors read it, and copy it."""
        return self.home / "segments"

    @property
    def tables(self) -> Path:
        """Whose their pseudonyms are, sealed: the vault's user's, and never copied with them."""
        return self.home / "tables"

    @property
    def cases(self) -> Path:
        """Scopes and dossiers of incidents, by number: the vault's user's."""
        return self.home / "cases"

    @property
    def incident_key_file(self) -> Path:
        """Public half of the incident key; the private one is kept apart, by people."""
        return self.home / "vault" / "incident-key.pub"

    @property
    def measures(self) -> Path:
        """What attestations of measures have seen: auditors read it, and copy it."""
        return self.home / "measures"

    @property
    def alerts(self) -> Path:
        """Alerts to other operators and from them: folders of ``adapters/alert_folders.py``."""
        return self.home / "alerts"

    @property
    def contacts_file(self) -> Path:
        """Whom to reach in a breach: read with no network and no database, by whoever delivers."""
        return self.contacts or self.home / "contacts.toml"

    @property
    def psc_keys_file(self) -> Path:
        """Keys of Pro Santé Connect that the vault trusts; its user's to write, nobody else's."""
        return self.home / "vault" / "psc-keys.json"

    @property
    def psc_secret_file(self) -> Path:
        """What we are known to Pro Santé Connect by: the web process's to read, nobody else's."""
        return self.home / "web" / "psc-secret"

    @property
    def psc_client_key_file(self) -> Path:
        """The same as a private key (JWK), instead of a secret."""
        return self.home / "web" / "psc-key.json"

    @property
    def vault_key_file(self) -> Path:
        """The vault's public key, for whoever verifies."""
        return self.home / "vault" / "public-key"


HELPDESK_MAX = 80
"""Characters: a number, and its hours."""

NAMES = (
    "REMPART_HOME",
    "REMPART_INSTANCE",
    "REMPART_HOST",
    "REMPART_PORT",
    "REMPART_BASE_URL",
    "REMPART_LOG_ORIGIN",
    "REMPART_GATEWAY_GROUP",
    "REMPART_WEB_URL",
    "REMPART_RP_ID",
    "REMPART_PSC_ISSUER",
    "REMPART_PSC_CLIENT_ID",
    "REMPART_WEB_PORT",
    "REMPART_BILLING_PORT",
    "REMPART_BILLING_URL",
    "REMPART_ALERT_PORT",
    "REMPART_ALERT_ALONE",
    "REMPART_ALERT_ACCOUNTS",
    "REMPART_ALERT_ACCOUNTS_ALL",
    "REMPART_HELPDESK",
    "REMPART_CONTACTS",
    "REMPART_SMTP_HOST",
    "REMPART_SMTP_PORT",
    "REMPART_VERIFIER_URL",
    "REMPART_COUNTRY_FILES",
    "REMPART_DATABASE_URL",
    "REMPART_LOCK_MONTHS",
    "REMPART_DATABASE_SECONDS",
)
OF_THE_SCRIPT = frozenset({"REMPART_PYTHON"})
"""Read by ``./rempart`` before Python starts."""


def refuse_unknown(environ: Mapping[str, str]) -> None:
    """Return if every ``REMPART_`` name is a setting.

    Raises:
        SetUpRefused: one is not.
    """
    for name in sorted(environ):
        if name.startswith("REMPART_") and name not in NAMES and name not in OF_THE_SCRIPT:
            raise SetUpRefused(f"{name} is not a setting: see docs/reference/settings.md")


def _require(environ: Mapping[str, str], *names: str) -> None:
    for name in names:
        if not environ.get(name):
            raise SetUpRefused(f"{name} must be given in production")


def _together(environ: Mapping[str, str], issuer: str, *others: str) -> None:
    """Pro Santé Connect is set up whole, or not at all."""
    if environ.get(issuer):
        for name in others:
            if not environ.get(name):
                raise SetUpRefused(f"{name} must be given with {issuer}")


def _read(environ: Mapping[str, str], name: str, default: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(environ.get(name) or default)
    except (ValueError, KeyError):
        raise SetUpRefused(f"{name}: not a value of this setting") from None


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _count(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 10_000:
        raise ValueError
    return number


def _yes(text: str) -> bool:
    return {"yes": True, "no": False}[text]


def _port(text: str) -> int:
    # 0 lets the kernel choose, for tests.
    if not 0 <= int(text) <= 65_535:
        raise ValueError
    return int(text)


def _line(text: str) -> str:
    if len(text) > HELPDESK_MAX or not text.isprintable():
        raise ValueError
    return text


def _files(text: str) -> tuple[Path, ...]:
    """Files by their whole path, with a colon between two: each process has its own folder."""
    paths = tuple(Path(name) for name in text.split(":") if name)
    if not all(path.is_absolute() for path in paths):
        raise ValueError
    return paths


def _file(text: str) -> Path | None:
    """A file by its whole path: it is read from any folder."""
    if text and not Path(text).is_absolute():
        raise ValueError
    return Path(text) if text else None


def _host(text: str) -> str:
    """A host by its name, as a certificate says it: no port, no user."""
    if not text.isascii() or not text.replace(".", "").replace("-", "").isalnum():
        raise ValueError
    return text


def _page(text: str) -> str:
    """A page of ours, by its path; or anybody's, over TLS."""
    if text.startswith("/") and not text.startswith("//") and text.isprintable():
        return text
    return _base_url(text)


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise ValueError
    return text.rstrip("/")


def _optional(parse: Callable[[str], str]) -> Callable[[str], str | None]:
    return lambda text: parse(text) if text else None


def _issuer(instance: Instance) -> Callable[[str], str]:
    """An issuer over TLS; a simulator on this machine does without, where no real person is."""

    def parse(text: str) -> str:
        parts = urlsplit(text)
        if instance is not Instance.PRODUCTION and parts.scheme == "http":
            if parts.hostname not in {"127.0.0.1", "localhost"}:
                raise ValueError
            return text.rstrip("/")
        return _base_url(text)

    return parse


def _group(text: str) -> int | None:
    if not text:
        return None
    return int(text) if text.isdecimal() else grp.getgrnam(text).gr_gid
