"""The assembly of deliveries: needs a folder of dossiers, the vault's public key, and the book.

No vault, no database, no platform: what it is for is the hour when they are cut.
"""

import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rempart.adapters.delivery_journal import journal_in
from rempart.adapters.dossier_folder import FolderDossier, dossiers_in
from rempart.adapters.drop_folder import FolderDrop
from rempart.adapters.private_files import read_private
from rempart.adapters.smtp_mail import Server, SmtpMail
from rempart.adapters.system import SystemClock
from rempart.bootstrap.insurer import InsurerFolder
from rempart.config import Settings
from rempart.domain.contacts import Contacts
from rempart.domain.delivery import Line, Noted
from rempart.domain.errors import SetUpRefused
from rempart.tlog.note import NoteVerifier
from rempart.usecases.deliver_dossiers import DeliverDossiers, Delivered, Found
from rempart.usecases.delivery_ports import Dossier, Mail, Place
from rempart.usecases.follow_deliveries import FollowDeliveries, Standing
from rempart.usecases.insurer_keys import feed_signing_key
from rempart.usecases.receive_dossier import ReceiveDossier, Taken

LOGIN = "vault/smtp-login"
"""User and password of the mail server, a line each; none: it asks for none."""


@contextmanager
def mail_of(settings: Settings) -> Iterator[Mail | None]:
    """The mail server, for one run; nothing where none is set up.

    Raises:
        SetUpRefused: the login is not two lines.
        KeyReadableByOthers: others can read it.
    """
    if settings.smtp_host is None:
        yield None
        return
    user, password = _login(settings.home / LOGIN)
    server = Server(
        host=settings.smtp_host,
        port=settings.smtp_port,
        context=ssl.create_default_context(),
        user=user,
        password=password,
    )
    mail = SmtpMail(server)
    try:
        yield mail
    finally:
        mail.close()


def _login(path: Path) -> tuple[str, str]:
    if not path.exists():
        return "", ""
    match read_private(path).splitlines():
        case [user, password] if user and password:
            return user, password
    raise SetUpRefused(f"{path.name}: expected a user and a password, a line each")


def deliver(
    folder: Path,
    contacts: Contacts,
    *,
    vault: NoteVerifier,
    mail: Mail | None,
    only: Collection[str] = (),
    again: bool = False,
) -> list[Delivered]:
    """Deliver the dossiers of ``folder`` (``AMC/NUMBER/``), and note it beside them."""
    dossiers = _dossiers(folder)
    with journal_in(folder) as journal:
        delivering = DeliverDossiers(
            dossiers=dossiers,
            contacts=contacts,
            drop=FolderDrop(),
            mail=mail,
            journal=journal,
            vault=vault,
            clock=SystemClock(),
            sender=contacts.operator.dpo_email,
        )
        return delivering(only=only, again=again)


def standings(
    folder: Path,
    contacts: Contacts,
    *,
    vault: NoteVerifier,
    feed_keys: Mapping[str, bytes],
) -> list[Standing]:
    """Where each dossier stands; receipts that have come are noted."""
    dossiers = _dossiers(folder)
    with journal_in(folder) as journal:
        following = FollowDeliveries(
            dossiers=dossiers,
            contacts=contacts,
            drop=FolderDrop(),
            journal=journal,
            vault=vault,
            clock=SystemClock(),
            feed_keys=feed_keys,
        )
        return following()


def _dossiers(folder: Path) -> Mapping[Place, Dossier]:
    """Every dossier in a folder.

    Raises:
        SetUpRefused: there is none: it is the one above, or beside.
    """
    if not (found := dossiers_in(folder)):
        raise SetUpRefused("no dossier is here: give the folder dossiers of the incident")
    return found


def note_entered(folder: Path, found: Found) -> None:
    """Note that a receipt stands in its incident."""
    with journal_in(folder) as journal:
        line = Line(
            at=SystemClock().now(),
            did=Noted.ENTERED,
            manifest=found.digest,
            exercise=found.manifest.exercise,
        )
        journal.add(line)


def receive(insurer: InsurerFolder, dossier: Path, drop: Path, vault: NoteVerifier) -> Taken:
    """Receive a dossier at an insurer; its receipt goes into ``drop``."""
    receiving = ReceiveDossier(
        amc=insurer.profile.amc,
        key=feed_signing_key(insurer.keys),
        vault=vault,
        drop=FolderDrop(),
        clock=SystemClock(),
    )
    return receiving(FolderDossier(dossier.resolve()), str(drop.resolve()))
