"""The assembly of the claims of an incident: found, opened under the judge's key, written down.

home/cases/000041/claims-0001.csv    a line a claim, beside the scope of this number
home/cases/000041/claims-0001.json   how many, by insurer and part
"""

from pathlib import Path

from rempart.adapters.durable import told_of_disk, write_whole
from rempart.adapters.segments.scope import digest_of
from rempart.bootstrap.billing import CLAIMS
from rempart.bootstrap.cases import case_folder
from rempart.bootstrap.incidents import incident_book
from rempart.bootstrap.keyrings import billing_keyring
from rempart.config import Settings
from rempart.domain.errors import IntegrityBroken, KeyMissing, Refusal
from rempart.domain.finding import Finding
from rempart.domain.tariff import france
from rempart.usecases.claims_file import ClaimsFile, read_claims
from rempart.usecases.claims_list import ClaimsTouched
from rempart.usecases.read_incidents import Case
from rempart.usecases.scope_claims import ScopeClaims
from rempart.usecases.scope_file import ScopeFile


def claims_of(settings: Settings, case: Case, finding: Finding) -> ClaimsTouched:
    """Claims that the accounts of a finding touched, until now or until the incident was closed."""
    with incident_book(settings) as book:
        scope = ScopeClaims(book, france(), _judges_key(settings))
        return ClaimsTouched(
            claims=scope(finding, until=case.until, sessions=case.sessions),
            kinds={number: each.kind for number, each in case.everybody.items()},
            until=case.until,
            exercise=case.incident.exercise,
        )


def _judges_key(settings: Settings) -> bytes | None:
    """Where claims are judged elsewhere, their key is too."""
    try:
        return billing_keyring(settings).get(CLAIMS)
    except KeyMissing:
        return None


def keep_claims(
    settings: Settings, number: int, scope: ScopeFile, claims: ClaimsTouched
) -> tuple[ClaimsFile, Path]:
    """Put the claims beside the scope that they belong to, unless others lie there that could be
    opened; how many, and where they lie.
    """
    said = claims.to_file(incident=number, scope=scope.number, finding=scope.finding_digest)
    listed = case_folder(settings, number) / f"claims-{scope.number:04d}.csv"
    if opened_before(listed.with_suffix(".json"), said):
        return said, listed
    for path, data in (
        (listed, "".join(claims.lines()).encode()),
        (listed.with_suffix(".json"), said.to_json()),
    ):
        with told_of_disk(path.name):
            write_whole(path, data, mode=0o600)
    return said, listed


def opened_before(path: Path, said: ClaimsFile) -> bool:
    """Whether nobody opens these claims here, and those of the same finding that lie there were."""
    if not path.exists() or not 0 < said.whole.touched == said.unopened.touched:
        return False
    there = read_claims(path.read_bytes())
    return (
        there.finding_digest == said.finding_digest and there.unopened.touched < there.whole.touched
    )


def claims_beside(scope: Path, said: ScopeFile) -> ClaimsFile | None:
    """The claims beside the file of a scope, if they were written down.

    Raises:
        Refusal: they are none, or belong to another finding.
        IntegrityBroken: they do not add up, or their list is another one.
    """
    path = scope.with_name(f"claims-{said.number:04d}.json")
    if not path.exists():
        return None
    claims = read_claims(path.read_bytes())
    if claims.finding_digest != said.finding_digest:
        raise Refusal(f"{path.name} belongs to another finding: make the scope again")
    listed = path.with_suffix(".csv")
    if listed.exists() and digest_of(listed).hex() != claims.whole.list:
        raise IntegrityBroken(f"{listed.name} is not the list of these claims: scope again")
    return claims
