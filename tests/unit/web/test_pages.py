"""Pages: safe to show, in two languages, with nothing about anybody."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from rempart.domain.allowance import Over, Reason
from rempart.domain.concerned import Concern
from rempart.domain.containment import Stage
from rempart.domain.coverage import Domain, Mode
from rempart.domain.cutoff_words import CutWhy, Scope
from rempart.domain.disclosure import Fields, Outcome, Presence
from rempart.domain.person import Act, Role
from rempart.domain.practice import Usage
from rempart.domain.sign_in import Means
from rempart.domain.site import SiteKind
from rempart.serving.outcomes import OUTCOMES
from rempart.serving.status import status_of
from rempart.usecases.contain_account import OFFICERS_REASONS
from rempart.web import labels
from rempart.web.show import (
    ADDRESSES,
    FOLDER,
    Shown,
    cut_page,
    environment,
    lost_page,
    pages,
    status_page,
)
from rempart.web.switched import CLOSED
from rempart.web.words import IN_FRONT_OF_A_PAGE
from tests.scripted_door import NOW
from tests.switches import PORTAL, cut, row

SCRIPTS = sorted((FOLDER.parent / "static").glob("*.js"))
HOSTILE = '"><script>alert(1)</script>'
SHOWN = Shown(instance="demo", helpdesk="+33 1 99 00 00 00", pro_sante=True)
PAGES = {
    **pages(SHOWN),
    "lost": lost_page(SHOWN),
    **{code: cut_page(SHOWN, code) for code in CLOSED},
    **{
        name: status_page(environment(), SHOWN, status_of(said, NOW, intake=intake))
        for name, said, intake in (
            ("status", row(PORTAL, cut(Scope.INSURER, 75001234, until=NOW + 60_000_000)), True),
            ("status-open", row(), True),
            ("status-everything-cut", row(cut(Scope.PLATFORM)), True),
            ("status-rights-cut", row(cut(Scope.RIGHTS)), True),
            ("status-intake-down", row(), False),
            ("status-unknown", None, None),
        )
    },
}
SAME_IN_BOTH = {
    "Incident",
    "Incidents",
    "Maintenance",
    "Console",
    "Normal",
    "Usage",
    "Actions",
    "Questions",
    "Transport",
    "Pro Santé Connect",
}

VOID = {"meta", "link", "input", "img", "br"}


class Read(HTMLParser):
    """A page as a tree of (tag, attributes, text in French, text in English)."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.stack, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.stack.append(
                {"tag": tag, "lang": dict(attributes).get("lang"), "fr": "", "en": ""}
            )

    def handle_endtag(self, tag):
        while self.stack:
            closed = self.stack.pop()
            self.texts.append(closed)
            if closed["tag"] == tag:
                return

    def handle_data(self, data):
        english = any(each["lang"] == "en" for each in self.stack)
        for each in self.stack:
            each["en" if english else "fr"] += data


@pytest.fixture(params=PAGES, ids=lambda path: path.strip("/") or "sign-in")
def page(request):
    return Read(PAGES[request.param].decode())


def test_no_page_has_a_script_or_a_style_of_its_own(page):
    for tag, attributes in page.tags:
        assert tag != "style"
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        if tag == "script":
            assert attributes["src"].startswith("/static/")
    assert all(each["fr"].strip() == "" for each in page.texts if each["tag"] == "script")


def test_no_page_asks_anything_of_anybody_else(page):
    for tag, attributes in page.tags:
        for name in ("src", "href", "action", "data", "poster"):
            value = attributes.get(name)
            assert value is None or value.startswith(("/", "#")), (tag, name)
        assert not (tag == "form" and {"action", "method"} & set(attributes))


SPOKEN = ("h1", "h2", "label", "legend", "button", "th", "dt", "option", "summary", "a")


def test_everything_that_is_said_is_said_in_both_languages(page):
    for each in page.texts:
        said = " ".join(each["fr"].split())
        if each["tag"] not in SPOKEN or not said:
            continue
        if each["tag"] == "option":
            assert " · " in said or said in SAME_IN_BOTH, said
        else:
            assert each["en"].strip() or said in SAME_IN_BOTH, said


