"""Evidence of measures in memory: the reference of ``EvidenceShelf``."""

from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(slots=True)
class MemoryEvidenceShelf:
    """A dictionary."""

    kept: dict[bytes, bytes] = field(default_factory=dict, repr=False)

    def put(self, data: bytes) -> bytes:
        """Keep it."""
        digest = sha256(data).digest()
        self.kept[digest] = data
        return digest

    def get(self, digest: bytes) -> bytes | None:
        """What lies there."""
        return self.kept.get(digest)
