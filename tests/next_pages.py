"""A page of ours on its host, in its next version: what tests of both offline pages change."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Page

from rempart.serving.offline_page import version_of, worker_of, write_files

UNTIL_KEPT = """async (name) => {
  const isKept = async () => {
    const kept = (await caches.keys()).join();
    return kept === name && (await (await caches.open(name)).keys()).length > 0;
  };
  for (let left = 400; left; left -= 1) {
    if (await isKept()) return true;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  return false;
}"""


def next_version(out: Path, page: str, name: str, more: bytes) -> str:
    """Add to a file of the page in ``out``; what browsers call the version that they keep then."""
    known = json.loads(re.search(r"FILES = ({.*});", (out / "sw.js").read_text())[1])
    files = {each: (out / each).read_bytes() for each in known if each != "./"}
    files[name] += more
    write_files(out, {name: files[name], "sw.js": worker_of(files, page)})
    return f"rempart-{page}-{version_of(files)}"


def take_next(page: Page, name: str) -> None:
    """Let a browser look for the next version, and keep it, and no other."""
    page.evaluate("navigator.serviceWorker.getRegistration().then((all) => all.update())")
    assert page.evaluate(UNTIL_KEPT, name)
