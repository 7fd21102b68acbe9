"""What is cut, by its name and by its number."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from rempart.domain.cutoff import EVERYTHING, CutOff
from rempart.domain.cutoff_words import Channel, Scope
from rempart.domain.disclosure import Presence, product_code
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.person import told
from rempart.usecases.contain_account import ContainAccounts, named
from rempart.usecases.open_session import columns_of


@dataclass(frozen=True, slots=True)
class CutOffNames:
    """Names of the registry, as it stands."""

    contain: ContainAccounts

    def number(self, scope: Scope, what: str) -> int:
        """The number of what is to be cut.

        Raises:
            MalformedIdentifier: nothing of this scope has this name.
        """
        number = NUMBER[scope](self, what)
        if number is None:
            raise MalformedIdentifier("what", "names nothing that this scope cuts")
        return number

    def what(self, cut: CutOff) -> str:
        """The name of what is cut; its number where nothing has that name any more."""
        return WHAT[cut.scope](self, cut.number) or str(cut.number)

    def columns(self, cut: CutOff, key: bytes) -> dict[str, int | bytes]:
        """Whom an entry about it is about, in the columns that say so of every entry.

        ``key`` is that of the month.
        """
        if cut.scope is Scope.INSURER:
            return {"amc": cut.number}
        account = self.contain.sessions.accounts.by_number.get(cut.number)
        if cut.scope is not Scope.ACCOUNT or account is None:
            return {}
        account_as, site_as = columns_of(account, key)
        return {"account": account_as, "site": site_as}

    def site(self, what: str) -> int | None:
        """The number of a site."""
        site = self.contain.sessions.registered.sites.get(what)
        return None if site is None else site.number

    def site_named(self, number: int) -> str:
        """The reverse."""
        sites = self.contain.sessions.registered.sites.values()
        return next((each.site for each in sites if each.number == number), "")

    def account_named(self, number: int) -> str:
        """The name of an account."""
        account = self.contain.sessions.accounts.by_number.get(number)
        return "" if account is None else account.name

    def insurer(self, what: str) -> int | None:
        """The number of an insurer who takes part."""
        known = what.isascii() and what.isdigit() and len(what) <= 8
        number = int(what) if known else EVERYTHING
        return number if number in self.contain.sessions.registered.insurers else None

    def product(self, what: str) -> int | None:
        """The code of a product and release that some registered software has."""
        code = product_code(what)
        return code if what and what in self.products(code) else None

    def products(self, code: int) -> Iterator[str]:
        """Products of this code: one, but for two in four thousand million."""
        for software in self.contain.sessions.registered.software.values():
            if code and product_code(software.product) == code:
                yield software.product


def _whole(names: CutOffNames, what: str) -> int | None:
    del names
    return None if what else EVERYTHING


NUMBER: Mapping[Scope, Callable[[CutOffNames, str], int | None]] = {
    Scope.ACCOUNT: lambda names, what: names.contain.account(what).number,
    Scope.SITE: CutOffNames.site,
    Scope.SOFTWARE: CutOffNames.product,
    Scope.CHANNEL: lambda _, what: named(Channel, what, "what"),
    Scope.INSURER: CutOffNames.insurer,
    Scope.PRESENCE: lambda _, what: named(Presence, what, "what"),
    Scope.RIGHTS: _whole,
    Scope.PLATFORM: _whole,
}
WHAT: Mapping[Scope, Callable[[CutOffNames, int], str]] = {
    Scope.ACCOUNT: CutOffNames.account_named,
    Scope.SITE: CutOffNames.site_named,
    Scope.SOFTWARE: lambda names, code: next(names.products(code), ""),
    Scope.CHANNEL: lambda _, number: told(Channel(number).name),
    Scope.INSURER: lambda _, number: f"{number:08d}",
    Scope.PRESENCE: lambda _, number: told(Presence(number).name),
    Scope.RIGHTS: lambda *_: "everything",
    Scope.PLATFORM: lambda *_: "everything",
}
