"""The insurer's assembly: a folder of its own with keys, choices and state; needs nothing else.

profile.json      what the insurer has chosen          bundle.json     what it publishes
insurer.keyring   its keys, never sent                 insurer.key     unlocks them
state.sqlite      what the last feed said               cards.sqlite    places on the status list
sheet.toml        its words on sheets                   phones.sqlite   invitations and phones
"""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TextIO

from rempart.adapters.card_register import SqliteCardRegister
from rempart.adapters.durable import write_whole
from rempart.adapters.feed_file import DurableFile, finish
from rempart.adapters.insurer_state import InsurerState
from rempart.adapters.keys.file import FileKeyring, KeyFile, Passphrase, Unlock
from rempart.adapters.system import SystemChance
from rempart.domain.errors import SetUpRefused
from rempart.domain.guarantee import Statement
from rempart.domain.insurer import InsurerProfile, PublicBundle
from rempart.usecases.card_lists import sign_guarantees
from rempart.usecases.insurer_keys import (
    add_card_key,
    add_card_signing_key,
    card_signing_key,
    end_card_signing_keys,
    make_keys,
    public_bundle,
    turn_card_signing_key,
)
from rempart.usecases.issue_cards import IssueCards
from rempart.usecases.make_status import MakeStatus
from rempart.usecases.open_dossier import OpenDossier
from rempart.usecases.prepare_feed import PrepareFeed, PrepareOptions, PrepareReport, Watch
from rempart.usecases.state_guarantees import stated

PROFILE, BUNDLE, KEYRING, KEY, STATE, CARDS = (
    "profile.json",
    "bundle.json",
    "insurer.keyring",
    "insurer.key",
    "state.sqlite",
    "cards.sqlite",
)
DAY = 86_400


def unlock_of(folder: Path, *, key_file: Path | None, passphrase: str | None) -> Unlock:
    """How the keyring opens: a passphrase, a key file, or the key file of the folder."""
    if passphrase is not None:
        return Passphrase(passphrase)
    return KeyFile(key_file or folder / KEY)


def make_folder(folder: Path, profile: InsurerProfile, unlock: Unlock) -> PublicBundle:
    """Make an insurer's folder, its keys and its bundle.

    Raises:
        SetUpRefused: the folder holds an insurer already.
    """
    if (folder / PROFILE).exists():
        raise SetUpRefused("this folder holds an insurer already")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if isinstance(unlock, KeyFile) and not unlock.path.exists():
        unlock.create()
    keys = FileKeyring.create(folder / KEYRING, unlock=unlock)
    make_keys(keys, SystemChance())
    write_json(folder / BUNDLE, public_bundle(profile, keys).to_json())
    write_json(folder / PROFILE, profile.to_json())
    return public_bundle(profile, keys)


def read_json(path: Path) -> dict[str, object]:
    """A JSON object in a file.

    Raises:
        SetUpRefused: no such file, or it holds none.
    """
    try:
        said = json.loads(path.read_text("utf-8"))
    except OSError:
        raise SetUpRefused(f"there is no file {path.name} that can be read") from None
    except ValueError:
        raise SetUpRefused(f"{path.name} is not JSON") from None
    if not isinstance(said, dict):
        raise SetUpRefused(f"{path.name} is not a JSON object")
    return said


def read_toml(path: Path) -> dict[str, object]:
    """A TOML file.

    Raises:
        SetUpRefused: it is none.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise SetUpRefused(f"{path.name} is not TOML") from None


def write_json(path: Path, said: object) -> None:
    """A file that others may read, whole or not at all."""
    write_whole(path, (json.dumps(said, indent=1) + "\n").encode(), mode=0o644)


def publish_file(path: Path, data: bytes) -> None:
    """A file that others may read, whole or not at all, instead of the one before."""
    write_whole(path, data, mode=0o644)


@contextmanager
def member_file(path: Path) -> Iterator[TextIO]:
    """A member file, open as ``read_members`` reads it."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        yield stream


