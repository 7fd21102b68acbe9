"""A keyring in a file: secrets by name, each sealed under one unlocking key.

The file is JSON. Its secrets are AES-256-GCM boxes bound to their names, under a key that comes
from a key file (32 random bytes) or from a passphrase (Argon2id). Both files must be closed to
everybody but their owner, or but one named group where two processes share a keyring.

Writers take a lock beside the file, read it again, replace it whole, and return once it is on disk.
"""

import base64
import binascii
import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from rempart.adapters.durable import give_name, sync_folder
from rempart.domain.errors import IntegrityBroken, KeyMissing, KeyReadableByOthers, SetUpRefused

FORMAT = "rempart-keyring/1"
KEY_SIZE = 32
NONCE_SIZE = 12
SALT_SIZE = 16
# RFC 9106 section 4, second choice; fixed by the format, so that a file cannot ask for less.
ARGON2_ITERATIONS, ARGON2_LANES, ARGON2_KIB = 3, 4, 65_536
# A secret that everybody knows tells a wrong key from a damaged file.
CHECK_NAME, CHECK = "", b"rempart"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Unlock with 32 random bytes in a file of their own, kept apart from keyring backups."""

    path: Path

    def create(self, *, group: int | None = None) -> Self:
        """Make the key file; an existing one is never replaced.

        Raises:
            SetUpRefused: it exists.
        """
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise SetUpRefused(f"the key file {self.path} exists already") from None
        with os.fdopen(file, "wb") as opened:
            _close_to_others(opened.fileno(), group)
            opened.write(os.urandom(KEY_SIZE))
            os.fsync(opened.fileno())
        sync_folder(self.path.parent)
        return self


@dataclass(frozen=True, slots=True)
class Passphrase:
    """Unlock with something that a person knows."""

    text: str = field(repr=False)


Unlock = KeyFile | Passphrase


@dataclass(slots=True)
class FileKeyring:
    """The ``KeyStore`` of one machine. Names are public; secrets are never in ``repr``.

    Trust: the file's secrecy rests on the unlocking key. Whoever writes the file can take secrets
    away or bring back an older file, and cannot change one or give it another name.
    """

    path: Path
    group: int | None
    salt: bytes = field(repr=False)
    seal: AESGCM = field(repr=False)
    secrets: dict[str, bytes] = field(repr=False, default_factory=dict)

    @classmethod
    def create(cls, path: Path, *, unlock: Unlock, group: int | None = None) -> Self:
        """Make an empty keyring; an existing one is never replaced.

        ``group`` is the number of the group that may read it, beside its owner.

        Raises:
            SetUpRefused: it exists.
            KeyMissing: there is no key file.
            KeyReadableByOthers: the key file is not private.
        """
        salt = os.urandom(SALT_SIZE)
        keyring = cls(path=path, group=group, salt=salt, seal=_unlocked(unlock, salt, group))
        with keyring._writing():
            if path.exists():
                raise SetUpRefused(f"the keyring {path} exists already")
            keyring._write()
        return keyring

    @classmethod
    def open(cls, path: Path, unlock: Unlock, *, group: int | None = None) -> Self:
        """Open a keyring; every secret is read at once, so that damage shows here.

        Raises:
            KeyMissing: no keyring, no key file, or this one does not open it.
            KeyReadableByOthers: the keyring or the key file is not private.
            IntegrityBroken: the keyring is damaged.
        """
        salt = _salt_of(_parsed(path, group))
        keyring = cls(path=path, group=group, salt=salt, seal=_unlocked(unlock, salt, group))
        keyring.reload()
        return keyring

    def get(self, name: str) -> bytes:
        """The secret.

        Raises:
            KeyMissing: no such name here.
        """
        try:
            return self.secrets[name]
        except KeyError:
            raise KeyMissing(f"no key named {name}") from None

    def names(self, prefix: str) -> list[str]:
        """Names that start so, sorted."""
        return sorted(name for name in self.secrets if name.startswith(prefix))

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret, on disk before this returns; once put, its value stays.

        Raises:
            IntegrityBroken: another value stands under this name.
        """
        assert name != CHECK_NAME, "a key has a name"
        with self._writing():
            self._read_again()
            if self.secrets.get(name, secret) != secret:
                raise IntegrityBroken(f"the key {name} exists with another value")
            if name not in self.secrets:
                self.secrets[name] = secret
                self._write()

    def drop(self, name: str) -> None:
        """Forget a secret, on disk before this returns."""
        with self._writing():
            self._read_again()
            if self.secrets.pop(name, None) is not None:
                self._write()

    def reload(self) -> None:
        """Read again what another process may have put.

        Raises:
            KeyMissing: the keyring is gone, or under another unlocking key.
            KeyReadableByOthers: it is no longer private.
            IntegrityBroken: it is damaged.
        """
        self._read_again()

    def _read_again(self) -> None:
        content = _parsed(self.path, self.group)
        if _salt_of(content) != self.salt:
            raise KeyMissing(f"the keyring {self.path} has been replaced by another")
        boxes = content["secrets"]
        try:
            self._opened(CHECK_NAME, content["check"])
        except (InvalidTag, ValueError, TypeError):
            raise KeyMissing(
                f"this key file or passphrase does not open the keyring {self.path}"
            ) from None
        secrets = {}
        for name, box in boxes.items():
            try:
                secrets[name] = self._opened(name, box)
            except (InvalidTag, ValueError, TypeError):
                raise IntegrityBroken(f"the key {name} is damaged in {self.path}") from None
        self.secrets = secrets

    def _opened(self, name: str, box: str) -> bytes:
        sealed = base64.b64decode(box, validate=True)
        return self.seal.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], _bound_to(name))

    def _sealed(self, name: str, secret: bytes) -> str:
        nonce = os.urandom(NONCE_SIZE)
        sealed = nonce + self.seal.encrypt(nonce, secret, _bound_to(name))
        return base64.b64encode(sealed).decode()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, among processes too."""
        beside = self.path.with_name(self.path.name + ".lock")
        file = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if self.group is not None and os.fstat(file).st_uid == os.geteuid():
                os.fchown(file, -1, self.group)
                os.fchmod(file, 0o660)
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    def _write(self) -> None:
        content = {
            "format": FORMAT,
            "salt": base64.b64encode(self.salt).decode(),
            "check": self._sealed(CHECK_NAME, CHECK),
            "secrets": {
                name: self._sealed(name, secret) for name, secret in sorted(self.secrets.items())
            },
        }
        fresh = self.path.with_name(self.path.name + ".new")
        # What a killed writer left behind; the lock says that nobody is writing it.
        fresh.unlink(missing_ok=True)
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as opened:
            _close_to_others(opened.fileno(), self.group)
            json.dump(content, opened, indent=1)
            opened.write("\n")
            opened.flush()
            os.fsync(opened.fileno())
        give_name(fresh, self.path)


def _bound_to(name: str) -> bytes:
    return f"{FORMAT} {name}".encode()


def _unlocked(unlock: Unlock, salt: bytes, group: int | None) -> AESGCM:
    if isinstance(unlock, Passphrase):
        kdf = Argon2id(
            salt=salt,
            length=KEY_SIZE,
            iterations=ARGON2_ITERATIONS,
            lanes=ARGON2_LANES,
            memory_cost=ARGON2_KIB,
        )
        return AESGCM(kdf.derive(unlock.text.encode()))
    key = _private(unlock.path, group)
    if len(key) != KEY_SIZE:
        raise KeyMissing(f"{unlock.path} is not a key file: expected {KEY_SIZE} bytes")
    return AESGCM(key)


def _private(path: Path, group: int | None) -> bytes:
    """The bytes of a file that only its owner, or the one allowed group, can read.

    Raises:
        KeyMissing: there is no such file.
        KeyReadableByOthers: others can read or write it.
    """
    try:
        opened = path.open("rb")
    except FileNotFoundError:
        raise KeyMissing(f"there is no file {path}") from None
    with opened:
        # Asked of what was opened, not of the name: nobody can swap it in between.
        status = os.fstat(opened.fileno())
        allowed = stat.S_IRWXU
        if group is not None and status.st_gid == group:
            allowed |= stat.S_IRGRP
        if stat.S_IMODE(status.st_mode) & ~allowed:
            raise KeyReadableByOthers(f"{path} is open to others: chmod {allowed & 0o640:o} it")
        return opened.read()


def _parsed(path: Path, group: int | None) -> dict[str, Any]:
    try:
        content = json.loads(_private(path, group))
    except ValueError:
        content = None
    match content:
        case {"format": str(name), "salt": str(), "check": str(), "secrets": dict()} if (
            name == FORMAT
        ):
            assert isinstance(content, dict)
            return content
    raise IntegrityBroken(f"{path} is not a keyring of a known format")


def _salt_of(content: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(content["salt"], validate=True)
    except binascii.Error:
        raise IntegrityBroken("the keyring is not of a known format") from None


def _close_to_others(file: int, group: int | None) -> None:
    if group is not None:
        os.fchown(file, -1, group)
    os.fchmod(file, 0o600 if group is None else 0o640)
