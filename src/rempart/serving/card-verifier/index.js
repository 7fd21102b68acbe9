// Rempart's card verifier: what a card proves, with no server. See README.md.

export { DOMAINS, MODES, readCard } from "./card.js";
export { Lists } from "./lists.js";
export { Refused } from "./refused.js";
export { verify } from "./verify.js";
