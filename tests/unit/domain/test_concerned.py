"""What a phone is told of a reading is what the scope says of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.concerned import OF, Concern, concern_of, is_told, told_of
from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import Entry, EntryType, Outcome
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.finding import NEVER, Finding, Suspect, Whose, Window
from rempart.domain.finding_pieces import digest_of, joined, named_in, packed, pieces_of
from rempart.domain.guard import Move
from rempart.domain.incident import Incident, Incidents, codes_of
from rempart.domain.incident import packed as numbers
from rempart.domain.incident_words import Did, Origin, Rest
from rempart.domain.incident_words import Outcome as Ended
from rempart.domain.scope import Asked, Verdict, scope_of
from rempart.domain.stated_finding import stated
from rempart.usecases.rights_words import CONCERNS
from tests.ledgers import START, codes_detail, made, pseudonym, question

HOURS = 24
SESSIONS = [pseudonym("session", each) for each in range(4)]
NONE = pieces_of(Finding(suspects=()))[0]
moments = st.integers(0, HOURS)


@st.composite
def suspects(draw, number: int) -> Suspect:
    stolen, contained = sorted((draw(moments), draw(moments)))
    left = draw(st.booleans())
    return Suspect(
        number=number,
        stolen=START + stolen,
        contained=NEVER if left else START + contained,
        rest=draw(st.sampled_from(Whose)),
    )


@st.composite
def findings(draw) -> Finding:
    named = draw(st.permutations(SESSIONS))
    cut = sorted(draw(st.integers(0, 4)) for _ in range(3))
    ends = sorted(draw(st.sets(moments, max_size=4)))
    numbered = draw(st.sets(st.integers(1, 3), min_size=0 if len(ends) > 1 else 1))
    return Finding(
        suspects=tuple(draw(suspects(each)) for each in sorted(numbered)),
        gateway=tuple(
            Window(START + since, START + until)
            for since, until in zip(ends[::2], ends[1::2], strict=False)
        ),
        thief=frozenset(named[: cut[0]]),
        owner=frozenset(named[cut[2] :]),
        keyed=frozenset(named[cut[0] : cut[1]]),
    )


@st.composite
def readings(draw) -> list[Asked]:
    count = draw(st.integers(1, 8))
    found = []
    for ref in range(count):
        entry, _ = question(
            ref,
            at=START + draw(moments),
            session=draw(st.sampled_from(SESSIONS)),
            person=pseudonym("person", draw(st.integers(1, 2))),
        )
        found.append(Asked(ref, entry, draw(st.integers(1, 4))))
    return found


class Book:
    """Incidents as a ledger tells them."""

    def __init__(self, *, sandbox: bool = False) -> None:
        self.incidents, self.size = Incidents(sandbox=sandbox), 1

    def absorb(self, type_: EntryType, **codes: int | bytes | str) -> int:
        ref, self.size = self.size, self.size + 1
        detail = codes_detail(ref, **codes)
        entry = made(ref, detail, at=START + ref, type=type_)
        self.incidents.absorb(ref, entry, detail)
        return ref

    def say(self, incident: int, did: Did, words: bytes = b"", **codes: int | bytes | str) -> int:
        words = words or pseudonym(self.size) * 2
        said = codes_of(incident, did, "nadia", words, **codes)
        return self.absorb(EntryType.DECISION, **said)

    def open(self, *, exercise: bool = False) -> int:
        more = {"origin": Origin.PERSON.value, "exercise": int(exercise), "accounts": b""}
        return self.say(0, Did.OPENED, **more)

    def freeze(self, account: int) -> int:
        self.move(account, Stage.NARROWED, Stage.FROZEN)
        return self.incidents.all()[-1].ref

    def move(self, account: int, current: Stage, target: Stage) -> int:
        why = Why.COMPROMISED if target is Stage.FROZEN else Why.REVIEWED
        move = Move(account, current=current, target=target, why=why, authority=Authority.OFFICER)
        return self.absorb(EntryType.CONTAINMENT, **move.codes(site=account, at=START + self.size))

    def find(self, incident: int, finding: Finding) -> None:
        """As ``usecases/state_finding.py`` states it."""
        refs = [
            self.say(incident, Did.NAMED, digest_of(incident, piece), piece=piece)
            for piece in pieces_of(finding)
        ]
        earliest, contained = finding.span
        self.say(
            incident,
            Did.FINDING,
            accounts=numbers([each.number for each in finding.suspects]),
            earliest=earliest,
            contained=0 if contained == NEVER else contained,
            rest=Rest.UNKNOWN.value,
            named=packed(refs),
            **({"gateway": 1} if finding.gateway else {}),
        )

    def close(self, incident: int, outcome: Ended) -> None:
        self.say(incident, Did.CLOSED, outcome=outcome.value)

    def told(self) -> list[Incident]:
        every = self.incidents.all()
        return [each for each in every if is_told(each, sandbox=self.incidents.sandbox)]

    def concern(self, entry: Entry, number: int) -> Concern | None:
        return concern_of(entry, number, [told_of(each) for each in self.told()])


def reading(at: int = 0, session: int = 0) -> Entry:
    return question(1, at=START + at, session=SESSIONS[session])[0]


def scoped(asked: list[Asked], finding: Finding) -> Verdict | None:
    """What the scope says of these readings of one person; in doubt where it is refused."""
    try:
        (facts,) = scope_of(asked, finding).people.values()
    except MalformedIdentifier:
        return Verdict.UNDECIDED
    except ValueError:
        return None
    return facts.verdict


def of_scope(verdict: Verdict | None) -> Concern | None:
    return None if verdict is None else OF[Whose(verdict)]


@given(findings(), readings())
def test_a_reading_is_to_its_person_what_it_is_to_the_scope(finding, asked):
    book = Book()
    book.find(book.open(), finding)
    for each in asked:
        assert book.concern(each.entry, each.number) is of_scope(scoped([each], finding))


@given(findings(), readings())
def test_the_worst_of_somebodys_readings_is_their_verdict(finding, asked):
    book, mine = Book(), [each for each in asked if each.entry.person == asked[0].entry.person]
    book.find(book.open(), finding)
    try:
        scope_of(mine, finding)
    except MalformedIdentifier:
        return
    concerns = [book.concern(each.entry, each.number) for each in mine]
    worst = max((each for each in concerns if each is not None), default=None)
    assert worst is of_scope(scoped(mine, finding))


@given(findings())
def test_a_finding_goes_through_its_pieces_unchanged(finding):
    pieces = pieces_of(finding)
    kept = dict(enumerate(pieces, 7))
    assert named_in({"named": packed(list(kept))}, kept) == finding
    assert joined(pieces).digest == finding.digest


def test_a_large_finding_is_cut_and_joined(monkeypatch):
    monkeypatch.setattr("rempart.domain.finding_pieces.PIECE_MAX", 50)
    finding = Finding(suspects=(Suspect(number=1, stolen=START),), thief=frozenset(SESSIONS[:3]))
    pieces = pieces_of(finding)
    assert len(pieces) > 2
    assert joined(pieces) == finding
    book = Book()
    book.find(book.open(), finding)
    assert book.concern(reading(5), 1) is Concern.BREACHED


@pytest.mark.parametrize("pieces", [[], [b""], [b"\xff"], [b"\xa0"], [NONE[:-1]], [NONE, b"x"]])
def test_what_is_no_finding_is_refused(pieces):
    with pytest.raises(MalformedIdentifier, match="these pieces are no finding"):
        joined(pieces)


def test_without_one_of_its_pieces_a_finding_names_nobody():
    """As in a copy that misses their day; a vault enters no such finding."""
    pieces = {4: NONE}
    assert named_in({"named": packed([4])}, pieces) == Finding(suspects=())
    assert named_in({"named": packed([4, 5])}, pieces) is None
    assert named_in({}, pieces) is None
    with pytest.raises(MalformedIdentifier, match="numbers of entries"):
        named_in({"named": b"x"}, pieces)


def test_the_finding_that_is_told_is_the_one_that_was_stated():
    finding = Finding(suspects=(Suspect(number=2, stolen=START + 3),), owner=frozenset(SESSIONS))
    book = Book()
    incident = book.open()
    book.find(incident, finding)
    assert stated(book.incidents.find(incident)) == finding


# Before anybody has found anything


def test_a_frozen_account_is_being_looked_into_until_something_is_found():
    book = Book()
    incident = book.freeze(7)
    assert book.concern(reading(), 7) is Concern.LOOKED_INTO
    assert book.concern(reading(), 8) is None
    owners = Finding(suspects=(Suspect(number=7, stolen=START, rest=Whose.OWNER),))
    book.find(incident, owners)
    assert book.concern(reading(1), 7) is Concern.CLEARED


def test_one_that_is_frozen_after_the_finding_is_looked_into_too():
    book = Book()
    incident = book.freeze(7)
    book.find(incident, Finding(suspects=(Suspect(number=7, stolen=START + 9),)))
    assert book.concern(reading(), 8) is None
    assert book.freeze(8) == incident, "within a day, it joins"
    assert book.concern(reading(), 8) is Concern.LOOKED_INTO


def test_one_that_a_finding_leaves_out_is_looked_into_no_more():
    book = Book()
    incident = book.freeze(7)
    book.freeze(8)
    book.find(incident, Finding(suspects=(Suspect(number=7, stolen=START + 9),)))
    assert book.concern(reading(), 8) is None


def test_what_its_owner_reads_once_it_is_given_back_is_theirs():
    book = Book()
    book.freeze(7)
    back = book.move(7, Stage.FROZEN, Stage.NARROWED)
    assert book.concern(reading(back), 7) is Concern.LOOKED_INTO
    assert book.concern(reading(back + 1), 7) is None


@pytest.mark.parametrize("stated", [True, False], ids=["stated", "typed"])
def test_an_account_that_is_stolen_again_clears_nobody_until_that_is_found(stated):
    """Given back, then frozen once more in the same incident: the finding is of the first theft."""
    book = Book()
    incident = book.freeze(7)
    first = Suspect(number=7, stolen=START, contained=START + 1, rest=Whose.THIEF)
    if stated:
        book.find(incident, Finding(suspects=(first,)))
    else:
        said = {"accounts": numbers([7]), "earliest": first.stolen, "contained": first.contained}
        book.say(incident, Did.FINDING, rest=Rest.THIEF.value, named=b"", **said)
    assert book.concern(reading(8), 7) is (Concern.CLEARED if stated else None)
    book.move(7, Stage.FROZEN, Stage.NARROWED)
    assert book.freeze(7) == incident, "it joins"
    assert book.concern(reading(8), 7) is Concern.LOOKED_INTO
    assert book.concern(reading(1), 7) is Concern.BREACHED, "what was found stands"
    again = Suspect(number=7, stolen=START, contained=START + 9, rest=Whose.OWNER)
    book.find(incident, Finding(suspects=(again,)))
    assert book.concern(reading(8), 7) is Concern.CLEARED


def test_what_is_found_is_worse_or_better_than_not_knowing():
    """Two incidents: the worst is said."""
    book, suspect = Book(), Suspect(number=7, stolen=START)
    book.freeze(7)
    other = book.open()
    book.find(other, Finding(suspects=(suspect,), owner=frozenset(SESSIONS)))
    assert book.concern(reading(), 7) is Concern.LOOKED_INTO
    book.find(other, Finding(suspects=(suspect,)))
    assert book.concern(reading(), 7) is Concern.UNDECIDED


# Closed, and exercised


@pytest.mark.parametrize("found", [False, True], ids=["frozen", "found"])
def test_what_is_closed_as_no_breach_marks_nothing_any_more(found):
    book = Book()
    incident = book.freeze(7)
    if found:
        gateway = (Window(START, START + 9),)
        book.find(incident, Finding(suspects=(Suspect(number=7, stolen=START),), gateway=gateway))
    assert book.concern(reading(), 7) in {Concern.LOOKED_INTO, Concern.BREACHED}
    book.close(incident, Ended.NO_BREACH)
    assert book.concern(reading(), 7) is None


def test_what_is_closed_as_a_breach_stays_said():
    book = Book()
    incident = book.freeze(7)
    book.find(incident, Finding(suspects=(Suspect(number=7, stolen=START, rest=Whose.THIEF),)))
    book.close(incident, Ended.BREACH)
    assert book.concern(reading(), 7) is Concern.BREACHED


@given(findings(), readings(), st.booleans())
def test_an_exercise_never_marks_a_real_persons_phone(finding, asked, closed):
    """Attack: of a drill on the real platform, whatever it finds, and of any account."""
    book = Book()
    incident = book.open(exercise=True)
    book.find(incident, finding)
    if closed:
        book.close(incident, Ended.EXERCISE)
    assert {book.concern(each.entry, each.number) for each in asked} == {None}


# A ledger from before whose sessions were in it


def old(*, rest: Rest, gateway: bool = False, contained: int = 5) -> Book:
    book = Book()
    book.say(
        book.open(),
        Did.FINDING,
        accounts=b"" if gateway else numbers([7]),
        earliest=START + 2,
        contained=START + contained if contained else 0,
        rest=rest.value,
        **({"gateway": 1} if gateway else {}),
    )
    return book


@pytest.mark.parametrize(
    ("rest", "within"),
    [
        (Rest.THIEF, Concern.BREACHED),
        (Rest.UNKNOWN, Concern.UNDECIDED),
        # Its words may name a thief's session, which no vault reads.
        (Rest.OWNER, Concern.UNDECIDED),
    ],
)
def test_a_finding_whose_sessions_nobody_knows_clears_nobody_in_its_time(rest, within):
    book = old(rest=rest)
    told = [book.concern(reading(at), 7) for at in (1, 2, 5, 6)]
    assert told == [None, within, within, None]
    assert book.concern(reading(3), 8) is None


def test_a_gateways_time_that_nobody_knows_puts_everybody_in_doubt():
    told = [old(rest=Rest.UNKNOWN, gateway=True).concern(reading(at), 9) for at in (1, 2, 5, 6)]
    assert told == [None, Concern.UNDECIDED, Concern.UNDECIDED, None]
    open_ended = old(rest=Rest.UNKNOWN, gateway=True, contained=0)
    assert open_ended.concern(reading(9), 9) is Concern.UNDECIDED


def test_what_was_asked_in_vain_is_no_contradiction():
    finding = Finding(
        suspects=(Suspect(number=7, stolen=START, contained=START + 2),),
        thief=frozenset(SESSIONS[:1]),
    )
    book = Book()
    book.find(book.open(), finding)
    vain = question(1, at=START + 5, session=SESSIONS[0], outcome=Outcome.FROZEN)[0]
    assert book.concern(vain, 7) is Concern.BREACHED
    assert book.concern(reading(5), 7) is Concern.UNDECIDED, "answered: the finding is wrong"


def test_whoever_is_cleared_is_told_why_that_can_be():
    """Also of a session that owner and thief may share: what they showed there clears them."""
    french, english = CONCERNS[Concern.CLEARED]
    assert [words for words in ("moment", "connexion", "montriez") if words not in french] == []
    assert [words for words in ("time", "session", "showed") if words not in english] == []
