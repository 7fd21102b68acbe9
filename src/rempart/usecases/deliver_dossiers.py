"""Deliver dossiers: into each insurer's drop, whole or not at all, then a notice without data.

(1) the manifest is the vault's, and of this place;
(2) every file is copied, and is what was signed, or nothing is left there;
(3) it is noted as handed;
(4) once all are handed, each insurer is told by e-mail: noted before, and after.

Killed anywhere, the same again goes on. What was handed and not noted is found in the drop; what
was about to be mailed is not mailed again, unless that is asked for: it may have been.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from rempart.domain.contacts import Contacts, InsurerContact, mailable
from rempart.domain.delivery import Delivery, Hand, Line, Noted, Post, Told, delivery_of
from rempart.domain.errors import DropRefused, IntegrityBroken
from rempart.tlog.note import NoteVerifier
from rempart.usecases.delivery_ports import (
    DeliveryJournal,
    Dossier,
    Dossiers,
    Drop,
    Handed,
    Mail,
    Place,
)
from rempart.usecases.delivery_words import notice_of
from rempart.usecases.dossier_manifest import (
    MANIFEST,
    Manifest,
    drop_name,
    manifest_digest,
    read_manifest,
    stands_for,
)
from rempart.usecases.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A dossier that is whole: its manifest, and as it was signed."""

    place: Place
    manifest: Manifest
    note: str = field(repr=False)
    digest: str
    stands_for: frozenset[str] = field(repr=False)
    name: str = field(repr=False)
    """As it is called in a drop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came of one; without a whole dossier, ``found`` is nothing."""

    place: Place
    found: Found | None
    hand: Hand
    post: Post = Post.NOTHING_THERE


def found_in(place: Place, dossier: Dossier, vault: NoteVerifier) -> Found | Hand:
    """The whole dossier of a place, or what it lacks."""
    note = dossier.manifest()
    if note is None:
        return Hand.NO_MANIFEST
    try:
        manifest = read_manifest(note, vault)
    except IntegrityBroken:
        return Hand.BROKEN
    if (manifest.amc, f"{manifest.number:04d}") != place:
        return Hand.BROKEN
    digest = manifest_digest(vault.name, manifest)
    name = drop_name(vault.name, manifest)
    return Found(
        place=place,
        manifest=manifest,
        note=note,
        digest=digest,
        stands_for=stands_for(vault.name, manifest),
        name=name,
    )


def as_signed(dossier: Dossier, manifest: Manifest, note: str) -> Handed:
    """The files of a dossier, each checked while it is read, and its manifest.

    Raises:
        IntegrityBroken: while they are read, one is not what was signed.
    """
    for name, digest in sorted(manifest.files.items()):
        yield name, _checked(dossier.read(name), digest, name)
    yield MANIFEST, [note.encode()]


def _checked(pieces: Iterable[bytes], digest: str, name: str) -> Iterator[bytes]:
    seen = sha256()
    for piece in pieces:
        seen.update(piece)
        yield piece
    if seen.hexdigest() != digest:
        raise IntegrityBroken(f"{name} is not the file that was signed")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverDossiers:
    """The delivery. ``mail`` is nothing where no server is set up."""

    dossiers: Dossiers
    contacts: Contacts
    drop: Drop
    mail: Mail | None
    journal: DeliveryJournal
    vault: NoteVerifier
    clock: Clock
    sender: str = field(repr=False)

    def __call__(self, *, only: Collection[str] = (), again: bool = False) -> list[Delivered]:
        """Deliver those of the insurers ``only`` (AMC numbers), or all; ``again`` what was done.

        Raises:
            MalformedRow: the journal is not what this wrote; nothing was delivered.
        """
        self.journal.lines()
        places = [place for place in self.dossiers if not only or place.amc in only]
        handed = [self._hand(place, again=again) for place in places]
        return [self._tell(each, again=again) for each in handed]

    def _hand(self, place: Place, *, again: bool) -> Delivered:
        found = found_in(place, self.dossiers[place], self.vault)
        if isinstance(found, Hand):
            return Delivered(place=place, found=None, hand=found)
        state = self._state(found)
        if state.seen is None:
            self._note(found, Noted.SEEN)
        if state.handed is not None and not again:
            return Delivered(place=place, found=found, hand=Hand.BEFORE)
        hand = self._left(found)
        if hand.there and state.handed is None:
            self._note(found, Noted.HANDED)  # (3)
        return Delivered(place=place, found=found, hand=hand)

    def _left(self, found: Found) -> Hand:
        contact = self._contact(found)
        if contact is None:
            return Hand.NO_CONTACT
        if not contact.drop:
            return Hand.NO_DROP
        try:
            there = self.drop.manifest(contact.drop, found.name)
            if there is not None:
                return Hand.BEFORE if self._is(there, found) else Hand.TAKEN
            dossier = self.dossiers[found.place]
            files = as_signed(dossier, found.manifest, found.note)
            self.drop.put(contact.drop, found.name, files)  # (2)
        except DropRefused as refusal:
            return Hand(refusal.why)
        except IntegrityBroken:
            return Hand.ALTERED
        return Hand.HANDED

    def _is(self, there: str, found: Found) -> bool:
        """Whether what lies there is this dossier, perhaps as it was before its list was sealed."""
        if there == found.note:
            return True
        try:
            return manifest_digest(self.vault.name, read_manifest(there, self.vault)) in (
                found.stands_for
            )
        except IntegrityBroken:
            return False

    def _tell(self, handed: Delivered, *, again: bool) -> Delivered:
        found = handed.found
        if found is None or not handed.hand.there:
            return handed
        return Delivered(
            place=handed.place, found=found, hand=handed.hand, post=self._post(found, again=again)
        )

    def _post(self, found: Found, *, again: bool) -> Post:
        told, contact = self._state(found).told, self._contact(found)
        if told is not Told.NO and not again:
            return Post.BEFORE if told is Told.YES else Post.IN_DOUBT
        if contact is None or not contact.email:
            return Post.NO_ADDRESS
        if not mailable(contact.email) or not mailable(self.sender):
            return Post.BAD_ADDRESS
        if self.mail is None:
            return Post.NO_SERVER
        notice = notice_of(
            found.manifest, found.name, self.contacts.operator, contact, sender=self.sender
        )
        self._note(found, Noted.MAILING)  # (4)
        post = self.mail.send(notice)
        if post is not Post.IN_DOUBT:
            self._note(found, Noted.MAILED if post is Post.SENT else Noted.UNMAILED)
        return post

    def _contact(self, found: Found) -> InsurerContact | None:
        return self.contacts.of(int(found.manifest.amc))

    def _state(self, found: Found) -> Delivery:
        return delivery_of(found.stands_for, self.journal.lines())

    def _note(self, found: Found, did: Noted) -> None:
        exercise = found.manifest.exercise
        at = self.clock.now()
        self.journal.add(Line(at=at, did=did, manifest=found.digest, exercise=exercise))
