// The card verifier, asked by lines.

import { answerLines, bytes } from "./lines.mjs";
import {
  BadLine, Lists, Refused, checkBound, judgeUndertakings, newKey, quote, quoteShare, readCard, readLine,
  readUndertaking, undertake, verify,
} from "../../src/rempart/serving/card-verifier/index.js";
import { decode, Malformed } from "../../src/rempart/serving/card-verifier/cbor.js";
import { inflate } from "../../src/rempart/serving/card-verifier/inflate.js";
import { guaranteesOf } from "../../src/rempart/serving/card-verifier/guarantees.js";
import { ofCard } from "../../src/rempart/serving/card-verifier/of_card.js";
import { publicKey } from "../../src/rempart/serving/card-verifier/p256.js";
import { payloadOf } from "../../src/rempart/serving/card-verifier/undertaking.js";

const bytesOrNot = (text) => (text === null ? null : bytes(text));
let lists = null, device = null, last = null, books = null;

/** Every list that is taken in, one after another. */
async function booksOf({ operator, lists: datas, now }) {
  const taking = await Lists.open({ roots: [bytes(operator)] }), trusts = new Set(), statuses = new Set();
  for (const data of datas) {
    await taking.take(bytes(data), now);
    trusts.add(taking.trust);
    for (const amc of taking.trust.insurers.keys()) statuses.add(taking.status(amc));
  }
  return { trusts: [...trusts], statuses: [...statuses].filter(Boolean), sales: [] };
}

/** The rulings, and the sales that count afterwards; or that a cut lasts. */
async function judged({ device: { point, ...times }, links, last: before, sales, ...asked }) {
  books.sales = sales;
  const read = links.map(({ message, ...link }) => ({ ...link, message: bytes(message) }));
  const from = before && { ...before, message: bytes(before.message) };
  try {
    const known = { device: { ...times, point: bytes(point) }, books, last: from };
    const rulings = await judgeUndertakings(read, { ...known, ...asked });
    return { rulings, sales };
  } catch (error) {
    if (error instanceof TypeError && error.message.startsWith("cuts:")) return error.message;
    throw error;
  }
}

function boundOf(quoted) {
  try {
    checkBound(quoted);
    return "";
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

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
  line: ({ text }) => readLine(text),
  said({ data }) {
    const { profile, renewals } = ofCard(bytesOrNot(data));
    return { profile, renewals: Object.fromEntries(renewals) };
  },
  quote: ({ lines, on, birth_year: birthYear, of_card: said, statement }) => quote(lines, {
    on, birthYear, ofCard: ofCard(bytesOrNot(said)), statement: statement && guaranteesOf(bytes(statement)),
  }),
  async sell({ code, lines, on, now }) {
    const quoted = await quoteShare(lists, code, lines, { on, now });
    return { finding: quoted.verdict.finding, why: quoted.why, quote: quoted.quote, bound: boundOf(quoted) };
  },
  payload: ({ made: { before, card, ...made } }) => payloadOf({ ...made, before: bytes(before), card: bytes(card) }),
  async device() {
    device = await newKey();
    last = null;
    return { point: device.point, leaves: device.key.extractable };
  },
  async undertake({ code, lines, on, now }) {
    const quoted = await quoteShare(lists, code, lines, { on, now });
    last = await undertake(quoted, { code, lines, on, now }, last, device);
    return last.message;
  },
  read: ({ message, point }) => readUndertaking(bytes(message), bytes(point)),
  async books(published) {
    books = await booksOf(published);
    return books.trusts.map(({ number }) => number);
  },
  judge: judged,
  kept: () => lists.kept,
  inflate: ({ data, largest }) => inflate(bytes(data), largest),
  cbor: ({ data }) => Boolean(decode(bytes(data))) || true,
};

await answerLines(ASKED, (error) => {
  if (error instanceof BadLine) return { bad: error.message };
  if (error instanceof Refused) return { refused: error.step };
  if (error instanceof Malformed) return { refused: "malformed" };
  return { failed: `${error.name}: ${error.message}` };
});
