// What is known when undertakings are judged, as plain data:
//
//     trusts     the trust lists that were taken in: what `Lists.trust` was after each
//     statuses   the insurers' status lists: what `Lists.status` was after each
//     sales      what was honoured before, in all shops: [{ card, domain, basket, at }]

import { isOver } from "./status_list.js";

/** Seconds by which a device's clock may be wrong. */
export const CLOCK_SKEW = 300;

/** An insurer, as the trust list of a number has it; null where none does. */
export function insurerOf({ trusts }, amc, number) {
  return trusts.find((each) => each.number === number)?.insurers.get(amc) ?? null;
}

/**
 * Whether the card at `place` was over on its insurer's list made at that moment, null where none says;
 * and when the first list was made afterwards on which it is over, or null.
 */
export function standing({ statuses }, amc, place, made) {
  const lists = statuses.filter((each) => each.amc === amc && each.made >= made);
  const over = isOver(lists.find((each) => each.made === made), place);
  if (over === null) return { over, ended: null };
  const ended = lists.filter((each) => each.made > made && isOver(each, place)).map((each) => each.made);
  return { over, ended: ended.length ? Math.min(...ended) : null };
}

/** How many sales of this card (its `cardMark`, in hexadecimal) and kind were made within a cut. */
export function soldIn({ sales }, { card, domain, basket }, { since, until }) {
  return sales.filter((each) => (
    each.card === card && each.domain === domain && each.basket === basket
    && since - CLOCK_SKEW <= each.at && each.at <= until + CLOCK_SKEW)).length;
}
