"""``POST /fhir/Claim``: the intake's door. It needs no vault, no gateway and no portal.

(1) who sends, by the certificate that the connection showed;
(2) the claim, read by shape;
(3) unless claims, or agreements, are cut, or were when the vault last spoke. Where it never has,
    they are taken in: what is kept is judged by what the ledger says afterwards;
(4) kept, durably, or found; then said.
"""

from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from rempart.api.application import Lifespan, fhir_door
from rempart.api.bridge import send_refusal
from rempart.api.claim import read_claim
from rempart.api.claim_response import write_response
from rempart.api.elements import FHIR_JSON
from rempart.api.eligibility import check_media
from rempart.domain.claim import Claim, Use
from rempart.domain.cutoff_words import Channel
from rempart.domain.errors import RempartError
from rempart.serving.cut_offs import Switches
from rempart.serving.declined import shown_for
from rempart.serving.exchange import body_of, headers_of, send_whole
from rempart.serving.pages import send_health
from rempart.serving.status import ReadStatus, TellStatus
from rempart.usecases.claim_ports import Receipt
from rempart.usecases.cut_off_ports import IntakeUp
from rempart.usecases.look_at_intake import LookAtIntake
from rempart.usecases.ports import Clock
from rempart.usecases.read_cut_offs import Rows
from rempart.usecases.take_claims import TakeClaims

CHANNELS = {
    Use.CLAIM: Channel.BILLING,
    Use.AGREEMENT: Channel.AGREEMENT,
    Use.VERIFICATION: Channel.BILLING,
}


@dataclass(frozen=True, slots=True)
class TellReady:
    """``GET /health``: up while a claim can be kept. Says no more: anybody may read it."""

    here: IntakeUp = field(repr=False)
    instance: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look, and say."""
        await send_health(send, up=await self.here.answers(), instance=self.instance)


@dataclass(frozen=True, slots=True)
class TakeClaim:
    """The endpoint, as an ASGI application."""

    take: TakeClaims = field(repr=False)
    rows: Rows = field(repr=False)
    clock: Clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one claim."""
        try:
            claim, receipt = await self._taken(scope, receive)
        except RempartError as error:
            await send_refusal(send, shown_for(error))
            return
        status, body = write_response(claim, receipt)
        await send_whole(send, body, status=status, media=FHIR_JSON)

    async def _taken(self, scope: Scope, receive: Receive) -> tuple[Claim, Receipt]:
        headers = headers_of(scope)
        biller = await self.take.biller(scope["state"].get("certificate", b""))  # (1)
        check_media(headers)
        claim = read_claim(await body_of(headers, receive))  # (2)
        switches = Switches(self.rows, self.clock, CHANNELS[claim.use], shut_unread=False)
        if (cut := await switches.over_way()) is not None:  # (3)
            raise cut
        return claim, await self.take(biller, claim)  # (4)


def intake(
    take: TakeClaims,
    *,
    instance: str,
    clock: Clock,
    rows: Rows,
    lifespan: Lifespan | None = None,
) -> Starlette:
    """The intake's application. ``instance`` names the installation in every response (ASCII);
    ``rows`` says what is cut. Whoever shows no certificate reads ``/status`` and ``/health``.
    """
    claim, here = TakeClaim(take, rows, clock), LookAtIntake(take.queue.ready)
    routes = [
        Route("/fhir/Claim", claim, methods=["POST"]),
        Route("/fhir/Claim/$submit", claim, methods=["POST"]),
        Route("/status", TellStatus(ReadStatus(rows, clock, here)), methods=["GET"]),
        Route("/health", TellReady(here, instance), methods=["GET"]),
    ]
    return fhir_door(routes, door="billing", instance=instance, lifespan=lifespan)
