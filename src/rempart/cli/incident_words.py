"""How incidents stand on a terminal: colours, and what to type for what nobody has said yet."""

from rempart.domain.clocks import State
from rempart.domain.incident import Incident
from rempart.domain.incident_words import Stated

STYLES = {
    State.WAITING: "dim",
    State.RUNNING: "yellow",
    State.LATE: "bold red",
    State.MET: "green",
    State.MET_LATE: "magenta",
    State.NOT_DUE: "dim",
}


def missing(incident: Incident) -> list[str]:
    """What nobody has said yet, each with what to type."""
    number = incident.ref
    wanted = []
    if incident.aware is None:
        wanted.append(f"aware {number} --at now --as NOM 'pourquoi · why'")
    if incident.found is None:
        wanted.append(
            f"found {number} --account COMPTE --earliest 'AAAA-MM-JJ HH:MM' --as NOM"
            " 'comment · how'"
        )
    if Stated.UNKNOWN in incident.nature:
        wanted.append(f"nature {number} yes no no --as NOM 'laquelle · which'")
    return wanted
