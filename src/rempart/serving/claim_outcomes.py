"""Every outcome of a claim: kept, ruled on, or not taken. Rows as in ``outcomes.py``."""

from http import HTTPStatus

from rempart.serving.outcomes import Outcome

_ROWS = (
    Outcome(
        code="claim-kept",
        status=HTTPStatus.ACCEPTED,
        issue="informational",
        fr="La facture est enregistrée, et ne se perdra pas.",
        do_fr="Rien à faire ; renvoyez-la telle quelle pour savoir où elle en est.",
        en="The claim is kept, and will not be lost.",
        do_en="Nothing to do; send it again as it is to know where it stands.",
    ),
    Outcome(
        code="agreement-provisional",
        status=HTTPStatus.ACCEPTED,
        issue="informational",
        fr="La demande d'accord est enregistrée ; en attendant, l'engagement signé vaut accord "
        "provisoire, si son poste était inscrit avant la coupure.",
        do_fr="Vendez sur la foi de l'engagement ; renvoyez la demande telle quelle au "
        "rétablissement.",
        en="The request for an agreement is kept; meanwhile the signed undertaking stands as a "
        "provisional agreement, if its device was enrolled before the cut.",
        do_en="Sell on the word of the undertaking; send the request again as it is on return.",
    ),
    Outcome(
        code="claim-accepted",
        status=HTTPStatus.OK,
        issue="informational",
        fr="La facture est acceptée.",
        do_fr="Le montant dû est dans la réponse.",
        en="The claim is accepted.",
        do_en="What is owed is in the response.",
    ),
    Outcome(
        code="claim-looked-at",
        status=HTTPStatus.OK,
        issue="informational",
        fr="Une personne examine la facture : une règle n'est pas respectée, et rien ne la dément.",
        do_fr="Gardez la carte et la vente ; la règle est dans la réponse.",
        en="A person looks at the claim: a rule is not kept, and nothing proves it wrong.",
        do_en="Keep the card and the sale; the rule is in the response.",
    ),
    Outcome(
        code="claim-refused",
        status=HTTPStatus.OK,
        issue="business-rule",
        fr="La facture est refusée.",
        do_fr="La règle est dans la réponse ; appelez l'opérateur si vous la contestez.",
        en="The claim is refused.",
        do_en="The rule is in the response; call the operator if you contest it.",
    ),
    Outcome(
        code="claim-void",
        status=HTTPStatus.OK,
        issue="informational",
        fr="La vente n'a pas eu lieu : rien n'est dû.",
        do_fr="Rien à faire.",
        en="The sale was not made: nothing is owed.",
        do_en="Nothing to do.",
    ),
    Outcome(
        code="verification-kept",
        status=HTTPStatus.ACCEPTED,
        issue="informational",
        fr="La vérification hors ligne est enregistrée, et ne se perdra pas.",
        do_fr="Rien à faire ; renvoyez-la telle quelle pour savoir si elle était juste.",
        en="The offline verification is kept, and will not be lost.",
        do_en="Nothing to do; send it again as it is to know whether it was right.",
    ),
    Outcome(
        code="verification-right",
        status=HTTPStatus.OK,
        issue="informational",
        fr="La vérification était juste : la carte prouvait les droits ce jour-là.",
        do_fr="Rien à faire ; la règle « ended » dit que la carte a fini depuis.",
        en="The verification was right: the card proved rights on that day.",
        do_en='Nothing to do; the rule "ended" says that the card has ended since.',
    ),
    Outcome(
        code="verification-looked-at",
        status=HTTPStatus.OK,
        issue="informational",
        fr="Une personne examine la vérification : une règle n'est pas respectée, et rien ne la "
        "dément.",
        do_fr="Rien à payer ni à rendre ; la règle est dans la réponse.",
        en="A person looks at the verification: a rule is not kept, and nothing proves it wrong.",
        do_en="Nothing to pay or to give back; the rule is in the response.",
    ),
    Outcome(
        code="verification-wrong",
        status=HTTPStatus.OK,
        issue="business-rule",
        fr="La vérification était fausse : la carte ne prouvait pas les droits ce jour-là.",
        do_fr="Demandez au patient sa carte la plus récente, et prenez des listes à jour.",
        en="The verification was wrong: the card did not prove rights on that day.",
        do_en="Ask the patient for their latest card, and take current lists in.",
    ),
    Outcome(
        code="number-reused",
        status=HTTPStatus.CONFLICT,
        issue="conflict",
        fr="Une autre facture porte déjà ce numéro.",
        do_fr="Donnez à chaque facture son numéro.",
        en="Another claim already has this number.",
        do_en="Give each claim a number of its own.",
        retry="new-key",
    ),
    Outcome(
        code="too-many-claims",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        issue="throttled",
        fr="Ce lieu a envoyé autant de factures qu'il peut en un jour.",
        do_fr="Renvoyez-la demain, ou appelez l'opérateur.",
        en="This site has sent as many claims as a site may in a day.",
        do_en="Send it again tomorrow, or call the operator.",
        retry="same-key",
        retry_after=3600,
    ),
)
CLAIM_OUTCOMES = {row.code: row for row in _ROWS}
