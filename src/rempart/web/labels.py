"""Names of closed lists as pages say them: French, English. Data, with every member there."""

from collections.abc import Mapping

from rempart.domain.allowance import Over, Reason
from rempart.domain.clocks import laws
from rempart.domain.containment import Stage, Why
from rempart.domain.person import Act, Role
from rempart.domain.practice import Usage
from rempart.domain.sign_in import Means
from rempart.serving import card_words
from rempart.serving.card_words import Label
from rempart.usecases import incident_labels, rights_words

DOMAINS, MODES = card_words.DOMAINS, card_words.MODES
ORIGINS, STATED = incident_labels.ORIGINS, incident_labels.STATED
OUTCOMES = incident_labels.OUTCOMES
KINDS, PRESENCES = rights_words.KINDS, rights_words.PRESENCES
SCOPES, CUT_WHYS = rights_words.SCOPES, rights_words.CUT_WHYS
CONCERNS = rights_words.CONCERNS
ENTRY_OUTCOMES, FIELDS = rights_words.ENTRY_OUTCOMES, rights_words.FIELDS
CLOCKS: Mapping[str, Label] = {rule.code: (rule.french, rule.english) for rule in laws()}
ROLES: Mapping[Role, Label] = {
    Role.PROFESSIONAL: ("Professionnel", "Professional"),
    Role.DELEGATE: ("Délégué", "Delegate"),
    Role.OFFICER: ("Responsable des comptes", "Officer"),
    Role.SECURITY: ("Sécurité", "Security"),
    Role.INSURER_MANAGER: ("Gestionnaire d'organisme", "Insurer's manager"),
    Role.INSURER_DPO: ("Délégué à la protection des données", "Insurer's DPO"),
    Role.INSPECTOR: ("Contrôle", "Inspector"),
}
STAGES: Mapping[Stage, Label] = {
    Stage.NORMAL: ("Normal", "Normal"),
    Stage.WATCHED: ("Surveillé", "Watched"),
    Stage.NARROWED: ("Restreint", "Narrowed"),
    Stage.FROZEN: ("Gelé", "Frozen"),
    Stage.CLOSED: ("Fermé", "Closed"),
}
WHYS: Mapping[Why, Label] = {
    Why.REPORTED: ("Signalé par son titulaire", "Reported by its owner"),
    Why.ALERT: ("Alerte d'un assureur ou d'un opérateur", "Alert from another"),
    Why.REVIEWED: ("Examiné par une personne", "Reviewed by a person"),
    Why.LEFT: ("A quitté le lieu ou le métier", "Has left"),
    Why.COMPROMISED: ("Compromis", "Compromised"),
}
"""Those of a person; the guard's are not chosen from a list."""
MEANS: Mapping[Means, Label] = {
    Means.ASSERTION: ("Logiciel", "Software"),
    Means.PRO_SANTE: ("Pro Santé Connect", "Pro Santé Connect"),
    Means.PASSKEY: ("Clé d'accès", "Passkey"),
    Means.STEP_UP: ("Clé d'accès, à nouveau", "Passkey, again"),
    Means.ENROLMENT: ("Code d'inscription", "Enrolment code"),
}
DEVICES: Mapping[str, Label] = {
    "phone": ("Téléphone", "Phone"),
    "tablet": ("Tablette", "Tablet"),
    "computer": ("Ordinateur", "Computer"),
    "": ("Appareil inconnu", "Unknown device"),
}
USAGES: Mapping[Usage, Label] = {
    Usage.STANDARD: ("Au comptoir, à l'accueil", "At the counter"),
    Usage.BACK_OFFICE: ("Facturation en arrière-boutique", "Back office"),
    Usage.HOME_CARE: ("Tournées à domicile", "Home care rounds"),
    Usage.LOCUM: ("Remplacement", "Locum"),
}
OVERS: Mapping[Over, Label] = {
    Over.EVERYBODY: ("Tout le monde", "Everybody"),
    Over.KIND: ("Un genre de lieu", "A kind of site"),
    Over.SITE: ("Un lieu", "A site"),
    Over.ACCOUNT: ("Un compte", "An account"),
}
REASONS: Mapping[Reason, Label] = {
    Reason.VACCINATION: ("Journée de vaccination", "Vaccination day"),
    Reason.OPENING: ("Ouverture de la plateforme", "The platform's first weeks"),
    Reason.TAKE_OVER: ("Reprise de patientèle", "Takes over patients"),
    Reason.EVENT: ("Événement", "Event"),
    Reason.OUTAGE: ("Panne", "Outage"),
}
ACTS: Mapping[Act, Label] = {
    Act.LOOSEN_MANY: ("Rétablir plusieurs comptes, d'une étape", "Loosen accounts, one step"),
    Act.CHANGE_BANK_ACCOUNT: ("Changer un compte bancaire", "Change a bank account"),
    Act.LIFT_CUT_OFF: ("Lever une coupure", "Lift a cut-off"),
    Act.ENROL_STAFF: ("Inscrire un membre du personnel", "Enrol staff"),
    Act.ALLOW_MANY: ("Exception datée pour beaucoup", "Dated exception for many"),
}
