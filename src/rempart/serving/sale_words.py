"""What the offline page says of a sale: which rule a line breaks, why nobody is bound.

The names are those of ``card-verifier``: ``BadLine.why``, ``Quoted.missing``, ``whyNot``.
"""

from collections.abc import Mapping

from rempart.serving.card_words import Label

BAD: Mapping[str, Label] = {
    "amount": (
        "Écrivez un montant en euros, comme 30 ou 32,50.",
        "Write an amount in euros, such as 30 or 32.50.",
    ),
    "price": ("Le prix va jusqu'à 10 000 €.", "A price is up to 10,000 euros."),
    "limit": (
        "Au-dessus du prix limite du 100\u00a0% Santé : c'est une vente à prix libre.",
        "Above the limit of 100 % Santé: it is a sale of free price.",
    ),
    "rate": ("Un taux va de 0 à 100, sans virgule.", "A rate is 0 to 100, in whole percents."),
    "rate-needed": (
        "Dites le taux de l'assurance maladie : il dépend de la chose vendue.",
        "Say the rate of compulsory insurance: it depends on what is sold.",
    ),
    "base": (
        "Dites la base de remboursement, au plus égale au prix.",
        "Say the base, which is at most the price.",
    ),
    "young": (
        "Pour les moins de 20 ans, d'après l'année de naissance de la carte.",
        "For people under 20, by the birth year on the card.",
    ),
    "item": ("Pas au tarif ce jour-là.", "Not in the tariff on this day."),
    "tariff": ("Aucun taux n'est connu pour ce jour.", "No rate is known for this day."),
    "own": ("Cet article a sa propre base.", "This item has its own base."),
    "line": ("Ligne incomplète.", "This line is not whole."),
    "lines": ("Une vente a de 1 à 20 lignes.", "A sale has 1 to 20 lines."),
    "bounds": (
        "L'engagement ne peut pas le dire : vérifiez la date des soins.",
        "An undertaking cannot say that: look at the date of care.",
    ),
}
"""What to do with a line that is not taken."""

MISSING: Mapping[str, Label] = {
    "none": (
        "Cet assureur ne garantit rien hors ligne.",
        "This insurer guarantees nothing offline.",
    ),
    "ended": (
        "Les garanties de cet assureur ont pris fin.",
        "This insurer's guarantees have ended.",
    ),
    "old": (
        "La liste de cet assureur est plus ancienne que ce qu'il accepte : mettez à jour.",
        "This insurer's list is older than it bears: update.",
    ),
    "unplaced": (
        "Cette carte est d'avant les listes : rien n'engage son assureur hors ligne.",
        "This card is older than the lists: nothing binds its insurer offline.",
    ),
    "lines": (
        "Une ligne n'est pas garantie : retirez-la, ou vendez sans engagement.",
        "A line is not guaranteed: take it out, or sell without an undertaking.",
    ),
    "nothing": (
        "Il ne reste rien à payer pour l'assureur.",
        "There is nothing left for the insurer to pay.",
    ),
}
"""Why a sale binds nobody."""

UNBOUND: Mapping[str, Label] = {
    "statement": ("non garanti", "not guaranteed"),
    "profile": ("hors des garanties de cette carte", "outside this card's guarantees"),
    "renewal": ("déjà payé ; à nouveau à partir du", "paid lately; paid again from that day"),
}
"""Why a line is not guaranteed; the day of a renewal stands behind the French."""
