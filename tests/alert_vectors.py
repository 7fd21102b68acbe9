"""The published alerts: ``python -m tests.alert_vectors`` writes specs/vectors/alert.json.

A row of alerts to one reader, in order, with what each says; and what a reader refuses, with its
step, each shown to a reader who has taken the first two.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from rempart.domain.alert import Alert, Subjects, to_payload
from rempart.domain.alert_card import AlertCard
from rempart.sealing.cose import kid_of, sign1
from rempart.usecases.p256_keys import point_of
from rempart.usecases.seal_alerts import KIND, SEALED_MAX, seal_alert, sign_alert
from tests.alerts import HOUR, NOW, OURS, OURS_PRIVATE, Operator, key
from tests.confused_vectors import confused

PLACE = Path(__file__).parents[1] / "specs/vectors/alert.json"
COMMENT = (
    "Bytes are hexadecimal, moments seconds since 1970, `now` the reader's clock. `row`: what the "
    "publisher whose key is `point` has sealed to `private`, in order, and what each says. "
    "`refused`: what a reader who has taken the first two refuses, with the step that fails; "
    "`message` is what was opened, `sealed` what was not. None of these keys is anybody's."
)
EPHEMERAL = b"e" * 32
NAMED = Subjects(
    accounts=("IDNPS:0751234567", "RPPS:10000000001"),
    sites=("FINESS:990201006", "STRUCT:PHAR1"),
    software=("LGO Officine 4.2",),
    networks=("2001:db8::/48", "203.0.113.0/24"),
)
WIDE = Subjects(sites=tuple(f"STRUCT:{n:036d}" for n in range(128)))


def sealed(message: bytes) -> bytes:
    return seal_alert(message, ephemeral=EPHEMERAL, recipient=OURS)


def said(alert: Alert) -> dict[str, Any]:
    told = asdict(alert)
    told["recipient"], told["previous"] = alert.recipient.hex(), alert.previous.hex()
    return {**told, "why": alert.why.value}


def row() -> list[tuple[str, Alert, bytes]]:
    """Alerts of one publisher to one reader, each with its signed message."""
    a, made = Operator(), []
    for name, change in (
        ("the first", {"named": NAMED}),
        ("the next", {"named": Subjects(accounts=("RPPS:10000000001",))}),
        ("one that withdraws", {"withdrawn": (10, 15)}),
        ("as many sites as there may be", {"named": WIDE, "until": NOW + 14 * 24 * HOUR}),
    ):
        alert = a.alert(**change)
        made.append((name, alert, a.signed(alert)))
    return made


def respelt(payload: bytes, **change: Any) -> bytes:
    """Signed claims of a map that says something else."""
    claims = cbor2.loads(payload)
    inner = {**claims[-65541], **{int(k[1:]): v for k, v in change.items()}}
    inner = {k: v for k, v in inner.items() if v is not None}
    return cbor2.dumps({**claims, -65541: inner}, canonical=True)


def refused() -> Iterator[dict[str, Any]]:
    """What a reader refuses who has taken the first two."""
    a = Operator()
    first, second = (a.signed(alert) for _, alert, _ in row()[:2])
    third = a.alert(named=NAMED)
    payload, honest = to_payload(third), sign_alert(third, a.key)

    def case(name: str, step: str, message: bytes) -> dict[str, Any]:
        return {"name": name, "step": step, "message": message.hex()}

    def by(signer: EllipticCurvePrivateKey, claims: bytes) -> bytes:
        return sign1(claims, signer, kid=kid_of(signer.public_key()), kind=KIND)

    yield case("a key that nobody listens to", "signed", sign_alert(third, key(666)))
    named_as = kid_of(a.key.public_key())
    forged = sign1(payload, key(666), kid=named_as, kind=KIND)
    yield case("another key under this one's id", "signed", forged)
    yield case("altered", "signed", honest.replace(b"PHAR1", b"PHAR2"))
    yield case("something after the end", "well-formed", honest + b"\0")
    for name, message in confused(payload, a.key, KIND):
        yield case(f"algorithm: {name}", "well-formed", message)
    for name, claims in malformed(payload):
        yield case(name, "well-formed", by(a.key, claims))
    for name, step, change in (
        ("for another reader", "recipient", {"recipient": bytes(32)}),
        ("of the future", "future", {"made": NOW + 301}),
        ("another second", "newer", {"number": 2}),
        ("another first", "newer", {"number": 1, "previous": b""}),
        ("another past", "chained", {"previous": sha256(first).digest()}),
    ):
        yield case(name, step, sign_alert(a.alert(named=NAMED, **change), a.key))
    yield case("the first again", "newer", first)
    yield {"name": "the last again", "step": "", "message": second.hex()}
    good = sealed(honest)
    other = seal_alert(honest, ephemeral=EPHEMERAL, recipient=OURS[::-1])
    for name, bad in (
        ("sealed to another", other),
        ("cut off", good[:-1]),
        ("something after the seal", good + b"\0"),
        ("a bit turned", good[:60] + bytes([good[60] ^ 1]) + good[61:]),
        ("longer than an alert", good + bytes(SEALED_MAX)),
        ("empty", b""),
    ):
        yield {"name": name, "step": "sealed", "sealed": bad[: SEALED_MAX + 1].hex()}


def malformed(payload: bytes) -> Iterator[tuple[str, bytes]]:
    """Claims that are none, signed all the same."""
    claims, deep = cbor2.loads(payload), b"\x81" * 1500 + b"\x00"
    yield "keys in another order", cbor2.dumps(dict(reversed(claims.items())))
    yield "a claim too many", cbor2.dumps({**claims, 7: 0}, canonical=True)
    yield "something about a person", respelt(payload, k11="1800175000000")
    yield "very deep", deep
    yield "very wide", cbor2.dumps([0] * 1_000)
    yield "a length that is not told", b"\x9f" + payload[1:] + b"\xff"
    yield "shared references", cbor2.dumps(cbor2.CBORTag(28, claims), canonical=True)
    yield "a number of no row", respelt(payload, k1=0)
    yield "the first, citing one before", respelt(payload, k1=1)
    yield "no reader", respelt(payload, k2=b"")
    yield "nothing at all", respelt(payload, k6=None, k7=None, k8=None, k9=None)
    yield "naming and withdrawing", respelt(payload, k10=[1])
    yield (
        "withdrawing itself",
        respelt(payload, k6=None, k7=None, k8=None, k9=None, k10=[claims[-65541][4]]),
    )
    yield "passed on from another operator", respelt(payload, k5=21)
    yield "an account twice", respelt(payload, k6=["RPPS:10000000001"] * 2)
    yield "an insured person's number", respelt(payload, k6=["NIR:180017500000012"])
    yield "an RPPS as another identifier", respelt(payload, k6=["IDNPS:810000000001"])
    yield "no site", respelt(payload, k7=["FINESS:990201007"])
    yield "a software of no name", respelt(payload, k8=[" "])
    yield "an address", respelt(payload, k9=["203.0.113.7/32"])
    yield "everybody's network", respelt(payload, k9=["0.0.0.0/0"])
    yield "a list that is empty", respelt(payload, k7=[])
    yield (
        "an hour more than a fortnight",
        cbor2.dumps({**claims, 4: claims[6] + 14 * 86_400 + 1}, canonical=True),
    )
    yield "over before it began", cbor2.dumps({**claims, 4: claims[6]}, canonical=True)
    yield "129 of a kind", respelt(payload, k6=[f"RPPS:{n:011d}" for n in range(129)])


def vectors() -> dict[str, Any]:
    a = Operator()
    card = AlertCard(
        name=a.name, signs=a.point, opens=OURS, url="https://alertes.operateur-a.example/alerts"
    )
    return {
        "comment": COMMENT,
        "now": NOW,
        "point": point_of(a.key.public_key()).hex(),
        "private": OURS_PRIVATE.hex(),
        "recipient": OURS.hex(),
        "ephemeral": EPHEMERAL.hex(),
        "card": {"json": card.to_json(), "fingerprint": card.fingerprint, "reader": card.reader},
        "row": [
            {"name": name, "sealed": sealed(m).hex(), "message": m.hex(), "says": said(alert)}
            for name, alert, m in row()
        ],
        "refused": list(refused()),
    }


def text() -> str:
    return json.dumps(vectors(), indent=1) + "\n"


if __name__ == "__main__":
    PLACE.write_text(text())