@dataclass(frozen=True, slots=True, kw_only=True)
class InsurerFolder:
    """An insurer's folder, unlocked."""

    folder: Path
    profile: InsurerProfile
    keys: FileKeyring = field(repr=False)

    @classmethod
    def open(cls, folder: Path, unlock: Unlock) -> "InsurerFolder":
        """Open a folder.

        Raises:
            SetUpRefused: there is no insurer in it.
            KeyReadableByOthers: its keys are not private.
        """
        profile = InsurerProfile.from_json(read_json(folder / PROFILE))
        return cls(folder=folder, profile=profile, keys=FileKeyring.open(folder / KEYRING, unlock))

    def choose(self, profile: InsurerProfile) -> None:
        """Keep other choices; the next feed says them."""
        write_json(self.folder / PROFILE, profile.to_json())

    def bundle(self) -> PublicBundle:
        """What the insurer publishes, written anew."""
        bundle = public_bundle(self.profile, self.keys)
        write_json(self.folder / BUNDLE, bundle.to_json())
        return bundle

    def next_card_key(self) -> int:
        """A new version of the card key."""
        return add_card_key(self.keys, SystemChance())

    def next_signing_key(self) -> PublicBundle:
        """A next key for cards and lists; the bundle with both, to be registered."""
        add_card_signing_key(self.keys, SystemChance())
        return self.bundle()

    def turn_signing_key(self) -> int:
        """Sign with it from now on; its version."""
        return turn_card_signing_key(self.keys)

    def end_signing_keys(self) -> tuple[list[int], PublicBundle]:
        """Forget the ones before; the bundle without them, to be registered."""
        return end_card_signing_keys(self.keys), self.bundle()

    def default_feed(self, sequence: int) -> Path:
        """Where a feed is written unless a place is given."""
        return self.folder / f"feed-{self.profile.amc.value}-{sequence:05d}.rpf"

    def finish_interrupted(self) -> Path | None:
        """Name a feed that a killed run left whole, if there is one."""
        with closing(self._state()) as state:
            last = state.last()
            if last is not None and finish(Path(last.file), last.sequence):
                return Path(last.file)
        return None

    def _state(self) -> InsurerState:
        return InsurerState(self.folder / STATE)

    def prepare(
        self,
        members: Path,
        *,
        out: Path | None,
        today: date,
        options: PrepareOptions,
        watch: Watch,
    ) -> tuple[PrepareReport, Path]:
        """Prepare the next feed; where it was written."""
        with ExitStack() as stack:
            state = stack.enter_context(closing(self._state()))
            stream = stack.enter_context(member_file(members))
            places: list[Path] = []

            def open_file(sequence: int) -> DurableFile:
                places.append(out or self.default_feed(sequence))
                return stack.enter_context(DurableFile(places[0], sequence))

            prepare = PrepareFeed(
                profile=self.profile, keys=self.keys, state=state, chance=SystemChance()
            )
            report = prepare(stream, open_file=open_file, today=today, options=options, watch=watch)
            return report, places[0]

    @contextmanager
    def cards(self, today: date) -> Iterator[IssueCards]:
        """The issue of cards; places that they take are kept if it ends well."""
        with closing(self._register()) as register, register.taking():
            yield IssueCards(
                profile=self.profile,
                keys=self.keys,
                chance=SystemChance(),
                register=register,
                today=today,
            )

    def reissue(self, today: date) -> IssueCards:
        """The issue of cards that have their places already, beside others who do the same."""
        return IssueCards(
            profile=self.profile,
            keys=self.keys,
            chance=SystemChance(),
            register=self._register(),
            today=today,
        )

    @contextmanager
    def status(self, good_for: int) -> Iterator[MakeStatus]:
        """The making of the status list; ``good_for`` is in seconds."""
        with closing(self._state()) as state:
            replaced = state.replaced()
        with closing(self._register()) as register, register.taking():
            yield MakeStatus(
                profile=self.profile,
                keys=self.keys,
                register=register,
                good_for=good_for,
                replaced=replaced,
            )

    def guarantees(
        self, said: Mapping[str, object], *, now: int, days: int
    ) -> tuple[Statement, bytes]:
        """Its standing guarantees, as chosen in a file, and signed; ``now`` is in seconds."""
        amc = self.profile.amc.value
        statement = stated(said, amc=amc, now=now, good_for=days * DAY)
        return statement, sign_guarantees(statement, card_signing_key(self.keys))

    def _register(self) -> SqliteCardRegister:
        return SqliteCardRegister(self.folder / CARDS)

    def dossier(self) -> OpenDossier:
        """The opening of dossiers."""
        return OpenDossier(keys=self.keys, amc=self.profile.amc.value.encode())


@contextmanager
def private_file(path: Path) -> Iterator[TextIO]:
    """A new file for the insurer's eyes: personal data goes into it.

    Raises:
        SetUpRefused: it exists.
    """
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise SetUpRefused(f"{path.name} exists already: it is not overwritten") from None
    with os.fdopen(file, "w", encoding="utf-8", newline="") as stream:
        yield stream
