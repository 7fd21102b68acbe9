"""Whether persons are told, as it is written down: a form to be filled in, and what was decided."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from rempart.domain.breach_words import DOMAINS, FIELDS, HELD
from rempart.domain.letter_to_insured import Door
from rempart.domain.notice import Decision, Ground, NoticeFacts, Proposal, Tell
from rempart.domain.scope import Verdict
from rempart.usecases.door_of_report import by_door
from rempart.usecases.dossier_file import InsurerReport
from rempart.usecases.merge_dossiers import Merged

Named = TypeVar("Named")
WORDS: dict[Verdict, tuple[str, str]] = {
    Verdict.BREACHED: ("lues à coup sûr", "surely read"),
    Verdict.UNDECIDED: ("on ne sait pas par qui", "not known by whom"),
}


def fact_lines(facts: NoticeFacts) -> list[str]:
    """The facts, a line each."""
    lines = [
        f"personnes · people, {french} · {english}: {facts.people[each]}"
        for each, (french, english) in WORDS.items()
    ]
    lines += _counted("donnée · data", facts.fields, FIELDS)
    lines += _counted("soins · care", facts.domains, DOMAINS)
    lines += _counted("il fallait avoir · one had to have", facts.presences, HELD)
    contained, whole = (
        "oui · yes" if holds else "NON · NO" for holds in (facts.contained, facts.whole)
    )
    return [
        *lines,
        f"enfants · children: {facts.children}",
        f"absents de votre fichier · not in your file: {facts.absent}",
        f"sans nom, au plus · without a name, at most: {facts.unnamed}",
        f"factures touchées · claims touched: {facts.claims}",
        f"contenu · contained: {contained}",
        f"registre entier · ledger whole: {whole}",
    ]


def _counted(
    kind: str, counted: Mapping[Named, int], words: Mapping[Named, tuple[str, str]]
) -> list[str]:
    return [
        f"{kind}: {french} · {english}: {counted[each]}"
        for each, (french, english) in words.items()
        if counted[each]
    ]


def form(facts: NoticeFacts, proposal: Proposal, merged: Merged) -> str:
    """The decision to be filled in, as TOML: facts and proposal beside it, nothing decided."""
    reports = [each.digest for each in merged.dossiers]
    operators = sorted({each.source.operator for each in merged.dossiers})
    said = [
        "RGPD, article 34 : faut-il prévenir les personnes ? · must persons be told?",
        "Une personne décide et signe ; la machine propose. · A person decides; this proposes.",
        "",
        *(fact_lines(facts)),
        "",
        f"Proposition · proposal: {proposal.tell.value}",
        *(f"- {french} · {english}" for french, english in proposal.reasons),
        "",
        f"tell: {', '.join(Tell)}",
        f"ground: {', '.join(Ground)}",
        "  34-3-a : illisible (chiffré) · unintelligible; 34-3-b : risque écarté depuis · removed;",
        "  34-3-c : effort disproportionné, avec communication publique · public communication",
    ]
    comment = "".join(f"# {line}".rstrip() + "\n" for line in said)
    doors = "".join(
        f"{json.dumps(each.source.name)} = {json.dumps(door_proposed(each.report))}\n"
        for each in merged.dossiers
    )
    names = "".join(f"{json.dumps(name)} = {json.dumps(name)}\n" for name in operators)
    return (
        f"{comment}\n"
        f"reports = {json.dumps(reports)}\n"
        'tell = ""\nground = ""\n'
        'reason = ""   # pourquoi, en vos mots · why, in your words\n'
        'by = ""       # qui décide · who decides\n'
        'public = ""   # 34-3-c : où · where\n'
        "\n[doors]        # par où, selon chaque rapport · by which door, as each report says:\n"
        "# account: compte volé · stolen account; gateway: lu au passage · read on its way;\n"
        "# both: chaque personne selon ses heures · each person by the times of their answers\n"
        f"{doors}\n"
        "[measures]    # ce qui a été fait, en mots simples · what was done, in plain words\n"
        "fr = []\nen = []\n\n"
        "[operators]   # leur nom dans les lettres · their name in letters\n"
        f"{names}"
    )


def door_proposed(report: InsurerReport) -> Door:
    """By which door an insurer's people were read, as its report says."""
    by = by_door(report)
    if not by.gateway:
        return Door.ACCOUNT
    return Door.BOTH if by.surely or by.perhaps else Door.GATEWAY


def decided_json(
    decision: Decision, facts: NoticeFacts, merged: Merged, *, amc: str, made_on: date
) -> dict[str, Any]:
    """What was decided, beside its facts; nobody in it but who decided."""
    return {
        "format": "rempart/notice/1",
        "exercise": merged.exercise,
        "amc": amc,
        "made_on": made_on.isoformat(),
        "law": "GDPR art. 34",
        "tell": decision.tell,
        "ground": decision.ground,
        "reason": decision.reason,
        "by": decision.by,
        "public": decision.public,
        "doors": dict(decision.doors),
        "measures": dict(decision.measures),
        "reports": [
            {
                "operator": each.source.operator,
                "incident": each.source.incident,
                "number": each.report.number,
                "sha256": each.digest,
            }
            for each in merged.dossiers
        ],
        "facts": {
            "breached": facts.people[Verdict.BREACHED],
            "undecided": facts.people[Verdict.UNDECIDED],
            "fields": {(each.name or "").lower(): facts.fields[each] for each in FIELDS},
            "domains": {each.name: facts.domains[each] for each in DOMAINS if facts.domains[each]},
            "presences": {
                each.name.lower(): facts.presences[each] for each in HELD if facts.presences[each]
            },
            "children": facts.children,
            "absent": facts.absent,
            "unnamed": facts.unnamed,
            "claims": facts.claims,
            "contained": facts.contained,
            "whole": facts.whole,
        },
    }
