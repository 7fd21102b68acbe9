"""An operator whose lists a page takes in, and a static host for it: what its tests stand on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

from rempart.domain.card import CardClaims
from rempart.domain.coverage import Domain, Mode
from rempart.domain.guarantee import Guarantee, Statement
from rempart.domain.status_list import PLACES_MIN, StatusList, bits_of
from rempart.domain.tariff import Basket
from rempart.domain.trust_list import Trusted, TrustList
from rempart.sealing.cose import kid_of
from rempart.serving.offline_page import write_page
from rempart.usecases.card_codes import card_text
from rempart.usecases.card_lists import sign_guarantees, sign_status, sign_trust
from rempart.usecases.p256_keys import point_of

DAY = 86_400
AMC, NAME, OPERATOR_NAME = "99000001", "Mutuelle des Remparts", "Opérateur d'essai"
OPERATOR, INSURER, FORGER = (derive_private_key(n, SECP256R1()) for n in (3, 5, 13))
OVER = 3


@dataclass
class Published:
    """An operator's folder of lists, made when it is asked for."""

    folder: Path
    now: int = field(
        default_factory=lambda: int(datetime.now(UTC).timestamp()), init=False, repr=False
    )

    def statement(self, *, list_days: int = 7, most: int = 250_00) -> bytes:
        """What the insurer guarantees: optics, and a doctor's care."""
        granted = (
            Guarantee(domain=Domain.SVIL, basket=Basket.TM, times=20),
            Guarantee(domain=Domain.OPTI, basket=Basket.A, times=2),
            Guarantee(domain=Domain.OPTI, basket=Basket.B, times=2, most=most),
        )
        statement = Statement(
            amc=AMC,
            made=self.now - DAY,
            until=self.now + 20 * DAY,
            list_days=list_days,
            profiles={0: granted},
        )
        return sign_guarantees(statement, INSURER)

    def trust(
        self,
        number: int = 7,
        *,
        made: int = -DAY,
        until: int = 20 * DAY,
        statement: bytes | None = None,
    ) -> bytes:
        public = INSURER.public_key()
        trust = TrustList(
            operator=OPERATOR_NAME,
            number=number,
            made=self.now + made,
            until=self.now + until,
            insurers=(
                Trusted(
                    amc=AMC,
                    name=NAME,
                    keys={kid_of(public): point_of(public)},
                    statement=self.statement() if statement is None else statement,
                ),
            ),
        )
        return sign_trust(trust, OPERATOR)

    def status(self, *, made: int = -3 * 3600, until: int = 5 * DAY, over: int = OVER) -> bytes:
        status = StatusList(
            amc=AMC,
            made=self.now + made,
            until=self.now + until,
            bits=bits_of(PLACES_MIN, [over]),
        )
        return sign_status(status, INSURER)

    def publish(self, trust: bytes | None = None, status: bytes | None = None) -> None:
        self.folder.mkdir(exist_ok=True, parents=True)
        (self.folder / "operator.pub").write_bytes(point_of(OPERATOR.public_key()))
        (self.folder / "trust.cbor").write_bytes(trust or self.trust())
        (self.folder / f"status-{AMC}.cbor").write_bytes(status or self.status())


def card(*, place: int | None = 2, forged: bool = False, **more: object) -> str:
    """The code of a card of this year."""
    year = datetime.now(UTC).year
    claims = CardClaims(
        amc=AMC,
        convention="SP",
        csr="ROUTE 66",
        secret=bytes(range(16)),
        birth_year=1963,
        domains=((Domain.PHAR, Mode.TM), (Domain.OPTI, Mode.PEC), (Domain.HOSP, Mode.FULL)),
        responsable=True,
        valid_from=date(year, 1, 1),
        valid_to=date(year, 12, 31),
        key_id=kid_of(INSURER.public_key()),
        status_index=place,
    )
    claims = replace(claims, **more)  # type: ignore[arg-type]
    if not forged:
        return card_text(claims, INSURER)
    whole = card_text(claims, INSURER)
    return whole[:-8] + ("0" if whole[-8] != "0" else "1") + whole[-7:]


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder, as any static host serves them."""

    extensions_map = {  # noqa: RUF012 - as its base has it
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".webmanifest": "application/manifest+json",
    }

    def send_head(self) -> Any:
        # Lists change within one second here, and Last-Modified tells no less.
        del self.headers["If-Modified-Since"]
        return super().send_head()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Site:
    """A page on a static host."""

    out: Path
    published: Published
    host: ThreadingHTTPServer

    @property
    def address(self) -> str:
        return f"http://localhost:{self.host.server_address[1]}/"

    def publish(self, trust: bytes | None = None, status: bytes | None = None) -> None:
        self.published.publish(trust, status)
        write_page(self.out, self.published.folder)


@contextmanager
def static_host(folder: Path) -> Iterator[Site]:
    """A page with its lists on ``localhost``, until the block ends."""
    out = folder / "page"
    host = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(out)))
    site = Site(out, Published(folder / "lists"), host)
    site.publish()
    thread = threading.Thread(target=host.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        host.shutdown()
        host.server_close()
        thread.join(10)
