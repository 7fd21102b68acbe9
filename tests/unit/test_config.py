"""Settings: what is given, what is derived, and what is refused without being quoted."""

import dataclasses
import os
from pathlib import Path

import pytest

from rempart.config import Instance, Settings
from rempart.domain.errors import SetUpRefused

PASSWORD = "a-very-private-password"
URL = f"postgresql://admin:{PASSWORD}@db.example/rempart"


def test_nothing_given_is_a_demo_on_this_machine_alone():
    settings = Settings.from_environ({})
    assert settings.instance is Instance.DEMO
    assert settings.sandbox
    assert settings.home == Path.cwd() / ".rempart"
    assert (settings.host, settings.port) == ("127.0.0.1", 8443)
    assert settings.token_url == "https://localhost:8443/token"
    assert settings.database_url is None


def test_everything_lies_under_home():
    settings = Settings.from_environ({"REMPART_HOME": "/srv/rempart"})
    paths = {
        name: getattr(settings, name)
        for name, kind in vars(Settings).items()
        if isinstance(kind, property) and isinstance(getattr(settings, name), Path)
    }
    assert paths == {
        "postgres": Path("/srv/rempart/postgres"),
        "secrets": Path("/srv/rempart/secrets"),
        "keys": Path("/srv/rempart/keys"),
        "tls": Path("/srv/rempart/tls"),
        "vault_socket": Path("/srv/rempart/run/vault.sock"),
        "alerts": Path("/srv/rempart/alerts"),
        "segments": Path("/srv/rempart/segments"),
        "tables": Path("/srv/rempart/tables"),
        "cases": Path("/srv/rempart/cases"),
        "measures": Path("/srv/rempart/measures"),
        "incident_key_file": Path("/srv/rempart/vault/incident-key.pub"),
        "contacts_file": Path("/srv/rempart/contacts.toml"),
        "cut_orders": Path("/srv/rempart/vault/orders"),
        "checkpoint_file": Path("/srv/rempart/vault/checkpoint"),
        "psc_keys_file": Path("/srv/rempart/vault/psc-keys.json"),
        "psc_secret_file": Path("/srv/rempart/web/psc-secret"),
        "psc_client_key_file": Path("/srv/rempart/web/psc-key.json"),
        "vault_key_file": Path("/srv/rempart/vault/public-key"),
    }


def test_the_administrators_password_is_not_shown():
    settings = Settings.from_environ({"REMPART_DATABASE_URL": URL})
    assert settings.database_url == URL
    assert PASSWORD not in repr(settings)
    assert "db.example" not in f"{settings}"


def test_settings_do_not_move():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings.from_environ({}).port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REMPART_INSTANCE", "Production"),
        ("REMPART_PORT", "https"),
        ("REMPART_PORT", "65536"),
        ("REMPART_PORT", "-1"),
        ("REMPART_BASE_URL", "http://plain.example"),
        ("REMPART_BASE_URL", "https://"),
        ("REMPART_BASE_URL", "https://host.example/?token=1"),
        ("REMPART_WEB_URL", "http://portail.example"),
        ("REMPART_WEB_URL", "portail.example"),
        ("REMPART_GATEWAY_GROUP", "no-such-group-anywhere"),
        ("REMPART_CONTACTS", "contacts.toml"),
        ("REMPART_SMTP_HOST", "mail.example:25"),
        ("REMPART_SMTP_HOST", "user@mail.example"),
        ("REMPART_SMTP_PORT", "smtp"),
        ("REMPART_LOCK_MONTHS", "0"),
        ("REMPART_DATABASE_SECONDS", "soon"),
    ],
)
def test_what_is_not_a_value_is_refused_and_not_quoted(name, value):
    with pytest.raises(SetUpRefused, match=name) as refused:
        Settings.from_environ({name: value})
    assert str(refused.value) == f"{name}: not a value of this setting"


def test_a_misspelt_name_is_refused():
    with pytest.raises(SetUpRefused, match="REMPART_LOCK_MONTH is not a setting"):
        Settings.from_environ({"REMPART_LOCK_MONTH": "3", "PATH": "/bin"})
    Settings.from_environ({"REMPART_PYTHON": "python3.13"})


@pytest.mark.parametrize("missing", ["REMPART_BASE_URL", "REMPART_LOG_ORIGIN"])
def test_production_says_what_it_is_called(missing):
    given = {
        "REMPART_INSTANCE": "production",
        "REMPART_BASE_URL": "https://tp.example/",
        "REMPART_LOG_ORIGIN": "tp.example/ledger",
    }
    settings = Settings.from_environ(given)
    assert not settings.sandbox
    assert settings.token_url == "https://tp.example/token"
    del given[missing]
    with pytest.raises(SetUpRefused, match=missing):
        Settings.from_environ(given)


def test_the_gateways_group_by_name_or_number():
    import grp

    own = grp.getgrgid(os.getgid())
    for text in (own.gr_name, str(own.gr_gid)):
        assert Settings.from_environ({"REMPART_GATEWAY_GROUP": text}).gateway_group == own.gr_gid


def test_the_address_follows_the_port():
    assert Settings.from_environ({"REMPART_PORT": "9000"}).base_url == "https://localhost:9000"


PSC = {
    "REMPART_PSC_ISSUER": "https://auth.example/realms/psc/",
    "REMPART_PSC_CLIENT_ID": "rempart",
    "REMPART_WEB_URL": "https://portail.example:8444",
}


def test_people_sign_in_where_they_have_pages():
    assert Settings.from_environ({}).web_url is None
    settings = Settings.from_environ(PSC)
    assert settings.psc_issuer == "https://auth.example/realms/psc"
    assert (settings.web_url, settings.rp_id) == (PSC["REMPART_WEB_URL"], "portail.example")
    assert Settings.from_environ(PSC | {"REMPART_RP_ID": "example"}).rp_id == "example"


@pytest.mark.parametrize("missing", ["REMPART_PSC_CLIENT_ID", "REMPART_WEB_URL"])
def test_pro_sante_connect_is_set_up_whole_or_not_at_all(missing):
    given = {name: value for name, value in PSC.items() if name != missing}
    with pytest.raises(SetUpRefused, match=missing):
        Settings.from_environ(given)


def test_a_simulator_on_this_machine_is_no_issuer_of_production():
    simulator = PSC | {"REMPART_PSC_ISSUER": "http://127.0.0.1:8480/auth"}
    assert Settings.from_environ(simulator).psc_issuer == "http://127.0.0.1:8480/auth"
    production = {
        "REMPART_INSTANCE": "production",
        "REMPART_BASE_URL": "https://tp.example/",
        "REMPART_LOG_ORIGIN": "tp.example/ledger",
    }
    for given in (simulator | production, PSC | {"REMPART_PSC_ISSUER": "http://auth.example"}):
        with pytest.raises(SetUpRefused, match="REMPART_PSC_ISSUER"):
            Settings.from_environ(given)
