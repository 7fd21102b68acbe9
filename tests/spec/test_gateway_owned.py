"""A gateway in an attacker's hands has the vault's socket and what passes through it: no more."""

import base64
import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import msgpack, structs
from msgspec.structs import fields

from rempart.adapters.identity.assertions import make_assertion, new_key
from rempart.domain.disclosure import EntryType, Outcome
from rempart.usecases.messages import (
    Answered,
    Ask,
    CardShown,
    Done,
    PresenceKey,
    Refused,
    ReloadKeys,
    RenewPresence,
    Sealed,
    SignedIn,
    SignIn,
    SignOut,
    Status,
    Typed,
)
from rempart.usecases.seal_presence import SealPresence
from tests.owned_vault import (
    ACCOUNTS,
    OTHER,
    PHARMACY,
    SILENT,
    TOKEN_URL,
    OwnedWorld,
    assert_all_written,
)
from tests.phones import phone_of
from tests.worlds import seal_question

title = "A gateway in an attacker's hands"

NOT_SIGNED_IN = Refused("not-signed-in")
REFUSED = Refused("sign-in-refused", "sign-in refused")


@pytest.fixture
def world() -> OwnedWorld:
    return OwnedWorld()


@pytest.fixture
def card(world):
    return world.member("REF-1").code


def signed_in(world: OwnedWorld, client_id: str) -> bytes:
    reply = world.send(world.relayed(client_id))
    assert isinstance(reply, SignedIn), reply
    return reply.token


def question(world: OwnedWorld, token: bytes, certificate: bytes, shown: str) -> Ask:
    world.keys_used += 1
    return Ask(
        token=token,
        certificate=certificate,
        key=f"key-{world.keys_used}",
        domain="PHAR",
        care_date="2026-11-24",
        shown=CardShown(shown),
    )


def questions(world: OwnedWorld) -> int:
    return sum(e.type in {EntryType.QUESTION, EntryType.REPEAT} for e in world.entries())


# What it can say


def test_no_field_of_any_message_names_an_account():
    """A field that is added here needs the question: could it say who is calling?"""
    said = {kind: [f.name for f in fields(kind)] for kind in (Ask, SignIn, SignOut, CardShown)}
    assert said == {
        # A network is what the gateway says that it sees: it can lie, and names nobody.
        Ask: ["token", "certificate", "key", "domain", "care_date", "shown", "network", "proof"],
        SignIn: ["assertion", "certificate"],
        SignOut: ["token"],
        CardShown: ["code"],
    }
    assert [f.name for f in fields(Typed)] == [
        "amc", "member_number", "birth_date", "birth_rank", "printed_key",
    ]  # fmt: skip
    assert not fields(Status)
    assert not fields(ReloadKeys)


def test_a_session_is_the_account_that_proved_itself_whatever_comes_with_it(world, card):
    """Names in every text that a question has do not make it another's."""
    token = signed_in(world, PHARMACY)
    own = ACCOUNTS[PHARMACY].certificate
    asks = [
        Ask(token, own, OTHER, "PHAR", "2026-11-24", CardShown(card)),
        Ask(token, own, ACCOUNTS[OTHER].site, "PHAR", "2026-11-24", CardShown(card)),
        Ask(token, own, "k", OTHER, "2026-11-24", CardShown(card)),
        Ask(token, own, "l", "PHAR", OTHER, CardShown(card)),
        Ask(token, own, "m", "PHAR", "2026-11-24", CardShown(OTHER)),
        Ask(token, own, "n", "PHAR", "2026-11-24", Typed(OTHER, OTHER, OTHER, OTHER, OTHER)),
    ]
    replies = world.service(list(asks))
    assert_all_written(
        world, [(PHARMACY, ask, reply) for ask, reply in zip(asks, replies, strict=True)]
    )
    assert world.account_as(OTHER) not in {e.account for e in world.entries()}


# Sessions that it has seen


def test_a_token_is_worth_nothing_under_another_certificate(world, card):
    token = signed_in(world, PHARMACY)
    for certificate in (ACCOUNTS[OTHER].certificate, ACCOUNTS[SILENT].certificate, b"", b"1" * 31):
        assert world.send(question(world, token, certificate, card)) == NOT_SIGNED_IN
    assert questions(world) == 0
    own = ACCOUNTS[PHARMACY].certificate
    assert isinstance(world.send(question(world, token, own, card)), Answered)


def test_a_token_that_it_replays_asks_under_the_account_that_it_was_given_to(world, card):
    tokens = {name: signed_in(world, name) for name in (PHARMACY, OTHER)}
    asked = []
    for name in (OTHER, PHARMACY, OTHER):
        ask = question(world, tokens[name], ACCOUNTS[name].certificate, card)
        asked.append((name, ask, world.send(ask)))
    assert_all_written(world, asked)
    assert all(isinstance(reply, Answered) for _, _, reply in asked)


