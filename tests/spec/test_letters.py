"""Letters to people who were read: what each must say, of exactly what was read of them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from errno import ENOSPC
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.bootstrap.letters import LetterOrder, make_letters
from rempart.domain.breach_told import Told
from rempart.domain.breach_words import DOMAINS, FIELDS, HELD, KINDS, when_words
from rempart.domain.coverage import Domain
from rempart.domain.disclosure import Fields, Presence
from rempart.domain.errors import (
    IntegrityBroken,
    MalformedIdentifier,
    MalformedRow,
    TemporarilyUnavailable,
)
from rempart.domain.finding import Window
from rempart.domain.identifiers import AMCNumber
from rempart.domain.letter import LAW, Element, Language, check
from rempart.domain.letter_to_insured import OURS as EVERY_DOOR
from rempart.domain.letter_to_insured import RULES, Door
from rempart.domain.letter_wording import DOUBT, Wording
from rempart.domain.notice import NoticeFacts, Tell
from rempart.domain.scope import Verdict
from rempart.domain.site import SiteKind
from rempart.usecases.letters_to_insured import Addressed, LettersToInsured
from rempart.usecases.mail_letters import (
    TO_PARENTS,
    MailLetters,
    Unaddressed,
    Why,
    merge_header,
    merge_row,
)
from rempart.usecases.merge_dossiers import Merged
from rempart.usecases.told_before import read_told
from tests.letters import ONE, TWO, decision, reading, sender, text_of, write
from tests.received_dossiers import AT, MINUTE

title = "Letters to people who were read"

OURS = EVERY_DOOR[Door.ACCOUNT]

READ = Told({ONE: reading()})
UNSURE = Told({ONE: reading(Verdict.UNDECIDED)})
BOTH = Told(
    {
        ONE: reading(fields=Fields.IN_FORCE),
        TWO: reading(
            Verdict.UNDECIDED,
            fields=Fields.MODE,
            domains=1 << Domain.OPTI,
            presences=1 << Presence.CARD,
        ),
    }
)


# --- what a letter says


def test_what_was_read_of_this_person_and_nothing_else():
    told = Told({ONE: reading(fields=Fields.UNTIL, domains=1 << Domain.OPTI)})
    french, english = write(told)
    data = french.sections[1].text
    assert FIELDS[Fields.UNTIL][0] in data
    assert FIELDS[Fields.MODE][0] not in data
    assert FIELDS[Fields.IN_FORCE][0] not in data
    assert DOMAINS[Domain.OPTI][0] in data
    assert DOMAINS[Domain.PHAR][0] not in data
    assert HELD[Presence.LEGACY][0] in data
    assert HELD[Presence.CARD][0] not in data
    assert FIELDS[Fields.UNTIL][1] in english.sections[1].text
    assert "le 3 novembre 2026 à 9 h 12" in french.sections[0].text
    assert "on 3 November 2026 at 9:12" in english.sections[0].text
    assert "Opérateur d’Exemple" in french.sections[0].text
    assert "10 h 05" in french.sections[3].text


def test_of_whom_it_is_not_known_is_told_so():
    for letter, excluded in zip(write(UNSURE), ("exclu", "excluded"), strict=True):
        assert excluded in letter.sections[0].text
        assert letter.subject != write(READ)[0].subject
    french = write(UNSURE)[0]
    assert french.sections[1].title == "Ce qui a peut-être été lu"
    assert "exclu" not in text_of(write(READ)[0])


def test_what_is_sure_and_what_is_not_stand_apart_in_one_letter():
    data = write(BOTH)[0].sections[1].text
    sure, _, unsure = data.partition("peut-être")
    assert FIELDS[Fields.IN_FORCE][0] in sure
    assert FIELDS[Fields.MODE][0] not in sure
    assert FIELDS[Fields.MODE][0] in unsure
    assert DOMAINS[Domain.OPTI][0] in unsure
    assert write(BOTH)[0].subject == write(READ)[0].subject


def test_the_same_data_read_and_perhaps_read_stand_under_both():
    told = Told({ONE: reading(), TWO: reading(Verdict.UNDECIDED)})
    paragraphs = write(told)[0].sections[1].paragraphs
    lists = [place for place, each in enumerate(paragraphs) if not isinstance(each, str)]
    assert len(lists) == 2
    assert all(paragraphs[place - 1].endswith(":") for place in lists)


def test_a_hole_and_what_goes_on_are_told():
    holed = Told({ONE: reading(Verdict.UNDECIDED, whole=False)})
    assert "registre" in write(holed)[0].sections[0].text
    assert "registre" not in write(UNSURE)[0].sections[0].text
    assert "pas encore bloqué" in write(READ, contained=0)[0].sections[3].text


def test_through_a_gateway_what_was_shown_was_read_too_and_no_account_is_accused():
    for told in (READ, UNSURE, BOTH):
        french, english = write(told, door="gateway")
        assert "a pu être lu aussi" in french.sections[1].text
        assert "may have been read too" in english.sections[1].text
        assert "compte volé" not in text_of(french)
        assert "stolen account" not in text_of(english)
    assert "ne peut pas être exclu" in write(UNSURE, door="gateway")[0].sections[0].text
    assert "compte volé" in write(READ)[0].sections[0].text


HOURS = Window(AT - MINUTE, AT + MINUTE)


def by_times(told: Told) -> list[str]:
    """Both letters, of one source whose door is both."""
    doors = {ONE.name: "both", TWO.name: "account"}
    contained = dict.fromkeys(told.readings, AT + 60 * MINUTE)
    write = LettersToInsured(sender(), decision(doors=doors), contained, {ONE: (HOURS,)})
    return [text_of(each) for each in write(Addressed("00001-0001", told)).values()]


def test_of_one_source_each_persons_own_hours_say_by_which_door():
    french, _ = by_times(Told({ONE: reading()}))
    assert "compte volé" not in french
    assert "où elles passaient" in french
    french, _ = by_times(Told({ONE: reading(first=AT + 2 * MINUTE, last=AT + 3 * MINUTE)}))
    assert "d’un compte volé (une pharmacie)" in french
    assert "passaient" not in french
    french, english = by_times(Told({ONE: reading(last=AT + 3 * MINUTE, accounts=9)}))
    assert "d’un compte volé. Quelqu’un a aussi eu accès" in french
    assert "may have been read too" in english
    french, _ = by_times(Told({ONE: reading(Verdict.UNDECIDED)}))
    assert "passaient" not in french, "what passed is never in doubt"


def test_of_two_operators_each_door_is_told_and_only_stolen_accounts_are_counted():
    told = Told({ONE: reading(accounts=412), TWO: reading(kinds=frozenset({SiteKind.LABORATORY}))})
    french, english = by_times(told)
    assert "d’un compte volé (un laboratoire). Quelqu’un a aussi eu accès" in french
    assert "a stolen account (a laboratory). Somebody also had access" in english
    unsure = Told({ONE: reading(), TWO: reading(Verdict.UNDECIDED)})
    french, _ = by_times(unsure)
    sure, _, doubt = french.partition("Voici ce qui a peut-être été lu")
    assert "Ce qui a été montré a pu être lu aussi" in sure
    assert "il fallait déjà avoir" in doubt


def test_a_letter_to_somebody_else_says_whom_it_is_about():
    french, english = write(READ, about="Zoé FICTIVE")
    assert french.sections[0].text.startswith("Cette lettre concerne Zoé FICTIVE.")
    assert english.sections[0].text.startswith("This letter is about Zoé FICTIVE.")
    assert "concerne" not in text_of(write(READ)[0])


def test_times_are_told_as_people_do():
    day = 24 * 60 * MINUTE
    french = Language.FRENCH
    assert when_words(AT, AT + MINUTE, french) == "le 3 novembre 2026, entre 9 h 12 et 9 h 13"
    assert when_words(AT, AT + 28 * day, french) == (
        "entre le 3 novembre 2026 à 9 h 12 et le 1er décembre 2026 à 9 h 12"
    )


def test_every_code_has_words():
    assert set(DOMAINS) == set(Domain)
    assert set(KINDS) == set(SiteKind)
    assert set(HELD) == set(Presence) - {Presence.NONE}
    assert set(FIELDS) == set(Fields)


# --- what no letter lacks


def attacked():
    """Each part, as somebody might spoil it."""
    for language in Language:
        for part, needed in RULES.needed.items():
            yield language, part, (), "left out"
            yield language, part, ("",), "empty"
            for hole in sorted(needed):
                said = tuple(each.replace(f"{{{hole}}}", "cela") for each in OURS[language][part])
                yield language, part, said, f"without {hole}"
    for language in Language:
        said = ("{about}", "On a lu des choses de vous {when}, dans le travail, sans doute. {hole}")
        yield language, Element.NATURE + DOUBT, said, "no doubt told"
        yield language, Element.CONSEQUENCES, ("Rien de grave.",), "says nothing"
        yield language, Element.ADVICE, ("Soyez prudent.",), "says nothing"
        yield language, Element.DATA, ("Lu : {data}. Il fallait {held}.",), "list in a sentence"
        yield language, Element.CONTACT, ("Écrivez à {dpo}, {reach}, {nir}.",), "unknown"


@pytest.mark.parametrize(
    ("language", "part", "said", "how"), list(attacked()), ids=lambda it: str(it)[:24]
)
def test_a_wording_that_lacks_an_element_is_refused_by_its_name(language, part, said, how):
    spoilt = {**OURS, language: {**OURS[language], part: said}}
    name = Element.NATURE if part.startswith("subject") else Element(part.removesuffix(DOUBT))
    with pytest.raises(MalformedIdentifier) as refused:
        Wording(RULES, spoilt)
    assert LAW[name] in str(refused.value), how
    assert f"({name.value}, {language.value})" in str(refused.value)


@pytest.mark.parametrize("element", list(Element))
@pytest.mark.parametrize("told", [READ, UNSURE, BOTH], ids=["read", "unsure", "both"])
def test_a_letter_that_lacks_an_element_is_refused_by_its_name(element, told):
    for letter in write(told):
        section = next(each for each in letter.sections if each.element is element)
        others = tuple(each for each in letter.sections if each.element is not element)
        needed = {element: [section.text[-30:]]}
        check(letter, needed)
        for spoilt in (
            others,
            (*others, section, section),
            (*others, replace(section, paragraphs=())),
            (*others, replace(section, paragraphs=("   ",))),
            (*others, replace(section, paragraphs=("bla " * 40,))),
            (*others, replace(section, paragraphs=(*section.paragraphs, "{dpo}"))),
        ):
            with pytest.raises(MalformedIdentifier, match=re.escape(LAW[element])):
                check(replace(letter, sections=spoilt), needed)


def test_a_wording_of_ones_own_is_taken_and_checked():
    own = {"advice": "Appelez-nous au moindre doute. " * 5}
    french, english = write(READ, fr=own)
    assert french.sections[4].text.startswith("Appelez-nous")
    assert english.sections[4].text == write(READ)[1].sections[4].text
    with pytest.raises(MalformedIdentifier, match=r"a part is not known"):
        sender(fr={"conseils": "Appelez-nous."})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"dpo": ""}, "dpo: expected 1 to 80 characters"),
        ({"reach": []}, "reach: expected 1 to 7 lines"),
        ({"to": ["Madame, Monsieur"]}, "to: expected columns in braces"),
        ({"to": ["{nom}", "{NIR}"]}, "a social security number stands on no letter"),
        ({"to": ["{nom}", "{num_secu}"]}, "a social security number stands on no letter"),
        ({"name": "Ж"}, "name: expected a line of Latin letters"),
        ({"logo": "x"}, "an entry is not known"),
    ],
)
def test_a_sender_that_is_none_is_refused_by_its_entry(change, told):
    with pytest.raises(MalformedIdentifier, match=re.escape(told)):
        sender(**change)


# --- understood at fifteen

SENTENCE = re.compile(r"[^.!?]+[.!?]")
JARGON = re.compile(
    r"\b(AMC|poignée|pseudonyme|session|jeton|incident|responsable de traitement|sous-traitant|"
    r"confidentialité|exfiltr\w*|handle|token|controller|processor|data subject)\b",
    re.IGNORECASE,
)


TWICE = [
    Told({ONE: reading(verdict), TWO: reading(verdict)})
    for verdict in (Verdict.BREACHED, Verdict.UNDECIDED)
]
"""By two doors: an account of the one operator, a gateway of the other."""


@pytest.mark.parametrize("door", list(Door))
@pytest.mark.parametrize(
    "told", [READ, UNSURE, BOTH, *TWICE], ids=["read", "unsure", "both", "twice", "perhaps"]
)
@pytest.mark.parametrize("place", [0, 1], ids=list(Language))
def test_sentences_are_short_and_no_word_is_of_the_trade(told, place, door):
    doors = {ONE.name: "account", TWO.name: "gateway"} if door is Door.BOTH else None
    letter = write(told, door=door, doors=doors)[place]
    assert ("Quelqu’un a aussi" in text_of(letter)) <= (door is Door.BOTH)
    prose = [
        each
        for section in letter.sections
        for each in section.paragraphs
        if isinstance(each, str) and "@" not in each and not each.endswith(":")
    ]
    lengths = [
        len(re.findall(r"[\w’-]+", each))
        for text in prose
        for each in SENTENCE.findall(re.sub(r"\.(?=\w)", "", text))
    ]
    assert len(lengths) > 20
    assert sum(lengths) / len(lengths) <= 13
    assert max(lengths) <= 26
    assert not JARGON.search(text_of(letter))


# --- a mailing

HEADER = "reference;prenom;nom;adresse;cp;ville;birth_date;destinataire"


def member(reference, *, born="1980-02-30", to="", address="1 rue X", name="Zoé"):
    return f"{reference};{name};FICTIVE;{address};75000;PARIS;{born};{to}"


def mailed(people, *rows, pack=2, header=HEADER, before=(), **how):
    mail = MailLetters(
        merged=Merged([], people),
        sender=sender(),
        decision=decision(**how),
        today=date(2026, 11, 27),
        pack=pack,
        before=dict(before),
    )
    return mail, list(mail(io.StringIO("\n".join([header, *rows, ""]))))


def test_each_person_has_one_letter_in_the_order_of_the_file():
    people = {"R1": READ, "R2": UNSURE, "R3": BOTH, "R9": READ}
    mail, posted = mailed(
        people, member("R3"), member("R5"), member("R1"), member("R1"), member("R2")
    )
    assert [(each.number, each.reference) for each in posted] == [
        ("00001-0001", "R3"),
        ("00001-0002", "R1"),
        ("00002-0001", "R2"),
    ]
    assert [(each.reference, each.why) for each in mail.unaddressed] == [("R9", Why.ABSENT)]
    assert posted[0].to == ("Zoé FICTIVE", "1 rue X", "75000 PARIS")


def test_who_decides_to_tell_only_those_surely_read_leaves_the_others_out():
    people = {"R1": READ, "R2": UNSURE, "R9": UNSURE}
    mail, posted = mailed(people, member("R1"), member("R2"), tell="breached")
    assert ([each.reference for each in posted], mail.left_out) == (["R1"], 2)
    assert Tell.BREACHED.takes(Verdict.BREACHED)
    assert not Tell.NOBODY.takes(Verdict.BREACHED)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (member("R1", address="").replace("75000;PARIS", ";"), Why.NO_ADDRESS),
        (member("R1", name="Жoé"), Why.LETTERS),
        (member("R1", address="\udcff"), Why.LETTERS),
        (member("R1", address="x" * 81), Why.LETTERS),
        ("R1;too;few", Why.ABSENT),
    ],
)
def test_who_cannot_be_written_to_is_told_in_another_way(row, why):
    mail, posted = mailed({"R1": READ}, row)
    assert posted == []
    assert [(each.reference, each.why) for each in mail.unaddressed] == [("R1", why)]
    assert repr(mail.unaddressed[0]) == f"{Unaddressed.__name__}(…)"


def test_a_childs_letter_goes_to_whom_the_file_names_or_to_the_parents():
    people = dict.fromkeys(("R1", "R2", "R3"), READ)
    _, posted = mailed(
        people,
        member("R1", born="2015-00-00"),
        member("R2", born="2015-02-30", to="Madame Ada FICTIVE"),
        member("R3", born="2008-11-27"),
    )
    assert posted[0].to[:2] == (TO_PARENTS, "Zoé FICTIVE")
    assert posted[1].to[:2] == ("Madame Ada FICTIVE", "1 rue X")
    assert [each.child for each in posted] == [True, True, False]
    told = ["concerne Zoé FICTIVE" in text_of(each.letters[Language.FRENCH]) for each in posted]
    assert told == [True, True, False]


def test_the_merge_file_has_a_line_a_person_and_the_columns_of_the_address_alone():
    _, posted = mailed({"R1": READ}, member("R1"), header=HEADER)
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";")
    rows.writerow(merge_header(sender()))
    rows.writerow(merge_row(posted[0], sender(), exercise=True))
    (made,) = csv.DictReader(io.StringIO(out.getvalue()), delimiter=";")
    assert (made["number"], made["reference"], made["exercise"]) == ("00001-0001", "R1", "EXERCICE")
    assert (made["adresse"], made["nom"]) == ("1 rue X", "FICTIVE")
    assert "birth_date" not in made
    assert FIELDS[Fields.MODE][0] in made["data_fr"]
    assert made["contact_en"].startswith("Our data protection officer")
    assert not any("\n" in cell for cell in made.values())


def test_a_column_that_is_missing_is_named():
    with pytest.raises(MalformedRow, match=r"line 1, adresse: column of letter.toml is missing"):
        mailed({"R1": READ}, header=HEADER.replace("adresse", "rue"))


def test_a_mailing_that_does_not_add_up_is_refused():
    mail, _ = mailed({"R1": READ}, member("R1"))
    mail.posted = 0
    with pytest.raises(IntegrityBroken, match="not as many"):
        mail._finish({})


def merge_file(posted):
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";")
    rows.writerow(merge_header(sender()))
    rows.writerows(merge_row(each, sender(), exercise=False) for each in posted)
    return io.StringIO(out.getvalue())


def test_a_complement_writes_to_whom_it_has_something_to_say():
    """Who is new, and of whom more is known now; the same is not told twice."""
    rows = [member("R1"), member("R2"), member("R3")]
    _, first = mailed({"R1": READ, "R2": UNSURE}, *rows)
    before = read_told(merge_file(first))
    mail, posted = mailed({"R1": READ, "R2": READ, "R3": READ}, *rows, before=before)
    assert [(each.number, each.reference) for each in posted] == [
        ("00001-0001", "R2"),
        ("00001-0002", "R3"),
    ]
    assert mail.told_before == 1


def test_what_is_no_merge_file_is_refused():
    with pytest.raises(MalformedRow, match="line 1, subject_fr: column is missing"):
        read_told(io.StringIO("reference;nom\nR1;FICTIVE\n"))


REFERENCES = st.sampled_from([f"R{n}" for n in range(6)])


@settings(max_examples=60)
@given(
    st.dictionaries(REFERENCES, st.sampled_from([READ, UNSURE, BOTH])),
    st.lists(st.tuples(REFERENCES, st.sampled_from(["1 rue X", "", "Ж"])), max_size=9),
    st.sampled_from(["everybody", "breached"]),
)
def test_nobody_is_lost_and_nobody_is_written_to_twice(people, rows, tell):
    lines = [
        member(reference, address=address).replace("75000;PARIS", "75000;PARIS" if address else ";")
        for reference, address in rows
    ]
    mail, posted = mailed(people, *lines, tell=tell)
    written = [each.reference for each in posted]
    away = [each.reference for each in mail.unaddressed]
    assert len({*written, *away}) == len(written) + len(away)
    told = {name for name, it in people.items() if Tell(tell).takes(it.verdict)}
    assert {*written, *away} == told
    assert mail.left_out == len(people) - len(told)


@pytest.mark.parametrize("step", ["merge_row", "write_whole"])
def test_a_full_disk_leaves_no_half_and_the_same_run_goes_on(tmp_path, monkeypatch, step):
    (tmp_path / "members.csv").write_text(f"{HEADER}\n{member('R1')}\n{member('R2')}\n")
    order = LetterOrder(
        merged=Merged([], {"R1": READ, "R2": READ}),
        members=tmp_path / "members.csv",
        out=tmp_path / "out",
        sender=sender(),
        decision=decision(),
        facts=NoticeFacts(),
        pack=2,
        pdf=False,
        today=date(2026, 11, 27),
    )
    insurer = SimpleNamespace(profile=SimpleNamespace(amc=AMCNumber("99990001")))

    def full(*_, **__):
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(f"rempart.bootstrap.letters.{step}", full)
        with pytest.raises(TemporarilyUnavailable, match="No space left on device"):
            make_letters(insurer, order, processes=1, watch=lambda _: None)
    there = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert there - {"merge.csv", "unaddressed.csv"} == {".lock", "job.json"}
    if step == "merge_row":
        assert "merge.csv" not in there
    assert make_letters(insurer, order, processes=1, watch=lambda _: None).letters == 2
    assert len((tmp_path / "out" / "merge.csv").read_text("utf-8").splitlines()) == 3
    assert (tmp_path / "out" / "print" / "manifest.json").exists()
