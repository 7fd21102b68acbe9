"""What a cut-off is called on paper: in French and in English, by name where it may be named."""

from collections.abc import Mapping

from rempart.domain.cutoff import CutOff
from rempart.domain.cutoff_words import Channel, Scope
from rempart.domain.disclosure import Presence
from rempart.usecases.incident_ports import Named
from rempart.usecases.rights_words import CHANNELS, PRESENCES, SCOPES, Label


def cut_label(cut: CutOff) -> Label:
    """What is cut; no account, site or software by its name."""
    if cut.scope is Scope.PRESENCE:
        return label_of(cut.scope, *PRESENCES[Presence(cut.number)])
    if cut.scope is Scope.CHANNEL:
        return label_of(cut.scope, *CHANNELS[Channel(cut.number)])
    return label_of(cut.scope, f"{cut.number:08d}" if cut.number else "")


def cut_named(cut: CutOff, accounts: Mapping[int, Named]) -> Label:
    """What is cut, an account or a site by its name; ``accounts`` are everybody, by number."""
    number = cut.number
    if cut.scope is Scope.ACCOUNT and number in accounts:
        return label_of(cut.scope, accounts[number].name)
    if cut.scope is Scope.SITE:
        sites = (each.site for each in accounts.values() if each.place == number)
        return label_of(cut.scope, next(sites, f"{number}"))
    if cut.scope is Scope.SOFTWARE:
        return label_of(cut.scope, f"{number:08x}")
    return cut_label(cut)


def label_of(scope: Scope, which: str, english: str = "") -> Label:
    """A scope and which one, where there are several."""
    words = SCOPES[scope]
    return (f"{words[0]} : {which}", f"{words[1]}: {english or which}") if which else words
