"""``POST /history``: what a person's own phone asks of itself, relayed to the vault.

The page that asks stands at an insurer's host, so any origin may read the answer: the code in the
body says who is asked about, and nobody's session comes with it. The door stays open whatever is
cut, as long as the vault answers; where it does not, the answer says when to come back.

(1) a network that was refused too often waits;
(2) the code goes to the vault as it came, however it looks: it has one answer for all it refuses;
(3) what the vault shows, in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Receive, Scope, Send

from rempart.domain.concerned import Concern
from rempart.domain.coverage import Domain
from rempart.domain.disclosure import Fields, Presence
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.person import told
from rempart.domain.site import KINDS
from rempart.serving.card_words import Label
from rempart.serving.cut_offs import Switches
from rempart.serving.declined import Declined
from rempart.serving.exchange import Headers, body_of, headers_of, network_of
from rempart.serving.phone_door import Tries
from rempart.serving.status import moment
from rempart.usecases.history_messages import AskHistory, Disclosed, HistoryShown
from rempart.usecases.messages import Refused, Reply
from rempart.usecases.ports import Clock, VaultDoor
from rempart.web import labels
from rempart.web.replies import declined_of, send_declined, send_json

AT = "/history"
TEXT_MAX = 1024
"""Characters that reach the vault: a code has 526, and what is longer is none."""
TRIES_MAX = 200
"""Refusals of one network within ten minutes: thousands of phones share one."""
ALL_TRIES_MAX = 60_000
"""… of all networks: what is made up costs the vault a hundredth of its time at most."""
SECOND = 1_000_000
ANY_PAGE = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"retry-after"),
]
NO = "ask-your-insurer"
SAID = frozenset({"cut-off", "unavailable"})
"""What the vault may say beside the one answer: of everybody, and of nobody's code."""
NOBODY_KNOWS: Label = ("Genre de lieu inconnu", "Kind of site unknown")


@dataclass(slots=True)
class TellHistory:
    """The endpoint, as an ASGI application."""

    door: VaultDoor = field(repr=False)
    switches: Switches
    clock: Clock
    tries: Tries = field(init=False)

    def __post_init__(self) -> None:
        self.tries = Tries(
            lambda: self.clock.now() / SECOND, all_max=ALL_TRIES_MAX, network_max=TRIES_MAX
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one phone."""
        network = network_of(scope)
        try:
            if wait := self.tries.wait(network):  # (1)
                raise Declined("too-many-tries", after=wait)
            reply = await self._ask(headers_of(scope), receive)  # (2)
        except Exception as error:
            await send_declined(send, declined_of(error), headers=ANY_PAGE)
            return
        if isinstance(reply, HistoryShown):
            await send_json(send, history_of(reply), headers=ANY_PAGE)  # (3)
            return
        declined = _declined(reply)
        if declined.code == NO:
            self.tries.refused(network)
        await send_declined(send, declined, headers=ANY_PAGE)

    async def _ask(self, headers: Headers, receive: Receive) -> Reply:
        code = (await body_of(headers, receive)).decode("latin-1")[:TEXT_MAX]
        try:
            return await self.door.ask(AskHistory(code))
        except TemporarilyUnavailable:
            # No vault: what the last row says of the platform tells when one may be back.
            raise await self.switches.over_rights() or Declined("unavailable") from None


def _declined(reply: Reply) -> Declined:
    if not isinstance(reply, Refused):
        return Declined("unavailable")
    return Declined(reply.reason, after=reply.after) if reply.reason in SAID else Declined(NO)


def history_of(shown: HistoryShown) -> Mapping[str, Any]:
    """What the vault shows, in French and in English."""
    return {
        "kind": "history",
        "total": shown.total,
        "answers": [_answer(each) for each in shown.answers],
        "asked": [moment(at * SECOND) for at in shown.asked],
    }


def _answer(each: Disclosed) -> Mapping[str, Any]:
    kind = KINDS.get(each.kind)
    return {
        "at": moment(each.at * SECOND),
        "by": _said(labels.KINDS[kind] if kind else NOBODY_KNOWS),
        "domain": _said(labels.DOMAINS[Domain(each.domain)]),
        "presence": _said(labels.PRESENCES[Presence(each.presence)]),
        "fields": [_said(labels.FIELDS[one]) for one in Fields(each.fields)],
        "verdict": told(Concern(each.concern).name) if each.concern else "",
        "breach": _said(labels.CONCERNS[Concern(each.concern)]) if each.concern else None,
    }


def _said(label: Label) -> Mapping[str, str]:
    return {"fr": label[0], "en": label[1]}
