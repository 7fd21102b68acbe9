"""Serve the alerts that were laid out, to whoever asks: each is sealed to its one reader."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from rempart.serving.listener import Listen, serve


def alert_folder(folder: Path) -> Starlette:
    """The folder, and nothing else: no list of it, no other method than to read."""
    return Starlette(routes=[Mount("/alerts", StaticFiles(directory=folder))])


def serve_alerts(folder: Path, listen: Listen) -> None:
    """Serve until told to stop."""
    serve(alert_folder(folder), listen)
