// What this phone keeps, in IndexedDB: a key that no script reads for each card, what its insurer
// answered, and the vault's note as it came.

import { storing } from "./storing.js";

const NAME = "rempart-phone", CARDS = "cards", NOTES = "notes", NOTE = "presence";
const STORES = { [CARDS]: { keyPath: "number", autoIncrement: true }, [NOTES]: {} };

const store = (name, mode, act) => storing(NAME, STORES, name, mode, act);

/** Every card, oldest first: `{ number, key, point, code, phoneCard, card, renewed }`. */
export const cards = () => store(CARDS, "readonly", (all) => all.getAll());

/** Keep a card; its number. */
export async function keep(card) {
  navigator.storage?.persist?.();
  return store(CARDS, "readwrite", (all) => all.put(card));
}

export const forget = (number) => store(CARDS, "readwrite", (all) => all.delete(number));

export const note = () => store(NOTES, "readonly", (all) => all.get(NOTE));
export const keepNote = (text) => store(NOTES, "readwrite", (all) => all.put(text, NOTE));
