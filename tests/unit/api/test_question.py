"""The rules of a question, one by one: the element named, the rule said."""

import copy
import json

import pytest

from rempart.api.question import read_question
from rempart.drill.software import eligibility_request, sealed_request
from rempart.serving.declined import Declined
from rempart.usecases.messages import Sealed, Typed
from tests.scripted_door import CARD, CARE_DATE, CODE

CREATED = "2026-11-23T09:00:00Z"
AMC = "urn:rempart:amc"
THIS = "urn:rempart:this-question"
COVERAGE, PATIENT = ("contained", 0), ("contained", 1)
CARD_CODE = {"system": "urn:rempart:card-code", "value": CODE}
GONE = ...


def identified(system, value):
    return {"identifier": {"system": system, "value": value}}


def changed(request, *changes):
    request = copy.deepcopy(request)
    for (*path, last), value in changes:
        place = request
        for step in path:
            place = place[step]
        if value is GONE:
            del place[last]
        else:
            place[last] = copy.deepcopy(value)
    return json.dumps(request).encode()


TYPED = eligibility_request(CARD, ["PHAR"], CARE_DATE, created=CREATED)
SHOWN = eligibility_request(CODE, ["PHAR"], CARE_DATE, created=CREATED)
CODE_CONTAINED = json.loads(
    changed(
        TYPED,
        (("contained",), [TYPED["contained"][0]]),
        ((*COVERAGE, "identifier"), [CARD_CODE]),
        ((*COVERAGE, "subscriberId"), GONE),
        ((*COVERAGE, "dependent"), GONE),
        ((*COVERAGE, "beneficiary"), identified(THIS, "beneficiary")),
    )
)

SEALED = sealed_request([b"\xfb" * 408], ["PHAR"], CARE_DATE, created=CREATED)
SEVERAL = sealed_request([b"1", b"2", b"3"], ["PHAR", "LPPS", "OPTI"], CARE_DATE, created=CREATED)
VALUE = (*COVERAGE, "identifier", 0, "value")


