"""The page by which a member's phone shows their card: static files, for any host.

phone/           the page           card-verifier/   readers that it shares with verifiers
web/static/      style and icon, which are the portal's; verify/ has how both keep things

The vault's verifier key is written into it. Beside it, its host keeps ``presence-key``, the vault's
signed note, copied every hour from the gateway, and perhaps ``phone``, the insurer's door.
"""

from pathlib import Path

from rempart.serving.offline_page import MODULE, PAGE, PORTAL, index_page, worker_of, write_files
from rempart.tlog.note import NoteVerifier

PHONE = Path(__file__).parent / "phone"
OF_THE_PORTAL = ("portal.css", "icon.svg")
OF_THE_VERIFIER = ("base45", "bytes", "cbor", "cose", "p256", "refused")


def phone_shell(vault: NoteVerifier) -> dict[str, bytes]:
    """Every file of the page, by relative name; ``sw.js`` last."""
    files = {name: (PORTAL / "static" / name).read_bytes() for name in OF_THE_PORTAL}
    files |= {
        path.name: path.read_bytes() for path in sorted(PHONE.iterdir()) if path.suffix != ".html"
    }
    files |= {
        f"card-verifier/{name}.js": (MODULE / f"{name}.js").read_bytes() for name in OF_THE_VERIFIER
    }
    files["storing.js"] = (PAGE / "storing.js").read_bytes()
    files["index.html"] = index_page(PHONE, vault_key=vault.vkey)
    # The verifier's own worker: it knows names of files, and nothing of what they are for.
    return {**files, "sw.js": worker_of(files, "phone")}


def write_phone_page(out: Path, vault: NoteVerifier) -> int:
    """Write the page into ``out``; how many files."""
    return write_files(out, phone_shell(vault))
