"""Sites of a synthetic country: one of each kind, none of which exists.

Establishments have a FINESS of the synthetic range; practices have none, so they are known by the
technical identifier of their structure, as in the national directory.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rempart.domain.identifiers import SiteId
from rempart.domain.site import SiteKind
from rempart.drill.country import Country
from rempart.drill.impossible import finess

NAMES: Mapping[SiteKind, str] = {
    SiteKind.PHARMACY: "Pharmacie de la Poterne",
    SiteKind.OPTICIAN: "Optique du Chemin de Ronde",
    SiteKind.LABORATORY: "Laboratoire du Glacis",
    SiteKind.DOCTOR: "Cabinet médical de l'Échauguette",
    SiteKind.HEARING: "Audition du Guetteur",
    SiteKind.DENTIST: "Cabinet dentaire des Créneaux",
    SiteKind.AUXILIARY: "Soins infirmiers de la Courtine",
    SiteKind.MIDWIFE: "Sages-femmes du Donjon",
    SiteKind.IMAGING: "Imagerie de la Meurtrière",
    SiteKind.HOSPITAL: "Hôpital du Bastion",
    SiteKind.HEALTH_CENTRE: "Centre de santé des Douves",
    SiteKind.TRANSPORT: "Ambulances du Pont-Levis",
    SiteKind.DEVICES: "Matériel médical de la Herse",
}
PRACTICES = frozenset({SiteKind.DOCTOR, SiteKind.DENTIST, SiteKind.AUXILIARY, SiteKind.MIDWIFE})


@dataclass(frozen=True, slots=True)
class SyntheticSite:
    """A site that does not exist."""

    site: SiteId
    kind: SiteKind
    name: str


def sites(country: Country) -> tuple[SyntheticSite, ...]:
    """One site of each kind, the pharmacy first."""
    return sites_of(country.seed)


def sites_of(seed: int) -> tuple[SyntheticSite, ...]:
    """The sites of the country of a seed.

    Numbers depend on the seed, so that two countries in one registry seldom share a site.
    """
    first = seed % 10_000 * 100
    return tuple(
        SyntheticSite(_site_id(kind, first + place), kind, name)
        for place, (kind, name) in enumerate(NAMES.items())
    )


def _site_id(kind: SiteKind, number: int) -> SiteId:
    if kind in PRACTICES:
        return SiteId.parse(f"STRUCT:SYNTHETIC-{number:06d}")
    return SiteId.parse(f"FINESS:{finess(number)}")
