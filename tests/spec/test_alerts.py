"""Alerts between operators: a stranger's word narrows, within bounds, and lets go by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rempart.adapters.memory.claims import MemoryClaims
from rempart.adapters.memory.incidents import MemoryEvidence, MemorySpoken
from rempart.adapters.memory.world import MemoryChance
from rempart.adapters.vaultdoor.frames import (
    FRAME_MAX,
    OWN_FRAME_MAX,
    bodies,
    decode_request,
    frame,
)
from rempart.domain.alert import LASTS_MAX, SUBJECTS_MAX
from rempart.domain.alert_book import ALERTS_A_DAY, Rules
from rempart.domain.budget import DAY
from rempart.domain.claim import Use
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.disclosure import EntryType, decode, decode_codes
from rempart.domain.errors import ForbiddenTransition
from rempart.domain.incident_words import Origin
from rempart.domain.person import Suspension
from rempart.domain.proposed_finding import ProposedFinding
from rempart.domain.site import SiteKind
from rempart.usecases.alert_messages import (
    AlertNotTaken,
    AlertTaken,
    IssueAlert,
    IssuedAlert,
    LeaveAlerts,
    ListAlerts,
    NextIssued,
    SubscribeAlerts,
    TakeAlert,
    WithdrawAlert,
)
from rempart.usecases.claim_ports import Biller, Kept
from rempart.usecases.messages import Answered, Contain, Done, Refused, Typed
from rempart.usecases.propose_finding import ProposeFinding
from rempart.usecases.read_incidents import ReadIncidents
from rempart.usecases.state_finding import stated
from rempart.usecases.tell_of_incident import TellOfIncident
from tests.alerts import HOUR, NOW, OURS, Operator, key
from tests.failing import FailingLedger
from tests.people import ANNE, BASILE, OTHER, PHARMACY, PeopleWorld

title = "Alerts between operators"

SECOND = 1_000_000
NORMAL, WATCHED, NARROWED, FROZEN, CLOSED = Stage


class AlertedWorld(PeopleWorld):
    """Small bounds, so that they are reached."""

    rules = Rules(a_day=3, all_a_day=5)

    def ports(self):
        return replace(super().ports(), alert_rules=self.rules)

    def say(self, request: Any) -> Any:
        return self.service([request])[0]

    def stage(self, name: str) -> Stage:
        return self.service.contain.guard.stage(self.number(name))

    def number(self, name: str) -> int:
        return self.service.contain.account(name).number

    def sites(self, count: int) -> tuple[str, ...]:
        """More sites, each with its software of the same name."""
        names = tuple(f"STRUCT:MORE{number:03d}" for number in range(count))
        for name in names:
            self.add_site(name, SiteKind.DOCTOR)
        self.service.look()
        return names

    def later(self, microseconds: int) -> None:
        self.clock.at += microseconds
        self.service.between()


@pytest.fixture
def world():
    return AlertedWorld(store=FailingLedger())


@pytest.fixture
def operator(world):
    a = Operator()
    assert world.say(a.subscription()) == Done()
    return a


def moves(world: AlertedWorld) -> list[tuple[int, int, int]]:
    return [(c["from"], c["to"], c["authority"]) for c in world.details(EntryType.CONTAINMENT)]


# What an alert does


def test_it_narrows_whom_it_names_and_the_ledger_says_on_whose_word(world, operator):
    anne = world.contracted(ANNE)
    taken = world.say(operator.names(accounts=(f"RPPS:{ANNE}",)))
    assert taken == AlertTaken("Operateur A", 10, 1, narrowed=1)
    assert world.stage(anne.name) is NARROWED
    (moved,) = world.details(EntryType.CONTAINMENT)
    assert (moved["why"], moved["authority"]) == (Why.ALERT, Authority.ALERT)
    assert (moved["alert"], moved["until"]) == (10, (NOW + 72 * HOUR) * SECOND)
    heard = world.details(EntryType.DECISION)[-1]
    assert (heard["alert"], heard["number"], heard["publisher"]) == (10, 1, moved["publisher"])


def test_a_professional_is_narrowed_at_each_of_their_sites_and_nobody_else_is(world, operator):
    here, there = world.contracted(ANNE, PHARMACY), world.contracted(ANNE, OTHER)
    other = world.contracted(BASILE)
    assert world.say(operator.names(accounts=(f"RPPS:{ANNE}",))).narrowed == 2
    assert [world.stage(each.name) for each in (here, there, other)] == [NARROWED, NARROWED, NORMAL]
    assert world.stage(PHARMACY) is NORMAL


def test_a_site_is_named_with_everybody_at_it(world, operator):
    anne = world.contracted(ANNE)
    assert world.say(operator.names(sites=(PHARMACY,))).narrowed == 2
    assert (world.stage(anne.name), world.stage(PHARMACY)) == (NARROWED, NARROWED)
    assert world.stage(OTHER) is NORMAL


def test_a_software_is_named_with_its_release(world, operator):
    world.add_site("STRUCT:LGO1", SiteKind.PHARMACY, product="LGO 4.2")
    world.add_site("STRUCT:LGO2", SiteKind.PHARMACY, product="LGO 4.3")
    world.service.look()
    assert world.say(operator.names(software=("LGO 4.2",))).narrowed == 1
    assert (world.stage("STRUCT:LGO1"), world.stage("STRUCT:LGO2")) == (NARROWED, NORMAL)


def test_on_a_network_nobody_is_narrowed_and_a_person_is_told_who_was_there(world, operator):
    card, token = world.member("R1"), world.sign_in()
    ask = world.question(token, card.code)
    assert isinstance(world.send(type(ask)(*[*_fields(ask)[:6], "203.0.113.0/24"])), Answered)
    taken = world.say(operator.names(networks=("203.0.113.0/24",)))
    assert (taken.narrowed, taken.waiting) == (0, 1)
    assert world.stage(PHARMACY) is NORMAL
    (heard,) = world.say(ListAlerts()).heard
    assert heard.waiting == (PHARMACY,)
    assert world.say(operator.names(networks=("198.51.100.0/24",))).waiting == 0


def _fields(ask: Any) -> list[Any]:
    return [getattr(ask, name) for name in ask.__struct_fields__]


def test_whom_we_do_not_know_is_nobody(world, operator):
    taken = world.say(
        operator.names(accounts=("IDNPS:0751234567", "RPPS:10000000001"), sites=("STRUCT:NOWHERE",))
    )
    assert taken == AlertTaken("Operateur A", 10, 1)
    assert moves(world) == []


def test_who_may_not_come_in_anyway_takes_no_place(world, operator):
    anne, basile = world.contracted(ANNE), world.contracted(BASILE)
    world.people.suspend({anne.number: Suspension.DECIDED})
    world.service.look()
    taken = world.say(operator.names(accounts=(f"RPPS:{ANNE}", f"RPPS:{BASILE}")))
    assert taken.narrowed == 1
    assert world.stage(basile.name) is NARROWED


def test_a_narrowed_account_goes_on_with_cards_and_its_sessions_stay(world, operator):
    card, token = world.member("R1"), world.sign_in()
    world.say(operator.names(sites=(PHARMACY,)))
    assert isinstance(world.ask(token, card.code), Answered)
    assert isinstance(card.typed, Typed)
    stranger = world.member("R2", member_number="B77", birth_date="19700101")
    assert world.ask(token, stranger.typed) == Refused("narrowed")


# What it never does


@pytest.mark.parametrize("stage", [NARROWED, FROZEN, CLOSED])
def test_who_is_as_tight_or_tighter_is_left_alone(world, operator, stage):
    world.say(Contain(PHARMACY, stage.name, "reviewed", "nadia"))
    taken = world.say(operator.names(sites=(PHARMACY,)))
    assert (taken.narrowed, taken.tighter) == (0, 1)
    assert world.stage(PHARMACY) is stage
    world.later(80 * HOUR * SECOND)
    assert world.stage(PHARMACY) is stage
    assert len(moves(world)) == 1


def test_an_enemy_operator_who_names_everybody_narrows_a_few_and_freezes_nobody(world, operator):
    sites = world.sites(20)
    for _ in range(4):
        taken = world.say(operator.names(sites=sites))
        assert isinstance(taken, AlertTaken)
    assert [world.stage(each) for each in sites].count(NARROWED) == 3
    assert max(map(world.stage, sites)) is NARROWED
    (first, *_) = reversed(world.say(ListAlerts()).heard)
    assert len(first.held) == 3
    assert len(first.waiting) + first.more == 17
    # The next day it may narrow as many again, and no more.
    world.later(DAY)
    world.say(operator.names(sites=sites, made=NOW + 86_400, until=NOW + 90_000))
    assert [world.stage(each) for each in sites].count(NARROWED) == 6


def test_enemies_together_narrow_no_more_than_all_may(world, operator):
    sites, enemy = world.sites(20), Operator("Operateur B", key(902))
    world.say(enemy.subscription())
    assert world.say(operator.names(sites=sites)).narrowed == 3
    assert world.say(enemy.names(sites=sites)).narrowed == 2


def test_the_bound_holds_over_a_restart(world, operator):
    sites = world.sites(6)
    world.say(operator.names(sites=sites[:3]))
    world.restart()
    taken = world.say(operator.names(sites=sites))
    assert (taken.narrowed, taken.waiting, taken.tighter) == (0, 3, 3)


def test_a_person_takes_it_further_or_back_and_it_waits_no_more(world, operator):
    sites = world.sites(5)
    world.say(operator.names(sites=sites))
    world.say(Contain(sites[0], "frozen", "alert", "nadia"))
    world.say(Contain(sites[1], "watched", "reviewed", "nadia"))
    world.say(Contain(sites[4], "narrowed", "alert", "nadia"))
    (heard,) = world.say(ListAlerts()).heard
    assert (heard.held, heard.waiting) == ((sites[2],), (sites[3],))
    world.later(80 * HOUR * SECOND)
    # A person's own decisions do not end with the alert.
    assert [world.stage(each) for each in sites] == [FROZEN, WATCHED, WATCHED, NORMAL, NARROWED]


# How it ends


def test_it_lets_go_by_itself_at_its_end_over_a_restart_too(world, operator):
    world.say(operator.names(sites=(PHARMACY,), until=NOW + HOUR))
    world.restart()
    world.later(HOUR * SECOND - 5 * SECOND)
    assert world.stage(PHARMACY) is NARROWED
    world.later(6 * SECOND)
    assert world.stage(PHARMACY) is WATCHED
    assert moves(world)[-1] == (NARROWED, WATCHED, Authority.ALERT)
    assert world.service.alerts.book.state.holds == {}


def test_a_withdrawal_lets_go_at_once_of_what_that_alert_holds(world, operator):
    world.say(operator.names(sites=(PHARMACY,)))
    world.say(operator.names(sites=(OTHER,)))
    assert world.say(operator.withdraws(10)) == AlertTaken("Operateur A", 20, 3, loosened=1)
    assert (world.stage(PHARMACY), world.stage(OTHER)) == (WATCHED, NARROWED)


def test_nobody_withdraws_the_alert_of_another(world, operator):
    enemy = Operator("Operateur B", key(902))
    world.say(enemy.subscription())
    world.say(operator.names(sites=(PHARMACY,)))
    assert world.say(enemy.withdraws(0, 3, 9)).loosened == 0
    enemy.ref = 50
    assert world.say(enemy.withdraws(10)).loosened == 0
    assert world.stage(PHARMACY) is NARROWED


def test_two_alerts_hold_until_the_later_is_over(world, operator):
    world.say(operator.names(sites=(PHARMACY,), until=NOW + HOUR))
    world.say(operator.names(sites=(PHARMACY,), until=NOW + 2 * HOUR))
    world.later(HOUR * SECOND + SECOND)
    assert world.stage(PHARMACY) is NARROWED
    world.later(HOUR * SECOND)
    assert world.stage(PHARMACY) is WATCHED


def test_a_withdrawal_leaves_what_another_alert_holds(world, operator):
    world.say(operator.names(sites=(PHARMACY,)))
    world.say(operator.names(sites=(PHARMACY,)))
    assert world.say(operator.withdraws(10)).loosened == 0
    assert world.stage(PHARMACY) is NARROWED
    assert world.say(operator.withdraws(15)).loosened == 1
    assert world.stage(PHARMACY) is WATCHED


def test_the_guard_keeps_what_it_has_a_reason_of_its_own_for(world, operator):
    """Guesses during the alert: the guard takes the account over, and the alert's end is none."""
    world.say(operator.names(sites=(PHARMACY,), until=NOW + HOUR))
    world.restart()
    token = world.sign_in()
    for number in range(12):
        wrong = Typed("99990001", f"X{number}{number}", "19500101", "1", "AAAAAAAA")
        world.ask(token, wrong)
    assert moves(world).count((NARROWED, NARROWED, Authority.GUARD)) == 1
    assert world.service.alerts.book.state.holds == {}
    world.restart()
    assert world.service.alerts.book.state.holds == {}
    world.later(2 * HOUR * SECOND)
    assert world.stage(PHARMACY) is NARROWED


