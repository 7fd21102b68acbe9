"""Which devices may bind insurers while everything is cut: enrolled before, and written down."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.testclient import TestClient

from rempart.api.application import gateway
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.devices import A_DAY, DEVICES_MAX
from rempart.domain.disclosure import EntryType
from rempart.domain.site import SiteKind
from rempart.sealing.cose import kid_of
from rempart.usecases.cut_off_messages import SetCutOff
from rempart.usecases.device_messages import (
    DeviceShown,
    DevicesShown,
    EndDevice,
    EnrolDevice,
    ListDevices,
)
from rempart.usecases.messages import Done, Refused
from rempart.usecases.p256_keys import point_of
from tests.failing import FailingLedger
from tests.switches import OPEN
from tests.worlds import CERTIFICATE, NOON, World

title = "Devices"

HOUR = 3_600_000_000


def key(number: int) -> bytes:
    return point_of(ec.derive_private_key(number, ec.SECP256R1()).public_key())


def named(number: int) -> str:
    return kid_of(ec.derive_private_key(number, ec.SECP256R1()).public_key()).hex()


@pytest.fixture
def world():
    world = World(store=FailingLedger())
    world.add_site("STRUCT:OPTI1", SiteKind.OPTICIAN)
    world.add_site("STRUCT:OPTI2", SiteKind.OPTICIAN)
    world.service.look()
    return world


def said(world, request):
    return world.service([request])[0]


def enrol(world, token, number=31):
    return said(world, EnrolDevice(key(number), token=token, certificate=CERTIFICATE))


def serving(world, token):
    reply = said(world, ListDevices(token=token, certificate=CERTIFICATE))
    assert isinstance(reply, DevicesShown)
    return [each.device for each in reply.devices]


def test_a_software_enrols_at_its_own_site_and_the_ledger_says_since_when(world):
    token = world.sign_in("STRUCT:OPTI1")
    enrolled = enrol(world, token)
    assert isinstance(enrolled, DeviceShown)
    assert (enrolled.device, enrolled.site) == (named(31), "STRUCT:OPTI1")
    assert NOON <= enrolled.since <= world.clock.now()
    codes = world.details(EntryType.DECISION)[-1]
    assert codes["device"] == bytes.fromhex(named(31))
    assert codes["point"] == key(31)
    assert serving(world, token) == [named(31)]
    assert serving(world, world.sign_in("STRUCT:OPTI2")) == []


def test_a_restart_forgets_no_device(world):
    token = world.sign_in("STRUCT:OPTI1")
    enrol(world, token)
    enrol(world, token, 32)
    said(world, EndDevice(named(32), token=token, certificate=CERTIFICATE))
    world.restart()
    assert serving(world, world.sign_in("STRUCT:OPTI1")) == [named(31)]
    ended = world.service.devices.devices.find(bytes.fromhex(named(32)))
    assert ended.until >= ended.since > 0


def test_a_key_serves_once(world):
    token = world.sign_in("STRUCT:OPTI1")
    enrol(world, token)
    for again in (token, world.sign_in("STRUCT:OPTI2")):
        assert enrol(world, again) == Refused(
            "forbidden-move", "device: this key was enrolled before: make another"
        )
    said(world, EndDevice(named(31), token=token, certificate=CERTIFICATE))
    assert isinstance(enrol(world, token), Refused)


@pytest.mark.parametrize(
    "point", [b"", b"\x04" + bytes(64), key(31)[:-1], bytes(65), b"\x03" + key(31)[1:33]]
)
def test_what_is_no_point_is_no_device(world, point):
    token = world.sign_in("STRUCT:OPTI1")
    reply = said(world, EnrolDevice(point, token=token, certificate=CERTIFICATE))
    assert reply.reason == "forbidden-move"
    assert serving(world, token) == []


def test_a_site_has_so_many_and_no_more(world):
    token = world.sign_in("STRUCT:OPTI1")
    for number in range(40, 40 + DEVICES_MAX):
        assert isinstance(enrol(world, token, number), DeviceShown)
    assert enrol(world, token, 39).reason == "not-allowed"
    said(world, EndDevice(named(40), token=token, certificate=CERTIFICATE))
    assert isinstance(enrol(world, token, 39), DeviceShown)


def test_a_site_enrols_so_many_a_day(world):
    token = world.sign_in("STRUCT:OPTI1")
    for number in range(100, 100 + A_DAY):
        assert isinstance(enrol(world, token, number), DeviceShown)
        said(world, EndDevice(named(number), token=token, certificate=CERTIFICATE))
    assert enrol(world, token, 99).reason == "not-allowed"
    assert isinstance(enrol(world, world.sign_in("STRUCT:OPTI2"), 98), DeviceShown)


def test_nobody_takes_out_the_device_of_another_site(world):
    enrol(world, world.sign_in("STRUCT:OPTI1"))
    thief = world.sign_in("STRUCT:OPTI2")
    reply = said(world, EndDevice(named(31), token=thief, certificate=CERTIFICATE))
    assert reply == Refused("forbidden-move", "device: no device of this key serves here")
    assert serving(world, world.sign_in("STRUCT:OPTI1")) == [named(31)]


def test_a_narrowed_account_enrols_none(world):
    token = world.sign_in("STRUCT:OPTI1")
    contain = world.service.contain
    account = contain.account("STRUCT:OPTI1")
    decision = Decision(authority=Authority.OFFICER, why=Why.ALERT, by="officer")
    contain.decide(account, Stage.NARROWED, decision)
    assert enrol(world, token).reason == "not-allowed"


def test_what_is_cut_enrols_none(world):
    token = world.sign_in("STRUCT:OPTI1")
    said(world, SetCutOff("platform", "", "incident", by="officer"))
    reply = enrol(world, token)
    assert reply.reason == "cut-off"


def test_a_token_alone_enrols_none(world):
    token = world.sign_in("STRUCT:OPTI1")
    reply = said(world, EnrolDevice(key(31), token=token, certificate=b"d" * 32))
    assert reply.reason == "not-signed-in"
    assert world.service.devices.devices.serving() == []


def test_an_officer_enrols_for_a_site_under_a_name(world):
    reply = said(world, EnrolDevice(key(31), site="STRUCT:OPTI2", by="officer"))
    assert isinstance(reply, DeviceShown)
    assert reply.by == "officer"
    nameless = said(world, EnrolDevice(key(32), site="STRUCT:OPTI2"))
    nowhere = said(world, EnrolDevice(key(32), site="STRUCT:NOWHERE", by="officer"))
    assert (nameless.reason, nowhere.reason) == ("forbidden-move", "forbidden-move")
    assert said(world, EndDevice(named(31), by="officer")) == Done()
    assert said(world, ListDevices()).total == 0


def test_a_ledger_that_is_away_enrols_none(world):
    token = world.sign_in("STRUCT:OPTI1")
    world.store.after = 0
    assert enrol(world, token) == Refused("unavailable")
    assert serving(world, token) == []
    assert isinstance(enrol(world, token), DeviceShown)


class DirectDoor:
    """The vault, behind no socket."""

    def __init__(self, world):
        self.world = world

    async def ask(self, request):
        return said(self.world, request)


@pytest.fixture
def site(world):
    app = gateway(
        DirectDoor(world), rows=OPEN, instance="t", base_url="https://g.example", clock=world.clock
    )
    bearer = base64.urlsafe_b64encode(world.sign_in("STRUCT:OPTI1")).rstrip(b"=").decode()
    client = TestClient(app, headers={"Authorization": f"Bearer {bearer}"})
    client.app_state["certificate"] = CERTIFICATE
    return client


def text(point: bytes) -> str:
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def test_at_the_gateway_a_software_enrols_shows_and_takes_out(site):
    made = site.post("/device", json={"point": text(key(31))})
    assert (made.status_code, made.json()["device"]) == (201, named(31))
    assert site.get("/device").json() == {"devices": [made.json()]}
    assert site.post("/device/end", json={"device": named(31)}).status_code == 200
    assert site.get("/device").json() == {"devices": []}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"{}", 422),
        (b'{"point": "AAAA"}', 422),
        (b'{"point": "' + b"A" * 87 + b'"}', 422),
        (b'{"point": "' + text(key(31)).encode() + b'", "site": "STRUCT:OPTI2"}', 422),
    ],
)
def test_what_is_no_device_is_refused_at_the_gateway(site, body, status):
    reply = site.post("/device", content=body)
    assert reply.status_code == status
    assert site.get("/device").json() == {"devices": []}
