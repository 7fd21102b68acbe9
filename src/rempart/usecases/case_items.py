"""What persons have said of a case, in their words, and what accounts did, by their names.

For whoever may read it: the authority, the prosecutor. It never goes to an insurer.
"""

from collections.abc import Collection, Iterator

from rempart.domain.finding import Finding
from rempart.domain.hands import whose_deed
from rempart.domain.incident_words import Did
from rempart.usecases.incident_labels import KINDS
from rempart.usecases.paper import Item, Said, alike, figure, moment, told
from rempart.usecases.read_incidents import Case, Statement
from rempart.usecases.rights_words import WHOSE
from rempart.usecases.state_finding import ACCEPTED, PROPOSED

GONE: Said = ("paroles perdues ou changées", "words gone or changed")


def statement_items(case: Case, kinds: Collection[Did]) -> Iterator[Item]:
    """What was said of some kinds, in the ledger's order."""
    for each in case.statements:
        if each.told.did in kinds:
            yield statement_item(each)


def statement_item(each: Statement) -> Item:
    """One: when it is about, who says so from whom, and the entry that bears it out."""
    about = each.told.number("at") or each.told.at
    kind, said_at = KINDS[each.told.did], moment(each.told.at)
    when = moment(about)
    return told(
        f"entry-{each.told.ref}",
        (f"{when[0]}, {kind[0]}", f"{when[1]}, {kind[1]}"),
        *words_of(each),
        (
            f"dit par {each.told.by} le {said_at[0]}, entrée {each.told.ref}",
            f"said by {each.told.by} at {said_at[1]}, entry {each.told.ref}",
        ),
        value=about,
    )


def words_of(each: Statement) -> Iterator[Said]:
    """The words, their source, their reference, the reasons of a delay; or that they are gone."""
    if each.words is None:
        yield GONE
        return
    # The one text that we say in a person's place is in both languages.
    yield ACCEPTED if each.words.text == PROPOSED else alike(each.words.text)
    for label, text in (
        (("source", "source"), each.words.source),
        (("référence", "reference"), each.words.reference),
        (("motifs du retard", "why it is late"), each.words.late),
    ):
        if text:
            yield f"{label[0]} : {text}", f"{label[1]}: {text}"


def deed_items(case: Case, finding: Finding) -> Iterator[Item]:
    """What the accounts did besides asking, by name and number, and whose it was."""
    for each in case.deeds:
        name, when = case.names.get(each.account, f"n° {each.account}"), moment(each.at)
        euros, cents = divmod(each.cents, 100)
        owed = (f", {figure(euros)},{cents:02}\u00a0€", f", €{euros:,}.{cents:02}")
        due = owed if each.cents else ("", "")
        by = WHOSE[whose_deed(finding, each.account, case.sessions)]
        yield told(
            f"deed-{each.ref}",
            (f"{when[0]}, acte", f"{when[1]}, deed"),
            (
                f"{name} : {each.kind.french}, n° {each.ref}{due[0]}",
                f"{name}: {each.kind.english}, no. {each.ref}{due[1]}",
            ),
            (f"par : {by[0]}", f"by: {by[1]}"),
            value=each.at,
        )


def reference_of(case: Case, clock: str, amc: int = 0) -> str:
    """The reference of the receipt of what was done for a clock, if one was noted."""
    for each in reversed(case.statements):
        of_clock = each.told.codes.get("clock") == clock and each.told.number("amc") == amc
        if each.told.did is Did.CLOCK and of_clock and each.words is not None:
            return each.words.reference
    return ""


def late_of(case: Case, clock: str) -> str:
    """The reasons of a delay that somebody gave, for a clock or for awareness."""
    for each in reversed(case.statements):
        of_clock = each.told.did is Did.CLOCK and each.told.codes.get("clock") == clock
        if (of_clock or each.told.did is Did.AWARE) and each.words is not None and each.words.late:
            return each.words.late
    return ""
