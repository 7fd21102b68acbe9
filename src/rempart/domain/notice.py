"""Whether persons must be told of a breach (GDPR art. 34): what is proposed, and what is decided.

(1) a breach that is likely to be a high risk to persons is told to them, without undue delay;
(3) not where (a) what was read cannot be understood, as it was encrypted; (b) what was done since
    means that the high risk is no longer likely; (c) it would take a disproportionate effort: then
    a public communication tells them as well.

The machine sets facts beside the question and proposes; a person decides, with a reason and a name,
on the reports that were read. A decision of other reports is not one of these.

Law text not read in a source: the articles as recalled.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rempart.domain.breach_told import Told
from rempart.domain.coverage import Domain
from rempart.domain.disclosure import Fields, Presence
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.letter_to_insured import Door
from rempart.domain.scope import Verdict

DECISION = "decision"
ENTRIES = {"tell", "ground", "reason", "by", "reports", "public", "doors", "measures", "operators"}
ADULT = 18
REASON_MIN, TEXT_MAX, MEASURES_MAX = 20, 1_000, 10


class Tell(StrEnum):
    """Who is told."""

    EVERYBODY = "everybody"
    BREACHED = "breached"
    """Who surely was read, and nobody of whom it is not known."""
    NOBODY = "nobody"

    def takes(self, verdict: Verdict) -> bool:
        """Whether somebody of this verdict is told."""
        return self is Tell.EVERYBODY or (self is Tell.BREACHED and verdict is Verdict.BREACHED)


class Ground(StrEnum):
    """On what ground."""

    HIGH_RISK = "high-risk"
    """Art. 34(1)."""
    NO_HIGH_RISK = "no-high-risk"
    UNINTELLIGIBLE = "34-3-a"
    RISK_REMOVED = "34-3-b"
    EFFORT = "34-3-c"


@dataclass(slots=True, kw_only=True)
class NoticeFacts:
    """What a decision is taken beside: how many people, of what; nobody by name.

    ``children`` are under 18, as far as the insurer's file says; ``absent`` are not in it;
    ``unnamed`` were read, or may have been, and no table names them any more: at most so many.
    ``claims`` were touched, whose people no list names.
    """

    people: Counter[Verdict] = field(default_factory=Counter)
    fields: Counter[Fields] = field(default_factory=Counter)
    domains: Counter[Domain] = field(default_factory=Counter)
    presences: Counter[Presence] = field(default_factory=Counter)
    children: int = 0
    absent: int = 0
    unnamed: int = 0
    claims: int = 0
    contained: bool = True
    whole: bool = True

    def take(self, told: Told, *, child: bool) -> None:
        """One more person."""
        self.people[told.verdict] += 1
        self.fields.update(each for each in Fields if each in told.fields)
        self.domains.update(each for each in Domain if told.domains >> each & 1)
        self.presences.update(each for each in Presence if told.presences >> each & 1)
        self.children += child
        self.whole &= all(each.whole for each in told.readings.values())


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the machine would do, and its reasons: French, English."""

    tell: Tell
    reasons: tuple[tuple[str, str], ...]


READ = (
    "un tiers malveillant a lu des réponses en clair : l'exception (a) n'y répond pas",
    "somebody who meant harm read answers in clear: exception (a) does not meet them",
)
KEPT = (
    "ce qui est lu ne se reprend pas : bloquer le compte ne suffit pas à l'exception (b)",
    "what was read cannot be taken back: a blocked account is not enough for exception (b)",
)
HEALTH = (
    "droits à une complémentaire santé, de personnes identifiées : fausses demandes à craindre",
    "rights to health insurance of identified persons: false requests are to be feared",
)
DOUBT = (
    "pour les indécis, la lecture par le voleur ne peut être exclue : le leur dire est prudent",
    "of the undecided, a reading by the thief cannot be excluded: to tell them is prudent",
)
CHILDREN = (
    "des enfants sont concernés : personnes vulnérables",
    "children are among them: vulnerable persons",
)
RUNNING = (
    "tout n'est pas contenu : d'autres peuvent encore être lus",
    "not everything is contained: more may still be read",
)
HOLE = (
    "le registre a un trou : personne n'y est mis hors de cause",
    "the ledger has a hole: nobody in it is cleared",
)
ADDRESSES = (
    "une partie n'est plus dans votre fichier : communication publique (c) pour ceux-là seuls",
    "some are no longer in your file: a public communication (c) for those alone",
)
UNNAMED = (
    "des personnes lues n'ont plus de nom ici : communication publique (c) pour elles",
    "people who were read have no name here any more: a public communication (c) for them",
)
CLAIMS = (
    "des factures de vos assurés ont été touchées : leur liste dit lesquelles, vos fichiers de qui"
    " elles sont ; aucune lettre d'ici n'en parle",
    "claims of your members were touched: their list says which, your files whose; no letter made"
    " here tells of them",
)
NOBODY = ("personne de chez vous n'a été lu", "nobody of yours was read")


