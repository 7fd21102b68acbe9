/**
 * A card, a list or an undertaking that did not pass. `step` is the one that failed (specs/card.md,
 * specs/card-lists.md, read_undertaking.js); neither it nor the message quotes what was read.
 */
export class Refused extends Error {
  constructor(step, reason) {
    super(reason);
    this.name = "Refused";
    this.step = step;
  }
}

/** Null for what did not pass; whatever else went wrong is thrown on. */
export function unlessRefused(error) {
  if (error instanceof Refused) return null;
  throw error;
}
