// Fresh codes, as specs/fresh-code.md has them: made here, for this minute, with no network.

import { ALPHABET } from "./card-verifier/base45.js";
import { joined, same } from "./card-verifier/bytes.js";
import { sha256, sign } from "./card-verifier/p256.js";

// What a code is made for: to be shown for a question about rights, or to see one's own history.
export const RIGHTS = { prefix: "RF1:", label: "rempart/fresh/1" };
export const HISTORY = { prefix: "RH1:", label: "rempart/history/1" };
const PHONE_CARD_SIZE = 208, NONCE_SIZE = 16, KEY_ID_SIZE = 8;
const { subtle } = globalThis.crypto;

/** Each part behind its length (u16), so that no two lists of parts collide. */
export function prefixed(...parts) {
  const encoder = new TextEncoder();
  const bytes = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  return joined(...bytes.flatMap((part) => [[part.length >>> 8, part.length & 255], part]));
}

export const u32 = (number) => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];

/** Base45 (RFC 9285): three characters for two bytes, two for a last odd one. */
export function base45(data) {
  let text = "";
  for (let at = 0; at + 1 < data.length; at += 2) {
    const number = (data[at] << 8) | data[at + 1];
    text += ALPHABET[number % 45] + ALPHABET[Math.floor(number / 45) % 45] + ALPHABET[Math.floor(number / 2025)];
  }
  if (data.length % 2) text += ALPHABET[data.at(-1) % 45] + ALPHABET[Math.floor(data.at(-1) / 45)];
  return text;
}

async function sealingKey(privateKey, vault, ephemeral, { label }) {
  const theirs = await subtle.importKey("raw", vault, "X25519", false, []);
  const shared = await subtle.deriveBits({ name: "X25519", public: theirs }, privateKey, 256);
  const mac = await subtle.importKey("raw", shared, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const key = await subtle.sign("HMAC", mac, prefixed(label, ephemeral, vault));
  return subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
}

/**
 * A code for this moment: `phoneCard` (208 bytes) and `key` are the phone's, `vault` the vault's
 * presence key (32 bytes), `made` the seconds since 1970 of this clock, `aim` what it is made for.
 */
export async function freshCode({ phoneCard, key, vault, made, aim = RIGHTS }) {
  const pair = await subtle.generateKey("X25519", false, ["deriveBits"]);
  const ephemeral = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  const nonce = globalThis.crypto.getRandomValues(new Uint8Array(NONCE_SIZE));
  const said = prefixed(aim.label, u32(made), nonce, await sha256(phoneCard), ephemeral, vault);
  const inside = joined(phoneCard, u32(made), nonce, await sign(key, said));
  const bound = joined((await sha256(vault)).subarray(0, KEY_ID_SIZE), ephemeral);
  const how = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: bound };
  const sealed = await subtle.encrypt(how, await sealingKey(pair.privateKey, vault, ephemeral, aim), inside);
  return aim.prefix + base45(joined(bound, new Uint8Array(sealed)));
}

const PAYLOAD = 52, EXP = PAYLOAD + 13, NBF = EXP + 6, X = NBF + 15, ODD = X + 33;
const seconds = (bytes, at) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);

/** The days of a phone card, in seconds: from, and before; null where it is not for this point. */
export function daysOf(phoneCard, point) {
  if (phoneCard.length !== PHONE_CARD_SIZE || !same(phoneCard.subarray(X, X + 32), point.subarray(1, 33))) return null;
  if (phoneCard[ODD] !== 0xf4 + (point[64] & 1)) return null;
  return { from: seconds(phoneCard, NBF), before: seconds(phoneCard, EXP) };
}
