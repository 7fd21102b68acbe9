"""The private authority: what it signs serves one purpose, and its keys are private."""

import hashlib
import ssl
import stat

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from rempart.adapters.identity.certificates import issue_client, issue_server, make_authority

NOW = 1_795_424_400_000_000


@pytest.fixture(scope="module")
def authority():
    return make_authority("Rempart test", now=NOW)


def read(issued):
    return x509.load_pem_x509_certificate(issued.certificate)


def test_what_it_issues_is_signed_by_it(authority):
    for issued in (
        issue_server(authority, ["a.example"], now=NOW),
        issue_client(authority, "b", now=NOW),
    ):
        read(issued).verify_directly_issued_by(read(authority))


def test_it_may_sign_ends_only(authority):
    constraints = read(authority).extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    client = read(issue_client(authority, "b", now=NOW))
    assert not client.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_server_is_named_and_a_client_is_not_a_server(authority):
    server = read(issue_server(authority, ["a.example", "127.0.0.1"], now=NOW))
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.example"]
    assert [str(a) for a in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]

    client = read(issue_client(authority, "software-1", now=NOW))
    purposes = client.extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_a_key_file_is_private_and_never_replaced(authority, tmp_path):
    certificate, key = authority.write(tmp_path, "authority")

    assert certificate.read_bytes() == authority.certificate
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert b"PRIVATE KEY" not in repr(authority).encode()
    with pytest.raises(FileExistsError):
        authority.write(tmp_path, "authority")


def test_the_thumbprint_is_that_of_the_der(authority):
    der = ssl.PEM_cert_to_DER_cert(authority.certificate.decode())
    assert authority.thumbprint == hashlib.sha256(der).digest()
