// zlib (RFC 1950, 1951), bounded: what is inflated is never more than was said beforehand, nothing
// may follow it, and its checksum holds. The browser's own DecompressionStream lets bytes after the
// end pass in places, and not in others.

import { Malformed } from "./cbor.js";

const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const CODE_LENGTHS = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END = 256, HEADER_SIZE = 2, CHECKSUM_SIZE = 4, BEGUN = 1 << 16;

const refuse = (reason) => { throw new Malformed(`zlib: ${reason}`); };

/** The bytes that `data` was pressed from, at most `largest`. Throws `Malformed`. */
export function inflate(data, largest) {
  const stream = new Stream(data, largest);
  if (data.length < HEADER_SIZE + CHECKSUM_SIZE) refuse("cut short");
  const [method, flags] = data;
  if ((method & 15) !== 8 || method >>> 4 > 7 || flags & 32 || (method * 256 + flags) % 31) refuse("no header of it");
  while (!stream.block());
  const end = stream.end(), out = stream.out.subarray(0, stream.size);
  if (end + CHECKSUM_SIZE !== data.length) refuse("cut short, or followed by something");
  if (new DataView(data.buffer, data.byteOffset + end).getUint32(0) !== adler32(out)) refuse("its checksum does not hold");
  return out;
}

function adler32(bytes) {
  let low = 1, high = 0;
  for (let at = 0; at < bytes.length;) {
    // As many as fit before a sum needs its modulo.
    for (const stop = Math.min(at + 3800, bytes.length); at < stop; at += 1) {
      low += bytes[at];
      high += low;
    }
    low %= 65521;
    high %= 65521;
  }
  return ((high << 16) | low) >>> 0;
}

/** A Huffman code by the lengths of its words: entry = symbol × 16 + length, 0 where there is none. */
function table(lengths, { mayBeOne = false } = {}) {
  const longest = Math.max(0, ...lengths), entries = new Uint16Array(1 << longest);
  let room = 1 << longest, code = 0;
  for (let length = 1; length <= longest; length += 1) {
    lengths.forEach((each, symbol) => {
      if (each !== length) return;
      room -= 1 << (longest - length);
      if (room < 0) refuse("a code with too many words");
      const reversed = turned(code, length);
      for (let at = reversed; at < entries.length; at += 1 << length) entries[at] = symbol * 16 + length;
      code += 1;
    });
    code <<= 1;
  }
  if (room > 0 && longest > 0 && !(mayBeOne && longest === 1)) refuse("a code with words missing");
  return { entries, longest };
}

function turned(code, length) {
  let reversed = 0;
  for (let at = 0; at < length; at += 1) reversed |= ((code >>> at) & 1) << (length - 1 - at);
  return reversed;
}

const lengthsOf = (...runs) => runs.flatMap(([count, length]) => new Array(count).fill(length));
const FIXED = [
  table(lengthsOf([144, 8], [112, 9], [24, 7], [8, 8])),
  table(lengthsOf([32, 5])),
];

class Stream {
  constructor(data, largest) {
    this.data = data;
    this.largest = largest;
    this.at = HEADER_SIZE;
    this.held = 0;
    this.bits = 0;
    this.out = new Uint8Array(Math.min(largest, BEGUN));
    this.size = 0;
  }

  /** Read one block; whether it was the last. */
  block() {
    const last = this.take(1), type = this.take(2);
    if (type === 0) this.stored();
    else if (type === 1) this.pressed(...FIXED);
    else if (type === 2) this.pressed(...this.tables());
    else refuse("no such block");
    return last === 1;
  }

  fill(count) {
    while (this.bits < count && this.at < this.data.length) {
      this.held |= this.data[this.at++] << this.bits;
      this.bits += 8;
    }
  }

  take(count) {
    this.fill(count);
    if (this.bits < count) refuse("cut short");
    const value = this.held & ((1 << count) - 1);
    this.held >>>= count;
    this.bits -= count;
    return value;
  }

  symbol({ entries, longest }) {
    this.fill(longest);
    const entry = entries[this.held & (entries.length - 1)], length = entry & 15;
    if (!length) refuse("no such word");
    if (length > this.bits) refuse("cut short");
    this.held >>>= length;
    this.bits -= length;
    return entry >>> 4;
  }

  /** Where the bytes begin that no bit was taken of. */
  end() {
    const unread = this.bits >>> 3;
    this.at -= unread;
    this.held = this.bits = 0;
    return this.at;
  }

  room(count) {
    if (this.size + count > this.largest) refuse("more than a list may have");
    if (this.size + count <= this.out.length) return;
    const larger = new Uint8Array(Math.min(this.largest, Math.max(this.out.length * 2, this.size + count)));
    larger.set(this.out);
    this.out = larger;
  }

  stored() {
    const at = this.end(), { data } = this;
    if (at + 4 > data.length) refuse("cut short");
    const size = data[at] | (data[at + 1] << 8), inverse = data[at + 2] | (data[at + 3] << 8);
    if (size !== (inverse ^ 0xffff)) refuse("no such size");
    if (at + 4 + size > data.length) refuse("cut short");
    this.room(size);
    this.out.set(data.subarray(at + 4, at + 4 + size), this.size);
    this.size += size;
    this.at = at + 4 + size;
  }

  tables() {
    const words = this.take(5) + 257, distances = this.take(5) + 1, count = this.take(4) + 4;
    if (words > 286 || distances > 30) refuse("a code with too many words");
    const first = new Array(19).fill(0);
    for (let at = 0; at < count; at += 1) first[CODE_LENGTHS[at]] = this.take(3);
    const lengths = this.lengths(table(first), words + distances);
    if (!lengths[END]) refuse("a code without an end");
    return [
      table(lengths.slice(0, words), { mayBeOne: true }),
      table(lengths.slice(words), { mayBeOne: true }),
    ];
  }

  lengths(code, count) {
    const lengths = [];
    while (lengths.length < count) {
      const symbol = this.symbol(code);
      if (symbol < 16) lengths.push(symbol);
      else if (symbol === 16) {
        if (!lengths.length) refuse("nothing to repeat");
        lengths.push(...new Array(3 + this.take(2)).fill(lengths.at(-1)));
      } else lengths.push(...new Array(symbol === 17 ? 3 + this.take(3) : 11 + this.take(7)).fill(0));
    }
    if (lengths.length > count) refuse("a code with too many words");
    return lengths;
  }

  pressed(words, distances) {
    for (;;) {
      const symbol = this.symbol(words);
      if (symbol === END) return;
      if (symbol < END) {
        this.room(1);
        this.out[this.size++] = symbol;
      } else this.copy(symbol - END - 1, distances);
    }
  }

  copy(place, distances) {
    if (place >= LENGTH_BASE.length) refuse("no such word");
    const length = LENGTH_BASE[place] + this.take(LENGTH_BITS[place]), far = this.symbol(distances);
    if (far >= DISTANCE_BASE.length) refuse("no such word");
    const distance = DISTANCE_BASE[far] + this.take(DISTANCE_BITS[far]);
    if (distance > this.size) refuse("a distance to before the beginning");
    this.room(length);
    for (let left = length; left > 0; left -= 1) {
      this.out[this.size] = this.out[this.size - distance];
      this.size += 1;
    }
  }
}
