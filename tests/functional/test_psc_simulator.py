"""The client against the simulator, over real HTTP: the whole way, and each way it goes wrong."""

import asyncio
import json
import secrets
import socket
import subprocess
import sys
import threading
from contextlib import asynccontextmanager, closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from rempart.adapters.identity.assertions import new_key, public_jwks
from rempart.adapters.identity.bounded_http import ANSWER_MAX, new_http
from rempart.adapters.identity.pro_sante import ProSanteTokens
from rempart.adapters.identity.pro_sante_client import ProSanteClient, Provider, code_challenge
from rempart.adapters.identity.trusted_keys import keys_from
from rempart.domain.activity import activities_in, choose
from rempart.domain.errors import SignInRefused, TemporarilyUnavailable
from rempart.domain.identifiers import RPPS
from rempart.domain.sign_in import Doubt
from rempart.drill.psc import serve
from rempart.drill.psc.faults import Fault
from rempart.drill.psc.memory import Client, seconds

title = "Signing in with Pro Santé Connect"

BACK = "http://127.0.0.1:9/back"
CLIENT_ID, SECRET = "rempart-test", "a secret: with / characters % to encode"
KEY = new_key("k1")


class Present:
    """A clock that the tests move."""

    ahead = 0

    def __call__(self):
        return seconds() + self.ahead


@pytest.fixture
def present():
    return Present()


@pytest.fixture(params=["secret", "key"])
def known_by(request):
    return request.param


@pytest.fixture
def psc(present, known_by):
    jwks = public_jwks(KEY) if known_by == "key" else None
    client = Client(client_id=CLIENT_ID, secret=SECRET, jwks=jwks)
    with serve.running(client, seed=1, now=present) as memory:
        yield memory


@pytest.fixture
def provider(psc, known_by):
    proof = {"key": KEY} if known_by == "key" else {"secret": SECRET}
    return Provider(issuer=psc.issuer, client_id=CLIENT_ID, redirect_uri=BACK, **proof)


@pytest.fixture
def tokens(psc, tmp_path):
    path = tmp_path / "keys.json"
    serve.write_keys(psc, path)
    return ProSanteTokens(issuer=psc.issuer, client_id=CLIENT_ID, keys=keys_from(path))


@asynccontextmanager
async def talking(provider):
    async with new_http() as http:
        yield ProSanteClient(provider, http)


class Browser:
    """Follows one redirect at a time, keeps cookies, and presses a button."""

    def __init__(self):
        self.http = httpx2.AsyncClient(follow_redirects=False)

    async def sign_in(self, url, person=None, fault=Fault.NONE):
        if person is None:
            response = await self.http.get(url)
        else:
            form = {"person": person.rpps, "fault": fault.value}
            response = await self.http.post(url, data=form)
        return response

    async def __aenter__(self):
        return self

    async def __aexit__(self, *raised):
        await self.http.aclose()


def came_back(response):
    assert response.status_code == 303
    location = response.headers["Location"]
    assert location.startswith(BACK + "?")
    return dict(parse_qsl(urlsplit(location).query))


class Trip:
    """One sign-in from its start to its tokens."""

    def __init__(self, client, browser):
        self.client, self.browser = client, browser
        self.state, self.nonce = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.verifier = secrets.token_urlsafe(48)

    async def url(self, **wanted):
        return await self.client.authorization_url(
            state=self.state, nonce=self.nonce, verifier=self.verifier, **wanted
        )

    async def tokens(self, person, fault=Fault.NONE):
        returned = came_back(await self.browser.sign_in(await self.url(), person, fault))
        code = self.client.code_in(returned, state=self.state)
        return await self.client.exchange(code, verifier=self.verifier)


def travel(provider, going):
    """Run ``going(client, browser)``."""

    async def run():
        async with talking(provider) as client, Browser() as browser:
            return await going(client, browser)

    return asyncio.run(run())


def now(present):
    return present() * 1_000_000


def test_a_professional_signs_in_and_chooses_a_site(psc, provider, tokens, present):
    doctor = psc.people[1]

    async def going(client, browser):
        page = (await browser.sign_in(await Trip(client, browser).url())).text
        assert "SIMULATEUR · not Pro Santé Connect" in page
        assert all(person.last_name in page for person in psc.people)
        trip = Trip(client, browser)
        got = await trip.tokens(doctor)
        who = tokens.verify(got.id_token, nonce=trip.nonce, now=now(present))
        told = await client.user_info(got.access_token, subject=who.subject)
        return got, who, told

    got, who, told = travel(provider, going)
    assert who.rpps == RPPS.parse(doctor.rpps)
    assert who.session_ends == who.authenticated + 4 * 3600 * 1_000_000
    assert (who.acr, who.level, who.amr) == ("eidas1", "APPPRIP3", ("ecps",))
    assert got.expires_in == 120
    found = activities_in(told)
    assert [each.site.scheme for each in found] == ["STRUCT", "FINESS", "FINESS"]
    assert choose(found, site=found[1].site, profession="10").mode == "S"


