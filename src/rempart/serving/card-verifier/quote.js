// What each pays of a sale: compulsory insurance, the insurer, the patient. Pure, in cents
// (specs/undertaking.md):
//
//     AMO   = base × rate, rounded half up
//     TM    : insurer = base - AMO
//     A     : insurer = price - AMO; a price above the limit is no sale of this basket
//     B     : insurer = price - AMO, at most what is left of the guarantee for this sale, and of the
//             ceiling for both insurances together (CSS R871-2)
//
// A line is `{ item, price, rate }` or `{ domain, price, base, rate }`: an item of the tariff, or care of
// a domain ("SVIL") with its base; `rate` is null where it is the usual one.

import { DOMAINS } from "./card.js";
import { B, BadLine, TM, familyOf, itemOn, rateOn, shareOf } from "./tariff.js";

export const LINES_MAX = 20;
const PRICE_MAX = 1_000_000, RATE_MAX = 100;

/** A line with every field that a line may have. */
const whole = ({ item = "", domain = null, price, base = null, rate = null }) => ({ item, domain, price, base, rate });

const within = (value, least, most) => Number.isInteger(value) && least <= value && value <= most;

const sum = (shares, name) => shares.reduce((total, share) => total + share[name], 0);

/**
 * The shares of a sale. `terms` is `{ on, birthYear, ofCard, statement }`; without a statement nothing is
 * guaranteed. Throws `BadLine`: a line that the tariff does not know or that breaks its rule.
 */
export function quote(lines, terms) {
  if (!within(lines.length, 1, LINES_MAX)) throw new BadLine("lines", `expected 1 to ${LINES_MAX}`, "lines");
  const shares = [];
  for (const [place, line] of lines.entries()) {
    shares.push(naming(place + 1, () => share(whole(line), terms, shares)));
  }
  const bound = shares.filter((each) => each.guaranteed);
  return {
    shares, price: sum(shares, "price"), amo: sum(shares, "amo"), amc: sum(shares, "amc"),
    patient: sum(shares, "patient"), guaranteed: sum(bound, "amc"),
  };
}

/** What `act` gives; a line's fault says which line it is. */
export function naming(number, act) {
  try {
    return act();
  } catch (error) {
    throw error instanceof BadLine ? new BadLine(`line ${number}`, error.message, error.why, number) : error;
  }
}

/** Why a sale of this kind is not guaranteed: "statement", "renewal", "profile"; empty where it is. */
export function whyNot(domain, basket, { on, ofCard, statement }) {
  if (!statement) return "statement";
  const renewal = ofCard.renewals.get(domain);
  if (basket !== TM && renewal !== undefined && on < renewal) return "renewal";
  return found(domain, basket, ofCard, statement) ? "" : "profile";
}

function found(domain, basket, { profile }, statement) {
  const number = DOMAINS.indexOf(domain) + 1;
  return statement.profiles.get(profile)?.find((each) => each.domain === number && each.basket === basket) ?? null;
}

/** The standing guarantee for such a sale of this card on this day, or null. */
export function guaranteeOf(domain, basket, terms) {
  return whyNot(domain, basket, terms) ? null : found(domain, basket, terms.ofCard, terms.statement);
}

function share(line, terms, before) {
  if (!within(line.price, 1, PRICE_MAX)) throw new BadLine("price", "expected up to 10,000 euros", "price");
  if (line.rate !== null && !within(line.rate, 0, RATE_MAX)) throw new BadLine("rate", "expected a percentage", "rate");
  return (line.item ? ofItem : ofCare)(line, terms, before);
}

const shared = (domain, basket, price, amo, amc, guarantee) => (
  { domain, basket, price, amo, amc, patient: price - amo - amc, guaranteed: guarantee !== null });

/** The ticket modérateur of care at a base. */
function ofCare({ domain, price, base, rate }, terms, before) {
  if (!DOMAINS.includes(domain) || !within(base, 1, price)) throw new BadLine("base", "expected with a domain, up to the price", "base");
  const family = familyOf(domain);
  if (rate === null && family === null) throw new BadLine("rate", "expected for this domain", "rate-needed");
  const amo = shareOf(base, rate ?? rateOn(family, terms.on));
  const guarantee = guaranteeOf(domain, TM, terms);
  const amc = Math.min(base - amo, left(guarantee, domain, TM, before));
  return shared(domain, TM, price, amo, amc, guarantee);
}

function ofItem(line, terms, before) {
  const item = itemOn(line.item, terms.on), { domain, basket } = item;
  checkItem(line, item, terms);
  const base = item.base ?? shareOf(line.price, item.base_percent ?? 0);
  const amo = Math.min(line.price, shareOf(base, line.rate ?? rateOn(item.family, terms.on)));
  const guarantee = guaranteeOf(domain, basket, terms);
  let amc = line.price - amo;
  if (item.ceiling !== null) amc = Math.min(amc, Math.max(0, item.ceiling - amo));
  amc = Math.min(amc, left(guarantee, domain, basket, before));
  if (guarantee === null && basket === B) amc = 0; // of a free price nobody but the insurer says what it pays
  return shared(domain, basket, line.price, amo, amc, guarantee);
}

/** What a guarantee leaves for the next line of a sale. */
function left(guarantee, domain, basket, before) {
  if (guarantee === null || guarantee.most === null) return PRICE_MAX;
  return Math.max(0, guarantee.most - sum(before.filter((each) => each.domain === domain && each.basket === basket), "amc"));
}

function checkItem(line, item, { on, birthYear }) {
  if (item.limit !== null && line.price > item.limit) {
    throw new BadLine("price", "above the limit of this basket: it is a sale of another", "limit");
  }
  // Of the year of birth alone, whoever may be 20 is: the amount that is certain.
  if (item.under !== null && Number(on.slice(0, 4)) - birthYear >= item.under) {
    throw new BadLine("item", "for people who are younger, by their year of birth", "young");
  }
  if (line.base !== null || line.domain !== null) throw new BadLine("item", "has its own base and domain", "own");
}
