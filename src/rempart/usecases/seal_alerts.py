"""Sign an alert and seal it to its one reader; open it again, believing nothing before its step.

The steps are those of ``specs/alert.md``: (1) ``sealed`` is whoever fetches alerts, with the key
that opens them; (2) ``signed`` and (3) ``well-formed`` are the vault's, with those that it trusts.
"""

from io import BytesIO

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from rempart.domain import alert as alerts
from rempart.domain.alert import Alert
from rempart.domain.errors import AlertRefused, MalformedIdentifier
from rempart.sealing.cose import Kind, kid_of, read1, sign1, verify1
from rempart.sealing.errors import SealBroken
from rempart.sealing.stream import open_stream, seal_stream
from rempart.usecases.p256_keys import key_at

KIND = Kind(alerts.TYPE, 24, alerts.ENCODED_MAX)
SEALED_MAX = alerts.ENCODED_MAX + 512
"""Bytes: the payload, its frame and signature, its seal."""
SEALED, SIGNED, WELL_FORMED = "sealed", "signed", "well-formed"


def sign_alert(alert: Alert, key: EllipticCurvePrivateKey) -> bytes:
    """An alert under its publisher's key; the same bytes each time."""
    return sign1(alerts.to_payload(alert), key, kid=kid_of(key.public_key()), kind=KIND)


def seal_alert(signed: bytes, *, ephemeral: bytes, recipient: bytes) -> bytes:
    """As it lies in the publisher's folder; ``ephemeral`` is 32 fresh random bytes."""
    return b"".join(seal_stream([signed], ephemeral=ephemeral, recipient=recipient))


def open_alert(sealed: bytes, *, private: bytes) -> bytes:
    """The signed message again: nobody's word yet.

    Raises:
        AlertRefused: (1) too long, not for us, or changed.
    """
    if len(sealed) > SEALED_MAX:
        raise AlertRefused(SEALED, "longer than an alert can be")
    try:
        return b"".join(open_stream(BytesIO(sealed).read, private=private))
    except SealBroken:
        raise AlertRefused(SEALED, "not to our key, or changed") from None


def signer_of(message: bytes) -> bytes:
    """The id of the key that claims to have signed; 8 bytes.

    Raises:
        AlertRefused: (3) no frame of an alert.
    """
    try:
        return read1(message, kind=KIND).kid
    except SealBroken:
        raise AlertRefused(WELL_FORMED, "not in the frame of an alert") from None


def read_alert(message: bytes, point: bytes) -> Alert:
    """What the key at this point has signed.

    Raises:
        AlertRefused: (2) it has not, or (3) it is no alert.
    """
    try:
        payload = verify1(read1(message, kind=KIND), key_at(point))
    except (SealBroken, ValueError):
        raise AlertRefused(SIGNED, "damaged, or not signed by who it says") from None
    try:
        return alerts.from_payload(payload)
    except MalformedIdentifier as malformed:
        raise AlertRefused(WELL_FORMED, str(malformed)) from None
