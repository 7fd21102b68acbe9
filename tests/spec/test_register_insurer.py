"""An insurer is registered by two people, each of whom compared a fingerprint."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.memory.world import MemoryChance, MemoryKeys, MemoryRegistry
from rempart.domain.errors import MalformedIdentifier, SetUpRefused
from rempart.domain.identifiers import AMCNumber, MemberNumberRule
from rempart.domain.insurer import InsurerProfile, PublicBundle, b64
from rempart.usecases.insurer_keys import make_keys, public_bundle
from rempart.usecases.register_insurer import RegisterInsurer, confirm

title = "Insurers are registered"

ALIX, BASILE, STRANGER = (
    Ed25519PrivateKey.from_private_bytes(name.ljust(32, b".")) for name in (b"a", b"b", b"s")
)


def public(key):
    return key.public_key().public_bytes_raw()


def a_bundle(*, seed=b"insurer", sandbox=True):
    keys = MemoryKeys()
    make_keys(keys, MemoryChance(seed))
    profile = InsurerProfile(
        amc=AMCNumber.parse("99990001"),
        sandbox=sandbox,
        member_number_rule=MemberNumberRule(strip_leading_zeros=True),
        declared=True,
        legacy_until=None,
        platform=None,
    )
    return public_bundle(profile, keys)


@pytest.fixture
def bundle():
    return a_bundle()


@pytest.fixture
def registration():
    return RegisterInsurer(
        registry=MemoryRegistry(),
        operators={public(ALIX): "alix", public(BASILE): "basile"},
        keyrings=[MemoryKeys(), MemoryKeys()],
        chance=MemoryChance(b"platform"),
        sandbox=True,
    )


def test_two_operators_register(registration, bundle):
    confirmations = [confirm(bundle, ALIX), confirm(bundle, BASILE)]
    registration(bundle, confirmations=confirmations)
    read = registration.registry.read().insurers[99990001]
    assert PublicBundle.from_json(read.bundle) == bundle
    assert registration.registry.confirmed[99990001] == confirmations
    for keys in registration.keyrings:
        assert keys.names("") == ["index/1", "outer/99990001/1"]
    assert registration.keyrings[0].secrets == registration.keyrings[1].secrets


def test_a_bundle_registered_again_keeps_its_outer_key(registration, bundle):
    for _ in range(2):
        registration(bundle, confirmations=[confirm(bundle, ALIX), confirm(bundle, BASILE)])
    assert registration.keyrings[0].names("outer/") == ["outer/99990001/1"]


@pytest.mark.parametrize("signers", [[], [ALIX], [ALIX, ALIX]], ids=["none", "one", "one twice"])
def test_one_operator_is_not_enough(registration, bundle, signers):
    with pytest.raises(SetUpRefused, match="two confirmations are needed"):
        registration(bundle, confirmations=[confirm(bundle, key) for key in signers])
    assert not registration.registry.read().insurers


def test_a_key_that_is_no_operators_confirms_nothing(registration, bundle):
    confirmations = [confirm(bundle, ALIX), confirm(bundle, BASILE), confirm(bundle, STRANGER)]
    with pytest.raises(SetUpRefused, match="no operator's here"):
        registration(bundle, confirmations=confirmations)


def test_a_confirmation_is_of_one_bundle(registration, bundle):
    other = a_bundle(seed=b"thief")
    with pytest.raises(SetUpRefused, match="not of this bundle"):
        registration(bundle, confirmations=[confirm(bundle, ALIX), confirm(other, BASILE)])


def test_saying_another_operator_does_not_make_it_theirs(registration, bundle):
    claimed = confirm(bundle, ALIX) | {"operator": b64(public(BASILE))}
    with pytest.raises(SetUpRefused, match="not of this bundle"):
        registration(bundle, confirmations=[confirm(bundle, ALIX), claimed])


@pytest.mark.parametrize(
    "change",
    [{"signature": ""}, {"signature": 7}, {"operator": None}, {"operator": "AAAA"}],
    ids=str,
)
def test_a_malformed_confirmation_is_refused(registration, bundle, change):
    confirmations = [confirm(bundle, ALIX), confirm(bundle, BASILE) | change]
    with pytest.raises(SetUpRefused, match="malformed"):
        registration(bundle, confirmations=confirmations)


@pytest.mark.parametrize("sandbox", [True, False], ids=["sandbox", "production"])
def test_sandbox_and_production_never_meet(registration, sandbox):
    bundle = a_bundle(sandbox=not sandbox)
    registration = replace(registration, sandbox=sandbox)
    with pytest.raises(SetUpRefused, match="this instance does not take"):
        registration(bundle, confirmations=[confirm(bundle, ALIX), confirm(bundle, BASILE)])


# --- the bundle


def test_a_bundle_goes_through_json(bundle):
    said = json.loads(json.dumps(bundle.to_json()))
    assert PublicBundle.from_json(said) == bundle
    assert PublicBundle.from_json(said).fingerprint == bundle.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"amc": "99990002"},
        {"sandbox": False},
        {"member_number_rule": {"strip_leading_zeros": False, "keep_letters": True}},
        {"feed_key": b64(b"f" * 32)},
        {"card_keys": {}},
    ],
    ids=str,
)
def test_whatever_changes_a_bundle_changes_its_fingerprint(bundle, change):
    changed = PublicBundle.from_json(bundle.to_json() | change)
    assert changed.fingerprint != bundle.fingerprint


def test_a_fingerprint_is_read_out_in_groups(bundle):
    groups = bundle.fingerprint.split(" ")
    assert [len(group) for group in groups] == [4] * 8
    assert bundle.digest.hex().startswith("".join(groups))


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"amc": "1"},
        {"sandbox": 1},
        {"member_number_rule": {}},
        {"feed_key": "x"},
        {"feed_key": b64(b"f" * 31)},
        {"card_keys": {"zz": b64(b"p" * 65)}},
        {"card_keys": {"00" * 8: b64(b"p" * 64)}},
        {"card_keys": {"00" * 7: b64(b"p" * 65)}},
        {"card_keys": []},
        {"more": 1},
    ],
    ids=str,
)
def test_a_malformed_bundle_is_refused(bundle, change):
    with pytest.raises(MalformedIdentifier):
        PublicBundle.from_json(bundle.to_json() | change)


@given(
    st.builds(
        InsurerProfile,
        amc=st.just(AMCNumber("99990001")),
        sandbox=st.booleans(),
        member_number_rule=st.builds(
            MemberNumberRule, strip_leading_zeros=st.booleans(), keep_letters=st.booleans()
        ),
        declared=st.booleans(),
        legacy_until=st.none() | st.dates(),
        platform=st.none() | st.binary(min_size=32, max_size=32),
    )
)
def test_a_profile_goes_through_json(profile):
    assert InsurerProfile.from_json(json.loads(json.dumps(profile.to_json()))) == profile


@pytest.mark.parametrize(
    "change",
    [
        {"format": 0},
        {"legacy_until": "2026-13-01"},
        {"declared": None},
        {"platform": "x"},
        {"x": 1},
    ],
    ids=str,
)
def test_a_malformed_profile_is_refused(change):
    profile = InsurerProfile(
        amc=AMCNumber("99990001"),
        sandbox=True,
        member_number_rule=MemberNumberRule(),
        declared=True,
        legacy_until=None,
        platform=None,
    )
    with pytest.raises(MalformedIdentifier):
        InsurerProfile.from_json(profile.to_json() | change)
