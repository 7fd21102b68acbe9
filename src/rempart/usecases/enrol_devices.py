"""Enrol the devices that may bind insurers while their site is cut off.

(1) a software enrols at its own site, unless it is contained or cut; without a session, an officer;
(2) the key is a point of P-256 that was never enrolled, and the site has room;
(3) the ledger says it before it holds: its time there is when the device began to serve;
(4) a device is taken out by its site or by an officer, at once and for good.
"""

from dataclasses import dataclass

from rempart.domain.containment import Stage
from rempart.domain.devices import Device, Devices, ended_codes
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import AccountContained, MalformedIdentifier, NotAllowed
from rempart.usecases.contain_account import officer_named
from rempart.usecases.device_messages import (
    DeviceShown,
    DevicesShown,
    EndDevice,
    EnrolDevice,
    ListDevices,
)
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.open_session import OpenSession
from rempart.usecases.p256_keys import kid_at
from rempart.usecases.ports import Site, Software

SHOWN = 100
"""Devices on one page: with the longest names, it still fits a frame."""


@dataclass(slots=True)
class EnrolDevices:
    """``devices`` is a fold over the ledger."""

    devices: Devices
    sessions: OpenSession
    ledger: KeepLedger

    def enrol(self, wanted: EnrolDevice) -> DeviceShown:
        """Enrol one.

        Raises:
            NotSignedIn, AccountContained, CutOffStands: (1) does not hold.
            MalformedIdentifier, NotAllowed: nor (2), or no such site, or nobody decides.
            TemporarilyUnavailable: it could not be written: nothing has changed.
        """
        site, by = self._decides(wanted, wanted.site)  # (1)
        if site is None:
            raise MalformedIdentifier("site", "no such site here")
        key_id = kid_at(wanted.point, "device")
        device = Device(site=site.number, key_id=key_id, point=wanted.point, since=0, by=by)
        self.devices.check_room(device, self.ledger.stamp())  # (2)
        self.ledger.act(EntryType.DECISION, device.enrolled_codes())  # (3)
        enrolled = self.devices.find(key_id)
        assert enrolled is not None
        return _row(enrolled, site.site)

    def end(self, wanted: EndDevice) -> None:
        """Take one out.

        Raises:
            NotSignedIn, AccountContained, CutOffStands: (1) does not hold.
            MalformedIdentifier: no such device serves, at this site.
            TemporarilyUnavailable: it could not be written: nothing has changed.
        """
        site, by = self._decides(wanted, "")
        device = self._found(wanted.device)
        if device is None or device.until or (site is not None and site.number != device.site):
            raise MalformedIdentifier("device", "no device of this key serves here")
        self.ledger.act(EntryType.DECISION, ended_codes(device, by))  # (4)

    def shown(self, wanted: ListDevices) -> DevicesShown:
        """Those that serve; a software sees those of its own site."""
        site = self._decides(wanted, wanted.site, shows=True)[0]
        sites = self.sessions.registered.sites.values() if site is None else [site]
        names = {each.number: each.site for each in sites}
        found = self.devices.serving(0 if site is None else site.number)
        page = found[wanted.first : wanted.first + SHOWN]
        rows = [_row(each, names.get(each.site, "")) for each in page]
        return DevicesShown(tuple(rows), len(found))

    def _decides(
        self, wanted: EnrolDevice | EndDevice | ListDevices, site: str, *, shows: bool = False
    ) -> tuple[Site | None, str]:
        """The site it is about, if one, and who decides: a software by its number."""
        sites = self.sessions.registered.sites
        if not wanted.token:
            if site and site not in sites:
                raise MalformedIdentifier("site", "no such site here")
            by = "" if shows else officer_named(getattr(wanted, "by", ""))
            return sites.get(site), by
        now = self.ledger.stamp()
        session = self.sessions.caller(wanted, now)
        if not isinstance(session.account, Software):
            raise NotAllowed("a software does this, at its own site")
        self.sessions.check_cut(session, now)
        stage = self.sessions.guard.stage(session.account.number)
        if stage >= Stage.FROZEN:
            raise AccountContained("this account is frozen")
        if stage >= Stage.NARROWED and isinstance(wanted, EnrolDevice):
            raise NotAllowed("a narrowed account enrols no device")
        return session.site, str(session.account.number)

    def _found(self, device: str) -> Device | None:
        try:
            return self.devices.find(bytes.fromhex(device))
        except ValueError:
            raise MalformedIdentifier("device", "expected hexadecimal") from None


def _row(device: Device, site: str) -> DeviceShown:
    return DeviceShown(device.key_id.hex(), site, device.since, device.by)
