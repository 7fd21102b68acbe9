// The rules on the sale that an undertaking binds, (7) to (11) of judge_undertakings.js: card, list, over,
// amount, limit.

import { CLOCK_SKEW, insurerOf, soldIn, standing } from "./books.js";
import { hex, same } from "./bytes.js";
import { cardMark, readCard } from "./card.js";
import { ofCard } from "./of_card.js";
import { publicKey } from "./p256.js";
import { guaranteeOf, quote } from "./quote.js";
import { Refused, unlessRefused } from "./refused.js";
import { BadLine } from "./tariff.js";
import { cardDigest } from "./undertaking.js";

const DAY = 86_400;

/** What becomes of an undertaking that was signed in time, in a cut: its ruling, and the rule behind it. */
export async function judgeSale(made, code, cut, books) {
  const insurer = insurerOf(books, made.amcNumber, made.lists.trust), statement = insurer?.guarantees ?? null;
  const sale = await proven(made, code, insurer, statement).catch(unlessRefused);
  if (!sale) return { ruling: "refused", rule: "card" }; // (7)
  const { over, ended } = standing(books, made.amcNumber, sale.place, made.lists.status);
  if (over === null || !statement || !borne(made, statement)) return { ruling: "person", rule: "list" }; // (8)
  if (over) return { ruling: "refused", rule: "over" }; // (9)
  const { computed, terms } = sale;
  if (computed?.amc !== made.amc || computed.guaranteed !== made.amc) return { ruling: "person", rule: "amount" }; // (10)
  const sold = kindsOf(sale.card, made.at, computed);
  const left = ({ domain, basket }) => guaranteeOf(domain, basket, terms)?.times ?? 0;
  if (sold.some((each) => soldIn(books, each, cut) >= left(each))) return { ruling: "refused", rule: "limit" }; // (11)
  books.sales.push(...sold);
  return { ruling: "honoured", rule: "", amc: made.amc, endedSince: ended !== null && ended <= made.at, sold };
}

/**
 * What the same lines come to now, null where the tariff has no such sale; under which terms, the card's
 * place on its insurer's list, and what stands for it. Throws `Refused`: the card proves no rights for it.
 */
async function proven(made, code, insurer, statement) {
  const on = new Date(made.care * DAY * 1000).toISOString().slice(0, 10);
  const keyOf = (amc, kid) => pointOf(amc === made.amcNumber ? insurer : null, kid);
  const claims = await readCard(code, keyOf, on);
  if (!same(await cardDigest(code), made.card)) throw new Refused("card", "another than the one that was named");
  const terms = { on, birthYear: claims.birth_year, ofCard: ofCard(claims.guarantees), statement };
  const computed = quotedOrNot(made.lines, terms);
  if (computed?.shares.some(({ domain }) => !Object.hasOwn(claims.domains, domain))) {
    throw new Refused("domain", "the card does not cover it");
  }
  return { computed, terms, place: claims.status_index, card: hex(await cardMark(claims)) };
}

async function pointOf(insurer, kid) {
  const point = insurer?.keys.get(hex(kid));
  return point ? publicKey(point) : null;
}

/** The shop's tariff knew such a sale, or it never was one: nothing proves which. */
function quotedOrNot(lines, terms) {
  try {
    return quote(lines, terms);
  } catch (error) {
    if (error instanceof BadLine) return null;
    throw error;
  }
}

function borne({ at, lists }, { made, until, listDays }) {
  const age = at - lists.status;
  return -CLOCK_SKEW <= age && age <= listDays * DAY && made - CLOCK_SKEW <= at && at <= until;
}

/** Each kind of sale for which the insurer pays, once. */
function kindsOf(card, at, { shares }) {
  const kinds = new Map();
  for (const { domain, basket, amc } of shares) {
    if (amc) kinds.set(`${domain} ${basket}`, { card, domain, basket, at });
  }
  return [...kinds.values()];
}
