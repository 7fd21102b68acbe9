"""What a person's client signs: this very request, and nothing that it could be turned into.

A proof is a DPoP proof (RFC 9449): method, address, time, an identifier used once and, in a
session, the digest of the handle. The vault itself says which address a request is made at, and so
a proof for one kind of request serves no other. One claim more, ``cth``, is the digest of what the
request says, and so a proof serves no other request of its kind either: whoever relays it cannot
put another question, another account or another decision under it.

    htm  POST, always
    htu  <REMPART_WEB_URL>/people/<tag of the message>
    ath  base64url(SHA-256(base64url(handle)))
    cth  base64url(SHA-256(JSON of the list of the message's fields))

The list holds the fields in their order, without ``token``, ``proof``, ``certificate`` and
``network``; what is nested stands as ``[tag, field, …]``; no spaces, UTF-8, as ``JSON.stringify``
writes it.
"""

import base64
import hashlib
import json

import msgspec

from rempart.usecases.message import Message

METHOD = "POST"
ENVELOPE = frozenset({"token", "proof", "certificate", "network"})
"""Fields that say how a request came, not what it says."""


def address_of(web_url: str, kind: type[Message]) -> str:
    """Where a message of this kind is sent to, as its proof must say."""
    return f"{web_url}/people/{kind.__struct_config__.tag}"


def content_digest(message: Message) -> bytes:
    """SHA-256 of what a message says."""
    _, *values = msgspec.to_builtins(message)
    said = [
        value
        for name, value in zip(message.__struct_fields__, values, strict=True)
        if name not in ENVELOPE
    ]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def handle_digest(token: bytes) -> bytes:
    """``ath``: SHA-256 of a handle as its client knows it, in base64url."""
    return hashlib.sha256(base64.urlsafe_b64encode(token).rstrip(b"=")).digest()
