"""Dossiers: one for each insurer, its own people, as many as the scope has; both ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from rempart.adapters.dossier_shelf import DossierFolder
from rempart.adapters.memory.dossiers import MemoryDossiers, MemoryDossierShelf
from rempart.adapters.memory.segments import MemoryHandles, MemoryTables
from rempart.adapters.memory.world import MemoryChance, MemoryKeys
from rempart.adapters.segments.dossiers import dossiers_of
from rempart.adapters.segments.tables import FolderTables
from rempart.domain.budget import DAY
from rempart.domain.claim import Use
from rempart.domain.claims_touched import Back, ClaimFacts, Inside
from rempart.domain.contacts import Contacts, contacts_of
from rempart.domain.coverage import Domain
from rempart.domain.disclosure import Fields, Presence
from rempart.domain.errors import (
    IntegrityBroken,
    KeyMissing,
    MalformedRow,
    NotAllowed,
    TemporarilyUnavailable,
)
from rempart.domain.finding import Window
from rempart.domain.insurer import b64
from rempart.domain.ruling import Ruling
from rempart.domain.scope import Facts, Verdict, Who
from rempart.sealing.errors import SealBroken
from rempart.sealing.stream import open_stream
from rempart.usecases.claims_list import ClaimsTouched
from rempart.usecases.daily_table import Sealed, Whose, seal_table
from rempart.usecases.dossier_file import InsurerReport, read_report
from rempart.usecases.dossier_manifest import manifest_digest, read_manifest
from rempart.usecases.dossier_ports import DossierEngine
from rempart.usecases.dossier_sum import read_sum
from rempart.usecases.make_dossiers import CLAIMS, MEMBERS, MakeDossiers, OfCase, earlier
from rempart.usecases.members_list import read_list
from rempart.usecases.name_people import NamePeople
from rempart.usecases.pseudonyms import PERSON, pseudonym
from rempart.usecases.scope_file import InsurerSaid, ScopeFile
from rempart.usecases.scope_list import lines
from rempart.usecases.seal_lists import SealLists
from rempart.usecases.segment_ports import TableShelf
from tests.ledgers import KEY, START

title = "Dossiers of insurers"

ONE, TWO = 99990001, 99990002
PRIVATE = bytes(range(32))
PUBLIC = X25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw()
KINDS = {7: "pharmacy", 8: "optician"}
PERIODS = (2610, 2611)
People = dict[Who, Facts]


def handle(n: int) -> bytes:
    return b"handle" + bytes([n]) * 20


def named(n: int, period: int = 2611) -> bytes:
    return sha256(b"%d %d" % (n, period)).digest()[:16]


def facts(verdict: Verdict = Verdict.BREACHED, **change: object) -> Facts:
    said = {
        "fields": Fields.RIGHTS,
        "domains": 1 << Domain.PHAR,
        "presences": 1 << Presence.LEGACY,
        "accounts": frozenset({7}),
        "first": START + DAY,
        "last": START + DAY + 5,
        "answers": 1,
        "entry": 12,
    }
    return Facts(verdict, **(said | change))


def who(n: int, amc: int = ONE, period: int = 2611) -> Who:
    return Who(period, amc, named(n, period))


def scope_of(people: People, number: int = 1) -> ScopeFile:
    insurers = sorted({each.amc for each in people})

    def count(verdict: Verdict, amc: int | None = None) -> int:
        return sum(
            facts.verdict is verdict and amc in {None, who.amc} for who, facts in people.items()
        )

    parts = (Verdict.BREACHED, Verdict.UNDECIDED, Verdict.CLEARED)
    breached, undecided, cleared = (count(each) for each in parts)
    return ScopeFile(
        number=number,
        finding={},
        finding_digest="",
        checkpoint="signed",
        ranges=(),
        holes=(),
        clears=True,
        people=len(people),
        breached=breached,
        undecided=undecided,
        cleared=cleared,
        insurers=tuple(
            InsurerSaid(f"{amc:08d}", *(count(each, amc) for each in parts)) for amc in insurers
        ),
        attempts=(),
        unopened={},
        canaries={},
        unmet=(),
        list="",
    )


@contextmanager
def in_memory(people: People, before: People) -> Iterator[DossierEngine]:
    yield MemoryDossiers("".join(lines(people)), "".join(lines(before)))


@contextmanager
def by_sql(people: People, before: People) -> Iterator[DossierEngine]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "now.csv").write_text("".join(lines(people)))
        (folder / "before.csv").write_text("".join(lines(before)))
        with dossiers_of(folder / "now.csv", {folder / "before.csv": (ONE, TWO)}, folder) as engine:
            yield engine


CONTACTS = contacts_of(
    {
        "operator": dict.fromkeys(
            ("name", "siren", "address", "dpo", "dpo_email", "dpo_phone", "desk"), "x"
        ),
        "insurer": [{"amc": f"{ONE:08d}", "name": "Une", "key": b64(PUBLIC)}],
    }
)


@dataclass
class Ground:
    """A shelf, an engine, and the reports that were made."""

    engine_of: object
    shelf: MemoryDossierShelf | DossierFolder
    handles: dict[tuple[int, bytes], bytes] = field(default_factory=dict)
    contacts: Contacts = CONTACTS

    def know(self, *numbers: int) -> None:
        for n in numbers:
            self.handles |= {(period, named(n, period)): handle(n) for period in PERIODS}

    def make(
        self,
        people: People,
        *before: People,
        number: int = 1,
        final: bool = False,
        scope: ScopeFile | None = None,
        exercise: bool = False,
        **of_case: Any,
    ) -> dict[int, InsurerReport]:
        scope = scope or scope_of(people, number)
        digest = sha256(scope.to_json().encode()).hexdigest()
        changing = earlier(self.shelf, digest, final=final)
        beside = {
            who: facts
            for each, listed in zip(sorted(changing), before, strict=False)
            for who, facts in listed.items()
            if who.amc in changing[each]
        }
        with self.engine_of(people, beside) as engine:
            for (period, name), told in self.handles.items():
                engine.take(period, [Whose(name, 0, told)])
            make = MakeDossiers(
                engine=engine,
                shelf=self.shelf,
                contacts=self.contacts,
                signer=KEY,
                chance=MemoryChance(b"dossiers %d" % number),
                readable=lambda report: b"%PDF of " + report.amc.encode(),
                now=START + 3 * DAY,
            )
            case = OfCase(
                incident=41,
                exercise=exercise,
                scope=scope,
                digest=digest,
                stolen=START,
                contained=START + 2 * DAY,
                kinds=KINDS,
                beside=changing,
                **of_case,
            )
            return {int(each.amc): each for each in make(case, final=final)}

    def seal(self) -> list[tuple[int, int]]:
        """Seal what lies in clear and need not: of which insurers and reports."""
        chance, sealed = MemoryChance(b"sealing"), list[tuple[int, int]]()
        seal = SealLists(shelf=self.shelf, contacts=self.contacts, signer=KEY, chance=chance)
        seal(lambda amc, number: sealed.append((amc, number)))
        return sealed

    def read(self, amc: int, number: int, name: str) -> bytes:
        if isinstance(self.shelf, DossierFolder):
            return (self.shelf.of(amc, number) / name).read_bytes()
        return self.shelf.files[amc, number, name]

    def note(self, amc: int, number: int) -> str:
        if isinstance(self.shelf, DossierFolder):
            return (self.shelf.of(amc, number) / "manifest.note").read_text()
        return self.shelf.notes[amc, number]

    def claims(self, amc: int, number: int = 1) -> list[str]:
        if amc == ONE:
            sealed = BytesIO(self.read(amc, number, "claims.sealed")).read
            text = b"".join(open_stream(sealed, private=PRIVATE, purpose=CLAIMS))
        else:
            text = self.read(amc, number, "claims.csv")
        return text.decode().splitlines()[1:]

    def members(self, amc: int, number: int = 1) -> list[str]:
        return self.lines(amc, number)[1:]

    def lines(self, amc: int, number: int = 1) -> list[str]:
        if self.shelf.has(amc, number, "members.sealed"):
            sealed = BytesIO(self.read(amc, number, "members.sealed")).read
            text = b"".join(open_stream(sealed, private=PRIVATE, purpose=MEMBERS))
        else:
            text = self.read(amc, number, "members.csv")
        return text.decode().splitlines()


@pytest.fixture(params=["memory", "folder and SQL"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    if request.param == "memory":
        return Ground(in_memory, MemoryDossierShelf())
    return Ground(by_sql, DossierFolder(tmp_path / "dossiers"))


# What an insurer gets


def test_each_insurer_gets_its_own_people_and_no_other(ground):
    ground.know(1, 2, 3)
    reports = ground.make({who(1): facts(), who(2, TWO): facts(), who(3, TWO): facts()})
    assert {amc: each.breached.people for amc, each in reports.items()} == {ONE: 1, TWO: 2}
    assert [line.split(";")[1] for line in ground.members(ONE)] == [handle(1).hex()]
    assert {line.split(";")[1] for line in ground.members(TWO)} == {
        handle(2).hex(),
        handle(3).hex(),
    }


def test_its_list_says_what_was_read_of_each(ground):
    ground.know(1)
    ground.make({who(1): facts(accounts=frozenset({8, 7}), answers=3)})
    first, last = START + DAY, START + DAY + 5
    assert ground.members(ONE) == [
        f"breached;{handle(1).hex()};IN_FORCE+UNTIL+MODE;PHAR;LEGACY;2;optician+pharmacy;"
        f"{first};{last};3;12"
    ]


def test_who_was_read_in_two_months_is_one_person_in_the_worse_part(ground):
    ground.know(1)
    doubt = facts(Verdict.UNDECIDED, domains=1 << Domain.OPTI, entry=3, first=START)
    (report,) = ground.make({who(1): facts(), who(1, period=2610): doubt}).values()
    assert (report.breached.people, report.undecided.people) == (1, 0)
    assert report.breached.domains == {"PHAR": 1}
    assert len(ground.members(ONE)) == 1


def test_two_months_of_one_verdict_are_joined(ground):
    ground.know(1)
    other = facts(accounts=frozenset({8}), domains=1 << Domain.OPTI, first=START, entry=3)
    (report,) = ground.make({who(1): facts(), who(1, period=2610): other}).values()
    assert report.breached.answers == 2
    assert report.kinds == {"optician": 1, "pharmacy": 1}
    cells = ground.members(ONE)[0].split(";")
    assert cells[3:8] == ["PHAR+OPTI", "LEGACY", "2", "optician+pharmacy", str(START)]


def test_whom_no_table_knows_is_counted_and_not_named(ground):
    ground.know(1)
    (report,) = ground.make({who(1): facts(), who(9): facts()}).values()
    assert (report.breached.people, report.breached.unnamed) == (1, 1)
    assert report.breached.fields["MODE"] == 2
    assert len(ground.members(ONE)) == 1


def test_who_is_cleared_is_in_no_list(ground):
    ground.know(1, 2)
    (report,) = ground.make({who(1): facts(), who(2): facts(Verdict.CLEARED)}).values()
    assert report.cleared == 1
    assert len(ground.members(ONE)) == 1
    assert ground.make({who(2): facts(Verdict.CLEARED)}, number=2)[ONE].breached.people == 0


def test_the_vault_signs_every_file_of_it_last(ground):
    ground.know(1)
    report = ground.make({who(1): facts()})[ONE]
    said = read_manifest(ground.note(ONE, 1), KEY.verifier)
    assert (said.amc, said.number, said.incident) == ("99990001", 1, 41)
    assert said.files == {
        name: sha256(ground.read(ONE, 1, name)).hexdigest()
        for name in ("report.json", "rapport.pdf", "members.sealed")
    }
    clear = BytesIO(ground.read(ONE, 1, "members.sealed")).read
    text = b"".join(open_stream(clear, private=PRIVATE, purpose=MEMBERS))
    assert report.members == sha256(text).hexdigest()
    with pytest.raises(IntegrityBroken, match="not signed"):
        read_manifest(ground.note(ONE, 1).replace("99990001", "99990002"), KEY.verifier)


def test_an_insurer_that_gave_no_key_and_no_contact_has_its_list_in_clear(ground):
    ground.know(2)
    report = ground.make({who(2, TWO): facts()})[TWO]
    assert report.name == ""
    assert report.members == sha256(ground.read(TWO, 1, "members.csv")).hexdigest()


# Claims, and by which door


def claim(number: int, amc: int | None = ONE, verdict=Verdict.UNDECIDED, **said: Any) -> ClaimFacts:
    inside = Inside(
        amc=amc or 0,
        care=date(2026, 11, 3),
        domains=1 << Domain.PHAR,
        rests="answer",
        entry=12,
        asked=40_00,
    )
    whole = {
        "account": 7,
        "use": Use.CLAIM,
        "sent": True,
        "told": 1,
        "shown": Back.KEPT | Back.OWED,
        "late": False,
        "first": START + DAY,
        "last": START + DAY + 5,
        "ruling": Ruling.HONOURED,
        "rule": "",
        "owed": 30_00,
    }
    return ClaimFacts(
        number=number, verdict=verdict, inside=inside if amc else None, **(whole | said)
    )


def touched(*claims: ClaimFacts, exercise: bool = False) -> ClaimsTouched:
    return ClaimsTouched(claims=claims, kinds=KINDS, exercise=exercise)


def test_each_insurer_gets_its_own_claims_and_no_other(ground):
    ground.know(1)
    claims = touched(claim(4), claim(5, TWO), claim(6, TWO, Verdict.BREACHED), claim(7, None))
    reports = ground.make({who(1): facts()}, claims=claims)
    assert {amc: each.claims.touched for amc, each in reports.items()} == {ONE: 1, TWO: 2}
    assert [line.split(";")[1] for line in ground.claims(ONE)] == ["4"]
    assert [line.split(";")[1] for line in ground.claims(TWO)] == ["6", "5"], "the worst first"
    assert {each.claims_unopened for each in reports.values()} == {1}, "whose, nobody knows"
    told = reports[TWO].claims
    assert (told.breached, told.undecided, told.sent, told.told) == (1, 1, 2, 2)
    assert (told.asked, told.owed, told.shown["OWED"]) == (80_00, 60_00, 2)


def test_an_insurer_of_whom_claims_alone_were_touched_is_told_as_well(ground):
    report = ground.make({}, claims=touched(claim(5, TWO)))[TWO]
    assert (report.breached.people, report.undecided.people, report.claims.undecided) == (0, 0, 1)
    assert ground.members(TWO) == []
    assert read_manifest(ground.note(TWO, 1), KEY.verifier).files.keys() == {
        *("report.json", "rapport.pdf", "members.csv", "claims.csv"),
    }


def test_an_insurer_of_whom_claims_are_cleared_is_told_nothing(ground):
    assert ground.make({}, claims=touched(claim(5, TWO, Verdict.CLEARED))) == {}


def test_what_was_told_of_claims_is_not_taken_back_for_want_of_a_key(ground):
    """Run again where the judge's key is not: no insurer reads that none was touched."""
    claims = touched(claim(4), claim(5, TWO))
    ground.make({}, claims=claims)
    blind = touched(claim(4, None), claim(5, None))
    with pytest.raises(KeyMissing, match=r"billing\.keyring"):
        ground.make({}, claims=blind)
    assert ground.make({}, claims=claims)[ONE].number == 1, "nothing was made meanwhile"


