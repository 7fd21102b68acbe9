"""Base64url without padding (RFC 4648 section 5), in its one spelling."""

import base64
import binascii


def to_base64url(value: bytes) -> str:
    """How bytes are spelled."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Read bytes back.

    Raises:
        ValueError: another spelling, or none: the decoder passes over what it does not know, and
            over bits that are left.
    """
    try:
        value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("not base64url") from None
    if to_base64url(value) != text:
        raise ValueError("not the one spelling of base64url")
    return value
