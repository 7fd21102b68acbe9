// Incidents, in the console: where each stands, and what is due first. Nothing is changed here.

import { at, filled, good, moment, rows, word } from "/static/portal.js";
import { ask } from "/static/session.js";

function stated(one) {
  const made = document.createElement("span");
  one.stated.forEach((said, place) => made.append(...(place ? [" · "] : []), word(said, "stated")));
  return made;
}

/** What is to be done first, or what it came to. */
function next(one) {
  if (one.outcome) return [word(one.outcome, "incident"), moment(one.closed)];
  if (!one.aware) return [word("not-aware", "says"), ""];
  return one.clock ? [word(one.clock, "clock"), moment(one.due)] : ["", ""];
}

function row(one) {
  const [clock, due] = next(one);
  const made = filled("incident-row", {
    ref: String(one.ref),
    exercise: one.exercise ? word("exercise", "says") : "",
    opened: moment(one.opened),
    origin: word(one.origin, "origin"),
    account: one.account,
    more: one.accounts > 1 ? `+ ${one.accounts - 1}` : "",
    aware: one.aware ? moment(one.aware) : "",
    stated: stated(one),
    clock,
    due,
    late: one.late ? word("late", "says") : "",
  });
  made.querySelector('[data-slot="exercise"]').hidden = !one.exercise;
  const late = made.querySelector('[data-slot="late"]');
  late.hidden = !one.late || Boolean(one.outcome);
  late.dataset.stage = "frozen";
  return made;
}

/** Show the newest incidents. */
export async function incidents() {
  const reply = await ask("list-incidents");
  if (!good(reply)) return;
  at("incidents").hidden = false;
  at("incidents-total").textContent = `${reply.incidents.length} / ${reply.total}`;
  rows("incident-rows", reply.incidents.map(row));
}