def test_the_list_of_claims_is_the_one_that_its_report_names(ground):
    report = ground.make({}, claims=touched(claim(4)))[ONE]
    sealed = BytesIO(ground.read(ONE, 1, "claims.sealed")).read
    text = b"".join(open_stream(sealed, private=PRIVATE, purpose=CLAIMS))
    assert report.claims.list == sha256(text).hexdigest()
    again = BytesIO(ground.read(ONE, 1, "claims.sealed")).read
    with pytest.raises(SealBroken):
        [*open_stream(again, private=PRIVATE, purpose=MEMBERS)]


def test_more_claims_are_a_complement_and_their_rulings_are_none(ground):
    ground.know(1)
    people = {who(1): facts()}
    first = ground.make(people, claims=touched(claim(4, ruling=None, owed=0)))[ONE]
    ruled = ground.make(people, claims=touched(claim(4, owed=40_00)))[ONE]
    assert ruled == first
    more = ground.make(people, claims=touched(claim(4), claim(5)))[ONE]
    assert (more.number, more.phase, more.claims.undecided) == (2, "complement", 2)
    assert more.change.before == sha256(first.to_json()).hexdigest()
    moved = structs.asdict(more.change)
    assert {*moved.values()} == {moved["before"], 0}, "nobody moved"
    none = ground.make(people, claims=touched())[ONE]
    assert (none.number, none.claims.touched) == (3, 0)


