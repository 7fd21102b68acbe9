// Keys and signatures on P-256, by WebCrypto.

import { hex, joined, order, unhex } from "./bytes.js";

const FIELD = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = unhex("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8");
/** A SubjectPublicKeyInfo of a P-256 key, up to its point. */
const KEY_INFO = unhex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

export const POINT_SIZE = 65, KEY_ID_SIZE = 8;

/** WebCrypto: the browser's (on https, localhost or a file), or Node's (18 keeps it in a module). */
async function subtle() {
  return globalThis.crypto?.subtle ?? (await import("node:crypto")).webcrypto.subtle;
}

export async function sha256(data) {
  return new Uint8Array(await (await subtle()).digest("SHA-256", data));
}

/** Whether 65 bytes are a point of the curve: 4, x, y. */
export function isPoint(bytes) {
  if (!(bytes instanceof Uint8Array) || bytes.length !== POINT_SIZE || bytes[0] !== 4) return false;
  const x = BigInt(`0x${hex(bytes.subarray(1, 33))}`), y = BigInt(`0x${hex(bytes.subarray(33))}`);
  return x < FIELD && y < FIELD && (x * x * x - 3n * x + B - y * y) % FIELD === 0n;
}

/** Key id: the first 8 bytes of the SHA-256 of the key's SubjectPublicKeyInfo. */
export async function keyId(point) {
  return (await sha256(joined(KEY_INFO, point))).subarray(0, KEY_ID_SIZE);
}

/** A public key from its point. */
export async function publicKey(point) {
  return (await subtle()).importKey("raw", point, ECDSA, false, ["verify"]);
}

/** Whether `key` has signed `data`, and s is in its low half: one signature, one spelling. */
export async function hasSigned(key, signature, data) {
  if (order(signature.subarray(32), HALF_ORDER) > 0) return false;
  return (await subtle()).verify(ECDSA, key, signature, data);
}

/** A new key that signs and never leaves, with its point: `{ key, point }`. */
export async function newKey() {
  const pair = await (await subtle()).generateKey(ECDSA, false, ["sign", "verify"]);
  return { key: pair.privateKey, point: new Uint8Array(await (await subtle()).exportKey("raw", pair.publicKey)) };
}

/** The signature of `data`, r and s, with s in its low half: one signature, one spelling. */
export async function sign(key, data) {
  const signature = new Uint8Array(await (await subtle()).sign(ECDSA, key, data)), s = signature.subarray(32);
  if (order(s, HALF_ORDER) <= 0) return signature;
  const low = (ORDER - BigInt(`0x${hex(s)}`)).toString(16).padStart(64, "0");
  return joined(signature.subarray(0, 32), unhex(low));
}
