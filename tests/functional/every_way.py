"""Every way of asking and of failing, tried with the test people's own data.

What is said meanwhile is kept as evidence; ``test_trap.py`` searches it.
"""

from __future__ import annotations

import base64
import copy
import csv
import io
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from rempart.adapters.identity.assertions import make_assertion, new_key
from rempart.adapters.system import SystemClock
from rempart.adapters.vaultdoor.client import Door
from rempart.adapters.vaultdoor.frames import HEAD, frame
from rempart.domain.errors import SignInRefused
from rempart.domain.hidden import Hidden
from rempart.domain.practice import daily_cap
from rempart.domain.site import SiteKind
from rempart.drill.cases import patient_card, printed
from rempart.drill.software import QuestionRefused, eligibility_request
from rempart.usecases.history_messages import AskHistory
from rempart.usecases.messages import Ask, CardShown, Refused, SignIn, Typed
from tests.functional.stage import SmallStage

TODAY = datetime.now(UTC).date()


@dataclass
class Evidence:
    """What was said while everything was tried, by where it was said."""

    bodies: list[bytes] = field(default_factory=list)
    commands: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, repr=False)
class Somebody(Hidden):
    """A person of the waiting room, with what only their insurer knows."""

    shown: dict[str, str]
    row: dict[str, str]

    @property
    def nir(self) -> str:
        return self.row["nir"]

    @property
    def name(self) -> str:
        return f"{self.row['last_name']} {self.row['first_name']}"

    @property
    def said(self) -> list[str]:
        """Everything there is to say of them, as texts."""
        shown = self.shown
        printed = [shown["member_number"], shown["birth_date"], shown["printed_key"]]
        return [text for text in (self.nir, self.name, shown["code"], *printed) if text]


def member_file(stage: SmallStage, amc: str) -> Path:
    return stage.home / "country" / f"members-{amc}.csv"


@dataclass
class Caller:
    """A practice that sends what it likes."""

    stage: SmallStage
    evidence: Evidence
    http: httpx2.Client
    token: str

    def keep(self, response: httpx2.Response) -> None:
        self.evidence.statuses[response.status_code] += 1
        if response.status_code >= 400:
            self.evidence.bodies.append(response.content)
            try:
                (issue, *_) = response.json()["issue"]
            except (ValueError, KeyError):
                return
            self.evidence.outcomes[issue["details"]["coding"][0]["code"]] += 1

    def post(self, content: object, **headers: str) -> None:
        """A question, with a good token unless another is given."""
        named = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/fhir+json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        body = {"json": content} if isinstance(content, dict) else {"content": content}
        if isinstance(content, dict):
            del named["Content-Type"]
        self.keep(self.http.post("/fhir/CoverageEligibilityRequest", headers=named, **body))


def request_of(person: Somebody, *, typed: bool = True) -> dict[str, Any]:
    shown = patient_card(person.shown, typed=typed)
    created = SystemClock().now() // 1_000_000
    return eligibility_request(
        shown, ["PHAR"], TODAY, created=datetime.fromtimestamp(created, UTC).isoformat()
    )


def changed(request: dict[str, Any], *path: str | int, to: object) -> dict[str, Any]:
    """The request with another value at a place."""
    fresh = copy.deepcopy(request)
    at: Any = fresh
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = to
    return fresh


PLACES = """
id status text created servicedDate patient resourceType insurer purpose item contained insurance
meta extension patient.display patient.reference patient.identifier.value patient.identifier.system
insurer.display insurer.identifier.value item.0.category.coding.0.code item.0.category.text
contained.0.subscriberId contained.0.dependent contained.0.id contained.0.resourceType
contained.0.policyHolder contained.0.payor contained.0.payor.0.identifier.value
contained.0.payor.0.display contained.0.identifier contained.1.birthDate contained.1._birthDate
contained.1.name contained.1.identifier contained.1.gender contained.1.id
insurance.0.coverage.reference insurance.0.coverage.display insurance.0.coverage
"""


def place_of(path: str) -> list[str | int]:
    return [int(step) if step.isdecimal() else step for step in path.split(".")]


