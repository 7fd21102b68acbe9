"""Base45 (RFC 9285): bytes in the alphabet that a QR code packs best. One form only."""

from rempart.sealing.errors import SealBroken

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
VALUES = {character: value for value, character in enumerate(ALPHABET)}


def encode(data: bytes) -> str:
    """``data`` as text: three characters for two bytes, two for a last odd one."""
    text = []
    for at in range(0, len(data) - 1, 2):
        high, low = divmod(data[at] << 8 | data[at + 1], 45 * 45)
        text.append(ALPHABET[low % 45] + ALPHABET[low // 45] + ALPHABET[high])
    if len(data) % 2:
        text.append(ALPHABET[data[-1] % 45] + ALPHABET[data[-1] // 45])
    return "".join(text)


def decode(text: str) -> bytes:
    """The bytes of ``text``.

    Raises:
        SealBroken: a foreign character, a length that none has, or a group that overflows.
    """
    if len(text) % 3 == 1:
        raise SealBroken("base45: no such length")
    try:
        values = [VALUES[character] for character in text]
    except KeyError:
        raise SealBroken("base45: a character outside the alphabet") from None
    data = bytearray()
    try:
        for at in range(0, len(values) - 2, 3):
            number = values[at] + 45 * values[at + 1] + 2025 * values[at + 2]
            data += number.to_bytes(2, "big")
        if len(values) % 3:
            data += (values[-2] + 45 * values[-1]).to_bytes(1, "big")
    except OverflowError:
        raise SealBroken("base45: a group overflows") from None
    return bytes(data)