def test_claims_that_the_dossiers_do_not_add_up_to_are_an_error(ground):
    class Losing(ClaimsTouched):
        @property
        def insurers(self):
            return []

    with pytest.raises(IntegrityBroken, match="claims"):
        ground.make({}, claims=Losing(claims=[claim(4)], kinds=KINDS))


def test_where_nobody_looked_at_claims_the_report_says_nothing_of_them(ground):
    ground.know(1)
    assert ground.make({who(1): facts()})[ONE].claims is None


def test_a_report_says_by_which_door_its_people_were_read(ground):
    ground.know(1, 2, 3)
    people = {
        who(1): facts(accounts=frozenset({7})),
        who(2): facts(accounts=frozenset({7, 8})),
        who(3, TWO): facts(accounts=frozenset({9})),
    }
    doors, window = {7: "account", 8: "software"}, Window(START, START + DAY)
    reports = ground.make(
        people, doors=doors, gateway=(window,), claims=touched(claim(4, TWO, account=8))
    )
    assert reports[ONE].doors == {"account": 1, "software": 1}
    assert reports[TWO].doors == {"software": 1, "gateway": 1}, "its claims count as well"
    assert reports[TWO].gateway == ((START, START + DAY),)


def test_another_door_is_told_again_though_nobody_moved(ground):
    """It was held to be an account, and was the gateway: the same people, in the same hours."""
    ground.know(1)
    people = {who(1): facts(accounts=frozenset({7}))}
    first = ground.make(people, doors={7: "account"})
    assert first[ONE].doors == {"account": 1}
    window = Window(START, START + DAY)
    again = ground.make(people, people, number=2, gateway=(window,))
    assert (again[ONE].number, again[ONE].doors) == (2, {"gateway": 1})


