"""People on the real parts: the vault's process, PostgreSQL, Pro Santé Connect's simulator, and a
passkey in software. Only the pages are missing: a test relays what they would."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import psycopg
import pytest

from rempart.adapters.identity.assertions import new_key, public_jwks
from rempart.adapters.identity.bounded_http import new_http
from rempart.adapters.identity.pro_sante_client import ProSanteClient, Provider
from rempart.adapters.system import SystemClock
from rempart.adapters.vaultdoor.client import Door
from rempart.domain.disclosure import EntryType, decode, decode_codes
from rempart.domain.errors import SignInRefused
from rempart.domain.site import SiteKind
from rempart.drill.cases import patient_card, someone
from rempart.drill.psc import serve
from rempart.drill.psc.faults import Fault
from rempart.drill.psc.logout import logout_token
from rempart.drill.psc.memory import Client
from rempart.drill.software import QuestionRefused
from rempart.drill.stage import SEED
from rempart.usecases.messages import Answered, CardShown, Contain, Done, Refused, Reply, Typed
from rempart.usecases.people_messages import (
    AskProof,
    BeginPasskey,
    BeginProSante,
    EndDelegate,
    FinishPasskey,
    FinishProSante,
    InsurerState,
    ListDelegates,
    ListDisclosures,
    Report,
    Sponsor,
    WhoAmI,
)
from rempart.usecases.people_replies import (
    Entered,
    PasskeyAsked,
    ProSanteBegun,
    SteppedUp,
)
from rempart.usecases.pro_sante_messages import LogOut
from tests.authenticators import Authenticator
from tests.functional.stage import SmallStage, small_stage
from tests.people import KEYS, WEB, Page

title = "People on the real parts"

BACK = "http://127.0.0.1:9/back"
CLIENT = Client(client_id="rempart-test", secret="a secret of the simulator", jwks=None)
LOOK = 0.8
"""Seconds in which the vault has looked at the registry."""
NOT_SIGNED_IN = Refused("not-signed-in")
REFUSED = Refused("sign-in-refused", "sign-in refused")


@dataclass
class Relay:
    """The web process as the vault sees it: it has the socket, and what passes through it."""

    stage: SmallStage
    psc: Any
    clock: SystemClock = field(default_factory=SystemClock)

    def send(self, message: Any) -> Reply:
        with Door(self.stage.settings.vault_socket) as door:
            return door.ask(message)

    def at_pro_sante(self, begun: ProSanteBegun, person: Any, fault: Fault = Fault.NONE) -> str:
        """The browser goes away with what the vault chose, and comes back; the ID token."""
        return asyncio.run(self._at_pro_sante(begun, person, fault))

    async def _at_pro_sante(self, begun: ProSanteBegun, person: Any, fault: Fault) -> str:
        provider = Provider(
            issuer=self.psc.issuer,
            client_id=CLIENT.client_id,
            redirect_uri=BACK,
            secret=CLIENT.secret,
        )
        verifier = secrets.token_urlsafe(48)
        async with new_http() as http, httpx2.AsyncClient() as browser:
            client = ProSanteClient(provider, http)
            url = await client.authorization_url(
                state=begun.state, nonce=begun.nonce, verifier=verifier
            )
            form = {"person": person.rpps, "fault": fault.value}
            response = await browser.post(url, data=form)
            returned = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
            code = client.code_in(returned, state=begun.state)
            return (await client.exchange(code, verifier=verifier)).id_token


class RealPage(Page):
    """A page before the real vault."""

    def real_pro_sante(self, person: Any, fault: Fault = Fault.NONE) -> Reply:
        begun = self.world.send(BeginProSante(self.thumbprint))
        token = self.world.at_pro_sante(begun, person, fault)
        return self.keep(self.send(FinishProSante, flow=begun.flow, id_token=token))

    def patient(self, person: dict[str, str], key: str, *, typed: bool = False) -> Reply:
        shown = patient_card(person, typed=typed)
        if isinstance(shown, str):
            return self.ask(shown, key=key, care_date=self.world.stage.today.isoformat())
        printed = Typed(
            shown.amc, shown.member_number, shown.birth_date, shown.birth_rank, shown.printed_key
        )
        return self.ask("", key=key, shown=printed, care_date=self.world.stage.today.isoformat())


@contextmanager
def simulator() -> Iterator[Any]:
    with serve.running(CLIENT, seed=SEED) as memory:
        yield memory


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    with (
        simulator() as psc,
        small_stage(
            REMPART_WEB_URL=WEB,
            REMPART_PSC_ISSUER=psc.issuer,
            REMPART_PSC_CLIENT_ID=CLIENT.client_id,
        ) as stage,
    ):
        assert stage.run("operator", "psc-keys").code == 0
        pharmacist = psc.people[0]
        site = pharmacist.posts[0].site.site.value
        enrol = ("person", "enrol", pharmacist.rpps, "--site", site, "--profession", "21")
        done = stage.run(*enrol)
        assert done.code == 0, done.said
        time.sleep(LOOK)
        yield Relay(stage, psc)


@pytest.fixture(scope="module")
def pharmacist(relay):
    """The pharmacist of the demo's pharmacy, signed in, with a passkey."""
    page = RealPage(relay, KEYS[0])
    assert isinstance(page.real_pro_sante(relay.psc.people[0]), Entered)
    page.registered(b"pharmacist")
    return page


