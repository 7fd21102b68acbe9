"""Requests and answers of art. 15, as published: ``python -m tests.access_vectors`` writes them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rempart.sealing.handles import handle_of
from rempart.tlog.note import NoteKey
from rempart.usecases.access_answer import (
    AccessAnswer,
    Answered,
    OfPerson,
    Reading,
    answered_text,
    digest_of,
    seal_answer,
)
from rempart.usecases.access_request import ask_access, read_request, request_digest

PLACE = Path(__file__).parents[1] / "specs/vectors/access.json"
AMC, MADE = "12345678", 1_795_521_600_000_000
VAULT = NoteKey("op.example/ledger", bytes(range(32)))
HANDLE, SIGN, DOSSIER = b"H" * 64, b"S" * 32, b"D" * 32


def public(private: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def vectors() -> dict[str, Any]:
    handles = [handle_of(HANDLE, AMC.encode(), each) for each in (b"REF-1", b"REF-2")]
    key = Ed25519PrivateKey.from_private_bytes(SIGN)
    note = ask_access(VAULT.origin, AMC, handles, key, at=MADE, nonce=bytes(range(16)))
    request = read_request(note, VAULT.origin, {AMC: public(SIGN)}.get)
    digest = request_digest(VAULT.origin, request)
    reading = Reading(
        at=MADE - 86_400_000_000,
        domain="phar",
        entry=40_217,
        fields=("in-force", "until", "mode"),
        incident="looked-into",
        kind="pharmacy",
        presence="card",
    )
    answer = AccessAnswer(
        amc=AMC,
        format="rempart/access-answer/1",
        made=MADE + 1_000_000,
        people=(
            OfPerson(asked=(MADE - 1,), handle=handles[0], readings=(reading,)),
            OfPerson(asked=(), handle=handles[1], readings=()),
        ),
        request=digest,
        since=MADE + 1_000_000 - 365 * 86_400_000_000,
        size=48_290,
    )
    recipient = X25519PrivateKey.from_private_bytes(DOSSIER).public_key().public_bytes_raw()
    sealed = seal_answer(answer, recipient=recipient, ephemeral=b"e" * 32)
    said = Answered(amc=AMC, entry=48_290, request=digest, sealed=digest_of(sealed))
    return {
        "amc": AMC,
        "vault": VAULT.vkey,
        "feed_key": public(SIGN).hex(),
        "dossier_key_private": DOSSIER.hex(),
        "request": note,
        "request_digest": digest,
        "answer_sealed": base64.b64encode(sealed).decode(),
        "answer_note": VAULT.sign(answered_text(VAULT.origin, said)),
        "answer": json.loads(msgspec.json.encode(answer, order="sorted")),
    }


if __name__ == "__main__":
    PLACE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", "utf-8")
