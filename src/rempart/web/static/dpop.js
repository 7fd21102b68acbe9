// Proofs of possession (DPoP, RFC 9449): this page's key signs each request that it makes.
//
// The key is made here, once for this browser, and kept in IndexedDB as an object that no script
// can read (`extractable: false`): it can be used on this page and taken nowhere. Whoever steals
// the session handle has nothing without it.

const DATABASE = "rempart", STORE = "keys", NAME = "proof";
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const bytes = (text) => new TextEncoder().encode(text);

/** Bytes as base64url, without padding. */
export function base64url(data) {
  const binary = Array.from(new Uint8Array(data), (each) => String.fromCharCode(each)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** SHA-256 of a text, as base64url. */
export async function digest(text) {
  return base64url(await crypto.subtle.digest("SHA-256", bytes(text)));
}

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function store(mode, act) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await asked(opening);
  try {
    return await asked(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

async function keptPair() {
  const kept = await store("readonly", (keys) => keys.get(NAME));
  if (kept) return kept;
  const made = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  try {
    await store("readwrite", (keys) => keys.add(made, NAME));
    return made;
  } catch {
    // Another tab was first: its key is this browser's.
    return store("readonly", (keys) => keys.get(NAME));
  }
}

let pair;

async function key() {
  pair ??= keptPair();
  const { privateKey, publicKey } = await pair;
  const { crv, kty, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return { privateKey, jwk: { crv, kty, x, y } };
}

/** The thumbprint of this browser's key (RFC 7638). */
export async function thumbprint() {
  return digest(JSON.stringify((await key()).jwk));
}

/** A proof over one request: its address, its body, and the session's handle if there is one. */
export async function proof(address, body, token) {
  const { privateKey, jwk } = await key();
  const claims = {
    htm: "POST",
    htu: address,
    cth: await digest(body),
    iat: Math.floor(Date.now() / 1000),
    jti: base64url(crypto.getRandomValues(new Uint8Array(16))),
  };
  if (token) claims.ath = await digest(token);
  const header = { typ: "dpop+jwt", alg: "ES256", jwk };
  const signed = [header, claims].map((part) => base64url(bytes(JSON.stringify(part)))).join(".");
  return `${signed}.${base64url(await crypto.subtle.sign(SIGNATURE, privateKey, bytes(signed)))}`;
}