def details(relay, kind):
    with psycopg.connect(relay.stage.admin) as admin:
        rows = admin.execute("SELECT body, detail FROM ledger.entry ORDER BY idx").fetchall()
    return [decode_codes(detail) for body, detail in rows if decode(body).type is kind]


def test_a_pharmacist_asks_in_their_own_name(relay, pharmacist):
    me = pharmacist.send(WhoAmI)
    assert (me.role, me.kind, me.stage, me.fresh) == ("professional", "pharmacy", "normal", True)
    person = someone(relay.stage.people, opens="PHAR")
    assert isinstance(pharmacist.patient(person, "k-1"), Answered)
    numbers = {codes["person"] for codes in details(relay, EntryType.SIGN_IN) if "person" in codes}
    assert len(numbers) == 1


BAD_TOKENS = [fault for fault in Fault if fault not in {Fault.NONE, Fault.DECLINED, Fault.DOWN}]


@pytest.mark.parametrize("fault", BAD_TOKENS, ids=lambda fault: fault.value)
def test_what_pro_sante_connect_never_says_signs_nobody_in(relay, fault):
    assert RealPage(relay, KEYS[1]).real_pro_sante(relay.psc.people[0], fault) == REFUSED


def test_a_professional_without_a_contract_does_not_sign_in(relay):
    assert RealPage(relay, KEYS[1]).real_pro_sante(relay.psc.people[1]) == REFUSED


def test_a_stolen_handle_is_nothing_without_its_key(relay, pharmacist):
    thief = RealPage(relay, KEYS[7], token=pharmacist.token)
    person = someone(relay.stage.people, opens="PHAR")
    assert thief.patient(person, "stolen") == NOT_SIGNED_IN
    ask = pharmacist.question("RP1:X", "again", shown=CardShown("RP1:X"))
    assert relay.send(ask).reason != "not-signed-in"
    assert relay.send(ask) == NOT_SIGNED_IN


def test_a_clerk_is_taken_in_and_leaves_with_the_pharmacist(relay, pharmacist):
    pharmacist.step_up()
    made = pharmacist.send(Sponsor, label="Comptoir 2")
    time.sleep(LOOK)
    clerk = RealPage(relay, KEYS[2])
    clerk.enrolled(made.code, b"clerk")
    assert isinstance(clerk.by_passkey("computer"), Entered)
    person = someone(relay.stage.people, opens="PHAR")
    assert isinstance(clerk.patient(person, "by-clerk"), Answered)
    (row,) = pharmacist.send(ListDelegates).delegates
    assert (row.label, row.passkeys) == ("Comptoir 2", 1)
    listed = relay.stage.run("person", "list")
    assert listed.said.count("présent · in") == 2
    assert "Comptoir" not in listed.said

    sponsor = next(
        line.split("\t")[0] for line in listed.said.splitlines() if "professional" in line
    )
    assert relay.stage.run("person", "suspend", sponsor).code == 0
    time.sleep(LOOK)
    assert clerk.send(WhoAmI) == pharmacist.send(WhoAmI) == NOT_SIGNED_IN
    assert "avec son répondant" in relay.stage.run("person", "list").said
    assert relay.stage.run("person", "restore", sponsor).code == 0
    time.sleep(LOOK)
    assert isinstance(clerk.by_passkey(), Entered)
    assert isinstance(pharmacist.real_pro_sante(relay.psc.people[0]), Entered)


