"""What an insurer is told of who read its members (GDPR art. 15): it alone, of them alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from rempart.adapters.memory.world import MemoryChance, MemoryKeys
from rempart.domain.access import A_DAY, AHEAD, PEOPLE_MAX, TOLD_BACK, VALID
from rempart.domain.budget import DAY
from rempart.domain.concerned import is_told, told_of
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.disclosure import EntryType, Fields, Outcome, Presence, decode, decode_codes
from rempart.domain.errors import IntegrityBroken, MalformedRow, Refusal
from rempart.domain.insurer import PublicBundle
from rempart.domain.site import SiteKind
from rempart.sealing.fresh import HISTORY
from rempart.sealing.handles import handle_of
from rempart.sealing.stream import seal_stream
from rempart.tlog.note import NoteKey
from rempart.usecases.access_answer import (
    STREAM,
    AccessAnswer,
    Answered,
    answered_text,
    digest_of,
    seal_answer,
)
from rempart.usecases.access_messages import AccessOpened, OpenAccess
from rempart.usecases.access_request import (
    AccessRequest,
    ask_access,
    read_request,
    references_in,
    request_digest,
    request_text,
)
from rempart.usecases.access_words import member_json, member_text
from rempart.usecases.answer_access import AnswerAccess, ByPerson
from rempart.usecases.close_days import date_of
from rempart.usecases.cut_off_messages import SetCutOff
from rempart.usecases.history_messages import AskHistory, HistoryShown
from rempart.usecases.insurer_keys import FEED_SIGN, HANDLE, dossier_key
from rempart.usecases.messages import Answered as RightsAnswered
from rempart.usecases.messages import Refused, Reply
from rempart.usecases.read_access import OfMember, ReadAccess
from rempart.usecases.sign_notes import checkpoint_key
from tests.failing import FailingLedger
from tests.phones import phone_of
from tests.traffic import folds_of, fresh_folds
from tests.worlds import AnInsurer, World

title = "Who read my rights, by the insurer"

PHARMACY, OPTICIAN = "STRUCT:PHAR1", "STRUCT:OPTI1"


@dataclass
class Asking(AnInsurer):
    """An insurer with keys of its own."""

    keys: MemoryKeys = field(default_factory=MemoryKeys)

    def __post_init__(self) -> None:
        self.keys.put(HANDLE, self.key_h)
        self.keys.put(FEED_SIGN, self.amc.encode() * 4)

    @property
    def sign(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.keys.get(FEED_SIGN))

    def bundle(self) -> PublicBundle:
        return replace(super().bundle(), feed_key=self.sign.public_key().public_bytes_raw())

    def handle(self, reference: str) -> bytes:
        return handle_of(self.key_h, self.amc.encode(), reference.encode())


@dataclass
class Ground:
    """A vault, an insurer, and how the operator reads the ledger."""

    world: World
    reading: Callable[[], AbstractContextManager[ByPerson]]
    made: int = 0

    @property
    def insurer(self) -> Asking:
        assert isinstance(self.world.insurer, Asking)
        return self.world.insurer

    @property
    def origin(self) -> str:
        return self.world.ports().origin

    @property
    def vault(self) -> NoteKey:
        return checkpoint_key(self.world.vault_keys, self.world.chance, origin=self.origin)

    def request(self, *references: str, insurer: Asking | None = None, **more) -> str:
        insurer, self.made = insurer or self.insurer, self.made + 1
        said = {
            "origin": self.origin,
            "amc": insurer.amc,
            "handles": [insurer.handle(each) for each in references],
            "key": insurer.sign,
            "at": self.world.clock.now(),
            "nonce": b"%016d" % self.made,
        }
        return ask_access(**(said | more))

    def open(self, note: str, by: str = "nadia") -> Reply:
        return self.world.service([OpenAccess(note, by)])[0]

    def answer(self, note: str) -> tuple[AccessAnswer, int]:
        """As the operator's command does it, once the vault has opened the request."""
        opened = self.open(note)
        assert isinstance(opened, AccessOpened), opened
        keys = {self.insurer.amc: self.insurer.sign.public_key().public_bytes_raw()}
        request = read_request(note, self.origin, keys.get)
        incidents = self.world.service.incidents.incidents
        told = [
            told_of(each) for each in incidents.all() if is_told(each, sandbox=incidents.sandbox)
        ]
        with self.reading() as ledger:
            answering = AnswerAccess(
                ledger=ledger,
                pseudonyms=self.world.service.history.pseudonyms,
                incidents=told,
                size=self.world.service.ledger.size,
                now=self.world.clock.now(),
            )
            return answering(request, request_digest(self.origin, request)), opened.index

    def sealed(self, answer: AccessAnswer, entry: int, key: bytes = b"") -> tuple[str, bytes]:
        recipient = key or dossier_key(self.insurer.keys, MemoryChance(b"dossier"))
        sealed = seal_answer(answer, recipient=recipient, ephemeral=b"e" * 32)
        said = Answered(
            amc=answer.amc, entry=entry, request=answer.request, sealed=digest_of(sealed)
        )
        return self.vault.sign(answered_text(self.origin, said)), sealed

    def read(self, note: str, sealed: bytes, request: str, **more) -> list[OfMember]:
        said = {"keys": self.insurer.keys, "amc": self.insurer.amc, "vault": self.vault.verifier}
        return ReadAccess(**(said | more))(note, sealed, request)[2]

    def told(self, *references: str) -> list[OfMember]:
        """The whole way."""
        request = self.request(*references)
        return self.read(*self.sealed(*self.answer(request)), request)

    def openings(self) -> list[dict]:
        rows = [row for row in self.world.store.entries() if row.body]
        told = [
            decode_codes(row.detail) for row in rows if decode(row.body).type is EntryType.DECISION
        ]
        return [codes for codes in told if "access" in codes]

    def freeze(self) -> None:
        contain = self.world.service.contain
        decision = Decision(authority=Authority.GUARD, why=Why.INSISTED)
        contain.decide(contain.account(PHARMACY), Stage.FROZEN, decision)


