"""``GET /status``: what is cut, since when, until when, and what still works. Anybody may read it.

It names ways in, insurers, kinds of presence, the service: no account, no site, no software.
Claims do not wait for the vault's word: where it is missing, the intake takes them in, unless its
last word cut them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import msgspec
from starlette.types import Receive, Scope, Send

from rempart.domain.cutoff import EVERYTHING, CutOff, Key, widest
from rempart.domain.cutoff_words import Channel, CutWhy
from rempart.domain.cutoff_words import Scope as Cut
from rempart.domain.disclosure import Presence
from rempart.domain.person import told
from rempart.serving.exchange import send_whole
from rempart.usecases.cut_off_ports import IntakeUp
from rempart.usecases.cut_off_row import Row
from rempart.usecases.ports import Clock
from rempart.usecases.read_cut_offs import Rows, over

Label = tuple[str, str]

NAMES: Mapping[Key, Label] = {
    (Cut.PLATFORM, EVERYTHING): ("Toute la plateforme", "The whole platform"),
    (Cut.RIGHTS, EVERYTHING): ("Les réponses sur les droits", "Answers about rights"),
    (Cut.CHANNEL, Channel.PORTAL): ("Le portail", "The portal"),
    (Cut.CHANNEL, Channel.API): ("Les logiciels métier", "Practice software"),
    (Cut.CHANNEL, Channel.BILLING): ("Le dépôt des factures", "The intake of claims"),
    (Cut.CHANNEL, Channel.AGREEMENT): ("Les demandes d'accord", "Agreement requests"),
    (Cut.PRESENCE, Presence.LEGACY): ("La saisie des anciennes cartes", "Typing old cards"),
    (Cut.PRESENCE, Presence.DECLARED): ("La saisie des cartes", "Typing cards"),
    (Cut.PRESENCE, Presence.KNOWN): ("La saisie pour patients connus", "Typing known patients"),
    (Cut.PRESENCE, Presence.CARD): ("Le code des cartes, en ligne", "Codes of cards, online"),
    (Cut.PRESENCE, Presence.FRESH): ("Le code du téléphone, en ligne", "Codes of phones, online"),
}
WHYS: Mapping[CutWhy, Label] = {
    CutWhy.INCIDENT: ("incident", "incident"),
    CutWhy.SUSPICION: ("par précaution", "as a precaution"),
    CutWhy.MAINTENANCE: ("maintenance", "maintenance"),
    CutWhy.ASKED: ("à la demande de l'intéressé", "as asked by whom it is about"),
    CutWhy.AUTHORITY: ("à la demande d'une autorité", "as asked by an authority"),
    CutWhy.EXERCISE: ("exercice", "exercise"),
    CutWhy.FROZEN_TOGETHER: ("par précaution", "as a precaution"),
}

State = Literal["up", "cut", "unknown"]
Intake = Literal["up", "cut", "down", "unknown"]
Agreements = Literal["up", "provisional", "cut", "down", "unknown"]
WHOLE: Key = (Cut.PLATFORM, EVERYTHING)
RIGHTS: tuple[Key, ...] = (WHOLE, (Cut.RIGHTS, EVERYTHING))
PORTAL: tuple[Key, ...] = (*RIGHTS, (Cut.CHANNEL, Channel.PORTAL))
SOFTWARE: tuple[Key, ...] = (*RIGHTS, (Cut.CHANNEL, Channel.API))
"""What stops each way of asking about rights."""
CLAIMS: tuple[Key, ...] = (WHOLE, (Cut.CHANNEL, Channel.BILLING))
AGREEMENTS: tuple[Key, ...] = (WHOLE, (Cut.CHANNEL, Channel.AGREEMENT))
"""What stops each thing that the intake takes."""


class CutOffTold(msgspec.Struct, frozen=True, kw_only=True):
    """One cut-off, in words; times in ISO 8601, ``until`` empty for until further notice."""

    what: str
    since: str
    until: str
    fr: str
    en: str
    why_fr: str
    why_en: str


class StatusPage(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the service; ``unknown`` where the vault's word is missing or too old.

    ``card`` says that a signed card proves rights offline, whatever else is cut; ``agreements``
    are ``provisional`` where requests are taken in and nobody can ask about rights: the signed
    undertaking that one cites stands for the agreement.
    """

    card: Literal["up"] = "up"
    portal: State
    software: State
    claims: Intake
    agreements: Agreements
    cut_offs: list[CutOffTold]


def status_of(
    row: Row | None, now: int, *, last: Row | None = None, intake: bool | None = None
) -> StatusPage:
    """What a row says at a moment, or the ``last`` that counted where none does; ``intake`` is
    whether that of claims answers, if one knows.
    """
    last = row or last
    standing = widest([cut for cut in last.cuts if cut.stands(now)]) if last else []
    agreements = _taken(last, AGREEMENTS, now, intake)
    stopped = _state(row, RIGHTS, now) != "up"
    return StatusPage(
        portal=_state(row, PORTAL, now),
        software=_state(row, SOFTWARE, now),
        claims=_taken(last, CLAIMS, now, intake),
        agreements="provisional" if agreements == "up" and stopped else agreements,
        cut_offs=[_told(cut) for cut in standing],
    )


def _state(row: Row | None, keys: Iterable[Key], now: int) -> State:
    if row is None:
        return "unknown"
    return "up" if over(row, keys, now) is None else "cut"


def _taken(row: Row | None, keys: Iterable[Key], now: int, intake: bool | None) -> Intake:
    if row is not None and over(row, keys, now) is not None:
        return "cut"
    if intake is None:
        return "unknown"
    return "up" if intake else "down"


def _told(cut: CutOff) -> CutOffTold:
    name = _name(cut)
    return CutOffTold(
        what=told(cut.scope.name),
        since=moment(cut.since),
        until=moment(cut.until) if cut.until else "",
        fr=name[0],
        en=name[1],
        why_fr=WHYS[cut.why][0],
        why_en=WHYS[cut.why][1],
    )


def _name(cut: CutOff) -> Label:
    if cut.scope is Cut.INSURER:
        return f"L'organisme complémentaire {cut.number:08d}", f"Insurer {cut.number:08d}"
    return NAMES[cut.key]


def moment(at: int) -> str:
    """A time in UTC, to the second."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class ReadStatus:
    """The status of this moment; ``intake`` where this process can know of it."""

    rows: Rows = field(repr=False)
    clock: Clock
    intake: IntakeUp | None = None

    async def __call__(self) -> StatusPage:
        """Read the row, and look at the intake."""
        up = await self.intake.answers() if self.intake else None
        row, last = await self.rows.standing(), await self.rows.last()
        return status_of(row, self.clock.now(), last=last, intake=up)


@dataclass(frozen=True, slots=True)
class TellStatus:
    """The status as JSON, as an ASGI application; always 200: it is the answer to the question."""

    reads: ReadStatus

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read, and say."""
        page = await self.reads()
        await send_whole(send, msgspec.json.encode(page), media="application/json")