def test_the_guard_takes_nothing_over_from_a_person(world):
    world.say(Contain(PHARMACY, "narrowed", "reviewed", "nadia"))
    token = world.sign_in()
    for number in range(12):
        wrong = Typed("99990001", f"X{number}{number}", "19500101", "1", "AAAAAAAA")
        world.ask(token, wrong)
    assert (NARROWED, NARROWED, Authority.GUARD) not in moves(world)


def test_the_end_of_an_alert_wipes_no_evidence(world, operator):
    token = world.sign_in()
    for number in (1, 7, 3):
        world.ask(token, Typed("99990001", f"X{number}921", f"19{number}50101", "1", "AAAAAAAA"))
    trail = world.service.contain.guard.watch.trails.states[world.number(PHARMACY)]
    before = trail.misses
    assert before > 0
    world.say(operator.names(sites=(PHARMACY,), until=NOW + HOUR))
    world.later(2 * HOUR * SECOND)
    assert world.stage(PHARMACY) is WATCHED
    assert trail.misses == before


def test_whoever_leaves_a_publisher_lets_go_of_all_it_holds(world, operator):
    enemy = Operator("Operateur B", key(902))
    world.say(enemy.subscription())
    world.say(operator.names(sites=(PHARMACY,)))
    world.say(enemy.names(sites=(OTHER,)))
    (left,) = [p for p in world.say(ListAlerts()).publishers if p.name == "Operateur A"]
    assert world.say(LeaveAlerts(left.publisher, "nadia")) == Done()
    assert (world.stage(PHARMACY), world.stage(OTHER)) == (WATCHED, NARROWED)
    assert world.say(operator.names(sites=(PHARMACY,))).step == "signed"
    assert world.say(LeaveAlerts(left.publisher, "nadia")).reason == "forbidden-move"


