"""``rempart alert run`` and ``serve``: the courier, and the folder that others fetch from."""

import time

import click

from rempart.bootstrap.alert_courier import Courier, courier
from rempart.bootstrap.alerts import OUT
from rempart.config import Settings
from rempart.domain.errors import RempartError
from rempart.serving.alert_folder import serve_alerts
from rempart.serving.listener import Listen
from rempart.usecases.alert_messages import AlertNotTaken
from rempart.usecases.fetch_alerts import Result

EVERY = 2.0
"""Seconds between two turns: who is warned is protected within ten."""


@click.command()
@click.option("--every", type=click.FloatRange(0.2, 3600), default=EVERY, show_default=True)
@click.option("--once", is_flag=True, help="Un seul tour · one turn")
def run(every: float, once: bool) -> None:
    """Porter nos alertes, prendre celles des autres · carry ours, take those of others."""
    carrier = courier(Settings.from_environ())
    try:
        while True:
            turn(carrier)
            if once:
                return
            time.sleep(every)
    except KeyboardInterrupt:
        return


def turn(carrier: Courier) -> None:
    """One turn, told line by line; what fails is told and tried again, and stops nothing else."""
    for part in (carrier.lay_out, carrier.take_dropped, carrier.fetch_all):
        try:
            for name, result in part():
                tell(name, result)
        except RempartError as error:
            click.echo(f"{error.code}: {error} (au prochain tour · at the next turn)", err=True)
        except OSError as error:
            told = error.strerror or "the disk"
            click.echo(f"disque · disk: {told} (au prochain tour · at the next turn)", err=True)


def tell(name: str, result: Result | None) -> None:
    """A line of what became of an alert; numbers and counts, nobody's name."""
    match result:
        case None:
            click.echo(f"{name}: ne répond pas · does not answer")
        case AlertNotTaken(step, words):
            click.echo(f"{name}: REFUSÉE · REFUSED ({step}: {words})")
        case taken:
            known = " (déjà · already)" if taken.known else ""
            over = " (échue · over)" if taken.over else ""
            click.echo(
                f"{name}: alerte · alert {taken.number}{known}{over},"
                f" restreints · narrowed {taken.narrowed}, déjà · already {taken.tighter},"
                f" à voir · to look at {taken.waiting}, relâchés · let go {taken.loosened}"
            )
            if taken.missed:
                click.echo(f"{name}: MANQUENT · MISSING {taken.missed}")


@click.command()
def serve() -> None:
    """Servir nos alertes en HTTPS, à /alerts · serve our alerts over HTTPS."""
    settings = Settings.from_environ()
    folder = settings.alerts / OUT
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    serve_alerts(
        folder,
        Listen(
            host=settings.host,
            port=settings.alert_port,
            certificate=settings.tls / "alerts.pem",
            key=settings.tls / "alerts.key",
        ),
    )
