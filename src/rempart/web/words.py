"""What happens and what to do, for whoever is in front of a page.

The words are those of the one outcome table. Where a software does one thing and a person another,
what the person does stands here: code, French, English.
"""

from collections.abc import Mapping

from rempart.serving.outcomes import Outcome

IN_FRONT_OF_A_PAGE: Mapping[str, tuple[str, str]] = {
    "narrowed": (
        "Lisez le code de la carte, ou celui du téléphone du patient. Pour rétablir la "
        "saisie, prouvez à nouveau qui vous êtes avec votre clé d'accès (une fois par jour), "
        "ou appelez l'assistance.",
        "Read the code of the patient's card or phone. To type again, prove again who you are "
        "with your passkey (once a day), or call the helpdesk.",
    ),
    "cut-off": (
        "La carte du patient reste valable : vérifiez-la hors ligne, elle fait foi. L'état du "
        "service dit ce qui est coupé, et jusqu'à quand.",
        "The patient's card is still valid: verify it offline, it stands. The status of the "
        "service says what is cut, and until when.",
    ),
    "key-reused": (
        "Rechargez la page, puis reposez la question.",
        "Reload the page, then ask again.",
    ),
    "malformed": (
        "Vérifiez la saisie : le détail dit ce qui est attendu.",
        "Check what you have typed: the detail says what is expected.",
    ),
    "no-token": (
        "Connectez-vous.",
        "Sign in.",
    ),
    "not-signed-in": (
        "Votre session est terminée, ici ou ailleurs : reconnectez-vous.",
        "Your session is over, here or elsewhere: sign in again.",
    ),
    "sign-in-refused": (
        "Recommencez la connexion depuis le début, avec votre propre carte, e-CPS ou clé "
        "d'accès. Si le refus persiste, vérifiez l'heure de cet ordinateur, puis appelez "
        "l'assistance.",
        "Sign in from the start, with your own card, e-CPS or passkey. If it is still "
        "refused, check this computer's clock, then call the helpdesk.",
    ),
    "not-allowed": (
        "Adressez-vous à la personne dont c'est le rôle, ou à l'assistance.",
        "Ask the person whose role it is, or the helpdesk.",
    ),
    "forbidden-move": (
        "Vérifiez l'étape actuelle du compte et ce que vous avez saisi, puis recommencez.",
        "Check the stage of the account and what you have typed, then try again.",
    ),
    "unavailable": (
        "Reposez la question dans un instant ; dans l'attente, la carte fait foi.",
        "Ask again in a moment; meanwhile the card stands.",
    ),
    "unreadable": (
        "Rechargez la page, puis recommencez.",
        "Reload the page, then try again.",
    ),
    "not-json": (
        "Rechargez la page, puis recommencez.",
        "Reload the page, then try again.",
    ),
    "too-long": (
        "Rechargez la page, puis recommencez.",
        "Reload the page, then try again.",
    ),
    "too-slow": (
        "Rechargez la page, puis recommencez.",
        "Reload the page, then try again.",
    ),
    "no-such-page": (
        "Revenez à l'accueil.",
        "Go back to the home page.",
    ),
    "internal": (
        "Reposez la question dans un instant ; dans l'attente, la carte fait foi.",
        "Ask again in a moment; meanwhile the card stands.",
    ),
}


def words_of(row: Outcome) -> dict[str, str]:
    """A row of the outcome table, as a page says it."""
    do_fr, do_en = IN_FRONT_OF_A_PAGE.get(row.code, (row.do_fr, row.do_en))
    return {"outcome": row.code, "fr": row.fr, "do_fr": do_fr, "en": row.en, "do_en": do_en}
