"""Read the operator's answer at the insurer: signed, ours, and the answer to this request.

(1) the vault whose key was given has signed it, for this insurer;
(2) it answers this very request, which this insurer has signed;
(3) the sealed file is the one that was signed, and opens with one of our dossier keys;
(4) it is about the people who were asked for, each once, in their order, and about nobody else;
(5) each of them is one of our references.

Whatever does not hold, nothing comes of it.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import NamedTuple

from rempart.domain.errors import IntegrityBroken, Refusal
from rempart.sealing.errors import SealBroken
from rempart.sealing.handles import reference_of
from rempart.tlog.note import NoteVerifier
from rempart.usecases.access_answer import (
    AccessAnswer,
    Answered,
    OfPerson,
    digest_of,
    open_answer,
    read_answered,
)
from rempart.usecases.access_request import AccessRequest, read_request, request_digest
from rempart.usecases.insurer_keys import HANDLE, dossier_keys, feed_signing_key
from rempart.usecases.ports import KeyStore


class OfMember(NamedTuple):
    """What was read about one member, by the insurer's own reference."""

    reference: str
    told: OfPerson

    def __repr__(self) -> str:
        return "OfMember(…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAccess:
    """The reading at one insurer; ``vault`` is the operator's."""

    keys: KeyStore
    amc: str
    vault: NoteVerifier

    def __call__(
        self, note: str, sealed: bytes, request: str
    ) -> tuple[Answered, AccessAnswer, list[OfMember]]:
        """What was signed, the answer, and its members in the order of the request.

        Raises:
            IntegrityBroken: it is not what was signed, or not the answer to this request.
            Refusal: it is another insurer's, or sealed to a key that is not here.
        """
        answered = read_answered(note, self.vault)  # (1)
        if answered.amc != self.amc:
            raise Refusal("this answer is another insurer's: tell the operator at once")
        asked = self._asked(request)  # (2)
        if answered.request != request_digest(self.vault.name, asked):
            raise IntegrityBroken("this is the answer to another request")
        if answered.sealed != digest_of(sealed):  # (3)
            raise IntegrityBroken("the sealed file is not the one that was signed")
        answer = self._opened(sealed)
        if (answer.amc, answer.request) != (answered.amc, answered.request):
            raise IntegrityBroken("what was sealed is not what was signed")
        if tuple(each.handle for each in answer.people) != asked.handles:  # (4)
            raise IntegrityBroken("it is not about the people who were asked for")
        return answered, answer, [*self._members(answer)]

    def _asked(self, request: str) -> AccessRequest:
        ours = feed_signing_key(self.keys).public_key().public_bytes_raw()
        return read_request(request, self.vault.name, lambda amc: ours if amc == self.amc else None)

    def _opened(self, sealed: bytes) -> AccessAnswer:
        for private in dossier_keys(self.keys):
            with suppress(SealBroken):
                return open_answer(_reader(sealed), private=private)
        raise Refusal("it opens with no dossier key of this insurer")

    def _members(self, answer: AccessAnswer) -> Iterator[OfMember]:
        """(5)"""
        key = self.keys.get(HANDLE)
        for each in answer.people:
            try:
                reference = reference_of(key, self.amc.encode(), each.handle).decode("ascii")
            except (SealBroken, UnicodeDecodeError):
                raise IntegrityBroken("a handle of this answer is none of ours") from None
            yield OfMember(reference, each)


def _reader(data: bytes) -> Callable[[int], bytes]:
    return BytesIO(data).read
