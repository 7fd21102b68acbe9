"""Where a professional works: every activity told, the one chosen, and what is no activity."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.activity import ACTIVITIES_MAX, activities_in, choose
from rempart.domain.errors import SignInRefused
from rempart.domain.identifiers import SiteId
from rempart.domain.sign_in import Doubt
from rempart.drill.impossible import finess
from rempart.drill.psc.professionals import professionals, user_info

FINESS = finess(1)
SIRET = "35600000000014"
"""Of the post office, whose rule is that digits add up to a multiple of 5."""


def told(*activities, profession="10"):
    exercise = {"codeProfession": profession, "activities": list(activities)}
    return {"SubjectRefPro": {"exercices": [exercise]}}


def at(**numbers):
    names = {
        "finess": "numeroFinessSite",
        "siret": "numeroSiretSite",
        "struct": "identifiantTechniqueDeLaStructure",
    }
    return {"codeModeExercice": "L"} | {names[name]: value for name, value in numbers.items()}


@pytest.mark.parametrize(
    ("activity", "site"),
    [
        (at(finess=FINESS, siret=SIRET, struct="R1"), f"FINESS:{FINESS}"),
        (at(finess="", siret=SIRET, struct="R1"), f"SIRET:{SIRET}"),
        (at(siret=None, struct="R81311"), "STRUCT:R81311"),
        (at(finess=f" {FINESS} "), f"FINESS:{FINESS}"),
        (at(finess="0B0193488", struct="F0B0193488"), "STRUCT:F0B0193488"),
        (at(finess=990000011, struct="R1"), "STRUCT:R1"),
        (at(siret="12345678901234", struct="R1"), "STRUCT:R1"),
    ],
)
def test_a_site_is_known_by_its_first_good_identifier(activity, site):
    (found,) = activities_in(told(activity))
    assert found.site == SiteId.parse(site)
    assert (found.profession, found.mode) == ("10", "L")


@pytest.mark.parametrize("activity", [{}, at(struct=""), at(struct="x" * 37), at(struct="a b")])
def test_an_activity_without_identifier_is_left_out(activity):
    assert activities_in(told(activity, at(struct="R1")))[0].site.value == "STRUCT:R1"
    assert activities_in(told(activity)) == ()


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"SubjectRefPro": None},
        {"SubjectRefPro": {}},
        {"SubjectRefPro": {"exercices": []}},
        {"SubjectRefPro": {"exercices": [{}]}},
        {"SubjectRefPro": {"exercices": [{"activities": None}]}},
    ],
    ids=str,
)
def test_nothing_told_is_nothing(claims):
    assert activities_in(claims) == ()


def test_the_same_activity_told_twice_is_one():
    twice = told(at(struct="R1"), at(struct="R1"), at(struct="R2"))
    other = told(at(struct="R1"), profession="60")["SubjectRefPro"]["exercices"]
    twice["SubjectRefPro"]["exercices"] += other
    assert [(each.site.number, each.profession) for each in activities_in(twice)] == [
        ("R1", "10"),
        ("R2", "10"),
        ("R1", "60"),
    ]


@pytest.mark.parametrize(
    "claims",
    [
        {"SubjectRefPro": "x"},
        {"SubjectRefPro": [1]},
        {"SubjectRefPro": {"exercices": {}}},
        {"SubjectRefPro": {"exercices": ["x"]}},
        {"SubjectRefPro": {"exercices": [{"activities": "x"}]}},
        {"SubjectRefPro": {"exercices": [{"activities": [7]}]}},
        told(*[at(struct="R1")] * (ACTIVITIES_MAX + 1)),
    ],
    ids=range(7),
)
def test_another_shape_is_refused(claims):
    with pytest.raises(SignInRefused) as refusal:
        activities_in(claims)
    assert refusal.value.doubt is Doubt.ACTIVITY


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["exercices", "activities", "numeroFinessSite", "codeProfession"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_shape_gives_activities_or_the_refusal(value):
    with suppress(SignInRefused):
        assert all(each.site for each in activities_in({"SubjectRefPro": value}))


def test_exactly_one_is_chosen_and_it_must_be_theirs():
    found = activities_in(told(at(struct="R1"), at(struct="R2")))
    assert choose(found, site=SiteId.parse("STRUCT:R2"), profession="10") is found[1]
    for site, profession in (("STRUCT:R3", "10"), ("STRUCT:R1", "60")):
        with pytest.raises(SignInRefused) as refusal:
            choose(found, site=SiteId.parse(site), profession=profession)
        assert refusal.value.doubt is Doubt.ACTIVITY


def test_an_activity_hides_its_name():
    (found,) = activities_in(told(at(struct="R1") | {"raisonSocialeSite": "CABINET DU DR X"}))
    assert found.name == "CABINET DU DR X"
    assert "CABINET" not in repr(found)


def test_synthetic_professionals_work_where_they_are_told_to():
    for person in professionals(seed=1):
        found = [each.site for each in activities_in(user_info(person))]
        assert found == [post.site.site for post in person.posts if post.site]
        assert person.rpps.startswith("999")
        assert 1 <= len(found) <= 3
