"""What values tell of themselves: every class of the product, field by field.

A field that holds text or bytes and shows them in ``repr`` stands in ``PUBLIC`` by its name, or
this fails: somebody has decided that it can be printed anywhere.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from pkgutil import walk_packages
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest

import rempart

title = "What values tell of themselves"

WORDS = """
amc _amc_bytes convention csr domain domains mode column rule faults purpose
client_id site sites software insurers operators public feed_key card_keys platform recipient
kid _kid previous host base_url web_url rp_id
verifier verifier_url cut_offs why_fr why_en
psc_issuer psc_client_id vendor token_url log_origin origin instance media delimiter files
issue fr en do_fr do_en error_description refused
note notes nodes checkpoint root old_root saved_root signed_root hash proof extensions lost
digest detail_digest citable feeds confirmed dropped strangers told salt seed retry
place product rings sums past devices networks recent allowances moves
account account_as site_as session session_as indexes _waiting
"""
PUBLIC = frozenset(WORDS.split())
"""Words of the field, what takes part in public, digests, pseudonyms, positions. A name that could
be a person's thing somewhere else stands below, with its class."""

SHOWN_AS_WELL = frozenset(
    {
        *("Thief.lowered", "Kind.type"),
        *("AMCNumber.value", "RPPS.value", "FINESS.value", "SiteId.value", "Issued.certificate"),
        *("Outcome.code", "Formula.code", "Told.until", "Told.reference", "Question.care_date"),
        *("Told.outcome", "Wanted.day"),
        *("SyntheticInsurer.name", "SyntheticSite.name", "NoteVerifier.name", "Migration.name"),
        *("Hold.name", "MemoryFeedFile.name"),
        # What is written on everybody's card of a synthetic contract; rights without anybody.
        *("Contract.cards", "Contract.periods", "Rights.encoded"),
        # An insurer's number; the tariff is the same for everybody.
        *("Undertaking.amc_number",),
        # Which rule was not kept, and why: words of the product. Numbers of claims.
        *("Ruled.why", "Stood.why", "Judged.why", "Heading.why", "Reconciled.unborne"),
        *("Item.code", "Item.french", "Item.english", "Item.family", "Rate.family"),
        # Of alerts: ids of public keys, accounts by our number, an officer, a network.
        *("Alert.withdrawn", "Heard.publisher", "Heard.waiting", "Heard.seen", "Hold.publisher"),
        *("Issued.accounts", "Issued.networks", "Issued.by"),
        *("State.publishers", "State.heard", "State.holds", "State.narrowed"),
        "State.frozen",
        # Of the drill of the cut: a bar in words, an insurer's number, a kind of cheating.
        *("Line.title", "Means.stopped", "Bad.kind"),
        # What lists say to everybody; which step of a verification failed.
        *("TrustList.operator", "TrustList.next_key", "Trusted.name", "Trusted.keys"),
        *(
            "PublishTrust.operator",
            "Verdict.step",
            "Verdict.reason",
            "Verdict.insurer",
            "Quoted.why",
        ),
        # Signed by an insurer, or served to anybody.
        *("FeedHeader.body", "Page.body"),
        # A situation to try, in words.
        *("Case.name", "Case.expects", "Case.french", "Case.english"),
        # What files are for; closed days by their dates; a public key.
        *("Purpose.magic", "Purpose.label", "Draft.writer", "CloseDays.incident"),
        *("DaysReport.days", "DaysReport.absent", "DaysReport.gaps", "Table.key"),
        # Of a scope: accounts by number, ranges of entries, names of parts and outcomes.
        *("Finding.suspects", "Facts.accounts", "Gathered.ranges", "Gathered.holes"),
        *("AttemptSaid.whose", "AttemptSaid.outcome", "MovedSaid.before", "MovedSaid.after"),
        *("RangeRead.day", "Verified.days"),
        *("ListNames.sealed", "ListNames.clear"),
        # A dossier: whose log tells, by its origin; the folder that it lies in.
        *("Source.operator", "OpenedDossier.name"),
        # Letters: the word EXERCICE; packs and reasons, of nobody; a law's placeholders.
        *("LetterFolder.mark", "LettersReport.packs", "Proposal.reasons"),
        *("Rules.needed", "Rules.known", "Rules.titles"),
        # People or sites, how many; the digest of an operator's reason.
        *("Leavers.what", "Standing.outside"),
        # Said to everybody on the public status.
        *("CutOffTold.what", "CutOffTold.since", "CutOffTold.until"),
        # Pseudonyms, keyed digests, codes and rules.
        *("Entry.person", "Case.person", "Trace.person", "First.question", "Retries.seen"),
        *("Case.pair", "QuestionDetail.pair", "QuestionDetail.code", "QuestionDetail.request"),
        *("FreshUse.code", "FreshUse.request", "HistoryTags.code", "HistoryTags.card"),
        # What codes are made for.
        *("Aim.prefix", "Aim.label"),
        # An officer, never a patient; who decides is what a decision is about.
        *(
            "Watch.codes",
            "Level.label",
            "Act.codes",
            "Act.columns",
            "Allowance.by",
            "Decision.by",
            "Move.by",
        ),
        *("QuestionDetail.question", "ProvenEntry.detail", "Read.detail", "MemoryLedger.rows"),
        # Names of files, folders, roles and settings of an installation, and what they mean.
        *("Facts.unseen", "Facts.private", "Facts.open_folders", "Facts.test_things"),
        *("Settings.country_files", "Facts.country_files", "CountryFile.name"),
        *("Facts.certificates", "Places.keys", "Places.data", "Database.settings"),
        *("Database.powerful", "Database.open_to_gateway", "Finding.french", "Finding.english"),
        # Insurers by their public numbers; what a drill does, and what it came to.
        *("Trail.seen_insurers", "Trail.past_insurers", "Scale.thieves", "Task.what"),
        *(
            "Task.world",
            "Peace.reasons",
            "Peace.harmed",
            "Peace.refusals",
            "InProcess._lifting",
            "InProcess._seats",
        ),
        *("Run.by_day", "Run.baseline", "Run.curve"),
        # Habits of a synthetic France: of trades, sites, scenes and thieves, of no person.
        *("Honest.device_days", "Honest.name", "Honest.network_days", "Honest.typing"),
        *("Rhythm.accounts", "Rhythm.courses", "Rhythm.hours", "Rhythm.patients"),
        *("Rhythm.practitioners", "Rhythm.products", "Rhythm.week", "Rhythm.weekend"),
        *("WorldInsurer.homes", "WorldSite.place", "WorldSite.product"),
        *("WorldSite.trade", "Scene.english", "Scene.french", "Scene.kinds"),
        *("Scene.name", "Place.code", "Pace.windows", "Thief.name", "Thief.sentence"),
        *("Thief.variants", "Variant.cards", "Variant.kinds", "Variant.name"),
        *("Variant.scene", "Variant.windows"),
        # A law; an incident's numbers of accounts, and what is stated of it in closed lists.
        *("Rule.code", "Rule.french", "Rule.english", "Rule.law", "Rule.source"),
        *("Rule.after", "Rule.late", "Rule.cap_after"),
        *("Offence.article", "Offence.french", "Offence.english", "Offence.source"),
        *(
            "Found.accounts",
            "Incident.accounts",
            "Incident.alerted",
            "Incident.frozen",
            "Incident.nature",
        ),
        # Of protections: codes, states, counts and words of the product.
        *("Measure.code", "Measure.french", "Measure.english", "Measure.against"),
        *("Measure.article", "Measure.cnil", "Catalogue.article", "Catalogue.cnil"),
        *("Catalogue.measures", "Seen.facts", "Seen.why", "Attestation.states", "Change.code"),
        *("AttestedMeasure.code", "AttestedMeasure.french", "AttestedMeasure.english"),
        *("AttestedMeasure.against", "AttestedMeasure.article", "AttestedMeasure.cnil"),
        *("AttestedMeasure.facts", "AttestedMeasure.why", "MeasuresAt.measures"),
        *("MeasuresAt.without", "MeasuresBetween.without", "MeasuresBetween.within"),
        *("MeasuresBetween.changes", "MeasuresBetween.broken", "GatewayTold.version"),
        *("Picture.rows", "Picture.incidents"),
        # Sealed: what the importer and PostgreSQL see. Opening takes what a patient brings.
        *("BlindLock.find", "BlindLock.box", "PersonState.handle"),
    }
)
TEXTS = (str, bytes, bytearray, memoryview, list, tuple, dict, set, frozenset)