def test_a_token_that_was_given_back_or_is_too_old_asks_nothing(world, card):
    own = ACCOUNTS[PHARMACY].certificate
    given_back = signed_in(world, PHARMACY)
    assert world.send(SignOut(given_back)) == Done()
    assert world.send(question(world, given_back, own, card)) == NOT_SIGNED_IN
    old = signed_in(world, PHARMACY)
    world.clock.forward(seconds=301)
    assert world.send(question(world, old, own, card)) == NOT_SIGNED_IN
    assert questions(world) == 0


def test_no_token_survives_a_restart(world, card):
    token = signed_in(world, PHARMACY)
    world.restart()
    ask = question(world, token, ACCOUNTS[PHARMACY].certificate, card)
    assert world.send(ask) == NOT_SIGNED_IN


# Tokens that it makes


def test_what_can_be_read_of_a_session_is_not_its_token(world, card):
    """Its digest, its pseudonym in the ledger, the account's, and tokens one bit away."""
    token = signed_in(world, PHARMACY)
    handle = hashlib.sha256(token).digest()
    made = [
        handle,
        world.session_as(handle),
        world.account_as(PHARMACY),
        world.entries()[-1].session,
        PHARMACY.encode(),
        token[:-1],
        token + b"\0",
        token[::-1],
        b"",
        *(bytes([token[0] ^ 1 << bit]) + token[1:] for bit in range(8)),
    ]
    own = ACCOUNTS[PHARMACY].certificate
    for forged in made:
        assert world.send(question(world, forged, own, card)) == NOT_SIGNED_IN
    assert questions(world) == 0
    assert isinstance(world.send(question(world, token, own, card)), Answered)


# Sessions that it would issue itself


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims_of(assertion: str) -> dict:
    payload = assertion.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def test_it_issues_itself_no_session(world, card):
    """Its own keys, the right names, the public halves, another's signature, no signature."""
    now = world.clock.now()
    certificate = ACCOUNTS[SILENT].certificate
    own_key = FORGER
    passed = world.assertion(OTHER)
    head, payload, signature = passed.split(".")
    as_silent = part(claims_of(passed) | {"iss": SILENT, "sub": SILENT})
    forged = [
        make_assertion(SILENT, TOKEN_URL, own_key, now=now),
        make_assertion(SILENT, TOKEN_URL, ACCOUNTS[OTHER].key, now=now),
        make_assertion(SILENT, "https://elsewhere.test/token", ACCOUNTS[SILENT].key, now=now),
        make_assertion(SILENT, TOKEN_URL, ACCOUNTS[SILENT].key, now=now - 600_000_000),
        f"{head}.{as_silent}.{signature}",
        f"{part({'alg': 'none', 'kid': ACCOUNTS[SILENT].key['kid']})}.{as_silent}.",
        f"{head}.{payload}.",
        "",
        SILENT,
        f"{SILENT} jti-00000001",
    ]
    for assertion in forged:
        assert world.send(SignIn(assertion, certificate)) == REFUSED
    assert {e.type for e in world.entries()} == {
        EntryType.VAULT_STARTED,
        EntryType.SIGN_IN_REFUSED,
    }
    assert isinstance(world.send(world.relayed(SILENT)), SignedIn)


def test_an_assertion_that_passed_serves_once_and_with_its_own_certificate(world):
    """Also after a restart: the ledger remembers which it has seen."""
    passed = world.relayed(PHARMACY)
    for certificate in (ACCOUNTS[OTHER].certificate, b"", b"9" * 32):
        assert world.send(SignIn(passed.assertion, certificate)) == REFUSED
    assert isinstance(world.send(passed), SignedIn)
    assert world.send(passed) == REFUSED
    world.restart()
    assert world.send(passed) == REFUSED
    assert sum(e.type is EntryType.SIGN_IN for e in world.entries()) == 1


# What passes, sealed


def test_no_field_of_what_is_sealed_names_an_account():
    said = {kind: [f.name for f in fields(kind)] for kind in (Sealed, PresenceKey, RenewPresence)}
    assert said == {Sealed: ["value"], PresenceKey: [], RenewPresence: []}


class Relay:
    """A gateway that keeps all that it relays, and everything that it is told."""

    def __init__(self, world: OwnedWorld) -> None:
        self.world = world
        self.asked: list[Ask] = []
        self.bytes = b""

    def send(self, request):
        reply = self.world.send(request)
        if isinstance(request, Ask):
            self.asked.append(request)
        self.bytes += msgpack.encode(request) + msgpack.encode(reply)
        return reply


