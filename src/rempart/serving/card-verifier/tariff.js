// The dated tariff: what compulsory insurance pays, and what a contract may pay beside it. Its figures
// are those of france.js, which is written from the platform's own. Amounts are whole cents; a share of
// an amount is rounded half up. Days are YYYY-MM-DD.

import { FAMILIES, ITEMS, RATES } from "./france.js";

export const TM = 0, A = 1, B = 2;

/** A line that breaks a rule, named; `why` is a word for the rule, `line` its number from 1 if it has one. */
export class BadLine extends Error {
  constructor(kind, rule, why, line = null) {
    super(`${kind}: ${rule}`);
    this.name = "BadLine";
    Object.assign(this, { why, line });
  }
}

/** The family of a domain's rates; none where each thing has its own rate, which is asked. */
export const familyOf = (domain) => FAMILIES[domain] ?? null;

/** Percent that compulsory insurance pays of its base on a day. Throws `BadLine`. */
export function rateOn(family, on) {
  const found = latest(RATES.filter((each) => each.family === family && each.since <= on));
  if (!found) throw new BadLine("tariff", "no rate is known for this day", "tariff");
  return found.percent;
}

/** An item on a day. Throws `BadLine`. */
export function itemOn(code, on) {
  const found = latest(ITEMS.filter((each) => each.code === code && each.since <= on));
  if (!found) throw new BadLine("item", "not in the tariff on this day", "item");
  return found;
}

/** Everything that the tariff has on a day, each once, in its order. */
export function itemsOn(on) {
  const there = ITEMS.filter((each) => each.since <= on);
  return there.filter((each) => latest(there.filter(({ code }) => code === each.code)) === each);
}

const latest = (found) => found.reduce((last, each) => (last && last.since >= each.since ? last : each), null);

/** `percent` of an amount, rounded half up to the cent. */
export const shareOf = (amount, percent) => Math.floor((amount * percent + 50) / 100);
