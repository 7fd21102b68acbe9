"""A phone is enrolled by the code that its insurer sent, and by nothing else."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.memory.phones import MemoryPhoneBook
from rempart.adapters.phone_book import SqlitePhoneBook
from rempart.domain.errors import (
    EnrolmentRefused,
    ListRefused,
    MalformedIdentifier,
    TemporarilyUnavailable,
)
from rempart.domain.invitation import InvitationCode
from rempart.domain.phone_card import PhoneCard
from rempart.sealing.cose import es256
from rempart.sealing.framing import prefixed
from rempart.usecases.card_codes import read_card
from rempart.usecases.enrol_phones import (
    ENROLMENT,
    PHONE_DAYS,
    PHONES_MAX,
    RENEWAL,
    RENEWAL_WITHIN,
    Enrolled,
    EnrolPhones,
    PhoneRequest,
)
from rempart.usecases.fresh_codes import read_phone_card
from rempart.usecases.insurer_keys import card_signing_key
from rempart.usecases.invite_phones import Followed, Invited, InvitePhones
from rempart.usecases.p256_keys import point_of
from rempart.usecases.phone_ports import PhoneBook
from tests.insurers import NOW, TODAY, AtInsurer, row, text_of
from tests.phones import phone_key, point

title = "Phones: enrolment"

DAY = 86_400
MEMBER = row("REF-1", cards="1.1:2026-12-31")
OTHER = row("REF-2", number="000456", cards="1.1:2026-12-31")


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def request(
    code: str, key: ec.EllipticCurvePrivateKey, *, signer: Any = None, said: str = ""
) -> PhoneRequest:
    """What a phone sends to be enrolled; another may sign, over another code."""
    public = point_of(key.public_key())
    canonical = (said or code).replace("-", "")
    proof = es256(prefixed(ENROLMENT, canonical.encode(), public), signer or key)
    return PhoneRequest(key=b64(public), proof=b64(proof), code=code)


def renewal(key: ec.EllipticCurvePrivateKey, made: int, *, signer: Any = None) -> PhoneRequest:
    public = point_of(key.public_key())
    proof = es256(prefixed(RENEWAL, made.to_bytes(4, "big"), public), signer or key)
    return PhoneRequest(key=b64(public), proof=b64(proof), made=made)


@dataclass
class Desk:
    """An insurer at its phones."""

    book: PhoneBook
    insurer: AtInsurer = field(default_factory=AtInsurer)
    now: int = NOW
    faults: list = field(default_factory=list)

    @property
    def invite_phones(self) -> InvitePhones:
        return InvitePhones(issue=self.insurer.issue, book=self.book, chance=self.insurer.chance)

    def invite(self, *rows: str, wanted=lambda reference: True, days: int = 30) -> list[Invited]:
        self.faults = []
        with self.insurer.register.taking():
            return list(
                self.invite_phones(
                    text_of(*rows),
                    wanted=wanted,
                    now=self.now,
                    days=days,
                    rejected=self.faults.append,
                )
            )

    def code(self, member: str = MEMBER, **more) -> str:
        (invited,) = self.invite(member, **more)
        return invited.code.printed

    def follow(self, *rows: str, **more) -> Followed:
        self.faults = []
        with self.insurer.register.taking():
            return self.invite_phones.follow(text_of(*rows), rejected=self.faults.append, **more)

    def __call__(self, asked: PhoneRequest) -> Enrolled:
        desk = EnrolPhones(profile=self.insurer.profile, keys=self.insurer.keys, book=self.book)
        return desk(asked, now=self.now)

    def enrol(self, number: int = 1, member: str = MEMBER) -> Enrolled:
        return self(request(self.code(member), phone_key(number)))

    def renew(self, number: int = 1) -> Enrolled:
        return self(renewal(phone_key(number), self.now))

    def read(self, enrolled: Enrolled) -> PhoneCard:
        key = card_signing_key(self.insurer.keys).public_key()
        today = datetime.fromtimestamp(self.now, UTC).date()
        return read_phone_card(enrolled.phone_card, keys=lambda *_: key, today=today)

    def later(self, days: int) -> None:
        self.now += days * DAY


@pytest.fixture(params=["memory", "sqlite"])
def desk(request, tmp_path):
    if request.param == "memory":
        yield Desk(MemoryPhoneBook())
        return
    with closing(SqlitePhoneBook(tmp_path / "phones.sqlite")) as book:
        yield Desk(book)


def refused(desk: Desk, asked: PhoneRequest) -> None:
    with pytest.raises(EnrolmentRefused) as refusal:
        desk(asked)
    assert str(refusal.value) == "this invitation, or this phone, serves no more"


# Invited, a phone is enrolled


def test_a_code_enrols_one_phone_with_the_cards_own_secret(desk):
    (printed,) = desk.insurer.cards(MEMBER)
    enrolled = desk.enrol()
    card = desk.read(enrolled)
    key = card_signing_key(desk.insurer.keys).public_key()
    own = read_card(printed.code, keys=lambda *_: key, on=TODAY)
    assert card.secret == own.secret
    assert card.point == point(phone_key(1))
    assert (card.amc, card.valid_from, card.valid_to) == (own.amc, TODAY, date(2026, 12, 31))
    # What is shown to who verifies offline is the card that was printed, to the letter.
    assert enrolled.card == printed.code


def test_a_phone_card_is_short_and_never_longer_than_its_card(desk):
    member = row("REF-1", periods="2026-01-01/2030-12-31@2025-12-01", cards="1.1:2030-12-31")
    card = desk.read(desk.enrol(member=member))
    assert card.valid_to == TODAY + timedelta(days=PHONE_DAYS - 1)


def test_a_code_is_read_as_people_type_it(desk):
    code = desk.code()
    assert len(code) == 19
    typed = " " + code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    asked = request(code, phone_key(1))
    assert desk(msgspec.structs.replace(asked, code=typed)) == desk(asked)


def test_a_lost_answer_is_given_again_to_the_same_phone_alone(desk):
    code = desk.code()
    first = desk(request(code, phone_key(1)))
    assert desk(request(code, phone_key(1))) == first
    refused(desk, request(code, phone_key(2)))
    desk.later(31)
    refused(desk, request(code, phone_key(1)))


def test_the_insurer_keeps_neither_codes_nor_secrets(tmp_path):
    with closing(SqlitePhoneBook(tmp_path / "phones.sqlite")) as book:
        desk = Desk(book)
        code = desk.code()
        secret = desk.read(desk(request(code, phone_key(1)))).secret
    kept = (tmp_path / "phones.sqlite").read_bytes()
    assert point_of(phone_key(1).public_key()) in kept
    for hidden in (code, code.replace("-", ""), b64(secret), "REF-1"):
        assert hidden.encode() not in kept
    assert secret not in kept
    assert (tmp_path / "phones.sqlite").stat().st_mode & 0o077 == 0


# Not invited, it is not


def test_a_photograph_of_a_card_enrols_nobody(desk):
    """Its code, the key printed beside it, and everything in it: none of them is an invitation."""
    (printed,) = desk.insurer.cards(MEMBER)
    desk.code()
    thief = phone_key(9)
    key = card_signing_key(desk.insurer.keys).public_key()
    secret = read_card(printed.code, keys=lambda *_: key, on=TODAY).secret
    for shown in (
        printed.code,
        printed.printed_key,
        printed.printed_key * 2,
        InvitationCode.of(secret[:10]).printed,
        InvitationCode.of(secret[-10:]).printed,
    ):
        refused(desk, request(shown, thief))
    refused(desk, renewal(thief, desk.now))


@pytest.mark.parametrize("seed", range(20))
def test_a_guess_enrols_nobody_and_uses_nothing_up(desk, seed):
    code = desk.code()
    for number in range(50):
        guess = InvitationCode.of((seed * 50 + number).to_bytes(10, "big")).printed
        refused(desk, request(guess, phone_key(9)))
    near = code[:-1] + ("0" if code[-1] != "0" else "1")
    refused(desk, request(near, phone_key(9)))
    assert desk(request(code, phone_key(1)))


def test_a_lapsed_code_enrols_nobody(desk):
    code = desk.code(days=2)
    desk.now += 2 * DAY + 1
    refused(desk, request(code, phone_key(1)))


def test_the_next_invitation_ends_the_one_before(desk):
    first, second = desk.code(), desk.code()
    refused(desk, request(first, phone_key(1)))
    assert desk(request(second, phone_key(1)))


def test_a_phone_proves_that_it_has_its_key_and_for_this_code(desk):
    code, key = desk.code(), phone_key(1)
    refused(desk, request(code, key, signer=phone_key(9)))
    refused(desk, request(code, key, said=InvitationCode.of(bytes(10)).printed))
    good = request(code, key)
    spoilt = [
        {"key": good.key[:-2]},
        {"key": b64(b"\4" + bytes(64))},
        {"key": b64(bytes(65))},
        {"key": good.key + "="},
        {"key": "é" * 87},
        {"proof": ""},
        {"proof": b64(bytes(64))},
        {"code": "é" * 16},
        {"code": ""},
    ]
    for changes in spoilt:
        refused(desk, msgspec.structs.replace(good, **changes))
    assert desk(good)


def test_one_key_shows_one_card(desk):
    """Or a phone that others have taken the place of would come back by another's invitation."""
    desk.enrol(1)
    refused(desk, request(desk.code(OTHER), phone_key(1)))


