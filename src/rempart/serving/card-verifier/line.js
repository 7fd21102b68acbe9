// A line of a sale as it is typed: ITEM:PRICE, or DOMAIN:PRICE[:BASE[:RATE]].

import { DOMAINS } from "./card.js";
import { BadLine } from "./tariff.js";

/** An amount in euros, as it is typed, in cents; both marks of a decimal are read. Throws `BadLine`. */
export function cents(text) {
  if (!/^[0-9]{1,6}([.,][0-9]{2})?$/.test(text)) throw new BadLine("amount", "expected euros, such as 30 or 32.50", "amount");
  const [whole, part = "0"] = text.replace(",", ".").split(".");
  return Number(whole) * 100 + Number(part);
}

/** A share of a base, as it is typed. Throws `BadLine`. */
export function percent(text) {
  if (!/^[0-9]{1,3}$/.test(text)) throw new BadLine("rate", "expected a percentage", "rate");
  return Number(text);
}

/** A line of a sale. Throws `BadLine`. */
export function readLine(text) {
  const [what, ...numbers] = text.split(":");
  if (numbers.length < 1 || numbers.length > 3) throw new BadLine("line", "expected WHAT:PRICE, or DOMAIN:PRICE:BASE:RATE", "line");
  const price = cents(numbers[0]), care = DOMAINS.includes(what);
  if (!care && numbers.length > 1) throw new BadLine("line", "an item has its own base and rate", "line");
  if (!care) return { item: what, domain: null, price, base: null, rate: null };
  const base = numbers.length > 1 ? cents(numbers[1]) : price;
  return { item: "", domain: what, price, base, rate: numbers.length > 2 ? percent(numbers[2]) : null };
}