def test_who_is_listened_to_again_has_its_old_alerts_refused(world, operator):
    old = operator.names(sites=(PHARMACY,))
    world.say(old)
    (shown,) = world.say(ListAlerts()).publishers
    world.say(LeaveAlerts(shown.publisher, "nadia"))
    assert world.say(operator.subscription()) == Done()
    assert world.say(old).known
    assert world.stage(PHARMACY) is WATCHED


# What is refused, and at which step


def refused(world: AlertedWorld, wanted: TakeAlert) -> str:
    size, before = len(world.store.rows), world.service.alerts.book.state
    reply = world.say(wanted)
    assert isinstance(reply, AlertNotTaken), reply
    assert (len(world.store.rows), world.service.alerts.book.state) == (size, before)
    return reply.step


def test_of_an_unknown_signer(world, operator):
    assert refused(world, Operator("Operateur A", key(666)).names(sites=(PHARMACY,))) == "signed"


def test_of_no_form(world, operator):
    for junk in (b"", b"\0" * 200, operator.names(sites=(PHARMACY,)).message + b"\0"):
        assert refused(world, TakeAlert(junk)) == "well-formed"


def test_altered(world, operator):
    message = operator.names(sites=(PHARMACY,)).message
    assert refused(world, TakeAlert(message.replace(b"PHAR1", b"LABO1"))) == "signed"


