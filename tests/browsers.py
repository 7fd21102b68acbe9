"""A real browser, where this machine has one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""Rules that pages are held to."""
COLOURS = ["color-contrast", "link-in-text-block"]
"""Those of them that a page's colours may break: all that the dark scheme changes."""
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def launched() -> Iterator[Browser]:
    """Chromium, without a window."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium, or say where it is in CHROMIUM")
    # Chromium's own sandbox does not run as root.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Shots:
    """Pictures of pages for whoever looks at them: taken where ``SCREENSHOTS`` names a folder."""

    folder: Path | None

    def take(self, page: Page, name: str) -> None:
        if self.folder is not None:
            page.screenshot(path=self.folder / f"{name}.png", full_page=True)


def axe_rules(folder: Path) -> str:
    """The rules of accessibility, where npm can fetch them; else who asks is skipped."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm: axe-core cannot be fetched")
    options = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    asked = [npm, "install", *options, "axe-core@4.14.1"]
    try:
        subprocess.run(asked, cwd=folder, check=True, capture_output=True, timeout=60)
    except (subprocess.SubprocessError, OSError):
        pytest.skip("axe-core could not be fetched: npm install axe-core")
    return (folder / "node_modules/axe-core/axe.min.js").read_text()


def violations(page: Page, rules: str) -> list[tuple[str, list[str]]]:
    """What of this page shuts somebody out, light or dark: rules, with the elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(rules)
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        rules_of = {"type": "rule", "values": COLOURS} if scheme == "dark" else AXE_TAGS
        told = page.evaluate("only => axe.run({runOnly: only})", rules_of)["violations"]
        found += [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in told]
    return found
