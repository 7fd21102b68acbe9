"""Ways in that are no matter for the guard: passwords, guesses, captured and forged proofs.

Each attempt is a real request to the real gateway, on a connection with the certificate that the
thief has: none, that of an accomplice's software, one of the right authority that nobody has
registered, or one that he made himself. There must be no session, and no answer.
"""

import base64
import hmac
import json
import secrets
import ssl
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from rempart.adapters.identity.assertions import JWK, make_assertion, new_key
from rempart.adapters.identity.certificates import issue_client, make_authority
from rempart.drill.software import eligibility_request
from rempart.drill.stack.callers import client_id
from rempart.drill.stack.engine import StackEngine
from rempart.drill.stack.outcomes import domain_of
from rempart.drill.stack.owned import b64url, changed
from rempart.drill.traffic import Asked

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PASSWORDS = ("Motdepasse2024!", "officine75")
MINUTE = 60_000_000
ASK = "/fhir/CoverageEligibilityRequest"
PAGES = ("/login", "/token", "/fhir/login", "/")
Pair = tuple[Path, Path] | None


@dataclass(slots=True, repr=False)
class Attempts:
    """Against the software of the account ``victim``, on its device; ``accomplice`` is a device of
    another account. ``asked`` is what he would ask.
    """

    engine: StackEngine
    asked: Asked
    accomplice: int
    tried: Counter[str] = field(default_factory=Counter)
    sessions: int = 0
    answers: int = 0

    @property
    def victim(self) -> str:
        """The software that he would be."""
        return client_id(self.asked.account)

    def password(self) -> None:
        """A password, wherever there might be a place for one; then guesses at what there is."""
        for name, pair in self._certificates():
            with self._connected(name, pair) as http:
                for word in PASSWORDS:
                    self._passwords(http, name, word)
                for what, assertion in self._forged():
                    self._assert(http, f"{what}, {name}", assertion)
                self._ask(http, f"a guessed token, {name}", f"Bearer {secrets.token_urlsafe(32)}")

    def captured(self) -> None:
        """Assertions that the victim really signed: too old, spent, or for somebody else."""
        key, url = self._key, self._url
        now = self.engine.ground.clock.now()
        late = make_assertion(self.victim, url, key, now=now - 10 * MINUTE)
        elsewhere = make_assertion(self.victim, "https://elsewhere.example/token", key, now=now)
        with self._connected("the victim's certificate", self._own) as http:
            self._assert(http, "expired", late)
            self._assert(http, "for another audience", elsewhere)
        self.key_alone()

    def key_alone(self) -> None:
        """The victim's signing key works elsewhere, without the victim's certificate."""
        for name, pair in self._certificates():
            with self._connected(name, pair) as http:
                now = self.engine.ground.clock.now()
                fresh = make_assertion(self.victim, self._url, self._key, now=now)
                self._assert(http, f"the key, {name}", fresh)

    @property
    def _key(self) -> JWK:
        return self.engine.ground.keyring.key(self.asked.account)

    @property
    def _url(self) -> str:
        return self.engine.ground.settings.token_url

    @property
    def _own(self) -> Pair:
        credentials = self.engine.ground.keyring.credentials(self.asked.account, self.asked.device)
        return credentials.certificate, credentials.certificate_key

    def _certificates(self) -> Iterator[tuple[str, Pair]]:
        keyring = self.engine.ground.keyring
        folder, now = keyring.folder, keyring.now
        yield "no certificate", None
        keyring.thumbprint(self.accomplice)
        stem = f"device-{self.accomplice}"
        yield "an accomplice's certificate", (folder / f"{stem}.pem", folder / f"{stem}.key")
        for name, authority in (
            ("unregistered", keyring.authority),
            ("home-made", make_authority("PS", now=now)),
        ):
            where = folder / name
            if not where.exists():
                where.mkdir()
                issue_client(authority, "thief.example", now=now).write(where, "thief")
            yield f"a certificate, {name}", (where / "thief.pem", where / "thief.key")

    @contextmanager
    def _connected(self, name: str, pair: Pair) -> Iterator[httpx2.Client]:
        settings = self.engine.ground.settings
        tls = ssl.create_default_context(cafile=settings.tls / "authority.pem")
        if pair is not None:
            tls.load_cert_chain(*pair)
        del name
        with httpx2.Client(base_url=settings.base_url, verify=tls, timeout=10.0) as http:
            yield http

    def _passwords(self, http: httpx2.Client, name: str, word: str) -> None:
        basic = f"Basic {base64.b64encode(f'{self.victim}:{word}'.encode()).decode()}"
        self._ask(http, f"Basic, {name}", basic)
        login = {"username": self.victim, "password": word}
        for page in PAGES:
            self._post(http, f"a form at {page}, {name}", page, data=login)
        self._post(
            http,
            f"grant_type=password, {name}",
            "/token",
            data={"grant_type": "password", **login},
        )
        secret = {"client_id": self.victim, "client_secret": word}
        grant = {"grant_type": "client_credentials", **secret}
        self._post(http, f"client_secret, {name}", "/token", data=grant)
        self._post(
            http,
            f"Basic at /token, {name}",
            "/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": basic},
        )

    def _forged(self) -> Iterator[tuple[str, str]]:
        """Assertions without the key: his own key under its name, none, its public half."""
        now, url = self.engine.ground.clock.now(), self._url
        (public,) = self.engine.ground.keyring.public(self.asked.account)["keys"]
        own = make_assertion(self.victim, url, new_key(public["kid"]), now=now)
        yield "signed by himself", own
        for algorithm in ("none", "HS256"):
            head = b64url(json.dumps({"alg": algorithm, "kid": public["kid"]}).encode())
            said = f"{head}.{own.split('.')[1]}"
            shared = json.dumps(public).encode()
            made = b"" if algorithm == "none" else hmac.digest(shared, said.encode(), "sha256")
            yield f"alg {algorithm}", f"{said}.{b64url(made)}"
        accomplice = new_key("accomplice")
        theirs = make_assertion("account-0", url, accomplice, now=now)
        yield "another's, renamed", changed(theirs, {"iss": self.victim, "sub": self.victim})

    def _assert(self, http: httpx2.Client, what: str, assertion: str) -> None:
        self._post(
            http,
            what,
            "/token",
            data={
                "grant_type": "client_credentials",
                "scope": "system/CoverageEligibilityRequest.c",
                "client_assertion_type": KIND,
                "client_assertion": assertion,
            },
        )

    def _ask(self, http: httpx2.Client, what: str, authorization: str) -> None:
        ground, asked = self.engine.ground, self.asked
        moment = datetime.fromtimestamp(ground.clock.now() // 1_000_000, UTC)
        question = eligibility_request(
            ground.wallets.shown(asked),
            [domain_of(ground.world, asked.site)],
            moment.date(),
            created=moment.isoformat(),
        )
        self._post(http, what, ASK, json=question, headers={"Authorization": authorization})

    def _post(self, http: httpx2.Client, what: str, page: str, **content: Any) -> None:
        self.tried[what] += 1
        try:
            response = http.post(page, **content)
        except httpx2.TransportError:
            # A certificate of nobody's: TLS itself hangs up.
            return
        if response.status_code == 200:
            said: Mapping[str, Any] = response.json()
            self.sessions += "access_token" in said
            self.answers += said.get("resourceType") == "CoverageEligibilityResponse"
