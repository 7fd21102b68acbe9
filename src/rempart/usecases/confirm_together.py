"""Two operators confirm a statement, each with their own key, over its very bytes.

What is confirmed says what it is for and when it was made: a confirmation serves no other purpose,
and none for longer than two days.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rempart.domain.errors import MalformedIdentifier, SetUpRefused
from rempart.domain.insurer import ED25519_SIZE, b64, unb64
from rempart.sealing.framing import prefixed

SIGNED_AS = b"rempart/confirm/1"
SIGNATURE_SIZE = 64
GOOD_FOR = 48 * 3600
"""Seconds between the making of a statement and its use."""

Statement = Mapping[str, Any]


def digest_of(statement: Statement) -> bytes:
    """SHA-256 of a statement, however its file is written."""
    text = json.dumps(statement, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def confirm(statement: Statement, key: Ed25519PrivateKey) -> dict[str, str]:
    """An operator's confirmation of a statement that they have read."""
    return {
        "purpose": str(statement["purpose"]),
        "digest": digest_of(statement).hex(),
        "operator": b64(key.public_key().public_bytes_raw()),
        "signature": b64(key.sign(_to_be_signed(statement))),
    }


def _to_be_signed(statement: Statement) -> bytes:
    return prefixed(SIGNED_AS, str(statement["purpose"]).encode(), digest_of(statement))


def check_confirmed(
    statement: Statement,
    confirmations: Sequence[Mapping[str, Any]],
    *,
    purpose: str,
    operators: Mapping[bytes, str],
    now: int,
) -> list[str]:
    """The names of the operators who confirm this very statement, two at least.

    ``now`` is in microseconds; ``operators`` are the keys that this installation trusts.

    Raises:
        SetUpRefused: another purpose, too old, an unknown operator, one signature that does not
            hold, or fewer than two people.
    """
    if statement.get("purpose") != purpose:
        raise SetUpRefused(f"this is no statement to {purpose}")
    made = statement.get("made")
    if type(made) is not int or not 0 <= now // 1_000_000 - made <= GOOD_FOR:
        raise SetUpRefused("the statement is older than two days, or of the future")
    signed = _to_be_signed(statement)
    signers = {signer_of(said, signed, operators, of="statement") for said in confirmations}
    if len(signers) < 2:
        raise SetUpRefused("two confirmations are needed, under two operator keys")
    return sorted(operators[public] for public in signers)


def signer_of(
    said: Mapping[str, Any], signed: bytes, operators: Mapping[bytes, str], *, of: str
) -> bytes:
    """The operator key under a confirmation, once it holds for the bytes ``signed``.

    ``operators`` are the keys that this installation trusts, with their names; ``of`` is what was
    to be confirmed, in a word.

    Raises:
        SetUpRefused: an unknown operator, something else, or a signature that does not hold.
    """
    try:
        public = unb64(said.get("operator"), "operator", ED25519_SIZE)
        signature = unb64(said.get("signature"), "signature", SIGNATURE_SIZE)
    except MalformedIdentifier as malformed:
        raise SetUpRefused(f"a confirmation is malformed: {malformed}") from None
    if public not in operators:
        raise SetUpRefused("a confirmation is by a key that is no operator's here")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise SetUpRefused(f"a confirmation is not of this {of}") from None
    return public
