"""Every list that was ever taken in, kept by whoever judges claims: what counted, and when.

past/trust-<number>.cbor   past/status-<AMC number>-<made>.cbor   beside what ``list_shelf`` keeps
"""

from pathlib import Path

from rempart.adapters.durable import write_whole
from rempart.adapters.list_shelf import FolderShelf
from rempart.domain import status_list, trust_list
from rempart.domain.guarantee import Statement
from rempart.domain.status_list import StatusList
from rempart.domain.trust_list import TrustList
from rempart.sealing.cose import read1
from rempart.usecases.card_lists import STATUS, TRUST, read_guarantees


class ListArchive(FolderShelf):
    """A shelf that throws nothing away. What lies in it was verified when it was taken in."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._past = folder / "past"
        self._read_lists: dict[Path, StatusList] = {}

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
        try:
            trust = trust_of((self._past / f"trust-{number}.cbor").read_bytes())
        except FileNotFoundError:
            return None
        for each in trust.insurers:
            if each.amc == amc and each.statement:
                return read_guarantees(each.statement, amc, each.keys)
        return None

    def over_since(self, amc: str, place: int | None) -> int | None:
        """When the first list was made on which this card was over (seconds), if one was."""
        if place is None:
            return None
        lists = map(self._list, self._past.glob(f"status-{amc}-*.cbor"))
        return min((each.made for each in lists if each.is_over(place)), default=None)

    def _list(self, path: Path) -> StatusList:
        if path not in self._read_lists:
            self._read_lists[path] = status_of(path.read_bytes())
        return self._read_lists[path]

    def _keep(self, name: str, data: bytes) -> None:
        self._past.mkdir(parents=True, exist_ok=True)
        write_whole(self._past / name, data, mode=0o644)


def trust_of(data: bytes) -> TrustList:
    """A trust list that was verified before."""
    return trust_list.from_payload(read1(data, kind=TRUST).payload)


def status_of(data: bytes) -> StatusList:
    """A status list that was verified before."""
    return status_list.from_payload(read1(data, kind=STATUS).payload)
