"""``rempart drill country``: make a synthetic France, let it work, and say what it is like."""

import json
from collections import Counter
from datetime import datetime

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from rempart.domain.disclosure import Presence
from rempart.drill.campaign import WORLDS
from rempart.drill.every import SEED
from rempart.drill.in_process import InProcess
from rempart.drill.landscape import World
from rempart.drill.peace import open_platform
from rempart.drill.population import NOBODY
from rempart.drill.traffic import Asked, day
from rempart.drill.trial import STARTS
from rempart.drill.world import make_world


@click.command()
@click.option("--members", type=click.IntRange(min=1000), help="Personnes · people")
@click.option("--sites", type=click.IntRange(min=20), default=200, show_default=True)
@click.option("--days", type=click.IntRange(min=1), default=7, show_default=True)
@click.option("--seed", default=SEED, show_default=True)
@click.option(
    "--world", type=click.Choice(list(WORLDS)), default="cruise", show_default=True,
    help="Régime établi, ou premier jour · cruise, or day one",
)  # fmt: skip
@click.option("--starts", type=click.DateTime(["%Y-%m-%d"]), default=STARTS.isoformat())
def command(
    *, members: int | None, sites: int, days: int, seed: int, world: str, starts: datetime
) -> None:
    """Faire une France synthétique et la laisser travailler · make one, and let it work."""
    console = Console(stderr=True)
    made = make_world(
        sites=sites, members=members, days=days, seed=seed, params=WORLDS[world],
        starts=starts.date(),
    )  # fmt: skip
    platform = InProcess(made, officers_lift=True)
    open_platform(platform)
    seen = Census(made, platform)
    for each in track(range(days), "jours · days", console=console):
        seen.take(day(made, each))
    console.print(seen.table())
    click.echo(json.dumps(seen.figures(days)))


class Census:
    """Counts what is asked, by trade."""

    def __init__(self, world: World, platform: InProcess) -> None:
        self.world, self.platform = world, platform
        self.asked: Counter[str] = Counter()
        self.new: Counter[str] = Counter()
        self.presence: Counter[tuple[str, Presence]] = Counter()

    def take(self, questions: list[Asked]) -> None:
        """Ask and count."""
        for asked in questions:
            trade = self.world.sites[asked.site - 1].trade
            self.asked[trade] += 1
            self.presence[trade, asked.presence] += 1
            known = (asked.site, asked.person) in self.platform.known
            self.new[trade] += asked.person != NOBODY and not known
            self.platform.ask(asked)
        self.platform.mark()

    def table(self) -> Table:
        """By trade: sites, questions, people new there, how they were shown."""
        table = Table(title="Un pays au travail · a country at work")
        for heading in (
            "métier · trade",
            "lieux",
            "questions",
            "nouveaux",
            "CARD",
            "DECL.",
            "LEG.",
        ):
            table.add_column(heading, justify="right")
        sites = Counter(site.trade for site in self.world.sites)
        for trade, count in sites.most_common():
            asked = max(1, self.asked[trade])
            shares = [
                f"{100 * self.presence[trade, presence] / asked:.0f} %"
                for presence in (Presence.CARD, Presence.DECLARED, Presence.LEGACY)
            ]
            new = f"{100 * self.new[trade] / asked:.0f} %"
            table.add_row(trade, str(count), str(self.asked[trade]), new, *shares)
        return table

    def figures(self, days: int) -> dict[str, object]:
        """The last line."""
        world = self.world
        return {
            "members": len(world.people),
            "insurers": len(world.insurers),
            "sites": len(world.sites),
            "accounts": len(world.accounts),
            "days": days,
            "questions": sum(self.asked.values()),
            "outcomes": {o.name.lower(): n for o, n in sorted(self.platform.outcomes.items())},
            "moves": len(self.platform.moves),
        }