def furnished(world: World, reading=None) -> Ground:
    world.add_site(OPTICIAN, SiteKind.OPTICIAN)
    world.service.look()

    @contextmanager
    def in_memory() -> Iterator[ByPerson]:
        yield world.store

    return Ground(world, reading or in_memory)


@pytest.fixture
def ground() -> Ground:
    return furnished(World(insurer=Asking(amc="99990001")))


@pytest.fixture
def card(ground):
    return ground.world.member("REF-1")


def elsewhere() -> Asking:
    """Another insurer, which has got hold of a handle of somebody else's."""
    return Asking(amc="99990002")


# What was read, when, by what kind of account


def test_an_insurer_is_told_what_was_read_of_each_member(ground, card):
    world, first = ground.world, ground.world.clock.now()
    assert isinstance(world.ask(world.sign_in(), card.code), RightsAnswered)
    world.clock.forward(seconds=3600)
    opened = world.ask(world.sign_in(OPTICIAN), card.code, domain="OPTI")
    world.member("REF-2", member_number="B2")
    one, nobody = ground.told("REF-1", "REF-2")
    assert (one.reference, nobody.reference) == ("REF-1", "REF-2")
    assert nobody.told.readings == ()
    read, seen = one.told.readings
    assert first <= read.at < first + 1_000_000
    assert (read.domain, read.kind, read.presence, read.incident) == (
        *("phar", "pharmacy", "card"),
        "",
    )
    assert read.fields == ("in-force", "until", "mode")
    assert (seen.domain, seen.kind, seen.entry) == ("opti", "optician", opened.reference)


def test_the_list_is_the_one_that_a_phone_shows(ground, card):
    """And when the phone has asked for it stands there too."""
    world, phone = ground.world, phone_of(card, ground.insurer)
    for _ in range(3):
        world.clock.forward(seconds=60)
        world.ask(world.sign_in(), card.code)
    ground.freeze()
    world.presence_key()
    shown = world.service([AskHistory(phone.now(world, aim=HISTORY))])[0]
    assert isinstance(shown, HistoryShown)
    (member,) = ground.told("REF-1")
    assert [each.at // 1_000_000 for each in reversed(member.told.readings)] == [
        each.at for each in shown.answers
    ]
    assert {each.incident for each in member.told.readings} == {"looked-into"}
    assert len(member.told.asked) == 1


