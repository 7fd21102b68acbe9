"""What one process needs to make packs of letters by itself, and how it makes one."""

import json
from dataclasses import dataclass
from datetime import date

from rempart.adapters.documents.letter_packs import LetterFolder, LetterPack
from rempart.adapters.documents.letters import LetterPress
from rempart.bootstrap.benches import begin_alone
from rempart.domain.hidden import Hidden

Numbered = tuple[int, int, str]
"""A pack's number, how many letters, and the letters as JSON."""


@dataclass(frozen=True, slots=True, repr=False)
class LetterWork(Hidden):
    """Everything that a process needs: it holds no key."""

    made: LetterFolder
    name: str
    address: tuple[str, ...]
    made_on: date


_BENCHES: list[tuple[LetterFolder, LetterPress]] = []
"""At most one: a process is told once what it works for."""


def open_bench(work: LetterWork) -> None:
    """Get a process ready."""
    begin_alone()
    press = LetterPress(
        name=work.name,
        address=work.address,
        made_on=work.made_on,
        exercise=bool(work.made.mark),
    )
    _BENCHES[:] = [(work.made, press)]


def make_pack(pack: Numbered) -> LetterPack:
    """Make one pack, and put it on disk."""
    ((made, press),) = _BENCHES
    number, letters, pages = pack
    record = made.write(number, press.pdf(json.loads(pages), pack=number), letters)
    press.forget()
    return record
