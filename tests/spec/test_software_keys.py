"""A software's keys: the next one, the old one for a while, and whose product it is."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.adapters.identity.assertions import make_assertion, public_jwks
from rempart.domain.errors import Refusal, SetUpRefused
from rempart.usecases.messages import Answered, Refused, SignedIn, SignIn
from rempart.usecases.register_software import register_software
from rempart.usecases.rotate_software import OVERLAP_MAX, rotate_software
from rempart.usecases.vendor_statement import (
    SoftwareStatement,
    read_statement,
    state_software,
    vendor_in,
    vendor_statement,
)
from tests.owned_vault import ACCOUNTS, OTHER, PHARMACY, TOKEN_URL, OwnedWorld, key_from

title = "A software's keys"
REFUSED = Refused("sign-in-refused", "sign-in refused")
NOT_SIGNED_IN = Refused("not-signed-in")
OLD, NEXT = ACCOUNTS[PHARMACY].key, key_from(77)
HOUR = 3600


@pytest.fixture
def world():
    return OwnedWorld()


@pytest.fixture
def card(world):
    return world.member("REF-1").code


def sign_in(world, key):
    assertion = make_assertion(PHARMACY, TOKEN_URL, key, now=world.clock.now())
    return world.send(SignIn(assertion, ACCOUNTS[PHARMACY].certificate))


def rotated(world, client_id, jwks, *, overlap=0, sandbox=True, stated=None):
    return rotate_software(
        client_id,
        jwks,
        registry=world.registry,
        now=world.clock.now(),
        overlap=overlap,
        sandbox=sandbox,
        stated=stated,
    )


def rotate(world, *keys, overlap=HOUR):
    until = rotated(world, PHARMACY, public_jwks(*(keys or (NEXT,))), overlap=overlap)
    world.service.look()
    return until


def ask(world, token, card):
    ask = replace_certificate(world.question(token, card))
    return world.send(ask)


def replace_certificate(question):
    from msgspec import structs

    return structs.replace(question, certificate=ACCOUNTS[PHARMACY].certificate)


def test_both_keys_sign_while_they_overlap_and_then_the_next_alone(world):
    until = rotate(world)
    assert until == world.clock.now() // 1_000_000 + HOUR
    for key in (OLD, NEXT):
        assert isinstance(sign_in(world, key), SignedIn)
    world.clock.forward(seconds=HOUR + 1)
    assert sign_in(world, OLD) == REFUSED
    assert isinstance(sign_in(world, NEXT), SignedIn)


def test_a_session_does_not_outlive_the_key_that_may_have_opened_it(world, card):
    rotate(world)
    world.clock.forward(seconds=HOUR - 60)
    token = sign_in(world, OLD).token
    assert isinstance(ask(world, token, card), Answered)
    world.clock.forward(seconds=61)
    assert ask(world, token, card) == NOT_SIGNED_IN


def test_a_key_that_is_taken_out_takes_its_sessions_with_it(world, card):
    """A stolen key: no overlap, and the vault's next look is within half a second."""
    token = sign_in(world, OLD).token
    rotate(world, overlap=0)
    assert ask(world, token, card) == NOT_SIGNED_IN
    assert sign_in(world, OLD) == REFUSED
    assert isinstance(sign_in(world, NEXT), SignedIn)
    assert len(world.registry.software[PHARMACY].jwks["keys"]) == 1


def test_a_second_rotation_prolongs_no_key(world):
    rotate(world)
    world.clock.forward(seconds=HOUR / 2)
    rotate(world, key_from(78), overlap=10 * HOUR)
    world.clock.forward(seconds=HOUR / 2 + 1)
    assert sign_in(world, OLD) == REFUSED
    assert isinstance(sign_in(world, NEXT), SignedIn)


def test_a_rotation_touches_one_software(world):
    token = world.send(world.relayed(OTHER)).token
    rotate(world, overlap=0)
    assert world.service.sessions.of(world.registry.software[OTHER].number)
    assert token


def test_a_key_that_is_another_softwares_signs_nothing_here(world):
    assert sign_in(world, ACCOUNTS[OTHER].key) == REFUSED


