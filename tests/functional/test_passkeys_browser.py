"""Passkeys in a real browser, with an authenticator that the browser pretends to have."""

import secrets
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from rempart.adapters.identity.passkeys import WebAuthnPasskeys
from rempart.domain.errors import SignInRefused

title = "Passkeys in a browser"

ACCOUNT = b"an account"
PAGE = """<!doctype html><title>passkeys</title><script>
async function post(path, value) {
  const told = await fetch(path, {method: "POST", body: JSON.stringify(value)});
  return [told.status, await told.json()];
}
async function register() {
  const options = await (await fetch("/make")).json();
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return post("/made", (await navigator.credentials.create({publicKey})).toJSON());
}
async function signIn() {
  const options = await (await fetch("/ask")).json();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return post("/answered", (await navigator.credentials.get({publicKey})).toJSON());
}
</script>"""


@dataclass
class Portal:
    """A page, and what would be the vault behind it."""

    passkeys: WebAuthnPasskeys
    kept: dict = field(default_factory=dict)
    challenge: bytes = b""

    def drawn(self):
        self.challenge = secrets.token_bytes(32)
        return self.challenge

    async def page(self, request):
        return HTMLResponse(PAGE)

    async def make(self, request):
        options = self.passkeys.registration_options(
            ACCOUNT, self.drawn(), [*self.kept], name="Officine de test"
        )
        return JSONResponse(options)

    async def made(self, request):
        body = (await request.body()).decode()
        try:
            passkey = self.passkeys.verify_registration(
                body, account=ACCOUNT, challenge=self.challenge, now=time.time_ns() // 1000
            )
        except SignInRefused as refusal:
            return JSONResponse(str(refusal), 401)
        self.kept[passkey.credential_id] = passkey
        return JSONResponse({"count": passkey.sign_count, "backed_up": passkey.backed_up})

    async def ask(self, request):
        return JSONResponse(self.passkeys.authentication_options(self.drawn(), []))

    async def answered(self, request):
        body = (await request.body()).decode()
        try:
            known = self.kept[self.passkeys.credential_id(body)]
            moved = self.passkeys.verify_assertion(body, challenge=self.challenge, passkey=known)
        except SignInRefused as refusal:
            return JSONResponse(str(refusal), 401)
        self.kept[moved.credential_id] = moved
        return JSONResponse({"count": moved.sign_count, "account": moved.account.decode()})

    def app(self):
        return Starlette(
            routes=[
                Route("/", self.page),
                Route("/make", self.make),
                Route("/made", self.made, methods=["POST"]),
                Route("/ask", self.ask),
                Route("/answered", self.answered, methods=["POST"]),
            ]
        )


@contextmanager
def serving(app, bound):
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def portal(request):
    """``localhost``, because an address is no relying party."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
        bound.bind(("127.0.0.1", 0))
        origin = f"http://localhost:{bound.getsockname()[1]}"
        expected = getattr(request, "param", origin)
        passkeys = WebAuthnPasskeys(rp_id="localhost", rp_name="Rempart", origin=expected)
        portal = Portal(passkeys)
        with serving(portal.app(), bound):
            yield portal, origin


@contextmanager
def visiting(chromium, origin, **authenticator):
    context = chromium.new_context()
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options | authenticator})
    page.goto(origin + "/")
    try:
        yield page, devtools, added["authenticatorId"]
    finally:
        context.close()


def test_a_person_registers_a_passkey_and_signs_in_with_it(chromium, portal):
    portal, origin = portal
    with visiting(chromium, origin) as (page, _, _):
        status, made = page.evaluate("register()")
        assert (status, made["backed_up"]) == (200, False)
        first = page.evaluate("signIn()")
        second = page.evaluate("signIn()")
    assert [first[0], second[0]] == [200, 200]
    assert first[1]["account"] == ACCOUNT.decode()
    assert made["count"] < first[1]["count"] < second[1]["count"]


def test_one_device_holds_one_passkey_of_an_account(chromium, portal):
    portal, origin = portal
    with visiting(chromium, origin) as (page, _, _):
        page.evaluate("register()")
        told = page.evaluate("register().catch(error => error.name)")
    assert told == "InvalidStateError"


def test_a_device_that_cannot_verify_its_owner_is_of_no_use(chromium, portal):
    portal, origin = portal
    with visiting(chromium, origin, hasUserVerification=False, isUserVerified=False) as opened:
        told = opened[0].evaluate("register().catch(error => error.name)")
    assert told in {"NotAllowedError", "ConstraintError"}
    assert not portal.kept


@pytest.mark.parametrize("portal", ["https://portail.example"], indirect=True)
def test_a_passkey_made_on_another_page_is_refused(chromium, portal):
    portal, origin = portal
    with visiting(chromium, origin) as (page, _, _):
        assert page.evaluate("register()") == [401, "sign-in refused"]
    assert not portal.kept


def test_a_copied_passkey_is_found_when_its_count_goes_back(chromium, portal):
    portal, origin = portal
    with visiting(chromium, origin) as (page, devtools, authenticator):
        page.evaluate("register()")
        named = {"authenticatorId": authenticator}
        (copy,) = devtools.send("WebAuthn.getCredentials", named)["credentials"]
        assert page.evaluate("signIn()")[0] == 200
        devtools.send("WebAuthn.clearCredentials", named)
        devtools.send("WebAuthn.addCredential", named | {"credential": copy})
        assert page.evaluate("signIn()") == [401, "sign-in refused"]
