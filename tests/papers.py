"""A breach on paper: a case, its scope, what an insurer is told of it, and whom to reach."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import pikepdf

from rempart.domain.clocks import HOUR, clocks
from rempart.domain.contacts import Contacts, InsurerContact, OperatorContact
from rempart.domain.containment import Authority, Why
from rempart.domain.cutoff import CutOff
from rempart.domain.cutoff_words import CutWhy, Scope
from rempart.domain.deeds import Deed, Kind
from rempart.domain.finding import finding_of
from rempart.domain.identifiers import AMCNumber
from rempart.domain.incident import Found, Frozen, Incident, Told
from rempart.domain.incident_words import Did, Origin, Stated
from rempart.domain.paris import PARIS, moment
from rempart.domain.spoken import Spoken
from rempart.usecases.claims_file import ClaimsFile, ClaimsSaid
from rempart.usecases.dossier_file import InsurerReport, PartSaid
from rempart.usecases.finding_of_case import finding_of as finding_of_case
from rempart.usecases.incident_ports import Named, Unanswered
from rempart.usecases.read_incidents import Case, Statement
from rempart.usecases.scope_file import InsurerSaid, RangeRead, ScopeFile
from rempart.usecases.tell_unserved import Stopped, Unserved

AMC = 99990001
SHOP, LAB, OWNER = "STRUCT:PHAR1", "STRUCT:LABO1", "@durand.camille"
SITE = "Pharmacie de la Poterne"
SESSIONS = {b"t" * 16: 17, b"u" * 16: 18}
"""The thief's, at either account."""
NAMES = (SHOP, LAB, OWNER, SITE, "durand", "Camille", "nadia", "omar")
STOLEN = moment(datetime(2026, 11, 23, 18, tzinfo=PARIS))
FROZEN = moment(datetime(2026, 11, 27, 3, 12, tzinfo=PARIS))
NOW = FROZEN + 5 * HOUR
CHECKPOINT = (
    "rempart.example/log\n48300\nqvTg0bVqPq0wZfXq8Jx4o0i9sYv1dB7uQ2cC3kR5m6E=\n\n"
    "— rempart.example/log AbC=\n"
)
OPERATOR = OperatorContact(
    name="Opérateur d'exemple",
    siren="123456782",
    address="1 rue des Remparts, 86000 Poitiers",
    dpo="Inès Beffroi",
    dpo_email="dpo@operateur.example",
    dpo_phone="+33 5 00 00 00 01",
    desk="+33 5 00 00 00 02",
)
CONTACTS = Contacts(
    OPERATOR,
    {
        AMC: InsurerContact(
            amc=AMCNumber.parse(f"{AMC:08d}"),
            name="Mutuelle des Créneaux",
            phone="+33 1 00 00 00 03",
            email="crise@creneaux.example",
            key=bytes(32),
        )
    },
)


def said(did: Did, at: int, text: str, by: str = "nadia", **more: Any) -> Statement:
    """What somebody says; ``codes`` are those of its kind."""
    codes = more.pop("codes", {})
    told = Told(ref=48_214 + at % 97, at=at, did=did, by=by, words=bytes(32), codes=codes)
    return Statement(told, Spoken(text=text, **more))


def statements() -> tuple[Statement, ...]:
    """What was said of the case, the ledger's order."""
    return (
        said(
            Did.FACT,
            FROZEN + HOUR,
            "Mme Durand a appelé",
            source="standard",
            codes={"at": FROZEN + 60},
        ),
        said(Did.AWARE, FROZEN + HOUR, "confirmé par rappel", codes={"at": FROZEN + HOUR}),
        said(Did.FINDING, FROZEN + HOUR, "relu au registre", by="omar", thief=frozenset(SESSIONS)),
        said(Did.NATURE, FROZEN + 2 * HOUR, "intrusion, pas de rançongiciel", by="omar"),
        said(Did.DECIDED, FROZEN + 2 * HOUR, f"garder {SHOP} gelé"),
    )


