"""The offline page in a real browser: with the network off, a thief of lists, a slow clock."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from rempart.usecases.p256_keys import point_of
from rempart.usecases.take_lists import fingerprint_of
from tests.browsers import SCHEMES, violations
from tests.counters import NARROW, WIDE, at_the_counter
from tests.next_pages import next_version, take_next
from tests.offline_pages import DAY, NAME, OPERATOR, card, static_host
from tests.portals import running_portal

title = "The offline page in a browser"

VECTORS = Path(__file__).parents[2] / "specs/vectors"
YEAR = datetime.now(UTC).year


@pytest.fixture
def site(tmp_path):
    with static_host(tmp_path) as running:
        yield running


# With the network off


def test_a_card_is_verified_with_the_network_off(chromium, site, shots):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        counter.ready()
        counter.scan(card())
        assert "Droits prouvés" in counter.verdict("good")
        shots.take(page, "offline-good")

        counter.context.set_offline(True)
        site.host.shutdown()
        site.host.server_close()
        page.reload()
        expect(page.locator("#refreshed")).to_contain_text("Pas de réseau")
        expect(page.locator("#age")).to_contain_text("il y a 1 jour")
        counter.scan(card())
        told = counter.verdict("good")
        assert "Servez en tiers payant" in told
        assert "Serve in tiers payant" in told
        assert NAME in told
        counter.scan(card(place=3))
        assert "L'assureur a mis fin" in counter.verdict("refused")
        counter.scan(card(forged=True))
        assert "ce code est un faux" in counter.verdict("refused")
        assert counter.step() == "authentic"


def test_what_is_read_is_neither_kept_nor_sent(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        counter.ready()
        page.wait_for_load_state("networkidle")
        before = len(counter.asked)
        code = card()
        counter.scan(code)
        counter.verdict("good")
        expect(page.locator("#code")).to_have_value("")
        assert counter.asked[before:] == []
        assert page.url == counter.address
        assert code[4:40] not in page.content()
        kept = page.evaluate("""async () => {
          const stores = [localStorage, sessionStorage].map((each) => JSON.stringify(each));
          const said = [...stores, document.cookie];
          for (const name of await caches.keys()) {
            for (const each of await (await caches.open(name)).keys()) said.push(each.url);
          }
          const open = indexedDB.open("rempart-verify", 1);
          await new Promise((done) => { open.onsuccess = done; });
          const all = open.result.transaction("lists").objectStore("lists").getAllKeys();
          await new Promise((done) => { all.onsuccess = done; });
          return [said.join(), all.result];
        }""")
        assert code[4:40] not in kept[0]
        assert kept[1] == ["kept"]


def test_a_static_copy_needs_no_server_of_ours_and_asks_no_third_party(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        counter.ready()
        policy = page.locator("meta[http-equiv]").get_attribute("content")
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        told = page.evaluate("""async () => {
          const inline = document.createElement("script");
          let written;
          try {
            inline.textContent = "window.ran = 1";
            document.body.append(inline);
          } catch (e) { written = e.name; }
          const sent = await fetch("https://example.org/").then(() => "sent", () => "stopped");
          return [window.ran ?? null, written, sent];
        }""")
        assert told == [None, "TypeError", "stopped"]
        counter.complaints.clear()


# Lists


def test_lists_rolled_back_by_the_host_are_refused(chromium, site, shots):
    old = site.published.trust(7), site.published.status(made=-DAY, over=9)
    site.publish(site.published.trust(8), site.published.status())
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        expect(page.locator("#trust")).to_contain_text("no. 8,")
        site.publish(*old)
        page.click("#refresh")
        expect(page.locator("#notice")).to_contain_text("plus ancienne que la vôtre")
        expect(page.locator("#trust")).to_contain_text("no. 8,")
        shots.take(page, "offline-rolled-back")
        # The card that the newer list ends stays ended, after a reload too.
        page.reload()
        expect(page.locator("#notice")).to_contain_text("plus ancienne que la vôtre")
        counter.scan(card(place=3))
        counter.verdict("refused")
        assert counter.step() == "status"


def test_lists_of_another_operator_are_refused(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        vectors = json.loads((VECTORS / "verification.json").read_text("utf-8"))
        foreign = bytes.fromhex(vectors["lists"][0])
        site.publish(foreign)
        page.click("#refresh")
        expect(page.locator("#notice")).to_contain_text("pas signée par cet opérateur")
        counter.scan(card())
        counter.verdict("good")


def test_newer_lists_are_taken_and_the_card_they_end_is_over(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        counter.scan(card())
        counter.verdict("good")
        site.publish(site.published.trust(8), site.published.status(made=-60, over=2))
        page.click("#refresh")
        expect(page.locator("#trust")).to_contain_text("no. 8,")
        counter.page.locator("#code").focus()
        counter.scan(card())
        counter.verdict("refused")


def test_lists_are_taken_from_files(chromium, site, tmp_path):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        newer = tmp_path / "trust.cbor"
        newer.write_bytes(site.published.trust(12))
        page.set_input_files("#files", [newer])
        expect(page.locator("#trust")).to_contain_text("no. 12,")
        newer.write_bytes(site.published.trust(11))
        page.set_input_files("#files", [newer])
        expect(page.locator("#notice")).to_contain_text("plus ancienne que la vôtre")


def test_a_list_past_its_end_is_said_in_red_and_leaves_cards_unchecked(chromium, site, shots):
    site.publish(site.published.trust(until=-60), site.published.status(made=-2 * DAY, until=-60))
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        expect(page.locator("#age .late")).to_contain_text("périmée")
        counter.scan(card())
        assert "fin non vérifiée" in counter.verdict("unchecked")
        assert "périmée" in counter.verdict("unchecked")
        assert "liste plus récente" in counter.verdict("unchecked")
        counter.scan(card(place=None))
        assert "avant les listes" in counter.verdict("unchecked")
        shots.take(page, "offline-unchecked")


def test_one_begins_again_with_another_operator_only_on_purpose(chromium, site):
    site.publish(site.published.trust(9))
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        site.publish(site.published.trust(7))
        page.click("summary")
        page.click("#begin-again")
        # A scanner's Enter forgets nothing.
        counter.scan(card())
        expect(page.locator("#sure")).to_be_hidden()
        expect(page.locator("#trust")).to_contain_text("no. 9,")
        page.click("#begin-again")
        page.click('#sure [value="yes"]')
        expect(page.locator("#trust")).to_contain_text("no. 7,")
        read_out = fingerprint_of(point_of(OPERATOR.public_key()))
        expect(page.locator("#fingerprint")).to_have_text(read_out)


def test_a_clock_that_is_set_back_is_told(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        counter.open()
        counter.page.clock.set_fixed_time(datetime.fromtimestamp(site.published.now - 2 * DAY, UTC))
        counter.scan(card())
        assert "horloge de ce poste retarde" in counter.verdict("refused")
        assert counter.step() == "clock"


def test_a_page_that_has_changed_is_taken_whole_and_the_lists_stay(chromium, site):
    site.publish(site.published.trust(8))
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        counter.ready()
        name = next_version(site.out, "verify", "page.css", b"h1 { letter-spacing: 7px; }\n")
        page.reload()
        looks = "getComputedStyle(document.querySelector('h1')).letterSpacing"
        assert page.evaluate(looks) == "normal", "what is kept is what is shown"
        take_next(page, name)
        (site.out / "lists/trust.cbor").write_bytes(site.published.trust(7))
        (site.out / "page.css").unlink()
        page.reload()
        assert page.evaluate(looks) == "7px"
        expect(page.locator("#trust")).to_contain_text("no. 8,")


GIVEN_UP = """async () => (await caches.keys()).length === 1
  && !await navigator.serviceWorker.getRegistration()"""


def test_a_file_that_comes_torn_is_not_kept(chromium, site):
    style = site.out / "page.css"
    whole = style.read_bytes()
    style.write_bytes(whole[: len(whole) // 2])
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        page.wait_for_function(GIVEN_UP)
        style.write_bytes(whole)
        page.reload()
        counter.ready()


# The published vectors


EVERY_VECTOR = (Path(__file__).parents[1] / "js/vectors.js").read_text("utf-8")


def test_every_published_vector_holds_in_the_browser(chromium, site):
    cards, offline = (
        json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
        for name in ("card", "verification")
    )
    with at_the_counter(chromium, site.address) as counter:
        told = counter.open().evaluate(EVERY_VECTOR, [cards, offline])
    assert told["cards"] == [vector["secret"] for vector in cards["cards"]]
    assert told["refused"] == [vector["step"] for vector in cards["refused"]]
    assert told["verdicts"] == [
        [vector[name] for name in ("finding", "step", "insurer", "mode", "list_made")]
        for vector in offline["cards"]
    ]
    assert told["lists"] == [vector["step"] for vector in offline["refused_lists"]]
    assert told["turned"] == [vector["taken"] for vector in offline["turned"]]


# Ways in


AZERTY = str.maketrans("1234567890AQZWM:-./$%*+ ", "&é\"'(-è_çàQAWZ?M)!;¤ù8$ ".ljust(24))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (lambda code: code.translate(AZERTY), "disposition de ce clavier"),
        (lambda code: "RP!>" + code[4:], "disposition de ce clavier"),
        (lambda code: code[:100] + "é" + code[100:], "disposition de ce clavier"),
        (str.swapcase, "verrouillage des majuscules"),
        (lambda code: code[:90], "incomplet"),
        (lambda _: "https://example.org/", "commencerait par RP1:"),
        (lambda _: "RF1:" + "A0" * 261, "code du moment"),
    ],
)
def test_what_a_scanner_types_wrongly_is_named(chromium, site, typed, said):
    with at_the_counter(chromium, site.address) as counter:
        counter.open()
        counter.scan(typed(card()))
        assert said in counter.verdict("refused")
        assert counter.step() == "well-formed"
        counter.scan(card())
        assert said not in counter.verdict("good")


def test_a_scanner_types_one_code_after_the_other(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.type(card())
        page.keyboard.press("Enter")
        counter.verdict("good")
        expect(page.locator("#code")).to_be_focused()
        code = card(place=3)
        page.keyboard.type(code[:5])
        expect(page.locator("#verdict")).to_be_empty()
        page.keyboard.type(code[5:])
        page.keyboard.press("Enter")
        counter.verdict("refused")
        # Also when somebody has clicked beside every field.
        page.locator("h1").click()
        page.keyboard.type(card())
        page.keyboard.press("Enter")
        counter.verdict("good")


def test_ten_megabytes_are_answered_at_once(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        counter.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = counter.open()
        page.evaluate("navigator.clipboard.writeText('RP1:' + 'A'.repeat(10_000_000))")
        started = time.monotonic()
        page.keyboard.press("Control+V")
        page.keyboard.press("Enter")
        counter.verdict("refused")
        assert time.monotonic() - started < 10
        assert counter.step() == "well-formed"
        in_the_module = page.evaluate("""async () => {
          const { readCard } = await import("./card-verifier/index.js");
          const started = performance.now();
          const code = "RP1:" + "A".repeat(10_000_000);
          const step = await readCard(code, () => null).catch((error) => error.step);
          return [step, performance.now() - started < 1000];
        }""")
        assert in_the_module == ["well-formed", True]


CAMERA = """
const code = %s;
window.BarcodeDetector = class {
  static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
  detect() { return Promise.resolve([{ rawValue: code }]); }
};
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(0, 0, 9, 9);
  return canvas.captureStream(10);
};
"""


def test_the_camera_reads_where_the_browser_can(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        counter.page.add_init_script(CAMERA % json.dumps(card()))
        page = counter.open()
        page.click("#camera")
        counter.verdict("good")
        expect(page.locator("#video")).to_be_hidden()


def test_where_the_browser_cannot_read_codes_the_page_says_so(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        counter.page.add_init_script("delete window.BarcodeDetector")
        page = counter.open()
        told = page.locator("#no-camera")
        for what_to_do in ("utilisez un lecteur (douchette)", "collez le code", "Chrome"):
            expect(told).to_contain_text(what_to_do)
        expect(told).to_be_visible()
        expect(page.locator("#camera")).to_be_hidden()


REFUSED = """
navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
"""


def test_where_the_camera_is_refused_the_page_says_what_to_do(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        counter.page.add_init_script(CAMERA % json.dumps(card()) + REFUSED)
        page = counter.open()
        expect(page.locator("#no-camera")).to_be_hidden()
        page.click("#camera")
        expect(page.locator("#notice")).to_contain_text("collez le code")
        expect(page.locator("#video")).to_be_hidden()


def test_day_and_domain_are_asked(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        page.fill("#date", f"{YEAR + 1}-01-01")
        page.locator("#code").focus()
        counter.scan(card())
        assert "Demandez la carte en cours" in counter.verdict("refused")
        page.fill("#date", datetime.now(UTC).date().isoformat())
        page.select_option("#domain", "OPTI")
        page.locator("#code").focus()
        counter.scan(card())
        assert "accord préalable" in counter.verdict("good")
        page.select_option("#domain", "AUDI")
        page.locator("#code").focus()
        counter.scan(card())
        assert "le patient règle sa part" in counter.verdict("refused")


def test_a_page_left_open_overnight_asks_about_the_new_day(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        page.clock.set_fixed_time(datetime(YEAR + 1, 1, 2, 9, tzinfo=UTC))
        counter.scan(card())
        assert "Demandez la carte en cours" in counter.verdict("refused")
        assert page.locator("#date").input_value() == f"{YEAR + 1}-01-02"


# For everybody, and from the portal


def test_the_page_shuts_nobody_out(chromium, site, shots, axe):
    more = {"viewport": NARROW, "bypass_csp": True}
    with at_the_counter(chromium, site.address, **more) as counter:
        page = counter.open()
        page.click("summary")
        for name, code in (
            ("good", card()),
            ("refused", card(forged=True)),
            ("unchecked", card(place=None)),
        ):
            page.locator("#code").focus()
            counter.scan(code)
            counter.verdict(name)
            assert violations(page, axe) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                shots.take(page, f"offline-narrow-{scheme}-{name}")
        page.set_viewport_size(WIDE)
        shots.take(page, "offline-wide")


def test_opened_as_a_file_the_page_says_why_it_does_not_run(chromium, site):
    context = chromium.new_context()
    page = context.new_page()
    page.goto((site.out / "index.html").as_uri())
    expect(page.locator("#stopped")).to_contain_text("https://")
    expect(page.locator("#content")).to_be_hidden()
    context.close()


def test_the_portal_serves_it_with_the_lists_of_the_moment(chromium, site, tmp_path):
    with running_portal(tmp_path) as portal:
        address = f"{portal.origin}/verify/"
        with at_the_counter(chromium, address, ignore_https_errors=True) as counter:
            page = counter.open()
            counter.scan(card())
            counter.verdict("good")
            site.published.publish(site.published.trust(8))
            page.click("#refresh")
            expect(page.locator("#trust")).to_contain_text("no. 8,")
            # Under a certificate that it does not know, a browser keeps no page.
            counter.complaints.clear()
