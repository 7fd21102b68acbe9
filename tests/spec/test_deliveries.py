"""Dossiers on their way: whole or not at all, told without data, received under the right key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from rempart.adapters.delivery_journal import NAME, journal_in
from rempart.adapters.dossier_folder import FolderDossier, dossiers_in
from rempart.adapters.dossier_shelf import DossierFolder
from rempart.adapters.drop_folder import FolderDrop, receipt_name
from rempart.adapters.memory.deliveries import (
    MemoryDossier,
    MemoryDrop,
    MemoryJournal,
    MemoryMail,
)
from rempart.adapters.memory.world import MemoryClock
from rempart.domain.clocks import HOUR
from rempart.domain.contacts import InsurerContact
from rempart.domain.delivery import Hand, Line, Noted, Post, Then
from rempart.domain.errors import (
    DropRefused,
    IntegrityBroken,
    MalformedRow,
    Refusal,
    TemporarilyUnavailable,
)
from rempart.domain.identifiers import AMCNumber
from rempart.tlog.note import NoteKey, NoteVerifier
from rempart.usecases.deliver_dossiers import DeliverDossiers, Delivered
from rempart.usecases.delivery_ports import Dossiers, Notice, Place
from rempart.usecases.delivery_words import whom
from rempart.usecases.dossier_manifest import MANIFEST, drop_name, manifest_digest, read_manifest
from rempart.usecases.enter_receipts import said_of, to_enter
from rempart.usecases.follow_deliveries import FollowDeliveries, Standing
from rempart.usecases.receipts import Proof, proven, sign_receipt, signer
from rempart.usecases.receive_dossier import ReceiveDossier, Taken
from tests.dossiers import (
    HANDLE,
    INCIDENT,
    OTHER_VAULT,
    PEOPLE,
    VAULT,
    Killed,
    book,
    contact,
    feed_sign,
    files,
    public,
    sealed_since,
    write,
)
from tests.spec import test_dossiers as dossiers

title = "The delivery of dossiers"

ONE, TWO = "99990001", "99990002"
NOW = 1_795_600_000_000_000
NAME_ONE = "op-example-ledger-incident-41-99990001-0001"


@dataclass
class Ground:
    """An operator with dossiers, and the drops of two insurers."""

    clock: MemoryClock = field(default_factory=lambda: MemoryClock(NOW))
    mail: Any = field(default_factory=MemoryMail)
    contacts: dict[str, InsurerContact] = field(default_factory=dict)
    drop: Any = field(default_factory=MemoryDrop)
    journal: Any = field(default_factory=MemoryJournal)
    held: dict[Place, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for amc in (ONE, TWO):
            self.contacts[amc] = contact(amc, drop=self.make_drop(amc))

    def make_drop(self, amc: str) -> str:
        self.drop.drops[f"/drops/{amc}"] = {}
        return f"/drops/{amc}"

    def put(self, amc: str, number: int, held: dict[str, bytes]) -> None:
        self.held[Place(amc, f"{number:04d}")] = MemoryDossier(dict(held))

    def dossiers(self) -> Dossiers:
        return self.held

    def add(self, amc: str = ONE, number: int = 1, **more: Any) -> None:
        self.put(amc, number, files(amc, number, **more))

    def spoil(self, place: Place, name: str, data: bytes | None) -> None:
        if data is None:
            del self.held[place].files[name]
        else:
            self.held[place].files[name] = data

    def left(self, amc: str) -> dict[str, dict[str, bytes]]:
        """What lies in a drop."""
        return self.drop.drops[self.contacts[amc].drop]

    def put_receipt(self, amc: str, name: str, note: str) -> None:
        self.drop.receipts[self.contacts[amc].drop, name] = note

    def dropped(self, amc: str, name: str) -> Any:
        return MemoryDossier(dict(self.left(amc)[name]))

    def deliver(self, **more: Any) -> list[Delivered]:
        sending = DeliverDossiers(
            dossiers=self.dossiers(),
            contacts=book([*self.contacts.values()]),
            drop=self.drop,
            mail=self.mail,
            journal=self.journal,
            vault=VAULT.verifier,
            clock=self.clock,
            sender="dpo@op.example",
        )
        return sending(**more)

    def outcome(self, **more: Any) -> tuple[Hand, Post]:
        (one,) = self.deliver(**more)
        return one.hand, one.post

    def follow(self, keys: dict[str, bytes] | None = None) -> list[Standing]:
        following = FollowDeliveries(
            dossiers=self.dossiers(),
            contacts=book([*self.contacts.values()]),
            drop=self.drop,
            journal=self.journal,
            vault=VAULT.verifier,
            clock=self.clock,
            feed_keys={ONE: public(ONE), TWO: public(TWO)} if keys is None else keys,
        )
        return following()

    def standing(self, **more: Any) -> Standing:
        (one,) = self.follow(**more)
        return one

    def standing_of(self, amc: str) -> Standing:
        return next(each for each in self.follow() if each.place.amc == amc)

    def receiver(self, amc: str = ONE, **more: Any) -> ReceiveDossier:
        said = {
            "amc": AMCNumber(amc),
            "key": feed_sign(amc),
            "vault": VAULT.verifier,
            "drop": self.drop,
            "clock": self.clock,
        }
        return ReceiveDossier(**(said | more))

    def receive(self, amc: str = ONE, name: str = NAME_ONE, **more: Any) -> Taken:
        return self.receiver(amc, **more)(self.dropped(amc, name), self.contacts[amc].drop)

    def noted(self) -> list[Noted]:
        return [line.did for line in self.journal.lines()]


@dataclass
class OnDisk(Ground):
    """The same, in folders."""

    root: Path = Path()

    def __post_init__(self) -> None:
        self.drop = FolderDrop()
        self.folder.mkdir()
        super().__post_init__()

    @property
    def folder(self) -> Path:
        return self.root / "dossiers"

    def make_drop(self, amc: str) -> str:
        path = self.root / "drops" / amc
        path.mkdir(parents=True)
        return str(path)

    def put(self, amc: str, number: int, held: dict[str, bytes]) -> None:
        write(self.folder, amc, number, held)

    def dossiers(self) -> Dossiers:
        return dossiers_in(self.folder)

    def spoil(self, place: Place, name: str, data: bytes | None) -> None:
        path = self.folder / place.amc / place.number / name
        path.unlink()
        if data is not None:
            path.write_bytes(data)

    def left(self, amc: str) -> dict[str, dict[str, bytes]]:
        return {
            each.name: {path.name: path.read_bytes() for path in each.iterdir()}
            for each in Path(self.contacts[amc].drop).iterdir()
            if each.is_dir()
        }

    def put_receipt(self, amc: str, name: str, note: str) -> None:
        (Path(self.contacts[amc].drop) / receipt_name(name)).write_text(note)

    def dropped(self, amc: str, name: str) -> FolderDossier:
        return FolderDossier(Path(self.contacts[amc].drop) / name)


@pytest.fixture(params=["memory", "disk"])
def ground(request, tmp_path) -> Iterator[Ground]:
    if request.param == "memory":
        yield Ground()
        return
    ground = OnDisk(root=tmp_path)
    with journal_in(ground.folder) as journal:
        ground.journal = journal
        yield ground


@pytest.fixture
def disk(tmp_path) -> OnDisk:
    return OnDisk(root=tmp_path)


# Handed over


def test_a_dossier_lies_whole_in_its_insurers_drop_and_nowhere_else(ground):
    ground.add(ONE)
    assert ground.outcome() == (Hand.HANDED, Post.SENT)
    assert ground.left(ONE) == {NAME_ONE: files(ONE)}
    assert ground.left(TWO) == {}
    assert ground.noted() == [Noted.SEEN, Noted.HANDED, Noted.MAILING, Noted.MAILED]


def test_each_insurer_gets_its_own_and_one_alone_may_be_named(ground):
    ground.add(ONE)
    ground.add(TWO)
    (one,) = ground.deliver(only={TWO})
    assert one.place.amc == TWO
    assert not ground.left(ONE)
    assert [each.hand for each in ground.deliver()] == [Hand.HANDED, Hand.BEFORE]
    assert len(ground.mail.sent) == 2


def test_a_folder_without_a_manifest_is_no_dossier(ground):
    ground.add(ONE)
    ground.spoil(Place(ONE, "0001"), MANIFEST, None)
    assert ground.outcome() == (Hand.NO_MANIFEST, Post.NOTHING_THERE)
    assert ground.standing().lacks is Hand.NO_MANIFEST
    assert not ground.left(ONE)
    assert not ground.mail.sent
    assert not ground.noted()


@pytest.mark.parametrize("name", ["report.json", "rapport.pdf", "members.csv"])
@pytest.mark.parametrize("data", [b"other", None], ids=["altered", "gone"])
def test_a_file_that_is_not_what_was_signed_goes_nowhere(ground, name, data):
    ground.add(ONE)
    ground.spoil(Place(ONE, "0001"), name, data)
    assert ground.outcome() == (Hand.ALTERED, Post.NOTHING_THERE)
    assert ground.left(ONE) == {}
    assert not ground.mail.sent
    assert ground.standing().delivery.handed is None


def test_a_manifest_under_another_key_or_of_another_place_is_refused(ground):
    ground.put(ONE, 1, files(ONE, key=OTHER_VAULT))
    ground.put(ONE, 2, files(ONE, 3))
    ground.put(TWO, 1, files(ONE))
    ground.put(TWO, 2, files(ONE) | {MANIFEST: b"\xc3\xa9 no note \n"})
    assert [each.hand for each in ground.deliver()] == [Hand.BROKEN] * 4
    assert not ground.left(ONE)
    assert not ground.left(TWO)


@pytest.mark.parametrize(
    "more",
    [
        {"files": {"report.json": "0" * 64, "../../etc/passwd": "0" * 64}},
        {"files": {"report.json": "0" * 64, ".hidden": "0" * 64}},
        {"files": {"report.json": "0" * 64, MANIFEST: "0" * 64}},
        {"files": {"rapport.pdf": "0" * 64}},
        {"files": {"report.json": "xyz"}},
        {"amc": "../99990001"},
        {"number": 0},
    ],
)
def test_even_a_signed_manifest_names_no_file_elsewhere(more):
    note = files(ONE, more=more)[MANIFEST].decode()
    with pytest.raises(IntegrityBroken):
        read_manifest(note, VAULT.verifier)


@pytest.mark.parametrize(
    "change",
    [("/dossier/1", "/dossier/2"), (VAULT.origin, "other.example"), (":", ": "), ("}\n", "}\n\n")],
)
def test_what_the_vault_signed_for_something_else_is_no_manifest(change):
    text = files(ONE)[MANIFEST].decode().split("\n\n")[0] + "\n"
    assert read_manifest(VAULT.sign(text), VAULT.verifier)
    with pytest.raises(IntegrityBroken):
        read_manifest(VAULT.sign(text.replace(*change)), VAULT.verifier)


def test_nothing_that_lies_in_a_drop_is_written_over(ground):
    ground.add(ONE)
    ground.deliver()
    ground.put(TWO, 1, files(TWO))
    other = {"manifest.note": b"another's", "report.json": b"{}"}
    name = NAME_ONE.replace(ONE, TWO)
    ground.drop.put(ground.contacts[TWO].drop, name, [(n, [d]) for n, d in other.items()])
    assert [each.hand for each in ground.deliver()] == [Hand.BEFORE, Hand.TAKEN]
    assert ground.left(TWO) == {name: other}
    with pytest.raises(DropRefused):
        ground.drop.put(ground.contacts[TWO].drop, name, [("report.json", [b"x"])])
    assert ground.left(TWO) == {name: other}
    assert [each.to for each in ground.mail.sent] == [ground.contacts[ONE].email]


def seal(ground: Ground) -> None:
    """The list of the first insurer is sealed since, the report is the same."""
    place, before = Place(ONE, "0001"), files(ONE)
    now = sealed_since(before)
    for name in before:
        ground.spoil(place, name, None)
    if isinstance(ground, OnDisk):
        (ground.folder / ONE / "0001").rmdir()
    ground.put(ONE, 1, now)


def test_a_list_that_is_sealed_before_it_was_handed_over_goes_sealed(ground):
    ground.add(ONE)
    ground.contacts[ONE] = replace(drop := ground.contacts[ONE], drop="")
    assert ground.outcome() == (Hand.NO_DROP, Post.NOTHING_THERE)
    seal(ground)
    ground.contacts[ONE] = drop
    assert ground.outcome() == (Hand.HANDED, Post.SENT)
    assert ground.left(ONE) == {NAME_ONE: sealed_since(files(ONE))}
    ground.receive()
    assert ground.standing().proof is Proof.GOOD


@pytest.mark.parametrize("noted", [True, False], ids=["noted", "killed before it was noted"])
def test_what_lies_in_a_drop_stays_there_and_its_receipt_counts_once_the_list_is_sealed(
    ground, noted
):
    ground.add(ONE)
    if noted:
        assert ground.outcome() == (Hand.HANDED, Post.SENT)
    else:
        pieces = [(name, [data]) for name, data in files(ONE).items()]
        ground.drop.put(ground.contacts[ONE].drop, NAME_ONE, pieces)
    seal(ground)
    assert ground.outcome() == (Hand.BEFORE, Post.BEFORE if noted else Post.SENT)
    assert ground.outcome(again=True)[0] is Hand.BEFORE
    assert ground.left(ONE) == {NAME_ONE: files(ONE)}
    assert ground.standing().then is Then.WAIT
    ground.receive()
    standing = ground.standing()
    assert (standing.proof, standing.then) == (Proof.GOOD, Then.NOTHING)
    assert to_enter([standing]) == [standing]


def test_a_receipt_for_another_manifest_than_the_one_before_is_none(ground):
    ground.add(ONE)
    ground.deliver()
    seal(ground)
    other = read_manifest(files(ONE, more={"exercise": True})[MANIFEST].decode(), VAULT.verifier)
    note = sign_receipt(VAULT.origin, other, feed_sign(ONE), at=NOW)
    ground.put_receipt(ONE, NAME_ONE, note)
    assert ground.standing().proof is Proof.OTHER


def test_two_operators_and_two_reports_do_not_meet_in_one_drop():
    manifests = [read_manifest(files(ONE, n)[MANIFEST].decode(), VAULT.verifier) for n in (1, 2)]
    names = {
        drop_name(origin, each) for origin in ("a.example/x", "b.example") for each in manifests
    }
    assert len(names) == 4


def test_an_exercise_is_one_in_the_drop_and_in_the_mail(ground):
    ground.add(ONE, exercise=True)
    ground.deliver()
    assert [*ground.left(ONE)] == [f"EXERCICE-{NAME_ONE}"]
    (notice,) = ground.mail.sent
    assert notice.subject.startswith("[EXERCICE")
    assert notice.body.startswith("EXERCICE")
    assert all(line.exercise for line in ground.journal.lines()), "on every line of the journal"


def test_without_contact_or_drop_it_is_brought_by_hand_and_nobody_is_told_of_a_file(ground):
    ground.add(ONE)
    ground.add(TWO)
    del ground.contacts[ONE]
    ground.contacts[TWO] = replace(ground.contacts[TWO], drop="", key=b"")
    assert [each.hand for each in ground.deliver()] == [Hand.NO_CONTACT, Hand.NO_DROP]
    assert not ground.mail.sent
    assert [each.then for each in ground.follow()] == [Then.BY_HAND] * 2


# Told


def test_a_notice_holds_no_data(ground):
    ground.add(ONE, 2)
    ground.deliver()
    (notice,) = ground.mail.sent
    text = f"{notice.subject}\n{notice.body}"
    for told in (str(PEOPLE), f"{PEOPLE:,}", HANDLE, "Mutuelle", "PHARMACY", "breached"):
        assert told not in text
    assert "incident 41" in text
    assert "rapport 2" in text
    assert "+33 1 00 00 00 24" in text
    assert "crise@" not in repr(notice)
    # But for what names the dossier, the same is said whatever is in it.
    ground.add(TWO, 2)
    ground.deliver()
    assert ground.mail.sent[1].body.replace(TWO, ONE) == notice.body


@pytest.mark.parametrize(
    "email",
    [
        "a@b.example\nBcc: all@evil.example",
        "a@b.example\r\n\r\nbody",
        "a@b.example, other@evil.example",
        "Desk <a@b.example>",
        "a@b.example>",
        "a b@c.example",
        "crise",
        "@b.example",
        "é@b.example",
        "a@b..example",
        "a@localhost",
    ],
)
def test_an_address_that_is_more_than_one_is_never_written_to(ground, email):
    ground.add(ONE)
    ground.contacts[ONE] = replace(ground.contacts[ONE], email=email)
    assert ground.outcome() == (Hand.HANDED, Post.BAD_ADDRESS)
    assert not ground.mail.sent


@pytest.mark.parametrize("post", [Post.DOWN, Post.REFUSED, Post.NO_TLS, Post.BAD_CERTIFICATE])
def test_what_was_surely_not_sent_is_sent_by_the_next_run(ground, post):
    ground.add(ONE)
    ground.mail.answer = post
    assert ground.outcome() == (Hand.HANDED, post)
    assert ground.standing().delivery.mailed is None
    ground.mail.answer = Post.SENT
    assert ground.outcome() == (Hand.BEFORE, Post.SENT)
    assert ground.outcome() == (Hand.BEFORE, Post.BEFORE)
    assert len(ground.mail.sent) == 1


def test_without_a_mail_server_or_an_address_they_are_called(ground):
    ground.add(ONE)
    ground.add(TWO)
    ground.mail = None
    ground.contacts[TWO] = replace(ground.contacts[TWO], email="")
    assert [each.post for each in ground.deliver()] == [Post.NO_SERVER, Post.NO_ADDRESS]
    assert Noted.MAILING not in ground.noted()


def test_again_mails_again_and_hands_over_what_was_taken_away(ground):
    ground.add(ONE)
    ground.deliver()
    assert ground.outcome(again=True) == (Hand.BEFORE, Post.SENT)
    assert len(ground.mail.sent) == 2
    if isinstance(ground, OnDisk):
        (Path(ground.contacts[ONE].drop) / NAME_ONE).rename(ground.root / "taken")
    else:
        ground.left(ONE).clear()
    assert ground.outcome() == (Hand.BEFORE, Post.BEFORE), "taken in is not lost"
    assert not ground.left(ONE)
    ground.outcome(again=True)
    assert ground.left(ONE) == {NAME_ONE: files(ONE)}


# Killed


def test_killed_between_the_copy_and_its_note_it_is_found_and_not_copied_twice(ground, monkeypatch):
    ground.add(ONE)
    added = ground.journal.add

    def killed(line):
        if line.did is Noted.HANDED:
            raise Killed
        added(line)

    with monkeypatch.context() as patch:
        patch.setattr(type(ground.journal), "add", lambda _, line: killed(line))
        with pytest.raises(Killed):
            ground.deliver()
    assert not ground.mail.sent
    assert ground.standing().delivery.handed is None, "nothing says so yet"
    with monkeypatch.context() as patch:
        patch.setattr(type(ground.drop), "put", lambda *_: pytest.fail("copied twice"))
        assert ground.outcome() == (Hand.BEFORE, Post.SENT)
    assert ground.standing().delivery.handed == NOW


@pytest.mark.parametrize("sent", [True, False])
def test_killed_around_the_mail_nobody_is_mailed_twice_and_the_doubt_is_told(ground, sent):
    ground.add(ONE)

    class Dying(MemoryMail):
        def send(self, notice: Notice) -> Post:
            if sent:
                super().send(notice)
            raise Killed

    ground.mail = Dying()
    with pytest.raises(Killed):
        ground.deliver()
    ground.mail = MemoryMail()
    assert ground.outcome() == (Hand.BEFORE, Post.IN_DOUBT)
    assert ground.standing().delivery.mailed is None
    assert not ground.mail.sent
    ground.mail.answer = Post.DOWN
    assert ground.outcome(again=True) == (Hand.BEFORE, Post.DOWN)
    ground.mail.answer = Post.SENT
    assert ground.outcome() == (Hand.BEFORE, Post.IN_DOUBT), "the first may still have been sent"
    assert ground.outcome(again=True) == (Hand.BEFORE, Post.SENT)


def test_killed_in_the_middle_of_a_copy_nothing_is_there_and_the_next_run_does_it(
    disk, monkeypatch
):
    disk.add(ONE)
    with monkeypatch.context() as patch:
        patch.setattr("rempart.adapters.drop_folder.os.rename", lambda *_, **__: dying())
        patch.setattr("rempart.adapters.drop_folder._clear", lambda *_: None)

        def dying() -> None:
            raise Killed

        with pytest.raises(Killed):
            disk.deliver()
    (part,) = disk.left(ONE)
    assert part == f".{NAME_ONE}.part"
    assert disk.outcome() == (Hand.HANDED, Post.SENT)
    assert disk.left(ONE) == {NAME_ONE: files(ONE)}


def test_a_journal_goes_on_after_half_a_line_and_refuses_a_foreign_one(disk):
    disk.add(ONE)
    with journal_in(disk.folder) as disk.journal:
        disk.deliver()
        before = [*disk.journal.lines()]
    path = disk.folder / NAME
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"at":1795')
    with journal_in(disk.folder) as disk.journal:
        assert [*disk.journal.lines()] == before
        assert disk.outcome() == (Hand.BEFORE, Post.BEFORE)
        disk.deliver(again=True)
    assert all(json.loads(line) for line in path.read_bytes().splitlines())
    path.write_bytes(whole + b'{"at":"soon"}\n')
    with pytest.raises(MalformedRow, match=f"line {len(before) + 1}, {NAME}: not what this wrote"):
        journal_in(disk.folder).__enter__()


def test_two_runs_at_once_are_one(disk):
    with journal_in(disk.folder), pytest.raises(TemporarilyUnavailable):
        journal_in(disk.folder).__enter__()
    with journal_in(disk.folder):
        pass


def test_the_journal_holds_nobody_and_no_way_to_reach_them(disk):
    disk.add(ONE)
    with journal_in(disk.folder) as disk.journal:
        disk.deliver()
        disk.receive()
        disk.follow()
    path = disk.folder / NAME
    text = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    for told in (HANDLE, str(PEOPLE), "crise@", "+33", "Mutuelle", str(disk.root)):
        assert told not in text


# Drops that fail, or lie


def test_a_drop_that_is_a_link_or_behind_one_is_refused(disk):
    disk.add(ONE)
    elsewhere = disk.root / "elsewhere"
    elsewhere.mkdir()
    link = disk.root / "link"
    link.symlink_to(elsewhere)
    (elsewhere / "in").mkdir()
    for drop in (link, link / "in"):
        disk.contacts[ONE] = replace(disk.contacts[ONE], drop=str(drop))
        assert disk.outcome() == (Hand.LINK, Post.NOTHING_THERE)
    assert [path.name for path in elsewhere.rglob("*")] == ["in"]


@pytest.mark.parametrize("drop", ["drops", "../drops", "/", "/srv/../etc", "", "~/drop", "/a\0b"])
def test_a_drop_is_a_whole_path_and_goes_through_no_parent(disk, drop):
    disk.add(ONE)
    disk.contacts[ONE] = replace(disk.contacts[ONE], drop=drop)
    assert disk.outcome()[0] is (Hand.NO_PATH if drop else Hand.NO_DROP)


def test_a_drop_that_is_not_there_or_a_file_is_said(disk):
    disk.add(ONE)
    path = disk.root / "file"
    path.write_text("x")
    for drop, hand in ((disk.root / "no", Hand.NOT_THERE), (path, Hand.NOT_THERE)):
        disk.contacts[ONE] = replace(disk.contacts[ONE], drop=str(drop))
        assert disk.outcome()[0] is hand


@pytest.mark.parametrize(
    ("number", "hand"),
    [(28, Hand.FULL), (13, Hand.NOT_OURS), (30, Hand.NOT_OURS), (5, Hand.SILENT)],
)
def test_a_drop_that_refuses_leaves_nothing_and_the_next_one_is_served(
    disk, monkeypatch, number, hand
):
    """No space, no permission, read-only, an error of the disk: on the second file."""
    disk.add(ONE)
    disk.add(TWO)
    real, calls = os.fsync, []

    def failing(file: int) -> None:
        calls.append(file)
        if len(calls) == 2:
            raise OSError(number, "told to nobody")
        real(file)

    with monkeypatch.context() as patch:
        patch.setattr("rempart.adapters.inside.os.fsync", failing)
        found = disk.deliver()
    assert [each.hand for each in found] == [hand, Hand.HANDED]
    assert not [*Path(disk.contacts[ONE].drop).iterdir()]
    assert [each.to for each in disk.mail.sent] == [disk.contacts[TWO].email]
    assert [each.hand for each in disk.deliver()] == [Hand.HANDED, Hand.BEFORE]


def test_links_that_an_insurer_plants_lead_nowhere(disk):
    """Whoever holds the drop may put there what they like."""
    disk.add(ONE)
    drop, secret = Path(disk.contacts[ONE].drop), disk.root / "secret"
    secret.mkdir()
    (secret / MANIFEST).write_text("ours")
    (drop / f".{NAME_ONE}.part").symlink_to(secret)
    (drop / receipt_name(NAME_ONE)).symlink_to(secret / MANIFEST)
    assert disk.outcome() == (Hand.HANDED, Post.SENT)
    assert [path.name for path in secret.iterdir()] == [MANIFEST]
    assert disk.standing().proof is Proof.NONE
    (drop / NAME_ONE).rename(disk.root / "taken")
    (drop / NAME_ONE).symlink_to(secret)
    assert disk.outcome(again=True)[0] is Hand.TAKEN
    assert (secret / MANIFEST).read_text() == "ours"


def test_a_receipt_that_is_a_pipe_or_endless_keeps_nobody_waiting(disk):
    disk.add(ONE)
    disk.deliver()
    path = Path(disk.contacts[ONE].drop) / receipt_name(NAME_ONE)
    os.mkfifo(path)
    assert disk.standing().proof is Proof.NONE
    path.unlink()
    with path.open("wb") as stream:
        stream.truncate(1 << 40)
    assert disk.standing().proof is Proof.NONE


def test_a_dossier_of_ours_that_is_a_link_is_none(disk):
    place = write(disk.root / "x", ONE, 1, files(ONE))
    (disk.folder / ONE).mkdir()
    (disk.folder / ONE / "0001").symlink_to(place)
    (disk.folder / TWO).symlink_to(place.parent)
    (disk.folder / "..x").mkdir()
    assert [(each.place.amc, each.hand) for each in disk.deliver()] == [(ONE, Hand.NO_MANIFEST)]


def test_the_insurers_group_may_read_it_and_nobody_else(disk):
    disk.add(ONE)
    drop = Path(disk.contacts[ONE].drop)
    drop.chmod(0o2770)
    before = os.umask(0o077)
    try:
        disk.deliver()
    finally:
        os.umask(before)
    assert (drop / NAME_ONE).stat().st_mode & 0o2777 == 0o2750
    assert {p.stat().st_mode & 0o777 for p in (drop / NAME_ONE).iterdir()} == {0o640}


# Received


def test_a_receipt_says_so_and_ends_the_escalation(ground):
    ground.add(ONE)
    ground.deliver()
    ground.clock.forward(seconds=5400)
    assert ground.standing().then is Then.CALL
    taken = ground.receive()
    assert taken.fresh
    assert not ground.receive().fresh, "once is enough"
    standing = ground.standing()
    assert (standing.proof, standing.then) == (Proof.GOOD, Then.NOTHING)
    assert standing.delivery.received == NOW + 5_400_000_000
    ground.follow()
    assert ground.noted().count(Noted.RECEIVED) == 1
    ground.put_receipt(ONE, NAME_ONE, "gone")
    assert ground.standing().then is Then.NOTHING, "what was received stays received"


def test_a_receipt_under_another_key_proves_nothing(ground):
    ground.add(ONE)
    ground.deliver()
    ground.receive(key=feed_sign(TWO))
    assert ground.standing().proof is Proof.FORGED
    assert ground.standing().delivery.received is None
    assert Noted.RECEIVED not in ground.noted()
    ground.put_receipt(ONE, NAME_ONE, "no note at all")
    assert ground.standing().proof is Proof.FORGED


def test_a_receipt_of_something_else_proves_nothing(ground):
    """Of another report, of another manifest of this one, of another operator, of no receipt."""
    ground.add(ONE, 1)
    ground.add(ONE, 2)
    ground.deliver()
    second = NAME_ONE.replace("-0001", "-0002")
    ground.receive(name=second)
    of_second = ground.drop.receipt(ground.contacts[ONE].drop, second)
    key = NoteKey(signer(ONE, public(ONE)).name, feed_sign(ONE).private_bytes_raw())
    first_of_all = read_manifest(files(ONE, 1)[MANIFEST].decode(), VAULT.verifier)
    good = sign_receipt(VAULT.origin, first_of_all, feed_sign(ONE), at=NOW).split("\n\n")[0]
    wrong = ("/receipt/1", "/receipt/2"), ("op.example/ledger", "other.example"), (":", ": ")
    texts = ["a", "a\nb\nc", *(good.replace(*each) for each in wrong)]
    unsaid = [key.sign(text + "\n") for text in texts]
    for note in (of_second, *unsaid):
        ground.put_receipt(ONE, NAME_ONE, note)
        first, other = ground.follow()
        assert first.proof is Proof.OTHER
        assert first.delivery.received is None
        assert other.proof is Proof.GOOD


def test_without_the_insurers_key_a_receipt_is_neither_good_nor_bad(ground):
    ground.add(ONE)
    ground.deliver()
    ground.receive()
    assert ground.standing(keys={}).proof is Proof.NO_KEY
    assert ground.standing(keys={}).delivery.received is None
    assert ground.standing(keys={TWO: public(TWO)}).proof is Proof.NO_KEY
    assert ground.standing().proof is Proof.GOOD


@pytest.mark.parametrize("hours", [-48, 48])
def test_a_clock_that_is_wrong_at_the_insurer_moves_nothing_outside_what_can_be(ground, hours):
    ground.add(ONE)
    ground.deliver()
    ground.clock.forward(seconds=600)
    ground.receive(clock=MemoryClock(NOW + hours * HOUR))
    received = ground.standing().delivery.received
    assert received == (NOW if hours < 0 else ground.clock.now())


def test_the_insurer_acknowledges_nothing_that_is_not_whole_ours_and_the_operators(ground):
    ground.add(ONE)
    ground.add(TWO)
    ground.deliver()
    drop = ground.contacts[ONE].drop

    def refused(dossier: Any, **more: Any) -> type[BaseException]:
        with pytest.raises((Refusal, IntegrityBroken)) as caught:
            ground.receiver(**more)(dossier, drop)
        return caught.type

    whole = files(ONE)
    assert refused(MemoryDossier({k: v for k, v in whole.items() if k != MANIFEST})) is Refusal
    assert refused(MemoryDossier(files(TWO))) is Refusal
    assert refused(MemoryDossier(whole | {"members.csv": b"x"})) is IntegrityBroken
    gone = {k: v for k, v in whole.items() if k != "report.json"}
    assert refused(MemoryDossier(gone)) is IntegrityBroken
    assert refused(MemoryDossier(files(ONE, key=OTHER_VAULT))) is IntegrityBroken
    assert refused(MemoryDossier(whole), vault=OTHER_VAULT.verifier) is IntegrityBroken
    assert ground.standing_of(ONE).proof is Proof.NONE
    ground.put_receipt(ONE, NAME_ONE, "somebody else's")
    assert refused(MemoryDossier(whole)) is IntegrityBroken


# Late


@pytest.mark.parametrize(
    ("hours", "then", "words"),
    [
        (0.99, Then.WAIT, "attendre"),
        (1, Then.CALL, "+33 1 99 99 99 24, Gestion SA"),
        (4, Then.CALL_AGAIN, "+33 1 99 99 99 25"),
        (24, Then.LATE, "+33 1 99 99 99 25"),
    ],
)
def test_who_is_silent_is_called_and_called_higher(ground, hours, then, words):
    ground.add(ONE)
    ground.contacts[ONE] = replace(
        ground.contacts[ONE], delegate="Gestion SA", escalation="+33 1 99 99 99 25"
    )
    ground.deliver()
    ground.clock.forward(seconds=hours * 3600)
    standing = ground.standing()
    assert standing.then is then
    assert words in " ".join(whom(standing.then, standing.delivery, standing.contact))


@pytest.mark.parametrize("post", [Post.DOWN, Post.IN_DOUBT])
def test_who_was_not_told_of_a_file_is_called_at_once(ground, post):
    ground.add(ONE)
    ground.mail.answer = post
    ground.deliver()
    assert ground.standing().then is Then.CALL
    ground.mail.answer = Post.SENT
    ground.deliver(again=True)
    assert ground.standing().then is Then.WAIT


def test_what_could_not_be_handed_over_is_late_as_well(ground):
    ground.add(ONE)
    ground.contacts[ONE] = replace(ground.contacts[ONE], drop="/nowhere/at-all")
    assert not ground.outcome()[0].there
    standing = ground.standing()
    assert standing.then is Then.WAIT
    assert "deliver" in whom(standing.then, standing.delivery, standing.contact)[0]
    ground.clock.forward(seconds=3600)
    assert ground.standing().then is Then.CALL


# Entered in the incident


def test_an_insurer_is_told_once_by_its_first_receipt(ground):
    ground.add(ONE, 1)
    ground.add(ONE, 2)
    ground.add(TWO, 1)
    ground.deliver()
    assert not to_enter(ground.follow())
    ground.receive(name=NAME_ONE.replace("-0001", "-0002"))
    ground.clock.forward(seconds=60)
    ground.follow()
    ground.receive()
    (first,) = to_enter(ground.follow())
    assert first.place.number == "0002"
    wanted, words = said_of(first, by="nadia")
    said = (wanted.incident, wanted.clock, wanted.amc, wanted.at, wanted.answer)
    assert said == (INCIDENT, "insurers-33-2", int(ONE), NOW, "done")
    assert words.reference == first.found.digest[:16]
    ground.journal.add(Line(at=NOW, did=Noted.ENTERED, manifest=first.found.digest))
    assert not to_enter(ground.follow()), "its other report is received, and it was told"
    assert HANDLE not in f"{words.text}{words.reference}"


# From the making to the receipt


def test_what_was_made_is_delivered_and_received(disk):
    """Reports of two insurers, as an incident's files are made; one gave a key, the other none."""
    shelf = DossierFolder(disk.folder)
    made = dossiers.Ground(dossiers.in_memory, shelf)
    made.know(1, 2)
    people = {dossiers.who(1): dossiers.facts(), dossiers.who(2, dossiers.TWO): dossiers.facts()}
    made.make(people)
    disk.folder.joinpath(ONE, "0002").mkdir()
    vault = dossiers.KEY.verifier
    sending = DeliverDossiers(
        dossiers=disk.dossiers(),
        contacts=book([*disk.contacts.values()]),
        drop=disk.drop,
        mail=disk.mail,
        journal=disk.journal,
        vault=vault,
        clock=disk.clock,
        sender="dpo@op.example",
    )
    assert {(str(each.place.number), each.hand) for each in sending()} == {
        ("0001", Hand.HANDED),
        ("0002", Hand.NO_MANIFEST),
    }
    for amc, members in ((ONE, "members.sealed"), (TWO, "members.csv")):
        ((name, held),) = disk.left(amc).items()
        assert {*held} == {"report.json", "rapport.pdf", MANIFEST, members}
        assert held[MANIFEST] == disk.folder.joinpath(amc, "0001", MANIFEST).read_bytes()
        disk.receive(amc, name, vault=vault)
    text = "".join(f"{notice.subject}{notice.body}" for notice in disk.mail.sent)
    assert len(disk.mail.sent) == 2
    assert dossiers.handle(1).hex() not in text


# Published vectors

VECTORS = Path(__file__).parents[2] / "specs" / "vectors" / "delivery.json"


def vectors() -> dict[str, Any]:
    """What a reader of the specification needs: keys, a manifest, a name, a receipt."""
    note = files(ONE)[MANIFEST].decode()
    manifest = read_manifest(note, VAULT.verifier)
    return {
        "vault": VAULT.vkey,
        "manifest": note,
        "digest": manifest_digest(VAULT.origin, manifest),
        "name": drop_name(VAULT.origin, manifest),
        "insurer": signer(ONE, public(ONE)).vkey,
        "receipt": sign_receipt(VAULT.origin, manifest, feed_sign(ONE), at=NOW),
    }


def test_published_vectors_are_what_this_makes_and_reads():
    said = json.loads(VECTORS.read_text())
    assert said == vectors()
    vault, insurer = NoteVerifier.parse(said["vault"]), NoteVerifier.parse(said["insurer"])
    manifest = read_manifest(said["manifest"], vault)
    assert proven(said["receipt"], vault.name, manifest, insurer.public) == (Proof.GOOD, NOW)
