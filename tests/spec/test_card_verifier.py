"""The card verifier in JavaScript: the same vectors, the same steps, and it agrees with Python."""

import json
from pathlib import Path

import pytest

from tests.node import running_node

title = "The card verifier in JavaScript"

VECTORS = Path(__file__).parents[2] / "specs/vectors"
CARDS = json.loads((VECTORS / "card.json").read_text("utf-8"))
OFFLINE = json.loads((VECTORS / "verification.json").read_text("utf-8"))
POINT = CARDS["key"]["public"][-130:]


@pytest.fixture(scope="module")
def node():
    with running_node() as running:
        yield running


def read(node, code, on=None):
    key = CARDS["key"]
    return node.ask("card", point=POINT, kid=key["key_id"], issuer=key["issuer"], code=code, on=on)


def begun(node):
    node.ask("begin", operator=OFFLINE["operator"])
    for data in OFFLINE["lists"]:
        assert node.ask("take", data=data, now=OFFLINE["now"]) == {"told": "new"}


# The published vectors


@pytest.mark.parametrize("vector", CARDS["cards"], ids=lambda vector: vector["name"])
def test_the_published_codes_hold(node, vector):
    told = read(node, vector["code"], vector["valid_from"])["told"]
    assert told == {name: vector[name] for name in told}
    assert {"amc", "secret", "domains", "valid_to", "guarantees"} <= set(told)


@pytest.mark.parametrize("vector", CARDS["refused"], ids=lambda vector: vector["name"])
def test_the_published_refusals_hold_at_their_step(node, vector):
    assert read(node, vector["code"], vector["on"]) == {"refused": vector["step"]}


def test_the_published_verdicts_hold(node):
    begun(node)
    for reopened in (False, True):
        if reopened:
            node.ask("again", noise=["00", OFFLINE["lists"][0]])
        for vector in OFFLINE["cards"]:
            asked = {name: vector[name] for name in ("code", "on", "domain", "now")}
            told = node.ask("verify", **asked)["told"]
            expected = {
                name: vector[name] for name in ("finding", "step", "insurer", "mode", "list_made")
            }
            assert told | expected == told, vector["name"]


def test_the_published_refusals_of_lists_hold_and_change_nothing(node):
    begun(node)
    before = node.ask("kept")
    for vector in OFFLINE["refused_lists"]:
        told = node.ask("take", data=vector["data"], now=vector["now"])
        assert told == {"refused": vector["step"]}, vector["name"]
        assert node.ask("kept") == before, vector["name"]


def test_the_operators_old_key_ends_with_the_first_list_of_the_next(node):
    begun(node)
    for vector in OFFLINE["turned"]:
        told = node.ask("take", data=vector["data"], now=OFFLINE["now"])
        assert told == ({"told": "new"} if vector["taken"] else {"refused": "signed"})
