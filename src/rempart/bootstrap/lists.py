"""The assembly of the operator's lists.

home/lists/        what is published: operator.pub, trust.cbor, status-AMC.cbor; any web server may
                   hold a copy, as everything in it is signed and nothing is secret
home/guarantees/   statements of insurers, for the next trust list
home/keys/         lists.keyring and its key file: the publisher's alone
"""

from collections.abc import Mapping
from pathlib import Path

from rempart.adapters.keys.file import FileKeyring, KeyFile
from rempart.adapters.system import SystemChance
from rempart.bootstrap.insurer import publish_file, read_json, write_json
from rempart.bootstrap.registrar import registrar
from rempart.bootstrap.verifier import seconds_now, take_into
from rempart.config import Settings
from rempart.domain.errors import KeyMissing, ListRefused, SetUpRefused
from rempart.domain.guarantee import Statement
from rempart.domain.insurer import PublicBundle
from rempart.domain.trust_list import TrustList
from rempart.usecases.card_lists import read_guarantees
from rempart.usecases.publish_trust import PublishTrust, make_list_key, public_point, versions
from rempart.usecases.take_lists import fingerprint_of

KEYRING, KEY, FOLDER, PROFILE = "lists.keyring", "lists.key", "lists", "operator.json"
STATED = "guarantees"
DAY = 86_400


def published(settings: Settings) -> Path:
    """Where the lists are."""
    return settings.home / FOLDER


def begin(settings: Settings, name: str) -> bytes:
    """Make the operator's list key, under the name that lists say; its public half."""
    settings.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.keys / KEYRING
    keys = FileKeyring.create(path, unlock=KeyFile(settings.keys / KEY).create())
    point = make_list_key(keys, SystemChance())
    take_into(published(settings)).trust_operator(point)
    _keep_profile(settings, name, {})
    return point


def next_key(settings: Settings) -> bytes:
    """Make the next list key; its public half."""
    return make_list_key(_keyring(settings), SystemChance())


def name_insurer(settings: Settings, amc: str, name: str) -> None:
    """Keep what an insurer is called."""
    operator, names = _profile(settings)
    _keep_profile(settings, operator, {**names, amc: name})


def publish(settings: Settings, *, days: int, turn: bool) -> TrustList:
    """Publish the next trust list, of the insurers that are registered."""
    operator, names = _profile(settings)
    publishing = PublishTrust(
        keys=_keyring(settings),
        operator=operator,
        names=names,
        good_for=days * DAY,
        guarantees={
            path.stem: path.read_bytes() for path in (settings.home / STATED).glob("*.cbor")
        },
    )
    bundles = _bundles(settings)
    take, now = take_into(published(settings)), seconds_now()
    last = None if take.shelf.trust() is None else take.lists()[0]
    # What a run that was killed may have left undone.
    publishing.end_old_key(take.shelf.roots())
    take(publishing(bundles, last=last, now=now, turn=turn), now=now)
    publishing.end_old_key(take.shelf.roots())
    return take.lists()[0]


def carry(settings: Settings, data: bytes) -> Statement:
    """Keep the standing guarantees of a registered insurer, for the next list.

    Raises:
        ListRefused: no registered insurer has signed them.
    """
    for bundle in _bundles(settings):
        amc = bundle.amc.value
        try:
            statement = read_guarantees(data, amc, bundle.card_keys)
        except ListRefused:
            continue
        kept = settings.home / STATED / f"{amc}.cbor"
        kept.parent.mkdir(exist_ok=True)
        publish_file(kept, data)
        return statement
    raise ListRefused("guarantees that no registered insurer has signed")


def _bundles(settings: Settings) -> list[PublicBundle]:
    with registrar(settings) as registry:
        return [PublicBundle.from_json(each.bundle) for each in registry.read().insurers.values()]


def key_ids(settings: Settings) -> list[str]:
    """Fingerprints of the key that signs and of the next one, to be read out."""
    keys = _keyring(settings)
    return [fingerprint_of(public_point(keys, version)) for version in versions(keys)]


def _profile(settings: Settings) -> tuple[str, dict[str, str]]:
    """What the operator is called, and insurers by AMC number.

    Raises:
        SetUpRefused: there is no such file yet, or it says something else.
    """
    match read_json(published(settings) / PROFILE):
        case {"name": str(operator), "insurers": dict(names)} if all(
            isinstance(said, str) for pair in names.items() for said in pair
        ):
            return operator, names
    raise SetUpRefused(f"{PROFILE} is not what rempart lists init has written")


def _keep_profile(settings: Settings, operator: str, names: Mapping[str, str]) -> None:
    said = {"name": operator, "insurers": dict(names)}
    write_json(published(settings) / PROFILE, said)


def _keyring(settings: Settings) -> FileKeyring:
    path = settings.keys / KEYRING
    if not path.exists():
        raise KeyMissing("no list key here: run rempart lists init")
    return FileKeyring.open(path, KeyFile(settings.keys / KEY))
