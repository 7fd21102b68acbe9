"""What is asked of the vault about devices, and what it shows of them.

A software enrols at its own site, in its session. Without one, only the vault's own user may ask,
and then ``site`` names the site and ``by`` who decides. ``device`` is the id of its key, in
hexadecimal; ``point`` its public key, 65 bytes.
"""

from rempart.usecases.message import Message


class EnrolDevice(Message, frozen=True, tag="enrol-device"):
    """Let a device bind insurers while its site is cut off, from now on."""

    point: bytes
    site: str = ""
    by: str = ""
    token: bytes = b""
    certificate: bytes = b""
    proof: str = ""


class EndDevice(Message, frozen=True, tag="end-device"):
    """It does so no more: what it signs from now on binds nobody."""

    device: str
    by: str = ""
    token: bytes = b""
    certificate: bytes = b""
    proof: str = ""


class ListDevices(Message, frozen=True, tag="list-devices"):
    """Those that serve: of the caller's site; or of ``site``, or of all from ``first`` on."""

    site: str = ""
    first: int = 0
    token: bytes = b""
    certificate: bytes = b""
    proof: str = ""


class DeviceShown(Message, frozen=True, tag="device"):
    """One device, and when it was enrolled (microseconds)."""

    device: str
    site: str
    since: int
    by: str


class DevicesShown(Message, frozen=True, tag="devices"):
    """Devices in the order in which they came; ``total`` of them."""

    devices: tuple[DeviceShown, ...]
    total: int


DeviceRequest = EnrolDevice | EndDevice | ListDevices
DeviceReply = DeviceShown | DevicesShown
