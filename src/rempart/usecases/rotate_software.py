"""Rotate a software's key: the next one is added, the old ones sign for a while more, then nothing.

Both are accepted while they overlap, so that a practice's software changes without a call. A key
that is taken out at once, or whose time has come, takes its sessions with it at the vault's next
look. In production its vendor states it with that key, as when it was registered.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rempart.domain.errors import Refusal, SetUpRefused
from rempart.usecases.ports import Registry
from rempart.usecases.register_software import check_key, check_own, check_stated
from rempart.usecases.software_keys import KEY_UNTIL
from rempart.usecases.vendor_statement import SoftwareStatement

OVERLAP_MAX = 30 * 24 * 3600
"""Seconds: longer is no rotation but a second key."""


def rotate_software(
    client_id: str,
    jwks: Mapping[str, Any],
    *,
    registry: Registry,
    now: int,
    overlap: int,
    sandbox: bool,
    stated: SoftwareStatement | None = None,
) -> int:
    """Give a software its next keys; until when (seconds since 1970) the old ones sign.

    ``now`` is in microseconds, ``overlap`` in seconds; 0 takes the old keys out at once.

    Raises:
        Refusal: nobody of this name is in.
        SetUpRefused: no key, one that is not accepted, another's, one that is there already, or one
            that its vendor does not state, outside the sandbox.
    """
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not keys:
        raise SetUpRefused("a JWK set with at least one key is needed")
    if not 0 <= overlap <= OVERLAP_MAX:
        raise SetUpRefused("keys overlap for 30 days at most")
    for key in keys:
        check_key(key)
    everybody = registry.read().software
    software = everybody.get(client_id)
    if software is None or software.revoked:
        raise Refusal("no live software has this client_id")
    turned = replace(software, jwks=jwks)
    check_stated(turned, stated, sandbox=sandbox)
    check_own(turned, [each for name, each in everybody.items() if name != client_id])
    old = {str(key["kid"]): key for key in software.jwks["keys"]}
    if old.keys() & {str(key["kid"]) for key in keys}:
        raise SetUpRefused("a key of this kid is there already: a new key has a new kid")
    until = now // 1_000_000 + overlap
    staying = [
        {**key, KEY_UNTIL: min(until, int(key.get(KEY_UNTIL, until)))} for key in old.values()
    ]
    # What has no time left signs nothing: it is not kept for the sake of a list.
    kept = [key for key in staying if key[KEY_UNTIL] > now // 1_000_000]
    registry.rotate_software(client_id, {"keys": [*keys, *kept]})
    return until
