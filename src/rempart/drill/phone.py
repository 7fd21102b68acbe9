"""A member's phone in a sandbox, for vendors: enrolled in an instant, by the insurer's own keys.

What a real one does is the page in ``serving/phone``; what it shows is the same.
"""

import secrets
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rempart.adapters.keys.file import KeyFile
from rempart.bootstrap.insurer import KEY, InsurerFolder
from rempart.domain.card import issuer_of
from rempart.domain.phone_card import PhoneCard
from rempart.sealing import base45
from rempart.sealing.cose import CARD_PREFIX, kid_of, read1
from rempart.usecases.card_codes import read_card
from rempart.usecases.fresh_codes import fresh_text, phone_card_bytes
from rempart.usecases.insurer_keys import card_signing_key


def show_card(home: Path, code: str, vault: bytes, *, made: int) -> str:
    """A code of the moment for the card of ``code``: ``made`` in seconds, ``vault`` its key."""
    amc = issuer_of(read1(base45.decode(code.removeprefix(CARD_PREFIX))).payload)
    folder = home / "insurers" / amc
    signing = card_signing_key(InsurerFolder.open(folder, KeyFile(folder / KEY)).keys)
    claims = read_card(code, keys=lambda *_: signing.public_key(), on=None)
    phone, today = generate_private_key(SECP256R1()), datetime.now(UTC).date()
    card = PhoneCard(
        amc=amc,
        secret=claims.secret,
        point=phone.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint),
        valid_from=today,
        valid_to=today,
        key_id=kid_of(signing.public_key()),
    )
    return fresh_text(
        phone_card_bytes(card, signing),
        phone,
        vault=vault,
        made=made,
        nonce=secrets.token_bytes(16),
        ephemeral=secrets.token_bytes(32),
    )
