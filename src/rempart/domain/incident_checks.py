"""What may be said of an incident, and what is refused with its reason.

* Nothing is in the future: no fact, no awareness, no notification.
* Awareness moves to an earlier moment and never to a later one: no clock gains by it.
* A clock is done once, after it has started; late, only with the reasons that its law asks for.
* Insurers are owed their report unless nobody was read: confidentiality is stated, and is "no".
* What a finding names in pieces is the finding: the same accounts, the same times.
* What is closed takes nothing more; a breach is closed once the operator's clocks are answered.

``check`` returns or raises. The same rules hold where it is typed and in the vault, which writes.
"""

from collections.abc import Sequence

from rempart.domain.clocks import EVERY_INSURER, Answer, Clock, State, clock_of, clocks, law_of
from rempart.domain.errors import ForbiddenTransition, MalformedIdentifier
from rempart.domain.finding import ACCOUNTS_MAX, NEVER, Finding
from rempart.domain.finding_pieces import PIECE_MAX, digest_of, named_in, piece_in
from rempart.domain.incident import (
    DIGEST_SIZE,
    NATURE,
    Found,
    Incident,
    Told,
    found_in,
    unpacked,
)
from rempart.domain.incident_words import Did, Origin, Outcome, Stated

INSURERS = "insurers-33-2"
ENTERED = frozenset({Origin.PERSON, Origin.INSURER, Origin.OPERATOR})
"""What a person opens an incident for: the others open by themselves."""


def check(incident: Incident | None, told: Told, now: int) -> None:
    """Return if this may be said at this moment; ``incident`` is nothing where it opens one.

    Raises:
        MalformedIdentifier: it is not well formed, or lies in the future.
        ForbiddenTransition: it contradicts what stands.
    """
    if len(told.words) != DIGEST_SIZE:
        raise MalformedIdentifier("words", f"expected a digest of {DIGEST_SIZE} bytes")
    if told.number("at") > now:
        raise MalformedIdentifier("at", "in the future: no clock starts, and no fact is, ahead")
    if told.number("at") < 0:
        raise MalformedIdentifier("at", "before 1970")
    if incident is None:
        _opening(told)
        return
    if incident.closed:
        raise ForbiddenTransition("this incident is closed: open another one that names it")
    {
        Did.OPENED: _again,
        Did.FACT: _dated,
        Did.FINDING: _finding,
        Did.NATURE: _nature,
        Did.DECIDED: _nothing,
        Did.AWARE: _aware,
        Did.CLOCK: _clock,
        Did.CLOSED: _closing,
        Did.NAMED: _piece,
    }[told.did](incident, told, now)


def lateness(incident: Incident, told: Told, now: int) -> Clock | None:
    """The clock that is late by what is said, if one is: its law then wants reasons."""
    if told.did is Did.AWARE:
        late = [
            each
            for each in clocks(told.number("at"), incident.answers, now=now)
            if each.state in {State.LATE, State.MET_LATE}
        ]
        return min(late, key=lambda each: each.due or 0, default=None)
    if told.did is not Did.CLOCK or told.number("answer") != Answer.DONE:
        return None
    clock = _standing(incident, told, now)
    return clock if clock.due is not None and told.number("at") > clock.due else None


def _opening(told: Told) -> None:
    if told.did is not Did.OPENED:
        raise MalformedIdentifier("incident", "there is none of this number")
    if told.number("origin") not in ENTERED:
        raise MalformedIdentifier("origin", "what a person opens for: person, insurer or operator")
    if len(unpacked(told.codes["accounts"])) > ACCOUNTS_MAX:
        raise MalformedIdentifier("accounts", f"expected at most {ACCOUNTS_MAX}")


def _again(incident: Incident, told: Told, now: int) -> None:
    del incident, told, now
    raise ForbiddenTransition("it is open")


def _nothing(incident: Incident, told: Told, now: int) -> None:
    del incident, told, now


def _dated(incident: Incident, told: Told, now: int) -> None:
    del incident, now
    if not told.number("at"):
        raise MalformedIdentifier("at", "a fact has its time")


def _finding(incident: Incident, told: Told, now: int) -> None:
    found = found_in(told)
    check_found(found, now)
    if (named := named_in(told.codes, incident.pieces)) is not None:
        check_named(named, found, now)
    elif told.codes.get("named"):
        raise MalformedIdentifier("named", "a piece of this finding is not there")
    if incident.aware is not None and incident.aware < found.earliest:
        raise ForbiddenTransition("awareness was taken before this earliest theft")


def check_found(found: Found, now: int) -> None:
    """Return if a finding does not contradict itself.

    Raises:
        MalformedIdentifier: it does.
    """
    if not (1 - found.gateway) <= len(found.accounts) <= ACCOUNTS_MAX:
        raise MalformedIdentifier("accounts", f"expected 1 to {ACCOUNTS_MAX}")
    if len(set(found.accounts)) < len(found.accounts):
        raise MalformedIdentifier("accounts", "one is named twice")
    if not 0 < found.earliest <= now:
        raise MalformedIdentifier("earliest", "expected a moment that has been")
    if found.contained and not found.earliest <= found.contained <= now:
        raise MalformedIdentifier("contained", "before the earliest theft, or in the future")


