"""The phone's page in a real browser: enrolled, then in flight mode, read from its screen."""

import io
import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from rempart.domain.disclosure import Outcome, Presence, decode
from rempart.domain.invitation import InvitationCode
from rempart.tlog.note import NoteKey
from rempart.usecases.messages import Answered
from rempart.usecases.seal_presence import note_text
from tests.browsers import violations
from tests.next_pages import next_version, take_next
from tests.phone_pages import CHILD, MEMBER, OTHER_SITE, micros, phone_host

title = "The phone's page in a browser"

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 360, "height": 640}


@pytest.fixture
def host(tmp_path):
    with phone_host(tmp_path / "page") as running:
        yield running


class Member:
    """A member with a phone, and all that it asks for and complains of."""

    def __init__(self, chromium, address, **context):
        given = {"viewport": PHONE, "device_scale_factor": 2, "locale": "fr-FR"} | context
        self.context = chromium.new_context(**given)
        self.page, self.address = self.context.new_page(), address
        self.complaints, self.asked, self.may_ask = [], [], ()
        self.page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.context.on("request", lambda request: self.asked.append(request.url))

    def open(self):
        self.page.goto(self.address)
        expect(self.page.locator("#content")).to_be_visible()
        return self.page

    def ready(self):
        """The page's files are kept."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")

    def enrol(self, code):
        if self.page.locator("#add").get_attribute("open") is None:
            self.page.locator("#add summary").click()
        self.page.locator("#invitation").fill(code)
        self.page.locator("#enrol").click()

    def shows(self, way):
        expect(self.page.locator(f"#code[data-way={way}] svg")).to_be_visible()

    def scanned(self):
        """What a scanner reads of the screen: the page as it stands, the code somewhere on it."""
        drawn = self.page.locator("#code").screenshot()
        (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(drawn)))
        return found.text


@contextmanager
def phone(chromium, host, **context):
    member = Member(chromium, host.address, **context)
    try:
        yield member
        expected = ("net::ERR_", "status of 403", "status of 429", "status of 404")
        assert not [text for text in member.complaints if not any(e in text for e in expected)]
        assert all(url.startswith((host.address, *member.may_ask)) for url in member.asked)
    finally:
        member.context.close()


@contextmanager
def enrolled(chromium, host, **context):
    with phone(chromium, host, **context) as member:
        member.open()
        member.enrol(host.desk.code(MEMBER))
        member.shows("fresh")
        member.ready()
        yield member


# In flight mode


def test_with_the_network_off_the_page_makes_codes_that_the_vault_answers_fresh(
    chromium, host, shots
):
    with enrolled(chromium, host) as member:
        member.context.set_offline(True)
        host.stop()
        page = member.page
        page.reload()
        member.shows("fresh")
        shots.take(page, "phone-fresh")
        code = member.scanned()
        reply = host.ask(code)
        assert isinstance(reply, Answered)
        assert (reply.in_force, reply.mode) == (True, "TM")
        entry = decode(host.world.store.rows[-1].body)
        assert (entry.presence, entry.outcome) == (Presence.FRESH, Outcome.OPENED)

        # Who filmed the screen has nothing of it.
        assert host.ask(code, OTHER_SITE).detail.startswith("once:")

        # For who verifies without a network: the card itself, as it was printed.
        page.locator("#way-card").click()
        member.shows("card")
        shots.take(page, "phone-card")
        (printed,) = host.desk.insurer.cards(MEMBER)
        assert member.scanned() == printed.code

        page.locator("#way-fresh").click()
        member.shows("fresh")
        again = member.scanned()
        assert again != code
        assert isinstance(host.ask(again, OTHER_SITE), Answered)
        host.start()


def test_a_new_code_comes_within_half_a_minute(chromium, host):
    with phone(chromium, host) as member:
        member.page.clock.install(time=datetime.now(UTC))
        member.open()
        member.enrol(host.desk.code(MEMBER))
        member.shows("fresh")
        first = member.scanned()
        drawn = member.page.locator("#code path")
        before = drawn.get_attribute("d")
        member.page.clock.run_for(10_000)
        assert drawn.get_attribute("d") == before
        member.page.clock.run_for(21_000)
        expect(drawn).not_to_have_attribute("d", before)
        assert member.scanned() != first


def test_no_script_reads_the_key(chromium, host):
    with enrolled(chromium, host) as member:
        found = member.page.evaluate("""async () => {
          const opening = indexedDB.open("rempart-phone", 1);
          await new Promise((done) => { opening.onsuccess = done; });
          const all = opening.result.transaction("cards").objectStore("cards").getAll();
          await new Promise((done) => { all.onsuccess = done; });
          const [{ key, code }] = all.result, refused = [];
          for (const format of ["pkcs8", "jwk", "raw"]) {
            await crypto.subtle.exportKey(format, key).catch(() => refused.push(format));
          }
          return { extractable: key.extractable, type: key.type, refused, code };
        }""")
        assert found == {
            "extractable": False,
            "type": "private",
            "refused": ["pkcs8", "jwk", "raw"],
            # The enrolment code is not kept once it has served.
            "code": "",
        }


# Who asked about me


def test_what_a_frozen_account_read_is_looked_into_and_never_nothing(chromium, host, shots):
    with enrolled(chromium, host) as member:
        page = member.page
        member.may_ask = (f"http://localhost:{host.platform.port}/",)
        assert isinstance(host.ask(host.card.code, OTHER_SITE), Answered)
        host.freeze(OTHER_SITE)
        page.locator("#ask-history").click()
        expect(page.locator("#history-verdict")).to_contain_text("on ne sait pas encore")
        expect(page.locator("#answers li").nth(0)).to_contain_text("examen en cours")
        page.locator("#history").scroll_into_view_if_needed()
        shots.take(page, "phone-history-looked-into")


def test_a_member_sees_who_read_them_and_nobody_else_does(chromium, host, shots):
    with enrolled(chromium, host) as member:
        page, (own, door) = member.page, (host.address, f"http://localhost:{host.platform.port}/")
        assert isinstance(host.ask(member.scanned()), Answered)
        assert isinstance(host.ask(host.card.code, OTHER_SITE), Answered)
        assert all(url.startswith(own) for url in member.asked), "nobody is asked before a press"

        member.may_ask = (door,)
        page.locator("#ask-history").click()
        answers, verdict = page.locator("#answers li"), page.locator("#history-verdict")
        expect(verdict).to_contain_text("Aucune de ces réponses")
        assert host.found(OTHER_SITE) > 0
        page.locator("#ask-history").click()
        expect(verdict).to_contain_text("Vous êtes concerné")
        expect(answers).to_have_count(2)
        expect(answers.nth(0)).to_contain_text("Pharmacie Pharmacy")
        expect(answers.nth(0)).to_contain_text("Fuite déclarée")
        expect(answers.nth(1)).to_contain_text("Téléphone du patient")
        expect(answers.nth(1)).not_to_contain_text("Fuite déclarée")
        expect(page.locator("#history-told")).to_contain_text("2/2")
        page.locator("#history").scroll_into_view_if_needed()
        shots.take(page, "phone-history")
        posted = [url for url in member.asked if url.startswith(door)]
        assert posted == 2 * [f"{door}history"], "what is asked stands in no address"

        # A reload keeps nothing; the day's count is the vault's.
        page.reload()
        member.shows("fresh")
        expect(answers).to_have_count(0)
        page.locator("#ask-history").click()
        expect(answers).to_have_count(2)
        expect(page.locator("#history-asked")).to_be_visible()
        page.locator("#ask-history").click()
        expect(page.locator("#history-told")).to_contain_text("demandez à votre complémentaire")
        expect(answers).to_have_count(0)
        shots.take(page, "phone-history-refused")

        host.platform.stop()
        page.locator("#ask-history").click()
        expect(page.locator("#history-told")).to_contain_text("Revenez plus tard")


def test_without_an_enrolled_phone_one_is_sent_to_the_insurer(chromium, host):
    with phone(chromium, host) as member:
        page = member.open()
        expect(page.locator("#history-told")).to_contain_text("demandez à votre complémentaire")
        expect(page.locator("#ask-history")).to_be_disabled()


# Enrolment


def test_a_wrong_a_used_and_a_cards_own_code_enrol_nothing(chromium, host):
    used = host.desk.code(MEMBER)
    (printed,) = host.desk.insurer.cards(MEMBER)
    with phone(chromium, host) as member:
        member.open()
        member.enrol(used)
        member.shows("fresh")
    with phone(chromium, host) as member:
        page = member.open()
        for code in (used, InvitationCode.of(bytes(10)).printed):
            member.enrol(code)
            expect(page.locator("#told")).to_contain_text("n'enrôle pas")
        for code in (printed.printed_key, printed.code[:40]):
            member.enrol(code)
            expect(page.locator("#told")).to_contain_text("16 lettres et chiffres")
        expect(page.locator("#showing")).to_be_hidden()
        assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 1


def test_an_insurer_that_does_not_answer_is_asked_again_with_the_same_key(chromium, host):
    code = host.desk.code(MEMBER)
    with phone(chromium, host) as member:
        page = member.open()
        member.ready()
        page.wait_for_load_state("networkidle")
        host.stop()
        member.enrol(code)
        expect(page.locator("#told")).to_contain_text("ne répond pas")
        expect(page.locator("#by-hand")).to_be_visible()
        # The answer may have got lost: the request is the same key's.
        handed_in = json.loads(page.locator("#request").input_value())
        host.answer(json.dumps(handed_in).encode(), now=host.desk.now)
        host.start()
        member.enrol(code)
        expect(page.locator("#told")).to_contain_text("est enrôlé")
        member.shows("fresh")
        assert isinstance(host.ask(member.scanned()), Answered)


def test_an_answer_is_taken_by_hand_for_its_own_key_alone(chromium, host):
    first, second = (host.desk.code(each) for each in (MEMBER, CHILD))
    with phone(chromium, host) as member:
        page = member.open()
        member.ready()
        page.wait_for_load_state("networkidle")
        host.stop()
        member.enrol(first)
        expect(page.locator("#told")).to_contain_text("ne répond pas")
        expect(page.locator("#by-hand")).to_be_visible()
        request = page.locator("#request").input_value().encode()
        page.locator("#answer").fill('{"phone_card": "", "card": ""}')
        page.locator("#by-hand button").click()
        expect(page.locator("#told")).to_contain_text("pas pour ce téléphone")
        page.locator("#answer").fill(host.answer(request, now=micros() // 1_000_000).decode())
        page.locator("#by-hand button").click()
        member.shows("fresh")
        assert isinstance(host.ask(member.scanned()), Answered)
        host.start()
        member.enrol(second)
        expect(page.locator("#which")).to_be_visible()
        expect(page.locator("#cards option")).to_have_text(["Carte 1 · 1980", "Carte 2 · 2019"])


def test_a_card_that_is_removed_takes_its_key_with_it(chromium, host):
    with enrolled(chromium, host) as member:
        page = member.page
        page.locator("#forget").click()
        page.locator("#sure button[value=yes]").click()
        expect(page.locator("#showing")).to_be_hidden()
        page.reload()
        expect(page.locator("#invitation")).to_be_visible()
        expect(page.locator("#showing")).to_be_hidden()


# Whom it believes


def note_of(host, *, key=None, hours=24, until=None):
    """A note as the vault signs it, or somebody else under its name."""
    signer = key or host.world.service.ledger.signer
    end = until or micros() + hours * 3_600_000_000
    return signer.sign(note_text(signer.origin, b"\7" * 32, until=end))


def test_a_key_that_the_vault_did_not_sign_is_not_believed(chromium, host):
    stranger = NoteKey(host.world.service.ledger.signer.origin, b"x" * 32)
    host.publish(note_of(host, key=stranger))
    with phone(chromium, host) as member:
        member.open()
        member.enrol(host.desk.code(MEMBER))
        member.shows("card")
        expect(member.page.locator("#why")).to_contain_text("connectez-vous une fois")
        expect(member.page.locator("#way-fresh")).to_be_disabled()
        host.publish(host.world.presence_note())
        member.page.reload()
        member.shows("fresh")


def test_past_its_date_the_page_says_so_and_shows_the_card(chromium, host, shots):
    host.publish(note_of(host, hours=-1))
    with phone(chromium, host) as member:
        page = member.open()
        member.enrol(host.desk.code(MEMBER))
        member.shows("card")
        expect(page.locator("#why")).to_contain_text("plus d'un jour")
        shots.take(page, "phone-old")
        (printed,) = host.desk.insurer.cards(MEMBER)
        assert member.scanned() == printed.code


def test_an_older_note_is_not_taken_for_a_newer_one(chromium, host):
    with enrolled(chromium, host) as member:
        host.publish(note_of(host, hours=1))
        member.page.reload()
        member.shows("fresh")
        member.page.wait_for_load_state("networkidle")
        assert isinstance(host.ask(member.scanned()), Answered)


def test_a_clock_that_is_wrong_is_told(chromium, host):
    with phone(chromium, host) as member:
        member.page.clock.install(time=datetime.now(UTC) - timedelta(minutes=5))
        page = member.open()
        expect(page.locator("#clock")).to_contain_text("n'est pas à l'heure")


# For everybody


def test_the_page_shuts_nobody_out(chromium, axe, host):
    with enrolled(chromium, host, viewport=NARROW, bypass_csp=True) as member:
        page = member.page
        page.locator("#add summary").click()
        for way in ("card", "fresh"):
            page.locator(f"#way-{way}").click()
            member.shows(way)
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
            assert violations(page, axe) == []
        assert page.locator("[lang=en]").count() > 20


def test_it_can_be_installed(chromium, host):
    with phone(chromium, host) as member:
        page = member.open()
        member.ready()
        tools = member.context.new_cdp_session(page)
        found = tools.send("Page.getInstallabilityErrors")["installabilityErrors"]
        # A browser of tests is a private window; nothing else speaks against it.
        assert {each["errorId"] for each in found} <= {"in-incognito"}


def test_its_policy_lets_nothing_else_in(chromium, host):
    with phone(chromium, host) as member:
        page = member.open()
        policy = page.locator("meta[http-equiv]").get_attribute("content")
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "connect-src 'self'" in policy


def test_the_next_version_of_the_page_keeps_cards(chromium, host):
    with enrolled(chromium, host) as member:
        member.ready()
        take_next(member.page, next_version(host.folder, "phone", "page.css", b"/* next */\n"))
        member.page.reload()
        member.shows("fresh")
