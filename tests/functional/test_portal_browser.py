"""The portal in a real browser: the whole journey of a professional, a delegate, staff, a thief."""

import re
from contextlib import contextmanager
from datetime import date

import pytest
from msgspec import structs
from playwright.sync_api import expect

from rempart.domain.containment import Stage
from rempart.domain.coverage import Period
from rempart.domain.disclosure import EntryType, decode
from rempart.domain.person import Role
from rempart.domain.tightened import ANSWER_WITHIN
from rempart.usecases.insurer_staff_ports import FeedSeen
from rempart.usecases.messages import Ask
from tests.browsers import SCHEMES, violations
from tests.portals import running_portal

title = "The portal in a browser"

WIDE, NARROW = {"width": 1100, "height": 800}, {"width": 360, "height": 740}
HARMLESS = ("favicon",)
PHARMACIST, DOCTOR = 0, 1


@pytest.fixture
def portal(tmp_path):
    with running_portal(tmp_path) as running:
        yield running


class Visitor:
    """Somebody in front of a browser of their own; every complaint of the browser is kept."""

    def __init__(self, chromium, portal, **context):
        # The axe rules are put in by hand: nothing else needs the policy off.
        self.context = chromium.new_context(
            ignore_https_errors=True, **{"viewport": WIDE, "locale": "fr-FR"} | context
        )
        self.page, self.portal = self.context.new_page(), portal
        self.complaints, self.asked = [], []
        self.page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        devtools = self.context.new_cdp_session(self.page)
        devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def go(self, path):
        self.page.goto(self.portal.origin + path)
        return self.page

    def to_simulator(self, place):
        page = self.go("/")
        page.click("#pro-sante")
        page.click(f'button[value="{self.portal.world.psc.people[place].rpps}"]')

    def sign_in(self, place=PHARMACIST):
        self.to_simulator(place)
        self.page.wait_for_url("**/home")
        expect(self.page.locator("#nav")).to_be_visible()
        return self.page

    def add_passkey(self):
        page = self.go("/account")
        expect(page.locator("#passkeys tr")).to_have_count(1)
        page.click("#add-passkey")
        expect(page.locator("#notice")).to_contain_text("C'est fait")
        expect(page.locator("#passkeys button")).to_have_count(1)

    def ask_code(self, code):
        self.page.fill("#code", code)
        self.page.press("#code", "Enter")

    def ask_typed(self, typed):
        for name, value in {
            "amc": typed.amc,
            "member": typed.member_number,
            "birth": typed.birth_date,
            "rank": typed.birth_rank,
            "key": typed.printed_key,
        }.items():
            self.page.fill(f"#{name}", value)
        self.page.locator("#ask-typed button.main").click()

    def answer(self, kind):
        found = self.page.locator(f"#answer.{kind}")
        expect(found).to_be_visible()
        return found.inner_text()

    def token(self):
        return self.page.evaluate("JSON.parse(sessionStorage.getItem('rempart.session')).token")

    def unforeseen(self):
        """Complaints other than of a status that a refusal has."""
        expected = re.compile(r"Failed to load resource: the server responded with a status of 4")
        return [text for text in self.complaints if not expected.match(text)]


@contextmanager
def visiting(chromium, portal, **context):
    visitor = Visitor(chromium, portal, **context)
    try:
        yield visitor
        assert not visitor.unforeseen()
        simulator = visitor.portal.world.psc.issuer
        strangers = [
            url
            for url in visitor.asked
            if not url.startswith((visitor.portal.origin, simulator, "data:"))
        ]
        assert not strangers
        held = [cookie["name"] for cookie in visitor.context.cookies(visitor.portal.origin)]
        assert held == []
        kept = re.compile(r"[?&#](token|id_token|access_token)=")
        assert not [url for url in visitor.asked if kept.search(url)]
    finally:
        visitor.context.close()


def shot(visitor, shots, name):
    shots.take(visitor.page, f"{name}")


def pharmacist_of(portal):
    return f"@{portal.world.contracted(PHARMACIST).login}"


def member(portal, **more):
    with portal.world.lock:
        return portal.world.member("m-1", **more)


# Signing in


