"""Keys of a software that it may still sign with: one that was rotated out goes at its moment."""

from dataclasses import replace
from typing import Any

from rempart.usecases.ports import Software

KEY_UNTIL = "rempart_until"
"""Member of a registered JWK that goes: seconds since 1970, after which it signs nothing."""


def key_ends(software: Software, now: int) -> list[int]:
    """When keys of a software go: what was opened before does not outlive that."""
    ends = [int(key[KEY_UNTIL]) * 1_000_000 for key in keys_of(software) if KEY_UNTIL in key]
    return [end for end in ends if end > now]


def with_live_keys(software: Software, now: int) -> Software:
    """The software with the keys that it may still sign with."""
    keys = keys_of(software)
    live = [k for k in keys if int(k.get(KEY_UNTIL, now)) * 1_000_000 > now or KEY_UNTIL not in k]
    return software if len(live) == len(keys) else replace(software, jwks={"keys": live})


def keys_of(software: Software) -> list[dict[str, Any]]:
    """The keys of a software's set."""
    keys: list[dict[str, Any]] = software.jwks.get("keys", [])
    return keys
