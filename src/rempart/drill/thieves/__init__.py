"""The thieves: every module here that has a ``THIEF`` is one; adding a file is all it takes."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from rempart.drill.theft import Thief, Variant


def found() -> Mapping[str, Thief]:
    """Every thief by name."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    thieves: list[Thief] = [module.THIEF for module in modules]
    return {thief.name: thief for thief in thieves}


def variant_named(name: str) -> Variant:
    """A way of stealing, by its name."""
    return next(v for thief in found().values() for v in thief.variants if v.name == name)
