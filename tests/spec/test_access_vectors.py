"""``specs/vectors/access.json``: what other people's readers must agree with."""

from __future__ import annotations

import base64
import json
from io import BytesIO

import msgspec

from rempart.tlog.note import NoteVerifier
from rempart.usecases.access_answer import digest_of, open_answer, read_answered
from rempart.usecases.access_request import read_request, request_digest
from tests.access_vectors import PLACE, vectors

title = "Who read these members, as published"

V = json.loads(PLACE.read_text("utf-8"))
VAULT = NoteVerifier.parse(V["vault"])


def test_what_is_written_now_is_what_is_published():
    assert vectors() == V


def test_the_request_reads_and_has_its_digest():
    keys = {V["amc"]: bytes.fromhex(V["feed_key"])}
    request = read_request(V["request"], VAULT.name, keys.get)
    assert request_digest(VAULT.name, request) == V["request_digest"]


def test_the_answer_is_signed_opens_and_says_what_is_published():
    sealed = base64.b64decode(V["answer_sealed"])
    answered = read_answered(V["answer_note"], VAULT)
    assert (answered.request, answered.sealed) == (V["request_digest"], digest_of(sealed))
    private = bytes.fromhex(V["dossier_key_private"])
    answer = open_answer(BytesIO(sealed).read, private=private)
    assert json.loads(msgspec.json.encode(answer)) == V["answer"]
