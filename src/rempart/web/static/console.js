// The console of staff: where accounts stand, and decisions about them.

import { at, filled, good, moment, notice, onClick, onSubmit, rows, whoAmI, word } from "/static/portal.js";
import { cut, cutOffs } from "/static/cut-offs.js";
import { incidents } from "/static/incidents.js";
import { askFresh } from "/static/passkeys.js";
import { ask } from "/static/session.js";

const PAGE = 50, CHARTS = ["strangers", "misses", "order", "replays"];
const STAGES = ["closed", "frozen", "narrowed", "watched", "normal"];
let first = 0, me;

function bar(meter, value, most) {
  meter.max = Math.max(1, most);
  meter.value = value;
}

/** Whether its owner still waits for the answer that was promised. */
const isLate = (one) => one.answer_by > 0 && one.answer_by <= Date.now() * 1000;

function accountRow(one, most) {
  const stage = one.stage.toLowerCase();
  const row = filled("account", {
    name: one.client_id,
    site: one.site,
    stage: word(stage, "stage"),
    since: one.since ? moment(one.since) : "",
    late: isLate(one) ? word("unanswered", "says") : "",
    used: one.used.join(" · "),
  });
  row.querySelector(".badge").dataset.stage = stage;
  for (const chart of CHARTS) {
    const cell = row.querySelector(`[data-chart="${chart}"]`);
    const drawn = at("chart").content.firstElementChild.cloneNode(true);
    bar(drawn.querySelector("meter"), one[chart], most);
    drawn.querySelector("meter").ariaLabel = `${chart} ${one.client_id}`;
    drawn.querySelector("small").textContent = one[chart].toFixed(1);
    cell.replaceChildren(drawn);
  }
  const box = row.querySelector("input");
  box.value = one.client_id;
  box.ariaLabel = one.client_id;
  box.addEventListener("change", chosen);
  return row;
}

function stages(accounts) {
  at("stages").replaceChildren(...STAGES.map((stage) => {
    const made = at("stage-bar").content.firstElementChild.cloneNode(true);
    const count = accounts.filter((one) => one.stage.toLowerCase() === stage).length;
    made.querySelector("dt").append(word(stage, "stage"));
    bar(made.querySelector("meter"), count, accounts.length);
    made.querySelector("meter").ariaLabel = stage;
    made.querySelector("small").textContent = String(count);
    return made;
  }));
}

const checked = () => [...document.querySelectorAll("#accounts input:checked")].map((box) => box.value);

function chosen() {
  const names = checked();
  at("loosen-many").hidden = names.length === 0 || !me.powers.includes("LOOSEN");
  if (names.length === 1) at("contain-account").value = names[0];
}

async function standings() {
  const reply = await ask("standings", [first, ""]);
  if (!good(reply)) return;
  const most = Math.max(...reply.accounts.flatMap((one) => CHARTS.map((chart) => one[chart])), 1);
  at("guard-failed").hidden = !reply.failed;
  at("total").textContent = `${reply.accounts.length ? first + 1 : 0}–${first + reply.accounts.length} / ${reply.total}`;
  at("earlier").disabled = first === 0;
  at("later").disabled = first + PAGE >= reply.total;
  rows("accounts", reply.accounts.map((one) => accountRow(one, most)));
  stages(reply.accounts);
  chosen();
}

function proposalRow(one) {
  const row = filled("proposal", {
    act: word(one.act, "act"),
    terms: one.terms.join(", "),
    by: one.by,
    until: moment(one.until),
  });
  onClick(row.querySelector("button"), async () => {
    if (!good(await askFresh("approve", [one.ref]))) return;
    await both();
    notice(word("done"), "done");
  });
  return row;
}

async function proposals() {
  const reply = await ask("list-proposals");
  if (good(reply)) rows("proposals", reply.proposals.map(proposalRow));
}

const both = () => Promise.all([incidents(), standings(), proposals(), cutOffs(me, () => both())]);
const value = (id) => at(id).value.trim();
const instant = (id) => new Date(at(id).value).getTime() * 1000;

function decides(id, act) {
  onSubmit(at(id), async () => {
    if (!good(await act())) return;
    at(id).reset();
    await both();
    notice(word("done"), "done");
  });
}

decides("contain", () => askFresh("contain", [
  value("contain-account"), value("contain-stage"), value("contain-why"), "",
]));
decides("cut", cut);
const WIDE = ["everybody", "kind"];

function exception() {
  const over = value("allow-over"), who = value("allow-who"), reason = value("allow-reason");
  const factor = Number(value("allow-factor")), typed = at("allow-typed").checked;
  const since = instant("allow-since"), until = instant("allow-until");
  if (!WIDE.includes(over)) return askFresh("allow", [over, who, factor, typed, since, until, reason, ""]);
  const terms = [over, who, String(factor), typed ? "typed" : "", String(since), String(until), reason];
  return askFresh("propose", ["allow-many", terms]);
}

decides("allow", exception);
decides("staff", () => askFresh("propose", [
  "enrol-staff", [value("staff-login"), value("staff-role"), value("staff-amc")],
]));
onClick(at("loosen-many"), async () => {
  if (!good(await askFresh("propose", ["loosen-many", checked()]))) return;
  await both();
  notice(word("done"), "done");
});
onClick(at("earlier"), () => { first = Math.max(0, first - PAGE); return standings(); });
onClick(at("later"), () => { first += PAGE; return standings(); });

me = await whoAmI();
if (me) {
  at("contain").hidden = !me.powers.includes("CONTAIN");
  at("allow").hidden = !me.powers.includes("ALLOW");
  at("staff").hidden = !me.powers.includes("ENROL_STAFF");
  at("cut").hidden = !me.powers.includes("SET_CUT_OFF");
  at("cut-offs").hidden = false;
  at("together").hidden = false;
  await both();
}
