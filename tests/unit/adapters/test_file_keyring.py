import base64
import json
import multiprocessing
import os
import stat

import pytest

from rempart.adapters.keys import file
from rempart.adapters.keys.file import FileKeyring, KeyFile, Passphrase
from rempart.domain.errors import IntegrityBroken, KeyMissing, KeyReadableByOthers, SetUpRefused

SECRET = b"a secret that must not be seen.."


@pytest.fixture
def unlock(tmp_path):
    return KeyFile(tmp_path / "unlock.key").create()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keyring.json"


@pytest.fixture
def keyring(path, unlock):
    return FileKeyring.create(path, unlock=unlock)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_found_by_another_process(keyring, path, unlock):
    keyring.put("outer/99000001/1", SECRET)
    assert FileKeyring.open(path, unlock).get("outer/99000001/1") == SECRET


def test_names_are_listed_by_prefix_sorted(keyring):
    for name in ("index/2", "index/1", "outer/99000001/1", "checkpoint"):
        keyring.put(name, name.encode())
    assert keyring.names("index/") == ["index/1", "index/2"]
    assert keyring.names("") == ["checkpoint", "index/1", "index/2", "outer/99000001/1"]
    assert keyring.names("feed") == []


def test_a_name_that_is_not_there_is_missing(keyring):
    with pytest.raises(KeyMissing, match="index/1"):
        keyring.get("index/1")


def test_a_key_once_put_keeps_its_value(keyring, path, unlock):
    keyring.put("index/1", SECRET)
    keyring.put("index/1", SECRET)
    with pytest.raises(IntegrityBroken):
        keyring.put("index/1", bytes(32))
    assert FileKeyring.open(path, unlock).get("index/1") == SECRET


def test_a_dropped_key_is_gone(keyring, path, unlock):
    keyring.put("pseudonym/202511", SECRET)
    keyring.drop("pseudonym/202511")
    keyring.drop("never/there")
    assert keyring.names("") == FileKeyring.open(path, unlock).names("") == []
    assert SECRET.hex() not in path.read_text()


def test_what_another_process_put_comes_with_a_reload(keyring, path, unlock):
    FileKeyring.open(path, unlock).put("index/2", SECRET)
    with pytest.raises(KeyMissing):
        keyring.get("index/2")
    keyring.reload()
    assert keyring.get("index/2") == SECRET


def test_a_put_loses_nothing_that_another_process_put(keyring, path, unlock):
    FileKeyring.open(path, unlock).put("index/1", SECRET)
    keyring.put("index/2", SECRET)
    assert FileKeyring.open(path, unlock).names("") == ["index/1", "index/2"]


def put_many(path, unlock, who):
    keyring = FileKeyring.open(path, unlock)
    for number in range(10):
        keyring.put(f"{who}/{number}", SECRET)


def test_writers_at_once_lose_nothing(keyring, path, unlock):
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=put_many, args=(path, unlock, who)) for who in ("one", "two")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert len(FileKeyring.open(path, unlock).names("")) == 20


# Durable


def test_a_put_is_on_disk_before_it_takes_its_place(keyring, path, monkeypatch):
    done = []
    fsync, replace = os.fsync, type(path).replace
    monkeypatch.setattr(file.os, "fsync", lambda fd: (done.append("fsync"), fsync(fd)))
    monkeypatch.setattr(
        type(path), "replace", lambda old, new: (done.append("replace"), replace(old, new))
    )
    keyring.put("index/1", SECRET)
    assert done == ["fsync", "replace", "fsync"]


def test_a_writer_killed_before_the_end_leaves_the_old_keyring(keyring, path, unlock, monkeypatch):
    keyring.put("index/1", SECRET)

    def killed(_fd):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(file.os, "fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            keyring.put("index/2", SECRET)
    again = FileKeyring.open(path, unlock)
    assert again.names("") == ["index/1"]
    again.put("index/2", SECRET)
    assert FileKeyring.open(path, unlock).names("") == ["index/1", "index/2"]


def test_nothing_is_replaced_by_a_creation(keyring, path, unlock):
    keyring.put("index/1", SECRET)
    with pytest.raises(SetUpRefused):
        FileKeyring.create(path, unlock=unlock)
    with pytest.raises(SetUpRefused):
        unlock.create()
    assert FileKeyring.open(path, unlock).get("index/1") == SECRET


# Private


def test_files_are_born_closed_to_others(keyring, path, unlock):
    before = os.umask(0)
    try:
        keyring.put("index/1", SECRET)
        other = KeyFile(path.with_name("other.key")).create()
    finally:
        os.umask(before)
    assert [mode_of(each) for each in (path, unlock.path, other.path)] == [0o600] * 3


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620, 0o601])
@pytest.mark.parametrize("which", ["keyring", "key file"])
def test_a_file_that_others_can_open_is_refused(keyring, path, unlock, mode, which):
    opened = path if which == "keyring" else unlock.path
    opened.chmod(mode)
    with pytest.raises(KeyReadableByOthers, match="chmod"):
        FileKeyring.open(path, unlock)
    if which == "keyring":
        with pytest.raises(KeyReadableByOthers):
            keyring.reload()


