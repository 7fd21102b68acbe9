"""Serve a door over TLS: one worker; the gateway's asks for client certificates.

The certificate that a connection shows is known by its SHA-256 (RFC 8705, ``x5t#S256``), which
each request carries in ``scope["state"]["certificate"]``; empty where none was shown. Whether it
is the right one is for the vault to say.
"""

import asyncio
import hashlib
import signal
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rempart.serving.transport import LeanTransport

CONNECTIONS_MAX = 2000
"""Beyond, new requests are answered 503 at once: a practice keeps one connection open."""

KEEP_ALIVE = 75
"""Seconds. A practice asks every few minutes; a handshake costs as much as 20 answers."""

DRAIN_WITHIN = 10
"""Seconds for requests in flight at a stop; longer than the vault takes to give up on one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where to listen, and under what. Paths are of PEM files.

    Without ``client_authorities`` nobody is asked for a certificate: people have none.
    """

    host: str
    port: int
    certificate: Path
    key: Path
    client_authorities: Path | None = None


class PeerCertificateProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, telling each request which certificate its connection showed."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the thumbprint once: TLS has been agreed before this is called."""
        super().connection_made(LeanTransport(transport, self.loop))
        tls = transport.get_extra_info("ssl_object")
        shown = tls.getpeercert(binary_form=True) if tls is not None else None
        thumbprint = hashlib.sha256(shown).digest() if shown else b""
        self.app_state = {**self.app_state, "certificate": thumbprint}


def tls_context(listen: Listen) -> ssl.SSLContext:
    """TLS 1.2 or 1.3; a client certificate is verified if it is asked for and shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(listen.certificate, listen.key)
    if listen.client_authorities is not None:
        context.load_verify_locations(listen.client_authorities)
        context.verify_mode = ssl.CERT_OPTIONAL
    # No tickets: a resumed connection (TLS 1.2 alone, from this process's memory) shows the
    # certificate that was proven here, never one that a ticket from elsewhere says was.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    return context


def server(app: ASGIApp, listen: Listen) -> uvicorn.Server:
    """The server, not yet running; ``run()`` serves until SIGTERM or SIGINT, then drains."""
    context = tls_context(listen)
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=listen.host,
            port=listen.port,
            http=PeerCertificateProtocol,
            ws="none",
            ssl_context_factory=lambda config, default: context,
            access_log=False,
            log_config=None,
            # Whoever forwards for another is not believed.
            proxy_headers=False,
            server_header=False,
            limit_concurrency=CONNECTIONS_MAX,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=DRAIN_WITHIN,
        )
    )


def serve(app: ASGIApp, listen: Listen) -> None:
    """Serve until told to stop (SIGTERM, SIGINT), then answer what is in flight and return."""
    lines_as_json()
    # Uvicorn raises the signal again once it has drained; by default that would kill us there.
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        server(app, listen).run()
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)


def lines_as_json() -> None:
    """Write this process's lines as JSON, one a line, to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(20),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _json(line: Any, **_: Any) -> bytes:
    return msgspec.json.encode(line)