def enrolled(relay, login, role, key, amc=0):
    """Staff, by two operators' keys and the command line."""
    home, run = relay.stage.home, relay.stage.run
    said, folder = home / f"{login}.json", home / "operator-keys"
    of = ("--role", role, "--amc", str(amc))
    assert run("staff", "ask", login, *of, "--out", said).code == 0
    both = []
    for who in ("alix", "basile"):
        out = home / f"{login}.{who}.json"
        done = run("operator", "confirm", said, "--key", folder / f"{who}.key", "--out", out)
        assert done.code == 0, done.said
        both += ["--confirm", out]
    alone = run("staff", "enrol", said, *both[:2])
    assert alone.code == 2
    done = run("staff", "enrol", said, *both)
    assert done.code == 0, done.said
    time.sleep(LOOK)
    page = RealPage(relay, KEYS[key])
    page.enrolled(done.said.splitlines()[-1], login.encode())
    assert isinstance(page.by_passkey(), Entered)
    return page


def test_an_officer_narrows_a_software_and_its_pharmacist_lifts_it(relay, pharmacist):
    officer = enrolled(relay, "nadia", "officer", 3)
    client_id = "demo-pharmacy"
    fields = {"client_id": client_id, "why": "alert"}
    assert officer.send(Contain, stage="narrowed", **fields) == Done()
    assert details(relay, EntryType.CONTAINMENT)[-1]["by"] == "nadia"
    person = someone(relay.stage.people, opens="PHAR")
    with relay.stage.software(SiteKind.PHARMACY) as software:
        (told,) = software.ask(patient_card(person, typed=False), ["PHAR"], relay.stage.today)
        assert not told.refused
        reply = pharmacist.step_up(client_id)
        assert isinstance(reply, SteppedUp)
        assert (reply.stage, reply.lifted) == ("watched", True)


def test_an_insurers_dpo_has_an_entry_proven_and_none_of_another(relay, pharmacist):
    person = someone(relay.stage.people, opens="PHAR")
    answer = pharmacist.patient(person, "for-the-dpo")
    assert isinstance(answer, Answered)
    index = answer.reference
    with psycopg.connect(relay.stage.admin) as admin:
        row = admin.execute("SELECT body FROM ledger.entry WHERE idx = %s", (index,)).fetchone()
    amc = decode(row[0]).amc
    dpo = enrolled(relay, "odile", "insurer-dpo", 4, amc)
    shown = dpo.send(ListDisclosures)
    assert sum(each.questions for each in shown.counts) > 0
    proof = dpo.send(AskProof, index=index)
    path = relay.stage.home / "proof.json"
    path.write_text(proof.text)
    assert "prouvée" in relay.stage.run("ledger", "check", path).said
    assert dpo.send(ListDisclosures, amc=str(amc + 1)).reason == "not-allowed"
    time.sleep(1)
    assert dpo.send(AskProof, index=0).reason == "not-allowed"
    manager = enrolled(relay, "paul", "insurer-manager", 5, amc)
    state = manager.send(InsurerState)
    assert (state.amc, state.feed_whole, state.feed_late) == (f"{amc:08d}", True, False)
    assert state.feed > 0


def test_a_software_key_is_dead_within_a_second_of_its_owners_word(relay, pharmacist):
    person = someone(relay.stage.people, opens="PHAR")
    shown = patient_card(person, typed=False)
    with relay.stage.software(SiteKind.PHARMACY) as software:
        software.ask(shown, ["PHAR"], relay.stage.today)
        begun = time.monotonic()
        assert pharmacist.send(Report, account="demo-pharmacy") == Done()
        with pytest.raises((QuestionRefused, SignInRefused)):
            software.ask(shown, ["PHAR"], relay.stage.today)
        assert time.monotonic() - begun < 1.0
    assert isinstance(pharmacist.patient(person, "after"), Answered)


