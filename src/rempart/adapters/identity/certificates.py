"""A private certificate authority for demonstrations and tests: made here, trusted by nobody else.

In production a software's certificate comes from a public authority of the field; the platform
only needs its SHA-256 (RFC 8705).
"""

import hashlib
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=3650)
CERTIFICATE_LIFE = timedelta(days=397)
"""The longest that browsers accept."""

BACKDATED = timedelta(hours=1)
"""A peer whose clock is late must not find the certificate of the future."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate and its private key, PEM."""

    certificate: bytes
    key: bytes = field(repr=False)

    def write(self, folder: Path, stem: str) -> tuple[Path, Path]:
        """Write ``stem.pem`` and ``stem.key``, the key readable by its owner alone."""
        certificate, key = folder / f"{stem}.pem", folder / f"{stem}.key"
        certificate.write_bytes(self.certificate)
        # Created private: there is no moment at which others could open it.
        descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self.key)
        return certificate, key

    @property
    def thumbprint(self) -> bytes:
        """SHA-256 of the certificate (``x5t#S256``), as the gateway tells it to the vault."""
        return thumbprint(self.certificate)


def thumbprint(pem: bytes) -> bytes:
    """SHA-256 of a PEM certificate's DER."""
    der = x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    return hashlib.sha256(der).digest()


def make_authority(name: str, *, now: int) -> Issued:
    """An authority that signs end certificates only; ``now`` in microseconds."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    builder = (
        _builder(subject, subject, key.public_key(), now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return _issued(builder.sign(key, hashes.SHA256()), key)


def issue_server(authority: Issued, hosts: Sequence[str], *, now: int) -> Issued:
    """A server's certificate for these names and addresses."""
    names = x509.SubjectAlternativeName([_host(host) for host in hosts])
    return _issue(authority, hosts[0], names, ExtendedKeyUsageOID.SERVER_AUTH, now)


def issue_client(authority: Issued, name: str, *, now: int) -> Issued:
    """A software's certificate; good for nothing but signing in."""
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    return _issue(authority, name, names, ExtendedKeyUsageOID.CLIENT_AUTH, now)


def _issue(
    authority: Issued,
    name: str,
    names: x509.SubjectAlternativeName,
    purpose: x509.ObjectIdentifier,
    now: int,
) -> Issued:
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    signer = serialization.load_pem_private_key(authority.key, password=None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _builder(_name(name), issuer.subject, key.public_key(), now, CERTIFICATE_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(names, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    return _issued(builder.sign(signer, hashes.SHA256()), key)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: int,
    life: timedelta,
) -> x509.CertificateBuilder:
    moment = datetime.fromtimestamp(now // 1_000_000, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - BACKDATED)
        .not_valid_after(moment + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _issued(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Issued:
    return Issued(
        certificate=certificate.public_bytes(serialization.Encoding.PEM),
        key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
