"""The drill's engine in process and a whole vault decide alike."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from rempart.domain import guard
from rempart.domain.budget import DAY
from rempart.domain.coverage import Domain, Period
from rempart.domain.disclosure import Outcome, Presence
from rempart.domain.identifiers import CardSerial
from rempart.domain.known import SINCE_1970
from rempart.domain.site import SCOPES
from rempart.drill.honest import CRUISE
from rempart.drill.in_process import USAGES, InProcess, birth_date
from rempart.drill.loot import setting_for
from rempart.drill.population import NOBODY
from rempart.drill.stack.outcomes import OUTCOMES
from rempart.drill.thieves import found
from rempart.drill.traffic import Asked, day
from rempart.drill.world import make_mixed_world
from rempart.usecases.messages import Answered, Ask, CardShown, Refused, SignedIn, SignIn, Typed
from rempart.usecases.ports import Site, Software
from rempart.usecases.pseudonyms import PAIR, pseudonym
from tests.worlds import AnInsurer, World

title = "Two engines, one judgement"

STARTS = date(2026, 11, 26)
ALWAYS = (Period(known_since=date(2020, 1, 1), valid_from=date(2020, 1, 1), valid_to=None),)
READ = {**OUTCOMES, "not-signed-in": Outcome.FROZEN}
"""Here nobody is without a certificate: only who is frozen has no session."""


class Vault:
    """A whole vault in memory, which holds the people of a drill's world."""

    def __init__(self, platform: InProcess) -> None:
        self.platform, self.people = platform, platform.world.people
        self.world = World()
        self.insurers = {}
        self.cards = {}
        self.sessions = {}
        self._insurers()
        self._registry()
        self.world.service.look()

    def _insurers(self) -> None:
        for number, each in enumerate(self.platform.world.insurers, start=1):
            insurer = AnInsurer(
                amc=str(each.amc),
                key=ec.derive_private_key(100 + number, ec.SECP256R1()),
                key_h=bytes([number]) * 64,
                key_c=bytes([number]) * 32,
            )
            if insurer.amc == self.world.insurer.amc:
                insurer = self.world.insurer
            else:
                self.world.add_insurer(insurer)
            self.insurers[each.amc] = insurer

    def _registry(self) -> None:
        registry, drilled = self.world.registry, self.platform.world
        registry.sites.clear()
        registry.software.clear()
        for site in drilled.sites:
            registry.register_site(
                Site(site=f"STRUCT:{site.number}", kind=site.kind, place=site.place)
            )
        for account in drilled.accounts:
            seat = self.platform.seat(account.number)
            since = date(1970, 1, 1) + timedelta(days=SINCE_1970 + seat.joined)
            name = f"STRUCT:{account.site}"
            registry.sites[name] = replace(registry.sites[name], since=since)
            registry.register_software(
                Software(
                    client_id=f"account-{account.number}",
                    number=0,
                    site=name,
                    jwks={},
                    certificates=frozenset(
                        certificate(account.device(desk, each))
                        for desk in range(8)
                        for each in range(drilled.days)
                    ),
                    sandbox=True,
                    revoked=False,
                    product=drilled.sites[account.site - 1].product,
                    usage=USAGES[account.usage],
                )
            )
        registry.moved += 1

    def remember(self) -> None:
        """What sites knew before."""
        lasting = self.world.service.answer.pseudonyms.lasting
        for (site, person), known in self.platform.known.items():
            if person in self.wanted:
                handle = self.card(person, Presence.LEGACY).handle
                number = self.world.registry.sites[f"STRUCT:{site}"].number
                pair = pseudonym(lasting, PAIR, number.to_bytes(4, "big") + handle)
                self.world.store.pairs[pair] = known.encode()

    def card(self, person: int, presence: Presence):
        """What a person brings; sealed into the vault the first time."""
        people = self.people
        old = not people.signed[person]
        if person not in self.cards:
            self.cards[person] = self.world.member(
                f"REF-{person}",
                insurer=self.insurers[people.amc(person)],
                periods=ALWAYS,
                member_number=str(people.contract[person]),
                birth_date=birth_date(person),
                serial=CardSerial(key_version=1, number=0 if old else 1),
                ends=None,
            )
        return self.cards[person]

    def ask(self, asked: Asked) -> Outcome:
        """The same question, as a practice software asks it."""
        world = self.world
        world.clock.at = asked.at
        device = certificate(asked.device)
        token = self._session(asked, device)
        if token is None:
            return Outcome.FROZEN
        reply = world.send(
            Ask(
                token=token,
                certificate=device,
                key=f"{asked.account}/{asked.at}/{asked.person}/{asked.contract}",
                domain=self._domain(asked).name,
                care_date=(date(1970, 1, 1) + timedelta(days=asked.at // DAY)).isoformat(),
                shown=self._shown(asked),
                network=str(asked.network),
            )
        )
        if isinstance(reply, Answered):
            return Outcome.OPENED
        assert isinstance(reply, Refused)
        return READ[reply.reason]

    def _session(self, asked: Asked, device: bytes) -> bytes | None:
        key = asked.account, device
        expires, _ = self.sessions.get(key, (0, b""))
        if expires <= asked.at or self._frozen(asked):
            self.world.signed += 1
            jti = f"account-{asked.account} jti-{self.world.signed:08d}"
            reply = self.world.send(SignIn(jti, device))
            if not isinstance(reply, SignedIn):
                assert reply == Refused("frozen"), reply.detail
                return None
            self.sessions[key] = asked.at + 299_000_000, reply.token
        return self.sessions[key][1]

    def _frozen(self, asked: Asked) -> bool:
        return self.stage(asked.account) >= 3

    def stage(self, account: int) -> int:
        """The stage of an account, which the registry numbered for itself."""
        number = self.world.registry.software[f"account-{account}"].number
        return self.world.service.answer.guard.stage(number)

    def _domain(self, asked: Asked) -> Domain:
        kind = self.platform.world.sites[asked.site - 1].kind
        return min(SCOPES[kind].domains)

    def _shown(self, asked: Asked) -> CardShown | Typed:
        if asked.presence is Presence.CARD:
            if asked.person == NOBODY:
                return CardShown(self._card_not_in_the_feed(asked))
            return CardShown(self.card(asked.person, asked.presence).code)
        key = ""
        if asked.person != NOBODY:
            self.card(asked.person, asked.presence)
        if asked.presence is Presence.DECLARED:
            key = "00000000"
            if asked.person != NOBODY:
                key = self.card(asked.person, asked.presence).typed.printed_key
        return Typed(str(asked.amc), str(asked.contract), birth_date(asked.person), "1", key)

    def _card_not_in_the_feed(self, asked: Asked) -> str:
        before = {index: list(rows) for index, rows in self.world.rights.rows.items()}
        card = self.world.member(
            f"LATE-{asked.amc}-{asked.contract}",
            insurer=self.insurers[asked.amc],
            member_number=f"LATE{asked.contract}",
            ends=None,
        )
        self.world.rights.rows = before
        return card.code


def certificate(device: int) -> bytes:
    return device.to_bytes(32, "big")


STRUCK = {
    "leaked-list-mixed": {Outcome.OPENED, Outcome.MISSED, Outcome.NARROWED},
    # Nothing of a card: misses, and what follows from insisting.
    "live-session": {Outcome.OPENED, Outcome.MISSED, Outcome.NARROWED, Outcome.FROZEN},
    # A site that has just joined; its budget comes before the guard.
    "fake-practice": {Outcome.OPENED, Outcome.OVER_BUDGET},
}
"""Thieves, and what the questions of a run come to at least."""


def struck(name: str):
    """Days at a pharmacy, a doctor's and a nurse's; a thief strikes at one of them."""
    drilled = make_mixed_world(
        mix={"pharmacy": 1, "doctor": 2, "nurse": 2},
        members=3_000,
        days=4,
        seed=9,
        params=CRUISE,
        starts=STARTS,
    )
    platform = InProcess(drilled, owners_lift=False)
    platform.remember()
    variant = next(v for each in found().values() for v in each.variants if v.name == name)
    variant = replace(variant, wanted=min(variant.wanted, 200))
    setting = setting_for(drilled, variant, run=1, day=2)
    honest = [asked for each in range(4) for asked in day(drilled, each)]
    vault = Vault(platform)
    stolen = {each.person for each in setting.loot}
    vault.wanted = {asked.person for asked in honest} | stolen
    vault.remember()
    return platform, vault, honest, variant, setting


@pytest.mark.parametrize(("name", "expected"), STRUCK.items())
def test_the_same_questions_become_the_same(name, expected, monkeypatch):
    """Every outcome, the thief's and the honest ones', and every account's stage at the end."""
    monkeypatch.setattr(guard, "NEW_SITE_TYPED", 4)
    platform, vault, honest, variant, setting = struck(name)
    (attack,) = variant.attacks(setting)
    theirs, differing, outcomes = next(attack, None), [], set()
    questions = iter(honest)
    mine = next(questions, None)
    count = 0
    while mine is not None or theirs is not None:
        thief = mine is None or (theirs is not None and theirs.at < mine.at)
        asked = theirs if thief else mine
        here, there = platform.ask(asked), vault.ask(asked)
        count += 1
        outcomes.add(here)
        if here is not there:
            differing.append((count, asked, here.name, there.name))
        if thief:
            try:
                theirs = attack.send(here)
            except StopIteration:
                theirs = None
        else:
            mine = next(questions, None)
    assert not differing, (len(differing), differing[:3])
    assert count > 300
    assert expected <= outcomes
    drilled = platform.guard
    accounts = [account.number for account in platform.world.accounts]
    assert [drilled.stage(a) for a in accounts] == [vault.stage(a) for a in accounts]
    assert max(drilled.stage(a) for a in accounts) >= 2
