"""The page that verifies cards with the network off: its files, and the lists beside them.

verify/          the page           card-verifier/   the module, as software vendors take it
web/static/      style, icon and camera, which are the portal's

All addresses are relative: the same files stand under ``/verify/`` of the portal and on any static
host. The service worker is named by the digest of everything else, and knows that of each file.
"""

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rempart.domain.errors import SetUpRefused
from rempart.serving import card_words, sale_words
from rempart.serving.policy import OWN_FILES

HERE = Path(__file__).parent
PAGE, MODULE, PORTAL = HERE / "verify", HERE / "card-verifier", HERE.parent / "web"
OF_THE_PORTAL = ("portal.css", "icon.svg", "scan.js")
WRITTEN = ("index.html", "sw.js")
KEY, INDEX = "operator.pub", "index.json"

# The one policy of trusted types names the page's own service worker.
OF_THE_PAGE = ("manifest-src 'self'", "worker-src 'self'", "trusted-types worker")
POLICY = "; ".join([*OWN_FILES, *OF_THE_PAGE])
"""In the page itself, as a static host may send no header."""


def shell() -> dict[str, bytes]:
    """Every file of the page but its lists, by relative name; ``sw.js`` last."""
    files = {name: (PORTAL / "static" / name).read_bytes() for name in OF_THE_PORTAL}
    files |= {
        path.name: path.read_bytes()
        for path in sorted(PAGE.iterdir())
        if path.is_file() and path.name not in WRITTEN
    }
    files |= {f"card-verifier/{path.name}": path.read_bytes() for path in MODULE.glob("*.js")}
    files["index.html"] = index_page(
        PAGE,
        findings=card_words.FINDINGS,
        do=card_words.DO,
        unplaced=card_words.UNPLACED,
        steps=card_words.STEPS,
        lists=card_words.LISTS,
        domains=card_words.DOMAINS,
        modes=card_words.MODES,
        bad=sale_words.BAD,
        missing=sale_words.MISSING,
        unbound=sale_words.UNBOUND,
    )
    return {**files, "sw.js": worker_of(files, "verify")}


def index_page(folder: Path, *, platform: str = "", **words: object) -> bytes:
    """The page of a folder, under the policy, with its words; it asks itself and ``platform``."""
    asks = f"connect-src 'self' {platform}".rstrip()
    made = Environment(
        loader=FileSystemLoader([folder, PORTAL / "pages"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return (
        made.get_template("index.html")
        .render(policy=POLICY.replace("connect-src 'self'", asks), platform=platform, **words)
        .encode()
    )


def worker_of(files: dict[str, bytes], page: str) -> bytes:
    """The service worker that keeps these files under the name of a page."""
    worker = (PAGE / "sw.js").read_text("utf-8").replace("rempart-verify-", f"rempart-{page}-")
    known = {"./": "index.html"} | {name: name for name in sorted(files)}
    digests = json.dumps({name: integrity(files[file]) for name, file in known.items()})
    worker = worker.replace("{{ version }}", version_of(files))
    return worker.replace("{{ files }}", digests).encode()


def integrity(data: bytes) -> str:
    """What a browser is told to expect of a file (W3C Subresource Integrity)."""
    return f"sha256-{b64encode(sha256(data).digest()).decode()}"


def version_of(files: dict[str, bytes]) -> str:
    """What names these files: the beginning of a digest of them all."""
    digest = sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]


def index_of(folder: Path) -> bytes:
    """The names of the lists in a folder, the trust list first. A hint: nobody signs it."""
    names = [path.name for path in sorted(folder.glob("*.cbor"))]
    return json.dumps(sorted(names, key=lambda name: name != "trust.cbor")).encode()


def write_page(out: Path, published: Path) -> int:
    """Write the page and the lists of a folder into ``out``; how many files.

    Raises:
        SetUpRefused: no list has been published there.
    """
    if not (published / "trust.cbor").exists():
        raise SetUpRefused("no trust list to go with the page: run rempart lists publish")
    lists = {path.name: path.read_bytes() for path in sorted(published.glob("*.cbor"))}
    lists |= {KEY: (published / KEY).read_bytes(), INDEX: index_of(published)}
    return write_files(out, {f"lists/{name}": data for name, data in lists.items()} | shell())


def write_files(out: Path, files: dict[str, bytes]) -> int:
    """Write them in their order, the worker last: browsers take a new version once it is there.

    Each is there whole, at any moment: pages are written over while browsers fetch them.
    """
    for name, data in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        draft.write_bytes(data)
        draft.replace(path)
    return len(files)