def test_a_professional_chooses_one_activity(chromium, portal, shots):
    portal.world.contracted(DOCTOR, 0, 1, 2)
    with visiting(chromium, portal) as visitor:
        visitor.to_simulator(DOCTOR)
        page = visitor.page
        expect(page.locator("#choices label")).to_have_count(3)
        assert page.url == f"{portal.origin}/return", "what came in the address does not stay"
        assert "Hôpital du Bastion" in page.locator("#choices").inner_text()
        shot(visitor, shots, "activities")
        page.get_by_label("Hôpital du Bastion").check()
        page.click("#sites button")
        page.wait_for_url("**/home")
        expect(page.locator("#who")).to_contain_text("FINESS:990201097")
        expect(page.locator("#domain option")).to_have_count(4)


def test_who_has_one_activity_is_in_at_once(chromium, portal, shots):
    pharmacist_of(portal)
    with visiting(chromium, portal) as visitor:
        visitor.go("/")
        shot(visitor, shots, "sign-in")
        visitor.sign_in()
        shot(visitor, shots, "home")
        visitor.page.click("#leave")
        visitor.page.wait_for_url(portal.origin + "/")
        expect(visitor.page.locator("#notice")).to_contain_text("Vous êtes déconnecté")
        visitor.go("/home")
        visitor.page.wait_for_url(portal.origin + "/")


def test_whoever_is_not_contracted_is_told_what_to_do(chromium, portal, shots):
    with visiting(chromium, portal) as visitor:
        visitor.to_simulator(PHARMACIST)
        page = visitor.page
        expect(page.locator("#notice")).to_contain_text("Connexion refusée")
        expect(page.locator("#notice")).to_contain_text("Sign-in refused")
        expect(page.locator("#back")).to_be_visible()
        shot(visitor, shots, "refused")


def test_pro_sante_connect_down_is_said_and_who_is_in_goes_on(chromium, portal, shots):
    pharmacist_of(portal)
    card = member(portal)
    with visiting(chromium, portal) as inside, visiting(chromium, portal) as outside:
        inside.sign_in()
        portal.world.psc.down = True
        portal.a_minute_later()
        outside.go("/")
        outside.page.click("#pro-sante")
        expect(outside.page.locator("#notice")).to_contain_text("Pro Santé Connect ne répond pas")
        expect(outside.page.locator("#notice")).to_contain_text("practice software and cards")
        shot(outside, shots, "psc-down")
        inside.ask_code(card.code)
        assert "Droits ouverts" in inside.answer("open")
        outside.complaints.clear()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("down", "Pro Santé Connect ne répond pas"),
        ("declined", "Connexion refusée"),
        ("alg-none", "Connexion refusée"),
        ("wrong-nonce", "Connexion refusée"),
    ],
)
def test_what_goes_wrong_on_the_way_is_said_and_one_can_try_again(chromium, portal, fault, said):
    pharmacist_of(portal)
    with visiting(chromium, portal) as visitor:
        page = visitor.go("/")
        page.click("#pro-sante")
        page.select_option("#fault", fault)
        page.click(f'button[value="{portal.world.psc.people[PHARMACIST].rpps}"]')
        expect(page.locator("#notice")).to_contain_text(said)
        page.click("#back a")
        page.wait_for_url(portal.origin + "/")
        page.click("#pro-sante")
        page.click(f'button[value="{portal.world.psc.people[PHARMACIST].rpps}"]')
        page.wait_for_url("**/home")
        visitor.complaints.clear()


# Asking


def test_a_question_with_a_code_and_typed(chromium, portal, shots):
    pharmacist_of(portal)
    card = member(portal)
    with visiting(chromium, portal) as visitor:
        page = visitor.sign_in()
        visitor.ask_code(card.code)
        told = visitor.answer("open")
        assert "Rights are open" in told
        assert re.search(r"Référence de la réponse.*D\d+", told, re.DOTALL)
        assert "31/12/2026" in told
        shot(visitor, shots, "open")
        visitor.ask_typed(card.typed)
        expect(page.locator("#answer")).to_contain_text("Droits ouverts")
        for typed in (card.code, card.typed.member_number, card.typed.printed_key):
            assert typed not in page.content()
        assert page.locator("#amc").input_value() == ""
    shown = [each.shown for each in portal.door.asked if isinstance(each, Ask)]
    assert len(shown) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amc": "12345678"}, "ne suffisent pas"),
        ({"birth_date": "hier"}, "n'a pas la forme attendue"),
    ],
)
def test_what_is_not_answered_says_what_to_do(chromium, portal, shots, change, said):
    pharmacist_of(portal)
    card = member(portal)
    with visiting(chromium, portal) as visitor:
        visitor.sign_in()
        visitor.ask_typed(structs.replace(card.typed, **change))
        assert said in visitor.answer("refused")
        shot(visitor, shots, f"refused-{next(iter(change))}")


