"""The vault's presence key: made, signed, renewed and dropped by the vault itself.

A version is the second in which its key was made, so that every rule follows from the names in
the keyring and the present:

* the newest one is published, signed by the vault's checkpoint key, for ``NOTE_LIFE`` from then;
* an older one is agreed with until its successor is ``OVERLAP`` old, and dropped then;
* the newest one is renewed when it is ``LIFE`` old, or when an operator says so.

A key is made when somebody first asks for it. Each making and each dropping has its entry first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.domain.disclosure import Codes
from rempart.sealing.errors import SealBroken
from rempart.sealing.presence import (
    KEY_ID_SIZE,
    KEY_SIZE,
    VaultEnd,
    key_id_of,
    public_of,
    vault_key,
)
from rempart.usecases.ports import Chance, KeyStore, NoteSigner
from rempart.usecases.seal_presence import note_text

PRESENCE = "presence/"
SECOND = 1_000_000
LIFE = 365 * 86_400
"""Seconds after which a key is renewed."""
NOTE_LIFE = 86_400
"""Seconds for which a signed key may be believed: how long an old one can be passed off."""
NOTE_EVERY = 3_600
"""Seconds for which one signature serves: whoever asks cannot make the vault sign at will."""
OVERLAP = 2 * 86_400
"""Seconds for which an older key still serves: a note just read, and clocks that disagree."""

Tell = Callable[[Codes], object]
"""Writes what is about to be done into the ledger."""


@dataclass(slots=True)
class PresenceKeys:
    """The versions in the vault's keyring."""

    keys: KeyStore
    chance: Chance
    signer: NoteSigner
    _private: dict[int, bytes] = field(default_factory=dict, repr=False)
    _versions: dict[bytes, int] = field(default_factory=dict, repr=False)
    _note: tuple[int, int, str] = field(default=(0, 0, ""), repr=False)

    def __post_init__(self) -> None:
        self._read()

    def reload(self) -> None:
        """Read the keyring again."""
        self.keys.reload()
        self._read()

    def _read(self) -> None:
        self._private = {
            int(name.removeprefix(PRESENCE)): self.keys.get(name)
            for name in self.keys.names(PRESENCE)
        }
        self._versions = {
            key_id_of(public_of(private)): version for version, private in self._private.items()
        }

    @property
    def newest(self) -> int:
        """The version in use, 0 where there is none yet."""
        return max(self._private, default=0)

    def note(self, now: int, *, tell: Tell) -> str:
        """The signed key, made if there is none."""
        if not self.newest:
            self.renew(now, tell=tell)
        signed_at, version, note = self._note
        if version != self.newest or not signed_at <= now < signed_at + NOTE_EVERY * SECOND:
            public = public_of(self._private[self.newest])
            until = now + NOTE_LIFE * SECOND
            note = self.signer.sign(note_text(self.signer.origin, public, until=until))
            self._note = now, self.newest, note
        return note

    def renew(self, now: int, *, tell: Tell) -> int:
        """Make the next version; it."""
        self.reload()
        version = max(now // SECOND, self.newest + 1)
        private = self.chance.draw(KEY_SIZE)
        tell({"presence": "made", "version": version, "key": key_id_of(public_of(private))})
        self.keys.put(f"{PRESENCE}{version}", private)
        self._read()
        return version

    def settle(self, now: int, *, tell: Tell) -> None:
        """Renew what is too old, drop what is past its overlap; costs nothing where neither is."""
        if self.newest and now // SECOND >= self.newest + LIFE:
            self.renew(now, tell=tell)
        for version in [version for version in self._private if not self._serves(version, now)]:
            tell({"presence": "dropped", "version": version})
            self.keys.drop(f"{PRESENCE}{version}")
            self._read()

    def _serves(self, version: int, now: int) -> bool:
        successor = min((later for later in self._private if later > version), default=None)
        return successor is None or now // SECOND < successor + OVERLAP

    def agree(self, claim: bytes, session: bytes, now: int) -> VaultEnd | None:
        """Our end of a session, for what its software said in its assertion, if that serves.

        A key that we do not know, or no longer: the session stands, and opens nothing sealed.
        """
        private = self.private(claim[:KEY_ID_SIZE], now)
        if private is None:
            return None
        try:
            key = vault_key(private, claim[KEY_ID_SIZE:], session)
        except SealBroken:
            return None
        return VaultEnd(session, AESGCM(key))

    def private(self, key_id: bytes, now: int) -> bytes | None:
        """The private key under this id, while it serves."""
        version = self._versions.get(key_id)
        if version is None or not self._serves(version, now):
            return None
        return self._private[version]
