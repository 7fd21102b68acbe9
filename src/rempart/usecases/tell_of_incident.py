"""Say something of an incident, as a person: kept in words, entered in the ledger, once.

(1) it is well formed, and contradicts nothing that stands: told before anything is kept;
(2) what is late has the reasons that its law asks for;
(3) the words are kept, sealed; those that were kept and not entered before are taken up again;
(4) what a finding names goes to the vault first, piece by piece: it says of an answer what the
    scope says of it;
(5) the vault enters who, what kind, when, and their digest.

Stopped between (3) and (5), the same said again is entered once, and meanwhile counts for nothing.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec import structs

from rempart.domain.clocks import Clock as Running
from rempart.domain.errors import (
    ForbiddenTransition,
    IntegrityBroken,
    MalformedIdentifier,
    TemporarilyUnavailable,
)
from rempart.domain.finding import Finding, finding_of
from rempart.domain.finding_pieces import digest_of as digest_in
from rempart.domain.finding_pieces import pieces_of
from rempart.domain.incident import DIGEST_SIZE, Incidents
from rempart.domain.incident_checks import check, lateness
from rempart.domain.incident_words import Did
from rempart.domain.spoken import SALT_SIZE, Spoken, digest_of, from_bytes
from rempart.sealing.errors import SealBroken
from rempart.sealing.stream import open_stream, seal_stream
from rempart.usecases.incident_codes import told_of
from rempart.usecases.incident_messages import IncidentSaid, SayOfIncident
from rempart.usecases.incident_ports import Evidence, SpokenWords
from rempart.usecases.messages import Refused, Reply, Request
from rempart.usecases.ports import Chance, Clock

NO_WORDS = bytes(DIGEST_SIZE)


def folded(evidence: Evidence, *, sandbox: bool) -> Incidents:
    """Every incident of the ledger."""
    incidents = Incidents(sandbox=sandbox)
    for index, entry, detail in evidence.decided():
        incidents.absorb(index, entry, detail)
    return incidents


def opened(digest: bytes, sealed: bytes, key: bytes) -> Spoken:
    """The words under a digest; ``key`` is the private half of what they are sealed to.

    Raises:
        IntegrityBroken: they are not those that were entered, or do not open.
    """
    left = memoryview(sealed)

    def read(size: int) -> bytes:
        nonlocal left
        piece, left = left[:size], left[size:]
        return bytes(piece)

    try:
        data = b"".join(open_stream(read, private=key))
    except SealBroken:
        raise IntegrityBroken("words of an incident do not open under its key") from None
    if digest_of(data) != digest:
        raise IntegrityBroken("words of an incident were changed")
    return from_bytes(data)


def needs_source(wanted: SayOfIncident) -> bool:
    """Whether it is somebody else's word, or something that was seen."""
    alert = wanted.did == "opened" and wanted.origin not in {"", "person"}
    return wanted.did == "fact" or alert


@dataclass(frozen=True, slots=True)
class TellOfIncident:
    """``vault`` asks the vault; ``key`` is the private half of what words are sealed to."""

    evidence: Evidence
    kept: SpokenWords
    vault: Callable[[Request], Reply]
    clock: Clock
    chance: Chance
    key: bytes = field(repr=False)
    sandbox: bool

    def __call__(self, wanted: SayOfIncident, said: Spoken) -> IncidentSaid:
        """Say it.

        Raises:
            MalformedIdentifier, ForbiddenTransition: (1) or (2) does not hold; nothing was said.
            TemporarilyUnavailable: it is not entered; the same again is the same.
        """
        said.check()  # (1)
        Finding(suspects=(), thief=said.thief, owner=said.owner).check_sessions()
        if needs_source(wanted) and not said.source.strip():
            raise MalformedIdentifier("source", "who or what says so: a fact and an alert have one")
        incidents = folded(self.evidence, sandbox=self.sandbox)
        late = self._late(wanted, incidents)  # (2)
        if late is not None and not said.late.strip():
            raise ForbiddenTransition(f"{late.rule.code} is late: {late.rule.late}")
        digest = self._keep(said, incidents)  # (3)
        wanted = structs.replace(wanted, named=tuple(self._named(wanted, said)))  # (4)
        return self._enter(structs.replace(wanted, words=digest, late=bool(said.late)))  # (5)

    def _named(self, wanted: SayOfIncident, said: Spoken) -> Iterator[int]:
        """The entries of a finding's pieces."""
        if wanted.did != Did.FINDING.name.lower():
            return
        named = (
            finding_of(json.loads(said.finding))
            if said.finding
            else Finding(suspects=(), thief=said.thief, owner=said.owner)
        )
        for piece in pieces_of(named):
            words = digest_in(wanted.incident, piece)
            yield self._enter(
                SayOfIncident(wanted.incident, "named", wanted.by, words, piece=piece)
            ).ref

    def _enter(self, wanted: SayOfIncident) -> IncidentSaid:
        reply = self.vault(wanted)
        match reply:
            case IncidentSaid():
                return reply
            case Refused(reason="forbidden-move", detail=detail):
                raise MalformedIdentifier("the ledger", detail)
            case _:
                raise TemporarilyUnavailable(
                    "the vault did not write it down: it is kept, say the same again"
                )

    def _late(self, wanted: SayOfIncident, incidents: Incidents) -> Running | None:
        now = self.clock.now()
        numbers = self._numbers() if wanted.accounts else {}
        told = told_of(
            structs.replace(wanted, words=NO_WORDS, late=True), partial(_number, numbers), now
        )
        if told.did is Did.OPENED and not wanted.incident:
            check(None, told, now)
            return None
        incident = incidents.find(wanted.incident)
        check(incident, told, now)
        return lateness(incident, told, now)

    def _numbers(self) -> dict[str, int]:
        return {each.name: each.number for each in self.evidence.accounts().values()}

    def _keep(self, said: Spoken, incidents: Incidents) -> bytes:
        for digest, sealed in self.kept.all():
            if incidents.entered(digest) is None and self._same(digest, sealed, said):
                return digest
        data = said.to_bytes(self.chance.draw(SALT_SIZE))
        public = X25519PrivateKey.from_private_bytes(self.key).public_key().public_bytes_raw()
        sealing = seal_stream([data], ephemeral=self.chance.draw(32), recipient=public)
        digest = digest_of(data)
        self.kept.put(digest, b"".join(sealing))
        return digest

    def _same(self, digest: bytes, sealed: bytes, said: Spoken) -> bool:
        try:
            return opened(digest, sealed, self.key) == said
        except IntegrityBroken:
            return False


def _number(numbers: Mapping[str, int], name: str) -> int:
    if name not in numbers:
        raise MalformedIdentifier("account", "no account has this name")
    return numbers[name]
