// A professional's delegates.

import { at, filled, good, notice, onClick, onSubmit, rows, whoAmI, word } from "/static/portal.js";
import { askFresh } from "/static/passkeys.js";
import { ask } from "/static/session.js";

function shown(made) {
  at("enrolment").textContent = made.code;
  at("enrol-address").textContent = `${location.origin}/enrol`;
  at("code-made").hidden = false;
  at("code-made").focus();
}

function row(one) {
  const made = filled("delegate", {
    label: one.label,
    account: one.account,
    usage: word(one.usage, "usage"),
    stage: word(one.stage, "stage"),
    here: one.here ? "" : word("not-here"),
    passkeys: one.software ? word("assertion", "means") : String(one.passkeys),
  });
  made.querySelector('[data-act="again"]').hidden = one.software;
  onClick(made.querySelector('[data-act="again"]'), async () => {
    const reply = await askFresh("enrol-again", [one.account]);
    if (good(reply)) shown(reply);
  });
  onClick(made.querySelector('[data-act="end"]'), async () => {
    if (!good(await ask("end-delegate", [one.account]))) return;
    await soon();
    notice(word("done"), "done");
  });
  return made;
}

async function list() {
  const reply = await ask("list-delegates");
  if (good(reply)) rows("delegates", reply.delegates.map(row));
}

/** The vault reads who takes part twice a second. */
async function soon() {
  await new Promise((resolve) => { setTimeout(resolve, 700); });
  await list();
}

onSubmit(at("sponsor"), async () => {
  const reply = await askFresh("sponsor", [at("label").value, at("usage").value]);
  if (!good(reply)) return;
  at("sponsor").reset();
  shown(reply);
  await soon();
});
onClick(at("seen"), () => {
  at("enrolment").textContent = "";
  at("code-made").hidden = true;
});

if (await whoAmI()) await list();
