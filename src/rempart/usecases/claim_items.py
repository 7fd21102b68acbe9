"""What papers say of the claims that a stolen account sent, or was told of; and by which door."""

from collections.abc import Iterator

from rempart.domain.claims_touched import Back
from rempart.usecases.breach_items import ACCOUNTS, DOMAIN_WORDS, span
from rempart.usecases.claims_file import ClaimsFile, ClaimsSaid
from rempart.usecases.dossier_file import Door, InsurerReport
from rempart.usecases.paper import Item, Said, alike, counted, figure, several, told

CLAIMS = ("facture", "factures"), ("claim", "claims")
TIMES = ("fois", "fois"), ("time", "times")
BACK_WORDS: dict[str, Said] = {
    Back.KEPT.name or "": ("qu'elle est reçue, et quand", "that it is kept, and since when"),
    Back.OUTCOME.name or "": (
        "si elle est acceptée, refusée, à examiner",
        "whether it is accepted, refused, looked at",
    ),
    Back.RULE.name or "": ("la règle qu'elle ne suit pas", "the rule that it does not keep"),
    Back.OWED.name or "": ("la somme que vous devez", "what you owe"),
}
USE_WORDS: dict[str, Said] = {
    "claim": ("facture", "claim"),
    "agreement": ("demande d'accord", "request for an agreement"),
    "verification": ("carte vérifiée hors ligne, sans somme", "card verified offline, no amount"),
}
OUTCOME_WORDS: dict[str, Said] = {
    "waiting": ("en attente", "waiting"),
    "honoured": ("acceptée", "accepted"),
    "person": ("à examiner", "for a person"),
    "refused": ("refusée", "refused"),
    "void": ("sans objet", "void"),
}
DOOR_WORDS: dict[Door, Said] = {
    "account": ("compte d'une personne", "a person's account"),
    "software": ("clé d'un logiciel", "a software's key"),
    "gateway": ("passerelle en d'autres mains : lu au passage", "read on its way, at a gateway"),
}
NEVER_BACK: Said = (
    "À qui la renvoie telle quelle, rien de ce qui est dans une facture n'est rendu. Aucune n'a de"
    " code d'acte, de médicament ni de diagnostic ; son domaine dit quel soin, et l'article du"
    " tarif lequel, où elle vient d'une vente hors ligne.",
    "Nothing that is in a claim is given back to whoever sends it again as it is. None holds a code"
    " of an act, a drug or a diagnosis; its domain says what care, and an item of the tariff which,"
    " where it comes of a sale offline.",
)
BY_TIME: Said = (
    "Le dépôt des factures ne voit aucune session : seul le temps sépare le voleur du titulaire. Le"
    " gel d'un compte ne l'arrête pas ; ce qui vint après l'arrêt est indécis.",
    "The intake of claims sees no session: time alone parts the thief from the owner. A freeze does"
    " not stop it; what came after containment is undecided.",
)
NOT_OPENED: Said = ("sans la clé du juge : organisme inconnu", "without the judge's key: whose?")
NOT_LOOKED: Said = ("pas regardé pour ce rapport", "not looked at for this report")
NONE: Said = (
    "aucune, ni envoyée ni relue par ces comptes",
    "none, neither sent nor told again by these accounts",
)
NONE_OPENED: Said = (
    "aucune de celles qui ont pu être ouvertes",
    "none of those that could be opened",
)


def door_items(report: InsurerReport) -> Iterator[Item]:
    """By which door, and when a gateway was in other hands."""
    if not report.doors:
        return
    yield told(
        "doors",
        ("Par quelle porte", "By which door"),
        *(_door(door, count) for door, count in report.doors.items()),
        *(span(since, until) for since, until in report.gateway),
        value={str(door): count for door, count in report.doors.items()},
    )


def _door(door: Door, count: int) -> Said:
    words, accounts = DOOR_WORDS[door], several(count, *ACCOUNTS)
    return f"{words[0]} : {accounts[0]}", f"{words[1]}: {accounts[1]}"


def claim_items(said: ClaimsSaid | None, unopened: int) -> Iterator[Item]:
    """Claims of one insurer, or of all, in exact numbers."""
    label = ("Factures touchées", "Claims touched")
    if said is None:
        yield told("claims", label, NOT_LOOKED)
        return
    if unopened:
        yield told(
            "claims-unopened",
            ("Factures que personne n'a ouvertes", "Claims that nobody opened"),
            several(unopened, *CLAIMS),
            NOT_OPENED,
            value=unopened,
        )
    if not said.touched:
        yield told("claims", label, NONE_OPENED if unopened else NONE, value=0)
        return
    yield told("claims", label, *parts_said(said), BY_TIME, value=said.touched)
    yield told(
        "claims-when", ("De quand à quand", "From when to when"), span(said.first, said.last)
    )
    yield told("claims-what", ("Ce qui en a été fait", "What was done"), *_done(said))
    for code, name, counts, words in (
        ("shown", ("Ce qui a été rendu", "What was told back"), said.shown, BACK_WORDS),
        ("uses", ("De quelle sorte", "Of which kind"), said.uses, USE_WORDS),
        ("domains", ("Domaine du soin", "Domain of care"), said.domains, DOMAIN_WORDS),
        ("outcomes", ("Où elles en sont", "Where they stand"), said.outcomes, OUTCOME_WORDS),
    ):
        more = (NEVER_BACK,) if code == "shown" else ()
        yield told(f"claims-{code}", name, *counted(counts, words), *more, value=dict(counts))
    yield told("claims-money", ("Sommes", "Money"), _money(said), value=said.owed)


def parts_said(said: ClaimsSaid) -> Iterator[Said]:
    """How many are in each part."""
    thief, doubt = several(said.breached, *CLAIMS), several(said.undecided, *CLAIMS)
    yield f"par le voleur : {thief[0]}", f"by the thief: {thief[1]}"
    yield (
        f"indécises : {doubt[0]}, dont après l'arrêt : {figure(said.late)}",
        f"undecided: {doubt[1]}, of which after containment: {said.late:,}",
    )


def _done(said: ClaimsSaid) -> Iterator[Said]:
    sent, again = several(said.sent, *CLAIMS), several(said.told, *TIMES)
    yield f"envoyées : {sent[0]}", f"sent: {sent[1]}"
    yield f"relues : {again[0]}", f"told again: {again[1]}"


def _money(said: ClaimsSaid) -> Said:
    asked, owed = _euros(said.asked), _euros(said.owed)
    return f"demandé : {asked[0]} ; dû : {owed[0]}", f"asked: {asked[1]}; owed: {owed[1]}"


def _euros(cents: int) -> Said:
    whole, part = divmod(cents, 100)
    return f"{figure(whole)},{part:02d} €", f"€{whole:,}.{part:02d}"


def claims_listed(said: ClaimsSaid | None) -> Iterator[Item]:
    """Where the list of an insurer's claims is."""
    if said is not None and said.touched:
        yield told(
            "claims-list",
            ("La liste de vos factures", "The list of your claims"),
            (
                "dans claims.sealed (claims.csv si vous n'avez donné aucune clé)",
                "in claims.sealed (claims.csv where you gave no key)",
            ),
            alike(f"SHA-256 {said.list}"),
            value=said.list,
        )


def all_claims(claims: ClaimsFile | None) -> Iterator[Item]:
    """Claims of every insurer together, where they were looked at."""
    if claims is not None:
        yield from claim_items(claims.whole, claims.unopened.touched)
