"""Follow the public directory: who is no longer listed where they are contracted is out, and so is
a site where it lists nobody any more whose profession the site's kind has.

(1) the extract is not of a day before the last one's;
(2) it has the columns of one; rows that break a rule are reported by line, column and rule, and
    whoever they may have been about is left as they are;
(3) asked to take all or nothing, a bad row ends it here;
(4) a file that another has followed is refused; one that is suddenly smaller, or that would put
    many out, is refused until somebody has looked and says how many: a truncated file must not cut
    France;
(5) leavers, people and sites, are suspended together with the note that the extract was read, and
    it takes the place of the last one. Delegates go with their sponsor, a site's software and
    people with their site, and sessions end at the vault's next look. Whoever came in outside of
    the directory is followed from now on, if it lists them.

A site that the directory never listed is not followed, and stays. Nobody is brought back here:
that is somebody's decision.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TextIO

from rempart.domain.directory import site_suspension, suspension
from rempart.domain.errors import FeedRefused, MalformedRow
from rempart.domain.extract import (
    PEOPLE_FLOOR,
    SITES_FLOOR,
    Extract,
    Leavers,
    check_day,
    check_unseen,
    doubt_about,
)
from rempart.domain.person import Person, Role, Suspension
from rempart.usecases.directory_ports import Consequences, Directory
from rempart.usecases.ports import Registered, Registry, Site
from rempart.usecases.read_extract import Listeners, Reading, read_extract


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowOptions:
    """How to take an extract in. ``day`` is the day that it is of, ``confirmed`` how many would be
    out, people and sites, as somebody who has looked says.
    """

    dry_run: bool = False
    all_or_nothing: bool = False
    confirmed: int | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowReport:
    """What an extract did: its day, rows, bad ones; contracted professionals and followed sites;
    who is out for what, by account, and which sites. ``doubt`` is why it will be refused, where it
    was only tried.
    """

    day: date
    rows: int
    bad: int
    contracted: int
    followed: int
    out: Mapping[str, Suspension] = field(repr=False)
    sites_out: Mapping[str, Suspension] = field(repr=False)
    doubt: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowDirectory:
    """The taking-in. ``lenient_key`` takes numbers of test cards: for a sandbox only."""

    registry: Registry
    directory: Directory
    lenient_key: bool = False

    def __call__(
        self,
        stream: TextIO,
        *,
        today: date,
        options: FollowOptions,
        rejected: Callable[[MalformedRow], object],
        read: Callable[[int], object] = lambda _: None,
    ) -> FollowReport:
        """Take an extract in.

        Raises:
            FeedRefused: no extract, an old one, bad rows where all or nothing was asked, or one
                that somebody should look at. Nothing was changed.
        """
        with self.directory.taking() as taking:
            last = self.directory.last()
            day = options.day or today
            check_day(day, last=last, today=today)  # (1)
            registered = self.registry.read()
            watched = _watched(registered)
            found = Reading({(p.rpps, p.site) for p in watched}, registered.sites, today)
            listeners = Listeners(good=taking.add, bad=rejected, read=read)
            read_extract(stream, found, listeners, lenient_key=self.lenient_key)  # (2)
            if options.all_or_nothing and found.bad:  # (3)
                raise FeedRefused(f"{found.bad} bad rows, and all or nothing was asked")
            check_unseen(found.digest, last=last, taken=self.directory.taken(found.digest))  # (4)
            if last is not None and last.digest == found.digest:
                day = last.day
            follows = consequences(found, watched, registered)
            contracted = sum(person.followed for person in watched)
            followed = sum(is_followed(site) for site in registered.sites.values())
            leavers = (
                Leavers("people", len(follows.people), contracted, PEOPLE_FLOOR),
                Leavers("sites", len(follows.sites), followed, SITES_FLOOR),
            )
            doubt = doubt_about(found.rows, last=last, leavers=leavers, said=options.confirmed)
            if not options.dry_run:  # (5)
                if doubt:
                    raise FeedRefused(doubt)
                extract = Extract(day=day, rows=found.rows, bad=found.bad, digest=found.digest)
                taking.settle(extract, follows)
        names = {registered.people[number].name: why for number, why in follows.people.items()}
        return FollowReport(
            day=day,
            rows=found.rows,
            bad=found.bad,
            contracted=contracted,
            followed=followed,
            out=names,
            sites_out=follows.sites,
            doubt=doubt,
        )


def _watched(registered: Registered) -> list[Person]:
    return [
        person
        for person in registered.people.values()
        if person.role is Role.PROFESSIONAL and not person.left and person.suspended is None
    ]


def is_followed(site: Site) -> bool:
    """Whether a site is in, and out as soon as the directory no longer lists it."""
    return site.followed and site.suspended is None


def consequences(found: Reading, watched: list[Person], registered: Registered) -> Consequences:
    """What an extract changes. Changes nothing."""
    people, people_followed = {}, set()
    for person in watched:
        pair = person.rpps, person.site
        kind = registered.sites[person.site].kind
        rows = found.about.get(pair, ())
        why = suspension(person.profession, kind, rows, today=found.today)
        if why is None and not person.followed:
            people_followed.add(person.number)
        elif why is not None and person.followed and pair not in found.doubtful:
            people[person.number] = why
    sites, sites_followed = {}, set()
    for name, site in registered.sites.items():
        why = site_suspension(site.kind, found.practised.get(name, ()))
        if why is None and site.suspended is None and not is_followed(site):
            sites_followed.add(name)
        elif why is not None and is_followed(site) and name not in found.doubtful_sites:
            sites[name] = why
    return Consequences(
        people=people, sites=sites, people_followed=people_followed, sites_followed=sites_followed
    )
