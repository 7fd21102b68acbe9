"""Activities of a professional, as Pro Santé Connect tells them; one is chosen at sign-in.

A professional may work at several sites (``SubjectRefPro.exercices[].activities[]``). A site is
known by the first identifier that is there and well formed: FINESS, then SIRET, then the technical
identifier of the structure, which is all that many practices have.

What is read here is a proposal: it says where somebody works according to the directory. Which
sites may ask at all is for the platform's own registry to say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rempart.domain.errors import MalformedIdentifier, SignInRefused
from rempart.domain.hidden import Hidden
from rempart.domain.identifiers import SiteId
from rempart.domain.sign_in import Doubt

ACTIVITIES_MAX = 200
"""Nobody works at more sites; more is not a person."""

TEXT_MAX = 128

SITE_CLAIMS = (
    ("FINESS", "numeroFinessSite"),
    ("SIRET", "numeroSiretSite"),
    ("STRUCT", "identifiantTechniqueDeLaStructure"),
)
"""Scheme of a site, and the claim that holds its number; the first that reads is taken."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Activity(Hidden):
    """One professional at one site.

    ``profession`` is a code of TRE_G15 (10 doctor, 21 pharmacist, 60 nurse…), ``skill`` one of the
    specialities, ``mode`` L for liberal or S for employed, ``sector`` the kind of place (SA07…);
    all may be empty but the site. ``name`` may hold the professional's own.
    """

    site: SiteId
    profession: str
    skill: str
    mode: str
    sector: str
    name: str


def activities_in(claims: Mapping[str, Any]) -> tuple[Activity, ...]:
    """Each distinct activity, in the order told.

    An activity without any identifier is left out: nobody could say what it may ask.

    Raises:
        SignInRefused: the claims have another shape, or too many activities.
    """
    found: dict[tuple[str, str], Activity] = {}
    for count, (exercise, activity) in enumerate(_pairs(claims)):
        if count == ACTIVITIES_MAX:
            raise SignInRefused(doubt=Doubt.ACTIVITY)
        site = _site(activity)
        if site is not None:
            read = _activity(site, exercise, activity)
            found.setdefault((site.value, read.profession), read)
    return tuple(found.values())


def choose(activities: Sequence[Activity], *, site: SiteId, profession: str) -> Activity:
    """The one activity of this profession at this site.

    Raises:
        SignInRefused: there is none: nobody signs in for a site that is not theirs.
    """
    for activity in activities:
        if (activity.site, activity.profession) == (site, profession):
            return activity
    raise SignInRefused(doubt=Doubt.ACTIVITY)


def _pairs(claims: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for exercise in _objects(_object(claims.get("SubjectRefPro") or {}).get("exercices")):
        for activity in _objects(exercise.get("activities")):
            yield exercise, activity


def _objects(value: object) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise SignInRefused(doubt=Doubt.ACTIVITY)
    return [_object(each) for each in value]


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SignInRefused(doubt=Doubt.ACTIVITY)
    return value


def _site(activity: Mapping[str, Any]) -> SiteId | None:
    for scheme, claim in SITE_CLAIMS:
        try:
            return SiteId.parse(f"{scheme}:{_text(activity, claim)}")
        except MalformedIdentifier:
            continue
    return None


def _activity(site: SiteId, exercise: Mapping[str, Any], activity: Mapping[str, Any]) -> Activity:
    return Activity(
        site=site,
        profession=_text(exercise, "codeProfession"),
        skill=_text(exercise, "codeSavoirFaire"),
        mode=_text(activity, "codeModeExercice"),
        sector=_text(activity, "codeSecteurDactivite"),
        name=_text(activity, "raisonSocialeSite"),
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    """A claim of text; what is absent, of another type or too long is empty."""
    value = claims.get(name)
    return value.strip() if isinstance(value, str) and len(value) <= TEXT_MAX else ""
