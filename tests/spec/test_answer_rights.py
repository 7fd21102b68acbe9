"""The question, answered: what each presence opens, and what leaves an entry."""

from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from rempart.domain.coverage import Period
from rempart.domain.disclosure import EntryType, Fields, Outcome, Presence, decode, question_detail
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.identifiers import CardSerial
from rempart.domain.site import SiteKind
from rempart.tlog.note import NoteVerifier
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.messages import Answered, Refused, Typed
from tests.worlds import AnInsurer, World

title = "The question, answered"

OLD = CardSerial(key_version=1, number=0)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def token(world: World) -> bytes:
    return world.sign_in()


def last_entry(world: World):
    return decode(world.store.rows[-1].body or b"")


def assert_sound(world: World) -> None:
    """The whole ledger, audited: the oracle of every chapter."""
    world.service.ledger.publish()
    key: NoteVerifier = world.service.ledger.signer.verifier
    AuditLedger(world.store, key)()


def test_a_card_code_opens_one_domain_of_one_person_on_one_day(world, token):
    card = world.member("REF-1")
    reply = world.ask(token, card.code)
    assert reply == Answered(
        reference=len(world.store.rows) - 1,
        in_force=True,
        until="2026-12-31",
        mode="TM",
        repeated=False,
    )
    entry = last_entry(world)
    assert (entry.outcome, entry.presence, entry.fields) == (
        Outcome.OPENED,
        Presence.CARD,
        Fields.RIGHTS,
    )
    assert entry.amc == 99990001
    assert_sound(world)


def test_printed_things_open_with_the_printed_key(world, token):
    card = world.member("REF-1")
    assert isinstance(world.ask(token, card.typed), Answered)
    assert last_entry(world).presence is Presence.DECLARED


def test_printed_things_without_their_key_do_not(world, token):
    card = world.member("REF-1")
    typed = Typed(card.typed.amc, card.typed.member_number, card.typed.birth_date, "1")
    assert world.ask(token, typed) == Refused("read-the-card")


def test_an_old_card_opens_by_what_is_printed_on_it(world, token):
    card = world.member("REF-1", serial=OLD)
    assert isinstance(world.ask(token, card.typed), Answered)
    assert last_entry(world).presence is Presence.LEGACY


def test_an_old_card_is_knowledge_only_until_its_end(world, token):
    card = world.member("REF-1", serial=OLD, ends=date(2026, 11, 23))
    assert world.ask(token, card.typed) == Refused("read-the-card")


def test_unknown_twins_and_card_only_read_alike(world, token):
    """One answer, at one price: a guess learns nothing about who exists."""
    world.member("TWIN-1", serial=OLD, member_number="T1")
    world.member("TWIN-2", serial=OLD, member_number="T1")
    world.member("CARD-ONLY", member_number="C1")
    replies = [
        world.ask(token, Typed("99990001", number, "19800203", "1"))
        for number in ("T1", "C1", "NOBODY")
    ] + [world.ask(token, Typed("12345678", "A1", "19800203", "1"))]
    assert replies == [Refused("read-the-card")] * 4
    assert {decode(row.body).outcome for row in world.store.rows[-4:]} == {Outcome.MISSED}
    assert {decode(row.body).person for row in world.store.rows[-4:]} == {bytes(16)}


def test_twins_with_cards_of_their_own_are_told_apart(world, token):
    first = world.member("TWIN-1", member_number="T1")
    second = world.member("TWIN-2", member_number="T1", periods=())
    one, other = world.ask(token, first.typed), world.ask(token, second.typed)
    assert (one.in_force, other.in_force) == (True, False)


def test_spouses_born_the_same_day_have_their_rank(world, token):
    first = world.member("S-1", serial=OLD, rank="1")
    second = world.member("S-2", serial=OLD, rank="2", periods=())
    assert world.ask(token, first.typed).in_force
    assert not world.ask(token, second.typed).in_force


def test_one_human_at_two_insurers_is_two_persons(world, token):
    other = AnInsurer(amc="99990002", key_h=b"h" * 64, key_c=b"c" * 32)
    world.add_insurer(other)
    here = world.member("REF-1")
    there = world.member("REF-1", insurer=other)
    world.service.look()
    assert isinstance(world.ask(token, here.code), Answered)
    assert isinstance(world.ask(token, there.typed), Answered)
    one, two = (decode(row.body) for row in world.store.rows[-2:])
    assert one.person != two.person


