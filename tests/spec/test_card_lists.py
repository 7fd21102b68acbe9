"""Lists that prove cards where there is no server: made by who may, taken in only when newer."""

import json
from dataclasses import replace
from datetime import date
from itertools import count, pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.card_register import SqliteCardRegister
from rempart.adapters.list_shelf import FolderShelf
from rempart.adapters.memory.lists import MemoryShelf
from rempart.adapters.memory.world import MemoryChance, MemoryKeys
from rempart.domain import status_list
from rempart.domain.coverage import Domain
from rempart.domain.errors import (
    ListRefused,
    MalformedIdentifier,
    SetUpRefused,
    TemporarilyUnavailable,
)
from rempart.domain.status_list import PLACES_MIN, StatusList, bits_of
from rempart.domain.trust_list import Trusted, TrustList
from rempart.sealing.cose import kid_of
from rempart.usecases.card_codes import read_card
from rempart.usecases.card_lists import read_status, read_trust, sign_status, sign_trust
from rempart.usecases.insurer_keys import (
    add_card_signing_key,
    card_signing_key,
    end_card_signing_keys,
    public_bundle,
    turn_card_signing_key,
)
from rempart.usecases.insurer_ports import CardPlace
from rempart.usecases.p256_keys import point_of
from rempart.usecases.publish_trust import PublishTrust, make_list_key, public_point, versions
from rempart.usecases.take_lists import ListShelf, TakeLists, Taken
from rempart.usecases.verify_card import Finding, VerifyCard
from tests import confused_vectors
from tests.insurers import NOW, TODAY, AtInsurer, Platform, row

title = "Card lists"

DAY = 86_400
VECTORS = json.loads(
    (Path(__file__).parents[2] / "specs/vectors/verification.json").read_text("utf-8")
)


@pytest.fixture(params=["memory", "folder"])
def shelf(request, tmp_path) -> ListShelf:
    return MemoryShelf() if request.param == "memory" else FolderShelf(tmp_path / "lists")


@pytest.fixture(params=["memory", "sqlite"])
def insurer(request, tmp_path):
    if request.param == "memory":
        yield AtInsurer()
    else:
        register = SqliteCardRegister(tmp_path / "cards.sqlite")
        yield AtInsurer(register=register)
        register.close()


# The published vectors


@pytest.fixture
def taken(shelf) -> TakeLists:
    take = TakeLists(shelf)
    take.trust_operator(bytes.fromhex(VECTORS["operator"]))
    for data in VECTORS["lists"]:
        assert take(bytes.fromhex(data), now=VECTORS["now"]) is Taken.NEW
    return take


def test_the_published_verdicts_hold(taken):
    verify = VerifyCard(*taken.lists())
    for vector in VECTORS["cards"]:
        domain = None if vector["domain"] is None else Domain[vector["domain"]]
        on = date.fromisoformat(vector["on"])
        verdict = verify(vector["code"], on=on, domain=domain, now=vector["now"])
        mode = None if verdict.mode is None else verdict.mode.printed
        assert (verdict.finding.value, verdict.step, verdict.insurer, mode, verdict.list_made) == (
            *(vector["finding"], vector["step"], vector["insurer"], vector["mode"]),
            vector["list_made"],
        ), vector["name"]


def test_the_published_refusals_of_lists_hold_and_change_nothing(taken):
    before = taken.lists()
    for vector in VECTORS["refused_lists"]:
        with pytest.raises(ListRefused) as refused:
            taken(bytes.fromhex(vector["data"]), now=vector["now"])
        assert refused.value.step == vector["step"], vector["name"]
        assert taken.lists() == before, vector["name"]


def test_every_step_of_a_verification_has_a_published_verdict():
    steps = {vector["step"] for vector in VECTORS["cards"]}
    # ``claims`` needs an insurer that signs nonsense: it stands in card.json.
    assert steps == {
        *("", "clock", "well-formed", "issuer", "authentic", "dates", "domain", "status"),
    }
    assert {vector["finding"] for vector in VECTORS["cards"]} == {each.value for each in Finding}


def test_what_is_published_of_algorithms_is_what_is_written_here():
    rewrite = "run: PYTHONPATH=src python -m tests.confused_vectors"
    assert confused_vectors.with_confused(VECTORS) == VECTORS, rewrite


