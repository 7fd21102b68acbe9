"""A draft of the complaint: what happened, by whose account, what proves it, what it may be called.

It goes to the prosecutor: accounts and sites are named in it, and the words of persons stand in it.
No insured person is: who was read stays a number. What a lawyer decides is suggested as such.
"""

import re
from collections.abc import Iterator, Sequence

from rempart.domain.clocks import clock_of, law_of
from rempart.domain.contacts import Contacts, OperatorContact
from rempart.domain.deeds import Kind
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.finding import Finding, Whose
from rempart.domain.hands import InHands
from rempart.domain.incident_words import Stated
from rempart.domain.offences import Fact, offences
from rempart.usecases.breach_items import (
    ACCOUNTS,
    ONLY,
    PEOPLE,
    QUESTIONS,
    contact_items,
)
from rempart.usecases.case_items import reference_of
from rempart.usecases.check_papers import check_scope
from rempart.usecases.chronology import chronology
from rempart.usecases.claim_items import all_claims
from rempart.usecases.claims_file import ClaimsFile
from rempart.usecases.clock_items import READ_AGAIN, clock_item
from rempart.usecases.cnil_form import other_notice
from rempart.usecases.deed_spans import by_alert_alone
from rempart.usecases.hands_words import hand_of, hands, named, used_items, used_said
from rempart.usecases.paper import (
    Item,
    Paper,
    Said,
    alike,
    asked,
    at,
    figure,
    headed,
    moment,
    paper,
    part,
    several,
    told,
)
from rempart.usecases.proof_items import checkpoint_items
from rempart.usecases.read_incidents import Case
from rempart.usecases.rights_words import ENTRY_OUTCOMES, WHOSE
from rempart.usecases.scope_file import AttemptSaid, ScopeFile

Evidence = tuple[str, str]
"""The name of a file, and its SHA-256 in hexadecimal."""
DIGEST = re.compile(r"[0-9a-f]{64}")
TITLE: Said = ("Plainte : projet", "Complaint: draft")
WHOSE_WORDS = {whose.name.lower(): words for whose, words in WHOSE.items()}
OUTCOME_WORDS = {outcome.name.lower(): words for outcome, words in ENTRY_OUTCOMES.items()}
NAMED: Said = (
    "Projet, à relire et à signer. Les comptes y sont nommés, car il va au procureur : ne le donnez"
    " à personne d'autre. Aucun assuré n'y est nommé.",
    "Draft, to be read again and signed. Accounts are named in it, since it goes to the prosecutor:"
    " give it to nobody else. No insured person is named.",
)


def complaint(
    case: Case,
    scope: ScopeFile,
    digest: str,
    contacts: Contacts,
    *,
    now: int,
    evidence: Sequence[Evidence] = (),
    claims: ClaimsFile | None = None,
) -> Paper:
    """The draft; ``digest`` is that of the scope's file, ``now`` in microseconds.

    Raises:
        MalformedIdentifier: a piece of evidence has no SHA-256.
        ForbiddenTransition, IntegrityBroken, Refusal: as ``check_scope``.
    """
    finding, incident = check_scope(case, scope), case.incident
    by = hands(case, finding)
    return paper(
        "complaint",
        incident=incident.ref,
        exercise=incident.exercise,
        made=now,
        by=contacts.operator.name,
        title=TITLE,
        about=(alike(f"{contacts.operator.name}, SIREN {contacts.operator.siren}"), NAMED),
        parts=(
            part("clock", ("Délai pour être assuré", "Time left for insurance"), _clock(case, now)),
            part("who", ("Le plaignant", "Who complains"), _who(contacts.operator)),
            part("facts", ("Les faits", "The facts"), _facts(by, scope, claims)),
            part(
                "accounts", ("Comptes en cause", "Accounts concerned"), _accounts(case, finding, by)
            ),
            part(
                "chronology",
                ("Chronologie (heure de Paris)", "Chronology (Paris time)"),
                chronology(case, finding),
                columns=("Quand · When", "Quoi, et d'après qui · What, and who says so"),
            ),
            part(
                "evidence",
                ("Pièces", "Evidence"),
                _evidence(scope, digest, evidence, claims),
                columns=("Pièce · File", "SHA-256"),
            ),
            part(
                "offences",
                ("Qualifications suggérées à l'avocat", "Offences suggested to the lawyer"),
                _offences(case, scope, by, claims),
                columns=("Texte · Article", "Fait qui l'appelle · Fact that calls for it"),
            ),
            part("left", ("Ce qu'une personne ajoute", "What a person adds"), _left(case, now)),
        ),
    )