def classes() -> Iterator[type]:
    for module in walk_packages(rempart.__path__, "rempart."):
        if module.name.endswith("__main__"):
            continue
        room = import_module(module.name)
        for value in vars(room).values():
            if inspect.isclass(value) and value.__module__ == room.__name__ and fields_of(value):
                yield value


def fields_of(kind: type) -> dict[str, Any]:
    """Name and annotation of each field of a dataclass, a message or a named tuple."""
    if is_dataclass(kind):
        return {field.name: field.type for field in fields(kind)}
    if issubclass(kind, msgspec.Struct):
        return {field.name: field.type for field in msgspec.structs.fields(kind)}
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return {name: kind.__annotations__.get(name, object) for name in kind._fields}
    return {}


def holds_text(annotation: Any) -> bool:
    """Whether text or bytes may stand there; values with a class of their own answer for it."""
    if get_origin(annotation) in {Literal, Callable}:
        return False
    if get_origin(annotation) is UnionType or getattr(annotation, "__args__", None):
        return any(holds_text(part) for part in (get_origin(annotation), *get_args(annotation)))
    if isinstance(annotation, str):
        return any(word.__name__ in annotation for word in TEXTS) or "Any" in annotation
    if not inspect.isclass(annotation):
        return annotation is Any or annotation is object
    return issubclass(annotation, TEXTS) and annotation.__module__ == "builtins"


