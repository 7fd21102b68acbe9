"""Words of papers: every code has its own in both languages, and a moment is one moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rempart.adapters.documents.glyphs import typeset
from rempart.domain.containment import Why
from rempart.domain.cutoff_words import Channel, CutWhy, Scope
from rempart.domain.disclosure import Presence
from rempart.domain.paris import moment as at
from rempart.domain.person import told as code_of
from rempart.usecases.breach_items import refused, span
from rempart.usecases.clock_items import law_said
from rempart.usecases.cut_words import cut_label, cut_named
from rempart.usecases.incident_labels import WHYS
from rempart.usecases.incident_ports import Unanswered
from rempart.usecases.paper import headed, moment, within
from rempart.usecases.rights_words import CHANNELS, CUT_WHYS, SCOPES
from tests.papers import SHOP, SITE, a_case, a_cut

title = "Words of papers"


@pytest.mark.parametrize(
    ("members", "words"), [(Why, WHYS), (Channel, CHANNELS), (CutWhy, CUT_WHYS), (Scope, SCOPES)]
)
def test_every_member_has_words_of_its_own_and_none_is_its_code(members, words):
    assert set(words) == set(members)
    for place in range(2):
        said = [words[each][place] for each in members]
        assert len(set(said)) == len(said)
    if members is Why:
        assert not [each for each in Why if code_of(each.name) in WHYS[each]]


def test_a_moment_is_that_of_paris_and_of_the_hour_told_twice_says_which():
    """25 October 2026: 2:30 in Paris comes twice."""
    first = at(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    second = at(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert moment(first) == ("25/10/2026 02:30 (heure d'été)", "2026-10-25 02:30 (summer time)")
    assert moment(second)[0] == "25/10/2026 02:30 (heure d'hiver)"
    assert moment(second + 1_800_000_000)[0] == "25/10/2026 03:00"
    assert moment(first - 1_800_000_001)[0] == "25/10/2026 01:59"


def test_a_span_that_is_not_over_says_so():
    start = at(datetime(2026, 11, 27, 2, 12, tzinfo=UTC))
    assert span(start, 0) == (
        "depuis le 27/11/2026 03:12, encore",
        "since 2026-11-27 03:12, still",
    )
    assert span(start, start + 60_000_000)[0] == "du 27/11/2026 03:12 au 27/11/2026 03:13"


def test_what_is_cut_is_named_to_those_who_may_know_and_to_nobody_else():
    everybody = a_case().everybody
    site = a_cut(Scope.SITE, 4).cut
    assert cut_named(site, everybody) == (f"Un lieu : {SITE}", f"A site: {SITE}")
    assert SITE not in " ".join(cut_label(site))
    account = a_cut(Scope.ACCOUNT, 17).cut
    assert cut_named(account, everybody)[0] == f"Un compte : {SHOP}"
    assert cut_named(replace(account, number=99), everybody)[0] == "Un compte : 00000099"
    legacy = a_cut(Scope.PRESENCE, Presence.LEGACY).cut
    for said in (cut_label(legacy), cut_named(legacy, everybody)):
        assert said == (
            "Une forme de présence : Saisie, carte ancienne",
            "A kind of presence: Typed, older card",
        )
    assert cut_label(a_cut(Scope.CHANNEL, Channel.PORTAL).cut)[0] == "Une voie : le portail"
    assert cut_label(a_cut(Scope.PLATFORM, 0).cut) == SCOPES[Scope.PLATFORM]


@pytest.mark.parametrize(
    ("counts", "french", "english"),
    [
        ((0, 0), "aucune question restée sans réponse", "no question left unanswered"),
        ((1, 1), "1 question sans réponse, 1 lieu", "1 question unanswered, 1 site"),
        (
            (1204, 311),
            "1\u00a0204 questions sans réponse, 311 lieux",
            "1,204 questions unanswered, 311 sites",
        ),
    ],
)
def test_one_and_many_are_told_apart(counts, french, english):
    assert refused(Unanswered(*counts)) == (french, english)


def test_a_law_is_cited_in_each_language_where_it_has_two_names():
    assert law_said("RGPD, art. 34 · GDPR art. 34") == ("RGPD, art. 34", "GDPR art. 34")
    assert law_said("DORA, art. 18") == ("DORA, art. 18", "DORA, art. 18")


def test_a_label_begins_a_line_or_stands_within_one():
    assert headed(("déposer plainte", "file a complaint")) == (
        "Déposer plainte",
        "File a complaint",
    )
    assert within(("À la demande", "As asked")) == ("à la demande", "as asked")
    assert headed(("", "")) == within(("", "")) == ("", "")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("l'organisme", "l’organisme"),
        ("lues : 12 ; « non »", "lues\u00a0: 12\u00a0; «\u00a0non\u00a0»"),
        ("à 9 h 12, 72 h", "à 9\u00a0h\u00a012, 72\u00a0h"),
        ("art. 33(2), n° 812", "art.\u00a033(2), n°\u00a0812"),
        ("read: 12; 'no'", "read: 12; 'no'"),
        ("--scope x.json", "--scope x.json"),
    ],
)
def test_print_has_its_apostrophes_and_blanks_that_hold(typed, printed):
    assert typeset(typed) == printed
    assert typeset(printed) == printed
