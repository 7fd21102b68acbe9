"""What may be said of an incident and what is refused, before anything is kept; and its fold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.budget import DAY
from rempart.domain.clocks import HOUR
from rempart.domain.disclosure import Entry, EntryType, encode_codes
from rempart.domain.errors import (
    ForbiddenTransition,
    IntegrityBroken,
    MalformedIdentifier,
    RempartError,
)
from rempart.domain.incident import Incidents, codes_of
from rempart.domain.incident_words import Did
from rempart.domain.site import SiteKind
from rempart.domain.spoken import TEXT_MAX, Spoken, digest_of, from_bytes
from rempart.usecases.incident_messages import SayOfIncident
from rempart.usecases.messages import Refused
from tests.failing import FailingLedger
from tests.spec.test_incidents import AMC, OTHER, OWNER, SHOP, THIEF, Ground, in_memory, real
from tests.traffic import assert_same_folds
from tests.worlds import World

title = "What may be said of an incident"


@pytest.fixture
def ground() -> Ground:
    world = World()
    world.add_site(OTHER, SiteKind.LABORATORY)
    world.service.look()
    return Ground(real(world), in_memory(world))


@pytest.mark.parametrize(
    ("text", "source", "rule"),
    [
        ("", "x", "in words"),
        ("   ", "x", "in words"),
        ("a" * (TEXT_MAX + 1), "x", "at most"),
        ("a", "b" * 201, "at most"),
        ("a\x1b[2J", "x", "printable"),
        ("a\u202eb", "x", "printable"),
    ],
)
def test_words_that_no_page_shows_are_refused_before_anything_is_kept(ground, text, source, rule):
    ref, size = ground.freeze(), ground.world.service.ledger.size
    with pytest.raises(MalformedIdentifier, match=rule):
        ground.fact(ref, text, source=source)
    assert not [*ground.store.kept.all()]
    assert ground.world.service.ledger.size == size


@pytest.mark.parametrize("origin", ["", "insurer", "operator"])
def test_a_fact_and_an_alert_have_their_source(ground, origin):
    ref, size = ground.freeze(), ground.world.service.ledger.size
    said = {"origin": origin} if origin else {"at": ground.now}
    with pytest.raises(MalformedIdentifier, match="source"):
        ground.say(0 if origin else ref, "opened" if origin else "fact", source=" ", **said)
    assert ground.world.service.ledger.size == size
    ground.open(origin="person", source="")


# Bad input


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"did": "fact", "at": 1}, "future"),
        ({"did": "fact", "at": None}, "has its time"),
        ({"did": "aware", "at": 1}, "future"),
        ({"did": "aware", "at": None}, "has its time"),
        ({"did": "clock", "clock": "cnil-33-1", "answer": "done", "at": 0}, "not started"),
        ({"did": "clock", "clock": "cnil", "answer": "done", "at": 0}, "no clock"),
        ({"did": "clock", "clock": "complaint", "answer": "perhaps"}, "answer"),
        ({"did": "clock", "clock": "complaint", "answer": "not-due", "at": 0}, "no time"),
        ({"did": "clock", "clock": "complaint", "answer": "not-due", "amc": AMC}, "operator's"),
        ({"did": "finding", "accounts": ()}, "1 to"),
        ({"did": "finding", "accounts": (SHOP, SHOP), "earliest": 0}, "twice"),
        ({"did": "finding", "accounts": ("nobody",), "earliest": 0}, "no account"),
        ({"did": "finding", "accounts": (SHOP,), "earliest": 1}, "has been"),
        ({"did": "finding", "accounts": (SHOP,)}, "has been"),
        ({"did": "finding", "accounts": (SHOP,), "earliest": 0, "contained": -1}, "before the"),
        ({"did": "finding", "accounts": (SHOP,), "earliest": 0, "contained": 1}, "future"),
        ({"did": "opened", "origin": "person"}, "open"),
        ({"did": "closed", "outcome": "breach"}, "awareness"),
        ({"did": "closed", "outcome": "gone"}, "outcome"),
        ({"did": "said"}, "did"),
        ({"did": "decided", "by": "Nadia B."}, "one word"),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_reason(ground, said, rule):
    """Times are in hours from now; the vault itself refuses the same."""
    ref, now = ground.freeze(), ground.now
    size = ground.world.service.ledger.size
    typed = {**said}
    for name in ("at", "earliest", "contained"):
        if typed.get(name) is not None:
            typed[name] = now + typed[name] * HOUR
    typed = {name: value for name, value in typed.items() if value is not None}
    with pytest.raises((MalformedIdentifier, ForbiddenTransition), match=rule):
        ground.say(ref, typed.pop("did"), source="x", **typed)
    typed |= {"did": said["did"], "by": said.get("by", "nadia")}
    for name in ("accounts",):
        typed[name] = typed.get(name, ())
    reply = ground.ask(SayOfIncident(incident=ref, words=b"w" * 32, **typed))
    assert isinstance(reply, Refused), reply
    assert (reply.reason, rule in reply.detail) == ("forbidden-move", True)
    assert ground.world.service.ledger.size == size, "nothing was written"


def test_an_incident_that_is_none_is_refused(ground):
    with pytest.raises(MalformedIdentifier, match="none of this number"):
        ground.fact(41, "vu")
    with pytest.raises(MalformedIdentifier, match="none of this number"):
        ground.case(41)
    with pytest.raises(MalformedIdentifier, match="none of this number"):
        ground.fact(0, "vu")


def test_a_session_is_not_both_the_thiefs_and_the_owners(ground):
    ref = ground.freeze()
    with pytest.raises(MalformedIdentifier, match="under neither"):
        ground.found(ref, thief=frozenset({THIEF, OWNER}), owner=frozenset({OWNER}))
    ground.found(ref, thief=frozenset({THIEF}), owner=frozenset({OWNER}))
    words = ground.case(ref).statements[-1].words
    assert (words.thief, words.owner) == (frozenset({THIEF}), frozenset({OWNER}))


def test_a_finding_and_awareness_do_not_contradict_each_other(ground):
    ref = ground.freeze()
    ground.found(ref, earliest=ground.now - DAY)
    with pytest.raises(ForbiddenTransition, match="before the earliest"):
        ground.aware(ref, ground.now - 2 * DAY)
    ground.aware(ref, ground.now - HOUR)
    with pytest.raises(ForbiddenTransition, match="before this earliest"):
        ground.found(ref, earliest=ground.now)
    ground.found(ref, earliest=ground.now - 3 * DAY, accounts=(SHOP, OTHER))
    assert [each.name for each in ground.case(ref).accounts] == [SHOP, OTHER]


# The fold


@given(
    st.text(min_size=1, max_size=40).filter(str.strip),
    st.frozensets(st.binary(min_size=16, max_size=16), max_size=3),
    st.binary(min_size=16, max_size=16),
)
def test_words_are_read_back_as_they_were_said(text, sessions, salt):
    said = Spoken(text=text, thief=sessions)
    data = said.to_bytes(salt)
    assert from_bytes(data) == said
    assert digest_of(data) != digest_of(said.to_bytes(bytes(b ^ 1 for b in salt)))
    assert text not in repr(said) or text in "Spoken(…)"
    with pytest.raises(IntegrityBroken):
        from_bytes(data[:-1])


@given(st.lists(st.sampled_from([*Did]), max_size=12), st.integers(0, 12))
def test_the_fold_goes_back_to_its_mark(kinds, kept):
    """Whatever is absorbed before a commit that fails."""
    more = {
        Did.OPENED: {"origin": 2, "exercise": 0, "accounts": b""},
        Did.FINDING: {"accounts": b"\0\0\0\x01", "earliest": 1, "contained": 2},
        Did.CLOCK: {"clock": "complaint", "amc": 0, "answer": 1, "at": 5},
        Did.CLOSED: {"outcome": 2},
        Did.AWARE: {"at": 5},
        Did.NAMED: {"piece": b"p"},
    }

    def told(fold: Incidents, index: int, did: Did) -> None:
        incident = 0 if did is Did.OPENED else 100
        codes = codes_of(incident, did, "nadia", digest_of(b"%d" % index), **more.get(did, {}))
        detail = encode_codes(codes, salt=bytes(16))
        fold.absorb(index, Entry(EntryType.DECISION, 2611, index), detail)

    fold, until = Incidents(), Incidents()
    for each in (fold, until):
        told(each, 100, Did.OPENED)
    for index, did in enumerate(kinds[:kept], start=101):
        told(fold, index, did)
        told(until, index, did)
    fold.mark()
    for index, did in enumerate(kinds[kept:], start=200):
        told(fold, index, did)
    fold.undo()
    assert fold.all() == until.all()
    assert all(fold.entered(digest_of(b"%d" % n)) is None for n in range(200, 213))


@pytest.mark.parametrize("persisted", [False, True], ids=["lost", "kept"])
def test_an_append_that_fails_leaves_in_memory_what_is_in_the_ledger(persisted):
    world = World(store=FailingLedger())
    ground = Ground(world, in_memory(world))
    world.store.after, world.store.persisted = 0, persisted
    with pytest.raises(RempartError):
        ground.freeze()
    assert world.service.incidents.incidents.all() == []
    world.service.ledger.stamp()
    assert len(world.service.incidents.incidents.all()) == persisted
    assert_same_folds(world)
