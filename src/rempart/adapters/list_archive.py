"""Every list that was ever taken in, kept by whoever judges claims: what counted, and when.

past/trust-<number>.cbor   past/status-<AMC number>-<made>.cbor   beside what ``list_shelf`` keeps
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from rempart.adapters.durable import write_whole
from rempart.adapters.list_shelf import FolderShelf
from rempart.domain import status_list, trust_list
from rempart.domain.errors import ListRefused
from rempart.domain.guarantee import Statement
from rempart.domain.status_list import StatusList
from rempart.domain.trust_list import Trusted, TrustList
from rempart.sealing.cose import read1
from rempart.usecases.card_lists import STATUS, TRUST, read_guarantees, read_status, read_trust
from rempart.usecases.judge_undertakings import Standing
from rempart.usecases.p256_keys import key_at
from rempart.usecases.take_lists import is_trust


class ListArchive(FolderShelf):
    """A shelf that throws nothing away. What lies in it was verified when it was taken in."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._past = folder / "past"
        self._read_lists: dict[Path, StatusList] = {}
        self._trusted: dict[int, Sequence[Trusted]] = {}

    def put_trust(self, data: bytes) -> None:
        """Keep a trust list, now and for later."""
        self._keep(f"trust-{trust_of(data).number}.cbor", data)
        super().put_trust(data)

    def put_status(self, amc: str, data: bytes) -> None:
        """Keep a status list, now and for later."""
        self._keep(f"status-{amc}-{status_of(data).made}.cbor", data)
        super().put_status(amc, data)

    def statement(self, amc: str, number: int) -> Statement | None:
        """What an insurer guaranteed in the trust list of this number."""
        for each in self._insurers(number):
            if each.amc == amc and each.statement:
                return read_guarantees(each.statement, amc, each.keys)
        return None

    def card_key(self, amc: str, kid: bytes, number: int) -> EllipticCurvePublicKey | None:
        """A card key of an insurer, as the trust list of this number has it."""
        for each in self._insurers(number):
            if each.amc == amc and kid in each.keys:
                return key_at(each.keys[kid])
        return None

    @property
    def newest(self) -> int:
        """Number of the trust list that counts today."""
        kept = self.trust()
        return 0 if kept is None else trust_of(kept).number

    def counted(self, since: int, until: int) -> Sequence[int]:
        """Numbers of the trust lists that counted at some time from ``since`` until before
        ``until``, in seconds: the last one made before, and those made meanwhile.
        """
        kept = [trust_of(path.read_bytes()) for path in self._past.glob("trust-*.cbor")]
        first = max((each.made for each in kept if each.made <= since), default=since)
        return [each.number for each in kept if first <= each.made < until and each.until > since]

    def standing(self, amc: str, place: int | None, made: int) -> Standing:
        """How a card stood on the list of its insurer that was made then, and what became of it."""
        lists = {each.made: each for each in self._lists(amc)}
        if place is None or made not in lists:
            return Standing(None)
        later = sorted(when for when in lists if when > made)
        ended = next((when for when in later if lists[when].is_over(place)), None)
        return Standing(lists[made].is_over(place), ended)

    def last_made(self, amc: str, before: int) -> int:
        """When the insurer's list was made that counted at a moment (seconds); 0 where none did."""
        return max((each.made for each in self._lists(amc) if each.made <= before), default=0)

    def keep_older(self, data: bytes) -> bool:
        """Keep a list that counts no more, once it is verified; whether it is one."""
        try:
            if is_trust(data):
                trust = read_trust(data, self.roots())
                self._keep(f"trust-{trust.number}.cbor", data)
            else:
                kept = self.trust()
                assert kept is not None
                status = read_status(data, read_trust(kept, self.roots()))
                self._keep(f"status-{status.amc}-{status.made}.cbor", data)
        except ListRefused:
            return False
        return True

    def _insurers(self, number: int) -> Sequence[Trusted]:
        if number not in self._trusted:
            try:
                trust = trust_of((self._past / f"trust-{number}.cbor").read_bytes())
            except FileNotFoundError:
                return ()
            self._trusted[number] = trust.insurers
        return self._trusted[number]

    def _lists(self, amc: str) -> Iterator[StatusList]:
        for path in self._past.glob(f"status-{amc}-*.cbor"):
            if path not in self._read_lists:
                self._read_lists[path] = status_of(path.read_bytes())
            yield self._read_lists[path]

    def _keep(self, name: str, data: bytes) -> None:
        self._past.mkdir(parents=True, exist_ok=True)
        write_whole(self._past / name, data, mode=0o644)


def trust_of(data: bytes) -> TrustList:
    """A trust list that was verified before."""
    return trust_list.from_payload(read1(data, kind=TRUST).payload)


def status_of(data: bytes) -> StatusList:
    """A status list that was verified before."""
    return status_list.from_payload(read1(data, kind=STATUS).payload)
