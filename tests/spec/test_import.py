"""A feed comes in: who is new, changed, closed, back; and which feeds are not taken.

These run on memory here, and on PostgreSQL in ``test_import_postgres``.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest

from rempart.domain.coverage import InForce, Mode, NotInForce
from rempart.domain.errors import (
    FeedRefused,
    IntegrityBroken,
    MalformedRow,
    TemporarilyUnavailable,
)
from rempart.domain.feed_rows import CARD, DECLARED, LEGACY, CloseRow, PersonRow, encode_row
from rempart.domain.identifiers import AMCNumber
from rempart.sealing.handles import handle_of
from rempart.usecases import import_members
from rempart.usecases.card_codes import read_card
from rempart.usecases.insurer_ports import Said
from tests.insurers import (
    TODAY,
    AtInsurer,
    Platform,
    a_handle,
    a_lock,
    handmade,
    keys_of,
    row,
    said_of,
)

title = "Members come in"

YEAR_END = date(2026, 12, 31)
OPEN_IN_PHAR = InForce(until=YEAR_END, mode=Mode.TM)


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def insurer(platform):
    return platform.admit(AtInsurer())


def sent(platform, insurer, *rows, today=TODAY, **options):
    """Prepare and take in: what an ordinary night does."""
    report = insurer.prepare(*rows, today=today, **options)
    return platform.take(insurer.feeds[str(report.sequence)], amc=insurer.amc)


def test_a_card_and_its_printed_key_open_what_the_row_says(platform, insurer):
    report = sent(platform, insurer, row("R1"))
    (card,) = insurer.cards(row("R1"))
    assert (report.added, report.rejected) == (1, 0)
    assert platform.by_card(insurer, card) == OPEN_IN_PHAR
    assert platform.by_print(insurer, key=card.printed_key) == OPEN_IN_PHAR
    assert platform.by_print(insurer, key="00000000") == "none"
    assert platform.by_print(insurer) == "none"


def test_an_old_card_opens_until_it_ends_or_the_insurers_date(platform, insurer):
    insurer.legacy_until = date(2026, 6, 30)
    sent(platform, insurer, row("R1", cards="0:2026-12-31"), today=date(2026, 6, 1))
    assert platform.by_print(insurer, care_date=date(2026, 6, 30)) == InForce(
        until=date(2026, 6, 30), mode=Mode.TM
    )
    assert platform.by_print(insurer, care_date=date(2026, 7, 1)) == NotInForce()


def test_past_the_insurers_date_old_cards_have_no_lock(platform, insurer):
    insurer.legacy_until = date(2026, 6, 30)
    old = row("R1", cards="0:2026-12-31")
    sent(platform, insurer, old, today=date(2026, 6, 1))
    report = sent(platform, insurer, old, today=date(2026, 7, 1))
    assert report.changed == 1
    assert platform.by_print(insurer) == "none"


def test_the_same_feed_again_changes_nothing(platform, insurer):
    insurer.prepare(row("R1"), row("R2", number="2"))
    platform.take(insurer.feeds["1"])
    report = platform.take(insurer.feeds["1"])
    assert report.already
    assert (report.added, report.changed) == (0, 0)
    assert platform.by_print(insurer, key=insurer.cards(row("R1"))[0].printed_key) == OPEN_IN_PHAR


def test_a_feed_of_long_ago_is_already_imported(platform, insurer):
    for formula in ("F1", "F2", "F3"):
        sent(platform, insurer, row("R1", formula=formula))
    assert platform.take(insurer.feeds["1"]).already


def test_the_next_feed_says_only_what_changed(platform, insurer):
    sent(platform, insurer, row("R1"), row("R2", number="2"))
    report = sent(platform, insurer, row("R1", domains="PHAR=100"), row("R2", number="2"))
    assert (report.rows, report.changed) == (1, 1)
    (card,) = insurer.cards(row("R1"))
    assert platform.by_card(insurer, card) == InForce(until=YEAR_END, mode=Mode.FULL)


def test_a_full_feed_of_the_same_rows_changes_nothing(platform, insurer):
    sent(platform, insurer, row("R1"))
    report = sent(platform, insurer, row("R1"), full=True)
    assert (report.rows, report.unchanged, report.changed) == (1, 1, 0)


def test_a_lost_card_is_replaced_by_a_change_row(platform, insurer):
    sent(platform, insurer, row("R1"))
    (lost,) = insurer.cards(row("R1"))
    report = sent(platform, insurer, row("R1", cards="2:2026-12-31"))
    (new,) = insurer.cards(row("R1", cards="2:2026-12-31"))
    assert report.changed == 1
    assert platform.by_card(insurer, lost) == "none"
    assert platform.by_print(insurer, key=lost.printed_key) == "none"
    assert platform.by_card(insurer, new) == OPEN_IN_PHAR


def test_while_renewing_both_cards_open(platform, insurer):
    periods = "2026-01-01/..@2025-12-01"
    both = row("R1", periods=periods, cards="1:2026-12-31 2:2027-12-31")
    sent(platform, insurer, row("R1", periods=periods))
    sent(platform, insurer, both)
    old, new = insurer.cards(both)
    assert platform.by_card(insurer, old) == OPEN_IN_PHAR
    assert platform.by_card(insurer, new, care_date=date(2027, 3, 1)) == InForce(
        until=date(2027, 12, 31), mode=Mode.TM
    )
    sent(platform, insurer, row("R1", periods=periods, cards="2:2027-12-31"))
    assert platform.by_card(insurer, old) == "none"


def test_the_handle_survives_a_renewal(platform, insurer):
    sent(platform, insurer, row("R1"))
    (old,) = insurer.cards(row("R1"))
    before = platform.rows_under(insurer.amc, CARD, secret_of(insurer, old))[0].handle
    sent(platform, insurer, row("R1", cards="2:2027-12-31"))
    (new,) = insurer.cards(row("R1", cards="2:2027-12-31"))
    assert platform.rows_under(insurer.amc, CARD, secret_of(insurer, new))[0].handle == before


def secret_of(insurer, card):
    return read_card(card.code, keys=keys_of(insurer), on=None).secret


def test_who_leaves_is_closed_on_the_day_and_what_was_open_stays_so(platform, insurer):
    crowd = [row(f"R{n}", number=str(n)) for n in range(60)]
    sent(platform, insurer, *crowd)
    report = sent(platform, insurer, *crowd[1:])
    (card,) = insurer.cards(crowd[0])
    assert (report.rows, report.closed) == (1, 1)
    assert platform.by_card(insurer, card, care_date=TODAY) == InForce(until=TODAY, mode=Mode.TM)
    assert platform.by_card(insurer, card, care_date=date(2026, 11, 25)) == NotInForce()


def test_who_comes_back_is_reopened(platform, insurer):
    crowd = [row(f"R{n}", number=str(n)) for n in range(60)]
    sent(platform, insurer, *crowd)
    sent(platform, insurer, *crowd[1:])
    report = sent(platform, insurer, *crowd)
    (card,) = insurer.cards(crowd[0])
    assert (report.rows, report.reopened) == (1, 1)
    assert platform.by_card(insurer, card) == OPEN_IN_PHAR


def test_a_close_never_puts_an_end_off(platform, insurer):
    sent(platform, insurer, row("R1", cards="1:2026-03-31"), today=date(2026, 3, 1))
    (card,) = insurer.cards(row("R1", cards="1:2026-03-31"))
    handle = platform.rows_under(insurer.amc, CARD, secret_of(insurer, card))[0].handle
    last = insurer.state.last()
    close = handmade(
        insurer,
        [encode_row(CloseRow(handle, 9_800))],
        sequence=2,
        previous=last.digest,
        full=False,
    )
    assert platform.take(close).closed == 1
    assert platform.by_card(insurer, card, care_date=date(2026, 4, 1)) == NotInForce()
    assert platform.by_card(insurer, card, care_date=date(2026, 3, 31)) == InForce(
        until=date(2026, 3, 31), mode=Mode.TM
    )


def test_closing_a_stranger_does_nothing(platform, insurer):
    feed = handmade(insurer, [encode_row(CloseRow(a_handle(b"nobody"), 9_800))])
    report = platform.take(feed)
    assert (report.unknown, report.closed, report.rejected) == (1, 0, 0)


def test_a_retroactive_close_undoes_no_answer(platform, insurer):
    sent(platform, insurer, row("R1"), today=date(2026, 1, 15))
    closed = "2026-01-01/2026-12-31@2025-12-01 2026-01-01/2026-02-28@2026-04-01"
    sent(platform, insurer, row("R1", periods=closed), today=date(2026, 4, 1))
    (card,) = insurer.cards(row("R1"))
    march = date(2026, 3, 10)
    assert platform.by_card(insurer, card, care_date=march, known_at=march) == OPEN_IN_PHAR
    assert platform.by_card(insurer, card, care_date=march, known_at=date(2026, 4, 1)) == (
        NotInForce()
    )


def test_a_cancelled_period_never_was_from_the_day_it_is_known(platform, insurer):
    cancelled = "2026-01-01/2026-12-31@2025-12-01 2026-01-01/2025-12-31@2026-02-01"
    sent(platform, insurer, row("R1", periods=cancelled))
    (key,) = insurer.cards(row("R1"))
    assert platform.by_card(insurer, key) == NotInForce()
    january = date(2026, 1, 20)
    assert platform.by_card(insurer, key, care_date=january, known_at=january) == OPEN_IN_PHAR


def test_twins_printed_alike_are_told_apart_by_their_cards_only(platform, insurer):
    insurer.legacy_until = YEAR_END
    twins = [row("R1", formula="F1"), row("R2", formula="F2")]
    assert insurer.prepare(*twins).printed_alike == 1
    platform.take(insurer.feeds["1"])
    for card in insurer.cards(*twins):
        assert platform.by_card(insurer, card) == OPEN_IN_PHAR
        assert platform.by_print(insurer, key=card.printed_key) == OPEN_IN_PHAR
    old = [row("R1", cards="0:2026-12-31"), row("R2", cards="0:2026-12-31")]
    sent(platform, insurer, *old)
    assert platform.by_print(insurer) == "several"


def test_spouses_born_the_same_day_have_their_rank(platform, insurer):
    insurer.legacy_until = YEAR_END
    sent(
        platform,
        insurer,
        row("R1", rank="1", cards="0:2026-12-31"),
        row("R2", rank="2", cards="0:2026-12-31", domains="PHAR=100"),
    )
    assert platform.by_print(insurer, rank="1") == OPEN_IN_PHAR
    assert platform.by_print(insurer, rank="2") == InForce(until=YEAR_END, mode=Mode.FULL)


def test_two_children_of_one_year_are_two_persons(platform, insurer):
    children = [row("R1", born="2020-00-00"), row("R2", born="2020-05-00")]
    sent(platform, insurer, *children)
    first, second = insurer.cards(*children)
    assert platform.by_print(insurer, born="20200000", key=first.printed_key) == OPEN_IN_PHAR
    assert platform.by_print(insurer, born="20200000", key=second.printed_key) == "none"
    assert platform.by_print(insurer, born="20200500", key=second.printed_key) == OPEN_IN_PHAR


def test_one_human_at_two_insurers_is_two_persons(platform, insurer):
    other = platform.admit(AtInsurer(amc="99990002"))
    sent(platform, insurer, row("R1"))
    sent(platform, other, row("R1", domains="PHAR=100"))
    (here,), (there,) = insurer.cards(row("R1")), other.cards(row("R1"))
    assert platform.by_card(insurer, here) == OPEN_IN_PHAR
    assert platform.by_card(other, there) == InForce(until=YEAR_END, mode=Mode.FULL)
    assert platform.by_print(other, key=here.printed_key) == "none"


def test_the_member_number_has_one_form(platform, insurer):
    sent(platform, insurer, row("R1", number="ab-12 34"))
    (card,) = insurer.cards(row("R1", number="AB1234"))
    assert platform.by_print(insurer, number="AB 1234", key=card.printed_key) == OPEN_IN_PHAR


# --- which feeds are taken


def test_feeds_follow_one_another(platform, insurer):
    for formula in ("F1", "F2", "F3"):
        insurer.prepare(row("R1", formula=formula))
    with pytest.raises(FeedRefused, match="out of sequence: expected 1"):
        platform.take(insurer.feeds["2"])
    platform.take(insurer.feeds["1"])
    with pytest.raises(FeedRefused, match="out of sequence: expected 2"):
        platform.take(insurer.feeds["3"])
    platform.take(insurer.feeds["2"])
    assert platform.take(insurer.feeds["3"]).changed == 1


def test_another_feed_under_a_number_already_used_is_refused(platform, insurer):
    platform.take(handmade(insurer, []))
    with pytest.raises(FeedRefused, match="another feed was imported under the number 1"):
        platform.take(handmade(insurer, [encode_row(CloseRow(a_handle(b"x"), 1))]))


def test_a_feed_cites_the_one_before(platform, insurer):
    platform.take(handmade(insurer, []))
    with pytest.raises(FeedRefused, match="does not cite"):
        platform.take(handmade(insurer, [], sequence=2, previous=b"p" * 32, full=False))


def test_the_first_feed_is_full(platform, insurer):
    with pytest.raises(FeedRefused, match="first feed must be full"):
        platform.take(handmade(insurer, [], full=False))


def test_who_is_not_registered_sends_nothing(platform):
    stranger = AtInsurer(amc="99990009", platform=platform.key)
    stranger.prepare(row("R1"))
    with pytest.raises(FeedRefused, match="not registered"):
        platform.take(stranger.feeds["1"], amc="99990009")


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ({"signer": b"another signing key of 32 bytes!"}, "signed:"),
        ({"trailer": b"\0\0" + b"\0\x05hello" + b"s" * 64}, "signed:"),
        ({"trailer": b"\0\0" + b"\xff\xff" + b"s" * 64}, "without a signed header"),
        ({"trailer": b""}, "without a signed header"),
        ({"trailer": b"\0\0" + b"x" * 5_000}, "trailer of the feed is too long"),
        ({"rows": 2}, "body:"),
        ({"body": b"b" * 32}, "body:"),
        ({"recipient_said": b"r" * 32}, "recipient:"),
        ({"amc_said": "99990002"}, "insurer: the feed is another insurer's"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_a_forged_feed_is_refused(platform, insurer, said, step):
    said = dict(said)
    if "recipient_said" in said:
        feed = resigned(insurer, recipient=said["recipient_said"])
    elif "amc_said" in said:
        feed = handmade(claiming(insurer, said["amc_said"]), [])
    else:
        feed = handmade(insurer, [encode_row(CloseRow(a_handle(b"x"), 1))], **said)
    with pytest.raises(FeedRefused, match=step):
        platform.take(feed)
    assert platform.store.last_feed(int(insurer.amc)) is None


def claiming(insurer, amc):
    """The same insurer, with the same keys, saying that it is another."""
    twin = AtInsurer(amc=amc, platform=insurer.platform)
    twin.keys = insurer.keys
    return twin


def resigned(insurer, *, recipient):
    """A feed sealed to us whose signed header says another recipient."""
    honest = insurer.platform
    insurer.platform = recipient
    try:
        return handmade(insurer, [], recipient=honest)
    finally:
        insurer.platform = honest


def test_a_feed_for_another_platform_does_not_open(platform, insurer):
    insurer.platform = Platform(chance=type(platform.chance)(b"elsewhere")).key
    insurer.prepare(row("R1"))
    with pytest.raises(FeedRefused, match="sealed: not to this platform's key"):
        platform.take(insurer.feeds["1"])


def test_no_byte_of_a_feed_can_be_changed(platform, insurer):
    insurer.prepare(*[row(f"R{n}", number=str(n)) for n in range(5)])
    feed = insurer.feeds["1"]
    for place in range(0, len(feed), 97):
        changed = bytearray(feed)
        changed[place] ^= 0x40
        with pytest.raises(FeedRefused):
            platform.take(bytes(changed))
    assert platform.store.last_feed(int(insurer.amc)) is None


@pytest.fixture
def long_feed(insurer):
    """Of several sealed chunks."""
    insurer.prepare(*[row(f"R{n}", number=str(n)) for n in range(300)])
    feed = insurer.feeds["1"]
    assert len(feed) > 3 * 65_600
    return feed


CHUNK, HEAD = 4 + 65_536 + 16, 40


@pytest.mark.parametrize(
    "attack",
    [
        lambda f: f[: HEAD + CHUNK],
        lambda f: f[: HEAD + 2 * CHUNK],
        lambda f: f[:-1],
        lambda f: f + b"x",
        lambda f: f[:HEAD] + f[HEAD + CHUNK : HEAD + 2 * CHUNK] + f[HEAD : HEAD + CHUNK],
        lambda f: (
            f[:HEAD]
            + f[HEAD + CHUNK : HEAD + 2 * CHUNK]
            + f[HEAD : HEAD + CHUNK]
            + f[HEAD + 2 * CHUNK :]
        ),
        lambda f: f[: HEAD + CHUNK] + f[HEAD:],
        lambda f: b"",
    ],
    ids=[
        "first chunk",
        "two chunks",
        "cut",
        "longer",
        "swapped short",
        "swapped",
        "twice",
        "empty",
    ],
)
def test_a_feed_cut_or_reordered_is_refused_before_its_first_effect(
    platform, insurer, long_feed, attack
):
    with pytest.raises(FeedRefused, match="sealed:"):
        platform.take(attack(long_feed))
    assert platform.store.last_feed(int(insurer.amc)) is None


# --- rows that break a rule


def person(name, *locks):
    return encode_row(PersonRow(a_handle(name), name.ljust(32, b"d"), locks))


def test_locks_beyond_the_insurers_signed_choice_are_refused_one_by_one(platform, insurer):
    insurer.declared = False
    insurer.legacy_until = date(2026, 12, 31)
    rows = [
        person(b"a", a_lock(CARD, 1 << 16 | 1)),
        person(b"b", a_lock(DECLARED, 1 << 16 | 1)),
        person(b"c", a_lock(LEGACY, 0, ends=9_861)),
        person(b"d", a_lock(LEGACY, 0, ends=9_862)),
        person(b"e", a_lock(LEGACY, 0, ends=65_535)),
    ]
    report = platform.take(handmade(insurer, rows))
    assert (report.added, report.rejected) == (2, 3)
    assert said_of(platform.rejected) == [(2, "locks"), (4, "locks"), (5, "locks")]


def test_a_handle_is_changed_once_in_a_feed(platform, insurer, monkeypatch):
    monkeypatch.setattr(import_members, "BATCH", 2)
    rows = [
        person(b"a", a_lock(CARD, 1 << 16 | 1)),
        person(b"a", a_lock(CARD, 1 << 16 | 2)),
        person(b"b", a_lock(CARD, 1 << 16 | 1)),
        encode_row(CloseRow(a_handle(b"a"), 9_000)),
    ]
    report = platform.take(handmade(insurer, rows))
    assert (report.added, report.closed, report.rejected) == (2, 0, 2)
    assert said_of(platform.rejected) == [(2, "handle"), (4, "handle")]


def test_all_or_nothing_leaves_nothing_of_a_feed_with_a_bad_row(platform, insurer):
    rows = [person(b"a", a_lock(CARD, 1 << 16 | 1)), b"\x00"]
    feed = handmade(insurer, rows)
    with pytest.raises(FeedRefused, match="1 rows are rejected: nothing is imported"):
        platform.take(feed, all_or_nothing=True)
    assert platform.store.last_feed(int(insurer.amc)) is None
    assert platform.store.known(int(insurer.amc), [a_handle(b"a")]) == {}
    assert platform.take(feed).added == 1


def test_all_or_nothing_of_a_good_feed_is_like_any_other(platform, insurer, monkeypatch):
    monkeypatch.setattr(import_members, "BATCH", 2)
    insurer.prepare(*[row(f"R{n}", number=str(n)) for n in range(5)])
    assert platform.take(insurer.feeds["1"], all_or_nothing=True).added == 5
    assert platform.take(insurer.feeds["1"]).already


def test_a_dry_run_says_and_does_nothing(platform, insurer):
    insurer.prepare(row("R1"), row("R2", number="2"))
    for _ in range(2):
        report = platform.take(insurer.feeds["1"], dry_run=True)
        assert (report.added, report.already) == (2, False)
    assert platform.store.last_feed(int(insurer.amc)) is None
    assert platform.take(insurer.feeds["1"]).added == 2


# --- full feeds


@pytest.fixture
def crowd(platform, insurer):
    """A hundred members on the platform, whose insurer has lost its state."""
    rows = [row(f"R{n}", number=str(n)) for n in range(100)]
    sent(platform, insurer, *rows)
    insurer.state.persons.clear()
    return rows


def full_feed(insurer, *rows):
    insurer.prepare(*rows, full=True)
    return insurer.feeds["2"]


def test_full_closes_who_is_absent(platform, insurer, crowd):
    feed = full_feed(insurer, *crowd[2:])
    report = platform.take(feed, close_absent=True)
    assert (report.unchanged, report.closed) == (98, 2)
    gone, here = insurer.cards(crowd[0], crowd[2])
    assert platform.by_card(insurer, gone, care_date=date(2026, 11, 25)) == NotInForce()
    assert platform.by_card(insurer, here) == OPEN_IN_PHAR


def test_without_full_nobody_absent_is_closed(platform, insurer, crowd):
    report = platform.take(full_feed(insurer, *crowd[50:]))
    assert report.closed == 0
    (card,) = insurer.cards(crowd[0])
    assert platform.by_card(insurer, card) == OPEN_IN_PHAR


def test_full_over_two_percent_waits_for_a_person(platform, insurer, crowd):
    feed = full_feed(insurer, *crowd[3:])
    with pytest.raises(FeedRefused, match="would close 3 of 100 persons, over 2%"):
        platform.take(feed, close_absent=True)
    (card,) = insurer.cards(crowd[0])
    assert platform.by_card(insurer, card) == OPEN_IN_PHAR
    assert platform.take(feed, close_absent=True, dry_run=True, confirm_closing=True).closed == 3
    assert platform.take(feed, close_absent=True, confirm_closing=True).closed == 3


def test_full_asks_for_a_full_feed(platform, insurer):
    sent(platform, insurer, row("R1"))
    insurer.prepare(row("R1", formula="F2"))
    with pytest.raises(FeedRefused, match="a delta feed does not say who is absent"):
        platform.take(insurer.feeds["2"], close_absent=True)


def test_full_takes_no_chance_with_a_row_that_names_nobody(platform, insurer):
    feed = handmade(insurer, [person(b"a"), b"\xff"])
    with pytest.raises(FeedRefused, match="does not say of whom"):
        platform.take(feed, close_absent=True)


def test_a_row_that_is_bad_still_says_who_is_there(platform, insurer, crowd):
    """A person with a bad row stays as they are, also when the feed closes the absent."""
    bad = row("R0", number="0", rank="x")
    insurer.state.persons.update(
        {insurer_handle(insurer, f"R{n}"): Said(b"d" * 32) for n in range(100)}
    )
    insurer.prepare(bad, *crowd[1:], full=True)
    report = platform.take(insurer.feeds["2"], close_absent=True)
    assert report.closed == 0
    (card,) = insurer.cards(crowd[0])
    assert platform.by_card(insurer, card) == OPEN_IN_PHAR


def insurer_handle(insurer, reference):
    return handle_of(insurer.keys.get("handle"), insurer.amc.encode(), reference.encode())


# --- interrupted, and at the same time


class Killed(Exception):
    pass


def killed_after(batches):
    seen = []

    def taken(count):
        seen.append(count)
        if len(seen) > batches:
            raise Killed

    return taken


@pytest.mark.parametrize("batches", [0, 1, 2, 4])
def test_an_interrupted_import_goes_on_without_gap_or_duplicate(
    platform, insurer, monkeypatch, batches
):
    monkeypatch.setattr(import_members, "BATCH", 3)
    rows = [row(f"R{n}", number=str(n)) for n in range(15)]
    insurer.prepare(*rows)
    feed = insurer.feeds["1"]
    with pytest.raises(Killed):
        platform.take(feed, taken=killed_after(batches))
    mark = platform.store.last_feed(int(insurer.amc))
    assert (mark.rows_done if mark else 0) == 3 * batches
    report = platform.take(feed)
    assert (report.resumed_at, report.added) == (3 * batches, 15 - 3 * batches)
    assert report.rejected == 0
    assert platform.take(feed).already
    for card in insurer.cards(*rows):
        assert platform.by_card(insurer, card) == OPEN_IN_PHAR


def test_the_next_feed_waits_for_an_unfinished_one(platform, insurer, monkeypatch):
    monkeypatch.setattr(import_members, "BATCH", 3)
    rows = [row(f"R{n}", number=str(n)) for n in range(9)]
    insurer.prepare(*rows)
    insurer.prepare(*rows, row("R9", number="9"))
    with pytest.raises(Killed):
        platform.take(insurer.feeds["1"], taken=killed_after(1))
    with pytest.raises(FeedRefused, match="import of feed 1 must be finished first"):
        platform.take(insurer.feeds["2"])


def test_an_import_begun_with_full_goes_on_with_it(platform, insurer, crowd, monkeypatch):
    monkeypatch.setattr(import_members, "BATCH", 30)
    feed = full_feed(insurer, *crowd[2:])
    with pytest.raises(Killed):
        platform.take(feed, close_absent=True, taken=killed_after(1))
    with pytest.raises(FeedRefused, match="begun with --full"):
        platform.take(feed)
    assert platform.take(feed, close_absent=True).closed == 2


def test_all_or_nothing_interrupted_leaves_nothing(platform, insurer, monkeypatch):
    monkeypatch.setattr(import_members, "BATCH", 3)
    insurer.prepare(*[row(f"R{n}", number=str(n)) for n in range(9)])
    with pytest.raises(Killed):
        platform.take(insurer.feeds["1"], all_or_nothing=True, taken=killed_after(2))
    assert platform.store.last_feed(int(insurer.amc)) is None
    assert platform.take(insurer.feeds["1"]).added == 9


def test_a_file_changed_between_its_readings_is_not_taken(platform, insurer, long_feed):
    """Verified is not enough: what is taken must be what was verified."""
    forged = handmade(insurer, [person(b"a", a_lock(CARD, 1 << 16 | 1))] * 3)

    class Swapped(io.BytesIO):
        rewound = 0

        def seek(self, *place):
            self.rewound += 1
            if self.rewound == 2:
                super().seek(0)
                super().truncate()
                super().write(forged)
            return super().seek(*place)

    with pytest.raises(IntegrityBroken, match="changed while it was read"):
        platform.importer(Swapped(long_feed), amc=AMCNumber.parse(insurer.amc))
    assert platform.store.known(int(insurer.amc), [a_handle(b"a")]) == {}


def test_two_imports_of_one_insurer_exclude_each_other(platform, insurer):
    insurer.prepare(row("R1"))
    with (
        platform.store.exclusive(int(insurer.amc)),
        pytest.raises(TemporarilyUnavailable, match="under way"),
    ):
        second(platform).take(insurer.feeds["1"])


def second(platform):
    """Another process at the same database."""
    return replace(platform, store=getattr(platform, "another", lambda: platform.store)())


def test_a_fault_quotes_no_value(platform, insurer):
    faults = []
    platform.take(handmade(insurer, [person(b"secret-handle", a_lock(9, 1))]))
    faults += platform.rejected
    assert all(isinstance(fault, MalformedRow) for fault in faults)
    assert "secret" not in " ".join(str(fault) + repr(fault) for fault in faults)
