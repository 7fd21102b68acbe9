"""Traffic for a vault in memory: sites that ask in every way, in batches, over days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from hypothesis import strategies as st
from msgspec import structs

from rempart.adapters.memory.ledger import MemoryLedger, MemoryMemo
from rempart.adapters.memory.world import MemoryChance
from rempart.domain.guard import Guard
from rempart.domain.identifiers import CardSerial
from rempart.domain.site import SiteKind
from rempart.usecases.assemble_vault import VaultFolds, vault
from rempart.usecases.messages import Ask, Reply, SignedIn, SignIn, Typed
from tests.phones import phone_of
from tests.worlds import CERTIFICATE, Card, World

OLD = CardSerial(key_version=1, number=0)
COUNTRIES = {"192.0.2.0/24": "FR", "198.51.100.0/24": "BE", "203.0.113.0/24": "DE"}
WAYS = ("card", "fresh", "typed", "wrong", "forged", "forbidden", "again", "reused")


@dataclass(frozen=True)
class Asked:
    """One question: by which site, about whom, how."""

    site: int
    person: int
    way: str


@dataclass(frozen=True)
class Batch:
    """Questions that arrive together, some hours after those before."""

    hours: int
    asked: tuple[Asked, ...]


@dataclass
class Town:
    """Three sites and eight people, half of them with cards from before Rempart."""

    world: World = field(default_factory=World)
    sites: tuple[str, ...] = ("STRUCT:PHAR1", "STRUCT:LABO1", "STRUCT:FITTER")
    people: list[Card] = field(default_factory=list)
    last: Ask | None = None
    vault: bytes = b""

    def __post_init__(self) -> None:
        self.world.countries.known |= COUNTRIES
        # One with the smallest of caps, for budgets to be reached.
        self.world.add_site(self.sites[1], SiteKind.PHARMACY, cap=5, product="OfficinePlus 9.0")
        self.world.add_site(self.sites[2], SiteKind.PHARMACY, cap=2)
        for number in range(8):
            serial = OLD if number % 2 else None
            self.people.append(
                self.world.member(
                    f"REF-{number}",
                    member_number=f"A{number}000",
                    birth_date=f"19{50 + number}0203",
                    serial=serial,
                    ends=None,
                )
            )
        self.world.service.look()
        self.vault = self.world.presence_key()

    def sign_in(self, site: int) -> bytes | None:
        """A session, unless the account is frozen."""
        self.world.signed += 1
        request = SignIn(f"{self.sites[site]} jti-{self.world.signed:08d}", CERTIFICATE)
        reply = self.world.send(request)
        return reply.token if isinstance(reply, SignedIn) else None

    def ask_of(self, token: bytes, asked: Asked) -> Ask:
        """The question, in its way."""
        card, day = self.people[asked.person], today(self.world).isoformat()
        typed = card.typed
        assert typed is not None
        shown: str | Typed = typed
        match asked.way:
            case "card" if card.code:
                shown = card.code
            case "fresh" if card.code:
                phone = phone_of(card, self.world.insurer, until=date(2030, 12, 31))
                phone.chance = MemoryChance(b"%d" % self.world.keys_used)
                shown = phone.code(self.vault, self.world.clock.now() // 1_000_000)
            case "wrong":
                shown = replace_typed(typed, birth_rank="9")
            case "forged":
                shown = "RP1:NOT-A-CARD"
        domain = "OPTI" if asked.way == "forbidden" else "PHAR"
        key = ""
        if self.last is not None and asked.way in {"again", "reused"}:
            key = self.last.key
        ask = self.world.question(token, shown, domain=domain, care_date=day, key=key)
        if self.last is not None and asked.way == "again":
            return Ask(
                token, CERTIFICATE, key, self.last.domain, self.last.care_date, self.last.shown
            )
        if asked.way not in {"again", "reused"}:
            self.last = ask
        return structs.replace(ask, network=network_of(asked.person))

    def send(self, batch: Batch) -> list[Reply]:
        """A batch; those whose account does not sign in any more do not ask."""
        self.world.clock.forward(seconds=3600 * batch.hours)
        self.world.service.between()
        tokens = {site: self.sign_in(site) for site in {each.site for each in batch.asked}}
        asks = [
            self.ask_of(token, each)
            for each in batch.asked
            if (token := tokens[each.site]) is not None
        ]
        return self.world.service(list(asks))


def today(world: World) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + world.clock.now() // 86_400_000_000)


def network_of(person: int) -> str:
    """Whoever asks about this one does so at home, as a rule; now and then abroad, or unseen."""
    return [*["192.0.2.0/24"] * 5, "198.51.100.0/24", "203.0.113.0/24", ""][person]


def replace_typed(typed: Typed, **changes: str) -> Typed:
    fields = {name: getattr(typed, name) for name in typed.__struct_fields__}
    return Typed(**{**fields, **changes})


def folds_of(world: World) -> VaultFolds:
    """What the vault at work holds."""
    folds = world.service.ledger.folds
    assert isinstance(folds, VaultFolds)
    return folds


def fresh_folds(world: World) -> VaultFolds:
    """What another vault would make of the same ledger, and of nothing else."""
    store = MemoryLedger(rows=list(world.store.entries()))
    ports = replace(world.ports(), store=store, memo=MemoryMemo(world.memo.note))
    service = vault(ports)
    service.ledger.open()
    assert isinstance(service.ledger.folds, VaultFolds)
    return service.ledger.folds


def assert_same_folds(world: World) -> None:
    """The vault's memory is what its ledger says, and nothing more."""
    ours, theirs = folds_of(world), fresh_folds(world)
    assert_same_guards(ours.guard, theirs.guard)
    assert ours.retries == theirs.retries
    assert ours.cut_offs == theirs.cut_offs
    assert ours.fresh == theirs.fresh
    assert ours.incidents == theirs.incidents


def assert_same_guards(ours: Guard, theirs: Guard) -> None:
    """Table by table, so that a failure says where."""
    for name in ("stages", "sites", "accounts", "habits", "allowances", "failed"):
        assert getattr(ours, name) == getattr(theirs, name), name
    for name in ("trails", "feeds", "releases", "crowds", "platform"):
        assert getattr(ours.watch, name) == getattr(theirs.watch, name), name
    # Codes are kept for their day: those of a day that is over weigh nothing.
    days = {each.watch.codes_day for each in (ours, theirs)}
    if len(days) == 1:
        assert ours.watch.codes == theirs.watch.codes


def asked(ways: Sequence[str] = WAYS) -> st.SearchStrategy[Asked]:
    return st.builds(Asked, st.integers(0, 2), st.integers(0, 7), st.sampled_from(list(ways)))


def batches(
    ways: Sequence[str] = WAYS, *, hours: int = 40, most: int = 12
) -> st.SearchStrategy[list[Batch]]:
    """Batches of one to eight questions, up to ``hours`` apart."""
    together = st.lists(asked(ways), min_size=1, max_size=8).map(tuple)
    return st.lists(st.builds(Batch, st.integers(0, hours), together), min_size=1, max_size=most)
