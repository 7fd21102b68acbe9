"""A card, a trust list and a status list, read by pycose: a COSE library that is not ours.

Reads ``{"keys": {name: point}, "messages": {name: bytes}}`` in an environment of its own, all in
hexadecimal; writes what each says, or ``{"refused": …}``.
"""

import json
import sys
import zlib

import cbor2
from pycose.exceptions import CoseException
from pycose.headers import KID, Algorithm
from pycose.keys import EC2Key
from pycose.messages import Sign1Message

TYPE = 16


def told(data: bytes, key: EC2Key) -> dict[str, object]:
    message = Sign1Message.decode(data)
    message.key = key
    if not message.verify_signature():
        return {"refused": "signature"}
    claims = cbor2.loads(message.payload)
    says = {
        "algorithm": message.phdr[Algorithm].fullname,
        "kid": message.phdr[KID].hex(),
        "type": message.phdr.get(TYPE, ""),
        "claims": repr(claims),
    }
    if 65533 in claims:
        bits = zlib.decompress(claims[65533]["lst"])
        says["over"] = [at for at in range(len(bits) * 8) if bits[at >> 3] >> (at & 7) & 1]
    return says


def main() -> None:
    asked = json.load(sys.stdin)
    found = {}
    for name, data in asked["messages"].items():
        point = bytes.fromhex(asked["keys"][name])
        key = EC2Key(crv="P_256", x=point[1:33], y=point[33:])
        try:
            found[name] = told(bytes.fromhex(data), key)
        except (CoseException, ValueError, TypeError, AttributeError) as error:
            found[name] = {"refused": type(error).__name__}
    json.dump(found, sys.stdout)


main()