def _clock(case: Case, now: int) -> Iterator[Item]:
    rule, incident = law_of("complaint"), case.incident
    yield at("aware", ("Prise de connaissance", "Awareness"), incident.aware or 0)
    yield clock_item(clock_of(rule, 0, incident.aware, incident.answers, now=now))
    yield told(
        "why",
        ("Pourquoi 72 h", "Why 72 h"),
        (
            "passé ce délai, un contrat qui couvre cette atteinte ne verse rien",
            "past it, a contract that covers this pays nothing",
        ),
    )
    if reference := reference_of(case, "complaint"):
        yield told("receipt", ("Récépissé", "Receipt"), alike(reference), value=reference)


def _who(operator: OperatorContact) -> Iterator[Item]:
    name = alike(f"{operator.name}, SIREN {operator.siren}")
    yield told("name", ("Organisme", "Organisation"), name, value=operator.siren)
    yield told("address", ("Adresse", "Address"), alike(operator.address))
    question = ("Qui signe, et avec quel pouvoir ?", "Who signs, and with what power?")
    yield asked("signer", ("Représentant légal", "Legal representative"), question)
    yield from contact_items(operator)


def _facts(by: InHands, scope: ScopeFile, claims: ClaimsFile | None) -> Iterator[Item]:
    read, doubt = several(scope.breached, *PEOPLE), several(scope.undecided, *PEOPLE)
    yield told("summary", ("En bref", "In short"), *used_said(by), value=len(by.surely))
    yield from used_items(by)
    yield told("breached", ("Lues par le voleur", "Read by the thief"), read, value=scope.breached)
    yield told("undecided", ("Indécises", "Undecided"), doubt, value=scope.undecided)
    yield told(
        "counted",
        ("Comment c'est compté", "How it is counted"),
        (
            "par organisme et par mois : qui fut lu sur deux mois compte deux fois",
            "by insurer and month: who was read in two months counts twice",
        ),
        ONLY,
    )
    yield told(
        "attempts",
        ("Demandé en vain", "Asked in vain"),
        *map(_attempt, scope.attempts),
        *([] if scope.attempts else [("rien", "nothing")]),
        *([PASSED_TOO] if by.gateway and scope.attempts else []),
        value=sum(each.count for each in scope.attempts),
    )
    yield from all_claims(claims)


PASSED_TOO: Said = (
    "ce qui est dit du voleur est aussi ce que d'autres ont demandé, lu à la passerelle",
    "what is told as the thief's is also what others asked, read at the gateway",
)


def _attempt(each: AttemptSaid) -> Said:
    whose = WHOSE_WORDS.get(each.whose, alike(each.whose))
    outcome = OUTCOME_WORDS.get(each.outcome, alike(each.outcome))
    asked_of = several(each.count, *QUESTIONS)
    return (
        f"{asked_of[0]}, {whose[0]} : {outcome[0].lower()}",
        f"{asked_of[1]}, {whose[1]}: {outcome[1].lower()}",
    )


def _accounts(case: Case, finding: Finding, by: InHands) -> Iterator[Item]:
    """Those of the finding first; those that the incident only names say so, and nobody is handed
    to a prosecutor for another operator's alert alone.
    """
    stolen = named(case, [each.number for each in finding.suspects])
    frozen = {each.account: each for each in case.incident.frozen}
    suspected = by_alert_alone(case.incident)
    others = [each for each in case.accounts if each.number not in suspected]
    for each in (*stolen, *(other for other in others if other not in stolen)):
        said = [hand_of(by, each.number)] if each in stolen else []
        said += [alike(each.site)] if each.site else []
        if (stop := frozen.get(each.number)) is not None:
            when = moment(stop.at)
            said.append((f"gelé le {when[0]}", f"frozen at {when[1]}"))
        if each not in stolen:
            said.append(("nommé, hors du constat", "named, not in the finding"))
        yield told(f"account-{each.number}", alike(each.name), *said, value=each.number)


