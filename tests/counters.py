"""The offline page in a browser, as its counter has it: what its tests stand on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect

WIDE, NARROW = {"width": 1100, "height": 900}, {"width": 360, "height": 740}


class Counter:
    """A pharmacist's browser, with all that it asks for and complains of."""

    def __init__(self, chromium: Browser, address: str, **context: Any) -> None:
        self.context = chromium.new_context(**{"viewport": WIDE, "locale": "fr-FR"} | context)
        self.page, self.address = self.context.new_page(), address
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda m: self._heard(m.type, m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.context.on("request", lambda request: self.asked.append(request.url))

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)

    def open(self) -> Page:
        self.page.goto(self.address)
        expect(self.page.locator("#refreshed")).not_to_be_empty()
        return self.page

    def ready(self) -> None:
        """The page's files are kept."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")

    def scan(self, code: str) -> None:
        """A hand scanner: keys, then Enter."""
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Enter")

    def verdict(self, finding: str) -> str:
        found = self.page.locator(f"#verdict.{finding}")
        expect(found).to_be_visible()
        return found.inner_text()

    def step(self) -> str | None:
        return self.page.locator("#verdict").get_attribute("data-step")


@contextmanager
def at_the_counter(chromium: Browser, address: str, **context: Any) -> Iterator[Counter]:
    """A counter that complains of nothing and asks nobody else, until the block ends."""
    counter = Counter(chromium, address, **context)
    try:
        yield counter
        assert not [text for text in counter.complaints if "net::ERR_" not in text]
        assert all(url.startswith(address) for url in counter.asked)
    finally:
        counter.context.close()
