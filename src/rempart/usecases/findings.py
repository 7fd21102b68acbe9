"""What the doctor says: one thing found, and how bad it is."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad."""

    SOUND = "sound"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; ``french`` and ``english`` name files and settings, never a value."""

    level: Level
    french: str
    english: str
