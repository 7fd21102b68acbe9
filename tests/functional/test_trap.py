"""Nothing that a patient brought, or that an insurer knows, is printed anywhere.

On a whole installation, every way of asking and of failing is tried with the test people's own
data; then everything that was written, said or stored is searched.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx2
import psycopg
import pytest

from rempart.api.question import read_question
from rempart.domain.disclosure import EntryType, Outcome, decode
from rempart.domain.errors import RempartError
from rempart.domain.identifiers import (
    NIR,
    BirthDate,
    BirthRank,
    InsurerReference,
    MemberNumber,
    MemberNumberRule,
    PrintedKey,
)
from rempart.domain.memberfile import Rejected, read_members
from rempart.domain.site import SiteKind
from rempart.drill.cases import printed
from rempart.drill.insurers import THREE
from rempart.drill.people import Person
from rempart.sealing.locks import declared_secret, legacy_secret
from rempart.usecases.card_codes import read_card
from rempart.usecases.insurer_rules import InsurerRules
from rempart.usecases.messages import Ask, CardShown, Typed
from rempart.usecases.ports import Insurer
from tests.functional.every_way import (
    BAD_ROWS,
    TODAY,
    Caller,
    Evidence,
    Somebody,
    ask_badly,
    ask_until_frozen,
    ask_well,
    command_lines,
    knock_at_the_vault,
    knock_badly,
    member_file,
    request_of,
)
from tests.functional.stage import SmallStage
from tests.pdf_text import everything
from tests.trap import Trap, as_json, rows_of, trap_for

title = "The trap"

RULES = {insurer.amc: insurer.rule for insurer in THREE}


@pytest.fixture(scope="module")
def somebody(stage: SmallStage) -> list[Somebody]:
    """The waiting room: those with a code first."""

    def key(held: dict[str, str]) -> tuple[str, ...]:
        return held["member_number"], held["birth_date"], held["birth_rank"]

    rows = {(amc, *key(row)): row for amc in RULES for row in rows_of(member_file(stage, amc))}
    found = [Somebody(person, rows[person["amc"], *key(person)]) for person in stage.people]
    return sorted(found, key=lambda person: not person.shown["code"])


def secrets_of(stage: SmallStage) -> Iterator[bytes]:
    """The secret of every lock that somebody in the waiting room can open."""
    rules = InsurerRules(
        {
            int(amc): Insurer(
                amc=int(amc), bundle=stage.insurer(amc).bundle().to_json(), sandbox=True
            )
            for amc in RULES
        },
        sandbox=True,
    )
    for person in stage.people:
        number = MemberNumber.parse(person["member_number"], RULES[person["amc"]]).value
        born = BirthDate.parse(person["birth_date"]).value
        things = [text.encode() for text in (person["amc"], number, born, person["birth_rank"])]
        yield legacy_secret(*things)
        if person["code"]:
            yield declared_secret(*things, person["printed_key"].encode())
            yield read_card(person["code"], keys=rules.card_key, on=None).secret


@pytest.fixture(scope="module")
def trap(stage: SmallStage) -> Trap:
    return trap_for(
        [(member_file(stage, amc), rule) for amc, rule in RULES.items()],
        stage.people,
        secrets_of(stage),
        today=TODAY,
    )


@pytest.fixture(scope="module")
def evidence(
    stage: SmallStage, somebody: list[Somebody], tmp_path_factory: pytest.TempPathFactory
) -> Evidence:
    """Everything is tried, once."""
    kept = Evidence()
    with stage.software(SiteKind.PHARMACY, seals=False) as software:
        software.sign_in()
        caller = Caller(stage, kept, software._http, software.token or "")
        ask_well(caller, somebody, stage)
        ask_badly(caller, somebody[0])
        ask_until_frozen(stage, caller.evidence, somebody[0])
        knock_badly(caller, somebody[1])
        knock_at_the_vault(stage, kept, somebody[2], caller.token)
        folder = tmp_path_factory.mktemp("trap")
        command_lines(stage, kept, folder, somebody)
        for path in folder.rglob("*"):
            kept.files.setdefault(f"name of {path.suffix}", b"")
            kept.files[f"name of {path.suffix}"] += str(path.relative_to(folder)).encode() + b"\n"
    return kept


# What was written


def logs(stage: SmallStage) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in (stage.home / "logs").iterdir()}
    with psycopg.connect(stage.admin) as admin:
        row = admin.execute("SHOW data_directory").fetchone()
    assert row is not None
    return {**found, "postgresql": (Path(row[0]) / "server.log").read_bytes()}


OF_PEOPLE = ("insurers", "country", "postgres")
"""Folders whose files are about people, or searched as tables."""


def files(stage: SmallStage) -> Iterator[tuple[str, bytes]]:
    """Every file of the installation that is not about people."""
    for folder, names, found in os.walk(stage.home):
        if Path(folder) == stage.home:
            names[:] = [name for name in names if name not in OF_PEOPLE]
        for name in found:
            path = Path(folder, name)
            if path.is_file() and path != stage.stage.patients:
                data = path.read_bytes()
                said = everything(data) if path.suffix == ".pdf" else data
                yield str(path.relative_to(stage.home)), said


def file_names(stage: SmallStage) -> bytes:
    return "\n".join(
        str(Path(folder, name).relative_to(stage.home))
        for folder, names, found in os.walk(stage.home)
        for name in (*names, *found)
    ).encode()


NOT_THE_CATALOGUES = "NOT IN ('pg_catalog', 'information_schema')"
TABLES = f"""
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname {NOT_THE_CATALOGUES}
    UNION ALL VALUES ('pg_catalog.pg_stat_activity'), ('pg_catalog.pg_largeobject'),
        ('pg_catalog.pg_stats'), ('pg_catalog.pg_description')