def test_rights_that_are_closed_are_told_in_words_not_colour_alone(chromium, portal, shots):
    portal.world.contracted(6)

    past = Period(
        known_since=date(2020, 1, 1), valid_from=date(2020, 1, 1), valid_to=date(2020, 12, 31)
    )
    card = member(portal, periods=(past,))
    with visiting(chromium, portal) as visitor:
        visitor.sign_in(6)
        visitor.ask_code(card.code)
        told = visitor.answer("closed")
        assert "✕" in told
        assert "Droits non ouverts" in told
        shot(visitor, shots, "closed")


# Stages


def test_narrowed_is_lifted_by_a_passkey_once_a_day(chromium, portal, shots):
    name = pharmacist_of(portal)
    card = member(portal)
    with visiting(chromium, portal) as visitor:
        page = visitor.sign_in()
        visitor.add_passkey()
        portal.world.move(name, Stage.NARROWED)
        page = visitor.go("/home")
        expect(page.locator("#narrowed")).to_be_visible()
        visitor.ask_typed(card.typed)
        assert "sur présentation de la carte" in visitor.answer("refused")
        shot(visitor, shots, "narrowed")
        before = visitor.token()
        page.click("#step-up")
        expect(page.locator("#notice")).to_contain_text("la saisie est rétablie")
        expect(page.locator("#narrowed")).to_be_hidden()
        assert visitor.token() != before
        assert portal.world.stage(name) is Stage.WATCHED
        visitor.ask_typed(card.typed)
        assert "Droits ouverts" in visitor.answer("open")

        portal.world.move(name, Stage.NARROWED)
        page = visitor.go("/home")
        page.click("#step-up")
        expect(page.locator("#notice")).to_contain_text("déjà été rétablie une fois")
        expect(page.locator("#narrowed")).to_be_visible()


def test_it_was_not_me_freezes_and_says_whom_to_call(chromium, portal, shots):
    name = pharmacist_of(portal)
    with visiting(chromium, portal) as owner, visiting(chromium, portal) as other:
        other.sign_in()
        owner.sign_in()
        page = owner.go("/account")
        expect(page.locator("#sessions tr")).to_have_count(2)
        page.click("#report button")
        expect(page.locator("#sure")).to_be_visible()
        shot(owner, shots, "report")
        page.click("#sure-yes")
        expect(page.locator("#notice")).to_contain_text("moins de 30 minutes")
        expect(page.locator("#notice")).to_contain_text("carte du patient reste valable")
        expect(page.locator("#notice")).to_contain_text("+33 1 99 00 00 00")
        shot(owner, shots, "frozen")
        assert portal.world.stage(name) is Stage.FROZEN
        other.go("/home")
        other.page.wait_for_url(portal.origin + "/")
        expect(other.page.locator("#notice")).to_contain_text("session")
        # Pro Santé Connect still knows who this is: being proven does not help.
        owner.go("/")
        owner.page.click("#pro-sante")
        owner.page.wait_for_url("**/return")
        expect(owner.page.locator("#notice")).to_contain_text("moins de 30 minutes")

    # Half an hour later, the console begins with whoever was promised an answer.
    standing = portal.world.service.contain.guard.stages.states[portal.world.account(name).number]
    with visiting(chromium, portal) as officer:
        page = enrolled(officer, portal.world.staff("amina"))
        first = page.locator("#accounts tr").first
        expect(first).to_contain_text(name)
        expect(first.locator("[data-slot=late]")).to_be_empty()
        standing.since -= ANSWER_WITHIN
        page.reload()
        expect(first.locator("[data-slot=late]")).to_contain_text("sans réponse")
        shot(officer, shots, "console-unanswered")


# Sessions and passkeys


