"""What was attested, as plain values: for a file, an inspector's program, an incident's papers.

Times are ISO 8601 in Paris, and microseconds beside them; digests are hexadecimal.
"""

from collections.abc import Mapping
from typing import Any

from rempart.domain.attestation import Attestation, Change
from rempart.domain.day_ranges import ranges
from rempart.domain.incident import Incident
from rempart.domain.measure import STATES, Label, State, catalogue
from rempart.domain.paris import civil
from rempart.usecases.breach_items import MeasureSaid
from rempart.usecases.read_measures import (
    AttestedMeasure,
    MeasuresAt,
    MeasuresBetween,
    ReadMeasures,
)

WHYS: Mapping[str, Label] = {
    "not-built": ("pas construite", "not built"),
    "elsewhere": ("rien ici ne peut la voir : à dire par des personnes", "nothing here can see it"),
    "left-out": ("contrôle laissé de côté", "check left out"),
    "nothing-yet": ("rien à voir encore", "nothing to see yet"),
    "not-on-this-host": ("pas sur cette machine", "not on this host"),
    "no-key-here": ("aucune clé ici", "no key here"),
    "vault-away": ("le coffre ne répond pas", "the vault is away"),
    "database-away": ("base injoignable", "the database is away"),
    "too-many-files": ("trop de fichiers à regarder", "too many files to look at"),
}


def why_of(code: str) -> Label:
    """Why a check could not be made, in words; another code, an error's, stands for itself."""
    return WHYS.get(code, (f"contrôle impossible ({code})", f"check impossible ({code})"))


def state_name(state: State | None) -> str:
    """How a program reads it; empty where a measure was of no edition."""
    return "" if state is None else state.name.lower().replace("_", "-")


def time_of(at: int) -> str:
    """ISO 8601, to the second."""
    return civil(at).isoformat(timespec="seconds")


def at_json(said: MeasuresAt) -> dict[str, Any]:
    """What was in force at a moment."""
    return {
        "asked": time_of(said.asked),
        "attestation": attestation_json(said.attestation),
        "age_seconds": said.age // 1_000_000,
        "days_without_attestation": [day.isoformat() for day in said.without],
        "evidence_sound": said.sound,
        "measures": [measure_json(each) for each in said.measures],
        **_asked_for(said.attestation.edition),
    }


def _asked_for(edition: int) -> dict[str, Any]:
    said = catalogue(edition)
    return {
        "gdpr_32_1": {name: _both(label) for name, label in said.article.items()},
        "cnil_2025": {name: _both(label) for name, label in said.cnil.items()},
    }


def _both(label: Label) -> dict[str, str]:
    french, english = label
    return {"french": french, "english": english}


def attestation_json(said: Attestation) -> dict[str, Any]:
    """Its entry, its time, where its evidence lies."""
    return {
        "entry": said.ref,
        "at": time_of(said.at),
        "microseconds": said.at,
        "edition": said.edition,
        "evidence": said.evidence.hex(),
    }


def measure_json(said: AttestedMeasure) -> dict[str, Any]:
    """One measure."""
    return {
        "code": said.code,
        "french": said.french,
        "english": said.english,
        "against": _both(said.against),
        "state": state_name(said.state),
        "state_french": STATES[said.state][0],
        "since": time_of(said.since),
        "promise": said.promise,
        "gdpr_32_1": list(said.article),
        "cnil_2025": list(said.cnil),
        "facts": dict(said.facts),
        "why": said.why,
    }


def between_json(said: MeasuresBetween) -> dict[str, Any]:
    """What changed in a span."""
    return {
        "since": time_of(said.since),
        "until": time_of(said.until),
        "before": None if said.before is None else attestation_json(said.before),
        "attestations": [attestation_json(each) for each in said.within],
        "changes": [_change_json(said, each) for each in said.changes],
        "days_without_attestation": [
            {"first": first.isoformat(), "last": last.isoformat()}
            for first, last in ranges(said.without)
        ],
        "incidents": [_incident_json(each) for each in said.incidents],
        "evidence_gone_or_changed": list(said.broken),
    }


def _change_json(between: MeasuresBetween, said: Change) -> dict[str, Any]:
    kind = "gained" if said.gained else "lost" if said.lost else "unknown"
    return {
        "code": said.code,
        "before": state_name(said.before),
        "after": state_name(said.after),
        "kind": kind,
        "seen_before": time_of(said.since),
        "seen_after": time_of(said.at),
        "entry": said.ref,
        "days_without_attestation": said.gap,
        "during_incidents": [each.ref for each in between.in_reaction(said)],
    }


def _incident_json(said: Incident) -> dict[str, Any]:
    return {
        "incident": said.ref,
        "opened": time_of(said.opened),
        "closed": time_of(said.closed) if said.closed else None,
        "exercise": said.exercise,
    }


def measures_at(read: ReadMeasures, asked: int) -> tuple[MeasureSaid, ...]:
    """For papers: what was attested last at or before a moment; empty where nothing was by then.
    How old it is, whoever prints it says: its time may be days before ``asked``.

    Raises:
        MalformedIdentifier: it is in the future.
        IntegrityBroken: the ledger holds what no vault would have written.
    """
    said = read.known_at(asked)
    if said is None:
        return ()
    return tuple(
        MeasureSaid(
            code=each.code,
            french=each.french,
            english=each.english,
            state=state_name(each.state),
            at=said.attestation.at,
            entry=said.attestation.ref,
        )
        for each in said.measures
    )


def measures_gained(read: ReadMeasures, incident: Incident, until: int) -> tuple[MeasureSaid, ...]:
    """For papers: what came into force, whole or in part, while an incident was open, and still is
    at a moment; as it is attested then. In reaction or not, people say.

    Raises:
        MalformedIdentifier: it is in the future.
        IntegrityBroken: the ledger holds what no vault would have written.
    """
    if read.known_at(until) is None:
        return ()
    last = {each.code: each for each in read.between(incident.opened, until).changes}
    gained = {code for code, each in last.items() if each.gained and each.within(incident)}
    return tuple(each for each in measures_at(read, until) if each.code in gained)
