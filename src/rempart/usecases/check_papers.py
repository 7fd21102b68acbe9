"""What papers are made of agrees with itself, or is refused by name."""

from collections.abc import Iterable

from rempart.domain.errors import Refusal
from rempart.domain.finding import Finding
from rempart.domain.finding import finding_of as finding_in_file
from rempart.usecases.claims_file import UNOPENED, ClaimsFile, ClaimsSaid
from rempart.usecases.dossier_file import InsurerReport
from rempart.usecases.finding_of_case import finding_of
from rempart.usecases.read_incidents import Case
from rempart.usecases.report_insurer import check_report, refused
from rempart.usecases.scope_file import InsurerSaid, ScopeFile

SHORT = 16
"""Digits of a digest that are enough to know it by."""


def check_scope(case: Case, scope: ScopeFile) -> Finding:
    """The finding of a case, if the scope follows from it.

    Raises:
        ForbiddenTransition: nothing was found in this case yet.
        IntegrityBroken: the words of its finding are gone or changed.
        Refusal: the scope is of another finding, or its parts do not add up.
    """
    finding = finding_in_file(finding_of(case))
    if scope.finding_digest != finding.digest.hex():
        raise Refusal(
            f"scope {scope.number} follows from finding {scope.finding_digest[:SHORT]}…, incident"
            f" {case.incident.ref} has {finding.digest.hex()[:SHORT]}…: make the scope again"
        )
    for part in ("breached", "undecided", "cleared"):
        if getattr(scope, part) != sum(getattr(each, part) for each in scope.insurers):
            raise Refusal(f"scope {scope.number}: {part} is not the sum over its insurers")
    if scope.people != scope.breached + scope.undecided + scope.cleared:
        raise Refusal(f"scope {scope.number}: people is not the sum of its parts")
    return finding


def check_reports(
    reports: Iterable[InsurerReport], case: Case, scope: ScopeFile, digest: str
) -> None:
    """Return if each report follows from this scope (its file has this digest), or from an earlier
    one of the same incident and says no other number: nobody is told the same again.

    Raises:
        Refusal: one is of another scope, or tells of more people than the scope has.
    """
    insurers = {each.amc: each for each in scope.insurers}
    for report in reports:
        check_report(report, case)
        if report.scope_digest != digest and report.scope >= scope.number:
            raise refused(report, f"it follows from scope {report.scope_digest[:SHORT]}…, not this")
        of_scope = insurers.get(report.amc, InsurerSaid(report.amc, 0, 0, 0))
        for name, part in (("breached", report.breached), ("undecided", report.undecided)):
            if part.people + part.unnamed > getattr(of_scope, name):
                raise refused(report, f"{name} is more than the scope has")


def check_claims(reports: Iterable[InsurerReport], claims: ClaimsFile | None) -> None:
    """Return if no report tells of more claims of its insurer than there are.

    Raises:
        Refusal: one does.
    """
    if claims is None:
        return
    for report in reports:
        of_all = claims.insurers.get(report.amc, ClaimsSaid())
        if report.claims is not None and report.claims.touched > of_all.touched:
            raise refused(report, "claims are more than there are beside the scope")


def insurers_touched(scope: ScopeFile, claims: ClaimsFile | None = None) -> set[str]:
    """Insurers somebody of whom was read, or may have been; or a claim of whom was touched."""
    read = {each.amc for each in scope.insurers if each.breached or each.undecided}
    of = claims.insurers.items() if claims else ()
    return (read | {amc for amc, said in of if said.touched}) - {UNOPENED}


def without_report(
    reports: Iterable[InsurerReport], scope: ScopeFile, claims: ClaimsFile | None = None
) -> list[str]:
    """Insurers that are touched, and have no report."""
    return sorted(insurers_touched(scope, claims) - {each.amc for each in reports})
