// Taking lists in, as specs/card-lists.md says: never an older one, never one of nobody's.
//
// (1) signed: a trust list by an operator's key that is known here, a status list by its insurer;
// (2) well formed: the claims of its kind, in their one spelling;
// (3) newer than the one that is there: by number, or by the moment at which it was made;
// (4) not of the future: a list that nobody can have made yet is a wrong clock, here or there.
//
// Where lists are kept is the caller's: what `kept` gives, `Lists.open` takes.

import { hex, same } from "./bytes.js";
import { Malformed } from "./cbor.js";
import { read1, toBeSigned } from "./cose.js";
import { GUARANTEES, guaranteesOf } from "./guarantees.js";
import { hasSigned, isPoint, keyId, publicKey, sha256 } from "./p256.js";
import { Refused, unlessRefused } from "./refused.js";
import { STATUS, statusOf, subjectOf } from "./status_list.js";
import { TRUST, trustOf } from "./trust_list.js";

const FUTURE = 300; // seconds by which the clock of who made a list may be fast

/** An operator's lists, as they are kept on this machine. */
export class Lists {
  #roots = new Map(); // points by key id, in hexadecimal
  #trust = null; // { data, list }
  #statuses = new Map(); // by AMC number: { data, list }, list null where it does not count
  #keys = new Map(); // imported keys, by point in hexadecimal
  #turn = Promise.resolve(); // the last taking: one ends before the next begins

  /**
   * The lists that were kept: `roots` are the operator's keys (65 bytes each), the others bytes as
   * they came. All is verified anew; a status list that is none any more is left out. Throws `Refused`.
   */
  static async open({ roots, trust = null, statuses = [] }) {
    const lists = new Lists();
    if (!roots.length || !roots.every(isPoint)) throw new Refused("signed", "no key of an operator");
    for (const point of roots) lists.#roots.set(hex(await keyId(point)), point);
    if (trust) lists.#trust = { data: trust, list: await lists.#readTrust(trust) };
    for (const data of statuses) {
      if (isOf(data, STATUS)) lists.#statuses.set(subjectOf(read1(data, STATUS).payload), { data });
    }
    await lists.#readAll();
    return lists;
  }

  /** The trust list, or null: operator, number, made, until, insurers (a map by AMC number). */
  get trust() { return this.#trust?.list ?? null; }

  /** The status list of an insurer that counts today, or null. */
  status(amc) { return this.#statuses.get(amc)?.list ?? null; }

  /** When the newest list was made, seconds since 1970. */
  get newest() {
    const counting = [...this.#statuses.values()].flatMap(({ list }) => (list ? [list] : []));
    return Math.max(this.trust?.made ?? 0, ...counting.map((list) => list.made));
  }

  /** What is to be kept: bytes. */
  get kept() {
    return {
      roots: [...this.#roots.values()],
      trust: this.#trust?.data ?? null,
      statuses: Array.from(this.#statuses.values(), ({ data }) => data),
    };
  }

  /** How the operator's key is read out: 128 bits of its SHA-256, in groups of four. */
  async fingerprint() {
    const [point] = this.#roots.values();
    return hex((await sha256(point)).subarray(0, 16)).match(/.{4}/g).join(" ");
  }

  /** The key of an insurer under a key id (bytes), or null. */
  async key(amc, kid) {
    const point = this.trust?.insurers.get(amc)?.keys.get(hex(kid));
    return point ? this.#imported(point) : null;
  }

  /** Take a list in, `now` in seconds: "new", or "known". Throws `Refused`, and nothing has changed. */
  take(data, now) {
    const taking = this.#turn.then(() => (isOf(data, TRUST) ? this.#takeTrust(data, now) : this.#takeStatus(data, now)));
    this.#turn = taking.catch(() => null);
    return taking;
  }

  async #takeTrust(data, now) {
    const list = await this.#readTrust(data); // (1), (2)
    if (this.#trust && same(this.#trust.data, data)) return "known";
    if (this.trust && list.number <= this.trust.number) throw older("trust"); // (3)
    checkMade(list, now); // (4)
    const signer = hex(read1(data, TRUST).kid), roots = new Map([[signer, this.#roots.get(signer)]]);
    if (list.nextKey) roots.set(hex(await keyId(list.nextKey)), list.nextKey);
    this.#trust = { data, list };
    this.#roots = roots;
    await this.#readAll();
    return "new";
  }

  async #takeStatus(data, now) {
    const kept = this.#statuses.get(subjectOf(read1(data, STATUS).payload));
    if (kept?.list && same(kept.data, data)) return "known";
    const list = await this.#readStatus(data); // (1), (2)
    if (kept?.list && list.made <= kept.list.made) throw older("status"); // (3)
    checkMade(list, now); // (4)
    this.#statuses.set(list.amc, { data, list });
    return "new";
  }

  async #readTrust(data) {
    const list = await read(data, TRUST, async ({ kid }) => {
      const point = this.#roots.get(hex(kid));
      return point && this.#imported(point);
    }, trustOf);
    for (const insurer of list.insurers.values()) insurer.guarantees = await this.#guarantees(insurer);
    return list;
  }

  /** What the insurer guarantees, under one of its own keys; null where it says nothing. */
  async #guarantees({ amc, keys, statement }) {
    if (!statement) return null;
    const said = await read(statement, GUARANTEES, async ({ kid }) => {
      const point = keys.get(hex(kid));
      return point && this.#imported(point);
    }, guaranteesOf).catch((error) => { // the list itself is signed; what it carries is not as it must be
      throw error instanceof Refused ? new Refused("well-formed", error.message) : error;
    });
    if (said.amc !== amc) throw new Refused("well-formed", "guarantees of another insurer");
    return said;
  }

  async #readStatus(data) {
    return read(data, STATUS, ({ kid, payload }) => this.key(subjectOf(payload), kid), statusOf);
  }

  /** Read every status list anew: one whose key is trusted no more does not count. */
  async #readAll() {
    for (const [amc, { data }] of this.#statuses) {
      const list = await this.#readStatus(data).catch(unlessRefused);
      this.#statuses.set(amc, { data, list });
    }
  }

  async #imported(point) {
    const name = hex(point);
    if (!this.#keys.has(name)) this.#keys.set(name, await publicKey(point));
    return this.#keys.get(name);
  }
}

/** A list of a kind, once the key that `keyOf` finds for it has signed it. */
async function read(data, kind, keyOf, listOf) {
  const message = read1(data, kind), key = await keyOf(message);
  if (!key) throw new Refused("signed", "signed by a key that is not trusted for it");
  if (!(await hasSigned(key, message.signature, toBeSigned(message)))) {
    throw new Refused("signed", "damaged, or not signed by who it says");
  }
  try {
    return await listOf(message.payload);
  } catch (error) {
    throw error instanceof Malformed ? new Refused("well-formed", error.message) : error;
  }
}

const older = (kind) => new Refused("newer", `older than the ${kind} list that is here`);

function checkMade({ made }, now) {
  if (made > now + FUTURE) throw new Refused("future", "made in the future: look at this machine's clock");
}

function isOf(data, kind) {
  try {
    return Boolean(read1(data, kind));
  } catch (error) {
    return Boolean(unlessRefused(error));
  }
}
