"""At the insurer: its file, its keys, its cards, its dossiers; with no platform in sight."""

from __future__ import annotations

import base64
import io
from datetime import date

import cbor2
import pytest

from rempart.adapters.memory.insurer import MemoryFeedFile
from rempart.adapters.memory.world import MemoryChance, MemoryKeys
from rempart.domain.coverage import Domain
from rempart.domain.days import number_of
from rempart.domain.errors import FeedRefused, MalformedRow, SetUpRefused
from rempart.domain.feed import FeedCutter, decode_header
from rempart.domain.identifiers import MemberNumberRule
from rempart.domain.insurer import PublicBundle
from rempart.domain.memberfile import Member, read_members
from rempart.sealing.handles import handle_of
from rempart.sealing.stream import open_stream
from rempart.usecases.card_codes import read_card
from rempart.usecases.insurer_keys import (
    add_card_key,
    add_card_signing_key,
    make_keys,
    public_bundle,
    turn_card_signing_key,
)
from rempart.usecases.open_dossier import OpenDossier, handles_in, write_rows
from tests.insurers import HEADER, TODAY, AtInsurer, Platform, keys_of, row, said_of

title = "At the insurer"


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def insurer(platform):
    return platform.admit(AtInsurer())


@pytest.fixture
def read(platform):
    """Header and decoded rows of a feed."""

    def read(feed):
        cutter, rows = FeedCutter(), []
        for chunk in open_stream(io.BytesIO(feed).read, private=platform.feed_keys.get("feed")):
            rows += cutter.push(chunk)
        return decode_header(cutter.trailer()[0]), [cbor2.loads(data) for data in rows]

    return read


def crowd(count=100):
    return [row(f"R{n}", number=str(n)) for n in range(count)]


# --- the file


def in_file(path, *lines, encoding):
    """The rows of a file, read as the command line opens it."""
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        return list(read_members(stream, MemberNumberRule()))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("end", ["", "\r"], ids=["LF", "CRLF"])
def test_either_delimiter_with_or_without_mark(tmp_path, delimiter, encoding, end):
    lines = [HEADER, row("R1", name="Fée"), "", '"R2"' + row("")]
    lines = [line.replace(";", delimiter) + end for line in lines]
    first, second = in_file(tmp_path / "members.csv", *lines, encoding=encoding)
    assert (first.reference.value, first.line) == ("R1", 2)
    assert (second.reference.value, second.line) == ("R2", 4)


def test_columns_stand_in_any_order_and_others_are_stepped_over(insurer):
    names, cells = HEADER.split(";"), row("R1").split(";")
    pairs = [*sorted(zip(names, cells, strict=True)), ("NIR", "1 99 99 99"), ("Prénom", "é;")]
    header = ";".join(name.upper() for name, _ in pairs)
    line = ";".join(f'"{cell}"' for _, cell in pairs)
    first = insurer.prepare(row("R1"))
    second = insurer.prepare(line, header=header)
    assert (first.sent, second.unchanged) == (1, 1)


@pytest.mark.parametrize("name", [name for name in HEADER.split(";") if name != "nom"])
def test_every_column_is_needed_once(insurer, name):
    with pytest.raises(MalformedRow, match=f"line 1, {name}: column is missing"):
        insurer.prepare(header=HEADER.replace(name, "other"))
    with pytest.raises(MalformedRow, match=f"line 1, {name}: column stands twice"):
        insurer.prepare(header=f"{HEADER};{name}")


def test_every_fault_of_a_row_is_named_and_the_others_go_on(insurer):
    bad = row("R2", number="é", born="63", rank="0", periods="", domains="PHAR", cards="x")
    report = insurer.prepare(row("R1"), bad, row("R3", number="3"))
    assert (report.read, report.sent, report.rejected) == (3, 2, 1)
    columns = ["member_number", "birth_date", "birth_rank", "periods", "domains", "cards"]
    assert said_of(insurer.faults) == [(3, column) for column in columns]


