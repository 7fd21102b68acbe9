"""An installation where every protection is there, and what breaks each of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from msgspec import structs

from rempart.domain.budget import DAY
from rempart.usecases.measure_messages import ProtectionsTold
from rempart.usecases.measure_ports import (
    AuditTold,
    DaysTold,
    GatewayTold,
    IncidentKeyTold,
    LedgerTold,
    ListsTold,
    RegistryTold,
    TablesTold,
)
from rempart.usecases.setup_facts import (
    Clock,
    Database,
    Door,
    Facts,
    Memory,
    Places,
    PrivateFile,
)
from rempart.usecases.tell_protections import caps_digest

VAULT, GATEWAY = 1001, 1002


def whole(now: int) -> dict[str, Any]:
    """What each reading of a world tells, where everything is as it should be."""
    return {
        "installation": Facts(
            production=True,
            unseen=(),
            private={
                "keys/vault.key": PrivateFile(mode=0o600, owner=VAULT),
                "tls/gateway.key": PrivateFile(mode=0o640, owner=GATEWAY),
            },
            open_folders=(),
            places=Places(keys="/srv/rempart/keys", data=None, same_host=False),
            memory=Memory.SOUND,
            core_limit=0,
            door=Door(group=1, gateway_group=1, socket_group=1, socket_mode=0o660),
            clock=Clock(kept=True, database_ahead=0.01, ledger_ahead=-3.0),
            test_things=(),
            certificates={"gateway.pem": 200, "clients.pem": 900},
            database_here=True,
            database=Database(
                version=180_000,
                settings={"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"},
                powerful=(),
                open_to_gateway=(),
                trusting=False,
                strangers=0,
                contracted=40,
                followed=12,
                extract_days=2,
            ),
            issuer_key_days=3,
        ),
        "vault": ProtectionsTold(
            guard_failed=False,
            accounts=60,
            watched=2,
            narrowed=1,
            frozen=0,
            overdue=0,
            exceptions=0,
            table=caps_digest(),
            habits=3,
            closed=0,
            cuts=0,
            publishers=1,
            presence=now // 1_000_000 - 86_400,
            people=True,
            professionals=True,
            epoch=4,
            size=5_000,
        ),
        "tables": TablesTold(
            passwords=0,
            strange=0,
            locks=120_000,
            old_cards=0,
            triggers=8,
            missing=0,
            writers=0,
            epoch=4,
            synchronous=True,
            replicas=1,
            staff=4,
            with_passkey=4,
            entries_overdue=0,
            people_overdue=0,
            held=1,
        ),
        "registry": RegistryTold(
            software=20, with_both=20, unnamed=0, sealing=20, insurers=3, operators=3
        ),
        "ledger": LedgerTold(size=5_000, root=b"r" * 32, unsigned=0),
        "audit": AuditTold(entries=5_000, checkpoints=900, lost=0, broken=0),
        "days": DaysTold(days=30, behind=0, absent=0),
        "lists": ListsTold(days=20, fresh=3),
        "gateway": GatewayTold(version="TLSv1.3", old=False, days=90, sent=10_000_000, answer=413),
        "cut_row": 3,
        "incident_key": IncidentKeyTold(made=True, here=0),
        "exercises": [now - 100 * DAY],
        "contact": True,
    }


def changed(told: Any, **fields: Any) -> Any:
    """The same, but for some fields; ``database`` ones are given as a mapping."""
    if isinstance(told, Facts) and isinstance(fields.get("database"), dict):
        fields["database"] = replace(told.database, **fields["database"])
    if isinstance(told, ProtectionsTold):
        return structs.replace(told, **fields)
    return replace(told, **fields)


SHARED = {
    "keys/vault.key": PrivateFile(mode=0o600, owner=VAULT),
    "tls/gateway.key": PrivateFile(mode=0o600, owner=VAULT),
}
OPEN = {"keys/vault.key": PrivateFile(mode=0o644, owner=VAULT)}
LOSSY = {"fsync": "off", "full_page_writes": "on", "synchronous_commit": "on"}
TOGETHER = Places(keys="/srv/rempart/keys", data="/srv/rempart/postgres", same_host=True)

BREAKS: dict[str, list[tuple[str, Any]]] = {
    "no-password": [("tables", {"passwords": 1})],
    "professionals-psc": [
        ("vault", {"professionals": False}),
        ("installation", {"issuer_key_days": -1}),
        ("installation", {"issuer_key_days": 400}),
    ],
    "staff-passkeys": [
        ("vault", {"people": False}),
        ("tables", {"with_passkey": 3}),
        ("tables", {"staff": 0, "with_passkey": 0}),
    ],
    "software-two-proofs": [
        ("registry", {"with_both": 19}),
        ("installation", {"certificates": {"clients.pem": -1}}),
        ("installation", {"certificates": {}}),
    ],
    "vendor-statements": [
        ("installation", {"production": False}),
        ("registry", {"unnamed": 1}),
    ],
    "directory-followed": [
        ("installation", {"database": {"extract_days": None}}),
        ("installation", {"database": {"extract_days": 400}}),
        ("installation", {"database": {"followed": 0}}),
    ],
    "two-operators": [("registry", {"operators": 1})],
    "presence-sealed": [
        ("vault", {"presence": 0}),
        ("vault", {"presence": 1}),
        ("registry", {"sealing": 19}),
    ],
    "old-cards-closed": [("tables", {"old_cards": 1})],
    "vault-alone": [("tables", {"epoch": 5}), ("vault", {"size": 0}), ("vault", {"epoch": 0})],
    "rights-sealed": [
        ("tables", {"strange": 1}),
        ("installation", {"database": {"open_to_gateway": ("sealed.lock",)}}),
    ],
    "roles-small": [
        ("installation", {"database": {"powerful": ("rempart_vault",)}}),
        ("installation", {"database": {"trusting": True}}),
    ],
    "key-files": [
        ("installation", {"private": OPEN}),
        ("installation", {"open_folders": ("keys",)}),
        ("installation", {"unseen": ("keys",)}),
    ],
    "users-apart": [("installation", {"private": SHARED})],
    "keys-apart": [
        ("installation", {"places": TOGETHER}),
        ("installation", {"places": replace(TOGETHER, data=None)}),
    ],
    "no-core": [("installation", {"core_limit": 1})],
    "tls": [
        ("gateway", {"version": "TLSv1.1"}),
        ("gateway", {"old": True}),
        ("gateway", {"days": -1}),
    ],
    "limits": [("gateway", {"answer": 200}), ("gateway", {"answer": 0})],
    "budgets": [("vault", {"table": bytes(32)}), ("vault", {"exceptions": 1})],
    "guard": [("vault", {"guard_failed": True})],
    "containment": [("vault", {"guard_failed": True})],
    "hourly-ceiling": [
        ("vault", {"guard_failed": True}),
        ("vault", {"habits": 2}),
        ("vault", {"habits": 0}),
    ],
    "alerts": [("vault", {"publishers": 0})],
    "on-call": [("contact", False), ("vault", {"overdue": 1})],
    "cut-offs": [("cut_row", 60)],
    "offline-lists": [
        ("lists", {"days": None}),
        ("lists", {"days": -1}),
        ("lists", {"fresh": 2}),
        ("registry", {"insurers": 0}),
    ],
    "durable": [
        ("installation", {"database": {"settings": LOSSY}}),
        ("installation", {"database": {"version": 140_000}}),
    ],
    "standby": [("tables", {"replicas": 0}), ("tables", {"synchronous": False})],
    "ledger-append-only": [
        ("tables", {"missing": 1}),
        ("tables", {"writers": 1}),
        ("tables", {"triggers": 0}),
    ],
    "checkpoints": [
        ("ledger", {"size": 0}),
        ("ledger", {"unsigned": 10_001}),
        *(("installation", {"memory": each}) for each in Memory if each is not Memory.SOUND),
    ],
    "ledger-verified": [("audit", {"broken": 4}), ("audit", {"lost": 1})],
    "days-closed": [("days", {"behind": 1}), ("days", {"absent": 1}), ("days", {"days": 0})],
    "incident-key": [("incident_key", {"made": False}), ("incident_key", {"here": 1})],
    "retention": [("tables", {"entries_overdue": 1}), ("tables", {"people_overdue": 1})],
    "clock": [
        ("installation", {"clock": Clock(kept=False, database_ahead=0.0, ledger_ahead=0.0)}),
        ("installation", {"clock": Clock(kept=None, database_ahead=0.0, ledger_ahead=0.0)}),
        ("installation", {"clock": Clock(kept=True, database_ahead=9.0, ledger_ahead=0.0)}),
    ],
    "exercises": [("exercises", []), ("exercises", [1])],
}
"""By the code of each measure that has a check: what switches it off, in each of its ways."""


def broken(now: int, reading: str, how: Any) -> dict[str, Any]:
    """The whole world, but for one thing."""
    told = whole(now)
    told[reading] = changed(told[reading], **how) if isinstance(how, dict) else how
    return told