"""


def raw(value: object) -> bytes:
    """A value as it is stored: bytes as they are, the rest as text."""
    match value:
        case bytes():
            return value
        case list():
            return b"\n".join(raw(one) for one in value)
        case _:
            return str(value).encode()


def tables(stage: SmallStage, *, only: str | None = None) -> dict[str, bytes]:
    """Each table that there is, every value of every row: nothing is left in hexadecimal."""
    with psycopg.connect(stage.admin) as admin:
        names = [name for (name,) in admin.execute(TABLES).fetchall()]
        # The catalogue's own statistics are digits by the thousand, and of nobody.
        ours = {
            "pg_catalog.pg_stats": " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        }
        admin.execute("ANALYZE")
        return {
            name: b"\n".join(
                raw(v)
                for row in admin.execute(f"SELECT * FROM {name}{ours.get(name, '')}")
                for v in row
            )
            for name in names
            if only in {None, name}
        }


def caught(trap: Trap, places: dict[str, bytes]) -> dict[str, set[str]]:
    """Where something was found, and of which kind; never what."""
    found = {place: trap.found_in(data) for place, data in places.items()}
    return {place: kinds for place, kinds in found.items() if kinds}


@pytest.mark.usefixtures("evidence")
class TestNothingIsPrinted:
    def test_in_no_line_of_a_log(self, stage, trap):
        assert caught(trap, logs(stage)) == {}

    def test_in_no_file_and_no_name_of_one(self, stage, trap):
        assert caught(trap, {"names": file_names(stage)}) == {}
        assert caught(trap, dict(files(stage))) == {}

    def test_in_no_table(self, stage, trap):
        assert caught(trap, tables(stage)) == {}

    def test_in_no_error_over_http(self, evidence, trap):
        assert caught(trap, {"bodies": b"\n".join(evidence.bodies)}) == {}

    def test_in_nothing_that_a_command_says(self, evidence, trap):
        said = {f"{n}: {words}": text.encode() for n, (words, text) in enumerate(evidence.commands)}
        assert caught(trap, said) == {}

    def test_in_no_export_no_proof_and_no_list_of_rejects(self, evidence, trap):
        assert {"entries.bin", "details.bin", "rejects.csv", "proof.json"} <= set(evidence.files)
        assert caught(trap, evidence.files) == {}


def test_everything_was_really_tried(stage, evidence, somebody):
    """A trap that nobody walked into has caught nothing."""
    assert set(evidence.outcomes) >= {
        *("read-the-card", "card-refused", "forbidden-domain", "forbidden-date", "key-reused"),
        *("malformed", "not-signed-in", "unreadable", "not-json", "too-long", "no-such-page"),
        *("no-such-method", "over-budget", "narrowed", "sign-in refused (unauthorized_client)"),
    }
    assert evidence.statuses[200] >= 12
    assert evidence.statuses[400] >= 5
    assert not evidence.statuses[500]
    with psycopg.connect(stage.admin) as admin:
        entries = [decode(body) for (body,) in admin.execute("SELECT body FROM ledger.entry")]
    questions = {(e.outcome, int(e.presence)) for e in entries if e.type is EntryType.QUESTION}
    assert questions >= {(Outcome.OPENED, presence) for presence in (1, 2, 3, 4)}
    assert {outcome for outcome, _ in questions} >= {
        *(Outcome.MISSED, Outcome.FORBIDDEN, Outcome.OVER_BUDGET, Outcome.CARD_REFUSED),
        *(Outcome.KEY_REUSED, Outcome.MALFORMED, Outcome.NARROWED, Outcome.FROZEN),
    }
    lines = logs(stage)["gateway.log"].splitlines()
    assert len(lines) > len(evidence.bodies)
    rejected = evidence.files["rejects.csv"].splitlines()
    assert len(rejected) > len(BAD_ROWS)
    assert any(person.shown["code"] == "" for person in somebody)


# A trap that catches


def test_a_leak_is_seen_in_a_log_in_a_file_and_in_the_name_of_one(stage, trap, somebody, evidence):
    """Each kind of thing is planted in each place that is searched."""
    person = somebody[4]
    folder = stage.home / "logs" / f"{person.nir}.d"
    planted = folder / "planted.log"
    log = stage.home / "logs" / "gateway.log"
    before = log.read_bytes()
    folder.mkdir()
    try:
        for text in person.said:
            kinds = trap.found_in(text.encode())
            assert kinds
            planted.write_text(f'{{"event":"request","value":"{text}"}}\n')
            assert kinds <= caught(trap, dict(files(stage)))[str(planted.relative_to(stage.home))]
        assert "nir" in caught(trap, {"names": file_names(stage)})["names"]
        planted.unlink()
        log.write_bytes(before + f"ValueError: '{person.name}'\n".encode())
        folder.rmdir()
        assert caught(trap, logs(stage)) == {"gateway.log": {"name"}}
    finally:
        log.write_bytes(before)
        if folder.exists():
            shutil.rmtree(folder)


PLANTED = "public.planted"


def test_a_leak_is_seen_in_a_table_as_text_and_as_bytes(stage, trap, somebody):
    with psycopg.connect(stage.admin, autocommit=True) as admin:
        admin.execute("CREATE TABLE public.planted (id integer, body bytea, said jsonb)")
        try:
            for text in somebody[4].said:
                for column, value in (("body", text.encode()), ("said", as_json([text]).decode())):
                    admin.execute("TRUNCATE public.planted")
                    admin.execute(f"INSERT INTO public.planted ({column}) VALUES (%s)", [value])
                    found = caught(trap, tables(stage, only=PLANTED))
                    assert found[PLANTED] >= trap.found_in(text.encode())
            admin.execute("TRUNCATE public.planted")
            secret = next(iter(trap.secrets))
            admin.execute("INSERT INTO public.planted (body) VALUES (%s)", [secret])
            assert caught(trap, tables(stage)) == {PLANTED: {"secret"}}
        finally:
            admin.execute("DROP TABLE public.planted")


# What stands in memory


def test_no_value_tells_itself_in_a_repr_or_an_error(stage, trap, somebody):
    """The things themselves, made of somebody's own data; and what refuses to be made."""
    shown: list[object] = []
    for person in somebody[:10] + somebody[-10:]:
        held, amc = person.shown, person.shown["amc"]
        typed = Typed(amc, held["member_number"], held["birth_date"], "1", held["printed_key"])
        request = httpx2.Request("POST", "https://x", json=request_of(person)).content
        ask = Ask(b"t", b"c", "k", "PHAR", "2026-11-24", typed)
        shown += [
            ask,
            typed,
            CardShown(held["code"]),
            NIR.parse(person.nir),
            MemberNumber.parse(held["member_number"], RULES[amc]),
            BirthDate.parse(held["birth_date"]),
            InsurerReference.parse(person.row["reference"]),
            read_question(request),
            printed(held),
            Person(
                first_name=person.row["first_name"],
                last_name=person.row["last_name"],
                born="19630231",
                rank=1,
                nir=person.nir,
            ),
            httpx2.URL("https://localhost/fhir/CoverageEligibilityRequest"),
        ]
        if held["printed_key"]:
            shown.append(PrintedKey.parse(held["printed_key"]))
        shown += [refusal for value in person.said for refusal in refusals(value)]
    for amc, rule in RULES.items():
        with member_file(stage, amc).open(encoding="utf-8", newline="") as stream:
            shown += read_members(stream, rule)
        today = date.today()  # noqa: DTZ011
        text = "\n".join(member_file(stage, amc).read_text("utf-8").splitlines()[:20])
        with stage.insurer(amc).cards(today) as issue:
            shown += issue(io.StringIO(text), rejected=lambda _: None)
    assert len(shown) > 700
    told = "\n".join(f"{value!r} {value!s} {value}" for value in shown)
    assert caught(trap, {"reprs": told.encode()}) == {}
    assert "Typed(…)" in told
    assert "NIR(…)" in told


def refusals(value: str) -> Iterator[Exception]:
    """What each grammar says of a value that is not of its kind."""
    spoilt = f"{value}§"
    for parse in (
        NIR.parse,
        BirthDate.parse,
        BirthRank.parse,
        PrintedKey.parse,
        InsurerReference.parse,
        lambda text: MemberNumber.parse(text, MemberNumberRule()),
    ):
        try:
            parse(spoilt)
        except RempartError as refusal:
            yield refusal
    header = "reference;member_number;birth_date;birth_rank;periods;formula;domains;contract;"
    header += "responsable;cards;convention;csr"
    row = ";".join([spoilt] * 12)
    for read in read_members(io.StringIO(f"{header}\n{row}\n"), MemberNumberRule()):
        assert isinstance(read, Rejected)
        yield from read.faults