@pytest.mark.parametrize("which", range(3), ids=["trust", "status", "guarantees"])
def test_nothing_but_its_algorithm_stands_against_what_is_published(taken, which):
    honest = list(confused_vectors.Newer(VECTORS).honest())[which]
    assert taken(honest, now=VECTORS["now"]) is Taken.NEW


def test_every_step_of_taking_a_list_in_has_a_published_refusal():
    steps = {vector["step"] for vector in VECTORS["refused_lists"]}
    assert steps == {"signed", "well-formed", "newer", "future"}


def test_the_operators_old_key_ends_with_the_first_list_of_the_next(taken):
    for vector in VECTORS["turned"]:
        data = bytes.fromhex(vector["data"])
        if vector["taken"]:
            assert taken(data, now=VECTORS["now"]) is Taken.NEW
        else:
            with pytest.raises(ListRefused, match="not trusted"):
                taken(data, now=VECTORS["now"])


# Taking in


def test_a_list_that_is_there_already_is_known(taken):
    for data in VECTORS["lists"]:
        assert taken(bytes.fromhex(data), now=VECTORS["now"]) is Taken.KNOWN


def test_nothing_is_taken_before_an_operator_is_trusted(shelf):
    with pytest.raises(ListRefused):
        TakeLists(shelf)(bytes.fromhex(VECTORS["lists"][0]), now=VECTORS["now"])
    with pytest.raises(ListRefused, match="no trust list"):
        TakeLists(shelf).lists()


def test_one_folder_trusts_one_operator(taken):
    other = point_of(ec.derive_private_key(9, ec.SECP256R1()).public_key())
    with pytest.raises(ListRefused, match="another operator"):
        taken.trust_operator(other)
    with pytest.raises(ListRefused, match="P-256"):
        taken.trust_operator(b"\4" + bytes(64))
    assert taken.trust_operator(bytes.fromhex(VECTORS["operator"]))


def test_a_kept_list_under_a_key_that_is_trusted_no_more_does_not_count(shelf):
    """An insurer's key is stolen: the operator takes it off, and its status list with it."""
    operator = Operator()
    insurer = AtInsurer()
    take = operator.followed_by(shelf)
    operator.publish(insurer)
    take(operator.list, now=NOW)
    take(insurer.status()[0], now=NOW)
    assert list(take.lists()[1]) == [insurer.amc]
    stolen = AtInsurer(seed=b"another")
    operator.publish(stolen)
    take(operator.list, now=NOW)
    assert take.lists()[1] == {}


# The operator


class Operator:
    """Whoever publishes a trust list."""

    def __init__(self) -> None:
        self.keys, self.chance = MemoryKeys(), MemoryChance(b"operator")
        self.first = make_list_key(self.keys, self.chance)
        self.shelf, self.list = MemoryShelf(), b""
        self.take = self.followed_by(self.shelf)

    def followed_by(self, shelf: ListShelf) -> TakeLists:
        take = TakeLists(shelf)
        take.trust_operator(self.first)
        return take

    def publish(self, *insurers: AtInsurer, turn: bool = False, now: int = NOW) -> TrustList:
        publishing = PublishTrust(
            keys=self.keys,
            operator="Opérateur",
            names={each.amc: f"Mutuelle {each.amc}" for each in insurers},
            good_for=30 * DAY,
        )
        bundles = [public_bundle(each.profile, each.keys) for each in insurers]
        last = self.take.lists()[0] if self.list else None
        self.list = publishing(bundles, last=last, now=now, turn=turn)
        self.take(self.list, now=now)
        publishing.end_old_key(self.shelf.roots())
        return self.take.lists()[0]


def test_each_list_has_the_next_number_and_every_insurer(shelf):
    operator, insurers = Operator(), [AtInsurer(amc="99990002"), AtInsurer(amc="99990001")]
    take = operator.followed_by(shelf)
    for number in (1, 2, 3):
        assert operator.publish(*insurers).number == number
        assert take(operator.list, now=NOW) is Taken.NEW
    assert [each.amc for each in take.lists()[0].insurers] == ["99990001", "99990002"]


