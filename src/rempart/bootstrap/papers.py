"""The assembly of papers: facts in, documents out; one press sets them all.

A folder of papers: ``cnil.pdf``, ``cnil.json``, ``cnil-12345678.pdf`` … for each insurer with a
report, ``plainte.pdf``, ``plainte.json``, ``page.html``, ``page.txt``, ``professionnels.txt``.
Each file is written whole or not at all; run again, each is written anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

from rempart.adapters.documents.paper import PaperPress
from rempart.adapters.dossier_shelf import DossierFolder
from rempart.adapters.durable import told_of_disk, write_whole
from rempart.adapters.segments.scope import digest_of as sha256_of
from rempart.domain.contacts import Contacts
from rempart.domain.errors import IntegrityBroken, Refusal
from rempart.usecases.breach_items import MeasureSaid
from rempart.usecases.check_papers import check_claims, check_reports, check_scope
from rempart.usecases.claims_file import ClaimsFile
from rempart.usecases.dossier_file import InsurerReport
from rempart.usecases.dossier_manifest import MANIFEST
from rempart.usecases.dossier_sum import Standing, read_sum, standing
from rempart.usecases.draft_cnil import operator_draft
from rempart.usecases.draft_cnil_insurer import insurer_draft
from rempart.usecases.draft_complaint import Evidence, complaint
from rempart.usecases.paper import Item, Paper
from rempart.usecases.public_words import for_professionals, public_page
from rempart.usecases.read_incidents import Case
from rempart.usecases.report_insurer import insurer_paper
from rempart.usecases.scope_file import ScopeFile, read_scope


@cache
def press() -> PaperPress:
    """The press of this process: setting the first paper costs more than any later one."""
    return PaperPress()


def insurer_report_pdf(
    report: InsurerReport, case: Case, contacts: Contacts, measures: Sequence[MeasureSaid] = ()
) -> bytes:
    """``rapport.pdf`` of a dossier.

    Raises:
        ForbiddenTransition: nothing was found in this case yet.
        Refusal: the report is of another incident, or contradicts itself.
    """
    return press().pdf(insurer_paper(report, case, contacts, measures))


def paper_pdf(paper: Paper) -> bytes:
    """Any other paper, as a document."""
    return press().pdf(paper)


@dataclass(frozen=True, slots=True)
class Papered:
    """A file that is there, and what a person has still to say in it."""

    path: Path
    left: Sequence[Item] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What papers are made of; ``digest`` is that of the scope's file. Reports that are ``older``
    than it, and may be of fewer people, are quoted nowhere.
    """

    case: Case
    scope: ScopeFile
    digest: str
    contacts: Contacts = field(repr=False)
    reports: Sequence[InsurerReport] = field(default=(), repr=False)
    older: Sequence[InsurerReport] = field(default=(), repr=False)
    evidence: Sequence[Evidence] = field(default=(), repr=False)
    measures: Sequence[MeasureSaid] = field(default=(), repr=False)
    claims: ClaimsFile | None = None
    gained: Sequence[MeasureSaid] = field(default=(), repr=False)


def scope_at(path: Path) -> tuple[ScopeFile, str]:
    """A scope, and the SHA-256 of its file; the list beside it, if there, is the one that it names.

    Raises:
        Refusal: it is none.
        IntegrityBroken: the list is another one.
    """
    if not path.exists():
        raise Refusal("there is no scope yet: rempart incident scope")
    text, listed = path.read_bytes(), path.with_suffix(".csv")
    scope = read_scope(text)
    if listed.exists() and digest_of(listed) != scope.list:
        raise IntegrityBroken(f"{listed.name} is not the list of this scope")
    return scope, sha256(text).hexdigest()


def reports_in(folder: Path, scope: ScopeFile, digest: str) -> tuple[Standing, list[Evidence]]:
    """The last whole report of each insurer, of this scope or of an older one, and the manifests
    that bear them out.

    Raises:
        IntegrityBroken: those of this scope do not add up to it.
    """
    shelf = DossierFolder(folder)
    last = [each for amc in shelf.insurers() if (each := shelf.last(amc)) is not None]
    summed, digests = shelf.sum(), {report.amc: said for report, said in last}
    found = standing(
        [report for report, _ in last],
        digests,
        scope,
        digest=digest,
        summed=read_sum(summed) if summed else None,
    )
    notes = [shelf.of(int(report.amc), report.number) / MANIFEST for report, _ in last]
    return found, [(str(note.relative_to(folder)), digest_of(note)) for note in notes]


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal; a list of 33 million people is read piece by piece."""
    return sha256_of(path).hex()


def write_papers(facts: Facts, out: Path, *, now: int) -> Iterator[Papered]:
    """Every file, as it is there; ``now`` is in microseconds.

    Raises:
        ForbiddenTransition, IntegrityBroken, Refusal: the facts are of different things; nothing
            was written then.
        TemporarilyUnavailable: one could not be written, as on a full disk.
    """
    case, scope, contacts = facts.case, facts.scope, facts.contacts
    check_scope(case, scope)
    check_reports(facts.reports, case, scope, facts.digest)
    claims, evidence = facts.claims, facts.evidence
    check_claims(facts.reports, claims)
    own = operator_draft(
        case,
        scope,
        contacts,
        now=now,
        measures=facts.measures,
        gained=facts.gained,
        claims=claims,
    )
    charge = complaint(
        case, scope, facts.digest, contacts, now=now, evidence=evidence, claims=claims
    )
    page = public_page(case, scope, contacts, claims)
    message = for_professionals(case, scope, contacts)
    yield from _both(own, out, "cnil")
    yield from _both(charge, out, "plainte")
    for name, text in (
        ("page.html", page.to_html()),
        ("page.txt", page.to_text()),
        ("professionnels.txt", message.to_text()),
    ):
        yield Papered(_put(out / name, text.encode()))
    for report in facts.reports:
        draft = insurer_draft(report, case, contacts, facts.measures, facts.gained)
        yield from _both(draft, out, f"cnil-{report.amc}")


def _both(paper: Paper, out: Path, name: str) -> Iterator[Papered]:
    yield Papered(_put(out / f"{name}.pdf", paper_pdf(paper)), paper.left)
    yield Papered(_put(out / f"{name}.json", paper.to_json()))


def _put(path: Path, data: bytes) -> Path:
    with told_of_disk(path.name):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, data, mode=0o600)
    return path