def check_named(named: Finding, found: Found, now: int) -> None:
    """Return if what the pieces of a finding say is that finding.

    Raises:
        MalformedIdentifier: it is not, or contradicts itself.
    """
    named.check_sessions()
    if not named.suspects and not named.gateway:
        if found.gateway:
            raise MalformedIdentifier("gateway", "a time of its own is said")
        return
    named.check(now)
    earliest, contained = named.span
    said = tuple(sorted(each.number for each in named.suspects)), bool(named.gateway), earliest
    if said != (tuple(sorted(found.accounts)), found.gateway, found.earliest):
        raise MalformedIdentifier("named", "other accounts, or another time, than the finding")
    if (0 if contained == NEVER else contained) != found.contained:
        raise MalformedIdentifier("named", "contained at another time than the finding")


def _piece(incident: Incident, told: Told, now: int) -> None:
    del now
    piece = piece_in(told.codes)
    if not 0 < len(piece) <= PIECE_MAX or told.words != digest_of(incident.ref, piece):
        raise MalformedIdentifier("piece", f"expected 1 to {PIECE_MAX} bytes, under their digest")


def _nature(incident: Incident, told: Told, now: int) -> None:
    del incident, now
    if any(told.number(name) not in {*Stated} for name in NATURE):
        raise MalformedIdentifier("nature", "expected yes, no or unknown")


def _aware(incident: Incident, told: Told, now: int) -> None:
    at = told.number("at")
    if not at:
        raise MalformedIdentifier("at", "awareness has its time")
    if incident.aware is not None and at >= incident.aware:
        raise ForbiddenTransition("awareness is not moved to a later moment: its clocks run")
    if incident.found is not None and at < incident.found.earliest:
        raise ForbiddenTransition("nobody was aware before the earliest possible theft")
    _justified(incident, told, now)


def _clock(incident: Incident, told: Told, now: int) -> None:
    clock = _standing(incident, told, now)
    if not 0 <= told.number("amc") <= 99_999_999:
        raise MalformedIdentifier("amc", "expected 8 digits")
    if clock.done is not None:
        raise ForbiddenTransition(f"it was done: entry {clock.ref}")
    if told.number("answer") == Answer.NOT_DUE:
        _not_due(incident, told, clock)
        return
    if told.number("answer") != Answer.DONE:
        raise MalformedIdentifier("answer", "done, or not-due")
    if clock.start is None:
        raise ForbiddenTransition("this clock has not started: first say what starts it")
    if told.number("at") < clock.start:
        raise ForbiddenTransition("done before its clock started: the start is wrong, or this is")
    _justified(incident, told, now)


def _not_due(incident: Incident, told: Told, clock: Clock) -> None:
    if told.number("at"):
        raise MalformedIdentifier("at", "what is not due has no time")
    if clock.rule.code == INSURERS and incident.nature[0] is not Stated.NO:
        raise ForbiddenTransition(f"{INSURERS} is due unless nobody was read: first say nature")


def _standing(incident: Incident, told: Told, now: int) -> Clock:
    rule = law_of(str(told.codes["clock"]))
    amc = told.number("amc")
    if amc and rule.who == "operator" and rule.code != INSURERS:
        raise MalformedIdentifier("amc", "this clock is the operator's")
    return clock_of(rule, amc or EVERY_INSURER, incident.aware, incident.answers, now=now)


def _justified(incident: Incident, told: Told, now: int) -> None:
    late = lateness(incident, told, now)
    if late is not None and not told.number("late"):
        raise ForbiddenTransition(f"late ({late.rule.code}): the law asks why")


def _closing(incident: Incident, told: Told, now: int) -> None:
    outcome = told.number("outcome")
    if outcome not in {*Outcome}:
        raise MalformedIdentifier("outcome", "breach, no-breach or exercise")
    if (outcome == Outcome.EXERCISE) is not incident.exercise:
        raise ForbiddenTransition("an exercise ends as one, and nothing else does")
    if outcome != Outcome.BREACH:
        return
    if incident.aware is None:
        raise ForbiddenTransition("a breach has its moment of awareness")
    if incident.found is None:
        raise ForbiddenTransition("a breach has its finding")
    if Stated.UNKNOWN in incident.nature:
        raise ForbiddenTransition("confidentiality, integrity and availability are each stated")
    _answered(incident, incident.clocks(now))


def _answered(incident: Incident, running: Sequence[Clock]) -> None:
    """Every clock of the operator's was answered, and insurers were told of whoever was read."""
    waived = [c for c in running if c.rule.code == INSURERS and c.state is State.NOT_DUE]
    if waived and incident.nature[0] is not Stated.NO:
        raise ForbiddenTransition(f"{INSURERS} was not due, and somebody was read since: it is")
    left = [c.rule.code for c in running if c.open and c.rule.who == "operator"]
    if left:
        raise ForbiddenTransition(f"clocks are not answered: {', '.join(left)}")