def test_sessions_are_listed_and_ended(chromium, portal, shots):
    pharmacist_of(portal)
    phone = {"viewport": NARROW, "user_agent": "Mozilla/5.0 (iPhone) Mobile"}
    with visiting(chromium, portal) as desk, visiting(chromium, portal, **phone) as pocket:
        pocket.sign_in()
        desk.sign_in()
        page = desk.go("/account")
        expect(page.locator("#sessions tr")).to_have_count(2)
        phones = page.locator("#sessions tr", has_not_text="celle-ci")
        phones.locator("button").click()
        expect(page.locator("#sessions tr")).to_have_count(1)
        shot(desk, shots, "account")
        pocket.go("/home")
        pocket.page.wait_for_url(portal.origin + "/")
        page.click("#end-all")
        page.wait_for_url(portal.origin + "/")


def test_a_passkey_brings_back_and_is_removed(chromium, portal):
    pharmacist_of(portal)
    with visiting(chromium, portal) as visitor:
        visitor.sign_in()
        visitor.add_passkey()
        visitor.page.click("#add-passkey")
        expect(visitor.page.locator("#notice")).to_contain_text("déjà une clé")
        visitor.page.click("#leave")
        visitor.page.wait_for_url(portal.origin + "/")
        visitor.page.click("#passkey")
        visitor.page.wait_for_url("**/home")
        page = visitor.go("/account")
        # By passkey alone no passkey more is made.
        page.click("#add-passkey")
        expect(page.locator("#sign-in-again")).to_be_visible()
        page.click("#sign-in-again")
        page.click(f'button[value="{portal.world.psc.people[PHARMACIST].rpps}"]')
        page.wait_for_url("**/account")
        expect(page.locator("#sessions tr")).to_have_count(1)
        page.locator("#passkeys button").click()
        expect(page.locator("#passkeys button")).to_have_count(0)


# Thieves


REPLAY = """async ([path, body, token, proof]) => {
  const headers = {"Content-Type": "application/json", "Authorization": `DPoP ${token}`};
  if (proof) headers.DPoP = proof;
  const told = await fetch(path, {method: "POST", headers, body});
  return [told.status, (await told.json()).outcome];
}"""
OWN_PROOF = """async ([token]) => {
  const {proof} = await import("/static/dpop.js");
  return proof(location.origin + "/people/who-am-i", "[]", token);
}"""


def test_a_stolen_token_is_worth_nothing_elsewhere(chromium, portal):
    pharmacist_of(portal)
    with visiting(chromium, portal) as owner, visiting(chromium, portal) as thief:
        owner.sign_in()
        token = owner.token()
        heard = []

        def hear(request):
            heard.append(request)

        owner.page.on("request", hear)
        owner.go("/account")
        expect(owner.page.locator("#sessions tr")).to_have_count(1)
        used = next(r for r in heard if r.url.endswith("/people/who-am-i")).headers["dpop"]

        thief.go("/")
        asked = ["/people/who-am-i", "[]", token]
        own = thief.page.evaluate(OWN_PROOF, [token])
        for proof in ("", own, used):
            assert thief.page.evaluate(REPLAY, [*asked, proof]) == [401, "not-signed-in"]
        # Nor is it in the browser that it came from, without a fresh proof.
        assert owner.page.evaluate(REPLAY, [*asked, used]) == [401, "not-signed-in"]
        # A proof for one request serves no other.
        ending = ["/people/end-all-sessions", "[]", token, owner.page.evaluate(OWN_PROOF, [token])]
        assert owner.page.evaluate(REPLAY, ending) == [401, "not-signed-in"]
        assert (
            owner.page.evaluate(REPLAY, [*asked, owner.page.evaluate(OWN_PROOF, [token])])[0] == 200
        )


def test_no_script_reads_the_key_and_none_of_a_page_runs(chromium, portal):
    pharmacist_of(portal)
    with visiting(chromium, portal) as visitor:
        page = visitor.sign_in()
        told = page.evaluate("""async () => {
          const open = indexedDB.open("rempart", 1);
          await new Promise((done) => { open.onsuccess = done; });
          const keys = open.result.transaction("keys").objectStore("keys").get("proof");
          await new Promise((done) => { keys.onsuccess = done; });
          const {privateKey} = keys.result;
          const read = await crypto.subtle.exportKey("jwk", privateKey).catch((e) => e.name);
          const inline = document.createElement("script");
          let written;
          try {
            inline.textContent = "window.ran = 1";
            document.body.append(inline);
          } catch (e) { written = e.name; }
          return [privateKey.extractable, read, window.ran ?? null, written];
        }""")
        assert told == [False, "InvalidAccessError", None, "TypeError"]
        visitor.complaints.clear()


