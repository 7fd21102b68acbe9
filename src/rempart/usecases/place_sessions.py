"""Place the thief's sessions of a finding: whose account each is, by what was asked in it."""

from dataclasses import replace

from rempart.domain.finding import Finding
from rempart.usecases.question_ports import ALWAYS, Questions
from rempart.usecases.read_incidents import Case


def placed(case: Case, finding: Finding, questions: Questions) -> Case:
    """The case with the accounts of the thief's sessions. Nothing is read where none is named, or
    where there is one account alone.
    """
    named, accounts = finding.thief, [each.number for each in finding.suspects]
    if not named or len(accounts) < 2:
        return case
    found: dict[bytes, int] = {}
    since, until = finding.span
    for each in questions.asked(accounts, since, min(until, ALWAYS)):
        if each.session in named:
            found[each.session] = each.account
        if len(found) == len(named):
            break
    return replace(case, sessions=found)
