// Rempart's card verifier: what a card proves, with no server; what each pays of a sale, and what binds
// its insurer. See README.md.

export { DOMAINS, MODES, readCard } from "./card.js";
export { cents, percent, readLine } from "./line.js";
export { Lists } from "./lists.js";
export { keyId, newKey } from "./p256.js";
export { guaranteeOf, quote, whyNot } from "./quote.js";
export { checkBound, quoteShare } from "./quote_share.js";
export { Refused } from "./refused.js";
export { BadLine, itemOn, itemsOn } from "./tariff.js";
export { cardDigest, undertake } from "./undertaking.js";
export { verify } from "./verify.js";