def test_made_for_another_and_passed_on(world, operator):
    assert refused(world, operator.names(sites=(PHARMACY,), recipient=bytes(32))) == "recipient"


def test_of_the_future(world, operator):
    ahead = operator.names(sites=(PHARMACY,), made=NOW + 400)
    assert refused(world, ahead) == "future"
    world.later(400 * SECOND)
    assert world.say(ahead).narrowed == 1


def test_replayed(world, operator):
    first, second = operator.names(sites=(PHARMACY,)), operator.names(sites=(OTHER,))
    world.say(first)
    assert world.say(first).known
    world.say(second)
    world.say(Contain(PHARMACY, "watched", "reviewed", "nadia"))
    world.restart()
    assert refused(world, first) == "newer"
    assert world.say(second).known
    assert world.stage(PHARMACY) is WATCHED


def test_two_pasts_are_not_one(world, operator):
    world.say(operator.names(sites=(PHARMACY,)))
    forked = operator.names(sites=(OTHER,), previous=b"p" * 32)
    assert refused(world, forked) == "chained"
    another_first = Operator(key=operator.key).names(sites=(OTHER,))
    assert refused(world, another_first) == "newer"


def test_a_dropped_alert_is_seen_and_what_follows_protects_all_the_same(world, operator):
    world.say(operator.names(sites=(PHARMACY,)))
    dropped = [operator.names(sites=(OTHER,)), operator.names(sites=(OTHER,))]
    taken = world.say(operator.names(sites=(OTHER,)))
    assert (taken.number, taken.missed, taken.narrowed) == (4, 2, 1)
    assert world.details(EntryType.DECISION)[-1]["missed"] == 2
    assert [refused(world, each) for each in dropped] == ["newer", "newer"]


