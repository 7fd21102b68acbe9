"""The assembly of papers: facts in, bytes of documents out. One press sets them all."""

from collections.abc import Sequence
from functools import cache

from rempart.adapters.documents.paper import PaperPress
from rempart.domain.contacts import Contacts
from rempart.usecases.breach_items import MeasureSaid
from rempart.usecases.dossier_file import InsurerReport
from rempart.usecases.paper import Paper
from rempart.usecases.read_incidents import Case
from rempart.usecases.report_insurer import insurer_paper


@cache
def press() -> PaperPress:
    """The press of this process: setting the first paper costs more than the next hundred each."""
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