def test_an_invitation_is_not_used_up_where_there_is_no_card_to_show(desk):
    code = desk.code(row("REF-1", cards="1.1:2026-11-30"))
    desk.later(10)
    refused(desk, request(code, phone_key(1)))
    longer = row("REF-1", cards="1.1:2026-12-31")
    desk.follow(longer)
    assert desk(request(code, phone_key(1)))


SPELT = {"0": "0Oo", "1": "1IiLl"} | {c: c + c.lower() for c in "23456789ABCDEFGHJKMNPQRSTVWXYZ"}


@st.composite
def typed(draw):
    """A code, and how somebody types it: any case, O for 0, I or L for 1, spaces and dashes."""
    code = InvitationCode.of(draw(st.binary(min_size=10, max_size=10)))
    groups = [
        "".join(draw(st.sampled_from(SPELT[c])) for c in part) for part in code.printed.split("-")
    ]
    between = st.sampled_from(["-", "", " ", " - ", "\t"])
    return code, "".join(draw(between) + group for group in groups).removeprefix("-")


@given(typed())
def test_a_code_is_read_however_it_is_typed(given_code):
    code, text = given_code
    assert InvitationCode.parse(text) == code


@given(typed(), st.data())
def test_one_character_too_many_too_few_or_of_no_code_is_refused(given_code, data):
    _, text = given_code
    place = data.draw(st.sampled_from([at for at, c in enumerate(text) if c.isalnum()]))
    other = data.draw(st.sampled_from(["", "00", "U", "u", "é", "٣", "_", "*"]))
    with pytest.raises(MalformedIdentifier, match="expected 16 letters and digits"):
        InvitationCode.parse(text[:place] + other + text[place + 1 :])