def test_what_is_over_is_counted_and_does_nothing(world, operator):
    world.later(80 * HOUR * SECOND)
    taken = world.say(operator.names(sites=(PHARMACY,)))
    assert (taken.over, taken.narrowed) == (True, 0)
    fresh = {"made": NOW + 80 * HOUR, "until": NOW + 90 * HOUR}
    assert world.say(operator.names(sites=(PHARMACY,), **fresh)).narrowed == 1


def test_a_publisher_says_so_many_a_day(world, operator):
    for _ in range(ALERTS_A_DAY):
        assert isinstance(world.say(operator.names(sites=("STRUCT:NOWHERE",))), AlertTaken)
    kept = replace(operator)
    late = operator.names(sites=(PHARMACY,))
    assert refused(world, late) == "pace"
    world.later(DAY + SECOND)
    assert kept.number == ALERTS_A_DAY
    assert world.say(late).number == ALERTS_A_DAY + 1


def test_what_cannot_be_written_is_not_taken_and_brought_again_it_is_taken_once(world, operator):
    wanted = operator.names(sites=(OTHER, PHARMACY))
    world.store.after = 0
    assert world.say(wanted) == Refused("unavailable")
    assert (world.stage(PHARMACY), world.stage(OTHER)) == (NORMAL, NORMAL)
    assert world.say(wanted).narrowed == 2
    assert world.say(wanted).known