def test_the_directory_puts_a_pharmacist_out(relay, pharmacist, tmp_path):
    extract, rejected = tmp_path / "extract.csv", tmp_path / "bad.csv"
    other = relay.psc.people[1]
    site = relay.psc.people[0].posts[0].site.site.value
    heading = "rpps;profession;site;activity_since;activity_until\n"
    extract.write_text(f"{heading}{other.rpps};10;{site};2020-01-01;\nbad\n")
    dry = relay.stage.run("directory", "import", extract, "--dry-run", "--rejects", rejected)
    assert dry.code == 0, dry.said
    assert "absent de l'annuaire" in dry.said
    assert "  @p-" in dry.said
    assert rejected.read_text().splitlines()[1:] == ["3;row;expected 5 cells"]
    assert repr(pharmacist.send(WhoAmI)) == "Me(…)"
    assert relay.stage.run("directory", "import", extract, "--all-or-nothing").code == 2
    assert relay.stage.run("directory", "import", extract).code == 0
    time.sleep(LOOK)
    assert pharmacist.send(WhoAmI) == NOT_SIGNED_IN
    assert "the directory is followed" in relay.stage.run("doctor").said
    rpps, site = relay.psc.people[0].rpps, relay.psc.people[0].posts[0].site.site.value
    enrol = ("person", "enrol", rpps, "--site", site, "--profession", "21")
    refused = relay.stage.run(*enrol)
    assert (refused.code, "does not list this professional" in refused.said) == (2, True)
    assert relay.stage.run(*enrol, "--outside-directory", "arrived last week").code == 2
    back = relay.stage.run(*enrol, "--outside-directory", "arrived last week", "--as", "alix")
    assert back.code == 0, back.said
    assert "hors annuaire" in back.said
    joins = ("site", "join", "STRUCT:NOBODYS", "--kind", "dentist", "--contract", "C-1")
    refused = relay.stage.run(*joins)
    assert (refused.code, "lists nobody at this site" in refused.said) == (2, True)
    time.sleep(LOOK)
    assert isinstance(pharmacist.real_pro_sante(relay.psc.people[0]), Entered)


def test_a_site_is_put_out_and_brought_back_by_hand(relay):
    run, site = relay.stage.run, "STRUCT:JOINED-2"

    def state() -> str:
        rows = [line.split("\t") for line in run("site", "list").said.splitlines()]
        return next(row[-1] for row in rows if row[0] == site)

    why = ("--outside-directory", "ambulances, in no directory", "--as", "alix")
    joins = ("site", "join", site, "--kind", "transport", "--contract", "C-2026-8", *why)
    assert run(*joins).code == 0
    assert run("site", "suspend", site).code == 0
    assert state() == "sur décision · decided"
    enrols = ("person", "enrol", relay.psc.people[0].rpps, "--site", site, "--profession", "36")
    refused = run(*enrols, *why)
    assert (refused.code, "the site is out" in refused.said) == (2, True)
    assert run("site", "restore", site, *why).code == 0
    assert state() == "hors annuaire · outside of the directory"
    assert run("site", "restore", site, *why).code == 2
    assert run("site", "suspend", site).code == 0
    again = run(*joins)
    assert (again.code, "begins anew" in again.said) == (0, True)


def test_without_trusted_keys_nobody_new_signs_in_and_whoever_is_in_goes_on(relay, pharmacist):
    path = relay.stage.settings.psc_keys_file
    kept = path.read_bytes()
    path.unlink()
    try:
        page = RealPage(relay, KEYS[6])
        assert page.real_pro_sante(relay.psc.people[0]) == Refused("unavailable")
        assert repr(pharmacist.send(WhoAmI)) == "Me(…)"
        person = someone(relay.stage.people, opens="OPTI")
        with relay.stage.software(SiteKind.OPTICIAN) as software:
            assert software.ask(patient_card(person, typed=False), ["OPTI"], relay.stage.today)
        assert "no keys of Pro Santé Connect" in relay.stage.run("doctor").said
    finally:
        path.write_bytes(kept)
    brought = relay.stage.home / "brought.json"
    brought.write_bytes(kept)
    assert relay.stage.run("operator", "psc-keys", "--file", brought).code == 0
    brought.write_text("{}")
    assert relay.stage.run("operator", "psc-keys", "--file", brought).code == 2


