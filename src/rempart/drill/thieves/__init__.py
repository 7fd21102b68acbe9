"""The thieves: every module here that has a ``THIEF`` is one; adding a file is all it takes."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from rempart.drill.theft import Thief


def found() -> Mapping[str, Thief]:
    """Every thief by name."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    thieves: list[Thief] = [module.THIEF for module in modules]
    return {thief.name: thief for thief in thieves}