def test_every_line_of_an_exercise_says_so_sealed_or_clear(ground):
    ground.know(1, 2)
    people = {who(1): facts(), who(2, TWO): facts()}
    ground.make(people, exercise=True, claims=touched(claim(4), claim(5, TWO), exercise=True))
    for amc in (ONE, TWO):
        assert all(each.endswith(";EXERCICE") for each in ground.claims(amc))
        (line,) = ground.members(amc)
        assert line.endswith(";EXERCICE")
        assert [*read_list(ground.lines(amc), whole=True, exercise=True)]
        with pytest.raises(MalformedRow, match="header"):
            [*read_list(ground.lines(amc), whole=True)]


# Again


def test_the_same_scope_makes_nothing_again(ground):
    ground.know(1)
    people = {who(1): facts()}
    first = ground.make(people)
    assert ground.make(people) == first


def test_a_later_checkpoint_alone_tells_nobody_anything_again(ground):
    ground.know(1, 2)
    people = {who(1): facts()}
    first = ground.make(people)
    assert ground.make(people, people, number=2) == first
    more = ground.make(people | {who(2, TWO): facts()}, people, number=2)
    assert (more[ONE], more[TWO].number) == (first[ONE], 1)


def test_a_report_that_stood_while_scopes_went_on_stands_again(ground):
    ground.know(1, 2, 3)
    first = {who(1): facts(), who(2, TWO): facts()}
    second = first | {who(3, TWO): facts()}
    one = ground.make(first)[ONE]
    two = ground.make(second, first, number=2)[TWO]
    assert two.change.breached_new == 1
    third = ground.make(second, first, second, number=3)
    assert (third[ONE], third[TWO]) == (one, two)
    fourth = ground.make(second | {who(3): facts()}, first, second, number=4)
    assert (fourth[ONE].change.breached_new, fourth[TWO]) == (1, two)


