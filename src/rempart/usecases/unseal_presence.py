"""Unseal presence, on the vault's side: what the gateway relayed without being able to read it.

A question in clear goes through as it is; whether its software may send one is
``domain/sealed_presence.py``'s to say. What does not open stays sealed, and is refused where the
question is read.
"""

from rempart.sealing.errors import SealBroken
from rempart.usecases.messages import Ask, CardShown, Sealed, Typed
from rempart.usecases.open_session import Session
from rempart.usecases.seal_presence import shown_in


def unsealed(ask: Ask, session: Session) -> CardShown | Typed | Sealed:
    """What the patient brought; still sealed where it does not open for this very question."""
    shown = ask.shown
    if not isinstance(shown, Sealed) or session.sealing is None:
        return shown
    try:
        return shown_in(
            session.sealing.open(
                shown.value,
                key=ask.key.encode(),
                domain=ask.domain.encode(),
                care_date=ask.care_date.encode(),
            )
        )
    except SealBroken:
        return shown
