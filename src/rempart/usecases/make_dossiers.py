"""Make the dossiers of a scope: one for each insurer that has somebody in it, or had.

(1) the people are named, joined and counted; each pseudonym of the scope is somebody's, once; an
    insurer of whom claims alone were touched has nobody named;
(2) an insurer whose last report says the same has its dossier: a run goes on where another one
    stopped, and a later checkpoint alone tells nobody anything again;
(3) the lists, the report, and the report to be read are kept, each whole;
(4) the manifest is signed and kept last: a dossier without one is none;
(5) what stands in all dossiers together is what stands in the scope, and among the claims beside
    it, or this ends in an error; which report of whom that is, is kept.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

import msgspec

from rempart.domain.contacts import Contacts
from rempart.domain.errors import IntegrityBroken, KeyMissing
from rempart.domain.finding import Window
from rempart.sealing.stream import Purpose, seal_stream
from rempart.usecases.claims_file import ClaimsSaid
from rempart.usecases.claims_list import ClaimsTouched
from rempart.usecases.dossier_file import DOORS, ChangeSaid, Door, InsurerReport, PartSaid, Phase
from rempart.usecases.dossier_manifest import REPORT, Manifest, manifest_text
from rempart.usecases.dossier_ports import DossierEngine, DossierShelf, OfOne
from rempart.usecases.dossier_sum import StandingSaid, SumSaid
from rempart.usecases.ports import Chance, NoteSigner
from rempart.usecases.scope_file import InsurerSaid, ScopeFile

MEMBERS = Purpose(b"RPDOSS1\n", b"rempart/dossier/1")
CLAIMS = Purpose(b"RPDOCL1\n", b"rempart/dossier claims/1")
READABLE, SEALED, CLEAR = "rapport.pdf", "members.sealed", "members.csv"
SEALED_CLAIMS, CLEAR_CLAIMS = "claims.sealed", "claims.csv"
Told = Callable[[InsurerReport], object]


class ListNames(NamedTuple):
    """How a list is called, sealed and in clear, and what it is sealed for."""

    sealed: str
    clear: str
    purpose: Purpose


LISTS = ListNames(SEALED, CLEAR, MEMBERS)
LISTS_OF_CLAIMS = ListNames(SEALED_CLAIMS, CLEAR_CLAIMS, CLAIMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCase:
    """What every report of one scope says alike. ``kinds`` are the kinds of sites of accounts;
    ``beside`` are the numbers of the scopes of whose lists the engine has what ``earlier`` says;
    ``doors`` are how accounts of the finding came into other hands, ``gateway`` when one was in
    them; ``claims`` what these accounts did with claims, where that was looked at.
    """

    incident: int
    exercise: bool
    scope: ScopeFile
    digest: str
    stolen: int
    contained: int
    kinds: Mapping[int, str] = field(repr=False)
    beside: Collection[int] = ()
    doors: Mapping[int, Door] = field(default_factory=dict, repr=False)
    gateway: tuple[Window, ...] = field(default=(), repr=False)
    claims: ClaimsTouched | None = field(default=None, repr=False)

    def accounts_of(self, one: OfOne) -> frozenset[int]:
        """Accounts that read an insurer's people, or touched its claims."""
        claimed = self.claims.accounts(one.amc) if self.claims else frozenset[int]()
        return one.accounts | claimed

    def doors_of(self, accounts: Collection[int]) -> dict[Door, int]:
        """By which doors these accounts were used: how many by each. One that is not of the finding
        was read on its way, through a gateway.
        """
        on_the_way: Door | None = "gateway" if self.gateway else None
        found = Counter(self.doors.get(number, on_the_way) for number in accounts)
        return {door: found[door] for door in DOORS if found[door]}