def test_which_reports_stand_for_a_scope_is_kept_and_they_are_its_sum(ground):
    ground.know(1, 2, 3)
    people = {who(1): facts(), who(1, period=2610): facts(), who(2, TWO): facts()}
    first = ground.make(people)
    said = read_sum(ground.shelf.sum())
    assert {amc: each.pseudonyms for amc, each in said.insurers.items()} == {
        f"{ONE}": 2,
        f"{TWO}": 1,
    }
    assert said.is_of(scope_of(people, 9)), "at a later checkpoint as well"
    more = people | {who(3, TWO): facts()}
    with pytest.raises(IntegrityBroken, match="do not add up"):
        said.check(scope_of(more))
    reports = ground.make(more, people, number=2)
    said = read_sum(ground.shelf.sum())
    said.check(scope_of(more))
    assert {amc: each.number for amc, each in said.insurers.items()} == {f"{ONE}": 1, f"{TWO}": 2}
    for amc, report in (first | reports).items():
        assert said.insurers[f"{amc}"].report == sha256(report.to_json()).hexdigest()
    with pytest.raises(IntegrityBroken, match="make them again"):
        read_sum(b"{}")


def test_another_account_is_told_where_the_people_are_the_same(ground):
    ground.know(1)
    first = {who(1): facts()}
    ground.make(first)
    both = {who(1): facts(accounts=frozenset({7, 8}))}
    report = ground.make(both, first, number=2)[ONE]
    assert (report.number, report.accounts) == (2, 2)
    assert report.change.breached_new == 0