def test_a_next_key_is_announced_and_then_turned_to(shelf):
    operator, insurer = Operator(), AtInsurer()
    take = operator.followed_by(shelf)
    operator.publish(insurer)
    take(operator.list, now=NOW)
    upcoming = make_list_key(operator.keys, operator.chance)
    with pytest.raises(SetUpRefused, match="announced"):
        operator.publish(insurer, turn=True)
    with pytest.raises(SetUpRefused, match="turn to it first"):
        make_list_key(operator.keys, operator.chance)
    operator.publish(insurer)
    take(operator.list, now=NOW)
    operator.publish(insurer, turn=True)
    assert take(operator.list, now=NOW) is Taken.NEW
    assert list(take.shelf.roots().values()) == [upcoming]
    assert [public_point(operator.keys, each) for each in versions(operator.keys)] == [upcoming]


def test_a_turn_that_was_cut_short_is_ended_by_the_next_publication():
    """Published under the next key, and killed before the old one was forgotten."""
    operator, insurer = Operator(), AtInsurer()
    operator.publish(insurer)
    make_list_key(operator.keys, operator.chance)
    operator.publish(insurer)
    old = operator.keys.get("lists-sign/1")
    operator.publish(insurer, turn=True)
    operator.keys.put("lists-sign/1", old)
    publishing = PublishTrust(keys=operator.keys, operator="O", names={}, good_for=DAY)
    publishing.end_old_key(operator.shelf.roots())
    assert versions(operator.keys) == [2]


def test_an_insurer_without_a_name_is_named_in_the_refusal():
    operator = Operator()
    publishing = PublishTrust(keys=operator.keys, operator="O", names={}, good_for=DAY)
    bundle = public_bundle(AtInsurer().profile, AtInsurer().keys)
    with pytest.raises(SetUpRefused, match="99990001"):
        publishing([bundle], last=None, now=NOW, turn=False)


# The insurer


def verified(operator: Operator, insurer: AtInsurer, status: bytes, code: str, **more):
    shelf = MemoryShelf()
    take = operator.followed_by(shelf)
    operator.publish(insurer)
    take(operator.list, now=NOW)
    take(status, now=NOW)
    asked = {"on": TODAY, "domain": None, "now": NOW} | more
    return VerifyCard(*take.lists())(code, **asked)


def test_a_card_on_file_is_good_and_one_that_was_replaced_is_over(insurer):
    before = row("R1", cards="1:2026-12-31")
    (old,) = insurer.cards(before)
    assert (
        verified(Operator(), insurer, insurer.status(before)[0], old.code).finding is Finding.GOOD
    )
    after = row("R1", cards="2:2026-12-31")
    (new,) = insurer.cards(after)
    status, report = insurer.status(after, confirm_ending=True, now=NOW)
    assert (report.stand, report.over) == (1, 1)
    verdict = verified(Operator(), insurer, status, old.code)
    assert (verdict.finding, verdict.step) == (Finding.REFUSED, "status")
    assert verified(Operator(), insurer, status, new.code).finding is Finding.GOOD


@pytest.mark.parametrize(
    ("file", "over"),
    [
        ((row("R1", cards="1:2026-12-31"),), False),
        ((row("R1", cards="1:2027-12-31"),), False),
        ((row("R1", cards="1:2026-12-30"),), True),
        ((row("R1", cards="1:2026-12-31 2:2027-12-31"),), False),
        ((row("R2", cards="1:2026-12-31"),), True),
        ((), True),
    ],
)
def test_a_card_says_the_truth_while_it_is_on_file_as_long_as_printed(insurer, file, over):
    (card,) = insurer.cards(row("R1", cards="1:2026-12-31"))
    status, _ = insurer.status(*file, confirm_ending=True)
    verdict = verified(Operator(), insurer, status, card.code)
    assert (verdict.finding is Finding.REFUSED) is over


def test_a_card_that_is_back_on_file_is_good_again(insurer):
    (card,) = insurer.cards(row("R1"))
    insurer.status(confirm_ending=True)
    status, _ = insurer.status(row("R1"), now=NOW + 1)
    assert verified(Operator(), insurer, status, card.code, now=NOW + 1).finding is Finding.GOOD


def test_the_same_card_issued_again_is_the_same_code(insurer):
    first, second = insurer.cards(row("R1")), insurer.cards(row("R2"), row("R1"))
    assert first[0].code == second[1].code


