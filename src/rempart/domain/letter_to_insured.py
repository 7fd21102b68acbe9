"""Our wording of the letter to insured people: short sentences, no word of the trade."""

from collections.abc import Mapping
from enum import StrEnum

from rempart.domain.letter import Element, Language
from rempart.domain.letter_wording import DOUBT, SUBJECT, TITLES, Parts, Rules

DATA: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: {
        Element.DATA: "Ce qui a été lu",
        Element.DATA + DOUBT: "Ce qui a peut-être été lu",
    },
    Language.ENGLISH: {
        Element.DATA: "What was read",
        Element.DATA + DOUBT: "What may have been read",
    },
}
RULES = Rules(
    needed={
        SUBJECT: frozenset(),
        SUBJECT + DOUBT: frozenset(),
        Element.NATURE: frozenset({"when", "about"}),
        Element.NATURE + DOUBT: frozenset({"when", "about", "hole"}),
        Element.DATA: frozenset({"data", "held"}),
        Element.DATA + DOUBT: frozenset({"when", "data", "held"}),
        Element.CONSEQUENCES: frozenset(),
        Element.MEASURES: frozenset({"stopped", "measures"}),
        Element.ADVICE: frozenset(),
        Element.CONTACT: frozenset({"dpo", "reach"}),
    },
    known=frozenset(
        {"when", "data", "held", "stopped", "measures", "dpo", "reach"}
        | {"insurer", "operators", "accounts", "number", "about", "hole"}
    ),
    titles={language: {**TITLES[language], **DATA[language]} for language in Language},
)
FRENCH: Parts = {
    SUBJECT: ("Quelqu’un a lu des informations sur vous",),
    SUBJECT + DOUBT: ("Des informations sur vous ont peut-être été lues par un voleur",),
    Element.NATURE: (
        "{about}",
        "Quelqu’un s’est servi {accounts}. Il a interrogé le service qui répond pour nous aux "
        "professionnels de santé : {operators}.",
        "Il a lu des informations sur vous {when}. Il n’en avait pas le droit. C’est une violation "
        "de données personnelles.",
    ),
    Element.NATURE + DOUBT: (
        "{about}",
        "Quelqu’un s’est servi {accounts}. Il a interrogé le service qui répond pour nous aux "
        "professionnels de santé : {operators}.",
        "Des informations sur vous ont été lues {when}. Nous ne savons pas par qui. C’est "
        "peut-être le professionnel de santé, dans son travail. Mais il ne peut pas être exclu que "
        "ce soit le voleur. Nous préférons vous le dire.",
        "{hole}",
    ),
    Element.DATA: (
        "Voici ce qui a été lu :",
        "{data}",
        "Pour poser la question, il fallait déjà avoir {held}.",
        "Ces réponses ne contiennent ni votre nom, ni votre adresse, ni votre numéro de sécurité "
        "sociale. Elles ne contiennent ni compte bancaire, ni remboursement.",
    ),
    Element.DATA + DOUBT: (
        "Voici ce qui a peut-être été lu {when} :",
        "{data}",
        "Pour poser la question, il fallait déjà avoir {held}.",
        "Ces réponses ne contiennent ni votre nom, ni votre adresse, ni votre numéro de sécurité "
        "sociale. Elles ne contiennent ni compte bancaire, ni remboursement.",
    ),
    Element.CONSEQUENCES: (
        "Un escroc peut se servir de ces informations pour paraître sérieux. Il peut vous appeler "
        "ou vous écrire. Il peut dire qu’il vient de votre mutuelle, de l’Assurance Maladie ou de "
        "votre banque. Il peut parler d’un faux remboursement, pour obtenir votre carte bancaire "
        "ou un mot de passe.",
        "Il peut aussi tenter de faire payer de faux soins à votre nom. Il peut ajouter à ces "
        "informations ce qui a été volé ailleurs.",
        "Cette affaire ne change rien à vos droits.",
    ),
    Element.MEASURES: ("{stopped}", "{measures}"),
    Element.ADVICE: (
        "Méfiez-vous des appels et des messages qui parlent d’un remboursement. Nous ne demandons "
        "jamais votre carte bancaire, un mot de passe ou un code reçu par SMS.",
        "Si vous avez un doute, raccrochez. Puis appelez le numéro imprimé sur votre carte.",
        "Regardez vos remboursements. Si un soin n’est pas à vous, dites-le-nous.",
        "Si vous avez été trompé, appelez tout de suite votre banque et portez plainte. Vous "
        "trouverez de l’aide sur cybermalveillance.gouv.fr.",
    ),
    Element.CONTACT: (
        "Notre délégué à la protection des données répond à vos questions : {dpo}.",
        "{reach}",
        "Donnez le numéro de cette lettre : {number}. Vous pouvez demander la preuve de ce qui a "
        "été lu sur vous. Vous pouvez aussi écrire à la CNIL : cnil.fr.",
    ),
}
ENGLISH: Parts = {
    SUBJECT: ("Somebody has read information about you",),
    SUBJECT + DOUBT: ("A thief may have read information about you",),
    Element.NATURE: (
        "{about}",
        "Somebody used {accounts}. They asked questions of the service that answers health "
        "professionals for us: {operators}.",
        "They read information about you {when}. They had no right to. This is a breach of "
        "personal data.",
    ),
    Element.NATURE + DOUBT: (
        "{about}",
        "Somebody used {accounts}. They asked questions of the service that answers health "
        "professionals for us: {operators}.",
        "Information about you was read {when}. We do not know by whom. It may have been the "
        "health professional, at work. But it cannot be excluded that it was the thief. We prefer "
        "to tell you.",
        "{hole}",
    ),
    Element.DATA: (
        "This was read:",
        "{data}",
        "To ask the question, one had to have {held}.",
        "These answers hold neither your name, nor your address, nor your social security number. "
        "They hold no bank account and no refund.",
    ),
    Element.DATA + DOUBT: (
        "This may have been read {when}:",
        "{data}",
        "To ask the question, one had to have {held}.",
        "These answers hold neither your name, nor your address, nor your social security number. "
        "They hold no bank account and no refund.",
    ),
    Element.CONSEQUENCES: (
        "A swindler can use this information to look serious. They may call you or write to you. "
        "They may say that they are your insurer, the Assurance Maladie or your bank. They may "
        "talk about a false refund, to get your bank card or a password.",
        "They may also try to have false care paid in your name. They may add what was stolen "
        "elsewhere to this information.",
        "Your rights do not change because of this.",
    ),
    Element.MEASURES: ("{stopped}", "{measures}"),
    Element.ADVICE: (
        "Be careful with calls and messages about a refund. We never ask for your bank card, a "
        "password or a code that came by text message.",
        "If you are in doubt, hang up. Then call the number printed on your card.",
        "Look at your refunds. If some care is not yours, tell us.",
        "If you were cheated, call your bank at once and file a complaint with the police. You "
        "find help on cybermalveillance.gouv.fr.",
    ),
    Element.CONTACT: (
        "Our data protection officer answers your questions: {dpo}.",
        "{reach}",
        "Give the number of this letter: {number}. You can ask for the proof of what was read "
        "about you. You can also write to the CNIL, the French authority: cnil.fr.",
    ),
}
PASSED_FRENCH: Parts = {
    Element.NATURE: (
        "{about}",
        "Quelqu’un a eu accès, sans droit, à des réponses du service qui répond pour nous aux "
        "professionnels de santé : {operators}.",
        "Il a lu des informations sur vous {when}, au moment où elles passaient. C’est une "
        "violation de données personnelles.",
    ),
    Element.NATURE + DOUBT: (
        "{about}",
        "Quelqu’un a eu accès, sans droit, à des réponses du service qui répond pour nous aux "
        "professionnels de santé : {operators}.",
        "Des informations sur vous sont passées {when}. Nous ne savons pas si elles ont été lues. "
        "Cela ne peut pas être exclu. Nous préférons vous le dire.",
        "{hole}",
    ),
    Element.DATA: (
        "Voici ce qui a été lu :",
        "{data}",
        "Ce qui a été montré a pu être lu aussi : {held}.",
        "Ces réponses ne contiennent ni votre nom, ni votre adresse, ni votre numéro de sécurité "
        "sociale. Elles ne contiennent ni compte bancaire, ni remboursement.",
    ),
    Element.DATA + DOUBT: (
        "Voici ce qui a peut-être été lu {when} :",
        "{data}",
        "Ce qui a été montré a pu être lu aussi : {held}.",
        "Ces réponses ne contiennent ni votre nom, ni votre adresse, ni votre numéro de sécurité "
        "sociale. Elles ne contiennent ni compte bancaire, ni remboursement.",
    ),
}
PASSED_ENGLISH: Parts = {
    Element.NATURE: (
        "{about}",
        "Somebody had access, without any right, to answers of the service that answers health "
        "professionals for us: {operators}.",
        "They read information about you {when}, as it passed. This is a breach of personal data.",
    ),
    Element.NATURE + DOUBT: (
        "{about}",
        "Somebody had access, without any right, to answers of the service that answers health "
        "professionals for us: {operators}.",
        "Information about you passed {when}. We do not know whether it was read. It cannot be "
        "excluded. We prefer to tell you.",
        "{hole}",
    ),
    Element.DATA: (
        "This was read:",
        "{data}",
        "What was shown may have been read too: {held}.",
        "These answers hold neither your name, nor your address, nor your social security number. "
        "They hold no bank account and no refund.",
    ),
    Element.DATA + DOUBT: (
        "This may have been read {when}:",
        "{data}",
        "What was shown may have been read too: {held}.",
        "These answers hold neither your name, nor your address, nor your social security number. "
        "They hold no bank account and no refund.",
    ),
}


