"""Tell the ledger who has been put out, who is back, and who is in outside of the directory.

The registry is written by another process than the vault's; each look compares it with what the
ledger says, so that a vault that was down meanwhile tells what it missed, once.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from rempart.domain.disclosure import EntryType
from rempart.domain.person import Person
from rempart.domain.told_out import PERSON, SITE, Standing, ToldOut, Who, standing_codes
from rempart.usecases.keep_ledger import Act, KeepLedger
from rempart.usecases.open_session import OpenSession, columns_of
from rempart.usecases.ports import Registered, Site
from rempart.usecases.pseudonyms import SITE as SITE_KIND
from rempart.usecases.pseudonyms import Pseudonyms, pseudonym

AT_ONCE = 1000
"""Entries of one append: questions wait no longer than for a large batch."""


@dataclass(slots=True)
class TellStandings:
    """The telling."""

    told: ToldOut
    sessions: OpenSession
    ledger: KeepLedger
    pseudonyms: Pseudonyms
    _generation: int = -1

    def settle(self) -> None:
        """Write what has changed since the ledger was told.

        Raises:
            TemporarilyUnavailable: some of it is not written: the next look tells the rest.
        """
        registered = self.sessions.registered
        if registered.generation == self._generation:
            return
        acts = list(self._acts(registered))
        for first in range(0, len(acts), AT_ONCE):
            self.ledger.act_all(acts[first : first + AT_ONCE])
        self._generation = registered.generation

    def _acts(self, registered: Registered) -> Iterator[Act]:
        _, key = self.pseudonyms.key(self.ledger.stamp())
        names = {site.number: site.site for site in registered.sites.values()}
        for who, standing in self.told.differing(standings(registered)).items():
            columns: dict[str, int | bytes] = {}
            if who[0] == SITE:
                columns["site"] = pseudonym(key, SITE_KIND, names[who[1]].encode())
            else:
                account_as, site_as = columns_of(registered.people[who[1]], key)
                columns |= {"account": account_as, "site": site_as}
            yield Act(EntryType.DECISION, standing_codes(who, standing), columns)


def standings(registered: Registered) -> dict[Who, Standing]:
    """Where everybody stands."""
    return {
        **{(SITE, site.number): standing_of(site) for site in registered.sites.values()},
        **{(PERSON, number): standing_of(person) for number, person in registered.people.items()},
    }


def standing_of(each: Site | Person) -> Standing:
    """Where a site or a person stands."""
    reason = "" if each.followed else each.outside
    outside = hashlib.sha256(reason.encode()).digest()[:16] if reason else b""
    return Standing(0 if each.suspended is None else each.suspended.value, outside)