def test_a_person_whose_row_does_not_read_stays_as_before(insurer):
    """Bad rows are named, and end nobody's card; nor do they bring a card back."""
    (one, two) = insurer.cards(row("R1"), row("R2"))
    insurer.status(row("R1"), confirm_ending=True)
    status, report = insurer.status(row("R1", born="x"), row("R2", born="x"), now=NOW + 1)
    assert (report.rejected, [fault.line for fault in insurer.faults]) == (2, [2, 3])
    asked = {"now": NOW + 1}
    assert verified(Operator(), insurer, status, one.code, **asked).finding is Finding.GOOD
    assert verified(Operator(), insurer, status, two.code, **asked).step == "status"


@pytest.mark.parametrize("listed_before", [False, True])
def test_a_file_from_before_a_replacement_brings_no_card_back(insurer, listed_before):
    """Nor does it end the card that replaced it, which that file does not have."""
    Platform().admit(insurer)
    before, after = row("R1"), row("R1", cards="2:2026-12-31")
    others = [row(f"R{n}", number=str(n)) for n in range(2, 5)]
    insurer.prepare(before, *others)
    (old, *_) = insurer.cards(before, *others)
    insurer.status(before, *others)
    insurer.prepare(after, only=True)
    (new,) = insurer.cards(after)
    if listed_before:
        insurer.status(after, *others, confirm_ending=True)
    for turn in (1, 2):
        status, report = insurer.status(before, *others, now=NOW + turn)
        assert (report.rejected, report.stand, report.over) == (1, 4, 1)
        assert [(fault.line, fault.column) for fault in insurer.faults] == [(2, "cards")]
        asked = {"now": NOW + turn}
        assert verified(Operator(), insurer, status, old.code, **asked).step == "status"
        assert verified(Operator(), insurer, status, new.code, **asked).finding is Finding.GOOD


def test_a_replaced_card_is_over_although_the_row_of_its_person_does_not_read(insurer):
    Platform().admit(insurer)
    before, after = row("R1"), row("R1", cards="2:2026-12-31")
    insurer.prepare(before)
    (old,) = insurer.cards(before)
    insurer.status(before)
    insurer.prepare(after, only=True)
    (new,) = insurer.cards(after)
    bad = row("R1", cards="2:2026-12-31", born="x")
    status, report = insurer.status(bad, now=NOW + 1)
    assert (report.rejected, report.stand, report.over) == (1, 1, 1)
    asked = {"now": NOW + 1}
    assert verified(Operator(), insurer, status, old.code, **asked).step == "status"
    assert verified(Operator(), insurer, status, new.code, **asked).finding is Finding.GOOD


def test_a_row_of_nobody_makes_no_list(insurer):
    insurer.cards(row("R1"))
    with pytest.raises(ListRefused, match="of whom they are: 1"):
        insurer.status(row("é" * 200), row("R1"))
    assert insurer.status(row("R1"))[1].stand == 1


def test_half_a_file_ends_nobody_unless_it_is_confirmed(insurer):
    rows = [row(f"R{n}", number=str(n)) for n in range(60)]
    insurer.cards(*rows)
    insurer.status(*rows)
    with pytest.raises(ListRefused, match="30 cards would end"):
        insurer.status(*rows[:30])
    assert insurer.status(*rows[:59], now=NOW + 1)[1].over == 1
    assert insurer.status(*rows[:30], now=NOW + 2, confirm_ending=True)[1].over == 30


def test_places_are_drawn_by_chance_and_tell_no_order(insurer):
    cards = insurer.cards(*[row(f"R{n}", number=str(n)) for n in range(200)])
    key = card_signing_key(insurer.keys).public_key()
    places = [read_card(c.code, keys=lambda *_: key, on=None).status_index for c in cards]
    assert len(set(places)) == 200
    assert max(places) < PLACES_MIN
    rising = sum(one < two for one, two in pairwise(places))
    assert 70 < rising < 130


# The register


def places(register, cards, draws):
    with register.taking():
        return [register.place(card, draws) for card in cards]


def card_of(number: int, until: int = 10_000) -> CardPlace:
    return CardPlace(number.to_bytes(32, "big"), 1, until)


def test_a_place_is_drawn_again_until_it_is_free(insurer):
    drawn = iter([5, 5, 5, 9])
    assert places(insurer.register, [card_of(1), card_of(2)], lambda _: next(drawn)) == [5, 9]


