"""The offline page's files: whole, with nothing of anybody, and nothing from elsewhere."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from threading import Thread

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from rempart.__main__ import main
from rempart.adapters.memory.world import MemoryClock
from rempart.domain.coverage import Domain, Mode
from rempart.domain.errors import SetUpRefused
from rempart.serving import card_words, offline_page, sale_words
from rempart.serving.offline_page import MODULE, PAGE, POLICY, index_of, shell, write_page
from rempart.usecases.verify_card import Finding
from rempart.web.application import portal
from rempart.web.safety import HEADERS
from tests.offline_pages import AMC, Published
from tests.switches import OPEN

FILES = shell()
SCRIPTS = {name: data.decode() for name, data in FILES.items() if name.endswith(".js")}
SALES = SCRIPTS["selling.js"]
INDEX = FILES["index.html"].decode()
STEPS = {"clock", "well-formed", "issuer", "authentic", "claims", "dates", "domain", "status"}


@pytest.fixture
def published(tmp_path):
    lists = Published(tmp_path / "lists")
    lists.publish()
    return lists


# What is in it


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_writes_html_keeps_a_card_or_names_another_place(name):
    for forbidden in (
        "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(",
        "localStorage", "document.cookie", "console.", "http://", "https://",
    ):  # fmt: skip
        assert forbidden not in SCRIPTS[name], forbidden
    assert len(SCRIPTS[name].splitlines()) <= 260
    for imported in re.findall(r'from "(.+)"', SCRIPTS[name]):
        assert imported.startswith("./")
        folder = name.rpartition("/")[0]
        assert "/".join(filter(None, [folder, imported.removeprefix("./")])) in FILES


@pytest.mark.parametrize("path", sorted(MODULE.glob("*.js")), ids=lambda path: path.name)
def test_the_module_knows_no_page(path):
    words = (
        r"\b(document|window|navigator|localStorage|indexedDB|fetch|location|caches|Date\.now)\b"
    )
    assert not re.findall(words, re.sub(r"//.*|/\*.*?\*/", "", path.read_text(), flags=re.DOTALL))


def test_the_package_holds_what_it_declares_and_depends_on_nothing():
    package = json.loads((MODULE / "package.json").read_text())
    assert package["type"] == "module"
    assert not [name for name in package if "ependencies" in name or name == "scripts"]
    for named in (package["exports"]["."]["default"], package["types"], "README.md"):
        assert (MODULE / named).exists()


def test_what_scripts_look_for_is_on_the_page():
    ids = set(re.findall(r'id="([\w-]+)"', INDEX))
    words = set(re.findall(r'data-word=":([\w-]+)"', INDEX))
    for path in PAGE.glob("*.js"):
        script = path.read_text()
        assert set(re.findall(r'\bat\("([\w-]+)"', script)) <= ids
        said = re.findall(r'\b(?:word|fact)\("([\w-]+)"[),]', script)
        said += re.findall(r'\bending\([^,"\n]+, "([\w-]+)"\)', script)
        assert set(said) <= words
    for hint in re.findall(r'"(case|layout|cut|other)"', SCRIPTS["wedge.js"]):
        assert f'data-word="keys:{hint}"' in INDEX


def test_every_verdict_step_domain_and_mode_has_its_words():
    assert set(card_words.FINDINGS) == set(Finding)
    assert set(card_words.DO) == {Finding.GOOD, Finding.UNCHECKED}
    assert set(card_words.STEPS) == STEPS
    assert set(card_words.LISTS) == {"signed", "well-formed", "newer", "future"}
    for kind, names in (
        ("finding", [each.value for each in Finding]),
        ("step", STEPS),
        ("domain", [each.name for each in Domain]),
        ("mode", [each.printed for each in Mode]),
    ):
        for name in names:
            assert f'data-word="{kind}:{name}"' in INDEX


def test_whatever_is_said_of_a_sale_has_its_words():
    """The names that the module gives, and those of the page's own."""
    module = "".join(path.read_text() for path in MODULE.glob("*.js"))
    bad = set(re.findall(r'new BadLine\([^;]*?, "([a-z-]+)"(?:\)|, )', module))
    missing = set(re.findall(r'not\("([a-z]+)", ', module))
    unbound = set(re.findall(r'"(\w+)"', re.search(r"function whyNot.*?\n}", module, re.DOTALL)[0]))
    own = set(re.findall(r'"(\w+)"', re.search(r"function missingOf.*?\n}", SALES, re.DOTALL)[0]))
    assert set(sale_words.BAD) == bad
    assert set(sale_words.MISSING) == missing | own
    assert set(sale_words.UNBOUND) == unbound
    for kind in ("BAD", "MISSING", "UNBOUND"):
        for name in getattr(sale_words, kind):
            assert f'data-word="{kind.lower()}:{name}"' in INDEX


