"""What people ask of the vault: sign in, prove themselves again, sponsor, report, decide.

A person's client (the page, never the web process) holds an ES256 key that cannot be taken out of
it. Each request that changes or shows anything carries ``proof``: a DPoP proof (RFC 9449) by that
key over this very request (``request_proofs``). ``token`` is the session handle. No field names
who is asking.

``flow`` is what the vault gave when a sign-in or a passkey's ceremony began: good once, for ten
minutes, for the key that began it. ``key`` is that key's thumbprint (RFC 7638, base64url);
``device`` a coarse kind of device for the owner's own list: phone, tablet, computer, or nothing.
An account is named as among all accounts: a software's client_id, or ``@login``.
"""

from rempart.usecases.message import Message

# Signing in


class BeginProSante(Message, frozen=True, tag="begin-pro-sante"):
    """Begin a sign-in; ``again`` wants the person authenticated anew (``max_age``)."""

    key: str
    again: bool = False


class FinishProSante(Message, frozen=True, tag="finish-pro-sante"):
    """The ID token of Pro Santé Connect; ``site`` is empty to be told which there are."""

    proof: str
    flow: str
    id_token: str
    site: str = ""
    device: str = ""


class ChooseSite(Message, frozen=True, tag="choose-site"):
    """One of the sites of ``SitesToChoose``."""

    proof: str
    flow: str
    site: str
    device: str = ""


class BeginPasskey(Message, frozen=True, tag="begin-passkey"):
    """Begin a sign-in by passkey."""

    key: str


class FinishPasskey(Message, frozen=True, tag="finish-passkey"):
    """What ``navigator.credentials.get`` answered, as JSON."""

    proof: str
    flow: str
    response: str
    device: str = ""


class BeginEnrolment(Message, frozen=True, tag="begin-enrolment"):
    """Begin a first passkey with a one-time code, as it was handed over."""

    key: str
    code: str


class FinishEnrolment(Message, frozen=True, tag="finish-enrolment"):
    """What ``navigator.credentials.create`` answered, as JSON: sign in with it afterwards."""

    proof: str
    flow: str
    response: str


# In a session


class BeginRegistration(Message, frozen=True, tag="begin-registration"):
    """Begin a passkey of a professional, who signed in ten minutes ago at most."""

    token: bytes
    proof: str


class FinishRegistration(Message, frozen=True, tag="finish-registration"):
    """What ``navigator.credentials.create`` answered, as JSON."""

    token: bytes
    proof: str
    flow: str
    response: str


class BeginStepUp(Message, frozen=True, tag="begin-step-up"):
    """Begin to prove oneself again."""

    token: bytes
    proof: str


class FinishStepUp(Message, frozen=True, tag="finish-step-up"):
    """The passkey's answer; ``account`` is empty for one's own, or the site's software."""

    token: bytes
    proof: str
    flow: str
    response: str
    account: str = ""


class Report(Message, frozen=True, tag="report"):
    """It was not me: freeze my account, or this software or delegate of my site, now."""

    token: bytes
    proof: str
    account: str = ""


class WhoAmI(Message, frozen=True, tag="who-am-i"):
    """Who is signed in here, and what may they do?"""

    token: bytes
    proof: str


class ListSessions(Message, frozen=True, tag="list-sessions"):
    """One's own sessions."""

    token: bytes
    proof: str


class EndSession(Message, frozen=True, tag="end-session"):
    """End one of one's own, by its reference."""

    token: bytes
    proof: str
    ref: str


class ListPasskeys(Message, frozen=True, tag="list-passkeys"):
    """One's own passkeys."""

    token: bytes
    proof: str


class RevokePasskey(Message, frozen=True, tag="revoke-passkey"):
    """A passkey of one's own opens nothing any more, and its sessions end."""

    token: bytes
    proof: str
    ref: str


class EndAllSessions(Message, frozen=True, tag="end-all-sessions"):
    """End all of one's own, this one too."""

    token: bytes
    proof: str


# Those whom a professional speaks for


class ListVouched(Message, frozen=True, tag="list-vouched"):
    """Sessions of one's site's software and of one's own delegates: a page from ``first`` on."""

    token: bytes
    proof: str
    first: int = 0


class EndVouched(Message, frozen=True, tag="end-vouched"):
    """End one session of such an account, by its reference; without one, all of them."""

    token: bytes
    proof: str
    account: str
    ref: str = ""


# Delegates


class Sponsor(Message, frozen=True, tag="sponsor"):
    """Take a delegate in, at one's own site; ``usage`` is a name of ``practice.Usage``."""

    token: bytes
    proof: str
    label: str
    usage: str = "standard"


class EnrolAgain(Message, frozen=True, tag="enrol-again"):
    """A new code for a delegate of one's own; their passkeys of before end."""

    token: bytes
    proof: str
    account: str


class EndDelegate(Message, frozen=True, tag="end-delegate"):
    """A delegate of one's own leaves, be it a software: for ever."""

    token: bytes
    proof: str
    account: str


class ListDelegates(Message, frozen=True, tag="list-delegates"):
    """Delegates of one's own."""

    token: bytes
    proof: str


# Two persons


class Propose(Message, frozen=True, tag="propose"):
    """Ask for what takes two: ``act`` is a name of ``person.Act``, ``terms`` what it is about."""

    token: bytes
    proof: str
    act: str
    terms: tuple[str, ...]


class Approve(Message, frozen=True, tag="approve"):
    """Agree to what somebody else proposed, within a day."""

    token: bytes
    proof: str
    ref: int


class ListProposals(Message, frozen=True, tag="list-proposals"):
    """What waits for a second person, and may be agreed to by whoever asks."""

    token: bytes
    proof: str


# An insurer's own people, and whoever inspects


class InsurerState(Message, frozen=True, tag="insurer-state"):
    """How one's insurer stands here."""

    token: bytes
    proof: str


class ListDisclosures(Message, frozen=True, tag="list-disclosures"):
    """What was asked of an insurer's members, counted, in the five days before ``before``.

    ``amc`` is empty for one's own; whoever inspects names one. ``before`` is days since 1970, 0 for
    the latest.
    """

    token: bytes
    proof: str
    amc: str = ""
    before: int = 0


class AskProof(Message, frozen=True, tag="ask-proof"):
    """The proof of the entry of this index."""

    token: bytes
    proof: str
    index: int


InSession = (
    BeginRegistration
    | FinishRegistration
    | BeginStepUp
    | FinishStepUp
    | Report
    | WhoAmI
    | ListSessions
    | EndSession
    | EndAllSessions
    | ListPasskeys
    | RevokePasskey
    | ListVouched
    | EndVouched
    | Sponsor
    | EnrolAgain
    | EndDelegate
    | ListDelegates
    | Propose
    | Approve
    | ListProposals
    | InsurerState
    | ListDisclosures
    | AskProof
)
Before = (
    BeginProSante
    | FinishProSante
    | ChooseSite
    | BeginPasskey
    | FinishPasskey
    | BeginEnrolment
    | FinishEnrolment
)
PeopleRequest = Before | InSession
