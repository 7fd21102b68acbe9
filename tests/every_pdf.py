"""Every kind of PDF that is made here, real and as an exercise; a new kind has its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from rempart.adapters.documents.letters import LetterPress
from rempart.adapters.documents.register import register_pdf
from rempart.bootstrap.papers import paper_pdf
from rempart.domain.breach_told import Told
from rempart.domain.letter import Language
from rempart.domain.scope import Verdict
from rempart.domain.site import SiteKind
from rempart.usecases.draft_cnil import operator_draft
from rempart.usecases.draft_cnil_insurer import insurer_draft
from rempart.usecases.draft_complaint import complaint
from rempart.usecases.letters_to_professionals import LettersToProfessionals
from rempart.usecases.mail_letters import Posted
from rempart.usecases.register_incidents import written
from rempart.usecases.report_insurer import insurer_paper
from tests import papers, sheets
from tests.insurers import AtInsurer
from tests.letters import ONE, reading, write
from tests.spec.test_incident_register import told
from tests.spec.test_incidents import OTHER, Ground, in_memory, real
from tests.spec.test_letters_to_professionals import WHEN, operator, read
from tests.worlds import World

TO = ("Zoé D’EXEMPLE", "1 rue #set[x] $y$", "75000 PARIS")


def letter_press(*, exercise: bool) -> LetterPress:
    return LetterPress(
        name="Mutuelle d’Exemple",
        address=["1 rue de l’Exemple"],
        made_on=date(2026, 11, 27),
        exercise=exercise,
    )


def sheet(*, exercise: bool) -> bytes:
    family = sheets.sheets(
        AtInsurer(),
        sheets.named("A1", last="D’EXEMPLE-LONGUE", first="Zoé", number="00 123 A"),
        sheets.named("A2", number="00123A", rank="2", domains="PHAR=100 HOSP=SMUT"),
    )
    return sheets.press(specimen=exercise).pdf(family, pack=1)


def letter(*, exercise: bool) -> bytes:
    pages = []
    for place, verdict in enumerate((Verdict.BREACHED, Verdict.UNDECIDED), 1):
        texts = dict(zip(Language, write(Told({ONE: reading(verdict)})), strict=True))
        pages.append(Posted(f"00007-{place:04d}", "R1", "", False, TO, (), texts).printed())
    return letter_press(exercise=exercise).pdf(pages, pack=7)


def professional(*, exercise: bool) -> bytes:
    (one,) = read(f"Dr Exemple;login+site+email+phone+bank_account;{WHEN};1 rue X")
    texts = LettersToProfessionals(operator())(one, "P-0001")
    posted = Posted("P-0001", "", "", False, (one.name, *one.address), (), texts)
    return letter_press(exercise=exercise).pdf([posted.printed()], pack=1)


def insurer(*, exercise: bool) -> bytes:
    case = papers.a_case(exercise=exercise)
    report = papers.a_report(papers.a_scope(case), exercise=exercise)
    return paper_pdf(insurer_paper(report, case, papers.CONTACTS))


def cnil(*, exercise: bool) -> bytes:
    case = papers.a_case(exercise=exercise)
    scope = papers.a_scope(case)
    return paper_pdf(operator_draft(case, scope, papers.CONTACTS, now=papers.NOW))


def cnil_of_insurer(*, exercise: bool) -> bytes:
    case = papers.a_case(exercise=exercise)
    report = papers.a_report(papers.a_scope(case), exercise=exercise)
    return paper_pdf(insurer_draft(report, case, papers.CONTACTS))


def charge(*, exercise: bool) -> bytes:
    case = papers.a_case(exercise=exercise)
    scope = papers.a_scope(case)
    digest = papers.digest_of(scope)
    return paper_pdf(complaint(case, scope, digest, papers.CONTACTS, now=papers.NOW))


def kept(*, exercise: bool) -> bytes:
    world = World()
    world.add_site(OTHER, SiteKind.LABORATORY)
    world.service.look()
    ground = Ground(real(world), in_memory(world))
    if exercise:
        ground.open(exercise=True)
    else:
        told(ground)
    facts = ground.reader().register()
    contact = f"{papers.OPERATOR.dpo}, {papers.OPERATOR.dpo_email}"
    name = papers.OPERATOR.name
    return register_pdf(written(facts, operator=name, contact=contact, exercise=exercise))


KINDS: Mapping[str, Callable[..., bytes]] = {
    "sheet": sheet,
    "letter": letter,
    "professional": professional,
    "insurer": insurer,
    "cnil": cnil,
    "cnil-of-insurer": cnil_of_insurer,
    "complaint": charge,
    "register": kept,
}