def test_an_alert_that_was_written_and_not_told_is_known(world, operator):
    wanted = operator.names(sites=(PHARMACY,))
    world.store.after, world.store.persisted = 0, True
    assert world.say(wanted) == Refused("unavailable")
    assert world.say(wanted).known
    assert world.stage(PHARMACY) is NARROWED


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"name": "x" * 41}, {"point": bytes(65)}, {"ours": b""}, {"by": "two words"}],
)
def test_nobody_is_listened_to_who_is_nobody(world, change):
    said = {"name": "A", "point": Operator().point, "ours": OURS, "by": "nadia", **change}
    assert world.say(SubscribeAlerts(**said)).reason == "forbidden-move"
    assert world.say(ListAlerts()).publishers == ()


def test_one_key_is_listened_to_once_under_one_name(world, operator):
    size = len(world.store.rows)
    assert world.say(operator.subscription()) == Done()
    assert world.say(Operator("Operateur C").subscription()).reason == "forbidden-move"
    assert len(world.store.rows) == size
    assert len(world.say(ListAlerts()).publishers) == 1


# Whom others tell


def test_an_alert_that_names_one_of_ours_opens_an_incident_and_is_its_first_entry(world, operator):
    incidents = world.service.incidents.incidents
    world.say(operator.names(sites=("STRUCT:NOWHERE",)))
    assert incidents.all() == []
    size = len(world.store.rows)
    world.say(operator.names(sites=(PHARMACY,)))
    (incident,) = incidents.all()
    assert (incident.ref, incident.origin) == (size, Origin.OPERATOR)
    assert incident.accounts == (world.number(PHARMACY),)
    world.restart()
    assert world.service.incidents.incidents.all() == [incident]


def test_a_days_alerts_are_one_incident_and_so_is_a_freeze_of_whom_they_name(world, operator):
    incidents = world.service.incidents.incidents
    world.say(operator.names(sites=(PHARMACY,)))
    world.say(operator.names(sites=(PHARMACY,)))
    (incident,) = incidents.all()
    contain = world.service.contain
    told = Decision(authority=Authority.GUARD, why=Why.INSISTED)
    contain.decide(contain.account(PHARMACY), Stage.FROZEN, told)
    (frozen,) = incidents.all()
    assert frozen.ref == incident.ref
    assert [each.why for each in frozen.frozen] == [Why.INSISTED]
    world.clock.forward(seconds=2 * 86_400)
    world.say(operator.names(sites=(OTHER,)))
    assert len(incidents.all()) == 2


def proposed(world: AlertedWorld) -> ProposedFinding:
    (incident,) = world.service.incidents.incidents.all()
    evidence = MemoryEvidence(world.store, world.registry)
    return ProposeFinding(evidence)(incident, now=world.clock.now())


def frozen_by_the_guard(world: AlertedWorld, *names: str) -> None:
    contain, told = world.service.contain, Decision(authority=Authority.GUARD, why=Why.INSISTED)
    for name in names:
        contain.decide(contain.account(name), Stage.FROZEN, told)


def test_an_enemys_alert_that_names_a_hundred_accounts_adds_none_to_a_finding(world, operator):
    names = (PHARMACY, *world.sites(99))
    taken = world.say(operator.names(sites=tuple(sorted(names))))
    assert (taken.narrowed, taken.waiting) == (3, 97)
    with pytest.raises(ForbiddenTransition, match="nothing here shows a theft"):
        proposed(world)
    frozen_by_the_guard(world, PHARMACY)
    finding = proposed(world).finding
    assert [each.number for each in finding.suspects] == [world.number(PHARMACY)]
    assert len(proposed(world).alerted) == 99


def test_what_an_account_does_that_an_alert_alone_names_is_no_deed_of_a_breach(world, operator):
    """Its owner is honest as far as anybody knows: no prosecutor reads of their claims."""
    world.say(operator.names(sites=tuple(sorted((PHARMACY, OTHER)))))
    claims, now = MemoryClaims(), world.clock.now()
    for place, name in enumerate((PHARMACY, OTHER)):
        mark, biller = bytes([place]) * 32, Biller(world.number(name), 1)
        claims.kept.append(
            Kept(biller=biller, use=Use.CLAIM, received=now, key=mark, digest=mark, sealed=b"s")
        )
    frozen_by_the_guard(world, OTHER)
    evidence = MemoryEvidence(world.store, world.registry, claims)
    reading = ReadIncidents(evidence, MemorySpoken(), world.clock, bytes(range(32)), False)
    (case,) = reading.register().cases
    assert world.number(PHARMACY) in case.incident.accounts
    assert [each.account for each in case.deeds] == [world.number(OTHER)]


