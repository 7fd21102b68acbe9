"""Sealed presence through every real part: TLS, gateway, vault, PostgreSQL, command line."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.adapters.identity.assertions import new_key, public_jwks
from rempart.domain.errors import IntegrityBroken, TemporarilyUnavailable
from rempart.domain.site import SiteKind
from rempart.drill.cases import patient_card
from rempart.drill.phone import show_card
from rempart.drill.software import QuestionRefused, typed_of
from rempart.sealing.presence import VaultEnd, key_id_of, public_of, vault_key
from rempart.tlog.note import NoteKey
from rempart.usecases.messages import Ask, CardShown, PresenceNote, Refused, Sealed, SignIn
from rempart.usecases.seal_presence import note_text, shown_in
from tests.functional.stage import SmallStage
from tests.running_gateway import CLOCK, running_gateway
from tests.scripted_door import CARD, CODE, LEGACY_CARD, PERSONAL, TOKEN, opened

title = "Sealed presence, on the real stack"

CARE_DATE = date(2026, 11, 23)
VAULT, THIEF = (NoteKey("vault.test/ledger", secret * 32) for secret in (b"v", b"t"))
PRIVATE = b"p" * 32
DAY = 86_400_000_000


def note(signer: NoteKey = VAULT, *, ends_in: int = DAY, origin: str = "") -> PresenceNote:
    text = note_text(origin or signer.origin, public_of(PRIVATE), until=CLOCK.now() + ends_in)
    return PresenceNote(signer.sign(text))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with running_gateway(tmp_path_factory.mktemp("sealing-gateway")) as running:
        yield running


@pytest.fixture
def running(served):
    served.door.asked.clear()
    served.door.presence, served.door.answer = note(), opened
    return served


# Over TLS, with a vault's key that the test holds


def asks(running) -> list[Ask]:
    return [sent for sent in running.door.asked if isinstance(sent, Ask)]


def vaults_end(running) -> VaultEnd:
    """What the vault makes of the last sign-in."""
    sign_in = [sent for sent in running.door.asked if isinstance(sent, SignIn)][-1]
    payload = sign_in.assertion.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    named = claims["urn:rempart:presence-key"]
    claim = base64.urlsafe_b64decode(named + "=" * (-len(named) % 4))
    assert claim[:8] == key_id_of(public_of(PRIVATE))
    session = hashlib.sha256(TOKEN).digest()
    return VaultEnd(session, AESGCM(vault_key(PRIVATE, claim[8:], session)))


def unsealed(vault: VaultEnd, ask: Ask):
    assert isinstance(ask.shown, Sealed)
    bound = {"key": ask.key, "domain": ask.domain, "care_date": ask.care_date}
    return shown_in(
        vault.open(ask.shown.value, **{name: text.encode() for name, text in bound.items()})
    )


@pytest.mark.parametrize("shown", [CODE, CARD, LEGACY_CARD], ids=["card", "declared", "legacy"])
def test_a_software_seals_what_it_was_shown(running, shown):
    with running.software(vault=VAULT.verifier) as software:
        told = software.ask(shown, ["PHAR", "LPPS", "OPTI"], CARE_DATE)
    assert [each.reference for each in told] == ["D41", "D42", "D43"]
    vault, brought = vaults_end(running), CardShown(shown) if shown == CODE else typed_of(shown)
    assert [unsealed(vault, ask) for ask in asks(running)] == [brought] * 3
    passed = b"".join(ask.shown.value for ask in asks(running)) + repr(running.door.asked).encode()
    assert not [text for text in PERSONAL if text.encode() in passed]


def test_each_try_is_sealed_anew(running):
    lost = iter([Refused("unavailable"), Refused("not-signed-in")])
    running.door.answer = lambda ask: next(lost, None) or opened(ask)
    with running.software(vault=VAULT.verifier) as software:
        software.ask(CODE, ["PHAR"], CARE_DATE)
        software.ask(CODE, ["PHAR"], CARE_DATE)
    sent = asks(running)
    assert len({ask.key for ask in sent[:3]}) == 1
    assert len({ask.shown.value for ask in sent}) == 4
    # The third is of a new session, whose counter begins again under another key.
    vault = vaults_end(running)
    assert [unsealed(vault, ask) for ask in sent[2:]] == [CardShown(CODE)] * 2


@pytest.mark.parametrize(
    "given",
    [
        lambda: note(THIEF),
        lambda: note(ends_in=-1_000_000),
        lambda: note(origin="another/ledger"),
        lambda: PresenceNote("no note"),
        lambda: PresenceNote(note().note.replace("rempart", "Rempart")),
    ],
    ids=["another's", "too old", "another ledger's", "none", "changed"],
)
def test_a_gateway_that_gives_another_key_is_told_nothing(running, given):
    running.door.presence = given()
    with running.software(vault=VAULT.verifier) as software, pytest.raises(IntegrityBroken):
        software.ask(CODE, ["PHAR"], CARE_DATE)
    assert asks(running) == []
    assert not [sent for sent in running.door.asked if isinstance(sent, SignIn)]


def test_a_gateway_that_gives_none_is_asked_again_and_told_nothing(running):
    running.door.presence = Refused("unavailable")
    with running.software(vault=VAULT.verifier) as software, pytest.raises(TemporarilyUnavailable):
        software.ask(CODE, ["PHAR"], CARE_DATE)
    assert asks(running) == []
    assert len(running.door.asked) == 3


# The whole installation


@contextmanager
def must_seal(stage: SmallStage, kind: SiteKind) -> Iterator[None]:
    """For the block, this site's software must; the vault sees it within half a second."""
    change = "UPDATE registry.software SET sealing = %s WHERE client_id = %s"
    with psycopg.connect(stage.admin, autocommit=True) as admin:
        admin.execute(change, ("required", f"demo-{kind.value}"))
        try:
            yield
        finally:
            admin.execute(change, ("open", f"demo-{kind.value}"))