def earlier(shelf: DossierShelf, digest: str, *, final: bool) -> dict[int, set[int]]:
    """Insurers by the scope that their last report follows from, where another one is made now.

    A report that stood while scopes went on changed nothing since its own.
    """
    found: dict[int, set[int]] = {}
    for amc in shelf.insurers():
        last = shelf.last(amc)
        if last is not None and (final or last[0].scope_digest != digest):
            found.setdefault(last[0].scope, set()).add(amc)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeDossiers:
    """``readable`` makes the report to be read, as PDF; ``now`` is in microseconds."""

    engine: DossierEngine
    shelf: DossierShelf
    contacts: Contacts
    signer: NoteSigner
    chance: Chance
    readable: Callable[[InsurerReport], bytes]
    now: int

    def __call__(
        self, case: OfCase, *, final: bool = False, told: Told = lambda _: None
    ) -> list[InsurerReport]:
        """The report of each insurer, by its number; ``told`` hears of each as it is whole.

        Raises:
            KeyMissing: insurers were told of claims that nobody can open here: nothing is made.
            IntegrityBroken: the dossiers do not add up to the scope.
        """
        before = {amc: last for amc in self.shelf.insurers() if (last := self.shelf.last(amc))}
        _check_opened(case.claims, [report for report, _ in before.values()])
        beside = {amc: each[1] for amc, each in before.items() if each[0].scope in case.beside}
        counted = self.engine.counted(case.kinds, beside)
        scoped = {int(each.amc): each for each in case.scope.insurers}
        reports: list[InsurerReport] = []
        missing = _missing(counted, before)
        claimed = _claimed(case, {each.amc for each in [*missing, *counted]})
        for each in [*missing, *counted, *claimed]:
            one = _of_one_list(each, before.get(each.amc), case)
            _check(one, scoped.get(one.amc))  # (1)
            report = before[one.amc][0] if one.amc in before else None
            stands = report is not None and _stands(report, one, case, final=final)
            if report is None or not stands:  # (2)
                report = self._make(case, one, report, final=final)
                told(report)
            reports.append(report)
        _check_sum(reports, counted, case.scope)  # (5)
        _check_claims(reports, case)
        self._keep_sum(case, counted)
        return sorted(reports, key=lambda each: each.amc)

    def _keep_sum(self, case: OfCase, counted: Sequence[OfOne]) -> None:
        pseudonyms = {one.amc: one.pseudonyms for one in counted}
        last = {amc: each for amc in self.shelf.insurers() if (each := self.shelf.last(amc))}
        said = SumSaid(
            incident=case.incident,
            exercise=case.exercise,
            scope=case.scope.number,
            finding_digest=case.scope.finding_digest,
            list=case.scope.list,
            clears=case.scope.clears,
            insurers={
                report.amc: StandingSaid(
                    number=report.number, report=digest, pseudonyms=pseudonyms.get(amc, 0)
                )
                for amc, (report, digest) in sorted(last.items())
            },
        )
        said.check(case.scope)
        self.shelf.keep_sum(said.to_json())

    def _name(self, amc: int) -> str:
        """How the book calls an insurer; nothing where it does not."""
        contact = self.contacts.of(amc)
        return contact.name if contact else ""

    def _make(
        self, case: OfCase, one: OfOne, last: InsurerReport | None, *, final: bool
    ) -> InsurerReport:
        number = last.number + 1 if last else 1
        self.shelf.begin(one.amc, number)
        list_of = self.engine.members(one.amc, exercise=case.exercise)
        clear, members = self._listed(one.amc, number, list_of, LISTS)  # (3)
        files, claims = dict([members]), case.claims.said(one.amc) if case.claims else None
        if case.claims and claims and claims.touched:
            touched = (line.encode() for line in case.claims.lines_of(one.amc))
            _, listed = self._listed(one.amc, number, touched, LISTS_OF_CLAIMS)
            files |= dict([listed])
        report = self._report(case, one, number, clear, claims, final=final)
        files[REPORT] = self.shelf.put(one.amc, number, REPORT, [report.to_json()])
        files[READABLE] = self.shelf.put(one.amc, number, READABLE, [self.readable(report)])
        said = Manifest(
            incident=case.incident,
            exercise=case.exercise,
            amc=report.amc,
            number=number,
            files=files,
        )
        self.shelf.close(
            one.amc, number, self.signer.sign(manifest_text(self.signer.origin, said))
        )  # (4)
        return report

    def _listed(
        self, amc: int, number: int, pieces: Iterator[bytes], of: ListNames
    ) -> tuple[str, tuple[str, str]]:
        """Digest of a list in clear; name and digest of the file that holds it."""
        contact, digest = self.contacts.of(amc), sha256()

        def read() -> Iterator[bytes]:
            for piece in pieces:
                digest.update(piece)
                yield piece

        name, kept = of.clear, read()
        if contact is not None and contact.key:
            name, ephemeral = of.sealed, self.chance.draw(32)
            kept = seal_stream(
                read(), ephemeral=ephemeral, recipient=contact.key, purpose=of.purpose
            )
        file = self.shelf.put(amc, number, name, kept)
        return digest.hexdigest(), (name, file)

    def _report(
        self,
        case: OfCase,
        one: OfOne,
        number: int,
        members: str,
        claims: ClaimsSaid | None,
        *,
        final: bool,
    ) -> InsurerReport:
        amc = f"{one.amc:08d}"
        of_scope = next((each for each in case.scope.insurers if each.amc == amc), None)
        kinds = [case.kinds.get(number, "") for number in one.accounts]
        phase: Phase = "final" if final else "complement" if number > 1 else "initial"
        return InsurerReport(
            incident=case.incident,
            exercise=case.exercise,
            number=number,
            phase=phase,
            amc=amc,
            name=self._name(one.amc),
            made=self.now,
            scope=case.scope.number,
            scope_digest=case.digest,
            checkpoint=case.scope.checkpoint,
            stolen=case.stolen,
            contained=case.contained,
            accounts=len(one.accounts),
            kinds={kind: kinds.count(kind) for kind in sorted({*kinds} - {""})},
            breached=one.breached,
            undecided=one.undecided,
            cleared=of_scope.cleared if of_scope else 0,
            clears=case.scope.clears,
            members=members,
            change=one.change,
            doors=case.doors_of(case.accounts_of(one)),
            gateway=tuple((each.since, each.until) for each in case.gateway),
            claims=claims,
            claims_unopened=case.claims.unopened if case.claims else 0,
        )