@pytest.mark.parametrize(
    ("request_", "changes", "element"),
    [
        # Shape.
        (SHOWN, [(("resourceType",), GONE)], ""),
        (SHOWN, [(("resourceType",), "Claim")], ".resourceType"),
        (SHOWN, [(("status",), "draft")], ".status"),
        (SHOWN, [(("purpose",), [])], ".purpose"),
        (SHOWN, [(("purpose",), ["discovery"])], ".purpose[0]"),
        (SHOWN, [(("servicedDate",), GONE)], ""),
        (SHOWN, [(("servicedDate",), "2026-02-30")], ".servicedDate"),
        (SHOWN, [(("servicedDate",), "2026-11")], ".servicedDate"),
        (SHOWN, [(("servicedPeriod",), {"start": "2026-11-23"})], ".servicedPeriod"),
        (SHOWN, [(("created",), "today")], ".created"),
        (SHOWN, [(("provider",), identified("https://rpps.esante.gouv.fr", "1"))], ".provider"),
        (SHOWN, [(("insurance",), [SHOWN["insurance"][0]] * 2)], ".insurance"),
        (SHOWN, [(("item",), [])], ".item"),
        (SHOWN, [(("item",), SHOWN["item"] * 16)], ".item"),
        (SHOWN, [(("item", 0, "quantity"), {"value": 1})], ".item[0].quantity"),
        (
            SHOWN,
            [(("item", 0, "category", "coding", 0, "code"), "PHARMACY")],
            ".item[0].category.coding[0].code",
        ),
        (
            SHOWN,
            [(("item", 0, "category", "coding", 0, "display"), "Pharmacie")],
            ".item[0].category.coding[0].display",
        ),
        (SHOWN, [(("contained",), TYPED["contained"] * 2)], ".contained"),
        # Each domain once.
        (SHOWN, [(("item",), SHOWN["item"] * 2)], ".item"),
        # References hold nothing else.
        (SHOWN, [(("patient",), {"reference": "Patient/42"})], ".patient.reference"),
        (SHOWN, [(("patient",), {"reference": "#beneficiary"})], ".patient"),
        (SHOWN, [(("patient",), {"display": "x"})], ".patient.display"),
        (SHOWN, [(("patient",), {})], ".patient"),
        (SHOWN, [(("patient",), identified("urn:oid:1.2.250.1.213.1.4.8", "1"))], ".patient"),
        (SHOWN, [(("patient",), identified(THIS, "ADH7741936"))], ".patient"),
        (
            SHOWN,
            [(("patient",), identified(THIS, "beneficiary") | {"reference": "#x"})],
            ".patient",
        ),
        (SHOWN, [(("insurer",), identified(AMC, "Mutuelle de X"))], ".insurer"),
        (SHOWN, [(("insurer",), identified(THIS, "beneficiary"))], ".insurer"),
        (SHOWN, [(("insurer",), {"reference": "#insurer"})], ".insurer"),
        # A card code comes alone.
        (
            SHOWN,
            [(("insurance", 0, "coverage"), identified("urn:rempart:printed-key", "7K3M9QXT"))],
            ".insurance[0].coverage.identifier.system",
        ),
        (SHOWN, [(("insurance", 0, "coverage", "reference"), "#card")], ".contained"),
        (SHOWN, [(("contained",), TYPED["contained"])], ".contained"),
        (SHOWN, [(("insurance", 0, "coverage"), {})], ".insurance[0].coverage"),
        (CODE_CONTAINED, [((*COVERAGE, "subscriberId"), "A1")], ".contained[0].subscriberId"),
        (CODE_CONTAINED, [((*COVERAGE, "dependent"), "1")], ".contained[0].dependent"),
        (
            CODE_CONTAINED,
            [(("contained",), [CODE_CONTAINED["contained"][0], TYPED["contained"][1]])],
            ".contained",
        ),
        # What is sealed comes alone, once a domain, in one spelling, and without its insurer.
        (SEALED, [((*COVERAGE, "subscriberId"), "A1")], ".contained[0].subscriberId"),
        (SEALED, [((*COVERAGE, "dependent"), "1")], ".contained[0].dependent"),
        (
            SEALED,
            [(("contained",), [SEALED["contained"][0], TYPED["contained"][1]])],
            ".contained",
        ),
        (SEALED, [(("insurer",), identified(AMC, "75001234"))], ".insurer"),
        (SEALED, [((*COVERAGE, "payor"), [identified(AMC, "75001234")])], ".contained[0].payor[0]"),
        (SEALED, [(VALUE, "A")], ".contained[0].identifier[0].value"),
        (SEALED, [(VALUE, "AA==")], ".contained[0].identifier[0].value"),
        (SEALED, [(VALUE, "A+/A")], ".contained[0].identifier[0].value"),
        (SEALED, [(VALUE, "A A A")], ".contained[0].identifier[0].value"),
        (SEALED, [((*COVERAGE, "identifier"), [CARD_CODE] * 2)], ".contained[0].identifier"),
        (SEALED, [((*COVERAGE, "identifier"), [CARD_CODE] * 16)], ".contained[0].identifier"),
        (
            SEALED,
            [
                (
                    ("insurance", 0, "coverage"),
                    {"identifier": SEALED["contained"][0]["identifier"][0]},
                ),
                (("contained",), []),
            ],
            ".insurance[0].coverage.identifier.system",
        ),
        (SEVERAL, [(("item",), SEVERAL["item"][:2])], ".contained[0].identifier"),
        (
            SEVERAL,
            [(("item",), [*SEVERAL["item"], *SHOWN["item"]])],
            ".contained[0].identifier",
        ),
        (
            SEVERAL,
            [((*COVERAGE, "identifier", 1), CARD_CODE)],
            ".contained[0].identifier[1].system",
        ),
        (
            TYPED,
            [((*COVERAGE, "identifier"), TYPED["contained"][0]["identifier"] * 2)],
            ".contained[0].identifier",
        ),
        # What is printed comes whole.
        (TYPED, [(("contained",), [TYPED["contained"][0]] * 2)], ".contained"),
        (TYPED, [(("insurance", 0, "coverage", "reference"), "#other")], ".insurance[0].coverage"),
        (TYPED, [((*COVERAGE, "subscriberId"), GONE)], ".contained[0].subscriberId"),
        (TYPED, [((*COVERAGE, "dependent"), GONE)], ".contained[0].dependent"),
        (TYPED, [((*COVERAGE, "period"), {"end": "2026"})], ".contained[0].period"),
        (
            TYPED,
            [((*COVERAGE, "payor"), [identified(THIS, "insurer")])],
            ".contained[0].payor[0].identifier",
        ),
        (TYPED, [(("insurer",), identified(AMC, "75009999"))], ".insurer"),
        (
            TYPED,
            [((*COVERAGE, "identifier"), [{"system": "urn:other", "value": "1"}])],
            ".contained[0].identifier[0].system",
        ),
        (
            TYPED,
            [((*COVERAGE, "beneficiary"), {"reference": "#someone"})],
            ".contained[0].beneficiary",
        ),
        (
            TYPED,
            [
                (("contained",), [TYPED["contained"][0]]),
                ((*COVERAGE, "beneficiary"), identified(THIS, "beneficiary")),
            ],
            ".contained",
        ),
        (TYPED, [((*PATIENT, "birthDate"), GONE)], ".contained[1].birthDate"),
        (
            TYPED,
            [
                (
                    (*PATIENT, "_birthDate"),
                    {
                        "extension": [
                            {"url": "urn:rempart:printed-birth-date", "valueString": "19630231"}
                        ]
                    },
                )
            ],
            ".contained[1].birthDate",
        ),
        (
            TYPED,
            [
                (
                    (*PATIENT, "_birthDate"),
                    {"extension": [{"url": "urn:other", "valueString": "1963"}]},
                )
            ],
            ".contained[1]._birthDate.extension[0].url",
        ),
    ],
)
def test_a_rule_and_the_element_it_names(request_, changes, element):
    with pytest.raises(Declined) as refused:
        read_question(changed(request_, *changes))

    assert refused.value.code == "malformed"
    assert refused.value.expression == f"CoverageEligibilityRequest{element}"
    assert refused.value.detail


