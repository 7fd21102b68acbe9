"""Publish the operator's trust list: every registered insurer's card keys, under the next number.

The oldest key in the keyring signs; the one after it, if there is one, is announced in the list.
``turn`` signs with the announced key, which whoever took the last list knows, and ends the old one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rempart.domain.errors import SetUpRefused
from rempart.domain.insurer import PublicBundle
from rempart.domain.trust_list import Trusted, TrustList
from rempart.sealing.cose import kid_of
from rempart.usecases.card_lists import Points, read_guarantees, sign_trust
from rempart.usecases.p256_keys import add_signing_key, key_at, point_of, signing_key
from rempart.usecases.ports import Chance, KeyStore

SIGN = "lists-sign/"


def versions(keys: KeyStore) -> list[int]:
    """The key that signs lists, and the one after it."""
    return sorted(int(name.removeprefix(SIGN)) for name in keys.names(SIGN))


def make_list_key(keys: KeyStore, chance: Chance) -> bytes:
    """The first key, or the next one; its public half, 65 bytes.

    Raises:
        SetUpRefused: a next key waits already to be turned to.
    """
    if len(versions(keys)) > 1:
        raise SetUpRefused("a next key is there already: turn to it first")
    return public_point(keys, add_signing_key(keys, SIGN, chance))


def public_point(keys: KeyStore, version: int) -> bytes:
    """The public half of a key."""
    return point_of(signing_key(keys, SIGN, version).public_key())


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishTrust:
    """The publication. ``names`` are what insurers are called, and ``guarantees`` their statements
    as they signed them, by AMC number; ``good_for`` is in seconds.
    """

    keys: KeyStore = field(repr=False)
    operator: str
    names: Mapping[str, str] = field(repr=False)
    good_for: int
    guarantees: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def __call__(
        self, bundles: Iterable[PublicBundle], *, last: TrustList | None, now: int, turn: bool
    ) -> bytes:
        """The signed list after ``last``; ``now`` is in seconds since 1970.

        Raises:
            SetUpRefused: no key, none to turn to, or one that was not announced yet; an insurer
                without a name.
            MalformedIdentifier: a name or a key that no list holds.
            ListRefused: guarantees that the insurer has not signed under a key of its bundle.
        """
        current, *following = versions(self.keys)
        announced = public_point(self.keys, following[0]) if following else b""
        if turn and (last is None or not announced or last.next_key != announced):
            raise SetUpRefused("publish once with the next key announced, then turn to it")
        trust = TrustList(
            operator=self.operator,
            number=1 if last is None else last.number + 1,
            made=now if last is None else max(now, last.made + 1),
            until=now + self.good_for,
            insurers=tuple(sorted(map(self._trusted, bundles), key=lambda each: each.amc)),
            next_key=b"" if turn else announced,
        )
        return sign_trust(trust, signing_key(self.keys, SIGN, following[0] if turn else current))

    def end_old_key(self, trusted: Points) -> None:
        """Forget the old key once a list has turned to the next: nobody trusts it any more."""
        old, *following = versions(self.keys)
        if following and kid_of(key_at(public_point(self.keys, old))) not in trusted:
            self.keys.drop(f"{SIGN}{old}")

    def _trusted(self, bundle: PublicBundle) -> Trusted:
        amc = bundle.amc.value
        if amc not in self.names:
            raise SetUpRefused(f"no name for insurer {amc}: say rempart lists name {amc} NAME")
        statement = self.guarantees.get(amc, b"")
        if statement:
            read_guarantees(statement, amc, bundle.card_keys)
        return Trusted(amc=amc, name=self.names[amc], keys=bundle.card_keys, statement=statement)
