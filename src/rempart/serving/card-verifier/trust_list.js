// The trust list of an operator (specs/card-lists.md): whose cards count, and under which keys.

import { hex } from "./bytes.js";
import { Malformed, decode, isMapOf } from "./cbor.js";
import { KEY_ID_SIZE, isPoint, keyId } from "./p256.js";

/** The kind of its COSE_Sign1. */
export const TRUST = { type: "application/rempart-trust-list+cwt", smallest: 24, largest: 1 << 22 };

const ISSUER = 1, EXPIRES = 4, ISSUED = 6, TRUST_LIST = -65538;
const NUMBER = 1, INSURERS = 2, NEXT_KEY = 3;
const AMC = 1, NAME = 2, KEYS = 3, STATEMENT = 4;
const INSURERS_MAX = 2_000, KEYS_MAX = 16, NAME_MAX = 80, NUMBER_MAX = 2 ** 32, STATEMENT_MAX = 8_400;
const SECONDS_MAX = 2 ** 33;

export function hold(rule, holds) {
  if (!holds) throw new Malformed(rule);
}

/** When a list was made and until when it is current: seconds since 1970. */
export function moments(said, issued, expires) {
  const made = said.get(issued), until = said.get(expires);
  hold("made: expected before its end", Number.isInteger(made) && Number.isInteger(until));
  hold("made: expected before its end", made > 0 && made < until && until < SECONDS_MAX);
  return { made, until };
}

/** The list of a payload whose signature has been verified. Throws `Malformed`. */
export async function trustOf(payload) {
  const said = decode(payload);
  hold("not what a list holds", isMapOf(said, [ISSUER, EXPIRES, ISSUED, TRUST_LIST]) && said.size === 4);
  const list = said.get(TRUST_LIST);
  hold("not what a list holds", isMapOf(list, [NUMBER, INSURERS], [NEXT_KEY]));
  const number = list.get(NUMBER), nextKey = list.get(NEXT_KEY) ?? null;
  hold("number: expected a u32 from 1", Number.isInteger(number) && number > 0 && number < NUMBER_MAX);
  hold("next key: expected a point of P-256", nextKey === null || isPoint(nextKey));
  return {
    operator: name(said.get(ISSUER)), number, nextKey, ...moments(said, ISSUED, EXPIRES),
    insurers: await insurers(list.get(INSURERS)),
  };
}

async function insurers(said) {
  hold("insurers: too many", Array.isArray(said) && said.length <= INSURERS_MAX);
  const found = new Map();
  let last = "";
  for (const each of said) {
    hold("not what a list says of an insurer", isMapOf(each, [AMC, NAME, KEYS], [STATEMENT]));
    const amc = each.get(AMC), statement = each.get(STATEMENT) ?? null;
    hold("insurer: expected 8 digits", typeof amc === "string" && /^[0-9]{8}$/.test(amc));
    hold("insurers: not ascending", last < amc);
    hold("guarantees: not bytes, none, or too long", statement === null || isStatement(statement));
    found.set(amc, { amc, name: name(each.get(NAME)), keys: await keys(each.get(KEYS)), statement });
    last = amc;
  }
  return found;
}

const isStatement = (said) => said instanceof Uint8Array && said.length > 0 && said.length <= STATEMENT_MAX;

/** Points by key id, in hexadecimal. */
async function keys(said) {
  hold("keys: expected 1 to 16", said instanceof Map && said.size > 0 && said.size <= KEYS_MAX);
  const found = new Map();
  for (const [kid, point] of said) {
    hold("key id: expected 8 bytes", kid instanceof Uint8Array && kid.length === KEY_ID_SIZE);
    hold("key: expected a point of P-256", isPoint(point));
    hold("a key is not under its own id", hex(await keyId(point)) === hex(kid));
    found.set(hex(kid), point);
  }
  return found;
}

/** A text of 1 to 80 printable characters, without a space at either end. */
function name(text) {
  hold("name: expected 1 to 80 characters", typeof text === "string" && [...text].length <= NAME_MAX);
  hold("name: expected 1 to 80 characters", /^(?! )(?:[^\p{C}\p{Z}]| )+(?<! )$/u.test(text));
  return text;
}