@pytest.mark.parametrize(("place", "sites"), [(2, 1), (3, 2), (5, 1)])
def test_a_practice_without_number_is_known_by_its_structure(psc, provider, place, sites):
    async def going(client, browser):
        got = await Trip(client, browser).tokens(psc.people[place])
        return await client.user_info(got.access_token, subject=psc.people[place].subject)

    found = activities_in(travel(provider, going))
    assert len(found) == sites
    assert found[0].site.scheme == "STRUCT"


def test_the_session_is_refreshed_while_it_lives_and_no_longer(psc, provider, tokens, present):
    nurse = psc.people[2]

    async def going(client, browser):
        got = await Trip(client, browser).tokens(nurse)
        present.ahead = 121
        with pytest.raises(SignInRefused) as refusal:
            await client.user_info(got.access_token, subject=nurse.subject)
        assert refusal.value.doubt is Doubt.GRANT
        fresh = await client.refresh(got.refresh_token)
        await client.user_info(fresh.access_token, subject=nurse.subject)
        with pytest.raises(SignInRefused):
            await client.refresh(got.refresh_token)
        for minute in range(25, 240, 25):
            present.ahead = minute * 60
            fresh = await client.refresh(fresh.refresh_token)
        present.ahead = 4 * 3600
        with pytest.raises(SignInRefused) as refusal:
            await client.refresh(fresh.refresh_token)
        assert refusal.value.doubt is Doubt.GRANT
        return fresh

    fresh = travel(provider, going)
    with pytest.raises(SignInRefused) as refusal:
        tokens.verify(fresh.id_token, nonce="any", now=now(present))
    assert refusal.value.doubt in {Doubt.EXPIRED, Doubt.SESSION_OVER}


def test_a_session_left_idle_is_over(psc, provider, present):
    async def going(client, browser):
        got = await Trip(client, browser).tokens(psc.people[0])
        present.ahead = 1800
        with pytest.raises(SignInRefused):
            await client.refresh(got.refresh_token)

    travel(provider, going)


def test_who_is_signed_in_is_not_asked_again_until_the_service_asks(psc, provider, tokens, present):
    async def going(client, browser):
        await Trip(client, browser).tokens(psc.people[0])
        present.ahead = 100
        again = Trip(client, browser)
        returned = came_back(await browser.sign_in(await again.url()))
        code = client.code_in(returned, state=again.state)
        got = await client.exchange(code, verifier=again.verifier)
        with pytest.raises(SignInRefused) as refusal:
            tokens.verify(got.id_token, nonce=again.nonce, now=now(present), max_age=30)
        assert refusal.value.doubt is Doubt.NOT_FRESH
        step_up = Trip(client, browser)
        url = await step_up.url(max_age=0)
        assert (await browser.sign_in(url)).status_code == 200
        returned = came_back(await browser.sign_in(url, psc.people[0]))
        code = client.code_in(returned, state=step_up.state)
        got = await client.exchange(code, verifier=step_up.verifier)
        tokens.verify(got.id_token, nonce=step_up.nonce, now=now(present), max_age=30)

    travel(provider, going)


def test_a_logout_ends_the_session_there_too(psc, provider):
    async def going(client, browser):
        got = await Trip(client, browser).tokens(psc.people[0])
        url = await client.logout_url(id_token=got.id_token, return_to=BACK, state="bye")
        assert came_back(await browser.http.get(url)) == {"state": "bye"}
        with pytest.raises(SignInRefused):
            await client.refresh(got.refresh_token)
        with pytest.raises(SignInRefused):
            await client.user_info(got.access_token, subject=psc.people[0].subject)
        assert (await browser.sign_in(await Trip(client, browser).url())).status_code == 200

    travel(provider, going)


DOUBTS = {
    Fault.WRONG_NONCE: Doubt.NONCE,
    Fault.ALG_NONE: Doubt.MALFORMED,
    Fault.UNKNOWN_KEY: Doubt.UNKNOWN_KEY,
    Fault.EXPIRED: Doubt.EXPIRED,
    Fault.WRONG_AUDIENCE: Doubt.AUDIENCE,
    Fault.WEAK_ACR: Doubt.ASSURANCE,
}