@given(st.binary(min_size=10, max_size=10))
def test_a_code_holds_80_bits(chance):
    code = InvitationCode.of(chance)
    assert InvitationCode.parse(code.printed) == code
    number = 0
    for character in code.value:
        number = number << 5 | "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(character)
    assert number.to_bytes(10, "big") == chance


# Renewed, replaced, lost


def test_a_phone_renews_by_its_key_alone(desk):
    desk.enrol()
    desk.later(20)
    card = desk.read(desk.renew())
    assert card.valid_from == TODAY + timedelta(days=20)
    refused(desk, renewal(phone_key(1), desk.now, signer=phone_key(9)))
    refused(desk, renewal(phone_key(2), desk.now))


@pytest.mark.parametrize("off", [-RENEWAL_WITHIN - 1, RENEWAL_WITHIN + 1])
def test_a_renewal_that_somebody_kept_is_worth_nothing_later(desk, off):
    desk.enrol()
    refused(desk, renewal(phone_key(1), desk.now + off))


def test_the_third_phone_takes_the_place_of_the_first(desk):
    for number in range(1, PHONES_MAX + 2):
        desk.enrol(number)
    refused(desk, renewal(phone_key(1), desk.now))
    for number in range(2, PHONES_MAX + 2):
        assert desk.renew(number)


def test_a_lost_card_takes_its_phones_and_invitations_with_it(desk):
    """The insurer gives it the next serial; nobody who has the old phone follows it there."""
    desk.enrol()
    open_code = desk.code()
    renumbered = row("REF-1", cards="1.2:2026-12-31")
    assert desk.follow(renumbered, confirm_ending=True).lost == 1
    refused(desk, renewal(phone_key(1), desk.now))
    refused(desk, request(open_code, phone_key(2)))
    old = desk.insurer.cards(MEMBER)[0].code
    enrolled = desk.enrol(3, renumbered)
    assert enrolled.card != old


