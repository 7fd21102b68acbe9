"""Requests for what was read about members: opened and answered here, asked and read at an insurer.

folder/answer.sealed   to the insurer's dossier key, as the contact book has it
folder/answer.note     signed by the vault, and written last
"""

import csv
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rempart.adapters.durable import told_of_disk, write_whole
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.adapters.system import SystemChance, SystemClock
from rempart.bootstrap.contacts import read_contacts
from rempart.bootstrap.incidents import incident_book
from rempart.bootstrap.insurer import InsurerFolder, private_file
from rempart.bootstrap.keyrings import vault_keyring
from rempart.config import Settings
from rempart.domain.concerned import Told, is_told, told_of
from rempart.domain.errors import NotAllowed, SetUpRefused, TemporarilyUnavailable
from rempart.domain.insurer import PublicBundle
from rempart.sealing.handles import handle_of
from rempart.tlog.note import NoteVerifier
from rempart.usecases.access_answer import (
    NOTE,
    SEALED,
    AccessAnswer,
    Answered,
    answered_text,
    digest_of,
    seal_answer,
)
from rempart.usecases.access_messages import AccessOpened, OpenAccess
from rempart.usecases.access_request import (
    NONCE_SIZE,
    REQUEST_SIZE_MAX,
    AccessRequest,
    ask_access,
    read_request,
    request_digest,
)
from rempart.usecases.access_words import member_json, member_text
from rempart.usecases.answer_access import AnswerAccess
from rempart.usecases.insurer_keys import HANDLE, feed_signing_key
from rempart.usecases.messages import Refused, Reply, Request
from rempart.usecases.pseudonyms import Pseudonyms
from rempart.usecases.read_access import ReadAccess
from rempart.usecases.sign_notes import checkpoint_key
from rempart.usecases.tell_of_incident import folded

SEALED_MAX = 80_000_000
INDEX = "index.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What came of a request: how many people, how many readings of them, and the entry."""

    people: int
    readings: int
    entry: int


