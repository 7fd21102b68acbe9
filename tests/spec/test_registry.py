"""Who may sign in: what a registration must bring, and a revocation that cannot miss."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from rempart.adapters.identity.assertions import new_key, public_jwks
from rempart.adapters.memory.world import MemoryRegistry
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.domain.errors import Refusal, SetUpRefused
from rempart.domain.practice import Usage
from rempart.domain.site import SiteKind
from rempart.usecases.ports import Registry, Site, Software
from rempart.usecases.register_software import register_software
from tests.postgres_servers import Database

title = "Who takes part"

SITE = "STRUCT:REGISTRY-1"
A_SITE = Site(site=SITE, kind=SiteKind.PHARMACY, daily_cap=7, place="2A", since=date(2026, 9, 1))


def a_software(**changes) -> Software:
    return Software(
        **{
            "client_id": "software-1",
            "number": 0,
            "site": SITE,
            "jwks": public_jwks(new_key("k1")),
            "certificates": frozenset({b"c" * 32}),
            "sandbox": True,
            "revoked": False,
            "product": "OfficinePlus 4.2",
            "usage": Usage.BACK_OFFICE,
        }
        | changes
    )


def enrolled(registry: Registry) -> None:
    registry.register_site(A_SITE)
    register_software(a_software(), registry=registry, sandbox=True)


def what_is_registered_is_read(registry):
    before = registry.generation()
    enrolled(registry)
    registered = registry.read()
    site = registered.sites[SITE]
    assert site.number > 0
    assert site == replace(A_SITE, number=site.number)
    software = registered.software["software-1"]
    assert (software.site, software.certificates, software.revoked) == (
        SITE,
        frozenset({b"c" * 32}),
        False,
    )
    assert software.number > 0
    assert (software.product, software.usage) == ("OfficinePlus 4.2", Usage.BACK_OFFICE)
    assert registered.generation == registry.generation() > before


def a_site_registered_again_keeps_its_number_and_its_first_day(registry):
    """Or whoever may register sites makes an old one new, or a new one old."""
    registry.register_site(A_SITE)
    first = registry.read().sites[SITE]
    registry.register_site(replace(A_SITE, daily_cap=9, place="75", since=date(2020, 1, 1)))
    again = registry.read().sites[SITE]
    assert again == replace(first, daily_cap=9, place="75")


def a_revocation_is_seen_by_whoever_looks(registry):
    enrolled(registry)
    before = registry.generation()
    registry.revoke_software("software-1")
    assert registry.read().software["software-1"].revoked
    assert registry.generation() > before


def a_typing_error_does_not_pass_for_a_cut(registry):
    enrolled(registry)
    with pytest.raises(Refusal, match="no live software"):
        registry.revoke_software("software-l")
    registry.revoke_software("software-1")
    with pytest.raises(Refusal, match="no live software"):
        registry.revoke_software("software-1")


def nobody_comes_back_under_a_revoked_name(registry):
    enrolled(registry)
    registry.revoke_software("software-1")
    with pytest.raises(SetUpRefused, match="revoked"):
        register_software(a_software(), registry=registry, sandbox=True)
    other = a_software(client_id="software-2", certificates=frozenset({b"d" * 32}))
    register_software(other, registry=registry, sandbox=True)
    assert not registry.read().software["software-2"].revoked


def one_key_opens_one_account(registry):
    """Nor does one that was shut out come back in another's hands, whatever it is called."""
    registry.register_site(A_SITE)
    key = public_jwks(new_key("k1"))["keys"][0]
    mine = a_software(jwks={"keys": [key]})
    register_software(mine, registry=registry, sandbox=True)
    register_software(mine, registry=registry, sandbox=True)
    fresh = {"certificates": frozenset({b"d" * 32}), "client_id": "software-2"}
    for revoked in (False, True):
        if revoked:
            registry.revoke_software("software-1")
        renamed = a_software(**fresh, jwks={"keys": [key | {"kid": "k2"}]})
        with pytest.raises(SetUpRefused, match="this key is another account's"):
            register_software(renamed, registry=registry, sandbox=True)
        with pytest.raises(SetUpRefused, match="this certificate is another account's"):
            register_software(a_software(client_id="software-2"), registry=registry, sandbox=True)
    register_software(a_software(**fresh), registry=registry, sandbox=True)


SPECS = (
    one_key_opens_one_account,
    what_is_registered_is_read,
    a_site_registered_again_keeps_its_number_and_its_first_day,
    a_revocation_is_seen_by_whoever_looks,
    a_typing_error_does_not_pass_for_a_cut,
    nobody_comes_back_under_a_revoked_name,
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_in_memory(spec):
    spec(MemoryRegistry())


@pytest.fixture
def on_postgres(database: Database) -> Iterator[PostgresRegistry]:
    registry = PostgresRegistry(partial(database.connect, "owner"))
    yield registry
    registry.close()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_on_postgres(on_postgres, spec):
    spec(on_postgres)


PRIVATE = {"keys": [dict(new_key("k1"))]}
WEAK = {"keys": [{"kty": "RSA", "kid": "k1", "n": "AQ", "e": "AQAB"}]}
NAMELESS = {"keys": [{k: v for k, v in public_jwks(new_key("k"))["keys"][0].items() if k != "kid"}]}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"client_id": ""}, "client_id"),
        ({"client_id": "é"}, "client_id"),
        ({"client_id": "x" * 65}, "client_id"),
        ({"sandbox": False}, "do not go together"),
        ({"jwks": {}}, "at least one key"),
        ({"jwks": {"keys": []}}, "at least one key"),
        ({"jwks": PRIVATE}, "private key"),
        ({"jwks": WEAK}, "P-256 or P-384"),
        ({"jwks": NAMELESS}, "kid"),
        ({"certificates": frozenset()}, "certificate"),
        ({"site": "STRUCT:NOWHERE"}, "not registered"),
    ],
)
def test_a_registration_lacks_nothing(changes, rule):
    registry = MemoryRegistry()
    registry.register_site(Site(site=SITE, kind=SiteKind.PHARMACY))
    with pytest.raises(SetUpRefused, match=rule):
        register_software(a_software(**changes), registry=registry, sandbox=True)
    assert registry.read().software == {}