def test_one_group_may_share_a_keyring_where_it_is_named(path, tmp_path):
    group = os.getgid()
    unlock = KeyFile(tmp_path / "shared.key").create(group=group)
    keyring = FileKeyring.create(path, unlock=unlock, group=group)
    keyring.put("index/1", SECRET)
    assert mode_of(path) == mode_of(unlock.path) == 0o640
    assert path.stat().st_gid == unlock.path.stat().st_gid == group
    assert FileKeyring.open(path, unlock, group=group).get("index/1") == SECRET
    with pytest.raises(KeyReadableByOthers):
        FileKeyring.open(path, unlock)
    with pytest.raises(KeyReadableByOthers):
        FileKeyring.open(path, unlock, group=group + 1)
    path.chmod(0o644)
    with pytest.raises(KeyReadableByOthers):
        FileKeyring.open(path, unlock, group=group)
    path.chmod(0o660)
    with pytest.raises(KeyReadableByOthers):
        FileKeyring.open(path, unlock, group=group)


def test_no_secret_stands_in_the_file_or_in_a_repr(keyring, path, unlock):
    keyring.put("index/1", SECRET)
    raw = path.read_bytes()
    for secret in (SECRET, unlock.path.read_bytes()):
        assert secret not in raw
        assert secret.hex().encode() not in raw
        assert base64.b64encode(secret)[:40] not in raw
    assert repr(Passphrase("correct horse")) == "Passphrase()"
    assert repr(keyring) == f"FileKeyring(path={path!r}, group=None)"


# Under its own key


def test_another_key_file_opens_nothing(keyring, path, tmp_path):
    other = KeyFile(tmp_path / "other.key").create()
    with pytest.raises(KeyMissing, match="does not open"):
        FileKeyring.open(path, other)


def test_a_passphrase_opens_what_it_closed(path):
    FileKeyring.create(path, unlock=Passphrase("correct horse")).put("feed", SECRET)
    assert FileKeyring.open(path, Passphrase("correct horse")).get("feed") == SECRET
    with pytest.raises(KeyMissing, match="does not open") as refusal:
        FileKeyring.open(path, Passphrase("wrong horse"))
    assert "horse" not in str(refusal.value)


def test_missing_files_are_named(path, tmp_path, unlock):
    with pytest.raises(KeyMissing, match=r"keyring\.json"):
        FileKeyring.open(path, unlock)
    with pytest.raises(KeyMissing, match=r"absent\.key"):
        FileKeyring.create(path, unlock=KeyFile(tmp_path / "absent.key"))
    assert not path.exists()


def test_a_file_of_another_size_is_no_key(path, unlock):
    unlock.path.write_bytes(bytes(31))
    with pytest.raises(KeyMissing, match="not a key file"):
        FileKeyring.create(path, unlock=unlock)


# Damaged


def changed(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_two_secrets_cannot_change_places(keyring, path, unlock):
    keyring.put("outer/99000001/1", bytes(32))
    keyring.put("outer/99000002/1", SECRET)

    def swap(content):
        one, two = content["secrets"].values()
        content["secrets"] = {"outer/99000001/1": two, "outer/99000002/1": one}

    changed(path, swap)
    with pytest.raises(IntegrityBroken, match="outer/99000001/1"):
        FileKeyring.open(path, unlock)


def test_a_damaged_secret_shows_at_once_and_is_named(keyring, path, unlock):
    keyring.put("index/1", SECRET)
    for damage in ("", "AAAA", "not base64", 7, None):
        changed(path, lambda content, box=damage: content["secrets"].update({"index/1": box}))
        with pytest.raises(IntegrityBroken, match="index/1"):
            FileKeyring.open(path, unlock)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '{"format": "rempart-keyring/2"}', '{"format": "rempart-keyring/1"}'],
)
def test_a_file_that_is_no_keyring_is_refused(keyring, path, unlock, text):
    path.write_text(text)
    with pytest.raises(IntegrityBroken, match="not a keyring"):
        FileKeyring.open(path, unlock)


def test_another_salt_is_another_keyring(keyring, path, unlock):
    changed(path, lambda content: content.update(salt="AAAAAAAAAAAAAAAAAAAAAA=="))
    with pytest.raises(KeyMissing, match="replaced"):
        keyring.reload()
    changed(path, lambda content: content.update(salt="?"))
    with pytest.raises(IntegrityBroken):
        FileKeyring.open(path, unlock)


def test_a_failed_reload_leaves_the_keys_that_were(keyring, path):
    keyring.put("index/1", SECRET)
    path.write_text("{")
    with pytest.raises(IntegrityBroken):
        keyring.reload()
    assert keyring.get("index/1") == SECRET
