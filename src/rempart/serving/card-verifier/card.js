// A card's code, read as specs/card.md says; the numbers of its steps return below as comments.
//
// (1) well formed: prefix, base45 and COSE, each in its one spelling;
// (2) issuer: the insurer that the code names has, for us, the key that the code names;
// (3) authentic: that key signed these bytes;
// (4) claims: they are a card's, in their one spelling;
// (5) dates: the day asked lies between the first and the last, both included.
//
// Before step 3 has passed nothing is decoded: issuer and key id are read by position, to choose the
// key and for nothing else.

import { decode as fromBase45 } from "./base45.js";
import { joined, same } from "./bytes.js";
import { Malformed, decode, isMapOf } from "./cbor.js";
import { read1, toBeSigned } from "./cose.js";
import { hasSigned, sha256 } from "./p256.js";
import { Refused } from "./refused.js";

const PREFIX = "RP1:", CODE_SIZE_MAX = 366;
const BEGINNING = [0xa4, 0x01, 0x68], ISSUER_SIZE = 8; // map of 4; claim 1, text (8)
const ISS = 1, EXP = 4, NBF = 5, CARD = -65537;
const CONVENTION = 1, CSR = 2, SECRET = 3, BIRTH_YEAR = 4, COVERED = 5, RESPONSABLE = 6, STATUS = 7, GUARANTEES = 8;
const DAY = 86_400, FIRST_DAY = -719_162, LAST_DAY = 2_932_896; // 0001-01-01, 9999-12-31

export const DOMAINS = ["PHAR", "LABO", "RADL", "AUXM", "SVIL", "SAGE", "DENT", "DEPR", "OPTI", "AUDI", "HOSP", "EXTE", "CENT", "TRAN", "LPPS"];
export const MODES = ["TM", "100", "PEC", "SMUT"];
/** Each by its number, which counts from 1. */
const named = (names, number) => (Number.isInteger(number) ? names[number - 1] : undefined);

/**
 * The claims of an authentic code; with `on` (YYYY-MM-DD), of one that is in its dates on that day.
 * `keyOf(amc, kid)` is the key of an insurer under a key id, if it has one. Throws `Refused`.
 */
export async function readCard(code, keyOf, on = null) {
  const message = wellFormed(code); // (1)
  const key = await keyOf(issuerOf(message.payload), message.kid); // (2)
  if (!key) throw new Refused("issuer", "no trusted key of this insurer under this key id");
  if (!(await hasSigned(key, message.signature, toBeSigned(message)))) { // (3)
    throw new Refused("authentic", "the signature does not verify");
  }
  const claims = claimsOf(message.payload); // (4)
  if (on !== null && (on < claims.valid_from || on > claims.valid_to)) { // (5)
    throw new Refused("dates", "the card is not valid on this day");
  }
  return claims;
}

/**
 * What stands for a card under all of its codes, also issued again: SHA-256 of its insurer and its secret,
 * each behind its length (u16, big-endian).
 */
export const cardMark = ({ amc, secret }) => sha256(joined([0, amc.length], amc, [0, secret.length], secret));

function wellFormed(code) {
  if (!code.startsWith(PREFIX) || code.length > CODE_SIZE_MAX) {
    throw new Refused("well-formed", "not a card code of a known format");
  }
  const message = read1(fromBase45(code.slice(PREFIX.length)));
  if (!/^[0-9]{8}$/.test(issuerOf(message.payload))) {
    throw new Refused("well-formed", "the claims do not begin as a card's");
  }
  return message;
}

/** The AMC number that claims begin with; empty where they do not. */
function issuerOf(payload) {
  if (!same(payload.subarray(0, BEGINNING.length), BEGINNING)) return "";
  return String.fromCharCode(...payload.subarray(BEGINNING.length, BEGINNING.length + ISSUER_SIZE));
}

/** The claims of a payload whose signature has been verified. */
function claimsOf(payload) {
  const said = decoded(payload);
  if (!isMapOf(said, [ISS, EXP, NBF, CARD]) || said.size !== 4) refuse("not those of a card");
  const card = said.get(CARD), first = midnight(said.get(NBF)), after = midnight(said.get(EXP));
  const needed = [CONVENTION, CSR, SECRET, BIRTH_YEAR, COVERED, RESPONSABLE];
  if (!isMapOf(card, needed, [STATUS, GUARANTEES])) refuse("not those of a card");
  if (first >= after) refuse("it ends before it begins");
  return {
    amc: text(said.get(ISS), /^[0-9]{8}$/),
    convention: text(card.get(CONVENTION), /^[0-9A-Z]{2}$/),
    csr: text(card.get(CSR), /^(?:[!-~](?:[ -~]{0,6}[!-~])?)?$/),
    secret: bytes(card.get(SECRET), 16, 16),
    birth_year: number(card.get(BIRTH_YEAR), 1800, 2199),
    domains: domains(card.get(COVERED)),
    responsable: boolean(card.get(RESPONSABLE)),
    valid_from: day(first),
    valid_to: day(after - 1),
    status_index: card.has(STATUS) ? number(card.get(STATUS), 0, 2 ** 32 - 1) : null,
    guarantees: card.has(GUARANTEES) ? bytes(card.get(GUARANTEES), 0, 32) : null,
  };
}

const refuse = (reason) => { throw new Refused("claims", reason); };

function decoded(payload) {
  try {
    return decode(payload);
  } catch (error) {
    if (error instanceof Malformed) refuse(error.message);
    throw error;
  }
}

const text = (value, grammar) => (
  typeof value === "string" && grammar.test(value) ? value : refuse("a text of another form"));
const number = (value, least, most) => (
  Number.isInteger(value) && value >= least && value <= most ? value : refuse("a number out of bounds"));
const boolean = (value) => (typeof value === "boolean" ? value : refuse("expected a boolean"));
const bytes = (value, least, most) => (
  value instanceof Uint8Array && value.length >= least && value.length <= most ? value : refuse("bytes of another size"));

/** Whole days since 1970. */
function midnight(seconds) {
  if (!Number.isInteger(seconds) || seconds % DAY) refuse("not a midnight");
  return number(seconds / DAY, FIRST_DAY, LAST_DAY + 1);
}

const day = (days) => new Date(number(days, FIRST_DAY, LAST_DAY) * DAY * 1000).toISOString().slice(0, 10);

/** Mode by domain, by ascending code. */
function domains(said) {
  if (!(said instanceof Map) || !said.size) refuse("no domain");
  return Object.fromEntries(Array.from(said, ([code, mode]) => [
    named(DOMAINS, code) ?? refuse("an unknown domain"),
    named(MODES, mode) ?? refuse("an unknown mode"),
  ]));
}
