"""A real server on a scripted door: TLS, certificates, signed assertions; no vault."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rempart.adapters.identity.assertions import SignedAssertions, new_key, public_jwks
from rempart.adapters.identity.certificates import (
    Issued,
    issue_client,
    issue_server,
    make_authority,
)
from rempart.adapters.system import SystemClock
from rempart.api.application import gateway
from rempart.domain.errors import SignInRefused
from rempart.drill.software import Credentials, PracticeSoftware
from rempart.serving.listener import Listen, server
from rempart.tlog.note import NoteVerifier
from rempart.usecases.messages import Refused, Reply, SignedIn, SignIn
from rempart.usecases.ports import Software
from tests.scripted_door import TOKEN, ScriptedDoor
from tests.switches import OPEN

CLIENT = "software-1"


CLOCK = SystemClock()


@dataclass(frozen=True, kw_only=True)
class Running:
    """The server's address, its door, its authority, and a software that may sign in."""

    url: str
    door: ScriptedDoor
    folder: Path
    authority: Issued
    authority_file: Path
    credentials: Credentials
    stop: Callable[[], None]

    def software(self, *, vault: NoteVerifier | None = None) -> PracticeSoftware:
        """A practice software with these credentials; it seals to ``vault``, if there is one."""
        return PracticeSoftware(
            self.url, self.credentials, authorities=self.authority_file, clock=CLOCK, vault=vault
        )


def checking(software: Software, token_url: str):
    """A sign-in that is proven as the vault proves it."""
    check = SignedAssertions(token_url)

    def sign_in(asked: SignIn) -> Reply:
        try:
            if check.client_id(asked.assertion) != software.client_id:
                raise SignInRefused("sign-in refused")
            if asked.certificate not in software.certificates:
                raise SignInRefused("sign-in refused")
            check.verify(asked.assertion, software, now=CLOCK.now())
        except SignInRefused:
            return Refused("sign-in-refused")
        return SignedIn(token=TOKEN, expires_in=300)

    return sign_in


@contextmanager
def running_gateway(folder: Path) -> Iterator[Running]:
    """Serve on a free port of this machine until the end of the block."""
    authority = make_authority("Rempart test", now=CLOCK.now())
    authority_file, _ = authority.write(folder, "authority")
    certificate, key = issue_server(authority, ["127.0.0.1"], now=CLOCK.now()).write(
        folder, "server"
    )
    client = issue_client(authority, CLIENT, now=CLOCK.now())
    client_certificate, client_key = client.write(folder, "client")
    signing = new_key("k1")

    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    url = f"https://127.0.0.1:{port}"
    software = Software(
        client_id=CLIENT,
        number=1,
        site="FINESS:750712184",
        jwks=public_jwks(signing),
        certificates=frozenset({client.thumbprint}),
        sandbox=True,
        revoked=False,
    )
    door = ScriptedDoor(
        sign_in=checking(software, f"{url}/token"), certificates=software.certificates
    )
    listen = Listen(
        host="127.0.0.1",
        port=port,
        certificate=certificate,
        key=key,
        client_authorities=authority_file,
    )
    app = gateway(door, rows=OPEN, instance="sandbox", base_url=url, clock=CLOCK)
    serving = server(app, listen)

    def stop() -> None:
        serving.should_exit = True

    thread = threading.Thread(target=serving.run, args=([listener],))
    thread.start()
    try:
        while not serving.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield Running(
            stop=stop,
            url=url,
            door=door,
            folder=folder,
            authority=authority,
            authority_file=authority_file,
            credentials=Credentials(
                client_id=CLIENT,
                key=signing,
                certificate=client_certificate,
                certificate_key=client_key,
            ),
        )
    finally:
        stop()
        thread.join(15)
        listener.close()
        assert not thread.is_alive()