def test_an_insurer_that_came_into_the_book_since_has_its_list_sealed_and_is_not_told_again(ground):
    ground.know(1)
    people = {who(1): facts()}
    ground.contacts = Contacts(CONTACTS.operator, {})
    assert ground.make(people)[ONE].name == ""
    assert ground.read(ONE, 1, "members.csv")
    ground.contacts = CONTACTS
    assert ground.seal() == [(ONE, 1)]
    assert ground.make(people, people, number=2)[ONE].number == 1, "the same, under its key"
    assert len(ground.members(ONE)) == 1


def test_another_scope_makes_a_complement_that_says_what_changed(ground):
    ground.know(1, 2, 3)
    before = {who(1): facts(), who(2): facts(), who(3): facts(Verdict.UNDECIDED)}
    first = ground.make(before)[ONE]
    now = {who(1): facts(), who(2): facts(Verdict.CLEARED), who(3): facts()}
    report = ground.make(now, before, number=2)[ONE]
    assert (report.number, report.phase) == (2, "complement")
    change = report.change
    assert change.before == sha256(first.to_json()).hexdigest()
    assert (change.breached_new, change.breached_gone) == (1, 1)
    assert (change.undecided_new, change.undecided_gone) == (0, 1)


def test_whom_nobody_is_left_of_is_told_so(ground):
    ground.know(1, 2)
    before = {who(1): facts(), who(2, TWO): facts()}
    ground.make(before)
    reports = ground.make({who(2, TWO): facts()}, before, number=2)
    assert reports[ONE].breached.people == 0
    assert reports[ONE].change.breached_gone == 1
    assert ground.members(ONE, 2) == []


def test_the_last_one_says_so_once(ground):
    ground.know(1)
    people = {who(1): facts()}
    ground.make(people)
    final = ground.make(people, people, final=True)[ONE]
    assert (final.phase, final.number) == ("final", 2)
    assert ground.make(people, people, final=True)[ONE] == final


# A key that comes later

LATER = replace(CONTACTS.insurers[ONE], key=b"")


def without_a_key(ground: Ground) -> InsurerReport:
    """Two reports whose lists lie in clear; the first one."""
    ground.know(1, 2)
    ground.contacts = Contacts(CONTACTS.operator, {ONE: LATER})
    one = {who(1): facts()}
    first = ground.make(one)[ONE]
    ground.make(one | {who(2): facts()}, one, number=2)
    return first


def test_lists_that_lie_in_clear_are_sealed_once_their_insurer_has_given_a_key(ground):
    first = without_a_key(ground)
    clear = ground.read(ONE, 1, "members.csv")
    old = read_manifest(ground.note(ONE, 1), KEY.verifier)
    assert ground.seal() == [], "nobody has given one yet"
    ground.contacts = CONTACTS
    assert ground.seal() == [(ONE, 1), (ONE, 2)]
    assert ground.seal() == []
    for number in (1, 2):
        assert not ground.shelf.has(ONE, number, "members.csv")
        assert len(ground.members(ONE, number)) == number
    said = read_manifest(ground.note(ONE, 1), KEY.verifier)
    assert "\n".join([*ground.lines(ONE), ""]).encode() == clear
    assert said.before == manifest_digest(KEY.origin, old)
    assert said.files == {
        name: sha256(ground.read(ONE, 1, name)).hexdigest()
        for name in ("report.json", "rapport.pdf", "members.sealed")
    }
    assert read_report(ground.read(ONE, 1, "report.json")) == first
    people = {who(1): facts(), who(2): facts()}
    assert ground.make(people, people, number=3)[ONE].number == 2, "nobody is told again"


