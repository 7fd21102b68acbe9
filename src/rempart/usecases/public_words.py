"""What the public and professionals are told: what the scope says, what was done, what to do.

Nothing is said that the ledger or a person has not: a complaint is told once it is filed, an
authority once it is told. Numbers are those of the scope, which counts by month: they are upper
bounds of people, and told as such. Nobody publishes this but a person who has read it.
"""

from collections.abc import Iterator, Mapping

from rempart.domain.breach_words import day_words
from rempart.domain.clocks import Answer
from rempart.domain.contacts import Contacts
from rempart.domain.cutoff_words import NARROW
from rempart.domain.disclosure import Fields
from rempart.domain.finding import Finding
from rempart.domain.hands import InHands
from rempart.domain.letter import Language
from rempart.usecases.breach_items import ACCOUNTS, PEOPLE
from rempart.usecases.check_papers import check_scope
from rempart.usecases.claim_items import CLAIMS
from rempart.usecases.claims_file import ClaimsFile
from rempart.usecases.hands_words import hands, used_said
from rempart.usecases.notice import Block, Notice
from rempart.usecases.paper import Said, several
from rempart.usecases.read_incidents import Case
from rempart.usecases.rights_words import SCOPES
from rempart.usecases.scope_file import ScopeFile

READ: Said = ("que quelqu'un d'autre a lues", "that somebody else read")
PERHAPS_READ: Said = (
    "que quelqu'un d'autre a peut-être lues",
    "that somebody else perhaps read",
)
STILL: Said = ("et ce n'est pas encore arrêté", "and it is not stopped yet")
WHAT: Said = ("Ce qui s'est passé", "What happened")
DATA: Said = ("Ce qui a pu être lu", "What may have been read")
DONE: Said = ("Ce que nous avons fait", "What we did")
TO_DO: Said = ("Ce que vous pouvez faire", "What you can do")
SHOWN: Mapping[Fields, Said] = {
    Fields.IN_FORCE: (
        "Si une personne avait une complémentaire santé, à une date de soins.",
        "Whether somebody had complementary health insurance, on a date of care.",
    ),
    Fields.UNTIL: ("Jusqu'à quand elle l'avait.", "Until when they had it."),
    Fields.MODE: (
        "Comment ces soins sont payés : en partie, en entier ou après accord.",
        "How this care is paid: in part, in full or after agreement.",
    ),
}
"""Every field of an answer, for people who are not of the trade."""
NEVER_SHOWN: Said = (
    "Rien d'autre : ni nom, ni adresse, ni numéro de sécurité sociale, ni compte bancaire, ni somme"
    " remboursée.",
    "Nothing else: no name, no address, no social security number, no bank account, no amount paid"
    " back.",
)
NEVER_BESIDE_CLAIMS: Said = (
    "Rien d'autre : ni nom, ni adresse, ni numéro de sécurité sociale, ni compte bancaire.",
    "Nothing else: no name, no address, no social security number, no bank account.",
)
PASSED: Said = (
    "À la passerelle, peut-être aussi ce qui était montré pour demander : numéro d'adhérent, date"
    " de naissance, clé imprimée ou code de la carte.",
    "At the gateway, perhaps also what was shown to ask: member number, birth date, printed key or"
    " code of the card.",
)
ADVICE: tuple[Said, ...] = (
    (
        "Un appel, un SMS ou un courriel sur un « remboursement », un « trop-perçu » ou un"
        " « renouvellement » peut être faux, même s'il connaît votre organisme et vos dates.",
        "A call, a text or an e-mail about a “reimbursement”, an “overpayment” or a “renewal” may"
        " be false, even if it knows your insurer and your dates.",
    ),
    (
        "Ne donnez au téléphone ni compte bancaire, ni numéro de carte, ni mot de passe, ni code"
        " reçu : personne n'en a besoin pour vous rembourser.",
        "Give no bank details, card number, password or code on the phone: nobody needs them to"
        " reimburse you.",
    ),
    (
        "En cas de doute, raccrochez et rappelez vous-même votre organisme, au numéro de votre"
        " carte de tiers payant.",
        "If in doubt, hang up and call your insurer yourself, at the number on your card.",
    ),
    (
        "Surveillez votre compte bancaire ; si vous êtes victime, cybermalveillance.gouv.fr vous"
        " oriente.",
        "Watch your bank account; if you are a victim, cybermalveillance.gouv.fr guides you.",
    ),
    (
        "Votre carte de tiers payant reste valable, sauf si votre organisme vous en envoie une"
        " autre.",
        "Your card stays valid, unless your insurer sends you another one.",
    ),
)
BY_PHONE: Said = (
    "Si votre carte est sur votre téléphone, et si votre organisme l'offre, sa page « Qui a demandé"
    " mes droits ? » vous montre ce qui a été lu de vous, quand, et par quelle sorte de lieu.",
    "If your card is on your phone, and if your insurer offers it, its page “Who asked about my"
    " rights?” shows you what was read about you, when, and by what kind of place.",
)
FOR_PROFESSIONALS: tuple[Said, ...] = (
    (
        "Nous ne demandons jamais, par téléphone, courriel ou SMS, un code, une clé d'accès ou une"
        " connexion à votre place.",
        "We never ask, by phone, e-mail or text, for a code, a passkey, or to sign in for you.",
    ),
    (
        "Si vous n'êtes pas à l'origine d'une connexion, signalez-le : « ce n'était pas moi » gèle"
        " votre compte aussitôt.",
        "If a sign-in was not yours, report it: “it was not me” freezes your account at once.",
    ),
    (
        "Regardez vos postes, vos clés d'accès et vos délégués, et ce qui a été facturé en votre"
        " nom : ce que vous ne reconnaissez pas, dites-le.",
        "Look at your devices, your passkeys and your delegates, and what was billed in your name:"
        " tell us what you do not know.",
    ),
    (
        "Une carte se vérifie sans la plateforme : servez en tiers payant sur la carte présentée.",
        "A card is verified without the platform: serve on the card that is shown.",
    ),
    (
        "À un patient inquiet : son organisme lui écrit s'il est concerné ; ne donnez pas d'autre"
        " réponse.",
        "To a patient who worries: the insurer writes to whom it concerns; give no other answer.",
    ),
)


