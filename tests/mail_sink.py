"""A mail server on this machine: SMTP over real TLS, in a thread, and how it fails."""

from __future__ import annotations

import base64
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from rempart.adapters.identity.certificates import issue_server, make_authority


@dataclass
class Sink:
    """What came, and how the server behaves. ``clear`` is every line that came before TLS."""

    port: int = 0
    authority: bytes = b""
    offers_tls: bool = True
    tls_first: bool = False
    refuses: str = ""
    hangs_up: bool = False
    login: tuple[str, str] | None = None
    messages: list[EmailMessage] = field(default_factory=list)
    clear: list[bytes] = field(default_factory=list)
    connections: int = 0
    server_context: Any = None

    def context(self) -> ssl.SSLContext:
        """What trusts this server alone."""
        return ssl.create_default_context(cadata=self.authority.decode())


class Conversation(socketserver.StreamRequestHandler):
    """One connection."""

    sink: Sink

    def handle(self) -> None:
        self.sink.connections += 1
        self.secure = False
        with suppress(OSError, ssl.SSLError):
            if self.sink.tls_first:
                self._secured()
            self._say("220 sink.example")
            while (line := self.rfile.readline()) and self._answer(line):
                pass

    def _answer(self, line: bytes) -> bool:
        if not self.secure:
            self.sink.clear.append(line)
        verb = line.split(b" ")[0].strip().upper().decode()
        if verb == self.sink.refuses:
            self._say("550 no such desk")
            return True
        match verb:
            case "EHLO":
                self._offer()
            case "STARTTLS":
                self._say("220 go")
                self._secured()
            case "AUTH":
                self._judge(line)
            case "DATA":
                self._say("354 go")
                return self._data()
            case _:
                self._say("250 ok")
        return verb != "QUIT"

    def _offer(self) -> None:
        offers = ["sink.example"]
        if self.sink.offers_tls and not self.secure:
            offers.append("STARTTLS")
        if self.sink.login and self.secure:
            offers.append("AUTH PLAIN")
        for each in offers[:-1]:
            self._say(f"250-{each}")
        self._say(f"250 {offers[-1]}")

    def _judge(self, line: bytes) -> None:
        said = base64.b64decode(line.split()[2]).split(b"\0")[1:]
        assert self.sink.login is not None
        good = [each.encode() for each in self.sink.login] == said
        self._say("235 in" if good else "535 no")

    def _data(self) -> bool:
        held = b""
        while (line := self.rfile.readline()) != b".\r\n":
            held += line.removeprefix(b".")
        parsed = message_from_bytes(held, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.sink.messages.append(parsed)
        if self.sink.hangs_up:
            return False
        self._say("250 taken")
        return True

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _secured(self) -> None:
        self.connection = self.sink.server_context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.secure = True

    def finish(self) -> None:
        with suppress(OSError, ssl.SSLError):
            self.connection.shutdown(socket.SHUT_RDWR)
        for each in (self.wfile, self.rfile, self.connection):
            with suppress(OSError, ssl.SSLError):
                each.close()


@contextmanager
def mail_sink(folder: Path, **behaviour: Any) -> Iterator[Sink]:
    """A server that runs; its certificate is for ``localhost``."""
    now = time.time_ns() // 1_000
    authority = make_authority("mail", now=now)
    certificate, key = issue_server(authority, ["localhost"], now=now).write(folder, "sink")
    sink = Sink(authority=authority.certificate, **behaviour)
    sink.server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    sink.server_context.load_cert_chain(certificate, key)
    kind = type("Of", (Conversation,), {"sink": sink})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), kind) as server:
        server.daemon_threads = True
        server.block_on_close = False
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield sink
        server.shutdown()
        thread.join()