def test_a_fault_never_quotes_a_value(insurer):
    secrets = {
        "reference": "RÉF-SECRÈTE",
        "number": "S€CRET",
        "born": "secret-1",
        "rank": "secret-2",
        "periods": "secret-3",
        "formula": "secrèt-4",
        "domains": "secret-5",
        "contract": "secret-6",
        "responsable": "secret-7",
        "cards": "secret-8",
        "convention": "secret-9",
        "csr": "secret-ten",
    }
    insurer.prepare(row(**secrets))
    assert len(insurer.faults) == 12
    told = " ".join(f"{fault} {fault!r} {fault.args}" for fault in insurer.faults)
    assert not any(secret.lower() in told.lower() for secret in secrets.values())


def test_a_forgotten_quote_costs_one_line(insurer):
    report = insurer.prepare(row("R1"), '"' + row("R2"), row("R3", number="3"))
    assert (report.sent, report.rejected) == (2, 1)
    assert said_of(insurer.faults) == [(3, "row")]


def test_a_line_too_long_costs_one_line(insurer):
    report = insurer.prepare(row("R1"), row("R2", name="x" * 200_000), row("R3", number="3"))
    assert report.sent == 2
    assert said_of(insurer.faults) == [(3, "row")]


def test_bytes_that_are_not_utf8_are_a_fault_of_their_cell_alone(tmp_path):
    lines = [HEADER, row("R1", name="FÉE"), row("R2", number="2", formula="É")]
    first, second = in_file(tmp_path / "members.csv", *lines, encoding="latin-1")
    assert isinstance(first, Member)
    assert [fault.column for fault in second.faults] == ["formula"]


def test_the_same_reference_twice_names_the_first_line(insurer):
    report = insurer.prepare(row("R1"), row("R2", number="2"), row("R1", number="3"))
    assert (report.sent, report.rejected) == (2, 1)
    (fault,) = insurer.faults
    assert str(fault) == "line 4, reference: the reference is on line 2 already"


def test_people_printed_alike_are_taken_and_counted(insurer):
    report = insurer.prepare(row("R1"), row("R2"), row("R3"), row("R4", rank="2"))
    assert (report.sent, report.rejected, report.printed_alike) == (4, 0, 2)


def test_a_card_key_that_was_never_made_is_a_fault(insurer):
    assert insurer.prepare(row("R1", cards="2.1:2026-12-31")).sent == 0
    assert said_of(insurer.faults) == [(2, "cards")]
    add_card_key(insurer.keys, insurer.chance)
    assert insurer.prepare(row("R1", cards="2.1:2026-12-31")).sent == 1


def test_the_rule_of_member_numbers_is_applied(platform):
    strict = platform.admit(
        AtInsurer(rule=MemberNumberRule(strip_leading_zeros=True, keep_letters=False))
    )
    strict.prepare(row("R1", number="00123A"))
    assert strict.prepare(row("R1", number="123")).unchanged == 1


# --- the feed


def test_the_first_feed_is_full_the_next_ones_are_not(insurer, read):
    assert insurer.prepare(row("R1")).full
    assert not insurer.prepare(row("R1")).full
    first, second = (read(insurer.feeds[number])[0] for number in "12")
    assert (first.sequence, first.full, first.previous) == (1, True, None)
    assert (second.sequence, second.full, second.previous) == (2, False, first.digest)
    assert (first.rows, second.rows) == (1, 0)


def test_who_left_is_closed_today_once(insurer, read):
    insurer.prepare(*crowd())
    report = insurer.prepare(*crowd()[1:])
    assert (report.closed, report.sent) == (1, 0)
    _, rows = read(insurer.feeds["2"])
    handle = handle_of(insurer.keys.get("handle"), b"99990001", b"R0")
    assert rows == [[2, handle, number_of(TODAY)]]
    assert insurer.prepare(*crowd()[1:]).closed == 0


