// The card verifier, asked by lines: one JSON request on standard input, one JSON answer for it.

import { createInterface } from "node:readline";
import { Lists, Refused, readCard, verify } from "../../src/rempart/serving/card-verifier/index.js";
import { decode, Malformed } from "../../src/rempart/serving/card-verifier/cbor.js";
import { inflate } from "../../src/rempart/serving/card-verifier/inflate.js";
import { publicKey } from "../../src/rempart/serving/card-verifier/p256.js";

const bytes = (text) => new Uint8Array(Buffer.from(text, "hex"));
let lists = null;

const ASKED = {
  async card({ point, kid, issuer, code, on }) {
    const key = await publicKey(bytes(point));
    return readCard(code, (amc, named) => (amc === issuer && Buffer.from(named).toString("hex") === kid ? key : null), on);
  },
  async begin({ operator }) {
    lists = await Lists.open({ roots: [bytes(operator)] });
    return lists.fingerprint();
  },
  race: ({ datas, now }) => Promise.all(datas.map((data) => (
    lists.take(bytes(data), now).catch((error) => error.step)))),
  take: ({ data, now }) => lists.take(bytes(data), now),
  async again({ noise = [] }) {
    const { roots, trust, statuses } = lists.kept;
    lists = await Lists.open({ roots, trust, statuses: [...noise.map(bytes), ...statuses] });
  },
  verify: ({ code, on, domain, now }) => verify(lists, code, { on, domain, now }),
  kept: () => lists.kept,
  inflate: ({ data, largest }) => inflate(bytes(data), largest),
  cbor: ({ data }) => Boolean(decode(bytes(data))) || true,
};

const written = (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value);

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, ...what } = JSON.parse(line);
  let told;
  try {
    told = { told: (await ASKED[ask](what)) ?? null };
  } catch (error) {
    if (error instanceof Refused) told = { refused: error.step };
    else if (error instanceof Malformed) told = { refused: "malformed" };
    else told = { failed: `${error.name}: ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(told, written)}\n`);
}