def request_in(path: Path) -> str:
    """A request in a file.

    Raises:
        SetUpRefused: it is longer than one, or no text.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(REQUEST_SIZE_MAX + 1)
        if len(data) > REQUEST_SIZE_MAX:
            raise SetUpRefused(f"{path.name} is longer than a request can be")
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise SetUpRefused(f"{path.name} is no request: not text") from None


def answer_access(
    settings: Settings, note: str, out: Path, *, by: str, ask: Callable[[Request], Reply]
) -> Counted:
    """Open a request and answer it, in a new folder.

    Raises:
        IntegrityBroken: it is no request of a registered insurer to this operator.
        SetUpRefused: the folder is there, or the book has no dossier key of this insurer.
        NotAllowed: the vault does not open it.
    """
    if out.exists():
        raise SetUpRefused(f"{out.name} exists already: it is not overwritten")
    origin = settings.log_origin
    request = read_request(note, origin, _feed_keys(settings).get)
    recipient = _recipient(settings, request)
    entry = _opened(ask, note, by)
    answer = _answer(settings, request, request_digest(origin, request))
    _write(settings, answer, out, recipient=recipient, entry=entry)
    readings = sum(len(each.readings) for each in answer.people)
    return Counted(people=len(answer.people), readings=readings, entry=entry)


def _feed_keys(settings: Settings) -> dict[str, bytes]:
    """What registered insurers sign with, by AMC number."""
    own = partial(connect, "auditor", settings)
    with closing(PostgresRegistry(own, people=False)) as registry:
        insurers = registry.read().insurers.values()
    bundles = [PublicBundle.from_json(each.bundle) for each in insurers]
    return {bundle.amc.value: bundle.feed_key for bundle in bundles}


def _recipient(settings: Settings, request: AccessRequest) -> bytes:
    contact = read_contacts(settings.contacts_file).of(int(request.amc))
    if contact is None or not contact.key:
        raise SetUpRefused(
            f"{settings.contacts_file.name} has no key of {request.amc}: the insurer gives it with"
            " rempart insurer dossier-key"
        )
    return contact.key


def _opened(ask: Callable[[Request], Reply], note: str, by: str) -> int:
    match ask(OpenAccess(note, by)):
        case AccessOpened(index=index):
            return index
        case Refused(reason="not-allowed", detail=why):
            raise NotAllowed(why)
        case _:
            raise TemporarilyUnavailable("the vault did not open it: nothing was read, try again")


def _answer(settings: Settings, request: AccessRequest, digest: str) -> AccessAnswer:
    incidents = _incidents(settings)
    with ledger_view(partial(connect, "auditor", settings)) as view:
        last = view.last_checkpoint()
        answering = AnswerAccess(
            ledger=view,
            pseudonyms=Pseudonyms(vault_keyring(settings), SystemChance()),
            incidents=incidents,
            size=last.size if last else 0,
            now=SystemClock().now(),
        )
        return answering(request, digest)


def _incidents(settings: Settings) -> list[Told]:
    sandbox = settings.sandbox
    with incident_book(settings) as book:
        every = folded(book, sandbox=sandbox).all()
        return [told_of(each) for each in every if is_told(each, sandbox=sandbox)]


def _write(
    settings: Settings, answer: AccessAnswer, out: Path, *, recipient: bytes, entry: int
) -> None:
    chance = SystemChance()
    signer = checkpoint_key(vault_keyring(settings), chance, origin=settings.log_origin)
    sealed = seal_answer(answer, recipient=recipient, ephemeral=chance.draw(32))
    said = Answered(amc=answer.amc, entry=entry, request=answer.request, sealed=digest_of(sealed))
    with told_of_disk(out.name):
        out.mkdir(mode=0o750, parents=True)
        write_whole(out / SEALED, sealed, mode=0o640)
        note = signer.sign(answered_text(signer.origin, said))
        write_whole(out / NOTE, note.encode(), mode=0o640)


def make_request(
    insurer: InsurerFolder, references: Sequence[str], vault: NoteVerifier, out: Path
) -> int:
    """Write a request about these members, at their insurer; how many they are.

    Raises:
        Refusal: nobody, or too many.
        SetUpRefused: the file is there.
    """
    amc, key = insurer.profile.amc.value, insurer.keys.get(HANDLE)
    handles = [handle_of(key, amc.encode(), each.encode()) for each in references]
    note = ask_access(
        vault.name,
        amc,
        handles,
        feed_signing_key(insurer.keys),
        at=SystemClock().now(),
        nonce=SystemChance().draw(NONCE_SIZE),
    )
    with private_file(out) as stream:
        stream.write(note)
    return len(handles)


def open_access(
    insurer: InsurerFolder, answered: Path, request: str, vault: NoteVerifier, out: Path
) -> Counted:
    """Verify and open an answer, at its insurer: two files for each member, in a new folder.

    Raises:
        IntegrityBroken: it is not the signed answer to this request.
        Refusal: it is another insurer's, or sealed to a key that is not here.
        SetUpRefused: the answer is not whole, or the folder is there.
    """
    if out.exists():
        raise SetUpRefused(f"{out.name} exists already: it is not overwritten")
    reading = ReadAccess(keys=insurer.keys, amc=insurer.profile.amc.value, vault=vault)
    said, answer, members = reading(*_files(answered), request)
    out.mkdir(mode=0o700)
    with private_file(out / INDEX) as index:
        lines = csv.writer(index, delimiter=";", lineterminator="\n")
        lines.writerow(("file", "reference"))
        for number, member in enumerate(members, 1):
            lines.writerow((f"{number:04d}", member.reference))
            with private_file(out / f"{number:04d}.json") as stream:
                said_of = member_json(said, answer, member)
                stream.write(json.dumps(said_of, indent=1, ensure_ascii=False) + "\n")
            with private_file(out / f"{number:04d}.txt") as stream:
                stream.write(member_text(said, answer, member))
    readings = sum(len(each.told.readings) for each in members)
    return Counted(people=len(members), readings=readings, entry=said.entry)


def _files(folder: Path) -> tuple[str, bytes]:
    try:
        if (folder / SEALED).stat().st_size > SEALED_MAX:
            raise SetUpRefused(f"{SEALED} is longer than an answer can be")
        return (folder / NOTE).read_text("utf-8"), (folder / SEALED).read_bytes()
    except (OSError, UnicodeDecodeError):
        raise SetUpRefused(f"{folder.name} holds no whole answer: {NOTE} and {SEALED}") from None