def test_over_two_percent_of_departures_wait_for_a_person(insurer):
    insurer.prepare(*crowd())
    with pytest.raises(FeedRefused, match="3 of 100 persons are no longer in the file, over 2%"):
        insurer.prepare(*crowd()[3:])
    assert insurer.state.last().sequence == 1
    assert insurer.prepare(*crowd()[3:], confirm_closing=True).closed == 3


def test_a_bad_row_closes_nobody(insurer, read):
    insurer.prepare(*crowd())
    report = insurer.prepare(row("R0", rank="x"), *crowd()[1:])
    assert (report.closed, report.rejected, report.withheld) == (0, 1, 0)
    assert read(insurer.feeds["2"])[1] == []
    assert insurer.prepare(*crowd()).unchanged == 100


def test_a_row_that_names_nobody_holds_departures_back(insurer, read):
    insurer.prepare(*crowd())
    report = insurer.prepare('"' + row("R0"), *crowd()[2:])
    assert (report.closed, report.withheld) == (0, 2)
    assert read(insurer.feeds["2"])[1] == []
    assert insurer.prepare(*crowd()[2:]).closed == 2


def test_a_full_feed_keeps_who_has_a_bad_row(insurer, read):
    insurer.prepare(*crowd(3))
    report = insurer.prepare(row("R0", rank="x"), *crowd(3)[1:], full=True)
    assert (report.sent, report.unchanged, report.closed) == (2, 0, 0)
    kept = handle_of(insurer.keys.get("handle"), b"99990001", b"R0")
    _, rows = read(insurer.feeds["2"])
    assert [said[0] for said in rows] == [3, 1, 1]
    assert rows[0] == [3, kept]


def test_a_full_feed_keeps_everybody_while_a_row_names_nobody(insurer, read):
    insurer.prepare(*crowd(3))
    report = insurer.prepare("broken", *crowd(3)[1:], full=True)
    assert (report.sent, report.withheld) == (2, 1)
    assert [said[0] for said in read(insurer.feeds["2"])[1]] == [1, 1, 3]


def test_going_on_from_the_last_feed_that_the_platform_has(platform, insurer):
    for formula in ("F1", "F2", "F3"):
        insurer.prepare(row("R1", formula=formula))
    platform.take(insurer.feeds["1"])
    with pytest.raises(FeedRefused, match="--after goes with --full"):
        insurer.prepare(row("R1"), after=1)
    with pytest.raises(FeedRefused, match="no feed 9 was made"):
        insurer.prepare(row("R1"), after=9, full=True)
    assert insurer.prepare(row("R1", formula="F4"), after=1, full=True).sequence == 2
    assert platform.take(insurer.feeds["2"]).changed == 1
    assert insurer.prepare(row("R1", formula="F5")).sequence == 3
    assert platform.take(insurer.feeds["3"]).changed == 1


def test_a_new_platform_starts_again_from_nothing(platform, insurer):
    for formula in ("F1", "F2"):
        insurer.prepare(row("R1", formula=formula))
    assert insurer.prepare(row("R1"), after=0, full=True).sequence == 1
    assert platform.take(insurer.feeds["1"]).added == 1


def test_without_the_platforms_key_nothing_is_made():
    at_home = AtInsurer()
    with pytest.raises(SetUpRefused, match="platform's feed key"):
        at_home.prepare(row("R1"))


def test_the_state_moves_only_once_the_feed_is_whole_and_durable(insurer, monkeypatch):
    insurer.prepare(row("R1"))

    class Full(OSError):
        pass

    for step in ("write", "settle"):

        def fail(*_):
            raise Full

        with monkeypatch.context() as patch:
            patch.setattr(MemoryFeedFile, step, fail)
            with pytest.raises(Full):
                insurer.prepare(row("R1", formula="F2"))
        assert insurer.state.last().sequence == 1
        assert "2" not in insurer.feeds
    report = insurer.prepare(row("R1", formula="F2"))
    assert (report.sequence, report.sent) == (2, 1)


