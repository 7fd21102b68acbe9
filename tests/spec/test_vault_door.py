"""The vault's socket under attack: who may knock, what it reads, and how it ends."""

import contextlib
import errno
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from rempart.adapters.vaultdoor.client import Door
from rempart.adapters.vaultdoor.frames import (
    FRAME_MAX,
    HEAD,
    OWN_FRAME_MAX,
    bodies,
    decode_reply,
    frame,
)
from rempart.domain.disclosure import EntryType, Outcome
from rempart.domain.errors import SetUpRefused, TemporarilyUnavailable
from rempart.usecases.messages import (
    Allow,
    Answered,
    Ask,
    CardShown,
    Contain,
    Done,
    Health,
    ReloadKeys,
    Request,
    SignedIn,
    SignOut,
    Standings,
    Status,
)
from rempart.vault import loop as loop_module
from rempart.vault.loop import BATCH_MAX, WAITING_MAX, BatchLoop
from rempart.vault.peers import listen, may_enter
from tests.owned_vault import ACCOUNTS, OTHER, PHARMACY, OwnedWorld, assert_all_written, running
from tests.postgres_servers import reachable_folder

title = "The vault's door"

ROOT = Path(__file__).parents[2]
NOBODY = 65_534
GATEWAYS = 54_321
"""A group that nobody is in."""
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can knock as somebody else")


@pytest.fixture
def folder():
    with reachable_folder() as made:
        yield made


@pytest.fixture
def world():
    return OwnedWorld()


@pytest.fixture
def served(world, folder):
    with running(world, folder) as made:
        yield made


@pytest.fixture
def other(served):
    """An honest connection, open all along."""
    with Door(served.path, timeout=20) as door:
        assert isinstance(door.ask(Status()), Health)
        yield door


def connected(path: Path) -> socket.socket:
    knocking = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    knocking.settimeout(20)
    knocking.connect(str(path))
    return knocking


def replies_on(peer: socket.socket, count: int) -> dict[int, object]:
    """So many replies by number; fewer where the vault hangs up first."""
    found: dict[int, object] = {}
    buffer = bytearray()
    while len(found) < count and (chunk := peer.recv(262_144)):
        buffer += chunk
        found |= {number: decode_reply(body) for number, body in bodies(buffer)}
    return found


def is_shut(peer: socket.socket) -> bool:
    """Whether the vault has hung up without a word."""
    try:
        return peer.recv(1) == b""
    except ConnectionResetError:
        return True


def sign_in(door: Door, world: OwnedWorld, client_id: str) -> bytes:
    reply = door.ask(world.relayed(client_id))
    assert isinstance(reply, SignedIn), reply
    return reply.token


def asks(token: bytes, client_id: str, count: int, code: str = "RP1:NOT-A-CARD") -> list[Ask]:
    own = ACCOUNTS[client_id].certificate
    return [
        Ask(token, own, f"{client_id}-{n}", "PHAR", "2026-11-24", CardShown(code))
        for n in range(count)
    ]


# What it reads

encode = msgspec.msgpack.encode
NOT_REQUESTS = {
    "no message": b"",
    "not msgpack": b"\xc1" * 40,
    "nothing": encode(None),
    "a number": encode(7),
    "a map": encode({"type": "status"}),
    "an unknown tag": encode(["become", "pharmacy-3"]),
    "no tag": encode([]),
    "a reply": encode(["done"]),
    "one field more": encode(["status", 1]),
    "one field more in a question": encode(
        [
            "ask",
            b"t",
            b"c",
            "k",
            "PHAR",
            "2026-11-24",
            ["card", "x"],
            "192.0.2.0/24",
            "",
            "pharmacy-3",
        ]
    ),
    "a field less": encode(["sign-in", "assertion"]),
    "text for bytes": encode(["sign-out", "token"]),
    "text that is not UTF-8": b"\x93\xa7sign-in\xa2\xff\xfe\xc4\x01c",
    "half a character": b"\x93\xa7sign-in\xa3\xed\xa0\x80\xc4\x01c",
    "a tag that is not UTF-8": b"\x91\xa2\xff\xff",
    "bytes after the message": encode(["status"]) + b"\0",
    "a length that lies": b"\x92\xa8sign-out\xc6\xff\xff\xff\xff",
    "a count that lies": b"\xdd\xff\xff\xff\xff",
    "deep nesting": b"\x91" * FRAME_MAX,
    "deep nesting where a field stands": b"\x92\xa8sign-out" + b"\x91" * (FRAME_MAX - 20),
    "an extension": encode(["sign-out", msgspec.msgpack.Ext(5, b"x")]),
}


