"""An insurer's own keys: made at the insurer, never sent; only the public bundle leaves.

handle        encrypts its references into handles (AES-SIV, 64 bytes)
digest        keys the digests of rows (32 bytes)
card/V        card secrets follow from it; a new version means new serials and new cards
feed-sign     signs feeds (Ed25519)
card-sign/V   signs card codes and lists (P-256); published before it signs
card-turned/V says that V signs from now on; without it, the first does
dossier/V     opens what an operator tells of a breach (X25519); every one that was made still does
"""

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rempart.domain.errors import SetUpRefused
from rempart.domain.insurer import InsurerProfile, PublicBundle
from rempart.sealing.cose import kid_of
from rempart.usecases.p256_keys import add_signing_key, point_of, signing_key
from rempart.usecases.platform_keys import newest
from rempart.usecases.ports import Chance, KeyStore

HANDLE, DIGEST, FEED_SIGN = "handle", "digest", "feed-sign"
CARD, CARD_SIGN, TURNED, DOSSIER = "card/", "card-sign/", "card-turned/", "dossier/"
HANDLE_KEY_SIZE, KEY_SIZE = 64, 32
TURN = b"turned"


def make_keys(keys: KeyStore, chance: Chance) -> None:
    """Make an insurer's first keys.

    Raises:
        SetUpRefused: there are keys already; new ones would orphan every handle.
    """
    if keys.names(""):
        raise SetUpRefused("this folder has keys already")
    keys.put(DIGEST, chance.draw(KEY_SIZE))
    keys.put(FEED_SIGN, chance.draw(KEY_SIZE))
    add_card_key(keys, chance)
    add_card_signing_key(keys, chance)
    # Last: a folder with a handle key is a whole one.
    keys.put(HANDLE, chance.draw(HANDLE_KEY_SIZE))


def add_card_key(keys: KeyStore, chance: Chance) -> int:
    """A new version of the card key, for new cards; its number."""
    version = newest(keys, CARD) + 1
    keys.put(f"{CARD}{version}", chance.draw(KEY_SIZE))
    return version


def add_card_signing_key(keys: KeyStore, chance: Chance) -> int:
    """The next card-signing key: in the bundle from now on, and signs nothing before the turn."""
    return add_signing_key(keys, CARD_SIGN, chance)


def signing_version(keys: KeyStore) -> int:
    """The version that signs."""
    return newest(keys, TURNED) or 1


def turn_card_signing_key(keys: KeyStore) -> int:
    """Sign with the newest from now on; its version.

    Raises:
        SetUpRefused: it signs already.
    """
    version = newest(keys, CARD_SIGN)
    if version == signing_version(keys):
        raise SetUpRefused("there is no next signing key: make one, and have its bundle registered")
    keys.put(f"{TURNED}{version}", TURN)
    return version


def end_card_signing_keys(keys: KeyStore) -> list[int]:
    """Forget those before the one that signs: cards under them end with the next bundle."""
    old = [
        version
        for name in keys.names(CARD_SIGN)
        if (version := int(name.removeprefix(CARD_SIGN))) < signing_version(keys)
    ]
    for version in old:
        keys.drop(f"{CARD_SIGN}{version}")
    return old


def card_keys(keys: KeyStore) -> dict[int, bytes]:
    """Every card key by version."""
    return {int(name.removeprefix(CARD)): keys.get(name) for name in keys.names(CARD)}


def card_signing_key(keys: KeyStore, version: int | None = None) -> EllipticCurvePrivateKey:
    """The key that signs cards, unless a version is named."""
    return signing_key(keys, CARD_SIGN, version or signing_version(keys))


def feed_signing_key(keys: KeyStore) -> Ed25519PrivateKey:
    """The key that signs feeds."""
    return Ed25519PrivateKey.from_private_bytes(keys.get(FEED_SIGN))


def dossier_key(keys: KeyStore, chance: Chance, *, renew: bool = False) -> bytes:
    """The public half (32 bytes) of the newest key that dossiers are sealed to; made where there
    is none, and anew where it is asked for.
    """
    version = newest(keys, DOSSIER)
    if renew or not version:
        version += 1
        keys.put(f"{DOSSIER}{version}", chance.draw(KEY_SIZE))
    private = X25519PrivateKey.from_private_bytes(keys.get(f"{DOSSIER}{version}"))
    return private.public_key().public_bytes_raw()


def dossier_keys(keys: KeyStore) -> list[bytes]:
    """Every private key that dossiers may be sealed to, the newest first."""
    versions = sorted(
        (int(name.removeprefix(DOSSIER)) for name in keys.names(DOSSIER)), reverse=True
    )
    return [keys.get(f"{DOSSIER}{version}") for version in versions]


def public_bundle(profile: InsurerProfile, keys: KeyStore) -> PublicBundle:
    """What the insurer publishes of its keys and rules."""
    points = {}
    for name in keys.names(CARD_SIGN):
        public = card_signing_key(keys, int(name.removeprefix(CARD_SIGN))).public_key()
        points[kid_of(public)] = point_of(public)
    return PublicBundle(
        amc=profile.amc,
        sandbox=profile.sandbox,
        member_number_rule=profile.member_number_rule,
        feed_key=feed_signing_key(keys).public_key().public_bytes_raw(),
        card_keys=points,
    )