@pytest.mark.parametrize(
    ("request_", "changes"),
    [
        (SHOWN, [(("id",), "q-1"), (("meta",), {"profile": ["urn:x"], "lastUpdated": CREATED})]),
        (SHOWN, [(("insurer",), identified(AMC, "75001234"))]),
        (SHOWN, [(("insurance", 0, "focal"), True)]),
        (CODE_CONTAINED, []),
        (TYPED, [(("patient",), {"reference": "#beneficiary", "type": "Patient"})]),
        (TYPED, [(("insurer",), identified(AMC, "75001234"))]),
        (TYPED, [(("contained",), TYPED["contained"][::-1])]),
    ],
)
def test_what_clients_may_write_otherwise(request_, changes):
    assert read_question(changed(request_, *changes)).domains == ["PHAR"]


@pytest.mark.parametrize("printed", ["1963", "1963-04", "19630231", "00/00/1963", "31/02/1963"])
def test_a_date_that_no_calendar_has_is_relayed_as_printed(printed):
    url = "urn:rempart:printed-birth-date"
    said = {"extension": [{"url": url, "valueString": printed}]}

    question = read_question(
        changed(TYPED, ((*PATIENT, "birthDate"), GONE), ((*PATIENT, "_birthDate"), said))
    )

    assert isinstance(question.shown, Typed)
    assert question.shown.birth_date == printed


def test_a_question_hides_what_the_patient_brought():
    question = read_question(json.dumps(TYPED).encode())
    assert "ADH7741936" not in repr(question)
    assert "1963" not in repr(question)


def test_what_is_sealed_is_read_as_bytes_one_a_domain():
    question = read_question(json.dumps(SEVERAL).encode())
    assert [question.shown_for(number) for number in range(3)] == [
        Sealed(b"1"),
        Sealed(b"2"),
        Sealed(b"3"),
    ]
    assert read_question(json.dumps(SEALED).encode()).shown == (Sealed(b"\xfb" * 408),)
