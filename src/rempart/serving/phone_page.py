"""The page by which a member's phone shows their card: static files, for any host.

phone/           the page           card-verifier/   readers that it shares with verifiers
web/static/      style and icon, which are the portal's; verify/ has how both keep things

The vault's verifier key is written into it, and the origin of the platform's portal, of which its
owner may ask who was answered about them. Beside it, its host keeps ``presence-key``, the vault's
signed note, copied every hour from the gateway, and perhaps ``phone``, the insurer's door.
"""

import re
from pathlib import Path

from rempart.domain.errors import MalformedIdentifier
from rempart.serving.offline_page import MODULE, PAGE, PORTAL, index_page, worker_of, write_files
from rempart.tlog.note import NoteVerifier

PHONE = Path(__file__).parent / "phone"
OF_THE_PORTAL = ("portal.css", "icon.svg")
OF_THE_VERIFIER = ("base45", "bytes", "cbor", "cose", "p256", "refused")


ORIGIN = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?|http://localhost:[0-9]{1,5}")


def check_origin(platform: str) -> None:
    """Return if a page may ask this: it becomes a part of its policy.

    Raises:
        MalformedIdentifier: not an origin over HTTPS.
    """
    if not ORIGIN.fullmatch(platform):
        raise MalformedIdentifier("platform", "expected https:// and a host, without a path")


def phone_shell(vault: NoteVerifier, platform: str = "") -> dict[str, bytes]:
    """Every file of the page, by relative name; ``sw.js`` last. ``platform`` may be empty.

    Raises:
        MalformedIdentifier: it is no origin.
    """
    if platform:
        check_origin(platform)
    files = {name: (PORTAL / "static" / name).read_bytes() for name in OF_THE_PORTAL}
    files |= {
        path.name: path.read_bytes() for path in sorted(PHONE.iterdir()) if path.suffix != ".html"
    }
    files |= {
        f"card-verifier/{name}.js": (MODULE / f"{name}.js").read_bytes() for name in OF_THE_VERIFIER
    }
    files["storing.js"] = (PAGE / "storing.js").read_bytes()
    files["index.html"] = index_page(PHONE, vault_key=vault.vkey, platform=platform)
    # The verifier's own worker: it knows names of files, and nothing of what they are for.
    return {**files, "sw.js": worker_of(files, "phone")}


def write_phone_page(out: Path, vault: NoteVerifier, platform: str = "") -> int:
    """Write the page into ``out``; how many files.

    Raises:
        MalformedIdentifier: ``platform`` is no origin.
    """
    return write_files(out, phone_shell(vault, platform))
