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
import { checkBound } from "./quote_share.js";
import { BadLine } from "./tariff.js";

/** The kind of its COSE_Sign1. */
export const UNDERTAKING = { type: "application/rempart-undertaking+cwt", smallest: 24, largest: 4_096 };

const AUDIENCE = 3, ISSUED = 6, SAID = -65540, PREFIX = "RP1:";
const DIGEST_SIZE = 32, DAY = 86_400_000, SECONDS_MAX = 2 ** 33, NUMBER_MAX = 2 ** 32, CARE_MAX = 2 ** 16;

/** How an undertaking names a card: SHA-256 of the code's bytes. */
export const cardDigest = (code) => sha256(fromBase45(code.slice(PREFIX.length)));

/** The claims of an undertaking, in their one spelling. Throws `BadLine`: a number out of bounds. */
export function payloadOf(made) {
  const within = (rule, value, least, most) => {
    if (!Number.isInteger(value) || value < least || value >= most) throw new BadLine("undertaking", rule, "bounds");
    return value;
  };
  const said = new Map([
    [1, within("number: expected a u32 from 1", made.number, 1, NUMBER_MAX)],
    [2, made.before],
    [3, made.card],
    [4, within("care: expected days since 1970", made.care, 0, CARE_MAX)],
    [5, made.lines.map(lineOf)],
    [6, within("amc: expected cents", made.amc, 1, 10_000_001)],
    [7, [made.lists.trust, made.lists.status]],
  ]);
  const at = within("at: expected seconds since 1970", made.at, 1, SECONDS_MAX);
  return encode(new Map([[AUDIENCE, made.amcNumber], [ISSUED, at], [SAID, said]]));
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
