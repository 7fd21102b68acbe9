// Rempart's card verifier: what a card proves, with no server; what each pays of a sale, what binds its
// insurer, and what will be ruled on it. See README.md.

export { DOMAINS, MODES, cardMark, readCard } from "./card.js";
export { judgeUndertakings } from "./judge_undertakings.js";
export { cents, percent, readLine } from "./line.js";
export { Lists } from "./lists.js";
export { keyId, newKey } from "./p256.js";
export { guaranteeOf, quote, whyNot } from "./quote.js";
export { checkBound, quoteShare } from "./quote_share.js";
export { readUndertaking } from "./read_undertaking.js";
export { Refused } from "./refused.js";
export { BadLine, itemOn, itemsOn } from "./tariff.js";
export { cardDigest, undertake } from "./undertaking.js";
export { verify } from "./verify.js";
