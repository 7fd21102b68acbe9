// Read what a device has signed (specs/undertaking.md):
//
// (1) well formed: a COSE_Sign1 of its kind, in its one spelling;
// (2) device: under the id of this device's key;
// (3) authentic: that key signed these bytes, s in its low half;
// (4) claims: they are an undertaking's, in their one spelling.

import { hex } from "./bytes.js";
import { DOMAINS } from "./card.js";
import { Malformed, decode, isMapOf } from "./cbor.js";
import { read1, toBeSigned } from "./cose.js";
import { hasSigned, isPoint, keyId, publicKey } from "./p256.js";
import { Refused } from "./refused.js";
import { AUDIENCE, ISSUED, SAID, UNDERTAKING, brokenRule } from "./undertaking.js";

const NUMBER = 1, BEFORE = 2, CARD = 3, CARE = 4, LINES = 5, AMC = 6, LISTS = 7;
const FIELDS = [NUMBER, BEFORE, CARD, CARE, LINES, AMC, LISTS], ITEM_MAX = 32;

/**
 * What the device whose key is at `point` (65 bytes) has signed: amcNumber, at, number, before, card,
 * care, lines, amc, lists. Throws `Refused`, with the step.
 */
export async function readUndertaking(message, point) {
  const read = read1(message, UNDERTAKING); // (1)
  if (!isPoint(point) || hex(read.kid) !== hex(await keyId(point))) { // (2)
    throw new Refused("device", "signed under another key than this device's");
  }
  if (!(await hasSigned(await publicKey(point), read.signature, toBeSigned(read)))) { // (3)
    throw new Refused("authentic", "the signature does not verify");
  }
  return madeOf(read.payload); // (4)
}

const refuse = (reason) => { throw new Refused("claims", reason); };
const hold = (holds) => holds || refuse("not what an undertaking holds");

function madeOf(payload) {
  const claims = decoded(payload);
  hold(isMapOf(claims, [AUDIENCE, ISSUED, SAID]));
  const said = claims.get(SAID);
  hold(isMapOf(said, FIELDS));
  const [number, before, card, care, lines, amc, lists] = FIELDS.map((field) => said.get(field));
  hold(typeof claims.get(AUDIENCE) === "string");
  hold(before instanceof Uint8Array && card instanceof Uint8Array);
  hold(Array.isArray(lines) && Array.isArray(lists) && lists.length === 2);
  const made = {
    amcNumber: claims.get(AUDIENCE), at: claims.get(ISSUED), number, before, card, care,
    lines: lines.map(lineOf), amc, lists: { trust: lists[0], status: lists[1] },
  };
  return brokenRule(made) ? refuse(brokenRule(made)) : made;
}

/** An amount or a rate may be any integer: the tariff bounds it. */
function decoded(payload) {
  try {
    return decode(payload, { loose: true });
  } catch (error) {
    throw error instanceof Malformed ? new Refused("claims", error.message) : error;
  }
}

function lineOf(said) {
  hold(Array.isArray(said) && said.length === 4);
  const [what, price, base, rate] = said;
  hold(Number.isInteger(price) && (rate === null || Number.isInteger(rate)));
  if (typeof what === "string") {
    hold(what && [...what].length <= ITEM_MAX && base === null);
    return { item: what, domain: null, price, base, rate };
  }
  hold(Number.isInteger(what) && DOMAINS[what - 1] && Number.isInteger(base));
  return { item: "", domain: DOMAINS[what - 1], price, base, rate };
}
