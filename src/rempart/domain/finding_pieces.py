"""A finding on its way to a vault: bytes, in pieces that the ledger takes before it.

It holds accounts with their own times where each has some, the windows of a gateway, and whose
the sessions are that somebody named. Nothing of it is about a person who was read.
"""

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import cbor2

from rempart.domain.disclosure import Codes
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.finding import SESSION_SIZE, Finding, Suspect, Whose, Window

PIECE_MAX = 12_000
"""Bytes: what a vault takes at once holds the rest as well."""
SUSPECT, WINDOW = struct.Struct(">IQQB"), struct.Struct(">QQ")
LABEL = b"rempart/finding-piece/1"


def pieces_of(finding: Finding) -> list[bytes]:
    """What it says, cut in pieces."""
    data = _bytes_of(finding)
    return [data[at : at + PIECE_MAX] for at in range(0, len(data), PIECE_MAX)]


def _bytes_of(finding: Finding) -> bytes:
    said = {
        "account": b"".join(
            SUSPECT.pack(each.number, each.stolen, each.contained, each.rest)
            for each in finding.suspects
        ),
        "gateway": b"".join(WINDOW.pack(*ends) for ends in _ends(finding.gateway)),
        "thief": b"".join(sorted(finding.thief)),
        "owner": b"".join(sorted(finding.owner)),
        **({"keyed": b"".join(sorted(finding.keyed))} if finding.keyed else {}),
    }
    return cbor2.dumps(said, canonical=True)


def joined(pieces: Iterable[bytes]) -> Finding:
    """The finding that pieces are of; without accounts, its times are those of all of them.

    Raises:
        MalformedIdentifier: they are none.
    """
    data = b"".join(pieces)
    try:
        said: Any = cbor2.loads(data)
        finding = Finding(
            suspects=tuple(
                Suspect(number=number, stolen=stolen, contained=contained, rest=Whose(rest))
                for number, stolen, contained, rest in SUSPECT.iter_unpack(said["account"])
            ),
            gateway=tuple(Window(*ends) for ends in WINDOW.iter_unpack(said["gateway"])),
            thief=_sessions(said["thief"]),
            owner=_sessions(said["owner"]),
            keyed=_sessions(said.get("keyed", b"")),
        )
    except (cbor2.CBORError, ValueError, TypeError, LookupError, AttributeError, struct.error):
        raise MalformedIdentifier("named", "these pieces are no finding") from None
    if _bytes_of(finding) != data:
        raise MalformedIdentifier("named", "these pieces are no finding, as one is written")
    return finding


def digest_of(incident: int, piece: bytes) -> bytes:
    """How the ledger names a piece: said again of the same incident, it is the same."""
    return hashlib.sha256(LABEL + struct.pack(">Q", incident) + piece).digest()


def packed(refs: Sequence[int]) -> bytes:
    """Numbers of the entries that hold pieces, in their order."""
    return struct.pack(f">{len(refs)}Q", *refs)


def piece_in(codes: Codes) -> bytes:
    """The piece that an entry holds."""
    piece = codes["piece"]
    assert isinstance(piece, bytes), "codes of ours"
    return piece


def named_in(codes: Codes, pieces: Mapping[int, bytes]) -> Finding | None:
    """What the pieces say, by entry, that a finding cites; none where it cites none, or one is
    not here: a copy of a ledger may have the finding, and miss the day of its pieces.

    Raises:
        MalformedIdentifier: they are no finding.
    """
    cited = codes.get("named", b"")
    assert isinstance(cited, bytes), "codes of ours"
    try:
        refs = [ref for (ref,) in struct.iter_unpack(">Q", cited)]
    except struct.error:
        raise MalformedIdentifier("named", "expected numbers of entries") from None
    whole = bool(refs) and pieces.keys() >= {*refs}
    return joined([pieces[ref] for ref in refs]) if whole else None


def _ends(windows: Iterable[Window]) -> list[tuple[int, int]]:
    return [(each.since, each.until) for each in sorted(windows)]


def _sessions(data: bytes) -> frozenset[bytes]:
    cut = [data[at : at + SESSION_SIZE] for at in range(0, len(data), SESSION_SIZE)]
    return frozenset(map(bytes, cut))
