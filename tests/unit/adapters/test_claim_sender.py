"""Claims on their way to an intake: what is said when they are not acknowledged."""

from __future__ import annotations

import httpx2
import pytest

from rempart.adapters.claim_sender import TRIES, ClaimSender, NotAcknowledged, Stands
from rempart.domain.errors import TemporarilyUnavailable
from tests.bills import CLAIM

title = "Claims that are not acknowledged"


def outcome(code: str) -> dict[str, object]:
    issue = {"details": {"coding": [{"code": code}]}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


class Intake:
    """Gives each reply in turn, then the last one; a reply that is none hangs up."""

    def __init__(self, *replies: httpx2.Response | None) -> None:
        self.replies, self.calls = replies, 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        reply = self.replies[min(self.calls, len(self.replies) - 1)]
        self.calls += 1
        if reply is None:
            raise httpx2.ConnectError("gone", request=request)
        return reply

    @property
    def sender(self) -> ClaimSender:
        made = object.__new__(ClaimSender)
        made._http = httpx2.Client(base_url="https://intake", transport=httpx2.MockTransport(self))
        return made


def code_of(intake: Intake) -> str:
    with intake.sender as send, pytest.raises(NotAcknowledged) as caught:
        send(CLAIM)
    return caught.value.code


def test_what_is_cut_is_told_and_not_asked_again_at_once():
    intake = Intake(httpx2.Response(503, json=outcome("cut-off")))
    assert code_of(intake) == "cut-off"
    assert intake.calls == 1


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (httpx2.Response(503, json=outcome("unavailable")), "unavailable"),
        (httpx2.Response(500, json=outcome("internal")), "internal"),
        (httpx2.Response(502, text="<html>"), TemporarilyUnavailable.code),
        (httpx2.Response(502, json=["no", "outcome"]), TemporarilyUnavailable.code),
        (None, TemporarilyUnavailable.code),
    ],
)
def test_another_failure_is_called_by_its_name_and_tried_again(reply, code):
    intake = Intake(reply)
    assert code_of(intake) == code
    assert intake.calls == TRIES


def test_a_claim_is_acknowledged_once_the_intake_is_back():
    intake = Intake(None, httpx2.Response(409, json=outcome("number-reused")))
    with intake.sender as send:
        assert send(CLAIM) == Stands("number-reused")
