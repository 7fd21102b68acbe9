"""``rempart drill …``: simulators, a synthetic country, and those who attack it."""

from rempart.cli.nouns import Nouns, Table

NOUNS: Table = {
    "psc": ("rempart.drill.psc.command", "Simuler Pro Santé Connect · a simulator of it"),
}

command = Nouns(nouns=NOUNS, name="drill", help="Simulateurs et exercices · simulators and drills.")