def test_every_field_has_its_label_and_every_reference_its_target(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    labelled = {a["for"] for tag, a in page.tags if tag == "label" and "for" in a}
    for tag, attributes in page.tags:
        if tag in {"input", "select", "textarea"} and "id" in attributes:
            assert attributes["id"] in labelled
        for name in ("aria-describedby", "aria-labelledby", "for", "list"):
            if name in attributes:
                assert attributes[name] in ids, attributes


def test_what_patients_bring_is_kept_by_no_browser():
    fields = [a for tag, a in Read(PAGES["/home"].decode()).tags if tag == "input"]
    assert {a["id"] for a in fields} == {"code", "amc", "member", "birth", "rank", "key", "date"}
    assert all(a.get("autocomplete") == "off" for a in fields if a["id"] != "date")


@pytest.mark.parametrize("name", ADDRESSES.values())
def test_templates_escape_everything(name):
    shown = Shown(instance=HOSTILE, helpdesk=HOSTILE, pro_sante=True)
    text = environment().get_template(f"{name}.html").render(shown=shown, page=name)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_no_template_takes_anything_for_safe():
    for path in FOLDER.glob("*.html"):
        text = path.read_text()
        assert "|safe" not in text.replace(" ", ""), path
        assert "autoescape" not in text, path


def test_a_name_that_is_not_given_is_an_error():
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nobody }}").render()


def test_a_page_says_where_pro_sante_connect_is_not_set_up():
    without = pages(Shown(instance="demo", helpdesk="", pro_sante=False))["/"].decode()
    assert OUTCOMES["psc-not-set-up"].en in without
    assert 'id="pro-sante"' not in without
    assert OUTCOMES["psc-not-set-up"].en not in PAGES["/"].decode()


def test_production_is_not_named_on_its_pages():
    shown = Shown(instance="production", helpdesk="", pro_sante=True)
    assert 'class="instance"' not in pages(shown)["/"].decode()


def test_the_frozen_are_told_what_to_do_in_the_words_of_the_table():
    for body in PAGES.values():
        text = re.sub(r"\s+", " ", body.decode().replace("&#39;", "'"))
        assert OUTCOMES["frozen"].do_fr in text
        assert OUTCOMES["frozen"].do_en in text


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_no_script_writes_html_or_keeps_what_it_should_not(path):
    text = path.read_text()
    for forbidden in (
        "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(",
        "localStorage", "document.cookie", "console.log", "http://", "https://",
    ):  # fmt: skip
        assert forbidden not in text, forbidden
    assert len(text.splitlines()) <= 200
    for imported in re.findall(r'from "(.+)"', text):
        assert imported.startswith("/static/")
        assert (path.parent / Path(imported).name).exists()


@pytest.mark.parametrize(("path", "name"), ADDRESSES.items())
def test_what_scripts_look_for_is_on_their_page(path, name):
    ids = set(re.findall(r'id="([\w-]+)"', PAGES[path].decode()))
    script = (FOLDER.parent / "static" / f"{name}.js").read_text()
    wanted = set(re.findall(r'\b(?:at|filled|rows)\("([\w-]+)"', script))
    assert wanted <= ids


def test_words_that_scripts_say_are_on_every_page():
    text = PAGES["/"].decode()
    for script in SCRIPTS:
        for name in re.findall(r'\bword\("([\w-]+)"\)', script.read_text()):
            assert f'data-word=":{name}"' in text, (script.name, name)


@pytest.mark.parametrize(
    ("named", "members"),
    [
        (labels.DOMAINS, Domain),
        (labels.MODES, [mode.printed for mode in Mode]),
        (labels.KINDS, SiteKind),
        (labels.ROLES, Role),
        (labels.STAGES, Stage),
        (labels.WHYS, OFFICERS_REASONS),
        (labels.MEANS, Means),
        (labels.USAGES, Usage),
        (labels.OVERS, Over),
        (labels.REASONS, Reason),
        (labels.ACTS, Act),
        (labels.SCOPES, Scope),
        (labels.PRESENCES, Presence),
        (labels.FIELDS, Fields),
        (labels.CONCERNS, Concern),
        (labels.ENTRY_OUTCOMES, Outcome),
        (labels.CUT_WHYS, CutWhy),
    ],
)
def test_every_member_of_a_list_has_its_name(named, members):
    assert list(named) == list(members)
    assert all(french and english for french, english in named.values())


def test_the_catalogue_says_what_a_person_does():
    catalogue = (Path(__file__).parents[3] / "docs/reference/outcomes.md").read_text()
    section = catalogue.partition("## In front of a page")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if " | " in line]
    assert {code: (french, english) for code, french, english in rows[1:]} == IN_FRONT_OF_A_PAGE
    assert set(IN_FRONT_OF_A_PAGE) < set(OUTCOMES)