@pytest.mark.parametrize("body", NOT_REQUESTS.values(), ids=NOT_REQUESTS)
def test_what_is_not_a_request_costs_its_sender_the_connection_and_nobody_else(served, other, body):
    with connected(served.path) as peer:
        peer.sendall(HEAD.pack(len(body), 1) + body)
        assert is_shut(peer)
    assert isinstance(other.ask(Status()), Health)
    with Door(served.path) as again:
        assert isinstance(again.ask(Status()), Health)


def test_a_frame_that_is_too_long_is_refused_at_its_head(served, other):
    """Not one byte of it is waited for."""
    for length in (OWN_FRAME_MAX + 1, 2**31, 2**32 - 1):
        with connected(served.path) as peer:
            peer.sendall(HEAD.pack(length, 1))
            assert is_shut(peer)
    longest = encode(["sign-out", b"x" * (OWN_FRAME_MAX - 20)])
    with connected(served.path) as peer:
        peer.sendall(HEAD.pack(len(longest), 7) + longest)
        assert replies_on(peer, 1) == {7: Done()}
    assert isinstance(other.ask(Status()), Health)


def test_half_a_frame_waits_for_its_other_half_and_holds_nobody_up(served, other):
    whole = frame(3, Status())
    for cut in range(1, len(whole)):
        with connected(served.path) as peer:
            peer.sendall(whole[:cut])
            assert isinstance(other.ask(Status()), Health)
            peer.sendall(whole[cut:])
            assert isinstance(replies_on(peer, 1)[3], Health)


def test_half_a_frame_and_a_hang_up_leave_nothing(served, other, world):
    token = sign_in(other, world, PHARMACY)
    (ask,) = asks(token, PHARMACY, 1)
    with connected(served.path) as peer:
        peer.sendall(frame(1, ask)[:-1])
    assert isinstance(other.ask(Status()), Health)
    served.stop()
    assert [e.type for e in world.entries()] == [EntryType.VAULT_STARTED, EntryType.SIGN_IN]


def test_what_was_asked_before_the_bad_frame_is_written(served, other, world):
    """Its reply is lost with the connection; its entry is not."""
    token = sign_in(other, world, PHARMACY)
    (ask,) = asks(token, PHARMACY, 1, world.member("REF-1").code)
    with connected(served.path) as peer:
        peer.sendall(frame(1, ask) + HEAD.pack(1, 2) + b"\xc1")
        assert is_shut(peer)
    assert isinstance(other.ask(Status()), Health)
    served.stop()
    last = world.entries()[-1]
    assert (last.outcome, last.account) == (Outcome.OPENED, world.account_as(PHARMACY))


def test_a_huge_batch_is_answered_piece_by_piece_under_its_own_account(served, other, world):
    card = world.member("REF-1").code
    tokens = {name: sign_in(other, world, name) for name in (PHARMACY, OTHER)}
    sent = asks(tokens[PHARMACY], PHARMACY, 3 * BATCH_MAX, card)
    among = asks(tokens[OTHER], OTHER, 3, card)
    with connected(served.path) as peer:
        peer.sendall(b"".join(frame(n, ask) for n, ask in enumerate(sent)))
        replies = replies_on(peer, len(sent))
    replies_among = other.ask_all(among)
    served.stop()
    assert_all_written(
        world,
        [(PHARMACY, ask, replies[n]) for n, ask in enumerate(sent)]
        + [(OTHER, ask, reply) for ask, reply in zip(among, replies_among, strict=True)],
    )
    assert all(isinstance(reply, Answered) for reply in replies.values())


def test_who_asks_faster_than_it_is_answered_waits_outside(served, other):
    """Small requests by the hundred thousand stay in their sender's socket, not in memory."""
    one = frame(1, SignOut(b""))
    with connected(served.path) as peer:
        peer.settimeout(0.5)
        # In the end it waits, or is shut out as one who does not read.
        with contextlib.suppress(TimeoutError, BrokenPipeError, ConnectionResetError):
            for _ in range(40):
                peer.sendall(one * 20_000)
        assert isinstance(other.ask(Status()), Health)
    served.stop()
    # One reading more than the bound, at most.
    assert served.most_waiting > WAITING_MAX
    assert served.most_waiting <= WAITING_MAX + loop_module.READ_AT_ONCE // len(one) + 1


