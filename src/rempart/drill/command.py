"""``rempart drill …``: simulators, a synthetic country, and those who attack it.

Each is a module with a ``command`` of its own, imported when it is asked for: what one needs, the
others run without.
"""

from collections.abc import Mapping
from importlib import import_module

import click

DRILLS: Mapping[str, tuple[str, str]] = {
    "country": ("rempart.drill.land", "Une France synthétique · a synthetic France"),
    "all": ("rempart.drill.every", "Tous les voleurs · every thief"),
    "peace": ("rempart.drill.at_peace", "Sans voleur · without a thief"),
    "stack": ("rempart.drill.stack.command", "Un jour de chacun, en vrai · one day, for real"),
    "cutoff": ("rempart.drill.cut.command", "Tout couper un jour · everything cut for a day"),
    "incident": ("rempart.drill.incident.command", "Un vol et ses papiers · a theft, its files"),
    "picture": ("rempart.drill.picture", "Les courbes d'un compte · an account's charts"),
    "tradeoff": ("rempart.drill.tradeoff", "Surveiller plus tôt · watching sooner, its price"),
    "psc": ("rempart.drill.psc.command", "Simuler Pro Santé Connect · a simulator of it"),
    "enrol": ("rempart.drill.enrol", "Inscrire ses professionnels · contract its professionals"),
}
"""Name to its module, and its line of help."""


class Drills(click.Group):
    """A group whose commands are modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every drill, in the order of the table."""
        del ctx
        return list(DRILLS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the drill's module."""
        del ctx
        if cmd_name not in DRILLS:
            return None
        command = import_module(DRILLS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing anything."""
        del ctx
        with formatter.section("Commandes · commands"):
            formatter.write_dl([(name, line) for name, (_, line) in DRILLS.items()])


command = Drills("drill", help="Simulateurs et exercices · simulators and drills.")
