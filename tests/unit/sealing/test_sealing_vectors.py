"""The published vectors of sealing, recomputed from their inputs."""

import io
import json
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.domain.coverage import (
    ContractKind,
    Domain,
    Mode,
    Period,
    RightsRecord,
    decode_record,
    encode_record,
)
from rempart.domain.days import day_of
from rempart.sealing import digests, handles, locks, outer, stream

VECTORS = json.loads(
    (Path(__file__).parents[3] / "specs/vectors/sealing.json").read_text(encoding="utf-8")
)


def of(name):
    """One vector: bytes where the text is hexadecimal and the field is made of bytes."""
    clear = {"amc", "member_number", "birth_date", "birth_rank", "printed_key", "reference"}
    return {
        field: value.encode() if field in clear else bytes.fromhex(value)
        for field, value in VECTORS[name].items()
        if isinstance(value, str)
    }


def test_handle():
    v = of("handle")
    assert handles.handle_of(v["key_h"], v["amc"], v["reference"]) == v["handle"]
    assert handles.reference_of(v["key_h"], v["amc"], v["handle"]) == v["reference"]


def test_card_secret_and_printed_key():
    v = of("card_secret")
    assert locks.card_secret(v["key_c"], v["handle"], v["serial"]) == v["secret"]
    assert locks.printed_key(v["secret"]) == v["printed_key"].decode()


def test_declared_and_legacy_secrets():
    v = of("declared")
    things = v["amc"], v["member_number"], v["birth_date"], v["birth_rank"]
    assert locks.declared_secret(*things, v["printed_key"]) == v["secret"]
    assert locks.legacy_secret(*things) == of("legacy")["secret"]


def test_find_and_index():
    v = of("find")
    assert locks.find_of(v["secret"]) == v["find"]
    v = of("index")
    assert outer.index_of(v["key_x"], v["amc"], 1, v["find"]) == v["index"]


def test_record():
    v = VECTORS["record"]
    record = RightsRecord(
        periods=tuple(
            Period(
                known_since=date.fromisoformat(known),
                valid_from=date.fromisoformat(start),
                valid_to=date.fromisoformat(end) if end else None,
            )
            for known, start, end in v["periods"]
        ),
        formula=v["formula"],
        domains=tuple(
            (Domain[code], Mode.from_printed(mode)) for code, mode in v["domains"].items()
        ),
        contract=ContractKind[v["contract"]],
        responsable=v["responsable"],
    )
    assert encode_record(record).hex() == v["record"]
    assert decode_record(bytes.fromhex(v["record"])) == record


def test_box():
    v = of("box")
    bound = {"amc": v["amc"], "handle": v["handle"], "kind": 1, "serial": v["serial"]}
    assert locks.seal_box(v["secret"], v["record"], nonce=v["nonce"], **bound) == v["box"]
    assert locks.open_box(v["secret"], v["box"], **bound) == v["record"]


def test_outer_layer():
    v = of("outer")
    columns = {"handle": v["handle"], "kind": 1, "serial": v["serial"], "ends": v["ends"]}
    columns["key_version"] = VECTORS["outer"]["key_version"]
    key = AESGCM(v["key_o"])
    stored = outer.seal_outer(key, v["find"], v["box"], nonce=v["nonce"], **columns)
    assert stored == v["stored"]
    assert outer.open_outer(key, stored, **columns) == (v["find"], v["box"])
    assert day_of(v["ends"]) == date(2026, 12, 31)


def test_row_digest():
    v = of("row_digest")
    live = [
        (lock["kind"], bytes.fromhex(lock["serial"]), bytes.fromhex(lock["ends"]))
        for lock in VECTORS["row_digest"]["locks"]
    ]
    assert digests.row_digest(v["key_g"], v["canonical"], live) == v["digest"]


def test_stream():
    v = of("stream")
    private = X25519PrivateKey.from_private_bytes(v["recipient_private"])
    assert private.public_key().public_bytes_raw() == v["recipient_public"]
    sealed = stream.seal_stream(
        [v["clear"]], ephemeral=v["ephemeral"], recipient=v["recipient_public"]
    )
    assert b"".join(sealed) == v["sealed"]
    read = io.BytesIO(v["sealed"]).read
    assert b"".join(stream.open_stream(read, private=v["recipient_private"])) == v["clear"]
