"""Trust lists and status lists: signed by operator or insurer, read by whoever verifies cards.

As with a card code, nothing is decoded before a signature has been verified: whose list it claims
to be is read by position, to choose the key and for nothing else. What is refused says the step
of ``specs/card-lists.md`` that failed: ``signed`` or ``well-formed``.
"""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from rempart.domain import guarantee, status_list, trust_list
from rempart.domain.errors import ListRefused, MalformedIdentifier
from rempart.domain.guarantee import Statement
from rempart.domain.status_list import StatusList
from rempart.domain.trust_list import Trusted, TrustList
from rempart.sealing.cose import Kind, kid_of, read1, sign1, verify1
from rempart.sealing.errors import SealBroken
from rempart.usecases.p256_keys import key_at

TRUST = Kind(trust_list.TYPE, 24, trust_list.ENCODED_MAX)
GUARANTEES = Kind(guarantee.TYPE, 24, guarantee.ENCODED_MAX)
STATUS = Kind(status_list.TYPE, 24, status_list.ENCODED_MAX)

SIGNED, WELL_FORMED = "signed", "well-formed"

Points = Mapping[bytes, bytes]
"""P-256 points (65 bytes) by key id (8 bytes)."""


def sign_trust(trust: TrustList, key: EllipticCurvePrivateKey) -> bytes:
    """A trust list as it is published."""
    payload = trust_list.to_payload(trust)
    return sign1(payload, key, kid=kid_of(key.public_key()), kind=TRUST)


def read_trust(data: bytes, keys: Points) -> TrustList:
    """A trust list that one of these operator's keys has signed.

    Raises:
        ListRefused: none has, or it is no trust list.
    """
    try:
        trust = trust_list.from_payload(_verified(data, TRUST, keys))
        for each in trust.insurers:
            for kid, point in each.keys.items():
                if kid_of(key_at(point)) != kid:
                    raise _malformed("a key is not under its own id")
            if each.statement:
                _check_guarantees(each)
        if trust.next_key:
            key_at(trust.next_key)
        return trust
    except MalformedIdentifier as malformed:
        raise _malformed(str(malformed)) from None
    except ValueError:
        raise _malformed("a key does not lie on the curve") from None


def _check_guarantees(insurer: Trusted) -> None:
    try:
        read_guarantees(insurer.statement, insurer.amc, insurer.keys)
    except ListRefused as refusal:  # signed itself, the list carries what it must not
        raise _malformed(str(refusal)) from None


def sign_status(status: StatusList, key: EllipticCurvePrivateKey) -> bytes:
    """A status list as it is published, under a card key of its insurer."""
    payload = status_list.to_payload(status)
    return sign1(payload, key, kid=kid_of(key.public_key()), kind=STATUS)


def sign_guarantees(statement: Statement, key: EllipticCurvePrivateKey) -> bytes:
    """An insurer's standing guarantees, under one of its card keys."""
    payload = guarantee.to_payload(statement)
    return sign1(payload, key, kid=kid_of(key.public_key()), kind=GUARANTEES)


def read_guarantees(data: bytes, amc: str, keys: Points) -> Statement:
    """Standing guarantees that this insurer has signed itself.

    Raises:
        ListRefused: it has not, or they are another insurer's.
    """
    try:
        statement = guarantee.from_payload(_verified(data, GUARANTEES, keys))
    except MalformedIdentifier as malformed:
        raise _malformed(str(malformed)) from None
    if statement.amc != amc:
        raise _malformed("guarantees of another insurer")
    return statement


def status_issuer(data: bytes) -> str:
    """The AMC number of the insurer whose status list this claims to be.

    Raises:
        ListRefused: no status list.
    """
    try:
        return status_list.subject_of(read1(data, kind=STATUS).payload)
    except SealBroken:
        raise _malformed("not a status list") from None
    except MalformedIdentifier:
        raise ListRefused("not the list of an insurer", step=SIGNED) from None


def read_status(data: bytes, trust: TrustList) -> StatusList:
    """A status list that its own insurer has signed, under a key that the trust list has.

    Raises:
        ListRefused: it has not, or it is no status list.
    """
    issuer = status_issuer(data)
    keys = {each.amc: each.keys for each in trust.insurers}.get(issuer)
    if keys is None:
        raise ListRefused("an insurer that is not on the trust list", step=SIGNED)
    try:
        return status_list.from_payload(_verified(data, STATUS, keys))
    except MalformedIdentifier as malformed:
        raise _malformed(str(malformed)) from None


def _verified(data: bytes, kind: Kind, keys: Points) -> bytes:
    try:
        message = read1(data, kind=kind)
    except SealBroken:
        raise _malformed("damaged, or of another kind") from None
    point = keys.get(message.kid)
    if point is None:
        raise ListRefused("signed by a key that is not trusted for it", step=SIGNED)
    try:
        return verify1(message, key_at(point))
    except (SealBroken, ValueError):
        raise ListRefused("damaged, or not signed by who it says", step=SIGNED) from None


def _malformed(reason: str) -> ListRefused:
    return ListRefused(reason, step=WELL_FORMED)
