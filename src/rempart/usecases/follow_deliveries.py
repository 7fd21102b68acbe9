"""Follow deliveries: what was handed, told, received, and whom to call for the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rempart.domain.contacts import Contacts, InsurerContact
from rempart.domain.delivery import Delivery, Hand, Line, Noted, Then, delivery_of, escalation
from rempart.domain.errors import DropRefused
from rempart.tlog.note import NoteVerifier
from rempart.usecases.deliver_dossiers import Found, found_in
from rempart.usecases.delivery_ports import DeliveryJournal, Dossiers, Drop, Place
from rempart.usecases.ports import Clock
from rempart.usecases.receipts import Proof, proven


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one dossier stands. ``found`` is nothing where it is not whole, and ``lacks`` says why.

    ``proof`` is of the receipt that lies in the drop now, or was good before.
    """

    place: Place
    found: Found | None
    contact: InsurerContact | None = field(repr=False)
    lacks: Hand | None = None
    delivery: Delivery = field(default_factory=Delivery)
    proof: Proof = Proof.NONE
    then: Then = Then.WAIT


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowDeliveries:
    """``feed_keys`` verify receipts: the public keys of insurers (32 bytes) by AMC number."""

    dossiers: Dossiers
    contacts: Contacts
    drop: Drop
    journal: DeliveryJournal
    vault: NoteVerifier
    clock: Clock
    feed_keys: Mapping[str, bytes] = field(repr=False)

    def __call__(self) -> list[Standing]:
        """Every dossier; a receipt that has come is verified and noted.

        Raises:
            MalformedRow: the journal is not what this wrote.
        """
        return [self._standing(place) for place in self.dossiers]

    def _standing(self, place: Place) -> Standing:
        contact = self.contacts.of(int(place.amc))
        found = found_in(place, self.dossiers[place], self.vault)
        if isinstance(found, Hand):
            return Standing(place=place, found=None, contact=contact, lacks=found)
        proof = self._proof(found, contact)
        delivery = self._state(found)
        then = escalation(delivery, contact, self.clock.now())
        return Standing(
            place=place, found=found, contact=contact, delivery=delivery, proof=proof, then=then
        )

    def _proof(self, found: Found, contact: InsurerContact | None) -> Proof:
        if self._state(found).received is not None:
            return Proof.GOOD
        note = self._receipt(found, contact)
        if note is None:
            return Proof.NONE
        key = self.feed_keys.get(found.manifest.amc)
        proof, said = proven(note, self.vault.name, found.manifest, key)
        if proof is Proof.GOOD:
            now = self.clock.now()
            line = Line(
                at=now,
                did=Noted.RECEIVED,
                manifest=found.digest,
                receipt=note,
                said=said,
                exercise=found.manifest.exercise,
            )
            self.journal.add(line)
        return proof

    def _receipt(self, found: Found, contact: InsurerContact | None) -> str | None:
        if contact is None or not contact.drop:
            return None
        try:
            return self.drop.receipt(contact.drop, found.name)
        except DropRefused:
            return None

    def _state(self, found: Found) -> Delivery:
        return delivery_of(found.stands_for, self.journal.lines())
