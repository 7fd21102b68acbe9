"""Every outcome that a caller may read: a row each.

Answers, every reason of the vault, every refusal of a door: HTTP status, FHIR issue type, what it
means and what to do, in two languages. Doors build from it, ``docs/reference/outcomes.md`` has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

Retry = Literal["same-key", "new-key", "no"]
"""Asking again may help: the same under the same key; changed, or later, under a new one; or no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A row of the table. ``retry_after`` in seconds."""

    code: str
    status: int
    issue: str
    fr: str
    do_fr: str
    en: str
    do_en: str
    retry: Retry = "no"
    retry_after: int | None = None


def _table(*rows: Outcome) -> Mapping[str, Outcome]:
    return {row.code: row for row in rows}


# In the order of docs/reference/outcomes.md: answers, refusals of the vault, refusals of a door.
OUTCOMES = _table(
    Outcome(
        code="rights-open",
        status=HTTPStatus.OK,
        issue="informational",
        fr="Droits ouverts pour ce domaine à la date des soins.",
        do_fr="Appliquez le tiers payant ; conservez la référence de la réponse pour la facture.",
        en="Rights are open for this domain on the date of care.",
        do_en="Apply the tiers payant; keep the reference of the answer for the claim.",
    ),
    Outcome(
        code="rights-closed",
        status=HTTPStatus.OK,
        issue="informational",
        fr="Droits non ouverts pour ce domaine à la date des soins.",
        do_fr="Ne pratiquez pas le tiers payant complémentaire ; le patient s'adresse à son "
        "organisme complémentaire.",
        en="Rights are not open for this domain on the date of care.",
        do_en="Do not apply the complementary tiers payant; the patient contacts their insurer.",
    ),
    Outcome(
        code="mixed",
        status=HTTPStatus.OK,
        issue="informational",
        fr="Les domaines demandés n'ont pas tous la même réponse.",
        do_fr="Lisez la réponse de chaque domaine.",
        en="The domains asked do not all have the same answer.",
        do_en="Read the answer of each domain.",
    ),
    Outcome(
        code="read-the-card",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        issue="business-rule",
        fr="Les éléments saisis ne suffisent pas à répondre.",
        do_fr="Vérifiez la saisie, ou lisez le code de la carte du patient.",
        en="What was typed is not enough to answer.",
        do_en="Check what was typed, or read the code of the patient's card.",
        retry="new-key",
    ),
    Outcome(
        code="card-not-known",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        issue="business-rule",
        fr="Cette carte n'est pas, ou n'est plus, connue.",
        do_fr="Demandez au patient sa carte la plus récente ; à défaut, il s'adresse à son "
        "organisme complémentaire.",
        en="This card is not known, or no longer.",
        do_en="Ask the patient for their latest card; failing that, they contact their insurer.",
        retry="new-key",
    ),
    Outcome(
        code="card-refused",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        issue="security",
        fr="Le code lu n'est pas celui d'une carte authentique, ou celui d'un téléphone a déjà "
        "servi ou n'est plus du moment.",
        do_fr="Relisez le code de la carte elle-même, ou celui que le téléphone affiche "
        "maintenant ; s'il est encore refusé, ne vous y fiez pas.",
        en="The code that was read is not that of an authentic card, or that of a phone has been "
        "used or is not of this moment.",
        do_en="Read the code again from the card itself, or the one that the phone shows now; if "
        "still refused, do not rely on it.",
        retry="new-key",
    ),
    Outcome(
        code="forbidden-domain",
        status=HTTPStatus.FORBIDDEN,
        issue="forbidden",
        fr="Votre profession n'interroge pas ce domaine.",
        do_fr="N'interrogez que les domaines que vous facturez.",
        en="Your profession does not ask about this domain.",
        do_en="Ask only about the domains that you bill.",
    ),
    Outcome(
        code="forbidden-date",
        status=HTTPStatus.FORBIDDEN,
        issue="forbidden",
        fr="La date des soins est trop ancienne ou trop lointaine pour votre profession.",
        do_fr="Vérifiez la date des soins.",
        en="The date of care is too far back or ahead for your profession.",
        do_en="Check the date of care.",
        retry="new-key",
    ),
    Outcome(
        code="over-budget",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        issue="throttled",
        fr="Votre site a atteint son nombre de patients pour aujourd'hui.",
        do_fr="Reprenez demain ; si votre activité le justifie, appelez l'opérateur.",
        en="Your site has reached its number of patients for today.",
        do_en="Go on tomorrow; if your activity explains it, call the operator.",
        retry="new-key",
        retry_after=3600,
    ),
    Outcome(
        code="narrowed",
        status=HTTPStatus.FORBIDDEN,
        issue="forbidden",
        fr="Par sécurité, ce compte n'interroge plus que sur présentation de la carte.",
        do_fr="Lisez le code de la carte, ou celui du téléphone du patient. Pour rétablir la "
        "saisie, reconnectez-vous fortement (une fois par jour) ou appelez l'assistance.",
        en="For safety, this account now asks only when the card is presented.",
        do_en="Read the code of the patient's card or phone. To type again, sign in again "
        "strongly (once a day) or call the helpdesk.",
        retry="new-key",
    ),
    Outcome(
        code="frozen",
        status=HTTPStatus.FORBIDDEN,
        issue="forbidden",
        fr="Ce compte est arrêté par sécurité.",
        do_fr="Appelez l'assistance : une personne répond en moins de 30 minutes, jour et nuit. "
        "La carte du patient reste valable et fait foi.",
        en="This account is stopped for safety.",
        do_en="Call the helpdesk: a person answers within 30 minutes, day and night. The "
        "patient's card is still valid, and stands.",
    ),
    Outcome(
        code="closed-hour",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        issue="throttled",
        fr="Pour cet organisme, la saisie est fermée jusqu'à la fin de l'heure.",
        do_fr="Lisez le code de la carte, qui répond toujours ; pour saisir, attendez l'heure "
        "suivante.",
        en="For this insurer, what is typed is closed until the hour ends.",
        do_en="Read the code of the card, which is always answered; to type, wait for the next "
        "hour.",
        retry="new-key",
        retry_after=3600,
    ),
    Outcome(
        code="cut-off",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        issue="transient",
        fr="L'opérateur a coupé cette partie du service.",
        do_fr="La carte du patient reste valable : vérifiez-la hors ligne, elle fait foi. Reposez "
        "la même question avec la même clé quand le service est rétabli (/status le dit).",
        en="The operator has cut this part of the service.",
        do_en="The patient's card is still valid: verify it offline, it stands. Ask the same "
        "question again with the same key once the service is back (/status says so).",
        retry="same-key",
    ),
    Outcome(
        code="key-reused",
        status=HTTPStatus.CONFLICT,
        issue="conflict",
        fr="Cette clé d'idempotence a déjà servi pour une autre question.",
        do_fr="Donnez une clé nouvelle à chaque question nouvelle.",
        en="This idempotency key has already been used for another question.",
        do_en="Give each new question a new key.",
        retry="new-key",
    ),
    Outcome(
        code="malformed",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        issue="value",
        fr="Un élément de la question n'a pas la forme attendue.",
        do_fr="Corrigez l'élément nommé.",
        en="An element of the question does not have the expected form.",
        do_en="Correct the element that is named.",
        retry="new-key",
    ),
    Outcome(
        code="seal-presence",
        status=HTTPStatus.FORBIDDEN,
        issue="security",
        fr="Ce logiciel doit sceller ce que le patient présente.",
        do_fr="Mettez le logiciel à jour ; en attendant, la carte fait foi.",
        en="This software must seal what the patient brings.",
        do_en="Update the software; meanwhile the card stands.",
    ),
    Outcome(
        code="unopened",
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        issue="processing",
        fr="Les droits de ce patient n'ont pas pu être lus.",
        do_fr="Fiez-vous à la carte ; signalez le fait à l'opérateur.",
        en="The rights of this patient could not be read.",
        do_en="Rely on the card; report it to the operator.",
    ),
    Outcome(
        code="no-token",
        status=HTTPStatus.UNAUTHORIZED,
        issue="login",
        fr="Aucun jeton n'accompagne la question.",
        do_fr="Demandez un jeton à /token, avec le certificat du logiciel, et présentez-le "
        "(Authorization: Bearer).",
        en="No token comes with the question.",
        do_en="Ask /token for one, with the software's certificate, and present it "
        "(Authorization: Bearer).",
        retry="same-key",
    ),
    Outcome(
        code="not-signed-in",
        status=HTTPStatus.UNAUTHORIZED,
        issue="login",
        fr="Aucune session ouverte pour ce jeton et ce certificat.",
        do_fr="Demandez un nouveau jeton avec le certificat du logiciel, puis reposez la question "
        "avec la même clé.",
        en="No session is open for this token and this certificate.",
        do_en="Ask for a new token with the software's certificate, then ask again with the same "
        "key.",
        retry="same-key",
    ),
    Outcome(
        code="sign-in-refused",
        status=HTTPStatus.UNAUTHORIZED,
        issue="login",
        fr="Connexion refusée.",
        do_fr="Vérifiez l'enregistrement, la clé, le certificat et l'horloge du logiciel.",
        en="Sign-in refused.",
        do_en="Check the software's registration, key, certificate and clock.",
    ),
    Outcome(
        code="not-allowed",
        status=HTTPStatus.FORBIDDEN,
        issue="forbidden",
        fr="Ce compte ne peut pas faire cela.",
        do_fr="Adressez-vous à la personne dont c'est le rôle (docs/reference/roles.md).",
        en="This account may not do this.",
        do_en="Ask the person whose role it is (docs/reference/roles.md).",
    ),
    Outcome(
        code="not-fresh",
        status=HTTPStatus.FORBIDDEN,
        issue="login",
        fr="Votre identité date de plus de dix minutes.",
        do_fr="Prouvez-la de nouveau (clé d'accès ou Pro Santé Connect), puis recommencez.",
        en="You last proved who you are more than ten minutes ago.",
        do_en="Prove it again (passkey or Pro Santé Connect), then try again.",
        retry="new-key",
    ),
    Outcome(
        code="forbidden-move",
        status=HTTPStatus.CONFLICT,
        issue="business-rule",
        fr="Cette étape ne se décide pas ainsi, ou pas par vous.",
        do_fr="Voyez les étapes permises (docs/reference/containment-stages.md), puis recommencez.",
        en="This stage is not decided so, or not by you.",
        do_en="See the moves that are allowed (docs/reference/containment-stages.md), then try "
        "again.",
    ),
    Outcome(
        code="ask-your-insurer",
        status=HTTPStatus.FORBIDDEN,
        issue="security",
        fr="Ce téléphone ne peut pas recevoir de réponse ici, ou plus aujourd'hui.",
        do_fr="Demandez à votre complémentaire qui a demandé vos droits (RGPD, article 15).",
        en="This phone cannot be answered here, or not again today.",
        do_en="Ask your insurer who asked about your rights (GDPR, article 15).",
    ),
    Outcome(
        code="unavailable",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        issue="transient",
        fr="Le service ne peut pas répondre en ce moment.",
        do_fr="Reposez la même question avec la même clé ; dans l'attente, la carte fait foi.",
        en="The service cannot answer at this moment.",
        do_en="Ask the same question again with the same key; meanwhile the card stands.",
        retry="same-key",
        retry_after=2,
    ),
    Outcome(
        code="psc-down",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        issue="transient",
        fr="Pro Santé Connect ne répond pas : personne ne peut se connecter par lui en ce moment.",
        do_fr="Réessayez dans quelques minutes. Qui est connecté continue une demi-heure ; les "
        "logiciels métier et les cartes ne sont pas touchés.",
        en="Pro Santé Connect does not answer: nobody can sign in with it at this moment.",
        do_en="Try again in a few minutes. Whoever is signed in goes on for half an hour; practice "
        "software and cards are not affected.",
        retry="same-key",
        retry_after=60,
    ),
    Outcome(
        code="psc-not-set-up",
        status=HTTPStatus.NOT_FOUND,
        issue="not-supported",
        fr="Pro Santé Connect n'est pas configuré sur cette installation.",
        do_fr="Délégués et personnels se connectent par leur clé d'accès ; les professionnels "
        "s'adressent à l'opérateur.",
        en="Pro Santé Connect is not set up on this installation.",
        do_en="Delegates and staff sign in with their passkey; professionals contact the operator.",
    ),
    Outcome(
        code="unreadable",
        status=HTTPStatus.BAD_REQUEST,
        issue="structure",
        fr="Le corps de la requête n'est pas du JSON lisible.",
        do_fr="Envoyez une seule ressource en JSON, en UTF-8.",
        en="The body of the request is not readable JSON.",
        do_en="Send a single resource as JSON, in UTF-8.",
        retry="new-key",
    ),
    Outcome(
        code="not-json",
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        issue="not-supported",
        fr="Ce format n'est pas accepté.",
        do_fr="Envoyez application/fhir+json.",
        en="This format is not accepted.",
        do_en="Send application/fhir+json.",
        retry="new-key",
    ),
    Outcome(
        code="too-long",
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        issue="too-long",
        fr="Le corps de la requête est trop long.",
        do_fr="Une question tient en 12 Kio.",
        en="The body of the request is too long.",
        do_en="A question fits in 12 KiB.",
        retry="new-key",
    ),
    Outcome(
        code="too-slow",
        status=HTTPStatus.REQUEST_TIMEOUT,
        issue="timeout",
        fr="Le corps de la requête n'est pas arrivé à temps.",
        do_fr="Reposez la même question avec la même clé.",
        en="The body of the request did not arrive in time.",
        do_en="Ask the same question again with the same key.",
        retry="same-key",
    ),
    Outcome(
        code="too-many-tries",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        issue="throttled",
        fr="Trop de refus d'ici.",
        do_fr="Recommencez dans dix minutes.",
        en="Too many refusals from here.",
        do_en="Try again in ten minutes.",
        retry="new-key",
        retry_after=600,
    ),
    Outcome(
        code="no-such-page",
        status=HTTPStatus.NOT_FOUND,
        issue="not-found",
        fr="Rien n'est servi à cette adresse.",
        do_fr="Voyez /fhir/metadata et /openapi.json.",
        en="Nothing is served at this address.",
        do_en="See /fhir/metadata and /openapi.json.",
    ),
    Outcome(
        code="no-such-method",
        status=HTTPStatus.METHOD_NOT_ALLOWED,
        issue="not-supported",
        fr="Cette adresse n'accepte pas cette méthode.",
        do_fr="Voyez l'en-tête Allow de la réponse.",
        en="This address does not accept this method.",
        do_en="See the Allow header of the response.",
    ),
    Outcome(
        code="internal",
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        issue="exception",
        fr="Une erreur est survenue ; elle est signalée à l'opérateur.",
        do_fr="Reposez la même question avec la même clé ; dans l'attente, la carte fait foi.",
        en="Something went wrong; the operator has been told.",
        do_en="Ask the same question again with the same key; meanwhile the card stands.",
        retry="same-key",
    ),
)
