"""Who takes part now: an account is in with its site, and a delegate with their sponsor too."""

from rempart.domain.person import Person, answers_for, is_in
from rempart.usecases.ports import Account, Registered, Software


def takes_part(account: Account, registered: Registered) -> bool:
    """Whether an account may sign in and stay."""
    site, people = registered.sites.get(account.site), registered.people
    if site is not None and site.suspended is not None:
        return False
    if isinstance(account, Software):
        sponsored = not account.sponsor or answers_for(account.sponsor, account.site, people)
        return sponsored and not account.revoked
    return is_in(account, people)


def unchanged(account: Account, registered: Registered) -> bool:
    """Whether the registry still says of an account what it said."""
    if isinstance(account, Software):
        return registered.software.get(account.client_id) == account
    return registered.people.get(account.number) == account


def delegated(account: Account) -> bool:
    """Whether an account is one pair of hands, and not a whole site's software."""
    return isinstance(account, Person) or account.sponsor > 0
