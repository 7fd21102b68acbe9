// Verify a card without any server: what it proves to whoever keeps an operator's lists.
//
// The steps are those of specs/card.md; the first five are `readCard`'s:
//
// (0) the clock: before the newest list was made, it is wrong, and no day can be told;
// (1) well formed, (2) issuer, (3) authentic, (4) claims, (5) dates;
// (6) domain: the card covers the one that is asked;
// (7) status: the card is not over on the last list of its insurer, whose age is told.

import { DOMAINS, readCard } from "./card.js";
import { Refused } from "./refused.js";
import { isOver } from "./status_list.js";

const CLOCK_SKEW = 300; // seconds by which a till's clock may be slow

/**
 * What `code` proves for care `on` a day (YYYY-MM-DD) in a `domain` (such as "OPTI", or null); `now` is
 * this machine's clock, seconds since 1970. A verdict, always: `finding` is "good", "unchecked" (all that the card
 * says holds; whether it has ended since is not known) or "refused", with its `step` and `reason`.
 */
export async function verify(lists, code, { on, domain = null, now }) {
  checkAsked(lists, code, on, domain, now);
  if (now < lists.newest - CLOCK_SKEW) { // (0)
    return verdict("refused", { step: "clock", reason: "this machine's clock is behind its lists" });
  }
  try {
    return standing(lists, await readCard(code, (amc, kid) => lists.key(amc, kid), on), domain, now);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return verdict("refused", { step: error.step, reason: error.message });
  }
}

function standing(lists, claims, domain, now) {
  const said = { claims, insurer: lists.trust.insurers.get(claims.amc).name };
  if (domain !== null && !(domain in claims.domains)) { // (6)
    return verdict("refused", { ...said, step: "domain", reason: "the card does not cover this domain" });
  }
  const status = lists.status(claims.amc), over = isOver(status, claims.status_index); // (7)
  Object.assign(said, { mode: domain && claims.domains[domain], list_made: status?.made ?? null });
  if (over) return verdict("refused", { ...said, step: "status", reason: "the insurer has ended this card" });
  const current = over === false && now <= Math.min(status.until, lists.trust.until);
  return verdict(current ? "good" : "unchecked", said);
}

function verdict(finding, said) {
  return { finding, step: "", reason: "", claims: null, insurer: "", mode: null, list_made: null, ...said };
}

/** A question that is none is the caller's mistake, and no verdict on a card. */
function checkAsked(lists, code, on, domain, now) {
  if (!lists.trust) throw new TypeError("no trust list is here yet: take one in first");
  if (typeof code !== "string") throw new TypeError("code: expected a string");
  if (!/^\d{4}-\d\d-\d\d$/.test(on)) throw new TypeError("on: expected YYYY-MM-DD");
  if (domain !== null && !DOMAINS.includes(domain)) throw new TypeError("domain: expected one of DOMAINS, or null");
  if (!Number.isFinite(now)) throw new TypeError("now: expected seconds since 1970");
}
