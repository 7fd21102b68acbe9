"""The assembly of a shop's device: its own key, and the chain of what it has signed.

device.keyring, device.key   the key; it never leaves
device.pub                   its public half, to be enrolled
undertakings                 what it has signed, with the cards' codes: closed to others
"""

from dataclasses import dataclass
from pathlib import Path

from rempart.adapters.keys.file import FileKeyring, KeyFile
from rempart.adapters.system import SystemChance
from rempart.adapters.undertaking_chain import FileChain
from rempart.bootstrap.verifier import quoter
from rempart.domain.errors import SetUpRefused
from rempart.usecases.p256_keys import add_signing_key, point_of, signing_key
from rempart.usecases.undertake import Undertake

SIGN = "device-sign/"
KEYRING, KEY, PUBLIC, CHAIN = "device.keyring", "device.key", "device.pub", "undertakings"


def make_device(folder: Path) -> bytes:
    """Make a device's key; its public half, 65 bytes.

    Raises:
        SetUpRefused: the folder has a device already.
    """
    if (folder / KEYRING).exists():
        raise SetUpRefused("this folder has a device already: its chain would be broken")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = FileKeyring.create(folder / KEYRING, unlock=KeyFile(folder / KEY).create())
    version = add_signing_key(keys, SIGN, SystemChance())
    point = point_of(signing_key(keys, SIGN, version).public_key())
    (folder / PUBLIC).write_bytes(point)
    return point


@dataclass(frozen=True, slots=True)
class DeviceFolder:
    """A device's folder."""

    folder: Path

    @property
    def chain(self) -> FileChain:
        """What it has signed."""
        return FileChain(self.folder / CHAIN)

    def undertake(self, lists: Path) -> Undertake:
        """The signing, by the lists of another folder.

        Raises:
            SetUpRefused: there is no device here.
            ListRefused: there is no trust list there.
        """
        if not (self.folder / KEYRING).exists():
            raise SetUpRefused("no device here: rempart undertaking device")
        keys = FileKeyring.open(self.folder / KEYRING, KeyFile(self.folder / KEY))
        return Undertake(quoter(lists), self.chain, signing_key(keys, SIGN))