def ask_well(caller: Caller, people: list[Somebody], stage: SmallStage) -> None:
    """Declared, card, known, legacy; unknown, forbidden; too many."""
    for person in people[:6]:
        caller.post(request_of(person))
        caller.post(request_of(person, typed=False))
        caller.post(request_of(person))
    for person in people[-6:]:
        caller.post(request_of(person))
    wrong = changed(request_of(people[0]), "contained", 0, "dependent", to="9")
    caller.post(wrong, Idempotency_Key="the-same")
    caller.post(request_of(people[1]), Idempotency_Key="the-same")
    caller.post(
        changed(request_of(people[0]), "item", 0, "category", "coding", 0, "code", to="OPTI")
    )
    caller.post(changed(request_of(people[0]), "servicedDate", to="1999-01-01"))
    with stage.software(SiteKind.HEARING) as hearing:
        for person in people[: daily_cap(SiteKind.HEARING) + 3]:
            try:
                hearing.ask(patient_card(person.shown), ["AUDI"], TODAY)
            except QuestionRefused as refusal:
                caller.evidence.outcomes[refusal.code] += 1
                caller.evidence.commands.append(("software", f"{refusal!r} {refusal}"))


def ask_until_frozen(stage: SmallStage, evidence: Evidence, person: Somebody) -> None:
    """A site that guesses around somebody, several domains at once, so that what freezes it has
    questions behind it: what it is told on the way, and at its next sign-in.
    """
    number = int("".join(c for c in person.shown["member_number"] if c.isdecimal()) or "1")
    with stage.software(SiteKind.HOSPITAL) as hospital:
        for beside in range(30):
            card = replace(printed(person.shown), member_number=f"{number + 1 + beside}")
            try:
                hospital.ask(card, ["HOSP", "EXTE", "LABO", "RADL"], TODAY)
            except (QuestionRefused, SignInRefused) as refusal:
                code = refusal.code if isinstance(refusal, QuestionRefused) else str(refusal)
                evidence.outcomes[code] += 1
                evidence.commands.append(("software", f"{refusal!r} {refusal}"))


def ask_badly(caller: Caller, person: Somebody) -> None:
    """Every value in every place where it does not belong."""
    request = request_of(person)
    for path in PLACES.split():
        for value in person.said:
            caller.post(changed(request, *place_of(path), to=value))
    for value in person.said:
        name = changed(request, "contained", 1, "name", to=[{"family": value, "given": [value]}])
        caller.post(name)
        caller.post(changed(request, value, to=value))
        caller.post(changed(request, "contained", 1, value, to={value: [value]}))
        caller.post(f'{{"resourceType":"{value}", "id": "\\ud800'.encode())
        caller.post(f'{{"{value}": {{"{value}": 1}}, "{value}": '.encode())
        caller.post(value.encode() * 2000)
        caller.post(value.encode("utf-16"))
        caller.post(b"x", Content_Type="text/" + "".join(c for c in value if c.isascii()))
    code = person.shown["code"]
    for place in (40, 90, len(code) - 5):
        damaged = code[:place] + ("0" if code[place] != "0" else "1") + code[place + 1 :]
        caller.post(
            changed(
                request_of(person, typed=False),
                *("insurance", 0, "coverage", "identifier", "value"),
                to=damaged,
            )
        )


def knock_badly(caller: Caller, person: Somebody) -> None:
    """Values in tokens, keys, addresses, headers, forms, and in what is not HTTP at all."""
    request, http = request_of(person, typed=False), caller.http
    for value in person.said:
        plain = "".join(c for c in value if c.isascii())
        encoded = base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")
        for token in (plain, encoded, "A" * 43, plain.replace(" ", "")):
            caller.post(request, Authorization=f"Bearer {token}")
        caller.post(request, Authorization=f"Basic {encoded}")
        caller.post(request, Idempotency_Key=plain)
        caller.post(request, X_Patient=plain, Referer=f"https://example.org/{encoded}")
        caller.keep(http.get(f"/fhir/Patient/{value}"))
        caller.keep(http.get("/fhir/CoverageEligibilityRequest", params={"patient": value}))
        caller.keep(http.post("/token", data={"client_id": value, "username": value}))
        caller.keep(http.post("/token", content=value.encode(), headers={"Content-Type": plain}))
        stranger = make_assertion(
            value, caller.stage.settings.token_url, new_key("k"), now=SystemClock().now()
        )
        for assertion in (value, stranger):
            caller.keep(
                http.post(
                    "/token",
                    data={
                        "grant_type": "client_credentials",
                        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:"
                        "jwt-bearer",
                        "client_assertion": assertion,
                    },
                )
            )
        speak(caller.stage, f"{value} /fhir/{value} HTTP/1.1\r\n\r\n".encode())
        speak(caller.stage, f"GET /{value.replace(' ', '%20')} HTTP/{value}\r\n\r\n".encode())
        speak(caller.stage, f"GET / HTTP/1.1\r\n{value}\r\n\r\n".encode())


