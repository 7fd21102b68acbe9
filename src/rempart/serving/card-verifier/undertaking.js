// An undertaking: what binds an insurer for one sale while cut off, signed by a shop's device
// (specs/undertaking.md).
//
// (1) every line is guaranteed, and something is left for the insurer to pay;
// (2) it has the next number of this device, and names the one before by its digest;
// (3) signed under the device's own key: COSE_Sign1, s in its low half.
//
// Making it durable before anybody reads it, one at a time, is the caller's.

import { decode as fromBase45 } from "./base45.js";
import { DOMAINS } from "./card.js";
import { encode } from "./cbor.js";
import { toBeSigned, written } from "./cose.js";
import { keyId, sha256, sign } from "./p256.js";
import { LINES_MAX } from "./quote.js";
import { checkBound } from "./quote_share.js";
import { BadLine } from "./tariff.js";

/** The kind of its COSE_Sign1. */
export const UNDERTAKING = { type: "application/rempart-undertaking+cwt", smallest: 24, largest: 4_096 };

export const AUDIENCE = 3, ISSUED = 6, SAID = -65540;
const PREFIX = "RP1:", DIGEST_SIZE = 32, DAY = 86_400_000;
const SECONDS_MAX = 2 ** 33, NUMBER_MAX = 2 ** 32, CARE_MAX = 2 ** 16, AMC_MAX = 10_000_000;

/** How an undertaking names a card: SHA-256 of the code's bytes. */
export const cardDigest = (code) => sha256(fromBase45(code.slice(PREFIX.length)));

/** The first rule that what an undertaking says breaks; empty where it keeps them all. */
export function brokenRule({ amcNumber, at, number, before, card, care, lines, amc, lists }) {
  const within = (value, least, most) => Number.isInteger(value) && least <= value && value < most;
  const first = before.every((byte) => byte === 0);
  const rules = [
    [/^[0-9]{8}$/.test(amcNumber), "insurer: expected 8 digits"],
    [within(at, 1, SECONDS_MAX), "at: expected seconds since 1970"],
    [within(number, 1, NUMBER_MAX), "number: expected a u32 from 1"],
    [before.length === DIGEST_SIZE, "before: expected 32 bytes"],
    [(number === 1) === first, "before: zeros for the first alone"],
    [card.length === DIGEST_SIZE, "card: expected 32 bytes"],
    [within(care, 0, CARE_MAX), "care: expected days since 1970"],
    [within(lines.length, 1, LINES_MAX + 1), `lines: expected 1 to ${LINES_MAX}`],
    [within(amc, 1, AMC_MAX + 1), "amc: expected cents"],
    [within(lists.trust, 1, NUMBER_MAX), "lists: expected the number of a trust list"],
    [within(lists.status, 1, SECONDS_MAX), "lists: expected seconds since 1970"],
  ];
  return rules.find(([holds]) => !holds)?.[1] ?? "";
}

/** The claims of an undertaking, in their one spelling. Throws `BadLine`: a number out of bounds. */
export function payloadOf(made) {
  const broken = brokenRule(made);
  if (broken) throw new BadLine("undertaking", broken, "bounds");
  const said = new Map([
    [1, made.number],
    [2, made.before],
    [3, made.card],
    [4, made.care],
    [5, made.lines.map(lineOf)],
    [6, made.amc],
    [7, [made.lists.trust, made.lists.status]],
  ]);
  return encode(new Map([[AUDIENCE, made.amcNumber], [ISSUED, made.at], [SAID, said]]));
}

const lineOf = ({ item, domain, price, base = null, rate = null }) => (
  item ? [item, price, null, rate] : [DOMAINS.indexOf(domain) + 1, price, base, rate]);

/**
 * Sign the sale of `quoted` (from `quoteShare`, with the same code, lines and moment), after `last`: what
 * `undertake` gave before on this device, or null. `device` is `{ key, point }`. Gives the number, the
 * message and the amount in cents. Throws `Refused` where (1) does not hold.
 */
export async function undertake(quoted, { code, lines, on, now }, last, device) {
  checkBound(quoted); // (1)
  const { claims, list_made: status } = quoted.verdict;
  const made = {
    amcNumber: claims.amc,
    at: now,
    number: last ? last.number + 1 : 1, // (2)
    before: last ? await sha256(last.message) : new Uint8Array(DIGEST_SIZE),
    card: await cardDigest(code),
    care: Date.parse(on) / DAY,
    lines,
    amc: quoted.quote.amc,
    lists: { trust: quoted.trust, status },
  };
  const unsigned = { kid: await keyId(device.point), payload: payloadOf(made), kind: UNDERTAKING };
  const signature = await sign(device.key, toBeSigned(unsigned)); // (3)
  return { number: made.number, message: written({ ...unsigned, signature }), amc: made.amc, at: now };
}