def filled(kind: type, values: dict[str, str]) -> object:
    """One of them, with a mark in each field; nothing is checked, nothing computed."""
    if not is_dataclass(kind):
        return kind(**values)
    made = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


def shown_by(kind: type) -> set[str]:
    """The fields of text whose content the class prints."""
    texts = {name for name, annotation in fields_of(kind).items() if holds_text(annotation)}
    made = filled(kind, {name: f"⟨{name}⟩" for name in fields_of(kind)})
    told = f"{made!r} {made!s} {made}"
    return {name for name in texts if f"⟨{name}⟩" in told}


EVERY_CLASS = sorted(set(classes()), key=lambda kind: (kind.__module__, kind.__qualname__))


@pytest.mark.parametrize("kind", EVERY_CLASS, ids=lambda kind: kind.__qualname__)
def test_a_value_prints_nothing_that_nobody_has_agreed_to(kind):
    shown = {name for name in shown_by(kind) if f"{kind.__name__}.{name}" not in SHOWN_AS_WELL}
    assert shown <= PUBLIC


def test_every_class_was_seen():
    names = {kind.__qualname__ for kind in EVERY_CLASS}
    assert len(names) > 180
    assert names >= {"Ask", "Typed", "CardShown", "NIR", "BirthDate", "LockRow", "Entry", "Session"}
    assert names >= {"CardClaims", "Member", "IssuedCard", "PrintedCard", "Case", "Read", "Patient"}


@dataclass
class Careless:
    """A class that somebody adds in a hurry."""

    surname: str
    born: bytes | None
    others: "list[str]"
    amc: str
    code: str
    rank: int


def test_a_careless_class_would_be_seen():
    assert shown_by(Careless) - PUBLIC == {"surname", "born", "others", "code"}


def test_no_name_stands_in_the_lists_for_nothing():
    """A name that no class shows any more would let the next one through unread."""
    shown = {f"{kind.__name__}.{name}" for kind in EVERY_CLASS for name in shown_by(kind)}
    assert SHOWN_AS_WELL - shown == set()
    rest = {pair.split(".")[1] for pair in shown - SHOWN_AS_WELL}
    assert PUBLIC - rest == set()
