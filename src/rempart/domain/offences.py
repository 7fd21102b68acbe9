"""Offences that a complaint may name, each with the fact that calls for it; a lawyer decides.

They stand in ``laws/offences.toml``, each with its source; they are read once.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Fact = Literal["read", "account", "attempts", "claims", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """One article; ``verified`` says whether its words were read in ``source``."""

    article: str
    french: str
    english: str
    when: Fact
    source: str
    verified: bool


@cache
def offences() -> tuple[Offence, ...]:
    """Every one, in its order."""
    text = files("rempart.domain").joinpath("laws/offences.toml").read_text("utf-8")
    return tuple(Offence(**said) for said in tomllib.loads(text)["offence"])
