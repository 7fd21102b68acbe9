"""A feed has its name only once it is whole."""

import pytest

from rempart.adapters.feed_file import DurableFile, finish, partial_of
from rempart.domain.errors import SetUpRefused


def test_it_has_its_name_once_it_is_published(tmp_path):
    path = tmp_path / "feed.rpf"
    with DurableFile(path, 3) as file:
        file.write(b"whole")
        assert file.name == str(path)
        file.settle()
        assert not path.exists()
        file.publish()
    assert path.read_bytes() == b"whole"
    assert [each.name for each in tmp_path.iterdir()] == ["feed.rpf"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_not_settled_is_gone(tmp_path):
    with DurableFile(tmp_path / "feed.rpf", 3) as file:
        file.write(b"half")
    assert list(tmp_path.iterdir()) == []


def test_a_feed_is_never_overwritten(tmp_path):
    (tmp_path / "feed.rpf").write_bytes(b"sent")
    with pytest.raises(SetUpRefused, match="never overwritten"):
        DurableFile(tmp_path / "feed.rpf", 3)


def test_one_that_was_settled_and_not_named_is_finished(tmp_path):
    path = tmp_path / "feed.rpf"
    with DurableFile(path, 3) as file:
        file.write(b"whole")
        file.settle()
    assert partial_of(path, 3).exists()
    assert not finish(path, 4)
    assert finish(path, 3)
    assert path.read_bytes() == b"whole"
    assert not finish(path, 3)


def test_one_that_has_its_name_is_left_as_it_is(tmp_path):
    path = tmp_path / "feed.rpf"
    with DurableFile(path, 3) as file:
        file.write(b"whole")
        file.settle()
    path.write_bytes(b"sent already")
    assert not finish(path, 3)
    assert path.read_bytes() == b"sent already"