def test_places_double_before_half_of_them_are_taken(insurer):
    numbers = count()
    cards = [card_of(n) for n in range(PLACES_MIN // 2 + 1)]
    places(insurer.register, cards[:-1], lambda _: next(numbers))
    assert insurer.register.places() == PLACES_MIN
    places(insurer.register, cards[-1:], lambda _: next(numbers))
    assert insurer.register.places() == 2 * PLACES_MIN


def test_what_a_run_that_fails_took_is_gone(insurer):
    register = insurer.register
    with pytest.raises(ZeroDivisionError):
        places(register, [card_of(1), card_of(2)], lambda _: 1 // 0)
    assert places(register, [card_of(2)], lambda _: 5) == [5]


def test_two_runs_do_not_go_on_at_once(insurer, tmp_path):
    with insurer.register.taking():
        other = insurer.register
        if isinstance(other, SqliteCardRegister):
            other = SqliteCardRegister(tmp_path / "cards.sqlite")
        with pytest.raises(TemporarilyUnavailable), other.taking():
            pass


def test_a_place_is_free_again_once_its_card_has_run_out(insurer):
    register = insurer.register
    drawn = iter([3, 4])
    places(register, [card_of(1, until=100), card_of(2, until=200)], lambda _: next(drawn))
    with register.taking():
        register.forget(150)
        assert register.place(card_of(3), lambda _: 3) == 3
        assert register.place(card_of(2, until=200), lambda _: 99) == 4


# The formats


@given(st.sets(st.integers(0, PLACES_MIN - 1), max_size=50))
def test_a_status_list_says_who_is_over_and_nobody_else(over):
    key = ec.derive_private_key(5, ec.SECP256R1())
    status = StatusList(amc="99990001", made=NOW, until=NOW + 1, bits=bits_of(PLACES_MIN, over))
    kid, point = kid_of(key.public_key()), point_of(key.public_key())
    trust = TrustList(
        operator="O",
        number=1,
        made=NOW,
        until=NOW + 1,
        insurers=(Trusted(amc="99990001", name="M", keys={kid: point}),),
    )
    read = read_status(sign_status(status, key), trust)
    assert read == status
    assert {place for place in range(PLACES_MIN) if read.is_over(place)} == over
    assert read.is_over(PLACES_MIN) is None
    assert read_trust(sign_trust(trust, key), {kid: point}) == trust


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"operator": ""}, "operator"),
        ({"operator": " spaces "}, "operator"),
        ({"operator": "x" * 81}, "operator"),
        ({"number": 0}, "number"),
        ({"made": NOW, "until": NOW}, "made"),
        ({"next_key": bytes(65)}, "next key"),
    ],
)
def test_a_trust_list_keeps_its_grammar(change, rule):
    whole = TrustList(operator="O", number=1, made=NOW, until=NOW + 1, insurers=())
    with pytest.raises(MalformedIdentifier, match=rule):
        replace(whole, **change)


def test_the_largest_list_is_read_and_a_larger_one_is_not_made():
    largest = StatusList(amc="99990001", made=1, until=2, bits=bytes(status_list.PLACES_MAX // 8))
    assert status_list.from_payload(status_list.to_payload(largest)) == largest
    with pytest.raises(MalformedIdentifier, match="another size"):
        replace(largest, bits=largest.bits + b"\0")


def test_a_signing_key_signs_once_it_is_turned_to_and_the_old_cards_go_on(insurer):
    operator = Operator()
    (old,) = insurer.cards(row("R1"))
    with pytest.raises(SetUpRefused, match="no next signing key"):
        turn_card_signing_key(insurer.keys)
    add_card_signing_key(insurer.keys, insurer.chance)
    (same,) = insurer.cards(row("R1"))
    assert same.code == old.code
    assert turn_card_signing_key(insurer.keys) == 2
    (new,) = insurer.cards(row("R1"))
    status, _ = insurer.status(row("R1"))
    for card in (old, new):
        assert verified(operator, insurer, status, card.code).finding is Finding.GOOD
    assert end_card_signing_keys(insurer.keys) == [1]
    assert verified(Operator(), insurer, status, old.code).step == "issuer"
    assert verified(Operator(), insurer, status, new.code).finding is Finding.GOOD
