// The vault's presence key: believed when the vault that this page was made for has signed it, and
// until its date. Whoever hands the note over can give neither a key of their own nor an old one.

import { hex, joined, same } from "./card-verifier/bytes.js";
import { sha256 } from "./card-verifier/p256.js";

const TITLE = "rempart/presence-key/1", ED25519 = 1, KEY_SIZE = 32, KEY_ID_SIZE = 4;
const { subtle } = globalThis.crypto;

export const unb64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** A verifier key as C2SP writes it: `name+id+base64`. Throws where it is none. */
export async function verifierOf(text) {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text);
  const key = unb64(encoded), own = (await sha256(joined(`${name}\n`, key))).subarray(0, KEY_ID_SIZE);
  if (key[0] !== ED25519 || key.length !== KEY_SIZE + 1 || hex(own) !== id) throw new TypeError("no verifier key");
  return { name, id: own.slice(), key: await subtle.importKey("raw", key.subarray(1), "Ed25519", false, ["verify"]) };
}

/** What a note says, whatever its date: `{ vault, until }`, seconds; null where it is not the vault's. */
export async function readNote(note, verifier) {
  try {
    const end = note.lastIndexOf("\n\n"), text = note.slice(0, end + 1);
    for (const line of note.slice(end + 2).split("\n")) {
      if (!line.startsWith(`— ${verifier.name} `)) continue;
      const said = unb64(line.slice(verifier.name.length + 3));
      if (said.length !== KEY_ID_SIZE + 64 || !same(said.subarray(0, KEY_ID_SIZE), verifier.id)) continue;
      if (!(await subtle.verify("Ed25519", verifier.key, said.subarray(KEY_ID_SIZE), joined(text)))) return null;
      return told(text, verifier.name);
    }
  } catch {
    // Not even a note.
  }
  return null;
}

function told(text, name) {
  const [title, origin, key, end, ...rest] = text.split("\n"), vault = unb64(key);
  const dated = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(end), until = Date.parse(end) / 1000;
  const whole = title === TITLE && origin === name && rest.length === 1 && rest[0] === "";
  return whole && dated && until > 0 && vault.length === KEY_SIZE ? { vault, until } : null;
}
