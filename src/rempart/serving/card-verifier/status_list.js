// The status list of an insurer (specs/card-lists.md): which of its cards are over. The Token Status
// List of the IETF's OAuth group in CBOR: one bit a card, the first of a byte in its lowest bit.

import { joined, same } from "./bytes.js";
import { Malformed, decode, isMapOf } from "./cbor.js";
import { inflate } from "./inflate.js";
import { moments } from "./trust_list.js";

const SUBJECT = 2, EXPIRES = 4, ISSUED = 6, STATUS_LIST = 65533;
const SUBJECT_PREFIX = "urn:rempart:status:", ISSUER_SIZE = 8;
const BEGINNING = joined([0xa4, 0x02, 0x78, 0x1b], SUBJECT_PREFIX); // map of 4; claim 2, text (27)
const PLACES_MIN = 1 << 12, PLACES_MAX = 1 << 27;

/** The kind of its COSE_Sign1. */
export const STATUS = { type: "application/statuslist+cwt", smallest: 24, largest: PLACES_MAX / 8 + 65_536 };

/** The AMC number that a list begins with, believed by nobody yet; empty where it is none. */
export function subjectOf(payload) {
  if (!same(payload.subarray(0, BEGINNING.length), BEGINNING)) return "";
  const found = payload.subarray(BEGINNING.length, BEGINNING.length + ISSUER_SIZE);
  const amc = String.fromCharCode(...found);
  return /^[0-9]{8}$/.test(amc) ? amc : "";
}

/** The list of a payload whose signature has been verified. Throws `Malformed`. */
export function statusOf(payload) {
  const said = decode(payload);
  if (!isMapOf(said, [SUBJECT, EXPIRES, ISSUED, STATUS_LIST]) || said.size !== 4) throw new Malformed("not what a list holds");
  const list = said.get(STATUS_LIST);
  if (!isMapOf(list, ["lst", "bits"]) || list.size !== 2 || list.get("bits") !== 1) throw new Malformed("not one bit a card");
  if (!(list.get("lst") instanceof Uint8Array)) throw new Malformed("not what a list holds");
  const { made, until } = moments(said, ISSUED, EXPIRES), bits = inflate(list.get("lst"), PLACES_MAX / 8);
  if (bits.length * 8 < PLACES_MIN) throw new Malformed("list: of another size");
  return { amc: subjectOf(payload), made, until, bits };
}

/** Whether the card at `place` is over; null where no list says. */
export function isOver(status, place) {
  if (!status || place === null || place >= status.bits.length * 8) return null;
  return Boolean((status.bits[Math.floor(place / 8)] >>> place % 8) & 1);
}
