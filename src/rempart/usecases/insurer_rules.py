"""What the vault needs of registered insurers: their card keys and their member-number rules."""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from rempart.domain.identifiers import MemberNumberRule
from rempart.domain.insurer import PublicBundle
from rempart.usecases.p256_keys import key_at
from rempart.usecases.ports import Insurer


class InsurerRules:
    """Read once from the registry; replaced whole when it moves.

    An insurer of another kind of instance (``sandbox``, production) is as good as unknown.
    """

    def __init__(self, insurers: Mapping[int, Insurer], *, sandbox: bool) -> None:
        bundles = [
            PublicBundle.from_json(insurer.bundle)
            for insurer in insurers.values()
            if insurer.sandbox is sandbox
        ]
        self._rules = {bundle.amc.value: bundle.member_number_rule for bundle in bundles}
        self._keys = {
            (bundle.amc.value, kid): key_at(point)
            for bundle in bundles
            for kid, point in bundle.card_keys.items()
        }

    def card_key(self, amc: str, kid: bytes) -> EllipticCurvePublicKey | None:
        """The key of an insurer under a key id, if it has published one."""
        return self._keys.get((amc, kid))

    def knows(self, amc: str) -> bool:
        """Whether this insurer takes part here."""
        return amc in self._rules

    def member_number(self, amc: str) -> MemberNumberRule:
        """The rule of an insurer.

        One that we do not know has the plainest: its question goes on, and is missed.
        """
        return self._rules.get(amc) or PLAIN


PLAIN = MemberNumberRule()
