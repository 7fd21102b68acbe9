"""What a feed holds, to the byte, and what it never holds."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.insurer_state import InsurerState
from rempart.adapters.memory.insurer import MemoryFeedState
from rempart.domain.errors import FeedRefused, MalformedRow, TemporarilyUnavailable
from rempart.domain.feed import FeedCutter, FeedHeader, decode_header, frame_row, frame_trailer
from rempart.domain.feed_rows import (
    CloseRow,
    KeptRow,
    PersonRow,
    decode_row,
    encode_row,
    handle_of_row,
)
from rempart.domain.identifiers import AMCNumber
from rempart.domain.memberfile import read_members
from rempart.sealing.stream import open_stream, seal_stream
from rempart.usecases.insurer_ports import Met, Said, SentFeed
from rempart.usecases.make_locks import LockMaker, printed_things
from rempart.usecases.read_feed import to_be_signed, verify_feed
from tests.insurers import TODAY, AtInsurer, Platform, a_handle, a_lock, handmade, row

title = "The blind feed"

VECTORS = json.loads(
    (Path(__file__).parents[2] / "specs/vectors/feed.json").read_text(encoding="utf-8")
)


def opened(feed: bytes, private: bytes) -> bytes:
    return b"".join(open_stream(io.BytesIO(feed).read, private=private))


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def insurer(platform):
    return platform.admit(AtInsurer())


# --- what it never holds


def test_nothing_that_could_name_or_open_anybody_is_in_it(platform, insurer):
    insurer.legacy_until = date(2027, 12, 31)
    line = row("REF-77", name="MARTIN", number="123456789", born="1963-02-31")
    old = row("REF-78", number="987654321", cards="0:2026-12-31")
    insurer.prepare(line, old)
    clear = opened(insurer.feeds["1"], platform.feed_keys.get("feed"))
    (card,) = insurer.cards(line)
    for told in ("REF-77", "REF-78", "MARTIN", "123456789", "987654321", "1963", "F1"):
        assert told.encode() not in clear
    assert card.printed_key.encode() not in clear
    for name, secret in insurer.keys.secrets.items():
        assert secret not in clear, name


def test_the_same_rights_of_two_people_look_different(platform, insurer):
    insurer.prepare(row("R1"), row("R2", number="2"))
    cutter = FeedCutter()
    rows = cutter.push(opened(insurer.feeds["1"], platform.feed_keys.get("feed")))
    finds, boxes = set(), set()
    for data in rows:
        _, _, _, locks = cbor2.loads(data)
        finds |= {lock[3] for lock in locks}
        boxes |= {lock[4] for lock in locks}
    assert len(finds) == len(boxes) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"number": "000124"},
        {"born": "1980-02-29"},
        {"rank": "2"},
        {"periods": "2026-01-01/2026-12-30@2025-12-01"},
        {"periods": "2026-01-01/2026-12-31@2025-12-02"},
        {"formula": "F2"},
        {"domains": "PHAR=TM LABO=100"},
        {"contract": "C2S"},
        {"responsable": "no"},
        {"cards": "2:2026-12-31"},
        {"cards": "1:2026-12-30"},
        {"cards": "1:2026-12-31 2:2027-12-31"},
        {"cards": ""},
    ],
    ids=str,
)
def test_whatever_changes_a_lock_changes_the_digest(insurer, change):
    insurer.prepare(row("R1"))
    assert insurer.prepare(row("R1", **change)).sent == 1


@pytest.mark.parametrize(
    "change", [{"name": "Autre"}, {"convention": "KA"}, {"csr": "R2"}], ids=str
)
def test_what_changes_no_lock_is_not_sent(insurer, change):
    insurer.prepare(row("R1"))
    assert insurer.prepare(row("R1", **change)).sent == 0


def test_the_insurers_choice_changes_the_rows_that_it_concerns(insurer):
    rows = [row("R1"), row("R2", number="2", cards="0:2026-12-31")]
    insurer.prepare(*rows)
    insurer.legacy_until = date(2026, 12, 31)
    assert insurer.prepare(*rows).sent == 1
    insurer.declared = False
    assert insurer.prepare(*rows).sent == 1


# --- the header


def a_header(**said):
    header = FeedHeader(
        amc=AMCNumber.parse("99990001"),
        sequence=2,
        previous=b"p" * 32,
        full=False,
        rows=3,
        body=b"b" * 32,
        declared=True,
        legacy_until=date(2027, 6, 30),
        created=TODAY,
        recipient=b"r" * 32,
    )
    return replace(header, **said)


HEADERS = st.builds(
    lambda *said: a_header(**dict(zip(HEADER_FIELDS, said, strict=True))),
    st.integers(2, 2**31 - 1),
    st.booleans(),
    st.integers(0, 2**31 - 1),
    st.booleans(),
    st.none() | st.dates(),
    st.dates(),
)
HEADER_FIELDS = ("sequence", "full", "rows", "declared", "legacy_until", "created")


@given(HEADERS)
def test_a_header_reads_back(header):
    assert decode_header(header.encode()) == header


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"amc": "1234567"},
        {"sequence": 0},
        {"sequence": 1},
        {"previous": None},
        {"rows": -1},
        {"declared": 1},
        {"legacy_until": "2027-6-30"},
        {"created": "yesterday"},
        {"extra": 1},
        {"body": "text"},
    ],
    ids=str,
)
def test_a_header_of_another_form_is_refused(change):
    said = cbor2.loads(a_header().encode()) | change
    with pytest.raises(FeedRefused, match="header of the feed"):
        decode_header(cbor2.dumps(said, canonical=True))


def test_a_header_has_one_form():
    said = cbor2.loads(a_header().encode())
    reversed_ = cbor2.dumps(dict(reversed(said.items())))
    with pytest.raises(FeedRefused, match="not in its one form"):
        decode_header(reversed_)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_header_or_a_refusal(data):
    with pytest.raises(FeedRefused):
        decode_header(data)


# --- cutting the clear stream


@given(
    rows=st.lists(st.binary(min_size=1, max_size=300), max_size=12),
    cuts=st.lists(st.integers(1, 40), min_size=1, max_size=60),
)
def test_rows_are_cut_alike_wherever_the_chunks_fall(rows, cuts):
    clear = b"".join(map(frame_row, rows)) + frame_trailer(b"header", b"s" * 64)
    cutter, found, place, turn = FeedCutter(), [], 0, 0
    while place < len(clear):
        size = cuts[turn % len(cuts)]
        found += cutter.push(clear[place : place + size])
        place, turn = place + size, turn + 1
    assert found == rows
    assert cutter.rows == len(rows)
    assert cutter.body == sha256(b"".join(map(frame_row, rows))).digest()
    assert cutter.trailer() == (b"header", b"s" * 64)


@given(st.binary(max_size=400))
def test_any_bytes_are_cut_or_refused(data):
    cutter = FeedCutter()
    cutter.push(data)
    try:
        header, signature = cutter.trailer()
    except FeedRefused:
        return
    assert data.endswith(frame_trailer(header, signature))


# --- rows

HEADER = a_header()
LOCKS = st.lists(
    st.builds(
        a_lock,
        kind=st.sampled_from([1, 2]),
        serial=st.integers(1, 2**32 - 1).filter(lambda serial: serial & 0xFFFF),
        ends=st.integers(0, 65_535),
    ),
    max_size=4,
    unique_by=lambda lock: lock[:2],
)
HANDLES = st.binary(min_size=29, max_size=60)


@given(handle=HANDLES, digest=st.binary(min_size=32, max_size=32), locks=LOCKS)
def test_a_person_reads_back(handle, digest, locks):
    person = PersonRow(handle, digest, locks)
    assert decode_row(encode_row(person), line=1, header=HEADER) == person
    assert handle_of_row(encode_row(person)) == handle


@given(handle=HANDLES, day=st.integers(0, 65_534))
def test_a_close_and_a_kept_row_read_back(handle, day):
    for said in (CloseRow(handle, day), KeptRow(handle)):
        assert decode_row(encode_row(said), line=1, header=HEADER) == said


CBOR = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.binary(max_size=70)
    | st.text(max_size=9)
    | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.integers() | st.text(max_size=3), inner, max_size=3)
        | st.builds(cbor2.CBORTag, st.integers(0, 300), inner)
    ),
    max_leaves=12,
)


def is_fault_or_row(data):
    """Which of the two; anything else is raised."""
    try:
        decode_row(data, line=7, header=HEADER)
    except MalformedRow as fault:
        return f"fault of line {fault.line}"
    return "row"


@given(st.binary(max_size=120))
def test_any_bytes_are_a_row_or_a_fault_of_their_line(data):
    assert is_fault_or_row(data) in {"row", "fault of line 7"}


@given(CBOR)
def test_any_cbor_is_a_row_or_a_fault_of_its_line(value):
    assert is_fault_or_row(cbor2.dumps(value)) in {"row", "fault of line 7"}


@given(
    kind=CBOR,
    serial=CBOR,
    ends=CBOR,
    find=CBOR,
    box=CBOR,
    which=st.sets(st.integers(0, 4), min_size=1),
)
def test_any_hostile_lock_is_a_fault_or_a_lock(*, kind, serial, ends, find, box, which):
    lock = list(a_lock(1, 65_537))
    for place, value in enumerate((kind, serial, ends, find, box)):
        if place in which:
            lock[place] = value
    data = cbor2.dumps([1, a_handle(b"h"), b"d" * 32, [lock]])
    assert is_fault_or_row(data) in {"row", "fault of line 7"}


@pytest.mark.parametrize(
    "data",
    [
        b"\x9b" + b"\xff" * 8,
        b"\x5b\x7f" + b"\xff" * 7,
        b"\x9f" * 5_000,
        b"\x81" * 60_000,
        b"\xd8\x1c\x81\xd8\x1d\x00",
        b"\xc2\x5a\x00\x00\xff\xff" + b"\xff" * 65_535,
    ],
    ids=["long array", "long bytes", "open", "deep", "cyclic", "bignum"],
)
def test_a_bomb_is_a_fault(data):
    assert is_fault_or_row(data) == "fault of line 7"
    assert handle_of_row(data) is None


# --- what every memory of the last feed promises


@pytest.fixture(params=["memory", "sqlite"])
def state(request, tmp_path):
    if request.param == "memory":
        yield MemoryFeedState()
        return
    with closing(InsurerState(tmp_path / "state.sqlite")) as kept:
        yield kept


def a_sent(sequence=1):
    return SentFeed(sequence=sequence, digest=bytes([sequence]) * 32, file=f"feed-{sequence}")


def kept(state, sequence, *handles, drop_unmet=True, ends=10, today=0):
    with state.preparing():
        state.meet([(handle, line) for line, handle in enumerate(handles, start=2)])
        state.say([(handle, Said(bytes([sequence]) * 32, 7, ends)) for handle in handles])
        state.keep(a_sent(sequence), drop_unmet=drop_unmet, today=today)


def met(state, handle):
    """What is known of a handle, without its line."""
    return state.meet([(handle, 2)])[0][1:]


def test_what_was_kept_is_known_next_time(state):
    assert state.last() is None
    kept(state, 1, b"a", b"b")
    assert state.last() == a_sent(1)
    with state.preparing():
        assert state.meet([(b"b", 2), (b"c", 3)]) == [Met(None, b"\1" * 32, 0, 7), Met(None, None)]
        assert list(state.unmet()) == [b"a"]
        assert state.counts() == (2, 1)


def test_what_was_not_kept_never_was(state):
    kept(state, 1, b"a")
    with suppress(RuntimeError), state.preparing():
        state.meet([(b"z", 2)])
        state.say([(b"z", Said(b"z" * 32))])
        state.replace([(b"a", 9)], feed=2)
        state.lose(0)
        raise RuntimeError
    with state.preparing():
        assert state.meet([(b"a", 2), (b"z", 3)]) == [Met(None, b"\1" * 32, 0, 7), Met(None, None)]
    assert state.last() == a_sent(1)


def test_a_handle_met_again_stays_with_its_first_line(state):
    with state.preparing():
        assert state.meet([(b"a", 2), (b"b", 3), (b"a", 4)]) == [
            Met(None, None),
            Met(None, None),
            Met(2, None),
        ]
        assert state.meet([(b"b", 9)]) == [Met(3, None)]


def test_printed_things_are_counted_over_the_whole_file(state):
    with state.preparing():
        assert state.meet_printed([1, 2, -(2**63)]) == 0
        assert state.meet_printed([2, 3, 3]) == 2
    with state.preparing():
        assert state.meet_printed([1]) == 0


def test_who_left_is_dropped_or_kept_as_asked(state):
    kept(state, 1, b"a", b"b")
    kept(state, 2, b"b", drop_unmet=False)
    with state.preparing():
        assert state.counts() == (2, 2)
    kept(state, 3, b"b")
    with state.preparing():
        assert state.counts() == (1, 1)
        assert state.meet([(b"a", 2), (b"b", 3)]) == [Met(None, None), Met(None, b"\3" * 32, 0, 7)]


def test_after_lost_feeds_no_digest_is_known_and_who_left_by_them_is_back(state):
    kept(state, 1, b"a", b"b", b"c")
    kept(state, 2, b"a", b"b")
    kept(state, 3, b"a")
    with state.preparing():
        state.lose(2)
        assert [met(state, each) for each in (b"a", b"b", b"c")] == [
            *((b"", 0, 7), (b"", 0, 7), (None, 0, 0)),
        ]
    with state.preparing():
        assert [met(state, each)[0] for each in (b"a", b"b")] == [b"\3" * 32, None]
        state.lose(0)
        assert [met(state, each)[0] for each in (b"a", b"b")] == [b"", None]


def test_who_left_is_lost_with_no_feed_once_their_cards_have_run_out_or_they_are_back(state):
    kept(state, 1, b"a", b"b", ends=10)
    kept(state, 2, b"a", b"b", ends=5)  # The platform may have the row of before.
    kept(state, 3, b"b", today=5)
    kept(state, 4, b"b", today=10)
    with state.preparing():
        state.lose(2)
        assert met(state, b"a")[0] == b""
    kept(state, 5, b"b", today=11)
    with state.preparing():
        state.lose(2)
        assert met(state, b"a")[0] is None
    kept(state, 6, b"a")
    kept(state, 7, b"a", b"b")
    with state.preparing():
        state.lose(5)
        assert state.counts() == (2, 2)


def test_what_lost_feeds_replaced_is_the_next_feeds(state):
    kept(state, 1, b"a", b"b")
    for sequence, handle in ((2, b"a"), (3, b"b")):
        with state.preparing():
            state.replace([(handle, 8)], feed=sequence)
            state.keep(a_sent(sequence), drop_unmet=False, today=0)
    assert state.replaced(after=2) == {b"b": 8}
    assert state.replaced() == {b"a": 8, b"b": 8}
    with state.preparing():
        state.lose(1)
        state.keep(a_sent(2), drop_unmet=False, today=0)
    assert state.replaced(after=1) == {b"a": 8, b"b": 8}
    assert state.replaced(after=2) == {}


def test_a_state_from_before_these_columns_knows_no_serial_and_no_end(tmp_path):
    path = tmp_path / "state.sqlite"
    with closing(sqlite3.connect(path)) as older:
        older.executescript(
            "CREATE TABLE person (handle BLOB PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID;"
            "CREATE TABLE replaced (handle BLOB PRIMARY KEY, lowest INTEGER NOT NULL)"
            " WITHOUT ROWID;"
            "INSERT INTO person VALUES (x'61', x'01'); INSERT INTO replaced VALUES (x'61', 9);"
        )
    for _ in range(2):
        with closing(InsurerState(path)) as state:
            assert state.replaced(after=5) == {b"a": 9}
            with state.preparing():
                assert met(state, b"a") == (b"\1", 9, 0)


def test_feeds_are_found_by_their_number_the_last_made_first(state):
    kept(state, 1, b"a")
    kept(state, 2, b"a")
    with state.preparing():
        state.keep(replace(a_sent(1), file="again"), drop_unmet=False, today=0)
    assert state.last().file == "again"
    assert state.sent(1).file == "again"
    assert state.sent(2) == a_sent(2)
    assert state.sent(3) is None


def test_one_preparation_at_a_time(state, tmp_path):
    other = InsurerState(tmp_path / "state.sqlite") if isinstance(state, InsurerState) else state
    with (
        state.preparing(),
        pytest.raises(TemporarilyUnavailable, match="another preparation"),
        other.preparing(),
    ):
        pass
    if other is not state:
        other.close()
    with state.preparing():
        pass


# --- vectors


def of(value):
    """Bytes of a hexadecimal text."""
    return bytes.fromhex(value)


def header_of(said):
    return FeedHeader(
        amc=AMCNumber.parse(said["amc"]),
        sequence=said["sequence"],
        previous=None if said["previous"] is None else of(said["previous"]),
        full=said["full"],
        rows=said["rows"],
        body=of(said["body"]),
        declared=said["declared"],
        legacy_until=said["legacy_until"] and date.fromisoformat(said["legacy_until"]),
        created=date.fromisoformat(said["created"]),
        recipient=of(said["recipient"]),
    )


def test_vector_a_members_line_becomes_its_row():
    said = VECTORS["member"]
    at_home = AtInsurer(amc=said["amc"], platform=b"p" * 32)
    at_home.keys.secrets = {name: of(secret) for name, secret in said["keys"].items()}
    at_home.declared = said["declared"]
    at_home.legacy_until = date.fromisoformat(said["legacy_until"])
    at_home.chance = Told(of(said["chance"]))
    (member,) = read_members(
        io.StringIO(f"{said['header']}\n{said['line']}\n"), at_home.profile.member_number_rule
    )
    maker = LockMaker(at_home.profile, at_home.keys, at_home.chance, TODAY)
    handle, live = maker.handle(member.reference.value), maker.live(member)
    printed = printed_things(member)
    made = PersonRow(
        handle, maker.digest(member, live, printed), maker.locks(member, handle, live, printed)
    )
    assert encode_row(made) == of(said["row"])


class Told:
    """Chance that was told beforehand."""

    def __init__(self, told):
        self.told = io.BytesIO(told)

    def draw(self, size):
        return self.told.read(size)


@pytest.mark.parametrize("said", VECTORS["rows"], ids=lambda said: said["name"])
def test_vector_rows(said):
    header = header_of(VECTORS["feed"]["header"])
    data = of(said["encoded"])
    if "column" not in said:
        assert encode_row(decode_row(data, line=1, header=header)) == data
        return
    with pytest.raises(MalformedRow) as refused:
        decode_row(data, line=1, header=header)
    assert (refused.value.column, refused.value.rule) == (said["column"], said["rule"])


def test_vector_a_whole_feed():
    said = VECTORS["feed"]
    header = header_of(said["header"])
    body = b"".join(frame_row(of(each)) for each in said["rows"])
    assert header.encode() == of(said["header_encoded"])
    assert header.digest == of(said["digest"])
    assert (header.rows, header.body) == (len(said["rows"]), sha256(body).digest())
    key = Ed25519PrivateKey.from_private_bytes(of(said["feed_sign"]))
    signature = key.sign(to_be_signed(header.encode()))
    assert signature == of(said["signature"])
    trailer = frame_trailer(header.encode(), signature)
    sealed = seal_stream(
        [body, trailer], ephemeral=of(said["ephemeral"]), recipient=header.recipient
    )
    assert b"".join(sealed) == of(said["sealed"])
    assert key.public_key().public_bytes_raw() == of(said["feed_key"])
    private = X25519PrivateKey.from_private_bytes(of(said["platform_private"]))
    assert private.public_key().public_bytes_raw() == header.recipient
    assert verified(of(said["sealed"])).header == header


def verified(feed, progress=lambda _: None):
    said = VECTORS["feed"]
    return verify_feed(
        io.BytesIO(feed),
        private=of(said["platform_private"]),
        amc=AMCNumber.parse(said["header"]["amc"]),
        feed_key=of(said["feed_key"]),
        progress=progress,
    )


@pytest.mark.parametrize("said", VECTORS["refused"], ids=lambda said: said["name"])
def test_vector_refused_feeds(said):
    with pytest.raises(FeedRefused, match=f"^{said['step']}: "):
        verified(of(said["sealed"]))


def test_rows_are_read_again_as_they_were_verified():
    feed = verified(of(VECTORS["feed"]["sealed"]))
    for _ in range(2):
        rows = [data for part in feed.rows() for data in part]
        assert rows == [of(each) for each in VECTORS["feed"]["rows"]]


def test_handmade_feeds_are_like_prepared_ones(platform, insurer):
    """The chapters on refusals forge with a feed that would be taken if it were not forged."""
    assert platform.take(handmade(insurer, [encode_row(KeptRow(a_handle(b"x")))])).rows == 1