# --- keys


def test_keys_are_made_once(insurer):
    before = dict(insurer.keys.secrets)
    with pytest.raises(SetUpRefused, match="keys already"):
        make_keys(insurer.keys, insurer.chance)
    assert insurer.keys.secrets == before


def test_the_bundle_holds_no_secret_and_reads_back(insurer):
    bundle = public_bundle(insurer.profile, insurer.keys)
    said = str(bundle.to_json()) + bundle.canonical().decode()
    for secret in insurer.keys.secrets.values():
        assert base64.b64encode(secret).decode() not in said
        assert secret.hex() not in said
    assert PublicBundle.from_json(bundle.to_json()) == bundle


def test_another_signing_key_changes_the_fingerprint_and_keeps_old_cards(insurer):
    before = public_bundle(insurer.profile, insurer.keys)
    (old,) = insurer.cards(row("R1"))
    add_card_signing_key(insurer.keys, insurer.chance)
    after = public_bundle(insurer.profile, insurer.keys)
    assert len(after.card_keys) == 2
    assert after.fingerprint != before.fingerprint
    assert read_card(old.code, keys=keys_of(insurer), on=TODAY).amc == insurer.amc
    turn_card_signing_key(insurer.keys)
    (new,) = insurer.cards(row("R1"))
    assert new.code != old.code


def test_two_insurers_never_share_a_key():
    one, other = MemoryKeys(), MemoryKeys()
    make_keys(one, MemoryChance(b"one"))
    make_keys(other, MemoryChance(b"other"))
    assert not set(one.secrets.values()) & set(other.secrets.values())
    assert len(set(one.secrets.values())) == 5


# --- cards


def test_a_card_says_what_its_row_says(insurer):
    (card,) = insurer.cards(row("R1", csr="R66", convention="KA", responsable="no"))
    claims = read_card(card.code, keys=keys_of(insurer), on=TODAY)
    assert (claims.amc, claims.convention, claims.csr) == ("99990001", "KA", "R66")
    assert (claims.birth_year, claims.responsable) == (1980, False)
    assert [domain for domain, _ in claims.domains] == [Domain.PHAR, Domain.LABO, Domain.OPTI]
    assert (claims.valid_from, claims.valid_to) == (date(2026, 1, 1), date(2026, 12, 31))
    assert (card.reference, card.serial) == ("R1", 1 << 16 | 1)


def test_a_renewed_card_begins_with_its_own_period(insurer):
    periods = "2025-01-01/2025-12-31@2024-12-01 2026-01-01/2026-12-31@2025-12-01"
    old, new = insurer.cards(row("R1", periods=periods, cards="1:2025-12-31 2:2026-12-31"))
    first, second = (read_card(card.code, keys=keys_of(insurer), on=None) for card in (old, new))
    assert (first.valid_from, second.valid_from) == (date(2025, 1, 1), date(2026, 1, 1))
    assert old.printed_key != new.printed_key


def test_an_old_card_has_neither_code_nor_key(insurer):
    assert insurer.cards(row("R1", cards="0:2026-12-31")) == []
    assert insurer.faults == []


@pytest.mark.parametrize(
    "periods",
    ["2027-01-01/..@2026-12-01", "2026-01-01/..@2025-12-01 2026-01-01/2025-12-31@2026-02-01"],
    ids=["later", "cancelled"],
)
def test_a_card_without_rights_is_a_fault(insurer, periods):
    assert insurer.cards(row("R1", periods=periods), row("R2", number="2"))[0].reference == "R2"
    assert said_of(insurer.faults) == [(2, "cards")]


def shape_of(row):
    """What a feed's row shows: its fields, the kind and end of each lock, the size of each part."""

    def size(part):
        return (type(part).__name__, len(part)) if isinstance(part, bytes) else part

    def shape(part):
        return [shape(each) for each in part] if isinstance(part, list) else size(part)

    return shape(row)


