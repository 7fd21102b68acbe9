"""A sandbox and a production never meet: keys, software, insurers, and what each instance says."""

from dataclasses import replace

import pytest

from rempart.adapters.identity.assertions import new_key, public_jwks
from rempart.config import Instance, Settings
from rempart.domain.disclosure import EntryType, Outcome
from rempart.domain.errors import SetUpRefused
from rempart.usecases.assemble_vault import VaultPorts
from rempart.usecases.messages import Answered, Refused, SignedIn
from rempart.usecases.register_software import register_software
from rempart.usecases.vendor_statement import SoftwareStatement
from tests.owned_vault import ACCOUNTS, OTHER, PHARMACY, OwnedWorld

title = "Sandbox and production"

KINDS = pytest.mark.parametrize("sandbox", [True, False], ids=["sandbox", "production"])


class Instanced(OwnedWorld):
    """A vault of one kind, on a registry in which both kinds stand."""

    sandbox = True

    def ports(self) -> VaultPorts:
        return replace(super().ports(), sandbox=self.sandbox)

    def become(self, *, sandbox: bool) -> None:
        """The same registry, keys and locks, under an instance of this kind."""
        self.sandbox = sandbox
        self.restart()

    def turn(self, name: str, *, sandbox: bool) -> None:
        """A software that was registered for this kind."""
        self.registry.register_software(replace(ACCOUNTS[name].software(), sandbox=sandbox))

    def turn_insurer(self, *, sandbox: bool) -> None:
        amc = int(self.insurer.amc)
        insurer = self.registry.insurers[amc]
        bundle = {**insurer.bundle, "sandbox": sandbox}
        self.registry.register_insurer(
            replace(insurer, sandbox=sandbox, bundle=bundle), confirmations=[]
        )


@pytest.fixture
def world() -> Instanced:
    return Instanced()


@KINDS
def test_a_software_of_the_other_kind_is_not_registered(world, sandbox):
    software = replace(
        ACCOUNTS[PHARMACY].software(),
        client_id="fresh",
        jwks=public_jwks(new_key("fresh")),
        certificates=frozenset({b"f" * 32}),
        sandbox=not sandbox,
    )
    with pytest.raises(SetUpRefused, match="do not go together"):
        register_software(software, registry=world.registry, sandbox=sandbox)
    assert "fresh" not in world.registry.software
    ours = replace(software, sandbox=sandbox)
    stated = SoftwareStatement(
        vendor="editeur", client_id="fresh", product=ours.product, jwks=ours.jwks
    )
    register_software(ours, registry=world.registry, sandbox=sandbox, stated=stated)
    assert world.registry.software["fresh"].sandbox is sandbox


@KINDS
def test_a_software_of_the_other_kind_does_not_sign_in(world, sandbox):
    """Its key, its certificate and its assertion are good: it is not from here."""
    world.turn(PHARMACY, sandbox=not sandbox)
    world.turn(OTHER, sandbox=sandbox)
    world.become(sandbox=sandbox)
    assert world.send(world.relayed(PHARMACY)) == Refused("sign-in-refused", "sign-in refused")
    assert isinstance(world.send(world.relayed(OTHER)), SignedIn)


@KINDS
def test_a_session_ends_when_its_software_is_registered_for_the_other_kind(world, sandbox):
    card = world.member("REF-1").code
    for name in (PHARMACY, OTHER):
        world.turn(name, sandbox=sandbox)
    world.turn_insurer(sandbox=sandbox)
    world.become(sandbox=sandbox)
    token = world.send(world.relayed(PHARMACY)).token
    asked = replace_certificate(world.question(token, card))
    assert isinstance(world.send(asked), Answered)
    world.turn(PHARMACY, sandbox=not sandbox)
    world.service.look()
    assert world.send(asked) == Refused("not-signed-in")


def replace_certificate(ask):
    return type(ask)(
        ask.token, ACCOUNTS[PHARMACY].certificate, ask.key, ask.domain, ask.care_date, ask.shown
    )


@KINDS
@pytest.mark.parametrize("late", [False, True], ids=["at start", "while it runs"])
def test_an_insurer_of_the_other_kind_is_as_good_as_unknown(world, sandbox, late):
    """Its cards, and its locks, even where they lie in this very database."""
    card = world.member("REF-1")
    world.turn(PHARMACY, sandbox=sandbox)
    world.turn_insurer(sandbox=sandbox if late else not sandbox)
    world.become(sandbox=sandbox)
    token = world.send(world.relayed(PHARMACY)).token
    questions = [replace_certificate(world.question(token, s)) for s in (card.code, card.typed)]
    if late:
        assert all(isinstance(world.send(question), Answered) for question in questions)
        world.turn_insurer(sandbox=not sandbox)
        world.service.look()
        questions = [replace_certificate(world.question(token, s)) for s in (card.code, card.typed)]
    by_code, typed = (world.send(question) for question in questions)
    assert (by_code.reason, typed) == ("card-refused", Refused("read-the-card"))
    outcomes = [e.outcome for e in world.entries() if e.type is EntryType.QUESTION][-2:]
    assert outcomes == [Outcome.CARD_REFUSED, Outcome.MISSED]


@pytest.mark.parametrize(
    ("instance", "sandbox"),
    [(Instance.DEMO, True), (Instance.SANDBOX, True), (Instance.PRODUCTION, False)],
)
def test_each_instance_knows_what_belongs_to_it(instance, sandbox):
    """A demo is a sandbox on one's own machine."""
    environ = {
        "REMPART_INSTANCE": instance.value,
        "REMPART_BASE_URL": "https://tp.example",
        "REMPART_LOG_ORIGIN": "tp.example/registre",
    }
    assert Settings.from_environ(environ).sandbox is sandbox
