"""The making of letters: one process writes them, several set a pack each, all in order.

(1) facts are counted, and a person decides on them, or nothing more is made;
(2) the member file is read once: each person's letter is written, checked, and is a line of the
    merge file; packs are set by whichever process is free;
(3) the merge file gets its name once it is whole, and the manifest of the packs is written last.

Memory: the people of the dossiers, and a few packs.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from rempart.adapters.documents.letter_packs import (
    DECIDED,
    MERGE,
    UNADDRESSED,
    LetterFolder,
    LetterPack,
    as_json,
)
from rempart.adapters.documents.packs import sha256_of
from rempart.adapters.durable import write_whole
from rempart.bootstrap.benches import Wanted, in_order
from rempart.bootstrap.insurer import InsurerFolder, member_file
from rempart.bootstrap.insurer_dossiers import disk_told, whole_private_file
from rempart.bootstrap.letter_bench import LetterWork, Numbered, make_pack, open_bench
from rempart.domain.letter_sender import Sender
from rempart.domain.notice import Decision, NoticeFacts
from rempart.usecases.exercise_mark import EXERCISE
from rempart.usecases.mail_letters import MailLetters, Posted, merge_header, merge_row
from rempart.usecases.merge_dossiers import Merged
from rempart.usecases.notice_file import decided_json

Watch = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterOrder:
    """What an insurer asks for: ``pack`` letters in a PDF at most; no PDF where ``pdf`` is not.
    ``before`` is what was told already, by reference.
    """

    merged: Merged
    members: Path
    out: Path
    sender: Sender
    decision: Decision
    facts: NoticeFacts
    pack: int
    pdf: bool
    today: date
    before: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class LettersReport:
    """What a run came to; ``kept`` packs were there before it."""

    letters: int
    unaddressed: int
    left_out: int
    told_before: int
    packs: list[LetterPack]

    @property
    def kept(self) -> int:
        """Packs that an earlier run made."""
        return sum(pack.kept for pack in self.packs)


def folder_of(out: Path, *, exercise: bool) -> LetterFolder:
    """Where a mailing goes."""
    return LetterFolder(out, f"{EXERCISE}-" if exercise else "")


def make_letters(
    insurer: InsurerFolder, order: LetterOrder, *, processes: int, watch: Watch
) -> LettersReport:
    """Make everything that is not there yet; ``watch`` is told of letters as they are done.

    Raises:
        SetUpRefused: the folder holds another job.
        TemporarilyUnavailable: another run is at work there, or a process died.
        MalformedRow: the member file lacks a column.
        MalformedIdentifier: a letter lacks an element of art. 34(2), which is named.
    """
    made = folder_of(order.out, exercise=order.merged.exercise)
    amc = insurer.profile.amc.value
    with disk_told(), made.working():
        order = replace(order, today=made.begin(_made_of(order), order.today))
        mail = MailLetters(
            merged=order.merged,
            sender=order.sender,
            decision=order.decision,
            today=order.today,
            pack=order.pack,
            before=order.before,
        )
        packs = _make(order, made, mail, processes=processes, watch=watch)
        keep_decision(made, order.decision, order.facts, order.merged, amc=amc, today=order.today)
        made.finish(packs, amc=amc, made_on=order.today)
    return LettersReport(mail.posted, len(mail.unaddressed), mail.left_out, mail.told_before, packs)


def keep_decision(
    made: LetterFolder,
    decision: Decision,
    facts: NoticeFacts,
    merged: Merged,
    *,
    amc: str,
    today: date,
) -> None:
    """Keep what was decided, beside its facts."""
    said = decided_json(decision, facts, merged, amc=amc, made_on=today)
    made.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(made.at(DECIDED), as_json(said), mode=0o600)


def _make(
    order: LetterOrder, made: LetterFolder, mail: MailLetters, *, processes: int, watch: Watch
) -> list[LetterPack]:
    with ExitStack() as stack:
        stream = stack.enter_context(member_file(order.members))
        merge = csv.writer(
            stack.enter_context(whole_private_file(made.at(MERGE), again=True)),
            delimiter=";",
            lineterminator="\n",
        )
        merge.writerow(merge_header(order.sender))

        def written() -> Iterator[Posted]:
            for one in mail(stream):
                merge.writerow(merge_row(one, order.sender, exercise=order.merged.exercise))
                yield one

        packs = []
        if order.pdf:
            for pack in _packs(order, made, _batches(written(), order.pack), processes):
                watch(pack.letters)
                packs.append(pack)
        else:
            for _ in written():
                watch(1)
        away = csv.writer(
            stack.enter_context(whole_private_file(made.at(UNADDRESSED), again=True)),
            delimiter=";",
            lineterminator="\n",
        )
        away.writerow(("reference", "why"))
        away.writerows((each.reference, each.why.value) for each in mail.unaddressed)
    return packs


def _batches(posted: Iterator[Posted], size: int) -> Iterator[list[Posted]]:
    while pack := list(islice(posted, size)):
        yield pack


def _packs(
    order: LetterOrder,
    made: LetterFolder,
    batches: Iterator[Sequence[Posted]],
    processes: int,
) -> Iterator[LetterPack]:
    """Each pack in order; few of them wait at a time."""
    work = LetterWork(made, order.sender.name, order.sender.address, order.today)
    wanted = (
        Wanted(made.whole(number), _numbered(number, pack))
        for number, pack in enumerate(batches, start=1)
    )
    each = in_order(wanted, make_pack, processes=processes, begin=open_bench, work=work)
    return (pack for pack, _ in each)


def _numbered(number: int, pack: Sequence[Posted]) -> Numbered:
    return number, len(pack), json.dumps([each.printed() for each in pack], ensure_ascii=False)


def _digest_of(before: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for reference, told in sorted(before.items()):
        digest.update(reference.encode() + b"\0" + told)
    return digest.hexdigest()


def _made_of(order: LetterOrder) -> str:
    """A digest of all that letters are made of, but the day."""
    sender, decision = order.sender, order.decision
    said: dict[str, Any] = {
        "members": sha256_of(order.members),
        "dossiers": sorted(each.digest for each in order.merged.dossiers),
        "sender": [sender.name, sender.address, sender.dpo, sender.reach, sender.to],
        "wording": {
            f"{door} {language}": dict(parts)
            for door, wording in sender.wordings.items()
            for language, parts in wording.parts.items()
        },
        "decision": [decision.tell, dict(decision.measures), dict(decision.operators)],
        "doors": dict(decision.doors),
        "pack": order.pack,
        "before": _digest_of(order.before),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