def a_case(**more: Any) -> Case:
    """A pharmacy's and a laboratory's accounts were stolen; ``more`` replaces what it says."""
    exercise = more.pop("exercise", False)
    said_of_it = more.pop("statements", statements())
    incident = Incident(
        ref=48213,
        opened=FROZEN,
        origin=Origin.GUARD,
        exercise=exercise,
        accounts=(17, 18, 19),
        frozen=(
            Frozen(48213, 17, Why.STRANGERS, FROZEN),
            Frozen(48220, 18, Why.CANARY, FROZEN + HOUR // 6),
        ),
        told=tuple(each.told for each in said_of_it),
        aware=FROZEN + HOUR,
        found=Found(accounts=(17, 18), earliest=STOLEN, contained=FROZEN + HOUR // 6),
        nature=(Stated.YES, Stated.NO, Stated.UNKNOWN),
    )
    of_incident = {name: more.pop(name) for name in [*more] if name in Incident.__slots__}
    incident = replace(incident, **of_incident)
    everybody = {
        17: Named(17, SHOP, SITE, 4, "pharmacy"),
        18: Named(18, LAB, "Laboratoire du Donjon", 5, "laboratory"),
        19: Named(19, OWNER, SITE, 4),
    }
    whole: dict[str, Any] = {
        "incident": incident,
        "statements": said_of_it,
        "clocks": tuple(clocks(incident.aware, incident.answers, now=NOW)),
        "accounts": (everybody[17], everybody[18], everybody[19]),
        "since": STOLEN,
        "until": NOW,
        "deeds": (
            Deed(kind=Kind.CLAIM, account=17, at=FROZEN - HOUR, ref=812, what="claim", cents=4210),
        ),
        "stopped": (
            Stopped(account=17, since=FROZEN),
            Stopped(account=18, since=FROZEN + HOUR // 6, until=FROZEN + 4 * HOUR),
        ),
        "unserved": (
            a_cut(Scope.SITE, 4),
            a_cut(Scope.PRESENCE, 1, until=FROZEN + 3 * HOUR, refused=Unanswered(1204, 311)),
            a_cut(Scope.INSURER, 99990002),
        ),
        "everybody": everybody,
        "sessions": SESSIONS,
    }
    return Case(**(whole | more))


def a_cut(scope: Scope, number: int, until: int = 0, refused: Unanswered | None = None) -> Unserved:
    """A cut-off of ours, with what it kept from an answer."""
    cut = CutOff(
        scope=scope,
        number=number,
        since=FROZEN + 60_000_000,
        until=until,
        why=CutWhy.INCIDENT,
        authority=Authority.OFFICER,
        by="nadia",
        ref=48_230,
    )
    return Unserved(cut=cut, until=until, refused=refused or Unanswered(0, 0))


def a_scope(case: Case | None = None, **more: Any) -> ScopeFile:
    """The scope that follows from the finding of a case."""
    finding = finding_of(finding_of_case(case or a_case()))
    whole: dict[str, Any] = {
        "number": 1,
        "finding": finding.to_json(),
        "finding_digest": finding.digest.hex(),
        "checkpoint": CHECKPOINT,
        "ranges": (
            RangeRead(0, 47000, "2026-11-26", "ab" * 32),
            RangeRead(47000, 48300),
        ),
        "holes": (),
        "clears": True,
        "people": 1120,
        "breached": 1003,
        "undecided": 12,
        "cleared": 105,
        "insurers": (InsurerSaid(f"{AMC:08d}", 1003, 12, 105),),
        "attempts": (),
        "unopened": {},
        "canaries": {},
        "unmet": (),
        "list": "cd" * 32,
    }
    return ScopeFile(**(whole | more))


def a_report(scope: ScopeFile | None = None, **more: Any) -> InsurerReport:
    """What the insurer is told."""
    scope = scope or a_scope()
    whole: dict[str, Any] = {
        "incident": 48213,
        "exercise": False,
        "number": 1,
        "phase": "initial",
        "amc": f"{AMC:08d}",
        "name": "Mutuelle des Créneaux",
        "made": NOW,
        "scope": scope.number,
        "scope_digest": digest_of(scope),
        "checkpoint": scope.checkpoint,
        "stolen": STOLEN,
        "contained": FROZEN + HOUR // 6,
        "accounts": 2,
        "kinds": {"pharmacy": 1, "laboratory": 1},
        "breached": PartSaid(
            people=1001,
            unnamed=2,
            answers=1490,
            fields={"IN_FORCE": 1003, "UNTIL": 1003, "MODE": 640},
            domains={"PHAR": 900, "LABO": 110},
            presences={"LEGACY": 1000, "CARD": 3},
            first=STOLEN + HOUR,
            last=FROZEN,
        ),
        "undecided": PartSaid(
            people=12,
            answers=14,
            fields={"IN_FORCE": 12},
            domains={"PHAR": 12},
            presences={"CARD": 12},
            first=STOLEN + 2 * HOUR,
            last=FROZEN - HOUR,
        ),
        "cleared": 105,
        "clears": True,
        "members": "ef" * 32,
    }
    return InsurerReport(**(whole | more))


def some_claims(**more: Any) -> ClaimsSaid:
    """Claims of that insurer that these accounts sent, or were told of."""
    whole: dict[str, Any] = {
        "breached": 3,
        "undecided": 41,
        "cleared": 7,
        "late": 5,
        "sent": 40,
        "told": 12,
        "uses": {"claim": 43, "verification": 1},
        "shown": {"KEPT": 9, "OUTCOME": 6, "OWED": 4},
        "domains": {"PHAR": 40, "OPTI": 4},
        "outcomes": {"honoured": 30, "person": 14},
        "asked": 1_234_56,
        "owed": 987_65,
        "first": STOLEN + HOUR,
        "last": FROZEN,
        "list": "ba" * 32,
    }
    return ClaimsSaid(**(whole | more))


def a_claims_file(scope: ScopeFile | None = None, **more: Any) -> ClaimsFile:
    """Those of every insurer: of that one, and of nobody knows whom."""
    unopened = ClaimsSaid(undecided=2, sent=2)
    whole: dict[str, Any] = {
        "incident": 48213,
        "exercise": False,
        "scope": 1,
        "finding_digest": (scope or a_scope()).finding_digest,
        "until": NOW,
        "whole": some_claims(undecided=43, sent=42),
        "insurers": {f"{AMC:08d}": some_claims(), "": unopened},
    }
    made = ClaimsFile(**(whole | more))
    made.check()
    return made


def book(operator: OperatorContact = OPERATOR) -> str:
    """The contact book of nobody but ourselves, as TOML."""
    lines = [f'{name} = "{getattr(operator, name)}"' for name in OperatorContact.__slots__]
    return "\n".join(["[operator]", *lines, ""])


def digest_of(scope: ScopeFile) -> str:
    """SHA-256 of its file."""
    return sha256(scope.to_json().encode()).hexdigest()


def tags_of(pdf: bytes) -> list[str]:
    """The kinds of its tags, as a screen reader meets them."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [*_tags(document.Root.StructTreeRoot)]


def _tags(node: Any) -> Any:
    for each in node if isinstance(node, pikepdf.Array) else [node]:
        if isinstance(each, pikepdf.Dictionary):
            if "/S" in each:
                yield str(each.S)
            if "/K" in each:
                yield from _tags(each.K)


def text_of(pdf: bytes) -> str:
    """Everything that it shows, as whoever copies it gets it: by the fonts' own tables."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return "\n".join(_shown(page) for page in document.pages)


def _shown(page: pikepdf.Page) -> str:
    fonts = {name: _unicode(font) for name, font in page.Resources.Font.items()}
    told, table = [], {}
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            table = fonts[str(operands[0])]
        elif str(operator) in {"Tj", "TJ"}:
            pieces = operands[0] if str(operator) == "TJ" else [operands[0]]
            for piece in pieces:
                if isinstance(piece, pikepdf.String):
                    raw = bytes(piece)
                    told += [table.get(raw[at : at + 2], "") for at in range(0, len(raw), 2)]
        elif str(operator) in {"ET", "Td", "Tm"}:
            told.append(" ")
    return "".join(told)


def _unicode(font: Any) -> dict[bytes, str]:
    table: dict[bytes, str] = {}
    for operands, operator in pikepdf.parse_content_stream(font.ToUnicode):
        del operands, operator
    lines = font.ToUnicode.read_bytes().decode().splitlines()
    for line in lines:
        parts = [part.strip("<>") for part in line.split()]
        if len(parts) == 2 and line.startswith("<"):
            table[bytes.fromhex(parts[0])] = bytes.fromhex(parts[1]).decode("utf-16-be")
    return table
