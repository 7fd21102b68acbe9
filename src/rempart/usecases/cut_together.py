"""Which accounts fall together: those of one site, or of one product, several of which the guard
has just frozen. The law, and why nobody gains by it, stands in ``domain/cutoff.py``.
"""

from collections.abc import Iterator

from rempart.domain.containment import Authority
from rempart.domain.cutoff import GUARDS_CUT_FOR, HOUR, CutOff, Key, falls_together
from rempart.domain.cutoff_words import CutWhy, Scope
from rempart.domain.disclosure import product_code
from rempart.usecases.contain_account import ContainAccounts
from rempart.usecases.ports import Account, Registered, Software
from rempart.usecases.take_part import takes_part


def fallen(contain: ContainAccounts, number: int, now: int) -> Iterator[CutOff]:
    """What the guard cuts, having frozen this account."""
    accounts, since = contain.sessions.accounts.by_number, now - HOUR
    account, registered = accounts.get(number), contain.sessions.registered
    if account is None or not contain.guard.froze(number, since):
        return
    for key in groups_of(account, registered):
        among = [n for n, other in accounts.items() if key in groups_of(other, registered)]
        frozen = sum(contain.guard.froze(each, since) for each in among)
        if falls_together(key[0], frozen=frozen, accounts=len(among)):
            yield guards(key, now)


def groups_of(account: Account, registered: Registered) -> tuple[Key, ...]:
    """What an account is one of, while it takes part."""
    site = registered.sites.get(account.site)
    if site is None or not takes_part(account, registered):
        return ()
    of_site: Key = Scope.SITE, site.number
    product = product_code(account.product) if isinstance(account, Software) else 0
    return (of_site, (Scope.SOFTWARE, product)) if product else (of_site,)


def guards(key: Key, now: int) -> CutOff:
    """A cut-off of the guard's own.

    Raises:
        ForbiddenTransition: wider than it may.
    """
    cut = CutOff(
        scope=key[0],
        number=key[1],
        since=now,
        until=now + GUARDS_CUT_FOR,
        why=CutWhy.FROZEN_TOGETHER,
        authority=Authority.GUARD,
    )
    cut.check(now)
    return cut
