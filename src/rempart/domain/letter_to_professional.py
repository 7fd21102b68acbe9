"""Our wording of the letter to a professional whose account was stolen, or may have been.

The operator writes it.
"""

from collections.abc import Mapping

from rempart.domain.letter import Element, Language
from rempart.domain.letter_wording import DOUBT, SUBJECT, TITLES, Parts, Rules

DATA: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: {Element.DATA: "Ce qui a pu être lu de vous"},
    Language.ENGLISH: {Element.DATA: "What may have been read of yours"},
}
RULES = Rules(
    needed={
        SUBJECT: frozenset(),
        SUBJECT + DOUBT: frozenset(),
        Element.NATURE: frozenset({"when"}),
        Element.NATURE + DOUBT: frozenset({"when"}),
        Element.DATA: frozenset({"data"}),
        Element.CONSEQUENCES: frozenset(),
        Element.MEASURES: frozenset({"stopped", "measures"}),
        Element.ADVICE: frozenset(),
        Element.CONTACT: frozenset({"dpo", "reach"}),
    },
    known=frozenset(
        {"when", "data", "stopped", "measures", "dpo", "reach", "operator", "number", "bank"}
    ),
    titles={language: {**TITLES[language], **DATA[language]} for language in Language},
)
FIELDS: Mapping[str, tuple[str, str]] = {
    "login": ("l’identifiant de votre compte", "the name of your account"),
    "rpps": ("votre numéro RPPS, qui est public", "your RPPS number, which is public"),
    "profession": ("votre profession, qui est publique", "your profession, which is public"),
    "site": ("votre lieu d’exercice, qui est public", "where you work, which is public"),
    "contract": ("la référence de votre contrat avec nous", "the reference of your contract"),
    "delegates": (
        "les noms que vous avez donnés à vos délégués",
        "the names that you gave your delegates",
    ),
    "sessions": ("les heures de vos connexions", "when you were signed in"),
    "claims": ("vos factures et leurs montants", "your claims and their amounts"),
    "email": ("votre adresse électronique", "your e-mail address"),
    "phone": ("votre numéro de téléphone", "your telephone number"),
    "bank_account": ("votre compte bancaire", "your bank account"),
}
"""What an operator may hold of a professional; the platform itself holds no e-mail, telephone or
bank account."""
BANK: Mapping[Language, str] = {
    Language.FRENCH: "Avec votre compte bancaire, un escroc peut tenter un faux prélèvement. Il "
    "peut aussi nous demander de payer vos factures sur un autre compte.",
    Language.ENGLISH: "With your bank account, a swindler may try a false direct debit. They may "
    "also ask us to pay your claims into another account.",
}
FRENCH: Parts = {
    SUBJECT: ("Quelqu’un s’est servi de votre compte de tiers payant",),
    Element.NATURE: (
        "Quelqu’un s’est servi de votre compte chez {operator}, {when}. Il a lu des informations "
        "sur des patients. Leur complémentaire en est prévenue. C’est une violation de données "
        "personnelles.",
        "Vous pouvez en être victime vous aussi : il a pu lire ce que le compte montre de vous.",
    ),
    SUBJECT + DOUBT: ("Quelqu’un s’est peut-être servi de votre compte de tiers payant",),
    Element.NATURE + DOUBT: (
        "Votre compte chez {operator} a posé des questions inhabituelles, {when}. C’est "
        "peut-être vous, dans votre travail : si c’est le cas, dites-le-nous. Mais il ne peut pas "
        "être exclu que quelqu’un d’autre s’en soit servi.",
        "Si c’est quelqu’un d’autre, il a pu lire des informations sur des patients. Il a pu lire "
        "aussi ce que le compte montre de vous. Ce serait une violation de données personnelles. "
        "Nous préférons vous le dire.",
    ),
    Element.DATA: ("Voici ce qui a pu être lu de vous :", "{data}"),
    Element.CONSEQUENCES: (
        "Un escroc peut se servir de ces informations pour paraître sérieux. Il peut vous appeler "
        "ou vous écrire en notre nom. Il peut demander un code, une carte ou un mot de passe. Il "
        "peut aussi se faire passer pour vous auprès d’un patient ou d’un confrère.",
        "{bank}",
    ),
    Element.MEASURES: ("{stopped}", "{measures}"),
    Element.ADVICE: (
        "Regardez si votre ordinateur, votre carte et votre messagerie sont bien à vous seul. "
        "Changez les mots de passe qui ont servi ailleurs. Retirez les délégués que vous ne "
        "connaissez pas.",
        "Nous ne demandons jamais un code ni un mot de passe. Si vous avez un doute, raccrochez et "
        "rappelez-nous.",
        "Regardez vos factures et vos paiements. Dites-nous ce qui n’est pas de vous.",
        "Vous pouvez porter plainte. Vous trouverez de l’aide sur cybermalveillance.gouv.fr.",
    ),
    Element.CONTACT: (
        "Notre délégué à la protection des données répond à vos questions : {dpo}.",
        "{reach}",
        "Donnez le numéro de cette lettre : {number}. Vous pouvez aussi écrire à la CNIL : "
        "cnil.fr.",
    ),
}
ENGLISH: Parts = {
    SUBJECT: ("Somebody used your account",),
    Element.NATURE: (
        "Somebody used your account at {operator}, {when}. They read information about patients, "
        "whose insurers are told. This is a breach of personal data.",
        "You may be a victim of it as well: they may have read what the account shows of you.",
    ),
    SUBJECT + DOUBT: ("Somebody may have used your account",),
    Element.NATURE + DOUBT: (
        "Your account at {operator} asked unusual questions, {when}. It may have been you, at "
        "work: if it was, tell us. But it cannot be excluded that somebody else used it.",
        "If it was somebody else, they may have read information about patients. They may also "
        "have read what the account shows of you. That would be a breach of personal data. We "
        "prefer to tell you.",
    ),
    Element.DATA: ("This may have been read of yours:", "{data}"),
    Element.CONSEQUENCES: (
        "A swindler can use this information to look serious. They may call you or write to you in "
        "our name. They may ask for a code, a card or a password. They may also pretend to be you, "
        "to a patient or a colleague.",
        "{bank}",
    ),
    Element.MEASURES: ("{stopped}", "{measures}"),
    Element.ADVICE: (
        "Look whether your computer, your card and your mailbox are yours alone. Change passwords "
        "that you used elsewhere too. Remove delegates whom you do not know.",
        "We never ask for a code or a password. If you are in doubt, hang up and call us back.",
        "Look at your claims and payments. Tell us what is not yours.",
        "You can file a complaint with the police. You find help on cybermalveillance.gouv.fr.",
    ),
    Element.CONTACT: (
        "Our data protection officer answers your questions: {dpo}.",
        "{reach}",
        "Give the number of this letter: {number}. You can also write to the CNIL, the French "
        "authority: cnil.fr.",
    ),
}
OURS: Mapping[Language, Parts] = {Language.FRENCH: FRENCH, Language.ENGLISH: ENGLISH}
