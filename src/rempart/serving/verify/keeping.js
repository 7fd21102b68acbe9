// Where lists are kept: in IndexedDB, as they came. Each is verified anew when it is read; no card is
// ever kept.

import { Lists } from "./card-verifier/index.js";
import { storing } from "./storing.js";

const NAME = "rempart-verify", STORE = "lists", KEPT = "kept";
let inMemory = null; // where the browser keeps nothing

const store = (mode, act) => storing(NAME, { [STORE]: {} }, STORE, mode, act);

async function kept() {
  try {
    return (await store("readonly", (lists) => lists.get(KEPT))) ?? inMemory;
  } catch {
    return inMemory;
  }
}

/** The lists that are kept here; null before an operator's key is. */
export async function opened() {
  const found = await kept();
  return found && Lists.open(found);
}

/** Begin with an operator's key, of 65 bytes, unless one is kept. */
export async function begun(point) {
  return (await opened()) ?? Lists.open({ roots: [point] });
}

/** Keep these; whether the browser will still have them tomorrow. */
export async function keep(lists) {
  inMemory = lists.kept;
  try {
    await store("readwrite", (all) => all.put(lists.kept, KEPT));
    navigator.storage?.persist?.();
    return true;
  } catch {
    return false;
  }
}

export async function forget() {
  inMemory = null;
  await store("readwrite", (all) => all.delete(KEPT)).catch(() => null);
}

/** One tab at a time: what another has just kept is not overwritten by something older. */
export const alone = (act) => (navigator.locks ? navigator.locks.request(NAME, act) : act());