def eventually(what: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def refused_in_clear(stage: SmallStage, kind: SiteKind, shown: str) -> bool:
    with stage.software(kind, seals=False) as software:
        try:
            software.ask(shown, ["OPTI"], stage.today)
        except QuestionRefused as refusal:
            return (refusal.code, refusal.status) == ("seal-presence", 403)
    return False


def test_a_software_that_must_seal_is_answered_sealed_and_refused_in_clear(stage):
    person, kind = stage.people[1], SiteKind.OPTICIAN
    with must_seal(stage, kind):
        eventually(lambda: refused_in_clear(stage, kind, person["code"]))
        with stage.software(kind) as software:
            (card,) = software.ask(patient_card(person), ["OPTI"], stage.today)
            (typed,) = software.ask(patient_card(person, typed=True), ["OPTI"], stage.today)
            (again,) = software.ask(patient_card(person), ["OPTI"], stage.today, key="sealed-again")
            (same,) = software.ask(patient_card(person), ["OPTI"], stage.today, key="sealed-again")
    assert (card.in_force, card.until, card.mode) == (typed.in_force, typed.until, typed.mode)
    assert not card.refused
    assert same.reference == again.reference


def test_several_domains_are_sealed_each(stage):
    with stage.software(SiteKind.HOSPITAL) as software:
        told = software.ask(stage.people[2]["code"], ["HOSP", "EXTE"], stage.today)
    assert [each.domain for each in told] == ["HOSP", "EXTE"]
    assert not [each.refused for each in told if each.refused]


def test_a_fresh_code_through_every_part_serves_one_request_of_two_domains(stage):
    """Made as a phone makes it, for the vault's published key; another site then hears no."""
    code = stage.people[4]["code"]
    with stage.software(SiteKind.HOSPITAL) as software:
        vault, now = software.presence_key(), int(time.time())
        fresh = show_card(stage.home, code, vault, made=now)
        told = software.ask(fresh, ["HOSP", "EXTE"], stage.today)
        plain = software.ask(code, ["HOSP", "EXTE"], stage.today)
    said = [[(t.domain, t.in_force, t.until, t.mode) for t in each] for each in (told, plain)]
    assert said[0] == said[1]
    with stage.software(SiteKind.OPTICIAN) as software, pytest.raises(QuestionRefused) as refusal:
        software.ask(fresh, ["OPTI"], stage.today)
    assert refusal.value.code == "card-refused"


def test_renewed_while_it_runs(stage):
    """A session goes on, the next one has the new key; the command is the vault's user's alone."""
    person = stage.people[3]
    with stage.software(SiteKind.OPTICIAN) as software:
        software.sign_in()
        before = software._http.get("/.well-known/rempart-presence-key").text
        ran = stage.run("keys", "renew-presence")
        assert (ran.code, "renewed" in ran.said) == (0, True)
        after = software._http.get("/.well-known/rempart-presence-key").text
        assert before != after
        software.ask(patient_card(person), ["OPTI"], stage.today)
        software.sign_in()
        software.ask(patient_card(person), ["OPTI"], stage.today)


def test_the_command_asks_sealed(stage):
    """What ``rempart ask`` sends is answered where nothing in clear would be."""
    kind = SiteKind.OPTICIAN
    with must_seal(stage, kind):
        eventually(lambda: refused_in_clear(stage, kind, stage.people[0]["code"]))
        for words in ((), ("--typed",)):
            ran = stage.run("ask", "--as", kind.value, "--domain", "OPTI", *words)
            assert (ran.code, "seal-presence" in ran.said) == (0, False)


def test_what_is_registered_must_seal_unless_it_is_said_otherwise(stage, tmp_path):
    (tmp_path / "jwks.json").write_text(json.dumps(public_jwks(new_key("seals"))))
    words = (
        *("software", "register", "vendor-seals", "--sandbox"),
        *("--site", stage.run("site", "list").said.split()[0]),
        *("--jwks", tmp_path / "jwks.json", "--certificate", stage.certificate(tmp_path)),
    )
    sealing = "SELECT sealing FROM registry.software WHERE client_id = 'vendor-seals'"
    with psycopg.connect(stage.admin, autocommit=True) as admin:
        for more, expected in (((), "required"), (("--may-send-open",), "open"), ((), "required")):
            assert stage.run(*words, *more).code == 0
            assert admin.execute(sealing).fetchall() == [(expected,)]
    assert stage.run("software", "revoke", "vendor-seals").code == 0
