"""How large a theft is played: the country, the days before, accounts and insurers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

PEOPLE_OF_ONE = 10
"""Read in one account, at the least that is hoped for: the rest is what the guard lets through."""
MIX = {
    **{"doctor": 55, "nurse": 14, "pharmacy": 4, "dentist": 4, "physio": 4},
    **{"optician": 2, "laboratory": 3, "hospital": 2},
}
"""Sites by trade, for a hundred stolen accounts."""
MEMBERS = 40_000
FEWEST = 4_000
PAST = 10
"""Days of honest work before: a week and more, so that accounts have lines of their owners'."""
TUESDAY = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """So many sites by trade, members, days before; accounts that fall, insurers on the list."""

    mix: Mapping[str, int] = field(repr=False)
    members: int
    accounts: int
    insurers: int
    past: int = PAST


def scale_for(people: int, insurers: int) -> Scale:
    """What a theft of so many people takes."""
    accounts = max(2, -(-people // PEOPLE_OF_ONE))
    part = accounts / 100
    mix = {trade: max(int(trade in {"doctor", "pharmacy"}), round(count * part))
           for trade, count in MIX.items()}  # fmt: skip
    return Scale(
        mix=mix,
        members=max(FEWEST, int(MEMBERS * part)),
        accounts=accounts,
        insurers=insurers,
    )


def day_of_theft(today: date) -> date:
    """The last Tuesday that is over: the ledger of a drill is of no future."""
    yesterday = today - timedelta(days=1)
    return yesterday - timedelta(days=(yesterday.weekday() - TUESDAY) % 7)
