// Taking lists in, from where the page came from or from files. What is older than what is kept, or
// not signed by who must, is refused by the verifier, whoever hands it over.

import { Refused } from "./card-verifier/index.js";
import { alone, begun, keep, opened } from "./keeping.js";

const FROM = "lists/", KEY = "operator.pub", AT_MOST = 15_000, POINT_SIZE = 65;
const now = () => Math.floor(Date.now() / 1000);

async function fetched(name) {
  const found = await fetch(FROM + name, { cache: "no-cache", signal: AbortSignal.timeout(AT_MOST) });
  if (!found.ok) throw new TypeError(`no ${name}`);
  return new Uint8Array(await found.arrayBuffer());
}

/** The operator's key as this address has it; trusted once, when nothing is kept here yet. */
async function key() {
  return (await fetched(KEY)).slice(0, POINT_SIZE);
}

/** Take all of `sources`: functions that give bytes. */
async function taken(lists, sources) {
  const told = { fresh: 0, refused: null, missing: false };
  for (const source of sources) {
    try {
      if (await lists.take(await source(), now()) === "new") told.fresh += 1;
    } catch (error) {
      if (error instanceof Refused) told.refused = error.step;
      else told.missing = true;
    }
  }
  told.stays = await keep(lists);
  return { lists, told };
}

/** Ask the page's own address for newer lists. Throws where it cannot be reached. */
export const refresh = () => alone(async () => {
  const lists = (await opened()) ?? (await begun(await key()));
  const names = JSON.parse(new TextDecoder().decode(await fetched("index.json")));
  return taken(lists, names.map((name) => () => fetched(name)));
});

/** Take lists from files, the trust list first: it says who signs the others. */
export const fromFiles = (files) => alone(async () => {
  const lists = (await opened()) ?? (await begun(await key()));
  const sorted = [...files].sort((one, other) => (other.name === "trust.cbor") - (one.name === "trust.cbor"));
  return taken(lists, sorted.map((file) => async () => new Uint8Array(await file.arrayBuffer())));
});
