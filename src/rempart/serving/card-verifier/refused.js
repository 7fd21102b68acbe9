/**
 * A card or a list that did not pass. `step` is the one of specs/card.md or specs/card-lists.md that
 * failed; neither it nor the message quotes what was read.
 */
export class Refused extends Error {
  constructor(step, reason) {
    super(reason);
    this.name = "Refused";
    this.step = step;
  }
}
