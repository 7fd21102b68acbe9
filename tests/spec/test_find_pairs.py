"""Whose a card is in the ledger: told to whoever judges claims, and nothing else of it."""

import pytest

from rempart.domain.disclosure import question_detail
from rempart.domain.errors import TemporarilyUnavailable
from rempart.sealing.locks import find_of
from rempart.usecases.card_codes import read_card
from rempart.usecases.claim_messages import FindPair, PairFound
from rempart.usecases.messages import Answered, Refused
from tests.worlds import World

title = "Whose a card is in the ledger"

AMC = 99990001
MONTH = 31 * 86_400 * 1_000_000


@pytest.fixture
def world() -> World:
    return World()


def find(world: World, code: str) -> bytes:
    """What a card's lock is found by."""
    key = world.insurer.key.public_key()
    return find_of(read_card(code, keys=lambda amc, kid: key, on=None).secret)


def pair(world: World, code: str, *, site: int, amc: int = AMC) -> bytes:
    reply = world.send(FindPair(site, amc, find(world, code)))
    assert isinstance(reply, PairFound), reply
    return reply.pair


def asked(world: World, code: str) -> tuple[int, bytes]:
    """A question about a card: its site's number, and the pair that stands beside its entry."""
    assert isinstance(world.ask(world.sign_in(), code), Answered)
    detail = question_detail(world.store.rows[-1].detail)
    return detail.site, detail.pair


def test_it_is_the_pair_of_questions_also_in_another_month(world):
    code = world.member("P-1").code
    site, told = asked(world, code)
    assert pair(world, code, site=site) == told
    world.clock.at += MONTH
    world.restart()
    assert pair(world, code, site=site) == told


def test_it_leaves_no_entry_and_makes_no_key(world):
    code = world.member("P-1").code
    site, _ = asked(world, code)
    before, names = len(world.store.rows), sorted(world.vault_keys.names(""))
    world.clock.at += MONTH
    pair(world, code, site=site)
    assert (len(world.store.rows), sorted(world.vault_keys.names(""))) == (before, names)


def test_another_site_insurer_or_person_is_another_pair_or_none(world):
    one, other = world.member("P-1").code, world.member("P-2", member_number="A2").code
    site, told = asked(world, one)
    others = [pair(world, one, site=site + 1), pair(world, other, site=site)]
    assert len({told, *others}) == 3
    assert pair(world, one, site=site, amc=AMC + 1) == b""


def test_what_is_not_there_or_is_two_peoples_is_nobodys(world):
    code = world.member("P-1").code
    site, _ = asked(world, code)
    for rows in world.rights.rows.values():
        rows.append(rows[0]._replace(handle=b"h" * 32))
    assert pair(world, code, site=site) == b""
    world.rights.rows.clear()
    assert pair(world, code, site=site) == b""


@pytest.mark.parametrize(
    "wanted",
    [
        FindPair(1, AMC, b"f" * 15),
        FindPair(1, AMC, b"f" * 17),
        FindPair(1, 10**8, b"f" * 16),
        FindPair(1, -1, b"f" * 16),
        FindPair(-1, AMC, b"f" * 16),
        FindPair(2**32, AMC, b"f" * 16),
    ],
    ids=lambda each: str((each.site, each.amc, len(each.find))),
)
def test_what_can_be_no_pair_is_refused(world, wanted):
    reply = world.send(wanted)
    assert isinstance(reply, Refused)
    assert reply.reason == "forbidden-move"


def test_with_the_database_away_it_is_said(world):
    class Away:
        def find(self, indexes):
            raise TemporarilyUnavailable("database unreachable")

    world.service.pairs.rights = Away()
    assert world.send(FindPair(1, AMC, b"f" * 16)) == Refused("unavailable")
