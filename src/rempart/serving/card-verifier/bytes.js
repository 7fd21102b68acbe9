// Bytes side by side: joined, compared, written as hexadecimal; and the heads of CBOR strings.

export const BYTES = 0x40, TEXT = 0x60;

/** All of these, one after another; a string stands for its UTF-8. */
export function joined(...parts) {
  const encoder = new TextEncoder();
  const chunks = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Negative, zero or positive, as `one` comes before, is, or comes after `other`. */
export function order(one, other) {
  const shorter = Math.min(one.length, other.length);
  for (let at = 0; at < shorter; at += 1) {
    if (one[at] !== other[at]) return one[at] - other[at];
  }
  return one.length - other.length;
}

/** Whether two arrays hold the same bytes. */
export const same = (one, other) => one.length === other.length && order(one, other) === 0;

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** The head of a string of `size` bytes, or of a number: the shortest one (RFC 8949 section 4.2.1). */
export function head(major, size) {
  if (size < 24) return [major + size];
  if (size < 2 ** 8) return [major + 24, size];
  if (size < 2 ** 16) return [major + 25, size >>> 8, size & 255];
  const low = [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255];
  if (size < 2 ** 32) return [major + 26, ...low];
  const high = Math.floor(size / 2 ** 32);
  return [major + 27, high >>> 24, (high >>> 16) & 255, (high >>> 8) & 255, high & 255, ...low];
}
