"""What one process needs to make packs of letters by itself, and how it makes one."""

import json
import os
import signal
import threading
from dataclasses import dataclass
from datetime import date

from rempart.adapters.documents.letter_packs import LetterFolder, LetterPack
from rempart.adapters.documents.letters import LetterPress
from rempart.bootstrap.sheet_bench import end_with_parent
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
    # Ctrl-C is for the process that gives the orders.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    # A pack is set by one thread: several packs at once fill the machine better than one does.
    os.environ["RAYON_NUM_THREADS"] = "1"
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