@pytest.mark.parametrize(
    ("jwks", "overlap", "rule"),
    [
        ({}, 0, "at least one"),
        ({"keys": []}, 0, "at least one"),
        ({"keys": [dict(NEXT)]}, 0, "private key"),
        (public_jwks(OLD), 0, "there already"),
        (public_jwks(NEXT), -1, "30 days"),
        (public_jwks(NEXT), OVERLAP_MAX + 1, "30 days"),
        (public_jwks(ACCOUNTS[OTHER].key), 0, "another account's"),
    ],
)
def test_a_rotation_gives_a_new_public_key(world, jwks, overlap, rule):
    with pytest.raises(SetUpRefused, match=rule):
        rotated(world, PHARMACY, jwks, overlap=overlap)
    assert isinstance(sign_in(world, OLD), SignedIn)


def test_nobody_rotates_what_is_not_in(world):
    world.registry.revoke_software(PHARMACY)
    for name in (PHARMACY, "nobody"):
        with pytest.raises(Refusal):
            rotated(world, name, public_jwks(NEXT))
        with pytest.raises(Refusal):
            world.registry.rotate_software(name, public_jwks(NEXT))


def test_production_turns_no_key_without_its_vendors_statement(world):
    """Or a statement would say whose product it was at first, and nobody whose it is now."""
    product, jwks = world.registry.software[PHARMACY].product, public_jwks(NEXT)

    def stated_as(**changes):
        given = {"client_id": PHARMACY, "product": product, "jwks": jwks} | changes
        return SoftwareStatement(vendor="editeur", **given)

    for wrong in (
        None,
        stated_as(client_id=OTHER),
        stated_as(product="LGO 13"),
        stated_as(jwks=public_jwks(key_from(79))),
    ):
        with pytest.raises(SetUpRefused, match="statement"):
            rotated(world, PHARMACY, jwks, sandbox=False, stated=wrong)
    assert isinstance(sign_in(world, OLD), SignedIn)
    rotated(world, PHARMACY, jwks, sandbox=False, stated=stated_as())
    world.service.look()
    assert isinstance(sign_in(world, NEXT), SignedIn)


# Whose product


VENDOR, STRANGER = (
    Ed25519PrivateKey.from_private_bytes(name.ljust(32, b".")) for name in (b"v", b"s")
)
VENDORS = {VENDOR.public_key().public_bytes_raw(): "editeur"}


def stated(key=VENDOR, **changes):
    said = {"client_id": PHARMACY, "product": "LGO 12.3", "jwks": public_jwks(NEXT)} | changes
    return state_software(key=key, **said)


def test_a_vendor_states_its_software():
    read = read_statement(stated(), vendors=VENDORS)
    assert (read.vendor, read.client_id, read.product) == ("editeur", PHARMACY, "LGO 12.3")
    assert read.jwks == public_jwks(NEXT)


def test_a_vendor_who_is_not_trusted_states_nothing():
    with pytest.raises(SetUpRefused, match="not trusted"):
        read_statement(stated(STRANGER), vendors=VENDORS)


@pytest.mark.parametrize("changes", [{"product": "Other 1"}, {"client_id": OTHER}, {"jwks": {}}])
def test_a_statement_is_what_was_signed(changes):
    signed = stated()
    with pytest.raises(SetUpRefused, match="not signed"):
        read_statement(signed | {"statement": signed["statement"] | changes}, vendors=VENDORS)


@pytest.mark.parametrize("field", ["statement", "vendor", "signature"])
@pytest.mark.parametrize("value", [None, "", "AA==", 7, [], {}])
def test_a_malformed_statement_is_refused(field, value):
    with pytest.raises(SetUpRefused):
        read_statement(stated() | {field: value}, vendors=VENDORS)


@pytest.mark.parametrize("product", ["", "x" * 65, "a\nb"])
def test_a_product_has_a_name(product):
    with pytest.raises(SetUpRefused, match="product"):
        read_statement(stated(product=product), vendors=VENDORS)


def test_a_vendor_is_named_by_its_key():
    public = VENDOR.public_key().public_bytes_raw()
    assert vendor_in(vendor_statement(public, "editeur", now=0)) == (public, "editeur")
    for wrong in ({}, {"key": "x", "vendor": "y"}, {"vendor": "y"}):
        with pytest.raises(SetUpRefused):
            vendor_in(wrong)


def test_no_software_is_named_like_a_person(world):
    software = replace(ACCOUNTS[OTHER].software(), client_id="@alix")
    with pytest.raises(SetUpRefused, match="@"):
        register_software(software, registry=world.registry, sandbox=True)
