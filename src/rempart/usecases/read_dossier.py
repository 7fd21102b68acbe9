"""Read a dossier at the insurer: whole, signed, ours, and as many people as its report says.

(1) there is a manifest: it is written last, so that a folder without one is not whole;
(2) one of the vaults whose keys were given signed it;
(3) every file that it names is there, and has its digest;
(4) the report is of this insurer, and the one that the manifest names;
(5) the members' list opens with one of our keys, and is the one that the report was made of;
(6) its lines are well formed, nobody is in it twice, and each part is as many as the report says;
(7) so are those of the list of claims, where the report tells of some.

A dossier that does not hold is refused by its name; nothing comes of it.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rempart.domain.breach_told import Source, Told
from rempart.domain.errors import IntegrityBroken, MalformedRow, Refusal, RempartError
from rempart.domain.scope import Verdict
from rempart.sealing.errors import SealBroken
from rempart.sealing.handles import HANDLE_SIZE_MAX, reference_of
from rempart.sealing.stream import open_stream
from rempart.tlog.note import NoteVerifier
from rempart.usecases.claims_file import ClaimsSaid
from rempart.usecases.claims_list import OF_ONE
from rempart.usecases.deliver_dossiers import as_signed
from rempart.usecases.delivery_ports import Dossier
from rempart.usecases.dossier_file import InsurerReport, read_report
from rempart.usecases.dossier_manifest import REPORT, Manifest, read_manifest
from rempart.usecases.exercise_mark import COLUMN, EXERCISE, ending, heading
from rempart.usecases.insurer_keys import HANDLE, dossier_keys
from rempart.usecases.make_dossiers import LISTS, LISTS_OF_CLAIMS, ListNames
from rempart.usecases.members_list import read_list
from rempart.usecases.ports import KeyStore

REPORT_SIZE_MAX = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDossier:
    """A dossier that holds. ``digest`` is the SHA-256 of its report; ``strangers`` are lines of the
    list whose handle is not ours; ``claims`` the lines of the list of claims, its heading first.
    """

    name: str
    source: Source
    report: InsurerReport
    digest: str
    people: dict[str, Told] = field(repr=False)
    strangers: tuple[int, ...]
    claims: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDossier:
    """The reading at one insurer; ``vaults`` are keys of operators. Memory: the people of one."""

    keys: KeyStore
    amc: str
    vaults: Sequence[NoteVerifier]

    def __call__(
        self, name: str, dossier: Dossier, *, read: Callable[[int], object] = lambda _: None
    ) -> OpenedDossier:
        """A dossier, verified and opened; ``read`` is told of lines as they are read.

        Raises:
            IntegrityBroken: it is not what was signed, or contradicts itself.
            Refusal: it is not whole, not ours, or sealed to a key that is not here.
        """
        try:
            return self._opened(name, dossier, read)
        except (IntegrityBroken, SealBroken) as error:
            raise IntegrityBroken(f"{name}: {error}") from None
        except RempartError as error:
            raise Refusal(f"{name}: {error}") from None

    def _opened(self, name: str, dossier: Dossier, read: Callable[[int], object]) -> OpenedDossier:
        note = dossier.manifest()
        if note is None:  # (1)
            raise Refusal("it has no manifest: it is not whole")
        operator, manifest = self._manifest(note)  # (2)
        members = _list_of(manifest, LISTS)
        data = _report(dossier, manifest, note)  # (3)
        report = read_report(data)
        self._check_report(report, manifest)  # (4)
        source = Source(operator, report.incident)
        rows = self._rows(dossier, members, report)  # (5)
        people, strangers = self._people(rows, report, source, read)  # (6)
        return OpenedDossier(
            name=name,
            source=source,
            report=report,
            digest=hashlib.sha256(data).hexdigest(),
            people=people,
            strangers=strangers,
            claims=self._claims(dossier, manifest, report),  # (7)
        )

    def _manifest(self, note: str) -> tuple[str, Manifest]:
        for vault in self.vaults:
            try:
                return vault.name, read_manifest(note, vault)
            except IntegrityBroken:
                continue
        raise IntegrityBroken("its manifest is not one, or not of a vault whose key was given")

    def _check_report(self, report: InsurerReport, manifest: Manifest) -> None:
        if self.amc not in {report.amc} & {manifest.amc}:
            raise Refusal("it is another insurer's")
        said = (manifest.incident, manifest.number, manifest.exercise)
        if (report.incident, report.number, report.exercise) != said:
            raise IntegrityBroken("its report is not the one that its manifest names")

    def _rows(self, dossier: Dossier, members: str, report: InsurerReport) -> Iterator[str]:
        """The lines of the list in clear; what they were is known to be right once this ends."""
        yield from self._listed(dossier, members, LISTS, report.members)

    def _listed(self, dossier: Dossier, name: str, of: ListNames, expected: str) -> Iterator[str]:
        parts = self._unsealed(dossier, of) if name == of.sealed else dossier.read(of.clear)
        digest = hashlib.sha256()
        yield from _lines(parts, digest.update)
        if digest.hexdigest() != expected:
            raise IntegrityBroken(f"{name} is not the list that its report was made of")

    def _unsealed(self, dossier: Dossier, of: ListNames) -> Iterator[bytes]:
        for private in dossier_keys(self.keys):
            taken = Taken(dossier.read(of.sealed))
            chunks = open_stream(taken.read, private=private, purpose=of.purpose)
            try:
                first = next(chunks)
            except SealBroken:
                continue
            yield first
            yield from chunks
            return
        raise Refusal(f"{of.sealed} opens with no dossier key of this insurer")

    def _claims(
        self, dossier: Dossier, manifest: Manifest, report: InsurerReport
    ) -> tuple[str, ...]:
        """The list of claims, as many in each part as the report says."""
        said = report.claims or ClaimsSaid()
        if not said.touched:
            return ()
        name = _list_of(manifest, LISTS_OF_CLAIMS)
        lines = tuple(self._listed(dossier, name, LISTS_OF_CLAIMS, said.list))
        _check_claims(lines, exercise=report.exercise)
        parts = Counter(line.partition(";")[0] for line in lines[1:])
        counted = {"breached": said.breached, "undecided": said.undecided}
        if parts != Counter(counted):
            raise IntegrityBroken("its list of claims is not as many as its report says")
        return lines

    def _people(
        self,
        lines: Iterator[str],
        report: InsurerReport,
        source: Source,
        read: Callable[[int], object],
    ) -> tuple[dict[str, Told], tuple[int, ...]]:
        key, people, strangers = self.keys.get(HANDLE), dict[str, Told](), list[int]()
        counted, handles = Counter[Verdict](), set[bytes]()
        for line, handle, reading in read_list(
            lines, whole=report.clears, exercise=report.exercise
        ):
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


def _check_claims(lines: Sequence[str], *, exercise: bool) -> None:
    if lines[:1] != (heading(OF_ONE, exercise=exercise),):
        raise MalformedRow(1, "row", "expected the header of a list of claims")
    for number, line in enumerate(lines[1:], 2):
        if not line.endswith(ending(exercise=exercise)):
            raise MalformedRow(number, COLUMN, f"expected {EXERCISE}")


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


class Taken:
    """Pieces, read as a file is."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = bytearray()

    def read(self, size: int) -> bytes:
        """The next bytes; fewer at the end alone."""
        while len(self._held) < size and (piece := next(self._pieces, None)) is not None:
            self._held += piece
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken


def _list_of(manifest: Manifest, of: ListNames) -> str:
    lists = [name for name in (of.sealed, of.clear) if name in manifest.files]
    if len(lists) != 1:
        raise IntegrityBroken(f"its manifest does not name one of {of.sealed}, {of.clear}")
    return lists[0]


def _report(dossier: Dossier, manifest: Manifest, note: str) -> bytes:
    """The report, once every file is the one that was signed."""
    report = b""
    for name, pieces in as_signed(dossier, manifest, note):
        for piece in pieces:
            # What is read is what was hashed.
            report += piece if name == REPORT else b""
            if len(report) > REPORT_SIZE_MAX:
                raise Refusal(f"{name} is too long to be one")
    return report


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
