/** A card, a list or an undertaking that did not pass; `step` is the one that failed. */
export class Refused extends Error {
  readonly step: CardStep | ListStep | UndertakingStep;
}

/** Steps of specs/card.md, the clock before them; "guarantee" where an insurer is not bound. */
export type CardStep =
  | "clock" | "well-formed" | "issuer" | "authentic" | "claims" | "dates" | "domain" | "status" | "guarantee";

/** Steps of specs/card-lists.md. */
export type ListStep = "signed" | "well-formed" | "newer" | "future";

/** Steps of specs/undertaking.md: "device" where another key than this device's is named. */
export type UndertakingStep = "well-formed" | "device" | "authentic" | "claims";

export type Domain =
  | "PHAR" | "LABO" | "RADL" | "AUXM" | "SVIL" | "SAGE" | "DENT" | "DEPR" | "OPTI" | "AUDI"
  | "HOSP" | "EXTE" | "CENT" | "TRAN" | "LPPS";

export type Mode = "TM" | "100" | "PEC" | "SMUT";

export const DOMAINS: readonly Domain[];
export const MODES: readonly Mode[];

/** What a card attests. `secret` opens its record online: keep it out of logs. */
export interface Claims {
  amc: string;
  convention: string;
  csr: string;
  secret: Uint8Array;
  birth_year: number;
  domains: Partial<Record<Domain, Mode>>;
  responsable: boolean;
  /** YYYY-MM-DD, the last day included. */
  valid_from: string;
  valid_to: string;
  status_index: number | null;
  guarantees: Uint8Array | null;
}

export interface Verdict {
  /** "unchecked": all that the card says holds; whether it has ended since is not known. */
  finding: "good" | "unchecked" | "refused";
  step: CardStep | "";
  reason: string;
  claims: Claims | null;
  insurer: string;
  /** Of the domain that was asked. */
  mode: Mode | null;
  /** When the insurer's status list was made, seconds since 1970. */
  list_made: number | null;
}

export interface Insurer {
  amc: string;
  name: string;
  /** Points (65 bytes) by key id, in hexadecimal. */
  keys: Map<string, Uint8Array>;
  /** Its signed guarantees, as they came, and what they say; null where it guarantees nothing. */
  statement: Uint8Array | null;
  guarantees: Guarantees | null;
}

/** What an insurer pays while nobody can ask it (specs/undertaking.md). */
export interface Guarantees {
  amc: string;
  made: number;
  until: number;
  /** Days that its status list may be old. */
  listDays: number;
  /** By profile; amounts in cents. */
  profiles: Map<number, Array<{ domain: number; basket: 0 | 1 | 2; most: number | null; times: number }>>;
}

export interface TrustList {
  operator: string;
  number: number;
  /** Seconds since 1970, as in every list. */
  made: number;
  until: number;
  nextKey: Uint8Array | null;
  insurers: Map<string, Insurer>;
}

export interface StatusList {
  amc: string;
  made: number;
  until: number;
  bits: Uint8Array;
}

/** What is to be kept between two runs: bytes, as they came. */
export interface Kept {
  /** The operator's keys, points of 65 bytes. */
  roots: Uint8Array[];
  trust?: Uint8Array | null;
  statuses?: Uint8Array[];
}

/** An operator's lists. */
export class Lists {
  private constructor();
  static open(kept: Kept): Promise<Lists>;
  /** Throws `Refused`; nothing has changed then. */
  take(data: Uint8Array, now: number): Promise<"new" | "known">;
  readonly kept: Required<Kept>;
  readonly trust: TrustList | null;
  readonly newest: number;
  status(amc: string): StatusList | null;
  /** To be compared with the operator's, by another way. */
  fingerprint(): Promise<string>;
  key(amc: string, kid: Uint8Array): Promise<CryptoKey | null>;
}

/** What a code proves; throws `TypeError` where the question is none, never for a card. */
export function verify(
  lists: Lists,
  code: string,
  asked: { on: string; domain?: Domain | null; now: number },
): Promise<Verdict>;

/** A code's claims under keys of the caller's own: steps 1 to 5. Throws `Refused`. */
export function readCard(
  code: string,
  keyOf: (amc: string, kid: Uint8Array) => CryptoKey | null | Promise<CryptoKey | null>,
  on?: string | null,
): Promise<Claims>;

/** One thing sold: an item of the tariff, or care of a domain at a base. Cents; `rate` in percent, where it is not the usual one. */
export type Line =
  | { item: string; price: number; rate?: number | null; domain?: null; base?: null }
  | { item?: ""; domain: Domain; price: number; base: number; rate?: number | null };

/** A line that breaks a rule. */
export class BadLine extends Error {
  /** A word for the rule. */
  readonly why: string;
  /** From 1; null where no single line is at fault. */
  readonly line: number | null;
}

/** 0 the ticket modérateur, 1 100 % Santé, 2 free price. */
export type Basket = 0 | 1 | 2;

/** Of one line, in cents; `amo + amc + patient` is the price. */
export interface Share {
  domain: Domain;
  basket: Basket;
  price: number;
  amo: number;
  amc: number;
  patient: number;
  guaranteed: boolean;
}

export interface Quote {
  shares: Share[];
  price: number;
  amo: number;
  /** What the insurer pays, bound or not, and what it is bound to pay. */
  amc: number;
  guaranteed: number;
  patient: number;
}

export interface Terms {
  /** YYYY-MM-DD. */
  on: string;
  birthYear: number;
  ofCard: { profile: number; renewals: Map<Domain, string> };
  /** Without it nothing is guaranteed. */
  statement: Guarantees | null;
}

