"""The end of a session at Pro Santé Connect's simulator, over real HTTP, on a whole portal."""

import asyncio
import base64
import json
import ssl
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from rempart.adapters.identity.bounded_http import new_http
from rempart.adapters.identity.pro_sante_client import ProSanteClient
from rempart.adapters.identity.proofs import make_proof, new_client_key, thumbprint
from rempart.adapters.system import SystemClock
from rempart.usecases.people_messages import FinishProSante, WhoAmI
from rempart.usecases.request_proofs import METHOD, address_of, content_digest, handle_digest
from rempart.web.pro_sante_session import refresh_due
from tests.portals import running_portal

title = "The end of a session at Pro Santé Connect"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with running_portal(tmp_path_factory.mktemp("portal")) as running:
        running.world.contracted(0)
        yield running


@dataclass
class Pharmacist:
    """A page without its browser: a key, a cookie jar, a handle."""

    portal: object
    http: httpx2.Client
    token: bytes = b""
    id_token: str = ""

    def __post_init__(self):
        self.key = new_client_key()

    def asked(self, kind, *fields):
        token = [self.token] if self.token else []
        message = kind(*token, "", *fields)
        proof = make_proof(
            self.key,
            method=METHOD,
            address=address_of(self.portal.origin, kind),
            content=content_digest(message),
            handle=handle_digest(self.token) if self.token else b"",
            now=SystemClock().now(),
        )
        handle = base64.urlsafe_b64encode(self.token).rstrip(b"=").decode()
        headers = {"DPoP": proof} | ({"Authorization": f"DPoP {handle}"} if token else {})
        tag = kind.__struct_config__.tag
        return self.http.post(f"/people/{tag}", json=list(fields), headers=headers).json()

    def sign_in(self):
        begun = self.http.post("/pro-sante/begin", json=[thumbprint(self.key), False]).json()
        person = self.portal.world.psc.people[0].rpps
        there = self.http.post(begun["address"], data={"person": person})
        returned = dict(parse_qsl(urlsplit(there.headers["Location"]).query))
        back = self.http.post("/pro-sante/back", json={"returned": returned}).json()
        self.id_token = back["id_token"]
        fields = (back["flow"], self.id_token, "", "")
        told = self.asked(FinishProSante, *fields)
        assert told["kind"] == "entered", told
        handle = told["token"]
        self.token = base64.urlsafe_b64decode(handle + "=" * (-len(handle) % 4))
        return self

    def leave_there(self):
        """Log out at Pro Santé Connect, from another service of theirs."""
        at = f"{self.portal.world.psc.issuer}/protocol/openid-connect/logout"
        asked = {"id_token_hint": self.id_token, "client_id": "rempart-portal"}
        assert self.http.post(at, data=asked).status_code == 200

    @property
    def is_in(self):
        return "login" in self.asked(WhoAmI)


@pytest.fixture
def pharmacist(portal):
    context = ssl.create_default_context(cafile=portal.authority)
    with httpx2.Client(base_url=portal.origin, verify=context) as http:
        yield Pharmacist(portal, http).sign_in()


def five_minutes_later(portal):
    """Everything is due, and the web process looks."""
    follow = portal.world.service.people.sign_in.there
    with portal.world.lock:
        for there in follow._there.values():
            there.due = 0
        follow._due[:] = [(0, ref) for ref in follow._there]

    async def look():
        async with new_http() as http:
            return await refresh_due(portal.door, ProSanteClient(portal.pro_sante.provider, http))

    return asyncio.run(look())


def test_a_session_is_asked_after_and_ends_with_the_one_there(portal, pharmacist):
    """A Pro Santé Connect that posts no logout: the simulator has not been told where."""
    (there,) = portal.world.service.people.sign_in.there._there.values()
    first = there.refresh
    for _ in range(3):
        assert pharmacist.is_in
        assert five_minutes_later(portal)
        assert there.refresh != first
    assert not five_minutes_later(portal)  # Nobody has used it since.
    pharmacist.leave_there()
    assert pharmacist.is_in
    assert five_minutes_later(portal)
    assert not pharmacist.is_in


def test_down_is_no_refusal(portal, pharmacist):
    psc = portal.world.psc
    assert pharmacist.is_in
    psc.down = True
    try:
        assert five_minutes_later(portal)
        assert pharmacist.is_in
    finally:
        psc.down = False
    assert five_minutes_later(portal)
    assert pharmacist.is_in


def test_a_logout_there_is_posted_and_ends_it_at_once(portal, pharmacist):
    client = portal.world.psc.client
    client.logout_uri = f"{portal.origin}/pro-sante/logout"
    client.logout_authority = portal.authority
    try:
        assert pharmacist.is_in
        pharmacist.leave_there()
        assert not pharmacist.is_in
    finally:
        client.logout_uri = ""


def test_a_forged_logout_ends_nothing(portal, pharmacist):
    head, payload, signature = pharmacist.id_token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["events"] = {"http://schemas.openid.net/event/backchannel-logout": {}}
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    for token in (pharmacist.id_token, f"{head}.{forged}.{signature}", f"{head}.{forged}."):
        posted = pharmacist.http.post("/pro-sante/logout", data={"logout_token": token})
        assert (posted.status_code, posted.json()) == (400, {"error": "invalid_request"})
    assert pharmacist.is_in
