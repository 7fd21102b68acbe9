"""Why a request gets no answer: the one way from an error to its row of the outcome table."""

from rempart.domain import errors
from rempart.domain.errors import Refusal
from rempart.serving.claim_outcomes import CLAIM_OUTCOMES
from rempart.serving.outcomes import OUTCOMES, Outcome


class Declined(Refusal):
    """A request that gets no answer; ``code`` is a row of the outcome table.

    ``detail`` names a rule and ``expression`` an element (FHIRPath); neither quotes a value.
    ``after`` is the seconds after which asking again may help, 0 for what the row says.
    """

    def __init__(
        self, code: str, *, detail: str = "", expression: str = "", after: int = 0
    ) -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail
        self.expression = expression
        self.after = after


def declined_for(error: Exception) -> Declined:
    """The refusal to show for an error. Of an error without a row, nothing is told."""
    match error:
        case Declined():
            return error
        case errors.TemporarilyUnavailable():
            return Declined("unavailable")
        case (
            errors.NotSignedIn()
            | errors.SignInRefused()
            | errors.NumberReused()
            | errors.TooManyClaims()
        ):
            return Declined(error.code)
        case errors.MalformedIdentifier():
            return Declined("malformed", detail=str(error))
        case _:
            return Declined("internal")


def shown_for(error: Exception) -> Declined:
    """The refusal to show for an error; one without a row goes on, to be logged once."""
    declined = declined_for(error)
    if declined.code == "internal":
        raise error
    return declined


def outcome_of(declined: Declined) -> Outcome:
    """Its row."""
    return OUTCOMES.get(declined.code) or CLAIM_OUTCOMES[declined.code]