def _evidence(
    scope: ScopeFile, digest: str, files: Sequence[Evidence], claims: ClaimsFile | None
) -> Iterator[Item]:
    for name, given in (*files, (f"scope-{scope.number:04d}.json", digest)):
        if not DIGEST.fullmatch(given):
            raise MalformedIdentifier(f"evidence {name[:64]}", "expected 64 hexadecimal digits")
        yield told("file", alike(name), alike(given), value=given)
    yield told("file", alike(f"scope-{scope.number:04d}.csv"), alike(scope.list), value=scope.list)
    if claims is not None and claims.whole.list:
        listed = claims.whole.list
        yield told("file", alike(f"claims-{claims.scope:04d}.csv"), alike(listed), value=listed)
    for each in scope.ranges:
        entries = _entries(each.first, each.end)
        if each.day:
            label = f"Jour clos {each.day}", f"Closed day {each.day}"
            yield told("day", label, alike(each.digest), entries, value=each.digest)
        else:
            proven = ("prouvées par le point de contrôle", "proven by the checkpoint")
            yield told("open", ("Registre ouvert", "Open ledger"), entries, proven)
    for hole in scope.holes:
        hidden = _entries(hole.first, hole.end)
        yield told("hole", ("TROU DU REGISTRE", "HOLE OF THE LEDGER"), hidden)
    yield from checkpoint_items(scope.checkpoint)


def _entries(first: int, end: int) -> Said:
    return f"entrées {first} à {end - 1}", f"entries {first} to {end - 1}"


def _facts_there(
    case: Case, scope: ScopeFile, by: InHands, claims: ClaimsFile | None
) -> dict[Fact, Said]:
    """Which facts there are, each in a few words: doubt alone is none."""
    there: dict[Fact, Said] = {}
    if scope.breached:
        there["read"] = (
            f"lues : {figure(scope.breached)} ; indécises : {figure(scope.undecided)}",
            f"read: {scope.breached:,}; undecided: {scope.undecided:,}",
        )
    if by.surely or by.one_of:
        used = several(len(by.surely) or 1, *ACCOUNTS)
        there["account"] = f"utilisés : {used[0]}", f"used: {used[1]}"
    thief = Whose.THIEF.name.lower()
    vain = sum(each.count for each in scope.attempts if each.whose == thief)
    if vain and (by.surely or by.one_of):
        there["attempts"] = f"en vain : {figure(vain)}", f"in vain: {vain:,}"
    if sent := _sent(case, by, claims):
        there["claims"] = f"factures envoyées : {figure(sent)}", f"claims sent: {sent:,}"
    if case.incident.nature[2] is Stated.YES:
        there["stopped"] = ("disponibilité dite atteinte", "availability stated as hit")
    return there


def _sent(case: Case, by: InHands, claims: ClaimsFile | None) -> int:
    """Claims of accounts that somebody else surely used; one in doubt may have sent its own."""
    if claims is not None and not by.perhaps:
        return claims.whole.sent if by.surely else 0
    sent = sum(each.kind is Kind.CLAIM and each.account in by.surely for each in case.deeds)
    return sent if claims is None else min(sent, claims.whole.sent)


def _offences(
    case: Case, scope: ScopeFile, by: InHands, claims: ClaimsFile | None
) -> Iterator[Item]:
    there = _facts_there(case, scope, by, claims)
    for each in offences():
        if (fact := there.get(each.when)) is not None:
            unread = () if each.verified else (READ_AGAIN,)
            what = (each.french, each.english)
            yield told(
                "offence", headed(alike(each.article)), what, fact, *unread, value=each.article
            )
    yield asked(
        "qualification",
        ("Qualification", "Qualification"),
        ("Lesquelles retenir ? (avocat)", "Which to keep? (lawyer)"),
        ("les peines ne sont pas données : elles ont changé", "no penalty is told: they changed"),
    )


def _left(case: Case, now: int) -> Iterator[Item]:
    for code, label, question in (
        ("damage", ("Préjudice", "Damage"), ("Lequel, et combien ?", "Which, and how much?")),
        ("policy", ("Contrat cyber", "Cyber policy"), ("Quel assureur, quel contrat ?", "Which?")),
        ("office", ("Service saisi", "Where it is filed"), ("Quel service, quand ?", "Which?")),
        ("suspects", ("Auteurs", "Authors"), ("Contre X, ou qui ?", "Against unknown, or whom?")),
    ):
        yield asked(code, label, question)
    for code in ("cnil-33-1", "nis2-warning"):
        incident = case.incident
        clock = clock_of(law_of(code), 0, incident.aware, incident.answers, now=now)
        yield other_notice(clock, reference_of(case, code))