def test_a_canary_is_sealed_like_anybody_and_has_no_card(platform, read):
    insurer = platform.admit(AtInsurer(legacy_until=date(2027, 6, 30)))
    cards = "1:2026-12-31 2:2027-12-31"
    rows = [row(f"R{n}", number=str(n), cards=cards, contract=kind) for n, kind in
            enumerate(("GROUP", "CANARY", "INDIVIDUAL", "C2S"))]  # fmt: skip
    rows.append(row("R9", number="9", contract="CANARY", cards="0:2026-12-31"))
    rows.append(row("R8", number="8", contract="GROUP", cards="0:2026-12-31"))
    report = insurer.prepare(*rows)
    assert (report.sent, report.without_lock) == (6, 0)

    _, sent = read(insurer.feeds["1"])
    assert len({str(shape_of(each)) for each in sent[:4]}) == 1
    assert len({str(shape_of(each)) for each in sent[4:]}) == 1
    assert {card.reference for card in insurer.cards(*rows)} == {"R0", "R2", "R3"}
    assert insurer.faults == []


def test_the_same_card_has_the_same_code(insurer):
    assert insurer.cards(row("R1"))[0].code == insurer.cards(row("R1", name="Autre"))[0].code


def test_a_repr_of_a_card_tells_nothing(insurer):
    (card,) = insurer.cards(row("R1"))
    assert repr(card) == "IssuedCard(…)"


# --- dossiers


@pytest.fixture
def dossier(insurer):
    return OpenDossier(keys=insurer.keys, amc=insurer.amc.encode())


def handle_texts(insurer, *references):
    return [
        handle_of(insurer.keys.get("handle"), insurer.amc.encode(), each.encode())
        for each in references
    ]


def members():
    return io.StringIO("\n".join([HEADER, row("R1", name="Un"), row("R2", name="Deux"), ""]))


def test_handles_become_references_joined_with_the_insurers_own_file(insurer, dossier):
    one, two, gone = handle_texts(insurer, "R1", "R2", "R9")
    listed = f"{two.hex()}\n{base64.b64encode(gone).decode()}\n"
    found = dossier.references(handles_in(io.StringIO(listed)))
    out = io.StringIO()
    assert write_rows(dossier.joined(found, members()), out) == 2
    header, first, last = out.getvalue().splitlines()
    assert header == f"handle;{HEADER}"
    assert first == f"{two.hex()};{row('R2', name='Deux')}"
    assert last.startswith(f"{gone.hex()};R9;;")
    assert found.missing == 1
    assert one.hex() not in out.getvalue()


@pytest.mark.parametrize("delimiter", [";", ","])
def test_handles_come_in_a_column_too(insurer, dossier, delimiter):
    (one,) = handle_texts(insurer, "R1")
    listed = f"when{delimiter}Handle\n2026{delimiter}{one.hex()}\n"
    assert list(dossier.references(handles_in(io.StringIO(listed))).references) == ["R1"]


def test_a_list_without_the_column_is_refused():
    with pytest.raises(MalformedRow, match="line 1, handle: column is missing"):
        list(handles_in(io.StringIO("who;when\nx;y\n")))


def test_what_is_not_a_handle_of_ours_is_counted_by_line(insurer, dossier):
    other = AtInsurer(amc="99990002")
    (theirs,) = handle_texts(other, "R1")
    (ours,) = handle_texts(insurer, "R1")
    claimed = handle_of(insurer.keys.get("handle"), b"99990002", b"R1")
    listed = "\n".join([theirs.hex(), ours.hex(), "zz!", "00" * 200, claimed.hex(), ""])
    found = dossier.references(handles_in(io.StringIO(listed)))
    assert (list(found.references), found.strangers) == (["R1"], [1, 3, 4, 5])
