"""The assembly of phones at an insurer: its folder, its book, and answers in files.

phones.sqlite     who was invited, with which cards, and which phones they enrolled
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date

import msgspec

from rempart.adapters.phone_book import WAIT, SqlitePhoneBook
from rempart.adapters.system import SystemChance
from rempart.bootstrap.insurer import InsurerFolder
from rempart.domain.errors import EnrolmentRefused
from rempart.domain.insurer import b64
from rempart.usecases.enrol_phones import Enrolled, EnrolPhones, PhoneRequest
from rempart.usecases.invite_phones import InvitePhones

BOOK = "phones.sqlite"
LINE_MAX = 1024
"""Bytes of one request: a code, a key and a proof take 250."""

_decode = msgspec.json.Decoder(PhoneRequest).decode


@contextmanager
def inviting(insurer: InsurerFolder, today: date) -> Iterator[InvitePhones]:
    """Invitations of an insurer, and the following of its cards."""
    with closing(SqlitePhoneBook(insurer.folder / BOOK)) as book, insurer.cards(today) as issue:
        yield InvitePhones(issue=issue, book=book, chance=SystemChance())


@contextmanager
def enrolling(insurer: InsurerFolder, *, wait: float = WAIT) -> Iterator[EnrolPhones]:
    """The enrolment of phones; ``wait`` is in seconds, for a command that writes to end."""
    with closing(SqlitePhoneBook(insurer.folder / BOOK, wait=wait)) as book:
        yield EnrolPhones(profile=insurer.profile, keys=insurer.keys, book=book)


def read_request(body: bytes) -> PhoneRequest:
    """A request of a phone.

    Raises:
        EnrolmentRefused: it is none.
    """
    try:
        if len(body) > LINE_MAX:
            raise EnrolmentRefused
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise EnrolmentRefused from None


def answer_bytes(enrolled: Enrolled) -> bytes:
    """What a phone is answered, in JSON."""
    said = {"phone_card": b64(enrolled.phone_card), "card": enrolled.card}
    return json.dumps(said).encode()


@dataclass(slots=True)
class Counted:
    """How many lines were answered, and how many refused."""

    answered: int = 0
    refused: int = 0


def answers(
    desk: EnrolPhones, lines: Iterable[bytes], now: int, counted: Counted
) -> Iterator[bytes]:
    """One line for each line, once what it says is durable: an answer, or ``refused``."""
    for line in lines:
        try:
            yield answer_bytes(desk(read_request(line), now=now)) + b"\n"
            counted.answered += 1
        except EnrolmentRefused as refusal:
            yield json.dumps({"refused": refusal.code}).encode() + b"\n"
            counted.refused += 1