def test_a_replaced_card_is_not_known_any_more(world, token):
    card = world.member("REF-1")
    world.rights.rows.clear()
    again = world.member("REF-1", serial=CardSerial(key_version=1, number=2))
    assert world.ask(token, card.code) == Refused("card-not-known")
    assert isinstance(world.ask(token, again.code), Answered)


def test_while_renewing_both_cards_open(world, token):
    old = world.member("REF-1")
    new = world.member("REF-1", serial=CardSerial(key_version=1, number=2), ends=date(2027, 12, 31))
    assert world.ask(token, old.code).until == world.ask(token, new.code).until == "2026-12-31"
    assert len({decode(row.body).person for row in world.store.rows[-2:]}) == 1


def test_a_retroactive_close_is_known_from_its_day_on(world, token):
    periods = (
        Period(known_since=date(2025, 12, 1), valid_from=date(2026, 1, 1), valid_to=None),
        Period(
            known_since=date(2026, 11, 25),
            valid_from=date(2026, 1, 1),
            valid_to=date(2026, 6, 30),
        ),
    )
    card = world.member("REF-1", periods=periods)
    assert world.ask(token, card.code).in_force
    world.clock.forward(seconds=86_400)
    assert not world.ask(world.sign_in(), card.code).in_force


def test_rights_end_with_the_card_when_it_ends_first(world, token):
    card = world.member("REF-1", ends=date(2026, 11, 30))
    assert world.ask(token, card.code).until == "2026-11-30"
    assert not world.ask(token, card.code, care_date="2026-12-01").in_force


@pytest.mark.parametrize(
    ("domain", "care_date", "reason"),
    [
        ("LABO", "2026-11-24", "forbidden-domain"),
        ("NOPE", "2026-11-24", "forbidden-domain"),
        ("PHAR", "2026-08-25", "forbidden-date"),
        ("PHAR", "2026-12-02", "forbidden-date"),
        ("PHAR", "24/11/2026", "malformed"),
    ],
)
def test_what_a_pharmacy_may_not_ask_is_refused_and_logged(world, token, domain, care_date, reason):
    card = world.member("REF-1")
    reply = world.ask(token, card.code, domain=domain, care_date=care_date)
    assert isinstance(reply, Refused)
    assert reply.reason == reason
    assert last_entry(world).outcome in {Outcome.FORBIDDEN, Outcome.MALFORMED}
    assert last_entry(world).person == bytes(16)


def test_a_card_by_another_key_is_refused(world, token):
    rogue = AnInsurer(amc="99990001", key=ec.derive_private_key(8, ec.SECP256R1()))
    card = world.member("REF-1", insurer=rogue)
    reply = world.ask(token, card.code)
    assert isinstance(reply, Refused)
    assert reply.reason == "card-refused"
    assert last_entry(world).outcome is Outcome.CARD_REFUSED


def test_a_retry_opens_again_and_is_free(world, token):
    card = world.member("REF-1")
    first = world.ask(token, card.code, key="same")
    again = world.ask(token, card.code, key="same")
    assert (again.reference, again.repeated, again.in_force) == (first.reference, True, True)
    entry = last_entry(world)
    assert (entry.type, entry.cites) == (EntryType.REPEAT, first.reference)
    assert_sound(world)


def test_a_key_used_for_another_question_is_refused(world, token):
    card = world.member("REF-1")
    world.ask(token, card.code, key="same")
    assert world.ask(token, card.code, key="same", care_date="2026-11-23") == Refused("key-reused")
    assert world.ask(token, card.typed, key="same") == Refused("key-reused")


def test_a_retry_within_one_batch_is_one_question(world, token):
    card = world.member("REF-1")
    asks = [world.question(token, card.code, key="same") for _ in range(3)]
    replies = world.service(asks)
    assert [reply.repeated for reply in replies] == [False, True, True]
    assert len({reply.reference for reply in replies}) == 1
    assert_sound(world)


def test_another_account_may_use_the_same_key(world, token):
    card = world.member("REF-1")
    other = world.sign_in(world.add_site("STRUCT:PHAR2", SiteKind.PHARMACY))
    assert not world.ask(token, card.code, key="same").repeated
    assert not world.ask(other, card.code, key="same").repeated


def test_nobody_asks_without_a_session(world):
    card = world.member("REF-1")
    before = len(world.store.rows)
    assert world.ask(b"x" * 32, card.code) == Refused("not-signed-in")
    assert len(world.store.rows) == before


