"""Pages, written once when the process starts: they hold nothing about anybody.

Who is signed in, and what they see of themselves, is fetched by each page's script with the page's
own key, and put there as text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rempart.domain.coverage import Domain
from rempart.domain.site import SCOPES
from rempart.serving.outcomes import OUTCOMES
from rempart.serving.status import StatusPage
from rempart.web import labels
from rempart.web.words import words_of

FOLDER = Path(__file__).parent / "pages"
ADDRESSES: Mapping[str, str] = {
    "/": "sign-in",
    "/return": "return",
    "/home": "home",
    "/account": "account",
    "/delegates": "delegates",
    "/enrol": "enrol",
    "/console": "console",
    "/insurer": "insurer",
    "/staff": "sign-in",
}
"""Where each page is; ``return`` is where Pro Santé Connect sends back to, ``staff`` where the
operator's people sign in when the portal is cut."""
CUT_WITH_THE_PORTAL = frozenset({"/", "/return", "/home", "/delegates"})
"""Pages of who asks: staff's stay, or nobody could open again from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What pages say of the installation; ``verifier`` is where cards are verified offline."""

    instance: str
    helpdesk: str = field(repr=False)
    pro_sante: bool
    verifier: str = "/verify/"


@cache
def environment() -> Environment:
    """Templates that escape everything, and refuse a name that is not given; each is read once."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        words={code: words_of(row) for code, row in OUTCOMES.items()},
        labels=labels,
        kinds_of={
            domain: " ".join(
                kind.value for kind, scope in SCOPES.items() if domain in scope.domains
            )
            for domain in labels.DOMAINS
        },
    )
    return made


def kinds_of(domain: Domain) -> list[str]:
    """Kinds of sites that ask about a domain."""
    return [kind.value for kind, scope in SCOPES.items() if domain in scope.domains]


def pages(shown: Shown) -> dict[str, bytes]:
    """Every page by its address."""
    made = environment()
    return {path: _written(made, name, shown) for path, name in ADDRESSES.items()}


def cut_page(shown: Shown, code: str) -> bytes:
    """The page of a portal that is cut, or whose state is not known: a row of the outcome table."""
    return _written(environment(), "cut", shown, code=code)


def status_page(made: Environment, shown: Shown, status: StatusPage) -> bytes:
    """The public status, in words."""
    return _written(made, "status", shown, status=status)


def lost_page(shown: Shown) -> bytes:
    """The page of an address where nothing is."""
    return _written(environment(), "lost", shown)


def _written(made: Environment, name: str, shown: Shown, **more: object) -> bytes:
    return made.get_template(f"{name}.html").render(shown=shown, page=name, **more).encode()
