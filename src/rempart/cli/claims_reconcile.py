"""``rempart claims reconcile``: what became of every claim, and which differ."""

import csv
import io
import json
from itertools import groupby
from pathlib import Path

import click

from rempart.adapters.private_files import write_private
from rempart.bootstrap.billing import reconciliation
from rempart.cli.card import euros
from rempart.config import Settings
from rempart.domain.claim import Use
from rempart.usecases.reconcile_claims import Difference, Evidence, Heading, Kind, Reconciled

KINDS = {
    Kind.ACCEPTED: ("acceptée", "accepted"),
    Kind.ENDED: ("acceptée, carte finie depuis", "accepted, card ended since"),
    Kind.REFUSED: ("refusée", "refused"),
    Kind.PERSON: ("à examiner", "for a person"),
    Kind.VOID: ("sans objet", "void"),
    Kind.WAITING: ("en attente", "waiting"),
}
RULES = {
    "": ("", ""),
    "agreement": ("accord nécessaire, ou pas donné", "agreement needed, or not given"),
    "amount": ("montant autre que celui du tarif", "amount other than the tariff's"),
    "answer": ("réponse inconnue ou effacée", "answer unknown or erased"),
    "card": ("carte qui ne prouve rien", "card that proves nothing"),
    "card/another": ("autre carte que la nommée", "another card than the one named"),
    "card/damaged": ("code abîmé, ou autre chose", "code damaged, or none of ours"),
    "card/dates": ("carte hors de ses dates", "card out of its dates"),
    "card/domain": ("carte qui ne couvre pas ce soin", "card that does not cover this care"),
    "card/forged": ("carte falsifiée", "card forged"),
    "card/insurer": ("carte d'un autre assureur", "card of another insurer"),
    "card/key": ("clé de la carte révoquée depuis", "card's key trusted no more"),
    "card/unknown": ("carte inconnue", "card unknown"),
    "chain": ("maillon manquant", "missing link"),
    "cut": ("hors coupure", "outside the cut"),
    "cut/after": ("après le retour", "after the return"),
    "cut/back-dated": ("antidatée, avant la coupure", "back-dated, before the cut"),
    "cut/clock": ("horloge reculée", "clock set back"),
    "cut/none": ("pas de coupure ce jour-là", "no cut on that day"),
    "cut/suspicion": ("lieu ou compte coupé par soupçon", "site or account cut on suspicion"),
    "deposit": ("dépôt tardif", "late deposit"),
    "device": ("appareil absent avant la coupure", "device not there before the cut"),
    "ended": ("carte finie depuis", "card ended since"),
    "kind": ("hors de ce que facture ce genre de lieu", "not what its kind of site bills"),
    "limit": ("au-delà de la limite", "over the limit"),
    "list": ("liste inconnue ou trop ancienne", "list unknown or too old"),
    "number": ("autre engagement sous ce numéro", "another undertaking under this number"),
    "once": ("preuve ou soin déjà facturés", "evidence or care billed before"),
    "over": ("carte finie", "card over"),
    "same": ("autre que la réponse", "other than the answer"),
    "signed": ("pas signée par cet appareil", "not signed by this device"),
    "site": ("d'un autre lieu", "of another site"),
    "unreadable": ("illisible", "unreadable"),
}
"""Why, by the rule that is not kept, and by what it covers."""
WHYS = {
    "cut": ("coupure en cours", "cut off still"),
    "judge": ("à juger", "to be judged"),
    "link": ("maillon attendu", "a link may still come"),
    "revoked": ("carte révoquée entre-temps", "card revoked meanwhile"),
    "vault": ("coffre injoignable", "vault away"),
}
"""Why where no rule was broken: what waits, and what the insurer bears."""
USES = {
    Use.AGREEMENT: "(accord · agreement)",
    Use.VERIFICATION: "(vérification · verification)",
}
EVIDENCE = {
    Evidence.ANSWER: ("réponse", "answer"),
    Evidence.UNDERTAKING: ("engagement", "undertaking"),
    Evidence.CARD: ("carte", "card"),
    Evidence.UNREADABLE: ("illisible", "unreadable"),
}
UNBORNE = "décisions sans entrée au journal · decisions without an entry in the ledger"
COLUMNS = (
    *("software", "claim", "insurer", "use", "evidence", "ruling", "rule", "why"),
    *("preuve", "décision", "motif", "decision", "reason", "asked_cents", "owed_cents"),
)


@click.command()
@click.option(
    "--csv",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Chaque écart, dans ce fichier · each difference, in this file",
)
def reconcile(path: Path | None) -> None:
    """Ce que chaque facture est devenue, et les écarts · what became of each, and what differs."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";", lineterminator="\n")
    rows.writerow(COLUMNS)
    with reconciliation(Settings.from_environ()) as reconciling:
        found = reconciling(lambda each: rows.writerow(columns(each)))
    if path is not None:
        write_private(path, text.getvalue().rstrip("\n"))
    headings = sorted(found.counts, key=lambda each: each.order)
    for amc, of_insurer in groupby(headings, key=lambda each: each.amc):
        click.echo(f"AMC {amc or '?'}")
        for heading in of_insurer:
            click.echo(line_of(heading, found))
    click.echo(json.dumps(summary(found)))
    if found.unborne:
        numbers = ", ".join(map(str, found.unborne))
        click.echo(f"{UNBORNE} : {numbers}", err=True)
        raise click.exceptions.Exit(1)


def line_of(heading: Heading, found: Reconciled) -> str:
    """How many, what became of them, why, and what is owed."""
    parts = [f"{found.counts[heading]:>8}  {' · '.join(KINDS[heading.kind])}"]
    if heading.use in USES:
        parts.append(USES[heading.use])
    if heading.reason:
        parts += [heading.reason, " · ".join(words_of(heading))]
    if found.owed[heading]:
        parts.append(euros(found.owed[heading]))
    return "  ".join(parts)


def words_of(heading: Heading) -> tuple[str, str]:
    """Why, in words, French and English."""
    if not heading.rule:
        return WHYS.get(heading.why, (heading.why, heading.why))
    rule = heading.rule
    return RULES.get(heading.reason) or RULES.get(rule) or (rule, rule)


def columns(each: Difference) -> tuple[str | int, ...]:
    """A difference as a row; no name, no code."""
    heading = each.heading
    (decision, decision_en), (why, why_en) = KINDS[heading.kind], words_of(heading)
    use, (proof, evidence) = heading.use.name.lower(), EVIDENCE[each.evidence]
    return (
        *(each.software, each.number, heading.amc, use, evidence, heading.kind.value),
        *(
            heading.rule,
            heading.why,
            proof,
            decision,
            why,
            decision_en,
            why_en,
            each.asked,
            each.owed,
        ),
    )


def summary(found: Reconciled) -> dict[str, int | dict[str, int]]:
    """The counts, for a program; the kinds add up to the claims."""
    rules: dict[str, int] = {}
    for heading, count in sorted(found.counts.items(), key=lambda each: each[0].order):
        if heading.reason:
            name = f"{heading.kind.value}:{heading.reason}"
            rules[name] = rules.get(name, 0) + count
    return {
        "claims": found.claims,
        **{kind.value: found.of(kind) for kind in Kind},
        "differences": found.differences,
        "owed_cents": found.owed_for(*Kind),
        "borne_cents": found.owed_for(Kind.ENDED),
        "unborne": len(found.unborne),
        "rules": rules,
    }
