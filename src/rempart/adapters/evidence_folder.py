"""Evidence of measures in a folder: ``EvidenceShelf``.

SHA256.json   what an attestation saw, under its own digest; written once, and never again
"""

from hashlib import sha256
from pathlib import Path

from rempart.adapters.durable import write_whole
from rempart.domain.errors import SetUpRefused


class FolderEvidence:
    """The documents in ``folder``, made with the first. Whoever reads needs no right to write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> bytes:
        """Keep it; its SHA-256. What is there already under it, and is it, is left."""
        digest = sha256(data).digest()
        if self.get(digest) != data:
            try:
                self._folder.mkdir(mode=0o755, parents=True, exist_ok=True)
                write_whole(self._path(digest), data, mode=0o444)
            except PermissionError:
                raise SetUpRefused("only the vault's own user keeps evidence here") from None
        return digest

    def get(self, digest: bytes) -> bytes | None:
        """What lies under a digest; nothing where nothing does, or not for us."""
        try:
            return self._path(digest).read_bytes()
        except OSError:
            return None

    def _path(self, digest: bytes) -> Path:
        return self._folder / f"{digest.hex()}.json"
