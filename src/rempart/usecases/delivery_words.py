"""What is said of deliveries: the notice by e-mail, without data, and words on a terminal."""

from collections.abc import Mapping

from rempart.domain.contacts import InsurerContact, OperatorContact
from rempart.domain.delivery import Delivery, Hand, Post, Then
from rempart.domain.errors import MalformedIdentifier
from rempart.usecases.delivery_ports import Notice
from rempart.usecases.dossier_manifest import Manifest
from rempart.usecases.incident_labels import EXERCISE, Label, both
from rempart.usecases.receipts import Proof

SUBJECT = "un fichier vous attend dans votre dépôt · a file awaits you in your drop"
BODY = """\
{exercise}Bonjour,

Un fichier signé vous attend dans votre dépôt, sous le nom :

    {name}

Référence : incident {incident}, rapport {number}. Ce courriel n'a ni donnée ni pièce jointe, et ne
demande ni mot de passe ni réponse. Vérifiez le fichier et accusez-en réception :

    rempart insurer receive {name} --operator CLÉ-DE-L'OPÉRATEUR

Au moindre doute, appelez {operator}, jour et nuit, au numéro que vous avez déjà ; le voici pour
comparer : {desk}

---

Hello,

A signed file awaits you in your drop, under the name above. Reference: incident {incident}, report
{number}. This e-mail holds no data and no attachment, and asks for no password and no answer.
Verify the file and acknowledge it with the command above. In doubt, call {operator}, day and
night, under the number that you have already; here it is to compare: {desk}
"""


def notice_of(
    manifest: Manifest,
    name: str,
    operator: OperatorContact,
    contact: InsurerContact,
    *,
    sender: str,
) -> Notice:
    """The notice of one dossier: who it concerns, how many, and when are not in it.

    Raises:
        MalformedIdentifier: what the book says of the operator is not one line.
    """
    if not (operator.name.isprintable() and operator.desk.isprintable()):
        raise MalformedIdentifier("operator", "its name and its desk are a line each")
    reference = f"incident {manifest.incident}, rapport {manifest.number}"
    mark = f"[{both(EXERCISE)}] " if manifest.exercise else ""
    body = BODY.format(
        exercise=f"{both(EXERCISE)}\n\n" if manifest.exercise else "",
        name=name,
        incident=manifest.incident,
        number=manifest.number,
        operator=operator.name,
        desk=operator.desk,
    )
    subject = f"{mark}Rempart, {reference} : {SUBJECT}"
    return Notice(sender=sender, to=contact.email, subject=subject, body=body)


HANDS: Mapping[Hand, Label] = {
    Hand.HANDED: ("remis", "handed over"),
    Hand.BEFORE: ("remis avant", "handed over before"),
    Hand.NO_MANIFEST: ("pas de manifeste : pas un dossier", "no manifest: not a dossier"),
    Hand.BROKEN: ("manifeste refusé : pas du coffre, ou d'ailleurs", "manifest refused"),
    Hand.ALTERED: ("UN FICHIER N'EST PAS CELUI SIGNÉ", "A FILE IS NOT THE ONE SIGNED"),
    Hand.NO_CONTACT: ("à la main : absent du carnet", "by hand: not in the book"),
    Hand.NO_DROP: ("à la main : pas de dépôt", "by hand: no drop"),
    Hand.NO_PATH: ("dépôt : un chemin absolu, sans ..", "drop: an absolute path, no .."),
    Hand.LINK: ("dépôt : un lien ; dites le vrai dossier", "drop: a link; name the real folder"),
    Hand.NOT_THERE: ("dépôt : absent, non monté ?", "drop: not there, not mounted?"),
    Hand.NOT_OURS: ("dépôt : pas le droit d'y écrire", "drop: no permission to write"),
    Hand.FULL: ("dépôt : plein", "drop: full"),
    Hand.TAKEN: ("dépôt : autre chose sous ce nom", "drop: something else under this name"),
    Hand.SILENT: ("dépôt : ne répond pas", "drop: does not answer"),
}
POSTS: Mapping[Post, Label] = {
    Post.SENT: ("avisé", "told"),
    Post.BEFORE: ("avisé avant", "told before"),
    Post.IN_DOUBT: ("avisé peut-être ; --again", "perhaps told; --again"),
    Post.NOTHING_THERE: ("–", "–"),
    Post.NO_SERVER: ("pas de serveur : appelez", "no mail server: call"),
    Post.NO_ADDRESS: ("pas d'adresse : appelez", "no address: call"),
    Post.BAD_ADDRESS: ("adresse mal formée : appelez", "malformed address: call"),
    Post.DOWN: ("serveur muet : relancez, appelez", "server down: run again, call"),
    Post.NO_TLS: ("serveur sans TLS : appelez", "server without TLS: call"),
    Post.BAD_CERTIFICATE: ("certificat refusé : appelez", "certificate refused: call"),
    Post.NO_LOGIN: ("identifiant refusé : appelez", "login refused: call"),
    Post.REFUSED: ("refusé par le serveur : appelez", "refused by the server: call"),
}

PROOFS: Mapping[Proof, Label] = {
    Proof.NONE: ("–", "–"),
    Proof.GOOD: ("reçu", "received"),
    Proof.NO_KEY: ("accusé non vérifié : --bundle", "receipt unverified: --bundle"),
    Proof.FORGED: ("ACCUSÉ FAUX : appelez", "FORGED RECEIPT: call"),
    Proof.OTHER: ("ACCUSÉ D'AUTRE CHOSE : appelez", "RECEIPT OF SOMETHING ELSE: call"),
}


def whom(then: Then, delivery: Delivery, contact: InsurerContact | None) -> Label:
    """What to do next, and whom to call."""
    if contact is None:
        return "à la main ; cherchez qui l'assure", "by hand; find whom to reach"
    asked = contact.phone or "pas de numéro · no number"
    above = ", plus haut · and higher"
    if contact.delegate:
        asked += f", {contact.delegate}"
        above = f", puis · then {contact.name}"
    if contact.escalation:
        above += f" {contact.escalation}"
    waits = (
        ("à remettre : relancez deliver", "to be handed over: run deliver again")
        if delivery.handed is None
        else ("attendre", "wait")
    )
    return {
        Then.NOTHING: ("fini", "done"),
        Then.WAIT: waits,
        Then.CALL: ("appelez", f"call {asked}"),
        Then.CALL_AGAIN: ("rappelez", f"call again {asked}{above}"),
        Then.LATE: ("24 h passées : portez-le, appelez", f"24 h: bring it, call {asked}{above}"),
        Then.BY_HAND: ("à la main : appelez", f"by hand: call {asked}"),
    }[then]
