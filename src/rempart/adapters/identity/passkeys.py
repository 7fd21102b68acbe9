"""Passkeys (WebAuthn Level 3), each ceremony with user verification; no attestation is asked for.

What a browser answers is checked by ``webauthn``; what that library leaves to its caller is checked
here: that the answer comes from the passkey expected, not from a frame of another site, and that
the passkey has not changed its nature. The refusal says the same words for every reason.
"""

import hmac
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import webauthn
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn import helpers
from webauthn.helpers import structs
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException

from rempart.domain.errors import SignInRefused
from rempart.domain.sign_in import Doubt
from rempart.usecases.identity_ports import Passkey

RESPONSE_MAX = 16_384
"""Characters; an answer with a 4096-bit key and its attestation has some 3,000."""
CREDENTIAL_ID_MAX = 1023
"""Bytes: WebAuthn Level 3, section 7.1, step 25."""
CHALLENGE_MIN = 16
"""Bytes: WebAuthn Level 3, section 13.4.3."""
CEREMONY_LIFE = 120_000
"""Milliseconds that the browser leaves the person to answer."""

RSA_BITS_MIN = 2048

ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
FORMATS = frozenset({"none", "packed"})
"""With no attestation asked for, a browser sends ``none``, or ``packed`` signed by the passkey
itself. The others bring chains of certificates that we have no use for: not even parsed."""

# What the library and the parsers beneath it raise on hostile input.
_HOSTILE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAuthnPasskeys:
    """The check, for one relying party (``rp_id``, a host name) at one origin."""

    rp_id: str = field(repr=False)
    rp_name: str = field(repr=False)
    origin: str = field(repr=False)

    def registration_options(
        self, account: bytes, challenge: bytes, existing: Sequence[bytes], *, name: str
    ) -> dict[str, Any]:
        """What the browser passes to ``navigator.credentials.create``, as JSON."""
        assert len(challenge) >= CHALLENGE_MIN
        assert 1 <= len(account) <= 64, "WebAuthn Level 3, section 5.4.3"
        options = webauthn.generate_registration_options(
            rp_id=self.rp_id,
            rp_name=self.rp_name,
            user_name=name,
            user_id=account,
            challenge=challenge,
            timeout=CEREMONY_LIFE,
            attestation=structs.AttestationConveyancePreference.NONE,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_named(existing),
            supported_pub_key_algs=ALGORITHMS,
        )
        return _as_json(webauthn.options_to_json(options))

    def verify_registration(
        self, response: str, *, account: bytes, challenge: bytes, now: int
    ) -> Passkey:
        """The passkey that was made for this challenge.

        (1) the answer is short, and made here: challenge, origin, relying party;
        (2) the person was there and was verified;
        (3) there is a key of an algorithm that we asked for, and it can be used.

        Raises:
            SignInRefused: anything about it does not hold.
        """
        with _refusing():
            credential = helpers.parse_registration_credential_json(_bounded(response))
            made = helpers.parse_attestation_object(credential.response.attestation_object)
            if made.fmt not in FORMATS or made.att_stmt.x5c:
                raise SignInRefused(doubt=Doubt.CEREMONY)
            _at_top(credential.response.client_data_json)
            verified = webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
                require_user_verification=True,
                supported_pub_key_algs=ALGORITHMS,
            )
            _usable(verified.credential_public_key)
            if len(verified.credential_id) > CREDENTIAL_ID_MAX:
                raise SignInRefused(doubt=Doubt.CEREMONY)
            # The browser says the identifier twice; only the authenticator's is signed for.
            if verified.credential_id != credential.raw_id:
                raise SignInRefused(doubt=Doubt.CREDENTIAL)
        return Passkey(
            account=account,
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            backup_eligible=_eligible(verified.credential_device_type),
            backed_up=verified.credential_backed_up,
            aaguid=verified.aaguid,
            made=now,
        )

    def authentication_options(self, challenge: bytes, allowed: Sequence[bytes]) -> dict[str, Any]:
        """What the browser passes to ``navigator.credentials.get``, as JSON."""
        assert len(challenge) >= CHALLENGE_MIN
        options = webauthn.generate_authentication_options(
            rp_id=self.rp_id,
            challenge=challenge,
            timeout=CEREMONY_LIFE,
            allow_credentials=_named(allowed),
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
        return _as_json(webauthn.options_to_json(options))

    def credential_id(self, response: str) -> bytes:
        """Which passkey an answer claims to come from, unproven.

        Raises:
            SignInRefused: not an answer.
        """
        with _refusing():
            credential = helpers.parse_authentication_credential_json(_bounded(response))
        if not 0 < len(credential.raw_id) <= CREDENTIAL_ID_MAX:
            raise SignInRefused(doubt=Doubt.CREDENTIAL)
        return credential.raw_id

    def verify_assertion(self, response: str, *, challenge: bytes, passkey: Passkey) -> Passkey:
        """The passkey as it must now be kept: its count and backup state moved on.

        (1) the answer is short, from this passkey, and names no other account;
        (2) it was made here, for this challenge, with the person there and verified;
        (3) the signature is this passkey's;
        (4) its count has moved on, if it counts; what may be backed up is still so.

        Raises:
            SignInRefused: anything about it does not hold.
        """
        with _refusing():
            credential = helpers.parse_authentication_credential_json(_bounded(response))
            named = credential.response.user_handle or passkey.account
            if not (
                hmac.compare_digest(credential.raw_id, passkey.credential_id)
                and hmac.compare_digest(named, passkey.account)
            ):
                raise SignInRefused(doubt=Doubt.CREDENTIAL)
            _at_top(credential.response.client_data_json)
            verified = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                # Counted below, once the signature holds: a forged count is no sign of a clone.
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        if passkey.sign_count and verified.new_sign_count <= passkey.sign_count:
            raise SignInRefused(doubt=Doubt.SIGN_COUNT)
        if _eligible(verified.credential_device_type) is not passkey.backup_eligible:
            raise SignInRefused(doubt=Doubt.CREDENTIAL)
        return replace(
            passkey, sign_count=verified.new_sign_count, backed_up=verified.credential_backed_up
        )


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (*_HOSTILE, RecursionError):
        raise SignInRefused(doubt=Doubt.CEREMONY) from None


def _bounded(response: str) -> dict[str, Any]:
    if len(response) > RESPONSE_MAX:
        raise ValueError("length")
    return _as_json(response)


def _as_json(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise TypeError("object")
    return value


def _at_top(client_data: bytes) -> None:
    """Refuse a ceremony in a frame of another site: the person may not know what is asked."""
    told = _as_json(client_data.decode())
    if told.get("crossOrigin", False) is not False or "topOrigin" in told:
        raise SignInRefused(doubt=Doubt.CEREMONY)


def _usable(public_key: bytes) -> None:
    decoded = helpers.decode_credential_public_key(public_key)
    match decoded.alg, helpers.decoded_public_key_to_cryptography(decoded):
        case COSEAlgorithmIdentifier.EDDSA, Ed25519PublicKey():
            return
        case COSEAlgorithmIdentifier.ECDSA_SHA_256, EllipticCurvePublicKey(curve=SECP256R1()):
            return
        case COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256, RSAPublicKey(key_size=size):
            if size >= RSA_BITS_MIN:
                return
    raise ValueError("key")


def _eligible(device: structs.CredentialDeviceType) -> bool:
    return device is structs.CredentialDeviceType.MULTI_DEVICE


def _named(credentials: Sequence[bytes]) -> list[structs.PublicKeyCredentialDescriptor]:
    return [structs.PublicKeyCredentialDescriptor(id=each) for each in credentials]
