"""Find our accounts that an alert names: by professional, by site, by software; by network."""

from collections.abc import Iterator

from rempart.domain.alert import Subjects
from rempart.domain.person import Person, is_in
from rempart.usecases.open_session import OpenSession
from rempart.usecases.ports import Account, Software
from rempart.usecases.pseudonyms import NETWORK, Pseudonyms, code_of

RPPS = "RPPS:"


def named_accounts(subjects: Subjects, sessions: OpenSession) -> list[Account]:
    """Accounts that may sign in here and are named, each once: who is named by their own number
    first, then by their site, then by the software that they use.
    """
    found: dict[int, Account] = {}
    by_rpps = sessions.accounts.by_rpps
    for number in subjects.accounts:
        # Whoever has another number than an RPPS has no account here.
        if number.startswith(RPPS):
            found |= {each.number: each for each in by_rpps.get(number.removeprefix(RPPS), [])}
    if subjects.sites or subjects.software:
        found |= _others(subjects, sessions, found)
    return [each for each in found.values() if _may_come(each, sessions)]


def _others(
    subjects: Subjects, sessions: OpenSession, found: dict[int, Account]
) -> dict[int, Account]:
    sites, software = frozenset(subjects.sites), frozenset(subjects.software)
    everybody = [each for n, each in sessions.accounts.by_number.items() if n not in found]
    at_sites = {each.number: each for each in everybody if each.site and each.site in sites}
    using = {
        each.number: each
        for each in everybody
        if isinstance(each, Software) and each.product in software
    }
    return at_sites | using


def _may_come(account: Account, sessions: OpenSession) -> bool:
    if isinstance(account, Person):
        return is_in(account, sessions.registered.people)
    return not account.revoked and account.sandbox is sessions.sandbox


def seen_on(
    networks: tuple[str, ...], sessions: OpenSession, pseudonyms: Pseudonyms
) -> Iterator[int]:
    """Numbers of accounts that the guard remembers on one of these networks.

    A network has many honest people on it: nobody is narrowed for it.
    """
    if not networks:
        return
    codes = {code_of(pseudonyms.lasting, NETWORK, each.encode()) for each in networks}
    for number, trail in sessions.guard.watch.trails.states.items():
        if not codes.isdisjoint(trail.networks):
            yield number
