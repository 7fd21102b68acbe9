"""Open again what is cut: by one, or by two where it takes two."""

import json
import time
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.adapters.system import SystemChance
from rempart.adapters.vaultdoor.client import Door
from rempart.config import Settings
from rempart.usecases.clearing import clearing_statement
from rempart.usecases.confirm_together import confirm
from rempart.usecases.cut_off_messages import ClearCutOff, CutOffsShown, ListCutOffs
from rempart.usecases.messages import Done
from rempart.usecases.ports import Clock
from rempart.usecases.read_cut_offs import FRESH

WITHIN = 20.0
"""Seconds for a vault whose door was taken away to make it anew."""
SEEN = 2 * FRESH
"""Seconds after which every door knows that it is open again."""


def open_again(settings: Settings, operators: Sequence[Ed25519PrivateKey], clock: Clock) -> None:
    """Clear everything that is cut; ``clock`` is the vault's."""
    end = time.monotonic() + WITHIN
    while not settings.vault_socket.exists() and time.monotonic() < end:
        time.sleep(0.05)
    with Door(settings.vault_socket) as door:
        shown = door.ask(ListCutOffs())
        assert isinstance(shown, CutOffsShown)
        for each in shown.cut_offs:
            said = clearing_statement(each.ref, now=clock.now(), chance=SystemChance())
            words = tuple(json.dumps(confirm(said, key)) for key in operators if each.two)
            reply = door.ask(ClearCutOff(each.ref, "drill", json.dumps(said), words))
            assert isinstance(reply, Done), reply
