"""The page by which a member's phone shows their card: static files, for any host.

phone/           the page           card-verifier/   readers that it shares with verifiers
web/static/      style and icon, which are the portal's

The vault's verifier key is written into it. Beside it, its host keeps ``presence-key``, the vault's
signed note, copied every hour from the gateway, and perhaps ``phone``, the insurer's door.
"""

import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rempart.serving.offline_page import MODULE, PAGE, POLICY, PORTAL, version_of
from rempart.tlog.note import NoteVerifier

PHONE = Path(__file__).parent / "phone"
OF_THE_PORTAL = ("portal.css", "icon.svg")
OF_THE_VERIFIER = ("base45", "bytes", "cbor", "cose", "p256", "refused")
WORKER = "sw.js"


def phone_shell(vault: NoteVerifier) -> dict[str, bytes]:
    """Every file of the page, by relative name; ``sw.js`` last."""
    files = {name: (PORTAL / "static" / name).read_bytes() for name in OF_THE_PORTAL}
    files |= {
        path.name: path.read_bytes() for path in sorted(PHONE.iterdir()) if path.suffix != ".html"
    }
    files |= {
        f"card-verifier/{name}.js": (MODULE / f"{name}.js").read_bytes() for name in OF_THE_VERIFIER
    }
    made = Environment(
        loader=FileSystemLoader([PHONE, PORTAL / "pages"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    index = made.get_template("index.html").render(policy=POLICY, vault_key=vault.vkey)
    files["index.html"] = index.encode()
    # The verifier's own worker: it knows names of files, and nothing of what they are for.
    worker = (PAGE / WORKER).read_text("utf-8").replace("rempart-verify-", "rempart-phone-")
    names = json.dumps(["./", *sorted(files)])
    worker = worker.replace("{{ version }}", version_of(files)).replace("{{ files }}", names)
    return {**files, WORKER: worker.encode()}


def write_phone_page(out: Path, vault: NoteVerifier) -> int:
    """Write the page into ``out``; how many files."""
    files = phone_shell(vault)
    # The worker last: browsers take a new version once it is there.
    for name, data in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return len(files)
