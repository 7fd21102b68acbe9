// QR codes (ISO/IEC 18004), for one use: alphanumeric text, versions 1 to 20, levels L and M.
//
// (1) the smallest version that holds the text; its bits, padded;
// (2) error correction: Reed-Solomon over GF(256), block by block, interleaved;
// (3) the fixed patterns; the bits in their zigzag;
// (4) each of eight masks is tried, and the one with the least penalty is kept.

import { ALPHABET } from "./card-verifier/base45.js";

const VERSIONS = 20;
/** By level, from version 1 on: codewords of correction in each block, and number of blocks. */
const LEVELS = {
  L: {
    bits: 1,
    correction: [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28],
    blocks: [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8],
  },
  M: {
    bits: 0,
    correction: [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26],
    blocks: [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16],
  },
};
const MASKS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];
const ALPHANUMERIC = 0b0010, PADDING = [0xec, 0x11];

/**
 * The modules of a code for `text`: rows of booleans, true where dark, without the quiet zone.
 * `mask` and `version` are chosen unless they are given. Throws `RangeError`: it does not fit.
 */
export function encode(text, { level = "L", version = 0, mask = -1 } = {}) {
  const chosen = version || smallest(text, level); // (1)
  const square = new Square(chosen);
  square.place(interleaved(codewords(text, chosen, level), chosen, level)); // (2), (3)
  const tried = mask < 0 ? MASKS.map((_, number) => number) : [mask]; // (4)
  const masked = tried.map((number) => square.masked(number, LEVELS[level].bits));
  return masked.reduce((best, each) => (each.penalty < best.penalty ? each : best)).rows;
}

function smallest(text, level) {
  for (let version = 1; version <= VERSIONS; version += 1) {
    if (4 + countSize(version) + textSize(text) <= 8 * capacity(version, level)) return version;
  }
  throw new RangeError("longer than a code of version 20");
}

const countSize = (version) => (version < 10 ? 9 : 11);
const textSize = ({ length }) => 11 * Math.floor(length / 2) + 6 * (length % 2);

/** Modules of a version that hold data and correction. */
function rawModules(version) {
  const aligned = Math.floor(version / 7) + 2;
  let modules = (16 * version + 128) * version + 64;
  if (version >= 2) modules -= (25 * aligned - 10) * aligned - 55;
  return version >= 7 ? modules - 36 : modules;
}

/** Codewords of data. */
function capacity(version, level) {
  const { correction, blocks } = LEVELS[level];
  return Math.floor(rawModules(version) / 8) - correction[version - 1] * blocks[version - 1];
}

function codewords(text, version, level) {
  const bits = [], size = capacity(version, level);
  const put = (value, width) => { for (let at = width - 1; at >= 0; at -= 1) bits.push((value >>> at) & 1); };
  put(ALPHANUMERIC, 4);
  put(text.length, countSize(version));
  for (let at = 0; at < text.length; at += 2) {
    const [high, low] = [text[at], text[at + 1]].map((each) => (each === undefined ? 0 : ALPHABET.indexOf(each)));
    if (high < 0 || low < 0) throw new RangeError("a character outside the alphabet");
    if (at + 1 < text.length) put(45 * high + low, 11);
    else put(high, 6);
  }
  if (bits.length > 8 * size) throw new RangeError("longer than this version holds");
  put(0, Math.min(4, 8 * size - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let turn = 0; bits.length < 8 * size; turn ^= 1) put(PADDING[turn], 8);
  return Array.from({ length: size }, (_, at) => Number.parseInt(bits.slice(8 * at, 8 * at + 8).join(""), 2));
}

/** Product in GF(256) modulo x⁸ + x⁴ + x³ + x² + 1. */
function product(one, other) {
  let result = 0;
  for (let at = 7; at >= 0; at -= 1) {
    result = (result << 1) ^ ((result >>> 7) * 0x11d);
    result ^= ((other >>> at) & 1) * one;
  }
  return result;
}

function generator(degree) {
  const found = new Array(degree).fill(0);
  found[degree - 1] = 1;
  for (let turn = 0, root = 1; turn < degree; turn += 1, root = product(root, 2)) {
    for (let at = 0; at < degree; at += 1) {
      found[at] = product(found[at], root) ^ (at + 1 < degree ? found[at + 1] : 0);
    }
  }
  return found;
}

function remainder(data, divisor) {
  const rest = new Array(divisor.length).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((coefficient, at) => { rest[at] ^= product(coefficient, factor); });
  }
  return rest;
}

function interleaved(data, version, level) {
  const count = LEVELS[level].blocks[version - 1], size = LEVELS[level].correction[version - 1];
  const short = Math.floor(data.length / count), longer = data.length % count, divisor = generator(size);
  const blocks = [];
  for (let number = 0, at = 0; number < count; number += 1) {
    const end = at + short + (number >= count - longer ? 1 : 0), part = data.slice(at, end);
    blocks.push({ part, correction: remainder(part, divisor) });
    at = end;
  }
  const across = (length, kind) => Array.from({ length }, (_, at) => blocks.map((each) => each[kind][at])).flat();
  return [...across(short + 1, "part"), ...across(size, "correction")].filter((byte) => byte !== undefined);
}

