// A module asked by lines: one JSON request on standard input, one JSON answer for it on standard output.

import { createInterface } from "node:readline";

export const bytes = (text) => new Uint8Array(Buffer.from(text, "hex"));

const written = (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value);

/** Answer from `asked`, a function for each thing that may be asked; `wrong` words what one throws. */
export async function answerLines(asked, wrong) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { ask, ...what } = JSON.parse(line);
    let told;
    try {
      told = { told: (await asked[ask](what)) ?? null };
    } catch (error) {
      told = wrong(error);
    }
    process.stdout.write(`${JSON.stringify(told, written)}\n`);
  }
}
