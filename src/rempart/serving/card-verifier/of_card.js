// What a card says of its guarantees (claim 8, specs/undertaking.md): its profile, and per domain the
// first day on which what was paid lately is paid again.

import { DOMAINS } from "./card.js";
import { Refused } from "./refused.js";

const RENEWAL_SIZE = 3, OPEN_ENDED = 0xffff, EPOCH = Date.UTC(2000, 0, 1), DAY = 86_400_000;

/** Profile, and days (YYYY-MM-DD) by domain; a card without claim 8 has profile 0. Throws `Refused`. */
export function ofCard(said) {
  const renewals = new Map();
  if (said === null) return { profile: 0, renewals };
  const refuse = () => { throw new Refused("claims", "guarantees: not what a card says of them"); };
  if (said.length % RENEWAL_SIZE !== 1) refuse();
  let last = 0;
  for (let at = 1; at < said.length; at += RENEWAL_SIZE) {
    const domain = said[at], days = said[at + 1] * 256 + said[at + 2];
    if (domain <= last || domain > DOMAINS.length || days === OPEN_ENDED) refuse();
    renewals.set(DOMAINS[domain - 1], new Date(EPOCH + days * DAY).toISOString().slice(0, 10));
    last = domain;
  }
  return { profile: said[0], renewals };
}
