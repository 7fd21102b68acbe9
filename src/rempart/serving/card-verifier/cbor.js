// Deterministic CBOR (RFC 8949 section 4.2.1), no more of it than cards, lists and undertakings use:
// integers, strings, arrays, maps, booleans, and null where a format has it. Shortest heads, no
// indefinite length, map keys ascending and each once: whatever is read has one spelling.

import { BYTES, TEXT, head, joined, order } from "./bytes.js";

const DEPTH_MAX = 8, NULL = 0xf6;

/** Bytes that are not what this reader reads. */
export class Malformed extends Error {}

const refuse = (reason) => { throw new Malformed(`CBOR: ${reason}`); };

/**
 * The value of `data`, all of it: numbers (safe integers), strings, `Uint8Array`, arrays, `Map`,
 * booleans. `loose`: null too, and integers too large to be exact, which whoever reads them bounds.
 * Throws `Malformed`.
 */
export function decode(data, { loose = false } = {}) {
  const reader = new Reader(data, loose), value = reader.value(0);
  if (reader.at !== data.length) refuse("something after the end");
  return value;
}

class Reader {
  constructor(data, loose) {
    this.data = data;
    this.loose = loose;
    this.at = 0;
    this.text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  }

  value(depth) {
    if (depth > DEPTH_MAX) refuse("too deep");
    const first = this.take(1)[0], major = first >>> 5;
    if (first === 0xf4 || first === 0xf5) return first === 0xf5;
    if (first === NULL && this.loose) return null;
    if (major > 5) refuse("a type that nothing here has");
    const size = this.argument(first & 31);
    switch (major) {
      case 0: return size;
      case 1: return -1 - size;
      case 2: return this.take(size).slice();
      case 3: return this.string(size);
      case 4: return this.array(size, depth);
      default: return this.map(size, depth);
    }
  }

  take(size) {
    if (size > this.data.length - this.at) refuse("cut short");
    this.at += size;
    return this.data.subarray(this.at - size, this.at);
  }

  /** What a head says: a value or a size, in its shortest spelling. */
  argument(short) {
    if (short < 24) return short;
    if (short > 27) refuse("an indefinite length");
    const width = 1 << (short - 24);
    const number = this.take(width).reduce((sum, byte) => sum * 256 + byte, 0);
    if (!Number.isSafeInteger(number) && !this.loose) refuse("a number too large");
    if (number < (width === 1 ? 24 : 2 ** (width * 4))) refuse("a head longer than it need be");
    return number;
  }

  string(size) {
    try {
      return this.text.decode(this.take(size));
    } catch (error) {
      throw error instanceof Malformed ? error : new Malformed("CBOR: not UTF-8");
    }
  }

  array(size, depth) {
    const items = [];
    for (let left = size; left > 0; left -= 1) items.push(this.value(depth + 1));
    return items;
  }

  map(size, depth) {
    const entries = new Map();
    let last = new Uint8Array(0);
    for (let left = size; left > 0; left -= 1) {
      const start = this.at, key = this.value(depth + 1), spelt = this.data.subarray(start, this.at);
      if (order(last, spelt) >= 0) refuse("map keys not ascending, or one twice");
      entries.set(key, this.value(depth + 1));
      last = spelt;
    }
    return entries;
  }
}

/** Whether `value` is a map with these keys, all of `needed` and then any of `more`, and no others. */
export function isMapOf(value, needed, more = []) {
  if (!(value instanceof Map)) return false;
  const keys = [...value.keys()];
  return needed.every((key, at) => keys[at] === key)
    && keys.slice(needed.length).every((key) => more.includes(key));
}

const NEGATIVE = 0x20, ARRAY = 0x80, MAP = 0xa0;

/** The one spelling of a value: safe integers, strings, `Uint8Array`, arrays, `Map`, null. */
export function encode(value) {
  if (value === null) return Uint8Array.of(NULL);
  if (Number.isSafeInteger(value)) return joined(value < 0 ? head(NEGATIVE, -1 - value) : head(0, value));
  if (typeof value === "string") return encodeText(value);
  if (value instanceof Uint8Array) return joined(head(BYTES, value.length), value);
  if (Array.isArray(value)) return joined(head(ARRAY, value.length), ...value.map(encode));
  if (!(value instanceof Map)) throw new TypeError("CBOR: a type that nothing here has");
  const entries = Array.from(value, ([key, said]) => [encode(key), encode(said)]);
  entries.sort(([one], [other]) => order(one, other));
  return joined(head(MAP, entries.length), ...entries.flat());
}

function encodeText(text) {
  const data = joined(text);
  return joined(head(TEXT, data.length), data);
}