def test_months_have_other_pseudonyms_and_one_answer(ground, card):
    world = ground.world
    for days in (0, 3, 5):
        world.clock.forward(seconds=days * 86_400)
        today = date_of(world.clock.now() // DAY).isoformat()
        world.ask(world.sign_in(), card.code, care_date=today)
    (member,) = ground.told("REF-1")
    assert len(member.told.readings) == 3


def test_twelve_months_are_told_of_and_no_more(ground, card):
    """Also of what an incident holds for longer."""
    world = ground.world
    world.ask(world.sign_in(), card.code)
    world.clock.at += TOLD_BACK
    assert len(ground.told("REF-1")[0].told.readings) == 1
    world.clock.at += 2_000_000
    assert ground.told("REF-1")[0].told.readings == ()


def test_what_was_missed_or_refused_is_no_reading(ground, card):
    world = ground.world
    world.ask(world.sign_in(), structs.replace(card.typed, member_number="A9999"))
    world.ask(world.sign_in(), card.code, domain="OPTI")
    assert ground.told("REF-1")[0].told.readings == ()


# The ledger first


def test_the_opening_is_an_entry_with_who_and_of_how_many_and_of_nobody(ground, card):
    note = ground.request("REF-1", "REF-2")
    answer, index = ground.answer(note)
    (codes,) = ground.openings()
    assert codes == {
        "access": bytes.fromhex(answer.request),
        "amc": int(ground.insurer.amc),
        "people": 2,
        "by": "nadia",
    }
    row = [*ground.world.store.entries()][index]
    assert card.handle not in row.detail
    assert folds_of(ground.world).accesses == fresh_folds(ground.world).accesses


def test_what_cannot_be_written_is_not_opened():
    store = FailingLedger()
    ground = furnished(World(insurer=Asking(amc="99990001"), store=store))
    store.after = 0
    assert ground.open(ground.request("REF-1")) == Refused("unavailable")
    assert ground.openings() == []
    assert folds_of(ground.world).accesses == fresh_folds(ground.world).accesses


@pytest.mark.parametrize("by", ["", "Nadia B.", "nadia\n"])
def test_who_opens_it_has_a_name(ground, by):
    assert ground.open(ground.request("REF-1"), by).reason == "not-allowed"


# Attacks: on what is asked


def refused(ground: Ground, note: str) -> str:
    before = ground.world.service.ledger.size
    reply = ground.open(note)
    assert isinstance(reply, Refused)
    assert (reply.reason, ground.world.service.ledger.size) == ("not-allowed", before)
    return reply.detail


def test_a_request_that_its_insurer_has_not_signed_is_refused(ground):
    other = elsewhere()
    theirs = ground.request("REF-1", key=other.sign)
    signed, _, tail = ground.request("REF-1").partition("\n\n")
    changed = signed.replace("made", "mode") + "\n\n" + tail
    unsigned = signed + "\n"
    for note, why in (
        (theirs, "has not signed"),
        (changed, "no request"),
        (unsigned, "has not signed"),
        (signed.replace('"nonce":"3', '"nonce":"4') + "\n\n" + tail, "has not signed"),
        ("", "no request"),
        ("rempart/access-request/1\n", "no request"),
        (ground.request("REF-1", insurer=other), "not registered"),
        (ground.request("REF-1", origin="op.example/other"), "another operator"),
    ):
        assert why in refused(ground, note)


def test_an_insurer_of_another_kind_of_instance_is_none(ground):
    ground.world.service.accesses.sessions.sandbox = False
    assert "not registered" in refused(ground, ground.request("REF-1"))


def test_a_receipt_or_any_other_note_is_no_request(ground):
    """Attack: what the insurer has signed for something else."""
    request = AccessRequest(
        amc=ground.insurer.amc, handles=(b"h" * 30,), made=ground.world.clock.now(), nonce="0" * 32
    )
    text = request_text(ground.origin, request).replace("access-request", "receipt")
    name = f"rempart/insurer/{ground.insurer.amc}"
    key = NoteKey(name, ground.insurer.keys.get(FEED_SIGN))
    assert "no request" in refused(ground, key.sign(text))
    spaced = request_text(ground.origin, request).replace('","', '", "')
    assert "one form" in refused(ground, key.sign(spaced))
    twice = structs.replace(request, handles=(b"h" * 30, b"h" * 30))
    assert "one form" in refused(ground, key.sign(request_text(ground.origin, twice)))


def test_a_huge_list_is_refused_on_both_sides(ground):
    references = [f"REF-{each}" for each in range(PEOPLE_MAX + 1)]
    for some in ([], references, ["REF-1", "REF-1"]):
        with pytest.raises(Refusal, match="1 to 100 people"):
            ground.request(*some)
    longest = ground.request(*(f"{each:032d}" for each in range(PEOPLE_MAX)))
    assert isinstance(ground.open(longest), AccessOpened), "the longest that there is"
    handles = tuple(b"%060d" % each for each in range(PEOPLE_MAX + 1))
    request = AccessRequest(
        amc=ground.insurer.amc, handles=handles, made=ground.world.clock.now(), nonce="0" * 32
    )
    name = f"rempart/insurer/{ground.insurer.amc}"
    key = NoteKey(name, ground.insurer.keys.get(FEED_SIGN))
    assert "1 to 100 people" in refused(ground, key.sign(request_text(ground.origin, request)))
    assert "longer than a request" in refused(ground, "x" * 1_000_000)


def test_an_insurer_is_told_of_so_many_a_day(ground):
    """Attack: its signing key is a thief's, who asks for everybody in small lists."""
    some = [f"REF-{each}" for each in range(PEOPLE_MAX)]
    for _ in range(A_DAY // PEOPLE_MAX):
        assert isinstance(ground.open(ground.request(*some)), AccessOpened)
    assert f"{A_DAY} people" in refused(ground, ground.request("REF-1"))
    ground.world.restart()
    assert f"{A_DAY} people" in refused(ground, ground.request("REF-1"))
    ground.world.clock.at += DAY
    assert isinstance(ground.open(ground.request("REF-1")), AccessOpened)


def test_a_request_is_opened_once(ground):
    """Attack: a replay, a month later; within the day, a run that was stopped goes on."""
    note = ground.request("REF-1")
    first = ground.open(note)
    ground.world.restart()
    ground.world.clock.at += DAY // 2
    assert ground.open(note) == first
    # More signatures make no other request of it.
    assert ground.open(note + note.partition("\n\n")[2]) == first
    assert len(ground.openings()) == 1
    ground.world.clock.at += DAY
    assert "was opened in entry" in refused(ground, note)


@pytest.mark.parametrize("late", [VALID + 2_000_000, -AHEAD - 2_000_000], ids=["late", "early"])
def test_a_request_of_another_month_is_refused(ground, late):
    note = ground.request("REF-1", at=ground.world.clock.now() - late)
    assert "another month" in refused(ground, note)


def test_an_insurer_that_is_cut_off_is_told_nothing(ground):
    """Its keys may be a thief's."""
    note = ground.request("REF-1")
    ground.world.service([SetCutOff("insurer", ground.insurer.amc, "incident", by="nadia")])
    assert "cut off" in refused(ground, note)


def test_a_handle_of_another_insurers_tells_nothing(ground, card):
    """Attack: it is registered, signs, and puts the handle of our member in its own request."""
    other = elsewhere()
    ground.world.add_insurer(other)
    ground.world.service.look()
    ground.world.ask(ground.world.sign_in(), card.code)
    note = ground.request(insurer=other, handles=[card.handle])
    assert len(ground.told("REF-1")[0].told.readings) == 1
    ground.world.insurer = other
    answer, _ = ground.answer(note)
    assert [each.readings for each in answer.people] == [()]


def test_nothing_about_others_is_in_it(ground, card):
    world = ground.world
    for code in (card.code, world.member("REF-1-CHILD", rank="2").code):
        world.ask(world.sign_in(), code)
    answer, _ = ground.answer(ground.request("REF-1"))
    assert [(each.handle, len(each.readings)) for each in answer.people] == [(card.handle, 1)]


# Attacks: on what is answered


def test_only_the_insurers_dossier_key_opens_it(ground, card):
    request = ground.request("REF-1")
    note, sealed = ground.sealed(*ground.answer(request))
    assert card.handle not in sealed
    assert ground.read(note, sealed, request)
    stranger = MemoryKeys()
    for name in (HANDLE, FEED_SIGN):
        stranger.put(name, ground.insurer.keys.get(name))
    with pytest.raises(Refusal, match="opens with no dossier key"):
        ground.read(note, sealed, request, keys=stranger)
    dossier_key(stranger, MemoryChance(b"other"))
    with pytest.raises(Refusal, match="opens with no dossier key"):
        ground.read(note, sealed, request, keys=stranger)


def test_a_key_that_was_renewed_still_opens_what_was_sealed_before(ground):
    request = ground.request("REF-1")
    note, sealed = ground.sealed(*ground.answer(request))
    dossier_key(ground.insurer.keys, MemoryChance(b"next"), renew=True)
    assert ground.read(note, sealed, request)


def test_whatever_was_changed_on_its_way_is_found(ground, card):
    ground.world.ask(ground.world.sign_in(), card.code)
    request = ground.request("REF-1")
    answer, entry = ground.answer(request)
    note, sealed = ground.sealed(answer, entry)
    forged = NoteKey(ground.origin, b"f" * 32)
    other = ground.request("REF-1")
    later, later_sealed = ground.sealed(*ground.answer(other))
    (person,) = answer.people
    swapped = structs.replace(answer, people=(structs.replace(person, handle=b"h" * 30),))
    cases = [
        (note, sealed[:-1] + b"\0", request, "not the one that was signed"),
        (note, later_sealed, request, "not the one that was signed"),
        (later, later_sealed, request, "answer to another request"),
        (note.replace('"entry"', '"entrx"'), sealed, request, "not signed by the vault"),
        (forged.sign(note.partition("\n\n")[0] + "\n"), sealed, request, "not signed by"),
        ("", sealed, request, "not signed by the vault"),
        (note, sealed, request.replace("made", "mode"), "no request"),
        (*ground.sealed(swapped, entry), request, "people who were asked for"),
        (*ground.sealed(structs.replace(answer, people=()), entry), request, "people who were"),
    ]
    for said, data, asked, why in cases:
        with pytest.raises(IntegrityBroken, match=why):
            ground.read(said, data, asked)


def signed(ground: Ground, sealed: bytes, **more: object) -> str:
    said = {"amc": ground.insurer.amc, "entry": 1, "sealed": digest_of(sealed)} | more
    return ground.vault.sign(answered_text(ground.origin, Answered(**said)))


def test_what_was_sealed_is_the_answer_that_was_signed(ground):
    """Attack: by whoever holds the vault's key, to our dossier key."""
    request = ground.request("REF-1")
    answer, entry = ground.answer(request)
    public = dossier_key(ground.insurer.keys, MemoryChance(b"dossier"))
    pieces = seal_stream([b"{}"], ephemeral=b"e" * 32, recipient=public, purpose=STREAM)
    no_answer = b"".join(pieces)
    with pytest.raises(IntegrityBroken, match="no answer"):
        ground.read(signed(ground, no_answer, request=answer.request), no_answer, request)
    _, sealed = ground.sealed(structs.replace(answer, amc="99990002"), entry)
    with pytest.raises(IntegrityBroken, match="not what was signed"):
        ground.read(signed(ground, sealed, request=answer.request), sealed, request)
    theirs = signed(ground, sealed, request=answer.request, amc="99990002")
    with pytest.raises(Refusal, match="another insurer's"):
        ground.read(theirs, sealed, request)
    spaced = answered_text(
        ground.origin,
        Answered(amc=answer.amc, entry=1, request=answer.request, sealed=digest_of(sealed)),
    ).replace('","', '", "')
    with pytest.raises(IntegrityBroken, match="one form"):
        ground.read(ground.vault.sign(spaced), sealed, request)


def test_an_answer_that_never_ends_is_not_read_whole(ground, monkeypatch):
    request = ground.request("REF-1")
    note, sealed = ground.sealed(*ground.answer(request))
    monkeypatch.setattr("rempart.usecases.access_answer.ANSWER_SIZE_MAX", 10)
    with pytest.raises(IntegrityBroken, match="longer than an answer"):
        ground.read(note, sealed, request)
    with pytest.raises(Refusal, match="fewer people"):
        ground.sealed(*ground.answer(request))


def test_a_handle_that_is_none_of_ours_is_found(ground):
    """Another insurer's handle in a request of ours, which the operator answered with nothing."""
    request = ground.request(handles=[elsewhere().handle("REF-1")])
    note, sealed = ground.sealed(*ground.answer(request))
    with pytest.raises(IntegrityBroken, match="none of ours"):
        ground.read(note, sealed, request)


# What a member is given


def given(ground: Ground) -> tuple[dict, str]:
    request = ground.request("REF-1")
    note, sealed = ground.sealed(*ground.answer(request))
    reading = ReadAccess(
        keys=ground.insurer.keys, amc=ground.insurer.amc, vault=ground.vault.verifier
    )
    said, answer, (member,) = reading(note, sealed, request)
    return dict(member_json(said, answer, member)), member_text(said, answer, member)


def test_a_member_is_given_words_in_two_languages_and_json(ground, card):
    world = ground.world
    world.ask(world.sign_in(), card.code)
    ground.freeze()
    said, text = given(ground)
    (reading,) = said["readings"]
    assert reading["at"] == "2026-11-24T13:00:00+01:00"
    assert reading["kind"] == {"fr": "Pharmacie", "en": "Pharmacy"}
    assert reading["incident"]["en"].endswith("is not known yet.")
    assert json.dumps(said)
    french, _, english = text.partition("WHO READ YOUR RIGHTS")
    assert "QUI A LU VOS DROITS" in french
    assert "Réponses données sur vous : 1." in french
    assert "2026-11-24 13:00  Pharmacie\n  Domaine : Pharmacie\n" in french
    assert "Sur présentation de : Carte" in french
    assert "Answers given about you: 1." in english
    assert "Shown by: Card" in english
    assert PHARMACY not in text + json.dumps(said), "no account and no site is named"


def test_whoever_was_read_by_nobody_is_told_so(ground):
    said, text = given(ground)
    assert said["readings"] == []
    assert "Réponses données sur vous : 0." in text


def test_a_word_that_only_the_operator_knows_is_said_as_it_is(ground, card):
    """An insurer's program is older than the operator's."""
    ground.world.ask(ground.world.sign_in(), card.code)
    request = ground.request("REF-1")
    answer, entry = ground.answer(request)
    (person,) = answer.people
    strange = structs.replace(person.readings[0], kind="", domain="moon", fields=("later",))
    people = (structs.replace(person, readings=(strange,), asked=(strange.at,)),)
    note, sealed = ground.sealed(structs.replace(answer, people=people), entry)
    reading = ReadAccess(
        keys=ground.insurer.keys, amc=ground.insurer.amc, vault=ground.vault.verifier
    )
    said, answer, (member,) = reading(note, sealed, request)
    text = member_text(said, answer, member)
    assert "Genre de lieu inconnu\n  Domaine : moon\n" in text
    assert "Could read: later" in text
    assert "Your phones asked for this list: 2026-11-24" in text


def test_references_are_read_a_line_each_and_named_by_line():
    assert references_in(["A-1\n", "\n", "B 2\r\n", "A-1"]) == ["A-1", "B 2"]
    with pytest.raises(MalformedRow, match="line 2, reference"):
        references_in(["A-1\n", "é\n"])


def test_nothing_of_it_is_printed(ground, card):
    ground.world.ask(ground.world.sign_in(), card.code)
    note = ground.request("REF-1")
    answer, _ = ground.answer(note)
    (member,) = ground.told("REF-1")
    printed = repr((answer, answer.people, answer.people[0].readings, member, OpenAccess(note, "")))
    assert "REF-1" not in printed
    assert card.handle.hex() not in printed
    assert str(answer.people[0].readings[0].at) not in printed


def test_presences_fields_and_outcomes_are_those_of_the_ledger(ground, card):
    """What stands in the answer is what stands in the entry that it names."""
    ground.world.ask(ground.world.sign_in(), card.code)
    (read,) = ground.told("REF-1")[0].told.readings
    entry = decode([*ground.world.store.entries()][read.entry].body)
    assert (entry.at, entry.presence, entry.outcome) == (read.at, Presence.CARD, Outcome.OPENED)
    assert entry.fields == Fields.RIGHTS