# Delegates and staff


def test_a_delegate_enrols_and_asks(chromium, portal, shots):
    pharmacist_of(portal)
    card = member(portal)
    with visiting(chromium, portal) as sponsor, visiting(chromium, portal) as clerk:
        sponsor.sign_in()
        page = sponsor.go("/delegates")
        page.fill("#label", "Comptoir 2")
        page.click("#sponsor button")
        expect(page.locator("#enrolment")).to_have_text(re.compile("^[A-Z2-7-]{32}$"))
        shot(sponsor, shots, "delegates")
        code = page.locator("#enrolment").inner_text()
        expect(page.locator("#delegates tr")).to_contain_text("Comptoir 2")
        page.click("#seen")
        assert code not in page.content()

        page = clerk.go("/enrol")
        shot(clerk, shots, "enrol")
        page.fill("#code", code.lower().replace("-", " "))
        page.click("#enrol button")
        expect(page.locator("#enrolled")).to_be_visible()
        page.click("#passkey")
        page.wait_for_url("**/home")
        expect(page.locator('#nav [href="/delegates"]')).to_be_hidden()
        clerk.ask_code(card.code)
        assert "Droits ouverts" in clerk.answer("open")

        with portal.world.lock:
            portal.world.sign_in(portal.world.psc.people[PHARMACIST].posts[0].site.site.value)
        page = sponsor.go("/account")
        rows = page.locator("#vouched-sessions tr")
        expect(rows).to_have_count(2)
        expect(rows.nth(0)).to_contain_text("Comptoir 2")
        expect(rows.nth(1)).to_contain_text("Logiciel")
        shot(sponsor, shots, "vouched")
        rows.nth(0).locator('[data-act="one"]').click()
        expect(rows).to_have_count(1)
        clerk.go("/home")
        clerk.page.wait_for_url(portal.origin + "/")
        clerk.page.click("#passkey")
        clerk.page.wait_for_url("**/home")

        page = sponsor.go("/delegates")
        page.locator('#delegates [data-act="end"]').click()
        expect(page.locator("#delegates button")).to_have_count(0)
        clerk.go("/home")
        clerk.page.wait_for_url(portal.origin + "/")


def enrolled(visitor, code, home="console"):
    page = visitor.go("/enrol")
    page.fill("#code", code)
    page.click("#enrol button")
    page.locator("#enrolled #passkey").click()
    page.wait_for_url(f"**/{home}")
    if home == "console":
        expect(page.locator("#accounts tr").first).to_be_visible()
    return page


def test_officers_contain_alone_and_loosen_many_together(chromium, portal, shots):
    name = pharmacist_of(portal)
    with visiting(chromium, portal) as alix, visiting(chromium, portal) as basile:
        page = enrolled(alix, portal.world.staff("alix"))
        page.fill("#contain-account", name)
        page.select_option("#contain-stage", "frozen")
        page.select_option("#contain-why", "alert")
        page.click("#contain button")
        expect(page.locator("#notice")).to_contain_text("C'est fait")
        assert portal.world.stage(name) is Stage.FROZEN
        incident = page.locator("#incident-rows tr")
        expect(incident).to_have_count(1)
        expect(incident).to_contain_text(name)
        expect(incident).to_contain_text("Personne n'a dit depuis quand nous savons")
        expect(incident).to_contain_text("EXERCICE")
        frozen = page.locator("#accounts tr").first
        expect(frozen).to_contain_text(name)
        expect(frozen.locator("[data-slot=since]")).to_have_text(
            re.compile(r"^\d\d/\d\d/\d{4} \d\d:\d\d$")
        )
        frozen.locator("input").check()
        page.click("#loosen-many")
        expect(page.locator("#notice")).to_contain_text("C'est fait")
        expect(page.locator("#proposals button")).to_have_count(0)
        shot(alix, shots, "console")

        page = enrolled(basile, portal.world.staff("basile"))
        expect(page.locator("#proposals")).to_contain_text("alix")
        page.locator("#proposals button").click()
        expect(page.locator("#notice")).to_contain_text("C'est fait")
        assert portal.world.stage(name) is Stage.NARROWED

        page.select_option("#allow-over", "kind")
        page.fill("#allow-who", "pharmacy")
        page.fill("#allow-since", "2026-12-01T08:00")
        page.fill("#allow-until", "2026-12-01T20:00")
        page.click("#allow button")
        expect(page.locator("#notice")).to_contain_text("C'est fait")
        # For a kind of site, it waits for another officer.
        assert not portal.world.details(EntryType.DECISION)[-1].get("allow")
        page = alix.page
        page.reload()
        expect(page.locator("#proposals")).to_contain_text("pharmacy")
        page.locator("#proposals button").click()
        expect(page.locator("#notice")).to_contain_text("C'est fait")
        assert portal.world.details(EntryType.DECISION)[-1]["by"] == "basile+alix"
        page = basile.page
        page.fill("#contain-account", name)
        page.select_option("#contain-stage", "normal")
        page.click("#contain button")
        expect(page.locator("#notice")).to_contain_text("Cette étape ne se décide pas ainsi")


