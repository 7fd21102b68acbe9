"""Who takes part now: an account is in with its site, and a delegate with their sponsor too."""

from rempart.domain.person import is_in
from rempart.usecases.ports import Account, Registered, Software


def takes_part(account: Account, registered: Registered) -> bool:
    """Whether an account may sign in and stay."""
    site = registered.sites.get(account.site)
    if site is not None and site.suspended is not None:
        return False
    if isinstance(account, Software):
        return not account.revoked
    return is_in(account, registered.people)
