"""A sale on the offline page in a real browser: quoted, bound with the network off, honoured."""

import json
import time
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from rempart.adapters.memory.claims import MemorySales
from rempart.domain.coverage import Domain, Mode
from rempart.domain.cut_history import Span
from rempart.domain.devices import Device
from rempart.domain.guarantee import OfCard
from rempart.domain.tariff import france
from rempart.sealing.cose import kid_of
from rempart.usecases.card_lists import read_guarantees
from rempart.usecases.judge_undertakings import (
    Books,
    Deposited,
    JudgeUndertakings,
    Ruling,
    Standing,
)
from rempart.usecases.p256_keys import key_at, point_of
from rempart.usecases.undertake import read_undertaking
from tests.browsers import SCHEMES, violations
from tests.counters import NARROW, WIDE, at_the_counter
from tests.offline_pages import AMC, DAY, INSURER, NAME, card, static_host

title = "A sale on the offline page"

HOUR = 3_600
SEES = ((Domain.PHAR, Mode.TM), (Domain.SVIL, Mode.TM), (Domain.OPTI, Mode.PEC))
EVERYTHING = tuple((domain, Mode.PEC) for domain in Domain)
GLASSES = (("optics-frame-a", "30"), ("optics-lens-a", "32,50"), ("optics-lens-a", "32.50"))


@pytest.fixture
def site(tmp_path):
    with static_host(tmp_path) as running:
        yield running


def seeing(secret=1, **more):
    """Somebody's card, with doctors and glasses."""
    return card(domains=SEES, secret=bytes([secret]) * 16, **more)


def show(counter, code):
    counter.page.locator("#code").focus()
    counter.scan(code)
    expect(counter.page.locator("#sale")).to_be_visible()


def add(page, what, price, base="", rate=""):
    page.select_option("#what", what)
    page.fill("#price", price)
    if base:
        page.fill("#base", base)
    page.fill("#rate", rate)
    page.keyboard.press("Enter")


def sell(page, lines=GLASSES):
    for count, line in enumerate(lines, start=1):
        add(page, *line)
        expect(page.locator("#shares tbody")).to_have_count(count)


def amounts(row):
    """Cents, as they are shown: price, AMO, AMC, patient."""
    told = [cell.replace("\u202f", "").replace("\xa0", "") for cell in row.all_inner_texts()]
    return [int(cell.replace(",", "")) for cell in told]


def total(page):
    return amounts(page.locator("#total td"))


def prepare(page):
    page.click("#prepare")
    expect(page.locator("#prepared")).to_be_visible()


def bind(page, number):
    page.click("#bind")
    expect(page.locator("#bound .headline")).to_contain_text(f"n° {number} ")


def exported(page):
    """The file that is deposited, and the device's point and key id."""
    with page.expect_download() as download:
        page.click("#export")
    text = download.value.path().read_text("utf-8")
    point = of_base64url(page.locator("#point").text_content())
    assert kid_of(key_at(point)).hex() == page.locator("#kid").text_content()
    links = [json.loads(line) for line in text.splitlines()]
    assert {tuple(link) for link in links} <= {("message", "code")}
    return [Deposited(of_base64url(link["message"]), link["code"]) for link in links], point


def of_base64url(text):
    assert "=" not in text
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def judged(site, links, point, **more):
    """What becomes of a chain on return, after a cut of two hours around now."""
    now = int(time.time())
    public = INSURER.public_key()
    keys = {kid_of(public): public}
    points = {kid: point_of(key) for kid, key in keys.items()}
    books = Books(
        tariff=france(),
        card_key=lambda amc, kid, _: keys.get(kid) if amc == AMC else None,
        statement=lambda amc, _: read_guarantees(site.published.statement(), amc, points),
        standing=lambda amc, place, made: Standing(False),
        sales=MemorySales(),
    )
    device = Device(
        site=1, key_id=kid_of(key_at(point)), point=point, since=(now - DAY) * 1_000_000
    )
    cuts = [Span(since=now - HOUR, until=now + HOUR)]
    return JudgeUndertakings(device, lambda amc: cuts, books)(links, at=now + 2 * HOUR, **more)


