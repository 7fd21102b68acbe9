"""Files that a vendor hands over: refused in one line, without a word of what they hold."""

import pytest

from rempart.cli.software import read_jwks, thumbprint
from rempart.domain.errors import SetUpRefused


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b"\xff\xfe", b"secret words"])
def test_a_key_set_that_is_no_json_object_is_refused(tmp_path, content):
    (tmp_path / "keys.json").write_bytes(content)
    with pytest.raises(SetUpRefused, match="key set is not") as refused:
        read_jwks(tmp_path / "keys.json")
    assert "secret" not in str(refused.value)


def test_a_key_set_is_read(tmp_path):
    (tmp_path / "keys.json").write_text('{"keys": []}')
    assert read_jwks(tmp_path / "keys.json") == {"keys": []}


def test_a_certificate_that_is_none_is_refused(tmp_path):
    (tmp_path / "software.pem").write_bytes(b"secret words")
    with pytest.raises(SetUpRefused, match="not PEM"):
        thumbprint(tmp_path / "software.pem")
