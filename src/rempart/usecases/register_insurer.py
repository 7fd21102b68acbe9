"""Register an insurer: its public bundle, confirmed by two people who hold two operator keys.

A confirmation is one operator's signature over the digest of the bundle. Each operator makes theirs
after comparing the fingerprint with what the insurer read out by another way; whoever holds one
operator key alone registers nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.domain.errors import SetUpRefused
from rempart.domain.insurer import (
    PublicBundle,
    b64,
    grouped,
)
from rempart.sealing.framing import prefixed
from rempart.usecases.confirm_together import signer_of
from rempart.usecases.platform_keys import INDEX, ensure_version, outer_prefix
from rempart.usecases.ports import Chance, Insurer, KeyStore, Registry

SIGNED_AS = b"rempart/register-insurer/1"
PURPOSE = "register-insurer"


def operator_fingerprint(public: bytes) -> str:
    """How an operator's key is named in confirmations and lists; its own bytes, shortened."""
    return grouped(public)


def confirm(bundle: PublicBundle, operator_key: Ed25519PrivateKey) -> dict[str, str]:
    """An operator's confirmation of a bundle whose fingerprint they have compared."""
    public = operator_key.public_key().public_bytes_raw()
    return {
        "purpose": PURPOSE,
        "amc": bundle.amc.value,
        "fingerprint": bundle.fingerprint,
        "operator": b64(public),
        "signature": b64(operator_key.sign(_to_be_signed(bundle))),
    }


def _to_be_signed(bundle: PublicBundle) -> bytes:
    return prefixed(SIGNED_AS, bundle.digest)


def verify_confirmation(
    bundle: PublicBundle, said: Mapping[str, Any], *, operators: Mapping[bytes, str]
) -> bytes:
    """The operator key under a confirmation, once it holds for this bundle.

    ``operators`` are the keys that this installation trusts, with their names.

    Raises:
        SetUpRefused: an unknown operator, another bundle, or a signature that does not hold.
    """
    return signer_of(said, _to_be_signed(bundle), operators, of="bundle")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterInsurer:
    """The registration. ``keyrings`` get the insurer's first outer key, and the index key."""

    registry: Registry
    operators: Mapping[bytes, str]
    keyrings: Sequence[KeyStore]
    chance: Chance
    sandbox: bool

    def __call__(
        self, bundle: PublicBundle, *, confirmations: Sequence[Mapping[str, Any]]
    ) -> Insurer:
        """Register an insurer, or replace its bundle (new keys, new rule).

        Raises:
            SetUpRefused: fewer than two operators confirm this very bundle, or a sandbox bundle
                and a production instance (or the reverse) do not go together.
        """
        # (1) Test keys never meet real people, nor real people a test instance.
        if bundle.sandbox is not self.sandbox:
            kind = "sandbox" if bundle.sandbox else "production"
            raise SetUpRefused(f"this instance does not take {kind} bundles")

        # (2) Two different keys, both ours, over these very bytes.
        signers = {
            verify_confirmation(bundle, said, operators=self.operators) for said in confirmations
        }
        if len(signers) < 2:
            raise SetUpRefused("two confirmations are needed, under two operator keys")

        # (3) Its locks need an outer key before its first feed comes.
        amc = int(bundle.amc.value)
        ensure_version(self.keyrings, INDEX, self.chance)
        ensure_version(self.keyrings, outer_prefix(amc), self.chance)
        insurer = Insurer(amc=amc, bundle=bundle.to_json(), sandbox=bundle.sandbox)
        self.registry.register_insurer(
            insurer, confirmations=[dict(said) for said in confirmations]
        )
        return insurer