def _missing(
    counted: Sequence[OfOne], before: Mapping[int, tuple[InsurerReport, str]]
) -> list[OfOne]:
    """Insurers that had a report and have nobody any more, of whom nobody was named either."""
    there = {each.amc for each in counted}
    return [
        OfOne(amc, PartSaid(), PartSaid(), frozenset(), 0, _nobody_left(*last))
        for amc, last in sorted(before.items())
        if amc not in there
    ]


def _claimed(case: OfCase, there: Collection[int]) -> list[OfOne]:
    """Insurers of whom claims alone were touched."""
    amcs = case.claims.insurers if case.claims else []
    nobody = PartSaid(), PartSaid(), frozenset[int](), 0, None
    return [OfOne(amc, *nobody) for amc in amcs if amc not in there]


def _nobody_left(report: InsurerReport, digest: str) -> ChangeSaid:
    return ChangeSaid(
        before=digest,
        breached_new=0,
        breached_gone=report.breached.people,
        undecided_new=0,
        undecided_gone=report.undecided.people,
    )


def _of_one_list(one: OfOne, last: tuple[InsurerReport, str] | None, case: OfCase) -> OfOne:
    """Where the last report follows from the same scope, nobody has moved since."""
    if one.change is not None or last is None or last[0].scope_digest != case.digest:
        return one
    return one._replace(
        change=ChangeSaid(
            before=last[1], breached_new=0, breached_gone=0, undecided_new=0, undecided_gone=0
        )
    )


def _stands(last: InsurerReport, one: OfOne, case: OfCase, *, final: bool) -> bool:
    """Whether a report says what a new one would."""
    if final and last.phase != "final":
        return False
    if case.claims and _settled(last.claims) != _settled(case.claims.said(one.amc)):
        return False
    if last.scope_digest == case.digest:
        return True
    moved = one.change is None or any(
        (
            one.change.breached_new,
            one.change.breached_gone,
            one.change.undecided_new,
            one.change.undecided_gone,
        )
    )
    said = last.breached, last.undecided, last.stolen, last.contained, last.clears, last.accounts
    return (
        not moved
        and said
        == (
            *(one.breached, one.undecided, case.stolen, case.contained, case.scope.clears),
            len(one.accounts),
        )
        and last.doors == case.doors_of(case.accounts_of(one))
    )


def _settled(claims: ClaimsSaid | None) -> ClaimsSaid:
    """What nobody is told again for: how claims are ruled on since is told elsewhere."""
    claims = claims or ClaimsSaid()
    return msgspec.structs.replace(claims, cleared=0, outcomes={}, owed=0, list="")


def _check_opened(claims: ClaimsTouched | None, before: Sequence[InsurerReport]) -> None:
    """Return unless what insurers were told of claims would be taken back for want of a key."""
    told = any(each.claims is not None and each.claims.touched for each in before)
    if claims is not None and told and 0 < claims.touched == claims.unopened:
        raise KeyMissing("insurers were told of claims that do not open here: keys/billing.keyring")


def _check(one: OfOne, scoped: InsurerSaid | None) -> None:
    """(1) Each pseudonym of the scope is somebody's, once."""
    expected = scoped.breached + scoped.undecided if scoped else 0
    if one.pseudonyms != expected:
        raise IntegrityBroken(f"the people of {one.amc:08d} are not those of the scope")


def _check_sum(
    reports: Sequence[InsurerReport], counted: Sequence[OfOne], scope: ScopeFile
) -> None:
    """(5) The dossiers together say what the scope says."""
    told = {int(each.amc): (each.breached, each.undecided) for each in reports}
    pseudonyms = sum(each.pseudonyms for each in counted)
    differing = [one for one in counted if told.get(one.amc) != (one.breached, one.undecided)]
    if differing or pseudonyms != scope.breached + scope.undecided:
        raise IntegrityBroken("the dossiers do not add up to the scope")


def _check_claims(reports: Sequence[InsurerReport], case: OfCase) -> None:
    """(5) So do the claims: each that was opened is in one dossier."""
    if case.claims is None:
        return
    told = sum(each.claims.touched for each in reports if each.claims is not None)
    if told + case.claims.unopened != case.claims.touched:
        raise IntegrityBroken("the claims in the dossiers do not add up to all of them")