# The whole way


def test_sales_bound_with_the_network_off_are_honoured_on_return(chromium, site, shots):
    with at_the_counter(chromium, site.address, accept_downloads=True) as counter:
        page = counter.open()
        counter.ready()
        prepare(page)
        counter.context.set_offline(True)
        site.host.shutdown()
        site.host.server_close()
        page.reload()
        expect(page.locator("#refreshed")).to_contain_text("Pas de réseau")

        codes = [seeing(1), seeing(2), seeing(3)]
        show(counter, codes[0])
        sell(page)
        assert total(page) == [95_00, 17_10, 77_90, 0]
        shots.take(page, "sale-quoted")
        bind(page, 1)
        shots.take(page, "sale-bound")
        expect(page.locator("#sale")).to_be_hidden()
        show(counter, codes[1])
        sell(page, [("optics-lens-b", "150"), ("optics-lens-b", "150")])
        assert total(page) == [300_00, 6, 250_00, 49_94]
        bind(page, 2)
        page.reload()
        expect(page.locator("#signed tr")).to_have_count(2)
        show(counter, codes[2])
        sell(page, [("SVIL", "50", "23")])
        assert total(page) == [50_00, 16_10, 6_90, 27_00]
        bind(page, 3)
        expect(page.locator("#signed-total")).to_contain_text("334,80")
        assert NAME in page.locator("#signed").inner_text()
        links, point = exported(page)

    assert [link.code for link in links] == codes
    rulings = judged(site, links, point)
    assert [(each.number, each.ruling) for each in rulings] == [
        (number, Ruling.HONOURED) for number in (1, 2, 3)
    ]
    assert [each.amc for each in rulings] == [77_90, 250_00, 6_90]


def test_many_in_a_row_are_one_chain_in_low_form(chromium, site):
    """Half of a browser's signatures are in their high form: none of those is told."""
    with at_the_counter(chromium, site.address, accept_downloads=True) as counter:
        page = counter.open()
        prepare(page)
        for number in range(1, 9):
            show(counter, seeing(number))
            sell(page, [("optics-frame-a", "30")])
            bind(page, number)
        links, point = exported(page)
    assert [each.ruling for each in judged(site, links, point)] == [Ruling.HONOURED] * 8


def test_two_tabs_never_sign_one_number(chromium, site):
    with at_the_counter(chromium, site.address, accept_downloads=True) as counter:
        prepare(counter.open())
        pages = [counter.page, counter.context.new_page()]
        pages[1].goto(counter.address)
        for secret, page in enumerate(pages, start=1):
            expect(page.locator("#refreshed")).not_to_be_empty()
            page.fill("#code", seeing(secret))
            page.locator("#code").press("Enter")
            sell(page, [("optics-frame-a", "30")])
        for page in pages:
            page.evaluate("document.getElementById('bind').click()")
        for page in pages:
            expect(page.locator("#bound .owed")).to_contain_text("24,60")
        told = {page.locator("#bound").get_attribute("data-number") for page in pages}
        assert told == {"1", "2"}
        links, point = exported(pages[0])
    made = [read_undertaking(link.message) for link in links]
    assert [each.number for each in made] == [1, 2]
    assert [each.ruling for each in judged(site, links, point)] == [Ruling.HONOURED] * 2


