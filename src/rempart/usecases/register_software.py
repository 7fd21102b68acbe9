"""Register a practice software: one site, its own keys, its own certificates.

In production its vendor states it: a product that calls itself what it likes would hide among the
practices of a well-known one.
"""

from collections.abc import Iterable

from rempart.domain.errors import SetUpRefused
from rempart.domain.person import answers_for
from rempart.usecases.ports import Registered, Registry, Software
from rempart.usecases.vendor_statement import SoftwareStatement

CLIENT_ID_MAX = 64
PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
CURVES = frozenset({"P-256", "P-384"})


def register_software(
    software: Software,
    *,
    registry: Registry,
    sandbox: bool,
    stated: SoftwareStatement | None = None,
) -> None:
    """Register, or replace what was registered under the same ``client_id``.

    ``stated`` is what its vendor has signed of it (``vendor_statement.read_statement``).

    Raises:
        SetUpRefused: an unknown site, or one that is out, a private or weak key, no certificate,
            another's key or certificate, a sponsor who does not answer for it, a sandbox software
            outside the sandbox, or one that its vendor does not state so, or not at all outside
            the sandbox.
    """
    # (1) A name that can stand in a token and in a list.
    client_id = software.client_id
    if not 1 <= len(client_id) <= CLIENT_ID_MAX or not client_id.isascii() or client_id[0] == "@":
        raise SetUpRefused(f"a client_id has 1 to {CLIENT_ID_MAX} ASCII characters, no @ in front")

    # (2) Keys of the sandbox stay in the sandbox.
    if software.sandbox is not sandbox:
        raise SetUpRefused("sandbox software and this instance do not go together")

    # (3) What its vendor states, and in production nothing else.
    check_stated(software, stated, sandbox=sandbox)

    # (4) Public keys only, on curves that we accept, each under a name.
    keys = software.jwks.get("keys")
    if not isinstance(keys, list) or not keys:
        raise SetUpRefused("a JWK set with at least one key is needed")
    for key in keys:
        check_key(key)

    # (5) A token is bound to a certificate, so there is one.
    if not software.certificates:
        raise SetUpRefused("a client certificate is needed")

    # (6) The site is in, and nobody comes back under a name that was shut out.
    registered = registry.read()
    check_place(software, registered)

    # (7) What one account signs with opens no other.
    check_own(software, [each for name, each in registered.software.items() if name != client_id])
    registry.register_software(software)


def check_place(software: Software, registered: Registered) -> None:
    """Return if a software may come in at its site, under its name.

    Raises:
        SetUpRefused: it may not.
    """
    site = registered.sites.get(software.site)
    if site is None:
        raise SetUpRefused("the site is not registered")
    if site.suspended is not None:
        raise SetUpRefused("the site is out: rempart site restore, or join")
    if software.sponsor and not answers_for(software.sponsor, software.site, registered.people):
        raise SetUpRefused("a sponsor is a professional of the same site, who is in")
    known = registered.software.get(software.client_id)
    if known is not None and known.revoked:
        raise SetUpRefused("this client_id was revoked: enrol under another")


def check_stated(software: Software, stated: SoftwareStatement | None, *, sandbox: bool) -> None:
    """Return if a software is as its vendor states, or states nothing in a sandbox.

    Raises:
        SetUpRefused: it is not.
    """
    if stated is None:
        if not sandbox:
            raise SetUpRefused("production takes what a vendor states: --statement")
        return
    if stated.client_id != software.client_id:
        raise SetUpRefused("the statement is about another software")
    if (stated.product, dict(stated.jwks)) != (software.product, dict(software.jwks)):
        raise SetUpRefused("the product and the keys are those that the statement says")


def check_own(software: Software, others: Iterable[Software]) -> None:
    """Return if nobody else signs in with its keys or certificates, revoked or not.

    Raises:
        SetUpRefused: somebody does.
    """
    for each in others:
        if points_of(each) & points_of(software):
            raise SetUpRefused("this key is another account's: one key a software and site")
        if each.certificates & software.certificates:
            raise SetUpRefused("this certificate is another account's: one a software and site")


def points_of(software: Software) -> set[tuple[object, object]]:
    """What tells its keys from others, whatever they are called."""
    return {(key.get("x"), key.get("y")) for key in software.jwks.get("keys", ())}


def check_key(key: object) -> None:
    """Return if a JWK is a public key that we accept.

    Raises:
        SetUpRefused: which rule it breaks.
    """
    if not isinstance(key, dict) or key.get("kty") != "EC" or key.get("crv") not in CURVES:
        raise SetUpRefused("keys are EC keys on P-256 or P-384")
    if PRIVATE_PARTS & key.keys():
        raise SetUpRefused("a private key was given: make a new one and keep it")
    if not key.get("kid"):
        raise SetUpRefused("each key has a kid")
