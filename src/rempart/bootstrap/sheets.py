"""The making of family sheets: one process plans, several make a pack each, all in order.

(1) the member file is read once: faults are named, which rows share a sheet is put on disk, and
    each card has its place on the status list;
(2) each pack is made by itself, by whichever process is free: rows read again, codes signed,
    pages set; it is on disk before it counts, and the same whoever makes it;
(3) the manifest is written last.

Memory does not grow with the file: a plan on disk, and one pack in each process.
"""

import hashlib
import json
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rempart.adapters.documents.packs import PackFolder, sha256_of
from rempart.adapters.sheet_plan import DiskSheetPlan
from rempart.adapters.system import SystemChance
from rempart.bootstrap.benches import Wanted, in_order
from rempart.bootstrap.insurer import InsurerFolder, member_file
from rempart.bootstrap.sheet_bench import Order, Work, make_pack, open_bench
from rempart.domain.errors import MalformedRow, SetUpRefused
from rempart.domain.letterhead import Letterhead
from rempart.sealing.cose import kid_of
from rempart.usecases.insurer_keys import card_signing_key
from rempart.usecases.plan_sheets import Located, PlanSheets, packs

LETTERHEAD, PLAN = "sheet.toml", "plan.sqlite"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Watch:
    """Whom to tell: of rows read, of how many codes are planned, of codes made, of faults."""

    read: Callable[[int], object]
    planned: Callable[[int], object]
    made: Callable[[int], object]
    rejected: Callable[[MalformedRow], object]


@dataclass(frozen=True, slots=True)
class SheetsReport:
    """What a run came to; ``kept`` packs were there before it."""

    packs: int
    pages: int
    codes: int
    kept: int


def letterhead_of(folder: Path) -> Letterhead:
    """The issuer's words.

    Raises:
        SetUpRefused: there is no such file, or it is not TOML.
        MalformedIdentifier: it says something else.
    """
    try:
        return Letterhead.from_toml(tomllib.loads((folder / LETTERHEAD).read_text("utf-8")))
    except FileNotFoundError:
        raise SetUpRefused(f"write {LETTERHEAD} first: see docs/howto/print-cards.md") from None
    except ValueError:
        raise SetUpRefused(f"{LETTERHEAD} is not TOML in UTF-8") from None


def make_sheets(order: Order, *, processes: int, watch: Watch) -> SheetsReport:
    """Make every pack that is not there yet.

    Raises:
        SetUpRefused: the folder holds another job, or there is no letterhead.
        TemporarilyUnavailable: another run is at work there, or a process died.
        MalformedRow: the header line of the member file lacks a column.
    """
    insurer = InsurerFolder.open(order.folder, order.unlock)
    letterhead = letterhead_of(order.folder)
    made = PackFolder(order.out)
    with made.working(), DiskSheetPlan(order.out / PLAN) as plan:
        made_of = _made_of(order, insurer, letterhead)
        order = replace(order, made_on=made.begin(made_of, order.made_on))
        with insurer.cards(order.made_on) as issue, member_file(order.members) as stream:
            report = PlanSheets(issue=issue, plan=plan, chance=SystemChance())(
                Located(stream, marked=_is_marked(order.members)),
                read=watch.read,
                rejected=watch.rejected,
            )
        watch.planned(report.cards)
        work = Work(order, letterhead, report.layout)
        kept, records = 0, []
        wanted = (
            Wanted(made.whole(number), (number, pack))
            for number, pack in enumerate(packs(plan.families(), order.pages), start=1)
        )
        each = in_order(wanted, make_pack, processes=processes, begin=open_bench, work=work)
        for record, was_there in each:
            watch.made(record.codes)
            kept += was_there
            records.append(record)
        made.finish(records, amc=insurer.profile.amc.value, made_on=order.made_on)
    return SheetsReport(
        len(records), sum(one.pages for one in records), sum(one.codes for one in records), kept
    )


def _made_of(order: Order, insurer: InsurerFolder, letterhead: Letterhead) -> str:
    """A digest of all that sheets are made of, but the day."""
    said = {
        "members": sha256_of(order.members),
        "profile": insurer.profile.to_json(),
        "letterhead": asdict(letterhead),
        "key": kid_of(card_signing_key(insurer.keys).public_key()).hex(),
        "pages": order.pages,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _is_marked(members: Path) -> bool:
    with members.open("rb") as stream:
        return stream.read(len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK
