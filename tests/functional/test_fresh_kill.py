"""A vault killed while fresh codes are read: the next one refuses what it had read."""

import contextlib
import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest

from benchmarks.ground import AMC, ENDS, Ground, ask, ground
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.system import SystemClock
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.public_key import vault_key
from rempart.domain.disclosure import EntryType, Outcome, Presence, decode, question_detail
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.phone_card import PhoneCard
from rempart.sealing.cose import kid_of
from rempart.sealing.fresh import HISTORY, RIGHTS, Aim
from rempart.sealing.locks import CARD
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.fresh_codes import fresh_text, phone_card_bytes
from rempart.usecases.history_messages import AskHistory, HistoryShown
from rempart.usecases.messages import Answered, CardShown, PresenceKey, PresenceNote, Refused
from rempart.usecases.seal_presence import presence_key_of
from rempart.usecases.show_history import EVERY
from tests.phones import phone_key, point
from tests.postgres_servers import roomy

title = "When the vault is killed: fresh codes"

KILLS = 4
RECORDS = 400


@pytest.fixture(scope="module")
def installation() -> Iterator[Ground]:
    with ground(RECORDS, within=roomy()) as made:
        yield made


def fresh(made: Ground, vault: bytes, number: int, aim: Aim = RIGHTS) -> CardShown:
    """What the phone of member ``number`` makes now."""
    card = PhoneCard(
        amc=AMC,
        secret=made.secret(number),
        point=point(phone_key(number)),
        valid_from=datetime.now(UTC).date(),
        valid_to=ENDS,
        key_id=kid_of(made.card_key.public_key()),
    )
    signed = phone_card_bytes(card, made.card_key)
    now = SystemClock().now() // 1_000_000
    chance = {"nonce": os.urandom(16), "ephemeral": os.urandom(32)}
    text = fresh_text(signed, phone_key(number), vault=vault, made=now, aim=aim, **chance)
    return CardShown(text)


def under_load(
    made: Ground, token: bytes, codes: list[CardShown], received: set[str], kill: int
) -> None:
    """Show them by tens until the vault is gone; note which were answered."""
    with contextlib.suppress(TemporarilyUnavailable), Door(made.settings.vault_socket) as door:
        for at in range(0, len(codes), 10):
            tens = codes[at : at + 10]
            asks = [ask(token, f"{kill}-{at}-{n}", code) for n, code in enumerate(tens)]
            for code, reply in zip(tens, door.ask_all(asks), strict=True):
                assert isinstance(reply, Answered), reply
                received.add(code.code)


def test_a_code_is_answered_to_one_request_over_kills(installation):
    made = installation
    key = made.register(2)
    made.populate(lambda _: CARD)
    chance = random.Random(20261126)
    refused = 0

    for kill in range(KILLS):
        received: set[str] = set()
        with made.vault() as process:
            with Door(made.settings.vault_socket) as door:
                token, _ = made.sign_in(door, key, 2)
                note = door.ask(PresenceKey())
            assert isinstance(note, PresenceNote)
            verifier = vault_key(made.settings.vault_key_file)
            vault = presence_key_of(note.note, verifier, now=SystemClock().now())
            codes = [fresh(made, vault, number) for number in range(RECORDS)]
            load = threading.Thread(target=under_load, args=(made, token, codes, received, kill))
            load.start()
            time.sleep(chance.uniform(0.02, 0.12))
            process.kill()
            load.join()
        with made.vault(), Door(made.settings.vault_socket) as door:
            _, other = made.sign_in(door, key, 2)
            asks = [ask(other, f"again-{kill}-{n}", code) for n, code in enumerate(codes)]
            for code, reply in zip(codes, door.ask_all(asks), strict=True):
                if isinstance(reply, Refused):
                    assert (reply.reason, reply.detail[:5]) == ("card-refused", "once:")
                    refused += 1
                else:
                    assert isinstance(reply, Answered)
                    assert code.code not in received
    assert refused

    with ledger_view(partial(connect, "auditor", made.settings)) as view:
        AuditLedger(view, verifier)()
        requests: dict[bytes, set[bytes]] = defaultdict(set)
        for stored in view.entries():
            entry = decode(stored.body or b"")
            if entry.type is EntryType.QUESTION and entry.outcome is Outcome.OPENED:
                assert entry.presence is Presence.FRESH
                detail = question_detail(stored.detail or b"")
                requests[detail.code].add(detail.request)
    assert len(requests) == KILLS * RECORDS

    # What was read counts, answered or not: each member is told of each time.
    with made.vault(), Door(made.settings.vault_socket) as door:
        for number in (0, RECORDS - 1):
            time.sleep(EVERY / 1_000_000)
            code = fresh(made, vault, number, HISTORY).code
            shown = door.ask(AskHistory(code))
            assert isinstance(shown, HistoryShown), shown
            assert (shown.total, len(shown.answers)) == (KILLS, KILLS)
            assert door.ask(AskHistory(code)) == Refused("ask-your-insurer")
    assert {len(each) for each in requests.values()} == {1}
