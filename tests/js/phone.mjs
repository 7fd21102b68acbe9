// The phone page's modules, asked by lines; the page was written into the folder that is named first.

import { answerLines, bytes } from "./lines.mjs";

const from = (name) => import(`file://${process.argv[2]}/${name}`);
const { encode } = await from("qr.js"), { HISTORY, RIGHTS, daysOf, freshCode } = await from("codes.js");
const { readNote, verifierOf } = await from("note.js"), { codeOf } = await from("enrolling.js");

const AIMS = { rights: RIGHTS, history: HISTORY };
const P256 = { name: "ECDSA", namedCurve: "P-256" };

const ASKED = {
  qr: ({ text, ...how }) => encode(text, how).map((row) => row.map(Number).join("")),
  async fresh({ pkcs8, phoneCard, vault, made, aim }) {
    const key = await crypto.subtle.importKey("pkcs8", bytes(pkcs8), P256, false, ["sign"]);
    return freshCode({ phoneCard: bytes(phoneCard), key, vault: bytes(vault), made, aim: AIMS[aim] });
  },
  days: ({ phoneCard, point }) => daysOf(bytes(phoneCard), bytes(point)),
  async note({ note, verifier }) {
    const said = await readNote(note, await verifierOf(verifier));
    return said && { vault: said.vault, until: said.until };
  },
  code: ({ text }) => codeOf(text),
};

await answerLines(ASKED, (error) => ({ refused: error.name }));