def test_officers_cut_the_portal_alone_and_open_everything_again_together(chromium, portal, shots):
    pharmacist_of(portal)
    card = member(portal)
    with (
        visiting(chromium, portal) as alix,
        visiting(chromium, portal) as basile,
        visiting(chromium, portal) as visitor,
    ):
        visitor.sign_in()
        page = enrolled(alix, portal.world.staff("alix"))
        page.select_option("#cut-scope", "platform")
        page.select_option("#cut-why", "suspicion")
        page.click("#cut button")
        expect(page.locator("#notice")).to_contain_text("C'est fait")
        expect(page.locator("#cuts")).to_contain_text("Toute la plateforme")

        # Whoever was asking is told, and led to the verifier; so is whoever comes.
        visitor.ask_code(card.code)
        expect(visitor.page.locator("#notice")).to_contain_text("vérifiez-la hors ligne")
        closed = visitor.go("/home")
        expect(closed.locator('a[href="/verify/"]')).to_be_visible()
        shot(visitor, shots, "portal-cut")
        visitor.go("/status")
        expect(closed.locator("#cut").locator("..")).to_contain_text("Toute la plateforme")
        shot(visitor, shots, "status-cut")

        # Staff goes on: one proposes, another agrees.
        page.locator("#cuts button").click()
        expect(page.locator("#notice")).to_contain_text("C'est fait")
        page = enrolled(basile, portal.world.staff("basile"))
        expect(page.locator("#proposals")).to_contain_text("platform")
        page.locator("#proposals button").click()
        expect(page.locator("#notice")).to_contain_text("C'est fait")
        expect(page.locator("#cuts button")).to_have_count(0)
        assert portal.world.details(EntryType.CUT_OFF)[-1]["by"] == "alix+basile"

        # What one opens again, one opens again.
        page.select_option("#cut-scope", "channel")
        page.fill("#cut-what", "billing")
        page.click("#cut button")
        expect(page.locator("#cuts")).to_contain_text("billing")
        page.locator("#cuts button").click()
        expect(page.locator("#cuts button")).to_have_count(0)
        visitor.complaints.clear()


# For everybody


def pages_of(visitor, name):
    """Each page as somebody sees it who is signed in."""
    yield "sign-in", "/"
    yield "enrol", "/enrol"
    yield "lost", "/nowhere"
    yield "status", "/status"
    visitor.sign_in()
    for path in ("/home", "/account", "/delegates"):
        yield path.strip("/"), path
    del name


def test_no_page_shuts_anybody_out(chromium, portal, shots, axe):
    """WCAG 2.2 A and AA, by axe-core, light and dark, wide and at 360 pixels."""
    name = pharmacist_of(portal)
    card = member(portal)
    found = {}
    more = {"viewport": NARROW, "bypass_csp": True}
    with visiting(chromium, portal, **more) as visitor:
        for page_name, path in pages_of(visitor, name):
            page = visitor.go(path)
            page.wait_for_load_state("networkidle")
            if path == "/home":
                visitor.ask_code(card.code)
                visitor.answer("open")
            if wrong := violations(page, axe):
                found[page_name] = wrong
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= NARROW["width"], (page_name, width)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                shot(visitor, shots, f"narrow-{scheme}-{page_name}")
        visitor.complaints.clear()
    assert found == {}


