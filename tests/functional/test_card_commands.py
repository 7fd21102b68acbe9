"""A card at a counter with no network: what is published, taken in, typed and read."""

import csv
import io
import json
import re
import shutil
import sys
from datetime import timedelta
from itertools import islice

import pytest

from rempart.__main__ import main
from rempart.drill.country import member_file
from rempart.drill.stage import WAITING_ROOM

title = "Cards at the command line"


@pytest.fixture(scope="module")
def folder(stage, tmp_path_factory):
    """An operator's lists, published by hand; the first cards of an insurer."""
    folder = tmp_path_factory.mktemp("counter")
    said = run(stage, "lists", "init", "Opérateur d'essai")
    fingerprint = re.search(r"clé · key +([0-9a-f ]+)", said)[1].strip()
    insurers = sorted(path.name for path in (stage.home / "insurers").iterdir())
    for amc in insurers:
        run(stage, "lists", "name", amc, f"Mutuelle {amc}")
        source = stage.home / "insurers" / amc
        home = shutil.copytree(source, folder / amc)
        members = first_of(stage, amc, folder / f"{amc}.csv")
        where = ("--folder", home)
        run(stage, "insurer", "cards", members, "--out", folder / f"cards-{amc}", *where)
        run(stage, "insurer", "status", members, "--out", folder / f"status-{amc}.cbor", *where)
    guaranteed(stage, folder, insurers[0])
    run(stage, "lists", "publish")
    run(stage, "lists", "take", *sorted(folder.glob("status-*.cbor")))
    said = run(stage, "card", "trust", stage.home / "lists/operator.pub", *lists(folder))
    assert fingerprint in said
    run(stage, "card", "take", *sorted((stage.home / "lists").glob("[st]*.cbor")), *lists(folder))
    return folder


def run(stage, *words, code=0):
    done = stage.run(*words, COLUMNS="120")
    assert done.code == code, done.said
    return done.said


def lists(folder):
    return "--lists", folder / "lists"


CHOSEN = """
list_days = 7
[profile.0]
"OPTI A" = { times = 1 }
"OPTI B" = { times = 1, most = 25000 }
[profile.1]
"OPTI A" = { times = 1 }
"OPTI B" = { times = 1, most = 25000 }
[profile.2]
"OPTI A" = { times = 1 }
"OPTI B" = { times = 1, most = 25000 }
[profile.7]
"OPTI B" = { times = 1, most = 18000 }
"""


def first_of(stage, amc, place, count=WAITING_ROOM):
    lines = member_file(stage.home / "country", amc).read_text("utf-8").splitlines()[: count + 1]
    place.write_text("\n".join([*lines, ""]), "utf-8")
    return place


def guaranteed(stage, folder, amc):
    (folder / "guarantees.toml").write_text(CHOSEN)
    signed = folder / "guarantees.cbor"
    where = ("--folder", folder / amc)
    told = run(stage, "insurer", "guarantees", folder / "guarantees.toml", "--out", signed, *where)
    assert "OPTI B, 1 × par carte · a card, 250.00 €" in told
    assert f"{amc}, profils · profiles 4" in run(stage, "lists", "guarantees", signed)


def cards(folder):
    """Codes by insurer."""
    found = {}
    for index in sorted(folder.glob("cards-*/index.csv")):
        with index.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter=";"))
        found[index.parent.name.removeprefix("cards-")] = [row["code"] for row in rows]
    return found


def verified(stage, folder, code, *more, exit_code=0):
    return run(stage, "card", "verify", code, *more, *lists(folder), code=exit_code)


def test_every_card_that_was_issued_proves_rights(stage, folder):
    for codes in cards(folder).values():
        for code in codes[:5]:
            said = verified(stage, folder, code)
            assert "DROITS PROUVÉS" in said
            assert "à l'instant" in said or "il y a" in said


def test_a_card_that_its_insurer_has_ended_proves_nothing_any_more(stage, folder):
    amc, codes = next(iter(cards(folder).items()))
    with (folder / f"cards-{amc}/index.csv").open(encoding="utf-8", newline="") as stream:
        reference = next(csv.DictReader(stream, delimiter=";"))["reference"]
    whole = (folder / f"{amc}.csv").read_text("utf-8").splitlines()
    fewer = [line for line in whole if not line.startswith(f"{reference};")]
    (folder / "fewer.csv").write_text("\n".join([*fewer, ""]), "utf-8")
    before = verified(stage, folder, codes[0])
    assert "DROITS PROUVÉS" in before
    again = folder / "again.cbor"
    where = ("--folder", folder / amc, "--confirm-ending")
    run(stage, "insurer", "status", folder / "fewer.csv", "--out", again, *where)
    assert "new" in run(stage, "card", "take", again, *lists(folder))
    said = verified(stage, folder, codes[0], exit_code=1)
    assert "L'assureur a mis fin à cette carte" in said
    assert "DROITS PROUVÉS" in verified(stage, folder, codes[-1])
    assert "older" in run(
        stage, "card", "take", folder / f"status-{amc}.cbor", *lists(folder), code=2
    )