def test_domains_and_modes_are_those_of_the_code():
    text = (MODULE / "card.js").read_text()
    for name, members in (
        ("DOMAINS", [each.name for each in Domain]),
        ("MODES", [each.printed for each in Mode]),
    ):
        assert f"export const {name} = {json.dumps(members)};" in text


def test_every_address_is_relative_and_no_script_or_style_stands_in_the_page():
    for address in re.findall(r'(?:href|src)="([^"]+)"', INDEX):
        assert address.startswith("#") or address in FILES
    assert not re.findall(r"<script(?![^>]*src=)|<style|style=| on\w+=", INDEX)
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY


def test_the_worker_keeps_every_file_and_is_named_by_what_is_in_them(monkeypatch, tmp_path):
    worker = SCRIPTS["sw.js"]
    named = json.loads(re.search(r"FILES = ({.*});", worker)[1])
    assert set(named) == {"./", *FILES} - {"sw.js"}
    for name, said in named.items():
        digest = sha256(FILES["index.html" if name == "./" else name]).digest()
        assert said == f"sha256-{b64encode(digest).decode()}"
    assert list(FILES)[-1] == "sw.js"
    version = re.search(r'"rempart-verify-([0-9a-f]{16})"', worker)[1]
    assert version in shell()["sw.js"].decode()
    for path in PAGE.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "page.css").open("a") as style:
        style.write("\n")
    monkeypatch.setattr(offline_page, "PAGE", tmp_path)
    assert version not in shell()["sw.js"].decode()


# Written, and served


def test_the_page_is_written_with_its_lists(published, tmp_path):
    out = tmp_path / "out"
    assert write_page(out, published.folder) == len(FILES) + 4
    for name, data in FILES.items():
        assert (out / name).read_bytes() == data
    names = json.loads((out / "lists/index.json").read_text())
    assert names == ["trust.cbor", f"status-{AMC}.cbor"]
    for name in (*names, "operator.pub"):
        assert (out / "lists" / name).read_bytes() == (published.folder / name).read_bytes()


def test_a_page_that_is_written_over_is_whole_at_any_moment(published, tmp_path):
    out, torn = tmp_path / "out", []
    write_page(out, published.folder)
    writing = Thread(target=lambda: [write_page(out, published.folder) for _ in range(20)])
    writing.start()
    while writing.is_alive():
        torn += [name for name, data in FILES.items() if (out / name).read_bytes() != data]
    writing.join()
    assert not torn
    assert not [path.name for path in out.rglob("*.new")]


def test_a_page_without_a_list_is_not_written(tmp_path):
    with pytest.raises(SetUpRefused, match="no trust list"):
        write_page(tmp_path / "out", tmp_path / "nowhere")
    assert not (tmp_path / "out").exists()


def test_the_command_writes_it_and_says_how_to_serve_it(published, tmp_path):
    environ = {"REMPART_HOME": str(published.folder.parent)}
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["lists", "page", str(out)], env=environ)
    assert done.exit_code == 0, done.output
    assert "https" in done.output
    assert (out / "index.html").read_bytes() == FILES["index.html"]


HERE = {"instance": "demo", "web_url": "https://example.org", "rows": OPEN, "clock": MemoryClock(0)}


@pytest.fixture
def client(published):
    app = portal(None, **HERE, lists=published.folder)
    return TestClient(app, base_url="https://example.org", raise_server_exceptions=False)


@pytest.mark.parametrize("name", ["", *FILES])
def test_the_portal_serves_every_file_under_its_own_policy(client, name):
    response = client.get(f"/verify/{name}")
    assert response.status_code == 200
    assert response.content == FILES[name or "index.html"]
    policy = response.headers["content-security-policy"]
    assert policy == f"{POLICY}; frame-ancestors 'none'"
    for header, value in HEADERS[1:]:
        assert response.headers[header.decode()] == value.decode()


def test_the_portal_serves_the_lists_that_are_there_now(client, published):
    trust = client.get("/verify/lists/trust.cbor")
    assert trust.content == (published.folder / "trust.cbor").read_bytes()
    again = client.get("/verify/lists/trust.cbor", headers={"if-none-match": trust.headers["etag"]})
    assert again.status_code == 304
    published.publish(published.trust(8))
    assert client.get("/verify/lists/trust.cbor").content != trust.content
    assert client.get("/verify/lists/index.json").json() == json.loads(index_of(published.folder))


def test_the_portal_serves_nothing_beside_them(client, published):
    (published.folder.parent / "secret.cbor").write_text("secret")
    for name in ("lists/../secret.cbor", "lists/%2e%2e/secret.cbor", "lists/nothing.cbor", "lists"):
        assert client.get(f"/verify/{name}").status_code == 404
    moved = client.get("/verify", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (308, "/verify/")


def test_a_portal_without_lists_serves_no_page():
    client = TestClient(portal(None, **HERE))
    assert client.get("/verify/").status_code == 404