def a_day(world: OwnedWorld, relay: Relay, patients, *, seals: bool) -> bytes:
    """A pharmacy's day through a gateway that keeps everything; its last token."""
    sign_in, seal = world.relayed_sealing(PHARMACY) if seals else (world.relayed(PHARMACY), None)
    token = relay.send(sign_in).token
    if seal:
        seal.begin(token)
    for card in patients:
        for shown in (CardShown(card.code), card.typed):
            ask = structs.replace(
                question(world, token, sign_in.certificate, ""),
                shown=shown,
            )
            reply = relay.send(seal_question(seal, ask) if seal else ask)
            assert isinstance(reply, Answered), reply
    return token


@pytest.fixture
def patients(world):
    return [world.member(f"REF-{n}", member_number=f"NUMBER{n}") for n in range(6)]


def later(world: OwnedWorld, relay: Relay) -> int:
    """Answers to all that was kept, in new sessions of its own relaying, sealing or not."""
    tokens = [(signed_in(world, OTHER), OTHER), (signed_in(world, PHARMACY), PHARMACY)]
    for name in (OTHER, PHARMACY):
        sign_in, _ = world.relayed_sealing(name)
        tokens.append((world.send(sign_in).token, name))
    answered = 0
    for token, name in tokens:
        own = ACCOUNTS[name].certificate
        for kept in relay.asked:
            changed = [{}, {"key": f"new {kept.key}"}]
            if isinstance(kept.shown, Sealed):
                value = kept.shown.value
                texts = [value.hex(), base64.b64encode(value).decode(), value.decode("latin-1")]
                changed += [{"shown": CardShown(text)} for text in texts]
                changed += [{"shown": Typed(*[text] * 5)} for text in texts]
            for change in changed:
                ask = structs.replace(kept, token=token, certificate=own, **change)
                answered += isinstance(world.send(ask), Answered)
    return answered


def test_what_it_kept_of_sealed_questions_opens_nothing_later(world, patients):
    relay = Relay(world)
    a_day(world, relay, patients, seals=True)
    for card in patients:
        printed = [card.typed.member_number, card.typed.birth_date, card.typed.printed_key]
        assert not [text for text in (card.code, *printed) if text.encode() in relay.bytes]
    assert later(world, relay) == 0


def test_what_it_kept_of_questions_in_clear_does(world, patients):
    """The measure of the test above."""
    relay = Relay(world)
    a_day(world, relay, patients, seals=False)
    assert later(world, relay) > 0


def test_a_fresh_code_that_it_kept_of_a_question_in_clear_opens_nothing_more(world):
    """Used, it is used; held back, it is worth one question within its minute."""
    phone = phone_of(world.member("REF-1"), world.insurer)
    token, own = signed_in(world, OTHER), ACCOUNTS[OTHER].certificate
    codes = [phone.now(world) for _ in range(2)]
    assert isinstance(world.send(question(world, token, own, codes[0])), Answered)
    assert world.send(question(world, token, own, codes[0])).reason == "card-refused"
    world.clock.forward(seconds=61)
    assert world.send(question(world, token, own, codes[1])).reason == "card-refused"


def test_with_a_live_token_of_a_software_that_seals_it_asks_nothing(world, patients):
    """Not with cards that it has from elsewhere, nor with what passes at that moment."""
    relay = Relay(world)
    token = a_day(world, relay, patients[:2], seals=True)
    own = ACCOUNTS[PHARMACY].certificate
    theirs = SealPresence(world.presence_key(), b"t" * 32)
    theirs.begin(token)
    replies = [world.send(kept) for kept in relay.asked]
    for card in patients:
        for ask in (question(world, token, own, card.code), question(world, token, own, card.code)):
            replies += [world.send(ask), world.send(seal_question(theirs, ask))]
    assert {reply.reason for reply in replies} == {"malformed", "seal-presence"}
    opened = [e for e in world.entries() if e.outcome is Outcome.OPENED]
    assert len(opened) == len(relay.asked)


def test_an_assertion_that_it_keeps_back_opens_a_session_in_which_it_asks_nothing(world, patients):
    sign_in, _ = world.relayed_sealing(PHARMACY)
    token = world.send(sign_in).token
    ask = question(world, token, ACCOUNTS[PHARMACY].certificate, patients[0].code)
    assert world.send(ask) == Refused("seal-presence")


def test_it_cannot_put_a_key_of_its_own_into_an_assertion(world):
    sign_in, _ = world.relayed_sealing(PHARMACY)
    head, payload, signature = sign_in.assertion.split(".")
    claims = claims_of(sign_in.assertion)
    theirs = SealPresence(world.presence_key(), b"t" * 32).claim
    claims["urn:rempart:presence-key"] = base64.urlsafe_b64encode(theirs).rstrip(b"=").decode()
    without = {name: claims[name] for name in claims if name != "urn:rempart:presence-key"}
    for changed in (claims, without):
        forged = f"{head}.{part(changed)}.{signature}"
        assert world.send(SignIn(forged, sign_in.certificate)) == REFUSED
    assert payload not in {part(claims), part(without)}
    assert isinstance(world.send(sign_in), SignedIn)


# Anything, in any order

FORGER = new_key(ACCOUNTS[SILENT].key["kid"])
CERTIFICATES = [account.certificate for account in ACCOUNTS.values()] + [b"", b"9" * 32]

MOVES = st.tuples(
    st.sampled_from(["ask", "ask", "relay", "replay", "forge", "sign-out", "reload"]),
    st.integers(0, 7),
    st.integers(0, 7),
    st.sampled_from(["PHAR", "OPTI", "LPPS", "X"]),
)


class Attacker:
    """Sends what it likes, by the batch, and remembers every token and assertion that passed."""

    def __init__(self) -> None:
        self.world = OwnedWorld()
        self.card = self.world.member("REF-1").code
        self.tokens: dict[bytes, str] = {b"x" * 32: ""}
        self.passed: list[SignIn] = [self.world.relayed(PHARMACY)]
        self.asked: list = []
        self.batch([("replay", 0, 0, "")])

    def request(self, move: str, one: int, other: int, domain: str):
        certificate = CERTIFICATES[one % len(CERTIFICATES)]
        token = list(self.tokens)[other % len(self.tokens)]
        match move:
            case "ask":
                ask = question(self.world, token, certificate, self.card)
                return structs.replace(ask, domain=domain)
            case "relay":
                # Two practices sign in; the third never does.
                self.passed.append(self.world.relayed([PHARMACY, OTHER][one % 2]))
                return self.passed[-1]
            case "replay":
                return SignIn(self.passed[other % len(self.passed)].assertion, certificate)
            case "forge":
                key = [FORGER, ACCOUNTS[OTHER].key][one % 2]
                now = self.world.clock.now()
                return SignIn(make_assertion(SILENT, TOKEN_URL, key, now=now), certificate)
            case "sign-out":
                return SignOut(token)
            case _:
                return ReloadKeys()

    def batch(self, moves) -> None:
        sent = [self.request(*move) for move in moves]
        for request, reply in zip(sent, self.world.service(list(sent)), strict=True):
            if isinstance(reply, SignedIn):
                self.tokens[reply.token] = claims_of(request.assertion)["iss"]
            if isinstance(request, Ask):
                owner = None if reply == NOT_SIGNED_IN else self.tokens[request.token]
                assert owner is None or request.certificate == ACCOUNTS[owner].certificate
                self.asked.append((owner, request, reply))


@settings(max_examples=60)
@given(st.lists(st.lists(MOVES, min_size=1, max_size=8), min_size=1, max_size=8))
def test_whatever_it_does_every_answer_is_written_under_who_signed_in(batches):
    attacker = Attacker()
    for moves in batches:
        attacker.batch(moves)
    assert_all_written(attacker.world, attacker.asked)
    silent = attacker.world.account_as(SILENT)
    refused = EntryType.SIGN_IN_REFUSED
    assert silent not in {e.account for e in attacker.world.entries() if e.type is not refused}


TEXT = st.text(max_size=60)


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(
            TEXT,
            TEXT | st.sampled_from(["PHAR", "OPTI"]),
            TEXT | st.dates().map(str) | st.just("2026-11-24"),
            st.builds(Sealed, st.binary(max_size=420))
            | st.builds(CardShown, TEXT | TEXT.map(lambda text: "RP1:" + text))
            | st.builds(
                Typed, TEXT | st.just("99990001"), TEXT, TEXT | st.just("19800203"), TEXT, TEXT
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_text_of_a_question_stops_the_vault_or_goes_unwritten(texts):
    world = OwnedWorld()
    token, own = signed_in(world, PHARMACY), ACCOUNTS[PHARMACY].certificate
    asks = [Ask(token, own, *text) for text in texts]
    replies = world.service(list(asks))
    assert_all_written(
        world, [(PHARMACY, ask, reply) for ask, reply in zip(asks, replies, strict=True)]
    )
    written = [e.outcome for e in world.entries() if e.type is EntryType.QUESTION]
    assert Outcome.OPENED not in written
