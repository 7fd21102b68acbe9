"""Professionals of a synthetic country, and what Pro Santé Connect would tell of them.

The shape of the claims is that of its ``userinfo``; numbers are from ranges that nobody has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rempart.domain.hidden import Hidden
from rempart.domain.site import SiteKind
from rempart.drill.impossible import rpps
from rempart.drill.sites import SyntheticSite, sites_of

REALM = "00000000-0000-4000-8000-000000000000"
"""Where the real one names its directory, in ``sub``."""

LEVEL = "APPPRIP3^1.2.250.1.213.1.5.1.1.1"
LIBERAL, EMPLOYED = "L", "S"
PRACTICE, PHARMACY, HOSPITAL, LABORATORY, CENTRE = "SA07", "SA33", "SA01", "SA25", "SA05"


@dataclass(frozen=True, slots=True, repr=False)
class Post(Hidden):
    """Where somebody works; ``site`` is None where the directory has no identifier at all."""

    site: SyntheticSite | None
    mode: str
    sector: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyntheticProfessional(Hidden):
    """Somebody who does not exist; ``profession`` is a code of TRE_G15, ``calling`` its name."""

    rpps: str
    first_name: str
    last_name: str
    profession: str
    calling: str
    posts: tuple[Post, ...]

    @property
    def national_id(self) -> str:
        """IdNat_PS: 8 and the RPPS number."""
        return f"8{self.rpps}"

    @property
    def subject(self) -> str:
        """``sub``, in the form of the real one."""
        return f"f:{REALM}:{self.national_id}"


def professionals(seed: int) -> tuple[SyntheticProfessional, ...]:
    """A few professions, at the sites of the country of a seed."""
    at = {site.kind: site for site in sites_of(seed)}

    def post(kind: SiteKind, mode: str, sector: str) -> Post:
        return Post(at[kind], mode, sector)

    pharmacy = post(SiteKind.PHARMACY, LIBERAL, PHARMACY)
    centre = post(SiteKind.HEALTH_CENTRE, EMPLOYED, CENTRE)
    laboratory = post(SiteKind.LABORATORY, LIBERAL, LABORATORY)
    hospital = post(SiteKind.HOSPITAL, EMPLOYED, HOSPITAL)
    cast = (
        ("Camille", "POTERNE", "21", "pharmacien·ne · pharmacist", (pharmacy,)),
        ("Dominique", "ÉCHAUGUETTE", "10", "médecin · doctor", _doctor(at, hospital, centre)),
        ("Claude", "COURTINE", "60", "infirmier·ère · nurse", _own(at, SiteKind.AUXILIARY)),
        ("Alix", "CRÉNEAU", "40", "dentiste · dentist", (*_own(at, SiteKind.DENTIST), centre)),
        ("Maxime", "GLACIS", "21", "biologiste · biologist", (laboratory, hospital)),
        ("Noa", "DONJON", "50", "sage-femme · midwife", (*_own(at, SiteKind.MIDWIFE), NOWHERE)),
        ("Sacha", "RONDE", "28", "opticien·ne · optician", _shop(at)),
    )
    return tuple(
        SyntheticProfessional(
            rpps=rpps(number),
            first_name=first,
            last_name=last,
            profession=profession,
            calling=calling,
            posts=posts,
        )
        for number, (first, last, profession, calling, posts) in enumerate(cast, start=1)
    )


NOWHERE = Post(None, LIBERAL, PRACTICE)
"""As the directory tells of some: a name, and no identifier."""


def _own(at: Mapping[SiteKind, SyntheticSite], kind: SiteKind) -> tuple[Post]:
    return (Post(at[kind], LIBERAL, PRACTICE),)


def _doctor(at: Mapping[SiteKind, SyntheticSite], *others: Post) -> tuple[Post, ...]:
    return (*_own(at, SiteKind.DOCTOR), *others)


def _shop(at: Mapping[SiteKind, SyntheticSite]) -> tuple[Post]:
    return (Post(at[SiteKind.OPTICIAN], EMPLOYED, "SA37"),)


def user_info(person: SyntheticProfessional) -> dict[str, Any]:
    """What ``userinfo`` tells of somebody."""
    first = person.posts[0]
    return {
        "sub": person.subject,
        "preferred_username": person.national_id,
        "SubjectNameID": person.national_id,
        "given_name": person.first_name,
        "family_name": person.last_name,
        "codeCivilite": "M",
        "SubjectRole": [f"{person.profession}^1.2.250.1.213.1.1.5.5"],
        "SubjectOrganization": first.site.name if first.site else "",
        "SubjectOrganizationID": first.site.site.number if first.site else "",
        "Secteur_Activite": f"{first.sector}^1.2.250.1.71.4.2.4",
        "Palier_Authentification": LEVEL,
        "otherIds": [{"identifiant": person.national_id, "origine": "RPPS", "qualite": 1}],
        "SubjectRefPro": {
            "codeCivilite": "M",
            "exercices": [
                {
                    "codeProfession": person.profession,
                    "codeCategorieProfessionnelle": "C",
                    "nomDexercice": person.last_name,
                    "prenomDexercice": person.first_name,
                    "codeTypeSavoirFaire": "",
                    "codeSavoirFaire": "",
                    "activities": [_activity(post) for post in person.posts],
                }
            ],
        },
        "UITVersion": "1.0",
        "PSI_Locale": "1.2.250.1.213.1.3.1.1",
    }


def _activity(post: Post) -> dict[str, str]:
    number = {post.site.site.scheme: post.site.site.number} if post.site else {}
    finess = number.get("FINESS", "")
    return {
        "codeModeExercice": post.mode,
        "codeSecteurDactivite": post.sector,
        "codeGenreActivite": "GENR01",
        "numeroSiretSite": "",
        "numeroSirenSite": "",
        "numeroFinessSite": finess,
        "numeroFinessetablissementJuridique": "",
        # The directory derives it from the FINESS where there is one.
        "identifiantTechniqueDeLaStructure": f"F{finess}" if finess else number.get("STRUCT", ""),
        "raisonSocialeSite": post.site.name if post.site else "Remplacements · locum",
        "ancienIdentifiantDeLaStructure": "",
        "autoriteDenregistrement": "SIMULATEUR/SIMULATEUR/SIMULATEUR",
    }