@pytest.mark.parametrize("fault", DOUBTS)
def test_a_token_that_does_not_hold(psc, provider, tokens, present, fault):
    async def going(client, browser):
        trip = Trip(client, browser)
        got = await trip.tokens(psc.people[0], fault)
        return got.id_token, trip.nonce

    id_token, nonce = travel(provider, going)
    with pytest.raises(SignInRefused) as refusal:
        tokens.verify(id_token, nonce=nonce, now=now(present))
    assert refusal.value.doubt is DOUBTS[fault]
    assert str(refusal.value) == "sign-in refused"


def test_whoever_declines_is_not_signed_in(psc, provider):
    async def going(client, browser):
        with pytest.raises(SignInRefused) as refusal:
            await Trip(client, browser).tokens(psc.people[0], Fault.DECLINED)
        assert refusal.value.doubt is Doubt.DECLINED

    travel(provider, going)


def test_down_is_said_as_such(psc, provider):
    async def going(client, browser):
        with pytest.raises(TemporarilyUnavailable):
            await Trip(client, browser).tokens(psc.people[0], Fault.DOWN)
        psc.down = True
        for call in (
            client.refresh("any"),
            client.user_info("any", subject="any"),
            client.published_keys(),
        ):
            with pytest.raises(TemporarilyUnavailable):
                await call
        psc.down = False
        got = await Trip(client, browser).tokens(psc.people[0])
        assert got.id_token

    travel(provider, going)


def test_what_does_not_belong_to_this_sign_in_is_refused(psc, provider):
    async def going(client, browser):
        trip = Trip(client, browser)
        returned = came_back(await browser.sign_in(await trip.url(), psc.people[0]))
        for wrong in (
            {"state": "another"},
            {"state": ""},
            {"iss": "https://another.example"},
        ):
            with pytest.raises(SignInRefused) as refusal:
                client.code_in(returned | wrong, state=trip.state)
            assert refusal.value.doubt is Doubt.STATE
        with pytest.raises(SignInRefused):
            client.code_in({"state": "", "code": "c"}, state="")
        with pytest.raises(SignInRefused):
            client.code_in({"state": trip.state}, state=trip.state)
        with pytest.raises(TemporarilyUnavailable):
            client.code_in({"state": "s", "error": "server_error"}, state="s")
        code = client.code_in(returned, state=trip.state)
        with pytest.raises(SignInRefused) as refusal:
            await client.exchange(code, verifier=secrets.token_urlsafe(48))
        assert refusal.value.doubt is Doubt.GRANT
        await client.exchange(code, verifier=trip.verifier)
        with pytest.raises(SignInRefused):
            await client.exchange(code, verifier=trip.verifier)
        got = await Trip(client, browser).tokens(psc.people[0])
        with pytest.raises(SignInRefused) as refusal:
            await client.user_info(got.access_token, subject=psc.people[1].subject)
        assert refusal.value.doubt is Doubt.IDENTIFIER

    travel(provider, going)


def test_a_code_waits_one_minute(psc, provider, present):
    async def going(client, browser):
        trip = Trip(client, browser)
        returned = came_back(await browser.sign_in(await trip.url(), psc.people[0]))
        present.ahead = 60
        with pytest.raises(SignInRefused):
            await client.exchange(returned["code"], verifier=trip.verifier)

    travel(provider, going)


def test_a_client_that_is_not_known_is_told_apart_from_a_person(psc, provider):
    stranger = Provider(
        issuer=psc.issuer, client_id=CLIENT_ID, redirect_uri=BACK, key=new_key("k2")
    )

    async def going(client, browser):
        with pytest.raises(TemporarilyUnavailable, match="refuses this client"):
            await client.refresh("any")

    travel(stranger, going)


@pytest.mark.parametrize(
    "change",
    [
        ("code_challenge_method", "plain"),
        ("code_challenge", ""),
        ("nonce", ""),
        ("response_type", "token"),
        ("client_id", "another"),
        ("redirect_uri", "https://elsewhere.example/back"),
    ],
    ids=lambda change: change[0],
)
def test_the_simulator_wants_what_the_real_one_wants(psc, provider, change):
    async def going(client, browser):
        url = urlsplit(await Trip(client, browser).url())
        query = dict(parse_qsl(url.query)) | dict([change])
        address = url._replace(query="").geturl()
        response = await browser.http.post(
            address, params=query, data={"person": psc.people[0].rpps}
        )
        assert response.status_code in {303, 400, 401}
        assert "code=" not in response.headers.get("Location", "")

    travel(provider, going)


