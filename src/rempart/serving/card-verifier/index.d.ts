/** A card or a list that did not pass; `step` is the one that failed. */
export class Refused extends Error {
  readonly step: CardStep | ListStep;
}

/** Steps of specs/card.md, the clock before them. */
export type CardStep =
  | "clock" | "well-formed" | "issuer" | "authentic" | "claims" | "dates" | "domain" | "status";

/** Steps of specs/card-lists.md. */
export type ListStep = "signed" | "well-formed" | "newer" | "future";

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
