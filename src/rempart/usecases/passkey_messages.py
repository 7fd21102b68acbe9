"""What people ask about the passkeys that they have: ``people_messages`` says the rest."""

from rempart.usecases.message import Message


class ListPasskeys(Message, frozen=True, tag="list-passkeys"):
    """One's own passkeys."""

    token: bytes
    proof: str


class EndPasskey(Message, frozen=True, tag="end-passkey"):
    """End one of one's own, by its reference."""

    token: bytes
    proof: str
    ref: str


class PasskeyShown(Message, frozen=True, tag="passkey"):
    """One passkey; ``made`` in microseconds; ``copied`` says that other devices may hold it too."""

    ref: str
    made: int
    copied: bool


class PasskeysShown(Message, frozen=True, tag="passkeys"):
    """One's own passkeys, the oldest first."""

    passkeys: tuple[PasskeyShown, ...]
