// Base45 (RFC 9285): bytes in the alphabet that a QR code packs best. One form only.

import { Refused } from "./refused.js";

export const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VALUES = new Map(Array.from(ALPHABET, (character, value) => [character, value]));

const refuse = (reason) => { throw new Refused("well-formed", `base45: ${reason}`); };

/** The bytes of `text`. Throws `Refused`: a foreign character, a length that none has, an overflow. */
export function decode(text) {
  if (text.length % 3 === 1) refuse("no such length");
  const values = Array.from(text, (character) => VALUES.get(character) ?? refuse("a foreign character"));
  const data = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 ? 1 : 0));
  let filled = 0;
  for (let at = 0; at + 2 < values.length; at += 3) {
    const number = values[at] + 45 * values[at + 1] + 2025 * values[at + 2];
    if (number > 0xffff) refuse("a group overflows");
    data[filled++] = number >>> 8;
    data[filled++] = number & 255;
  }
  if (values.length % 3) {
    const number = values.at(-2) + 45 * values.at(-1);
    if (number > 0xff) refuse("a group overflows");
    data[filled] = number;
  }
  return data;
}
