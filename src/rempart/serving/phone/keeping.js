// What this phone keeps, in IndexedDB: a key that no script reads for each card, what its insurer
// answered, and the vault's note as it came.

const NAME = "rempart-phone", CARDS = "cards", NOTES = "notes", NOTE = "presence";

const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function store(name, mode, act) {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(CARDS, { keyPath: "number", autoIncrement: true });
    opening.result.createObjectStore(NOTES);
  };
  const base = await settled(opening);
  try {
    return await settled(act(base.transaction(name, mode, { durability: "strict" }).objectStore(name)));
  } finally {
    base.close();
  }
}

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
