"""The file in which an insurer chooses what it guarantees, and the list that carries it."""

import tomllib

import pytest

from rempart.adapters.memory.world import MemoryChance, MemoryKeys
from rempart.domain.coverage import Domain
from rempart.domain.errors import ListRefused, MalformedIdentifier
from rempart.domain.guarantee import Guarantee
from rempart.domain.insurer import PublicBundle
from rempart.domain.tariff import Basket
from rempart.domain.trust_list import Trusted, TrustList
from rempart.sealing.cose import kid_of
from rempart.usecases.card_lists import (
    read_guarantees,
    read_trust,
    sign_guarantees,
    sign_trust,
)
from rempart.usecases.insurer_keys import card_signing_key, public_bundle
from rempart.usecases.p256_keys import key_at, point_of
from rempart.usecases.publish_trust import PublishTrust, make_list_key, public_point
from rempart.usecases.state_guarantees import stated
from tests.insurers import NOW, AtInsurer

title = "Choosing guarantees"

WHOLE = """
list_days = 7
[profile.0]
"OPTI B" = { times = 1, most = 25000 }
"OPTI A" = { times = 1 }
[profile.3]
"SVIL TM" = { times = 20 }
"""


def read(text: str):
    return stated(tomllib.loads(text), amc="99990001", now=NOW, good_for=86_400)


def test_what_was_chosen_is_stated():
    statement = read(WHOLE)
    assert (statement.amc, statement.until - statement.made, statement.list_days) == (
        *("99990001", 86_400, 7),
    )
    assert statement.profiles == {
        0: (
            Guarantee(domain=Domain.OPTI, basket=Basket.A, times=1),
            Guarantee(domain=Domain.OPTI, basket=Basket.B, times=1, most=25_000),
        ),
        3: (Guarantee(domain=Domain.SVIL, basket=Basket.TM, times=20),),
    }


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("list_days = 7", ""), "list_days"),
        (("list_days = 7", "list_days = 'x'"), "list_days"),
        (("list_days = 7", "list_days = 7\nlist_week = 1"), "file: unknown entry 'list_week'"),
        (("[profile.3]", "[profile.x]"), "profile: expected a number"),
        (("[profile.3]", "[profile.256]"), "profile: expected 0 to 255"),
        (("OPTI A", "OPTI C"), "profile 0, OPTI C: expected a domain and a basket"),
        (("OPTI A", "EYES A"), "profile 0, EYES A: expected a domain and a basket"),
        (("times = 20", "times = 0"), "profile 3, SVIL TM: times"),
        (("times = 20", "times = true"), "profile 3, SVIL TM: expected times"),
        (("most = 25000", "most = 250.00"), "profile 0, OPTI B: expected times, and most in whole"),
        (("most = 25000", "least = 1"), "profile 0, OPTI B: unknown entry 'least'"),
        ((", most = 25000", ""), "profile 0, OPTI B: most: basket B needs one"),
    ],
)
def test_an_entry_that_is_none_is_named_by_its_place(change, place):
    with pytest.raises(MalformedIdentifier, match=place):
        read(WHOLE.replace(*change))


@pytest.fixture
def insurer():
    return AtInsurer()


def published(insurer: AtInsurer, statement: bytes):
    """The trust list of an operator that carries this statement."""
    keys = MemoryKeys()
    make_list_key(keys, MemoryChance(b"operator"))
    bundle: PublicBundle = public_bundle(insurer.profile, insurer.keys)
    publishing = PublishTrust(
        keys=keys,
        operator="O",
        names={insurer.amc: "M"},
        good_for=86_400,
        guarantees={insurer.amc: statement},
    )
    data = publishing([bundle], last=None, now=NOW, turn=False)
    point = public_point(keys, 1)
    return read_trust(data, {kid_of(key_at(point)): point})


def test_a_list_carries_what_the_insurer_has_signed(insurer):
    statement = read(WHOLE)
    signed = sign_guarantees(statement, card_signing_key(insurer.keys))
    (trusted,) = published(insurer, signed).insurers
    assert read_guarantees(trusted.statement, trusted.amc, trusted.keys) == statement


def test_an_operator_guarantees_nothing_in_an_insurers_name(insurer):
    """Neither when it publishes, nor in a list that it signs all the same."""
    operator = card_signing_key(AtInsurer(seed=b"operator").keys)
    forged = sign_guarantees(read(WHOLE), operator)
    with pytest.raises(ListRefused, match="not trusted"):
        published(insurer, forged)
    bundle = public_bundle(insurer.profile, insurer.keys)
    trust = TrustList(
        operator="O",
        number=1,
        made=NOW,
        until=NOW + 1,
        insurers=(Trusted(amc=insurer.amc, name="M", keys=bundle.card_keys, statement=forged),),
    )
    public = operator.public_key()
    with pytest.raises(ListRefused, match="not trusted"):
        read_trust(sign_trust(trust, operator), {kid_of(public): point_of(public)})
