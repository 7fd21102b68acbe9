"""What an account has done besides asking: from the ledger's decisions, and how each is undone.

Nothing here is undone by itself. Where no command does it yet, that is what is said.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from rempart.domain.disclosure import CITES_NOTHING, Codes, Entry, EntryType, decode_codes
from rempart.domain.ruling import Ruling

NOT_BUILT = "aucune commande ne le fait encore : {0} · no command does it yet: {1}"


class Kind(Enum):
    """One kind of deed: French, English, and how it is undone."""

    CLAIM = ("facture envoyée", "claim sent", "")
    DEVICE = ("poste hors ligne inscrit", "offline device enrolled", "device end {what} --as …")
    DEVICE_ENDED = ("poste retiré", "device taken out", "device enrol …")
    PASSKEY = ("clé d'accès ajoutée", "passkey added", "person suspend {account}")
    PASSKEY_ENDED = ("clé d'accès retirée", "passkey taken away", "")
    DELEGATE = ("délégué accueilli", "delegate taken in", "person suspend {whom}")
    PROPOSED = ("acte à deux demandé", "act of two asked", "")
    AGREED = ("acte à deux accepté", "act of two agreed to", "")
    MOVED = ("compte déplacé", "account moved", "account freeze {whom} --why compromised --as …")
    ALLOWED = ("dérogation accordée", "exception allowed", "account allow … --factor 1")
    CUT = ("coupure posée", "cut-off set", "cutoff clear {ref} --as …")
    RESTORED = ("coupure levée", "cut-off cleared", "cutoff set …")
    RULED = ("facture tranchée", "claim decided on", "")

    @property
    def french(self) -> str:
        """In French."""
        return self.value[0]

    @property
    def english(self) -> str:
        """In English."""
        return self.value[1]


BY_HAND: Mapping[Kind, str] = {
    Kind.PASSKEY_ENDED: "son titulaire en ajoute une autre · its owner adds another one",
    Kind.PROPOSED: "tombe seul en 24 h ; que personne n'accepte · lapses in 24 h; let nobody agree",
    Kind.AGREED: NOT_BUILT.format("relire ce qui a été fait", "look again at what was done"),
    Kind.RULED: NOT_BUILT.format("à reprendre avec l'assureur", "take it up with the insurer"),
}
"""What no command undoes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One deed: its entry, or of a claim its number (``ref``); when (microseconds), by whom (a
    number); what it was about, in a word that names no patient, and which other account (``whom``).
    """

    kind: Kind
    account: int
    at: int
    ref: int
    what: str = field(default="", repr=False)
    whom: int = 0
    ruling: Ruling | None = None
    cents: int = 0

    def undo(self, names: Mapping[int, str]) -> str:
        """What to type, or to do by hand; ``names`` are those of accounts, by number."""
        if self.kind is Kind.CLAIM:
            return CLAIMS[self.ruling].format(ref=self.ref)
        told = self.kind.value[2].format(
            what=self.what,
            ref=self.ref,
            account=names.get(self.account, "…"),
            whom=names.get(self.whom, "…"),
        )
        return f"./rempart {told}" if told else BY_HAND[self.kind]


CLAIMS: Mapping[Ruling | None, str] = {
    None: NOT_BUILT.format("rien ne retient son jugement", "nothing holds back its judgement"),
    Ruling.PERSON: "./rempart claims decide {ref} refuse --why wrong --as …",
    Ruling.HONOURED: NOT_BUILT.format("à reprendre avec l'assureur", "take it up with the insurer"),
    Ruling.REFUSED: "rien n'est dû · nothing is owed",
    Ruling.VOID: "rien n'est dû · nothing is owed",
}


Said = tuple[Kind, int, str, int]
"""A kind, whose deed it was, what it was about, and which other account."""


@dataclass(slots=True)
class Deeds:
    """Those of some accounts (number to name, a person's beginning with ``@``) within a span of
    microseconds, the end included.
    """

    accounts: Mapping[int, str] = field(repr=False)
    since: int
    until: int
    found: list[Deed] = field(default_factory=list, repr=False)
    _sponsors: dict[int, int] = field(default_factory=dict, repr=False)

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Look at an entry of the ledger."""
        said = SAID.get(entry.type)
        if said is None:
            return
        for kind, account, what, whom in said(self, entry, decode_codes(detail)):
            if account in self.accounts and self.since <= entry.at <= self.until:
                self.found.append(
                    Deed(kind=kind, account=account, at=entry.at, ref=index, what=what, whom=whom)
                )

    def _moved(self, entry: Entry, codes: Codes) -> Iterator[Said]:
        """What an officer's own account has loosened."""
        del entry
        if int(codes["from"]) > int(codes["to"]):
            yield Kind.MOVED, self._by(codes), "", int(codes["account"])

    def _cut(self, entry: Entry, codes: Codes) -> Iterator[Said]:
        kind = Kind.CUT if entry.cites == CITES_NOTHING else Kind.RESTORED
        yield kind, self._by(codes), "", 0

    def _decided(self, entry: Entry, codes: Codes) -> Iterator[Said]:
        del entry
        if isinstance(device := codes.get("device"), bytes):
            kind = Kind.DEVICE_ENDED if "ended" in codes else Kind.DEVICE
            yield kind, self._by(codes), device.hex(), 0
        elif "passkey" in codes:
            kind = Kind.PASSKEY_ENDED if "revoked" in codes else Kind.PASSKEY
            yield kind, int(codes["passkey"]), "", 0
        elif "delegate" in codes:
            yield from self._delegate(codes)
        elif "propose" in codes or "approve" in codes:
            kind = Kind.PROPOSED if "propose" in codes else Kind.AGREED
            yield kind, int(codes["person"]), "", 0
        elif "allow" in codes:
            yield Kind.ALLOWED, self._by(codes), "", 0
        elif "claim" in codes:
            yield Kind.RULED, self._by(codes), "", 0

    def _delegate(self, codes: Codes) -> Iterator[Said]:
        delegate = int(codes["delegate"])
        sponsor = int(codes.get("sponsor", self._sponsors.get(delegate, 0)))
        self._sponsors[delegate] = sponsor
        if "left" not in codes:
            yield Kind.DELEGATE, sponsor, "", delegate

    def _by(self, codes: Codes) -> int:
        """Whose word it was: the number of a software, or a person's login, also with another's."""
        said = str(codes.get("by", ""))
        if said.isdigit():
            return int(said)
        names = {f"@{each}" for each in said.split("+")}
        return next((number for number, name in self.accounts.items() if name in names), 0)


SAID: Mapping[EntryType, Callable[[Deeds, Entry, Codes], Iterator[Said]]] = {
    EntryType.CONTAINMENT: Deeds._moved,
    EntryType.CUT_OFF: Deeds._cut,
    EntryType.DECISION: Deeds._decided,
}


def in_order(deeds: Iterable[Deed]) -> list[Deed]:
    """By their time."""
    return sorted(deeds, key=lambda each: (each.at, each.ref))
