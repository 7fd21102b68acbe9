// Where Pro Santé Connect sends the browser back to.

import { at, enter, filled, good, onSubmit } from "/static/portal.js";
import { ask, cameBack, device, keep, knock, session } from "/static/session.js";

const returned = Object.fromEntries(new URLSearchParams(location.search));
// What came in the address is good once, and stays neither there nor in the history.
history.replaceState(null, "", "/return");

function stop() {
  at("busy").hidden = true;
  at("back").hidden = false;
}

async function entered(reply) {
  const before = session()?.token;
  keep(reply);
  if (before) await ask("sign-out", [], before);
  enter(reply);
}

function choose(reply, names) {
  at("busy").hidden = true;
  at("choices").replaceChildren(...reply.sites.map((site) => {
    const choice = filled("choice", { name: names[site] || site, site: names[site] ? site : "" });
    choice.querySelector("input").value = site;
    return choice;
  }));
  onSubmit(at("sites"), async () => {
    const site = new FormData(at("sites")).get("site");
    const chosen = await knock("choose-site", [reply.flow, site, device()]);
    if (good(chosen)) await entered(chosen);
    else at("sites").hidden = true, stop();
  });
  at("sites").hidden = false;
  at("sites").querySelector("input").focus();
}

async function comeBack() {
  if (!returned.state) return location.replace("/");
  const back = await cameBack(returned);
  if (!good(back)) return stop();
  const site = session()?.site ?? "";
  const reply = await knock("finish-pro-sante", [back.flow, back.id_token, site, device()]);
  if (!good(reply)) return stop();
  return reply.kind === "entered" ? entered(reply) : choose(reply, back.names);
}

comeBack();
