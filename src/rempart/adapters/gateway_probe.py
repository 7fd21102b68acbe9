"""The gateway as a stranger finds it: which TLS it speaks, what it says to a body that is too long.

Whose certificate it is was not asked here: whoever calls checks that. The probe announces a long
body and sends none of it.
"""

import socket
import ssl
import warnings
from datetime import UTC, datetime

from cryptography import x509

from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.measure_ports import GatewayTold

WITHIN = 5.0
"""Seconds for each step."""
ANNOUNCED = 10_000_000
LINE_MAX = 256


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _before_1_2() -> ssl.SSLContext:
    context = _context()
    with warnings.catch_warnings():
        # They are old: that is what is asked.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    # This library refuses them by itself where it is not told so, and would prove nothing.
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def probe(host: str, port: int) -> GatewayTold:
    """Knock.

    Raises:
        TemporarilyUnavailable: nobody speaks TLS there.
    """
    try:
        with (
            socket.create_connection((host, port), WITHIN) as plain,
            _context().wrap_socket(plain) as door,
        ):
            version, certificate = door.version(), door.getpeercert(binary_form=True)
            answer = _announce(door)
    except OSError:
        raise TemporarilyUnavailable("no gateway behind its port") from None
    return GatewayTold(
        version=version or "",
        old=_admits_old(host, port),
        days=_days_left(certificate or b""),
        sent=ANNOUNCED,
        answer=answer,
    )


def _announce(door: ssl.SSLSocket) -> int:
    """The status of the answer, 0 where there is none that reads as one."""
    lines = ("POST /token HTTP/1.1", "host: probe", f"content-length: {ANNOUNCED}")
    kind = "content-type: application/x-www-form-urlencoded"
    door.sendall("\r\n".join((*lines, kind, "connection: close", "", "")).encode())
    status = door.recv(LINE_MAX).split(b"\r\n", maxsplit=1)[0].split(b" ")
    return int(status[1]) if len(status) > 1 and status[1].isdigit() else 0


def _admits_old(host: str, port: int) -> bool:
    try:
        with (
            socket.create_connection((host, port), WITHIN) as plain,
            _before_1_2().wrap_socket(plain),
        ):
            return True
    except ssl.SSLError as error:
        if error.reason == "NO_PROTOCOLS_AVAILABLE":
            raise TemporarilyUnavailable("this machine cannot ask for an old TLS") from None
        return False
    except OSError:
        return False


def _days_left(certificate: bytes) -> int:
    try:
        until = x509.load_der_x509_certificate(certificate).not_valid_after_utc
    except ValueError:
        return -1
    return (until - datetime.now(UTC)).days
