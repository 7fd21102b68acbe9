"""Notices over SMTP: ``Mail``. Nothing is said before TLS, nor to a server of another name.

On port 465 TLS comes first; on any other the server must offer STARTTLS. One connection serves a
whole run; one that is down, or falls silent twice, is not tried again in it: nobody waits a hundred
times.
"""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as FORM
from email.utils import formatdate, make_msgid

from rempart.domain.delivery import Post
from rempart.usecases.delivery_ports import Notice

TLS_FIRST = 465
SECONDS = 15.0
"""To connect, and for each answer."""
SILENCES = 2
"""Of one run, before the server counts as down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where mail goes; ``context`` checks its certificate. Without a user, there is no login."""

    host: str = field(repr=False)
    port: int
    context: ssl.SSLContext = field(repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(slots=True)
class SmtpMail:
    """A mail server, for one run."""

    server: Server
    _open: smtplib.SMTP | None = field(default=None, repr=False)
    _down: Post | None = None
    _silences: int = 0

    def send(self, notice: Notice) -> Post:
        """Send it."""
        if self._down is not None:
            return self._down
        if self._open is None:
            failed = self._begin(notice.sender.rpartition("@")[2])
            if failed is not None:
                self._down = failed
                return failed
        return self._hand(notice)

    def close(self) -> None:
        """Take leave."""
        if self._open is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._open.quit()
            self._open = None

    def _begin(self, ours: str) -> Post | None:
        """Connect, and log in; ``ours`` is what we call ourselves: no name is looked up for it."""
        server, context = self.server, self.server.context
        try:
            if server.port == TLS_FIRST:
                self._open = smtplib.SMTP_SSL(
                    server.host, server.port, ours, timeout=SECONDS, context=context
                )
            else:
                self._open = smtplib.SMTP(server.host, server.port, ours, timeout=SECONDS)
                self._open.starttls(context=context)
            if server.user:
                self._open.login(server.user, server.password)
        except ssl.SSLCertVerificationError:
            return self._failed(Post.BAD_CERTIFICATE)
        except smtplib.SMTPAuthenticationError:
            return self._failed(Post.NO_LOGIN)
        except (smtplib.SMTPNotSupportedError, smtplib.SMTPResponseException, ssl.SSLError):
            return self._failed(Post.NO_TLS)
        except (OSError, smtplib.SMTPException):
            return self._failed(Post.DOWN)
        return None

    def _failed(self, why: Post) -> Post:
        if self._open is not None:
            self._open.close()
            self._open = None
        return why

    def _hand(self, notice: Notice) -> Post:
        assert self._open is not None, "begun before"
        try:
            self._open.send_message(message_of(notice), notice.sender, [notice.to])
        except (
            smtplib.SMTPRecipientsRefused,
            smtplib.SMTPResponseException,
            smtplib.SMTPNotSupportedError,
        ):
            return Post.REFUSED
        except (OSError, smtplib.SMTPException):
            # Cut off in the middle: the server may have taken it.
            self._silences += 1
            self._down = Post.DOWN if self._silences >= SILENCES else None
            return self._failed(Post.IN_DOUBT)
        return Post.SENT


def message_of(notice: Notice) -> EmailMessage:
    """The notice as it is sent.

    Raises:
        ValueError: an address or the subject is more than a line.
    """
    message = EmailMessage(policy=FORM)
    message["From"] = notice.sender
    message["To"] = notice.to
    message["Subject"] = notice.subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=notice.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notice.body, cte="quoted-printable")
    return message
