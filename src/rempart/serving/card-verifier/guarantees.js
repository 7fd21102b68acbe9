// An insurer's standing guarantees (specs/undertaking.md): what it pays while nobody can ask it. It
// signs them under a key of its own; the operator's trust list carries them and cannot write them.

import { decode, isMapOf } from "./cbor.js";
import { hold, moments } from "./trust_list.js";

/** The kind of its COSE_Sign1. */
export const GUARANTEES = { type: "application/rempart-guarantees+cwt", smallest: 24, largest: 8_192 };

const ISSUER = 1, EXPIRES = 4, ISSUED = 6, SAID = -65539;
const LIST_DAYS = 1, PROFILES = 2;
const DOMAIN = 1, BASKET = 2, MOST = 3, TIMES = 4;
const DOMAINS = 15, FREE_PRICE = 2, LIST_DAYS_MAX = 92, PROFILE_MAX = 255, TIMES_MAX = 255, MOST_MAX = 1_000_000;

/** The guarantees of a payload whose signature has been verified. Throws `Malformed`. */
export function guaranteesOf(payload) {
  const said = decode(payload);
  hold("not what a statement holds", isMapOf(said, [ISSUER, EXPIRES, ISSUED, SAID]) && said.size === 4);
  const amc = said.get(ISSUER), own = said.get(SAID);
  hold("insurer: expected 8 digits", typeof amc === "string" && /^[0-9]{8}$/.test(amc));
  hold("not what a statement holds", isMapOf(own, [LIST_DAYS, PROFILES]) && own.size === 2);
  const listDays = own.get(LIST_DAYS), profiles = own.get(PROFILES);
  hold("list: expected 1 to 92 days", within(listDays, 1, LIST_DAYS_MAX));
  hold("not what a statement holds", profiles instanceof Map);
  const found = new Map();
  for (const [profile, sales] of profiles) {
    hold("profile: expected 0 to 255", within(profile, 0, PROFILE_MAX));
    found.set(profile, granted(sales));
  }
  return { amc, listDays, ...moments(said, ISSUED, EXPIRES), profiles: found };
}

/** By ascending domain and basket. */
function granted(sales) {
  hold("not what a statement holds", Array.isArray(sales));
  let last = -1;
  return sales.map((each) => {
    hold("not what a guarantee holds", each instanceof Map);
    const keys = each.has(MOST) ? [DOMAIN, BASKET, MOST, TIMES] : [DOMAIN, BASKET, TIMES];
    hold("not what a guarantee holds", isMapOf(each, keys) && each.size === keys.length);
    const domain = each.get(DOMAIN), basket = each.get(BASKET), most = each.get(MOST) ?? null;
    const times = each.get(TIMES);
    hold("not what a guarantee holds", within(domain, 1, DOMAINS) && within(basket, 0, FREE_PRICE));
    hold("times: expected 1 to 255", within(times, 1, TIMES_MAX));
    hold("most: expected up to 10,000 euros", most === null || within(most, 1, MOST_MAX));
    hold("most: basket B needs one", most !== null || basket !== FREE_PRICE);
    const place = domain * 3 + basket;
    hold("guarantees: not ascending, or twice", last < place);
    last = place;
    return { domain, basket, most, times };
  });
}

const within = (value, least, most) => Number.isInteger(value) && least <= value && value <= most;

