"""Read a dossier at the insurer: whole, signed, ours, and as many people as its report says.

(1) there is a manifest: it is written last, so that a folder without one is not whole;
(2) one of the vaults whose keys were given signed it;
(3) every file that it names is there, and has its digest;
(4) the report is of this insurer, and the one that the manifest names;
(5) the members' list opens with one of our keys, and is the one that the report was made of;
(6) its lines are well formed, nobody is in it twice, and each part is as many as the report says.

A dossier that does not hold is refused by its name; nothing comes of it.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from rempart.domain.breach_told import Source, Told
from rempart.domain.errors import IntegrityBroken, MalformedRow, Refusal, RempartError
from rempart.domain.scope import Verdict
from rempart.sealing.errors import SealBroken
from rempart.sealing.handles import HANDLE_SIZE_MAX, reference_of
from rempart.sealing.stream import open_stream
from rempart.tlog.note import NOTE_SIZE_MAX, NoteVerifier
from rempart.usecases.dossier_file import InsurerReport, read_report
from rempart.usecases.dossier_manifest import DossierSaid, read_manifest
from rempart.usecases.insurer_keys import HANDLE, dossier_keys
from rempart.usecases.make_dossiers import CLEAR, MEMBERS, REPORT, SEALED
from rempart.usecases.members_list import read_list
from rempart.usecases.ports import KeyStore

MANIFEST = "manifest.note"
PLAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,40}\.[a-z]{2,8}")
"""Names of files: they lead to no other folder."""
REPORT_SIZE_MAX = 1_000_000
BLOCK = 1 << 20


class DossierFolder(Protocol):
    """Where a dossier lies. It is not trusted: what is read of it is verified."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    def open(self, name: str) -> BinaryIO | None:
        """A file of it from its beginning, or none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDossier:
    """A dossier that holds. ``digest`` is the SHA-256 of its report; ``strangers`` are lines of the
    list whose handle is not ours.
    """

    name: str
    source: Source
    report: InsurerReport
    digest: str
    people: dict[str, Told] = field(repr=False)
    strangers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDossier:
    """The reading at one insurer; ``vaults`` are keys of operators. Memory: the people of one."""

    keys: KeyStore
    amc: str
    vaults: Sequence[NoteVerifier]

    def __call__(
        self, folder: DossierFolder, *, read: Callable[[int], object] = lambda _: None
    ) -> OpenedDossier:
        """A dossier, verified and opened; ``read`` is told of lines as they are read.

        Raises:
            IntegrityBroken: it is not what was signed, or contradicts itself.
            Refusal: it is not whole, not ours, or sealed to a key that is not here.
        """
        try:
            return self._opened(folder, read)
        except IntegrityBroken as error:
            raise IntegrityBroken(f"{folder.name}: {error}") from None
        except RempartError as error:
            raise Refusal(f"{folder.name}: {error}") from None
        except SealBroken as error:
            raise IntegrityBroken(f"{folder.name}: {error}") from None

    def _opened(self, folder: DossierFolder, read: Callable[[int], object]) -> OpenedDossier:
        note = _all_of(folder, MANIFEST, NOTE_SIZE_MAX)
        if note is None:  # (1)
            raise Refusal("it has no manifest: it is not whole")
        operator, manifest = self._manifest(_text(note))  # (2)
        members = _list_of(manifest)
        data = _all_of(folder, REPORT, REPORT_SIZE_MAX)
        _check_files(folder, manifest, data)  # (3)
        report = read_report(data or b"")
        self._check_report(report, manifest)  # (4)
        source = Source(operator, report.incident)
        rows = self._rows(folder, members, report)  # (5)
        people, strangers = self._people(rows, report, source, read)  # (6)
        return OpenedDossier(
            name=folder.name,
            source=source,
            report=report,
            digest=hashlib.sha256(data or b"").hexdigest(),
            people=people,
            strangers=strangers,
        )

    def _manifest(self, note: str) -> tuple[str, DossierSaid]:
        for vault in self.vaults:
            try:
                return vault.name, read_manifest(note, vault)
            except IntegrityBroken:
                continue
        raise IntegrityBroken("its manifest is not signed by a vault whose key was given")

    def _check_report(self, report: InsurerReport, manifest: DossierSaid) -> None:
        if self.amc not in {report.amc} & {manifest.amc}:
            raise Refusal("it is another insurer's")
        said = (manifest.incident, manifest.number, manifest.exercise)
        if (report.incident, report.number, report.exercise) != said:
            raise IntegrityBroken("its report is not the one that its manifest names")

    def _rows(self, folder: DossierFolder, members: str, report: InsurerReport) -> Iterator[str]:
        """The lines of the list in clear; what they were is known to be right once this ends."""
        stream = folder.open(members)
        if stream is None:
            raise IntegrityBroken(f"{members} is not there")
        with stream:
            parts = (
                self._unsealed(stream)
                if members == SEALED
                else iter(lambda: stream.read(BLOCK), b"")
            )
            digest = hashlib.sha256()
            yield from _lines(parts, digest.update)
        if digest.hexdigest() != report.members:
            raise IntegrityBroken("its list of members is not the one that its report was made of")

    def _unsealed(self, stream: BinaryIO) -> Iterator[bytes]:
        for private in dossier_keys(self.keys):
            stream.seek(0)
            chunks = open_stream(stream.read, private=private, purpose=MEMBERS)
            try:
                first = next(chunks)
            except SealBroken:
                continue
            yield first
            yield from chunks
            return
        raise Refusal("its list of members opens with no dossier key of this insurer")

    def _people(
        self,
        lines: Iterator[str],
        report: InsurerReport,
        source: Source,
        read: Callable[[int], object],
    ) -> tuple[dict[str, Told], tuple[int, ...]]:
        key, people, strangers = self.keys.get(HANDLE), dict[str, Told](), list[int]()
        counted, handles = Counter[Verdict](), set[bytes]()
        for line, handle, reading in read_list(lines, whole=report.clears):
            read(1)
            if handle in handles:
                raise MalformedRow(line, "handle", "it stands there twice")
            handles.add(handle)
            counted[reading.verdict] += 1
            reference = _reference(key, self.amc, handle)
            if reference is None:
                strangers.append(line)
            else:
                people[reference] = Told({source: reading})
        said = {Verdict.BREACHED: report.breached, Verdict.UNDECIDED: report.undecided}
        if any(counted[verdict] != part.people for verdict, part in said.items()):
            raise IntegrityBroken("its list of members is not as many as its report says")
        return people, tuple(strangers)


def latest(dossiers: Iterable[OpenedDossier]) -> list[OpenedDossier]:
    """Of each operator's incident the report with the highest number, which stands for all before.

    Raises:
        IntegrityBroken: two reports have one number and are not the same.
        Refusal: an exercise among real ones.
    """
    last: dict[Source, OpenedDossier] = {}
    for each in dossiers:
        other = last.setdefault(each.source, each)
        if other.report.number == each.report.number and other.digest != each.digest:
            raise IntegrityBroken(f"{each.name}: another report has its number, {other.name}")
        if each.report.number > other.report.number:
            last[each.source] = each
    kept = [last[source] for source in sorted(last)]
    if len({each.report.exercise for each in kept}) > 1:
        raise Refusal("an exercise and a real breach are not opened together")
    return kept


def _all_of(folder: DossierFolder, name: str, most: int) -> bytes | None:
    stream = folder.open(name)
    if stream is None:
        return None
    with stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise Refusal(f"{name} is too long to be one")
    return data


def _text(note: bytes) -> str:
    try:
        return note.decode()
    except UnicodeDecodeError:
        raise IntegrityBroken("its manifest is not text") from None


def _list_of(manifest: DossierSaid) -> str:
    lists = [name for name in (SEALED, CLEAR) if name in manifest.files]
    if REPORT not in manifest.files or len(lists) != 1:
        raise IntegrityBroken("its manifest does not name one report and one list of members")
    if not all(map(PLAIN.fullmatch, manifest.files)):
        raise IntegrityBroken("its manifest names a file that is none of a dossier")
    return lists[0]


def _check_files(folder: DossierFolder, manifest: DossierSaid, report: bytes | None) -> None:
    for name, digest in manifest.files.items():
        if name == REPORT:
            # What is read is what was hashed.
            found = None if report is None else hashlib.sha256(report).hexdigest()
        else:
            found = _digest_of(folder, name)
        if found is None:
            raise IntegrityBroken(f"{name} is not there")
        if found != digest:
            raise IntegrityBroken(f"{name} is not the one that was signed")


def _digest_of(folder: DossierFolder, name: str) -> str | None:
    stream = folder.open(name)
    if stream is None:
        return None
    digest = hashlib.sha256()
    with stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _lines(parts: Iterable[bytes], taken: Callable[[bytes], object]) -> Iterator[str]:
    """Lines without their ends; each ends with one."""
    rest = b""
    for part in parts:
        taken(part)
        *lines, rest = (rest + part).split(b"\n")
        yield from map(_line, lines)
    if rest:
        raise IntegrityBroken("its list of members is cut off")


def _line(data: bytes) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise IntegrityBroken("its list of members is not text") from None


def _reference(key: bytes, amc: str, handle: bytes) -> str | None:
    if not 0 < len(handle) <= HANDLE_SIZE_MAX:
        return None
    try:
        return reference_of(key, amc.encode(), handle).decode("ascii")
    except (SealBroken, UnicodeDecodeError):
        return None