def test_a_code_is_read_from_a_scanner(folder, monkeypatch, capsys):
    code = cards(folder).popitem()[1][0]
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{code}\r\n"))
    with pytest.raises(SystemExit) as ended:
        main(["card", "verify", "--lists", str(folder / "lists")], prog_name="rempart")
    assert ended.value.code == 0
    assert "DROITS PROUVÉS" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda code: code.replace("RP1:", "RP2:"), "Relisez le code"),
        (lambda code: code[:-4] + ("AAAA" if code[-4:] != "AAAA" else "BBBB"), "NE PROUVE RIEN"),
        (lambda code: "HTTPS://EXAMPLE.ORG/", "Relisez le code"),
    ],
)
def test_what_is_no_card_says_what_to_do(stage, folder, change, words):
    code = cards(folder).popitem()[1][-1]
    assert words in verified(stage, folder, change(code), exit_code=1)


def test_a_sale_is_quoted_and_says_what_is_guaranteed(stage, folder):
    amc = min(cards(folder))
    code = next(not_renewed(stage, folder, amc))
    said = run(
        stage, "card", "quote", code, "optics-frame-a:30", "optics-lens-a:32,50",
        "optics-lens-a:32.50", *lists(folder),
    )  # fmt: skip
    assert re.search(r"95.00 € +17.10 € +77.90 € +0.00 €", said)
    assert "garanti · guaranteed     77.90 €" in said
    said = run(stage, "card", "quote", code, "optics-lens-b:300", *lists(folder))
    assert "garanti · guaranteed     250.00 €" in said


def test_a_sale_is_bound_by_this_device_and_the_chain_shows_it(stage, folder):
    device = ("--device", folder / "device")
    assert "à inscrire" in run(stage, "undertaking", "device", *device)
    assert "already" in run(stage, "undertaking", "device", *device, code=2)
    amc = min(cards(folder))
    codes = list(islice(not_renewed(stage, folder, amc), 2))
    for number, code in enumerate(codes, start=1):
        words = ("undertaking", "sign", code, "optics-frame-a:30", *lists(folder), *device)
        assert f"engagement · undertaking {number}: Mutuelle {amc}, 24.60 €" in run(stage, *words)
    words = ("undertaking", "sign", codes[0], "hearing-1:950", *lists(folder), *device)
    assert "does not guarantee every line" in run(stage, *words, code=2)
    said = run(stage, "undertaking", "show", *device)
    assert said.count("24.60 €") == 2
    assert "total 49.20 €" in said
    assert not any(code in said for code in codes)


def test_what_the_member_file_says_of_guarantees_is_quoted_from_the_card(stage, folder):
    """From a row to the counter: its own profile, and nothing before it is paid again."""
    amc = min(cards(folder))
    whole = (folder / f"{amc}.csv").read_text("utf-8")
    with io.StringIO(whole) as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    (*_, glasses) = (each for each in rows if "OPTI" in each["domains"] and each["cards"][0] != "0")
    tomorrow = stage.today + timedelta(days=1)
    for name, renewals in (("due", ""), ("renewed", f"OPTI={tomorrow}")):
        said = glasses | {"guarantee_profile": "7", "renewals": renewals}
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            written = csv.DictWriter(stream, said, delimiter=";")
            written.writeheader()
            written.writerow(said)
        where = ("--out", folder / name, "--folder", folder / amc)
        run(stage, "insurer", "cards", folder / f"{name}.csv", *where)
    codes = {}
    for name in ("due", "renewed"):
        with (folder / name / "index.csv").open(encoding="utf-8", newline="") as stream:
            codes[name] = next(csv.DictReader(stream, delimiter=";"))["code"]
    asked = ("optics-lens-b:300", *lists(folder))
    for name, bound in (("due", "180.00 €"), ("renewed", "0.00 €")):
        said = run(stage, "card", "quote", codes[name], *asked)
        assert f"garanti · guaranteed     {bound}" in said
    device = ("--device", folder / "renewals")
    run(stage, "undertaking", "device", *device)
    words = ("undertaking", "sign", codes["renewed"], *asked, *device)
    assert "nothing for the insurer to pay" in run(stage, *words, code=2)


def not_renewed(stage, folder, amc):
    """Codes of people for whom a frame is guaranteed: some wait to have theirs paid again."""
    for code in reversed(cards(folder)[amc]):
        said = stage.run("card", "quote", code, "optics-frame-a:30", *lists(folder)).said
        if "garanti · guaranteed     24.60 €" in said:
            yield code


def test_a_line_that_breaks_a_rule_is_named(stage, folder):
    code = cards(folder)[max(cards(folder))][-1]
    said = run(stage, "card", "quote", code, "monocle:30", *lists(folder), code=2)
    assert "line 1: item: not in the tariff" in said
    said = run(stage, "card", "quote", code, "optics-frame-a:x", *lists(folder), code=2)
    assert "amount: expected euros" in said


def test_the_offline_page_comes_with_the_lists_and_nothing_else(stage, folder):
    """What insurers guarantee is in the trust list: their own files are no lists."""
    run(stage, "lists", "page", folder / "page")
    names = json.loads((folder / "page/lists/index.json").read_text())
    assert names == ["trust.cbor", *(f"status-{amc}.cbor" for amc in sorted(cards(folder)))]


def test_what_is_published_is_shown_with_its_age(stage, folder):
    said = run(stage, "lists", "show")
    assert said.count("Mutuelle ") == len(cards(folder))
    assert "EN RETARD" not in said
    assert json.loads((stage.home / "lists/operator.json").read_text())["name"]
