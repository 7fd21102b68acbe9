// A scanner that types like a keyboard: what may have happened to a code on its way.
//
// A scanner sends keys, not characters. Set to another keyboard than the computer's, it writes "RP&M"
// for "RP1:" (an AZERTY computer), or "RP!." the other way round.

import { ALPHABET } from "./card-verifier/base45.js";

const SHORTEST = 180; // characters; the smallest card there can be has more
const OF_A_PHONE = /^RF1:/i; // specs/fresh-code.md: for the vault alone
const OURS = /^RP1:/, SWAPPED = /^rp1:/, TYPED = /^rp.{2}/i;

/** "phone", "case", "layout", "cut" or "other": why a text is no code; empty where nothing tells. */
export function mistyped(text) {
  if (OF_A_PHONE.test(text)) return "phone";
  if (SWAPPED.test(text)) return "case";
  if (!OURS.test(text)) return TYPED.test(text) ? "layout" : "other";
  if ([...text].some((character) => !ALPHABET.includes(character))) return "layout";
  return text.length < SHORTEST ? "cut" : "";
}
