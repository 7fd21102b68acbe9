"""Operator keys in files: a private one that its operator holds, public ones that a place trusts.

NAME.key    Ed25519 seed in base64, for its owner alone
NAME.pub    {"operator": NAME, "key": base64}
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.adapters.private_files import read_private, write_private
from rempart.domain.errors import MalformedIdentifier, SetUpRefused
from rempart.domain.insurer import ED25519_SIZE, b64, unb64

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


def make_operator_key(folder: Path, name: str, seed: bytes) -> Path:
    """Make ``NAME.key`` and ``NAME.pub``; the path of the public one.

    Raises:
        SetUpRefused: not a name, or the key exists.
    """
    if NAME.fullmatch(name) is None:
        raise SetUpRefused("an operator's name has small letters, digits, dots and dashes")
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    if private.exists() or public.exists():
        raise SetUpRefused(f"{private.name} exists already: a key is never replaced")
    write_private(private, b64(seed))
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    public.write_text(json.dumps({"operator": name, "key": b64(key)}, indent=1) + "\n")
    return public


def operator_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a file.

    Raises:
        KeyMissing: no such file.
        KeyReadableByOthers: others can read it.
        SetUpRefused: it holds no key.
    """
    try:
        return Ed25519PrivateKey.from_private_bytes(unb64(read_private(path), "key", ED25519_SIZE))
    except MalformedIdentifier:
        raise SetUpRefused(f"{path.name} does not hold an operator's key") from None


def public_operator(path: Path) -> tuple[bytes, str]:
    """Key and name in a public file.

    Raises:
        SetUpRefused: it holds none.
    """
    try:
        said = json.loads(path.read_text("utf-8"))
        name = said["operator"]
        if NAME.fullmatch(name) is None:
            raise SetUpRefused(f"{path.name} does not name an operator")
        return unb64(said["key"], "key", ED25519_SIZE), name
    except (OSError, ValueError, KeyError, TypeError, MalformedIdentifier):
        raise SetUpRefused(f"{path.name} does not hold an operator's public key") from None


def trust_operator(folder: Path, public: Path) -> str:
    """Put a public key among those that this installation trusts; its operator's name.

    Raises:
        SetUpRefused: it holds none, or another key stands under this name.
    """
    return trust_key(folder, *public_operator(public))


def trust_key(folder: Path, key: bytes, name: str) -> str:
    """Put a key among those that this installation trusts, under a name.

    Raises:
        SetUpRefused: not a name, or another key stands under it.
    """
    if NAME.fullmatch(name) is None:
        raise SetUpRefused("a name has small letters, digits, dots and dashes")
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    kept = folder / f"{name}.pub"
    if kept.exists() and public_operator(kept)[0] != key:
        raise SetUpRefused(f"another key is trusted under the name {name}: remove it first")
    kept.write_text(json.dumps({"operator": name, "key": b64(key)}, indent=1) + "\n")
    return name


def trusted_operators(folder: Path) -> Mapping[bytes, str]:
    """Keys that this installation trusts, with their operators' names."""
    return dict(public_operator(path) for path in sorted(folder.glob("*.pub")))
