// This device's key, and the chain of what it has signed, each with the code of its card until the deposit.
//
// (1) the key is made here, and does not leave;
// (2) one at a time in all tabs: a lock is held from reading the last one until the next one is kept;
// (3) durable before anybody reads it, under a number that nothing else can have: a number is never
//     signed twice, and what a power cut has stopped was shown to nobody.

import { cardMark, keyId, newKey, undertake } from "./card-verifier/index.js";
import { hex } from "./card-verifier/bytes.js";
import { storing } from "./storing.js";

const NAME = "rempart-device", DEVICE = "device", CHAIN = "chain", OWN = "own";
const STORES = { [DEVICE]: {}, [CHAIN]: { keyPath: "number" } };

const inStore = (store, mode, act) => storing(NAME, STORES, store, mode, act);
const alone = (act) => navigator.locks.request(NAME, act);

/** Whether this browser can keep one undertaking from another. */
export const canBind = () => Boolean(navigator.locks);

/** Bytes as enrolment and deposit take them. */
export const base64url = (bytes) => btoa(String.fromCharCode(...bytes))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** This device: key, point, key id in hexadecimal; null before it has been prepared. */
export async function device() {
  const own = await inStore(DEVICE, "readonly", (all) => all.get(OWN)).catch(() => null);
  return own ? { ...own, kid: hex(await keyId(own.point)) } : null;
}

/** Make this device's key (1), unless there is one. Throws where the browser keeps nothing. */
export const prepare = () => alone(async () => {
  if (await device()) return;
  const own = await newKey();
  await inStore(DEVICE, "readwrite", (all) => all.add(own, OWN));
  await navigator.storage?.persist?.();
});

/** Whether the browser may take away what it keeps here when it is short of room. */
export const mayLose = async () => !(await navigator.storage?.persisted?.());

/** Everything that was signed, in order: number, message, amc, at, code, card, kinds, insurer. */
export const links = () => inStore(CHAIN, "readonly", (all) => all.getAll()).catch(() => []);

async function last() {
  const numbers = await inStore(CHAIN, "readonly", (all) => all.getAllKeys());
  return numbers.length ? inStore(CHAIN, "readonly", (all) => all.get(numbers.at(-1))) : null;
}

/** Kinds of sale, by domain and basket, to which the insurer pays something of these shares. */
export const kindsOf = (shares) => [...new Set(
  shares.filter(({ amc }) => amc).map(({ domain, basket }) => `${domain} ${basket}`))];

/** The kinds of every sale that this device has bound for a card. */
export async function soldTo(claims) {
  const card = hex(await cardMark(claims));
  return (await links()).flatMap((link) => (link.card === card ? link.kinds : []));
}

/** Bind an insurer: `sell` gives the sale, its quote, and how the insurer is called. Throws what it throws. */
export const bind = (sell) => alone(async () => { // (2)
  const own = await device(), { quoted, sale, insurer } = await sell();
  const made = await undertake(quoted, sale, await last(), own), { code } = sale;
  const card = hex(await cardMark(quoted.verdict.claims));
  const link = { ...made, code, card, kinds: kindsOf(quoted.quote.shares), insurer };
  await inStore(CHAIN, "readwrite", (all) => all.add(link)); // (3)
  return made;
});

/** The chain as it is deposited: a line each, message and code. */
export async function deposit() {
  const lines = (await links()).map(({ message, code }) => JSON.stringify({ message: base64url(message), code }));
  return lines.map((line) => `${line}\n`).join("");
}

/** Forget the codes, once they have been deposited; what was signed stays, or the chain would end. */
export const forgetCodes = () => alone(async () => {
  for (const link of await links()) {
    if (link.code) await inStore(CHAIN, "readwrite", (all) => all.put({ ...link, code: "" }));
  }
});