export interface Quoted {
  verdict: Verdict;
  terms: Terms;
  quote: Quote;
  statement: Guarantees | null;
  /** Which rule is missing where nothing is bound, and a word for it. */
  why: string;
  missing: "" | "none" | "ended" | "old" | "unplaced";
  /** Number of the trust list. */
  trust: number;
}

export interface Item {
  code: string;
  french: string;
  english: string;
  domain: Domain;
  basket: Basket;
  family: string;
  since: string;
  base: number | null;
  base_percent: number | null;
  limit: number | null;
  ceiling: number | null;
  under: number | null;
}

/** An item on a day (YYYY-MM-DD), and all of them. */
export function itemOn(code: string, on: string): Item;
export function itemsOn(on: string): Item[];

/** A line, an amount (in cents), a rate, as they are typed: "optics-frame-a:30", "SVIL:50:23". */
export function readLine(text: string): Line;
export function cents(text: string): number;
export function percent(text: string): number;

/** What each pays. Throws `BadLine`. */
export function quote(lines: Line[], terms: Terms): Quote;

/** Why such a sale is not guaranteed; empty where it is. */
export function whyNot(domain: Domain, basket: Basket, terms: Terms): "" | "statement" | "renewal" | "profile";

/** The standing guarantee for such a sale: `most` cents of one sale, `times` in one cut; or null. */
export function guaranteeOf(
  domain: Domain, basket: Basket, terms: Terms,
): { domain: number; basket: Basket; most: number | null; times: number } | null;

/** Quote a sale for a card. Throws `Refused` where it proves no rights, `BadLine`. */
export function quoteShare(
  lists: Lists, code: string, lines: Line[], asked: { on: string; now: number },
): Promise<Quoted>;

/** Throws `Refused` ("guarantee") where the insurer is not bound for the whole of its part. */
export function checkBound(quoted: Quoted): void;

/** A device's key, which signs and does not leave, and its point (65 bytes). */
export interface Device {
  key: CryptoKey;
  point: Uint8Array;
}

export function newKey(): Promise<Device>;

/** The first 8 bytes of the SHA-256 of a key's SubjectPublicKeyInfo. */
export function keyId(point: Uint8Array): Promise<Uint8Array>;

/** What stands for a card under all of its codes, also issued again: SHA-256 of its insurer and its secret. */
export function cardMark(claims: Pick<CardClaims, "amc" | "secret">): Promise<Uint8Array>;

/** How an undertaking names a card: SHA-256 of the bytes of its code. */
export function cardDigest(code: string): Promise<Uint8Array>;

/** What a device has signed; `amc` in cents, `at` in seconds since 1970. */
export interface Undertaking {
  number: number;
  message: Uint8Array;
  amc: number;
  at: number;
}

/**
 * Bind the insurer of `quoted` (by `quoteShare`, with the same `sale`). `last` is the one before on this
 * device, or null. One at a time, and durable before it is shown: both are the caller's.
 */
export function undertake(
  quoted: Quoted,
  sale: { code: string; lines: Line[]; on: string; now: number },
  last: Pick<Undertaking, "number" | "message"> | null,
  device: Device,
): Promise<Undertaking>;

/** What an undertaking says. */
export interface Made {
  amcNumber: string;
  /** The device's clock, seconds since 1970. */
  at: number;
  number: number;
  /** SHA-256 of the one before, zeros for the first; of the card's code. */
  before: Uint8Array;
  card: Uint8Array;
  /** Day of care, days since 1970. */
  care: number;
  lines: Line[];
  amc: number;
  lists: { trust: number; status: number };
}

/** What the device whose key is at `point` has signed. Throws `Refused`, with an `UndertakingStep`. */
export function readUndertaking(message: Uint8Array, point: Uint8Array): Promise<Made>;

/** "person": somebody looks, as nothing proves it wrong; "known": judged before; "void": not sold. */
export type Ruling = "honoured" | "person" | "refused" | "known" | "void";

/** The rules of specs/undertaking.md, in their order. */
export type Rule =
  | "signed" | "number" | "chain" | "device" | "cut" | "deposit" | "card" | "list" | "over" | "amount" | "limit";

/** One kind of sale to a card (its `cardMark`, in hexadecimal), and when. */
export interface Sold {
  card: string;
  domain: Domain;
  basket: Basket;
  at: number;
}

export interface Judged {
  /** 0 where this device has not signed it. */
  number: number;
  ruling: Ruling;
  /** The first rule that does not hold; empty where all do. */
  rule: Rule | "";
  /** What the insurer owes, in cents: 0 unless honoured. */
  amc: number;
  /** The card has ended since, and the insurer bears it. */
  endedSince: boolean;
  sold: Sold[];
}

/** What is known when undertakings are judged. */
export interface Books {
  /** `Lists.trust` and `Lists.status(amc)` as they were after each list was taken in. */
  trusts: TrustList[];
  statuses: StatusList[];
  /** Honoured before, in all shops; what is honoured now is added. */
  sales: Sold[];
}

/** What stopped a site from asking, in seconds: of one insurer, or of all. */
export interface Cut {
  since: number;
  /** 0 while it lasts: nothing is judged then (`TypeError`). */
  until: number;
  /** When claims could be sent again, where that was later. */
  returned?: number;
  amc?: string;
}

/** The rulings on one device's chain, in the order of its deposit, which comes `at`. Moments in seconds. */
export function judgeUndertakings(
  links: Array<{ message: Uint8Array; code: string; void?: boolean }>,
  asked: {
    /** `since`: when it was enrolled; `until`: when it was taken out, 0 while it serves. */
    device: { point: Uint8Array; since: number; until?: number };
    cuts: Cut[];
    books: Books;
    at: number;
    /** The last link that was judged before. */
    last?: Pick<Undertaking, "number" | "message" | "at"> | null;
  },
): Promise<Judged[]>;