def speak(stage: SmallStage, said: bytes) -> None:
    """Something over TLS that need not be HTTP."""
    context = ssl.create_default_context(cafile=stage.settings.tls / "authority.pem")
    with (
        socket.create_connection(("localhost", stage.settings.port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as encrypted,
    ):
        encrypted.settimeout(0.5)
        encrypted.sendall(said)
        try:
            encrypted.recv(4096)
        except OSError:
            return


def knock_at_the_vault(stage: SmallStage, evidence: Evidence, person: Somebody, token: str) -> None:
    """As the gateway's process could: raw text in every field, and frames that are none."""
    handle = base64.urlsafe_b64decode(token + "=")
    socket_path = stage.settings.vault_socket
    values = person.said
    with Door(socket_path) as door:
        for value in values:
            raw = value.encode()
            for request in (
                Ask(handle, raw, value, value, value, CardShown(value)),
                Ask(raw, raw, value, value, value, Typed(value, value, value, value, value)),
                AskHistory(value),
                SignIn(value, raw),
                SignIn(f"{value}.{value}.{value}", raw),
            ):
                reply = door.ask(request)
                assert isinstance(reply, Refused)
                evidence.bodies.append(reply.detail.encode())
    for value in values:
        raw = value.encode()
        whole = frame(1, SignIn(value, raw))
        not_text = whole.replace(raw, raw[:-1] + b"\xff", 1)
        for said in (raw, HEAD.pack(len(raw), 1) + raw, not_text, whole[:-1]):
            with socket.socket(socket.AF_UNIX) as peer:
                peer.settimeout(0.1)
                peer.connect(str(socket_path))
                peer.sendall(said)
                # Shut out, or waited for: nothing is said to it.
                with suppress(TimeoutError, ConnectionResetError):
                    assert peer.recv(1) == b""


BAD_ROWS: list[Callable[[list[str]], list[str]]] = [
    lambda row: row[::-1],
    lambda row: row[:-1],
    lambda row: [*row, "one more"],
    lambda row: [row[0], row[-1], row[-3], row[-2], *row[4:]],
    lambda row: [f'"{row[0]}', *row[1:]],
    lambda row: ["", *row[1:]],
    lambda row: [row[0], row[1], row[-3], *row[3:]],
    lambda row: [row[0], row[1], row[2], row[-3], *row[4:]],
    lambda row: [*row[:4], row[-3], *row[5:]],
    lambda row: [*row[:5], row[-3] * 3, *row[6:]],
    lambda row: [*row[:6], row[-3], row[-2], row[-3], row[-1], row[-3], row[-2], *row[12:]],
    lambda row: [row[0] + "\udcff", *row[1:]],
]


def bad_file(path: Path, good: Path) -> Path:
    """A member file in which each row breaks a rule with its own values."""
    lines = list(csv.reader(io.StringIO(good.read_text("utf-8")), delimiter=";"))
    rows = [spoil(list(row)) for row, spoil in zip(lines[1:], BAD_ROWS * 3, strict=False)]
    text = "\n".join(";".join(row) for row in [lines[0], *rows, lines[-1]]) + "\n"
    path.write_text(text, "utf-8", errors="surrogateescape")
    return path


def command_lines(
    stage: SmallStage, evidence: Evidence, folder: Path, somebody: list[Somebody]
) -> None:
    """Commands on spoilt files and wrong numbers; none of them is meant to show a person."""

    def run(*words: str | Path, fails: bool = True) -> None:
        ran = stage.run(*words)
        evidence.commands.append((" ".join(str(word) for word in words[:2]), ran.said))
        assert bool(ran.code) is fails, (words[:2], ran.code)

    good, person = member_file(stage, "99990002"), somebody[0]
    spoilt = bad_file(folder / "spoilt.csv", good)
    headless = folder / "headless.csv"
    headless.write_text("\n".join(good.read_text("utf-8").splitlines()[1:]), "utf-8")
    ours = ("--folder", folder / "insurer")
    run("feed", "key", "--out", folder / "platform.json", fails=False)
    platform = ("--platform", folder / "platform.json")
    run("insurer", "init", "99990009", "--sandbox", *ours, *platform, fails=False)
    run("insurer", "prepare", spoilt, *ours, fails=False)
    run("insurer", "prepare", spoilt, *ours, "--rejects", folder / "rejects.csv", fails=False)
    run("insurer", "prepare", headless, *ours)
    run("insurer", "replace", spoilt, *ours)
    run("insurer", "replace", headless, *ours)
    run("insurer", "cards", spoilt, "--out", folder / "cards", *ours, fails=False)
    run("insurer", "cards", headless, "--out", folder / "no-cards", *ours)
    few, its_own = folder / "few.csv", ("--folder", stage.home / "insurers" / "99990002")
    few.write_text("\n".join(good.read_text("utf-8").splitlines()[:12]) + "\n", "utf-8")
    run("insurer", "cards", few, "--out", folder / "few-cards", *its_own, fails=False)
    opened = ("--members", good, "--out", folder / "opened.csv", *ours)
    run("insurer", "open", spoilt, *opened)
    run("insurer", "open", headless, *opened)
    for value in person.said:
        run("insurer", "init", value, "--folder", folder / "none")
        run("card", "verify", value, "--keep", "--lists", folder / "none")
        run("site", "register", value, "--kind", "pharmacy")
        run("feed", "import", spoilt, "--amc", value)
        run("account", "freeze", value, "--why", "reported", "--as", "nadia")
        run("account", "freeze", "demo-imaging", "--why", "reported", "--as", value + " (?)")
        run("ask", "--domain", value)

    feed = stage.home / "insurers" / "99990002" / "feed-99990002-00001.rpf"
    whole = feed.read_bytes()
    for name, data in {
        "cut": whole[: len(whole) // 2],
        "turned": whole[:500] + bytes([whole[500] ^ 1]) + whole[501:],
        "clear": good.read_bytes(),
        "empty": b"",
    }.items():
        (folder / f"{name}.rpf").write_bytes(data)
        run("feed", "import", folder / f"{name}.rpf", "--amc", "99990002")
    run("feed", "import", feed, "--amc", "99990001")
    run("feed", "import", feed, "--amc", "99990002", fails=False)

    for words in (
        ("ledger", "check", spoilt),
        ("ledger", "verify", "--saved", spoilt),
        ("ledger", "verify", "--key", spoilt),
        ("ledger", "verify", "--folder", folder),
        ("ledger", "prove", "999999999"),
        ("ledger", "export", folder),
        ("operator", "register", spoilt),
        ("operator", "trust", spoilt),
        ("operator", "sign", spoilt, "--key", spoilt, "--fingerprint", "x", "--out", folder / "c"),
        ("software", "register", "x", "--site", "x", "--jwks", spoilt, "--certificate", spoilt),
        ("ask", "--patient", "99999"),
    ):
        run(*words)
    run("ask", "--typed", fails=False)
    run("ask", "--patient", "2", fails=False)
    run("ledger", "verify", fails=False)
    run("ledger", "prove", "2", "--with-detail", "--out", folder / "proof.json", fails=False)
    run("ledger", "check", folder / "proof.json", fails=False)
    run("ledger", "checkpoint", fails=False)
    run("ledger", "export", folder / "export", fails=False)
    run("vault", "status", fails=False)
    run("site", "list", fails=False)
    run("account", "list", "--all", fails=False)
    for path in [*(folder / "export").iterdir(), folder / "rejects.csv", folder / "proof.json"]:
        evidence.files[path.name] = path.read_bytes()
