"""The examples of the documents are questions that this door reads."""

import json
import re
from pathlib import Path

from rempart.api.elements import Element
from rempart.api.question import read_question
from rempart.usecases.messages import CardShown, Sealed, Typed

PAGE = (Path(__file__).parents[3] / "docs/reference/fhir.md").read_text()
CARD, PRINTED, DATE, SEALED = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_with_a_card_reads():
    # The ellipsis stands for the code of a card.
    question = read_question(CARD.replace("…", "A").encode())
    assert question.shown == CardShown("RP1:A")


def test_the_example_with_what_is_printed_reads():
    card = json.loads(CARD)
    question = read_question(json.dumps(card | json.loads(PRINTED)).encode())
    assert question.shown == Typed("75001234", "ADH0012345", "1963-04-17", "1", "7K3M-9QXT")


def test_the_example_of_a_printed_date_reads():
    request = json.loads(CARD) | json.loads(PRINTED)
    patient = request["contained"][1]
    del patient["birthDate"]
    patient |= json.loads("{" + DATE + "}")
    shown = read_question(json.dumps(request).encode()).shown
    assert isinstance(shown, Typed)
    assert shown.birth_date == "00/00/1963"


def test_the_example_with_a_sealed_presence_reads():
    request = json.loads(CARD) | json.loads(SEALED.replace("…", ""))
    assert read_question(json.dumps(request).encode()).shown == (Sealed(bytes(9)),)


def test_no_element_tells_its_content():
    hidden = [kind for kind in Element.__subclasses__() if kind.__repr__ is not Element.__repr__]
    assert hidden == []