def test_an_invitation_after_a_loss_ends_the_old_phone_too(desk):
    desk.enrol()
    desk.enrol(2, row("REF-1", cards="1.2:2026-12-31"))
    refused(desk, renewal(phone_key(1), desk.now))
    assert desk.renew(2)


def test_a_renewed_card_is_followed_by_its_phones(desk):
    """Two cards are live together for a while: the next one is shown from its first day on."""
    years = "2026-01-01/2026-12-31@2025-12-01 2027-01-01/2027-12-31@2026-11-01"
    both = row("REF-1", periods=years, cards="1.1:2026-12-31 1.2:2027-12-31")
    desk.enrol()
    before = desk.read(desk.renew()).secret
    assert desk.follow(both) == Followed(stay=1)
    assert not desk.faults
    assert desk.read(desk.renew()).secret == before
    desk.later(38)
    after = desk.read(desk.renew())
    assert after.secret != before
    assert after.valid_to == date(2027, 4, 2)
    assert desk.follow(row("REF-1", periods=years, cards="1.2:2027-12-31")) == Followed(stay=1)
    assert desk.read(desk.renew()) == after


def test_whoever_leaves_has_no_phone_any_more(desk):
    desk.enrol(1)
    desk.enrol(2, OTHER)
    with pytest.raises(ListRefused, match="1 people would end"):
        desk.follow(MEMBER)
    assert desk.renew(2)
    assert desk.follow(MEMBER, confirm_ending=True) == Followed(stay=1, left=1)
    refused(desk, renewal(phone_key(2), desk.now))
    assert desk.renew(1)


def test_a_row_that_does_not_read_ends_nobodys_phone(desk):
    desk.enrol()
    broken = row("REF-1", cards="1.1:2026-12-31", domains="NONSENSE")
    assert desk.follow(broken) == Followed(stay=1, rejected=1)
    assert desk.faults
    assert desk.renew()
    with pytest.raises(ListRefused, match="of whom"):
        desk.follow(row("", cards="1.1:2026-12-31"))


# Whom one invites


def test_those_who_are_wanted_are_invited_and_faults_are_named(desk):
    rows = (
        MEMBER,
        OTHER,
        row("REF-3", number="9", cards="0:2026-12-31"),
        row("REF-4", cards="9.1:2026-12-31"),
    )
    invited = desk.invite(*rows, wanted=lambda reference: reference != "REF-1")
    assert [each.reference for each in invited] == ["REF-2"]
    assert [(fault.line, fault.column) for fault in desk.faults] == [(4, "cards"), (5, "cards")]
    assert invited[0].lapses == NOW + 30 * DAY
    assert invited[0].code.printed not in repr(invited)


def test_of_a_change_that_breaks_off_nothing_is_kept(desk):
    code = desk.code()

    def broken() -> None:
        with desk.book.taking():
            desk.book.forget(handle(desk))
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert desk(request(code, phone_key(1)))


def handle(desk: Desk) -> bytes:
    return desk.insurer.issue.handle("REF-1")


def test_two_processes_do_not_change_the_book_at_once(tmp_path):
    path = tmp_path / "phones.sqlite"
    with closing(SqlitePhoneBook(path)) as one, closing(SqlitePhoneBook(path, wait=0.05)) as two:
        desk, other = Desk(one), Desk(two)
        other.insurer.keys = desk.insurer.keys
        code = desk.code()
        with one.taking(), pytest.raises(TemporarilyUnavailable):
            other(request(code, phone_key(1)))
        assert other(request(code, phone_key(1)))
        refused(desk, request(code, phone_key(2)))
        # Renewals go on while a command follows the cards of millions.
        with one.taking():
            one.recount()
            one.forget_missing()
            assert other.renew(1)
            one.keep(desk.insurer.issue.handle("REF-1"), [])
            assert other.renew(1)
        refused(desk, renewal(phone_key(1), desk.now))


def test_no_repr_tells_a_code_or_a_card(desk):
    code = desk.code()
    asked = request(code, phone_key(1))
    said = repr(asked) + repr(desk(asked)) + repr(InvitationCode.parse(code))
    assert code not in said
    assert asked.key not in said
    assert json.dumps(said)