def public_page(
    case: Case, scope: ScopeFile, contacts: Contacts, claims: ClaimsFile | None = None
) -> Notice:
    """What everybody may read.

    Raises:
        ForbiddenTransition, IntegrityBroken, Refusal: as ``check_scope``.
    """
    finding, operator = check_scope(case, scope), contacts.operator
    return Notice(
        title=_title(operator.name, hands(case, finding)),
        exercise=case.incident.exercise,
        blocks=(
            Block(heading=WHAT, lines=tuple(_what(case, scope, finding))),
            Block(heading=DATA, lines=tuple(_read(hands(case, finding), claims)), points=True),
            Block(heading=DONE, lines=tuple(_done(case)), points=True),
            Block(heading=TO_DO, lines=ADVICE, points=True),
            Block(
                heading=("Suis-je concerné ?", "Am I concerned?"),
                lines=(
                    (
                        "C'est votre organisme complémentaire qui vous le dit : il a votre adresse,"
                        " et il sait qui, parmi ses assurés, est concerné.",
                        "Your insurer tells you: it has your address, and knows who among its"
                        " members is concerned.",
                    ),
                    BY_PHONE,
                    (
                        f"Notre délégué à la protection des données : {operator.dpo_email}",
                        f"Our data protection officer: {operator.dpo_email}",
                    ),
                ),
            ),
        ),
    )


def _read(by: InHands, claims: ClaimsFile | None) -> Iterator[Said]:
    shown = claims.whole.shown if claims is not None else {}
    yield from SHOWN.values()
    if by.gateway:
        yield PASSED
    if shown:
        yield _told_again(shown)
    yield NEVER_BESIDE_CLAIMS if "OWED" in shown else NEVER_SHOWN


def _told_again(shown: Mapping[str, int]) -> Said:
    """Of how many claims at most it was told where they stand; nothing that is in them."""
    bills, owed = several(max(shown.values()), *CLAIMS), ("", "")
    if "OWED" in shown:
        owed = ", et la somme que l'organisme doit", ", and what the insurer owes"
    return (
        f"D'au plus {bills[0]} de soins, peut-être aussi : si elles sont reçues ou"
        f" acceptées{owed[0]}.",
        f"Of at most {bills[1]} for care, perhaps also: whether they are kept or"
        f" accepted{owed[1]}.",
    )


def _title(name: str, by: InHands) -> Said:
    if by.theft:
        return f"{name} : accès frauduleux à des droits", f"{name}: fraudulent access to rights"
    return (
        f"{name} : accès peut-être frauduleux à des droits",
        f"{name}: perhaps fraudulent access to rights",
    )


