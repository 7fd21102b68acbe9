// What is cut, in the console: the list, and what opens each again.

import { at, filled, good, moment, notice, onClick, rows, word } from "/static/portal.js";
import { askFresh } from "/static/passkeys.js";
import { ask } from "/static/session.js";

function row(one, me, again) {
  const made = filled("cut-row", {
    scope: word(one.scope, "scope"),
    what: one.what,
    since: moment(one.since),
    until: one.until ? moment(one.until) : word("until-cleared"),
    why: word(one.why, "cut-why"),
    by: one.by || one.authority,
  });
  const button = made.querySelector("button");
  button.hidden = !me.powers.includes(one.two ? "LIFT_CUT_OFF" : "LOOSEN");
  button.append(word(one.two ? "propose-open-again" : "open-again"));
  onClick(button, async () => {
    const reply = one.two
      ? await askFresh("propose", ["lift-cut-off", [String(one.ref)]])
      : await askFresh("clear-cut-off", [one.ref, "", "", []]);
    if (!good(reply)) return;
    await again();
    notice(word("done"), "done");
  });
  return made;
}

/** Show what is cut; `again` shows everything anew once something has changed. */
export async function cutOffs(me, again) {
  const reply = await ask("list-cut-offs");
  if (good(reply)) rows("cuts", reply.cut_offs.map((one) => row(one, me, again)));
}

/** Cut what the form says. */
export function cut() {
  const value = (id) => at(id).value.trim();
  const until = value("cut-until") ? new Date(value("cut-until")).getTime() * 1000 : 0;
  return askFresh("set-cut-off", [value("cut-scope"), value("cut-what"), value("cut-why"), 0, until, "", ""]);
}
