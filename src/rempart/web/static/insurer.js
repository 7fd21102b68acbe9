// An insurer, before its own people: how it stands, what was asked of its members, proofs.

import { at, filled, good, moment, onClick, onSubmit, rows, whoAmI, word } from "/static/portal.js";
import { ask } from "/static/session.js";

const DAY = 86_400_000;
let me, amc = "", before = 0, latest = 0;

function cutRow(one) {
  return filled("cut-row", {
    scope: word(one.scope, "scope"),
    what: one.what,
    since: moment(one.since),
    until: one.until ? moment(one.until) : word("until-cleared"),
    why: word(one.why, "cut-why"),
  });
}

async function state() {
  const told = await ask("insurer-state");
  if (!good(told)) return;
  const slots = {
    feed: told.feed ? `n° ${told.feed}${told.feed_whole ? "" : " …"}` : "–",
    feed_at: told.feed_at ? moment(told.feed_at) : "",
    list: told.list_made ? moment(told.list_made) : "–",
    typed: told.ceiling ? `${told.typed} / ${told.ceiling}` : String(told.typed),
  };
  for (const [name, value] of Object.entries(slots)) {
    document.querySelector(`#state [data-slot="${name}"]`).replaceChildren(value);
  }
  at("state-amc").textContent = told.amc;
  at("feed-late").hidden = !told.feed_late;
  at("list-late").hidden = !told.list_until || told.list_until > Date.now() * 1000;
  at("feed-storm").hidden = !told.storm;
  at("hour-closed").hidden = !told.closed;
  rows("cuts", told.cut_offs.map(cutRow));
}

function dayRow(one) {
  return filled("day-row", {
    day: new Intl.DateTimeFormat("fr-FR", { timeZone: "UTC" }).format(new Date(one.day * DAY)),
    outcome: word(one.outcome, "outcome"),
    presence: word(one.presence, "presence"),
    questions: String(one.questions),
  });
}

async function counts() {
  const told = await ask("list-disclosures", [amc, before]);
  if (!good(told)) return;
  before = told.before;
  latest = Math.max(latest, before);
  at("counts-amc").textContent = told.amc;
  at("checkpoint").textContent = told.checkpoint;
  at("later").disabled = before >= latest;
  rows("days", told.counts.map(dayRow));
}

const move = (by) => () => { before = Math.min(latest, before + by); return counts(); };
onClick(at("earlier"), move(-5));
onClick(at("later"), move(5));
onSubmit(at("which"), () => {
  amc = at("which-amc").value.trim();
  before = 0;
  return counts();
});
onSubmit(at("prove"), async () => {
  at("proven").hidden = true;
  const told = await ask("ask-proof", [Number(at("index").value.trim())]);
  if (!good(told)) return;
  at("proof").textContent = told.text;
  at("proven").hidden = false;
});

me = await whoAmI();
if (me) {
  const proves = me.powers.includes("SEE_PROOFS"), own = me.role === "insurer-dpo";
  at("state").hidden = !me.powers.includes("MANAGE_INSURER");
  at("counts").hidden = at("proofs").hidden = !proves;
  at("which").hidden = own;
  if (!at("state").hidden) await state();
  if (proves && own) await counts();
}