def test_two_thousand_accounts_that_the_guard_froze_are_accepted_as_one_finding(world):
    """Through the vault's own door, whose frames are longer for its own user."""
    names = world.sites(2_000)
    frozen_by_the_guard(world, *names)
    (incident,) = world.service.incidents.incidents.all()
    called = {world.number(name): name for name in names}
    lengths = []

    def vault(request: Any) -> Any:
        whole = bytearray(frame(1, request))
        lengths.append(len(whole))
        ((_, body),) = bodies(whole, OWN_FRAME_MAX)
        return world.say(decode_request(body))

    evidence = MemoryEvidence(world.store, world.registry)
    tell = TellOfIncident(
        evidence, MemorySpoken(), vault, world.clock, MemoryChance(), bytes(range(32)), False
    )
    tell(*stated(proposed(world).finding, called, incident=incident.ref, by="nadia"))
    assert max(lengths) > FRAME_MAX
    found = world.service.incidents.incidents.find(incident.ref).found
    assert set(found.accounts) == set(called)


def test_whoever_is_on_call_is_told_whom_an_alert_has_narrowed(world, operator):
    world.service.tightened.take()
    world.say(operator.names(sites=(PHARMACY,)))
    assert [(each.account, each.why) for each in world.service.tightened.take()] == [
        (world.number(PHARMACY), Why.ALERT)
    ]


# Whom we warn


def freeze(world: AlertedWorld, *names: str) -> None:
    for name in names:
        assert world.say(Contain(name, "frozen", "reported", "nadia")) == Done()


def issue(world: AlertedWorld, *names: str, **more: Any) -> Any:
    said = {"why": "compromised", "seconds": 72 * HOUR, "by": "nadia", **more}
    return world.say(IssueAlert(names, **said))


def test_frozen_accounts_are_told_by_their_public_numbers_and_nothing_else(world):
    anne = world.contracted(ANNE)
    world.add_site("STRUCT:LGO1", SiteKind.PHARMACY, product="LGO 4.2")
    world.service.look()
    freeze(world, anne.name, "STRUCT:LGO1")
    issued = issue(world, anne.name, "STRUCT:LGO1", networks=("203.0.113.0/24",), software=True)
    assert isinstance(issued, IssuedAlert)
    assert (issued.accounts, issued.sites) == ((f"RPPS:{ANNE}",), ("STRUCT:LGO1",))
    assert (issued.software, issued.networks) == (("LGO 4.2",), ("203.0.113.0/24",))
    assert decode(world.store.rows[issued.ref].body).type is EntryType.DECISION
    codes = decode_codes(world.store.rows[issued.ref].detail)
    assert (codes["by"], codes["authority"]) == ("nadia", Authority.OFFICER)
    # A ledger for ever holds our numbers of accounts, not theirs.
    assert ANNE.encode() not in world.store.rows[issued.ref].detail


def test_the_product_is_named_only_where_an_officer_says_so(world):
    world.add_site("STRUCT:LGO1", SiteKind.PHARMACY, product="LGO 4.2")
    world.service.look()
    freeze(world, "STRUCT:LGO1")
    assert issue(world, "STRUCT:LGO1").software == ()


@pytest.mark.parametrize("stage", ["normal", "watched", "narrowed"])
def test_nobody_warns_of_what_is_not_frozen_here(world, stage):
    if stage != "normal":
        world.say(Contain(PHARMACY, stage, "reported", "nadia"))
    size = len(world.store.rows)
    assert issue(world, PHARMACY).reason == "forbidden-move"
    assert len(world.store.rows) == size


