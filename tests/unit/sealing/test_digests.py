from rempart.sealing.digests import row_digest
from rempart.sealing.locks import CARD, DECLARED

KEY = bytes(range(32))
SERIAL, NEXT = b"\0\x01\0\x07", b"\0\x01\0\x08"
ENDS, OPEN = b"\x26\x88", b"\xff\xff"
LOCKS = [(CARD, SERIAL, ENDS), (DECLARED, SERIAL, ENDS)]


def test_whatever_changes_a_row_or_a_lock_changes_the_digest():
    digests = [
        row_digest(KEY, b"row", LOCKS),
        row_digest(bytes(32), b"row", LOCKS),
        row_digest(KEY, b"another", LOCKS),
        row_digest(KEY, b"row", []),
        row_digest(KEY, b"row", LOCKS[:1]),
        row_digest(KEY, b"row", [(CARD, NEXT, ENDS), (DECLARED, NEXT, ENDS)]),
        row_digest(KEY, b"row", [(CARD, SERIAL, OPEN), (DECLARED, SERIAL, ENDS)]),
        row_digest(KEY, b"row", [(DECLARED, SERIAL, ENDS), (DECLARED, SERIAL, ENDS)]),
        row_digest(KEY, b"row", [*LOCKS, (CARD, NEXT, ENDS)]),
    ]
    assert len(set(digests)) == len(digests)
    assert {len(digest) for digest in digests} == {32}


def test_the_same_row_has_the_same_digest():
    assert row_digest(KEY, b"row", LOCKS) == row_digest(KEY, b"row", list(LOCKS))


def test_a_row_never_runs_into_its_locks():
    lock = bytes([CARD]) + SERIAL + ENDS
    assert row_digest(KEY, b"row" + lock, []) != row_digest(KEY, b"row", [(CARD, SERIAL, ENDS)])
