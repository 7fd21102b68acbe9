// IndexedDB, one act at a time: what has been returned from is on the disk.

const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const ended = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = resolve;
  transaction.onabort = () => reject(transaction.error);
});

/** What `act` asks of a store, once it is durable; `stores` are those of the base, with their options. */
export async function storing(name, stores, store, mode, act) {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    for (const [each, options] of Object.entries(stores)) opening.result.createObjectStore(each, options);
  };
  const base = await settled(opening);
  try {
    const transaction = base.transaction(store, mode, { durability: "strict" });
    const [found] = await Promise.all([settled(act(transaction.objectStore(store))), ended(transaction)]);
    return found;
  } finally {
    base.close();
  }
}