def test_an_alert_is_never_passed_on_as_our_own(world, operator):
    world.say(operator.names(sites=(PHARMACY,)))
    assert issue(world, PHARMACY).reason == "forbidden-move"
    freeze(world, PHARMACY)
    assert issue(world, PHARMACY, why="alert").reason == "forbidden-move"


@pytest.mark.parametrize(
    "more",
    [
        {"why": "reviewed"},
        {"why": "because"},
        {"seconds": 0},
        {"seconds": LASTS_MAX + 1},
        {"by": ""},
        {"networks": ("203.0.113.7/32",)},
        {"networks": ("203.0.113.1/24",)},
        {"networks": ("everywhere",)},
    ],
)
def test_what_cannot_be_said_is_not_decided(world, more):
    freeze(world, PHARMACY)
    size = len(world.store.rows)
    assert issue(world, PHARMACY, **more).reason == "forbidden-move"
    assert len(world.store.rows) == size


def test_what_is_issued_is_told_in_order_until_it_is_over(world):
    freeze(world, PHARMACY, OTHER)
    first = issue(world, PHARMACY, seconds=HOUR)
    second = issue(world, OTHER, seconds=2 * HOUR)
    assert [world.say(NextIssued(each)) for each in (-1, first.ref)] == [first, second]
    assert world.say(NextIssued(second.ref)) == Done()
    world.restart()
    assert world.say(NextIssued(-1)) == first
    world.later(HOUR * SECOND + SECOND)
    assert world.say(NextIssued(-1)) == second


def test_what_is_withdrawn_is_told_no_more_and_its_withdrawal_is(world):
    freeze(world, PHARMACY)
    issued = issue(world, PHARMACY)
    withdrawal = world.say(WithdrawAlert(issued.ref, "nadia"))
    assert (withdrawal.withdraws, withdrawal.sites) == (issued.ref, ())
    assert world.say(NextIssued(-1)) == withdrawal
    for again in (issued.ref, withdrawal.ref, 10_000):
        assert world.say(WithdrawAlert(again, "nadia")).reason == "forbidden-move"


def test_of_a_list_who_is_frozen_no_more_is_shown(world):
    freeze(world, PHARMACY, OTHER)
    issue(world, PHARMACY, OTHER)
    world.say(Contain(OTHER, "narrowed", "reviewed", "nadia"))
    (shown,) = world.say(ListAlerts()).issued
    assert (shown.accounts, shown.loosened) == ((PHARMACY, OTHER), 1)


def canary_read(world: AlertedWorld) -> None:
    canary, token = world.member("R9", canary=True), world.sign_in()
    assert world.ask(token, canary.code) == Refused("frozen")


def test_the_guard_warns_nobody_by_itself(world):
    canary_read(world)
    world.later(SECOND)
    assert world.say(NextIssued(-1)) == Done()


def test_where_a_setting_lets_it_the_guard_warns_once_of_what_it_has_frozen(world):
    world.rules = Rules(alone=True)
    world.restart()
    canary_read(world)
    world.later(SECOND)
    issued = world.say(NextIssued(-1))
    assert (issued.sites, issued.why) == ((PHARMACY,), Why.CANARY)
    world.restart()
    world.later(SECOND)
    assert world.say(NextIssued(issued.ref)) == Done()


def test_a_large_list_is_refused_rather_than_cut(world):
    sites = world.sites(SUBJECTS_MAX + 1)
    freeze(world, *sites)
    assert issue(world, *sites).reason == "forbidden-move"
    assert isinstance(issue(world, *sites[:-1]), IssuedAlert)


def test_an_officer_decides_and_a_machine_does_not_go_further(world, operator):
    """Whatever an alert says, ``check_move`` stands in the way of more."""
    contain = world.service.contain
    word = Decision(authority=Authority.ALERT, why=Why.ALERT)
    for target in (WATCHED, FROZEN, CLOSED):
        with pytest.raises(Exception, match="narrows"):
            contain.drafted(contain.account(PHARMACY), target, word)
