"""Damage and nonsense, drawn at random: bytes cut into, claims with something in them otherwise."""

from __future__ import annotations

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import strategies as st

from rempart.sealing.cose import kid_of
from rempart.usecases.p256_keys import point_of

NOW, DAY = 1_795_000_000, 86_400
OFF_CURVE = b"\4" + bytes(64)
INSURER, NEXT = (ec.derive_private_key(n, ec.SECP256R1()) for n in (5, 11))
KID = kid_of(INSURER.public_key())

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.integers(0, 16),
    st.integers(NOW - DAY, NOW + DAY),
    st.floats(),
    st.sampled_from(
        ["", "99000001", "99000002", "SP", "bits", "lst", "\ufeff", "é", "a\u00a0b", " x"]
    ),
    st.text(max_size=12),
    st.binary(max_size=20),
    st.sampled_from([OFF_CURVE, point_of(NEXT.public_key()), KID, bytes(16)]),
)
KEYS = st.one_of(st.integers(-3, 20), st.booleans(), st.text(max_size=4), st.binary(max_size=8))
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def cut(draw, data):
    """Some bytes changed, put in or taken out."""
    data = bytearray(data)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        kind = draw(st.integers(0, 3))
        if kind == 0 and data:
            data[at] = draw(st.integers(0, 255))
        elif kind == 1:
            data[at:at] = draw(st.binary(min_size=1, max_size=4))
        elif kind == 2 and data:
            del data[at : at + draw(st.integers(1, 4))]
        elif data:
            data[at] ^= 1 << draw(st.integers(0, 7))
    return bytes(data)


def edited(draw, value):
    """A value with one thing in it otherwise."""
    if draw(st.integers(0, 3)) == 0 or not isinstance(value, dict | list) or not value:
        return draw(ANYTHING)
    if isinstance(value, list):
        at = draw(st.integers(0, len(value) - 1))
        return [edited(draw, each) if place == at else each for place, each in enumerate(value)]
    key = draw(st.sampled_from(sorted(value, key=repr)))
    match draw(st.integers(0, 4)):
        case 0:
            return {each: said for each, said in value.items() if each != key}
        case 1:
            return {**value, draw(KEYS): draw(ANYTHING)}
        case _:
            return {**value, key: edited(draw, value[key])}


@st.composite
def payloads(draw, payload):
    """Claims with something otherwise, spelt rightly or not."""
    if draw(st.booleans()):
        return draw(cut(payload))
    changed = edited(draw, cbor2.loads(payload))
    return cbor2.dumps(changed, canonical=draw(st.integers(0, 3)) > 0)


def within(payload, kind):
    return kind.smallest <= len(payload) <= kind.largest