def test_a_double_click_signs_once(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        prepare(page)
        show(counter, seeing())
        sell(page)
        page.evaluate("for (const _ of [1, 2, 3]) document.getElementById('bind').click()")
        expect(page.locator("#bound .headline")).to_contain_text("n° 1 ")
        expect(page.locator("#bind")).to_have_attribute("aria-busy", "false")
        expect(page.locator("#signed-in-all")).to_have_text("1")
        expect(page.locator("#notice")).to_be_empty()


FULL = """() => {
  const { add } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.add = function (...given) {
    const asked = add.apply(this, given);
    this.transaction.abort();
    return asked;
  };
}"""


def test_what_the_browser_could_not_keep_is_shown_to_nobody(chromium, site):
    with at_the_counter(chromium, site.address, accept_downloads=True) as counter:
        page = counter.open()
        prepare(page)
        show(counter, seeing())
        sell(page)
        page.evaluate(FULL)
        page.click("#bind")
        expect(page.locator("#notice")).to_contain_text("Rien n'a été signé")
        expect(page.locator("#bound")).to_be_empty()
        page.reload()
        expect(page.locator("#none-today")).to_be_visible()
        show(counter, seeing(2))
        sell(page)
        bind(page, 1)
        links, point = exported(page)
    assert [each.ruling for each in judged(site, links, point)] == [Ruling.HONOURED]


def test_the_key_does_not_leave_the_device(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        prepare(page)
        told = page.evaluate("""async () => {
          const open = indexedDB.open("rempart-device", 1);
          await new Promise((done) => { open.onsuccess = done; });
          const get = open.result.transaction("device").objectStore("device").get("own");
          await new Promise((done) => { get.onsuccess = done; });
          const { key } = get.result, formats = ["pkcs8", "jwk", "raw"];
          const tried = formats.map((each) => (
            crypto.subtle.exportKey(each, key).then(() => "left", () => "stayed")));
          return [key.type, key.extractable, key.usages, ...await Promise.all(tried)];
        }""")
        assert told == ["private", False, ["sign"], "stayed", "stayed", "stayed"]
        page.reload()
        kid = page.locator("#kid")
        expect(kid).not_to_be_empty()
        first = kid.text_content()
        page.evaluate("import('./chain.js').then(({ prepare }) => prepare())")
        page.reload()
        expect(kid).to_have_text(first)


# What is not bound


def unbound(counter, code, lines, why):
    page = counter.page
    show(counter, code)
    sell(page, lines)
    expect(page.locator("#not-bound")).to_contain_text(why)
    expect(page.locator("#bind")).to_be_hidden()


def test_what_the_insurer_does_not_bear_has_no_button_and_says_why(chromium, site, shots):
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    renewed = OfCard(renewals={Domain.OPTI: tomorrow}).encode()
    frame = [("optics-frame-a", "30")]
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        prepare(page)
        unbound(
            counter, seeing(), [*frame, ("PHAR", "9", "", "65")], "Une ligne n'est pas garantie"
        )
        expect(page.locator(".standing.no")).to_contain_text("hors des garanties")
        unbound(counter, seeing(guarantees=renewed), frame, "Une ligne n'est pas garantie")
        again = f"à nouveau à partir du {tomorrow:%d/%m/%Y}"
        expect(page.locator(".standing.no")).to_contain_text(again)
        shots.take(page, "sale-renewed")
        unbound(counter, seeing(place=None), frame, "avant les listes")
        nothing = OfCard(profile=9).encode()
        unbound(counter, seeing(guarantees=nothing), [("optics-lens-b", "9")], "rien à payer")
        expect(page.locator("#none-today")).to_be_visible()


def test_an_old_list_binds_nobody(chromium, site):
    site.publish(None, site.published.status(made=-8 * DAY))
    with at_the_counter(chromium, site.address) as counter:
        prepare(counter.open())
        unbound(counter, seeing(), GLASSES, "plus ancienne que ce qu'il accepte")


def test_an_insurer_that_guarantees_nothing_is_not_bound(chromium, site):
    site.publish(site.published.trust(statement=b""))
    with at_the_counter(chromium, site.address) as counter:
        prepare(counter.open())
        unbound(counter, seeing(), GLASSES, "ne garantit rien")


def test_a_sale_that_lists_change_meanwhile_is_shown_again_and_not_signed(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        prepare(page)
        show(counter, seeing())
        sell(page, [("optics-lens-b", "200")])
        assert total(page)[2] == 199_95 + 2
        less = site.published.statement(most=100_00)
        site.publish(site.published.trust(8, statement=less))
        page.click("#refresh")
        expect(page.locator("#trust")).to_contain_text("no. 8,")
        page.click("#bind")
        expect(page.locator("#notice")).to_contain_text("n'est plus celle qui était affichée")
        assert total(page)[2] == 100_00
        expect(page.locator("#none-today")).to_be_visible()
        bind(page, 1)


def test_a_card_that_ends_meanwhile_is_sold_nothing_more(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        prepare(page)
        show(counter, seeing())
        sell(page, [("optics-frame-a", "30")])
        site.publish(site.published.trust(8), site.published.status(made=-60, over=2))
        page.click("#refresh")
        expect(page.locator("#trust")).to_contain_text("no. 8,")
        add(page, "optics-lens-a", "30")
        expect(page.locator("#line-wrong")).to_contain_text("L'assureur a mis fin à cette carte")
        page.click("#bind")
        expect(page.locator("#notice")).to_contain_text("Rien n'a été signé")
        expect(page.locator("#none-today")).to_be_visible()


def test_whoever_sells_to_one_card_too_often_is_warned(chromium, site, shots):
    """The third of what the insurer bears twice: on return it would be refused."""
    with at_the_counter(chromium, site.address, accept_downloads=True) as counter:
        page = counter.open()
        prepare(page)
        for number in (1, 2, 3):
            show(counter, seeing())
            sell(page, [("optics-frame-a", "30")])
            warned = page.locator("#again")
            if number < 3:
                expect(warned).to_be_empty()
            else:
                expect(warned).to_contain_text("tous lieux ensemble : 2")
                shots.take(page, "sale-again")
            add(page, "optics-lens-b", "9")
            expect(page.locator("#shares tbody")).to_have_count(2)
            page.click("#shares tbody:last-of-type .drop button")
            expect(page.locator("#shares tbody")).to_have_count(1)
            bind(page, number)
        links, point = exported(page)
    rulings = [(each.ruling, each.rule) for each in judged(site, links, point)]
    assert rulings == [(Ruling.HONOURED, "")] * 2 + [(Ruling.REFUSED, "limit")]


def test_a_refused_card_is_sold_nothing(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        show(counter, seeing())
        counter.scan(seeing(place=3))
        counter.verdict("refused")
        expect(page.locator("#sale")).to_be_hidden()


def test_a_device_without_a_key_shows_amounts_and_binds_nobody(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        show(counter, seeing())
        sell(page)
        expect(page.locator("#no-device")).to_be_visible()
        expect(page.locator("#bind")).to_be_hidden()
        prepare(page)
        bind(page, 1)


# Lines


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("optics-frame-a", "x"), "Écrivez un montant"),
        (("optics-frame-a", ""), "Écrivez un montant"),
        (("optics-frame-a", "30,01"), "Au-dessus du prix limite"),
        (("optics-frame-b", "10 000,01"), "jusqu'à 10 000"),
        (("optics-frame-b", "100", "", "101"), "de 0 à 100"),
        (("PHAR", "10"), "Dites le taux"),
        (("SVIL", "10", "11"), "au plus égale au prix"),
    ],
)
def test_a_line_that_breaks_a_rule_says_which_and_the_others_stay(chromium, site, line, said):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        show(counter, seeing())
        sell(page, [("optics-frame-a", "30")])
        add(page, *line)
        expect(page.locator("#line-wrong")).to_contain_text(said)
        expect(page.locator("#shares tbody")).to_have_count(1)
        add(page, "optics-lens-a", "1 00,00 €")
        expect(page.locator("#shares tbody")).to_have_count(2)
        expect(page.locator("#line-wrong")).to_be_empty()
        assert total(page)[0] == 130_00
        page.click("#shares tbody:first-of-type .drop button")
        expect(page.locator("#shares tbody")).to_have_count(1)
        assert total(page)[0] == 100_00
        page.click("#shares tbody:first-of-type .drop button")
        expect(page.locator("#quoted")).to_be_hidden()


def test_only_what_the_card_covers_is_offered(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        show(counter, seeing())
        offered = page.locator("#what option").evaluate_all("all => all.map((o) => o.value)")
        optics = [item.code for item in france().items if item.domain is Domain.OPTI]
        assert offered == [*optics, "PHAR", "SVIL", "OPTI"]
        text = page.locator("#what option").first.inner_text()
        assert text == "Monture, classe A · Frame, class A"
        for year, there in ((2015, 1), (1963, 0)):
            show(counter, card(domains=EVERYTHING, birth_year=year))
            expect(page.locator('#what option[value="hearing-1-young"]')).to_have_count(there)


def test_the_next_card_ends_the_sale_of_the_one_before(chromium, site):
    """Its code is in no field, no page and no store."""
    code = seeing()
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        prepare(page)
        show(counter, code)
        sell(page)
        page.locator("#code").press("R")
        expect(page.locator("#sale")).to_be_hidden()
        expect(page.locator("#shares tbody")).to_have_count(0)
        assert code[4:40] not in page.content()
        kept = page.evaluate("import('./chain.js').then(({ links }) => links())")
        assert kept == []


def test_a_scanner_in_the_wrong_place_reads_the_next_card_and_presses_nothing(chromium, site):
    """A code has spaces, which press buttons, and Enter does too."""
    code = next(code for code in map(seeing, range(1, 99)) if " " in code)
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        prepare(page)
        for place in ("#bind", "#price", "#rate"):
            show(counter, seeing(99))
            sell(page, [("optics-frame-a", "30")])
            page.locator(place).focus()
            page.keyboard.type(code)
            page.keyboard.press("Enter")
            expect(page.locator("#code")).to_have_value("")
            expect(page.locator("#sale")).to_be_visible()
            expect(page.locator("#quoted")).to_be_hidden()
        expect(page.locator("#none-today")).to_be_visible()


# The chain


def test_codes_are_kept_until_they_are_deposited_and_the_chain_goes_on(chromium, site):
    with at_the_counter(chromium, site.address, accept_downloads=True) as counter:
        page = counter.open()
        prepare(page)
        expect(page.locator("#export")).to_be_disabled()
        show(counter, seeing())
        sell(page)
        bind(page, 1)
        links, point = exported(page)
        assert [each.ruling for each in judged(site, links, point)] == [Ruling.HONOURED]
        page.click("#forget-codes")
        page.click('#deposited [value="no"]')
        assert exported(page)[0] == links
        page.click("#forget-codes")
        page.click('#deposited [value="yes"]')
        expect(page.locator("#forget-codes")).to_be_hidden()
        show(counter, seeing(2))
        sell(page)
        bind(page, 2)
        later, _ = exported(page)
    assert later[0] == Deposited(links[0].message, "")
    whole = [links[0], later[1]]
    assert [each.ruling for each in judged(site, whole, point)] == [Ruling.HONOURED] * 2


def test_yesterdays_undertakings_are_kept_and_not_in_todays_list(chromium, site):
    with at_the_counter(chromium, site.address) as counter:
        page = counter.open()
        prepare(page)
        show(counter, seeing())
        sell(page)
        bind(page, 1)
        page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=1))
        page.reload()
        expect(page.locator("#none-today")).to_be_visible()
        expect(page.locator("#signed-in-all")).to_have_text("1")


# For everybody


def test_a_sale_shuts_nobody_out(chromium, site, shots, axe):
    more = {"viewport": NARROW, "bypass_csp": True}
    with at_the_counter(chromium, site.address, **more) as counter:
        page = counter.open()

        def looked_at(name):
            assert violations(page, axe) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                shots.take(page, f"sale-narrow-{scheme}-{name}")
            page.set_viewport_size(WIDE)
            shots.take(page, f"sale-wide-{name}")
            page.set_viewport_size(NARROW)

        looked_at("begun")
        prepare(page)
        page.click("#device summary")
        looked_at("prepared")
        show(counter, seeing())
        sell(page)
        looked_at("bindable")
        bind(page, 1)
        looked_at("bound")
        show(counter, seeing(2))
        sell(page, [("optics-frame-a", "30"), ("PHAR", "9 999,99", "", "65"), ("SVIL", "50", "23")])
        add(page, "optics-frame-a", "31")
        expect(page.locator("#line-wrong")).not_to_be_empty()
        looked_at("not-bound")