def test_a_list_of_claims_is_sealed_as_well(ground):
    ground.contacts = Contacts(CONTACTS.operator, {ONE: LATER})
    ground.make({}, claims=touched(claim(4)))
    clear = ground.read(ONE, 1, "claims.csv")
    ground.contacts = CONTACTS
    assert ground.seal() == [(ONE, 1)]
    assert not ground.shelf.has(ONE, 1, "claims.csv")
    said = read_manifest(ground.note(ONE, 1), KEY.verifier)
    assert said.files.keys() >= {"claims.sealed", "members.sealed"}
    assert ground.claims(ONE) == clear.decode().splitlines()[1:]


@pytest.mark.parametrize("step", ["put", "close", "forget"])
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_list_is_never_half_sealed(ground, monkeypatch, step, done):
    """The machine is switched off before a step, or once it is done: what the manifest names is
    there, and the same again goes on.
    """
    without_a_key(ground)
    ground.contacts, whole = CONTACTS, getattr(type(ground.shelf), step)

    def stop(self: object, *given: object) -> object:
        if done:
            whole(self, *given)
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(type(ground.shelf), step, stop)
        with pytest.raises(Stopped):
            ground.seal()
    for number in (1, 2):
        said = read_manifest(ground.note(ONE, number), KEY.verifier)
        for name, digest in said.files.items():
            assert sha256(ground.read(ONE, number, name)).hexdigest() == digest
    left = [(ONE, 2)] if (step, done) == ("forget", True) else [(ONE, 1), (ONE, 2)]
    assert ground.seal() == left
    assert len(ground.members(ONE, 1)) == 1
    assert not ground.shelf.has(ONE, 1, "members.csv")


def test_a_list_that_was_altered_is_not_sealed(ground):
    without_a_key(ground)
    ground.contacts = CONTACTS
    clear = ground.read(ONE, 1, "members.csv")
    ground.shelf.put(ONE, 1, "members.csv", [clear.replace(b"breached", b"undecided")])
    with pytest.raises(IntegrityBroken, match=r"members\.csv is not the file"):
        ground.seal()
    assert "members.csv" in read_manifest(ground.note(ONE, 1), KEY.verifier).files


# What goes wrong


class Stopped(Exception):
    """The machine was switched off."""


def test_a_run_that_stops_anywhere_is_taken_up_and_no_half_is_taken_for_whole(ground, monkeypatch):
    ground.know(1, 2)
    people = {who(1): facts(), who(2, TWO): facts()}
    put, left = type(ground.shelf).put, 0

    def stop(self: object, *given: object) -> str:
        nonlocal left
        left -= 1
        if left < 0:
            raise Stopped
        return put(self, *given)

    # Each dossier is three files: after none, one or two of the second the first one stands.
    for steps, whole in ((0, []), (1, []), (2, []), (3, [ONE]), (0, [ONE]), (2, [ONE])):
        left = steps
        with monkeypatch.context() as patch:
            patch.setattr(type(ground.shelf), "put", stop)
            with pytest.raises(Stopped):
                ground.make(people)
        assert list(ground.shelf.insurers()) == whole
    assert {each.number for each in ground.make(people).values()} == {1}
    assert len(ground.members(TWO)) == 1


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    shelf = DossierFolder(tmp_path)

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    shelf.begin(ONE, 1)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TemporarilyUnavailable, match="it goes on"):
        shelf.put(ONE, 1, "report.json", [b"x"])


def test_dossiers_that_do_not_add_up_are_refused(ground):
    ground.know(1)
    people = {who(1): facts()}
    whole = scope_of(people | {who(2): facts()})
    with pytest.raises(IntegrityBroken, match="not those of the scope"):
        ground.make(people, scope=whole)


