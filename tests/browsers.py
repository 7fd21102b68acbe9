"""A real browser, where this machine has one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""Rules that pages are held to."""
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


def axe_rules(folder: Path) -> str | None:
    """The rules of accessibility, where npm can fetch them."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    options = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    asked = [npm, "install", *options, "axe-core@4.14.1"]
    try:
        subprocess.run(asked, cwd=folder, check=True, capture_output=True, timeout=60)
    except (subprocess.SubprocessError, OSError):
        return None
    return (folder / "node_modules/axe-core/axe.min.js").read_text()
