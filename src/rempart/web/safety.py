"""Headers of every response: what a browser must not do with our pages.

Scripts and styles are files of this origin, never text of a page; nothing is asked of a third
party; no page is framed, kept, or told about in a ``Referer``. Forms are sent by scripts alone
(``form-action 'none'``): without them, what is typed goes nowhere rather than into an address.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rempart.serving.policy import OWN_FILES

POLICY = "; ".join([*OWN_FILES, "frame-ancestors 'none'", "trusted-types 'none'"])
PERMISSIONS = ", ".join(
    [
        "camera=(self)",
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
        "geolocation=()",
        "microphone=()",
        "payment=()",
        "usb=()",
    ]
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", PERMISSIONS.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class SafetyHeaders:
    """Wraps the application; every response has them, also one about an error.

    A page that brings a policy of its own keeps it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *[header for header in HEADERS if header[0] not in own],
                ]
            await send(message)

        await self._app(scope, receive, guarded)