def test_who_does_not_read_is_shut_out(served, other, monkeypatch):
    monkeypatch.setattr(loop_module, "OUTGOING_MAX", 50_000)
    with connected(served.path) as peer:
        peer.settimeout(5)
        try:
            for _ in range(200):
                peer.sendall(frame(1, Status()) * 200)
        except (BrokenPipeError, ConnectionResetError):
            pass
        else:
            pytest.fail("a peer that reads nothing was served for ever")
    assert isinstance(other.ask(Status()), Health)


# Who may knock


def test_the_socket_is_its_owners_alone(served):
    assert stat.S_IMODE(served.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(served.path.parent.stat().st_mode) & 0o007 == 0


KNOCK = """
import os, socket, sys
group = int(sys.argv[3])
os.setgroups([]); os.setgid(group); os.setuid({nobody})
peer = socket.socket(socket.AF_UNIX)
peer.settimeout(20)
try:
    peer.connect(sys.argv[1])
    peer.sendall(bytes.fromhex(sys.argv[2]))
    print("answered" if peer.recv(1) else "shut")
except PermissionError:
    print("refused")
except (BrokenPipeError, ConnectionResetError):
    print("shut")
"""


def as_nobody(script: str, *arguments: str) -> str:
    """What another user's process prints.

    It starts as root, and becomes nobody once its modules are there: a clone or a Python under
    /root is out of nobody's reach.
    """
    done = subprocess.run(
        [sys.executable, "-P", "-c", script.replace("{nobody}", str(NOBODY)), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def knock(path: Path, *, group: int = NOBODY, request: Request | None = None) -> str:
    """What another user hears, who asks how the vault is."""
    return as_nobody(KNOCK, str(path), frame(1, request or Status()).hex(), str(group))


@root_only
def test_another_user_does_not_reach_the_socket(served):
    assert knock(served.path) == "refused"


@root_only
def test_another_user_who_reaches_it_is_shown_out(served, other):
    """Somebody opened the file to all: the kernel still says who is at the other end."""
    served.path.parent.chmod(0o755)
    served.path.chmod(0o666)
    assert knock(served.path) == "shut"
    assert isinstance(other.ask(Status()), Health)


@root_only
def test_the_gateways_group_enters_and_no_other(world, folder):
    with running(world, folder, group=GATEWAYS) as served:
        assert served.path.stat().st_gid == GATEWAYS
        assert stat.S_IMODE(served.path.stat().st_mode) == 0o660
        assert knock(served.path, group=GATEWAYS) == "answered"
        # The gateway asks questions; keys and decisions are the operator's.
        for request in (
            ReloadKeys(),
            Contain(PHARMACY, "normal", "reviewed", "nadia"),
            Allow("everybody", "", 20, False, 0, 86_400_000_000, "event", "nadia"),
            Standings(),
            SignOut(b"x" * FRAME_MAX),  # what is long is our own user's to say
        ):
            assert knock(served.path, group=GATEWAYS, request=request) == "shut"
        assert knock(served.path) == "refused"
        served.path.parent.chmod(0o755)
        served.path.chmod(0o666)
        assert knock(served.path) == "shut"
        with Door(served.path) as own:
            assert isinstance(own.ask(Status()), Health)


def test_the_kernel_is_asked_who_is_there():
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with here, there:
        assert may_enter(here, group=None)


def test_there_is_a_bound_to_how_many_knock(served, other, monkeypatch):
    monkeypatch.setattr(loop_module, "PEERS_MAX", 3)
    first, second = connected(served.path), connected(served.path)
    with first, second:
        for peer in (first, second):
            peer.sendall(frame(1, Status()))
            assert isinstance(replies_on(peer, 1)[1], Health)
        with connected(served.path) as third:
            assert is_shut(third)
        assert isinstance(other.ask(Status()), Health)
        first.close()
        assert isinstance(other.ask(Status()), Health)
        with Door(served.path) as again:
            assert isinstance(again.ask(Status()), Health)


class Exhausted(socket.socket):
    """Has no descriptor left for the first who knocks."""

    refusals = 0

    def accept(self):
        if not self.refusals:
            self.refusals += 1
            raise OSError(errno.EMFILE, "too many open files")
        return super().accept()


def test_a_process_without_descriptors_left_goes_on(folder, world):
    with running(world, folder) as served:
        served.stop()
    path = folder / "run" / "again.sock"
    plain = listen(path, group=None)
    listening = Exhausted(fileno=plain.detach())
    listening.setblocking(False)
    loop = BatchLoop(listening=listening, serve=world.service, idle=lambda: None)
    loop._selector.register(listening, 1)
    with connected(path) as peer:
        peer.sendall(frame(1, Status()))
        for _ in range(4):
            loop.turn(0.1)
        assert isinstance(replies_on(peer, 1)[1], Health)
    assert listening.refusals == 1
    loop.stop()
    loop._selector.unregister(listening)
    loop.run()


# How it begins and ends


def test_the_socket_of_a_dead_vault_is_replaced(folder):
    path = folder / "vault.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
        dead.listen()
    assert path.exists()
    with listen(path, group=None), connected(path):
        pass


def test_a_live_vault_keeps_its_socket(served, other):
    with pytest.raises(SetUpRefused, match="another vault"):
        listen(served.path, group=None)
    assert isinstance(other.ask(Status()), Health)


def test_a_vault_whose_queue_is_full_is_alive(folder):
    path = folder / "vault.sock"
    with socket.socket(socket.AF_UNIX) as busy:
        busy.bind(str(path))
        busy.listen(0)
        waiting = []
        for _ in range(4):
            knocking = socket.socket(socket.AF_UNIX)
            knocking.setblocking(False)
            waiting.append(knocking)
            try:
                knocking.connect(str(path))
            except BlockingIOError:
                break
        try:
            with pytest.raises(SetUpRefused):
                listen(path, group=None)
            assert path.exists()
        finally:
            for knocking in waiting:
                knocking.close()


def test_a_file_in_its_place_is_left_alone(folder):
    path = folder / "vault.sock"
    path.write_text("something else")
    with pytest.raises(SetUpRefused, match="taken"):
        listen(path, group=None)
    assert path.read_text() == "something else"


LISTEN = """
import os, sys
from pathlib import Path
from rempart.domain.errors import SetUpRefused
from rempart.vault.peers import listen
os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
try:
    listen(Path(sys.argv[1]), group=None)
except SetUpRefused:
    print("refused")
"""


@root_only
def test_the_live_vault_of_another_user_is_not_replaced(folder):
    """In a folder that both may write, where the file itself is closed to the newcomer."""
    path = folder / "vault.sock"
    folder.chmod(0o777)
    with listen(path, group=None):
        assert as_nobody(LISTEN, str(path)) == "refused"
        with connected(path):
            pass


def test_a_drain_answers_what_has_arrived_and_lets_it_be_read(served, other, world):
    """More replies than a socket holds, to somebody who reads only afterwards."""
    token = sign_in(other, world, PHARMACY)
    sent = asks(token, PHARMACY, 400, world.member("REF-1").code)
    with connected(served.path) as peer:
        peer.sendall(frame(9_999, Status()))
        assert isinstance(replies_on(peer, 1)[9_999], Health)
        peer.sendall(b"".join(frame(n, Status()) for n in range(5_000)))
        other._socket.sendall(b"".join(frame(n, ask) for n, ask in enumerate(sent)))
        served.loop.stop()
        time.sleep(0.3)
        assert len(replies_on(peer, 5_000)) == 5_000
        answered = replies_on(other._socket, len(sent))
    served.stop()
    assert len(answered) == len(sent)
    assert_all_written(world, [(PHARMACY, ask, answered[n]) for n, ask in enumerate(sent)])
    with pytest.raises(TemporarilyUnavailable):
        Door(served.path)


def test_who_does_not_read_does_not_hold_the_end_up(served, other, monkeypatch):
    monkeypatch.setattr(loop_module, "DRAIN_WITHIN", 0.4)
    silent = [connected(served.path) for _ in range(4)]
    try:
        for peer in silent:
            peer.sendall(frame(1, Status()) * 2_000)
        assert isinstance(other.ask(Status()), Health)
        began = time.monotonic()
        served.stop()
        assert time.monotonic() - began < 4 * 0.4 + 1
    finally:
        for peer in silent:
            peer.close()


def test_sigterm_drains_a_real_process(folder):
    path = folder / "vault.sock"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.owned_vault", str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            end = time.monotonic() + 30
            while not path.exists() and process.poll() is None and time.monotonic() < end:
                time.sleep(0.02)
            alike = OwnedWorld()
            code = alike.member("REF-1").code
            with Door(path, timeout=20) as door:
                sent = asks(sign_in(door, alike, PHARMACY), PHARMACY, 300, code)
                door._socket.sendall(b"".join(frame(n, ask) for n, ask in enumerate(sent)))
                process.send_signal(signal.SIGTERM)
                replies = replies_on(door._socket, len(sent))
            out, _ = process.communicate(timeout=30)
        finally:
            process.kill()
    assert len(replies) == len(sent)
    assert all(isinstance(reply, Answered) for reply in replies.values())
    assert process.returncode == 0
    assert "drained" in out
    assert not path.exists()
