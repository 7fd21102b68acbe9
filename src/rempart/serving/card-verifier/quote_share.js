// Quote a sale for a card that was verified here, and say what its insurer is bound to pay.
//
// (1) the card proves rights for the domain of every line, on the day of care;
// (2) it is guaranteed only where the insurer's status list is no older than the insurer bears, and
//     its statement stands: otherwise amounts are told, and nobody is bound.

import { ofCard } from "./of_card.js";
import { naming, quote } from "./quote.js";
import { Refused } from "./refused.js";
import { itemOn } from "./tariff.js";
import { verify } from "./verify.js";

const DAY = 86_400;

/**
 * The quote of a sale on a day (YYYY-MM-DD); `now` is this machine's clock in seconds. `why` says, where
 * nothing is bound, which rule is missing, and `missing` is a word for it: "none", "ended", "old",
 * "unplaced". Throws `Refused` where (1) does not hold, `BadLine` where a line breaks a rule.
 */
export async function quoteShare(lists, code, lines, { on, now }) {
  const domains = domainsOf(lines, on), verdict = await verify(lists, code, { on, now }), { claims } = verdict;
  if (verdict.finding === "refused") throw new Refused(verdict.step, verdict.reason);
  if (domains.some((domain) => !Object.hasOwn(claims.domains, domain))) { // (1)
    throw new Refused("domain", "the card does not cover this domain");
  }
  const { statement, missing, why } = standing(lists, verdict, now); // (2)
  const terms = { on, birthYear: claims.birth_year, ofCard: ofCard(claims.guarantees), statement };
  return { verdict, terms, quote: quote(lines, terms), statement, missing, why, trust: lists.trust.number };
}

function domainsOf(lines, on) {
  const found = lines.map((line, place) => (
    naming(place + 1, () => (line.item ? itemOn(line.item, on).domain : line.domain ?? null))));
  return found.filter((domain) => domain !== null);
}

function standing(lists, { claims, list_made: made }, now) {
  const statement = lists.trust.insurers.get(claims.amc).guarantees;
  const not = (missing, why) => ({ statement: null, missing, why });
  if (!statement) return not("none", "the insurer guarantees nothing");
  if (now > statement.until) return not("ended", "the insurer's guarantees have ended");
  if (made === null || now - made > statement.listDays * DAY) {
    return not("old", `its list may be ${statement.listDays} days old, and is older`);
  }
  if (claims.status_index === null) return not("unplaced", "this card has no place on the insurer's list");
  return { statement, missing: "", why: "" };
}

/** Return if the insurer is bound for the whole of its part. Throws `Refused`: the rule that is missing. */
export function checkBound({ quote: said, statement, why }) {
  if (!statement) throw new Refused("guarantee", why);
  if (said.amc === 0) throw new Refused("guarantee", "there is nothing for the insurer to pay");
  if (said.guaranteed < said.amc) {
    throw new Refused("guarantee", "the insurer does not guarantee every line of this sale");
  }
}