EITHER_FRENCH: Parts = {
    Element.NATURE: (
        "{about}",
        "Quelqu’un s’est servi {accounts}. Quelqu’un a aussi eu accès, sans droit, à des réponses "
        "qui passaient. C’est le service qui répond pour nous aux professionnels de santé : "
        "{operators}.",
        "Des informations sur vous ont été lues {when}. Personne n’en avait le droit. C’est une "
        "violation de données personnelles.",
    ),
    Element.NATURE + DOUBT: (
        "{about}",
        "Quelqu’un s’est servi {accounts}. Quelqu’un a aussi eu accès, sans droit, à des réponses "
        "qui passaient. C’est le service qui répond pour nous aux professionnels de santé : "
        "{operators}.",
        "Des informations sur vous ont été données {when}. Nous ne savons pas qui les a lues. Il "
        "ne peut pas être exclu que ce soit un voleur. Nous préférons vous le dire.",
        "{hole}",
    ),
    Element.DATA: (
        "Voici ce qui a été lu :",
        "{data}",
        "Pour poser la question, il fallait avoir {held}. Cela a pu être lu aussi.",
        "Ces réponses ne contiennent ni votre nom, ni votre adresse, ni votre numéro de sécurité "
        "sociale. Elles ne contiennent ni compte bancaire, ni remboursement.",
    ),
    Element.DATA + DOUBT: (
        "Voici ce qui a peut-être été lu {when} :",
        "{data}",
        "Pour poser la question, il fallait avoir {held}. Cela a pu être lu aussi.",
        "Ces réponses ne contiennent ni votre nom, ni votre adresse, ni votre numéro de sécurité "
        "sociale. Elles ne contiennent ni compte bancaire, ni remboursement.",
    ),
}
EITHER_ENGLISH: Parts = {
    Element.NATURE: (
        "{about}",
        "Somebody used {accounts}. Somebody also had access, without any right, to answers that "
        "passed. It is the service that answers health professionals for us: {operators}.",
        "Information about you was read {when}. Nobody had a right to. This is a breach of "
        "personal data.",
    ),
    Element.NATURE + DOUBT: (
        "{about}",
        "Somebody used {accounts}. Somebody also had access, without any right, to answers that "
        "passed. It is the service that answers health professionals for us: {operators}.",
        "Information about you was given {when}. We do not know who read it. It cannot be excluded "
        "that it was a thief. We prefer to tell you.",
        "{hole}",
    ),
    Element.DATA: (
        "This was read:",
        "{data}",
        "To ask the question, one had to have {held}. That may have been read too.",
        "These answers hold neither your name, nor your address, nor your social security number. "
        "They hold no bank account and no refund.",
    ),
    Element.DATA + DOUBT: (
        "This may have been read {when}:",
        "{data}",
        "To ask the question, one had to have {held}. That may have been read too.",
        "These answers hold neither your name, nor your address, nor your social security number. "
        "They hold no bank account and no refund.",
    ),
}


class Door(StrEnum):
    """How the thief came to the answers."""

    ACCOUNT = "account"
    GATEWAY = "gateway"
    """A gateway was in other hands, and answers passed through them."""
    BOTH = "both"
    """Of a source: each person by the times of their own answers. Of a person: by either."""


OURS: Mapping[Door, Mapping[Language, Parts]] = {
    Door.ACCOUNT: {Language.FRENCH: FRENCH, Language.ENGLISH: ENGLISH},
    Door.GATEWAY: {
        Language.FRENCH: {**FRENCH, **PASSED_FRENCH},
        Language.ENGLISH: {**ENGLISH, **PASSED_ENGLISH},
    },
    Door.BOTH: {
        Language.FRENCH: {**FRENCH, **EITHER_FRENCH},
        Language.ENGLISH: {**ENGLISH, **EITHER_ENGLISH},
    },
}
