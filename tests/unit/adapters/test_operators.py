"""Operator keys in files."""

import json

import pytest

from rempart.adapters.keys.operators import (
    make_operator_key,
    operator_key,
    public_operator,
    trust_operator,
    trusted_operators,
)
from rempart.domain.errors import KeyMissing, KeyReadableByOthers, SetUpRefused


def test_the_two_halves_belong_together(tmp_path):
    public = make_operator_key(tmp_path, "alix", b"a" * 32)
    key, name = public_operator(public)
    assert name == "alix"
    assert operator_key(tmp_path / "alix.key").public_key().public_bytes_raw() == key
    assert (tmp_path / "alix.key").stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_replaced(tmp_path):
    make_operator_key(tmp_path, "alix", b"a" * 32)
    with pytest.raises(SetUpRefused, match="exists already"):
        make_operator_key(tmp_path, "alix", b"b" * 32)


@pytest.mark.parametrize("name", ["", "Alix", "../alix", "a" * 33, "é"])
def test_a_name_is_a_name(tmp_path, name):
    with pytest.raises(SetUpRefused, match="small letters"):
        make_operator_key(tmp_path, name, b"a" * 32)


def test_a_key_that_others_can_read_is_refused(tmp_path):
    make_operator_key(tmp_path, "alix", b"a" * 32)
    (tmp_path / "alix.key").chmod(0o640)
    with pytest.raises(KeyReadableByOthers):
        operator_key(tmp_path / "alix.key")


def test_what_is_no_key_is_refused(tmp_path):
    with pytest.raises(KeyMissing):
        operator_key(tmp_path / "nobody.key")
    (tmp_path / "empty.key").touch(mode=0o600)
    with pytest.raises(SetUpRefused, match="does not hold an operator's key"):
        operator_key(tmp_path / "empty.key")
    for text in ("", "[]", '{"operator": "alix"}', '{"operator": 7, "key": "x"}'):
        (tmp_path / "bad.pub").write_text(text)
        with pytest.raises(SetUpRefused, match="public key"):
            public_operator(tmp_path / "bad.pub")
    (tmp_path / "bad.pub").write_text(json.dumps({"operator": "../x", "key": "x"}))
    with pytest.raises(SetUpRefused, match="does not name an operator"):
        public_operator(tmp_path / "bad.pub")


def test_a_place_trusts_a_name_once(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    trusted = tmp_path / "trusted"
    assert trusted_operators(trusted) == {}
    public = make_operator_key(here, "alix", b"a" * 32)
    for _ in range(2):
        assert trust_operator(trusted, public) == "alix"
    assert trusted_operators(trusted) == {public_operator(public)[0]: "alix"}
    with pytest.raises(SetUpRefused, match="another key is trusted"):
        trust_operator(trusted, make_operator_key(there, "alix", b"b" * 32))
