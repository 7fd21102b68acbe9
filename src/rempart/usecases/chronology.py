"""Everything that is known of a case, by its time: for the prosecutor, accounts by their names."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from rempart.domain.finding import NEVER, Finding
from rempart.usecases.case_items import deed_items, statement_item
from rempart.usecases.cut_words import cut_named
from rempart.usecases.incident_labels import WHYS, opened_by
from rempart.usecases.paper import Item, Said, moment, told, within
from rempart.usecases.read_incidents import Case
from rempart.usecases.rights_words import CUT_WHYS


@dataclass(frozen=True, slots=True)
class Event:
    """When (microseconds), and what."""

    at: int
    item: Item = field(repr=False)


def chronology(case: Case, finding: Finding) -> list[Item]:
    """By time; what is of one moment stays in its order."""
    events = [
        *_found(case, finding),
        _event("opened", case.incident.opened, *_opened(case)),
        *_frozen(case),
        *_cut(case),
        *(
            Event(each.told.number("at") or each.told.at, statement_item(each))
            for each in case.statements
        ),
        *(
            Event(deed.at, item)
            for deed, item in zip(case.deeds, deed_items(case, finding), strict=True)
        ),
    ]
    return [each.item for each in sorted(events, key=lambda each: each.at)]


def _event(code: str, when: int, *said: Said) -> Event:
    return Event(when, told(code, moment(when), *said, value=when))


def _name(case: Case, account: int) -> str:
    return case.names.get(account, f"n° {account}")


def _opened(case: Case) -> Iterator[Said]:
    french, english = opened_by(case.incident)
    yield f"incident ouvert par : {french}", f"incident opened by: {english}"
    yield f"entrée {case.incident.ref}", f"entry {case.incident.ref}"


def _found(case: Case, finding: Finding) -> Iterator[Event]:
    """Of each account, when it may have been stolen at the earliest, and when it was stopped."""
    for each in finding.suspects:
        name = _name(case, each.number)
        stolen = f"{name} : vol possible dès ce moment", f"{name}: theft possible from then on"
        yield _event(f"stolen-{each.number}", each.stolen, stolen)
        if each.contained != NEVER:
            stopped = f"{name} : plus rien n'est lu", f"{name}: nothing is read any more"
            yield _event(f"contained-{each.number}", each.contained, stopped)
    for place, window in enumerate(sorted(finding.gateway), 1):
        yield _event(f"gateway-{place}", window.since, IN_OTHER_HANDS)
        yield _event(f"gateway-{place}-over", window.until, OURS_AGAIN)


IN_OTHER_HANDS: Said = (
    "la passerelle est en d'autres mains : ce qui y passe est compté comme lu",
    "the gateway is in other hands: what passes there is counted as read",
)
OURS_AGAIN: Said = ("la passerelle est de nouveau à nous", "the gateway is ours again")


def _frozen(case: Case) -> Iterator[Event]:
    for each in case.incident.frozen:
        name, why = _name(case, each.account), WHYS[each.why]
        yield _event(
            f"frozen-{each.ref}",
            each.at,
            (f"{name} : gelé ({why[0]})", f"{name}: frozen ({why[1]})"),
            (f"entrée {each.ref}", f"entry {each.ref}"),
        )
    for stop in case.stopped:
        if stop.until:
            name = _name(case, stop.account)
            again = f"{name} : n'est plus gelé", f"{name}: no longer frozen"
            yield _event(f"released-{stop.account}", stop.until, again)


def _cut(case: Case) -> Iterator[Event]:
    for each in case.unserved:
        what, ref = within(cut_named(each.cut, case.everybody)), each.cut.ref
        why = within(CUT_WHYS[each.cut.why])
        entry = f"entrée {ref}", f"entry {ref}"
        yield _event(
            f"cut-{ref}",
            each.cut.since,
            (f"coupure – {what[0]} ({why[0]})", f"cut-off – {what[1]} ({why[1]})"),
            entry,
        )
        if each.until:
            over = f"fin de la coupure – {what[0]}", f"end of the cut-off – {what[1]}"
            yield _event(f"cut-over-{ref}", each.until, over, entry)