def test_a_vendor_states_and_a_site_joins_and_a_key_turns(relay):
    home, run = relay.stage.home, relay.stage.run
    folder = home / "operator-keys"
    site = "STRUCT:JOINED-1"
    joins = ("site", "join", site, "--kind", "dentist", "--contract", "C-2026-7")
    done = run(*joins, "--outside-directory", "opened last week", "--as", "alix")
    assert done.code == 0, done.said
    assert run("operator", "init", "editeur", "--folder", home).code == 0
    said = home / "vendor.json"
    assert run("operator", "ask-vendor", home / "editeur.pub", "--out", said).code == 0
    both = []
    for who in ("alix", "basile"):
        out = home / f"vendor.{who}.json"
        run("operator", "confirm", said, "--key", folder / f"{who}.key", "--out", out)
        both += ["--confirm", out]
    assert run("operator", "trust-vendor", said, *both[:2]).code == 2
    assert run("operator", "trust-vendor", said, *both).code == 0
    jwks, statement = home / "jwks.json", home / "statement.json"
    jwks.write_text(json.dumps(public_jwks(new_key("k1"))))
    words = ("software", "state", "dentiste-1", "--product", "LGD 3", "--jwks", jwks)
    assert run(*words, "--key", home / "editeur.key", "--out", statement).code == 0
    certificate = relay.stage.certificate(home)
    words = ("software", "register", "dentiste-1", "--site", site, "--certificate", certificate)
    assert run(*words, "--sandbox", "--statement", statement, "--jwks", jwks).code == 2
    done = run(*words, "--sandbox", "--statement", statement)
    assert done.code == 0, done.said
    listed = run("software", "list", "--site", site)
    assert listed.said.split("\t")[:4] == ["dentiste-1", site, "standard", "–"]
    jwks.write_text(json.dumps(public_jwks(new_key("k2"))))
    done = run("software", "rotate", "dentiste-1", "--jwks", jwks, "--overlap", "1")
    assert done.code == 0, done.said
    assert run("software", "rotate", "dentiste-1", "--jwks", jwks).code == 2


def test_a_night_batch_has_a_sponsor_who_sees_it_and_ends_it(relay):
    home, run = relay.stage.home, relay.stage.run
    pharmacist, page = relay.psc.people[0], RealPage(relay, KEYS[6])
    assert isinstance(page.real_pro_sante(pharmacist), Entered)
    sponsor, site = f"@{page.send(WhoAmI).login}", pharmacist.posts[0].site.site.value
    own, jwks = home / "night", home / "night.json"
    own.mkdir()
    jwks.write_text(json.dumps(public_jwks(new_key("night"))))
    words = ("software", "register", "nuit-1", "--sandbox", "--jwks", jwks)
    words += ("--certificate", relay.stage.certificate(own), "--usage", "back-office")
    assert run(*words, "--site", "STRUCT:ELSEWHERE", "--sponsor", sponsor).code == 2
    assert run(*words, "--site", site, "--sponsor", "@nobody").code == 2
    done = run(*words, "--site", site, "--sponsor", sponsor)
    assert done.code == 0, done.said
    time.sleep(LOOK)
    (row,) = [each for each in page.send(ListDelegates).delegates if each.software]
    assert (row.account, row.usage, row.here) == ("nuit-1", "back-office", True)
    assert f"nuit-1\t{site}\tback-office\t{sponsor}\tprésent" in run("software", "list").said
    assert page.send(EndDelegate, account="nuit-1") == Done()
    assert "exclu · revoked" in run("software", "list", "--site", site).said


def test_a_logout_at_pro_sante_connect_ends_a_session_in_the_vaults_process(relay):
    page = RealPage(relay, KEYS[6])
    assert isinstance(page.real_pro_sante(relay.psc.people[0]), Entered)
    session = list(relay.psc.sessions.values())[-1]
    token = logout_token(relay.psc, session)
    assert relay.send(LogOut(token + "x")) == REFUSED
    assert repr(page.send(WhoAmI)) == "Me(…)"
    assert relay.send(LogOut(token)) == Done()
    assert page.send(WhoAmI) == NOT_SIGNED_IN
    assert relay.send(LogOut(token)) == REFUSED


def test_a_passkey_of_somebody_else_opens_nothing(relay):
    page = RealPage(relay, KEYS[5], passkey=Authenticator(credential=b"nobody"))
    asked = relay.send(BeginPasskey(page.thumbprint))
    assert isinstance(asked, PasskeyAsked)
    answer = page.passkey.sign_in(asked.options)
    assert page.send(FinishPasskey, flow=asked.flow, response=answer) == REFUSED
