"""What the web process tells the vault of Pro Santé Connect's sessions, and asks of it.

No page may send these: they are of the process that talks to Pro Santé Connect. None names an
account. ``flow`` is that of a sign-in under way, ``ref`` the vault's own name of a session there.
"""

from rempart.usecases.message import Message


class KeepRefresh(Message, frozen=True, tag="keep-refresh"):
    """The refresh token that came with a code, before the page finishes its sign-in."""

    flow: str
    refresh_token: str


class ListDue(Message, frozen=True, tag="list-due"):
    """Which sessions there are to be asked after now?"""


class Refreshed(Message, frozen=True, tag="refreshed"):
    """Pro Santé Connect has answered: the next refresh token, and an ID token to prove it."""

    ref: str
    refresh_token: str
    id_token: str


class RefreshRefused(Message, frozen=True, tag="refresh-refused"):
    """Pro Santé Connect has refused (``invalid_grant``): the session there is over."""

    ref: str


class LogOut(Message, frozen=True, tag="log-out"):
    """A logout token, as Pro Santé Connect posted it: unproven until the vault has read it."""

    logout_token: str


class RefreshDue(Message, frozen=True, tag="refresh-due"):
    """One session there, and what to ask after it with."""

    ref: str
    refresh_token: str


class RefreshesDue(Message, frozen=True, tag="refreshes-due"):
    """Those to be asked after now; the rest when it is asked again."""

    due: tuple[RefreshDue, ...]


ProSanteRequest = KeepRefresh | ListDue | Refreshed | RefreshRefused | LogOut
ProSanteReply = RefreshesDue
