"""Whatever is wrong with a body is said without quoting it."""

import copy
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.api.malformed import refusal_of
from rempart.api.question import read_question
from rempart.drill.software import eligibility_request
from rempart.serving.declined import Declined
from tests.scripted_door import CARD, CARE_DATE, CODE

SENTINEL = "Durandeau"
CREATED = "2026-11-23T09:00:00Z"
REQUESTS = [
    eligibility_request(shown, ["PHAR"], CARE_DATE, created=CREATED) for shown in (CODE, CARD)
]


def places(value, path=()):
    """Every place inside a JSON value."""
    yield path
    children = value.items() if isinstance(value, dict) else []
    if isinstance(value, list):
        children = enumerate(value)
    for name, child in children:
        yield from places(child, (*path, name))


PLACES = [(request, path) for request in REQUESTS for path in places(request)]
HOSTILE = [
    SENTINEL,
    {SENTINEL: SENTINEL},
    {SENTINEL: 1, "name": SENTINEL},
    [SENTINEL],
    [[SENTINEL]] * 3,
    f"#{SENTINEL}",
    "",
    "x" * 5000 + SENTINEL,
    1,
    1.5,
    True,
    None,
    {"system": SENTINEL, "value": SENTINEL},
    {"identifier": {"system": "urn:rempart:amc", "value": SENTINEL}},
    {"identifier": {"system": "urn:rempart:this-question", "value": SENTINEL}},
]


def planted(request, path, value):
    request = copy.deepcopy(request)
    if not path:
        return value
    place = request
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return request


def said_about(body):
    """All that a refusal would show, log or chain; nothing for a question that reads."""
    try:
        read_question(body)
    except Declined as refusal:
        return f"{refusal} {refusal.detail} {refusal.expression} {refusal.__cause__}"
    return ""


@given(st.sampled_from(PLACES), st.sampled_from(HOSTILE))
def test_a_value_in_a_wrong_place_is_never_quoted(place, value):
    request, path = place
    body = json.dumps(planted(request, path, value)).encode()

    assert SENTINEL not in said_about(body)


@given(st.sampled_from(PLACES), st.sampled_from([SENTINEL, f"foo` - at `$.{SENTINEL}"]))
def test_an_unknown_element_anywhere_is_refused_and_not_named(place, name):
    request, path = place
    request = copy.deepcopy(request)
    inside = request
    for step in path:
        inside = inside[step]
    if not isinstance(inside, dict):
        return
    inside[name] = 1

    said = said_about(json.dumps(request).encode())

    assert said
    assert SENTINEL not in said


@given(st.binary(max_size=300))
def test_bytes_are_read_or_declined(body):
    said_about(body)


@pytest.mark.parametrize(
    ("said", "rule", "expression"),
    [
        (
            "Object contains unknown field `_birthDate` - at `$.item[0]`",
            "this element is not accepted here",
            ".item[0].birthDate",
        ),
        (
            "Object missing required field `status` - at `$.contained[0]`",
            "object missing required field status",
            ".contained[0]",
        ),
        ("Expected `str`, got `int` - at `$.status`", "expected str, got int", ".status"),
        (
            "Expected `array` of length <= 15 - at `$.item`",
            "expected array of length <= 15",
            ".item",
        ),
        ("Expected `object`, got `array`", "expected object, got array", ""),
        ("Invalid RFC3339 encoded date - at `$.servicedDate`", "invalid date", ".servicedDate"),
        (
            "Invalid enum value 'x - at `$.x`' - at `$.status`",
            "not one of the accepted values",
            None,
        ),
        ("A message of a later version", "not one of the accepted values", ""),
    ],
)
def test_the_words_of_the_decoder_are_kept_when_they_quote_nothing(said, rule, expression):
    refusal = refusal_of(msgspec.ValidationError(said))

    assert refusal.code == "malformed"
    assert refusal.detail == rule
    if expression is not None:
        assert refusal.expression == f"CoverageEligibilityRequest{expression}"
