"""Whether owners of accounts must be told of a breach (GDPR art. 34): what is proposed, and why.

Their controller is the operator: the machine sets the facts beside the question and proposes, a
person decides by the clock ``persons-34``. Exceptions of 34(3) as in ``domain/notice``.
"""

from dataclasses import dataclass

from rempart.domain.notice import RUNNING, Proposal, Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerFacts:
    """How many accounts were surely, and perhaps, in other hands; of how many of them claims were
    touched; whether everything has ended; whether a gateway was in other hands.
    """

    surely: int
    perhaps: int
    claims: int = 0
    ended: bool = True
    gateway: bool = False


SEEN = (
    "quelqu'un a vu leur page en clair : l'exception (a) n'y répond pas",
    "somebody saw their own page in clear: exception (a) does not meet it",
)
ACTED = (
    "on a pu agir en leur nom, et le refaire ailleurs avec ce qui fut lu : bloquer le compte ne"
    " suffit pas à l'exception (b)",
    "one could act in their name, and may again elsewhere by what was read: a blocked account is"
    " not enough for exception (b)",
)
PERHAPS = (
    "d'autres comptes l'ont peut-être été : leurs titulaires peuvent le dire, s'ils le savent",
    "other accounts perhaps were: their owners can tell, if they know",
)
BILLED = (
    "des factures de leur activité ont été envoyées ou relues",
    "claims of their practice were sent, or told again",
)
KNOWN = (
    "ils sont peu, et connus par leur nom : pas d'effort disproportionné, exception (c)",
    "they are few, and known by name: no disproportionate effort, exception (c)",
)
PASSED = (
    "par la passerelle, rien n'est montré des titulaires ; ce qu'ils demandaient y passait",
    "past a gateway nothing is shown of owners; what they asked passed there",
)
NONE = ("aucun compte ne fut en d'autres mains", "no account was in other hands")


def propose_to_owners(facts: OwnerFacts) -> Proposal:
    """What follows from the facts alone."""
    if not facts.surely and not facts.perhaps:
        return Proposal(Tell.NOBODY, (PASSED if facts.gateway else NONE,))
    reasons = [
        (bool(facts.surely), SEEN),
        (bool(facts.surely), ACTED),
        (bool(facts.claims), BILLED),
        (bool(facts.perhaps), PERHAPS),
        (True, KNOWN),
        (not facts.ended, RUNNING),
    ]
    return Proposal(Tell.EVERYBODY, tuple(words for holds, words in reasons if holds))
