"""Who may ask the vault for what, at its door."""

import socket

import pytest
from msgspec import structs

from rempart.adapters.vaultdoor.frames import FrameRefused
from rempart.usecases.access_messages import OpenAccess
from rempart.usecases.claim_messages import DecideClaim, FindPair
from rempart.usecases.incident_messages import SayOfIncident
from rempart.usecases.measure_messages import AskProtections, EnterMeasures
from rempart.usecases.messages import Allow, Contain, ReloadKeys, Standings, Status
from rempart.usecases.people_messages import WhoAmI
from rempart.vault.loop import Peer, admitted

title = "At the vault's door"


@pytest.fixture
def peers():
    ours, theirs = socket.socketpair()
    yield Peer(ours, own=True), Peer(theirs, own=False)
    ours.close()
    theirs.close()


DECISIONS = [
    Contain("x", "frozen", "alert"),
    Allow("site", "x", 2, False, 0, 1, "opening"),
    Standings(),
]


@pytest.mark.parametrize("request_", DECISIONS, ids=lambda each: type(each).__name__)
def test_decisions_are_of_our_own_user_or_of_staff_that_is_signed_in(peers, request_):
    own, gateway = peers
    assert admitted(request_, own) is request_
    with pytest.raises(FrameRefused):
        admitted(request_, gateway)
    signed = structs.replace(request_, token=b"t", proof="p")
    assert admitted(signed, gateway) is signed


def test_keys_are_read_again_for_our_own_user_alone(peers):
    own, gateway = peers
    assert admitted(ReloadKeys(), own)
    with pytest.raises(FrameRefused):
        admitted(ReloadKeys(), gateway)


def test_what_a_person_decided_on_a_claim_is_written_down_for_our_own_user_alone(peers):
    own, gateway = peers
    decided = DecideClaim(b"t" * 16, accepted=True, amount=1, why="shown", by="nadia")
    assert admitted(decided, own) is decided
    with pytest.raises(FrameRefused):
        admitted(decided, gateway)


def test_whose_a_card_is_in_the_ledger_is_told_to_our_own_user_alone(peers):
    own, gateway = peers
    wanted = FindPair(4, 99990001, b"f" * 16)
    assert admitted(wanted, own) is wanted
    with pytest.raises(FrameRefused):
        admitted(wanted, gateway)


def test_what_was_read_about_members_is_opened_for_our_own_user_alone(peers):
    own, gateway = peers
    wanted = OpenAccess("request", "nadia")
    assert admitted(wanted, own) is wanted
    with pytest.raises(FrameRefused):
        admitted(wanted, gateway)


def test_what_is_said_of_an_incident_is_written_down_for_our_own_user_alone(peers):
    own, gateway = peers
    said = SayOfIncident(7, "fact", "nadia", b"w" * 32, at=1)
    assert admitted(said, own) is said
    with pytest.raises(FrameRefused):
        admitted(said, gateway)


@pytest.mark.parametrize("request_", [AskProtections(), EnterMeasures(1, b"\x01", bytes(32))])
def test_protections_are_told_to_and_attested_by_our_own_user_alone(peers, request_):
    own, gateway = peers
    assert admitted(request_, own) is request_
    with pytest.raises(FrameRefused):
        admitted(request_, gateway)


def test_what_people_ask_comes_through_the_gateways_peers(peers):
    for request_ in (WhoAmI(b"t", "p"), Status()):
        assert all(admitted(request_, peer) is request_ for peer in peers)