def propose(facts: NoticeFacts) -> Proposal:
    """What follows from the facts alone."""
    if not facts.people.total() and not facts.unnamed:
        return Proposal(Tell.NOBODY, (NOBODY, CLAIMS) if facts.claims else (NOBODY,))
    reasons = [
        (bool(facts.people[Verdict.BREACHED]), READ),
        (True, HEALTH),
        (True, KEPT),
        (bool(facts.people[Verdict.UNDECIDED]), DOUBT),
        (bool(facts.children), CHILDREN),
        (not facts.contained, RUNNING),
        (not facts.whole, HOLE),
        (bool(facts.absent), ADDRESSES),
        (bool(facts.unnamed), UNNAMED),
        (bool(facts.claims), CLAIMS),
    ]
    return Proposal(Tell.EVERYBODY, tuple(words for holds, words in reasons if holds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided, of these reports (SHA-256, hexadecimal); ``doors`` by the name of each
    source.
    """

    tell: Tell
    ground: Ground
    reason: str = field(repr=False)
    by: str = field(repr=False)
    reports: frozenset[str] = field(repr=False)
    public: str = field(repr=False)
    doors: Mapping[str, Door] = field(repr=False)
    measures: Mapping[str, tuple[str, ...]] = field(repr=False)
    operators: Mapping[str, str] = field(repr=False)


def decision_of(said: Mapping[str, object], reports: Mapping[str, str]) -> Decision:
    """What a TOML file says, of ``reports``: the name of the source of each digest.

    Raises:
        MalformedIdentifier: something is left open, or contradicts itself; it is named.
    """
    if set(said) - ENTRIES:
        raise MalformedIdentifier(DECISION, "an entry is not known")
    if said.get("tell") not in [*Tell]:
        raise MalformedIdentifier(DECISION, f"tell: expected {', '.join(Tell)}")
    if said.get("ground") not in [*Ground]:
        raise MalformedIdentifier(DECISION, f"ground: expected {', '.join(Ground)}")
    listed = said.get("reports")
    if not isinstance(listed, list) or set(map(str, listed)) != set(reports):
        rule = "it was taken on other reports: take it again on these"
        raise MalformedIdentifier(DECISION, f"reports: {rule}")
    tell, ground = Tell(str(said["tell"])), Ground(str(said["ground"]))
    _check_ground(tell, ground, said)
    told = tell is not Tell.NOBODY
    return Decision(
        tell=tell,
        ground=ground,
        reason=_text(said.get("reason"), "reason", REASON_MIN),
        by=_text(said.get("by"), "by", 2),
        reports=frozenset(reports),
        public=_text(said.get("public", ""), "public", 0),
        doors=_doors(said.get("doors"), set(reports.values())),
        measures=measures_of(said.get("measures"), needed=told),
        operators=_names(said.get("operators", {})),
    )


def _check_ground(tell: Tell, ground: Ground, said: Mapping[str, object]) -> None:
    if (tell is Tell.NOBODY) == (ground is Ground.HIGH_RISK):
        rule = "a high risk is told, and nothing else: ground and tell contradict each other"
        raise MalformedIdentifier(DECISION, rule)
    if ground is Ground.EFFORT and not said.get("public"):
        rule = "where is the public communication that art. 34(3)(c) wants instead?"
        raise MalformedIdentifier(DECISION, f"public: {rule}")


def _text(said: object, entry: str, least: int) -> str:
    if not isinstance(said, str) or not least <= len(said.strip()) <= TEXT_MAX:
        raise MalformedIdentifier(DECISION, f"{entry}: expected {least} to {TEXT_MAX} characters")
    return said.strip()


def measures_of(said: object, *, needed: bool) -> Mapping[str, tuple[str, ...]]:
    """What was done, by language.

    Raises:
        MalformedIdentifier: it is no list of texts, or is ``needed`` and missing.
    """
    rows: dict[str, tuple[str, ...]] = {}
    table = said if isinstance(said, Mapping) else {}
    for language in ("fr", "en"):
        given = table.get(language, [])
        if not isinstance(given, list) or len(given) > MEASURES_MAX:
            raise MalformedIdentifier(DECISION, f"measures, {language}: expected a list of texts")
        if needed and not given:
            raise MalformedIdentifier(DECISION, f"measures, {language}: what was done is missing")
        rows[language] = tuple(_text(each, f"measures, {language}", 5) for each in given)
    return rows


def _doors(said: object, sources: Collection[str]) -> Mapping[str, Door]:
    """By which door, of each source that was read."""
    if not isinstance(said, Mapping) or set(said) != set(sources):
        raise MalformedIdentifier(DECISION, "doors: expected one for each source that was read")
    if not all(each in [*Door] for each in said.values()):
        raise MalformedIdentifier(DECISION, f"doors: expected {', '.join(Door)}")
    return {source: Door(str(door)) for source, door in said.items()}


def _names(said: object) -> Mapping[str, str]:
    if not isinstance(said, Mapping):
        raise MalformedIdentifier(DECISION, "operators: expected a table")
    return {str(origin): _text(name, "operators", 2) for origin, name in said.items()}


def is_child(born: str, today: date) -> bool:
    """Whether somebody may be under 18; ``born`` is YYYYMMDD, 00 where unknown."""
    year, month, day = int(born[:4]), int(born[4:6]) or 12, int(born[6:8]) or 31
    return (today.year - ADULT, today.month, today.day) < (year, month, day)
