"""The vault as a reader of keys: ``KeyReaders`` through its socket."""

from pathlib import Path

from rempart.adapters.vaultdoor.client import Door
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.messages import Health, ReloadKeys


class VaultReaders:
    """Vaults behind these sockets; an empty list says that none is running."""

    def __init__(self, sockets: list[Path]) -> None:
        self._sockets = sockets

    def reload(self, *, index_version: int, outer_version: int) -> None:
        """Return once every vault holds these newest versions.

        Raises:
            TemporarilyUnavailable: a vault did not answer, or reads another keyring.
        """
        for socket in self._sockets:
            with Door(socket) as door:
                health = door.ask(ReloadKeys())
            if (
                not isinstance(health, Health)
                or index_version not in health.index_versions
                or (outer_version and outer_version not in health.outer_versions)
            ):
                raise TemporarilyUnavailable("a vault does not read this keyring's new keys")
