"""Base64url has one spelling: what is read is what is written."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.base64url import from_base64url, to_base64url

title = "Base64url"


@given(st.binary(max_size=80))
def test_what_is_written_is_read_back(value):
    assert from_base64url(to_base64url(value)) == value
    assert to_base64url(value) == base64.urlsafe_b64encode(value).decode().rstrip("=")


@given(st.text("AB-_=+/ \né", max_size=12))
def test_nothing_is_read_but_what_is_written(text):
    try:
        value = from_base64url(text)
    except ValueError:
        return
    assert to_base64url(value) == text


@pytest.mark.parametrize("text", ["AA==", "AB", "A", "AA AA", "AA\n", "+A", "/A", "AAé"])
def test_another_spelling_is_refused(text):
    with pytest.raises(ValueError, match=r"base64url|ASCII"):
        from_base64url(text)