/** Where alignment patterns have their centres. */
function centres(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2, last = 4 * version + 10;
  const step = 2 * Math.ceil((last - 6) / (2 * (count - 1)));
  return [6, ...Array.from({ length: count - 1 }, (_, at) => last - step * (count - 2 - at))];
}

class Square {
  constructor(version) {
    this.size = 4 * version + 17;
    const empty = () => Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.dark = empty();
    this.fixed = empty();
    this.patterns(version);
  }

  set(x, y, dark) {
    this.dark[y][x] = Boolean(dark);
    this.fixed[y][x] = true;
  }

  patterns(version) {
    const { size } = this, end = size - 7, marks = centres(version);
    for (let at = 0; at < size; at += 1) {
      this.set(6, at, at % 2 === 0);
      this.set(at, 6, at % 2 === 0);
    }
    for (const [left, top] of [[0, 0], [end, 0], [0, end]]) this.finder(left + 3, top + 3);
    for (const [row, y] of marks.entries()) {
      for (const [column, x] of marks.entries()) {
        const corner = (row === 0 && (column === 0 || column === marks.length - 1)) || (column === 0 && row === marks.length - 1);
        if (!corner) this.rings(x, y, 2, (distance) => distance !== 1);
      }
    }
    this.format(0, 0);
    if (version >= 7) this.version(version);
  }

  finder(x, y) {
    this.rings(x, y, 4, (distance) => distance !== 2 && distance !== 4);
  }

  rings(x, y, radius, isDark) {
    for (let down = -radius; down <= radius; down += 1) {
      for (let along = -radius; along <= radius; along += 1) {
        const distance = Math.max(Math.abs(along), Math.abs(down)), column = x + along, row = y + down;
        if (column >= 0 && row >= 0 && column < this.size && row < this.size) this.set(column, row, isDark(distance));
      }
    }
  }

  /** Level and mask, twice, with a BCH code of 10 bits. */
  format(level, mask) {
    const { size } = this, data = (level << 3) | mask;
    let rest = data;
    for (let turn = 0; turn < 10; turn += 1) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
    const bits = ((data << 10) | rest) ^ 0x5412, bit = (at) => (bits >>> at) & 1;
    const around = [0, 1, 2, 3, 4, 5, 7, 8];
    for (let at = 0; at < 8; at += 1) {
      this.set(8, around[at], bit(at));
      this.set(size - 1 - at, 8, bit(at));
    }
    for (let at = 8; at < 15; at += 1) {
      this.set(at === 8 ? 7 : 14 - at, 8, bit(at));
      this.set(8, size - 15 + at, bit(at));
    }
    this.set(8, size - 8, true);
  }

  /** The version, twice, with a BCH code of 12 bits. */
  version(version) {
    let rest = version;
    for (let turn = 0; turn < 12; turn += 1) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
    const bits = (version << 12) | rest;
    for (let at = 0; at < 18; at += 1) {
      const far = this.size - 11 + (at % 3), near = Math.floor(at / 3), dark = (bits >>> at) & 1;
      this.set(far, near, dark);
      this.set(near, far, dark);
    }
  }

  /** Bytes in two columns at a time, from the right, up and down. */
  place(bytes) {
    let at = 0;
    for (let right = this.size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let step = 0; step < this.size; step += 1) {
        const y = ((right + 1) & 2) === 0 ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (this.fixed[y][x]) continue;
          this.dark[y][x] = at < 8 * bytes.length && ((bytes[at >>> 3] >>> (7 - (at & 7))) & 1) === 1;
          at += 1;
        }
      }
    }
  }

  masked(mask, level) {
    this.format(level, mask);
    const rows = this.dark.map((row, y) => row.map((dark, x) => (
      this.fixed[y][x] ? dark : dark !== (MASKS[mask](x, y) === 0))));
    return { rows, penalty: penalty(rows) };
  }
}

/** How hard a pattern is to read (ISO/IEC 18004, 7.8.3): runs, blocks, false finders, balance. */
function penalty(rows) {
  const size = rows.length, columns = rows.map((_, x) => rows.map((row) => row[x]));
  let points = 0, dark = 0;
  for (const line of [...rows, ...columns]) points += linePenalty(line.map(Number).join(""));
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      dark += rows[y][x];
      const block = y && x && [rows[y - 1][x], rows[y][x - 1], rows[y - 1][x - 1]];
      if (block && block.every((each) => each === rows[y][x])) points += 3;
    }
  }
  return points + 10 * Math.floor(Math.abs(20 * dark - 10 * size * size) / (size * size));
}

function linePenalty(line) {
  let points = 0;
  for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) points += run.length - 2;
  const quiet = `0000${line}0000`;
  for (const shape of [/(?=00001011101)/g, /(?=10111010000)/g]) points += 40 * [...quiet.matchAll(shape)].length;
  return points;
}