def test_a_session_ends_with_its_time_its_certificate_and_its_software(world, token):
    card = world.member("REF-1")
    stolen = world.question(token, card.code)
    other_certificate = type(stolen)(
        token, b"z" * 32, stolen.key, stolen.domain, stolen.care_date, stolen.shown
    )
    assert world.send(other_certificate) == Refused("not-signed-in")
    world.registry.revoke_software("STRUCT:PHAR1")
    world.service.look()
    assert world.ask(token, card.code) == Refused("not-signed-in")

    late = world.sign_in(world.add_site("STRUCT:PHAR2", SiteKind.PHARMACY))
    world.clock.forward(seconds=301)
    assert world.ask(late, card.code) == Refused("not-signed-in")


def test_an_assertion_opens_one_session_even_across_a_restart(world):
    world.sign_in()
    world.signed -= 1
    with pytest.raises(AssertionError, match="Refused"):
        world.sign_in()
    world.restart()
    world.signed -= 1
    with pytest.raises(AssertionError, match="Refused"):
        world.sign_in()


def test_no_entry_no_answer(world, token, monkeypatch):
    card = world.member("REF-1")

    def cut(**_):
        raise TemporarilyUnavailable("the wire was cut")

    opened = []
    monkeypatch.setattr(
        "rempart.usecases.answer_rights.open_box", lambda *a, **k: opened.append(1) or b""
    )
    monkeypatch.setattr(type(world.store), "append", lambda self, **_: cut())
    assert world.ask(token, card.code) == Refused("unavailable")
    assert opened == []


def test_a_record_that_does_not_open_says_so_in_the_ledger(world, token):
    card = world.member("REF-1")
    for rows in world.rights.rows.values():
        rows[0] = rows[0]._replace(stored=rows[0].stored[:-1] + b"\0")
    assert world.ask(token, card.code) == Refused("unopened")
    entry = last_entry(world)
    assert (entry.type, entry.cites) == (EntryType.UNOPENED, len(world.store.rows) - 2)
    assert_sound(world)


def test_a_budget_counts_people_and_what_is_typed_misses_too(world):
    site = world.add_site("STRUCT:OPTI1", SiteKind.PHARMACY, cap=2)
    token = world.sign_in(site)
    cards = [world.member(f"REF-{n}", member_number=f"M{n}") for n in range(4)]
    assert isinstance(world.ask(token, cards[0].code), Answered)
    assert isinstance(world.ask(token, cards[0].code), Answered)
    assert world.ask(token, Typed("99990001", "NOBODY", "19800203", "1")) == Refused(
        "read-the-card"
    )
    assert isinstance(world.ask(token, cards[1].code), Answered)
    assert world.ask(token, cards[2].code) == Refused("over-budget")
    assert isinstance(world.ask(token, cards[1].code), Answered)
    # Past the budget a miss reads like a hit.
    assert world.ask(token, Typed("99990001", "NOBODY2", "19800203", "1")) == Refused("over-budget")
    assert world.ask(token, cards[3].typed) == Refused("over-budget")
    world.clock.forward(seconds=86_400)
    assert isinstance(world.ask(world.sign_in(site), cards[2].code), Answered)


def test_the_folds_after_a_restart_are_those_of_before(world, token):
    for number in range(5):
        card = world.member(f"REF-{number}", member_number=f"M{number}")
        world.ask(token, card.code, key=f"k{number}")
        world.ask(token, card.code, key="k0")
    world.ask(token, Typed("99990001", "NOBODY", "19800203", "1"))
    before = world.service.answer.guard, world.service.answer.weigh.retries
    world.restart()
    assert (world.service.answer.guard, world.service.answer.weigh.retries) == before
    assert before[0].watch.trails.states


def test_a_detail_holds_codes_alone(world, token):
    card = world.member("REF-1")
    world.ask(token, card.code, care_date="2026-11-20")
    row = world.store.rows[-1]
    codes = question_detail(row.detail or b"")
    assert (codes.care_offset, codes.software) == (-4, 1)
    assert card.handle not in (row.body or b"") + (row.detail or b"")


def test_what_was_refused_unread_is_weighed_when_it_reads_well(world, token):
    """A card whose key was not registered yet: the same question later is no free repeat."""
    rogue = AnInsurer(amc="99990001", key=ec.derive_private_key(8, ec.SECP256R1()))
    card = world.member("REF-1", insurer=rogue)
    assert world.ask(token, card.code, key="same").reason == "card-refused"
    world.add_insurer(rogue)
    world.service.look()
    reply = world.ask(token, card.code, key="same")
    assert (reply.in_force, reply.repeated) == (True, False)
    assert last_entry(world).type is EntryType.QUESTION
