"""What an answer about rights is called, and what is cut: French, English, every member there.

Pages and papers say the same words; letters have plainer ones (``domain/breach_words``).
"""

from collections.abc import Mapping

from rempart.domain.concerned import Concern
from rempart.domain.coverage import Domain
from rempart.domain.cutoff_words import Channel, CutWhy, Scope
from rempart.domain.disclosure import Fields, Outcome, Presence
from rempart.domain.finding import Whose
from rempart.domain.site import SiteKind

Label = tuple[str, str]
"""French, English."""

FIELDS: Mapping[Fields, Label] = {
    Fields.IN_FORCE: (
        "si des droits complémentaires étaient ouverts à une date de soins",
        "whether complementary rights were open on a date of care",
    ),
    Fields.UNTIL: ("jusqu'à quand ils l'étaient", "until when they were"),
    Fields.MODE: (
        "selon quel mode de tiers payant ils sont pris en charge",
        "under which mode of tiers payant they are paid",
    ),
}
"""Every field that an answer can show: there is no other in it."""
DOMAINS: Mapping[Domain, Label] = {
    Domain.PHAR: ("Pharmacie", "Pharmacy"),
    Domain.LABO: ("Laboratoire", "Laboratory"),
    Domain.RADL: ("Radiologie, imagerie", "Radiology, imaging"),
    Domain.AUXM: ("Auxiliaires médicaux", "Nurses, physiotherapists…"),
    Domain.SVIL: ("Soins de ville", "Doctors"),
    Domain.SAGE: ("Sages-femmes", "Midwives"),
    Domain.DENT: ("Soins dentaires", "Dental care"),
    Domain.DEPR: ("Prothèses dentaires", "Dental prostheses"),
    Domain.OPTI: ("Optique", "Optics"),
    Domain.AUDI: ("Audioprothèse", "Hearing aids"),
    Domain.HOSP: ("Hospitalisation", "Hospital stay"),
    Domain.EXTE: ("Soins externes", "Outpatient care"),
    Domain.CENT: ("Centre de santé", "Health centre"),
    Domain.TRAN: ("Transport", "Transport"),
    Domain.LPPS: ("Appareillage (LPP)", "Devices"),
}
KINDS: Mapping[SiteKind, Label] = {
    SiteKind.DOCTOR: ("Cabinet médical", "Doctor's practice"),
    SiteKind.PHARMACY: ("Pharmacie", "Pharmacy"),
    SiteKind.LABORATORY: ("Laboratoire", "Laboratory"),
    SiteKind.IMAGING: ("Imagerie", "Imaging"),
    SiteKind.AUXILIARY: ("Auxiliaire médical", "Nurse, physiotherapist…"),
    SiteKind.MIDWIFE: ("Sage-femme", "Midwife"),
    SiteKind.DENTIST: ("Cabinet dentaire", "Dentist"),
    SiteKind.OPTICIAN: ("Opticien", "Optician"),
    SiteKind.HEARING: ("Audioprothésiste", "Hearing aids"),
    SiteKind.HOSPITAL: ("Hôpital", "Hospital"),
    SiteKind.HEALTH_CENTRE: ("Centre de santé", "Health centre"),
    SiteKind.TRANSPORT: ("Transport sanitaire", "Ambulances"),
    SiteKind.DEVICES: ("Prestataire de dispositifs", "Devices at home"),
}
PRESENCES: Mapping[Presence, Label] = {
    Presence.NONE: ("Aucune", "None"),
    Presence.LEGACY: ("Saisie, carte ancienne", "Typed, older card"),
    Presence.DECLARED: ("Saisie", "Typed"),
    Presence.KNOWN: ("Saisie, patient connu du lieu", "Typed, known at the site"),
    Presence.CARD: ("Carte", "Card"),
    Presence.FRESH: ("Téléphone du patient", "The patient's phone"),
}
CONCERNS: Mapping[Concern, Label] = {
    Concern.CLEARED: (
        "Compte volé, mais à ce que dit le constat, le professionnel a lu cette réponse lui-même : "
        "à un autre moment, par une autre connexion, ou sur ce que vous lui montriez.",
        "Account stolen, but as far as was found, the professional read this answer themselves: at "
        "another time, in another session, or on what you showed them.",
    ),
    Concern.LOOKED_INTO: (
        "Compte suspendu, examen en cours : on ne sait pas encore si un voleur a lu cette réponse.",
        "Account suspended, being looked into: whether a thief read this answer is not known yet.",
    ),
    Concern.UNDECIDED: (
        "Fuite déclarée : ce compte était peut-être entre les mains d'un voleur. Votre organisme "
        "vous dira ce qu'il en est.",
        "Declared breach: a thief may have held this account then. Your insurer will tell you.",
    ),
    Concern.BREACHED: (
        "Fuite déclarée : ce compte était entre les mains d'un voleur. Tenez cette réponse pour "
        "lue par lui.",
        "Declared breach: a thief held this account then. Take this answer as read by them.",
    ),
}
"""What a finding says of an answer, to whom it is about."""
SCOPES: Mapping[Scope, Label] = {
    Scope.ACCOUNT: ("Un compte", "An account"),
    Scope.SITE: ("Un lieu", "A site"),
    Scope.SOFTWARE: ("Un logiciel et sa version, partout", "A software's release, everywhere"),
    Scope.CHANNEL: ("Une voie", "A way in"),
    Scope.INSURER: ("Un organisme", "An insurer"),
    Scope.PRESENCE: ("Une forme de présence", "A kind of presence"),
    Scope.RIGHTS: ("Toutes les réponses sur les droits", "All answers about rights"),
    Scope.PLATFORM: ("Toute la plateforme", "The whole platform"),
}
CHANNELS: Mapping[Channel, Label] = {
    Channel.PORTAL: ("le portail", "the portal"),
    Channel.API: ("les logiciels de cabinet", "practice software"),
    Channel.BILLING: ("la facturation", "billing"),
    Channel.AGREEMENT: ("les accords préalables", "prior agreements"),
}
CUT_WHYS: Mapping[CutWhy, Label] = {
    CutWhy.INCIDENT: ("Incident", "Incident"),
    CutWhy.SUSPICION: ("Soupçon", "Suspicion"),
    CutWhy.MAINTENANCE: ("Maintenance", "Maintenance"),
    CutWhy.ASKED: ("À la demande de l'intéressé", "As asked by whom it is about"),
    CutWhy.AUTHORITY: ("À la demande d'une autorité", "As asked by an authority"),
    CutWhy.EXERCISE: ("Exercice", "Exercise"),
    CutWhy.FROZEN_TOGETHER: ("La garde : gelés ensemble", "The guard: frozen together"),
}
ENTRY_OUTCOMES: Mapping[Outcome, Label] = {
    Outcome.NONE: ("Sans suite", "None"),
    Outcome.OPENED: ("Ouverte", "Opened"),
    Outcome.MISSED: ("Rien trouvé", "Nothing found"),
    Outcome.FORBIDDEN: ("Interdite", "Forbidden"),
    Outcome.OVER_BUDGET: ("Au-delà du plafond", "Over budget"),
    Outcome.CARD_REFUSED: ("Carte refusée", "Card refused"),
    Outcome.KEY_REUSED: ("Clé réutilisée", "Key reused"),
    Outcome.MALFORMED: ("Mal formée", "Malformed"),
    Outcome.NARROWED: ("Compte restreint", "Account narrowed"),
    Outcome.FROZEN: ("Compte gelé", "Account frozen"),
    Outcome.CLOSED_HOUR: ("Saisie fermée pour l'heure", "Typing closed for the hour"),
    Outcome.CUT_OFF: ("Coupée", "Cut off"),
}
"""What the ledger says of a question."""
WHOSE: Mapping[Whose, Label] = {
    Whose.THIEF: ("le voleur", "the thief"),
    Whose.UNKNOWN: ("on ne sait qui", "nobody knows whom"),
    Whose.OWNER: ("le titulaire", "the owner"),
}
