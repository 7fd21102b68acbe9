"""A code that a member's phone made seconds ago: once, by that phone, for that vault."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
import segno
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from PIL import Image

from rempart.adapters.memory.world import MemoryChance
from rempart.domain.containment import Stage
from rempart.domain.disclosure import EntryType, Outcome, Presence, decode, question_detail
from rempart.domain.fresh import WINDOW
from rempart.domain.identifiers import CardSerial
from rempart.domain.site import SiteKind
from rempart.sealing import base45
from rempart.sealing.fresh import FRESH_PREFIX, FRESH_SIZE
from rempart.sealing.presence import SEALED_SIZE
from rempart.usecases.cut_off_messages import SetCutOff
from rempart.usecases.fresh_codes import CODE_SIZE
from rempart.usecases.messages import Answered, Contain, Refused, RenewPresence, Sealed
from rempart.usecases.presence_keys import OVERLAP
from tests.failing import FailingLedger
from tests.phones import phone_key, phone_of
from tests.traffic import assert_same_guards, folds_of, fresh_folds
from tests.worlds import TODAY, AnInsurer, World

title = "Fresh codes"

PHARMACY, OTHER = "STRUCT:PHAR1", "STRUCT:PHAR2"


@pytest.fixture
def world() -> World:
    world = World()
    world.add_site(OTHER, SiteKind.PHARMACY)
    return world


@pytest.fixture
def card(world):
    return world.member("REF-1")


@pytest.fixture
def phone(world, card):
    return phone_of(card, world.insurer)


def last_entry(world: World):
    return decode(world.store.rows[-1].body or b"")


def refused(reply, step: str) -> None:
    assert isinstance(reply, Refused), reply
    assert reply.reason == "card-refused"
    assert reply.detail.startswith(f"{step}:"), reply.detail


# The strongest presence


def test_a_fresh_code_opens_what_the_card_opens_and_says_so_in_the_ledger(world, card, phone):
    token = world.sign_in()
    fresh = world.ask(token, phone.now(world))
    entry = last_entry(world)
    assert (entry.presence, entry.outcome) == (Presence.FRESH, Outcome.OPENED)
    plain = world.ask(token, card.code)
    assert isinstance(fresh, Answered)
    assert (fresh.in_force, fresh.until, fresh.mode) == (plain.in_force, plain.until, plain.mode)


def test_a_fresh_code_proves_the_beneficiary_to_this_site_for_a_year(world, card, phone):
    token = world.sign_in()
    world.ask(token, phone.now(world))
    world.ask(token, card.typed)
    assert last_entry(world).presence is Presence.KNOWN


def test_a_narrowed_account_may_ask_by_a_fresh_code(world, card, phone):
    token = world.sign_in()
    world.service([Contain(PHARMACY, "NARROWED", "reviewed", "nadia")])
    assert world.ask(token, card.typed).reason == "narrowed"
    assert isinstance(world.ask(token, phone.now(world)), Answered)


@pytest.mark.parametrize("cut", ["fresh", "card"])
def test_phones_and_cards_are_cut_apart(world, card, phone, cut):
    token = world.sign_in()
    world.service([SetCutOff("presence", cut, "incident", by="nadia")])
    asked = {"fresh": world.ask(token, phone.now(world)), "card": world.ask(token, card.code)}
    assert asked.pop(cut) == Refused("cut-off")
    assert all(isinstance(reply, Answered) for reply in asked.values())


def test_a_sealed_fresh_code_has_the_one_size_and_is_answered_alike(world, phone):
    token, seal = world.sign_in_sealing()
    ask = world.sealed(seal, token, phone.now(world))
    assert len(ask.shown.value) == SEALED_SIZE
    assert isinstance(world.send(ask), Answered)
    assert last_entry(world).presence is Presence.FRESH
    in_clear = world.ask(token, phone.now(world))
    assert in_clear == Refused("seal-presence")


def test_a_lost_card_ends_its_phones_with_it(world, card, phone):
    """The insurer gives the card another serial: its next feed has no lock of the old one."""
    renewed = CardSerial(key_version=1, number=2)
    world.rights.rows = {}
    world.member("REF-1", serial=renewed)
    assert world.ask(world.sign_in(), phone.now(world)).reason == "card-not-known"


# One use


def test_a_code_serves_once(world, phone):
    token, code = world.sign_in(), phone.now(world)
    assert isinstance(world.ask(token, code), Answered)
    refused(world.ask(token, code), "once")
    refused(world.ask(world.sign_in(OTHER), code), "once")
    assert last_entry(world).outcome is Outcome.CARD_REFUSED


def test_of_one_batch_only_the_first_is_answered(world, phone):
    code = phone.now(world)
    asks = [world.question(world.sign_in(site), code) for site in (PHARMACY, OTHER)]
    first, second = world.service(list(asks))
    assert isinstance(first, Answered)
    refused(second, "once")


def test_a_retry_is_free_within_the_day(world, phone):
    token, code = world.sign_in(), phone.now(world)
    one = world.ask(token, code, key="k")
    world.clock.forward(seconds=3600)
    again = world.ask(world.sign_in(), code, key="k")
    assert (again.reference, again.repeated) == (one.reference, True)
    assert last_entry(world).type is EntryType.REPEAT
    assert world.ask(token, phone.now(world), key="k").reason in {"key-reused", "not-signed-in"}


def test_the_domains_of_one_request_are_one_use(world, phone):
    token, code = world.sign_in(), phone.now(world)
    assert isinstance(world.ask(token, code, domain="PHAR", key="k/1"), Answered)
    assert isinstance(world.ask(token, code, domain="LPPS", key="k/2"), Answered)
    refused(world.ask(token, code, domain="LPPS", key="l/2"), "once")
    refused(world.ask(token, code, key="k/3", care_date="2026-11-23"), "once")
    refused(world.ask(world.sign_in(OTHER), code, domain="LPPS", key="k/2"), "once")


def test_who_sent_it_in_clear_and_should_not_have_seals_it_under_the_same_key(world, phone):
    token, seal = world.sign_in_sealing()
    code = phone.now(world)
    assert world.ask(token, code, key="k") == Refused("seal-presence")
    assert isinstance(world.send(world.sealed(seal, token, code, key="k")), Answered)
    # It has been seen in clear: nobody else asks with it.
    refused(world.ask(world.sign_in(OTHER), code), "once")


def test_what_was_refused_before_it_was_read_uses_no_code_up(world, phone):
    token, code = world.sign_in(), phone.now(world)
    assert world.ask(token, code, domain="OPTI").reason == "forbidden-domain"
    assert isinstance(world.ask(token, code), Answered)


@pytest.mark.parametrize("kept", [False, True], ids=["not kept", "kept"])
def test_what_was_not_kept_uses_no_code_up_and_what_was_does(kept):
    store = FailingLedger()
    world = World(store=store)
    phone = phone_of(world.member("REF-1"), world.insurer)
    token, code = world.sign_in(), phone.now(world)
    store.after, store.persisted = 0, kept
    assert world.ask(token, code) == Refused("unavailable")
    reply = world.ask(token, code)
    if kept:
        refused(reply, "once")
    else:
        assert isinstance(reply, Answered)
    assert folds_of(world).fresh == fresh_folds(world).fresh


def test_a_vault_that_starts_again_knows_what_was_used(world, phone):
    token, code, other = world.sign_in(), phone.now(world), phone.now(world)
    world.ask(token, code, key="k/1")
    world.restart()
    token = world.sign_in()
    refused(world.ask(token, code), "once")
    assert isinstance(world.ask(token, code, domain="LPPS", key="k/2"), Answered)
    assert world.ask(token, code, key="k/1").repeated
    assert isinstance(world.ask(token, other), Answered)


def test_weeks_of_codes_leave_minutes_in_memory(world, phone):
    for _ in range(20):
        world.clock.forward(seconds=40)
        assert isinstance(world.ask(world.sign_in(), phone.now(world)), Answered)
    assert len(folds_of(world).fresh.used) == 4
    assert folds_of(world).fresh == fresh_folds(world).fresh


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from([PHARMACY, OTHER]),
            st.integers(0, 40),
            st.sampled_from(["", "k/1", "k/2"]),
        ),
        max_size=12,
    )
)
def test_each_code_is_answered_to_one_request_whatever_happens(asked):
    world = World()
    world.add_site(OTHER, SiteKind.PHARMACY)
    phone = phone_of(world.member("REF-1"), world.insurer)
    codes = [phone.now(world, late=20 * late - 40) for late in range(4)]
    answered: dict[int, set] = {}
    for number, site, seconds, key in asked:
        world.clock.forward(seconds=seconds)
        if seconds % 5 == 0:
            world.restart()
        reply = world.ask(world.sign_in(site), codes[number], key=key)
        if isinstance(reply, Answered):
            entry = world.store.rows[reply.reference]
            answered.setdefault(number, set()).add(question_detail(entry.detail).request)
    assert all(len(requests) == 1 for requests in answered.values())
    assert folds_of(world).fresh == fresh_folds(world).fresh
    assert_same_guards(folds_of(world).guard, fresh_folds(world).guard)


# In time


@pytest.mark.parametrize("late", [-WINDOW - 1, WINDOW + 1])
def test_a_clock_off_by_more_than_a_minute_is_refused(world, phone, late):
    refused(world.ask(world.sign_in(), phone.now(world, late=late)), "time")


@pytest.mark.parametrize("late", [-WINDOW, 0, WINDOW])
def test_a_clock_off_by_a_minute_is_taken(world, phone, late):
    assert isinstance(world.ask(world.sign_in(), phone.now(world, late=late)), Answered)


def test_a_photograph_of_the_screen_is_worth_nothing_a_minute_later(world, phone):
    code = phone.now(world)
    world.clock.forward(seconds=WINDOW + 1)
    refused(world.ask(world.sign_in(), code), "time")


def test_a_used_code_is_never_forgotten_while_its_minute_lasts(world, phone):
    """The longest that one can be in time: first shown a minute early, again a minute late."""
    code = phone.now(world, late=-WINDOW)
    assert isinstance(world.ask(world.sign_in(), code), Answered)
    for _ in range(2 * WINDOW):
        world.clock.forward(seconds=1)
        refused(world.ask(world.sign_in(OTHER), code), "once")
        world.ask(world.sign_in(OTHER), phone.now(world))
    world.clock.forward(seconds=1)
    refused(world.ask(world.sign_in(OTHER), code), "time")


def test_late_and_used_codes_cost_an_account_nothing(world, phone):
    """A slow till, a phone whose clock is wrong: of these nobody is narrowed."""
    token = world.sign_in()
    for _ in range(60):
        refused(world.ask(token, phone.now(world, late=90)), "time")
    number = world.registry.software[PHARMACY].number
    assert world.service.answer.guard.stage(number) is Stage.NORMAL
    assert_same_guards(folds_of(world).guard, fresh_folds(world).guard)


def test_made_up_codes_cost_what_made_up_cards_cost(world, phone):
    token = world.sign_in()
    for number in range(60):
        world.ask(token, FRESH_PREFIX + base45.encode(bytes([number]) * FRESH_SIZE))
    number = world.registry.software[PHARMACY].number
    assert world.service.answer.guard.stage(number) >= Stage.NARROWED


# By that phone, of that insurer, for that vault


def test_a_copied_phone_card_makes_no_code_without_its_phone(world, phone):
    thief = phone_key(2)
    refused(world.ask(world.sign_in(), phone.now(world, phone=thief)), "phone")


def test_a_phone_card_that_the_insurer_did_not_sign_makes_none(world, card, phone):
    theirs = AnInsurer(amc=world.insurer.amc, key=ec.derive_private_key(99, ec.SECP256R1()))
    assert phone_of(card, theirs).card.key_id != phone.card.key_id
    refused(world.ask(world.sign_in(), phone_of(card, theirs).now(world)), "issuer")
    forged = bytearray(phone.signed)
    forged[-1] ^= 1
    refused(world.ask(world.sign_in(), phone.now(world, phone_card=bytes(forged))), "authentic")


def test_another_insurer_makes_none_for_this_one(world, card, phone):
    other = AnInsurer(amc="99990002", key=ec.derive_private_key(8, ec.SECP256R1()))
    world.add_insurer(other)
    world.restart()
    posing = phone_of(card, replace(other, amc=world.insurer.amc, key_c=world.insurer.key_c))
    refused(world.ask(world.sign_in(), posing.now(world)), "issuer")
    # In its own name it opens nothing of others: what lies under a secret lies under an insurer.
    own = phone_of(card, replace(other, key_c=world.insurer.key_c))
    assert world.ask(world.sign_in(), own.now(world)).reason == "card-not-known"


@pytest.mark.parametrize("days", [-1, 1])
def test_a_phone_card_makes_codes_on_its_own_days(world, phone, days):
    day = TODAY + timedelta(days=days)
    other = phone.with_claims(valid_from=min(day, TODAY), valid_to=max(day, TODAY))
    assert isinstance(world.ask(world.sign_in(), other.now(world)), Answered)
    other = phone.with_claims(valid_from=day, valid_to=day)
    refused(world.ask(world.sign_in(), other.now(world)), "dates")


def test_a_card_is_no_phone_card_and_a_phone_card_no_card(world, card, phone):
    token = world.sign_in()
    signed = base45.decode(card.code.removeprefix("RP1:"))
    padded = signed[:208].ljust(208, b"\0")
    refused(world.ask(token, phone.now(world, phone_card=padded)), "well-formed")
    refused(world.ask(token, "RP1:" + base45.encode(phone.signed)), "well-formed")
    refused(world.ask(token, FRESH_PREFIX + card.code.removeprefix("RP1:")), "well-formed")


def test_a_code_for_another_vault_opens_nothing_here(world, phone):
    other = World(chance=MemoryChance(b"another vault"))
    code = phone.code(other.presence_key(), world.clock.now() // 1_000_000)
    refused(world.ask(world.sign_in(), code), "sealed")


def test_a_vault_that_opens_a_code_cannot_pass_it_to_another(world, phone):
    """The phone signs to whom it seals: what one vault opened, sealed again, is signed for it."""
    other = World(chance=MemoryChance(b"another vault"))
    code = phone.now(world)
    (name,) = world.vault_keys.names("presence/")
    code = phone.sealed_again(code, world.vault_keys.get(name), other.presence_key())
    refused(other.ask(other.sign_in(), code), "phone")


def test_the_key_before_serves_for_two_days(world, phone):
    vault = world.presence_key()
    world.service([RenewPresence()])
    assert world.presence_key() != vault
    for seconds in (0, OVERLAP - 1):
        world.clock.forward(seconds=seconds)
        made = world.clock.now() // 1_000_000
        assert isinstance(world.ask(world.sign_in(), phone.code(vault, made)), Answered)
    world.clock.forward(seconds=2)
    refused(world.ask(world.sign_in(), phone.code(vault, made + 2)), "sealed")


FEW = 8
"""Refusals that an account may still come back from."""


@pytest.mark.parametrize("first", range(0, FRESH_SIZE, 4 * FEW))
def test_no_bit_can_be_changed(world, phone, first):
    token, code = world.sign_in(), phone.now(world)
    sealed = base45.decode(code.removeprefix(FRESH_PREFIX))
    for place in range(first, min(first + 4 * FEW, FRESH_SIZE), 4):
        flipped = bytearray(sealed)
        flipped[place] ^= 1 << place // 4 % 8
        refused(world.ask(token, FRESH_PREFIX + base45.encode(bytes(flipped))), "sealed")
    assert isinstance(world.ask(token, code), Answered), "untouched, it opens"


@pytest.mark.parametrize(
    "damage",
    [
        lambda code: code[:-1],
        lambda code: code + "0",
        str.lower,
        lambda code: code[:50] + " " + code[50:],
    ],
)
def test_no_character_can_be_changed(world, phone, damage):
    token, code = world.sign_in(), phone.now(world)
    refused(world.ask(token, damage(code)), "well-formed")
    assert isinstance(world.ask(token, code), Answered)


def test_what_somebody_makes_up_in_a_sealed_value_is_refused_as_in_clear(world):
    token, seal = world.sign_in_sealing()
    for code in (FRESH_PREFIX, FRESH_PREFIX + "0" * (CODE_SIZE - 4), FRESH_PREFIX + "A"):
        ask = world.sealed(seal, token, code)
        assert isinstance(ask.shown, Sealed)
        assert world.send(structs.replace(ask)).reason == "card-refused"


# How it is shown


def test_a_code_is_a_qr_of_version_12_and_is_read_back_from_it(world, phone):
    code = phone.now(world)
    assert len(code) == CODE_SIZE
    qr = segno.make(code, error="l", boost_error=False, micro=False)
    assert (qr.version, qr.mode) == (12, "alphanumeric")
    drawn = io.BytesIO()
    qr.save(drawn, kind="png", scale=3)
    read = zxingcpp.read_barcodes(Image.open(drawn))
    assert [each.text for each in read] == [code]
