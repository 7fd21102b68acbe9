// COSE_Sign1 with ES256 (RFC 9052, 9053), strict: one payload under one key has one spelling.
//
//     18([ << {1: -7, 4: key id (8 bytes), 16: type} >>, {}, payload, r ‖ s (64 bytes) ])
//
// The type says what a payload is for; a card has none. Every byte but the key id, the payload and
// the signature is known beforehand, so a message is taken apart by position: bytes that nobody has
// signed never meet a CBOR decoder, and other algorithms, headers and spellings have no way in.

import { BYTES, TEXT, head, joined, same } from "./bytes.js";
import { KEY_ID_SIZE } from "./p256.js";
import { Refused } from "./refused.js";

const TAGGED_ARRAY = [0xd2, 0x84]; // tag 18; array of 4
const UNTYPED = [0xa2, 0x01, 0x26, 0x04, 0x48]; // {1: -7, 4: bytes (8) …
const TYPED = [0xa3, 0x01, 0x26, 0x04, 0x48]; // the same, and one entry more:
const TYPE = [0x10]; // 16: …
const UNPROTECTED = [0xa0]; // {}
const SIGNATURE = [0x58, 0x40]; // bytes (64)
const CONTEXT = joined([0x84, 0x6a], "Signature1"); // array of 4; text (10)
const NO_EXTERNAL_DATA = [0x40];
const SIGNATURE_SIZE = 64;

/** What a message is for: its type, and between which sizes its payload lies, in bytes. */
export const CARD = { type: "", smallest: 24, largest: 255 };

function protectedHeader(kind, kid) {
  const headers = kind.type
    ? joined(TYPED, kid, TYPE, head(TEXT, kind.type.length), kind.type)
    : joined(UNTYPED, kid);
  return joined(head(BYTES, headers.length), headers);
}

/** The one spelling of a message. */
export function written({ kid, payload, signature, kind }) {
  return joined(
    TAGGED_ARRAY, protectedHeader(kind, kid), UNPROTECTED,
    head(BYTES, payload.length), payload, SIGNATURE, signature,
  );
}

/** The size of a string that takes `whole` bytes with its head; -1 if none does. */
function sizeWithin(whole) {
  const sizes = [1, 2, 3, 5].map((taken) => whole - taken).filter((size) => size >= 0);
  return sizes.find((size) => head(BYTES, size).length === whole - size) ?? -1;
}

/** Take `message` apart without believing it. Throws `Refused`: not the one spelling of this kind. */
export function read1(message, kind = CARD) {
  const before = TAGGED_ARRAY.length + protectedHeader(kind, new Uint8Array(KEY_ID_SIZE)).length + 1;
  const end = message.length - SIGNATURE.length - SIGNATURE_SIZE, size = sizeWithin(end - before);
  if (size < kind.smallest || size > kind.largest) {
    throw new Refused("well-formed", "COSE: not of a size that this kind has");
  }
  const start = TAGGED_ARRAY.length + (kind.type ? 2 : 1) + UNTYPED.length;
  const read = {
    kid: message.slice(start, start + KEY_ID_SIZE),
    payload: message.slice(end - size, end),
    signature: message.slice(-SIGNATURE_SIZE),
    kind,
  };
  // Every other byte is known: another algorithm, header, length or spelling ends here.
  if (!same(written(read), message)) {
    throw new Refused("well-formed", "COSE: not a COSE_Sign1 in its one form");
  }
  return read;
}

/** What is signed of a message: Sig_structure of RFC 9052 section 4.4. */
export function toBeSigned({ kid, payload, kind }) {
  return joined(
    CONTEXT, protectedHeader(kind, kid), NO_EXTERNAL_DATA, head(BYTES, payload.length), payload,
  );
}