def for_professionals(case: Case, scope: ScopeFile, contacts: Contacts) -> Notice:
    """What every professional may read; no account is named.

    Raises:
        ForbiddenTransition, IntegrityBroken, Refusal: as ``check_scope``.
    """
    finding, operator = check_scope(case, scope), contacts.operator
    return Notice(
        title=("Aux professionnels de santé", "To health professionals"),
        exercise=case.incident.exercise,
        blocks=(
            Block(heading=WHAT, lines=tuple(_what(case, scope, finding))),
            Block(heading=DONE, lines=tuple(_done(case)), points=True),
            Block(
                heading=("Ce qui est coupé", "What is cut"), lines=tuple(_cut(case)), points=True
            ),
            Block(heading=TO_DO, lines=FOR_PROFESSIONALS, points=True),
            Block(
                heading=("Nous joindre, jour et nuit", "Reach us, day and night"),
                lines=((operator.desk, operator.desk),),
            ),
        ),
    )


def _what(case: Case, scope: ScopeFile, finding: Finding) -> Iterator[Said]:
    by, known = hands(case, finding), _day(case.until)
    yield (
        f"Voici ce que nous savons le {known[0]}, heure de Paris.",
        f"This is what we know on {known[1]}, Paris time.",
    )
    start, end = _day(finding.span[0]), STILL
    read = READ if by.theft and scope.breached else PERHAPS_READ
    if by.ended:
        last = _day(finding.span[1])
        end = f"jusqu'au {last[0]}", f"until {last[1]}"
    yield (
        f"Au plus tôt depuis le {start[0]}, {end[0]}, notre plateforme a donné des réponses"
        f" {read[0]}.",
        f"From {start[1]} at the earliest, {end[1]}, our platform gave answers {read[1]}.",
    )
    yield from used_said(by, _days)
    yield from _numbers(scope, by)


def _day(at: int) -> Said:
    """A moment, as people say it."""
    return day_words(at, Language.FRENCH), day_words(at, Language.ENGLISH)


def _days(since: int, until: int) -> Said:
    """A span, as people say it."""
    first, last = _day(since), _day(until)
    return f"du {first[0]} au {last[0]}", f"from {first[1]} to {last[1]}"


def _numbers(scope: ScopeFile, by: InHands) -> Iterator[Said]:
    for count, french, english in (
        (scope.breached, "Lues par le voleur", "Read by the thief"),
        (scope.undecided, "Peut-être lues", "Perhaps read"),
    ):
        people = several(count, *PEOPLE)
        if count:
            yield f"{french} : au plus {people[0]}.", f"{english}: at most {people[1]}."
        else:
            yield f"{french} : personne.", f"{english}: nobody."
    if not scope.clears:
        yield (
            "Des entrées de notre registre manquent : nous ne pouvons dire de personne qu'elle n'a"
            " pas été lue.",
            "Entries of our ledger are missing: we can say of nobody that they were not read.",
        )
    elif by.ended:
        yield (
            "À ce que dit ce constat, personne d'autre n'a été lu.",
            "By this finding, nobody else was read.",
        )
    else:
        yield "D'autres peuvent l'être encore.", "Others may still be read."


def _done(case: Case) -> Iterator[Said]:
    frozen = several(len({each.account for each in case.stopped}), *ACCOUNTS)
    if case.stopped:
        yield f"Nous avons bloqué {frozen[0]}.", f"We blocked {frozen[1]}."
    for code, french, english in (
        ("insurers-33-2", "Les organismes concernés sont prévenus.", "Insurers were told."),
        ("cnil-33-1", "La CNIL est prévenue.", "The CNIL was told."),
        ("complaint", "Une plainte est déposée.", "A complaint was filed."),
        ("nis2-warning", "L'ANSSI est prévenue.", "ANSSI was told."),
    ):
        said = case.incident.answers.get((code, 0))
        if said is not None and said.answer is Answer.DONE:
            yield french, english
    if not case.stopped and not case.incident.answers:
        yield "Rien n'est encore inscrit.", "Nothing is entered yet."


def _cut(case: Case) -> Iterator[Said]:
    standing = [each for each in case.unserved if not each.until]
    scopes = sorted({each.cut.scope for each in standing})
    wide = [scope for scope in scopes if scope not in NARROW]
    for scope in wide:
        yield SCOPES[scope]
    if len(wide) < len(scopes):
        yield (
            "Des comptes, des lieux ou des logiciels, qui le savent en se connectant.",
            "Some accounts, sites or software, which are told as they sign in.",
        )
    if not standing:
        yield "Rien.", "Nothing."
