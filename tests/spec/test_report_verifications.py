"""What a shop verified offline is noted once, sent until it is ruled on, and then forgotten."""

from __future__ import annotations

import stat
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.memory.verifications import MemoryVerificationJournal
from rempart.adapters.memory.world import MemoryChance
from rempart.adapters.verification_journal import SqliteVerificationJournal
from rempart.domain.claim import Claim, Shown, Use, from_bytes, to_bytes
from rempart.domain.coverage import Domain
from rempart.domain.errors import MalformedIdentifier, TemporarilyUnavailable
from rempart.usecases.card_codes import read_card
from rempart.usecases.report_verifications import (
    ReportVerifications,
    Told,
    Verification,
    claim_of,
    noted,
)
from rempart.usecases.verify_card import Finding, Verdict
from tests.insurers import AtInsurer, keys_of, row

title = "Verifications that a shop reports"

CARE = date(2026, 11, 26)
MADE = 1_800_000_000


def verification(number="V1", **change) -> Verification:
    said = {"code": "RP1:ONE", "amc": "99990001", "domain": Domain.PHAR, "care": CARE, "made": MADE}
    return Verification(number=number, **(said | change))


@pytest.fixture(params=["memory", "sqlite"])
def journal(request, tmp_path):
    if request.param == "memory":
        yield MemoryVerificationJournal()
        return
    with closing(SqliteVerificationJournal(tmp_path / "journal.sqlite")) as kept:
        yield kept


@dataclass
class Intake:
    """Says of each claim what it is told to; of others, that they are kept."""

    says: dict[str, Told] = field(default_factory=dict)
    sent: list[Claim] = field(default_factory=list)
    down: bool = False

    def __call__(self, claim: Claim) -> Told:
        if self.down:
            raise TemporarilyUnavailable("not acknowledged")
        self.sent.append(claim)
        return self.says.get(claim.number, Told("verification-kept"))


def test_each_is_sent_again_as_it_is_until_it_is_ruled_on(journal):
    one, two, three = verification(), verification("V2", code="T"), verification("V3", code="U")
    for each in (one, two, three):
        assert journal.add(each)
    intake = Intake()
    report = ReportVerifications(journal, intake)
    assert [told.outcome for _, told in report()] == ["verification-kept"] * 3
    first, intake.sent = intake.sent, []
    intake.says = {
        "V1": Told("verification-right", "ended"),
        "V2": Told("verification-looked-at", "cut"),
        "V3": Told("verification-wrong", "over"),
    }
    assert list(report()) == [(each, intake.says[each.number]) for each in (one, two, three)]
    assert intake.sent == first, "the same claims, under the same numbers"
    assert journal.waiting() == [two], "what a person looks at is asked for again"


def test_one_that_is_not_acknowledged_waits_with_those_behind_it(journal):
    journal.add(verification())
    journal.add(verification("V2", code="T"))
    intake = Intake(says={"V1": Told("verification-right")})
    sending = ReportVerifications(journal, intake)()
    next(sending)
    intake.down = True
    with pytest.raises(TemporarilyUnavailable):
        next(sending)
    assert [each.number for each in journal.waiting()] == ["V2"]


@pytest.mark.parametrize("code", ["not-signed-in", "too-many-claims", "malformed"])
def test_what_is_not_taken_is_not_forgotten(journal, code):
    journal.add(verification())
    assert list(ReportVerifications(journal, Intake(says={"V1": Told(code)}))())
    assert journal.waiting() == [verification()]


def test_a_card_is_noted_once_a_domain_and_day(journal):
    assert journal.add(verification())
    assert not journal.add(verification("V2", made=MADE + 1))
    assert journal.add(verification("V3", domain=Domain.LABO))
    assert journal.add(verification("V4", care=date(2026, 11, 27)))
    assert [each.number for each in journal.waiting()] == ["V1", "V3", "V4"]
    journal.forget("V1")
    assert journal.add(verification("V5"))


def test_the_journal_is_its_owners_outlives_its_process_and_forgets_codes(tmp_path):
    path = tmp_path / "journal.sqlite"
    with closing(SqliteVerificationJournal(path)) as kept:
        kept.add(verification(code="RP1:SECRET-OF-A-CARD"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"SECRET-OF-A-CARD" in path.read_bytes()
    with closing(SqliteVerificationJournal(path)) as kept:
        (again,) = kept.waiting()
        assert again == verification(code="RP1:SECRET-OF-A-CARD")
        kept.forget(again.number)
    assert b"SECRET-OF-A-CARD" not in path.read_bytes()
    assert "SECRET" not in repr(again)


# --- what is noted


def a_verdict(**change) -> tuple[str, Verdict]:
    insurer = AtInsurer(platform=bytes(32))
    (card,) = insurer.cards(row("R1"))
    claims = read_card(card.code, keys=keys_of(insurer), on=None)
    verdict = Verdict(finding=Finding.GOOD, claims=claims, list_made=MADE)
    return card.code, replace(verdict, **change)


def of(change: dict, domain: Domain | None = Domain.PHAR) -> Verification:
    code, verdict = a_verdict(**change)
    return noted(verdict, code, domain=domain, care=CARE, chance=MemoryChance(b"shop"))


@pytest.mark.parametrize("finding", [Finding.GOOD, Finding.UNCHECKED])
def test_what_a_list_had_its_say_on_is_noted(finding):
    made = of({"finding": finding})
    claim = claim_of(made)
    assert (claim.use, claim.asked, claim.amc) == (Use.VERIFICATION, 0, "99990001")
    assert claim.cites == Shown(a_verdict()[0], MADE)
    assert (
        made.number
        != noted(
            a_verdict()[1], "RP1:X", domain=Domain.PHAR, care=CARE, chance=MemoryChance(b"other")
        ).number
    )


@pytest.mark.parametrize(
    ("change", "domain", "rule"),
    [
        ({"finding": Finding.REFUSED}, Domain.PHAR, "nothing to report"),
        ({"claims": None}, Domain.PHAR, "nothing to report"),
        ({"list_made": None}, Domain.PHAR, "no list of its insurer"),
        ({}, None, "of one domain"),
    ],
)
def test_what_has_nothing_to_report_is_not_noted(change, domain, rule):
    with pytest.raises(MalformedIdentifier, match=rule):
        of(change, domain)


@given(
    st.builds(
        Verification,
        number=st.from_regex(r"V[0-9a-f]{24}", fullmatch=True),
        code=st.text(min_size=1, max_size=200),
        amc=st.just("99990001"),
        domain=st.sampled_from(Domain),
        care=st.dates(min_value=date(2020, 1, 1), max_value=date(2060, 1, 1)),
        made=st.integers(1, 2**40),
    )
)
def test_whatever_is_noted_is_a_claim_that_the_intake_reads(made):
    with suppress(MalformedIdentifier):
        claim = claim_of(made)
        assert from_bytes(to_bytes(claim)) == claim
        return
    raise AssertionError("it is no claim")