def test_published_keys_are_those_that_the_vault_may_trust(psc, provider, tmp_path):
    async def going(client, browser):
        return await client.published_keys()

    (tmp_path / "keys.json").write_bytes(travel(provider, going))
    assert keys_from(tmp_path / "keys.json").get(psc.key.kid) is not None


def test_a_verifier_gives_the_challenge_of_the_standard():
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert code_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


# An issuer that misbehaves


class Odd(BaseHTTPRequestHandler):
    """Answers what the test says."""

    answer = (200, {}, b"{}")

    def do_GET(self):
        status, headers, body = self.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # the client may have had enough
            self.wfile.write(body)

    def do_POST(self):
        self.do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def odd():
    class Mine(Odd):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mine)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield Mine, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def document(at, **changes):
    names = ("authorization", "token", "userinfo", "end_session")
    told = {f"{name}_endpoint": f"{at}/{name}" for name in names}
    return json.dumps(told | {"issuer": at, "jwks_uri": f"{at}/jwks"} | changes).encode()


def unusable(issuer):
    provider = Provider(issuer=issuer, client_id=CLIENT_ID, redirect_uri=BACK, secret=SECRET)

    async def going(client, browser):
        with pytest.raises(TemporarilyUnavailable) as refusal:
            await Trip(client, browser).url()
        assert issuer not in str(refusal.value)

    travel(provider, going)


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b""),
        (200, {}, b"no JSON"),
        (200, {}, b"[]"),
        (200, {}, b"[" * 100_000),
        (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"),
        (302, {"Location": "http://127.0.0.1:9/"}, b""),
        (404, {}, b"{}"),
        (429, {}, b"{}"),
        (503, {}, b"{}"),
    ],
    ids=range(9),
)
def test_what_is_no_answer_is_an_outage(odd, answer):
    handler, issuer = odd
    handler.answer = answer
    unusable(issuer)


@pytest.mark.parametrize(
    "changes",
    [
        {"padding": "x" * ANSWER_MAX},
        {"issuer": "https://another.example"},
        {"token_endpoint": None},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"token_endpoint": "http://[127.0.0.1/"},
        {"jwks_uri": ["https://another.example"]},
        {"code_challenge_methods_supported": ["plain"]},
        {"code_challenge_methods_supported": 7},
    ],
    ids=range(9),
)
def test_a_discovery_document_that_cannot_be_used(odd, changes):
    handler, issuer = odd
    handler.answer = (200, {}, document(issuer, **changes))
    unusable(issuer)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"access_token": ""},
        {"access_token": 7, "token_type": "Bearer"},
        {"access_token": "a", "token_type": "MAC", "id_token": "i"},
        {"access_token": "a", "token_type": "Bearer"},
        {"access_token": "a", "token_type": "Bearer", "id_token": "i" * 20_000},
        {"access_token": "a", "token_type": "Bearer", "id_token": "i", "expires_in": "soon"},
    ],
    ids=str,
)
def test_tokens_that_are_none(odd, told):
    handler, issuer = odd
    provider = Provider(issuer=issuer, client_id=CLIENT_ID, redirect_uri=BACK, secret=SECRET)

    async def going(client, browser):
        handler.answer = (200, {}, document(issuer))
        await Trip(client, browser).url()
        handler.answer = (200, {}, json.dumps(told).encode())
        with pytest.raises(TemporarilyUnavailable):
            await client.exchange("code", verifier=secrets.token_urlsafe(48))
        with pytest.raises(TemporarilyUnavailable):
            await client.published_keys()

    travel(provider, going)


def test_nobody_there_is_an_outage():
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    unusable(f"http://127.0.0.1:{port}")


# The command


def rempart(*words, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "rempart", *words], stdout=-1, stderr=-1, text=True, **options
    )


def test_the_command_says_what_it_is_and_writes_its_keys(tmp_path):
    path = tmp_path / "keys.json"
    with rempart("drill", "psc", "--port", "0", "--keys", str(path)) as process:
        try:
            lines = [process.stdout.readline().strip() for _ in range(5)]
        finally:
            process.terminate()
    assert lines[0] == "SIMULATEUR · not Pro Santé Connect"
    assert lines[2].startswith("issuer     http://127.0.0.1:")
    assert keys_from(path)


def test_the_command_says_what_is_missing(tmp_path):
    script = (
        "import sys, importlib.util as u; found = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'authlib' else found(name, *a)\n"
        "from rempart.__main__ import main; main(['drill', 'psc'], prog_name='rempart')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "rempart: set-up-refused: the simulator needs authlib: pip install authlib"
    ]