# Both ways say the same

handles_known = st.sets(st.integers(1, 6))
verdicts = st.sampled_from([*Verdict])


@st.composite
def many(draw: st.DrawFn) -> People:
    keys = st.tuples(st.integers(1, 6), st.sampled_from(PERIODS))
    drawn = draw(st.dictionaries(keys, verdicts, max_size=12))
    return {
        who(n, ONE if n < 4 else TWO, period): facts(
            verdict,
            accounts=draw(st.frozensets(st.sampled_from([7, 8, 9]), min_size=1)),
            fields=draw(st.sampled_from([Fields.NONE, Fields.IN_FORCE, Fields.RIGHTS])),
            domains=draw(st.sampled_from([1, 6])),
            first=(first := draw(st.integers(START, START + 3 * DAY))),
            last=first + draw(st.integers(0, DAY)),
            answers=draw(st.integers(1, 5)),
            entry=draw(st.integers(0, 99)),
        )
        for (n, period), verdict in drawn.items()
    }


@settings(max_examples=12)
@given(many(), many(), handles_known)
def test_both_engines_agree_on_any_list(people, before, known):
    said = []
    for engine_of in (in_memory, by_sql):
        with engine_of(people, before) as engine:
            for n in known:
                for period in PERIODS:
                    engine.take(period, [Whose(named(n, period), 0, handle(n))] * 2)
            days = [(each, dict(engine.people(each))) for each in engine.days()]
            counted = engine.counted(KINDS, {ONE: "before"})
            lists = [b"".join(engine.members(amc)) for amc in (ONE, TWO)]
            said.append((days, [*counted], lists))
    assert said[0] == said[1]


# Whose the pseudonyms are


@dataclass
class Names:
    """A vault that gives shares, what lies in folders, and what was asked in which order."""

    asked: list[str] = field(default_factory=list)
    tables: TableShelf = field(default_factory=MemoryTables)

    def share(self, day: str) -> bytes:
        self.asked.append(day)
        return b"share of " + day.encode()

    def name(self, people: People, private: bytes | None = PRIVATE) -> Mapping:
        keys = MemoryKeys()
        keys.put("pseudonym/2611", b"k" * 32)
        with in_memory(people, {}) as engine:
            source = MemoryHandles({ONE: [handle(n) for n in range(5)]})
            NamePeople(self.tables, source, keys, self.share, private)(engine)
            return engine.handles


DAY_NAME = "2026-10-02"


def of_month(n: int) -> Who:
    return Who(2611, ONE, pseudonym(b"k" * 32, PERSON, handle(n)))


def test_a_day_without_a_table_is_named_by_trying_once_it_is_written_down():
    names = Names()
    told = names.name({of_month(3): facts(), of_month(9): facts()})
    assert told == {(2611, of_month(3).person): handle(3)}
    assert len(names.asked) == 1


def test_a_closed_day_is_named_by_its_table_with_the_incident_key():
    names = Names()
    names.name({who(1): facts()})
    day = names.asked.pop()
    under = Sealed(PUBLIC, b"e" * 32, names.share(day))
    rows = [Whose(named(1), ONE, handle(1))]
    names.tables.put(day, seal_table(day, rows, under))
    assert names.name({who(1): facts()}) == {(2611, named(1)): handle(1)}
    with pytest.raises(KeyMissing, match="incident key"):
        names.name({who(1): facts()}, private=None)
    with pytest.raises(IntegrityBroken, match="does not open"):
        names.name({who(1): facts()}, private=b"x" * 32)


def test_a_table_that_cannot_be_read_is_not_passed_over(tmp_path):
    """Whoever was erased since stands in it alone."""
    names = Names(tables=FolderTables(tmp_path))
    names.name({who(1): facts()})
    (tmp_path / f"{names.asked[0]}.sealed").mkdir()
    with pytest.raises(KeyMissing, match="can read"):
        names.name({who(1): facts()})


def test_nobody_is_named_where_the_vault_says_no():
    class Refusing(Names):
        def share(self, day: str) -> bytes:
            raise NotAllowed("this takes two")

    with pytest.raises(NotAllowed):
        Refusing().name({of_month(3): facts()})
