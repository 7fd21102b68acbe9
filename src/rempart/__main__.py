"""``python -m rempart``: every noun of the command line, and the door that answers to it."""

from rempart.cli.nouns import Nouns, Table

NOUNS: Table = {
    "demo": ("rempart.drill.demo", "Tout lancer sur cette machine · run everything here"),
    "ask": ("rempart.drill.ask", "Interroger en logiciel métier · ask as a practice software"),
    "drill": ("rempart.drill.command", "Simulateurs et exercices · simulators and drills"),
    "insurer": ("rempart.cli.insurer", "Côté assureur : clés, fichier, cartes · insurer's side"),
    "operator": ("rempart.cli.operator", "Clés et inscriptions · the operator's keys"),
    "lists": ("rempart.cli.lists", "Listes qui prouvent les cartes hors ligne · card lists"),
    "card": ("rempart.cli.card", "Vérifier une carte hors ligne · verify a card offline"),
    "undertaking": ("rempart.cli.undertaking", "Engager un assureur hors ligne · bind offline"),
    "device": ("rempart.cli.device", "Postes qui engagent hors ligne · devices that bind"),
    "feed": ("rempart.cli.feed", "Prendre le fichier d'un assureur · take a feed in"),
    "site": ("rempart.cli.site", "Inscrire un lieu d'exercice · register a site"),
    "person": ("rempart.cli.person", "Professionnels et délégués · professionals, delegates"),
    "staff": ("rempart.cli.staff", "Inscrire le personnel, à deux · enrol staff"),
    "directory": ("rempart.cli.directory", "Suivre l'annuaire public · follow the directory"),
    "software": ("rempart.cli.software", "Inscrire un logiciel métier · register a software"),
    "account": ("rempart.cli.account", "Arrêter ou rétablir un compte · contain an account"),
    "cutoff": ("rempart.cli.cutoff", "Couper une chose, la rétablir · cut one thing"),
    "incident": ("rempart.cli.incident", "Incidents, horloges, registre · incidents and clocks"),
    "alert": ("rempart.cli.alert", "Avertir les autres opérateurs · warn other operators"),
    "measures": ("rempart.cli.measures", "Les protections, attestées · protections, attested"),
    "vault": ("rempart.vault.command", "Le coffre · the vault"),
    "gateway": ("rempart.api.command", "La passerelle FHIR · the FHIR gateway"),
    "billing": ("rempart.api.intake_command", "Le dépôt des factures · the intake of claims"),
    "web": ("rempart.web.command", "Le portail et la console · the portal and the console"),
    "claims": ("rempart.cli.claims", "Juger les factures reçues · judge claims"),
    "ledger": ("rempart.cli.ledger", "Prouver et vérifier le registre · the ledger"),
    "keys": ("rempart.cli.keys", "Renouveler les clés · rotate keys"),
    "db": ("rempart.cli.db", "Préparer la base · set the database up"),
    "doctor": ("rempart.cli.doctor", "Examiner l'installation · examine the installation"),
}

main = Nouns(
    nouns=NOUNS,
    name="rempart",
    help="Rempart : plateforme de tiers payant · tiers payant platform.",
)

if __name__ == "__main__":
    main(prog_name="rempart")
