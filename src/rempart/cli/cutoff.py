"""``rempart cutoff``: cut one thing, open it again, see what is cut.

Asked of the vault that runs here, over its socket, by the vault's own user alone; each change is an
entry of the ledger under the name that is given. ``set`` works with the vault down or stuck too.

A module a verb: whoever cuts does not wait for what the others import.
"""

from rempart.cli.nouns import Nouns, Table

VERBS: Table = {
    "set": ("rempart.cli.cutoff_set", "Couper, tout de suite ou plus tard · cut, now or later"),
    "list": ("rempart.cli.cutoff_list", "Ce qui est coupé ou le sera · what is cut, or will be"),
    "clear": ("rempart.cli.cutoff_clear", "Rétablir · open again"),
    "ask-clear": (
        "rempart.cli.cutoff_ask_clear",
        "Écrire la demande de rétablir, pour deux · write the statement for two",
    ),
}

command = Nouns(
    nouns=VERBS, name="cutoff", help="Couper une chose, la rétablir · cut one thing, open it again."
)
