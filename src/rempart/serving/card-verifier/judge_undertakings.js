// Judge what a device has signed while it was cut off, as whoever it is deposited with will.
//
// In this order, for each; the first rule that does not hold decides:
//
// (1) signed: by the device that deposits it; else refused;
// (2) number: not judged before; the same again is known, another under a known number refused;
// (3) chain: it names the one before by its digest, and nothing is missing; else a person;
// (4) device: enrolled before the cut began, and not taken out since; else a person;
// (5) cut: the site was cut off at that time, and the device's clock goes forward; else a person;
// (6) deposit: within 24 hours of the return, and not before it was signed; else a person;
// (7) card: the code that is deposited is the one that was named, and proves rights for every line on
//     the day of care; else refused;
// (8) list: the one it was decided by is no older than the insurer bears; else a person;
// (9) over: the card was not over on that list; else refused. If it ended since, the insurer bears it;
// (10) amount: what the tariff and the guarantee make of the same lines; else a person;
// (11) limit: the card's sales of this kind in this cut, in all shops, are within the insurer's; else
//      refused.
//
// Whatever the ruling, the chain goes on. Moments are seconds since 1970.

import { CLOCK_SKEW } from "./books.js";
import { hex, same } from "./bytes.js";
import { judgeSale } from "./judge_sale.js";
import { sha256 } from "./p256.js";
import { readUndertaking } from "./read_undertaking.js";
import { unlessRefused } from "./refused.js";

const DEPOSIT_WITHIN = 86_400, FIRST = new Uint8Array(32);

/**
 * The rulings on `links`, `{ message, code, void }`, in the order of the deposit, which comes `at`.
 * `device` is `{ point, since, until }`, 0 while it serves; `cuts` are those that stopped its site,
 * `{ since, until, returned, amc }`: until when, when claims could be sent again, and which insurer it
 * was, if not all. `last` is the last link judged before, or null; `books.sales` is added to.
 */
export async function judgeUndertakings(links, { device, cuts, books, at, last = null }) {
  const chain = { device, cuts, books, at, last, digests: new Map() }, judged = [];
  for (const link of links) judged.push(await judge(link, chain)); // each by what was made of those before
  return judged;
}

async function judge(link, chain) {
  const made = await readUndertaking(link.message, chain.device.point).catch(unlessRefused);
  if (!made) return ruled(0, "refused", "signed"); // (1)
  const digest = hex(await sha256(link.message)), { number } = made, { last } = chain;
  if (chain.digests.has(number)) { // (2)
    return ruled(number, chain.digests.get(number) === digest ? "known" : "refused", "number");
  }
  chain.digests.set(number, digest);
  if (!last || number > last.number) chain.last = { number, at: made.at, message: link.message };
  if (link.void) return ruled(number, "void", "");
  const cut = cutOf(made, chain.cuts);
  const broken = (await follows(made, last) ? "" : "chain") || untimely(made, last, cut, chain); // (3)
  if (broken) return ruled(number, "person", broken);
  const { ruling, rule, ...more } = await judgeSale(made, link.code, cut, chain.books); // (7) to (11)
  return { ...ruled(number, ruling, rule), ...more };
}

const ruled = (number, ruling, rule) => ({ number, ruling, rule, amc: 0, endedSince: false, sold: [] });

/** The cut in which it was signed, by the device's clock. */
function cutOf({ at, amcNumber }, cuts) {
  return cuts.find(({ since, until, amc }) => (
    (!amc || amc === amcNumber) && since - CLOCK_SKEW <= at && (!until || at <= until + CLOCK_SKEW)));
}

async function follows(made, last) {
  const before = last ? await sha256(last.message) : FIRST;
  return made.number === (last ? last.number + 1 : 1) && same(made.before, before);
}

/** The first rule on times that it breaks, if any. */
function untimely(made, last, cut, { device, at }) {
  if (cut && !served(device, cut, made.at)) return "device"; // (4)
  if (!cut || (last && made.at < last.at)) return "cut"; // (5)
  if (!cut.until) throw new TypeError("cuts: while one lasts, nothing is judged");
  const due = (cut.returned ?? cut.until) + DEPOSIT_WITHIN;
  return made.at - CLOCK_SKEW <= at && at <= due ? "" : "deposit"; // (6)
}

/** Whether a device was there before the cut began, and had not been taken out. */
const served = ({ since, until = 0 }, cut, at) => since < cut.since && !(until && at >= until);
