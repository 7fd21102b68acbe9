"""A contact book to fill in: the insurers that are registered, and what is asked of each."""

import json
from collections.abc import Mapping

HEAD = """\
# Carnet de contacts · contact book. À garder lisible sans réseau, et par qui délivre seulement.
# To be kept where it is read without a network, and by whoever delivers alone: chmod 600.
# Ce qui est vide est refusé par son nom · what is empty is refused by its name.

[operator]
name = {operator}
siren = ""
address = ""
dpo = ""
dpo_email = ""
dpo_phone = ""
desk = ""  # jour et nuit · day and night
"""
INSURER = """
[[insurer]]
amc = "{amc}"
name = {name}
# delegate = ""  # son délégataire de gestion, s'il y en a un · who manages its rights, if anybody
# phone = ""     # répond jour et nuit · answers day and night
# escalation = ""  # au-dessus : l'assureur, une direction · above: itself, a director
# email = ""     # une adresse d'équipe, pas d'une personne · a team's, not one person's
# drop = ""      # dossier absolu, sans lien, où il prend ses fichiers · absolute, no link
# key = ""       # X25519, 32 octets en base64 : scelle les listes · seals the lists
"""


def template(insurers: Mapping[int, str], operator: str = "") -> str:
    """The book as TOML, of insurers by number with their names, where they are known."""
    rows = (
        INSURER.format(amc=f"{amc:08d}", name=_quoted(name))
        for amc, name in sorted(insurers.items())
    )
    return HEAD.format(operator=_quoted(operator)) + "".join(rows)


def _quoted(text: str) -> str:
    """As a TOML string: JSON's is one, but for what is not printed."""
    return json.dumps(text if text.isprintable() else "", ensure_ascii=False)
