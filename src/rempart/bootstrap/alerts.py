"""Keys and cards of alerts between operators.

home/keys/alerts.keyring   the key that signs ours, the key that opens theirs: the courier's alone
home/alerts/               ``adapters/alert_folders.py``
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rempart.adapters.alert_folders import (
    card_at,
    cards_in,
    forget_card,
    keep_card,
)
from rempart.adapters.durable import write_whole
from rempart.adapters.keys.file import FileKeyring, KeyFile
from rempart.adapters.system import SystemChance
from rempart.config import Settings
from rempart.domain.alert_card import AlertCard
from rempart.domain.errors import KeyMissing, SetUpRefused
from rempart.sealing.cose import kid_of
from rempart.usecases.deliver_alerts import OPEN, make_alert_keys, signing_point
from rempart.usecases.p256_keys import key_at

KEYRING, KEY, CARD = "alerts.keyring", "alerts.key", "card.json"
READERS, PUBLISHERS, DROPPED, OUT = "readers", "publishers", "in", "out"


def begin(settings: Settings, name: str, url: str) -> AlertCard:
    """Make our keys and our card.

    Raises:
        SetUpRefused: they are there already.
        MalformedIdentifier: a name or an address that no card holds.
    """
    # What no card holds is refused before there is a key.
    AlertCard(name=name, signs=b"", opens=b"", url=url)
    settings.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    unlock = KeyFile(settings.keys / KEY).create()
    keys = FileKeyring.create(settings.keys / KEYRING, unlock=unlock)
    make_alert_keys(keys, SystemChance())
    opens = X25519PrivateKey.from_private_bytes(keys.get(OPEN)).public_key().public_bytes_raw()
    card = AlertCard(name=name, signs=signing_point(keys), opens=opens, url=url)
    keep_card(settings.alerts, CARD.removesuffix(".json"), card)
    return card


def own_card(settings: Settings) -> AlertCard:
    """Our card.

    Raises:
        KeyMissing: there is none yet.
    """
    if not (settings.alerts / CARD).exists():
        raise KeyMissing("no card of ours here: run rempart alert init")
    return card_at(settings.alerts / CARD)


def key_id(card: AlertCard) -> str:
    """The id of the key that signs a card's alerts.

    Raises:
        SetUpRefused: it is no key.
    """
    try:
        return kid_of(key_at(card.signs)).hex()
    except ValueError:
        raise SetUpRefused("the card holds no key on P-256") from None


def admit(settings: Settings, card: AlertCard) -> None:
    """Let an operator read ours."""
    keep_card(settings.alerts / READERS, card.reader, card)


def dismiss(settings: Settings, name: str) -> None:
    """Let it read ours no more."""
    card = _named(settings.alerts / READERS, name)
    forget_card(settings.alerts / READERS, card.reader)


def listen(settings: Settings, card: AlertCard, authority: Path | None) -> None:
    """Fetch an operator's from now on."""
    keep_card(settings.alerts / PUBLISHERS, key_id(card), card)
    if authority is not None:
        path = settings.alerts / PUBLISHERS / f"{key_id(card)}.pem"
        write_whole(path, authority.read_bytes(), mode=0o644)


def leave(settings: Settings, publisher: str) -> None:
    """Fetch them no more; ``publisher`` is the id of its key."""
    forget_card(settings.alerts / PUBLISHERS, publisher)


def publisher_named(settings: Settings, name: str) -> str:
    """The id of the key of a publisher that is fetched from."""
    return key_id(_named(settings.alerts / PUBLISHERS, name))


def open_keys(settings: Settings) -> FileKeyring:
    """Our keys.

    Raises:
        KeyMissing: there are none yet.
    """
    path = settings.keys / KEYRING
    if not path.exists():
        raise KeyMissing("no alert keys here: run rempart alert init")
    return FileKeyring.open(path, KeyFile(settings.keys / KEY))


def _named(folder: Path, name: str) -> AlertCard:
    for card in cards_in(folder):
        if card.name == name:
            return card
    raise SetUpRefused(f"no operator of this name in {folder.name}: rempart alert list")
