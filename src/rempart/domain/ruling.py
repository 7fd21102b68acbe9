"""What becomes of an undertaking, or of the claim that rests on it, on an answer or on a card."""

from enum import Enum


class Ruling(Enum):
    """A ruling, by its word."""

    HONOURED = "honoured"
    """What is asked is owed; of a claim, it goes to settlement."""
    PERSON = "person"
    """Somebody looks at it: nothing proves it wrong, and a rule is not kept."""
    REFUSED = "refused"
    KNOWN = "known"
    """The same undertaking again, in one deposit: it has its ruling."""
    VOID = "void"
    """The sale was not made: nothing is owed, and the device's chain goes on."""


OF_CLAIMS = (Ruling.HONOURED, Ruling.PERSON, Ruling.REFUSED, Ruling.VOID)
"""Those that are kept: the same claim again is the same claim."""
