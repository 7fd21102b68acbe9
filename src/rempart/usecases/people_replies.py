"""What the vault answers to people: the replies to ``people_messages``."""

from rempart.usecases.cut_off_messages import CutOffShown
from rempart.usecases.message import Message


class ProSanteBegun(Message, frozen=True, tag="pro-sante-begun"):
    """What the browser is sent to Pro Santé Connect with; ``max_age`` in seconds, 0 for none."""

    flow: str
    state: str
    nonce: str
    max_age: int
    expires_in: int


class SitesToChoose(Message, frozen=True, tag="sites-to-choose"):
    """Proven, and contracted at several sites: one is to be chosen, in the same flow."""

    flow: str
    sites: tuple[str, ...]


class PasskeyAsked(Message, frozen=True, tag="passkey-asked"):
    """What the browser passes to ``navigator.credentials``, as JSON."""

    flow: str
    options: str
    expires_in: int


class Entered(Message, frozen=True, tag="entered"):
    """A person's session: its handle replaces any that was sent. ``expires_in`` in seconds."""

    token: bytes
    expires_in: int
    login: str
    role: str
    site: str


class SteppedUp(Message, frozen=True, tag="stepped-up"):
    """A new handle; the old one is dead. ``stage`` is now that of the account it was for.

    ``lifted`` says that this very sign-in loosened it. A narrowed account that is not loosened
    any more today may ask a few declared questions.
    """

    token: bytes
    expires_in: int
    stage: str
    lifted: bool


class Me(Message, frozen=True, tag="me"):
    """Who is signed in. ``fresh`` says that what can hurt needs no new step-up yet.

    ``kind`` is that of the site, ``powers`` names of ``person.Power``, ``passkeys`` how many.
    """

    login: str
    role: str
    powers: tuple[str, ...]
    site: str
    kind: str
    stage: str
    means: str
    fresh: bool
    passkeys: int
    expires_in: int


class SessionShown(Message, frozen=True, tag="session"):
    """One session; times in microseconds. Never an address."""

    ref: str
    since: int
    seen: int
    device: str
    means: str
    this: bool


class SessionsShown(Message, frozen=True, tag="sessions"):
    """One's own sessions, the latest first."""

    sessions: tuple[SessionShown, ...]


class VouchedSession(Message, frozen=True, tag="vouched-session"):
    """One session of somebody else; ``label`` is the sponsor's name of them, or the product.

    Times in microseconds. Never an address.
    """

    account: str
    label: str
    software: bool
    ref: str
    since: int
    seen: int
    device: str
    means: str


class VouchedSessions(Message, frozen=True, tag="vouched-sessions"):
    """A page of sessions, account by account; ``total`` is how many there are."""

    sessions: tuple[VouchedSession, ...]
    total: int


class PasskeyShown(Message, frozen=True, tag="passkey"):
    """One passkey; ``made`` in microseconds, ``synced`` where it is on other devices too."""

    ref: str
    made: int
    synced: bool
    this: bool


class PasskeysShown(Message, frozen=True, tag="passkeys"):
    """One's own passkeys."""

    passkeys: tuple[PasskeyShown, ...]


class EnrolmentMade(Message, frozen=True, tag="enrolment-made"):
    """A one-time code, shown once; to be handed over in person. ``expires_in`` in seconds."""

    account: str
    code: str
    expires_in: int


class DelegateShown(Message, frozen=True, tag="delegate"):
    """One delegate; a ``software`` has a key and no passkey, and its product for a label."""

    account: str
    label: str
    usage: str
    here: bool
    passkeys: int
    stage: str
    software: bool = False


class DelegatesShown(Message, frozen=True, tag="delegates"):
    """One's own delegates."""

    delegates: tuple[DelegateShown, ...]


class Proposed(Message, frozen=True, tag="proposed"):
    """Kept in the ledger; ``ref`` is the index of its entry, ``until`` microseconds."""

    ref: int
    until: int


class ProposalShown(Message, frozen=True, tag="proposal"):
    """What waits: ``by`` a login, ``terms`` as proposed, where they can be shown."""

    ref: int
    act: str
    by: str
    until: int
    terms: tuple[str, ...]


class ProposalsShown(Message, frozen=True, tag="proposals"):
    """What waits for a second person."""

    proposals: tuple[ProposalShown, ...]


class InsurerShown(Message, frozen=True, tag="insurer"):
    """How an insurer stands; times in microseconds, 0 where nothing is known here.

    ``feed`` is the number of its last feed, ``feed_whole`` once it is taken in, ``feed_late`` after
    two days; ``typed`` of ``ceiling`` answers to what is typed were given this hour (0: no ceiling
    yet), ``closed`` once they are spent; ``storm`` says that so many miss that the feed is at
    fault; ``cut_offs`` touch it, as everybody or alone.
    """

    amc: str
    feed: int
    feed_at: int
    feed_whole: bool
    feed_late: bool
    list_made: int
    list_until: int
    typed: int
    ceiling: int
    closed: bool
    storm: bool
    cut_offs: tuple[CutOffShown, ...]


class DisclosureCount(Message, frozen=True, tag="count"):
    """Questions of one day (days since 1970) with this outcome and presence."""

    day: int
    outcome: str
    presence: str
    questions: int


class DisclosuresShown(Message, frozen=True, tag="disclosures"):
    """Counts of an insurer's days, the latest first, and the ledger's last checkpoint.

    ``size`` entries are signed by ``checkpoint``, a note; the days are ``days`` before ``before``.
    """

    amc: str
    size: int
    checkpoint: str
    before: int
    days: int
    counts: tuple[DisclosureCount, ...]


class ProofShown(Message, frozen=True, tag="proof"):
    """The proof of an entry, as JSON text (``specs/checkpoint.md``)."""

    text: str


PeopleReply = (
    ProSanteBegun
    | SitesToChoose
    | PasskeyAsked
    | Entered
    | SteppedUp
    | Me
    | SessionsShown
    | VouchedSessions
    | PasskeysShown
    | EnrolmentMade
    | DelegatesShown
    | Proposed
    | ProposalsShown
    | InsurerShown
    | DisclosuresShown
    | ProofShown
)
