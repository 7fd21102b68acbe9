"""What is wrong with a body, said without quoting it.

The decoder's own messages quote values (``Invalid enum value 'Dupont'``) and names of unknown
fields, which are the caller's text too. Here a message is kept only if it quotes nothing, and an
unknown element is named only if FHIR R4 names it.
"""

import re

import msgspec

from rempart.serving.declined import Declined

ROOT = "CoverageEligibilityRequest"


# Elements of R4 that a client may send here in good faith: those of the request, of the resources
# it contains and of their data types.
_R4 = """
resourceType id meta implicitRules language text contained extension modifierExtension
identifier status priority purpose patient servicedDate servicedPeriod created enterer provider
insurer facility supportingInfo sequence information appliesToAll insurance focal coverage
businessArrangement item supportingInfoSequence category productOrService modifier quantity
unitPrice diagnosis diagnosisCodeableConcept diagnosisReference detail
type policyHolder subscriber subscriberId beneficiary dependent relationship period payor class
order network costToBeneficiary subrogation contract
active name telecom gender birthDate deceasedBoolean deceasedDateTime address maritalStatus
multipleBirthBoolean multipleBirthInteger photo contact communication generalPractitioner
managingOrganization link
use system value assigner reference display coding code version userSelected start end url
profile lastUpdated versionId source security tag family given prefix suffix
valueString valueCode valueDate valueDateTime valueInstant valueIdentifier
subType use billablePeriod created related prescription originalPrescription payee referral careTeam
procedure accident net total preAuthRef currency productOrService servicedDate programCode
locationCodeableConcept factor udi bodySite subSite encounter revenue careTeamSequence
diagnosisSequence procedureSequence informationSequence category reason timingDate
"""
R4_ELEMENTS = frozenset(_R4.split())

_PLACED = re.compile(r"^(?P<said>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_NAME = re.compile(r"[^.\[\]0-9_]+")
_UNKNOWN = re.compile(r"^Object contains unknown field `_?(?P<name>.*)`$", re.DOTALL)
_QUOTES_NOTHING = re.compile(
    r"^(Expected `[a-z |]+`(, got `[a-z]+`| of length [<>=]+ [0-9]+)?"
    r"|Object missing required field `[_A-Za-z]+`"
    r"|Invalid RFC3339 encoded date"
    r"|Number out of range)$"
)


def refusal_of(error: msgspec.DecodeError | UnicodeDecodeError, *, root: str = ROOT) -> Declined:
    """The refusal for a body that did not decode."""
    if not isinstance(error, msgspec.ValidationError):
        return Declined("unreadable")
    match = _PLACED.match(str(error))
    assert match is not None
    path = match["path"] or ""
    if not R4_ELEMENTS.issuperset(_NAME.findall(path)):
        # The name of an unknown field can imitate a path.
        path = ""
    rule, element = _rule(match["said"])
    expression = root + path + (f".{element}" if element else "")
    return Declined("malformed", detail=rule, expression=expression)


def _rule(said: str) -> tuple[str, str]:
    """The rule in our words, and the unknown element it is about, if any."""
    if unknown := _UNKNOWN.match(said):
        if unknown["name"] in R4_ELEMENTS:
            return "this element is not accepted here", unknown["name"]
        return "an element that FHIR R4 does not know here", ""
    if _QUOTES_NOTHING.match(said):
        return said.replace("`", "").replace("RFC3339 encoded ", "").lower(), ""
    if said.startswith("Expected `str` matching"):
        return "does not have the form that this element asks for", ""
    return "not one of the accepted values", ""