def test_an_insurers_people_see_their_own_and_prove_it(chromium, portal, shots):
    pharmacist_of(portal)
    card = member(portal)
    amc = int(portal.world.insurer.amc)
    with visiting(chromium, portal) as pharmacist:
        pharmacist.sign_in()
        pharmacist.ask_code(card.code)
        assert "Droits ouverts" in pharmacist.answer("open")
    portal.world.facts.feeds[amc] = FeedSeen(sequence=7, whole=True, at=0)
    with visiting(chromium, portal) as visitor:
        page = enrolled(visitor, portal.world.staff("odile", Role.INSURER_MANAGER, amc), "insurer")
        expect(page.locator("#state")).to_contain_text("n° 7")
        expect(page.locator("#feed-late")).to_be_visible()
        expect(page.locator("#counts")).to_be_hidden()
        shot(visitor, shots, "insurer-manager")
    with visiting(chromium, portal) as visitor:
        page = enrolled(visitor, portal.world.staff("paul", Role.INSURER_DPO, amc), "insurer")
        expect(page.locator("#days tr")).to_have_count(1)
        expect(page.locator("#days tr")).to_contain_text("Ouverte")
        expect(page.locator("#state")).to_be_hidden()
        with portal.world.lock:
            portal.world.service.ledger.publish()
            rows = enumerate(portal.world.store.rows)
            index = next(at for at, row in rows if decode(row.body).type is EntryType.QUESTION)
        page.fill("#index", str(index))
        page.click("#prove button")
        expect(page.locator("#proof")).to_contain_text("rempart/entry-proof/1")
        shot(visitor, shots, "insurer-dpo")


def test_the_page_of_an_insurer_shuts_nobody_out(chromium, portal, axe):
    portal.world.facts.feeds[99990001] = FeedSeen(sequence=7, whole=True, at=0)
    with visiting(chromium, portal) as visitor:
        page = enrolled(visitor, portal.world.staff("igas", Role.INSPECTOR))
        page = visitor.go("/insurer")
        page.fill("#which-amc", "99990001")
        page.click("#which button")
        expect(page.locator("#checkpoint")).not_to_be_empty()
        for section in ("state", "feed-late", "list-late", "feed-storm", "hour-closed", "proven"):
            page.evaluate("id => { document.getElementById(id).hidden = false }", section)
        assert not violations(page, axe)


def test_the_console_shuts_nobody_out(chromium, portal, shots, axe):
    portal.world.move(pharmacist_of(portal), Stage.NARROWED)
    with visiting(chromium, portal, bypass_csp=True) as visitor:
        page = enrolled(visitor, portal.world.staff("alix"))
        assert violations(page, axe) == []
        shot(visitor, shots, "console")
        page.set_viewport_size(NARROW)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_the_journey_by_keyboard_alone(chromium, portal):
    pharmacist_of(portal)
    card = member(portal)
    with visiting(chromium, portal) as visitor:
        page = visitor.sign_in()
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.insert_text(card.code)
        page.keyboard.press("Enter")
        assert "Droits ouverts" in visitor.answer("open")
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.insert_text(card.code)
        page.keyboard.press("Enter")
        expect(page.locator("#code")).to_have_value("")
        seen = []
        for _ in range(14):
            page.keyboard.press("Tab")
            seen.append(
                page.evaluate("document.activeElement.id || document.activeElement.tagName")
            )
        assert "amc" in seen
        assert "rank" in seen


def test_where_pro_sante_connect_is_not_set_up_the_page_says_so(chromium, tmp_path, shots):
    with (
        running_portal(tmp_path, with_pro_sante=False, helpdesk="") as portal,
        visiting(chromium, portal) as visitor,
    ):
        page = visitor.go("/")
        expect(page.locator("#psc-not-set-up")).to_contain_text("n'est pas configuré")
        expect(page.locator("#pro-sante")).to_have_count(0)
        shot(visitor, shots, "no-psc")
